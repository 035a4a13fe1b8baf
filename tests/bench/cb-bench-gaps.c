/* cb-bench-gaps.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bench-gaps.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMER_MSEC 5

static gint64
get_thread_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
measure_cb (gpointer data)
{
  CbBenchGaps *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 work_now = get_thread_time ();

  if (self->measuring && self->last != 0)
    {
      gint64 gap = now - self->last;
      gint64 work = work_now - self->last_work;

      g_array_append_val (self->gaps, gap);
      g_array_append_val (self->work, work);
    }
  self->last = now;
  self->last_work = work_now;
  return G_SOURCE_CONTINUE;
}

static void
frame_began_cb (CbBenchGaps *self)
{
  self->frame_began = get_thread_time ();
}

static void
frame_ended_cb (CbBenchGaps *self)
{
  gint64 took = get_thread_time () - self->frame_began;

  if (self->measuring && self->frame_began != 0)
    g_array_append_val (self->frames, took);
}

void
cb_bench_gaps_init (CbBenchGaps *self, GtkWidget *window)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (window);

  memset (self, 0, sizeof *self);
  self->gaps = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->work = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->frames = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_signal_connect_swapped (clock, "before-paint", G_CALLBACK (frame_began_cb), self);
  g_signal_connect_swapped (clock, "after-paint", G_CALLBACK (frame_ended_cb), self);
  g_timeout_add (TIMER_MSEC, measure_cb, self);
}

void
cb_bench_gaps_begin (CbBenchGaps *self)
{
  g_array_set_size (self->gaps, 0);
  g_array_set_size (self->work, 0);
  g_array_set_size (self->frames, 0);
  self->last = 0;
  self->frame_began = 0;
  self->measuring = TRUE;
}

void
cb_bench_gaps_end (CbBenchGaps *self)
{
  self->measuring = FALSE;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 first = *(const gint64 *) a;
  gint64 second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

static double
get_quantile (GArray *times, double quantile)
{
  return times->len == 0 ? 0 : (double) g_array_index (times, gint64, (guint) ((times->len - 1) * quantile)) / 1000.0;
}

static double
report (const char *what, GArray *times, int limit_msec)
{
  guint n_over = 0;

  g_array_sort (times, compare);
  for (guint i = 0; i < times->len; i++)
    n_over += g_array_index (times, gint64, i) > limit_msec * 1000;
  g_print ("  %s: %u, p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.1f ms, %u over %d ms\n", what, times->len,
           get_quantile (times, 0.5), get_quantile (times, 0.95), get_quantile (times, 0.99), get_quantile (times, 0.999), get_quantile (times, 1), n_over,
           limit_msec);
  return get_quantile (times, 1);
}

void
cb_bench_gaps_report (CbBenchGaps *self, int limit_gap_msec, int limit_frame_msec, double *worst_gap, double *worst_frame)
{
  *worst_gap = report ("gaps of the main loop", self->gaps, limit_gap_msec);
  report ("of that, at work", self->work, limit_gap_msec);
  *worst_frame = report ("frames, at work", self->frames, limit_frame_msec);
}

void
cb_bench_gaps_clear (CbBenchGaps *self)
{
  g_array_unref (self->gaps);
  g_array_unref (self->work);
  g_array_unref (self->frames);
}

double
cb_bench_get_memory (void)
{
  g_autofree char *text = NULL;
  long pages = 0;

  if (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL))
    {
      const char *second = strchr (text, ' ');

      pages = second != NULL ? strtol (second, NULL, 10) : 0;
    }
  return (double) pages * (double) sysconf (_SC_PAGESIZE) / 1024 / 1024;
}
