/* test-alerts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-alerts.h"

#define MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define NOON   (12 * 60)

static CbAlerts *
alerts_new (CbAlertKind kind, guint count, guint minutes)
{
  CbAlerts *alerts = cb_alerts_new ();

  cb_alerts_set_rule (alerts, kind, &(CbAlertRule) { TRUE, count, minutes });
  return alerts;
}

/* What is told, in words: "kind queue value" each. */
static char *
look (CbAlerts *alerts, const CbQueueFacts *facts, guint n_problems, gint64 now, guint minute_of_day)
{
  g_autoptr (GPtrArray) told = cb_alerts_look (alerts, facts, facts != NULL ? 1 : 0, n_problems, now, minute_of_day);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < told->len; i++)
    {
      CbAlert *alert = g_ptr_array_index (told, i);

      g_string_append_printf (text, "%s%d %s %" G_GINT64_FORMAT, i > 0 ? ", " : "", alert->kind,
                              alert->queue != NULL ? alert->queue : "-", alert->value);
    }
  return g_string_free (text, FALSE);
}

#define assert_told(alerts, facts, n_problems, now, minute, expected) \
  G_STMT_START \
    { \
      g_autofree char *told = look (alerts, facts, n_problems, now, minute); \
\
      g_assert_cmpstr (told, ==, expected); \
    } \
  G_STMT_END

static void
test_failures (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_FAILURES, 10, 5);
  CbQueueFacts facts = { "email", 0, 0, 500, -1 };
  gint64 now = 1000 * MINUTE;

  /* Those there were before it began to look are no news. */
  assert_told (alerts, &facts, 0, now, NOON, "");
  facts.n_failed = 510;
  assert_told (alerts, &facts, 0, now + MINUTE, NOON, "");
  facts.n_failed = 511;
  assert_told (alerts, &facts, 0, now + 2 * MINUTE, NOON, "0 email 11");
  /* Once. */
  facts.n_failed = 520;
  assert_told (alerts, &facts, 0, now + 3 * MINUTE, NOON, "");

  /* What was retried is no failure less, and what is older than the rule says counts no more. */
  facts.n_failed = 5;
  assert_told (alerts, &facts, 0, now + 4 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now + 30 * MINUTE, NOON, "");
  facts.n_failed = 15;
  assert_told (alerts, &facts, 0, now + 31 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now + 35 * MINUTE, NOON, "");
  facts.n_failed = 16;
  assert_told (alerts, &facts, 0, now + 36 * MINUTE, NOON, "");
  facts.n_failed = 26;
  assert_told (alerts, &facts, 0, now + 37 * MINUTE, NOON, "0 email 11");

  /* Over and there again within a quarter of an hour: not again, but then. */
  assert_told (alerts, &facts, 0, now + 45 * MINUTE, NOON, "");
  facts.n_failed = 40;
  assert_told (alerts, &facts, 0, now + 46 * MINUTE, NOON, "");
  facts.n_failed = 60;
  assert_told (alerts, &facts, 0, now + 48 * MINUTE, NOON, "");
  facts.n_failed = 61;
  assert_told (alerts, &facts, 0, now + 52 * MINUTE, NOON, "0 email 21");
}

/* A look after a long time, an unknown count, a server that was away, a clock that was put back. */
static void
test_gaps (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_FAILURES, 0, 5);
  CbQueueFacts facts = { "email", 0, 0, 1, -1 };
  gint64 now = 1000 * MINUTE;

  assert_told (alerts, &facts, 0, now, NOON, "");
  facts.n_failed = -1;
  assert_told (alerts, &facts, 0, now + MINUTE, NOON, "");
  cb_alerts_forget (alerts);
  facts.n_failed = 100;
  assert_told (alerts, &facts, 0, now + 2 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now - 500 * MINUTE, NOON, "");
  facts.n_failed = 101;
  assert_told (alerts, &facts, 0, now + 100000 * MINUTE, NOON, "0 email 1");

  /* A queue that is gone for a while is another one. */
  assert_told (alerts, NULL, 0, now + 100020 * MINUTE, NOON, "");
  facts.n_failed = 150;
  assert_told (alerts, &facts, 0, now + 100021 * MINUTE, NOON, "");
}

