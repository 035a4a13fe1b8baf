/* test-ui-detail.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* One job, looked at in full. */

#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define MAKE \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, #ARGV do " \
  "  local z = '01|' .. id " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '3', 'attempts', '3', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000005009', " \
  "              'started_at', '1700000005000', 'failed_at', '1700000005009', 'error', 'Error: boom', 'data', ARGV[id]) " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end return #ARGV"

static CbTestRedis *
open_job (const char *first, const char *second, const char *row)
{
  CbTestRedis *redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", first, second, NULL);
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", row, "Timeline");
  return redis;
}

/* Numbers are what is stored, a name that stands there twice is there twice, and what is in something is there when it is opened. */
static void
test_tree (void)
{
  g_autoptr (CbTestRedis) redis =
    open_job ("{\"to\":\"ada\",\"n\":12345678901234567890,\"big\":1e400,\"one\":1.0,\"n\":2,\"list\":[{\"inner\":-0}]}", NULL, "Normal");

  /* Of the attempts before the last nothing is kept, and nothing is made up. */
  cb_ui_wait_text ("5.0 s of which nothing is kept");
  cb_ui_wait_text ("nothing is known of 2 earlier attempts");

  cb_ui_click_until (NULL, "Show as a Tree", "\"n\" (again)");
  cb_ui_wait_text ("12345678901234567890");
  cb_ui_wait_text ("1e400");
  cb_ui_find ("label", "1.0");
  cb_ui_wait_text ("[ 1 ]");
  g_assert_null (cb_ui_peek ("label", "\"inner\""));

  cb_ui_click_until ("label", "\"list\"", "$.list");
  cb_ui_key ("shift+Right");
  cb_ui_wait_text ("{ 1 }");
  cb_ui_click_until ("label", "{ 1 }", "$.list[0]");
  cb_ui_key ("shift+Right");
  cb_ui_find ("label", "\"inner\"");
  cb_ui_find ("label", "-0");
  cb_ui_stop ();
}

/* By the keyboard, from the last item on: where an item of a menu is on the screen is not told, nor when it is ready for a key; and GTK 4.18
 * tells no name of it, as the label that it says it is named by is told of as nothing. */
static void
choose_from_menu (guint n_up, const char *part)
{
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (CbUiThing) item = cb_ui_peek ("menu item", NULL);

      /* GTK 4.8 takes the press behind the end of a popover for itself. */
      if (item == NULL)
        cb_ui_click_on ("push button", "More");
      for (guint wait = 0; item == NULL && wait < 100; wait++)
        {
          g_usleep (50000);
          item = cb_ui_peek ("menu item", NULL);
        }
      if (item == NULL)
        continue;
      for (guint up = 0; up < n_up; up++)
        cb_ui_key ("Up");
      cb_ui_key ("Return");
      if (cb_ui_try_text (part))
        return;
    }

  cb_ui_fail ("“%s” does not come from the menu", part);
}

/* What is copied is pasted to be seen: the whole job, and the command that makes one like it, quoted. */
static void
test_copy (void)
{
  g_autoptr (CbTestRedis) redis = open_job ("{\"it's\":12345678901234567890}", NULL, "Normal");

  choose_from_menu (1, "Copied as a command");
  cb_ui_key ("ctrl+f");
  cb_ui_key ("ctrl+v");
  cb_ui_wait_text ("callboardctl --server=unix:");
  cb_ui_wait_text (" job create --data='{\"it'\\''s\":12345678901234567890}' --attempts=3 -- email");
  cb_ui_stop ();
}

static void
push_lines (CbTestRedis *redis, const char *from, const char *to)
{
  cb_test_redis_get_integer (redis, "EVAL",
                             "for i = ARGV[1], ARGV[2] do redis.call ('RPUSH', 'q:job:1:log', 'line ' .. i .. (i % 400 == 7 and ' ÄRGER' or '')) "
                             "end redis.call ('PUBLISH', 'q:events', '{\"id\":1,\"event\":\"log\",\"args\":[\"x\"]}') return 1",
                             "0", from, to, NULL);
}

