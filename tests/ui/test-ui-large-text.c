/* test-ui-large-text.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Text of twice the size, chosen while the window is open: all of it grows, the rows with it, and nothing is cut off or lies over another.
 * Back at the usual size everything is where it was. What GTK warns of is looked for when the program ends. */

#include <stdlib.h>
#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

/* Of two sizes of one text, one twice as large as the other; a font has its sizes in whole pixels. */
#define GROWN 1.6
/* Of a row, in which there is more than text; one that was very high need not grow as long as there is room around its text. */
#define ROW_GROWN 1.2
#define ROOM 1.4
/* As many has a time of day with milliseconds. */
#define SHORT_CHARS 12
#define TRIES 30
#define WIDTH 1280
#define HEIGHT 800

#define MAKE \
  "local states = { 'failed', 'inactive', 'failed', 'complete', 'delayed', 'failed' } " \
  "redis.call ('SADD', 'q:job:types', 'email', 'push_notification_code') " \
  "for id = 1, 120 do " \
  "  local state = states[id % 6 + 1] " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', state, 'priority', '-10', 'max_attempts', '2', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', 'started_at', '1700000000500', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused\\n    at send (mail.js:3:7)', 'progress', '40', " \
  "              'data', '{\"title\":\"Hello\",\"n\":' .. id .. ',\"ok\":true,\"none\":null}') " \
  "  if state ~= 'failed' then redis.call ('HDEL', 'q:job:' .. id, 'error', 'failed_at') end " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:email:' .. state }) do redis.call ('ZADD', key, 0, z) end " \
  "  if state == 'inactive' then redis.call ('LPUSH', 'q:email:jobs', 1) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "  redis.call ('RPUSH', 'q:job:' .. id .. ':log', 'first line', 'second line') " \
  "  redis.call ('SET', 'text:' .. id, 'some letters') redis.call ('ZADD', 'scores', id * 1.5, 'member:' .. id) " \
  "  redis.call ('HSET', 'a-hash', 'field:' .. id, 'value of ' .. id) redis.call ('XADD', 'a-stream', '17000000' .. 10000 + id .. '-0', 'field', 'jaguar') " \
  "  redis.call ('RPUSH', 'a-list', 'element ' .. id) " \
  "end return 1"

/* Whatever is wrong on a page is told of at once. */
static GString *faults;

static CbTestRedis *
start (const char *page)
{
  /* So that there is something in the slow log. */
  CbTestRedis *redis = cb_test_redis_new ("--slowlog-log-slower-than", "0", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", page, NULL);
  cb_ui_set_dark (FALSE);
  cb_ui_resize (WIDTH, HEIGHT);
  g_string_truncate (faults, 0);
  return redis;
}

/* ---- what is told of texts ---- */

/* (element-type char * int): the least of each, by what it is of. @which: of the numbers of a line */
static GHashTable *
get_sizes (char **lines, const char *kind, guint which)
{
  GHashTable *sizes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], "\t", -1);
      int size, last;

      if (g_strv_length (parts) < 3 + which || !g_str_equal (parts[0], kind))
        continue;
      size = atoi (parts[2 + which]);
      last = GPOINTER_TO_INT (g_hash_table_lookup (sizes, parts[1]));
      if (last == 0 || size < last)
        g_hash_table_insert (sizes, g_strdup (parts[1]), GINT_TO_POINTER (size));
    }
  return sizes;
}

/* How many of them are there at both sizes, and are to have grown. */
static guint
check_grown (const char *where, char **usual, char **large, const char *kind, double factor)
{
  g_autoptr (GHashTable) before = get_sizes (usual, kind, 0);
  g_autoptr (GHashTable) after = get_sizes (large, kind, 0);
  g_autoptr (GHashTable) texts = get_sizes (large, kind, 1);
  GHashTableIter iter;
  gpointer key, value;
  guint n = 0;

  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      int was = GPOINTER_TO_INT (value), is = GPOINTER_TO_INT (g_hash_table_lookup (after, key));

      int text = GPOINTER_TO_INT (g_hash_table_lookup (texts, key));

      if (is == 0)
        continue;
      if (is < was * factor && (text == 0 || is < text * ROOM))
        g_string_append_printf (faults, "%s: the %s “%s” was %d high and is %d\n", where, kind, (const char *) key, was, is);
      n++;
    }
  return n;
}

