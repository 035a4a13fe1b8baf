/* cb-kue-parse.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-event.h"
#include "cb-job-record.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/* The fields of a job's hash that are understood here. */
typedef enum
{
  CB_KUE_FIELD_TYPE,
  CB_KUE_FIELD_STATE,
  CB_KUE_FIELD_DATA,
  CB_KUE_FIELD_RESULT,
  CB_KUE_FIELD_PROGRESS_DATA,
  CB_KUE_FIELD_ERROR,
  CB_KUE_FIELD_PRIORITY,
  CB_KUE_FIELD_PROGRESS,
  CB_KUE_FIELD_ATTEMPTS,
  CB_KUE_FIELD_MAX_ATTEMPTS,
  CB_KUE_FIELD_CREATED_AT,
  CB_KUE_FIELD_PROMOTE_AT,
  CB_KUE_FIELD_UPDATED_AT,
  CB_KUE_FIELD_STARTED_AT,
  CB_KUE_FIELD_FAILED_AT,
  CB_KUE_FIELD_DURATION,
  CB_KUE_FIELD_DELAY,
  CB_KUE_FIELD_TTL,
  CB_KUE_FIELD_WORKER_ID,
  CB_KUE_FIELD_BACKOFF,
  CB_KUE_FIELD_REMOVE_ON_COMPLETE,
  CB_KUE_N_FIELDS
} CbKueField;

/* Those whose size has no bound, so that it is asked for before they are. */
#define CB_KUE_FIRST_BIG_FIELD CB_KUE_FIELD_DATA
#define CB_KUE_LAST_BIG_FIELD  CB_KUE_FIELD_ERROR

extern const char * const cb_kue_fields[CB_KUE_N_FIELDS + 1];

typedef enum
{
  CB_KUE_PARSE_SHORT,      /* for lists: long data are not checked */
  CB_KUE_PARSE_WHOLE,
  CB_KUE_PARSE_CLAIMED,    /* as it was before it was claimed: state, times and worker of that are set by the caller */
} CbKueParse;

CbJobRecord *cb_kue_parse_job       (const char            *id,
                                     const CbValue * const  values[CB_KUE_N_FIELDS],
                                     CbKueParse             how);
CbJobRecord *cb_kue_parse_reply     (const char            *id,
                                     const CbValue         *fields,
                                     guint                  first,
                                     CbKueParse             how);
CbJobRecord *cb_kue_parse_pairs     (const char            *id,
                                     const CbValue         *pairs,
                                     CbKueParse             how);
CbJobRecord *cb_kue_parse_member    (const char            *member,
                                     gsize                  length);
void         cb_kue_add_problem     (CbJobRecord           *record,
                                     const char            *format,
                                     ...) G_GNUC_PRINTF (2, 3);
CbJobEvent  *cb_kue_parse_event     (const char            *payload,
                                     gsize                  length);
gboolean     cb_kue_json_is_truthy  (const char            *json,
                                     gsize                  length);

G_END_DECLS
