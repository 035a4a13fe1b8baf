/* cb-job-json.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"
#include "cb-json.h"

G_BEGIN_DECLS

/* A job as an object. */
void cb_job_record_to_json            (CbJobRecord  *self,
                                       CbJsonWriter *writer);
/* Only the members, into an object that was begun. */
void cb_job_record_write_json_members (CbJobRecord  *self,
                                       CbJsonWriter *writer);
/* A number where the id is one, however long. */
void cb_job_id_to_json                (const char   *id,
                                       CbJsonWriter *writer);

G_END_DECLS
