/* cb-job-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-clock.h"
#include "cb-engine.h"
#include "cb-log-view.h"

G_BEGIN_DECLS

/**
 * CbJobView:
 *
 * What is known of one job, laid out: state, progress, error, timeline, data, result, log and raw fields.
 *
 * It reads nothing itself. Signals: `back`; `older-wanted`, more of the log.
 */
#define CB_TYPE_JOB_VIEW (cb_job_view_get_type ())
G_DECLARE_FINAL_TYPE (CbJobView, cb_job_view, CB, JOB_VIEW, GtkWidget)

GtkWidget  *cb_job_view_new             (CbClock     *clock);
void        cb_job_view_show            (CbJobView   *self,
                                         CbEngine    *engine,
                                         CbJobRecord *record,
                                         gboolean     gone);
void        cb_job_view_clear           (CbJobView   *self);
void        cb_job_view_tell            (CbJobView   *self,
                                         const char  *text);
void        cb_job_view_update_timeline (CbJobView   *self);
/* Whether there is a way back. */
void        cb_job_view_set_folded      (CbJobView   *self,
                                         gboolean     folded);
/* (transfer none) */
CbLogView  *cb_job_view_get_log         (CbJobView   *self);
/* (transfer none): what can be done with a job, actions job.… */
GMenuModel *cb_job_view_get_menu        (CbJobView   *self);

G_END_DECLS
