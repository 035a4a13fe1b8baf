/* test-kue-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Each change that the engine makes, against a real server: what stands there afterwards, and what was told. The expected
 * end states and events are those of kue 0.11.6, from records of its commands; the names in brackets are the operations there.
 */

#include "config.h"

#include <string.h>

#include "cb-discovery.h"
#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define CODE "{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234 to verify your account\"}"
#define STACK "Error: gateway refused\n    at sendCode (/srv/notify/send.js:41:11)\n    at /srv/notify/worker.js:12:3"
#define STACK_ESCAPED "Error: gateway refused\\n    at sendCode (/srv/notify/send.js:41:11)\\n    at /srv/notify/worker.js:12:3"
#define WORKER "callboard:host:1:sms:1"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  CbTestListener *listener;
} Fixture;

static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new (NULL, NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
  f->listener = cb_test_listener_new (f->redis, "q:events");
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  cb_test_listener_free (f->listener);
  g_assert_finalize_object (f->engine);
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_assert_finalize_object (f->connection);
  cb_test_redis_free (f->redis);
}

#define assert_snapshot(f, expected)                                  \
  G_STMT_START                                                        \
  {                                                                   \
    g_autofree char *snapshot_ = cb_test_kue_snapshot ((f)->redis);   \
    g_assert_cmpstr (snapshot_, ==, expected);                        \
  }                                                                   \
  G_STMT_END

#define assert_events(f, expected)                                    \
  G_STMT_START                                                        \
  {                                                                   \
    g_autofree char *events_ = cb_test_listener_take ((f)->listener); \
    g_assert_cmpstr (events_, ==, expected);                          \
  }                                                                   \
  G_STMT_END

#define assert_get(f, expected, ...)                                             \
  G_STMT_START                                                                   \
  {                                                                              \
    g_autofree char *got_ = cb_test_redis_get_string ((f)->redis, __VA_ARGS__, NULL); \
    g_assert_cmpstr (got_, ==, expected);                                        \
  }                                                                              \
  G_STMT_END

#define assert_int(f, expected, ...) g_assert_cmpint (cb_test_redis_get_integer ((f)->redis, __VA_ARGS__, NULL), ==, expected)

static void
call (Fixture    *f,
      const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (f->redis, g_strv_length (words), (const char * const *) words, NULL);
  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s: %s", line, cb_value_get_string (cb_reply_get_value (reply), NULL));
}

static CbJobSpec *
spec_new (const char *queue,
          const char *json)
{
  g_autoptr (GBytes) data = g_bytes_new (json, strlen (json));

  return cb_job_spec_new (queue, data);
}

/* Takes the specification; the id. */
static char *
create (Fixture   *f,
        CbJobSpec *spec)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (specs, spec);
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 1);
  return g_strdup (g_ptr_array_index (ids, 0));
}

static void
create_sms (Fixture    *f,
            int         attempts,
            const char *backoff,
            gint64      delay)
{
  CbJobSpec *spec = spec_new ("sms", CODE);
  g_autofree char *id = NULL;

  spec->attempts = attempts;
  spec->backoff = g_strdup (backoff);
  spec->delay_msec = delay;
  id = create (f, spec);
}

static CbJobRecord *
claim (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  CbJobRecord *job = cb_test_claim (f->engine, "sms", WORKER, 10000, &error);

  g_assert_no_error (error);
  return job;
}

/* [02-create], the plain case */
static void
test_create (Fixture       *f,
             gconstpointer  data)
{
  create_sms (f, 1, NULL, 0);

  assert_events (f, "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n");
  assert_snapshot (f,
                   "q:ids 1\n"
                   "q:job:1.created_at=<now>\n"
                   "q:job:1.data=" CODE "\n"
                   "q:job:1.max_attempts=1\n"
                   "q:job:1.priority=0\n"
                   "q:job:1.promote_at=created_at+0\n"
                   "q:job:1.state=inactive\n"
                   "q:job:1.type=sms\n"
                   "q:job:1.updated_at=<now>\n"
                   "q:job:types sms\n"
                   "q:jobs 01|1=0\n"
                   "q:jobs:inactive 01|1=0\n"
                   "q:jobs:sms:inactive 01|1=0\n"
                   "q:sms:jobs 1\n");
}

/* [02-create], [02-create-delay], [02-create-backoff]: every option; a delayed job has neither token nor event */
static void
test_create_options (Fixture       *f,
                     gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("video conversion", "{\"title\":\"Gr\xc3\xbc\xc3\x9f""e\",\"n\":12345678901234567890123}");
  g_autofree char *id = NULL;

  call (f, "SET q:ids 99");
  spec->priority = -2.5;
  spec->delay_msec = 5000;
  spec->attempts = 3;
  spec->backoff = g_strdup ("{\"delay\":400,\"type\":\"fixed\"}");
  spec->ttl_msec = 30000;
  spec->remove_on_complete = TRUE;
  id = create (f, spec);

  g_assert_cmpstr (id, ==, "100");
  assert_events (f, "");
  assert_snapshot (f,
                   "q:ids 100\n"
                   "q:job:100.backoff={\"delay\":400,\"type\":\"fixed\"}\n"
                   "q:job:100.created_at=<now>\n"
                   "q:job:100.data={\"title\":\"Gr\\303\\274\\303\\237e\",\"n\":12345678901234567890123}\n"
                   "q:job:100.delay=5000\n"
                   "q:job:100.max_attempts=3\n"
                   "q:job:100.priority=-2.5\n"
                   "q:job:100.promote_at=created_at+5000\n"
                   "q:job:100.removeOnComplete=true\n"
                   "q:job:100.state=delayed\n"
                   "q:job:100.ttl=30000\n"
                   "q:job:100.type=video conversion\n"
                   "q:job:100.updated_at=<now>\n"
                   "q:job:types video conversion\n"
                   "q:jobs 03|100=-2.5\n"
                   "q:jobs:delayed 03|100=promote_at\n"
                   "q:jobs:video conversion:delayed 03|100=-2.5\n");
}

/* A given moment is met to the millisecond. */
static void
test_create_due_at (Fixture       *f,
                    gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("sms", "{}");
  gint64 due = (g_get_real_time () / 1000 + 3600000) * 1000;
  g_autofree char *expected = g_strdup_printf ("%" G_GINT64_FORMAT, due / 1000);
  g_autofree char *id = NULL;

  spec->due_at = due;
  id = create (f, spec);
  assert_get (f, expected, "HGET", "q:job:1", "promote_at");
  assert_get (f, expected, "ZSCORE", "q:jobs:delayed", "01|1");
}

/* Portions, order, and an id whose job is there although the counter was lost. */
static void
test_create_many (Fixture       *f,
                  gconstpointer  data)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  call (f, "HSET q:job:3 type old data kept");
  ids = cb_test_create (f->engine, "sms", "{}", 250, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 250);
  g_assert_cmpstr (g_ptr_array_index (ids, 0), ==, "1");
  g_assert_cmpstr (g_ptr_array_index (ids, 2), ==, "4");
  g_assert_cmpstr (g_ptr_array_index (ids, 249), ==, "251");
  assert_get (f, "kept", "HGET", "q:job:3", "data");
  assert_int (f, 250, "ZCARD", "q:jobs:sms:inactive");
  assert_int (f, 250, "LLEN", "q:sms:jobs");
}

