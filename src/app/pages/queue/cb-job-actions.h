/* cb-job-actions.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-bulk.h"

G_BEGIN_DECLS

/* What is done with jobs, and what to say about it. */

/* What came of it. */
typedef struct
{
  char    *text;       /* one sentence */
  char    *details;    /* (nullable) which of many could not be, and why, a line each */
  char    *undo_id;    /* (nullable) what can be undone */
} CbJobReport;

void         cb_job_report_free               (CbJobReport          *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobReport, cb_job_report_free)

/* For engines that can't undo: without a journal. */
void         cb_job_actions_start             (CbEngine             *engine,
                                              CbJobAction           action,
                                              const char * const   *ids,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
/* One sentence on what became of them. (transfer full) */
char        *cb_job_actions_finish            (CbEngine             *engine,
                                              GAsyncResult         *result);
/* What a finished cb_bulk_run_async() has to tell; @error (nullable) is what it ended with. */
CbJobReport *cb_job_actions_report            (CbBulk               *bulk,
                                              const GError         *error);
/* "Removing jobs…" */
const char  *cb_job_actions_get_doing         (CbDeedKind            kind);
/* "Remove 5 Jobs?", of a bulk that has not begun. (transfer full) */
char        *cb_job_actions_describe_question (CbBulk              *bulk);
/* The first of its ids, and that it can be undone. (transfer full) */
char        *cb_job_actions_name_jobs         (CbBulk               *bulk);
/* The question before jobs are removed; @meaning is the state where it is one job. */
void         cb_job_actions_describe_removal  (const char * const   *ids,
                                              CbJobMeaning          meaning,
                                              char                **heading,
                                              char                **body);

G_END_DECLS
