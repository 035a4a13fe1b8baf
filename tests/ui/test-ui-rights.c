/* test-ui-rights.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Users who may do little, servers that lack commands, and a server that is only to be looked at: what can't be done is grey and says
 * why, as far as that is known beforehand; and where it is not, it is told once and nothing has changed. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

/* What a user may who looks: without asking what may be done, and with it. */
#define LOOKER "+@read", "+@connection", "+info", "+subscribe", "+psubscribe", "+unsubscribe", "+punsubscribe"

static void
put (CbTestRedis *redis, guint id, const char *state)
{
  static const char script[] =
    "local id, state = ARGV[1], ARGV[2] local zid = string.format ('%02d|%s', #id, id)\n"
    "redis.call ('SADD', 'q:job:types', 'push_notification_code')\n"
    "redis.call ('HSET', 'q:job:' .. id, 'type', 'push_notification_code', 'state', state, 'priority', 0, 'data', '{\"to\":\"number ' .. id .. '\"}',\n"
    "            'created_at', 1700000000000 + id, 'promote_at', 1700000000000 + id, 'updated_at', 1700000000000 + id, 'attempts', 1,\n"
    "            'max_attempts', 1)\n"
    "if state == 'failed' then redis.call ('HSET', 'q:job:' .. id, 'error', 'The gateway said no', 'failed_at', 1700000001000 + id) end\n"
    "for _, set in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:push_notification_code:' .. state }) do redis.call ('ZADD', set, 0, zid) end\n"
    "if state == 'inactive' then redis.call ('LPUSH', 'q:push_notification_code:jobs', 1) end\n"
    "redis.call ('SET', 'q:ids', id)\n"
    "return 1\n";
  g_autofree char *digits = g_strdup_printf ("%u", id);

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", script, "0", digits, state, NULL), ==, 1);
}

/* Five have failed and two wait. */
static void
make_jobs (CbTestRedis *redis)
{
  for (guint id = 1; id <= 7; id++)
    put (redis, id, id <= 5 ? "failed" : "inactive");
}

static void
assert_jobs (CbTestRedis *redis)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:failed", NULL), ==, 5);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:inactive", NULL), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs", NULL), ==, 7);
}

static void
let (CbTestRedis *redis, const char *first, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (CbReply) reply = NULL;
  va_list more;

  g_ptr_array_add (words, (gpointer) "ACL");
  g_ptr_array_add (words, (gpointer) "SETUSER");
  g_ptr_array_add (words, (gpointer) "look");
  va_start (more, first);
  for (const char *word = first; word != NULL; word = va_arg (more, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (more);
  reply = cb_test_redis_call_argv (redis, words->len, (const char * const *) words->pdata, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static void
start (CbTestRedis *redis, const char *query, const char *page)
{
  g_autofree char *server = g_strdup_printf ("unix:%s%s", cb_test_redis_get_path (redis), query);

  cb_ui_start ("--server", server, "--page", page, NULL);
}

#define AS_LOOKER "?user=look&password=see"

/* How often a command was refused before it ran. */
static gint64
count_rejected (CbTestRedis *redis, const char *command)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_autofree char *prefix = g_strdup_printf ("cmdstat_%s:", command);
  const char *line = strstr (info, prefix);
  const char *found = line != NULL ? strstr (line, "rejected_calls=") : NULL;

  return found != NULL ? g_ascii_strtoll (found + strlen ("rejected_calls="), NULL, 10) : 0;
}

/* Nothing that writes was run since RESETSTAT, by whomever. */
static void
assert_only_looked (CbTestRedis *redis)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_auto (GStrv) lines = g_strsplit (info, "\r\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (CbReply) reply = NULL;
      const CbValue *flags;

      if (!g_str_has_prefix (lines[i], "cmdstat_") || strstr (lines[i], ":calls=0,") != NULL)
        continue;
      name = g_strndup (lines[i] + strlen ("cmdstat_"), strcspn (lines[i] + strlen ("cmdstat_"), ":"));
      reply = cb_test_redis_call (redis, "COMMAND", "INFO", name, NULL);
      flags = cb_value_get_element (cb_value_get_element (cb_reply_get_value (reply), 0), 2);
      for (guint k = 0; k < cb_value_get_length (flags); k++)
        if (cb_value_equal_string (cb_value_get_element (flags, k), "write"))
          g_error ("%s was called: %s", name, lines[i]);
    }
}

/* What is worth a look stands above it, and comes a little later. */
static void
scroll_down_to (const char *name)
{
  cb_ui_wait_text ("Worth a Look");
  cb_ui_scroll_down_to ("Jobs a Second", name, 830);
}

static void
open_by_name (const char *name)
{
  cb_ui_key ("ctrl+f");
  cb_ui_key ("ctrl+a");
  cb_ui_type (name);
  cb_ui_wait_text ("exact name");
  cb_ui_key ("Return");
}

/* Neither SCAN nor scripts, and keys and channels of one prefix only: what can be had is had, and each refusal is told where it counts. */
static void
test_narrow (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  gint64 n_refused;

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "other", "1", NULL));
  let (redis, "on", ">see", "~q:*", "resetchannels", "+@all", "-@dangerous", "-scan", "-@scripting", "-keys", NULL);

  start (redis, AS_LOOKER, "keys");
  cb_ui_wait_text ("The Keys Can’t Be Listed");
  cb_ui_wait_text ("'scan'");
  open_by_name ("q:ids");
  cb_ui_wait_text ("string");
  open_by_name ("other");
  cb_ui_wait_text ("NOPERM");

  /* A press just after another popover was closed may be lost. */
  cb_ui_click_until ("label", "push_notification_code", "asked for every 2 s");
  cb_ui_wait_text ("7 jobs");
  cb_ui_find (NULL, "Failed, 5 jobs");
  cb_ui_find (NULL, "Queued, 2 jobs");
  put (redis, 8, "failed");
  cb_ui_wait_text ("8 jobs");
  cb_ui_find (NULL, "Failed, 6 jobs");
  cb_ui_find ("label", "number 8");

  /* Told, and not tried again and again. */
  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type ("q:events");
  cb_ui_key ("Return");
  cb_ui_wait_text ("SUBSCRIBE: NOPERM");
  n_refused = count_rejected (redis, "subscribe");
  g_assert_cmpint (n_refused, >, 0);
  cb_test_run_for (3000);
  g_assert_cmpint (count_rejected (redis, "subscribe") - n_refused, <=, 1);

  /* A worker needs scripts: it says so, and has taken nothing. */
  cb_ui_click_on ("label", "Worker");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text ("NOPERM this user has no permissions to run the 'eval' command");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:inactive", NULL), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:push_notification_code:jobs", NULL), ==, 2);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:jobs:active", NULL), ==, 0);
  cb_ui_stop ();
}

