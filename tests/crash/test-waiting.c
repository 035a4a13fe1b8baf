/* test-waiting.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Waits that take the job which ends them: that it is ours or put back, whenever the wait is given up. */

#include "config.h"

#include <signal.h>
#include <string.h>

#include "cb-kue-engine.h"
#include "cb-test-child.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define N_ROUNDS 150

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
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

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_object_unref (fixture->engine);
  g_object_unref (fixture->connection);
  cb_test_redis_free (fixture->redis);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
create (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_test_create (fixture->engine, "email", "{}", 1, &error);

  g_assert_no_error (error);
}

static gint64
count (Fixture *fixture, const char *state)
{
  g_autofree char *key = g_strdup_printf ("q:jobs:email:%s", state);

  return cb_test_redis_get_integer (fixture->redis, "ZCARD", key, NULL);
}

static gint64
count_tokens (Fixture *fixture)
{
  return cb_test_redis_get_integer (fixture->redis, "LLEN", "q:email:jobs", NULL);
}

static gint64
count_leases (Fixture *fixture)
{
  return cb_test_redis_get_integer (fixture->redis, "ZCARD", "q:callboard:leases", NULL);
}

static void
wait_claim (Fixture *fixture, guint timeout_msec, GCancellable *cancellable, GAsyncResult **result)
{
  cb_engine_wait_claim_async (fixture->engine, "email", "slot", 6000, timeout_msec, cancellable, cb_test_store_result, result);
}

static void
test_taken (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (CbTestListener) listener = NULL;

  listener = cb_test_listener_new (fixture->redis, "q:events");
  for (guint i = 1; i <= 3; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *heard = NULL;
      g_autofree char *expected = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbJobRecord) job = NULL;
      g_autoptr (GError) error = NULL;
      gint64 before = cb_engine_get_time (fixture->engine);

      wait_claim (fixture, 60000, NULL, &result);
      create (fixture);
      g_assert_true (cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&result), &job, &error));
      g_assert_no_error (error);
      g_assert_nonnull (job);
      g_assert_cmpstr (job->id, ==, id);
      g_assert_cmpstr (job->worker, ==, "slot");
      g_assert_cmpstr (job->state, ==, "active");
      /* By the clock of the server, and when it was taken: not when the waiting began. */
      g_assert_cmpint (job->started_at, >=, before / 1000 * 1000 - 50 * 1000);
      g_assert_cmpint (job->started_at, >=, job->created_at - 50 * 1000);
      g_assert_cmpint (count_tokens (fixture), ==, 0);
      g_assert_cmpint (count_leases (fixture), ==, 1);
      heard = cb_test_listener_take (listener);
      expected = g_strdup_printf ("{\"id\":%s,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"email\"]}\n"
                                  "{\"id\":%s,\"event\":\"start\",\"args\":[\"start\",\"email\",null]}\n", id, id);
      g_assert_cmpstr (heard, ==, expected);

      g_assert_true (cb_test_complete (fixture->engine, job, NULL, &error));
      g_assert_no_error (error);
      g_free (cb_test_listener_take (listener));
    }
}

static void
test_timed_out (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  wait_claim (fixture, 50, NULL, &result);
  g_assert_false (cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&result), &job, &error));
  g_assert_no_error (error);
  g_assert_null (job);
}

/* A token without a job, and a job without a token. */
static void
test_tokens (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_redis_get_integer (fixture->redis, "LPUSH", "q:email:jobs", "1", NULL);
  wait_claim (fixture, 60000, NULL, &first);
  g_assert_true (cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&first), &job, &error));
  g_assert_no_error (error);
  g_assert_null (job);
  g_assert_cmpint (count_tokens (fixture), ==, 0);

  create (fixture);
  cb_test_redis_get_integer (fixture->redis, "DEL", "q:email:jobs", NULL);
  wait_claim (fixture, 50, NULL, &second);
  g_assert_true (cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&second), &job, &error));
  g_assert_no_error (error);
  g_assert_nonnull (job);
}

/* Given up in the moment in which a job comes, a little earlier or later: either it is ours, or it waits as if nobody had
 * had it, and never is it with nobody. */
