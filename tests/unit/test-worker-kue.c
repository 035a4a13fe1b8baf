/* test-worker-kue.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The worker against a real server: what it leaves there, what it costs, and what it does when the server refuses or is
 * not there. What the scripts do in detail is tested with the engine. */

#include "config.h"

#include <string.h>

#include "cb-kue-engine.h"
#include "cb-log-handler.h"
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
  GString *told;
  guint n_problems;
} Fixture;

static void
finished_cb (CbWorker *worker, CbJobRecord *job, GBytes *result, GError *error, gboolean will_retry, Fixture *fixture)
{
  g_string_append_printf (fixture->told, "%s:%s ", job->id, error != NULL ? error->message : "ok");
}

static void
problem_cb (CbWorker *worker, GParamSpec *pspec, Fixture *fixture)
{
  fixture->n_problems++;
}

static void
add_worker (Fixture *fixture, guint concurrency, int msec)
{
  fixture->handler = cb_test_handler_new (msec);
  fixture->worker = cb_worker_new (fixture->engine, "email", CB_HANDLER (fixture->handler), concurrency);
  g_signal_connect (fixture->worker, "job-finished", G_CALLBACK (finished_cb), fixture);
  g_signal_connect (fixture->worker, "notify::problem", G_CALLBACK (problem_cb), fixture);
}

static Fixture *
fixture_new (CbTestRedis *redis, guint concurrency, int msec)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;

  fixture->redis = redis;
  fixture->connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  cb_test_open (fixture->connection, &error);
  g_assert_no_error (error);
  fixture->engine = cb_kue_engine_new (fixture->connection, "q");
  fixture->told = g_string_new (NULL);
  add_worker (fixture, concurrency, msec);

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  g_assert_finalize_object (fixture->worker);
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_object_unref (fixture->handler);
  g_object_unref (fixture->engine);
  g_object_unref (fixture->connection);
  g_string_free (fixture->told, TRUE);
  cb_test_redis_free (fixture->redis);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
create (Fixture *fixture, const char *json, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_test_create (fixture->engine, "email", json, n, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
}

/* "2 0 1 0 0": how many are inactive, active, complete, failed, delayed; the sets of the type say the same. */
static char *
count (Fixture *fixture)
{
  const char *states[] = { "inactive", "active", "complete", "failed", "delayed" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *all = g_strdup_printf ("q:jobs:%s", states[i]);
      g_autofree char *of_type = g_strdup_printf ("q:jobs:email:%s", states[i]);
      gint64 n = cb_test_redis_get_integer (fixture->redis, "ZCARD", all, NULL);

      g_assert_cmpint (n, ==, cb_test_redis_get_integer (fixture->redis, "ZCARD", of_type, NULL));
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", n);
    }

  return g_string_free (text, FALSE);
}

#define assert_counts(fixture, expected)                \
  G_STMT_START                                          \
  {                                                     \
    g_autofree char *counts_ = count (fixture);         \
    g_assert_cmpstr (counts_, ==, expected);            \
  }                                                     \
  G_STMT_END

static gboolean
has_counts (Fixture *fixture, const char *expected)
{
  g_autofree char *counts = count (fixture);

  return g_str_equal (counts, expected);
}

static guint64
get_number (Fixture *fixture, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_UINT64);
  g_object_get_property (G_OBJECT (fixture->worker), property, &value);

  return g_value_get_uint64 (&value);
}

