/* cb-job-timeline.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-job-record.h"

G_BEGIN_DECLS

typedef enum
{
  CB_TIMELINE_CREATED,
  CB_TIMELINE_DUE,
  CB_TIMELINE_STARTED,
  CB_TIMELINE_FAILED,
  CB_TIMELINE_COMPLETE,
  CB_TIMELINE_NOW,            /* what is going on: no time of its own */
} CbTimelineKind;

typedef struct
{
  CbTimelineKind kind;
  gint64         time;        /* µs since 1970 UTC, -1 none */
  char          *label;
  char          *note;        /* (nullable): "waited 13 ms" */
} CbTimelineEntry;

/* What the times of a job tell, in their order. (element-type CbTimelineEntry) */
GPtrArray *cb_job_timeline_create (CbJobRecord *job,
                                   gint64       now);

G_END_DECLS