/* A word or a number that was there is not to be shortened; what is longer may be. */
static void
check_short (const char *where, char **usual, char **large)
{
  g_autoptr (GHashTable) before = get_sizes (usual, "short", 0);
  g_autoptr (GHashTable) after = get_sizes (large, "short", 0);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (GPOINTER_TO_INT (value) <= SHORT_CHARS && !g_hash_table_contains (before, key))
      g_string_append_printf (faults, "%s: “%s” is shortened\n", where, (const char *) key);
}

static char *
join_lines (char **lines, const char *kind, const char *or_kind)
{
  GString *joined = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], kind) || g_str_has_prefix (lines[i], or_kind))
      g_string_append_printf (joined, "%s\n", lines[i]);
  return g_string_free (joined, FALSE);
}

/* Faults may still be put right by what is done a little later. */
static char **
dup_texts (const char *where)
{
  for (guint i = 0;; i++)
    {
      g_auto (GStrv) lines = cb_ui_dup_texts (where);
      g_autofree char *found = join_lines (lines, "fault\t", "fault\t");

      if (*found == '\0' || i == TRIES)
        {
          if (*found != '\0')
            g_string_append_printf (faults, "%s:\n%s", where, found);
          return g_steal_pointer (&lines);
        }
      cb_test_run_for (100);
    }
}

static void
take_picture (const char *where)
{
  const char *folder = g_getenv ("CB_UI_PICTURES");
  g_autofree char *command = folder != NULL ? g_strdup_printf ("import -window root '%s/%s.png'", folder, where) : NULL;

  if (folder != NULL)
    g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
}

static void
check (const char *where)
{
  g_autofree char *at_twice = g_strdup_printf ("%s, twice the size", where);
  g_autofree char *back = g_strdup_printf ("%s, back", where);
  g_auto (GStrv) usual = dup_texts (where);
  g_auto (GStrv) large = NULL;
  g_autofree char *places = join_lines (usual, "place\t", "selected\t");
  g_autofree char *places_after = NULL;
  guint n_texts, n_rows;

  take_picture (where);
  cb_ui_set_text_size (200);
  large = dup_texts (at_twice);
  take_picture (at_twice);
  n_texts = check_grown (at_twice, usual, large, "text", GROWN);
  n_rows = check_grown (at_twice, usual, large, "row", ROW_GROWN);
  check_grown (at_twice, usual, large, "drawing", 1.01);
  check_short (at_twice, usual, large);
  g_test_message ("%s: %u texts and %u rows have grown", where, n_texts, n_rows);
  if (n_texts < 10 || n_rows < 5)
    g_string_append_printf (faults, "%s: only %u texts and %u rows are there at both sizes\n", where, n_texts, n_rows);

  cb_ui_set_dark (TRUE);
  g_strfreev (dup_texts (at_twice));
  cb_ui_set_dark (FALSE);
  cb_ui_set_text_size (100);
  for (guint i = 0; i < TRIES; i++)
    {
      g_auto (GStrv) again = dup_texts (back);

      g_free (places_after);
      places_after = join_lines (again, "place\t", "selected\t");
      if (strcmp (places_after, places) == 0)
        break;
      cb_test_run_for (100);
    }
  if (strcmp (places_after, places) != 0)
    g_string_append_printf (faults, "%s: it was at\n%sand is at\n%s", where, places, places_after);
}

/* With the pointer on that label; waits until it has moved, and is at rest. */
static void
scroll (const char *over)
{
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  for (guint i = 0; i < TRIES; i++)
    {
      g_auto (GStrv) lines = cb_ui_dup_texts (over);
      g_autofree char *places = join_lines (lines, "place\t", "place\t");

      if (last != NULL && strcmp (places, first) != 0 && strcmp (places, last) == 0)
        return;
      if (first == NULL)
        {
          first = g_strdup (places);
          cb_ui_scroll ("label", over, 5);
        }
      g_free (last);
      last = g_steal_pointer (&places);
      cb_test_run_for (100);
    }
  cb_ui_fail ("It does not scroll at %s", over);
}

