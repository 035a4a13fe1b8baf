/* test-ui-safety.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* RDB files, which are only looked at, and servers that are marked as production. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
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

/* As a person whose finger stays on the key. */
static void
press_delete_thrice (void)
{
  g_autoptr (GError) error = NULL;

  g_spawn_command_line_sync ("xdotool key --delay 0 Delete Delete Delete", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
select_all_keys (void)
{
  cb_ui_click_on ("label", "key:3");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("12 Keys Selected");
}

/* Before much is deleted it is asked once, with how many, and whoever does not say yes has said no; a yes to a server that is not there
 * is none for later. */
static void
test_questions (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "for i = 1, 12 do redis.call ('SET', 'key:' .. i, i) end return 1", "0", NULL));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("12 keys");
  cb_ui_click_on (NULL, "As a List");
  select_all_keys ();
  press_delete_thrice ();
  cb_ui_wait_text ("Delete 12 Keys?");
  cb_ui_key ("Escape");
  /* Nor is there a second one behind it. */
  cb_ui_wait_no_text ("Delete 12 Keys?");
  cb_test_run_for (500);
  g_assert_false (cb_ui_has_text ("Delete 12 Keys?"));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 12);

  /* What Return would do. */
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete 12 Keys?");
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("Delete 12 Keys?");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 12);

  /* Yes, to a server that is not there: nothing is kept to be done when it is. */
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete 12 Keys?");
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("not connected, as it was last seen");
  cb_ui_key ("alt+d");
  cb_ui_wait_text ("Not connected: nothing was deleted");
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("as it was last seen");
  cb_test_run_for (1000);
  if (cb_test_redis_get_integer (redis, "DBSIZE", NULL) != 12)
    cb_ui_fail ("It was done when the server was back");

  /* Nor is what was done undone. */
  select_all_keys ();
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete 12 Keys?");
  cb_ui_key ("alt+d");
  cb_ui_wait_text ("12 keys deleted");
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("Reconnect Now");
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("Not connected: nothing was done");
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_test_run_for (1000);
  if (cb_test_redis_get_integer (redis, "DBSIZE", NULL) != 0)
    cb_ui_fail ("It was undone when the server was back");
  cb_ui_key ("ctrl+z");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "DBSIZE", NULL) == 12);
  cb_ui_stop ();
}

#define MAKE_FAILED \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, ARGV[1] do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Mailbox full', 'data', '{\"a\":1}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "end " \
  "redis.call ('SET', 'q:ids', ARGV[1]) " \
  "return 1"

static CbTestRedis *
start_with_failed (const char *n, const char *page)
{
  CbTestRedis *redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE_FAILED, "0", n, NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", page, NULL);
  return redis;
}

static gint64
count (CbTestRedis *redis, const char *set)
{
  return cb_test_redis_get_integer (redis, "ZCARD", set, NULL);
}

static void
take_away (CbTestRedis *redis)
{
  cb_test_redis_kill (redis);
  cb_ui_wait_text ("Reconnect Now");
}

/* Nothing was kept to be done now. */
static void
bring_back (CbTestRedis *redis, gint64 n_failed)
{
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_test_run_for (1500);
  if (count (redis, "q:jobs:failed") != n_failed)
    cb_ui_fail ("It was done when the server was back: %d failed", (int) count (redis, "q:jobs:failed"));
}

/* Of a queue with more than is in hand, to a server that is not there: the answer to a question, what would be looked for before it is asked, and what is done
 * without one. */
static void
test_queue_away (void)
{
  g_autoptr (CbTestRedis) redis = start_with_failed ("10050", "email");

  cb_ui_wait_text ("10050 jobs");
  cb_ui_click_on ("label", "a: 1");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("All Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Remove 10050 Jobs?");
  take_away (redis);
  cb_ui_key ("alt+r");
  cb_ui_wait_no_text ("Remove 10050 Jobs?");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 10050);

  cb_ui_wait_no_text ("Not connected: nothing was done");
  take_away (redis);
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 10050);
  g_assert_false (cb_ui_has_text ("Remove 10050 Jobs?"));

  cb_ui_wait_no_text ("Not connected: nothing was done");
  cb_ui_click_on ("label", "a: 1");
  cb_ui_wait_no_text ("All Jobs Selected");
  take_away (redis);
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 10050);

  /* And now that it is there. */
  cb_ui_key ("Delete");
  cb_test_wait_until (count (redis, "q:jobs:failed") == 10049);
  cb_ui_wait_text ("10049 jobs");
  take_away (redis);
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 10049);
  cb_ui_key ("ctrl+z");
  cb_test_wait_until (count (redis, "q:jobs:failed") == 10050);
  cb_ui_stop ();
}

