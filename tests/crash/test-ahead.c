/* test-ahead.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Jobs that a worker claims ahead of its slots: that they are put back when they would wait, that nobody hears of what was not
 * begun, and that it is not held against them when the worker dies. */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cb-kue-engine.h"
#include "cb-test-child.h"
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
  CbTestListener *listener;
  GString *heard;              /* all events, a line each */
} Fixture;

static Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;

  fixture->redis = cb_test_redis_new (NULL, NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_test_open (fixture->connection, &error);
  g_assert_no_error (error);
  fixture->engine = cb_kue_engine_new (fixture->connection, "q");
  fixture->heard = g_string_new (NULL);

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_object_unref (fixture->engine);
  g_object_unref (fixture->connection);
  g_clear_pointer (&fixture->listener, cb_test_listener_free);
  g_string_free (fixture->heard, TRUE);
  cb_test_redis_free (fixture->redis);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
create (Fixture *fixture, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_test_create (fixture->engine, "email", "{}", n, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
}

/* Events from now on. */
static void
listen (Fixture *fixture)
{
  fixture->listener = cb_test_listener_new (fixture->redis, "q:events");
}

static const char *
hear (Fixture *fixture)
{
  g_autofree char *more = cb_test_listener_take (fixture->listener);

  g_string_append (fixture->heard, more);
  return fixture->heard->str;
}

static gint64
count (Fixture *fixture, const char *state)
{
  g_autofree char *key = g_strdup_printf ("q:jobs:email:%s", state);

  return cb_test_redis_get_integer (fixture->redis, "ZCARD", key, NULL);
}

static gint64
count_leases (Fixture *fixture)
{
  return cb_test_redis_get_integer (fixture->redis, "ZCARD", "q:callboard:leases", NULL);
}

static gint64
count_tokens (Fixture *fixture)
{
  return cb_test_redis_get_integer (fixture->redis, "LLEN", "q:email:jobs", NULL);
}

static char *
get_field (Fixture *fixture, guint id, const char *field)
{
  g_autofree char *key = g_strdup_printf ("q:job:%u", id);

  return cb_test_redis_get_string (fixture->redis, "HGET", key, field, NULL);
}

static gboolean
is_active (Fixture *fixture, guint id)
{
  g_autofree char *state = get_field (fixture, id, "state");

  return g_strcmp0 (state, "active") == 0;
}

/* Of each job the events are `start`, then `complete`; or `enqueue` when it was put back after its start had been told, and then the
 * same again. @n are complete. */
static void
assert_heard (Fixture *fixture, guint n_jobs, guint n)
{
  g_auto (GStrv) lines = g_strsplit (hear (fixture), "\n", -1);
  g_autofree guint *steps = g_new0 (guint, n_jobs + 1);
  guint n_complete = 0;

  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      guint id;

      g_assert_true (g_str_has_prefix (lines[i], "{\"id\":"));
      id = (guint) atoi (lines[i] + strlen ("{\"id\":"));
      g_assert_cmpuint (id, >=, 1);
      g_assert_cmpuint (id, <=, n_jobs);
      g_assert_cmpuint (steps[id], <, 2);
      if (steps[id] == 1 && strstr (lines[i], "\"event\":\"enqueue\"") != NULL)
        {
          steps[id] = 0;
          continue;
        }
      g_assert_nonnull (strstr (lines[i], steps[id] == 0 ? "\"event\":\"start\"" : "\"event\":\"complete\""));
      steps[id]++;
      n_complete += steps[id] == 2;
    }
  g_assert_cmpuint (n_complete, ==, n);
}

/* --- a worker in this process --- */

#define N_JOBS 300
#define SLOW 100

typedef struct
{
  CbTestHandler *handler;
  CbWorker *worker;
} Work;

static guint n_were_ahead;

static void
script (CbHandlerContext *context, gpointer user_data)
{
  CbTestHandler *handler = user_data;
  CbJobRecord *job = cb_handler_context_get_job (context);

  handler->msec = g_str_equal (job->id, G_STRINGIFY (SLOW)) ? -1 : 0;
  n_were_ahead += g_str_has_suffix (job->worker, ":ahead");
}

static Work
work (Fixture *fixture, guint concurrency)
{
  Work work = { cb_test_handler_new (0), NULL };

  work.worker = cb_worker_new (fixture->engine, "email", CB_HANDLER (work.handler), concurrency);
  cb_worker_start (work.worker);

  return work;
}

static void
stop (Work *work, guint grace_msec)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_worker_stop_async (work->worker, grace_msec, NULL, cb_test_store_result, &result);
  cb_worker_stop_finish (work->worker, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  g_assert_finalize_object (work->worker);
  g_object_unref (work->handler);
}

static guint64
get_n_complete (Work *work)
{
  guint64 n;

  g_object_get (work->worker, "n-complete", &n, NULL);
  return n;
}

static void
test_slow (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *deaths = NULL;
  Work w;

  n_were_ahead = 0;
  create (fixture, N_JOBS);
  listen (fixture);
  w = work (fixture, 1);
  w.handler->script = script;
  w.handler->script_data = w.handler;

  /* It does not end: what was held behind it waits for anybody, with its tokens. */
  cb_test_wait_until (w.handler->n_running == 1 && is_active (fixture, SLOW) && count (fixture, "active") == 1);
  g_assert_cmpint (count (fixture, "inactive") + count (fixture, "complete"), ==, N_JOBS - 1);
  g_assert_cmpint (count_tokens (fixture), ==, count (fixture, "inactive"));
  g_assert_cmpint (count_leases (fixture), ==, 1);
  cb_test_wait_until (strstr (hear (fixture), "{\"id\":" G_STRINGIFY (SLOW) ",\"event\":\"start\"") != NULL);
  for (guint id = 1; id <= N_JOBS; id++)
    {
      g_autofree char *began = get_field (fixture, id, "callboard_deaths");

      if (id != SLOW)
        g_assert_null (began);
    }

  cb_test_handler_answer (w.handler);
  cb_test_wait_until (count (fixture, "complete") == N_JOBS);
  cb_test_wait_until (get_n_complete (&w) == N_JOBS);
  g_assert_cmpuint (w.handler->max_running, ==, 1);
  deaths = get_field (fixture, SLOW, "callboard_deaths");
  g_assert_null (deaths);
  g_assert_cmpuint (n_were_ahead, >, 0);
  for (guint id = 1; id <= N_JOBS; id++)
    {
      g_autofree char *worker = get_field (fixture, id, "workerId");

      g_assert_false (g_str_has_suffix (worker, ":ahead"));
    }
  stop (&w, 0);
  g_assert_cmpint (count_leases (fixture), ==, 0);
  assert_heard (fixture, N_JOBS, N_JOBS);
}

static void
test_slots (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  Work w;

  create (fixture, 3 * N_JOBS);
  listen (fixture);
  w = work (fixture, 3);
  cb_test_wait_until (get_n_complete (&w) == 3 * N_JOBS);
  g_assert_cmpuint (w.handler->max_running, <=, 3);
  stop (&w, 0);
  assert_heard (fixture, 3 * N_JOBS, 3 * N_JOBS);
}

static void
test_stop (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();

  create (fixture, 10 * N_JOBS);
  listen (fixture);
  for (guint i = 0; i < 10; i++)
    {
      Work w = work (fixture, 2);
      guint64 n = 20 + 7 * i;

      cb_test_wait_until (get_n_complete (&w) >= n);
      stop (&w, i % 2 == 0 ? 0 : 10000);
      g_assert_cmpint (count (fixture, "active"), ==, 0);
      g_assert_cmpint (count (fixture, "inactive") + count (fixture, "complete"), ==, 10 * N_JOBS);
      g_assert_cmpint (count_tokens (fixture), ==, count (fixture, "inactive"));
      g_assert_cmpint (count_leases (fixture), ==, 0);
    }
  assert_heard (fixture, 10 * N_JOBS, (guint) count (fixture, "complete"));
}

/* A limit that comes while jobs are held. */
static void
test_rate (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  Work w;

  create (fixture, 10 * N_JOBS);
  w = work (fixture, 1);
  cb_test_wait_until (get_n_complete (&w) >= 50);
  g_object_set (w.worker, "rate-limit", 1, "rate-interval", 3600 * 1000, NULL);
  cb_test_wait_until (count (fixture, "active") == 0);
  g_assert_cmpint (count_leases (fixture), ==, 0);
  g_assert_cmpint (count_tokens (fixture), ==, count (fixture, "inactive"));
  stop (&w, 0);
}

/* The worker goes while it holds jobs. */
static void
test_gone (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  Work w;

  create (fixture, 10 * N_JOBS);
  w = work (fixture, 1);
  cb_test_wait_until (get_n_complete (&w) >= 50);
  g_assert_finalize_object (w.worker);
  g_object_unref (w.handler);
  cb_test_wait_until (count (fixture, "active") == 0);
  g_assert_cmpint (count (fixture, "inactive") + count (fixture, "complete"), ==, 10 * N_JOBS);
  g_assert_cmpint (count_leases (fixture), ==, 0);
}

/* --- the engine alone --- */

static GPtrArray *
ask (Fixture *fixture, guint n_slots, guint n_ahead, gboolean *more)
{
  GPtrArray *turns = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_turn_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_slots + n_ahead; i++)
    {
      CbTurn *turn = cb_turn_new ();

      turn->takes = TRUE;
      turn->ahead = i >= n_slots;
      turn->worker = turn->ahead ? NULL : g_strdup ("slot");
      g_ptr_array_add (turns, turn);
    }
  cb_engine_turn_async (fixture->engine, "email", turns, 300, "w:ahead", cb_test_store_result, &result);
  cb_engine_turn_finish (fixture->engine, cb_test_wait_result (&result), more, &error);
  g_assert_no_error (error);

  return turns;
}

