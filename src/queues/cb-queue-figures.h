/* cb-queue-figures.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* So many completed jobs are looked at. */
#define CB_QUEUE_FIGURES_SAMPLE 200

typedef enum
{
  CB_PERCENTILE_50,
  CB_PERCENTILE_95,
  CB_PERCENTILE_99,
  CB_N_PERCENTILES
} CbPercentile;

/* How long jobs of a queue wait and run, from their own times. Durations µs, -1 unknown. */
typedef struct
{
  gint64  oldest_since;                  /* since when the one waits that waits longest, µs since 1970 UTC */
  char   *oldest_id;                     /* (nullable) which; NULL: none waits */
  gboolean oldest_certain;               /* FALSE: only some of so many were looked at, and another may have waited for longer */
  guint   n_sample;                      /* completed jobs that were looked at */
  gint64  n_complete;                    /* of so many */
  guint   n_waits;                       /* of how many of them it is known how long they waited: those that needed one attempt */
  gint64  waits[CB_N_PERCENTILES];
  guint   n_runs;
  gint64  runs[CB_N_PERCENTILES];
} CbQueueFigures;

/* From the last @sample completed jobs in the order of the server (at most 500), in a few round trips. */
void            cb_queue_figures_read_async  (CbEngine             *engine,
                                              const char           *queue,      /* nullable: all */
                                              guint                 sample,
                                              GCancellable         *cancellable,
                                              GAsyncReadyCallback   callback,
                                              gpointer              user_data);
CbQueueFigures *cb_queue_figures_read_finish (CbEngine             *engine,
                                              GAsyncResult         *result,
                                              GError              **error);
void            cb_queue_figures_free        (CbQueueFigures       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbQueueFigures, cb_queue_figures_free)

/* By nearest rank; @values (element-type gint64) is sorted by it. -1 when there are none. */
gint64          cb_percentile                (GArray               *values,
                                              guint                 percent);

G_END_DECLS
