/* test-ui-key-value.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The view of a key: each type is shown, changed by hand, refused when somebody was there first, undone; and looking changes
 * nothing. What a server has afterwards is asked of the server. */

#include "cb-fake-server.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <locale.h>
#include <string.h>

static CbTestRedis *redis;

/* --- the server --- */

static void
set_up (void)
{
  redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
}

static void
tear_down (void)
{
  cb_ui_stop ();
  g_clear_pointer (&redis, cb_test_redis_free);
}

static void
command (const char *word, ...)
{
  const char *words[32] = { word, };
  g_autoptr (CbReply) reply = NULL;
  guint n = 0;
  va_list list;

  va_start (list, word);
  for (const char *one = word; one != NULL; one = va_arg (list, const char *))
    words[n++] = one;
  va_end (list);
  reply = cb_test_redis_call_argv (redis, n, words, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static char *
digest (const char *key)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "DEBUG", "DIGEST-VALUE", key, NULL);

  return g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), NULL));
}

static gboolean
is_string (const char *expected, const char *name, const char *key, const char *element)
{
  g_autofree char *now = cb_test_redis_get_string (redis, name, key, element, NULL);

  return g_strcmp0 (now, expected) == 0;
}

/* Until a command says so. */
static void
wait_for (const char *expected, const char *name, const char *key, const char *element)
{
  cb_test_wait_until (is_string (expected, name, key, element));
}

static void
wait_for_number (gint64 expected, const char *name, const char *key, const char *element)
{
  cb_test_wait_until (cb_test_redis_get_integer (redis, name, key, element, NULL) == expected);
}

/* --- the window --- */

static void
start (const char *key, const char *option)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start (option != NULL ? option : "--width=640", server, key, NULL);
  cb_ui_find (NULL, "Read the key again");
}

static void
show (const char *key)
{
  cb_ui_click_on (NULL, "Key");
  cb_ui_key ("ctrl+a");
  cb_ui_type (key);
  cb_ui_key ("Return");
  cb_ui_find ("label", key);
}

/* In place of what is in the text that has the focus. */
static void
write_text (const char *text)
{
  cb_ui_key ("ctrl+a");
  cb_ui_type (text);
}

/* --- tests --- */

static void
test_hash (void)
{
  set_up ();
  command ("HSET", "job", "data", "{\"a\":1.0,\"b\":123456789012345678901234567890}", "state", "failed", NULL);
  command ("EXPIRE", "job", "5000", NULL);
  start ("job", NULL);
  cb_ui_find ("label", "hash");
  cb_ui_wait_text ("2 fields");
  cb_ui_click_until ("label", "data", "\"b\": 123456789012345678901234567890");

  /* Enter goes to the text, and Ctrl+S stores it: as compact as it was. */
  cb_ui_key ("Return");
  write_text ("{ \"a\": 2.50 ");
  cb_ui_wait_text ("It is no JSON");
  cb_ui_key ("ctrl+s");
  cb_ui_type ("}");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_key ("ctrl+s");
  wait_for ("{\"a\":2.50}", "HGET", "job", "data");
  cb_ui_wait_text ("told: changed");
  cb_ui_wait_no_text ("changed, not saved");

  /* Somebody else was there: nothing is stored, both are shown, and only overwriting stores. */
  write_text ("{ \"a\": 3 }");
  cb_ui_wait_text ("changed, not saved");
  command ("HSET", "job", "data", "{\"a\":99}", NULL);
  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("This was changed by somebody else");
  cb_ui_wait_text ("−   \"a\": 99");
  cb_ui_wait_text ("+   \"a\": 3");
  wait_for ("{\"a\":99}", "HGET", "job", "data");
  cb_ui_click_on ("label", "Overwrite");
  wait_for ("{\"a\":3}", "HGET", "job", "data");
  cb_ui_wait_no_text ("This was changed by somebody else");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "job", NULL), >, 4000);
  tear_down ();
}