/* [04-process-complete]: with a result, and the times of a run */
static void
test_complete (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 1, NULL, 0);
  job = claim (f);
  g_assert_nonnull (job);
  g_assert_cmpstr (job->id, ==, "1");
  g_assert_cmpstr (job->worker, ==, WORKER);
  g_assert_cmpint (job->meaning, ==, CB_JOB_MEANING_ACTIVE);
  assert_int (f, 1, "EXISTS", "q:callboard:leases");
  assert_int (f, 0, "EXISTS", "q:sms:jobs", "q:jobs:inactive", "q:jobs:sms:inactive");

  cb_test_complete (f->engine, job, " { \"sid\" : \"SM/1\" , \"ok\":true } ", &error);
  g_assert_no_error (error);
  assert_events (f,
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"sms\",null]}\n"
                 "{\"id\":1,\"event\":\"complete\",\"args\":[\"complete\",{\"sid\":\"SM/1\",\"ok\":true},null]}\n");
  assert_snapshot (f,
                   "q:ids 1\n"
                   "q:job:1.attempts=1\n"
                   "q:job:1.created_at=<now>\n"
                   "q:job:1.data=" CODE "\n"
                   "q:job:1.duration=<duration>\n"
                   "q:job:1.max_attempts=1\n"
                   "q:job:1.priority=0\n"
                   "q:job:1.progress=100\n"
                   "q:job:1.promote_at=created_at+0\n"
                   "q:job:1.result={\"sid\":\"SM/1\",\"ok\":true}\n"
                   "q:job:1.started_at=<now>\n"
                   "q:job:1.state=complete\n"
                   "q:job:1.type=sms\n"
                   "q:job:1.updated_at=<now>\n"
                   "q:job:1.workerId=<worker>\n"
                   "q:job:types sms\n"
                   "q:jobs 01|1=0\n"
                   "q:jobs:complete 01|1=0\n"
                   "q:jobs:sms:complete 01|1=0\n"
                   "q:stats:work-time <duration>\n");
}

/* As many entries as lines (6.5), however many go in one call, and what an entry holds stays in it. */
static void
test_log (Fixture       *f,
          gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autofree char *id = create (f, spec_new ("sms", "{}"));
  g_autoptr (GString) lines = g_string_new ("first");
  g_autoptr (GAsyncResult) one = NULL;
  g_autoptr (GAsyncResult) many = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *empty = NULL;
  g_autofree char *broken = NULL;
  g_autofree char *last = NULL;

  job = claim (f);
  cb_engine_log_async (f->engine, job, "a\nb", -1, NULL, cb_test_store_result, &one);
  g_assert_true (cb_engine_log_finish (f->engine, cb_test_wait_result (&one), &error));
  for (guint i = 0; i < 9000; i++)
    {
      g_string_append_c (lines, '\0');
      if (i > 0)
        g_string_append_printf (lines, "line %u", i);
    }
  cb_engine_log_async (f->engine, job, lines->str, (gssize) lines->len, NULL, cb_test_store_result, &many);
  g_assert_true (cb_engine_log_finish (f->engine, cb_test_wait_result (&many), &error));
  g_assert_no_error (error);
  assert_int (f, 9002, "LLEN", "q:job:1:log");
  broken = cb_test_redis_get_string (f->redis, "LINDEX", "q:job:1:log", "0", NULL);
  g_assert_cmpstr (broken, ==, "a\nb");
  empty = cb_test_redis_get_string (f->redis, "LINDEX", "q:job:1:log", "2", NULL);
  g_assert_cmpstr (empty, ==, "");
  last = cb_test_redis_get_string (f->redis, "LINDEX", "q:job:1:log", "-1", NULL);
  g_assert_cmpstr (last, ==, "line 8999");
}

/* [05-process-remove-on-complete]: complete, then remove, and nothing left */
static void
test_remove_on_complete (Fixture       *f,
                         gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("sms", "{}");
  g_autoptr (CbJobRecord) job = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  spec->remove_on_complete = TRUE;
  id = create (f, spec);
  job = claim (f);
  cb_engine_log_async (f->engine, job, "a line", -1, NULL, cb_test_store_result, &result);
  g_assert_true (cb_engine_log_finish (f->engine, cb_test_wait_result (&result), &error));
  assert_int (f, 1, "LLEN", "q:job:1:log");
  cb_test_complete (f->engine, job, "0", &error);
  g_assert_no_error (error);

  assert_events (f,
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"sms\",null]}\n"
                 "{\"id\":1,\"event\":\"complete\",\"args\":[\"complete\",0,null]}\n"
                 "{\"id\":1,\"event\":\"remove\",\"args\":[\"remove\",\"sms\"]}\n");
  assert_snapshot (f, "q:ids 1\nq:job:types sms\nq:stats:work-time <duration>\n");
}

/* [04-process-ttl-complete]: deadlines move with progress; progress with and without data */
static void
test_progress (Fixture       *f,
               gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("sms", "{}");
  g_autoptr (CbJobRecord) job = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GBytes) step = g_bytes_new_static ("{ \"step\": \"\xc3\xa9\" }", 16);
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  spec->ttl_msec = 30000;
  spec->priority = 10;
  id = create (f, spec);
  job = claim (f);
  call (f, "ZADD q:jobs:active 200000 01|1");
  events = cb_test_listener_take (f->listener);

  cb_engine_progress_async (f->engine, job, 25, NULL, NULL, cb_test_store_result, &first);
  cb_engine_progress_finish (f->engine, cb_test_wait_result (&first), &error);
  g_assert_no_error (error);
  cb_engine_progress_async (f->engine, job, 50, step, NULL, cb_test_store_result, &second);
  cb_engine_progress_finish (f->engine, cb_test_wait_result (&second), &error);
  g_assert_no_error (error);

  assert_events (f,
                 "{\"id\":1,\"event\":\"progress\",\"args\":[\"progress\",25,null]}\n"
                 "{\"id\":1,\"event\":\"progress\",\"args\":[\"progress\",50,{\"step\":\"\xc3\xa9\"}]}\n");
  assert_get (f, "50", "HGET", "q:job:1", "progress");
  assert_get (f, "{\"step\":\"\xc3\xa9\"}", "HGET", "q:job:1", "progress_data");
  {
    g_autofree char *snapshot = cb_test_kue_snapshot (f->redis);

    g_assert_nonnull (strstr (snapshot, "q:jobs:active 01|1=<now>+ttl\n"));
    g_assert_nonnull (strstr (snapshot, "q:jobs:sms:active 01|1=10\n"));
  }
}

