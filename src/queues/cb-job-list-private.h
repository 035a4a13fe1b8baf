/* cb-job-list-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-list.h"

G_BEGIN_DECLS

/* How far apart refreshes are, µs. For tests. */
void     cb_job_list_set_refresh_interval (CbJobList *self,
                                           gint64     interval);
/* Whether a read of any kind is under way or due. For tests. */
gboolean cb_job_list_is_busy              (CbJobList *self);
/* How many jobs are in memory. For tests. */
guint    cb_job_list_get_n_rows           (CbJobList *self);

G_END_DECLS
