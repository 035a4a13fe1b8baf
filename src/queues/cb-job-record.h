/* cb-job-record.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-state.h"

G_BEGIN_DECLS

/**
 * CbJobRecord:
 *
 * What an engine read of one job: plain fields, counted, not changed after the engine has handed it out. Times are
 * µs since 1970 UTC and durations µs, -1 where unknown. Payloads are the bytes as stored.
 */
typedef struct
{
  gatomicrefcount ref_count;

  char         *id;              /* as the engine has it, in decimal for Kue */
  char         *queue;           /* (nullable) the type; any bytes but NUL */
  const char   *state;           /* interned, the engine's own word; "" when it has none */
  CbJobMeaning  meaning;

  GBytes       *data;            /* (nullable) */
  GBytes       *result;          /* (nullable) */
  GBytes       *progress_data;   /* (nullable) */
  GBytes       *error;           /* (nullable) the last failure, also after a later success */
  double        priority;        /* NAN when it is no number */
  int           progress;        /* percent; -1 when the job has none */
  int           attempts_made;
  int           attempts_max;
  gint64        created_at;
  gint64        promote_at;      /* when a delayed job is due */
  gint64        updated_at;
  gint64        started_at;      /* last start */
  gint64        failed_at;       /* last failure */
  gint64        duration;        /* last successful run */
  gint64        delay;
  gint64        ttl;
  char         *worker;          /* (nullable) who had it last */
  char         *backoff;         /* (nullable) text as stored, shown and never run */
  gboolean      remove_on_complete;

  gboolean      missing;         /* its id stands in an index, but there is no such job */
  char         *problem;         /* (nullable) a sentence: what of it can't be understood */

  /* Only from cb_engine_get_whole_async(): */
  GPtrArray    *log;             /* (nullable) (element-type GBytes) the lines asked for, oldest first */
  gint64        log_length;      /* all lines there are; -1 unknown */
  GPtrArray    *raw;             /* (nullable) (element-type GBytes) field, value, field, value… as stored */
} CbJobRecord;

#define CB_TYPE_JOB_RECORD (cb_job_record_get_type ())

GType        cb_job_record_get_type (void) G_GNUC_CONST;
CbJobRecord *cb_job_record_new      (const char  *id);
CbJobRecord *cb_job_record_ref      (CbJobRecord *self);
void         cb_job_record_unref    (CbJobRecord *self);
/* Only the first line of the error, for lists; NULL without one. */
char        *cb_job_record_dup_error_line (CbJobRecord *self);
/* Since when a waiting job waits, as far as its times tell; µs since 1970 UTC, -1 unknown. */
gint64       cb_job_record_get_waiting_since (CbJobRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobRecord, cb_job_record_unref)

G_END_DECLS
