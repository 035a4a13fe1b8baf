/* test-case-lives.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Workers and servers that die, stop, come back late or are many. What dies between any two steps: tests/crash. */

#include "config.h"

#include <signal.h>

#include "cb-case.h"
#include "cb-fake-server.h"
#include "cb-test-kue.h"

static char *
dup_path (CbTestRedis *redis,
          const char *name)
{
  return g_build_filename (cb_test_redis_get_directory (redis), name, NULL);
}

static char *
read_notes (const char *path)
{
  char *notes = NULL;

  return g_file_get_contents (path, &notes, NULL, NULL) ? notes : g_strdup ("");
}

static guint
count_notes (const char *path)
{
  g_autofree char *notes = read_notes (path);
  guint n = 0;

  for (const char *p = notes; *p != '\0'; p++)
    n += *p == '\n';

  return n;
}

static void
create_file (const char *path)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, "", -1, &error);
  g_assert_no_error (error);
}

static char *
print_job (CbTestRedis *redis,
           const char  *id)
{
  g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "job", "show", id);

  g_assert_cmpint (run->status, ==, 0);
  return g_strdup (run->output);
}

/* A worker is killed in the middle of a job: it runs once more, and once only, when the lease is over. */
static void
test_killed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) first = NULL;
  g_autoptr (CbCaseRun) second = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *never = dup_path (redis, "never");
  g_autofree char *notes = NULL;
  g_autofree char *shown = NULL;
  g_autoptr (CbTestRun) list = NULL;
  gint64 deadline = cb_test_wait_begin ();

  cb_case_make (redis, "email", "inactive", 3);
  for (guint id = 1; id <= 3; id++)
    cb_case_do (redis, "HSET q:job:%u max_attempts 2", id);

  first = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file, "until", never, NULL);
  cb_test_wait_until (count_notes (file) == 1);
  cb_case_signal (first, SIGKILL);
  g_assert_cmpint (cb_case_wait (first), ==, -SIGKILL);
  g_assert_true (cb_case_has_counts (redis, "email", "2 1 0 0 0"));

  /* Whoever looks meanwhile is told, when the lease is over and not before. */
  shown = print_job (redis, "1");
  g_assert_null (strstr (shown, "has not been seen"));
  while (strstr (shown, "Its worker has not been seen since its lease ended at 2") == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      cb_test_run_for (200);
      g_free (shown);
      shown = print_job (redis, "1");
    }
  list = cb_test_cli_get (redis, "job", "list", "--type", "email");
  g_assert_nonnull (strstr (list->output, "Its worker has not been seen since"));

  second = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file, NULL);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 3 0 0"));
  notes = read_notes (file);
  g_assert_cmpstr (notes, ==, "1 0\n2 0\n3 0\n1 0\n");
  /* That a worker died is no fault of the job, so that only the run that ended counts. */
  cb_case_assert (redis, "1", "HGET q:job:1 attempts");
  cb_case_assert (redis, "0", "LLEN q:email:jobs");
}

/* As if all workers had been dead for long. */
static void
end_leases (CbTestRedis *redis)
{
  cb_case_do (redis, "EVAL \"for _, m in ipairs (redis.call ('ZRANGE', KEYS[1], 0, -1)) do "
                     "redis.call ('ZADD', KEYS[1], 1, m) end\" 1 q:callboard:leases");
}

/* A job that kills each worker that takes it ends as failed, and does not keep the others waiting. That leases are over is
 * put on the server here; that they run out by themselves is seen above. */
static void
test_kills (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *notes = NULL;
  g_autofree char *error = NULL;
  guint n_deaths = 0;

  cb_case_make (redis, "email", "inactive", 5);
  cb_case_do (redis, "HSET q:job:1 max_attempts 5");

  while (!cb_case_has_counts (redis, "email", "0 0 4 1 0"))
    {
      g_autoptr (CbCaseRun) work = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file,
                                                  "kill-for", "1", "until", file, NULL);

      /* The second worker does the others before it meets the job again. */
      if (n_deaths == 1)
        cb_test_wait_until (cb_case_has_counts (redis, "email", "0 1 4 0 0"));
      if (n_deaths > 0)
        end_leases (redis);

      cb_test_wait_until (g_subprocess_get_identifier (work->process) == NULL ||
                          cb_case_has_counts (redis, "email", "0 0 4 1 0"));
      if (g_subprocess_get_identifier (work->process) == NULL)
        {
          g_assert_cmpint (cb_case_wait (work), ==, -SIGKILL);
          g_assert_cmpuint (++n_deaths, <=, 5);
        }
    }

  g_assert_cmpuint (n_deaths, ==, 5);
  error = cb_case_ask (redis, "HGET q:job:1 error");
  g_assert_nonnull (strstr (error, "worker died while running this job"));
  notes = read_notes (file);
  {
    g_auto (GStrv) runs = g_strsplit (notes, "1 ", -1);

    g_assert_cmpuint (g_strv_length (runs), ==, 6);
  }
}

