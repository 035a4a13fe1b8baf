/* test-crash.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Workers and servers that are killed. However it ends, nothing is lost, nothing is stuck, and what was finished is not run
 * again: that is checked by looking at all the keys, and by what the workers wrote down. */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cb-kue-engine.h"
#include "cb-test-child.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  char *file;                  /* what the workers write down */
  guint n_jobs;
} Fixture;

static Fixture *
fixture_new (CbTestRedis *redis)
{
  Fixture *fixture = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;

  fixture->redis = redis;
  fixture->connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  cb_test_open (fixture->connection, &error);
  g_assert_no_error (error);
  fixture->engine = cb_kue_engine_new (fixture->connection, "q");
  fixture->file = g_build_filename (cb_test_redis_get_directory (redis), "done", NULL);

  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_object_unref (fixture->engine);
  g_object_unref (fixture->connection);
  g_unlink (fixture->file);
  g_free (fixture->file);
  cb_test_redis_free (fixture->redis);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

static void
create (Fixture *fixture, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_test_create (fixture->engine, "email", "{\"title\":\"welcome\"}", n, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
  fixture->n_jobs += n;
}

/* --- workers --- */

static GSubprocess *
start_worker (Fixture *fixture, const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *uri = cb_address_to_uri (cb_test_redis_get_address (fixture->redis));
  g_autoptr (GError) error = NULL;
  GSubprocess *process;
  va_list args;

  g_ptr_array_add (argv, g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "tests", "crash", "crash-worker", NULL));
  g_ptr_array_add (argv, g_strdup_printf ("--server=%s", uri));
  g_ptr_array_add (argv, g_strdup_printf ("--file=%s", fixture->file));
  va_start (args, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, g_strdup (arg));
  va_end (args);
  g_ptr_array_add (argv, NULL);

  process = cb_test_child_new ((const char *const *) argv->pdata, G_SUBPROCESS_FLAGS_NONE);

  return process;
}

static void
wait_for_end (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
}

static void
kill_worker (GSubprocess *process)
{
  g_subprocess_force_exit (process);
  wait_for_end (process);
}

/* --- what is there --- */

static gint64
count (Fixture *fixture, const char *state)
{
  g_autofree char *key = g_strdup_printf ("q:jobs:%s", state);

  return cb_test_redis_get_integer (fixture->redis, "ZCARD", key, NULL);
}

/* While the server is away nobody can count. */
static gint64
count_active (Fixture *fixture)
{
  return count (fixture, "active");
}

/* Each job is in the set of all, in exactly one state's pair of sets, and its hash says the same; the sets hold nothing else;
 * there are tokens enough. In one step, as some worker may be alive. Returns a line for each thing that is wrong. */
static const char check[] =
  "local wrong, n = {}, tonumber (ARGV[1])\n"
  "local function say (...) table.insert (wrong, table.concat ({ ... }, ' ')) end\n"
  "local sizes = {}\n"
  "for id = 1, n do\n"
  "  local zid = string.format ('%02d|%d', #tostring (id), id)\n"
  "  local state = redis.call ('HGET', 'q:job:' .. id, 'state') or 'none'\n"
  "  sizes[state] = (sizes[state] or 0) + 1\n"
  "  if not redis.call ('ZSCORE', 'q:jobs', zid) then say (id, 'is not among all') end\n"
  "  for _, s in ipairs ({ 'inactive', 'active', 'complete', 'failed', 'delayed' }) do\n"
  "    for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "      local there = redis.call ('ZSCORE', key, zid) and true or false\n"
  "      if there ~= (s == state) then say (id, 'is', state, 'and', there and 'in' or 'not in', key) end\n"
  "    end\n"
  "  end\n"
  "end\n"
  "if redis.call ('ZCARD', 'q:jobs') ~= n then say ('not', n, 'jobs in all') end\n"
  "for _, s in ipairs ({ 'inactive', 'active', 'complete', 'failed', 'delayed' }) do\n"
  "  for _, key in ipairs ({ 'q:jobs:' .. s, 'q:jobs:email:' .. s }) do\n"
  "    if redis.call ('ZCARD', key) ~= (sizes[s] or 0) then say ('too many in', key) end\n"
  "  end\n"
  "end\n"
  "if redis.call ('LLEN', 'q:email:jobs') < (sizes.inactive or 0) then say ('too few tokens') end\n"
  "return table.concat (wrong, '; ')";

static void
assert_consistent (Fixture *fixture)
{
  g_autofree char *n = g_strdup_printf ("%u", fixture->n_jobs);
  g_autofree char *wrong = cb_test_redis_get_string (fixture->redis, "EVAL", check, "0", n, NULL);

  g_assert_cmpstr (wrong, ==, "");
}

/* How often a word stands in the file about a job. */
static guint
count_written (Fixture *fixture, const char *what, guint id)
{
  g_autofree char *text = NULL;
  g_autofree char *line = g_strdup_printf ("%s %u", what, id);
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (fixture->file, &text, NULL, NULL))
    return 0;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += g_str_equal (lines[i], line);

  return n;
}

