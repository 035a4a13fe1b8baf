/* bench-redis.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * What a command costs: hiredis alone, in a blocking loop, against a CbConnection on the main loop, in pipelines of
 * several lengths; and what a published message costs a CbSubscriber. Not a test:
 *
 *   meson test --benchmark, or bench-redis [COMMANDS]
 */

#include <stdlib.h>
#include <time.h>

#include "cb-hiredis-compat.h"
#include "cb-subscriber.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

static guint n_commands = 200000;

static double
per_second (guint  n,
            gint64 since)
{
  return n / ((g_get_monotonic_time () - since) / (double) G_USEC_PER_SEC);
}

static void
bench_hiredis (CbTestRedis *redis,
               guint        length)
{
  redisContext *context = redisConnectUnix (cb_test_redis_get_path (redis));
  gint64 since = g_get_monotonic_time ();

  for (guint done = 0; done < n_commands; done += length)
    {
      for (guint i = 0; i < length; i++)
        redisAppendCommand (context, "GET key");
      for (guint i = 0; i < length; i++)
        {
          void *reply = NULL;

          g_assert_cmpint (redisGetReply (context, &reply), ==, REDIS_OK);
          freeReplyObject (reply);
        }
    }
  g_print ("hiredis, blocking   pipeline of %4u   %9.0f commands/s\n", length, per_second (n_commands, since));
  redisFree (context);
}

static void
bench_pipelines (CbConnection *connection,
                 guint         length)
{
  gint64 since = g_get_monotonic_time ();

  for (guint done = 0; done < n_commands; done += length)
    {
      g_autoptr (GPtrArray) replies = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      CbPipeline *pipeline = cb_pipeline_new ();

      for (guint i = 0; i < length; i++)
        cb_pipeline_add (pipeline, cb_command_new ("GET", "key", NULL));
      cb_connection_pipeline_async (connection, pipeline, NULL, cb_test_store_result, &result);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      replies = cb_connection_pipeline_finish (connection, result, NULL);
      g_assert_cmpuint (replies->len, ==, length);
    }
  g_print ("CbConnection        pipeline of %4u   %9.0f commands/s\n", length, per_second (n_commands, since));
}

static void
called_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  cb_reply_unref (cb_connection_call_finish (CB_CONNECTION (source), result, NULL));
  ++*(guint *) data;
}

static void
bench_calls (CbConnection *connection,
             guint         at_once)
{
  gint64 since = g_get_monotonic_time ();
  guint n_asked = 0, n_done = 0;

  while (n_done < n_commands)
    {
      while (n_asked < n_commands && n_asked - n_done < at_once)
        {
          cb_connection_call_async (connection, cb_command_new ("GET", "key", NULL), NULL, called_cb, &n_done);
          n_asked++;
        }
      g_main_context_iteration (NULL, TRUE);
    }
  g_print ("CbConnection        %4u calls at once  %9.0f commands/s\n", at_once, per_second (n_commands, since));
}

static void
message_cb (CbSubscriber *subscriber,
            GBytes       *pattern,
            GBytes       *channel,
            GBytes       *payload,
            guint        *n)
{
  ++*n;
}

static void
bench_messages (CbTestRedis *redis)
{
  CbSubscriber *subscriber = cb_subscriber_new (cb_test_redis_get_address (redis), NULL);
  redisContext *context = redisConnectUnix (cb_test_redis_get_path (redis));
  clock_t cpu = 0;
  guint n = 0, n_published = 0;

  g_signal_connect (subscriber, "message", G_CALLBACK (message_cb), &n);
  cb_subscriber_subscribe (subscriber, "c", -1);
  cb_test_wait_until (cb_subscriber_get_connected (subscriber));

  while (n_published < n_commands)
    {
      clock_t before;

      for (guint i = 0; i < 1000; i++)
        redisAppendCommand (context, "PUBLISH c %s", "a payload of some forty bytes, as events are");
      for (guint i = 0; i < 1000; i++)
        {
          void *reply = NULL;

          g_assert_cmpint (redisGetReply (context, &reply), ==, REDIS_OK);
          freeReplyObject (reply);
        }
      n_published += 1000;
      before = clock ();
      while (n < n_published)
        g_main_context_iteration (NULL, TRUE);
      cpu += clock () - before;
    }
  g_print ("CbSubscriber        one message costs  %9.2f µs of processor time\n",
           cpu * 1e6 / CLOCKS_PER_SEC / n_published);
  redisFree (context);
  cb_subscriber_close (subscriber);
  g_object_unref (subscriber);
}

int
main (int   argc,
      char *argv[])
{
  static const guint lengths[] = { 1, 10, 100, 1000 };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "bench");

  if (argc > 1)
    n_commands = MAX (atoi (argv[1]), 1000);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "key", "a value", NULL));
  if (!cb_test_open (connection, NULL))
    return 1;

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      bench_hiredis (redis, lengths[i]);
      bench_pipelines (connection, lengths[i]);
    }
  bench_calls (connection, 1);
  bench_calls (connection, 100);
  bench_messages (redis);

  cb_connection_close (connection);
  return 0;
}