/* Without a ttl the score is never positive: -|priority|. */
static void
test_active_score (Fixture       *f,
                   gconstpointer  data)
{
  static const struct { double priority; const char *score; } cases[] = {
    { 10, "-10" }, { -15, "-15" }, { 0, "0" }, { -2.5, "-2.5" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CbJobSpec *spec = spec_new ("sms", "{}");
      g_autofree char *id = NULL;
      g_autofree char *member = NULL;
      g_autoptr (CbJobRecord) job = NULL;

      spec->priority = cases[i].priority;
      id = create (f, spec);
      job = claim (f);
      member = g_strdup_printf ("01|%s", id);
      assert_get (f, cases[i].score, "ZSCORE", "q:jobs:active", member);
    }
}

/* [06-fail-final]: an Error with its stack */
static void
test_fail_final (Fixture       *f,
                 gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  gboolean will_retry = TRUE;

  create_sms (f, 1, NULL, 0);
  job = claim (f);
  cb_test_fail (f->engine, job, "gateway refused", STACK, &will_retry, &error);
  g_assert_no_error (error);
  g_assert_false (will_retry);

  assert_events (f,
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"sms\",null]}\n"
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"" STACK_ESCAPED "\"]}\n"
                 "{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"gateway refused\",null]}\n");
  assert_snapshot (f,
                   "q:ids 1\n"
                   "q:job:1.attempts=1\n"
                   "q:job:1.created_at=<now>\n"
                   "q:job:1.data=" CODE "\n"
                   "q:job:1.error=" STACK_ESCAPED "\n"
                   "q:job:1.failed_at=<now>\n"
                   "q:job:1.max_attempts=1\n"
                   "q:job:1.priority=0\n"
                   "q:job:1.promote_at=created_at+0\n"
                   "q:job:1.started_at=<now>\n"
                   "q:job:1.state=failed\n"
                   "q:job:1.type=sms\n"
                   "q:job:1.updated_at=<now>\n"
                   "q:job:1.workerId=<worker>\n"
                   "q:job:1:log Error: gateway refused\n"
                   "q:job:types sms\n"
                   "q:jobs 01|1=0\n"
                   "q:jobs:failed 01|1=0\n"
                   "q:jobs:sms:failed 01|1=0\n");
}

/* [06-fail-retry-at-once] */
static void
test_fail_retry (Fixture       *f,
                 gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  gboolean will_retry = FALSE;

  create_sms (f, 2, NULL, 0);
  job = claim (f);
  cb_test_fail (f->engine, job, "say \"no\"\t/ \x01", NULL, &will_retry, &error);
  g_assert_no_error (error);
  g_assert_true (will_retry);

  assert_events (f,
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"sms\",null]}\n"
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"say \\\"no\\\"\\t/ \\u0001\"]}\n"
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"failed attempt\",\"args\":[\"failed attempt\",\"say \\\"no\\\"\\t/ \\u0001\",1]}\n");
  assert_get (f, "inactive", "HGET", "q:job:1", "state");
  assert_get (f, "1", "HGET", "q:job:1", "attempts");
  assert_int (f, 1, "LLEN", "q:sms:jobs");
  assert_get (f, "0", "ZSCORE", "q:jobs:inactive", "01|1");
  assert_get (f, "0", "ZSCORE", "q:jobs:sms:inactive", "01|1");
  assert_int (f, 0, "EXISTS", "q:jobs:failed", "q:jobs:sms:failed", "q:jobs:active", "q:callboard:leases");
}

/* [07-backoff-fixed]: the whole state while it waits */
static void
test_fail_backoff (Fixture       *f,
                   gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 3, "{\"delay\":400,\"type\":\"fixed\"}", 0);
  job = claim (f);
  cb_test_fail (f->engine, job, "gateway refused", STACK, NULL, &error);
  g_assert_no_error (error);

  assert_events (f,
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"start\",\"args\":[\"start\",\"sms\",null]}\n"
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"" STACK_ESCAPED "\"]}\n"
                 "{\"id\":1,\"event\":\"failed attempt\",\"args\":[\"failed attempt\",\"gateway refused\",1]}\n");
  assert_snapshot (f,
                   "q:ids 1\n"
                   "q:job:1.attempts=1\n"
                   "q:job:1.backoff={\"delay\":400,\"type\":\"fixed\"}\n"
                   "q:job:1.created_at=<now>\n"
                   "q:job:1.data=" CODE "\n"
                   "q:job:1.delay=400\n"
                   "q:job:1.error=" STACK_ESCAPED "\n"
                   "q:job:1.failed_at=<now>\n"
                   "q:job:1.max_attempts=3\n"
                   "q:job:1.priority=0\n"
                   "q:job:1.promote_at=failed_at+400\n"
                   "q:job:1.started_at=<now>\n"
                   "q:job:1.state=delayed\n"
                   "q:job:1.type=sms\n"
                   "q:job:1.updated_at=<now>\n"
                   "q:job:1.workerId=<worker>\n"
                   "q:job:1:log Error: gateway refused\n"
                   "q:job:types sms\n"
                   "q:jobs 01|1=0\n"
                   "q:jobs:delayed 01|1=promote_at\n"
                   "q:jobs:sms:delayed 01|1=0\n");
}

/* [07-*]: the delays of one retry after the other; Kue's own where it has them, bounded and never negative elsewhere. */
static void
test_backoffs (Fixture       *f,
               gconstpointer  data)
{
  static const struct
  {
    const char *backoff;
    const char *delay;
    const char *delays[4];
  } cases[] = {
    { "{\"type\":\"fixed\",\"delay\":400}", NULL, { "400", "400", "400" } },
    { "{\"type\":\"fixed\"}", "250", { "250", "250" } },
    { "{\"type\":\"exponential\",\"delay\":400}", NULL, { "200", "600", "1400", "3000" } },
    { "{\"type\":\"exponential\"}", "400", { "200", "300", "1050" } },
    { "{\"type\":\"exponential\",\"delay\":1000,\"maxDelay\":1500}", NULL, { "500", "1000", "1000" } },
    { "true", "1000", { "1000", "1000" } },
    { "function(a,d){require('fs').writeFileSync('pwned','1');return 0}", "700", { "700", "700" } },
    { "{\"type\":\"unknown\",\"delay\":5}", "700", { "700" } },
    { "{\"type\":\"fixed\",\"delay\":-5000}", "300", { "300" } },
    { "{\"type\":\"fixed\",\"delay\":1e300}", NULL, { "3155760000000" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].backoff);
      call (f, "FLUSHALL");
      create_sms (f, 9, NULL, 0);
      cb_test_redis_get_integer (f->redis, "HSET", "q:job:1", "backoff", cases[i].backoff, NULL);
      if (cases[i].delay != NULL)
        cb_test_redis_get_integer (f->redis, "HSET", "q:job:1", "delay", cases[i].delay, NULL);

      for (guint n = 0; n < G_N_ELEMENTS (cases[i].delays) && cases[i].delays[n] != NULL; n++)
        {
          g_autoptr (CbJobRecord) job = claim (f);
          g_autoptr (GError) error = NULL;
          gboolean will_retry = FALSE;

          g_assert_nonnull (job);
          cb_test_fail (f->engine, job, "no", NULL, &will_retry, &error);
          g_assert_no_error (error);
          g_assert_true (will_retry);
          assert_get (f, "delayed", "HGET", "q:job:1", "state");
          assert_get (f, cases[i].delays[n], "HGET", "q:job:1", "delay");
          {
            g_autofree char *snapshot = cb_test_kue_snapshot (f->redis);
            g_autofree char *expected = g_strdup_printf ("q:job:1.promote_at=failed_at+%s\n", cases[i].delays[n]);

            g_assert_nonnull (strstr (snapshot, expected));
            g_assert_nonnull (strstr (snapshot, "q:jobs:delayed 01|1=promote_at\n"));
          }
          cb_test_act (f->engine, CB_JOB_ACTION_PROMOTE, 0, "1", &error);
          g_assert_no_error (error);
        }
    }
}