/* A signal stops a worker in order: what runs may end, or is put back when that takes too long. In the engine's eyes:
 * /worker/stop. */
static void
test_stop (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) patient = NULL;
  g_autoptr (CbCaseRun) hasty = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *go = dup_path (redis, "go");
  g_autofree char *never = dup_path (redis, "never");
  gint64 began;

  cb_case_make (redis, "email", "inactive", 6);

  patient = cb_case_start (redis, "work", "email", "--concurrency", "2", "--handler", "command", "--", handler, "note", file,
                           "until", go, NULL);
  cb_test_wait_until (count_notes (file) == 2);
  cb_case_signal (patient, SIGTERM);
  /* A job that ends before the worker knows of the signal makes room for another. */
  cb_test_wait_until (strstr (patient->errors->str, "stopping when the 2 jobs that run have ended") != NULL);
  create_file (go);
  g_assert_cmpint (cb_case_wait (patient), ==, 0);
  g_assert_true (cb_case_has_counts (redis, "email", "4 0 2 0 0"));
  g_assert_cmpuint (count_notes (file), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:email:jobs", NULL), >=, 4);

  hasty = cb_case_start (redis, "work", "email", "--concurrency", "2", "--grace", "300", "--handler", "command", "--", handler,
                         "note", file, "until", never, NULL);
  cb_test_wait_until (count_notes (file) == 4);
  began = g_get_monotonic_time ();
  cb_case_signal (hasty, SIGTERM);
  g_assert_cmpint (cb_case_wait (hasty), ==, 0);
  /* It would have been half a minute. */
  g_assert_cmpint (g_get_monotonic_time () - began, <, 20 * G_USEC_PER_SEC);
  g_assert_true (cb_case_has_counts (redis, "email", "4 0 2 0 0"));
  g_assert_cmpuint (count_notes (file), ==, 4);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:email:jobs", NULL), >=, 4);
  for (guint id = 3; id <= 6; id++)
    cb_case_assert (redis, "inactive (nil) (nil)", "HMGET q:job:%u state attempts error", id);
}

/* Redis restarts with its data while a job runs: the outcome is told afterwards, and nothing runs twice. In the middle of
 * every step: /crash/server-killed. */
static void
test_restart (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *go = dup_path (redis, "go");
  g_autofree char *notes = NULL;

  cb_case_make (redis, "email", "inactive", 3);
  work = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file, "until", go, NULL);
  cb_test_wait_until (count_notes (file) == 1);

  cb_test_redis_stop (redis);
  create_file (go);
  cb_test_wait_until (strstr (work->errors->str, "not connected") != NULL);
  cb_test_redis_start (redis);

  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 3 0 0"));
  notes = read_notes (file);
  g_assert_cmpstr (notes, ==, "1 0\n2 0\n3 0\n");
  for (guint id = 1; id <= 3; id++)
    cb_case_assert (redis, "1", "HGET q:job:%u attempts", id);
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), <=, 2);
}