static void
test_delete_undo (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  set_up ();
  command ("RPUSH", "todo", "a", "b", "x", "c", "x", NULL);
  command ("HSET", "one", "only", "value", NULL);
  command ("EXPIRE", "one", "5000", NULL);
  before = digest ("todo");
  start ("todo", NULL);
  cb_ui_click_on ("label", "b");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("“b” was deleted.");
  wait_for_number (4, "LLEN", "todo", NULL);
  cb_ui_click_on ("label", "Undo");
  wait_for_number (5, "LLEN", "todo", NULL);
  after = digest ("todo");
  g_assert_cmpstr (before, ==, after);

  /* Another one came before it: what was shown as the third is not the third any more. */
  cb_ui_click_on ("label", "c");
  command ("LPUSH", "todo", "new", NULL);
  cb_ui_click_on (NULL, "Delete this element");
  cb_ui_wait_text ("has changed meanwhile");
  wait_for_number (6, "LLEN", "todo", NULL);

  /* The last one takes the key with it, and brings it back with its time. */
  show ("one");
  cb_ui_click_on ("label", "only");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("This key is gone");
  wait_for_number (0, "EXISTS", "one", NULL);
  cb_ui_wait_text ("told: gone");
  cb_ui_click_on ("label", "Undo");
  wait_for ("value", "HGET", "one", "only");
  cb_ui_wait_no_text ("This key is gone");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "one", NULL), >, 4000);
  tear_down ();
}

/* A list that moves between the choice and the click: what stands at that place now is not what was chosen, and not the other one of that name
 * either. */
static void
test_moved (void)
{
  g_autofree char *left = NULL;

  set_up ();
  command ("RPUSH", "todo", "a", "b", "c", "x", "d", "e", "x", "f", NULL);
  start ("todo", NULL);
  cb_ui_wait_text ("8 elements");
  cb_ui_click_on ("label", "x");
  command ("LPOP", "todo", "2", NULL);
  cb_ui_key ("Delete");
  cb_ui_wait_text ("has changed meanwhile");
  wait_for_number (6, "LLEN", "todo", NULL);
  /* As it is now, and then it is the one that is meant. */
  cb_ui_wait_text ("6 elements");
  cb_ui_wait_no_text ("8 elements");
  cb_ui_click_on ("label", "x");
  cb_ui_key ("Delete");
  wait_for_number (5, "LLEN", "todo", NULL);
  left = cb_test_redis_get_string (redis, "EVAL", "return table.concat (redis.call ('LRANGE', 'todo', 0, -1), ' ')", "0", NULL);
  g_assert_cmpstr (left, ==, "c d e x f");
  tear_down ();
}