static void
finish (void)
{
  if (faults->len > 0)
    cb_ui_fail ("%s", faults->str);
  cb_ui_stop ();
}

/* ---- the pages ---- */

static void
test_overview (void)
{
  g_autoptr (CbTestRedis) redis = start ("overview");

  cb_ui_wait_text ("Failed: 60");
  cb_ui_thing_free (cb_ui_find (NULL, "Retry All: Error: refused"));
  check ("overview");
  scroll ("Jobs a Second");
  check ("overview, further down");
  finish ();
}

static void
test_jobs (void)
{
  g_autoptr (CbTestRedis) redis = start ("queue/email");

  cb_ui_wait_text ("No Job Selected");
  cb_ui_click_until ("label", "109", "Timeline");
  check ("jobs and one of them");
  scroll ("103");
  check ("jobs further down");
  /* There is no room for the list beside it. */
  cb_ui_set_text_size (200);
  cb_ui_key ("Return");
  cb_ui_thing_free (cb_ui_find (NULL, "Back to the List"));
  g_strfreev (dup_texts ("a job, twice the size"));
  take_picture ("a job, twice the size");
  finish ();
}

static void
test_keys (void)
{
  g_autoptr (CbTestRedis) redis = start ("keys");
  static const char * const names[] = { "a-hash", "a-list", "a-stream", "scores", "text:17" };
  static const char * const parts[] = { "120 fields", "120 elements", "120 entries", "120 members", "12 bytes" };

  cb_ui_wait_text ("keys");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      cb_ui_key ("ctrl+f");
      cb_ui_key ("ctrl+a");
      cb_ui_type (names[i]);
      cb_ui_wait_text ("exact name");
      cb_ui_key ("Return");
      cb_ui_wait_text (parts[i]);
      check (names[i]);
    }
  finish ();
}

static void
test_messages (void)
{
  g_autoptr (CbTestRedis) redis = start ("pubsub");

  cb_ui_click_on ("text", "Channel or pattern");
  cb_ui_type ("news");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Unsubscribe");
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *message = g_strdup_printf ("{\"n\":%u,\"text\":\"a message that is not quite short\"}", i);

      cb_test_redis_get_integer (redis, "PUBLISH", "news", message, NULL);
    }
  cb_ui_wait_text ("60 received");
  check ("messages");
  finish ();
}

static void
test_console (void)
{
  g_autoptr (CbTestRedis) redis = start ("console");

  cb_ui_click_on ("text", "Command");
  cb_ui_type ("HGETALL a-hash");
  cb_ui_key ("Return");
  cb_ui_wait_text ("value of 50");
  check ("console");
  finish ();
}

static void
test_server (void)
{
  g_autoptr (CbTestRedis) redis = start ("server");
  static const struct { const char *name, *part; } views[] = {
    { "Slow Log", "CONFIG" }, { "Clients", "CLIENT|LIST" }, { "Monitor", "Start MONITOR" }, { "Latency", "Nothing took long" },
    { "Settings", "activedefrag" }, { "This Program", "SLOWLOG GET" },
  };

  cb_ui_wait_text ("This Server");
  check ("server");
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      cb_ui_click_until (NULL, views[i].name, views[i].part);
      check (views[i].name);
    }
  finish ();
}

static void
test_others (void)
{
  g_autoptr (CbTestRedis) redis = start ("worker");

  cb_ui_wait_text ("What to Do");
  check ("worker");
  cb_ui_click_until ("label", "Doctor", "Check Now");
  cb_ui_click_until ("label", "Check Now", "120 problems found");
  check ("doctor");
  finish ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  cb_ui_set_screen (G_STRINGIFY (WIDTH) "x" G_STRINGIFY (HEIGHT));
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  faults = g_string_new (NULL);
  g_test_add_func ("/ui/large-text/overview", test_overview);
  g_test_add_func ("/ui/large-text/jobs", test_jobs);
  g_test_add_func ("/ui/large-text/keys", test_keys);
  g_test_add_func ("/ui/large-text/messages", test_messages);
  g_test_add_func ("/ui/large-text/console", test_console);
  g_test_add_func ("/ui/large-text/server", test_server);
  g_test_add_func ("/ui/large-text/others", test_others);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
