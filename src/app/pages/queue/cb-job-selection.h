/* cb-job-selection.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Up to so many selected jobs are held, and found again where they come back in the change in which they left. */
#define CB_JOB_SELECTION_MOST_HELD 10000

/**
 * CbJobSelection:
 *
 * Which of a million jobs are selected. GtkMultiSelection asks for each job that is selected, and holds it: with all of a long list that
 * is all of them. This one knows of very many by their places only.
 */
#define CB_TYPE_JOB_SELECTION (cb_job_selection_get_type ())
G_DECLARE_FINAL_TYPE (CbJobSelection, cb_job_selection, CB, JOB_SELECTION, GObject)

CbJobSelection *cb_job_selection_new       (void);
/* @model: (nullable). Nothing of it is selected. */
void            cb_job_selection_set_model (CbJobSelection *self,
                                            GListModel     *model);

G_END_DECLS