/* Of a set that comes in several parts: the one that is deleted is the one that was shown, by its name and not by its place. */
static void
test_second_page (void)
{
  g_autofree char *first = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *told = NULL;
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  set_up ();
  command ("EVAL", "for i = 1, 400 do redis.call ('SADD', 'many', 'member-' .. i) end return redis.call ('COPY', 'many', 'all')", "0", NULL);
  first = cb_test_redis_get_string (redis, "EVAL", "return redis.call ('SSCAN', 'many', '0', 'COUNT', '100')[2][1]", "0", NULL);
  start ("many", NULL);
  cb_ui_click_on ("label", first);
  while (!cb_ui_has_text ("400 of 400 shown"))
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("Not all members are shown");
      cb_ui_key ("End");
    }
  cb_ui_key ("End");
  cb_ui_key ("Delete");
  wait_for_number (399, "SCARD", "many", NULL);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "SDIFFSTORE", "gone", "all", "many", NULL), ==, 1);
  gone = cb_test_redis_get_string (redis, "SRANDMEMBER", "gone", NULL);
  told = g_strdup_printf ("“%s” was deleted.", gone);
  cb_ui_wait_text (told);
  /* It was not among those that came first. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL",
                                              "for _, member in ipairs (redis.call ('SSCAN', 'all', '0', 'COUNT', '100')[2]) do\n"
                                              "  if member == ARGV[1] then return 1 end\n"
                                              "end return 0", "0", gone, NULL), ==, 0);
  tear_down ();
}

/* Among the few that a filter leaves it is the one that is shown there, too, and not the one that stands at its place in the set. */
static void
test_filtered (void)
{
  set_up ();
  command ("EVAL", "for i = 0, 120 do redis.call ('SADD', 'many', i) end return redis.call ('COPY', 'many', 'all')", "0", NULL);
  command ("SADD", "many", "extra-001", "extra-010", NULL);
  start ("many", NULL);
  cb_ui_wait_text ("123 members");
  cb_ui_click_on (NULL, "Filter members");
  cb_ui_type ("extra");
  cb_ui_wait_text ("2 match");
  cb_ui_click_on ("label", "extra-010");
  cb_ui_key ("Delete");
  wait_for_number (122, "SCARD", "many", NULL);
  cb_ui_wait_text ("“extra-010” was deleted.");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "SISMEMBER", "many", "extra-010", NULL), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "SISMEMBER", "many", "extra-001", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "SDIFFSTORE", "gone", "all", "many", NULL), ==, 0);
  tear_down ();
}

static void
test_add (void)
{
  g_autofree char *score = NULL;

  set_up ();
  command ("SADD", "set", "here", NULL);
  command ("ZADD", "zset", "1.1000000000000001", "exact", NULL);
  start ("set", NULL);
  cb_ui_click_on (NULL, "Add Member");
  cb_ui_click_on (NULL, "Member");
  cb_ui_type ("here");
  cb_ui_key ("Return");
  cb_ui_wait_text ("There is a “here” already");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("\\x00\\xff");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  wait_for_number (2, "SCARD", "set", NULL);
  cb_ui_find ("label", "\\x00\\xff");
  {
    static const char * const words[] = { "SISMEMBER", "set", "\0\xff" };
    static const gsize lengths[] = { 9, 3, 2 };
    g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, 3, (const char **) words, (gsize *) lengths);
    gint64 number = 0;

    g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &number));
    g_assert_cmpint (number, ==, 1);
  }

  /* Scores are as the server says them (7.0: 1.1000000000000001, 8.0: 1.1), and only numbers are stored. */
  show ("zset");
  score = cb_test_redis_get_string (redis, "ZSCORE", "zset", "exact", NULL);
  g_assert_true (g_str_has_prefix (score, "1.1"));
  cb_ui_find ("label", score);
  cb_ui_click_on ("label", "exact");
  tear_down ();
}

static void
test_string (void)
{
  set_up ();
  command ("SET", "text", "one line", "EX", "6000", NULL);
  command ("SET", "other", "unchanged", NULL);
  start ("text", NULL);
  cb_ui_find ("label", "string");
  cb_ui_wait_text ("8 bytes");
  cb_ui_wait_text ("expires in");
  cb_ui_click_on (NULL, "one line");
  write_text ("another");
  cb_ui_wait_text ("changed, not saved");

  /* Another key is not shown over what is written. */
  cb_ui_click_on (NULL, "Key");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("other");
  cb_ui_key ("Return");
  cb_ui_wait_text ("What you changed in “text” is not stored yet.");
  cb_ui_wait_text ("another");
  cb_ui_click_on ("label", "Save");
  wait_for ("another", "GET", "text", NULL);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "text", NULL), >, 5000);
  show ("other");
  cb_ui_wait_text ("unchanged");

  /* A string that is a list now. */
  command ("DEL", "other", NULL);
  command ("RPUSH", "other", "a", "b", NULL);
  cb_ui_click_on (NULL, "Read the key again");
  cb_ui_find ("label", "list");
  cb_ui_wait_text ("2 elements");
  tear_down ();
}