static CbJobRecord *
get_next (GPtrArray *turns, guint i)
{
  return ((CbTurn *) g_ptr_array_index (turns, i))->next;
}

static void
assert_got (GPtrArray *turns, guint i, const char *id, const char *worker)
{
  CbJobRecord *job = get_next (turns, i);

  g_assert_nonnull (job);
  g_assert_cmpstr (job->id, ==, id);
  g_assert_cmpstr (job->worker, ==, worker);
  g_assert_cmpstr (job->state, ==, "active");
  g_assert_cmpint (job->meaning, ==, CB_JOB_MEANING_ACTIVE);
  g_assert_cmpint (job->started_at, >, 0);
}

static void
test_engine (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autoptr (GPtrArray) third = NULL;
  g_autoptr (GPtrArray) begun = g_ptr_array_new ();
  g_autoptr (GAsyncResult) released = NULL;
  g_autoptr (GAsyncResult) told = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  g_autofree char *three = NULL;
  gboolean more = FALSE;

  create (fixture, 5);
  listen (fixture);
  first = ask (fixture, 0, 4, &more);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i + 1);

      assert_got (first, i, id, "w:ahead");
    }
  g_assert_true (more);
  g_assert_cmpint (count_leases (fixture), ==, 4);
  g_assert_cmpstr (hear (fixture), ==, "");

  /* The first goes back without a word, the third is told to have begun, twice. */
  cb_engine_release_async (fixture->engine, get_next (first, 0), NULL, cb_test_store_result, &released);
  cb_engine_release_finish (fixture->engine, cb_test_wait_result (&released), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hear (fixture), ==, "");
  g_ptr_array_add (begun, get_next (first, 2));
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&told);
      cb_engine_begin_async (fixture->engine, begun, NULL, cb_test_store_result, &told);
      cb_engine_begin_finish (fixture->engine, cb_test_wait_result (&told), &error);
      g_assert_no_error (error);
    }
  g_assert_cmpstr (hear (fixture), ==, "{\"id\":3,\"event\":\"start\",\"args\":[\"start\",\"email\",null]}\n");

  /* Their worker dies. It is not known to have begun the second and the fourth. */
  cb_test_wait_until (cb_test_recover (fixture->engine, NULL) > 0 || count (fixture, "active") == 0);
  cb_test_wait_until (count (fixture, "active") == 0);
  one = get_field (fixture, 1, "callboard_deaths");
  two = get_field (fixture, 2, "callboard_deaths");
  three = get_field (fixture, 3, "callboard_deaths");
  g_assert_null (one);
  g_assert_cmpstr (two, ==, "0");
  g_assert_cmpstr (three, ==, "1");

  /* What was in the hands of a dead worker is given to a slot only, and nothing behind it before it. */
  second = ask (fixture, 0, 5, &more);
  assert_got (second, 0, "1", "w:ahead");
  for (guint i = 1; i < 5; i++)
    g_assert_null (get_next (second, i));
  g_assert_true (more);
  third = ask (fixture, 3, 5, &more);
  assert_got (third, 0, "2", "slot");
  assert_got (third, 1, "3", "slot");
  assert_got (third, 2, "4", "slot");
  assert_got (third, 3, "5", "w:ahead");
  g_assert_null (get_next (third, 4));
  g_assert_false (more);
}

