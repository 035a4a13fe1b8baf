/* cb-job.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/**
 * CbJob:
 *
 * A job on screen: wraps the newest record of it and notifies what changed, so that a bound row updates itself. One
 * object a job and list, kept as the set moves.
 *
 * Properties (read-only, explicit notify): id, queue, state (engine's word), state-label (translated), meaning,
 * excerpt (data in short), priority (double), priority-label, progress (int, -1), progress-fraction (double 0..1),
 * attempts-made, attempts-max, attempts-label ("0 of 3"), created-at, promote-at, updated-at, started-at, failed-at,
 * duration, delay, ttl (gint64 µs), error-line, problem, loaded (FALSE for a row that is not read yet), missing, record (boxed).
 */
#define CB_TYPE_JOB (cb_job_get_type ())
G_DECLARE_FINAL_TYPE (CbJob, cb_job, CB, JOB, GObject)

CbJob        *cb_job_new               (const char  *id);            /* (nullable): a row not read yet */
CbJob        *cb_job_new_for_record    (CbJobRecord *record);
/* Takes the newer record of the same job; TRUE when anything is different. */
gboolean      cb_job_update            (CbJob       *self,
                                        CbJobRecord *record);
CbJobRecord  *cb_job_get_record        (CbJob       *self);          /* nullable */
const char   *cb_job_get_id            (CbJob       *self);          /* nullable */
const char   *cb_job_get_queue         (CbJob       *self);
const char   *cb_job_get_state         (CbJob       *self);
CbJobMeaning  cb_job_get_meaning       (CbJob       *self);
gboolean      cb_job_get_loaded        (CbJob       *self);

G_END_DECLS
