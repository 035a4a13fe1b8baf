/* cb-job-rows.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-job.h"

G_BEGIN_DECLS

/* What a view takes for a row: it keeps its widgets while the job in it becomes another one. */
#define CB_TYPE_JOB_ROW (cb_job_row_get_type ())
G_DECLARE_FINAL_TYPE (CbJobRow, cb_job_row, CB, JOB_ROW, GObject)

CbJob *cb_job_row_get_job (CbJobRow *self);

/* The rows of a selection of jobs. */
#define CB_TYPE_JOB_ROWS (cb_job_rows_get_type ())
G_DECLARE_FINAL_TYPE (CbJobRows, cb_job_rows, CB, JOB_ROWS, GObject)

CbJobRows *cb_job_rows_new       (GtkSelectionModel *jobs);
void       cb_job_rows_set_limit (CbJobRows         *self,
                                  guint              limit);

G_END_DECLS
