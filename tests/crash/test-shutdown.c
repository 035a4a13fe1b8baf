/* test-shutdown.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* `callboardctl work` is told to end, by each of the signals that say so. What runs comes to its end or goes back, nothing more is
 * begun, and no attempt is used up. */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "cb-kue-engine.h"
#include "cb-test-cli.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

typedef struct
{
  CbTestRedis *redis;
  char *record;                /* what the handlers write down */
  char *errors;
  GSubprocess *worker;
  gint64 told;                 /* monotonic: when the first signal was sent */
} Fixture;

static void
child_setup (gpointer data)
{
  /* Whoever runs the tests may ignore these, and that is inherited. */
  signal (SIGHUP, GPOINTER_TO_INT (data) ? SIG_IGN : SIG_DFL);
  signal (SIGINT, SIG_DFL);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
set_up (Fixture *f,
        gconstpointer data)
{
  f->redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  f->record = g_build_filename (cb_test_redis_get_directory (f->redis), "record", NULL);
  f->errors = g_build_filename (cb_test_redis_get_directory (f->redis), "errors", NULL);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  g_clear_object (&f->worker);
  g_free (f->record);
  g_free (f->errors);
  cb_test_redis_free (f->redis);
}

static void
create (Fixture *f,
        guint n,
        guint msec)
{
  g_autofree char *data = g_strdup_printf ("{\"n\":1,\"msec\":%u,\"fail\":0,\"hang\":0}", msec);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  engine = cb_kue_engine_new (connection, "q");
  ids = cb_test_create (engine, "email", data, n, &error);
  g_assert_no_error (error);
  cb_connection_close (connection);
  cb_test_settle ();
}

static void
start (Fixture *f,
       gboolean no_hang_up,
       const char *option)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (f->redis));
  g_autofree char *handler = g_build_filename (g_getenv ("CB_TEST_BUILD_ROOT"), "tests", "crash", "storm-handler", NULL);
  g_autofree char *cli = cb_test_cli_dup_path ();
  const char *argv[] = { cli, "work", "email", "--concurrency=2", "--handler=command", option, "--", handler, f->record, NULL };
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, child_setup, GINT_TO_POINTER (no_hang_up), NULL);
  g_subprocess_launcher_set_stderr_file_path (launcher, f->errors);
  g_subprocess_launcher_setenv (launcher, "CALLBOARD_SERVER", uri, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  f->worker = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
}

/* How many lines of the record begin so. */
static guint
count_written (Fixture *f,
               const char *what)
{
  g_autofree char *text = NULL;
  guint n = 0;

  if (!g_file_get_contents (f->record, &text, NULL, NULL))
    return 0;
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr (line, '\n'), line += line != NULL)
    n += g_str_has_prefix (line, what);

  return n;
}

static void
tell (Fixture *f,
      int signal_number)
{
  if (f->told == 0)
    f->told = g_get_monotonic_time ();
  g_subprocess_send_signal (f->worker, signal_number);
}

/* @at_most_msec: what is wrong takes longer by far, and a busy machine does not: it also looks for leaks before it ends. */
static int
end (Fixture *f,
     guint at_most_msec)
{
  int status = cb_test_cli_wait (f->worker);

  g_assert_cmpint (g_get_monotonic_time () - f->told, <, at_most_msec * G_TIME_SPAN_MILLISECOND);

  return status;
}

/* "waiting active complete failed delayed tokens leases attempts", the last of all jobs together. */
static void
assert_left (Fixture *f,
             const char *expected)
{
  static const char script[] =
    "local n, attempts = {}, 0\n"
    "for _, s in ipairs ({ 'inactive', 'active', 'complete', 'failed', 'delayed' }) do\n"
    "  local a, b = redis.call ('ZCARD', 'q:jobs:' .. s), redis.call ('ZCARD', 'q:jobs:email:' .. s)\n"
    "  table.insert (n, a == b and a or 'unlike')\n"
    "end\n"
    "for id = 1, tonumber (redis.call ('GET', 'q:ids')) do\n"
    "  attempts = attempts + (redis.call ('HGET', 'q:job:' .. id, 'attempts') or 0)\n"
    "end\n"
    "table.insert (n, redis.call ('LLEN', 'q:email:jobs'))\n"
    "table.insert (n, redis.call ('ZCARD', 'q:callboard:leases'))\n"
    "table.insert (n, attempts)\n"
    "return table.concat (n, ' ')";
  g_autofree char *found = cb_test_redis_get_string (f->redis, "EVAL", script, "0", NULL);

  g_assert_cmpstr (found, ==, expected);
}

