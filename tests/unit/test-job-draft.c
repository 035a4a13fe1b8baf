/* test-job-draft.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-job-draft.h"

#include <string.h>

/* 2027-01-15 08:00 UTC */
#define NOW (G_GINT64_CONSTANT (1800000000) * G_USEC_PER_SEC)

static const CbJobDraft plain = {
  .queue = "push_notification_code",
  .is_notification = TRUE,
  .recipient = "4153518743",
  .message = "This is the code 1234 to verify your account",
  .data = "",
  .priority = "normal",
  .delay = "",
  .date = "",
  .time = "",
  .attempts = 1,
  .backoff_delay = "",
  .ttl = "",
};

/* The fields with a problem, "recipient message", for comparing at a glance. */
static char *
problems_of (const CbDraftRemarks *remarks)
{
  const char *names[CB_N_DRAFT_FIELDS] = { "queue", "recipient", "message", "data", "priority",
                                           "delay", "date", "backoff", "ttl" };
  g_autoptr (GString) string = g_string_new (NULL);

  for (guint i = 0; i < CB_N_DRAFT_FIELDS; i++)
    if (remarks->problems[i] != NULL)
      g_string_append_printf (string, "%s%s", string->len > 0 ? " " : "", names[i]);

  return g_string_free (g_steal_pointer (&string), FALSE);
}

static void
assert_problems (const CbJobDraft *draft, const char *expected)
{
  g_auto (CbDraftRemarks) remarks = { { NULL } };
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (CbJobSpec) spec = cb_job_draft_check (draft, NOW, utc, &remarks);
  g_autofree char *problems = problems_of (&remarks);

  g_assert_cmpstr (problems, ==, expected);
  g_assert_true ((spec == NULL) == (*expected != '\0'));
}

static CbJobSpec *
check (const CbJobDraft *draft)
{
  g_auto (CbDraftRemarks) remarks = { { NULL } };
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  CbJobSpec *spec = cb_job_draft_check (draft, NOW, utc, &remarks);
  g_autofree char *problems = problems_of (&remarks);

  g_assert_cmpstr (problems, ==, "");
  g_assert_nonnull (spec);

  return spec;
}

static void
assert_data (CbJobSpec *spec, const char *expected)
{
  gsize length;
  const char *data = g_bytes_get_data (spec->data, &length);

  g_assert_cmpmem (data, length, expected, strlen (expected));
}

static void
test_notification (void)
{
  CbJobDraft draft = plain;
  g_autoptr (CbJobSpec) spec = check (&draft);
  g_autoptr (CbJobSpec) odd = NULL;

  g_assert_cmpstr (spec->queue, ==, "push_notification_code");
  assert_data (spec, "{\"phoneNumber\":\"4153518743\",\"message\":\"This is the code 1234 to verify your account\"}");
  g_assert_cmpfloat (spec->priority, ==, 0);
  g_assert_cmpint (spec->attempts, ==, 1);
  g_assert_null (spec->backoff);
  g_assert_cmpint (spec->delay_msec, ==, 0);
  g_assert_cmpint (spec->due_at, ==, 0);

  draft.recipient = " +1 (415) 351-8743 ";
  draft.message = "\"quoted\" \\ and\ntwo lines, \302\265";
  odd = check (&draft);
  assert_data (odd, "{\"phoneNumber\":\"+1 (415) 351-8743\","
                    "\"message\":\"\\\"quoted\\\" \\\\ and\\ntwo lines, \302\265\"}");
}

static void
test_problems (void)
{
  CbJobDraft draft = plain;

  draft.queue = " ";
  draft.recipient = "";
  draft.message = " ";
  assert_problems (&draft, "queue recipient message");

  draft = plain;
  draft.recipient = "12x";
  assert_problems (&draft, "recipient");
  draft.recipient = "()";
  assert_problems (&draft, "recipient");

  draft = plain;
  draft.is_notification = FALSE;
  assert_problems (&draft, "data");
  draft.data = "{\"a\": }";
  assert_problems (&draft, "data");
  draft.data = "{\"a\": 1}";
  assert_problems (&draft, "");

  draft = plain;
  draft.priority = "urgent";
  draft.start = CB_DRAFT_AFTER_DELAY;
  draft.delay = "x";
  draft.ttl = "-1";
  draft.attempts = 2;
  draft.backoff = CB_DRAFT_FIXED;
  draft.backoff_delay = "";
  assert_problems (&draft, "priority delay backoff ttl");

  draft = plain;
  draft.attempts = 2;
  draft.backoff = CB_DRAFT_SAME_AS_DELAY;
  assert_problems (&draft, "backoff");

  /* What is not asked for can't be wrong. */
  draft = plain;
  draft.delay = "x";
  draft.date = "x";
  draft.backoff = CB_DRAFT_FIXED;
  draft.backoff_delay = "x";
  draft.data = "{";
  assert_problems (&draft, "");

  draft = plain;
  draft.start = CB_DRAFT_AT_DATE;
  draft.date = "2027-01-15";
  draft.time = "08:00";
  assert_problems (&draft, "date");
  draft.time = "08:01";
  assert_problems (&draft, "");
}

