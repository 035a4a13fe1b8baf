/* cb-quantity.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The toolkit sets the process's locale, so that strtod() reads "1,5" in German and stops at the comma in English.
 * Here both are told apart on purpose: a dot is always a decimal point, the locale's own separator is too, and
 * grouping is refused rather than guessed ("1,000" is a thousand to one reader and one to another).
 */

#include "config.h"

#include "cb-quantity.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "cb-queue-error.h"

static const gint64 unit_msec[CB_N_UNITS] = { 1, 1000, 60 * 1000, 60 * 60 * 1000, 24 * 60 * 60 * 1000 };

/* A hundred years: longer than any job waits, and far from where milliseconds in a double lose their last digit. */
#define MAX_MSEC (G_GINT64_CONSTANT (100) * 366 * 24 * 60 * 60 * 1000)

/**
 * cb_number_parse:
 * @text: what was typed
 * @number: (out): the number
 *
 * Reads a decimal number: an optional sign (also the minus of typography), digits, at most one decimal point, which
 * may be a dot or what the current locale uses. No exponent, no grouping.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID.
 *
 * Returns: whether @text is such a number
 */
gboolean
cb_number_parse (const char *text, double *number, GError **error)
{
  const char *point = localeconv ()->decimal_point;
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  g_autoptr (GString) plain = g_string_new (NULL);
  const char *p = stripped;
  gboolean has_point = FALSE, has_digit = FALSE;

  if (g_str_has_prefix (p, "\342\210\222")) /* U+2212 */
    {
      g_string_append_c (plain, '-');
      p += 3;
    }
  else if (*p == '-' || *p == '+')
    g_string_append_c (plain, *p++);

  while (*p != '\0')
    {
      if (g_ascii_isdigit (*p))
        {
          has_digit = TRUE;
          g_string_append_c (plain, *p++);
        }
      else if (!has_point && *p == '.')
        {
          has_point = TRUE;
          g_string_append_c (plain, '.');
          p++;
        }
      else if (!has_point && point != NULL && *point != '\0' && g_str_has_prefix (p, point))
        {
          has_point = TRUE;
          g_string_append_c (plain, '.');
          p += strlen (point);
        }
      else
        {
          has_digit = FALSE;
          break;
        }
    }

  if (!has_digit || plain->len > 40)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("Not a number."));
      return FALSE;
    }

  *number = g_ascii_strtod (plain->str, NULL);

  return TRUE;
}

/**
 * cb_duration_parse:
 * @text: a number as cb_number_parse() takes it
 * @unit: what it counts
 * @msec: (out): the duration in milliseconds, rounded to whole ones
 *
 * Errors: %CB_QUEUE_ERROR_INVALID when it is no number, less than zero, more than a hundred years, or above zero but
 * less than half a millisecond.
 */
gboolean
cb_duration_parse (const char *text, CbUnit unit, gint64 *msec, GError **error)
{
  double number, product;

  g_return_val_if_fail (unit < CB_N_UNITS, FALSE);

  if (!cb_number_parse (text, &number, error))
    return FALSE;

  product = round (number * unit_msec[unit]);

  if (number < 0)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("A duration can't be less than zero."));
      return FALSE;
    }

  if (product > MAX_MSEC)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("More than a hundred years is too long."));
      return FALSE;
    }

  if (number > 0 && product < 1)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           _("Less than a millisecond is too short."));
      return FALSE;
    }

  *msec = (gint64) product;

  return TRUE;
}

/* Digits, then @separator, then digits…: how every date and time is written here. Returns how many there are, 0 when
 * it is written otherwise. */
static guint
split_digits (const char *text, char separator, int *fields, guint max_fields)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  const char *p = stripped;
  guint n = 0;

  for (;;)
    {
      const char *start = p;

      if (n == max_fields)
        return 0;

      fields[n] = 0;
      while (g_ascii_isdigit (*p) && p - start < 4)
        fields[n] = fields[n] * 10 + (*p++ - '0');

      if (p == start)
        return 0;

      n++;
      if (*p == '\0')
        return n;

      if (*p++ != separator)
        return 0;
    }
}

/* The offset of the zone at an instant, in seconds east of Greenwich. */
static gint64
offset_at (GTimeZone *zone, gint64 seconds)
{
  int interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, seconds);

  return interval < 0 ? 0 : g_time_zone_get_offset (zone, interval);
}

/**
 * cb_local_time_parse:
 * @date: year-month-day, "2027-03-28"
 * @time: hour:minute, or hour:minute:second, of 24 hours
 * @zone: the place
 * @usec: (out): the instant, µs since 1970 UTC
 * @kind: (out): whether the clock of the place shows that time once, never or twice on that day
 *
 * A time that is jumped over in spring becomes the one as long after the jump (02:30 is 03:30), a time that comes twice
 * in autumn its first occurrence; in both cases @kind says so, and the person must be told.
 *
 * GDateTime alone doesn't tell: it quietly returns some time. So both offsets that are near are tried here, and
 * those are kept that lead back to what was typed.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID.
 */
gboolean
cb_local_time_parse (const char *date, const char *time, GTimeZone *zone, gint64 *usec, CbLocalTimeKind *kind,
                     GError **error)
{
  g_autoptr (GDateTime) naive = NULL;
  int ymd[3], hms[3] = { 0, 0, 0 };
  guint n_time;
  gint64 local, before, after, first, second;
  gboolean first_fits, second_fits;

  if (split_digits (date, '-', ymd, 3) != 3 || ymd[0] < 1970 || !g_date_valid_dmy (ymd[2], ymd[1], ymd[0]))
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           _("Not a date. Write it as year-month-day, such as 2027-03-28."));
      return FALSE;
    }

  n_time = split_digits (time, ':', hms, 3);
  if (n_time < 2 || hms[0] > 23 || hms[1] > 59 || hms[2] > 59)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                           _("Not a time. Write it as hour:minute, such as 14:30."));
      return FALSE;
    }

  naive = g_date_time_new_utc (ymd[0], ymd[1], ymd[2], hms[0], hms[1], hms[2]);
  if (naive == NULL)
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("There is no such date."));
      return FALSE;
    }

  local = g_date_time_to_unix (naive);
  before = offset_at (zone, local - 24 * 60 * 60);
  after = offset_at (zone, local + 24 * 60 * 60);

  first = local - MAX (before, after);
  second = local - MIN (before, after);
  first_fits = first + offset_at (zone, first) == local;
  second_fits = second + offset_at (zone, second) == local;

  if (first_fits && second_fits && first != second)
    {
      *kind = CB_LOCAL_TIME_TWICE;
      *usec = first * G_USEC_PER_SEC;
    }
  else if (first_fits || second_fits)
    {
      *kind = CB_LOCAL_TIME_EXACT;
      *usec = (first_fits ? first : second) * G_USEC_PER_SEC;
    }
  else
    {
      *kind = CB_LOCAL_TIME_SKIPPED;
      *usec = (local - before) * G_USEC_PER_SEC;
    }

  return TRUE;
}
