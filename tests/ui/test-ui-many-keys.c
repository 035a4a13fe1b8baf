/* test-ui-many-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is done with all keys that were found, and what they take. */

#include "cb-test-redis.h"
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
      if (!cb_ui_has_text ("All Matching Keys…"))
        cb_ui_click_on (NULL, "Order and Folders");
      cb_ui_wait_text ("All Matching Keys…");
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

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/many-keys/delete-and-undo", test_delete_and_undo);
  g_test_add_func ("/ui/many-keys/memory", test_memory);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