static void
test_options (void)
{
  CbJobDraft draft = plain;
  g_autoptr (CbJobSpec) spec = NULL;
  g_autoptr (CbJobSpec) dated = NULL;

  draft.priority = "-2.5";
  draft.start = CB_DRAFT_AFTER_DELAY;
  draft.delay = "1.5";
  draft.delay_unit = CB_UNIT_SECONDS;
  draft.attempts = 3;
  draft.backoff = CB_DRAFT_EXPONENTIAL;
  draft.backoff_delay = "2";
  draft.backoff_unit = CB_UNIT_MINUTES;
  draft.ttl = "10";
  draft.ttl_unit = CB_UNIT_SECONDS;
  draft.remove_on_complete = TRUE;
  spec = check (&draft);
  g_assert_cmpfloat (spec->priority, ==, -2.5);
  g_assert_cmpint (spec->delay_msec, ==, 1500);
  g_assert_cmpint (spec->attempts, ==, 3);
  g_assert_cmpstr (spec->backoff, ==, "{\"type\":\"exponential\",\"delay\":120000}");
  g_assert_cmpint (spec->ttl_msec, ==, 10000);
  g_assert_true (spec->remove_on_complete);

  draft.priority = "critical";
  draft.backoff = CB_DRAFT_SAME_AS_DELAY;
  draft.start = CB_DRAFT_AT_DATE;
  draft.date = "2027-07-01";
  draft.time = "00:30";
  dated = check (&draft);
  g_assert_cmpfloat (dated->priority, ==, -15);
  g_assert_cmpstr (dated->backoff, ==, "true");
  g_assert_cmpint (dated->delay_msec, ==, 0);
  g_assert_cmpint (dated->due_at, ==, G_GINT64_CONSTANT (1814401800) * G_USEC_PER_SEC);
}

/* The clock of Berlin is put forward on 2027-03-28 and back on 2027-10-31; both must be told, not guessed in silence. */
static void
test_odd_hours (void)
{
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");
  const struct
  {
    const char *date, *shown;
    gint64 msec;
  } odd[] = {
    { "2027-03-28", "03:30 CEST", G_GINT64_CONSTANT (1806197400000) },
    { "2027-10-31", "02:30 CEST", G_GINT64_CONSTANT (1824942600000) },
    { "2027-07-01", NULL, G_GINT64_CONSTANT (1814401800000) },
  };

  if (berlin == NULL)
    {
      g_test_skip ("There are no time zones on this machine");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_auto (CbDraftRemarks) remarks = { { NULL } };
      g_autoptr (CbJobSpec) spec = NULL;
      CbJobDraft draft = plain;

      draft.start = CB_DRAFT_AT_DATE;
      draft.date = odd[i].date;
      draft.time = "02:30";
      spec = cb_job_draft_check (&draft, NOW, berlin, &remarks);
      g_assert_nonnull (spec);
      g_assert_cmpint (spec->due_at, ==, odd[i].msec * 1000);
      if (odd[i].shown != NULL)
        g_assert_nonnull (strstr (remarks.notes[CB_DRAFT_DATE], odd[i].shown));
      else
        g_assert_null (remarks.notes[CB_DRAFT_DATE]);
    }
}

static void
test_shape (void)
{
  const struct
  {
    const char *data;
    gboolean is_notification;
  } shapes[] = {
    { "{\"phoneNumber\":\"4153518743\",\"message\":\"hi\"}", TRUE },
    { "{\"message\":\"hi\",\"phoneNumber\":4153518743}", TRUE },
    { "{\"phoneNumber\":\"4153518743\"}", FALSE },
    { "{\"phoneNumber\":\"1\",\"message\":\"hi\",\"title\":\"more\"}", FALSE },
    { "{\"phoneNumber\":{},\"message\":\"hi\"}", FALSE },
    { "{\"phoneNumber\":\"1\",\"message\":2}", FALSE },
    { "[1]", FALSE },
    { "no json", FALSE },
    { "", FALSE },
    { "\"\377\"", FALSE },
  };
  g_autofree char *recipient = NULL, *message = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    g_assert_true (cb_is_notification_data (shapes[i].data, -1, NULL, NULL) == shapes[i].is_notification);

  g_assert_true (cb_is_notification_data (shapes[1].data, -1, &recipient, &message));
  g_assert_cmpstr (recipient, ==, "4153518743");
  g_assert_cmpstr (message, ==, "hi");

  g_assert_true (cb_is_notification_queue ("push_notification_code_2"));
  g_assert_false (cb_is_notification_queue ("email"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-draft/notification", test_notification);
  g_test_add_func ("/job-draft/problems", test_problems);
  g_test_add_func ("/job-draft/options", test_options);
  g_test_add_func ("/job-draft/odd-hours", test_odd_hours);
  g_test_add_func ("/job-draft/shape", test_shape);

  return g_test_run ();
}