/* No run began after the outcome of an earlier one had been written; @once: each job ran once. */
static void
assert_not_run_again (Fixture *fixture, gboolean once)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree guint *n_runs = g_new0 (guint, fixture->n_jobs + 1);
  g_autofree gboolean *done = g_new0 (gboolean, fixture->n_jobs + 1);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (fixture->file, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      guint id = atoi (strchr (lines[i], ' ') + 1);

      g_assert_cmpuint (id, >=, 1);
      g_assert_cmpuint (id, <=, fixture->n_jobs);
      if (g_str_has_prefix (lines[i], "start "))
        {
          g_assert_false (done[id]);
          n_runs[id]++;
        }
      else if (g_str_has_prefix (lines[i], "done "))
        {
          g_assert_false (done[id]);
          done[id] = TRUE;
        }
    }

  for (guint id = 1; id <= fixture->n_jobs; id++)
    {
      g_assert_cmpuint (n_runs[id], >=, 1);
      if (once)
        g_assert_cmpuint (n_runs[id], ==, 1);
    }
}

/* --- the worker is killed --- */

/* At each step from its first command on, with everything that happens between two commands. */
static void
test_every_step (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GSubprocess) last = NULL;

  for (guint n = 1; n <= 40; n++)
    {
      g_autofree char *kill_at = g_strdup_printf ("--kill-at=%u", n);
      g_autoptr (GSubprocess) worker = NULL;

      create (fixture, 2);
      worker = start_worker (fixture, "--lease=1000", "--concurrency=2", kill_at, NULL);
      wait_for_end (worker);
      g_assert_true (g_subprocess_get_if_signaled (worker));
      g_assert_cmpint (g_subprocess_get_term_sig (worker), ==, SIGKILL);
      assert_consistent (fixture);
    }

  last = start_worker (fixture, "--lease=1000", "--concurrency=2", "--drain", NULL);
  wait_for_end (last);
  g_assert_true (g_subprocess_get_successful (last));

  g_assert_cmpint (count (fixture, "complete") + count (fixture, "failed"), ==, fixture->n_jobs);
  assert_consistent (fixture);
  assert_not_run_again (fixture, FALSE);
}

/* Its jobs are back within ten seconds, with the leases that everybody uses. */
static void
test_back_in_time (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GSubprocess) a = NULL;
  g_autoptr (GSubprocess) b = NULL;
  gint64 killed;

  create (fixture, 3);
  a = start_worker (fixture, "--msec=60000", NULL);
  cb_test_wait_until (count_written (fixture, "start", 1) == 1);
  kill_worker (a);
  killed = g_get_monotonic_time ();

  b = start_worker (fixture, NULL, NULL);
  cb_test_wait_until (count (fixture, "complete") == 3);
  /* As much again for a busy machine. */
  g_assert_cmpint (g_get_monotonic_time () - killed, <, 20 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_written (fixture, "start", 1), ==, 2);
  g_assert_cmpuint (count_written (fixture, "start", 2), ==, 1);
  g_assert_cmpuint (count_written (fixture, "start", 3), ==, 1);
  kill_worker (b);
  assert_consistent (fixture);
}

