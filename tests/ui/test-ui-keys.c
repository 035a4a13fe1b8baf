/* test-ui-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Keys are found and shown by mouse and keyboard alone, on a server that somebody else filled. */

#include <string.h>

#include "cb-fake-server.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
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
  cb_reply_unref (cb_test_redis_call (redis, "SET", "cache:page:first", "one", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "cache:page:second", "two", "EX", "5000", NULL));
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

/* A row that is told anew just then doesn't take the click. */
static void
unfold (const char *folder, const char *child)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (CbUiThing) row = cb_ui_peek ("label", child);

      if (row != NULL)
        return;
      cb_ui_click_on ("label", folder);
      cb_ui_try_text (child);
    }
}

/* A name is never markup. */
static void
test_markup (void)
{
  start ();
  cb_reply_unref (cb_test_redis_call (redis, "MSET", "a&b:<i>one</i>", "&bogus;", "a&b:two", "<b>", NULL));
  cb_ui_key ("F5");
  cb_ui_wait_text ("7 keys");
  cb_ui_click_until ("label", "a&b", "2 keys begin with this.");
  g_assert_false (cb_ui_has_text ("&amp;"));
  cb_ui_click_until ("label", "<i>one</i>", "a&b:<i>one</i>");
  cb_ui_wait_text ("&bogus;");
  g_assert_false (cb_ui_has_text ("&amp;"));
  stop ();
}

static void
test_tree (void)
{
  start ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_until ("label", "cache", "3 keys begin with this.");
  cb_ui_click_on ("label", "page");
  cb_ui_click_until ("label", "second", "cache:page:second");
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
  cb_ui_wait_text ("cache:page:first");
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

  /* What is pressed in the search is of its text, whatever is selected below. */
  cb_ui_key ("ctrl+f");
  cb_ui_key ("End");
  cb_ui_key ("Delete");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("5 keys");
  cb_ui_key ("Delete");
  cb_ui_key ("BackSpace");
  cb_ui_type ("Holberton");
  cb_ui_wait_text ("2 of 5 keys match");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 5);
  cb_ui_key ("Escape");
  cb_ui_wait_text ("5 keys");

  cb_ui_click_on (NULL, "As a List");
  cb_ui_click_until ("label", "cache:order", "list");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("5 Keys Selected");
  stop ();
}

static void
wait_server (const char *expected, const char *command, const char *key)
{
  gint64 deadline = cb_test_wait_begin ();

  for (;;)
    {
      g_autoptr (CbReply) reply = cb_test_redis_call (redis, command, key, NULL);
      gint64 number;
      g_autofree char *text = cb_value_get_integer (cb_reply_get_value (reply), &number)
                                ? g_strdup_printf ("%" G_GINT64_FORMAT, number)
                                : g_strdup (cb_value_get_string (cb_reply_get_value (reply), NULL));

      if (g_strcmp0 (text, expected) == 0)
        return;
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("%s %s is %s, not %s", command, key, text, expected);
      g_usleep (50000);
    }
}

/* The focus is on the list. */
static void
delete_selected (const char *question)
{
  cb_ui_key ("Delete");
  cb_ui_wait_text (question);
  cb_ui_click_on ("label", "Delete");
  cb_ui_wait_no_text (question);
}