/* Four workers, a thousand jobs, each once; and fifty once more, retried while the rest is done. */
static void
test_many (void)
{
  enum { N_JOBS = 1000, N_AGAIN = 50, N_WORKERS = 4 };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbCaseRun *workers[N_WORKERS];
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (CbTestRun) retried = NULL;
  g_autofree guint *runs = g_new0 (guint, N_JOBS + 1);
  g_autofree char *pattern = NULL;
  g_autoptr (GString) pids = g_string_new (NULL);

  cb_case_make (redis, "email", "inactive", N_JOBS);
  for (guint i = 0; i < N_WORKERS; i++)
    {
      workers[i] = cb_case_start (redis, "--json", "work", "email", "--concurrency", "5", NULL);
      g_string_append_printf (pids, "%s%s", i > 0 ? "|" : "", g_subprocess_get_identifier (workers[i]->process));
    }

  g_ptr_array_add (again, g_strdup ("job"));
  g_ptr_array_add (again, g_strdup ("retry"));
  for (guint id = 1; id <= N_AGAIN; id++)
    {
      g_autofree char *text = g_strdup_printf ("%u", id);
      g_autofree char *key = g_strdup_printf ("q:job:%u", id);

      cb_test_wait_until (cb_test_redis_get_integer (redis, "HEXISTS", key, "duration", NULL) == 1);
      g_ptr_array_add (again, g_steal_pointer (&text));
    }
  g_ptr_array_add (again, NULL);
  retried = cb_test_cli_run (redis, NULL, (const char * const *) again->pdata);
  g_assert_cmpint (retried->status, ==, 0);

  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1000 0 0"));
  cb_case_assert (redis, "0", "LLEN q:email:jobs");
  for (guint i = 0; i < N_WORKERS; i++)
    {
      g_auto (GStrv) lines = NULL;

      cb_case_signal (workers[i], SIGTERM);
      g_assert_cmpint (cb_case_wait (workers[i]), ==, 0);
      g_assert_cmpstr (workers[i]->errors->str, ==, "");
      lines = g_strsplit (workers[i]->output->str, "\n", -1);
      for (guint j = 0; lines[j] != NULL; j++)
        if (g_str_has_suffix (lines[j], "\"event\":\"start\"}"))
          runs[g_ascii_strtoull (lines[j] + strlen ("{\"id\":"), NULL, 10)]++;
      cb_case_run_free (workers[i]);
    }

  pattern = g_strdup_printf ("^callboard:[^:]+:(%s):email:\\d+$", pids->str);
  for (guint id = 1; id <= N_JOBS; id++)
    {
      g_autofree char *worker = cb_case_ask (redis, "HGET q:job:%u workerId", id);

      g_assert_cmpuint (runs[id], ==, id <= N_AGAIN ? 2 : 1);
      g_assert_true (g_regex_match_simple (pattern, worker, 0, 0));
    }
}

/* A worker is stopped over the time to live of its job, and comes back when another has done it: what it says then changes
 * nothing, and it goes on. Inside one process: /worker-kue/late-owner. */
static void
test_late_owner (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestListener) listener = cb_test_listener_new (redis, "q:events");
  g_autoptr (CbCaseRun) first = NULL;
  g_autoptr (CbCaseRun) second = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *go = dup_path (redis, "go");
  g_autofree char *events = NULL;
  g_auto (GStrv) completions = NULL;

  cb_case_make (redis, "email", "inactive", 1);
  cb_case_do (redis, "HSET q:job:1 max_attempts 3 ttl 500");
  first = cb_case_start (redis, "--json", "work", "email", "--handler", "command", "--", handler, "note", file, "until", go,
                         "say", "result \"from A\"", NULL);
  cb_test_wait_until (count_notes (file) == 1);
  cb_case_signal (first, SIGSTOP);
  second = cb_case_start (redis, "--json", "work", "email", "--handler", "command", "--", handler, "say", "result \"from B\"",
                          NULL);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 0 0"));

  create_file (go);
  cb_case_signal (first, SIGCONT);
  cb_test_wait_until (strstr (first->output->str, "\"event\":\"failed\"") != NULL);
  g_assert_true (strstr (first->output->str, "taken away from this worker") != NULL ||
                 strstr (first->output->str, "TTL exceeded") != NULL);
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 1 0 0"));
  cb_case_assert (redis, "\"from B\" complete", "HMGET q:job:1 result state");
  events = cb_test_listener_take (listener);
  completions = g_strsplit (events, "\"event\":\"complete\"", -1);
  g_assert_cmpuint (g_strv_length (completions), ==, 2);

  /* Its slot is free again: it is the only one left. */
  cb_case_signal (second, SIGTERM);
  g_assert_cmpint (cb_case_wait (second), ==, 0);
  cb_case_make (redis, "email", "inactive", 1);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 2 0 0"));
  cb_test_wait_until (strstr (first->output->str, "{\"id\":2,\"event\":\"complete\",\"result\":\"from A\"}") != NULL);
}

/* A worker that thinks it is an hour later fails nobody's jobs for their time to live. Each reckoning: /connection-faults/clock
 * and /kue-engine/time-to-live. */