/* 2,000 attempts made: 2^2000 is a stated maximum, not Infinity. No delay anywhere: due at once, at the next tick. */
static void
test_backoff_extremes (Fixture       *f,
                       gconstpointer  data)
{
  g_autoptr (CbJobRecord) first = NULL;
  g_autoptr (CbJobRecord) second = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 100000, "{\"type\":\"exponential\",\"delay\":1000}", 0);
  call (f, "HSET q:job:1 attempts 2000");
  first = claim (f);
  cb_test_fail (f->engine, first, "no", NULL, NULL, &error);
  g_assert_no_error (error);
  assert_get (f, "31536000000", "HGET", "q:job:1", "delay");
  assert_get (f, "2001", "HGET", "q:job:1", "attempts");

  /* [07-backoff-true-no-delay] */
  create_sms (f, 2, "true", 0);
  second = claim (f);
  cb_test_fail (f->engine, second, "no", NULL, NULL, &error);
  g_assert_no_error (error);
  assert_get (f, "delayed", "HGET", "q:job:2", "state");
  assert_get (f, NULL, "HGET", "q:job:2", "delay");
  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 1);
  g_assert_no_error (error);
  assert_get (f, "inactive", "HGET", "q:job:2", "state");
}

/* [08-promotion], under Kue's lock */
static void
test_promotion (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  create_sms (f, 1, NULL, 5000);
  create_sms (f, 1, NULL, 3600000);
  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 0);
  g_assert_no_error (error);
  assert_events (f, "");

  call (f, "ZADD q:jobs:delayed 1000 01|1");
  call (f, "HSET q:job:1 promote_at 1000");

  /* Somebody else is at it. */
  call (f, "SET promotion:lock theirs PX 60000");
  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 0);
  assert_get (f, "delayed", "HGET", "q:job:1", "state");
  assert_get (f, "theirs", "GET", "promotion:lock");
  call (f, "DEL promotion:lock");

  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 1);
  g_assert_no_error (error);
  assert_events (f,
                 "{\"id\":1,\"event\":\"promotion\",\"args\":[\"promotion\"]}\n"
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n");
  assert_get (f, "inactive", "HGET", "q:job:1", "state");
  assert_get (f, "0", "ZSCORE", "q:jobs:inactive", "01|1");
  assert_get (f, NULL, "ZSCORE", "q:jobs:delayed", "01|1");
  assert_get (f, NULL, "ZSCORE", "q:jobs:sms:delayed", "01|1");
  assert_int (f, 1, "LLEN", "q:sms:jobs");
  assert_get (f, "delayed", "HGET", "q:job:2", "state");
  assert_int (f, 0, "EXISTS", "promotion:lock");
}

/* A tick with nothing to do writes nothing. */
static void
test_idle_tick (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  create_sms (f, 1, NULL, 5000);
  before = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  call (f, "CONFIG RESETSTAT");
  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 0);
  g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 0);
  g_assert_no_error (error);
  after = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  g_assert_nonnull (strstr (after, "cmdstat_zrangebyscore:calls=3,"));
  g_assert_null (strstr (after, "cmdstat_set:"));
  g_assert_null (strstr (after, "cmdstat_eval"));
}

/* Entries that would come up in every scan for ever: an id without a job, and of a job that is elsewhere. */
static void
test_promotion_of_damaged (Fixture       *f,
                           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  create_sms (f, 1, NULL, 0);
  call (f, "ZADD q:jobs:delayed 1000 01|1 1000 01|9 1000 nonsense");
  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 0);
  g_assert_no_error (error);
  assert_int (f, 1, "ZCARD", "q:jobs:delayed");
  assert_int (f, 0, "EXISTS", "q:job:9");
  assert_get (f, "inactive", "HGET", "q:job:1", "state");
  assert_int (f, 1, "LLEN", "q:sms:jobs");
}

/* [09-ttl-worker-gone], but with the event that Kue forgets (H12) */
static void
test_ttl (Fixture       *f,
          gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("sms", "{}");
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *events = NULL;

  spec->ttl_msec = 200;
  id = create (f, spec);
  job = claim (f);
  events = cb_test_listener_take (f->listener);
  call (f, "ZADD q:jobs:active 1000000 01|1");

  g_assert_cmpint (cb_test_tick (f->engine, &error), ==, 1);
  g_assert_no_error (error);
  assert_events (f,
                 "{\"id\":1,\"event\":\"ttl exceeded\",\"args\":[\"ttl exceeded\"]}\n"
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"TTL exceeded\"]}\n"
                 "{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"TTL exceeded\",null]}\n");
  assert_get (f, "failed", "HGET", "q:job:1", "state");
  assert_get (f, "TTL exceeded", "LINDEX", "q:job:1:log", "0");
  assert_int (f, 0, "EXISTS", "q:jobs:active", "q:callboard:leases", "activeJobsTTL:lock");

  /* The worker that comes back late has nothing to say any more. */
  g_assert_false (cb_test_complete (f->engine, job, NULL, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  assert_get (f, "failed", "HGET", "q:job:1", "state");
}

static void
count_expired_cb (CbEngine   *engine,
                  CbJobEvent *event,
                  guint      *n)
{
  if (strcmp (event->name, "ttl exceeded") == 0)
    (*n)++;
}

/* [09-ttl-worker-alive]: the one who holds the job answers; the scanner then leaves it alone, although it may run again. */
static void
test_ttl_answered (Fixture       *f,
                   gconstpointer  data)
{
  CbJobSpec *spec = spec_new ("sms", "{}");
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GAsyncResult) tick = NULL;
  g_autoptr (GAsyncResult) expired = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  g_autofree char *events = NULL;
  gboolean will_retry = FALSE;
  guint n = 0;

  spec->ttl_msec = 200;
  spec->attempts = 2;
  id = create (f, spec);
  job = claim (f);
  events = cb_test_listener_take (f->listener);
  call (f, "ZADD q:jobs:active 1000000 01|1");

  g_signal_connect (f->engine, "event", G_CALLBACK (count_expired_cb), &n);
  cb_engine_watch (f->engine);
  cb_test_wait_until (cb_engine_get_live (f->engine));
  cb_engine_tick_async (f->engine, NULL, cb_test_store_result, &tick);
  cb_test_wait_until (n == 1);
  cb_engine_expire_async (f->engine, job, NULL, cb_test_store_result, &expired);
  g_assert_true (cb_engine_expire_finish (f->engine, cb_test_wait_result (&expired), &will_retry, &error));
  g_assert_true (will_retry);
  g_assert_cmpint (cb_engine_tick_finish (f->engine, cb_test_wait_result (&tick), &error), ==, 0);
  g_assert_no_error (error);

  assert_events (f,
                 "{\"id\":1,\"event\":\"ttl exceeded\",\"args\":[\"ttl exceeded\"]}\n"
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"TTL exceeded\"]}\n"
                 "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n"
                 "{\"id\":1,\"event\":\"failed attempt\",\"args\":[\"failed attempt\",\"TTL exceeded\",1]}\n"
                 "{\"id\":1,\"event\":\"ttl exceeded ack\",\"args\":[\"ttl exceeded ack\"]}\n");
  assert_get (f, "1", "HGET", "q:job:1", "attempts");
  assert_int (f, 1, "LLEN", "q:sms:jobs");
  cb_engine_unwatch (f->engine);
  g_signal_handlers_disconnect_by_data (f->engine, &n);
}

/* [15-requeue-failed]: attempts, error and failed_at stay */
static void
test_retry (Fixture       *f,
            gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  create_sms (f, 1, NULL, 0);
  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
  g_clear_error (&error);

  job = claim (f);
  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, WORKER));
  g_clear_error (&error);

  cb_test_fail (f->engine, job, "no", NULL, NULL, &error);
  events = cb_test_listener_take (f->listener);
  cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error);
  g_assert_no_error (error);
  assert_events (f, "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n");
  assert_snapshot (f,
                   "q:ids 1\n"
                   "q:job:1.attempts=1\n"
                   "q:job:1.created_at=<now>\n"
                   "q:job:1.data=" CODE "\n"
                   "q:job:1.error=no\n"
                   "q:job:1.failed_at=<now>\n"
                   "q:job:1.max_attempts=1\n"
                   "q:job:1.priority=0\n"
                   "q:job:1.promote_at=created_at+0\n"
                   "q:job:1.started_at=<now>\n"
                   "q:job:1.state=inactive\n"
                   "q:job:1.type=sms\n"
                   "q:job:1.updated_at=<now>\n"
                   "q:job:1.workerId=<worker>\n"
                   "q:job:1:log no\n"
                   "q:job:types sms\n"
                   "q:jobs 01|1=0\n"
                   "q:jobs:inactive 01|1=0\n"
                   "q:jobs:sms:inactive 01|1=0\n"
                   "q:sms:jobs 1\n");

  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "99", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  g_clear_error (&error);
  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1 x", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
}