/* Found in the tree, given a time to live, deleted and put back with it. */
static void
test_change (void)
{
  start ();
  unfold ("cache", "page");
  unfold ("page", "first");
  cb_ui_click_until ("label", "first", "cache:page:first");
  cb_ui_key ("ctrl+t");
  cb_ui_wait_text ("Set Time to Live");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("never");
  cb_ui_wait_text ("“never” is no time to live");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("2h");
  cb_ui_wait_no_text ("is no time to live");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 h 59 min");

  /* Who is asked and goes on pressing keys has said no. */
  cb_ui_click_on ("label", "first");
  cb_ui_key ("Delete");
  cb_ui_key ("Return");
  cb_test_run_for (500);
  wait_server ("1", "EXISTS", "cache:page:first");
  /* Return may have come to the list, before the question was there. */
  if (cb_ui_has_text ("Delete This Key?"))
    cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Delete This Key?");
  cb_ui_click_on ("label", "first");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete This Key?");
  cb_ui_wait_text ("“cache:page:first” (string)");
  cb_ui_key ("Return");
  cb_ui_wait_no_text ("Delete This Key?");
  cb_ui_wait_text ("5 keys");
  wait_server ("1", "EXISTS", "cache:page:first");
  delete_selected ("Delete This Key?");
  wait_server ("0", "EXISTS", "cache:page:first");
  cb_ui_wait_text ("4 keys");
  cb_ui_key ("ctrl+z");
  wait_server ("1", "EXISTS", "cache:page:first");
  cb_ui_wait_text ("1 h 59 min");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "cache:page:first", NULL), >, 7000);
  cb_ui_wait_text ("5 keys");

  /* Several at once. */
  cb_ui_click_on (NULL, "As a List");
  cb_ui_click_on ("label", "cache:order");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("5 Keys Selected");
  delete_selected ("Delete 5 Keys?");
  cb_ui_wait_text ("No Keys");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("cache:order");
  wait_server ("5", "DBSIZE", NULL);
  stop ();
}

/* Never over a key that is there unasked. */
static void
test_names (void)
{
  start ();
  cb_ui_click_until ("label", "Holberton", "string");
  cb_ui_key ("F2");
  cb_ui_wait_text ("Rename Key");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("Tulsa");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Tulsa");
  wait_server ("School", "GET", "Tulsa");
  cb_ui_wait_no_text ("Rename Key");
  cb_ui_click_on ("label", "Tulsa");
  cb_ui_key ("ctrl+z");
  wait_server ("School", "GET", "Holberton");
  cb_ui_wait_no_text ("Tulsa");

  cb_ui_click_on ("label", "Holberton");
  cb_ui_key ("F2");
  cb_ui_wait_text ("Rename Key");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("HolbertonSchools");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Replace the Other Key?");
  wait_server ("2", "HLEN", "HolbertonSchools");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Replace the Other Key?");
  wait_server ("School", "GET", "Holberton");

  cb_ui_click_on ("push button", "New Key");
  cb_ui_wait_sensitive ("push button", "Create", FALSE);
  cb_ui_click_on ("text", "Name");
  cb_ui_type ("Holberton");
  cb_ui_wait_sensitive ("push button", "Create", TRUE);
  cb_ui_key ("Return");
  cb_ui_wait_text ("There is a key “Holberton” already");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("Bilbao");
  cb_ui_wait_no_text ("There is a key");
  cb_ui_key ("Return");
  wait_server ("", "GET", "Bilbao");
  cb_ui_wait_text ("6 keys");
  stop ();
}

/* The dialog of a new key; its list of types is chosen from by the keyboard. @n: how many behind the first. */
static void
new_key (const char *name, guint n)
{
  cb_ui_click_on ("push button", "New Key");
  cb_ui_wait_sensitive ("push button", "Create", FALSE);
  cb_ui_click_on ("text", "Name");
  cb_ui_type (name);
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  for (guint i = 0; i < n; i++)
    cb_ui_key ("Down");
  cb_ui_key ("Return");
}