/* Again and again in the middle of many jobs, beside one that lives, and has its jobs also after it stood still for a moment. */
static void
test_worker_killed (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GSubprocess) other = NULL;

  create (fixture, 500);
  other = start_worker (fixture, "--lease=5000", "--concurrency=3", "--msec=20", NULL);
  for (guint i = 1; i <= 5; i++)
    {
      g_autoptr (GSubprocess) worker = start_worker (fixture, "--lease=5000", "--concurrency=10", "--msec=20", NULL);
      gint64 next = count (fixture, "complete") + 60;

      cb_test_wait_until (count (fixture, "complete") >= MIN (next, 490));
      kill_worker (worker);
      assert_consistent (fixture);
    }
  cb_test_wait_until (count (fixture, "complete") == 500);

  g_assert_cmpint (count_active (fixture), ==, 0);
  kill_worker (other);
  assert_consistent (fixture);
  assert_not_run_again (fixture, FALSE);
}

/* Four at once, while jobs that are complete are put back: each run is one that was asked for. */
static void
test_four_workers (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GPtrArray) workers = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *written = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree guint *n_runs = NULL;
  gboolean retried[1001] = { FALSE };
  gint64 begun = g_get_monotonic_time ();
  guint n_retried = 0;

  create (fixture, 1000);
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (workers, start_worker (fixture, "--concurrency=5", "--msec=10", NULL));

  while (n_retried < 50)
    {
      guint id = (guint) g_test_rand_int_range (1, 1001);
      g_autofree char *name = g_strdup_printf ("%u", id);
      g_autofree char *key = g_strdup_printf ("q:job:%u", id);
      g_autofree char *state = cb_test_redis_get_string (fixture->redis, "HGET", key, "state", NULL);
      g_autoptr (GError) error = NULL;

      if (g_strcmp0 (state, "complete") == 0 && !retried[id])
        {
          cb_test_act (fixture->engine, CB_JOB_ACTION_RETRY, 0, name, &error);
          g_assert_no_error (error);
          retried[id] = TRUE;
          n_retried++;
        }
      cb_test_run_for (1);
    }
  cb_test_wait_until (count (fixture, "complete") == 1000);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 30 * G_TIME_SPAN_SECOND);

  g_file_get_contents (fixture->file, &written, NULL, NULL);
  lines = g_strsplit (written, "\n", -1);
  n_runs = g_new0 (guint, 1001);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "start "))
      n_runs[atoi (lines[i] + strlen ("start "))]++;
  for (guint id = 1; id <= 1000; id++)
    g_assert_cmpuint (n_runs[id], ==, retried[id] ? 2 : 1);

  assert_consistent (fixture);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "LLEN", "q:email:jobs", NULL), ==, 0);
  for (guint i = 0; i < workers->len; i++)
    kill_worker (g_ptr_array_index (workers, i));
}

/* A job that kills its worker each time neither holds up the others nor goes on for ever. */
static void
test_poison (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autofree char *error = NULL;
  gint64 begun = g_get_monotonic_time ();

  create (fixture, 5);
  while (count (fixture, "failed") == 0)
    {
      g_autoptr (GSubprocess) worker = NULL;

      worker = start_worker (fixture, "--lease=600", "--abort=1", NULL);
      cb_test_wait_until (g_subprocess_get_identifier (worker) == NULL || count (fixture, "failed") == 1);
      kill_worker (worker);
      g_assert_cmpint (g_get_monotonic_time () - begun, <, 30 * G_TIME_SPAN_SECOND);
    }
  {
    g_autoptr (GSubprocess) worker = start_worker (fixture, "--drain", NULL);

    wait_for_end (worker);
  }

  g_assert_cmpint (count (fixture, "complete"), ==, 4);
  g_assert_cmpint (count (fixture, "failed"), ==, 1);
  g_assert_cmpuint (count_written (fixture, "start", 1), <=, 5);
  error = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "error", NULL);
  g_assert_true (g_str_has_prefix (error, "The worker died while running this job"));
  assert_consistent (fixture);
}