/* The end is followed while it is in view; older lines come in parts when they are wanted; the filter sees all that are held. */
static void
test_log (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", "{}", NULL);
  push_lines (redis, "1", "1200");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", "Normal", "Log · 1200");
  cb_ui_wait_text ("The last 500 of 1200 lines");

  /* What comes is followed, also more than one answer holds. */
  push_lines (redis, "1201", "1210");
  cb_ui_wait_text ("The last 510 of 1210 lines");
  push_lines (redis, "1211", "2000");
  cb_ui_wait_text ("The last 1000 of 2000 lines");
  g_assert_null (cb_ui_peek ("push button", "Follow"));
  cb_ui_wait_text ("line 2000");

  /* 1207 and 1607 have the word: letters are compared without case. */
  cb_ui_click_on (NULL, "Filter the Log");
  cb_ui_type ("rger");
  cb_ui_wait_text ("2 of the last 1000 lines match; there are 2000");
  cb_ui_wait_text ("line 1207 ÄRGER\nline 1607 ÄRGER");
  push_lines (redis, "2001", "2010");
  cb_ui_wait_text ("line 1207 ÄRGER\nline 1607 ÄRGER\nline 2007 ÄRGER");
  cb_ui_wait_text ("3 of the last 1000 lines match; there are 2010");

  /* Older ones are read, and what came stays there. */
  cb_ui_click_on ("push button", "Read Older Lines");
  cb_ui_wait_text ("line 807 ÄRGER\nline 1207 ÄRGER");
  cb_ui_wait_text ("4 of the last 1500 lines match; there are 2010");
  cb_ui_click_on ("push button", "Read Older Lines");
  cb_ui_wait_text ("5 of the last 2000 lines match; there are 2010");
  cb_ui_click_on ("push button", "Read Older Lines");
  cb_ui_wait_text ("6 of 2010 lines match");
  cb_ui_wait_text ("line 7 ÄRGER\nline 407 ÄRGER");
  g_assert_null (cb_ui_peek ("push button", "Read Older Lines"));

  cb_ui_click_on (NULL, "Filter the Log");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("nowhere");
  cb_ui_wait_text ("0 of 2010 lines match");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("lines match");
  cb_ui_wait_text ("line 1\nline 2\n");

  /* Scrolled up, nothing moves; following, only the last ones are kept. */
  cb_ui_click_on ("push button", "Follow");
  push_lines (redis, "2011", "2011");
  cb_ui_wait_text ("The last 1000 of 2011 lines");
  g_assert_null (cb_ui_peek ("push button", "Follow"));
  cb_ui_click_on ("text", "Log");
  cb_ui_key ("Page_Up");
  cb_ui_find ("push button", "Follow");
  push_lines (redis, "2012", "2012");
  cb_ui_wait_text ("The last 1001 of 2012 lines");
  cb_ui_find ("push button", "Follow");
  cb_ui_stop ();
}

/* The longest range of the log that was asked for, of all since the slow log was emptied. */
static gint64
get_longest_range (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SLOWLOG", "GET", "-1", NULL);
  const CbValue *entries = cb_reply_get_value (reply);
  gint64 longest = 0;

  for (guint i = 0; i < cb_value_get_length (entries); i++)
    {
      const CbValue *words = cb_value_get_element (cb_value_get_element (entries, i), 3);
      gint64 from, to;

      if (!cb_value_equal_string (cb_value_get_element (words, 0), "LRANGE"))
        continue;
      from = g_ascii_strtoll (cb_value_get_string (cb_value_get_element (words, 2), NULL), NULL, 10);
      to = g_ascii_strtoll (cb_value_get_string (cb_value_get_element (words, 3), NULL), NULL, 10);
      /* From an end to the other. */
      longest = MAX (longest, (from < 0) == (to < 0) ? to - from + 1 : G_MAXINT);
    }

  return longest;
}

static gboolean
is_last_in_view (const char *line)
{
  g_autofree char *lines = cb_ui_dup_lines ();
  g_autofree char *wanted = g_strdup_printf ("\t%s\n", line);

  return strstr (lines, wanted) != NULL;
}

/* A hundred thousand lines, the last of them empty, and more while somebody reads: a bounded part is read, the end first. */
static void
test_very_long_log (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--slowlog-log-slower-than", "0", "--slowlog-max-len", "100000", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gint64 longest;

  cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", "{}", NULL);
  push_lines (redis, "1", "120000");
  cb_test_redis_get_integer (redis, "RPUSH", "q:job:1:log", "", NULL);
  cb_reply_unref (cb_test_redis_call (redis, "SLOWLOG", "RESET", NULL));
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_click_until ("label", "Normal", "Log · 120001");
  cb_ui_wait_text ("The last 500 of 120001 lines");
  cb_ui_wait_text ("line 119999\nline 120000\n");

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *from = g_strdup_printf ("%u", 120002 + i * 100);
      g_autofree char *to = g_strdup_printf ("%u", 120101 + i * 100);
      g_autofree char *said = g_strdup_printf (" of %u lines", 120101 + i * 100);

      push_lines (redis, from, to);
      cb_ui_wait_text (said);
    }
  /* The empty one is a line like another. */
  cb_ui_wait_text ("line 120000\n\nline 120002\n");
  cb_ui_wait_text ("line 120301");
  g_assert_null (cb_ui_peek ("push button", "Follow"));
  cb_test_wait_until (is_last_in_view ("line 120301"));

  /* Whoever reads further up stays there, to the pixel. A key that does nothing waits for what is still to be done. */
  cb_ui_click_on ("text", "Log");
  cb_ui_key ("Page_Up");
  cb_ui_find ("push button", "Follow");
  cb_ui_key ("Shift_L");
  before = cb_ui_dup_lines ();
  g_assert_nonnull (strstr (before, "line 1202"));
  push_lines (redis, "120302", "120401");
  cb_ui_wait_text (" of 120401 lines");
  cb_ui_key ("Shift_L");
  after = cb_ui_dup_lines ();
  g_assert_cmpstr (after, ==, before);
  cb_ui_find ("push button", "Follow");

  cb_ui_click_on ("push button", "Follow");
  cb_test_wait_until (is_last_in_view ("line 120401"));
  push_lines (redis, "120402", "120402");
  cb_test_wait_until (is_last_in_view ("line 120402"));
  cb_ui_stop ();

  longest = get_longest_range (redis);
  g_assert_cmpint (longest, >, 0);
  g_assert_cmpint (longest, <=, 10000);
}

