/* test-job.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "cb-job.h"

/* A record like one of push_notification_code. */
static CbJobRecord *
make_record (void)
{
  CbJobRecord *record = cb_job_record_new ("1199");

  record->queue = g_strdup ("push_notification_code");
  record->state = g_intern_static_string ("inactive");
  record->meaning = CB_JOB_MEANING_WAITING;
  record->data = g_bytes_new_static ("{\"phoneNumber\":\"4153518780\"}", 28);
  record->attempts_max = 3;
  record->created_at = 1700000000000000;

  return record;
}

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           GString    *text)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, pspec->name);
}

static void
assert_notified_at (GString    *text,
                    const char *expected,
                    int         line)
{
  g_auto (GStrv) got = g_strsplit (text->str, " ", -1);
  g_auto (GStrv) wanted = g_strsplit (expected, " ", -1);
  gboolean same = g_strv_length (got) == g_strv_length (wanted);

  /* Each of them, and each once; a thaw has them in its own order. */
  for (guint i = 0; same && wanted[i] != NULL; i++)
    same = g_strv_contains ((const char * const *) got, wanted[i]);
  if (!same)
    g_error ("Line %d: notified were “%s”, not “%s”", line, text->str, expected);
  g_string_truncate (text, 0);
}
#define assert_notified(text, expected) assert_notified_at (text, expected, __LINE__)

