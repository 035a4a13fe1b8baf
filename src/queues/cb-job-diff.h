/* cb-job-diff.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A job at a position of a set of which only parts are known. */
typedef struct
{
  guint       position;
  const char *id;
} CbJobPlace;

/* As GListModel::items-changed has it. */
typedef struct
{
  guint position;
  guint removed;
  guint added;
} CbJobChange;

/* What changed from @old to @new, both sorted by position. GArray of CbJobChange, to be applied one after the other: each
 * position counts in the list as the changes before have left it. The lengths add up: old_total becomes new_total. */
GArray *cb_job_diff (const CbJobPlace *old,
                     guint             n_old,
                     guint             old_total,
                     const CbJobPlace *new,
                     guint             n_new,
                     guint             new_total,
                     guint            *n_kept);    /* nullable: how many known jobs stayed in order */

G_END_DECLS
