/* test-ui-outage.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The server goes away while somebody looks at it and while jobs are run. */

#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define N_JOBS 400

static void
create_jobs (CbTestRedis *redis, guint n)
{
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  cb_connection_open (connection);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *data = g_strdup_printf ("{\"phoneNumber\":\"%u\",\"message\":\"hello\"}", 1000000 + i);
      g_autoptr (GBytes) bytes = g_bytes_new (data, strlen (data));

      g_ptr_array_add (specs, cb_job_spec_new ("push_notification_code", bytes));
    }

  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
  cb_connection_close (connection);
}

static gint64
count (CbTestRedis *redis, const char *state)
{
  g_autofree char *key = g_strdup_printf ("q:jobs:%s", state);

  return cb_test_redis_get_integer (redis, "ZCARD", key, NULL);
}

static CbTestRedis *
start_redis (void)
{
  return cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
}

static void
start_program (CbTestRedis *redis, const char *page)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", page, NULL);
}

/* The server is killed in the middle of the work and comes back: each job is done, none is lost. */
static void
test_killed (void)
{
  g_autoptr (CbTestRedis) redis = start_redis ();

  create_jobs (redis, N_JOBS);
  start_program (redis, "worker");

  /* On a server that somebody named nothing is served until a person says so. */
  cb_ui_wait_text ("Other programs may take jobs");
  cb_ui_wait_text ("push_notification_code");
  cb_test_run_for (500);
  g_assert_cmpint (count (redis, "inactive"), ==, N_JOBS);

  /* What can't be seen now and is on top of the page comes first when it is looked for. */
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_test_wait_until (count (redis, "complete") > 10);
  cb_test_redis_kill (redis);

  cb_ui_wait_text ("Reconnect Now");
  cb_ui_wait_text ("not connected");
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("not connected");

  cb_test_wait_until (count (redis, "complete") == N_JOBS);
  g_assert_cmpint (count (redis, "active"), ==, 0);
  g_assert_cmpint (count (redis, "inactive"), ==, 0);
  g_assert_cmpint (count (redis, "failed"), ==, 0);
  cb_ui_stop ();
}

/* The list stays while the server is away, and goes on with what has happened meanwhile. */
static void
test_list_open (void)
{
  g_autoptr (CbTestRedis) redis = start_redis ();

  create_jobs (redis, 5);
  start_program (redis, "push_notification_code");
  cb_ui_wait_text ("1000004");
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("Reconnect Now");
  cb_ui_wait_text ("1000004");
  cb_test_redis_start (redis);
  create_jobs (redis, 1);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_ui_wait_text ("1000000");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs", NULL) == 6);
  cb_ui_wait_text ("6");
  cb_ui_stop ();
}

/* The server stops in the middle of what is asked with @button, and the dialog is left while it waits. When the machine was so slow that the
 * answer was given up before that, the dialog is there and tells so: then once more. */
static void
leave_in_flight (CbTestRedis *redis, const char *button, const char *part)
{
  for (guint i = 0; i < 5; i++)
    {
      cb_test_redis_freeze (redis);
      cb_ui_click_on ("push button", button);
      cb_ui_key ("Escape");
      for (guint k = 0; k < 10; k++)
        if (!cb_ui_has_text (part))
          return;
      cb_test_redis_thaw (redis);
      cb_ui_wait_sensitive ("push button", button, TRUE);
    }
  cb_ui_fail ("“%s” is still on screen", part);
}

/* The server says nothing more, calls are under way, and the window is closed: the program ends, and in order. */
static void
test_closed_in_flight (void)
{
  g_autoptr (CbTestRedis) redis = start_redis ();

  create_jobs (redis, 50);
  start_program (redis, "push_notification_code");
  cb_ui_wait_text ("1000049");
  cb_ui_key ("ctrl+n");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("4153518743");
  cb_ui_key ("Tab");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  leave_in_flight (redis, "Create", "Phone Number");
  cb_ui_key ("F5");
  cb_ui_key ("ctrl+w");
  if (!cb_ui_try_windows (0))
    cb_ui_key ("ctrl+w");
  cb_ui_wait_ended ();
  cb_test_redis_thaw (redis);
}

/* The same of one of two windows, with a dialog that waits and is hidden: the other one goes on. */
static void
test_one_closed_in_flight (void)
{
  g_autoptr (CbTestRedis) redis = start_redis ();

  create_jobs (redis, 1);
  start_program (redis, "push_notification_code");
  cb_ui_wait_text ("1000000");
  cb_ui_key ("ctrl+shift+n");
  cb_ui_wait_windows (2);
  cb_ui_key ("ctrl+n");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("4153518743");
  cb_ui_key ("Tab");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  leave_in_flight (redis, "Create", "Phone Number");
  cb_ui_key ("ctrl+w");
  /* The dialog has taken that when it was back to tell that the answer was given up. */
  if (!cb_ui_try_windows (1))
    cb_ui_key ("ctrl+w");
  cb_ui_wait_windows (1);
  /* It is not known what came of it, and nobody is there to be told. */
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("Reconnect Now");
  cb_test_run_for (500);
  g_assert_false (cb_ui_has_text ("Phone Number"));
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_ui_stop ();
}

/* A dialog that is closed while the server is asked still tells what came of it: the job, or what was typed and why not. */
static void
test_dialog_closed_in_flight (void)
{
  g_autoptr (CbTestRedis) redis = start_redis ();

  create_jobs (redis, 1);
  start_program (redis, "push_notification_code");
  cb_ui_wait_text ("1000000");
  cb_ui_key ("ctrl+n");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("4153518743");
  cb_ui_key ("Tab");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_test_redis_freeze (redis);
  cb_ui_click_on ("push button", "Create");
  cb_ui_key ("Escape");
  cb_test_redis_thaw (redis);
  cb_ui_wait_text ("Job 2 created");

  cb_ui_key ("ctrl+n");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("4153518744");
  cb_ui_key ("Tab");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_test_redis_freeze (redis);
  cb_ui_click_on ("push button", "Create");
  cb_ui_key ("Escape");
  cb_ui_wait_text (" may ");
  cb_ui_wait_text ("4153518744");
  cb_test_redis_thaw (redis);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Phone Number");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/outage/killed", test_killed);
  g_test_add_func ("/ui/outage/list-open", test_list_open);
  g_test_add_func ("/ui/outage/closed-in-flight", test_closed_in_flight);
  g_test_add_func ("/ui/outage/one-closed-in-flight", test_one_closed_in_flight);
  g_test_add_func ("/ui/outage/dialog-closed-in-flight", test_dialog_closed_in_flight);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
