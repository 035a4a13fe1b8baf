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

/* The parts as one text: "waiting 13, running 9"; in ms. */
static void
assert_parts (CbJobRecord *job, gint64 now_msec, const char *expected)
{
  static const char * const kinds[] = { "delayed", "waiting", "running", "ahead", "unknown" };
  gint64 now = BASE + now_msec * MSEC;
  g_autoptr (GPtrArray) entries = cb_job_timeline_create (job, now);
  g_autoptr (GArray) parts = cb_job_timeline_get_parts (job, entries, now);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    {
      const CbTimelinePart *part = &g_array_index (parts, CbTimelinePart, i);

      if (i > 0)
        g_assert_cmpint (part->from, ==, (part - 1)->to);
      g_assert_cmpint (part->from, <=, part->to);
      g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, i > 0 ? ", " : "", kinds[part->kind], (part->to - part->from) / MSEC);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

/* Of each part is said what is known of it, and nothing where other attempts may have been in it. */
static void
test_parts (void)
{
  g_autoptr (CbJobRecord) waiting = job_new (CB_JOB_MEANING_WAITING, 0, 1);
  g_autoptr (CbJobRecord) complete = job_new (CB_JOB_MEANING_COMPLETE, 1, 1);
  g_autoptr (CbJobRecord) failed = job_new (CB_JOB_MEANING_FAILED, 3, 3);
  g_autoptr (CbJobRecord) active = job_new (CB_JOB_MEANING_ACTIVE, 1, 3);
  g_autoptr (CbJobRecord) delayed = job_new (CB_JOB_MEANING_DELAYED, 0, 1);
  g_autoptr (CbJobRecord) retried = job_new (CB_JOB_MEANING_WAITING, 2, 3);

  assert_parts (waiting, 2100, "waiting 2100");

  complete->started_at = BASE + 13 * MSEC;
  complete->updated_at = BASE + 22 * MSEC;
  assert_parts (complete, 5000, "waiting 13, running 9");
  g_assert_cmpint (cb_job_timeline_count_forgotten (complete), ==, 0);

  failed->started_at = BASE + 100 * MSEC;
  failed->failed_at = BASE + 109 * MSEC;
  assert_parts (failed, 5000, "unknown 100, running 9");
  g_assert_cmpint (cb_job_timeline_count_forgotten (failed), ==, 2);

  active->failed_at = BASE + 1000 * MSEC;
  active->started_at = BASE + 3000 * MSEC;
  assert_parts (active, 3500, "unknown 1000, waiting 2000, running 500");
  g_assert_cmpint (cb_job_timeline_count_forgotten (active), ==, 0);

  delayed->delay = 5000 * MSEC;
  delayed->promote_at = BASE + 5000 * MSEC;
  assert_parts (delayed, 1000, "delayed 1000, ahead 4000");
  assert_parts (delayed, 6000, "delayed 5000, waiting 1000");

  retried->started_at = BASE + 100 * MSEC;
  retried->failed_at = BASE + 200 * MSEC;
  assert_parts (retried, 300, "unknown 100, running 100, waiting 100");
  g_assert_cmpint (cb_job_timeline_count_forgotten (retried), ==, 1);
}

/* Parts of these durations, placed in 500 with at least 18 each. */
static GArray *
place (guint n, const gint64 *durations, double width)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (CbTimelinePart));
  gint64 time = BASE;
  double x = 0;

  for (guint i = 0; i < n; i++)
    {
      CbTimelinePart part = { .from = time, .to = time + durations[i] };

      time += durations[i];
      g_array_append_val (parts, part);
    }
  cb_timeline_place ((CbTimelinePart *) parts->data, n, width, 18);
  for (guint i = 0; i < n; i++)
    {
      const CbTimelinePart *part = &g_array_index (parts, CbTimelinePart, i);

      g_assert_cmpfloat_with_epsilon (part->x, x, 0.001);
      g_assert_cmpfloat (part->width, >=, MIN (18, width / n) - 0.001);
      x += part->width;
    }
  g_assert_cmpfloat_with_epsilon (x, width, 0.001);
  return parts;
}

#define PART(array, i) g_array_index (array, CbTimelinePart, i)

static void
test_place (void)
{
  const gint64 day = 24 * 3600 * 1000 * MSEC;
  g_autoptr (GArray) even = place (2, (const gint64[]) { 300, 200 }, 500);
  g_autoptr (GArray) narrow = place (3, (const gint64[]) { 400, 3, 600 }, 500);
  g_autoptr (GArray) broken = place (3, (const gint64[]) { 3 * day, 30 * MSEC, 10 * MSEC }, 500);
  g_autoptr (GArray) twice = place (3, (const gint64[]) { 3 * day, 3600 * 1000 * MSEC, 9 * MSEC }, 500);
  g_autoptr (GArray) still = place (3, (const gint64[]) { 0, 0, 0 }, 500);
  g_autoptr (GArray) tight = place (7, (const gint64[]) { 1, 2, 3, 4, 5, 6, 7 }, 40);

  /* To scale, and nothing is marked that is. */
  g_assert_cmpfloat_with_epsilon (PART (even, 0).width, 300, 0.001);
  g_assert_false (PART (even, 0).is_shortened || PART (even, 0).is_widened || PART (even, 1).is_shortened);

  /* What could not be seen is widened; the others keep their scale. */
  g_assert_true (PART (narrow, 1).is_widened);
  g_assert_false (PART (narrow, 0).is_widened || PART (narrow, 2).is_widened);
  g_assert_cmpfloat_with_epsilon (PART (narrow, 0).width / PART (narrow, 2).width, 400.0 / 600, 0.001);

  /* Three days before 40 ms: the days are shortened, the others are to scale between them. */
  g_assert_true (PART (broken, 0).is_shortened);
  g_assert_false (PART (broken, 1).is_shortened || PART (broken, 1).is_widened || PART (broken, 2).is_widened);
  g_assert_cmpfloat_with_epsilon (PART (broken, 1).width / PART (broken, 2).width, 3, 0.001);
  g_assert_cmpfloat (PART (broken, 2).width, >, 80);

  g_assert_true (PART (twice, 0).is_shortened && PART (twice, 1).is_shortened && !PART (twice, 2).is_shortened);
  g_assert_cmpfloat (PART (twice, 2).width, >, 200);

  g_assert_cmpfloat_with_epsilon (PART (still, 0).width, PART (still, 2).width, 0.001);
  g_assert_true (PART (still, 0).is_widened);
  g_assert_false (PART (tight, 6).is_shortened);

  /* Nothing to place, or no room yet. */
  cb_timeline_place (NULL, 0, 100, 18);
  cb_timeline_place ((CbTimelinePart *) tight->data, tight->len, 0, 18);
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
  g_test_add_func ("/job-timeline/parts", test_parts);
  g_test_add_func ("/job-timeline/place", test_place);
  return g_test_run ();
}
