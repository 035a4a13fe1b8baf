/* cb-job-cell.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-clock.h"
#include "cb-job.h"

G_BEGIN_DECLS

typedef enum
{
  CB_JOB_COLUMN_ID,
  CB_JOB_COLUMN_QUEUE,
  CB_JOB_COLUMN_DATA,
  CB_JOB_COLUMN_STATE,
  CB_JOB_COLUMN_PRIORITY,
  CB_JOB_COLUMN_PROGRESS,
  CB_JOB_COLUMN_ATTEMPTS,
  CB_JOB_COLUMN_CREATED,
  CB_JOB_COLUMN_DUE,          /* of a delayed job */
  CB_N_JOB_COLUMNS
} CbJobColumn;

/* One cell of the job list. */
#define CB_TYPE_JOB_CELL (cb_job_cell_get_type ())
G_DECLARE_FINAL_TYPE (CbJobCell, cb_job_cell, CB, JOB_CELL, GtkWidget)

/* @clock tells the relative times when to move on. */
GtkListItemFactory *cb_job_cell_factory_new (CbJobColumn  column,
                                             CbClock     *clock);

/* (transfer none) (nullable): the job of its row */
CbJob              *cb_job_cell_get_job     (CbJobCell   *self);

G_END_DECLS
