/* cb-job-command.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/* What a shell is given to create a job like this one with callboardctl. CB_QUEUE_ERROR_INVALID, a sentence, where none can. */
char *cb_job_record_to_command (CbJobRecord  *self,
                                const char   *server,
                                const char   *prefix,
                                GError      **error);

G_END_DECLS
