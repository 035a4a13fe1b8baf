/* test-ui-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the worker is told on its page, by mouse and keyboard, and that it holds for the next job. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

static void
create_notification_job (void)
{
  cb_ui_click_on ("push button", "New Job");
  cb_ui_click_on ("text", "Phone Number");
  cb_ui_type ("4153518743");
  cb_ui_click_on ("text", "Message");
  cb_ui_type ("hello");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_click_on ("push button", "Create");
  cb_ui_wait_no_text ("Phone Number");
}

/* While it is served: the handler is changed, nothing is taken until the program has a name, and then it does the job. */
static void
test_program (void)
{
  cb_ui_start ("--page", "worker", NULL);
  cb_ui_wait_text ("On · 0 of 4 busy");
  cb_ui_click_on (NULL, "What to Do");
  cb_ui_key ("Down");
  cb_ui_key ("Down");
  cb_ui_key ("Return");
  cb_ui_wait_text ("No job is taken before you name the program that is to do them.");
  create_notification_job ();

  cb_ui_click_on ("text", "Path, or Name in PATH");
  cb_ui_type ("print");
  cb_ui_wait_text ("There is no program of this name in the folders of PATH");
  cb_ui_type ("f");
  cb_ui_wait_no_text ("There is no program of this name in the folders of PATH");
  cb_ui_click_on ("text", "Add an Argument");
  cb_ui_type ("result %s\\nlog told %s\\n");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Argument 1");
  /* The focus is where the next one goes. */
  cb_ui_type ("1777");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Argument 2");
  cb_ui_type ("a  $(b)");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Argument 3");

  /* The name was typed and not applied: still nothing runs. */
  cb_ui_wait_text ("No job is taken before you name the program that is to do them.");
  cb_ui_click_on ("text", "Path, or Name in PATH");
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("No job is taken before you name the program that is to do them.");

  cb_ui_wait_text ("1 done, 0 failed");
  cb_ui_click_until ("panel", "push_notification_code, 1 job, 0 failed", "1 job, ");
  cb_ui_click_until ("label", "4153518743  hello", "told a  $(b)");
  cb_ui_wait_text ("1777");
  cb_ui_stop ();
}

/* Until the file of secrets has it, or has not. */
static void
wait_secret (gboolean wanted)
{
  g_autofree char *path = g_build_filename (cb_ui_get_home (), "data", "callboard", "secrets", NULL);
  gint64 end = cb_test_wait_begin ();
  gboolean found;

  do
    {
      g_autofree char *contents = NULL;

      g_usleep (10000);
      found = g_file_get_contents (path, &contents, NULL, NULL) && strstr (contents, "opensesame") != NULL;
    }
  while (found != wanted && g_get_monotonic_time () < end);
  g_assert_cmpint (found, ==, wanted);
}

/* What can't be used is said below its row; the secret is kept in its file, is seen nowhere, and can be forgotten. */
static void
test_web_service (void)
{
  cb_ui_start ("--page", "worker", NULL);
  cb_ui_wait_text ("On · 0 of 4 busy");
  cb_ui_click_on (NULL, "What to Do");
  cb_ui_key ("Down");
  cb_ui_key ("Down");
  cb_ui_key ("Down");
  cb_ui_key ("Return");
  cb_ui_wait_text ("No job is taken before you name the address that they are sent to.");
  cb_ui_click_on ("text", "Send Jobs by POST to");
  cb_ui_type ("example.org");
  cb_ui_wait_text ("An address looks like https://example.org/notify");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("http://127.0.0.1:1/x?y=1");
  cb_ui_wait_no_text ("An address looks like https://example.org/notify");
  cb_ui_key ("Return");
  cb_ui_wait_text ("http://127.0.0.1:1/x");
  cb_ui_wait_no_text ("No job is taken before you name the address that they are sent to.");

  cb_ui_click_on ("text", "Secret Header");
  cb_ui_type ("X-Key: opensesame");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Secret Header: set; type to replace it");
  g_assert_false (cb_ui_has_text ("opensesame"));
  wait_secret (TRUE);

  create_notification_job ();
  cb_ui_wait_text ("can't be reached");
  cb_ui_click_on ("push button", "Forget the Secret Header");
  cb_ui_wait_no_text ("Secret Header: set; type to replace it");
  wait_secret (FALSE);
  cb_ui_stop ();
}

/* A rate that can't be used is said, and the last one that can stays in force. */
static void
test_rate (void)
{
  cb_ui_start ("--page", "worker", NULL);
  cb_ui_wait_text ("On · 0 of 4 busy");
  cb_ui_click_on ("text", "Rate");
  cb_ui_type ("1.5");
  cb_ui_wait_text ("A whole number from 1 to 10000 is needed, or nothing for no limit.");
  cb_ui_key ("BackSpace");
  cb_ui_key ("BackSpace");
  cb_ui_wait_no_text ("A whole number from 1 to 10000 is needed, or nothing for no limit.");
  cb_ui_stop ();
}

static void
serve_email (void)
{
  cb_ui_click_on ("text", "Serve Another Queue");
  cb_ui_type ("email");
  cb_ui_key ("Return");
}

/* Who may change nothing serves nothing: the switch is grey and the reason beside it. */
static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *looker = g_strdup_printf ("unix://looker:secret@%s", cb_test_redis_get_path (redis));
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autoptr (CbReply) reply = NULL;

  reply = cb_test_redis_call (redis, "ACL", "SETUSER", "looker", "on", ">secret", "~*", "&*", "+@all", "-@write", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));

  cb_ui_start ("--server", looker, "--page", "worker", NULL);
  serve_email ();
  cb_ui_wait_text ("Your user may not change jobs here: ");
  cb_ui_wait_sensitive (NULL, "Serve email", FALSE);
  cb_ui_stop ();

  cb_ui_start ("--server", server, "--page", "worker", NULL);
  serve_email ();
  cb_ui_wait_sensitive (NULL, "Serve email", TRUE);
  g_assert_false (cb_ui_has_text ("Your user may not change jobs here: "));
  cb_ui_stop ();
}