static void
test_ttl (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GPtrArray) ahead = NULL;
  g_autoptr (GPtrArray) slot = NULL;
  gboolean more = FALSE;

  create (fixture, 2);
  cb_test_redis_get_integer (fixture->redis, "HSET", "q:job:1", "ttl", "5000", NULL);
  ahead = ask (fixture, 0, 2, &more);
  g_assert_null (get_next (ahead, 0));
  g_assert_null (get_next (ahead, 1));
  g_assert_true (more);
  slot = ask (fixture, 1, 1, &more);
  assert_got (slot, 0, "1", "slot");
  assert_got (slot, 1, "2", "w:ahead");
}

/* When it really was begun is what stands in the hash afterwards. */
static void
test_times (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GPtrArray) claims = NULL;
  g_autoptr (GPtrArray) turns = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_turn_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbTurn *turn = cb_turn_new ();
  g_autofree char *started = NULL;
  g_autofree char *duration = NULL;
  g_autofree char *updated = NULL;
  gint64 claimed_at;

  create (fixture, 1);
  listen (fixture);
  claims = ask (fixture, 0, 1, NULL);
  claimed_at = get_next (claims, 0)->started_at / 1000;
  cb_test_run_for (30);

  turn->job = cb_job_record_ref (get_next (claims, 0));
  turn->begun_at = (claimed_at + 20) * 1000;
  g_ptr_array_add (turns, turn);
  cb_engine_turn_async (fixture->engine, "email", turns, 300, NULL, cb_test_store_result, &result);
  cb_engine_turn_finish (fixture->engine, cb_test_wait_result (&result), NULL, &error);
  g_assert_no_error (error);
  g_assert_no_error (turn->error);

  started = get_field (fixture, 1, "started_at");
  duration = get_field (fixture, 1, "duration");
  updated = get_field (fixture, 1, "updated_at");
  g_assert_cmpint (g_ascii_strtoll (started, NULL, 10), ==, claimed_at + 20);
  g_assert_cmpint (g_ascii_strtoll (updated, NULL, 10) - g_ascii_strtoll (duration, NULL, 10), ==, claimed_at + 20);
  assert_heard (fixture, 1, 1);
}