static void
stop (Fixture *fixture, guint grace_msec)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_worker_stop_async (fixture->worker, grace_msec, NULL, cb_test_store_result, &result);
  cb_worker_stop_finish (fixture->worker, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

/* --- one after the other --- */

static void
test_notification (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 1, 0);
  const char *block_list[] = { "4153518780", NULL };
  g_autoptr (CbHandler) log = g_object_new (CB_TYPE_LOG_HANDLER, "block-list", block_list, NULL);
  g_autoptr (CbTestListener) listener = cb_test_listener_new (fixture->redis, "q:events");
  g_autofree char *events = NULL;
  g_autofree char *log_line = NULL;
  g_autofree char *worker_id = NULL;
  g_autofree char *error = NULL;

  g_object_set (fixture->worker, "handler", log, NULL);
  create (fixture, "{\"phoneNumber\":\"4153518743\",\"message\":\"hello\"}", 1);
  create (fixture, "{\"phoneNumber\":\"4153518780\",\"message\":\"hello\"}", 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1 && get_number (fixture, "n-failed") == 1);

  events = cb_test_listener_take (listener);
  g_assert_cmpstr (events, ==,
                   "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"email\"]}\n"
                   "{\"id\":2,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"email\"]}\n"
                   "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"email\",null]}\n"
                   "{\"id\":1,\"event\":\"progress\",\"args\":[\"progress\",50,null]}\n"
                   "{\"id\":1,\"event\":\"complete\",\"args\":[\"complete\",null,null]}\n"
                   "{\"id\":2,\"event\":\"start\",\"args\":[\"start\",\"email\",null]}\n"
                   "{\"id\":2,\"event\":\"error\",\"args\":[\"error\",\"Phone number 4153518780 is blacklisted\"]}\n"
                   "{\"id\":2,\"event\":\"failed\",\"args\":[\"failed\",\"Phone number 4153518780 is blacklisted\",null]}\n");
  log_line = cb_test_redis_get_string (fixture->redis, "LINDEX", "q:job:1:log", "0", NULL);
  g_assert_cmpstr (log_line, ==, "Sending notification to 4153518743, with message: hello");
  error = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:2", "error", NULL);
  g_assert_cmpstr (error, ==, "Phone number 4153518780 is blacklisted");
  worker_id = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "workerId", NULL);
  g_assert_true (g_str_has_prefix (worker_id, "callboard:"));
  assert_counts (fixture, "0 0 1 1 0");
  stop (fixture, 1000);
}

static void
test_many (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 20, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  create (fixture, "{\"title\":\"welcome\"}", 500);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  assert_counts (fixture, "0 0 500 0 0");
  g_assert_cmpuint (fixture->handler->n_runs, ==, 500);
  g_assert_cmpuint (fixture->handler->max_running, <=, 20);
  g_assert_cmpuint (fixture->handler->max_running, >, 1);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "LLEN", "q:email:jobs", NULL), ==, 0);
}

/* What a claim passes over does not keep a drain from ending. */
static void
test_drain_garbage (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 2, 1);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  create (fixture, "{}", 3);
  cb_test_redis_get_integer (fixture->redis, "ZADD", "q:jobs:email:inactive", "0", "garbage", "0", "03|900", NULL);
  cb_test_redis_get_integer (fixture->redis, "HSET", "q:job:900", "type", "sms", "state", "inactive", NULL);
  cb_worker_drain_async (fixture->worker, NULL, cb_test_store_result, &result);
  cb_worker_drain_finish (fixture->worker, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 3);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "ZCARD", "q:jobs:email:complete", NULL), ==, 3);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "ZCARD", "q:jobs:email:inactive", NULL), ==, 2);
}

/* An idle worker is woken. Until then it costs two reads a second to see what is due, one every two to see who is dead. */
static void
test_idle (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 10, 0);
  guint64 before, sent;
  gint64 created;

  cb_worker_start (fixture->worker);
  cb_test_run_for (500);

  before = cb_connection_get_n_commands_sent (fixture->connection);
  cb_test_run_for (6000);
  sent = cb_connection_get_n_commands_sent (fixture->connection) - before;
  g_test_message ("%" G_GUINT64_FORMAT " commands in 6 s", sent);
  g_assert_cmpuint (sent, <=, 20);

  create (fixture, "{}", 1);
  created = g_get_monotonic_time ();
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  /* Nobody had to look for it, which is done every five seconds. */
  g_assert_cmpint (g_get_monotonic_time () - created, <, 4 * G_TIME_SPAN_SECOND);
}

/* --- taken away --- */