/* Not dead, only stopped for longer than its lease: it finds its job taken, says so and goes on. */
static void
test_stopped (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GSubprocess) a = NULL;
  g_autoptr (GSubprocess) b = NULL;
  g_autofree char *result = NULL;

  create (fixture, 1);
  a = start_worker (fixture, "--lease=1000", "--msec=1500", "--result=\"from A\"", NULL);
  cb_test_wait_until (count_written (fixture, "start", 1) == 1);
  cb_test_child_stop (a);

  b = start_worker (fixture, "--lease=4000", "--msec=1500", "--result=\"from B\"", NULL);
  cb_test_wait_until (count_written (fixture, "start", 1) == 2);
  g_subprocess_send_signal (a, SIGCONT);
  cb_test_wait_until (count (fixture, "complete") == 1 && count_written (fixture, "lost", 1) == 1
                      && count_written (fixture, "done", 1) == 1);
  result = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "result", NULL);
  g_assert_cmpstr (result, ==, "\"from B\"");
  g_assert_cmpuint (count_written (fixture, "done", 1), ==, 1);

  /* Its slot is free again. */
  kill_worker (b);
  create (fixture, 1);
  cb_test_wait_until (count (fixture, "complete") == 2);
  kill_worker (a);
  assert_consistent (fixture);
}

/* The same where its time to live ends the job first: an attempt is used up, and still only one of them completes it. */
static void
test_stopped_beyond_ttl (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (CbTestListener) listener = cb_test_listener_new (fixture->redis, "q:events");
  g_autoptr (GSubprocess) a = NULL;
  g_autoptr (GSubprocess) b = NULL;
  g_autofree char *result = NULL;
  g_autofree char *attempts = NULL;
  g_autofree char *events = NULL;
  const char *first;

  create (fixture, 1);
  cb_test_redis_get_integer (fixture->redis, "HSET", "q:job:1", "max_attempts", "3", "ttl", "3000", NULL);
  a = start_worker (fixture, "--msec=2000", "--result=\"from A\"", NULL);
  cb_test_wait_until (count_written (fixture, "start", 1) == 1);
  cb_test_child_stop (a);

  b = start_worker (fixture, "--msec=2000", "--result=\"from B\"", NULL);
  cb_test_wait_until (count_written (fixture, "start", 1) == 2);
  g_subprocess_send_signal (a, SIGCONT);
  cb_test_wait_until (count (fixture, "complete") == 1 && count_written (fixture, "done", 1) == 1);
  cb_test_wait_until (count_written (fixture, "lost", 1) + count_written (fixture, "not-done", 1) == 1);
  result = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "result", NULL);
  g_assert_cmpstr (result, ==, "\"from B\"");
  attempts = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:1", "attempts", NULL);
  g_assert_cmpstr (attempts, ==, "2");

  events = cb_test_listener_take (listener);
  first = strstr (events, "\"event\":\"complete\"");
  g_assert_nonnull (first);
  g_assert_null (strstr (first + 1, "\"event\":\"complete\""));

  /* Its slot is free again. */
  kill_worker (b);
  create (fixture, 1);
  cb_test_wait_until (count (fixture, "complete") == 2);
  kill_worker (a);
  assert_consistent (fixture);
}

/* --- the server is killed --- */

static void
test_server_killed (void)
{
  g_autoptr (Fixture) fixture =
    fixture_new (cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL));
  g_autoptr (GSubprocess) worker = NULL;

  create (fixture, 500);
  worker = start_worker (fixture, "--concurrency=20", "--msec=30", NULL);
  cb_test_wait_until (count (fixture, "complete") >= 150);
  cb_test_redis_kill (fixture->redis);
  cb_test_run_for (3000);
  cb_test_redis_start (fixture->redis);
  cb_test_wait_until (count (fixture, "complete") == 500);

  g_assert_cmpint (count_active (fixture), ==, 0);
  kill_worker (worker);
  assert_consistent (fixture);
  assert_not_run_again (fixture, TRUE);
}

/* The server was away for longer than a lease, and the first who comes back has just begun: what it finds looks dead, but lives. */
static void
test_server_away (void)
{
  g_autoptr (Fixture) fixture =
    fixture_new (cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL));
  g_autoptr (GSubprocess) old = NULL;
  g_autoptr (GSubprocess) fresh = NULL;

  create (fixture, 2);
  /* Leases so long that the job of the fresh one is done before they are over, also on a busy machine. */
  old = start_worker (fixture, "--lease=5000", "--concurrency=2", "--msec=9000", NULL);
  cb_test_wait_until (count_written (fixture, "start", 2) == 1);
  cb_test_redis_kill (fixture->redis);
  cb_test_run_for (5500);

  /* Whoever waits before trying again may be last. */
  cb_test_child_stop (old);
  cb_test_redis_start (fixture->redis);
  fresh = start_worker (fixture, "--lease=5000", NULL);
  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  create (fixture, 1);
  cb_test_wait_until (count_written (fixture, "done", 3) == 1);
  g_assert_cmpint (count_active (fixture), ==, 2);
  g_subprocess_send_signal (old, SIGCONT);

  cb_test_wait_until (count (fixture, "complete") == 3);
  assert_consistent (fixture);
  assert_not_run_again (fixture, TRUE);
  kill_worker (old);
  kill_worker (fresh);
}

