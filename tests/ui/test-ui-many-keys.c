/* test-ui-many-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is done with all keys that were found, and what they take. */

#include <glib/gstdio.h>
#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

static CbTestRedis *
redis_with_keys (void)
{
  CbTestRedis *redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autoptr (CbReply) reply = cb_test_redis_call (
    redis, "EVAL",
    "for i = 1, 600 do redis.call ('SET', 'tmp:' .. i .. '\\0\\255', i) end\n"
    "redis.call ('HSET', 'user:1', 'name', string.rep ('x', 5000)) redis.call ('SET', '<b>&', 'x')", "0", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  return redis;
}

/* By the keyboard: where an item of a menu is on the screen is not told, nor when the menu is ready for a key. The
 * ways to sort come first. */
static void
open_from_menu (guint n_down, const char *part)
{
  for (guint i = 0; i < 4; i++)
    {
      if (!cb_ui_has_text ("Sort By"))
        cb_ui_click_until (NULL, "Order and Folders", "Sort By");
      for (guint down = 0; down < n_down; down++)
        cb_ui_key ("Down");
      cb_ui_key ("Return");
      if (cb_ui_try_text (part))
        return;
    }

  cb_ui_fail ("“%s” does not come from the menu", part);
}

static void
test_delete_and_undo (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_keys ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_autofree char *after = NULL;

  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("602 keys");
  open_from_menu (5, "602 keys match");
  cb_ui_click_on ("push button", "Delete");
  cb_ui_wait_text ("602 keys were done.");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
  cb_ui_click_on ("push button", "Undo");
  cb_ui_wait_text ("602 keys are as they were.");
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("602 keys are as they were.");
  cb_ui_stop ();
}

static void
test_memory (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_keys ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("602 keys");
  open_from_menu (6, "602 of 602 keys were measured");
  cb_ui_wait_text ("user:1");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("602 of 602 keys were measured");
  cb_ui_stop ();
}

/* By the keyboard again: what is chosen in a row's list is seen in the row. */
static void
choose_in_row (const char *row, guint n_down, const char *part)
{
  cb_ui_click_until ("label", row, part);
  for (guint i = 0; i < n_down; i++)
    cb_ui_key ("Down");
  cb_ui_key ("Return");
}

static void
test_export (void)
{
  g_autoptr (CbTestRedis) redis = redis_with_keys ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("602 keys");
  open_from_menu (5, "602 keys match");
  choose_in_row ("What to Do", 4, "Export to a File");
  cb_ui_wait_text ("exact for every type");
  choose_in_row ("Form", 2, "JSON Lines");
  cb_ui_wait_text ("for programs and for importing");
  cb_ui_click_until ("push button", "Export…", "Export Keys");
  cb_ui_find (NULL, "Modified");
  cb_ui_key ("Return");
  cb_ui_wait_text ("602 keys were done.");
  path = g_build_filename (cb_ui_get_home (), "home", "keys.jsonl", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 603);
  g_assert_nonnull (strstr (text, "{\"name\":\"<b>&\",\"type\":\"string\",\"expires_at\":null,\"elements\":[[\"0\",\"x\"]]}\n"));
  g_unlink (path);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("602 keys were done.");
  cb_ui_stop ();
}

/* A file of each form is chosen, counted and then put back; what was there is left, and what came can go again. */
static void
test_import (void)
{
  static const char text[] = "HSET \"user:2\" \"name\" \"Betty\"\nPEXPIREAT \"user:2\" 9999999999999\n"
                             "SET \"tmp:in\" \"<b>&\"\nSET \"user:1\" \"other\"\nFLUSHALL\n"
                             "{\"name\":\"json\",\"type\":\"list\",\"expires_at\":null,\"elements\":[[\"0\",\"a\"],[\"1\",\"b\"]]}\n";
  g_autoptr (CbTestRedis) redis = redis_with_keys ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (redis), "some.txt", NULL);
  g_autofree char *before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_autofree char *value = NULL;
  g_autofree char *after = NULL;

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("602 keys");
  open_from_menu (7, "Open");
  cb_ui_find (NULL, "Modified");
  /* While it looks for what the path may become it takes no Return, and may add something to what was typed. */
  for (guint i = 0; i < 8; i++)
    {
      cb_ui_key ("ctrl+l");
      cb_ui_key ("ctrl+a");
      cb_ui_type (cb_test_redis_get_directory (redis));
      cb_ui_type ("/");
      cb_test_run_for (500);
      cb_ui_type ("some.txt");
      cb_test_run_for (500);
      cb_ui_key ("Return");
      if (cb_ui_try_text ("4 keys in “some.txt”"))
        break;
      /* Another name was taken than was typed. */
      if (cb_ui_has_text ("Nothing was done."))
        {
          cb_ui_key ("Escape");
          cb_ui_wait_no_text ("Nothing was done.");
          open_from_menu (7, "Open");
        }
    }
  cb_ui_wait_text ("4 keys in “some.txt”");
  cb_ui_wait_text ("1 line is not understood.");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 602);
  cb_ui_click_on ("push button", "Import");
  cb_ui_wait_text ("3 keys were put back. 2 were not.");
  cb_ui_wait_text ("There is a key “user:1” already");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "json", NULL), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PEXPIRETIME", "user:2", NULL), ==, 9999999999999);
  value = cb_test_redis_get_string (redis, "GET", "tmp:in", NULL);
  g_assert_cmpstr (value, ==, "<b>&");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "HLEN", "user:1", NULL), ==, 1);

  cb_ui_click_on ("push button", "Undo");
  cb_ui_wait_text ("3 keys were deleted again.");
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("3 keys were deleted again.");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/many-keys/delete-and-undo", test_delete_and_undo);
  g_test_add_func ("/ui/many-keys/memory", test_memory);
  g_test_add_func ("/ui/many-keys/import", test_import);
  g_test_add_func ("/ui/many-keys/export", test_export);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