/* What would be refused is grey and says why; and is not any more when the user may. */
static void
test_grey (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "hash", "field", "value", NULL));
  let (redis, "on", ">see", "~*", "&*", LOOKER, "+acl|whoami", "+acl|dryrun", NULL);

  start (redis, AS_LOOKER, "overview");
  cb_ui_wait_refused ("push button", "Retry All: The gateway said no", "Your user may not change jobs here: ");
  cb_ui_wait_sensitive ("push button", "Show: The gateway said no", TRUE);
  scroll_down_to ("More about: The gateway said no");
  cb_ui_click_until (NULL, "More about: The gateway said no", "What These Have in Common");
  cb_ui_wait_refused ("push button", "Remove All…: The gateway said no", "'evalsha'");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("What These Have in Common");

  cb_ui_click_on ("label", "Keys");
  cb_ui_click_until ("label", "hash", "1 field");
  cb_ui_wait_refused (NULL, "New Key", "Your user may not change keys here: ");
  cb_ui_wait_refused (NULL, "Add Field", "Your user may not change keys here: ");
  cb_ui_find ("label", "read-only");
  cb_ui_click_until ("label", "field", "Rename Field");
  cb_ui_wait_refused (NULL, "Delete this element", "Your user may not change keys here: ");
  cb_ui_click_until (NULL, "When the key expires", "Expires after");
  cb_ui_wait_refused (NULL, "Set", "Your user may not change keys here: ");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Expires after");

  /* With the next connection. */
  let (redis, "+@all", NULL);
  cb_reply_unref (cb_test_redis_call (redis, "CLIENT", "KILL", "TYPE", "normal", NULL));
  cb_ui_wait_sensitive (NULL, "Delete this element", TRUE);
  cb_ui_wait_no_text ("read-only");
  cb_ui_click_on ("label", "Overview");
  cb_ui_wait_sensitive ("push button", "Retry All: The gateway said no", TRUE);
  cb_ui_stop ();
  assert_jobs (redis);
}

/* A user of whom it is not known: each try tells what the server said, and nothing has changed. */
static void
test_tried (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *value = NULL;

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "1", NULL));
  let (redis, "on", ">see", "~*", "&*", LOOKER, NULL);

  start (redis, AS_LOOKER, "keys");
  cb_ui_click_until ("label", "a", "1 byte");
  cb_ui_click_on ("text", "1");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("22");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("NOPERM");
  /* What was typed is not lost, and can be thrown away for what is there. */
  cb_ui_click_on ("push button", "Discard");
  cb_ui_wait_no_text ("changed, not saved");
  cb_ui_find ("text", "1");

  cb_ui_click_on ("label", "push_notification_code");
  cb_ui_click_until ("label", "number 5", "Timeline");
  cb_ui_click_on (NULL, "Retry");
  cb_ui_wait_text ("NOPERM");
  assert_jobs (redis);

  cb_ui_click_on ("label", "Worker");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text ("NOPERM");
  assert_jobs (redis);
  cb_ui_stop ();
  value = cb_test_redis_get_string (redis, "GET", "a", NULL);
  g_assert_cmpstr (value, ==, "1");
}

