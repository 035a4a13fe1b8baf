/* test-ui-odd-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Jobs that are odd, damaged or half there, in the list and one by one: each is shown as it is, and nothing is written by it. What the
 * command line says of the same jobs: /cases/records. */

#include "cb-case.h"
#include "cb-ui-harness.h"

static void
start (CbTestRedis *redis)
{
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_case_do (redis, "CONFIG RESETSTAT");
  cb_ui_start ("--server", server, "--page", "email", NULL);
}

/* A job that failed once and then succeeded is complete; the failure is history. */
static void
test_failed_then_complete (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_make (redis, "email", "complete", 1);
  cb_case_do (redis, "HSET q:job:1 failed_at 1700000002000 error 'Error: refused' attempts 2 max_attempts 3 "
                     "started_at 1700000008990 updated_at 1700000009000");
  start (redis);
  cb_ui_wait_text ("1 job");
  cb_ui_click_until ("label", "Normal", "Timeline");
  cb_ui_find ("label", "Job 1");
  cb_ui_find ("label", "Done");
  cb_ui_find ("label", "attempt 2 of 3");
  cb_ui_find ("label", "An earlier attempt failed: Error: refused");
  cb_ui_find ("label", "Last failed attempt");
  cb_ui_find ("label", "2023-11-14 22:13:22.000");
  cb_ui_find ("label", "Completed");
  cb_ui_find ("label", "2023-11-14 22:13:29.000");
  /* In the colours and signs of that as well. */
  g_assert_true (cb_ui_has_style ("Complete", "complete"));
  g_assert_true (cb_ui_has_style ("object-select-symbolic", "success"));
  g_assert_true (cb_ui_has_style ("dialog-error-symbolic", "error"));
  g_assert_false (cb_ui_has_style ("Complete", "failed"));

  /* And among those that failed it is not. */
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("No Jobs Are");
  cb_case_assert_only_looked (redis);
  cb_ui_stop ();
}

/* Data that are null, a text, a list, not there, cut off, not UTF-8, or hold a NUL: each has its row, and can be opened. */
static void
test_data (void)
{
  static const struct
  {
    const char *id;
    const char *texts[2];
  } jobs[] = {
    { "1", { "null" } },
    { "2", { "\"just a string\"" } },
    { "3", { "[\n  1,\n  [\n    2," } },
    { "4", { "42" } },
    { "5", { "This is empty." } },
    { "6", { "There are no data." } },
    { "7", { "{\"title\":\"cut off\",\"to\":\"ada@exam", "Line 1, column 34" } },
    { "8", { "bad \\xed\\xa0\\xbd bytes \\xff\",\"n\":1}", "UTF-8" } },
    { "9", { "nul \\x00 inside\"}", "control character" } },
    { "10", { "\"a\": 1,\n  \"a\": 2" } },
    { "11", { "{'title': 'python'}", "Line 1, column 2" } },
    { "12", { "\"\\ud83d alone\"" } },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "odd-data");
  start (redis);
  cb_ui_wait_text ("12 jobs");
  cb_ui_find ("label", "(empty)");
  cb_ui_find ("label", "(no data)");
  cb_ui_click_until ("label", "(no data)", "Timeline");
  cb_ui_key ("End");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *name = g_strconcat ("Job ", jobs[i].id, NULL);

      if (i > 0)
        cb_ui_key ("Up");
      cb_ui_find ("label", name);
      for (guint j = 0; j < 2 && jobs[i].texts[j] != NULL; j++)
        cb_ui_wait_text (jobs[i].texts[j]);
    }

  cb_ui_key ("ctrl+f");
  cb_ui_type ("cut off");
  cb_ui_wait_text ("1 of 12 match");
  cb_case_assert_only_looked (redis);
  cb_ui_stop ();
}

/* Times of creation that are missing, in another unit or no numbers: none is made up, and the raw text is said. By creation the list is in the
 * order of ids, which such a job has, too: none is left out, and the same order comes back. */