/* A scanner asks whether the owner of a job that is over its time is alive: it is, and answers at once. */
static void
test_time_to_live (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 1, -1);
  g_autoptr (CbTestListener) listener = NULL;
  g_autofree char *events = NULL;

  create (fixture, "{}", 1);
  cb_test_redis_get_integer (fixture->redis, "HSET", "q:job:1", "ttl", "500", NULL);
  listener = cb_test_listener_new (fixture->redis, "q:events");
  cb_worker_start (fixture->worker);
  cb_test_wait_until (get_number (fixture, "n-failed") == 1);
  g_assert_cmpuint (fixture->handler->n_cancelled, ==, 1);
  g_assert_cmpstr (fixture->told->str, ==, "1:TTL exceeded ");

  /* Long after: the one who asked did not fail it once more. */
  cb_test_run_for (1500);
  events = cb_test_listener_take (listener);
  g_assert_nonnull (strstr (events, "{\"id\":1,\"event\":\"ttl exceeded\",\"args\":[\"ttl exceeded\"]}\n"));
  g_assert_nonnull (strstr (events, "{\"id\":1,\"event\":\"ttl exceeded ack\",\"args\":[\"ttl exceeded ack\"]}\n"));
  g_assert_nonnull (strstr (events, "{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"TTL exceeded\",null]}\n"));
  g_assert_null (strstr (strstr (events, "\"event\":\"error\"") + 1, "\"event\":\"error\""));
  assert_counts (fixture, "0 0 0 1 0");
}

static void
report_script (CbHandlerContext *context, gpointer user_data)
{
  CbHandlerContext **kept = user_data;

  *kept = g_object_ref (context);
}

/* Removed while it runs: no half of it comes back, and the worker takes the next. */
static void
test_removed (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 1, -1);
  CbHandlerContext *context = NULL;
  g_autoptr (GError) error = NULL;

  fixture->handler->stubborn = TRUE;
  fixture->handler->script = report_script;
  fixture->handler->script_data = &context;
  create (fixture, "{}", 1);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  fixture->handler->script = NULL;

  cb_test_act (fixture->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error);
  g_assert_no_error (error);
  create (fixture, "{}", 1);
  cb_test_wait_until (g_cancellable_is_cancelled (cb_handler_context_get_cancellable (context)));
  cb_handler_context_progress (context, 70, NULL);
  cb_handler_context_log (context, "still here");
  cb_test_run_for (100);
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (fixture->handler->n_runs == 2);
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_object_unref (context);

  g_assert_cmpstr (fixture->told->str, ==, "1:Job 1 was removed while it ran; what came of it is not kept 2:ok ");
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "EXISTS", "q:job:1", "q:job:1:log", NULL), ==, 0);
  assert_counts (fixture, "0 0 1 0 0");
}

/* The first owner comes back late: stopped for so long that another has its job. */
static void
test_late_owner (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 1, -1);
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *result = NULL;

  create (fixture, "{}", 1);
  job = cb_test_claim (fixture->engine, "email", "callboard:first", 1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (job);

  /* Its lease of a millisecond is over; the worker puts it back when all who may live had the time to be heard, and takes it. */
  fixture->handler->result = "\"from B\"";
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 1);
  g_assert_false (cb_test_complete (fixture->engine, job, "\"from A\"", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  result = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "result", NULL);
  g_assert_cmpstr (result, ==, "\"from B\"");
  assert_counts (fixture, "0 0 1 0 0");
}

/* --- the server refuses, or is away --- */

/* As a server that can't save answers: nothing is claimed, it is said once, and it goes on by itself. */
static void
test_refused (gconstpointer data)
{
  const char *kind = data;
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 5, 0);
  g_autofree char *problem = NULL;
  guint64 before;

  create (fixture, "{}", 3);
  if (g_str_equal (kind, "READONLY"))
    cb_reply_unref (cb_test_redis_call (fixture->redis, "REPLICAOF", "127.0.0.1", "1", NULL));
  else if (g_str_equal (kind, "OOM"))
    cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "maxmemory", "1", NULL));
  else
    cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "min-replicas-to-write", "1", NULL));

  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->n_problems == 1);
  before = cb_connection_get_n_commands_sent (fixture->connection);
  cb_test_run_for (3000);
  g_assert_cmpuint (cb_connection_get_n_commands_sent (fixture->connection) - before, <, 20);
  g_assert_cmpuint (fixture->n_problems, ==, 1);
  g_object_get (fixture->worker, "problem", &problem, NULL);
  g_test_message ("%s", problem);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 0);
  assert_counts (fixture, "3 0 0 0 0");

  if (g_str_equal (kind, "READONLY"))
    cb_reply_unref (cb_test_redis_call (fixture->redis, "REPLICAOF", "NO", "ONE", NULL));
  else if (g_str_equal (kind, "OOM"))
    cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "maxmemory", "0", NULL));
  else
    cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "min-replicas-to-write", "0", NULL));
  cb_test_wait_until (get_number (fixture, "n-complete") == 3);
  g_assert_cmpuint (fixture->n_problems, ==, 2);
  assert_counts (fixture, "0 0 3 0 0");
}