/* The two that run come to their end; the rest stays, and nobody begins it. */
static void
test_finishes (Fixture *f,
               gconstpointer data)
{
  create (f, 6, 700);
  start (f, FALSE, "--grace=20000");
  cb_test_wait_until (count_written (f, "start") == 2);
  tell (f, GPOINTER_TO_INT (data));
  g_assert_cmpint (end (f, 15000), ==, 0);

  assert_left (f, "4 0 2 0 0 4 0 2");
  g_assert_cmpuint (count_written (f, "start"), ==, 2);
  g_assert_cmpuint (count_written (f, "ok"), ==, 2);
}

/* What takes longer than it is given goes back, as if it had not been taken. */
static void
test_grace (Fixture *f,
            gconstpointer data)
{
  create (f, 3, 600000);
  start (f, FALSE, "--grace=500");
  cb_test_wait_until (count_written (f, "start") == 2);
  tell (f, GPOINTER_TO_INT (data));
  g_assert_cmpint (end (f, 30000), ==, 0);

  assert_left (f, "3 0 0 0 0 3 0 0");
  g_assert_cmpuint (count_written (f, "start"), ==, 2);
}

/* The second signal does not wait for that, whichever of them it is. */
static void
test_second (Fixture *f,
             gconstpointer data)
{
  create (f, 3, 600000);
  start (f, FALSE, "--grace=600000");
  cb_test_wait_until (count_written (f, "start") == 2);
  tell (f, GPOINTER_TO_INT (data));
  cb_test_run_for (700); /* it goes on with what runs */
  g_assert_nonnull (g_subprocess_get_identifier (f->worker));
  assert_left (f, "1 2 0 0 0 1 2 0");
  tell (f, GPOINTER_TO_INT (data) == SIGTERM ? SIGINT : SIGTERM);
  g_assert_cmpint (end (f, 30000), ==, 0);

  assert_left (f, "3 0 0 0 0 3 0 0");
}

/* Nothing runs: it ends at once, out of its wait, which would take five seconds more. */
static void
test_idle (Fixture *f,
           gconstpointer data)
{
  create (f, 1, 0);
  start (f, FALSE, "--grace=20000");
  cb_test_wait_until (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:complete", NULL) == 1);
  tell (f, GPOINTER_TO_INT (data));
  g_assert_cmpint (end (f, 4500), ==, 0);
  assert_left (f, "0 0 1 0 0 0 0 1");
}

/* Under nohup the end of the terminal is not the end of the work. */
static void
test_no_hang_up (Fixture *f,
                 gconstpointer data)
{
  create (f, 1, 300);
  start (f, TRUE, "--grace=20000");
  cb_test_wait_until (count_written (f, "start") == 1);
  tell (f, SIGHUP);
  create (f, 1, 0);
  cb_test_wait_until (cb_test_redis_get_integer (f->redis, "ZCARD", "q:jobs:complete", NULL) == 2);
  tell (f, SIGTERM);
  g_assert_cmpint (end (f, 20000), ==, 0);
}

/* The server is away and can't be told: it ends all the same, says so, and what it held comes back by its lease. */
static void
test_server_away (Fixture *f,
                  gconstpointer data)
{
  g_autofree char *errors = NULL;

  create (f, 2, 600000);
  start (f, FALSE, "--grace=600000");
  cb_test_wait_until (count_written (f, "start") == 2);
  cb_test_redis_kill (f->redis);
  tell (f, GPOINTER_TO_INT (data));
  tell (f, GPOINTER_TO_INT (data) == SIGTERM ? SIGINT : SIGTERM); /* two alike might be heard as one */
  g_assert_cmpint (end (f, 30000), ==, 1);
  g_file_get_contents (f->errors, &errors, NULL, NULL);
  g_assert_nonnull (strstr (errors, "The worker stopped without telling what came of 2 jobs"));

  cb_test_redis_start (f->redis);
  assert_left (f, "0 2 0 0 0 0 2 0");
}

int
main (int argc,
      char *argv[])
{
  static const struct
  {
    const char *name;
    int number;
  } signals[] = { { "term", SIGTERM }, { "int", SIGINT }, { "hup", SIGHUP } };
  static const struct
  {
    const char *name;
    void (*function) (Fixture *, gconstpointer);
  } tests[] = {
    { "finishes", test_finishes },
    { "grace", test_grace },
    { "second", test_second },
    { "idle", test_idle },
    { "server-away", test_server_away },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint t = 0; t < G_N_ELEMENTS (tests); t++)
    for (guint s = 0; s < G_N_ELEMENTS (signals); s++)
      {
        g_autofree char *path = g_strdup_printf ("/shutdown/%s/%s", tests[t].name, signals[s].name);

        g_test_add (path, Fixture, GINT_TO_POINTER (signals[s].number), set_up, tests[t].function, tear_down);
      }
  g_test_add ("/shutdown/no-hang-up", Fixture, NULL, set_up, test_no_hang_up, tear_down);

  return g_test_run ();
}
