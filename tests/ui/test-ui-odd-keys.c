/* test-ui-odd-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Keys of odd names and of odd types, very many in one folder, and keys that become something else or end while they are looked at. */

#include <stdarg.h>
#include <string.h>

#include "cb-fake-proxy.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

static CbTestRedis *redis;

/* ---- the server ---- */

static CbReply *
command (const char *word, ...)
{
  const char *words[32] = { word, };
  CbReply *reply;
  guint n = 0;
  va_list list;

  va_start (list, word);
  for (const char *one = word; one != NULL; one = va_arg (list, const char *))
    words[n++] = one;
  va_end (list);
  reply = cb_test_redis_call_argv (redis, n, words, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  return reply;
}

#define run(...) cb_reply_unref (command (__VA_ARGS__, NULL))

static void
start_on (const char *page)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_start ("--server", server, "--page", page, NULL);
}

static void
start (void)
{
  start_on ("keys");
}

static void
stop (void)
{
  cb_ui_stop ();
  g_clear_pointer (&redis, cb_test_redis_free);
}

static gboolean
is_string (const char *expected, const char *name, const char *key)
{
  g_autofree char *now = cb_test_redis_get_string (redis, name, key, NULL);

  return g_strcmp0 (now, expected) == 0;
}

/* How often a command was called, by its name in lower case. */
static guint
count_calls (const char *name)
{
  g_autofree char *all = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_autofree char *line = g_strdup_printf ("cmdstat_%s:calls=", name);
  const char *at = strstr (all, line);

  return at != NULL ? (guint) g_ascii_strtoull (at + strlen (line), NULL, 10) : 0;
}

/* ---- the window ---- */

static void
search (const char *text)
{
  cb_ui_key ("ctrl+f");
  cb_ui_key ("ctrl+a");
  cb_ui_type (text);
}

static void
clear_search (void)
{
  cb_ui_key ("ctrl+f");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("Delete");
}

/* By its whole name. */
static void
open_key (const char *name, const char *value)
{
  search (name);
  cb_ui_wait_text ("exact name");
  cb_ui_find ("label", name);
  cb_ui_key ("Return");
  cb_ui_wait_text (value);
}

/* ---- tests ---- */

/* 2,000 folders one in the other, parts that are empty, a key that is a folder as well, and a name of half a megabyte. */
static void
test_nesting (void)
{
  static const struct { const char *name, *value; } keys[] = {
    { "a:b", "leaf and folder" }, { "a:b:c", "below a key" }, { "a::b", "empty middle" }, { ":a", "empty first" },
    { "a:", "empty last" },       { ":", "only the separator" }, { "::", "twice" },
  };
  g_autofree char *copied = NULL;
  g_autofree char *letters = g_strnfill (524288, 'L');
  g_autofree char *few = g_strnfill (299, 'L');
  g_autofree char *shown = g_strconcat (few, "…", NULL);
  int x, y, x_now;
  glong longest;

  redis = cb_test_redis_new (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    run ("SET", keys[i].name, keys[i].value);
  run ("SET", letters, "name of half a megabyte");
  run ("EVAL", "redis.call ('SET', string.rep ('n:', 2000) .. 'leaf', 'two thousand levels')", "0");
  start ();
  cb_ui_wait_text ("9 keys");
  cb_ui_get_middle ("push button", "New Key", &x, &y);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    open_key (keys[i].name, keys[i].value);
  clear_search ();
  cb_ui_wait_text ("9 keys");

  /* It takes no more room than others. */
  cb_ui_click_part ("LLLLLLLLLLLLLLLLLLLL");
  cb_ui_wait_text ("name of half a megabyte");
  /* Nor does what is said where the pointer is hold more than can be read. It comes and goes. */
  cb_ui_scroll ("push button", "New Key", 0);
  cb_ui_scroll ("label", shown, 0);
  cb_test_wait_until ((longest = cb_ui_get_longest (few)) > 700);
  g_assert_cmpint (longest, <=, 1000);
  cb_ui_get_middle ("push button", "New Key", &x_now, &y);
  g_assert_cmpint (x_now, ==, x);
  cb_ui_key ("ctrl+shift+c");
  cb_ui_wait_text ("Name copied");
  copied = cb_ui_dup_clipboard ();
  g_assert_cmpuint (strlen (copied), ==, 524288);
  g_assert_cmpstr (copied, ==, letters);

  /* The deepest is found, and shown where it is. */
  search (":leaf");
  cb_ui_wait_text ("1 of 9 keys match");
  cb_ui_click_until ("label", "n", "1 key begins with this.");
  cb_ui_click_on (NULL, "As a List");
  cb_ui_click_part ("n:n:n:n:n:");
  cb_ui_wait_text ("two thousand levels");
  cb_ui_click_on (NULL, "As a Tree");
  cb_ui_find ("label", "leaf");
  clear_search ();
  cb_ui_wait_text ("9 keys");
  cb_ui_wait_text ("two thousand levels");
  cb_ui_click_on (NULL, "As a List");
  cb_ui_wait_text ("9 keys");
  /* A row each. */
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    cb_ui_click_until ("label", keys[i].name, keys[i].value);
  stop ();
}

/* Lets @copy copy, until the clipboard has @expected: the text before it may still have been on screen. */
static void
wait_copied (void (*copy) (void), const char *expected)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *copied = NULL;

      copy ();
      copied = cb_ui_dup_clipboard ();
      if (g_str_equal (copied, expected))
        return;
      g_test_message ("%" G_GSIZE_FORMAT " bytes of %" G_GSIZE_FORMAT " arrived", strlen (copied), strlen (expected));
    }
  cb_ui_fail ("What was copied does not arrive");
}

