/* test-format.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-format.h"

#define MSEC ((gint64) 1000)
#define SEC (1000 * MSEC)
#define MINUTE (60 * SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* 2023-11-14 22:13:20 UTC */
#define NOW (G_GINT64_CONSTANT (1700000000) * SEC)

static void
assert_text (char *actual, const char *expected)
{
  g_assert_cmpstr (actual, ==, expected);
  g_free (actual);
}

static void
test_count (void)
{
  assert_text (cb_format_count (-1), "–");
  assert_text (cb_format_count (0), "0");
  assert_text (cb_format_count (999999), "999999");
  assert_text (cb_format_count (1210000), "1.21 M");
  assert_text (cb_format_count (G_GINT64_CONSTANT (1210000000)), "1.21 G");
  assert_text (cb_format_exact_count (1210000), "1210000");
}

static void
test_duration (void)
{
  assert_text (cb_format_duration (-1), "–");
  assert_text (cb_format_duration (200), "0.2 ms");
  assert_text (cb_format_duration (48 * MSEC), "48 ms");
  assert_text (cb_format_duration (2100 * MSEC), "2.1 s");
  assert_text (cb_format_duration (3 * MINUTE + 20 * SEC), "3 min 20 s");
  assert_text (cb_format_age (28 * SEC + 900 * MSEC), "28 s");
  assert_text (cb_format_age (200), "0 s");
  assert_text (cb_format_age (-1), "–");
  assert_text (cb_format_age (3 * MINUTE + 20 * SEC), "3 min 20 s");
  assert_text (cb_format_duration (3 * MINUTE), "3 min");
  assert_text (cb_format_duration (5 * HOUR + 2 * MINUTE), "5 h 2 min");
  assert_text (cb_format_duration (3 * DAY + 4 * HOUR), "3 d 4 h");
  /* The longest there is must not overflow. */
  g_free (cb_format_duration (G_MAXINT64));
}

static void
test_relative (void)
{
  assert_text (cb_format_relative (-1, NOW), "–");
  assert_text (cb_format_relative (NOW - 400 * MSEC, NOW), "now");
  assert_text (cb_format_relative (NOW - 12 * SEC, NOW), "12 s ago");
  assert_text (cb_format_relative (NOW - 38 * MINUTE, NOW), "38 min ago");
  assert_text (cb_format_relative (NOW - 25 * HOUR, NOW), "1 d ago");
  assert_text (cb_format_relative (NOW + 5 * SEC, NOW), "in 5 s");
  assert_text (cb_format_relative (NOW - 40 * DAY, NOW), "2023-10-05");
}

static void
test_times (void)
{
  assert_text (cb_format_exact (NOW + 118 * MSEC), "2023-11-14 22:13:20.118 UTC");
  assert_text (cb_format_clock (NOW + 118 * MSEC, NOW), "22:13:20.118");
  assert_text (cb_format_clock (NOW + 118 * MSEC, NOW + DAY), "2023-11-14 22:13:20.118");
  /* What no calendar knows is told as a number, and not as a date of its own making. */
  assert_text (cb_format_exact (G_MAXINT64), "9223372036854775 ms after 1970");
}

/* No line is longer; what is in the text stays, and in its order. */
static void
test_lines (void)
{
  static const struct
  {
    const char *text;
    const char *lines;
  } texts[] = {
    { "", "" },
    { "short", "short" },
    { "12345678", "12345678" },
    { "123456789", "12345678\n9" },
    { "1234567890123456789", "12345678\n90123456\n789" },
    { "one two three", "one two \nthree" },
    { "a bcdefghijk", "a bcdefg\nhijk" },
    { "12345678\n9", "12345678\n9" },
    { "1234\n\n123456789\n", "1234\n\n12345678\n9\n" },
    { "1234567\u00e9\u00e9", "1234567\u00e9\n\u00e9" },
    { "12345678\u03019", "12345678\u0301\n9" },
    { "       9        8", "       \n9       \n 8" },
  };
  g_autofree char *letters = g_strnfill (100000, 'x');
  g_autofree char *lines = cb_format_lines (letters, 160);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *broken = cb_format_lines (texts[i].text, 8);

      g_assert_cmpstr (broken, ==, texts[i].lines);
    }
  g_assert_cmpuint (strlen (lines), ==, 100000 + 624);
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/count", test_count);
  g_test_add_func ("/format/duration", test_duration);
  g_test_add_func ("/format/relative", test_relative);
  g_test_add_func ("/format/times", test_times);
  g_test_add_func ("/format/lines", test_lines);

  return g_test_run ();
}