/* The same of all jobs that failed of one cause. */
static void
test_cause_away (void)
{
  g_autoptr (CbTestRedis) redis = start_with_failed ("12", "overview");

  cb_ui_wait_text ("Mailbox full");
  cb_ui_find ("push button", "Retry All: Mailbox full");
  cb_ui_click_until (NULL, "More about: Mailbox full", "Remove All…");
  /* The only button of the menu. */
  cb_ui_find ("push button", "Remove All…: Mailbox full");
  cb_ui_key ("space");
  cb_ui_wait_text ("Remove 12 Jobs?");
  take_away (redis);
  cb_ui_key ("alt+r");
  cb_ui_wait_no_text ("Remove 12 Jobs?");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 12);

  cb_ui_wait_no_text ("Not connected: nothing was done");
  take_away (redis);
  cb_ui_click_on ("push button", "Retry All: Mailbox full");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 12);

  /* And now that it is there. */
  cb_ui_wait_sensitive ("push button", "Retry All: Mailbox full", TRUE);
  cb_ui_click_on ("push button", "Retry All: Mailbox full");
  cb_test_wait_until (count (redis, "q:jobs:failed") == 0);
  cb_ui_stop ();
}

/* The same of what the doctor found. */
static void
test_doctor_away (void)
{
  g_autoptr (CbTestRedis) redis = start_with_failed ("5", "doctor");

  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "q:jobs:failed", "0", "04|9999", NULL), ==, 1);
  cb_ui_click_until ("label", "Check Now", "1 problem found");
  take_away (redis);
  cb_ui_click_on (NULL, "Repair 1");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 6);
  cb_ui_click_until (NULL, "Repair 1", "1 repaired");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 5);
  cb_ui_stop ();
}

/* What was typed into a dialog is neither done later nor lost. */
static void
test_edit_away (void)
{
  g_autoptr (CbTestRedis) redis = start_with_failed ("1", "email");
  g_autofree char *before = NULL;

  cb_ui_click_until ("label", "a: 1", "Timeline");
  cb_ui_key ("ctrl+e");
  cb_ui_wait_text ("Edit Job 1");
  cb_ui_click_on ("spin button", "Attempts Attempts");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("7");
  cb_ui_key ("Tab");
  cb_ui_wait_sensitive ("push button", "Save", TRUE);
  take_away (redis);
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_text ("Not connected: nothing was done");
  bring_back (redis, 1);
  before = cb_test_redis_get_string (redis, "HGET", "q:job:1", "max_attempts", NULL);
  g_assert_cmpstr (before, ==, "1");
  cb_ui_click_on ("push button", "Save");
  cb_ui_wait_text ("Job 1 changed");
  cb_ui_stop ();
}

/* No password, a wrong one, and one of all the signs that mean something in an address: the server's word is there, nothing looks as if there
 * were no keys, and no password is on the screen. */
static void
test_passwords (void)
{
  static const struct
  {
    const char *query;
    const char *says;
  } wrong[] = {
    { "", "NOAUTH" },
    { "?user=ops%40team&password=nope", "WRONGPASS" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *right = g_strdup_printf ("unix:%s?user=ops%%40team&password=p%%40ss%%3Aw%%2Frd%%23%%2541%%3F%%26%%20%%22x%%22",
                                            cb_test_redis_get_path (redis));

  cb_reply_unref (cb_test_redis_call (redis, "SET", "Holberton", "School", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "ops@team", "on", ">p@ss:w/rd#%41?& \"x\"", "~*", "&*", "+@all", NULL));
  /* The connection of the test stays let in. */
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "requirepass", "other", NULL));

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *server = g_strdup_printf ("unix:%s%s", cb_test_redis_get_path (redis), wrong[i].query);

      cb_ui_start ("--server", server, "--page", "keys", NULL);
      cb_ui_wait_text ("Not Connected");
      cb_ui_wait_text (wrong[i].says);
      g_assert_false (cb_ui_has_text ("No Keys"));
      g_assert_false (cb_ui_has_text ("nope"));
      cb_ui_stop ();
    }

  cb_ui_start ("--server", right, "--page", "keys", NULL);
  cb_ui_find ("label", "Holberton");
  g_assert_false (cb_ui_has_text ("p@ss"));
  g_assert_false (cb_ui_has_text ("p%40ss"));
  cb_ui_click_until ("label", "Console", "ops@team");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("ACL WHOAMI");
  cb_ui_key ("Return");
  cb_ui_wait_text ("\"ops@team\"");
  g_assert_false (cb_ui_has_text ("w/rd"));
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
  g_test_add_func ("/ui/safety/questions", test_questions);
  g_test_add_func ("/ui/safety/queue-away", test_queue_away);
  g_test_add_func ("/ui/safety/cause-away", test_cause_away);
  g_test_add_func ("/ui/safety/doctor-away", test_doctor_away);
  g_test_add_func ("/ui/safety/edit-away", test_edit_away);
  g_test_add_func ("/ui/safety/passwords", test_passwords);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