static void
test_dates (void)
{
  static const struct { const char *title, *problem; } jobs[] = {
    { "milliseconds", NULL },
    { "seconds", "1700000000" },
    { "missing", NULL },
    { "empty", NULL },
    { "not a number", "NaN" },
    { "iso text", "2023-11-14T22:13:20.000Z" },
    { "negative", "-1" },
    { "decimals", NULL },
    { "exponent", NULL },
    { "microseconds", "1700000000000000" },
    { "too large", "99999999999999999999" },
    { "started before created", NULL },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "dates");
  start (redis);
  cb_ui_wait_text ("12 jobs");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *row = jobs[i].problem != NULL
                               ? g_strdup_printf ("Job %u, email, Complete, created_at is no time in milliseconds: %s", i + 1, jobs[i].problem)
                             : i == 11 ? g_strdup ("Job 12, email, Complete, duration is no number of milliseconds: -5000")
                                       : g_strdup_printf ("Job %u, email, Complete", i + 1);

      cb_ui_find (NULL, row);
    }
  cb_ui_find ("label", "–");
  g_assert_false (cb_ui_has_text ("1970-"));
  g_assert_false (cb_ui_has_text ("55838-"));

  cb_ui_key ("alt+5");
  cb_ui_wait_text ("12 jobs, newest first");
  for (guint i = 0; i < 3; i++)
    {
      gboolean up = i % 2 == 0;
      const char *titles[G_N_ELEMENTS (jobs) + 1] = { NULL };

      for (guint j = 0; j < G_N_ELEMENTS (jobs); j++)
        titles[j] = jobs[up ? j : G_N_ELEMENTS (jobs) - 1 - j].title;
      cb_ui_click_until ("label", "Created", up ? "12 jobs, oldest first" : "12 jobs, newest first");
      cb_test_wait_until (cb_ui_are_in_order (titles));
    }
  cb_case_assert_only_looked (redis);
  cb_ui_stop ();
}

/* Ids in the lists whose jobs are gone have their rows, and say so; the others are all there. */
static void
test_missing (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_script (redis, "phantoms", NULL);
  start (redis);
  cb_ui_wait_text ("30 jobs");
  cb_ui_find ("label", "There is no such job, only its id in the index");
  cb_ui_find ("label", "110");
  cb_ui_click_until ("label", "n17", "Timeline");
  cb_ui_key ("End");
  cb_ui_find ("label", "Job 1");
  cb_ui_key ("Up");
  cb_ui_find ("label", "Job 2");
  cb_ui_key ("Up");
  cb_ui_find ("label", "Job 3");
  cb_ui_wait_text ("There is no such job, only what is left of it");
  cb_ui_wait_text ("left over log line");
  g_assert_false (cb_ui_has_text ("Not started"));
  g_assert_false (cb_ui_has_text ("attempt "));
  cb_ui_key ("Up");
  cb_ui_find ("label", "Job 4");
  cb_ui_wait_text ("Error: boom");
  cb_ui_key ("Up");
  cb_ui_find ("label", "Job 5");
  cb_ui_key ("Up");
  cb_ui_wait_text ("No Such Job");

  /* By state there are as many, and as are counted beside the name of the queue. */
  cb_ui_key ("alt+4");
  cb_ui_wait_text ("30 jobs, by priority, newest first");
  cb_ui_find (NULL, "email, 30 jobs, 30 failed");
  cb_case_assert_only_looked (redis);
  cb_case_assert (redis, "18", "ZCARD q:jobs");
  cb_case_assert (redis, "20", "ZCARD q:jobs:failed");
  cb_case_assert (redis, "30", "ZCARD q:jobs:email:failed");
  cb_ui_stop ();
}

/* One that was not there, and comes back from whoever took it away, is shown as any other. */
static void
test_back (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_script (redis, "phantoms", NULL);
  start (redis);
  cb_ui_wait_text ("30 jobs");
  cb_ui_click_until ("label", "n17", "Timeline");
  cb_ui_key ("End");
  cb_ui_find ("label", "Job 1");
  for (guint i = 0; i < 5; i++)
    cb_ui_key ("Up");
  cb_ui_wait_text ("No Such Job");
  g_assert_false (cb_ui_has_text ("Timeline"));
  cb_test_redis_get_integer (redis, "EVAL",
                             "for _, member in ipairs (redis.call ('ZRANGE', 'q:jobs:email:failed', 0, -1)) do "
                             "  local key = 'q:job:' .. tonumber (member:match ('|(.*)$')) "
                             "  redis.call ('HSETNX', key, 'type', 'email') redis.call ('HSETNX', key, 'state', 'failed') "
                             "  redis.call ('HSETNX', key, 'data', '{\"title\":\"is back\"}') end return 1",
                             "0", NULL);
  cb_ui_key ("F5");
  cb_ui_wait_text ("Timeline");
  cb_ui_wait_no_text ("No Such Job");
  cb_ui_stop ();
}

