/* cb-found-jobs.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-find.h"
#include "cb-job.h"

G_BEGIN_DECLS

/* What is kept of what is found; the search ends there. */
#define CB_FOUND_JOBS_MOST 10000

/**
 * CbFoundJobs:
 *
 * A GListModel of #CbJob: those that pass a filter, in the order in which the search comes upon them. It grows while the search
 * runs and stays as it was found afterwards: a job that does not match any more is still there, as it is now, until the search is
 * made again.
 *
 * Properties: running (boolean), problem (string, nullable: it ended early).
 */
#define CB_TYPE_FOUND_JOBS (cb_found_jobs_get_type ())
G_DECLARE_FINAL_TYPE (CbFoundJobs, cb_found_jobs, CB, FOUND_JOBS, GObject)

CbFoundJobs *cb_found_jobs_new         (CbEngine           *engine,
                                        const char         *queue,
                                        const char         *state,
                                        gboolean            reversed,
                                        CbJobFilter        *filter);   /* taken */
/* Another search for the same, which tells all there are now; it has not begun. */
CbJobFind   *cb_found_jobs_find_all    (CbFoundJobs        *self);
void         cb_found_jobs_stop        (CbFoundJobs        *self);
/* These jobs changed: reads those of them again that are here. */
void         cb_found_jobs_touch       (CbFoundJobs        *self,
                                        const char * const *ids);
gint64       cb_found_jobs_find        (CbFoundJobs        *self,
                                        const char         *id);       /* -1: not here */
gboolean     cb_found_jobs_get_running (CbFoundJobs        *self);
/* It ended at CB_FOUND_JOBS_MOST. */
gboolean     cb_found_jobs_get_cut     (CbFoundJobs        *self);
guint64      cb_found_jobs_get_n_looked (CbFoundJobs       *self);

G_END_DECLS
