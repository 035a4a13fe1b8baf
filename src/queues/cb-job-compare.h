/* cb-job-compare.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

/* More of a payload than this is not set out in lines; whether it is the same is known all the same. */
#define CB_JOB_COMPARE_MOST (64 * 1024)

typedef enum
{
  CB_JOB_FIELD_TEXT,
  CB_JOB_FIELD_COUNT,
  CB_JOB_FIELD_TIME,         /* µs since 1970 UTC */
  CB_JOB_FIELD_DURATION,     /* µs */
} CbJobFieldKind;

/* A plain field of two jobs, the first and the second. */
typedef struct
{
  CbJobFieldKind kind;
  const char *name;          /* as in JSON */
  const char *title;         /* translated */
  char       *texts[2];      /* (nullable) of a text: for people */
  gint64      numbers[2];    /* of the others; -1: it has none */
  gboolean    differs;
} CbJobFieldPair;

/* What is longer: data, result and error. */
typedef struct
{
  const char *name;
  const char *title;
  char       *texts[2];      /* (nullable) set out in lines to be compared; NULL: the job has none, or it is more than is set out */
  gsize       sizes[2];      /* in bytes, as stored */
  gboolean    has[2];
  gboolean    too_large;     /* one of them is */
  gboolean    differs;
} CbJobPayloadPair;

/* (transfer full) (element-type CbJobFieldPair): those that at least one of them has. */
GPtrArray *cb_job_compare_fields   (CbJobRecord *first,
                                    CbJobRecord *second);
/* (transfer full) (element-type CbJobPayloadPair): the same. */
GPtrArray *cb_job_compare_payloads (CbJobRecord *first,
                                    CbJobRecord *second);

/* JSON set out so that what means the same is the same text: members sorted by their names, one a line and without commas between them,
 * strings written in one way; numbers keep their digits, as nobody knows who reads them. Anything else as it can be shown. */
char      *cb_job_compare_to_lines (const char  *text,
                                    gsize        length);

G_END_DECLS