/* A key of each type is what was meant. */
static void
test_create (void)
{
  static const struct { const char *type; const char *length; const char *first; const char *texts[2]; } types[] = {
    { "string", "STRLEN", "Value", { "text" } }, { "list", "LLEN", "Element", { "text" } },
    { "hash", "HLEN", "Field", { "field", "text" } }, { "set", "SCARD", "Member", { "member" } },
    { "zset", "ZCARD", "Member", { "member", "1.5" } }, { "stream", "XLEN", "Field", { "field", "text" } },
  };

  start ();
  cb_ui_wait_text ("5 keys");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *name = g_strconcat ("new-", types[i].type, NULL);

      new_key (name, i);
      for (guint j = 0; j < 2 && types[i].texts[j] != NULL; j++)
        {
          /* By its name, as the list of types may not have given the focus back yet. */
          if (j == 0)
            cb_ui_click_on ("text", types[i].first);
          else
            cb_ui_key ("Tab");
          cb_ui_type (types[i].texts[j]);
        }
      if (g_str_equal (types[i].type, "stream"))
        {
          /* Two more fields, one of which is left out again. */
          cb_ui_click_on ("push button", "Another Field");
          cb_ui_type ("other");
          cb_ui_key ("Tab");
          cb_ui_type ("more");
          cb_ui_click_on ("push button", "Leave This Field Out");
          cb_ui_wait_no_text ("Leave This Field Out");
          cb_ui_click_on ("push button", "Another Field");
          cb_ui_type ("city");
          cb_ui_key ("Tab");
          cb_ui_type ("Tulsa");
        }
      cb_ui_key ("Return");
      wait_server (types[i].type, "TYPE", name);
      wait_server (g_str_equal (types[i].type, "string") ? "4" : "1", types[i].length, name);
      cb_ui_wait_no_text ("Create");
    }
  {
    g_autofree char *list = cb_test_redis_get_string (redis, "LINDEX", "new-list", "0", NULL);
    g_autofree char *hash = cb_test_redis_get_string (redis, "HGET", "new-hash", "field", NULL);
    g_autofree char *score = cb_test_redis_get_string (redis, "ZSCORE", "new-zset", "member", NULL);
    g_autofree char *entry = cb_test_redis_get_string (redis, "EVAL", "return table.concat (redis.call ('XRANGE', 'new-stream', '-', '+')[1][2], ' ')",
                                                       "0", NULL);

    g_assert_cmpstr (list, ==, "text");
    g_assert_cmpstr (hash, ==, "text");
    g_assert_cmpstr (score, ==, "1.5");
    g_assert_cmpstr (entry, ==, "field text city Tulsa");
    g_assert_cmpint (cb_test_redis_get_integer (redis, "SISMEMBER", "new-set", "member", NULL), ==, 1);
  }
  stop ();
}

/* The first click after a popover may be the one that only takes its grab away. */
static void
open_databases (const char *button, const char *row)
{
  for (guint i = 0; i < 5; i++)
    {
      cb_ui_click_on ("push button", button);
      if (cb_ui_try_text (row))
        return;
    }
  cb_ui_fail ("“%s” is not among the databases", row);
}

/* By the keyboard: where something in a popover is on the screen is not told. */
static void
choose_database (const char *button, const char *row, const char *key)
{
  open_databases (button, row);
  cb_ui_key (key);
  cb_ui_key ("Return");
}

/* Another database is shown and never written to; what its keys are called, and what is done to them, is of it alone. */
static void
test_database (void)
{
  gint64 dirty;
  g_autofree char *info = NULL;

  start ();
  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "redis.call ('SELECT', 3) for i = 1, 7 do redis.call ('SET', 'far:' .. i, i) end "
                                                     "redis.call ('SET', 'Holberton', 'elsewhere') return 1", "0", NULL));
  info = cb_test_redis_get_string (redis, "INFO", "persistence", NULL);
  dirty = g_ascii_strtoll (strstr (info, "rdb_changes_since_last_save:") + strlen ("rdb_changes_since_last_save:"), NULL, 10);

  cb_ui_click_until ("label", "Holberton", "School");
  choose_database ("db 0", "db 3, 8 keys", "Down");
  cb_ui_wait_text ("8 keys");
  cb_ui_wait_text ("database 3");
  cb_ui_wait_no_text ("School");
  cb_ui_click_until ("label", "Holberton", "elsewhere");
  g_free (info);
  info = cb_test_redis_get_string (redis, "INFO", "persistence", NULL);
  g_assert_cmpint (dirty, ==, g_ascii_strtoll (strstr (info, "rdb_changes_since_last_save:") +
                                                 strlen ("rdb_changes_since_last_save:"), NULL, 10));

  /* Deleted here, and put back here. */
  delete_selected ("Delete This Key?");
  cb_ui_wait_text ("7 keys");
  wait_server ("School", "GET", "Holberton");
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("8 keys");

  /* One that the server doesn't have, and then the way back. */
  open_databases ("db 3", "db 0, 5 keys");
  cb_ui_key ("Tab");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("77");
  cb_ui_key ("Return");
  cb_ui_wait_text ("out of range");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("out of range");
  choose_database ("db 3", "db 0, 5 keys", "Up");
  cb_ui_wait_text ("5 keys");
  cb_ui_click_until ("label", "Holberton", "School");
  stop ();
}