/* What a person may type for a time, and what may not cost the key. */
static void
test_expiry (void)
{
  static const struct { const char *key, *entry; } wrong[] = {
    { "ttl:b", "0" }, { "ttl:c", "" }, { "ttl:d", "99999999999999999999" }, { "ttl:e", "1.5" }, { "ttl:a", "-1" },
  };
  g_autofree char *stats = NULL;

  set_up ();
  command ("SET", "ttl:none", "v", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    command ("SET", wrong[i].key, "v", "EX", "6000", NULL);
  command ("CONFIG", "RESETSTAT", NULL);
  command ("SET", "far", "v", "PXAT", "9999999999999", NULL);
  start ("ttl:none", NULL);
  cb_ui_wait_text ("no expiry");
  g_assert_false (cb_ui_has_text ("-1"));
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *said = g_strdup_printf ("“%s” is no time to live", wrong[i].entry);
      /* The blank is for the tool that types, which would take a minus for an option. */
      g_autofree char *typed = g_strconcat (" ", wrong[i].entry, NULL);

      show (wrong[i].key);
      cb_ui_wait_text ("expires in");
      cb_ui_click_on (NULL, "When the key expires");
      cb_ui_click_on (NULL, "Expires after");
      cb_ui_key ("ctrl+a");
      cb_ui_type (typed);
      cb_ui_key ("Return");
      cb_ui_wait_text (said);
      cb_ui_key ("Escape");
      cb_ui_wait_no_text (said);
    }
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "ttl:a", "ttl:b", "ttl:c", "ttl:d", "ttl:e", NULL), ==, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", wrong[i].key, NULL), >, 5000);
  /* Nothing was sent for any of them, neither as it is nor in a script. */
  stats = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_assert_null (strstr (stats, "expire"));
  g_assert_null (strstr (stats, "eval"));
  g_assert_null (strstr (stats, "cmdstat_del"));

  cb_ui_click_on (NULL, "When the key expires");
  cb_ui_click_on (NULL, "Expires after");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("2h");
  cb_ui_key ("Return");
  cb_ui_wait_text ("expires in 1 h 5");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "ttl:a", NULL), >, 7000);
  /* A press just after another popover was closed may be lost. */
  cb_ui_click_until (NULL, "When the key expires", "Never Expires");
  cb_ui_click_on (NULL, "Expires after");
  cb_ui_key ("Tab");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  wait_for_number (-1, "TTL", "ttl:a", NULL);
  cb_ui_wait_text ("no expiry");
  show ("far");
  cb_ui_wait_text ("expires on 2286-11-20");
  tear_down ();
}

static void
test_expires (void)
{
  set_up ();
  command ("SET", "short", "hello", "EX", "6000", NULL);
  start ("short", NULL);
  cb_ui_click_on (NULL, "hello");
  write_text ("edited");
  cb_ui_wait_text ("changed, not saved");
  /* Not so short that it is over before something is written. */
  command ("PEXPIRE", "short", "4000", NULL);
  cb_ui_click_on (NULL, "Read the key again");
  cb_ui_wait_text ("This key is gone");
  cb_ui_wait_text ("edited");
  g_assert_false (cb_ui_has_text ("-2"));
  wait_for_number (0, "EXISTS", "short", NULL);
  cb_ui_key ("ctrl+s");
  wait_for_number (0, "EXISTS", "short", NULL);

  /* Only when that is asked for. */
  cb_ui_click_on ("label", "Create It Again");
  wait_for ("edited", "GET", "short", NULL);
  cb_ui_wait_no_text ("This key is gone");
  tear_down ();
}

