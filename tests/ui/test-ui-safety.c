/* test-ui-safety.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* RDB files, which are only looked at, and servers that are marked as production. */

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

#include <string.h>

static char *
save (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SAVE", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  return g_build_filename (cb_test_redis_get_directory (redis), "dump.rdb", NULL);
}

static void
test_rdb (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *base = NULL;
  g_autoptr (CbReply) set = cb_test_redis_call (redis, "SET", "Holberton", "School", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  gsize length_before, length_after;

  file = save (redis);
  g_assert_true (g_file_get_contents (file, &before, &length_before, NULL));
  /* A folder that is there when the program has ended. */
  cb_ui_set_environment ("XDG_CACHE_HOME", cb_test_redis_get_directory (redis));
  cb_ui_start (file, NULL);
  cb_ui_wait_text ("a copy, for looking only");
  cb_ui_wait_text ("Holberton");
  cb_ui_stop ();

  g_assert_true (g_file_get_contents (file, &after, &length_after, NULL));
  g_assert_cmpmem (before, length_before, after, length_after);
  /* Nothing of the copy is left. */
  base = g_build_filename (cb_test_redis_get_directory (redis), "callboard", "rdb", NULL);
  dir = g_dir_open (base, 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_cmpstr (name, ==, "change");
}

static void
test_broken_rdb (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbReply) set = cb_test_redis_call (redis, "SET", "Holberton", "School", NULL);
  g_autofree char *file = save (redis);
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (file, &contents, NULL, NULL));
  g_assert_true (g_file_set_contents (file, contents, 40, NULL));
  cb_ui_start (file, NULL);
  cb_ui_wait_text ("The File Can’t Be Read");
  cb_ui_wait_text ("“dump.rdb” is broken or was cut off");
  cb_ui_stop ();
}

static void
test_production (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s?production=1", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", "worker", NULL);
  cb_ui_wait_text ("is for looking only");
  cb_ui_click_until ("label", "Unlock…", "Unlock This Production Server?");
  cb_ui_wait_sensitive ("push button", "Unlock", FALSE);
  cb_ui_type ("something else");
  cb_ui_wait_text ("something else");
  cb_ui_wait_sensitive ("push button", "Unlock", FALSE);
  cb_ui_key ("ctrl+a");
  cb_ui_type (cb_test_redis_get_path (redis));
  cb_ui_wait_sensitive ("push button", "Unlock", TRUE);
  cb_ui_key ("Return");
  cb_ui_wait_text ("may be changed for");
  cb_ui_wait_no_text ("Unlock This Production Server?");

  cb_ui_click_until ("label", "Lock Now", "is for looking only");
  cb_ui_stop ();
}

static void
call (CbTestRedis *redis, const char *command, const char *key, const char *one, const char *two)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, command, key, one, two, NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

/* A user who may read: what would be refused is grey. */
static void
test_restricted (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s?user=few&password=p", cb_test_redis_get_path (redis));

  call (redis, "SET", "q:ids", "1", NULL);
  call (redis, "SADD", "q:job:types", "mail", NULL);
  call (redis, "ZADD", "q:jobs:mail:inactive", "0", "01|1");
  call (redis, "ZADD", "q:jobs:inactive", "0", "01|1");
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:1", "type", "mail", "state", "inactive", "data", "{\"a\":7}", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "on", ">p", "~*", "&*", "+@read", "+ping", "+info",
                                      "+subscribe", "+acl|whoami", "+acl|dryrun", NULL));

  cb_ui_start ("--server", server, "--page", "mail", NULL);
  cb_ui_wait_sensitive ("push button", "New Job", FALSE);
  cb_ui_click_until ("label", "a: 7", "Timeline");
  cb_ui_wait_sensitive ("push button", "Edit", FALSE);

  /* It is let do more, and that shows with the next connection. */
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "few", "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "CLIENT", "KILL", "TYPE", "normal", NULL));
  cb_ui_wait_sensitive ("push button", "New Job", TRUE);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/safety/rdb", test_rdb);
  g_test_add_func ("/ui/safety/broken-rdb", test_broken_rdb);
  g_test_add_func ("/ui/safety/production", test_production);
  g_test_add_func ("/ui/safety/restricted", test_restricted);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