/* The server is killed and comes back: the list stays and says so, and goes on by itself, with what came meanwhile. */
static void
test_outage (void)
{
  g_autofree char *server = NULL;

  redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "Holberton", "School", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "for i = 1, 5 do redis.call ('SET', 'cache:' .. i, i) end", "0", NULL));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_wait_text ("6 keys");
  unfold ("cache", "3");
  cb_ui_click_until ("label", "Holberton", "School");
  cb_reply_unref (cb_test_redis_call (redis, "SET", "Tulsa", "late", NULL));

  cb_test_redis_kill (redis);
  cb_ui_wait_text ("6 keys · not connected, as it was last seen");
  g_clear_pointer (&server, g_free);
  cb_ui_find ("label", "Holberton");
  cb_ui_find ("label", "cache");
  cb_ui_find ("label", "3");
  cb_ui_wait_text ("School");

  cb_test_redis_start (redis);
  cb_ui_wait_text ("7 keys");
  cb_ui_wait_no_text ("as it was last seen");
  cb_ui_find ("label", "Tulsa");
  cb_ui_find ("label", "3");
  cb_ui_wait_text ("School");
  cb_ui_click_until ("label", "Tulsa", "late");
  stop ();
}

#define N_MANY 300000

/* The connection is lost in the middle of looking through the keys: that is said, and when it is back it goes on to the last of them. */
static void
test_lost_within (void)
{
  g_autofree char *server = NULL;
  g_autofree char *number = g_strdup_printf ("%d", N_MANY);
  g_autofree char *all = g_strdup_printf ("%d keys", N_MANY);
  CbFakeServer *relay;

  redis = cb_test_redis_new (NULL, NULL);
  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "for i = 1, tonumber (ARGV[1]) do redis.call ('SET', 'key:' .. i, 'x') end", "0", number,
                                      NULL));
  relay = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  server = cb_address_to_uri (cb_fake_server_get_address (relay));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  /* Of some 300 portions. */
  cb_test_wait_until (cb_fake_server_get_n_commands (relay) > 80);
  cb_fake_server_set_listening (relay, FALSE);
  cb_fake_server_drop_clients (relay, TRUE);
  cb_ui_wait_text ("not connected, as it was last seen");
  cb_ui_wait_no_text (all);
  cb_fake_server_set_listening (relay, TRUE);
  cb_ui_wait_text (all);
  cb_ui_wait_no_text ("as it was last seen");
  cb_ui_stop ();
  cb_fake_server_free (relay);
  g_clear_pointer (&redis, cb_test_redis_free);
}

/* A key of a job leads to it, and the job to its keys. */
static void
test_job (void)
{
  g_autofree char *server = NULL;

  redis = cb_test_redis_new (NULL, NULL);
  server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "q:job:types", "email", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "q:job:1", "type", "email", "state", "failed", "data", "{}", "created_at",
                                      "1795567262118", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "RPUSH", "q:job:1:log", "a line", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "q:jobs", "0", "01|1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "q:jobs:failed", "0", "01|1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "q:jobs:email:failed", "0", "01|1", NULL));
  cb_ui_start ("--server", server, "--page", "keys", NULL);
  cb_ui_click_on (NULL, "As a List");
  cb_ui_click_until ("label", "q:job:1:log", "job 1, failed");
  cb_ui_click_until ("push button", "Show Job", "Timeline");
  cb_ui_wait_text ("a line");
  cb_ui_click_until (NULL, "Keys of the Job", "in it as 01|1");
  cb_ui_click_until ("label", "q:jobs:email:failed", "zset");
  cb_ui_wait_text ("6 keys");
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
  g_test_add_func ("/ui/keys/markup", test_markup);
  g_test_add_func ("/ui/keys/find", test_find);
  g_test_add_func ("/ui/keys/change", test_change);
  g_test_add_func ("/ui/keys/names", test_names);
  g_test_add_func ("/ui/keys/create", test_create);
  g_test_add_func ("/ui/keys/database", test_database);
  g_test_add_func ("/ui/keys/outage", test_outage);
  g_test_add_func ("/ui/keys/lost-within", test_lost_within);
  g_test_add_func ("/ui/keys/job", test_job);
  g_test_add_func ("/ui/keys/forbidden", test_forbidden);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
