/* test-worker-odd.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A worker on queues as others leave them: entries spelled in several ways, a crowd of delayed jobs, lost and surplus tokens; and
 * what it leaves behind itself. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cb-handler-context.h"
#include "cb-kue-engine.h"
#include "cb-test-handler.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbTestHandler *handler;
  CbWorker *worker;
  GString *ran;                /* ids in the order they ended */
} Fixture;

static void
finished_cb (CbWorker *worker,
             CbJobRecord *job,
             GBytes *result,
             GError *error,
             gboolean will_retry,
             Fixture *f)
{
  g_string_append_printf (f->ran, "%s%s ", job->id, error != NULL ? "!" : "");
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new (NULL, NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->handler = cb_test_handler_new (0);
  f->ran = g_string_new (NULL);
  f->worker = cb_worker_new (f->engine, "email", CB_HANDLER (f->handler), 1);
  g_signal_connect (f->worker, "job-finished", G_CALLBACK (finished_cb), f);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_assert_finalize_object (f->worker);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_object_unref (f->handler);
  g_object_unref (f->engine);
  g_object_unref (f->connection);
  g_string_free (f->ran, TRUE);
  cb_test_redis_free (f->redis);
}

static void
run (Fixture *f,
     const char *lua)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (f->redis, "EVAL", lua, "0", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static gint64
count (Fixture *f,
       const char *command,
       const char *key)
{
  return cb_test_redis_get_integer (f->redis, command, key, NULL);
}

static guint64
get_n_complete (Fixture *f)
{
  guint64 n;

  g_object_get (f->worker, "n-complete", &n, NULL);

  return n;
}

/* How often the server carried out what is counted as @command. */
static guint
get_calls (Fixture *f,
           const char *command)
{
  g_autofree char *stats = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  g_autofree char *start = g_strdup_printf ("cmdstat_%s:calls=", command);
  const char *found = strstr (stats, start);

  return found != NULL ? (guint) atoi (found + strlen (start)) : 0;
}

static void
count_cb (GObject *object,
          GParamSpec *pspec,
          guint *n)
{
  (*n)++;
}

/* One job that stands there in three spellings, one with a wrong length, and what is no id: each job runs once, in order, and
 * what is none is left alone and does not keep the worker busy. */
static void
test_spellings (Fixture *f,
                gconstpointer data)
{
  guint before;

  run (f, "redis.call ('SET', 'q:ids', 1000)\n"
          "redis.call ('SADD', 'q:job:types', 'email')\n"
          "for _, id in ipairs ({ 5, 9, 10, 17, 99, 100 }) do\n"
          "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'inactive', 'priority', 0, 'max_attempts', 1,\n"
          "              'created_at', 1700000000000, 'promote_at', 1700000000000, 'data', '{}')\n"
          "end\n"
          "for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:email:inactive' }) do\n"
          "  for _, member in ipairs ({ '01|9', '02|10', '02|99', '03|100', '02|17', '17', '002|17', '02|5', '02|abc', '|', '' }) do\n"
          "    redis.call ('ZADD', key, 0, member)\n"
          "  end\n"
          "end\n"
          "redis.call ('LPUSH', 'q:email:jobs', 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)\n");

  cb_worker_start (f->worker);
  cb_test_wait_until (get_n_complete (f) == 6);
  g_assert_cmpstr (f->ran->str, ==, "17 9 10 5 99 100 ");

  cb_test_wait_until (count (f, "LLEN", "q:email:jobs") == 0);
  before = get_calls (f, "evalsha");
  cb_test_run_for (3000);
  g_assert_cmpuint (get_calls (f, "evalsha") - before, <=, 4);
  g_assert_cmpuint (f->handler->n_runs, ==, 6);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:inactive"), ==, 3);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:email:inactive"), ==, 3);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:complete"), ==, 6);
}