/* What is different is seen before the job is created, and the one it was made of stays as it is. */
static void
test_run_again (void)
{
  static const char data[] = "{\"to\":\"ada\",\"n\":12345678901234567890}";
  g_autoptr (CbTestRedis) redis = open_job (data, NULL, "Normal");
  g_autofree char *old = NULL;
  g_autofree char *new = NULL;

  choose_from_menu (8, "The same as job 1, which stays as it is");
  cb_ui_click_on (NULL, "Data as JSON");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("{\"to\":\"bob\"");
  cb_ui_wait_text ("What is different is shown when everything is filled in right.");
  cb_ui_type (",\"n\":12345678901234567890}");
  cb_ui_wait_text ("Different from job 1, which stays as it is");
  cb_ui_wait_text ("-     \"to\": \"ada\",\n+     \"to\": \"bob\",\n");
  g_assert_false (cb_ui_has_text ("-     \"n\""));
  cb_ui_click_on ("push button", "Create");
  cb_ui_wait_no_text ("Different from job 1");
  cb_ui_stop ();

  old = cb_test_redis_get_string (redis, "HGET", "q:job:1", "data", NULL);
  new = cb_test_redis_get_string (redis, "HGET", "q:job:2", "data", NULL);
  g_assert_cmpstr (old, ==, data);
  g_assert_cmpstr (new, ==, "{\"to\":\"bob\",\"n\":12345678901234567890}");
}

/* Two that are selected, and one with another whose number is typed. */
static void
test_compare (void)
{
  g_autoptr (CbTestRedis) redis = open_job ("{\"to\":\"ada\",\"n\":1.0}", "{\"n\":1.0,\"to\":\"bob\"}", "Normal");

  cb_test_redis_get_integer (redis, "HSET", "q:job:2", "created_at", "1700000002500", "error", "Error: boom\n    at two", NULL);
  cb_test_redis_get_integer (redis, "HSET", "q:job:3", "type", "email", "state", "complete", "priority", "0", "max_attempts", "3",
                             "attempts", "1", "created_at", "1700000000000", "data", "{ \"n\": 1.0, \"to\": \"ada\" }", NULL);
  cb_ui_click_on ("label", "Normal");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_key ("F5");
  cb_ui_click_until ("label", "Compare Both…", "Job 1 with job");
  cb_ui_wait_text ("2.5 s later");
  cb_ui_wait_text ("    \"n\": 1.0\n-   \"to\": \"ada\"\n+   \"to\": \"bob\"\n");
  cb_ui_wait_text ("  Error: boom\n+     at two");
  g_assert_false (cb_ui_has_text ("the same"));
  cb_ui_click_until (NULL, "Show All", "the same");
  cb_ui_find ("label", "Priority");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Job 1 with job");

  cb_ui_click_until ("label", "Normal", "Timeline");
  choose_from_menu (7, "Job 2 with job");
  cb_ui_wait_text ("Type the number of the job");
  cb_ui_type ("99");
  cb_ui_key ("Return");
  cb_ui_wait_text ("no job 99");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("2");
  cb_ui_key ("Return");
  cb_ui_wait_text ("All fields are the same");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("1");
  cb_ui_key ("Return");
  cb_ui_wait_text ("2.5 s earlier");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("3");
  cb_ui_key ("Return");
  cb_ui_find ("label", "Complete");
  cb_ui_wait_text ("only job 2 has it");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Job 2 with job");
  cb_ui_stop ();
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/detail/tree", test_tree);
  g_test_add_func ("/ui/detail/copy", test_copy);
  g_test_add_func ("/ui/detail/log", test_log);
  g_test_add_func ("/ui/detail/very-long-log", test_very_long_log);
  g_test_add_func ("/ui/detail/run-again", test_run_again);
  g_test_add_func ("/ui/detail/compare", test_compare);
  status = g_test_run ();
  cb_ui_close ();
  return status;
}