static void
copy_by_click (void)
{
  cb_ui_click_on ("push button", "Copy");
}

static void
copy_selection (void)
{
  cb_ui_click_part ("0123456789\n0123456789");
  cb_ui_key ("ctrl+a");
  cb_ui_key ("ctrl+c");
}

/* Copied by a click, and read by another program: what goes in one piece, what just does not any more, and what takes many. The window
 * is there for the next click however much was read. */
static void
test_copy (void)
{
  static const guint sizes[] = { 262143, 262144, 262145, 5000000 };

  g_autoptr (GString) text = g_string_new (NULL);

  if (g_getenv ("CB_TEST_JSON_MODULE") == NULL)
    {
      g_test_skip ("There is no module with documents");
      return;
    }
  /* A string of more than a mebibyte is shown, and copied, in parts; a document as a whole. */
  redis = cb_test_redis_new ("--loadmodule", g_getenv ("CB_TEST_JSON_MODULE"), NULL);
  run ("EVAL", "for i = 1, #ARGV do redis.call ('JSON.SET', 'document' .. i, '$', '\"' .. string.rep ('x', ARGV[i] - 2) .. '\"') end", "0",
       "262143", "262144", "262145", "5000000");
  for (guint i = 0; i < 40000; i++)
    g_string_append (text, "0123456789\n");
  run ("SET", "text", text->str);
  start ();
  cb_ui_wait_text ("5 keys");
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("document%" G_GSIZE_FORMAT, i + 1);
      g_autofree char *letters = g_strnfill (sizes[i] - 2, 'x');
      g_autofree char *expected = g_strdup_printf ("\"%s\"", letters);

      cb_ui_click_until ("label", name, sizes[i] < 1000000 ? "256.0\u00a0KiB · valid JSON" : "4.8\u00a0MiB · Text");
      wait_copied (copy_by_click, expected);
    }

  /* What is selected in a text goes another way. */
  cb_ui_click_until ("label", "text", "429.7\u00a0KiB");
  wait_copied (copy_selection, text->str);
  stop ();
}