static void
test_given_up (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  guint n_ours = 0;

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
      g_autoptr (GBytes) data = g_bytes_new_static ("{}", 2);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GAsyncResult) created = NULL;
      g_autoptr (GPtrArray) ids = NULL;
      g_autoptr (CbJobRecord) job = NULL;
      g_autoptr (GError) error = NULL;

      wait_claim (fixture, 60000, cancellable, &result);
      for (guint steps = 0; steps < i % 5; steps++)
        g_main_context_iteration (NULL, FALSE);
      g_ptr_array_add (specs, cb_job_spec_new ("email", data));
      cb_engine_create_async (fixture->engine, specs, NULL, cb_test_store_result, &created);
      for (guint steps = 0; steps < i % 7; steps++)
        g_main_context_iteration (NULL, FALSE);
      if (i % 3 == 2)
        cb_test_wait_result (&created);
      g_cancellable_cancel (cancellable);

      cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&result), &job, &error);
      ids = cb_engine_create_finish (fixture->engine, cb_test_wait_result (&created), NULL);
      g_assert_nonnull (ids);
      if (job != NULL)
        {
          n_ours++;
          g_assert_no_error (error);
          g_assert_true (cb_test_complete (fixture->engine, job, NULL, &error));
          g_assert_no_error (error);
        }
      else
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        }
      g_assert_cmpint (count (fixture, "active"), ==, 0);
      g_assert_cmpint (count_leases (fixture), ==, 0);
      g_assert_cmpint (count (fixture, "inactive"), ==, i + 1 - n_ours);
      g_assert_cmpint (count_tokens (fixture), ==, i + 1 - n_ours);
      /* Nothing that would end the next wait at once. */
      if (job == NULL)
        {
          g_autoptr (CbJobRecord) left = cb_test_claim (fixture->engine, "email", "slot", 6000, NULL);

          g_assert_nonnull (left);
          g_assert_true (cb_test_complete (fixture->engine, left, NULL, NULL));
          n_ours++;
        }
    }
}

/* Where nobody may ask for the time the job is left to a claim. */
static void
test_no_time (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  g_free (cb_test_redis_get_string (fixture->redis, "ACL", "SETUSER", "default", "-time", NULL));
  create (fixture);
  wait_claim (fixture, 60000, NULL, &result);
  g_assert_true (cb_engine_wait_claim_finish (fixture->engine, cb_test_wait_result (&result), &job, &error));
  g_assert_no_error (error);
  g_assert_null (job);
  g_assert_cmpint (count (fixture, "inactive"), ==, 1);
  g_assert_cmpint (count_tokens (fixture), ==, 1);
}

static gboolean
has_written (const char *file, const char *line)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (file, &text, NULL, NULL) && strstr (text, line) != NULL;
}

/* A worker is stopped while it waits, as when its machine sleeps: the server gives it a job all the same. When it comes back
 * another has done that. */
static void
test_asleep (void)
{
  g_autoptr (Fixture) fixture = fixture_new ();
  g_autofree char *path = g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "tests", "crash", "crash-worker", NULL);
  g_autofree char *uri = cb_address_to_uri (cb_test_redis_get_address (fixture->redis));
  g_autofree char *server = g_strdup_printf ("--server=%s", uri);
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (fixture->redis), "done", NULL);
  g_autofree char *file_option = g_strdup_printf ("--file=%s", file);
  const char *argv[] = { path, server, file_option, "--lease=400", NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GAsyncResult) ended = NULL;
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;

  process = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_NONE);
  create (fixture);
  cb_test_wait_until (has_written (file, "done 1\n"));
  cb_test_wait_until (cb_test_redis_get_integer (fixture->redis, "EVAL",
                                                 "return tonumber (string.match (redis.call ('INFO', 'clients'), 'blocked_clients:(%d+)'))",
                                                 "0", NULL) == 1);

  cb_test_child_stop (process);
  create (fixture);
  cb_test_wait_until (count (fixture, "active") == 1);
  cb_test_wait_until (cb_test_recover (fixture->engine, NULL) >= 0 && count (fixture, "inactive") == 1);
  job = cb_test_claim (fixture->engine, "email", "other", 6000, &error);
  g_assert_no_error (error);
  g_assert_nonnull (job);
  cb_test_run_for (1500);
  g_subprocess_send_signal (process, SIGCONT);

  create (fixture);
  cb_test_wait_until (has_written (file, "done 3\n"));
  g_assert_false (has_written (file, "start 2\n"));
  g_assert_true (cb_test_complete (fixture->engine, job, NULL, &error));
  g_assert_no_error (error);

  g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait_async (process, NULL, cb_test_store_result, &ended);
  g_subprocess_wait_finish (process, cb_test_wait_result (&ended), NULL);
  g_assert_true (g_subprocess_get_successful (process));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/waiting/taken", test_taken);
  g_test_add_func ("/waiting/timed-out", test_timed_out);
  g_test_add_func ("/waiting/tokens", test_tokens);
  g_test_add_func ("/waiting/given-up", test_given_up);
  g_test_add_func ("/waiting/no-time", test_no_time);
  g_test_add_func ("/waiting/asleep", test_asleep);

  return g_test_run ();
}