/* A Kue worker leaves no lease: a person may put its job back. And a lost job (H1), inactive in one set only, is repaired. */
static void
test_retry_stuck (Fixture       *f,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  create_sms (f, 1, NULL, 0);
  call (f, "ZREM q:jobs:sms:inactive 01|1");
  call (f, "DEL q:sms:jobs");
  cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error);
  g_assert_no_error (error);
  assert_get (f, "0", "ZSCORE", "q:jobs:sms:inactive", "01|1");
  assert_int (f, 1, "LLEN", "q:sms:jobs");

  call (f, "HSET q:job:1 state active workerId kue:host:1:sms:1 started_at 1700000000000");
  call (f, "ZADD q:jobs:active 0 01|1");
  call (f, "ZADD q:jobs:sms:active 0 01|1");
  cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error);
  g_assert_no_error (error);
  assert_int (f, 0, "EXISTS", "q:jobs:active", "q:jobs:sms:active");
}

/* [11-remove], and what Kue leaves behind: other spellings, other states */
static void
test_remove (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  create_sms (f, 1, NULL, 0);
  call (f, "RPUSH q:job:1:log line");
  call (f, "ZADD q:jobs:failed 0 01|1");
  call (f, "ZADD q:jobs:sms:active 0 1");
  call (f, "ZADD q:jobs 0 001|1 0 03|1");
  events = cb_test_listener_take (f->listener);
  cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error);
  g_assert_no_error (error);
  assert_events (f, "{\"id\":1,\"event\":\"remove\",\"args\":[\"remove\",\"sms\"]}\n");
  assert_snapshot (f, "q:ids 1\nq:job:types sms\n");     /* its token, which Kue leaves, is gone with it */

  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  g_clear_error (&error);

  /* An id without a job is taken out of the sets of all types, and nothing is told. */
  call (f, "ZADD q:jobs:sms:failed 0 01|5");
  call (f, "ZADD q:jobs:failed 0 01|5");
  cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "5", &error);
  g_assert_no_error (error);
  assert_events (f, "");
  assert_snapshot (f, "q:ids 1\nq:job:types sms\n");
}

/* [13-update]: all three sets; time scores stay; no second token */
static void
test_priority (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;
  g_autofree char *due = NULL;

  create_sms (f, 1, NULL, 0);
  create_sms (f, 1, NULL, 60000);
  events = cb_test_listener_take (f->listener);
  due = cb_test_redis_get_string (f->redis, "ZSCORE", "q:jobs:delayed", "01|2", NULL);

  cb_test_act (f->engine, CB_JOB_ACTION_PRIORITY, -2.5, "1", &error);
  cb_test_act (f->engine, CB_JOB_ACTION_PRIORITY, -10, "2", &error);
  g_assert_no_error (error);
  assert_events (f, "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n");
  assert_get (f, "-2.5", "HGET", "q:job:1", "priority");
  assert_get (f, "-2.5", "ZSCORE", "q:jobs", "01|1");
  assert_get (f, "-2.5", "ZSCORE", "q:jobs:inactive", "01|1");
  assert_get (f, "-2.5", "ZSCORE", "q:jobs:sms:inactive", "01|1");
  assert_get (f, "-10", "ZSCORE", "q:jobs", "01|2");
  assert_get (f, due, "ZSCORE", "q:jobs:delayed", "01|2");
  assert_get (f, "-10", "ZSCORE", "q:jobs:sms:delayed", "01|2");
  assert_int (f, 1, "LLEN", "q:sms:jobs");

  /* Taken by a worker of Kue a moment ago (6.3): it must not come back to where others take from. */
  call (f, "ZREM q:jobs:sms:inactive 01|1");
  cb_test_act (f->engine, CB_JOB_ACTION_PRIORITY, -3, "1", &error);
  g_assert_no_error (error);
  assert_get (f, "-3", "HGET", "q:job:1", "priority");
  assert_int (f, 0, "ZCARD", "q:jobs:sms:inactive");
}

static void
set_state (Fixture    *f,
           const char *state)
{
  static const char * const ids[] = { "1", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  g_autoptr (GError) error = NULL;

  cb_engine_set_state_async (f->engine, state, ids, NULL, cb_test_store_result, &result);
  outcomes = cb_engine_set_state_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_no_error (((CbJobOutcome *) g_ptr_array_index (outcomes, 0))->error);
}

/* By hand into every state, also one that Kue does not know, as its HTTP API allows. */
static void
test_set_state (Fixture       *f,
                gconstpointer  data)
{
  static const char * const states[] = { "complete", "active", "delayed", "nonsense", "failed", "inactive", "inactive" };

  create_sms (f, 1, NULL, 0);
  call (f, "DEL q:sms:jobs");
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *snapshot = NULL;
      g_autofree char *expected = g_strdup_printf ("q:jobs 01|1=0\n"
                                                   "q:jobs:%s 01|1=%s\n"
                                                   "q:jobs:sms:%s 01|1=0\n", states[i],
                                                   strcmp (states[i], "delayed") == 0 ? "promote_at" : "0", states[i]);

      set_state (f, states[i]);
      assert_get (f, states[i], "HGET", "q:job:1", "state");
      snapshot = cb_test_kue_snapshot (f->redis);
      g_assert_nonnull (strstr (snapshot, expected));
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "q:sms:jobs", NULL), ==, i >= 5);
    }
}

