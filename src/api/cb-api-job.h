/* cb-api-job.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"
#include "cb-job-spec.h"
#include "cb-json.h"

G_BEGIN_DECLS

/* A job as Kue's toJSON() gives it. FALSE with a sentence of Kue when there is nothing to show. */
gboolean   cb_api_job_write (CbJobRecord   *record,
                             gboolean       id_as_text,
                             CbJsonWriter  *writer,
                             GError       **error);
/* What `POST /job` is told of one job. */
CbJobSpec *cb_api_job_parse (const char    *text,
                             gssize         length,
                             GError       **error);

G_END_DECLS
