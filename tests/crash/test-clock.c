/* test-clock.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A worker on a machine whose clock is an hour wrong, from the beginning or of a sudden, beside one whose clock is right. It neither
 * fails what has time left, nor promotes what is not due, nor takes or loses jobs by it: what counts is the server's clock. */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cb-kue-engine.h"
#include "cb-test-child.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

/* Of each worker. One that stands still for a moment on a busy machine still has what it runs. */
#define LEASE_MSEC "4000"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
  char *record;
} Fixture;

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
  f->record = g_build_filename (cb_test_redis_get_directory (f->redis), "record", NULL);
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_object_unref (f->engine);
  g_object_unref (f->connection);
  g_free (f->record);
  cb_test_redis_free (f->redis);
}

/* @shift: seconds, NULL for a clock that is right. */
static GSubprocess *
start_worker (Fixture *f,
              const char *shift,
              const char *after,
              const char *option,
              const char *msec)
{
  g_autoptr (GSubprocessLauncher) launcher = cb_test_child_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  const char *root = g_getenv ("CB_TEST_BUILD_ROOT");
  const char *asan = g_getenv ("ASAN_OPTIONS");
  g_autofree char *options = g_strconcat (asan != NULL ? asan : "", asan != NULL ? ":" : "", "verify_asan_link_order=0", NULL);
  g_autofree char *uri = cb_address_to_uri (cb_test_redis_get_address (f->redis));
  g_autofree char *program = g_build_filename (root, "tests", "crash", "crash-worker", NULL);
  g_autofree char *module = g_build_filename (root, "tests", "crash", "libclock-shift.so", NULL);
  const char *argv[] = { program, "--server", uri, "--file", f->record, option, msec, "--lease=" LEASE_MSEC, NULL };
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  if (shift != NULL)
    {
      g_assert_true (g_file_test (module, G_FILE_TEST_EXISTS));
      g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", module, TRUE);
      g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", options, TRUE);
      g_subprocess_launcher_setenv (launcher, "CLOCK_SHIFT", shift, TRUE);
      if (after != NULL)
        g_subprocess_launcher_setenv (launcher, "CLOCK_SHIFT_AFTER", after, TRUE);
    }
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);

  return process;
}

static void
end (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_force_exit (process);
  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
}

static void
create (Fixture *f,
        guint n,
        gint64 delay_msec,
        gint64 ttl_msec)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GBytes) data = g_bytes_new_static ("{}", 2);
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      CbJobSpec *spec = cb_job_spec_new ("email", data);

      spec->delay_msec = delay_msec;
      spec->ttl_msec = ttl_msec;
      g_ptr_array_add (specs, spec);
    }
  cb_engine_create_async (f->engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
}

static guint
count_written (Fixture *f,
               const char *line)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (f->record, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    n += g_str_equal (lines[i], line);

  return n;
}

static gint64
count (Fixture *f,
       const char *state)
{
  g_autofree char *key = g_strdup_printf ("q:jobs:%s", state);

  return cb_test_redis_get_integer (f->redis, "ZCARD", key, NULL);
}

/* Wrong from the beginning. */
static void
test_wrong (Fixture *f,
            gconstpointer data)
{
  g_autoptr (GSubprocess) right = NULL;
  g_autoptr (GSubprocess) wrong = NULL;
  g_autofree char *server = NULL;
  g_autofree char *promoted = NULL;
  g_autofree char *due = NULL;

  create (f, 2, 0, 20000);
  create (f, 1, 1800000, 0);
  right = start_worker (f, NULL, NULL, "--concurrency=2", "--msec=4000");
  cb_test_wait_until (count_written (f, "start 1") + count_written (f, "start 2") == 2);
  wrong = start_worker (f, data, NULL, "--concurrency=1", "--msec=0");

  /* Both jobs have time enough, and come to their end where they are. It is written down after it is told to the server. */
  cb_test_wait_until (count (f, "complete") == 2);
  cb_test_wait_until (count_written (f, "done 1") + count_written (f, "done 2") >= 2);
  g_assert_cmpuint (count_written (f, "done 1"), ==, 1);
  g_assert_cmpuint (count_written (f, "done 2"), ==, 1);
  g_assert_cmpint (count (f, "failed"), ==, 0);
  end (right);

  /* Alone it promotes what is due, in time, and nothing else. */
  create (f, 1, 500, 0);
  cb_test_wait_until (count (f, "complete") == 3);
  cb_test_wait_until (count_written (f, "done 4") > 0);
  g_assert_cmpuint (count_written (f, "done 4"), ==, 1);
  g_assert_cmpint (count (f, "delayed"), ==, 1);
  server = cb_test_redis_get_string (f->redis, "EVAL", "return redis.call ('TIME')[1]", "0", NULL);
  promoted = cb_test_redis_get_string (f->redis, "HGET", "q:job:4", "started_at", NULL);
  g_assert_cmpint (ABS (g_ascii_strtoll (server, NULL, 10) - g_ascii_strtoll (promoted, NULL, 10) / 1000), <, 10);
  due = cb_test_redis_get_string (f->redis, "HGET", "q:job:4", "promote_at", NULL);
  g_assert_cmpint (g_ascii_strtoll (promoted, NULL, 10), >=, g_ascii_strtoll (due, NULL, 10));
  end (wrong);
}

/* Set while it works: the lease of what it runs is neither over at once nor an hour long. */
static void
test_jump (Fixture *f,
           gconstpointer data)
{
  static const char left[] =
    "local t = redis.call ('TIME')\n"
    "local lease = redis.call ('ZRANGE', 'q:callboard:leases', 0, 0, 'WITHSCORES')[2]\n"
    "return lease and math.floor (lease - t[1] * 1000 - t[2] / 1000) or 0\n";
  g_autoptr (GSubprocess) right = NULL;
  g_autoptr (GSubprocess) wrong = NULL;

  create (f, 1, 0, 60000);
  wrong = start_worker (f, data, "1500", "--concurrency=1", "--msec=10000");
  cb_test_wait_until (count_written (f, "start 1") == 1);
  right = start_worker (f, NULL, NULL, "--concurrency=1", "--msec=0");

  while (count_written (f, "done 1") == 0)
    {
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EVAL", left, "0", NULL), <=, atoi (LEASE_MSEC) + 1);
      g_assert_cmpint (count (f, "failed"), ==, 0);
      g_assert_cmpuint (count_written (f, "start 1"), ==, 1);
      cb_test_run_for (50);
    }
  g_assert_cmpint (count (f, "complete"), ==, 1);
  end (right);
  end (wrong);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/clock/ahead", Fixture, "3600", set_up, test_wrong, tear_down);
  g_test_add ("/clock/behind", Fixture, "-3600", set_up, test_wrong, tear_down);
  g_test_add ("/clock/jump-ahead", Fixture, "3600", set_up, test_jump, tear_down);
  g_test_add ("/clock/jump-behind", Fixture, "-3600", set_up, test_jump, tear_down);

  return g_test_run ();
}