static void
test_wrong_clock (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbFakeServer *relay = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (relay));
  g_autoptr (CbCaseRun) right = NULL;
  g_autoptr (CbCaseRun) wrong = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *go = dup_path (redis, "go");

  cb_fake_server_set_clock (relay, 3600);
  cb_case_make (redis, "email", "inactive", 2);
  cb_case_do (redis, "HSET q:job:1 ttl 20000");
  cb_case_do (redis, "HSET q:job:2 ttl 20000");
  right = cb_case_start (redis, "work", "email", "--concurrency", "2", "--handler", "command", "--", handler, "note", file,
                         "until", go, NULL);
  cb_test_wait_until (count_notes (file) == 2);

  wrong = cb_case_start (NULL, "--server", uri, "work", "email", NULL);
  /* Until it has looked for what is over its time three times, as it does each second. */
  cb_case_do (redis, "CONFIG RESETSTAT");
  cb_test_wait_until (cb_fake_server_get_n_clients (relay) > 0);
  cb_test_wait_until (cb_case_count_calls (redis, "zrangebyscore") >= 4 * 2 + 3 * 2);
  g_assert_true (cb_case_has_counts (redis, "email", "0 2 0 0 0"));
  create_file (go);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 2 0 0"));
  for (guint id = 1; id <= 2; id++)
    cb_case_assert (redis, "1 (nil)", "HMGET q:job:%u attempts error", id);

  g_clear_pointer (&wrong, cb_case_run_free);
  cb_fake_server_free (relay);
}

/* A server whose clock is an hour off: a delay is counted by its clock from beginning to end. */
static void
test_server_clock (gconstpointer data)
{
  int ahead = GPOINTER_TO_INT (data);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbFakeServer *relay = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (relay));
  g_autofree char *created = NULL;
  g_autoptr (CbTestRun) ping = NULL;
  g_autoptr (CbTestRun) stats = NULL;
  g_autoptr (CbCaseRun) work = NULL;
  const char *said = ahead > 0 ? "callboardctl: The server’s clock is * ahead of this machine’s. *\n"
                               : "callboardctl: The server’s clock is * behind this machine’s. *\n";
  gint64 at, now;

  cb_fake_server_set_clock (relay, ahead);
  cb_test_cli_expect (NULL, 0, "Notification job created: 1\n", said, "--server", uri, "job", "create", "email", "--data", "{}",
                      "--delay", "600000");
  cb_test_cli_expect (NULL, 0, "Redis client connected to the server\n", said, "--server", uri, "ping");
  ping = cb_test_cli_get (NULL, "--server", uri, "ping", "--json");
  g_assert_true (g_regex_match_simple (ahead > 0 ? ",\"clock_ahead_ms\":3[56]\\d{5}\\}" : ",\"clock_ahead_ms\":-3[56]\\d{5}\\}",
                                       ping->output, 0, 0));
  work = cb_case_start (NULL, "--server", uri, "work", "sms", NULL);
  cb_test_wait_until (strstr (work->errors->str, ahead > 0 ? "ahead of this" : "behind this") != NULL);
  created = cb_case_ask (redis, "HGET q:job:1 created_at");
  at = g_ascii_strtoll (created, NULL, 10);
  now = g_get_real_time () / 1000 + ahead * 1000;
  g_assert_cmpint (ABS (at - now), <, 20000);
  {
    g_autofree char *due = g_strdup_printf ("%" G_GINT64_FORMAT, at + 600000);

    cb_case_assert (redis, due, "HGET q:job:1 promote_at");
    cb_case_assert (redis, due, "ZSCORE q:jobs:delayed '01|1'");
  }

  /* How long somebody waits is counted by the clock that stamped it, too: not an hour from the beginning, and not nothing afterwards. */
  cb_test_cli_expect (NULL, 0, "Notification job created: 2\n", NULL, "--server", uri, "job", "create", "email", "--data", "{}");
  cb_case_do (redis, "HINCRBY q:job:2 created_at -720000");
  cb_case_do (redis, "HINCRBY q:job:2 promote_at -720000");
  stats = cb_test_cli_get (NULL, "--server", uri, "queue", "stats", "email", "--for", "0");
  g_assert_cmpint (stats->status, ==, 0);
  if (!g_regex_match_simple ("^email .* 1[23](\\.\\d)? ?min", stats->output, G_REGEX_MULTILINE, 0))
    g_error ("%s", stats->output);

  cb_fake_server_free (relay);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/lives/worker-killed", test_killed);
  g_test_add_func ("/cases/lives/job-kills-its-worker", test_kills);
  g_test_add_func ("/cases/lives/stop-in-order", test_stop);
  g_test_add_func ("/cases/lives/server-restarts", test_restart);
  g_test_add_func ("/cases/lives/four-workers", test_many);
  g_test_add_func ("/cases/lives/late-owner", test_late_owner);
  g_test_add_func ("/cases/lives/clock-of-a-worker", test_wrong_clock);
  g_test_add_data_func ("/cases/lives/clock-of-the-server-ahead", GINT_TO_POINTER (3600), test_server_clock);
  g_test_add_data_func ("/cases/lives/clock-of-the-server-behind", GINT_TO_POINTER (-3600), test_server_clock);

  return g_test_run ();
}
