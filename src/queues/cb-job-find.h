/* cb-job-find.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-job-filter.h"

G_BEGIN_DECLS

#define CB_TYPE_JOB_FIND (cb_job_find_get_type ())
G_DECLARE_FINAL_TYPE (CbJobFind, cb_job_find, CB, JOB_FIND, GObject)

/*
 * Goes through the jobs of a queue and state page by page, and tells those that pass a filter, as it finds them. It needs no more
 * memory than a page and the ids it has told. Jobs that come and go meanwhile may be missed; none is told twice.
 *
 *   find = cb_job_find_new (engine, "email", "failed", filter);
 *   g_signal_connect (find, "hit", …);      (CbJobRecord *record)
 *   cb_job_find_run_async (find, cancellable, …);
 *
 * Properties: engine, queue (nullable: all), state (nullable: all), construct-only; reversed (boolean, writable before it runs, default
 * TRUE: the end of the set first, where the newest are), max-hits (guint, writable before it runs, 0: all); n-looked,
 * n-total (guint64; how many there are to look at, as far as known), n-hits (guint), running, cut (boolean: it ended at
 * max-hits). These notify at most once a page.
 */
CbJobFind *cb_job_find_new          (CbEngine            *engine,
                                     const char          *queue,     /* nullable */
                                     const char          *state,     /* nullable */
                                     CbJobFilter         *filter);   /* (nullable) taken */
/* Once. Cancelled, it ends between two pages with G_IO_ERROR_CANCELLED. */
void       cb_job_find_run_async    (CbJobFind           *self,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
gboolean   cb_job_find_run_finish   (CbJobFind           *self,
                                     GAsyncResult        *result,
                                     GError             **error);
guint64    cb_job_find_get_n_looked (CbJobFind           *self);
guint64    cb_job_find_get_n_total  (CbJobFind           *self);
guint      cb_job_find_get_n_hits   (CbJobFind           *self);
gboolean   cb_job_find_get_cut      (CbJobFind           *self);

G_END_DECLS
