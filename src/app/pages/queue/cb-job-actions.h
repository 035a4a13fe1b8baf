/* cb-job-actions.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* Retry, promote and remove, and what to say about it. */
void  cb_job_actions_start            (CbEngine             *engine,
                                       CbJobAction           action,
                                       const char * const   *ids,
                                       GAsyncReadyCallback   callback,
                                       gpointer              user_data);
/* One sentence on what became of them. (transfer full) */
char *cb_job_actions_finish           (CbEngine             *engine,
                                       GAsyncResult         *result);
/* The question before jobs are removed; @meaning is the state where it is one job. */
void  cb_job_actions_describe_removal (const char * const   *ids,
                                       CbJobMeaning          meaning,
                                       char                **heading,
                                       char                **body);

G_END_DECLS