/* No name at all, blanks at the end, line breaks and control characters: one line each, told apart, each its own. */
static void
test_names (void)
{
  static const struct { const char *name, *shown, *value; } keys[] = {
    { "", "\"\"", "empty name" },
    { " ", "\\x20", "one space" },
    { "bell\a", "bell\\x07", "bell rings" },
    { "esc\033[31mred", "esc\\x1b[31mred", "terminal escape" },
    { "line\nbreak", "line\\x0abreak", "only LF" },
    { "line\r\nbreak", "line\\x0d\\x0abreak", "CR and LF" },
    { "tab\there", "tab\\x09here", "a tabulator" },
    { "trail", "trail", "no space" },
    { "trail ", "trail\\x20", "space at end" },
  };
  int x, y, last_y = 0, height = 0;

  redis = cb_test_redis_new (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    run ("SET", keys[i].name, keys[i].value);
  start ();
  cb_ui_wait_text ("9 keys");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      cb_ui_get_middle ("label", keys[i].shown, &x, &y);
      if (i > 1)
        g_assert_cmpint (y - last_y, ==, height);
      height = y - last_y;
      last_y = y;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    cb_ui_click_until ("label", keys[i].shown, keys[i].value);

  cb_ui_click_until ("label", "trail\\x20", "space at end");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Delete This Key?");
  cb_ui_wait_text ("“trail\\x20” (string)");
  cb_ui_click_on ("label", "Delete");
  cb_ui_wait_no_text ("Delete This Key?");
  cb_ui_wait_text ("8 keys");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EXISTS", "trail ", NULL) == 0);
  g_assert_true (is_string ("no space", "GET", "trail"));
  stop ();
}

/* Names with what has a meaning in patterns: folders of their own, and found as text where that is wanted. */
static void
test_patterns (void)
{
  static const char * const names[] = {
    "abc*", "abc*:x", "abcdef:x", "abcd:y", "a:[1]", "a:1", "[THEME]:dark", "T:dark", "q?:a", "qq:a",
    "sess::690b8981\\1::A", "sess::690b8981\\1::B", "sess::690b89811::A",
  };

  redis = cb_test_redis_new (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    run ("SET", names[i], names[i]);
  start ();
  cb_ui_wait_text ("13 keys");
  cb_ui_click_until ("label", "[THEME]", "[THEME]:");
  cb_ui_wait_text ("1 key begins with this.");
  cb_ui_click_until ("label", "dark", "[THEME]:dark");
  /* The folder stands before the key of the same name. */
  cb_ui_click_until ("label", "abc*", "abc*:");
  cb_ui_wait_text ("1 key begins with this.");
  cb_ui_click_until ("label", "x", "abc*:x");
  cb_ui_click_until ("label", "q?", "q?:");
  cb_ui_wait_text ("1 key begins with this.");
  /* There is nothing in it but another folder, which opens with it. */
  cb_ui_click_until ("label", "sess", "3 keys begin with this.");
  cb_ui_click_until ("label", "690b8981\\1", "sess::690b8981\\1:");
  cb_ui_wait_text ("2 keys begin with this.");

  search ("a:[1]");
  cb_ui_wait_text ("Searched as a pattern");
  cb_ui_wait_text ("1 of 13 keys match");
  cb_ui_click_on ("push button", "Use as Text");
  cb_ui_wait_text ("Searched as plain text");
  cb_ui_click_until ("label", "a", "1 key begins with this.");
  cb_ui_click_until ("label", "[1]", "a:[1]");
  search ("abc*");
  cb_ui_wait_text ("2 of 13 keys match");
  cb_ui_wait_text ("Searched as plain text");
  cb_ui_click_on ("push button", "Use as Pattern");
  cb_ui_wait_text ("Searched as a pattern");
  cb_ui_wait_text ("4 of 13 keys match");
  search ("690b8981\\1");
  cb_ui_wait_text ("2 of 13 keys match");

  /* Until it is left. */
  search ("abc*");
  cb_ui_wait_text ("4 of 13 keys match");
  cb_ui_click_on ("push button", "Use as Text");
  cb_ui_wait_text ("2 of 13 keys match");
  cb_ui_key ("ctrl+f");
  cb_ui_key ("Escape");
  cb_ui_wait_text ("13 keys");
  search ("abc*");
  cb_ui_wait_text ("4 of 13 keys match");
  stop ();
}

#define N_MANY 100000

/* Very many keys side by side: counted, gone through to the last, and searched, in small portions. */
static void
test_many (void)
{
  g_autoptr (CbReply) log = NULL;
  const CbValue *calls;
  double before, most;

  redis = cb_test_redis_new ("--slowlog-max-len", "100000", NULL);
  run ("EVAL", "for i = 1, tonumber (ARGV[1]) do redis.call ('SET', 'visit:' .. i, i) end", "0", G_STRINGIFY (N_MANY));
  run ("CONFIG", "RESETSTAT");
  run ("CONFIG", "SET", "slowlog-log-slower-than", "0");
  /* Without keys, for what the window takes by itself. */
  start_on ("overview");
  before = cb_ui_get_memory ();
  cb_ui_click_until ("label", "Keys", G_STRINGIFY (N_MANY) " keys");
  cb_ui_click_until ("label", "visit", G_STRINGIFY (N_MANY) " keys begin with this.");
  cb_ui_find ("label", "1");
  cb_ui_key ("End");
  cb_ui_find ("label", G_STRINGIFY (N_MANY));
  cb_ui_wait_text ("visit:" G_STRINGIFY (N_MANY));
  search ("visit:99999");
  cb_ui_wait_text ("1 of " G_STRINGIFY (N_MANY) " keys match");
  cb_ui_key ("Return");
  cb_ui_wait_text ("5 bytes");

  run ("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  g_assert_cmpuint (count_calls ("keys"), ==, 0);
  g_assert_cmpuint (count_calls ("scan"), >, 20);
  log = command ("SLOWLOG", "GET", "-1", NULL);
  calls = cb_reply_get_value (log);
  for (guint i = 0; i < cb_value_get_length (calls); i++)
    {
      const CbValue *words = cb_value_get_element (cb_value_get_element (calls, i), 3);
      guint n = cb_value_get_length (words);

      if (!cb_value_equal_string (cb_value_get_element (words, 0), "SCAN"))
        continue;
      for (guint j = 1; j + 1 < n; j++)
        if (cb_value_equal_string (cb_value_get_element (words, j), "COUNT"))
          g_assert_cmpint (g_ascii_strtoll (cb_value_get_string (cb_value_get_element (words, j + 1), NULL), NULL, 10), <=, 10000);
    }
  /* The sanitizers keep what was freed. */
  most = cb_ui_get_memory () - before;
  g_test_message ("%.1f MiB for the keys", most);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpfloat (most, <, 150);
#endif
  stop ();
}

/* A string is a list, then a sorted set; a hash is gone: what is shown follows, and nothing is written over what came meanwhile. */
static void
test_another_type (void)
{
  redis = cb_test_redis_new (NULL, NULL);
  run ("SET", "shape", "only text");
  run ("HSET", "gone", "field", "value");
  run ("SET", "other", "untouched");
  start ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_until ("label", "shape", "only text");
  run ("DEL", "shape");
  run ("RPUSH", "shape", "first", "second");
  cb_ui_key ("F5");
  cb_ui_wait_text ("2 elements");
  cb_ui_find ("label", "first");
  cb_ui_find ("label", "second");
  cb_ui_wait_no_text ("only text");
  g_assert_false (cb_ui_has_text ("WRONGTYPE"));

  /* What was begun in the list is kept in sight, and is not stored in the sorted set. */
  cb_ui_click_on ("label", "first");
  cb_ui_key ("Return");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("rewritten");
  cb_ui_wait_text ("changed, not saved");
  run ("DEL", "shape");
  run ("ZADD", "shape", "1", "member");
  cb_ui_key ("ctrl+s");
  cb_ui_wait_text ("The key is of the type zset now. What you wrote was not stored.");
  cb_ui_wait_text ("rewritten");
  g_assert_true (is_string ("zset", "TYPE", "shape"));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "shape", NULL), ==, 1);
  cb_ui_click_on ("push button", "Discard It and Show the Value");
  cb_ui_find ("label", "member");
  cb_ui_wait_text ("1 member");
  cb_ui_wait_no_text ("rewritten");
  g_assert_false (cb_ui_has_text ("WRONGTYPE"));

  cb_ui_click_until ("label", "gone", "1 field");
  run ("DEL", "gone");
  cb_ui_key ("F5");
  cb_ui_wait_text ("This key is gone");
  cb_ui_wait_text ("2 keys");
  cb_ui_find ("label", "shape");
  cb_ui_click_until ("label", "other", "untouched");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 2);
  stop ();
}

