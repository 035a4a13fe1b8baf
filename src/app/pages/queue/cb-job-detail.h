/* cb-job-detail.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-clock.h"
#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbJobDetail:
 *
 * One job, whole: state, progress, error, timeline, data, result, log and raw fields, kept up to date.
 *
 * It only looks; its buttons are the actions `job.*` of the page it is in. Properties: folded (boolean: there is a way back), record
 * (CbJobRecord boxed, read-only, nullable). Signals: `back`.
 */
#define CB_TYPE_JOB_DETAIL (cb_job_detail_get_type ())
G_DECLARE_FINAL_TYPE (CbJobDetail, cb_job_detail, CB, JOB_DETAIL, GtkWidget)

/* @known (nullable): what the list has of it, shown until all of it is read. @id NULL: nothing. */
void         cb_job_detail_set_job    (CbJobDetail *self,
                                       CbEngine    *engine,
                                       const char  *id,
                                       CbJobRecord *known);
const char  *cb_job_detail_get_id     (CbJobDetail *self);
CbJobRecord *cb_job_detail_get_record (CbJobDetail *self);
/* Reads the job again, soon. */
/* Whether what is shown was read and is not there any more. */
gboolean     cb_job_detail_get_gone   (CbJobDetail *self);
void         cb_job_detail_reload     (CbJobDetail *self);
void         cb_job_detail_set_clock  (CbJobDetail *self,
                                       CbClock     *clock);
/* How many jobs are selected in the list; from two on they are shown instead of one of them. */
void         cb_job_detail_set_n_selected (CbJobDetail *self,
                                           guint        n_selected,
                                           guint        n_readable,
                                           gboolean            all);

/* Makes what a job is shown in before there is one to show, so that it is there at once. */
void         cb_job_detail_prepare        (CbJobDetail *self);
/* @actions live as long as the program; @reason (nullable): why they can't be used. */
void         cb_job_detail_explain_refusal (CbJobDetail        *self,
                                            const char * const *actions,
                                            const char         *reason);
/* (transfer none): what can be done with a job, actions job.… */
GMenuModel  *cb_job_detail_get_menu       (CbJobDetail *self);

G_END_DECLS