static void
assert_text (CbJob      *job,
             const char *property,
             const char *expected)
{
  g_autofree char *text = NULL;

  g_object_get (job, property, &text, NULL);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_placeholder (void)
{
  CbJob *job = cb_job_new (NULL);
  g_autoptr (CbJobRecord) record = make_record ();
  g_autoptr (GString) notified = g_string_new (NULL);
  double fraction;
  gint64 created_at;

  g_assert_false (cb_job_get_loaded (job));
  g_assert_null (cb_job_get_id (job));
  g_assert_null (cb_job_get_queue (job));
  g_assert_null (cb_job_get_record (job));
  g_assert_cmpstr (cb_job_get_state (job), ==, "");
  g_assert_cmpint (cb_job_get_meaning (job), ==, CB_JOB_MEANING_UNKNOWN);
  assert_text (job, "state-label", NULL);
  assert_text (job, "excerpt", NULL);
  assert_text (job, "attempts-label", NULL);
  assert_text (job, "priority-label", NULL);
  g_object_get (job, "progress-fraction", &fraction, "created-at", &created_at, NULL);
  g_assert_cmpfloat (fraction, ==, 0);
  g_assert_cmpint (created_at, ==, -1);

  g_signal_connect (job, "notify", G_CALLBACK (notify_cb), notified);
  g_assert_true (cb_job_update (job, record));
  assert_notified (notified, "id loaded queue state state-label meaning excerpt priority-label attempts-max attempts-label "
                             "created-at record");
  g_assert_cmpstr (cb_job_get_id (job), ==, "1199");

  g_assert_finalize_object (job);
}

static void
test_notify (void)
{
  g_autoptr (CbJobRecord) first = make_record ();
  g_autoptr (CbJobRecord) same = make_record ();
  g_autoptr (CbJobRecord) active = make_record ();
  g_autoptr (CbJobRecord) failed = make_record ();
  g_autoptr (CbJobRecord) logged = make_record ();
  g_autoptr (GString) notified = g_string_new (NULL);
  CbJob *job = cb_job_new_for_record (first);

  g_signal_connect (job, "notify", G_CALLBACK (notify_cb), notified);
  assert_text (job, "state-label", "Queued");
  assert_text (job, "excerpt", "4153518780");
  assert_text (job, "priority-label", "Normal");
  assert_text (job, "attempts-label", "0 of 3");

  /* Read again, and nothing is different. */
  g_assert_false (cb_job_update (job, same));
  g_assert_false (cb_job_update (job, same));
  assert_notified (notified, "");

  active->state = g_intern_static_string ("active");
  active->meaning = CB_JOB_MEANING_ACTIVE;
  active->progress = 50;
  g_assert_true (cb_job_update (job, active));
  assert_notified (notified, "state state-label meaning progress progress-fraction record");
  assert_text (job, "state-label", "Active");

  failed->state = g_intern_static_string ("failed");
  failed->meaning = CB_JOB_MEANING_FAILED;
  failed->progress = 50;
  failed->attempts_made = 1;
  failed->error = g_bytes_new_static ("Error: no\n    at x", 18);
  failed->failed_at = failed->updated_at = 1700000001000000;
  g_assert_true (cb_job_update (job, failed));
  assert_notified (notified, "state state-label meaning attempts-made attempts-label error-line failed-at updated-at record");
  assert_text (job, "error-line", "Error: no");
  assert_text (job, "attempts-label", "1 of 3");

  /* Another stack below the same first line is no other cell, but another record. */
  logged->state = failed->state;
  logged->meaning = failed->meaning;
  logged->progress = 50;
  logged->attempts_made = 1;
  logged->error = g_bytes_new_static ("Error: no\n    at y", 18);
  logged->failed_at = logged->updated_at = 1700000001000000;
  g_assert_true (cb_job_update (job, logged));
  assert_notified (notified, "record");
  g_assert_true (cb_job_get_record (job) == logged);

  g_assert_finalize_object (job);
}

static void
test_labels (void)
{
  g_autoptr (CbJobRecord) odd = make_record ();
  g_autoptr (CbJobRecord) missing = cb_job_record_new ("7");
  g_autoptr (CbJob) job = NULL;
  g_autoptr (CbJob) phantom = NULL;
  double fraction;

  odd->state = g_intern_string ("<b>nonsense\x1b</b>");
  odd->priority = NAN;
  odd->progress = -5;
  g_clear_pointer (&odd->data, g_bytes_unref);
  job = cb_job_new_for_record (odd);
  assert_text (job, "state-label", "<b>nonsense\\x1b</b>");
  assert_text (job, "priority-label", "—");
  assert_text (job, "excerpt", NULL);
  g_object_get (job, "progress-fraction", &fraction, NULL);
  g_assert_cmpfloat (fraction, ==, 0);

  missing->missing = TRUE;
  phantom = cb_job_new_for_record (missing);
  assert_text (phantom, "state-label", "Missing");
  assert_text (phantom, "priority-label", NULL);
  g_assert_true (cb_job_get_loaded (phantom));
}

static void
assert_error_line (const char *text,
                   gssize      length,
                   const char *expected)
{
  g_autoptr (CbJobRecord) record = cb_job_record_new ("1");
  g_autofree char *line = NULL;

  record->error = g_bytes_new (text, length < 0 ? (gssize) strlen (text) : length);
  line = cb_job_record_dup_error_line (record);
  g_assert_cmpstr (line, ==, expected);
}

static void
test_error_line (void)
{
  g_autoptr (CbJobRecord) none = cb_job_record_new ("1");
  g_autofree char *longer = g_strnfill (10000, 'x');
  g_autofree char *umlauts = NULL;
  g_autofree char *cut = NULL;
  GString *text = g_string_new ("x");

  g_assert_null (cb_job_record_dup_error_line (none));
  assert_error_line ("Phone number 4153518780 is blacklisted\n    at a\n", -1, "Phone number 4153518780 is blacklisted");
  assert_error_line ("one\r\ntwo", -1, "one");
  assert_error_line ("\n\n  late\nlast", -1, "late");
  assert_error_line ("", -1, "");
  assert_error_line ("\x1b[31mred\x1b[0m and \a bell", -1, "\\x1b[31mred\\x1b[0m and \\x07 bell");
  assert_error_line ("a\0b\nc", 5, "a\\x00b");
  cut = g_strnfill (500, 'x');
  assert_error_line (longer, -1, cut);

  /* The bound splits no character. */
  for (guint i = 0; i < 400; i++)
    g_string_append (text, "ä");
  umlauts = g_string_free (text, FALSE);
  g_free (cut);
  cut = g_strndup (umlauts, 499);
  assert_error_line (umlauts, -1, cut);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job/placeholder", test_placeholder);
  g_test_add_func ("/job/notify", test_notify);
  g_test_add_func ("/job/labels", test_labels);
  g_test_add_func ("/job/error-line", test_error_line);

  return g_test_run ();
}