/* A key ends while something is written in it: that is said, what was written stays in sight, and saving makes no key. */
static void
test_expires (void)
{
  gint64 began;
  guint asked;

  redis = cb_test_redis_new (NULL, NULL);
  run ("SET", "short", "hello");
  run ("SET", "far", "away", "PXAT", "9999999999999");
  run ("SET", "stay", "for ever");
  start ();
  cb_ui_wait_text ("3 keys");
  /* The row, and then what is beside it. */
  cb_ui_wait_text ("until 2286-11-20");
  cb_ui_click_until ("label", "far", "expires on 2286-11-20");
  cb_ui_click_until ("label", "stay", "no expiry");
  g_assert_false (cb_ui_has_text (" -1"));
  cb_ui_click_until ("label", "short", "hello");
  cb_ui_click_on (NULL, "hello");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("edited");
  cb_ui_wait_text ("changed, not saved");

  /* With as much to go as a busy machine takes until here. */
  run ("PEXPIRE", "short", "20000");
  cb_ui_click_on (NULL, "Read the key again");
  cb_ui_wait_text ("expires in");
  /* Once a second at most, while it counts down by itself. */
  began = g_get_monotonic_time ();
  run ("CONFIG", "RESETSTAT");
  cb_test_run_for (3000);
  asked = count_calls ("pttl");
  g_assert_cmpuint (asked, <=, cb_test_get_seconds (began));
  while (cb_test_redis_get_integer (redis, "EXISTS", "short", NULL) == 1)
    {
      g_assert_false (cb_ui_has_text (" -1"));
      g_assert_false (cb_ui_has_text (" -2"));
      /* Nor with less than a second to go. */
      g_assert_false (cb_ui_has_text ("no expiry"));
      cb_test_run_for (50);
    }
  cb_ui_wait_text ("This key is gone");
  cb_ui_wait_text ("edited");
  cb_ui_wait_text ("2 keys");
  g_assert_false (cb_ui_has_text ("expires in"));
  g_assert_false (cb_ui_has_text (" -2"));
  cb_ui_click_on (NULL, "edited");
  cb_ui_key ("ctrl+s");
  cb_test_run_for (500);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "short", NULL), ==, 0);
  cb_ui_wait_text ("This key is gone");
  cb_ui_click_on ("label", "Create It Again");
  cb_test_wait_until (is_string ("edited", "GET", "short"));
  cb_ui_wait_text ("3 keys");
  stop ();
}

