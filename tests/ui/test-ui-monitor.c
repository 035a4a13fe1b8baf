/* test-ui-monitor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* MONITOR by mouse and keyboard: it is said what it costs, it begins with a click only, and it can always be ended. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <glib/gstdio.h>
#include <string.h>

static gboolean
has_monitors (CbTestRedis *redis)
{
  g_autofree char *list = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);

  return strstr (list, " flags=O") != NULL;
}

static void
wait_monitors (CbTestRedis *redis, gboolean wanted)
{
  gint64 deadline = cb_test_wait_begin ();

  while (has_monitors (redis) != wanted)
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("the server is %smonitored", wanted ? "not " : "");
      g_usleep (G_USEC_PER_SEC / 20);
    }
}

static void
set (CbTestRedis *redis, const char *key, const char *value)
{
  cb_reply_unref (cb_test_redis_call (redis, "SET", key, value, NULL));
}

static void
test_run (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_until (NULL, "Monitor", "That may cost a busy server half of its speed");
  g_assert_false (has_monitors (redis));
  cb_ui_click_until (NULL, "Start MONITOR", "commands, ");
  wait_monitors (redis, TRUE);
  cb_ui_wait_text ("monitors");
  set (redis, "tiger", "<b>one</b>");
  set (redis, "lion", "two");
  cb_ui_find (NULL, "\"tiger\" \"<b>one</b>\"");
  cb_ui_find (NULL, "\"lion\" \"two\"");

  cb_ui_click_on (NULL, "Only with this key or argument");
  cb_ui_type ("tiger");
  cb_ui_wait_no_text ("\"lion\"");
  /* One line whole, as it can be typed into a console. */
  cb_ui_click_until (NULL, "\"tiger\" \"<b>one</b>\"", "\"SET\" \"tiger\" \"<b>one</b>\"");

  cb_ui_click_on (NULL, "Pause");
  set (redis, "tiger", "three");
  cb_ui_wait_text ("held back");
  g_assert_false (cb_ui_has_text ("three"));

  /* To a file what the list shows. */
  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("Save Commands");
  cb_ui_find ("label", "Save");
  cb_ui_find (NULL, "Modified");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 command saved to commands.txt");
  path = g_build_filename (cb_ui_get_home (), "home", "commands.txt", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "] \"SET\" \"tiger\" \"<b>one</b>\"\n"));
  g_assert_null (strstr (text, "lion"));
  g_unlink (path);

  /* It is ended while it is paused, and what was held back can still be looked at. */
  cb_ui_click_until (NULL, "Stop", "Start MONITOR");
  wait_monitors (redis, FALSE);
  cb_ui_wait_no_text ("monitors");
  cb_ui_click_until (NULL, "Pause", "three");
  cb_ui_stop ();
}

static void
test_production (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s?production=1", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_until (NULL, "Monitor", "Start MONITOR");
  cb_ui_click_until (NULL, "Start MONITOR", "This server is marked as production");
  cb_ui_wait_sensitive ("push button", "Send", FALSE);
  g_assert_false (has_monitors (redis));
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("This server is marked as production");
  g_assert_false (has_monitors (redis));
  cb_ui_click_until (NULL, "Start MONITOR", "This server is marked as production");
  cb_ui_type (cb_test_redis_get_path (redis));
  cb_ui_wait_sensitive ("push button", "Send", TRUE);
  cb_ui_key ("Return");
  wait_monitors (redis, TRUE);

  /* With the window the server is left alone. */
  cb_ui_stop ();
  wait_monitors (redis, FALSE);
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "-monitor", NULL));
  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_until (NULL, "Monitor", "Start MONITOR");
  cb_ui_click_until (NULL, "Start MONITOR", "The server refuses it: NOPERM");
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "+monitor", NULL));
  cb_ui_click_until (NULL, "Start MONITOR", "commands, ");
  wait_monitors (redis, TRUE);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/monitor/run", test_run);
  g_test_add_func ("/ui/monitor/production", test_production);
  g_test_add_func ("/ui/monitor/refused", test_refused);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
