/* test-case-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Very many jobs at once. CB_CASE_JOBS is how many; the case that people met had 100000. */

#include "config.h"

#include <signal.h>
#include <stdlib.h>

#include "cb-case.h"

/* What is under way when it is stopped is ended, and that is so many at most; see cb-bulk.c. */
#define LARGEST_PORTION 250

static guint n_jobs;

/* Of the jobs 1 to n: how many are whole, how many are gone without a trace, and how many are neither. */
static const char count_whole[] =
  "local whole, gone, half = 0, 0, 0 "
  "for id = 1, tonumber (ARGV[1]) do "
  "  local z = string.format ('%02d|%d', #tostring (id), id) "
  "  local n = redis.call ('EXISTS', 'q:job:' .. id) "
  "  for _, set in ipairs { 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' } do "
  "    if redis.call ('ZSCORE', set, z) then n = n + 1 end "
  "  end "
  "  if n == 4 then whole = whole + 1 "
  "  elseif n == 0 and redis.call ('EXISTS', 'q:job:' .. id .. ':log') == 0 then gone = gone + 1 "
  "  else half = half + 1 end "
  "end "
  "return { whole, gone, half }";

/* Longer than what a single answer may take. */
static void
wait_for (CbCaseRun *run,
          GString *said,
          const char *text,
          guint n)
{
  gint64 deadline = g_get_monotonic_time () + 600 * G_TIME_SPAN_SECOND;
  gsize from = 0;

  while (n > 0)
    {
      const char *found = strstr (said->str + from, text);

      if (found != NULL)
        {
          from = (gsize) (found - said->str) + strlen (text);
          n--;
          continue;
        }
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_assert_cmpuint (run->n_open, >, 0);
      cb_test_run_for (1);
    }
}

static guint
count_jobs (CbTestRedis *redis,
            const char *set)
{
  g_autofree char *n = cb_case_ask (redis, "ZCARD %s", set);

  return (guint) g_ascii_strtoull (n, NULL, 10);
}

/* A remove of very many is stopped after a third, and begun again while more jobs fail; then others are run again. */
static void
test_remove (void)
{
  static const char * const words[] = { "job", "remove", "--type", "email", "--state", "failed", NULL };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--hash-max-listpack-value", "1024", NULL);
  g_autofree char *matches = g_strdup_printf ("callboardctl: %u jobs match\n", n_jobs);
  g_autofree char *n = g_strdup_printf ("%u", n_jobs);
  g_autofree char *left = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *rest = NULL;
  g_autoptr (CbCaseRun) first = NULL;
  g_autoptr (CbCaseRun) second = NULL;
  g_autoptr (CbTestRun) dry = NULL;
  g_autoptr (CbTestRun) retry = NULL;
  g_auto (GStrv) numbers = NULL;
  guint n_removed, n_counted;
  gint64 began, asked, took;
  static const char data_of_sms[] =
    "local all = {} for id = tonumber (ARGV[1]) + 1, tonumber (ARGV[1]) + 50 do "
    "table.insert (all, redis.call ('HGET', 'q:job:' .. id, 'data')) end return redis.sha1hex (table.concat (all, ' '))";

  for (guint i = 0; i < n_jobs; i += 5000)
    cb_case_make (redis, "email", "failed", MIN (n_jobs - i, 5000));
  cb_case_make (redis, "sms", "failed", 50);
  before = cb_case_ask (redis, "EVAL \"%s\" 0 %u", data_of_sms, n_jobs);

  /* The question: how many there are, and nothing is done. */
  dry = cb_test_cli_get (redis, "job", "remove", "--type", "sms", "--state", "failed", "--dry-run");
  g_assert_cmpint (dry->status, ==, 0);
  g_assert_cmpstr (dry->errors, ==, "callboardctl: 50 jobs match\n");
  g_assert_nonnull (strstr (dry->output, " would be removed (it is failed)\n"));
  g_assert_cmpuint (count_jobs (redis, "q:jobs:failed"), ==, n_jobs + 50);

  began = g_get_monotonic_time ();
  first = cb_case_startv (redis, "C", words);
  wait_for (first, first->output, " removed\n", n_jobs / 3);
  g_assert_cmpstr (first->errors->str, ==, matches);
  cb_case_signal (first, SIGINT);
  asked = g_get_monotonic_time ();
  n_removed = n_jobs - count_jobs (redis, "q:jobs:email:failed");
  g_assert_cmpint (cb_case_wait (first), ==, 130);
  took = g_get_monotonic_time () - asked;
  n_counted = cb_case_count (first->output, " removed\n");
  g_test_message ("%u of %u removed in %d ms and %u more until it ended, which took %d ms", n_removed, n_jobs,
                  (int) ((asked - began) / 1000), n_counted - MIN (n_counted, n_removed), (int) (took / 1000));
  /* The portion that was under way, of the machine's own speed: the two thirds that were left would have taken four times the bound. */
  g_assert_cmpint (took, <, (asked - began) / 2);
  g_assert_cmpuint (n_counted, <, n_removed + 2 * LARGEST_PORTION);
  g_assert_cmpuint (n_counted, <, n_jobs);

  /* Each job is whole or gone, and those that are gone were told. */
  left = cb_case_ask (redis, "EVAL \"%s\" 0 %s", count_whole, n);
  expected = g_strdup_printf ("%u %u 0", n_jobs - n_counted, n_counted);
  g_assert_cmpstr (left, ==, expected);

  /* What fails after they were counted is none of them. */
  second = cb_case_startv (redis, "C", words);
  wait_for (second, second->errors, "jobs match\n", 1);
  cb_case_make (redis, "email", "failed", 20);
  wait_for (second, second->output, " removed\n", n_jobs - n_counted);
  g_assert_cmpint (cb_case_wait (second), ==, 0);
  numbers = g_strsplit (second->errors->str + strlen ("callboardctl: "), " ", 2);
  g_assert_cmpuint (g_ascii_strtoull (numbers[0], NULL, 10), ==, n_jobs - n_counted);
  rest = cb_case_ask (redis, "EVAL \"%s\" 0 %s", count_whole, n);
  g_clear_pointer (&expected, g_free);
  expected = g_strdup_printf ("0 %u 0", n_jobs);
  g_assert_cmpstr (rest, ==, expected);
  g_assert_cmpuint (count_jobs (redis, "q:jobs:email:failed"), ==, 20);
  for (guint id = n_jobs + 51; id <= n_jobs + 70; id++)
    cb_case_assert (redis, "1", "EXISTS q:job:%u", id);

  retry = cb_test_cli_get (redis, "job", "retry", "--type", "sms", "--state", "failed");
  g_assert_cmpint (retry->status, ==, 0);
  g_assert_cmpuint (count_jobs (redis, "q:jobs:sms:inactive"), ==, 50);
  g_assert_cmpuint (count_jobs (redis, "q:jobs:inactive"), ==, 50);
  g_assert_cmpuint (count_jobs (redis, "q:jobs:sms:failed"), ==, 0);
  cb_case_assert (redis, "50", "LLEN q:sms:jobs");
  after = cb_case_ask (redis, "EVAL \"%s\" 0 %u", data_of_sms, n_jobs);
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc,
      char *argv[])
{
  const char *wanted = g_getenv ("CB_CASE_JOBS");

  n_jobs = wanted != NULL ? (guint) CLAMP (atoi (wanted), 3000, 1000000) : 12000;
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/bulk/remove-very-many", test_remove);

  return g_test_run ();
}