/* One that is due among two thousand that are not for a week; and delays that don't fit into 32 bits. */
static void
test_far_delays (Fixture *f,
                 gconstpointer data)
{
  static const gint64 delays[] = { 2160000000, 5184000000 };
  gint64 begun;

  run (f, "local t = redis.call ('TIME')\n"
          "local now = t[1] * 1000\n"
          "redis.call ('SADD', 'q:job:types', 'email')\n"
          "for id = 1, 2001 do\n"
          "  local due = id == 2001 and now - 1000 or now + 604800000\n"
          "  local zid = string.format ('%02d|%d', #tostring (id), id)\n"
          "  redis.call ('SET', 'q:ids', id)\n"
          "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'delayed', 'priority', '0', 'max_attempts', '1',\n"
          "              'created_at', string.format ('%.0f', now - 2000), 'delay', string.format ('%.0f', due - now + 2000),\n"
          "              'promote_at', string.format ('%.0f', due), 'data', '{}')\n"
          "  redis.call ('ZADD', 'q:jobs', 0, zid)\n"
          "  redis.call ('ZADD', 'q:jobs:delayed', due, zid)\n"
          "  redis.call ('ZADD', 'q:jobs:email:delayed', 0, zid)\n"
          "end\n");

  begun = g_get_monotonic_time ();
  cb_worker_start (f->worker);
  cb_test_wait_until (get_n_complete (f) == 1);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 20 * G_TIME_SPAN_SECOND);
  g_assert_cmpstr (f->ran->str, ==, "2001 ");

  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
      g_autoptr (GBytes) json = g_bytes_new_static ("{}", 2);
      CbJobSpec *spec = cb_job_spec_new ("email", json);
      g_autoptr (GPtrArray) ids = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *score = NULL;
      g_autofree char *created = NULL;
      g_autofree char *key = g_strdup_printf ("q:job:%u", 2002 + i);
      g_autofree char *member = g_strdup_printf ("04|%u", 2002 + i);

      spec->delay_msec = delays[i];
      g_ptr_array_add (specs, spec);
      cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
      ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      score = cb_test_redis_get_string (f->redis, "ZSCORE", "q:jobs:delayed", member, NULL);
      created = cb_test_redis_get_string (f->redis, "HGET", key, "created_at", NULL);
      g_assert_cmpint (g_ascii_strtoll (score, NULL, 10) - g_ascii_strtoll (created, NULL, 10), ==, delays[i]);
    }

  /* Some rounds of promotion later. */
  cb_test_run_for (3500);
  g_assert_cmpstr (f->ran->str, ==, "2001 ");
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:delayed"), ==, 2002);
}

static void
log_script (CbHandlerContext *context,
            gpointer user_data)
{
  cb_handler_context_log (context, "one line");
}

/* Jobs that go when they are complete leave nothing of themselves, in no key. */
static void
test_leaves_nothing (Fixture *f,
                     gconstpointer data)
{
  g_autofree char *keys = NULL;
  g_autofree char *ids = NULL;

  run (f, "redis.call ('SADD', 'q:job:types', 'email')\n"
          "for id = 1, 20 do\n"
          "  local zid = string.format ('%02d|%d', #tostring (id), id)\n"
          "  redis.call ('SET', 'q:ids', id)\n"
          "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'inactive', 'priority', 0, 'max_attempts', 1,\n"
          "              'created_at', 1700000000000, 'data', '{}', 'removeOnComplete', 'true')\n"
          "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:email:inactive' }) do redis.call ('ZADD', key, 0, zid) end\n"
          "  redis.call ('LPUSH', 'q:email:jobs', 1)\n"
          "end\n");

  f->handler->script = log_script;
  cb_worker_start (f->worker);
  cb_test_wait_until (get_n_complete (f) == 20);
  cb_test_wait_until (count (f, "EXISTS", "q:email:jobs") == 0);

  keys = cb_test_redis_get_string (f->redis, "EVAL",
                                   "local keys = redis.call ('KEYS', '*') table.sort (keys) return table.concat (keys, ' ')", "0",
                                   NULL);
  g_assert_cmpstr (keys, ==, "q:ids q:job:types q:stats:work-time");
  ids = cb_test_redis_get_string (f->redis, "GET", "q:ids", NULL);
  g_assert_cmpstr (ids, ==, "20");
}

/* A token that was lost while the worker waits for one: its job is found all the same, at less than a command a second. */
static void
test_lost_token (Fixture *f,
                 gconstpointer data)
{
  static const char * const looking[] = { "evalsha", "eval", "blmove", "lmove", "zrange", "llen", "zcard", "lpop", "hmget" };
  guint before = 0, after = 0;
  gint64 lost;

  cb_worker_start (f->worker);
  cb_test_wait_until (get_calls (f, "blmove") >= 1);
  for (guint i = 0; i < G_N_ELEMENTS (looking); i++)
    before += get_calls (f, looking[i]);
  cb_test_run_for (15000);
  for (guint i = 0; i < G_N_ELEMENTS (looking); i++)
    after += get_calls (f, looking[i]);
  g_test_message ("%u commands in 15 s to find what has no token, %u to see what is due or dead", after - before,
                  get_calls (f, "zrangebyscore"));
  g_assert_cmpuint (after - before, <, 15);

  run (f, "redis.call ('HSET', 'q:job:1', 'type', 'email', 'state', 'inactive', 'priority', 0, 'max_attempts', 1,\n"
          "            'created_at', 1700000000000, 'data', '{}')\n"
          "for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:email:inactive' }) do redis.call ('ZADD', key, 0, '01|1') end\n");
  lost = g_get_monotonic_time ();
  cb_test_wait_until (get_n_complete (f) == 1);
  g_assert_cmpint (g_get_monotonic_time () - lost, <, 10 * G_TIME_SPAN_SECOND);
}