/* And the worker with it: nobody is left who could know. */
static void
test_both_killed (void)
{
  g_autoptr (Fixture) fixture =
    fixture_new (cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL));
  g_autoptr (GSubprocess) worker = NULL;
  g_autoptr (GSubprocess) next = NULL;

  create (fixture, 100);
  worker = start_worker (fixture, "--concurrency=10", "--msec=30", "--lease=1000", NULL);
  cb_test_wait_until (count (fixture, "complete") >= 30);
  cb_test_redis_kill (fixture->redis);
  kill_worker (worker);
  cb_test_redis_start (fixture->redis);
  assert_consistent (fixture);

  next = start_worker (fixture, "--concurrency=10", "--lease=1000", "--drain", NULL);
  wait_for_end (next);
  g_assert_cmpint (count (fixture, "complete"), ==, 100);
  assert_consistent (fixture);
  assert_not_run_again (fixture, FALSE);
}

/* --- orderly stop --- */

static void
test_terminate (void)
{
  g_autoptr (Fixture) fixture = fixture_new (cb_test_redis_new (NULL, NULL));
  g_autoptr (GSubprocess) patient = NULL;
  g_autoptr (GSubprocess) hasty = NULL;
  g_autofree char *attempts = NULL;
  gint64 told;

  /* The running ones come to their end. */
  create (fixture, 6);
  patient = start_worker (fixture, "--concurrency=2", "--msec=1500", NULL);
  cb_test_wait_until (count_written (fixture, "start", 2) == 1);
  told = g_get_monotonic_time ();
  g_subprocess_send_signal (patient, SIGTERM);
  wait_for_end (patient);
  g_assert_true (g_subprocess_get_successful (patient));
  g_assert_cmpint (g_get_monotonic_time () - told, <, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (count (fixture, "complete"), ==, 2);
  g_assert_cmpint (count (fixture, "inactive"), ==, 4);
  g_assert_cmpint (count_active (fixture), ==, 0);
  assert_consistent (fixture);

  /* Or go back where the limit is too short. */
  hasty = start_worker (fixture, "--concurrency=2", "--msec=600000", "--grace=1000", NULL);
  cb_test_wait_until (count_written (fixture, "start", 4) == 1);
  told = g_get_monotonic_time ();
  g_subprocess_send_signal (hasty, SIGTERM);
  wait_for_end (hasty);
  g_assert_true (g_subprocess_get_successful (hasty));
  g_assert_cmpint (g_get_monotonic_time () - told, <, 30 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (count (fixture, "complete"), ==, 2);
  g_assert_cmpint (count (fixture, "inactive"), ==, 4);
  attempts = cb_test_redis_get_string (fixture->redis, "HGET", "q:job:3", "attempts", NULL);
  g_assert_null (attempts);
  assert_consistent (fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/crash/every-step", test_every_step);
  g_test_add_func ("/crash/back-in-time", test_back_in_time);
  g_test_add_func ("/crash/worker-killed", test_worker_killed);
  g_test_add_func ("/crash/four-workers", test_four_workers);
  g_test_add_func ("/crash/poison", test_poison);
  g_test_add_func ("/crash/stopped", test_stopped);
  g_test_add_func ("/crash/stopped-beyond-ttl", test_stopped_beyond_ttl);
  g_test_add_func ("/crash/server-killed", test_server_killed);
  g_test_add_func ("/crash/server-away", test_server_away);
  g_test_add_func ("/crash/both-killed", test_both_killed);
  g_test_add_func ("/crash/terminate", test_terminate);

  return g_test_run ();
}
