/* test-job-timeline.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-job-timeline.h"

#define MSEC ((gint64) 1000)
#define BASE (G_GINT64_CONSTANT (1700000000000) * MSEC)

/* The timeline as one text: "+1000 Created; +1013 Started (waited 13 ms)"; times in ms after BASE. */
static char *
to_text (CbJobRecord *job, gint64 now)
{
  g_autoptr (GPtrArray) entries = cb_job_timeline_create (job, now);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const CbTimelineEntry *entry = g_ptr_array_index (entries, i);

      g_string_append (text, i > 0 ? "; " : "");
      if (entry->time >= 0)
        g_string_append_printf (text, "+%" G_GINT64_FORMAT " ", (entry->time - BASE) / MSEC);
      g_string_append (text, entry->label);
      if (entry->note != NULL)
        g_string_append_printf (text, " (%s)", entry->note);
    }
  return g_string_free (text, FALSE);
}

static void
assert_timeline (CbJobRecord *job, gint64 now_msec, const char *expected)
{
  g_autofree char *text = to_text (job, BASE + now_msec * MSEC);

  g_assert_cmpstr (text, ==, expected);
}

static CbJobRecord *
job_new (CbJobMeaning meaning, int attempts_made, int attempts_max)
{
  CbJobRecord *job = cb_job_record_new ("1");

  job->meaning = meaning;
  job->attempts_made = attempts_made;
  job->attempts_max = attempts_max;
  job->created_at = BASE;
  return job;
}

static void
test_waiting (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_WAITING, 0, 1);

  job->updated_at = BASE;
  assert_timeline (job, 2100, "+0 Created; Waiting (for 2.1 s)");
}

static void
test_complete (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_COMPLETE, 1, 1);

  job->started_at = BASE + 13 * MSEC;
  job->updated_at = BASE + 22 * MSEC;
  job->duration = 9 * MSEC;
  assert_timeline (job, 5000, "+0 Created; +13 Started (waited 13 ms); +22 Completed (ran 9 ms)");
}

static void
test_failed_for_good (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_FAILED, 3, 3);

  job->started_at = BASE + 100 * MSEC;
  job->failed_at = BASE + 109 * MSEC;
  /* Since when the third attempt waited is not kept, so nothing is said of it. */
  assert_timeline (job, 5000, "+0 Created; +100 Attempt 3 started; +109 Failed for good (ran 9 ms)");
}

/* A failure that another attempt has followed is history, and no duration is made up between the two. */
static void
test_failed_then_complete (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_COMPLETE, 2, 3);

  job->failed_at = BASE + 2000 * MSEC;
  job->started_at = BASE + 8990 * MSEC;
  job->updated_at = BASE + 9000 * MSEC;
  job->duration = 10 * MSEC;
  assert_timeline (job, 10000,
                   "+0 Created; +2000 Last failed attempt; +8990 Attempt 2 started (waited 7.0 s); +9000 Completed (ran 10 ms)");
}

static void
test_delayed (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_DELAYED, 0, 1);

  job->delay = 5000 * MSEC;
  job->promote_at = BASE + 5000 * MSEC;
  assert_timeline (job, 1000, "+0 Created; +5000 Due (in 4 s)");
  assert_timeline (job, 6000, "+0 Created; +5000 Due (after 5.0 s)");
}

static void
test_active_retry (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_ACTIVE, 1, 3);

  job->started_at = BASE + 3000 * MSEC;
  job->failed_at = BASE + 1000 * MSEC;
  assert_timeline (job, 3500,
                   "+0 Created; +1000 Last failed attempt; +3000 Attempt 2 started (waited 2.0 s); Running (for 500 ms)");
}

/* Clocks that disagree, and records with hardly any time in them. */
static void
test_odd (void)
{
  g_autoptr (CbJobRecord) job = job_new (CB_JOB_MEANING_COMPLETE, 1, 1);

  job->created_at = -1;
  assert_timeline (job, 0, "Completed");
  job->started_at = BASE + 10 * MSEC;
  job->updated_at = BASE + 5 * MSEC;
  assert_timeline (job, 0, "+5 Completed; +10 Started");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-timeline/waiting", test_waiting);
  g_test_add_func ("/job-timeline/complete", test_complete);
  g_test_add_func ("/job-timeline/failed-for-good", test_failed_for_good);
  g_test_add_func ("/job-timeline/failed-then-complete", test_failed_then_complete);
  g_test_add_func ("/job-timeline/delayed", test_delayed);
  g_test_add_func ("/job-timeline/active-retry", test_active_retry);
  g_test_add_func ("/job-timeline/odd", test_odd);
  return g_test_run ();
}