/* A server that is only to be looked at, by mouse and by keyboard: nothing that writes leaves the program. */
static void
test_looking_only (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *value = NULL;

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "hash", "field", "value", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "RESETSTAT", NULL));

  start (redis, "?production=1", "keys");
  cb_ui_wait_text ("is for looking only");
  cb_ui_click_until ("label", "hash", "1 field");
  cb_ui_wait_refused (NULL, "Add Field", "This connection is read-only.");
  cb_ui_key ("Delete");
  cb_ui_key ("F2");
  cb_ui_click_until ("label", "a", "1 byte");
  cb_ui_key ("Delete");
  cb_ui_key ("F2");
  cb_ui_key ("ctrl+n");
  cb_ui_key ("ctrl+z");
  cb_test_run_for (500);
  g_assert_false (cb_ui_has_text ("Delete This Key?"));
  g_assert_false (cb_ui_has_text ("Phone Number"));

  cb_ui_click_on ("label", "push_notification_code");
  cb_ui_click_until ("label", "number 5", "Timeline");
  cb_ui_key ("Delete");
  cb_ui_key ("ctrl+r");
  cb_ui_key ("ctrl+e");
  cb_ui_key ("ctrl+z");
  cb_test_run_for (500);
  cb_ui_wait_sensitive ("push button", "Edit", FALSE);

  cb_ui_click_on ("label", "Overview");
  cb_ui_wait_refused ("push button", "Retry All: The gateway said no", "This connection is read-only.");
  cb_ui_click_on ("label", "Worker");
  cb_ui_wait_sensitive (NULL, "Serve push_notification_code", FALSE);
  cb_ui_click_on ("label", "Console");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("DEL a");
  cb_ui_key ("Return");
  cb_ui_wait_text ("was not sent");
  cb_ui_stop ();

  assert_only_looked (redis);
  assert_jobs (redis);
  value = cb_test_redis_get_string (redis, "GET", "a", NULL);
  g_assert_cmpstr (value, ==, "1");
}

/* A replica: it is said to be one, it is not written to, no job is taken, and what is published is heard. */
static void
test_replica (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "REPLICAOF", "127.0.0.1", "1", NULL));

  start (redis, "", "server");
  cb_ui_wait_text ("This replica has no link to its master 127.0.0.1:1");
  cb_ui_click_on ("label", "push_notification_code");
  cb_ui_click_until ("label", "number 5", "Timeline");
  cb_ui_click_on (NULL, "Retry");
  cb_ui_wait_text ("READONLY");
  cb_ui_click_on ("label", "Worker");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text ("read-only replica");
  assert_jobs (redis);

  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type ("news");
  cb_ui_key ("Return");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "PUBLISH", "news", "hello", NULL) == 1);
  cb_ui_wait_text ("news: hello");
  cb_ui_stop ();
}

/* A server without SCAN and SUBSCRIBE, and without INFO, CONFIG and KEYS: what is missing is said, the rest goes on. */
static void
test_lacking (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "SCAN", "s1a9", "--rename-command", "SUBSCRIBE", "",
                                                     "--rename-command", "PSUBSCRIBE", "", "--rename-command", "INFO", "cc451322",
                                                     "--rename-command", "CONFIG", "", "--rename-command", "KEYS", "",
                                                     "--databases", "50", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  make_jobs (redis);
  cb_reply_unref (cb_test_redis_call (redis, "SET", "known", "1", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "redis.call ('SELECT', 30) redis.call ('SET', 'here', 1) return 1", "0", NULL));

  start (redis, "", "keys");
  cb_ui_wait_text ("The Keys Can’t Be Listed");
  cb_ui_wait_text ("unknown command");
  open_by_name ("known");
  cb_ui_wait_text ("string");

  /* A press just after another popover was closed may be lost. */
  cb_ui_click_until ("label", "push_notification_code", "asked for every 2 s");
  cb_ui_wait_text ("7 jobs");
  put (redis, 8, "failed");
  cb_ui_wait_text ("8 jobs");

  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type ("cb:x");
  cb_ui_key ("Return");
  cb_ui_wait_text ("SUBSCRIBE: ERR unknown command");
  cb_ui_click_away (NULL, "Unsubscribe from cb:x");
  cb_ui_wait_no_text ("SUBSCRIBE: ERR unknown command");

  /* Said on the page that needs it, and not asked for again and again. */
  cb_ui_click_on ("label", "Server");
  cb_ui_wait_text ("INFO: ERR unknown command");
  cb_test_run_for (1500);
  before = cb_test_redis_get_string (redis, "cc451322", "errorstats", NULL);
  cb_test_run_for (3000);
  after = cb_test_redis_get_string (redis, "cc451322", "errorstats", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_stop ();

  /* Which databases there are is not known: any can be asked for. */
  start (redis, "?db=30", "keys");
  cb_ui_wait_text ("?db=30");
  open_by_name ("here");
  cb_ui_wait_text ("string");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/rights/narrow", test_narrow);
  g_test_add_func ("/ui/rights/grey", test_grey);
  g_test_add_func ("/ui/rights/tried", test_tried);
  g_test_add_func ("/ui/rights/looking-only", test_looking_only);
  g_test_add_func ("/ui/rights/replica", test_replica);
  g_test_add_func ("/ui/rights/lacking", test_lacking);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