/* What is written and not stored is not lost to a click on a folder, nor to a search. */
static void
test_not_stored (void)
{
  redis = cb_test_redis_new (NULL, NULL);
  run ("MSET", "note", "as it was", "folder:a", "first of them", "folder:b", "second");
  start ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_until ("label", "note", "as it was");
  cb_ui_click_on (NULL, "as it was");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("as it is meant");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_click_until ("label", "folder", "2 keys begin with this.");
  cb_ui_click_until ("label", "a", "What you changed in “note” is not stored yet.");
  cb_ui_wait_text ("as it is meant");
  search ("folder:b");
  cb_ui_wait_text ("1 of 3 keys match");
  cb_ui_wait_text ("as it is meant");
  clear_search ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_on (NULL, "as it is meant");
  cb_ui_key ("ctrl+s");
  cb_test_wait_until (is_string ("as it is meant", "GET", "note"));
  stop ();
}

/* Found in the tree, a field of it changed, given a time to live, deleted, and put back with both. */
static void
test_whole_way (void)
{
  g_autofree char *city = NULL;

  redis = cb_test_redis_new (NULL, NULL);
  run ("HSET", "user:7", "name", "Ann", "city", "Tulsa");
  run ("SET", "user:8", "nobody");
  run ("SET", "other", "untouched");
  start ();
  cb_ui_wait_text ("3 keys");
  cb_ui_click_until ("label", "user", "2 keys begin with this.");
  cb_ui_click_until ("label", "7", "2 fields");
  cb_ui_click_on ("label", "city");
  cb_ui_click_on (NULL, "Tulsa");
  cb_ui_key ("Return");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("Cali");
  cb_ui_wait_text ("changed, not saved");
  cb_ui_key ("ctrl+s");
  cb_ui_wait_no_text ("changed, not saved");
  city = cb_test_redis_get_string (redis, "HGET", "user:7", "city", NULL);
  g_assert_cmpstr (city, ==, "Cali");

  cb_ui_click_on ("label", "7");
  cb_ui_key ("ctrl+t");
  cb_ui_wait_text ("Set Time to Live");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("2h");
  cb_ui_key ("Return");
  cb_ui_wait_text ("expires in 1 h 59 min");
  cb_ui_click_on ("label", "7");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("“user:7” (hash)");
  cb_ui_click_on ("label", "Delete");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EXISTS", "user:7", NULL) == 0);
  cb_ui_wait_text ("1 key");
  cb_ui_key ("ctrl+z");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EXISTS", "user:7", NULL) == 1);
  cb_ui_wait_text ("3 keys");
  g_clear_pointer (&city, g_free);
  city = cb_test_redis_get_string (redis, "HGET", "user:7", "city", NULL);
  g_assert_cmpstr (city, ==, "Cali");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "user:7", NULL), >, 7000);
  stop ();
}

/* ---- types that nobody here has heard of ---- */

static GHashTable *asked; /* "COMMAND key" → how often */

