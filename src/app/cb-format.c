/* cb-format.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-format.h"

#include <glib/gi18n.h>

#define MSEC ((gint64) 1000)
#define SEC (1000 * MSEC)
#define MINUTE (60 * SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The last day that GDateTime can tell, 9999-12-31. */
#define LAST_TIME (G_GINT64_CONSTANT (253402300799) * SEC)

/* GLib looks it up in the file system each time it is asked, which was a tenth of the work of a list that is read. Kept for as long
 * as nobody minds who has just gone to another zone. */
static GTimeZone *
get_zone (void)
{
  static GTimeZone *zone = NULL;
  static gint64 asked_at;
  gint64 now = g_get_monotonic_time ();

  if (zone == NULL || now - asked_at > 10 * G_USEC_PER_SEC)
    {
      g_clear_pointer (&zone, g_time_zone_unref);
      zone = g_time_zone_new_local ();
      asked_at = now;
    }

  return zone;
}

static GDateTime *
date_time_new (gint64 time)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) seconds = NULL;

  if (time < 0 || time > LAST_TIME)
    return NULL;

  utc = g_date_time_new_from_unix_utc (time / SEC);
  seconds = utc != NULL ? g_date_time_to_timezone (utc, get_zone ()) : NULL;
  return seconds != NULL ? g_date_time_add (seconds, time % SEC) : NULL;
}

char *
cb_format_exact_count (gint64 count)
{
  return g_strdup_printf ("%'" G_GINT64_FORMAT, count);
}

/**
 * cb_format_count:
 * @count: a number of things; negative when it is not known
 *
 * Returns: (transfer full): what stands beside a name: short, so that the exact number belongs into a tooltip
 */
char *
cb_format_count (gint64 count)
{
  if (count < 0)
    return g_strdup ("–");
  if (count < 1000000)
    return cb_format_exact_count (count);
  if (count < 1000000000)
    /* Translators: millions, as in 1.21 M */
    return g_strdup_printf (_ ("%.*f M"), count < 100000000 ? 2 : 0, count / 1e6);
  /* Translators: thousands of millions, as in 1.21 G */
  return g_strdup_printf (_ ("%.2f G"), count / 1e9);
}

/**
 * cb_format_duration:
 * @duration: µs
 *
 * Returns: (transfer full): two units at most, the smaller one left out where it is zero
 */
char *
cb_format_duration (gint64 duration)
{
  if (duration < 0)
    return g_strdup ("–");
  if (duration < MSEC)
    return g_strdup_printf (_ ("%.1f ms"), duration / 1000.0);
  if (duration < SEC)
    return g_strdup_printf (_ ("%d ms"), (int) (duration / MSEC));
  if (duration < MINUTE)
    return g_strdup_printf (_ ("%.1f s"), duration / 1e6);
  if (duration < HOUR)
    return duration % MINUTE < SEC
             ? g_strdup_printf (_ ("%d min"), (int) (duration / MINUTE))
             : g_strdup_printf (_ ("%d min %d s"), (int) (duration / MINUTE), (int) (duration % MINUTE / SEC));
  if (duration < DAY)
    return duration % HOUR < MINUTE
             ? g_strdup_printf (_ ("%d h"), (int) (duration / HOUR))
             : g_strdup_printf (_ ("%d h %d min"), (int) (duration / HOUR), (int) (duration % HOUR / MINUTE));
  return duration % DAY < HOUR
           ? g_strdup_printf (_ ("%d d"), (int) (duration / DAY))
           : g_strdup_printf (_ ("%d d %d h"), (int) (duration / DAY), (int) (duration % DAY / HOUR));
}

static char *
format_amount (gint64 distance)
{
  if (distance < MINUTE)
    return g_strdup_printf (_ ("%d s"), (int) (distance / SEC));
  if (distance < HOUR)
    return g_strdup_printf (_ ("%d min"), (int) (distance / MINUTE));
  if (distance < DAY)
    return g_strdup_printf (_ ("%d h"), (int) (distance / HOUR));
  return g_strdup_printf (_ ("%d d"), (int) (distance / DAY));
}

/**
 * cb_format_age:
 * @duration: µs
 *
 * Returns: (transfer full): the same in whole seconds, for what is counted on while one looks
 */