static void
test_stream (void)
{
  set_up ();
  command ("XADD", "edge", "1-0", "k", "zero", NULL);
  command ("XADD", "edge", "9007199254740993-7", "f", "v", NULL);
  command ("EVAL", "redis.call ('XADD', 'edge', '18446744073709551615-18446744073709551615', 'k', 'one', 'k', 'two', '\\0bin', '\\255\\0\\254')",
           "0", NULL);
  command ("XGROUP", "CREATE", "edge", "readers", "0", NULL);
  command ("XREADGROUP", "GROUP", "readers", "alice", "COUNT", "2", "STREAMS", "edge", ">", NULL);
  command ("XDEL", "edge", "1-0", NULL);
  start ("edge", NULL);
  cb_ui_wait_text ("2 entries");
  cb_ui_find ("label", "9007199254740993-7");
  cb_ui_find ("label", "18446744073709551615-18446744073709551615");
  cb_ui_find ("label", "k: one   k: two   \\x00bin: \\xff\\x00\\xfe");
  g_assert_false (cb_ui_has_text ("1-0"));
  /* What no clock comes to is no date: as one it would be in the year 584556019. */
  g_assert_false (cb_ui_has_text ("584556"));
  cb_ui_click_until (NULL, "Groups", "Last delivered: 9007199254740993-7");
  cb_ui_find ("label", "1 consumer");
  cb_ui_find ("label", "alice");
  cb_ui_find ("label", "2 entries delivered and not acknowledged");
  cb_ui_find ("label", "deleted");
  cb_ui_find ("label", "1-0");
  tear_down ();
}

/* An entry of several fields, in the order in which they were written. */
static void
test_stream_add (void)
{
  set_up ();
  command ("XADD", "events", "1-0", "k", "zero", NULL);
  start ("events", NULL);
  cb_ui_wait_text ("1 entry");
  cb_ui_click_on (NULL, "Add Entry");
  cb_ui_find (NULL, "Another Field");
  cb_ui_type ("city");
  cb_ui_key ("Tab");
  cb_ui_type ("Tulsa");
  cb_ui_key ("Tab");
  cb_ui_key ("space");
  cb_ui_find (NULL, "Leave This Field Out");
  cb_ui_type ("city");
  cb_ui_key ("Tab");
  cb_ui_type ("Cali");
  cb_ui_key ("Return");
  cb_ui_find ("label", "city: Tulsa   city: Cali");
  wait_for_number (2, "XLEN", "events", NULL);
  tear_down ();
}

/* The row of the drop-down. None of those that are chosen here is "Number", so that it tells whether the rows are there; which
 * of them has the focus can't be seen, so it is tried again when that was another. */
static void
choose_form (guint row, const char *name)
{
  for (guint try = 0; try < 5; try++)
    {
      cb_ui_click_on ("combo box", "Shown as");
      cb_ui_find ("label", "Number");
      cb_ui_key ("Home");
      for (guint i = 0; i < row; i++)
        cb_ui_key ("Down");
      cb_ui_key ("Return");
      cb_ui_wait_no_text ("Number");
      cb_test_run_for (300);
      {
        g_autoptr (CbUiThing) label = cb_ui_peek ("label", name);

        if (label != NULL)
          return;
      }
    }
  cb_ui_fail ("%s can’t be chosen", name);
}

/* Where a value has not the form it is to be shown in, there is nothing to write into. */
static void
type_in_vain (const char *why)
{
  cb_ui_click_on ("label", why);
  cb_ui_key ("ctrl+a");
  cb_ui_type ("x");
  cb_ui_find ("label", why);
  cb_ui_wait_text ("not of this form");
  g_assert_false (cb_ui_has_text ("changed, not saved"));
}

