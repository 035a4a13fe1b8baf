/* test-quantity.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-quantity.h"

#include <locale.h>

#include "cb-queue-error.h"

static void
assert_number (const char *text, double expected)
{
  g_autoptr (GError) error = NULL;
  double number = 0;

  g_assert_true (cb_number_parse (text, &number, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (number, ==, expected);
}

static void
assert_no_number (const char *text)
{
  g_autoptr (GError) error = NULL;
  double number;

  g_assert_false (cb_number_parse (text, &number, &error));
  g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
}

static void
test_number (void)
{
  assert_number ("0", 0);
  assert_number (" 1.5 ", 1.5);
  assert_number ("-2.25", -2.25);
  assert_number ("+3", 3);
  assert_number ("−2.5", -2.5);
  assert_number (".5", 0.5);
  assert_number ("5.", 5);

  assert_no_number ("");
  assert_no_number ("-");
  assert_no_number (".");
  assert_no_number ("1e3");
  assert_no_number ("0x10");
  assert_no_number ("nan");
  assert_no_number ("1.2.3");
  assert_no_number ("1 000");
  assert_no_number ("--1");
  assert_no_number ("1,000"); /* in C, where the comma is no decimal point */
}

static void
test_number_comma (void)
{
  if (setlocale (LC_NUMERIC, "de_DE.UTF-8") == NULL)
    {
      g_test_skip ("The locale de_DE.UTF-8 is not installed");
      return;
    }

  assert_number ("1,5", 1.5);
  assert_number ("1.5", 1.5);
  assert_number ("−2,5", -2.5);
  assert_no_number ("1.000,5");
  setlocale (LC_NUMERIC, "C");
}

static void
test_duration (void)
{
  const struct
  {
    const char *text;
    CbUnit unit;
    gint64 msec;
  } good[] = {
    { "0", CB_UNIT_SECONDS, 0 },
    { "1.5", CB_UNIT_SECONDS, 1500 },
    { "250", CB_UNIT_MILLISECONDS, 250 },
    { "90", CB_UNIT_MINUTES, 5400000 },
    { "36500", CB_UNIT_DAYS, G_GINT64_CONSTANT (3153600000000) },
  };
  const struct
  {
    const char *text;
    CbUnit unit;
  } bad[] = {
    { "", CB_UNIT_SECONDS },
    { "-1", CB_UNIT_SECONDS },
    { "0.2", CB_UNIT_MILLISECONDS },
    { "999999999999999999999", CB_UNIT_MILLISECONDS },
    { "40000", CB_UNIT_DAYS },
    { "soon", CB_UNIT_HOURS },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 msec = -1;

      g_assert_true (cb_duration_parse (good[i].text, good[i].unit, &msec, &error));
      g_assert_no_error (error);
      g_assert_cmpint (msec, ==, good[i].msec);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gint64 msec;

      g_assert_false (cb_duration_parse (bad[i].text, bad[i].unit, &msec, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
    }
}

/* The instants were reckoned with `TZ=Europe/Berlin date -d … +%s`, of which the first is refused and the second is the
 * earlier one. */
static void
test_local_time (void)
{
  const struct
  {
    const char *date, *time;
    CbLocalTimeKind kind;
    gint64 seconds;
  } good[] = {
    { "2027-07-01", "02:30", CB_LOCAL_TIME_EXACT, 1814401800 },
    { "2027-12-31", "23:59:59", CB_LOCAL_TIME_EXACT, 1830293999 },
    { "2027-03-28", "02:30", CB_LOCAL_TIME_SKIPPED, 1806197400 },
    { "2027-03-28", "01:59:59", CB_LOCAL_TIME_EXACT, 1806195599 },
    { "2027-03-28", "02:00", CB_LOCAL_TIME_SKIPPED, 1806195600 },
    { "2027-03-28", "03:00", CB_LOCAL_TIME_EXACT, 1806195600 },
    { "2027-10-31", "02:30", CB_LOCAL_TIME_TWICE, 1824942600 },
    { "2027-10-31", "03:00", CB_LOCAL_TIME_EXACT, 1824948000 },
    { " 2027-7-1 ", "2:30", CB_LOCAL_TIME_EXACT, 1814401800 },
  };
  const char *bad[][2] = {
    { "", "" },          { "2027-02-29", "12:00" }, { "2027-13-01", "12:00" },   { "1.7.2027", "12:00" },
    { "2027-07", "12:00" }, { "2027-07-01", "24:00" }, { "2027-07-01", "12" },     { "2027-07-01", "12:60" },
    { "2027-07-01", "" }, { "2027-07-01-1", "12:00" }, { "12027-07-01", "12:00" }, { "2027-07-01", "12:00:00:00" },
  };
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Berlin");

  if (zone == NULL)
    {
      g_test_skip ("There are no time zones on this machine");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      CbLocalTimeKind kind = -1;
      gint64 usec = 0;

      g_assert_true (cb_local_time_parse (good[i].date, good[i].time, zone, &usec, &kind, &error));
      g_assert_no_error (error);
      g_assert_cmpint (usec, ==, good[i].seconds * G_USEC_PER_SEC);
      g_assert_cmpint (kind, ==, good[i].kind);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      CbLocalTimeKind kind;
      gint64 usec;

      g_assert_false (cb_local_time_parse (bad[i][0], bad[i][1], zone, &usec, &kind, &error));
      g_assert_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantity/number", test_number);
  g_test_add_func ("/quantity/number-comma", test_number_comma);
  g_test_add_func ("/quantity/duration", test_duration);
  g_test_add_func ("/quantity/local-time", test_local_time);

  return g_test_run ();
}