static void
put_jobs (CbTestRedis *redis, guint n)
{
  cb_test_redis_get_integer (redis, "SADD", "q:job:types", "push_notification_code", NULL);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, cb_test_redis_get_integer (redis, "INCR", "q:ids", NULL));
      g_autofree char *key = g_strconcat ("q:job:", id, NULL);
      g_autofree char *member = g_strconcat ("01|", id, NULL);

      cb_test_redis_get_integer (redis, "HSET", key, "type", "push_notification_code", "state", "inactive", "data", "{}",
                                 "created_at", "1700000000000", "promote_at", "1700000000000", "updated_at", "1700000000000", "priority", "0",
                                 "max_attempts", "1", NULL);
      cb_test_redis_get_integer (redis, "ZADD", "q:jobs", "0", member, NULL);
      cb_test_redis_get_integer (redis, "ZADD", "q:jobs:inactive", "0", member, NULL);
      cb_test_redis_get_integer (redis, "ZADD", "q:jobs:push_notification_code:inactive", "0", member, NULL);
      cb_test_redis_get_integer (redis, "LPUSH", "q:push_notification_code:jobs", "1", NULL);
    }
}

/* That as many jobs wait, with a token each, and none does anything else or has used up an attempt. */
static void
assert_all_wait (CbTestRedis *redis, guint n)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:inactive", NULL), ==, n);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:push_notification_code:inactive", NULL), ==, n);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:jobs:failed", "q:jobs:delayed", "q:jobs:complete", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:push_notification_code:jobs", NULL), ==, n);
  for (guint id = 1; id <= n; id++)
    {
      g_autofree char *key = g_strdup_printf ("q:job:%u", id);
      g_autofree char *state = cb_test_redis_get_string (redis, "HGET", key, "state", NULL);
      g_autofree char *attempts = cb_test_redis_get_string (redis, "HGET", key, "attempts", NULL);

      g_assert_cmpstr (state, ==, "inactive");
      g_assert_true (attempts == NULL || g_str_equal (attempts, "0"));
    }
}

/* In the window of @redis, on the page of the worker: a program that does not end has so many jobs. */
static void
serve_for_long (CbTestRedis *redis, guint n)
{
  g_autofree char *busy = g_strdup_printf ("%u of 4 busy", n);

  cb_ui_click_on (NULL, "What to Do");
  cb_ui_key ("Down");
  cb_ui_key ("Down");
  cb_ui_key ("Return");
  cb_ui_click_on ("text", "Path, or Name in PATH");
  cb_ui_type ("sleep");
  cb_ui_key ("Return");
  cb_ui_click_on ("text", "Add an Argument");
  cb_ui_type ("600");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Argument 1");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL) == n);
  cb_ui_wait_text (busy);
}

/* Who closes the window ends what runs in it, and is asked, with how many there are; no job is lost, nor has one failed, nor is another begun. */
static void
test_closed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  put_jobs (redis, 6);
  cb_ui_start ("--server", server, "--page", "worker", NULL);
  serve_for_long (redis, 4);

  /* Not the last window on this server: nothing ends with it. */
  cb_ui_key ("ctrl+shift+n");
  cb_ui_wait_windows (2);
  cb_ui_key ("ctrl+w");
  cb_ui_wait_windows (1);

  cb_ui_key ("ctrl+w");
  cb_ui_wait_text ("4 Jobs Are Running Here. Close?");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("4 Jobs Are Running Here. Close?");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL), ==, 4);
  cb_ui_key ("ctrl+q");
  cb_ui_wait_text ("4 Jobs Are Running Here. Close?");
  cb_ui_key ("alt+l");
  cb_ui_wait_ended ();

  assert_all_wait (redis, 6);
}

/* Jobs run on two servers: they are asked about once, together, and all of them go on or all are put back. */
static void
test_closed_two (void)
{
  CbTestRedis *servers[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *server = NULL;

      servers[i] = cb_test_redis_new (NULL, NULL);
      server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (servers[i]));
      put_jobs (servers[i], 1);
      if (i == 0)
        cb_ui_start ("--server", server, "--page", "worker", NULL);
      else
        cb_ui_start_again ("--server", server, "--page", "worker", NULL);
      cb_ui_wait_windows (i + 1);
      serve_for_long (servers[i], 1);
      /* So that what has such a name is that of the other window. */
      cb_ui_click_until ("label", "Overview", "Jobs a Second");
    }

  cb_ui_key ("ctrl+q");
  cb_ui_wait_text ("2 Jobs Are Running Here. Close?");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("2 Jobs Are Running Here. Close?");
  cb_ui_wait_windows (2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (cb_test_redis_get_integer (servers[i], "ZCARD", "q:jobs:active", NULL), ==, 1);

  cb_ui_key ("ctrl+q");
  cb_ui_wait_text ("2 Jobs Are Running Here. Close?");
  cb_ui_key ("alt+l");
  cb_ui_wait_ended ();
  for (guint i = 0; i < 2; i++)
    {
      assert_all_wait (servers[i], 1);
      cb_test_redis_free (servers[i]);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/worker/program", test_program);
  g_test_add_func ("/ui/worker/web-service", test_web_service);
  g_test_add_func ("/ui/worker/rate", test_rate);
  g_test_add_func ("/ui/worker/refused", test_refused);
  g_test_add_func ("/ui/worker/closed", test_closed);
  g_test_add_func ("/ui/worker/closed-two", test_closed_two);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
