/* test-case-records.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Records that are odd, damaged or half there, and what is shown of them. */

#include "config.h"

#include "cb-case.h"
#include "cb-test-json.h"

#define expect cb_test_cli_expect

/* Runs it and returns what it prints; it may not complain. */
static char *
print (CbTestRedis *redis,
       ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (CbTestRun) run = NULL;
  const char *word;
  va_list more;

  va_start (more, redis);
  while ((word = va_arg (more, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer) word);
  va_end (more);
  g_ptr_array_add (words, NULL);

  run = cb_test_cli_run (redis, NULL, (const char * const *) words->pdata);
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpint (run->status, ==, 0);

  return g_steal_pointer (&run->output);
}

#define print(...) print (__VA_ARGS__, NULL)

static void
assert_has (const char *text,
            const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is missing from:\n%s", part, text);
}

static void
assert_lacks (const char *text,
              const char *part)
{
  if (strstr (text, part) != NULL)
    g_error ("“%s” is in:\n%s", part, text);
}

/* The line of a job in a list; the id is followed by a blank. */
static char *
find_line (const char *list,
           const char *id)
{
  g_autofree char *begin = g_strconcat (id, " ", NULL);
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (guint i = 1; i < g_strv_length (lines); i++)
    if (g_str_has_prefix (lines[i], begin))
      return g_strdup (lines[i]);

  g_error ("no line of %s in:\n%s", id, list);
}

static guint
count_lines (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';

  return n;
}

/* Times that are missing, in another unit, or no numbers: a wrong date is never shown. The parser's own: /kue-parse/dates. */
static void
test_dates (void)
{
  static const struct
  {
    const char *id;
    const char *created;  /* NULL: none is shown */
    const char *mark;     /* NULL: nothing is said about it */
  } jobs[] = {
    { "1", "2023-11-14 22:13:20", NULL },
    { "2", NULL, "1700000000" },
    { "3", NULL, NULL },
    { "4", NULL, NULL },
    { "5", NULL, "NaN" },
    { "6", NULL, "2023-11-14T22:13:20.000Z" },
    { "7", NULL, "-1" },
    { "8", "2023-11-14 22:13:20", NULL },
    { "9", "2023-11-14 22:13:20", NULL },
    { "10", NULL, "1700000000000000" },
    { "11", NULL, "99999999999999999999" },
    { "12", "2023-11-14 22:13:20", "-5000" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *list = NULL;
  g_autofree char *twelfth = NULL;

  cb_case_load (redis, "dates");
  cb_case_do (redis, "CONFIG RESETSTAT");

  list = print (redis, "job", "list", "--state", "complete");
  g_assert_cmpuint (count_lines (list), ==, 13);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *line = find_line (list, jobs[i].id);
      g_autofree char *shown = print (redis, "job", "show", jobs[i].id);

      if (jobs[i].created != NULL)
        {
          assert_has (line, jobs[i].created);
          assert_has (shown, jobs[i].created);
        }
      else
        {
          g_assert_false (g_regex_match_simple (" \\d+-\\d\\d-\\d\\d \\d\\d:", line, 0, 0));
          assert_lacks (shown, "Created:");
        }
      if (jobs[i].mark != NULL)
        {
          assert_has (line, jobs[i].mark);
          assert_has (shown, "Problem:");
        }
      else
        assert_lacks (shown, "Problem:");
      assert_lacks (line, "1970-");
      assert_lacks (line, "Invalid");
    }

  twelfth = print (redis, "job", "show", "12");
  assert_lacks (twelfth, "Duration:");
  cb_case_assert_only_looked (redis);
}

/* An attempt that failed is history once the job has succeeded. In the window: /job-timeline/failed-then-complete. */
static void
test_failed_then_complete (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *shown = NULL;
  g_autofree char *list = NULL;
  g_autofree char *failed = NULL;

  cb_case_make (redis, "email", "complete", 1);
  cb_case_do (redis, "HSET q:job:1 failed_at 1700000002000 error 'Error: refused' attempts 2 max_attempts 3 "
                     "updated_at 1700000009000");

  shown = print (redis, "job", "show", "1");
  assert_has (shown, "State:        complete\n");
  assert_has (shown, "Updated:      2023-11-14 22:13:29\n");
  assert_has (shown, "Last failure: 2023-11-14 22:13:22\n");
  assert_has (shown, "Error of the last failed attempt:\n  Error: refused\n");
  assert_has (shown, "Attempts:     2 of 3\n");
  assert_lacks (shown, "\nFailed:");
  assert_lacks (shown, "\nError:");

  expect (redis, 0, "", "", "job", "list", "--state", "failed");
  list = print (redis, "job", "list");
  assert_has (list, "2/3");
  assert_lacks (list, "refused");

  /* The same of a job whose last word was the failure. */
  cb_case_make (redis, "email", "failed", 1);
  failed = print (redis, "job", "show", "2");
  assert_has (failed, "\nFailed: ");
  assert_has (failed, "\nError:\n");
  assert_lacks (failed, "Last failure:");
}

/* Data that are null, a text, a list, not there, cut off, not UTF-8, or hold a NUL. Excerpts: /json/excerpt. */
static void
test_data (void)
{
  static const struct
  {
    const char *id;
    const char *line;
    const char *shown;
    const char *problem; /* NULL: none */
  } jobs[] = {
    { "1", "  null", "Data:\n  null\n", NULL },
    { "2", "  just a string", "Data:\n  \"just a string\"\n", NULL },
    { "3", "  [1,[2,[3]]]", "Data:\n  [\n    1,\n    [\n", NULL },
    { "4", "  42", "Data:\n  42\n", NULL },
    { "5", "empty", "Data:\n", "empty" },
    { "6", "  (no data)", "Data:         none\n", NULL },
    { "7", "column 34", "Data:\n  {\"title\":\"cut off\",\"to\":\"ada@exam\n", "Line 1, column 34" },
    { "8", "UTF-8", "Data:\n  {\"title\":\"bad \\xed\\xa0\\xbd bytes \\xff\",\"n\":1}\n", "UTF-8" },
    { "9", "control character", "Data:\n  {\"title\":\"nul \\x00 inside\"}\n", "control character" },
    { "10", "  a: 1  a: 2", "\"a\": 1,\n    \"a\": 2\n", NULL },
    { "11", "column 2", "Data:\n  {'title': 'python'}\n", "Line 1, column 2" },
    { "12", " alone", "\"\\ud83d alone\"", NULL },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *list = NULL;
  g_autofree char *json = NULL;
  g_autofree char *found = NULL;
  g_auto (GStrv) lines = NULL;

  cb_case_load (redis, "odd-data");
  cb_case_do (redis, "CONFIG RESETSTAT");

  list = print (redis, "job", "list", "--state", "failed");
  g_assert_cmpuint (count_lines (list), ==, 13);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *line = find_line (list, jobs[i].id);
      g_autofree char *shown = print (redis, "job", "show", jobs[i].id);

      assert_has (line, jobs[i].line);
      assert_has (shown, jobs[i].shown);
      if (jobs[i].problem != NULL)
        {
          assert_has (shown, "Problem:");
          assert_has (shown, jobs[i].problem);
        }
      else
        assert_lacks (shown, "Problem:");
    }

  /* Data that can't be parsed can be looked for all the same. */
  found = print (redis, "job", "list", "--state", "failed", "--filter", "cut off");
  g_assert_cmpuint (count_lines (found), ==, 2);
  g_free (find_line (found, "7"));

  /* A program that reads the lines gets one JSON object for each, whatever the data are. */
  json = print (redis, "--json", "job", "list", "--state", "failed");
  g_assert_true (g_utf8_validate (json, -1, NULL));
  lines = g_strsplit (g_strchomp (json), "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 12);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = cb_test_json_parse (lines[i], &error);

      g_assert_no_error (error);
      g_assert_cmpint (json_object_get_int_member (json_node_get_object (node), "id"), ==, i + 1);
    }
  cb_case_assert_only_looked (redis);
}

/* Markup, signs of formats, mnemonics and terminal codes are text like any other. In the window: /ui. */
static void
test_markup (void)
{
  static const struct
  {
    const char *id;
    const char *texts[3];
  } jobs[] = {
    { "1", { "<span size='1000000'>BIG</span>", "Tom & Jerry <refused> 100%s %n %d" } },
    { "2", { "A & B", "&amp; &#65; &bogus;" } },
    { "3", { "%s%n%x", "%s%s%s%s%n" } },
    { "4", { "<img src=x onerror=alert(1)>", "<a href=\"https://example.test/\">click</a>" } },
    { "5", { "_File _Edit", "_underline __mnemonic" } },
    { "6", { "cleared", "\\x1b[31mred\\x1b[0m and \\x07 bell" } },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *list = NULL;
  g_autofree char *queues = NULL;
  g_autofree char *of_type = NULL;
  g_autofree char *keys = NULL;

  cb_case_load (redis, "markup");
  cb_case_do (redis, "SET '<big>key & co</big>' '%%s%%n'");

  list = print (redis, "job", "list");
  of_type = print (redis, "job", "list", "--type", "<b>email</b>", "--state", "failed");
  g_assert_cmpuint (count_lines (of_type), ==, 7);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *line = find_line (list, jobs[i].id);
      g_autofree char *shown = print (redis, "job", "show", jobs[i].id);

      assert_has (line, "<b>email</b>");
      for (guint j = 0; jobs[i].texts[j] != NULL; j++)
        {
          assert_has (line, jobs[i].texts[j]);
          assert_has (shown, jobs[i].texts[j]);
        }
      /* Nothing that a terminal obeys comes through. */
      for (const char *p = shown; *p != '\0'; p++)
        g_assert_true (*p == '\n' || (guchar) *p >= 0x20);
    }

  queues = print (redis, "queue", "list");
  assert_has (queues, "<b>email</b> ");
  keys = print (redis, "keys", "<big>*");
  g_assert_cmpstr (keys, ==, "<big>key & co</big>\n");
  expect (redis, 0, "%s%n\n", "", "get", "<big>key & co</big>");
}

/* Ids in lists whose records are gone: they keep their place and are told. The engine: /kue-engine/phantoms. */
static void
test_phantoms (void)
{
  static const char * const missing[] = { "3", "6", "9", "12", "15", "18", "19", "20" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *all = NULL;
  g_autofree char *of_type = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;

  cb_case_script (redis, "phantoms", NULL);
  cb_case_do (redis, "CONFIG RESETSTAT");

  all = print (redis, "job", "list", "--state", "failed");
  g_assert_cmpuint (count_lines (all), ==, 21);
  for (guint i = 1; i <= 20; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *line = find_line (all, id);
      gboolean is_missing = FALSE;

      for (guint j = 0; j < G_N_ELEMENTS (missing); j++)
        is_missing = is_missing || strcmp (id, missing[j]) == 0;
      assert_has (line, is_missing ? "There is no such job" : "Error: boom: n");
    }

  of_type = print (redis, "job", "list", "--state", "failed", "--type", "email");
  g_assert_cmpuint (count_lines (of_type), ==, 31);
  for (guint i = 101; i <= 110; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);
      g_autofree char *line = find_line (of_type, id);

      assert_has (line, "There is no such job");
    }

  third = print (redis, "job", "show", "3");
  assert_has (third, "Problem:      There is no such job, only what is left of it\n");
  assert_has (third, "Log:\n  left over log line\n");
  assert_lacks (third, "Priority:");
  assert_lacks (third, "Attempts:");
  expect (redis, 0, "left over log line\n", "", "job", "log", "3");
  expect (redis, 1, "", "callboardctl: There is no job 6\n", "job", "show", "6");
  fourth = print (redis, "job", "show", "4");
  assert_has (fourth, "State:        failed\n");

  cb_case_assert_only_looked (redis);
  cb_case_assert (redis, "18", "ZCARD q:jobs");
  cb_case_assert (redis, "20", "ZCARD q:jobs:failed");
  cb_case_assert (redis, "30", "ZCARD q:jobs:email:failed");
}

/* Records in no list, and halves of records: what is not there is not made up, and a worker leaves them alone. Their
 * repair: /kue-doctor. */
static void
test_orphans (void)
{
  static const struct
  {
    const char *id;
    const char *has[3];
    const char *lacks[4];
  } jobs[] = {
    { "31", { "priority is no number", "NaN" }, { "Priority:" } },
    { "32", { "It has no type", "Progress:     50%" }, { "Created:", "Priority:", "Attempts:" } },
    { "33", { "State:        complete", "Duration:     12 ms" }, { "Created:", "Attempts:" } },
    { "34", { "Type:         email", "It has no state" }, { "Created:", "Attempts:", "Data:\n" } },
    { "35", { "State:        failed", "Data:\n  {}" }, { "Created:", "Failed:", "Attempts:" } },
    { "36", { "There is no such job", "a log with no job" }, { "Created:", "Priority:", "Attempts:" } },
    { "37", { "State:        inactive", "2023-11-14 22:13:57" }, { "Started:", "Progress:" } },
    { "38", { "State:        inactive", "whole" }, { "Problem:" } },
  };
  static const char * const ids[] = { "31", "32", "33", "34", "35", "37" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autoptr (CbTestRun) doctor = NULL;
  g_autoptr (CbTestRun) work = NULL;
  g_autofree char *list = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = NULL;

  cb_case_load (redis, "orphans");
  cb_case_do (redis, "CONFIG RESETSTAT");

  list = print (redis, "job", "list", "--state", "inactive");
  g_assert_cmpuint (count_lines (list), ==, 2);
  assert_has (list, "whole");

  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *shown = print (redis, "job", "show", jobs[i].id);

      for (guint j = 0; j < G_N_ELEMENTS (jobs[i].has) && jobs[i].has[j] != NULL; j++)
        assert_has (shown, jobs[i].has[j]);
      for (guint j = 0; j < G_N_ELEMENTS (jobs[i].lacks) && jobs[i].lacks[j] != NULL; j++)
        assert_lacks (shown, jobs[i].lacks[j]);
      assert_lacks (shown, "undefined");
      assert_lacks (shown, "1970");
    }

  /* The check names each of them and no other. */
  doctor = cb_test_cli_get (redis, "--json", "doctor", "--grace", "0");
  g_assert_cmpint (doctor->status, ==, 1);
  lines = g_strsplit (doctor->output, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node = lines[i][0] != '\0' ? cb_test_json_parse (lines[i], NULL) : NULL;

      /* An unregistered type is found, too, and belongs to no job. */
      if (node != NULL && !json_object_get_null_member (json_node_get_object (node), "id"))
        g_hash_table_add (found, g_strdup_printf ("%" G_GINT64_FORMAT,
                                                  json_object_get_int_member (json_node_get_object (node), "id")));
    }
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    g_assert_cmpint (g_hash_table_contains (found, jobs[i].id), ==, strcmp (jobs[i].id, "38") != 0);
  cb_case_assert_only_looked (redis);

  before = cb_case_ask (redis, "DEBUG DIGEST-VALUE q:job:31 q:job:32 q:job:33 q:job:34 q:job:35 q:job:36:log q:job:37");
  work = cb_test_cli_get (redis, "work", "email", "--drain");
  g_assert_cmpstr (work->output, ==, "Job 38: whole\n");
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 1 0 0"));
  after = cb_case_ask (redis, "DEBUG DIGEST-VALUE q:job:31 q:job:32 q:job:33 q:job:34 q:job:35 q:job:36:log q:job:37");
  g_assert_cmpstr (before, ==, after);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    cb_case_assert (redis, "1", "EXISTS q:job:%s", ids[i]);
}

/* One id in three spellings, wrong marks of the length, and entries that are no id. The engine: /kue-engine/odd-members. */
static void
test_ids (void)
{
  static const char * const jobs[] = { "5", "9", "10", "17", "99", "100" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *list = NULL;

  cb_case_load (redis, "ids");
  cb_case_do (redis, "CONFIG RESETSTAT");

  list = print (redis, "job", "list", "--state", "inactive");
  g_assert_cmpuint (count_lines (list), ==, 12);
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    g_free (find_line (list, jobs[i]));
  assert_has (list, "seventeen, listed three ways");
  assert_has (list, "names it “002|17”, which Kue takes for job 17");
  assert_has (list, "names it “17”, which Kue takes for job 17");
  assert_has (list, "holds “02|abc” here, which is no id");
  assert_has (list, "holds “|” here, which is no id");
  assert_has (list, "holds “” here, which is no id");
  cb_case_assert_only_looked (redis);

  /* Whoever removes the job removes it under all its spellings. */
  expect (redis, 0, "Job 17 removed\n", "", "job", "remove", "17");
  cb_case_assert (redis, "0", "EXISTS q:job:17");
  for (guint i = 0; i < 3; i++)
    {
      static const char * const sets[] = { "q:jobs", "q:jobs:inactive", "q:jobs:email:inactive" };

      cb_case_assert (redis, "(nil) (nil) (nil)", "ZMSCORE %s '02|17' 17 '002|17'", sets[i]);
      cb_case_assert (redis, "8", "ZCARD %s", sets[i]);
    }
}

/* A log of a hundred thousand lines, the last of them empty, is read to the end, and in parts. */
static void
test_long_log (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) log = NULL;
  g_auto (GStrv) lines = NULL;

  cb_case_make (redis, "email", "failed", 1);
  for (guint i = 0; i < 12; i++)
    cb_case_do (redis, "EVAL \"for i = 1, 10000 do redis.call ('RPUSH', 'q:job:1:log', 'TTL exceeded ' .. %u + i) end\" 0", i * 10000);
  cb_case_do (redis, "RPUSH q:job:1:log ''");
  cb_case_do (redis, "CONFIG RESETSTAT");

  log = cb_test_cli_get (redis, "job", "log", "1");
  g_assert_cmpint (log->status, ==, 0);
  lines = g_strsplit (log->output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 120001 + 1);
  g_assert_cmpstr (lines[0], ==, "TTL exceeded 1");
  g_assert_cmpstr (lines[119999], ==, "TTL exceeded 120000");
  g_assert_cmpstr (lines[120000], ==, "");
  /* No part is of more than ten thousand lines. */
  g_assert_cmpuint (cb_case_count_calls (redis, "lrange"), >=, 12);
  cb_case_assert_only_looked (redis);
}

/* Ids that get longer stand in their order, both ways, and new ones are last. The orders of real Kue: /kue-fixture/orders. */
static void
test_order (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  static const guint spots[] = { 0, 88, 988, 9988, 9999 };
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);

  cb_case_do (redis, "SET q:ids 5");
  cb_case_make (redis, "email", "inactive", 10000);

  /* Around each place where a digit is added, from both ends. */
  for (guint i = 0; i < G_N_ELEMENTS (spots); i++)
    for (guint way = 0; way < 2; way++)
      {
        guint first = way == 0 ? spots[i] : 9999 - spots[i];
        g_autofree char *from = g_strdup_printf ("%u", first);
        g_autofree char *to = g_strdup_printf ("%u", MIN (first + 11, 9999));
        g_autofree char *list = print (redis, "job", "list", "--state", "inactive", "--order", way == 0 ? "asc" : "desc",
                                       "--from", from, "--to", to);
        g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
        guint n = MIN (12, 10000 - first);

        g_assert_cmpuint (g_strv_length (lines), ==, 1 + n + 1);
        for (guint j = 0; j < n; j++)
          g_assert_cmpuint (g_ascii_strtoull (lines[j + 1], NULL, 10), ==, way == 0 ? 6 + first + j : 10005 - first - j);
      }

  expect (redis, 0, NULL, "", "job", "create", "email", "--data", "{}", "--count", "3");
  cb_case_assert (redis, "05|10006 05|10007 05|10008", "ZRANGE q:jobs -3 -1");
  cb_case_assert (redis, "05|10006 05|10007 05|10008", "ZRANGE q:jobs:email:inactive -3 -1");

  work = cb_case_start (redis, "--json", "work", "email", "--concurrency", "1", NULL);
  cb_test_wait_until (cb_case_count (work->output, "\"complete\"") >= 200);
  for (guint i = 6; i <= 205; i++)
    g_string_append_printf (expected, "{\"id\":%u,\"event\":\"start\"}\n", i);
  {
    g_auto (GStrv) lines = g_strsplit (work->output->str, "\n", -1);
    g_autoptr (GString) started = g_string_new (NULL);

    for (guint i = 0, n = 0; lines[i] != NULL && n < 200; i++)
      if (g_str_has_suffix (lines[i], "\"start\"}"))
        {
          g_string_append_printf (started, "%s\n", lines[i]);
          n++;
        }
    g_assert_cmpstr (started->str, ==, expected->str);
  }
}

/* Types with a colon, a blank, in Cyrillic, named like a state, or empty; each has its own jobs. */
static void
test_types (void)
{
  static const struct
  {
    const char *type;
    const char *title; /* NULL: it has no failed job */
  } types[] = {
    { "email", "plain" },
    { "email:welcome", "colon in type" },
    { "mail out", "space in type" },
    { "\xd0\xbe\xd1\x82\xd1\x87\xd1\x91\xd1\x82", "cyrillic type" },
    { "inactive", "type named like a state" },
    { "retired", "type missing from job:types" },
    { "", NULL },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) list_of_queues = NULL;
  g_autofree char *all = NULL;

  cb_case_load (redis, "types");
  cb_case_do (redis, "CONFIG RESETSTAT");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *list = print (redis, "job", "list", "--state", "failed", "--type", types[i].type);

      g_assert_cmpuint (count_lines (list), ==, types[i].title != NULL ? 2 : 0);
      if (types[i].title != NULL)
        assert_has (list, types[i].title);
    }
  all = print (redis, "job", "list", "--state", "failed");
  g_assert_cmpuint (count_lines (all), ==, 7);
  list_of_queues = cb_test_cli_get (redis, "--json", "queue", "list");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *name = g_strdup_printf ("\"queue\":\"%s\"", types[i].type);

      assert_has (list_of_queues->output, name);
    }
  assert_has (list_of_queues->output, "\"registered\":false");
  g_assert_cmpstr (list_of_queues->errors, ==,
                   "callboardctl: Queue retired is not registered: Kue does not list it. "
                   "\xe2\x80\x9c" "callboardctl doctor --repair\xe2\x80\x9d puts that right\n");
  g_assert_cmpint (list_of_queues->status, ==, 0);
  expect (redis, 0, "", "", "job", "list", "--state", "inactive");
  cb_case_assert_only_looked (redis);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/records/dates", test_dates);
  g_test_add_func ("/cases/records/failed-then-complete", test_failed_then_complete);
  g_test_add_func ("/cases/records/odd-data", test_data);
  g_test_add_func ("/cases/records/markup-and-formats", test_markup);
  g_test_add_func ("/cases/records/ids-without-record", test_phantoms);
  g_test_add_func ("/cases/records/orphans-and-halves", test_orphans);
  g_test_add_func ("/cases/records/ids-in-three-spellings", test_ids);
  g_test_add_func ("/cases/records/long-log", test_long_log);
  g_test_add_func ("/cases/records/order-when-ids-get-longer", test_order);
  g_test_add_func ("/cases/records/odd-types", test_types);

  return g_test_run ();
}
