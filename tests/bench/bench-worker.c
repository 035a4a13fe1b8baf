/* bench-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* How many jobs a second a worker gets done on a server of its own, when the work itself takes no time. */

#include "config.h"

#include "cb-kue-engine.h"
#include "cb-log-handler.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

#define N_JOBS 5000

static void
bench (guint concurrency)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "bench");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbHandler) handler = g_object_new (CB_TYPE_LOG_HANDLER, NULL);
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin;
  guint64 n_complete, n_commands;
  double seconds;

  if (!cb_test_open (connection, &error))
    g_error ("%s", error->message);
  engine = cb_kue_engine_new (connection, "q");
  ids = cb_test_create (engine, "sms", "{\"phoneNumber\":\"4153518743\",\"message\":\"hello\"}", N_JOBS, &error);
  if (ids == NULL)
    g_error ("%s", error->message);

  worker = cb_worker_new (engine, "sms", handler, concurrency);
  n_commands = cb_connection_get_n_commands_sent (connection);
  begin = g_get_monotonic_time ();
  cb_worker_start (worker);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_object_get (worker, "n-complete", &n_complete, NULL);
    }
  while (n_complete < N_JOBS);
  seconds = (g_get_monotonic_time () - begin) / (double) G_USEC_PER_SEC;
  n_commands = cb_connection_get_n_commands_sent (connection) - n_commands;

  g_print ("concurrency %3u: %7.0f jobs a second, %.1f commands a job\n", concurrency, N_JOBS / seconds,
           n_commands / (double) N_JOBS);

  cb_worker_stop_async (worker, 0, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  cb_connection_close (connection);
  cb_test_settle ();
}

int
main (int argc, char *argv[])
{
  const guint concurrency[] = { 1, 10, 50, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (concurrency); i++)
    bench (concurrency[i]);

  return 0;
}