/* Shown in each form, a value stays as it is; and the form that is chosen is how its like is shown from then on. */
static void
test_forms (void)
{
  static const char * const keys[] = { "spaced", "bin", "crlf", "blob" };
  static const char * const hex[] = { "7b 20 22 62", "00 ff fe 41 42 43", "61 0d 0a 62", "83 a1 61 01 a1 62 c0" };
  g_auto (GStrv) before = g_new0 (char *, G_N_ELEMENTS (keys) + 1);

  set_up ();
  command ("EVAL", "redis.call ('SET', 'spaced', '{ \"b\" : 1.0,\\n \"a\":\\t2 }  ') redis.call ('SET', 'bin', '\\0\\255\\254ABC')\n"
                   "redis.call ('SET', 'crlf', 'a\\r\\nb')\n"
                   "redis.call ('HSET', 'blob', 'mp', '\\131\\161a\\1\\161b\\192\\161c\\129\\161d\\202\\63\\128\\0\\0')", "0", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    before[i] = digest (keys[i]);
  command ("SET", "user:17", "abc", NULL);
  command ("SET", "user:18", "xyz", NULL);
  start ("spaced", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *after = NULL;

      if (i > 0)
        show (keys[i]);
      if (g_str_equal (keys[i], "blob"))
        {
          /* The whole number and the one with a point stay what they are. */
          cb_ui_click_until ("label", "mp", "\"d\": 1.0");
          cb_ui_wait_text ("Guessed: MessagePack");
        }
      /* What it is not is said, and not shown as something else. */
      choose_form (1, "Text");
      if (i == 1 || i == 3)
        type_in_vain ("It is no text (UTF-8): look at it as hex.");
      cb_ui_key ("ctrl+s");
      choose_form (2, "JSON");
      if (i == 1 || i == 3)
        type_in_vain ("It is no text (UTF-8): look at it as hex.");
      cb_ui_key ("ctrl+s");
      choose_form (6, "Hex");
      cb_ui_key ("ctrl+s");
      cb_ui_wait_text (hex[i]);
      cb_ui_key ("ctrl+s");
      after = digest (keys[i]);
      g_assert_cmpstr (after, ==, before[i]);
      g_assert_false (cb_ui_has_text ("told: changed"));
    }

  show ("user:17");
  cb_ui_wait_text ("Guessed: Text");
  choose_form (6, "Hex");
  cb_ui_wait_text ("61 62 63");
  show ("user:18");
  cb_ui_wait_text ("78 79 7a");

  /* And what is written in that form is stored, also of what is no text and has no other. */
  cb_ui_click_on (NULL, "78 79 7a");
  write_text ("00 ff");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_key ("ctrl+s");
  wait_for_number (2, "STRLEN", "user:18", NULL);
  cb_ui_wait_no_text ("changed, not saved");
  cb_ui_click_on (NULL, "00 ff");
  write_text ("00 ff fe");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_key ("ctrl+s");
  wait_for_number (3, "STRLEN", "user:18", NULL);
  tear_down ();
}

/* A server with types that nobody here has heard of. */
static gboolean
answer (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  const CbValue *word = cb_value_get_element (command, 0);
  const char *key = cb_value_get_string (cb_value_get_element (command, 1), NULL);

  if (cb_value_equal_string (word, "TYPE"))
    cb_fake_client_send (client, g_strcmp0 (key, "bloom") == 0 ? "+MBbloom--\r\n" : "+ReJSON-RL\r\n", -1);
  else if (cb_value_equal_string (word, "PTTL"))
    cb_fake_client_send (client, ":5000000\r\n", -1);
  else if (cb_value_equal_string (word, "MEMORY"))
    cb_fake_client_send (client, ":4711\r\n", -1);
  else if (cb_value_equal_string (word, "DUMP"))
    cb_fake_client_send (client, "$5\r\nabcde\r\n", -1);
  else if (cb_value_equal_string (word, "OBJECT"))
    cb_fake_client_send (client, "$3\r\nraw\r\n", -1);
  else if (cb_value_equal_string (word, "JSON.GET"))
    cb_fake_client_send (client, "-ERR unknown command 'JSON.GET'\r\n", -1);
  else
    return FALSE;
  return TRUE;
}

static void
test_unknown (void)
{
  CbFakeServer *server = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (server));

  cb_fake_server_set_handler (server, answer, NULL);
  cb_ui_start ("--width=640", uri, "bloom", NULL);
  cb_ui_wait_text ("Values of the type MBbloom-- can’t be shown here");
  cb_ui_find ("label", "MBbloom--");
  cb_ui_wait_text ("5 bytes as DUMP");
  cb_ui_wait_text ("expires in 1 h 23 min");
  show ("json");
  cb_ui_wait_text ("Values of the type ReJSON-RL can’t be shown here");
  cb_ui_stop ();
  cb_fake_server_free (server);
}

