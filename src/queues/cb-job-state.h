/* cb-job-state.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What a state means, whatever an engine calls it: one colour and one order for all of them. */
typedef enum
{
  CB_JOB_MEANING_UNKNOWN,
  CB_JOB_MEANING_WAITING,
  CB_JOB_MEANING_ACTIVE,
  CB_JOB_MEANING_DELAYED,
  CB_JOB_MEANING_FAILED,
  CB_JOB_MEANING_COMPLETE,
} CbJobMeaning;

GType cb_job_meaning_get_type (void) G_GNUC_CONST;
#define CB_TYPE_JOB_MEANING (cb_job_meaning_get_type ())

/* A state of an engine: its own word, what to call it (untranslated, N_()), what it means. */
typedef struct
{
  const char   *name;     /* "inactive", as the engine has it */
  const char   *label;    /* "Queued", for people, marked for translation */
  CbJobMeaning  meaning;
} CbStateInfo;

/* What to call a state of any engine, translated; NULL for a word that nobody has a name for. */
const char *cb_job_state_get_label (const char *name);

/* The most states an engine may have; counts are arrays of this length. */
#define CB_MAX_STATES 12

G_END_DECLS
