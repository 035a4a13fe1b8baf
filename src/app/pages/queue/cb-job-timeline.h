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

typedef enum
{
  CB_TIMELINE_PART_DELAYED,
  CB_TIMELINE_PART_WAITING,
  CB_TIMELINE_PART_RUNNING,
  CB_TIMELINE_PART_AHEAD,     /* from now until it is due */
  CB_TIMELINE_PART_UNKNOWN,   /* the job was there, but nothing is kept of what was done with it */
} CbTimelinePartKind;

/* What lies between two entries, and where it is drawn. */
typedef struct
{
  CbTimelinePartKind kind;
  CbTimelineKind     begin;   /* which entry it begins and ends with */
  CbTimelineKind     end;
  gint64             from;    /* µs since 1970 UTC */
  gint64             to;

  double             x;       /* set by cb_timeline_place() */
  double             width;
  gboolean           is_shortened;  /* drawn shorter than the scale of the others has it */
  gboolean           is_widened;    /* drawn wider, for it to be seen */
} CbTimelinePart;

/* What the times of a job tell, in their order. (element-type CbTimelineEntry) */
GPtrArray *cb_job_timeline_create (CbJobRecord *job,
                                   gint64       now);
/* What lies between the entries of cb_job_timeline_create(). (element-type CbTimelinePart) */
GArray    *cb_job_timeline_get_parts (CbJobRecord *job,
                                      GPtrArray   *entries,
                                      gint64       now);
/* How many attempts have been begun of which neither start nor end is kept. */
int        cb_job_timeline_count_forgotten (CbJobRecord *job);
/* "waited 13 ms" */
char      *cb_timeline_part_describe (const CbTimelinePart *part);
/* Places @parts side by side in @width. */
void       cb_timeline_place         (CbTimelinePart *parts,
                                      guint           n_parts,
                                      double          width,
                                      double          least);

G_END_DECLS