/* Opened at once, whatever there is; and looking changes nothing. */
static void
test_large (void)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  set_up ();
  command ("SETRANGE", "big", "52428799", "z", NULL);
  command ("EVAL", "for i = 0, 199999 do redis.call ('HSET', KEYS[1], 'field:' .. i, 'value ' .. i) end", "1", "hash", NULL);
  before = digest ("hash");
  start ("big", "--read-only");
  cb_ui_wait_text ("52428800 bytes");
  cb_ui_wait_text ("Bytes 0 to 65535 of 52428800");
  cb_ui_wait_text ("is shown and changed in parts");
  cb_ui_find ("label", "read-only");
  cb_ui_click_until (NULL, "The next part", "Bytes 65536 to 131071 of 52428800");
  cb_ui_click_on (NULL, "Go to byte");
  cb_ui_type ("52428799");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Bytes 52428799 to 52428799 of 52428800");
  show ("hash");
  cb_ui_wait_text ("200000 fields");
  cb_ui_wait_text ("of 200000 shown");
  cb_ui_click_on (NULL, "Filter fields");
  cb_ui_type ("field:199999");
  cb_ui_wait_text ("1 match; 200000 of 200000 looked at");
  cb_ui_find ("label", "value 199999");
  after = digest ("hash");
  g_assert_cmpstr (before, ==, after);
  tear_down ();
}

/* A part of what is long is changed by itself; another part is not gone to over what is written; and what somebody changed meanwhile is
 * shown, and replaced when that is wanted. */
static void
test_part (void)
{
  g_autofree char *last = NULL;
  g_autofree char *end = NULL;

  set_up ();
  command ("EVAL", "local lines = {} for i = 1, 100000 do lines[i] = string.format ('line %08d', i) end\n"
                   "redis.call ('SET', KEYS[1], table.concat (lines, '\\n'), 'EX', 600)", "1", "big", NULL);
  start ("big", NULL);
  cb_ui_wait_text ("1399999 bytes");
  cb_ui_click_on (NULL, "Go to byte");
  cb_ui_type ("1399986");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Bytes 1399986 to 1399998 of 1399999");
  cb_ui_click_on (NULL, "line 00100000");
  write_text ("the very last line");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_click_until (NULL, "The part before", "What you changed in this part is not stored yet");
  cb_ui_click_on (NULL, "the very last line");
  cb_ui_key ("ctrl+s");
  wait_for_number (1400004, "STRLEN", "big", NULL);
  last = cb_test_redis_get_string (redis, "GETRANGE", "big", "1399972", "-1", NULL);
  g_assert_cmpstr (last, ==, "line 00099999\nthe very last line");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "big", NULL), >, 300);
  cb_ui_wait_text ("Bytes 1399986 to 1400003 of 1400004");

  cb_ui_click_on (NULL, "the very last line");
  write_text ("mine");
  cb_ui_wait_text ("changed, not saved");
  command ("SETRANGE", "big", "1399986", "THEIRS", NULL);
  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("This was changed by somebody else");
  cb_ui_wait_text ("THEIRSry last line");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "STRLEN", "big", NULL), ==, 1400004);
  cb_ui_click_on ("label", "Overwrite");
  wait_for_number (1399990, "STRLEN", "big", NULL);
  end = cb_test_redis_get_string (redis, "GETRANGE", "big", "1399972", "-1", NULL);
  g_assert_cmpstr (end, ==, "line 00099999\nmine");
  tear_down ();
}