char *
cb_format_age (gint64 duration)
{
  if (duration < 0 || duration >= MINUTE)
    return cb_format_duration (duration);

  return g_strdup_printf (_ ("%d s"), (int) (duration / SEC));
}

/**
 * cb_format_relative:
 * @time: µs since 1970 UTC, -1 unknown
 * @now: the same by the clock that @time was stamped with
 *
 * Returns: (transfer full): how far away it is, in one unit; a date from a month on
 */
char *
cb_format_relative (gint64 time, gint64 now)
{
  g_autofree char *amount = NULL;
  gint64 distance;

  if (time < 0)
    return g_strdup ("–");

  distance = ABS (now - time);
  if (distance < SEC)
    return g_strdup (_ ("now"));

  if (distance >= 30 * DAY)
    {
      g_autoptr (GDateTime) date = date_time_new (time);

      return date != NULL ? g_date_time_format (date, "%Y-%m-%d") : g_strdup ("–");
    }

  amount = format_amount (distance);
  return time > now
           /* Translators: a time in the future, as in "in 5 s" */
           ? g_strdup_printf (_ ("in %s"), amount)
           /* Translators: a time in the past, as in "5 s ago" */
           : g_strdup_printf (_ ("%s ago"), amount);
}

/**
 * cb_format_exact:
 * @time: µs since 1970 UTC, -1 unknown
 *
 * Returns: (transfer full): date and time to the millisecond in the user's time zone, with the zone
 */
char *
cb_format_exact (gint64 time)
{
  g_autoptr (GDateTime) date = date_time_new (time);
  g_autofree char *day = NULL;
  g_autofree char *zone = NULL;

  if (date == NULL)
    {
      g_autofree char *msec = time < 0 ? NULL : cb_format_exact_count (time / MSEC);

      /* Translators: a time so far away that it has no date; %s is a number */
      return msec == NULL ? g_strdup ("–") : g_strdup_printf (_ ("%s ms after 1970"), msec);
    }

  day = g_date_time_format (date, "%Y-%m-%d %H:%M:%S");
  zone = g_date_time_format (date, "%Z");
  return g_strdup_printf ("%s.%03d %s", day, (int) (time % SEC / MSEC), zone);
}

char *
cb_format_clock (gint64 time, gint64 reference)
{
  g_autoptr (GDateTime) date = date_time_new (time);
  g_autoptr (GDateTime) other = date_time_new (reference);
  g_autofree char *clock = NULL;
  gboolean same_day;

  if (date == NULL)
    return cb_format_exact (time);

  same_day = other != NULL && g_date_time_get_year (date) == g_date_time_get_year (other) &&
             g_date_time_get_day_of_year (date) == g_date_time_get_day_of_year (other);
  clock = g_date_time_format (date, same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S");
  return g_strdup_printf ("%s.%03d", clock, (int) (time % SEC / MSEC));
}

/**
 * cb_format_lines:
 * @text: UTF-8
 * @most: characters in a line, at least 1
 *
 * Breaks longer lines, behind a blank where there is one in the second half. A label that wraps one line of ten thousand letters looks at all
 * of them again for each line that it makes of it, which takes half a minute.
 *
 * Returns: (transfer full)
 */
char *
cb_format_lines (const char *text, guint most)
{
  g_autoptr (GString) lines = g_string_sized_new (strlen (text) + 64);
  gsize blank = 0;            /* behind the last one of the line, in @lines; 0: none */
  guint n = 0, n_since = 0;   /* characters in the line, and behind its last blank */

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (n >= most && c != '\n' && !g_unichar_ismark (c))
        {
          gboolean at_blank = blank > 0 && n_since < most / 2;

          g_string_insert_c (lines, at_blank ? (gssize) blank : -1, '\n');
          n = at_blank ? n_since : 0;
          blank = 0;
        }

      g_string_append_unichar (lines, c);
      n++;
      n_since++;
      if (c == '\n')
        n = 0;
      if (c == '\n' || c == ' ')
        {
          blank = c == ' ' ? lines->len : 0;
          n_since = 0;
        }
    }

  return g_string_free (g_steal_pointer (&lines), FALSE);
}