/* One job under three ids, two under a wrong one, and entries that are no ids: which is which is told, and who removes the job removes it
 * under all of them. */
static void
test_ids (void)
{
  static const struct { const char *data, *job; } jobs[] = {
    { "five, wrong length mark", "Job 5" }, { "nine", "Job 9" }, { "ten", "Job 10" }, { "ninety-nine", "Job 99" }, { "hundred", "Job 100" },
  };
  static const char * const odd[] = { "02|abc", "|", "" };
  static const char * const sets[] = { "q:jobs", "q:jobs:inactive", "q:jobs:email:inactive" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "ids");
  start (redis);
  cb_ui_wait_text ("11 jobs");
  cb_ui_find (NULL, "Job 17, email, Queued");
  cb_ui_find (NULL, "Job 17, email, Queued, The list names it “17”, which Kue takes for job 17");
  cb_ui_find (NULL, "Job 17, email, Queued, The list names it “002|17”, which Kue takes for job 17");
  cb_ui_find (NULL, "Job 5, email, Queued, The list names it “02|5”, which Kue takes for job 5");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      cb_ui_click_until ("label", jobs[i].data, jobs[i].job);
      cb_ui_find ("label", jobs[i].job);
    }
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autofree char *said = g_strdup_printf ("The list holds “%s” here, which is no id of a job", odd[i]);
      g_autofree char *row = g_strdup_printf ("Job %s, Missing, %s", odd[i], said);

      cb_ui_find (NULL, row);
      cb_ui_click_until ("label", *odd[i] != '\0' ? odd[i] : "\"\"", "No Such Job");
      g_assert_false (cb_ui_has_text ("It was removed, or never was."));
      cb_ui_click_until ("label", "nine", "Job 9");
    }
  cb_case_assert_only_looked (redis);

  cb_ui_click_until ("label", "seventeen, listed three ways", "Job 17");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Job 17 removed");
  cb_ui_wait_text ("8 jobs");
  cb_case_assert (redis, "0", "EXISTS q:job:17");
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    {
      cb_case_assert (redis, "(nil) (nil) (nil)", "ZMSCORE %s '02|17' 17 '002|17'", sets[i]);
      cb_case_assert (redis, "8", "ZCARD %s", sets[i]);
    }
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("11 jobs");
  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    cb_case_assert (redis, "0 0 0", "ZMSCORE %s '02|17' 17 '002|17'", sets[i]);
  cb_ui_stop ();
}

/* Types with a colon, a blank, in Cyrillic, named like a state, without a name or not registered: a queue each, with its own failed job. */
static void
test_types (void)
{
  static const struct { const char *row, *title; } types[] = {
    { "email, 1 job, 1 failed", "plain" },
    { "email:welcome, 1 job, 1 failed", "colon in type" },
    { "mail out, 1 job, 1 failed", "space in type" },
    { "отчёт, 1 job, 1 failed", "cyrillic type" },
    { "inactive, 1 job, 1 failed", "type named like a state" },
    { "retired, 1 job, 1 failed", "type missing from job:types" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_case_load (redis, "types");
  start (redis);
  cb_ui_find (NULL, "\"\", 0 jobs, 0 failed");
  cb_ui_find ("image", "This queue is not registered: its library does not list it. The doctor can put that right.");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      cb_ui_click_until (NULL, types[i].row, types[i].title);
      cb_ui_key ("alt+4");
      cb_ui_wait_text ("1 job, ");
      cb_ui_find ("label", types[i].title);
      for (guint j = 0; j < G_N_ELEMENTS (types); j++)
        g_assert_true (j == i || !cb_ui_has_text (types[j].title));
    }
  cb_ui_click_until (NULL, "\"\", 0 jobs, 0 failed", "No Jobs");
  cb_ui_find ("label", "\"\"");
  cb_case_assert_only_looked (redis);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/odd-jobs/failed-then-complete", test_failed_then_complete);
  g_test_add_func ("/ui/odd-jobs/data", test_data);
  g_test_add_func ("/ui/odd-jobs/dates", test_dates);
  g_test_add_func ("/ui/odd-jobs/missing", test_missing);
  g_test_add_func ("/ui/odd-jobs/back", test_back);
  g_test_add_func ("/ui/odd-jobs/ids", test_ids);
  g_test_add_func ("/ui/odd-jobs/types", test_types);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