/* --- a worker that dies --- */

static gboolean
run_worker (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "tests", "crash", "crash-worker", NULL);
  g_autofree char *uri = cb_address_to_uri (cb_test_redis_get_address (fixture->redis));
  g_autofree char *server = g_strdup_printf ("--server=%s", uri);
  const char *argv[] = { path, server, "--quiet", "--abort=60", "--lease=400", "--drain", NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  process = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);

  return g_subprocess_get_if_exited (process);
}

/* One job kills its worker each time. That ends; and those that the worker had in hand beside it have nothing to do with it. */
static void
test_killer (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  guint n_killed = 0;

  create (fixture, 200);
  while (!run_worker (fixture))
    g_assert_cmpuint (++n_killed, <=, 6);
  g_assert_cmpuint (n_killed, >=, 5);

  g_assert_cmpint (count (fixture, "failed"), ==, 1);
  g_assert_cmpint (count (fixture, "complete"), ==, 199);
  for (guint id = 1; id <= 200; id++)
    {
      g_autofree char *deaths = get_field (fixture, id, "callboard_deaths");

      g_assert_cmpstr (deaths, ==, id == 60 ? "5" : NULL);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ahead/slow", test_slow);
  g_test_add_func ("/ahead/slots", test_slots);
  g_test_add_func ("/ahead/stop", test_stop);
  g_test_add_func ("/ahead/rate", test_rate);
  g_test_add_func ("/ahead/gone", test_gone);
  g_test_add_func ("/ahead/engine", test_engine);
  g_test_add_func ("/ahead/ttl", test_ttl);
  g_test_add_func ("/ahead/times", test_times);
  g_test_add_func ("/ahead/killer", test_killer);

  return g_test_run ();
}