/* Killed in the middle and back after a while: what was done meanwhile is told then, and nothing runs twice. */
static void
test_server_killed (void)
{
  g_autoptr (Fixture) fixture =
    fixture_new (cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL), 2, -1);
  gint64 back;

  create (fixture, "{}", 4);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 2);

  cb_test_redis_kill (fixture->redis);
  cb_test_run_for (500);
  fixture->handler->msec = 0;
  cb_test_handler_answer (fixture->handler);
  cb_test_run_for (2500);
  g_assert_cmpuint (get_number (fixture, "n-active"), ==, 2);
  g_assert_cmpuint (fixture->n_problems, >=, 1);

  cb_test_redis_start (fixture->redis);
  back = g_get_monotonic_time ();
  cb_test_wait_until (get_number (fixture, "n-complete") == 4);
  g_assert_cmpint (g_get_monotonic_time () - back, <, 10 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (fixture->handler->n_runs, ==, 4);
  assert_counts (fixture, "0 0 4 0 0");
}

/* A user who may not ask for the server's time is told what is not looked after; what runs goes on under its lease, and what is due
 * is promoted by this machine's clock. */
static void
test_no_server_time (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 1, -1);
  g_autofree char *problem = NULL;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-time", NULL));
  create (fixture, "{}", 2);
  cb_test_redis_get_integer (fixture->redis, "HSET", "q:job:1", "ttl", "300", NULL);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->n_problems == 1);
  g_object_get (fixture->worker, "problem", &problem, NULL);
  g_test_message ("%s", problem);
  g_assert_true (g_str_has_prefix (problem, "Delayed jobs and time limits are not looked after: "));
  g_assert_nonnull (strstr (problem, "(TIME)"));

  /* Long after its time to live, and after a lease. */
  cb_test_run_for (7000);
  g_assert_cmpuint (fixture->handler->n_cancelled, ==, 0);
  assert_counts (fixture, "1 1 0 0 0");
  cb_test_handler_answer (fixture->handler);
  cb_test_wait_until (get_number (fixture, "n-complete") == 1);
  g_assert_cmpuint (fixture->n_problems, ==, 1);
}

/* --- orderly stop --- */

static void
test_stop (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL), 2, -1);
  g_autofree char *attempts = NULL;

  create (fixture, "{}", 6);
  cb_worker_start (fixture->worker);
  cb_test_wait_until (fixture->handler->n_running == 2);
  stop (fixture, 100);
  assert_counts (fixture, "6 0 0 0 0");
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "LLEN", "q:email:jobs", NULL), >=, 6);
  attempts = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "attempts", NULL);
  g_assert_null (attempts);
  g_assert_true (has_counts (fixture, "6 0 0 0 0"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/worker-kue/notification", test_notification);
  g_test_add_func ("/worker-kue/many", test_many);
  g_test_add_func ("/worker-kue/drain-garbage", test_drain_garbage);
  g_test_add_func ("/worker-kue/idle", test_idle);
  g_test_add_func ("/worker-kue/time-to-live", test_time_to_live);
  g_test_add_func ("/worker-kue/removed", test_removed);
  g_test_add_func ("/worker-kue/late-owner", test_late_owner);
  g_test_add_data_func ("/worker-kue/refused/readonly", "READONLY", test_refused);
  g_test_add_data_func ("/worker-kue/refused/oom", "OOM", test_refused);
  g_test_add_data_func ("/worker-kue/refused/noreplicas", "NOREPLICAS", test_refused);
  g_test_add_func ("/worker-kue/server-killed", test_server_killed);
  g_test_add_func ("/worker-kue/no-server-time", test_no_server_time);
  g_test_add_func ("/worker-kue/stop", test_stop);

  return g_test_run ();
}
