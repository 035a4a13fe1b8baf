/* cb-bench-gaps.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * How long the main loop was away, and how long its frames took: a timer of 5 ms tells the gaps, and a machine that does other things makes
 * some of its own, so the time that this thread was at work in each is told, too.
 */
typedef struct
{
  GArray *gaps;              /* of gint64, µs: wall clock between two beats */
  GArray *work;              /* of gint64, µs: processor time of this thread between them */
  GArray *frames;            /* of gint64, µs: processor time of one frame */
  gint64 last;
  gint64 last_work;
  gint64 frame_began;
  gboolean measuring;
} CbBenchGaps;

void   cb_bench_gaps_init   (CbBenchGaps *self,
                             GtkWidget   *window);
void   cb_bench_gaps_begin  (CbBenchGaps *self);
void   cb_bench_gaps_end    (CbBenchGaps *self);
/* Prints them. @worst_gap, @worst_frame: (out): ms */
void   cb_bench_gaps_report (CbBenchGaps *self,
                             int          limit_gap_msec,
                             int          limit_frame_msec,
                             double      *worst_gap,
                             double      *worst_frame);
void   cb_bench_gaps_clear  (CbBenchGaps *self);
/* Resident, in MiB. */
double cb_bench_get_memory  (void);

G_END_DECLS