/* Scores as the server tells them, in their order, whatever the decimal sign of the person is. */
static void
test_scores (void)
{
  static const char * const scores[] = { "100000000060000", "1447852714", "9007199254740993", "20190509102112650", "1.1", "inf", "-inf",
                                         "5e-324", "-0.0" };
  static const char * const locales[] = { "C.UTF-8", "de_DE.UTF-8" };
  static const char * const members[] = { "bottom", "minuszero", "tiny", "tenth", "epoch", "guest", "odd", "stamp", "top" };
  static const char * const added[] = { "guest", "epoch", "odd", "stamp", "tenth", "top", "bottom", "tiny", "minuszero" };

  g_autofree char *server = NULL;

  set_up ();
  server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  for (gsize i = 0; i < G_N_ELEMENTS (scores); i++)
    command ("ZADD", "scores", scores[i], added[i], NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      int x, y, last_y = 0;
      locale_t locale = newlocale (LC_ALL_MASK, locales[i], (locale_t) 0);

      if (locale == (locale_t) 0)
        {
          g_test_message ("There is no locale %s here", locales[i]);
          continue;
        }
      freelocale (locale);
      cb_ui_set_environment ("LC_ALL", locales[i]);
      cb_ui_start ("--width=640", server, "scores", NULL);
      for (gsize j = 0; j < G_N_ELEMENTS (members); j++)
        {
          g_autofree char *score = cb_test_redis_get_string (redis, "ZSCORE", "scores", members[j], NULL);
          int score_x, score_y;

          cb_ui_get_middle ("label", members[j], &x, &y);
          cb_ui_get_middle ("label", score, &score_x, &score_y);
          g_assert_cmpint (ABS (score_y - y), <, 5);
          g_assert_cmpint (y, >, last_y);
          last_y = y;
        }
      /* The one that is chosen is in the entry with the same digits. */
      cb_ui_click_on ("label", "stamp");
      cb_ui_find ("text", "20190509102112648");

      /* Typed with a comma it is no number, whatever the language. */
      cb_ui_click_on ("label", "guest");
      cb_ui_click_on ("text", "100000000060000");
      write_text ("1,75");
      cb_ui_key ("Return");
      cb_ui_wait_text ("“1,75” is no score");
      g_assert_true (is_string ("100000000060000", "ZSCORE", "scores", "guest"));
      write_text ("1.75");
      cb_ui_key ("Return");
      wait_for ("1.75", "ZSCORE", "scores", "guest");
      cb_ui_find ("label", "1.75");
      command ("ZADD", "scores", "100000000060000", "guest", NULL);
      cb_ui_stop ();
    }
  cb_ui_set_environment ("LC_ALL", "C.UTF-8");
  g_clear_pointer (&redis, cb_test_redis_free);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/key-value/hash", test_hash);
  g_test_add_func ("/ui/key-value/delete-undo", test_delete_undo);
  g_test_add_func ("/ui/key-value/moved", test_moved);
  g_test_add_func ("/ui/key-value/second-page", test_second_page);
  g_test_add_func ("/ui/key-value/filtered", test_filtered);
  g_test_add_func ("/ui/key-value/add", test_add);
  g_test_add_func ("/ui/key-value/string", test_string);
  g_test_add_func ("/ui/key-value/expiry", test_expiry);
  g_test_add_func ("/ui/key-value/expires", test_expires);
  g_test_add_func ("/ui/key-value/stream", test_stream);
  g_test_add_func ("/ui/key-value/stream-add", test_stream_add);
  g_test_add_func ("/ui/key-value/forms", test_forms);
  g_test_add_func ("/ui/key-value/unknown", test_unknown);
  g_test_add_func ("/ui/key-value/large", test_large);
  g_test_add_func ("/ui/key-value/part", test_part);
  g_test_add_func ("/ui/key-value/scores", test_scores);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
