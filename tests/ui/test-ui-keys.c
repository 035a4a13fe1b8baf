/* test-ui-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Keys are found and shown by mouse and keyboard alone, on a server that somebody else filled. */

#include <string.h>

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

static CbTestRedis *redis;

static void
start (void)
{
  g_autofree char *server = NULL;

  redis = cb_test_redis_new (NULL, NULL);
  server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "Holberton", "School", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "HolbertonSchools", "Paris", "2", "Cali", "40", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "cache:page:1", "one", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "cache:page:2", "two", "EX", "5000", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "RPUSH", "cache:order", "1", "2", "3", NULL));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("5 keys");
}

static void
stop (void)
{
  cb_ui_stop ();
  g_clear_pointer (&redis, cb_test_redis_free);
}

static void
test_tree (void)
{
  start ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_on ("label", "cache");
  cb_ui_wait_text ("3 keys begin with this.");
  cb_ui_click_on ("label", "page");
  cb_ui_click_on ("label", "2");
  cb_ui_wait_text ("cache:page:2");
  cb_ui_wait_text ("left");

  /* By keyboard out of it again, and into it. */
  cb_ui_key ("Left");
  cb_ui_wait_text ("2 keys begin with this.");
  cb_ui_key ("Left");
  cb_ui_key ("Left");
  cb_ui_wait_text ("3 keys begin with this.");
  cb_ui_key ("Right");
  cb_ui_wait_text ("2 keys begin with this.");
  cb_ui_key ("Right");
  cb_ui_key ("Down");
  cb_ui_wait_text ("cache:page:1");
  stop ();
}

static void
test_find (void)
{
  start ();
  cb_ui_key ("ctrl+f");
  cb_ui_type ("page:");
  cb_ui_wait_text ("2 of 5 keys match");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("*order");
  cb_ui_wait_text ("1 of 5 keys match");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("nothing");
  cb_ui_wait_text ("No Key Matches");

  /* The exact name leads there at once. */
  cb_ui_key ("ctrl+a");
  cb_ui_type ("Holberton");
  cb_ui_wait_text ("exact name");
  cb_ui_key ("Return");
  cb_ui_wait_text ("2 of 5 keys match");
  cb_ui_key ("ctrl+f");
  cb_ui_key ("Escape");
  cb_ui_wait_text ("5 keys");

  cb_ui_click_on (NULL, "As a List");
  cb_ui_click_on ("label", "cache:order");
  cb_ui_wait_text ("list");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("5 Keys Selected");
  stop ();
}

/* Who may not list keys is told so, and opens one by its name. */
static void
test_forbidden (void)
{
  g_autofree char *server = NULL;

  redis = cb_test_redis_new (NULL, NULL);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "Holberton", "School", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "eve", "on", ">pw", "~*", "+@all", "-scan", "-dbsize", NULL));
  server = g_strdup_printf ("unix:%s?user=eve&password=pw", cb_test_redis_get_path (redis));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("The Keys Can’t Be Listed");
  cb_ui_key ("ctrl+f");
  cb_ui_type ("Holberton");
  cb_ui_wait_text ("exact name");
  cb_ui_key ("Return");
  cb_ui_wait_text ("string");
  stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/keys/tree", test_tree);
  g_test_add_func ("/ui/keys/find", test_find);
  g_test_add_func ("/ui/keys/forbidden", test_forbidden);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
