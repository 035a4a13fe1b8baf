/* test-rate.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-log-handler.h"
#include "cb-memory-engine.h"
#include "cb-rate.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

#define MSEC G_GINT64_CONSTANT (1000)

static void
test_none (void)
{
  CbRate rate = { 0 };

  cb_rate_note (&rate, 1);
  g_assert_cmpuint (cb_rate_get_room (&rate, 1), ==, G_MAXUINT);
  g_assert_cmpint (cb_rate_get_wait (&rate, 1), ==, 0);
  cb_rate_clear (&rate);
}

/* In no stretch of the length are there more, wherever it begins. */
static void
test_window (void)
{
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  CbRate rate = { 0 };
  gint64 now = 0;

  cb_rate_set (&rate, 5, 100);
  while (starts->len < 2000)
    {
      guint room = cb_rate_get_room (&rate, now);

      g_assert_cmpint (cb_rate_get_wait (&rate, now) == 0, ==, room > 0);
      for (guint n = (guint) g_rand_int_range (rand, 0, 8); n > 0 && room > 0; n--, room--)
        {
          cb_rate_note (&rate, now);
          g_array_append_val (starts, now);
        }
      now += g_rand_int_range (rand, 1, 60000);
    }
  for (guint i = 5; i < starts->len; i++)
    g_assert_cmpint (g_array_index (starts, gint64, i) - g_array_index (starts, gint64, i - 5), >=, 100 * MSEC);
  cb_rate_clear (&rate);
}

static void
test_wait (void)
{
  CbRate rate = { 0 };

  cb_rate_set (&rate, 2, 100);
  cb_rate_note (&rate, 0);
  cb_rate_note (&rate, 30 * MSEC);
  g_assert_cmpuint (cb_rate_get_room (&rate, 99 * MSEC), ==, 0);
  g_assert_cmpint (cb_rate_get_wait (&rate, 40 * MSEC), ==, 60 * MSEC);
  g_assert_cmpuint (cb_rate_get_room (&rate, 100 * MSEC), ==, 1);
  g_assert_cmpuint (cb_rate_get_room (&rate, 130 * MSEC), ==, 2);
  cb_rate_clear (&rate);
}

/* A change of the limit forgets no start that still counts. */
static void
test_change (void)
{
  CbRate rate = { 0 };

  cb_rate_set (&rate, 3, 100);
  for (guint i = 0; i < 4; i++)
    cb_rate_note (&rate, i * 10 * MSEC);       /* the last three: 10, 20, 30 */

  cb_rate_set (&rate, 2, 100);
  g_assert_cmpint (cb_rate_get_wait (&rate, 30 * MSEC), ==, 90 * MSEC);
  cb_rate_set (&rate, 5, 100);
  g_assert_cmpuint (cb_rate_get_room (&rate, 30 * MSEC), ==, 3);
  cb_rate_note (&rate, 40 * MSEC);
  g_assert_cmpuint (cb_rate_get_room (&rate, 40 * MSEC), ==, 2);
  cb_rate_set (&rate, 0, 100);
  g_assert_cmpuint (cb_rate_get_room (&rate, 40 * MSEC), ==, G_MAXUINT);
  cb_rate_clear (&rate);
}

static void
started_cb (CbWorker *worker, CbJobRecord *job, GArray *starts)
{
  gint64 now = g_get_monotonic_time ();

  g_array_append_val (starts, now);
}

/* A worker with many slots and a full queue keeps to it, and is not slower than it must. */
static void
test_worker (void)
{
  g_autoptr (CbEngine) engine = cb_memory_engine_new ();
  g_autoptr (CbHandler) handler = NULL;
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) drained = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  gint64 began;

  for (guint i = 0; i < 11; i++)
    {
      g_autoptr (GBytes) data = g_bytes_new_static ("{}", 2);

      g_ptr_array_add (specs, cb_job_spec_new ("limited", data));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &created);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&created), NULL);
  g_assert_cmpuint (ids->len, ==, 11);

  handler = g_object_new (CB_TYPE_LOG_HANDLER, NULL);
  worker = cb_worker_new (engine, "limited", handler, 20);
  g_object_set (worker, "rate-limit", 3, "rate-interval", 200, NULL);
  g_signal_connect (worker, "job-started", G_CALLBACK (started_cb), starts);
  began = g_get_monotonic_time ();
  cb_worker_start (worker);
  cb_worker_drain_async (worker, NULL, cb_test_store_result, &drained);
  g_assert_true (cb_worker_drain_finish (worker, cb_test_wait_result (&drained), NULL));

  g_assert_cmpuint (starts->len, ==, 11);
  /* What is told comes after what the worker goes by, later the busier the machine is; but never before so many intervals are over. */
  for (guint i = 0; i < starts->len; i++)
    g_assert_cmpint (g_array_index (starts, gint64, i) - began, >=, (gint64) (i / 3) * 200 * MSEC);
  g_assert_cmpint (g_array_index (starts, gint64, 2) - g_array_index (starts, gint64, 0), <, 5000 * MSEC);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/rate/none", test_none);
  g_test_add_func ("/rate/window", test_window);
  g_test_add_func ("/rate/wait", test_wait);
  g_test_add_func ("/rate/change", test_change);
  g_test_add_func ("/rate/worker", test_worker);

  return g_test_run ();
}