static void
test_oldest (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_OLDEST, 0, 10);
  gint64 now = 1000 * MINUTE;
  CbQueueFacts facts = { "email", 1, 1, 0, 1000 * MINUTE };

  assert_told (alerts, &facts, 0, now + 10 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now + 11 * MINUTE, NOON, "1 email 660000000");
  assert_told (alerts, &facts, 0, now + 200 * MINUTE, NOON, "");
  /* Known no more, since nothing waits. */
  facts.n_waiting = 0;
  assert_told (alerts, &facts, 0, now + 201 * MINUTE, NOON, "");
  facts.n_waiting = 1;
  assert_told (alerts, &facts, 0, now + 202 * MINUTE, NOON, "1 email 12120000000");
  facts.oldest_since = -1;
  assert_told (alerts, &facts, 0, now + 300 * MINUTE, NOON, "");
}

static void
test_no_worker (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_NO_WORKER, 0, 2);
  CbQueueFacts facts = { "email", 5, 0, 0, -1 };
  gint64 now = 1000 * MINUTE;

  assert_told (alerts, &facts, 0, now, NOON, "");
  assert_told (alerts, &facts, 0, now + MINUTE, NOON, "");
  /* One was taken and is done already. */
  facts.n_waiting = 4;
  assert_told (alerts, &facts, 0, now + 2 * MINUTE, NOON, "");
  facts.n_waiting = 40;
  assert_told (alerts, &facts, 0, now + 3 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now + 5 * MINUTE, NOON, "2 email 120000000");
  assert_told (alerts, &facts, 0, now + 50 * MINUTE, NOON, "");
  facts.n_active = 1;
  assert_told (alerts, &facts, 0, now + 51 * MINUTE, NOON, "");
  facts.n_active = -1;
  assert_told (alerts, &facts, 0, now + 60 * MINUTE, NOON, "");
  assert_told (alerts, &facts, 0, now + 70 * MINUTE, NOON, "");
}

static void
test_doctor (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_DOCTOR, 0, 1);
  gint64 now = 1000 * MINUTE;

  assert_told (alerts, NULL, 0, now, NOON, "");
  assert_told (alerts, NULL, 3, now + 1, NOON, "3 - 3");
  assert_told (alerts, NULL, 3, now + 100 * MINUTE, NOON, "");
  assert_told (alerts, NULL, 2, now + 101 * MINUTE, NOON, "");
  assert_told (alerts, NULL, 4, now + 102 * MINUTE, NOON, "3 - 4");
  cb_alerts_set_rule (alerts, CB_ALERT_DOCTOR, &(CbAlertRule) { FALSE, 0, 1 });
  assert_told (alerts, NULL, 9, now + 103 * MINUTE, NOON, "");
}

static void
test_quiet (void)
{
  g_autoptr (CbAlerts) alerts = alerts_new (CB_ALERT_DOCTOR, 0, 1);
  gint64 now = 1000 * MINUTE;

  cb_alerts_set_quiet (alerts, TRUE, 22 * 60, 7 * 60);
  g_assert_true (cb_alerts_is_quiet (alerts, 23 * 60));
  g_assert_true (cb_alerts_is_quiet (alerts, 0));
  g_assert_true (cb_alerts_is_quiet (alerts, 6 * 60 + 59));
  g_assert_false (cb_alerts_is_quiet (alerts, 7 * 60));
  g_assert_false (cb_alerts_is_quiet (alerts, NOON));
  g_assert_true (cb_alerts_is_quiet (alerts, 22 * 60));
  assert_told (alerts, NULL, 1, now, 23 * 60, "");
  assert_told (alerts, NULL, 1, now + MINUTE, 6 * 60, "");
  /* What still is so in the morning is told. */
  assert_told (alerts, NULL, 1, now + 2 * MINUTE, 7 * 60, "3 - 1");

  cb_alerts_set_quiet (alerts, TRUE, 9 * 60, 17 * 60);
  g_assert_true (cb_alerts_is_quiet (alerts, NOON));
  g_assert_false (cb_alerts_is_quiet (alerts, 17 * 60));
  cb_alerts_set_quiet (alerts, TRUE, 60, 60);
  g_assert_true (cb_alerts_is_quiet (alerts, 60));
  g_assert_true (cb_alerts_is_quiet (alerts, NOON));
  cb_alerts_set_quiet (alerts, FALSE, 60, 60);
  g_assert_false (cb_alerts_is_quiet (alerts, 60));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/alerts/failures", test_failures);
  g_test_add_func ("/alerts/gaps", test_gaps);
  g_test_add_func ("/alerts/oldest", test_oldest);
  g_test_add_func ("/alerts/no-worker", test_no_worker);
  g_test_add_func ("/alerts/doctor", test_doctor);
  g_test_add_func ("/alerts/quiet", test_quiet);

  return g_test_run ();
}