/* Priority first, then first in, first out, across the steps in the number of digits. */
static void
test_claim_order (Fixture       *f,
                  gconstpointer  data)
{
  static const char * const expected[] = { "100", "8", "9", "10", "11", "99" };
  g_autoptr (GString) order = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      static const char * const before[] = { "7", "8", "9", "10", "98", "99" };
      CbJobSpec *spec = spec_new ("sms", "{}");
      g_autofree char *id = NULL;

      g_autofree char *last = cb_test_redis_get_string (f->redis, "GETSET", "q:ids", before[i], NULL);

      spec->priority = i == 5 ? -10 : 0;
      id = create (f, spec);
    }
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (CbJobRecord) job = claim (f);

      g_assert_cmpstr (job->id, ==, expected[i]);
    }
  g_assert_null (claim (f));
}

/* What a worker says about a job that it does not have any more changes nothing. */
static void
test_not_owner (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (CbJobRecord) first = NULL;
  g_autoptr (CbJobRecord) second = NULL;
  g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
  g_autoptr (GPtrArray) lost = NULL;
  g_autoptr (GAsyncResult) progress = NULL;
  g_autoptr (GAsyncResult) log = NULL;
  g_autoptr (GAsyncResult) release = NULL;
  g_autoptr (GAsyncResult) extend = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *events = NULL;

  create_sms (f, 3, NULL, 0);
  first = claim (f);
  call (f, "ZADD q:callboard:leases 1 '1 " WORKER " 0'");
  cb_engine_release_async (f->engine, first, NULL, cb_test_store_result, &release);
  g_assert_true (cb_engine_release_finish (f->engine, cb_test_wait_result (&release), &error));
  assert_int (f, 1, "LLEN", "q:sms:jobs");
  second = cb_test_claim (f->engine, "sms", "callboard:host:2:sms:1", 10000, &error);
  g_assert_nonnull (second);

  before = cb_test_kue_snapshot (f->redis);
  events = cb_test_listener_take (f->listener);
  g_assert_false (cb_test_complete (f->engine, first, "\"late\"", &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  g_clear_error (&error);
  g_assert_false (cb_test_fail (f->engine, first, "late", NULL, NULL, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  g_clear_error (&error);
  cb_engine_progress_async (f->engine, first, 50, NULL, NULL, cb_test_store_result, &progress);
  g_assert_false (cb_engine_progress_finish (f->engine, cb_test_wait_result (&progress), &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  g_clear_error (&error);
  cb_engine_log_async (f->engine, first, "late", -1, NULL, cb_test_store_result, &log);
  g_assert_false (cb_engine_log_finish (f->engine, cb_test_wait_result (&log), &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
  g_clear_error (&error);

  g_ptr_array_add (jobs, first);
  g_ptr_array_add (jobs, second);
  cb_engine_extend_async (f->engine, jobs, 10000, NULL, cb_test_store_result, &extend);
  lost = cb_engine_extend_finish (f->engine, cb_test_wait_result (&extend), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (lost->len, ==, 1);

  after = cb_test_kue_snapshot (f->redis);
  assert_events (f, "");
  /* but for the lease that was over anyway and the new end of the other */
  g_assert_cmpuint (strlen (after), >, 0);
  g_assert_true (g_str_has_prefix (after, "q:callboard:leases "));
  g_assert_cmpstr (strchr (after, '\n'), ==, strchr (before, '\n'));
}

/* [18-zombie]: a job removed while it runs is not born again. */
static void
test_zombie (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GAsyncResult) progress = NULL;
  g_autoptr (GAsyncResult) log = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 3, NULL, 0);
  job = claim (f);
  cb_test_act (f->engine, CB_JOB_ACTION_REMOVE, 0, "1", &error);
  g_assert_no_error (error);

  cb_engine_progress_async (f->engine, job, 50, NULL, NULL, cb_test_store_result, &progress);
  g_assert_false (cb_engine_progress_finish (f->engine, cb_test_wait_result (&progress), &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  g_clear_error (&error);
  cb_engine_log_async (f->engine, job, "late", -1, NULL, cb_test_store_result, &log);
  g_assert_false (cb_engine_log_finish (f->engine, cb_test_wait_result (&log), &error));
  g_clear_error (&error);
  g_assert_false (cb_test_complete (f->engine, job, NULL, &error));
  g_clear_error (&error);
  g_assert_false (cb_test_fail (f->engine, job, "late", NULL, NULL, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE);
  assert_snapshot (f, "q:ids 1\nq:job:types sms\n");
}

/* The jobs of a dead worker: back in the queue; and bounded, when they are what kills it. */
static void
test_recover (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  create_sms (f, 1, NULL, 0);
  for (guint n = 1; n <= 5; n++)
    {
      g_autoptr (CbJobRecord) job = cb_test_claim (f->engine, "sms", "callboard:a host:1:sms:1", 10000, &error);
      g_autofree char *member = NULL;
      g_autofree char *deaths = g_strdup_printf ("%u", n);

      g_assert_nonnull (job);
      /* It lives. */
      g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 0);
      assert_get (f, "active", "HGET", "q:job:1", "state");
      events = (g_free (events), cb_test_listener_take (f->listener));

      member = g_strdup_printf ("1 callboard:a host:1:sms:1 %" G_GINT64_FORMAT, job->started_at / 1000);
      assert_int (f, 0, "ZADD", "q:callboard:leases", "1000", member);
      g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 1);
      g_assert_no_error (error);
      assert_int (f, 0, "EXISTS", "q:callboard:leases");
      assert_get (f, deaths, "HGET", "q:job:1", "callboard_deaths");
      assert_get (f, n < 5 ? "inactive" : "failed", "HGET", "q:job:1", "state");
      if (n < 5)
        {
          assert_events (f, "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"sms\"]}\n");
          assert_get (f, NULL, "HGET", "q:job:1", "attempts");
          assert_int (f, 1, "LLEN", "q:sms:jobs");
        }
      g_assert_false (cb_test_complete (f->engine, job, NULL, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER);
      g_clear_error (&error);
    }
  assert_get (f, "The worker died while running this job, 5 times", "HGET", "q:job:1", "error");
  assert_events (f,
                 "{\"id\":1,\"event\":\"error\",\"args\":[\"error\",\"The worker died while running this job, 5 times\"]}\n"
                 "{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"The worker died while running this job, 5 times\",null]}\n");

  /* A retry by hand forgets the deaths. */
  cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "1", &error);
  g_assert_no_error (error);
  assert_get (f, NULL, "HGET", "q:job:1", "callboard_deaths");
}

/* A lease that is over for a job that is not under that claim any more is just dropped. */
static void
test_recover_stale (Fixture       *f,
                    gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *events = NULL;

  create_sms (f, 1, NULL, 0);
  job = claim (f);
  cb_test_complete (f->engine, job, NULL, &error);
  call (f, "ZADD q:callboard:leases 1 '1 " WORKER " 5' 2 '77 x 5' 3 nonsense");
  events = cb_test_listener_take (f->listener);
  g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 0);
  g_assert_no_error (error);
  assert_int (f, 0, "EXISTS", "q:callboard:leases");
  assert_get (f, "complete", "HGET", "q:job:1", "state");
  assert_events (f, "");
}

/* Ids in three spellings, wrong lengths, no numbers: each job once, in order, and no spinning on the rest. */
static void
test_odd_members (Fixture       *f,
                  gconstpointer  data)
{
  static const char * const ids[] = { "5", "9", "10", "17", "99", "100" };
  g_autoptr (GPtrArray) got = g_ptr_array_new_null_terminated (0, g_free, TRUE);
  g_autofree char *order = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *line = g_strdup_printf ("HSET q:job:%s type sms state inactive priority 0 max_attempts 1 data {}", ids[i]);

      call (f, line);
    }
  for (guint i = 0; i < 3; i++)
    {
      static const char * const keys[] = { "q:jobs", "q:jobs:inactive", "q:jobs:sms:inactive" };
      g_autofree char *line = g_strdup_printf ("ZADD %s 0 '01|9' 0 '02|10' 0 '02|99' 0 '03|100' 0 '02|17' 0 17 0 '002|17' 0 '02|5' "
                                               "0 '02|abc' 0 '|' 0 ''", keys[i]);

      call (f, line);
    }
  call (f, "LPUSH q:sms:jobs 1 1 1 1 1 1 1 1 1 1 1");

  for (;;)
    {
      g_autoptr (CbJobRecord) job = claim (f);

      if (job == NULL)
        break;
      g_ptr_array_add (got, g_strdup (job->id));
      cb_test_complete (f->engine, job, NULL, &error);
      g_assert_no_error (error);
    }
  order = g_strjoinv (" ", (GStrv) got->pdata);
  g_assert_cmpstr (order, ==, "17 9 10 5 99 100");
  assert_int (f, 3, "ZCARD", "q:jobs:inactive");
  assert_int (f, 3, "ZCARD", "q:jobs:sms:inactive");

  /* Every claim that finds nothing uses up a token, so nobody is woken for ever. */
  for (guint i = 0; i < 4; i++)
    g_assert_null (claim (f));
  assert_int (f, 0, "EXISTS", "q:sms:jobs");
}

/* Ids without a job, with a job that is elsewhere, or that is no hash: passed over, whatever their number. */
static void
test_phantoms (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  call (f, "EVAL \"for i = 1, 2500 do local z = string.format ('%02d|%d', #tostring (i + 1000), i + 1000) "
           "redis.call ('ZADD', 'q:jobs:sms:inactive', 0, z) redis.call ('ZADD', 'q:jobs:inactive', 0, z) end\" 0");
  call (f, "SET q:ids 9000");
  create_sms (f, 1, NULL, 0);
  call (f, "SET q:job:1001 'no hash'");
  call (f, "HSET q:job:1002 type sms state complete");
  call (f, "HSET q:job:1003 updated_at 5");
  call (f, "HSET q:job:1004 type other state inactive");

  job = claim (f);
  g_assert_nonnull (job);
  g_assert_cmpstr (job->id, ==, "9001");
  assert_int (f, 2, "ZCARD", "q:jobs:sms:inactive");
  assert_get (f, "complete", "HGET", "q:job:1002", "state");
  assert_get (f, "5", "HGET", "q:job:1003", "updated_at");
  g_assert_null (claim (f));
}

/* Data that are no JSON: failed at once, for good, with the reason; and not taken again. */
static void
test_poison (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 3, NULL, 0);
  create_sms (f, 1, NULL, 0);
  create_sms (f, 1, NULL, 0);
  call (f, "HSET q:job:1 data '{\"title\":\"cut off\",\"to\":\"ada@exam'");
  call (f, "EVAL \"redis.call ('HSET', 'q:job:2', 'data', string.rep ('[', 200000))\" 0");

  job = claim (f);
  g_assert_nonnull (job);
  g_assert_cmpstr (job->id, ==, "3");
  g_assert_null (claim (f));
  first = cb_test_redis_get_string (f->redis, "HGET", "q:job:1", "error", NULL);
  second = cb_test_redis_get_string (f->redis, "HGET", "q:job:2", "error", NULL);
  g_assert_true (g_str_has_prefix (first, "The data of this job are not JSON. Line 1, column "));
  g_assert_true (g_str_has_prefix (second, "The data of this job are not JSON. Line 1, column "));
  assert_get (f, "failed", "HGET", "q:job:1", "state");
  assert_get (f, "1", "HGET", "q:job:1", "attempts");
  assert_get (f, "failed", "HGET", "q:job:2", "state");
  assert_int (f, 0, "EXISTS", "q:sms:jobs", "q:jobs:inactive", "q:jobs:sms:inactive");
  assert_int (f, 1, "ZCARD", "q:callboard:leases");
}

/* What Kue's worker runs is run here: without data where there are none of any length (job.js reads what is there), with U+FFFD for bytes
 * that are no UTF-8, as Node reads them. A NUL is none of these: JSON.parse refuses it. And falsy data are made {} (2.4). */
static void
test_odd_data (Fixture       *f,
               gconstpointer  data)
{
  static const char * const falsy[] = { "0", "null", "false", "\"\"", "-0.0" };
  g_autoptr (CbJobRecord) empty = NULL;
  g_autoptr (CbJobRecord) bytes = NULL;

  create_sms (f, 3, NULL, 0);
  create_sms (f, 3, NULL, 0);
  create_sms (f, 3, NULL, 0);
  call (f, "HSET q:job:1 data ''");
  call (f, "EVAL \"redis.call ('HSET', 'q:job:2', 'data', '[\\\"a\\255b\\\"]') redis.call ('HSET', 'q:job:3', 'data', '[\\\"a\\0b\\\"]')\" 0");
  empty = claim (f);
  g_assert_nonnull (empty);
  g_assert_cmpstr (empty->id, ==, "1");
  g_assert_null (empty->data);
  bytes = claim (f);
  g_assert_nonnull (bytes);
  g_assert_cmpstr (bytes->id, ==, "2");
  g_assert_cmpmem (g_bytes_get_data (bytes->data, NULL), g_bytes_get_size (bytes->data), "[\"a\357\277\275b\"]", 9);
  g_assert_null (claim (f));
  assert_get (f, "failed", "HGET", "q:job:3", "state");

  for (guint i = 0; i < G_N_ELEMENTS (falsy); i++)
    {
      g_autofree char *id = create (f, spec_new ("sms", falsy[i]));
      g_autofree char *key = g_strdup_printf ("q:job:%s", id);

      assert_get (f, "{}", "HGET", key, "data");
    }
}

/* Tokens and jobs out of step: none missing stops a claim, none too many stay. */
static void
test_tokens (Fixture       *f,
             gconstpointer  data)
{
  g_autoptr (CbJobRecord) first = NULL;
  g_autoptr (CbJobRecord) second = NULL;

  create_sms (f, 1, NULL, 0);
  create_sms (f, 1, NULL, 0);
  call (f, "DEL q:sms:jobs");
  first = claim (f);
  g_assert_nonnull (first);
  call (f, "EVAL \"for i = 1, 1000 do redis.call ('LPUSH', 'q:sms:jobs', '1') end\" 0");
  second = claim (f);
  g_assert_nonnull (second);
  assert_int (f, 0, "EXISTS", "q:sms:jobs");
}

/* A key of the wrong type that has to be written: nothing of the change is made, and the key is named. */
static void
test_wrong_types (Fixture       *f,
                  gconstpointer  data)
{
  static const char * const keys[] = { "q:jobs", "q:jobs:complete", "q:jobs:sms:complete" };
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  create_sms (f, 1, NULL, 0);
  job = claim (f);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *line = g_strdup_printf ("SET %s text", keys[i]);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autofree char *events = cb_test_listener_take (f->listener);

      if (i == 0)
        call (f, "RENAME q:jobs kept");
      call (f, line);
      before = cb_test_kue_snapshot (f->redis);
      g_assert_false (cb_test_complete (f->engine, job, "1", &error));
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
      g_assert_nonnull (strstr (error->message, keys[i]));
      g_clear_error (&error);
      after = cb_test_kue_snapshot (f->redis);
      g_assert_cmpstr (after, ==, before);
      assert_events (f, "");
      if (i == 0)
        call (f, "RENAME kept q:jobs");
      else
        cb_test_redis_get_integer (f->redis, "DEL", keys[i], NULL);
    }

  /* Keys that need not be written don't matter. */
  call (f, "RPUSH q:jobs:failed 'not a zset'");
  call (f, "SET q:jobs:sms:failed text");
  call (f, "HSET q:stats:work-time a 1");
  cb_test_complete (f->engine, job, NULL, &error);
  g_assert_no_error (error);
  assert_get (f, "complete", "HGET", "q:job:1", "state");

  call (f, "SADD q:mail:jobs 1");
  g_assert_null (cb_test_claim (f->engine, "mail", WORKER, 1000, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
  g_assert_nonnull (strstr (error->message, "q:mail:jobs"));
}

/* A server that takes no writes: nothing has happened. */
static void
test_refused (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  create_sms (f, 1, NULL, 0);
  create_sms (f, 1, NULL, 0);
  job = claim (f);
  before = cb_test_kue_snapshot (f->redis);

  call (f, "CONFIG SET maxmemory 1");
  g_assert_null (cb_test_claim (f->engine, "sms", WORKER, 10000, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_OOM);
  g_clear_error (&error);
  g_assert_false (cb_test_complete (f->engine, job, NULL, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_OOM);
  g_clear_error (&error);
  g_assert_false (cb_test_fail (f->engine, job, "no", NULL, NULL, &error));
  g_clear_error (&error);
  g_assert_false (cb_test_act (f->engine, CB_JOB_ACTION_RETRY, 0, "2", &error));
  g_clear_error (&error);
  call (f, "CONFIG SET maxmemory 0");
  after = cb_test_kue_snapshot (f->redis);
  g_assert_cmpstr (after, ==, before);
}

static void
assert_prefix (CbDiscovery *discovery,
               guint        index,
               const char  *prefix)
{
  const CbDiscoveredPrefix *item = g_ptr_array_index (discovery->prefixes, index);

  g_assert_cmpstr (item->type->name, ==, "kue");
  g_assert_cmpstr (item->prefix, ==, prefix);
}

/* The prefix may hold anything, and one is not the start of another. */
static void
test_prefixes (Fixture       *f,
               gconstpointer  data)
{
  g_autoptr (CbEngine) odd = cb_kue_engine_new (f->connection, "app[1]*");
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (CbDiscovery) discovery = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_eu = 0;

  create_sms (f, 1, NULL, 0);
  ids = cb_test_create (odd, "sms", "{}", 1, &error);
  g_assert_no_error (error);
  call (f, "SADD q:eu:job:types email");
  call (f, "SADD {q}:job:types email");
  call (f, "SET x:job:types text");
  call (f, "SET promotion:lock x");
  assert_int (f, 1, "ZCARD", "app[1]*:jobs:sms:inactive");

  cb_discovery_run_async (f->connection, CB_DISCOVER_KEYSPACE, NULL, cb_test_store_result, &result);
  discovery = cb_discovery_run_finish (f->connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (discovery->prefixes->len, ==, 4);
  assert_prefix (discovery, 0, "q");
  assert_prefix (discovery, 1, "{q}");
  /* In the order that the scan had them in. */
  for (guint i = 2; i < 4; i++)
    n_eu += strcmp (((const CbDiscoveredPrefix *) g_ptr_array_index (discovery->prefixes, i))->prefix, "q:eu") == 0;
  g_assert_cmpuint (n_eu, ==, 1);
  assert_prefix (discovery, strcmp (((const CbDiscoveredPrefix *) g_ptr_array_index (discovery->prefixes, 2))->prefix, "q:eu") == 0 ? 3 : 2,
                 "app[1]*");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define add(path, function) g_test_add ("/kue-engine/" path, Fixture, NULL, set_up, function, tear_down)
  add ("create", test_create);
  add ("create/options", test_create_options);
  add ("create/due-at", test_create_due_at);
  add ("create/many", test_create_many);
  add ("complete", test_complete);
  add ("log", test_log);
  add ("complete/remove", test_remove_on_complete);
  add ("progress", test_progress);
  add ("active-score", test_active_score);
  add ("fail/final", test_fail_final);
  add ("fail/retry", test_fail_retry);
  add ("fail/backoff", test_fail_backoff);
  add ("fail/backoffs", test_backoffs);
  add ("fail/backoff-extremes", test_backoff_extremes);
  add ("promotion", test_promotion);
  add ("promotion/idle", test_idle_tick);
  add ("promotion/damaged", test_promotion_of_damaged);
  add ("ttl", test_ttl);
  add ("ttl/answered", test_ttl_answered);
  add ("retry", test_retry);
  add ("retry/stuck", test_retry_stuck);
  add ("remove", test_remove);
  add ("priority", test_priority);
  add ("set-state", test_set_state);
  add ("claim/order", test_claim_order);
  add ("claim/odd-members", test_odd_members);
  add ("claim/phantoms", test_phantoms);
  add ("claim/poison", test_poison);
  add ("claim/odd-data", test_odd_data);
  add ("claim/tokens", test_tokens);
  add ("not-owner", test_not_owner);
  add ("zombie", test_zombie);
  add ("recover", test_recover);
  add ("recover/stale", test_recover_stale);
  add ("wrong-types", test_wrong_types);
  add ("refused", test_refused);
  add ("prefixes", test_prefixes);
#undef add

  return g_test_run ();
}