/* What the server has are strings; it is only told that they are something else. */
static gboolean
answer (CbFakeServer *server, CbFakeClient *client, const CbValue *words, gpointer data)
{
  static const struct { const char *key, *type; } odd[] = {
    { "mod:bloom", "MBbloom--" }, { "mod:series", "TSDB-TYPE" }, { "mod:future", "a-type-of-the-future" }, { "mod:json", "ReJSON-RL" },
  };
  static const char * const reading[] = { "GET", "GETRANGE", "STRLEN", "HGETALL", "HSCAN", "LRANGE", "SSCAN", "ZRANGE", "XRANGE",
                                          "JSON.GET", NULL };
  const char *word = cb_value_get_string (cb_value_get_element (words, 0), NULL);
  const char *key = cb_value_get_length (words) > 1 ? cb_value_get_string (cb_value_get_element (words, 1), NULL) : "";
  g_autofree char *name = g_ascii_strup (word, -1);

  if (g_str_has_prefix (key, "mod:"))
    {
      char *line = g_strdup_printf ("%s %s", name, key);

      g_hash_table_insert (asked, line, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (asked, line)) + 1));
      for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
        if (g_str_equal (key, odd[i].key) && g_str_equal (name, "TYPE"))
          {
            g_autofree char *type = g_strdup_printf ("+%s\r\n", odd[i].type);

            cb_fake_client_send (client, type, -1);
            return TRUE;
          }
      if (g_strv_contains (reading, name))
        {
          cb_fake_client_send (client, "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", -1);
          return TRUE;
        }
    }
  return cb_fake_client_pass_on (client, redis, words);
}

/* They are named, can't be shown, and end or go as others do; what stands beside them opens. */
static void
test_module_types (void)
{
  static const struct { const char *label, *sentence; } odd[] = {
    { "bloom", "Values of the type MBbloom-- can’t be shown here" },
    { "series", "Values of the type TSDB-TYPE can’t be shown here" },
    { "future", "Values of the type a-type-of-the-future can’t be shown here" },
    { "json", "Values of the type ReJSON-RL can’t be shown here" },
  };
  CbFakeServer *server;
  g_autofree char *uri = NULL;
  GHashTableIter iter;
  gpointer line, times;

  redis = cb_test_redis_new (NULL, NULL);
  asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  run ("MSET", "mod:bloom", "x", "mod:series", "x", "mod:future", "x", "mod:json", "x", "plain", "hello");
  run ("EXPIRE", "mod:bloom", "5000");
  server = cb_fake_server_new ();
  cb_fake_server_set_handler (server, answer, NULL);
  uri = cb_address_to_uri (cb_fake_server_get_address (server));
  cb_ui_start ("--server", uri, "--page", "keys", NULL);
  cb_ui_wait_text ("5 keys");
  cb_ui_click_until ("label", "mod", "4 keys begin with this.");
  cb_ui_click_until ("label", "bloom", odd[0].sentence);
  cb_ui_wait_text ("expires in 1 h");
  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      cb_ui_click_until ("label", odd[i].label, odd[i].sentence);
      if (i > 0)
        cb_ui_wait_text ("no expiry");
    }
  cb_ui_click_until ("label", "plain", "hello");
  g_hash_table_iter_init (&iter, asked);
  while (g_hash_table_iter_next (&iter, &line, &times))
    if (g_str_has_prefix (line, "GET "))
      g_assert_cmpuint (GPOINTER_TO_UINT (times), <=, 1);

  cb_ui_click_until ("label", "future", odd[2].sentence);
  cb_ui_key ("ctrl+t");
  cb_ui_wait_text ("Set Time to Live");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("2h");
  cb_ui_key ("Return");
  cb_ui_wait_text ("expires in 1 h 59 min");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "TTL", "mod:future", NULL), >, 7000);
  cb_ui_click_on ("label", "future");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("“mod:future” (a-type-of-the-future)");
  cb_ui_click_on ("label", "Delete");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EXISTS", "mod:future", NULL) == 0);
  cb_ui_wait_text ("3 keys");
  cb_ui_stop ();
  cb_fake_server_free (server);
  g_clear_pointer (&asked, g_hash_table_unref);
  g_clear_pointer (&redis, cb_test_redis_free);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/odd-keys/nesting", test_nesting);
  g_test_add_func ("/ui/odd-keys/copy", test_copy);
  g_test_add_func ("/ui/odd-keys/names", test_names);
  g_test_add_func ("/ui/odd-keys/patterns", test_patterns);
  g_test_add_func ("/ui/odd-keys/many", test_many);
  g_test_add_func ("/ui/odd-keys/another-type", test_another_type);
  g_test_add_func ("/ui/odd-keys/expires", test_expires);
  g_test_add_func ("/ui/odd-keys/not-stored", test_not_stored);
  g_test_add_func ("/ui/odd-keys/module-types", test_module_types);
  g_test_add_func ("/ui/odd-keys/whole-way", test_whole_way);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