/* A thousand tokens without jobs are gone soon, and then it waits. */
static void
test_surplus_tokens (Fixture *f,
                     gconstpointer data)
{
  guint before;

  run (f, "redis.call ('HSET', 'q:job:1', 'type', 'email', 'state', 'inactive', 'priority', 0, 'max_attempts', 1,\n"
          "            'created_at', 1700000000000, 'data', '{}')\n"
          "for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:email:inactive' }) do redis.call ('ZADD', key, 0, '01|1') end\n"
          "for i = 1, 1000 do redis.call ('LPUSH', 'q:email:jobs', 1) end\n");

  cb_worker_start (f->worker);
  cb_test_wait_until (get_n_complete (f) == 1);
  cb_test_wait_until (count (f, "LLEN", "q:email:jobs") == 0);
  before = get_calls (f, "evalsha");
  cb_test_run_for (2000);
  g_assert_cmpuint (get_calls (f, "evalsha") - before, <=, 3);
  g_assert_cmpuint (f->handler->n_runs, ==, 1);
}

/* The tokens are no list: said once, with the key's name, tried again once a second at most, and over as soon as the key is gone. */
static void
test_tokens_no_list (Fixture *f,
                     gconstpointer data)
{
  g_autofree char *problem = NULL;
  g_autofree char *stats = NULL;
  const char *calls;
  guint n_problems = 0;

  run (f, "redis.call ('SADD', 'q:email:jobs', 'x')\n"
          "for id = 1, 2 do\n"
          "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'inactive', 'priority', 0, 'max_attempts', 1, 'data', '{}')\n"
          "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:email:inactive' }) do redis.call ('ZADD', key, 0, '01|' .. id) end\n"
          "end\n");

  g_signal_connect (f->worker, "notify::problem", G_CALLBACK (count_cb), &n_problems);
  cb_reply_unref (cb_test_redis_call (f->redis, "CONFIG", "RESETSTAT", NULL));
  cb_worker_start (f->worker);
  cb_test_wait_until (n_problems == 1);
  g_object_get (f->worker, "problem", &problem, NULL);
  g_assert_nonnull (strstr (problem, "WRONGTYPE"));
  g_assert_nonnull (strstr (problem, "q:email:jobs"));

  cb_test_run_for (5000);
  g_assert_cmpuint (n_problems, ==, 1);
  g_assert_cmpuint (f->handler->n_runs, ==, 0);
  stats = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  calls = strstr (stats, "cmdstat_evalsha:calls=");
  g_assert_nonnull (calls);
  g_assert_cmpint (atoi (calls + strlen ("cmdstat_evalsha:calls=")), <=, 8);

  cb_test_redis_get_integer (f->redis, "DEL", "q:email:jobs", NULL);
  cb_test_wait_until (get_n_complete (f) == 2);
  g_assert_cmpuint (n_problems, ==, 2);
}

/* The server closes what is idle for two seconds: no storm of new connections, and a job that comes is run at once. */
static void
test_idle_closed (Fixture *f,
                  gconstpointer data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  const char *key = "total_connections_received:";
  gint64 created;

  cb_reply_unref (cb_test_redis_call (f->redis, "CONFIG", "SET", "timeout", "2", NULL));
  cb_worker_start (f->worker);
  before = cb_test_redis_get_string (f->redis, "INFO", "stats", NULL);
  cb_test_run_for (10000);
  after = cb_test_redis_get_string (f->redis, "INFO", "stats", NULL);
  g_assert_cmpint (atoi (strstr (after, key) + strlen (key)) - atoi (strstr (before, key) + strlen (key)), <=, 10);

  cb_test_wait_until (cb_connection_get_state (f->connection) == CB_CONNECTION_READY);
  ids = cb_test_create (f->engine, "email", "{}", 1, &error);
  g_assert_no_error (error);
  created = g_get_monotonic_time ();
  cb_test_wait_until (get_n_complete (f) == 1);
  /* Nobody had to look for it, which is done every five seconds. */
  g_assert_cmpint (g_get_monotonic_time () - created, <, 4 * G_TIME_SPAN_SECOND);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add ("/worker-odd/" path, Fixture, NULL, set_up, function, tear_down)
  add ("spellings", test_spellings);
  add ("far-delays", test_far_delays);
  add ("leaves-nothing", test_leaves_nothing);
  add ("lost-token", test_lost_token);
  add ("surplus-tokens", test_surplus_tokens);
  add ("tokens-no-list", test_tokens_no_list);
  add ("idle-closed", test_idle_closed);

  return g_test_run ();
}
