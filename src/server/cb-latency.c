/* cb-latency.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-latency.h"

#include "cb-json.h"

#define MOST_EVENTS 256
#define MOST_SAMPLES 160
#define LONGEST_NAME 128

void
cb_latency_event_free (CbLatencyEvent *self)
{
  g_free (self->event);
  g_free (self);
}

/* -1 where it is missing, negative or too large for the unit. */
static gint64
get_scaled (const CbValue *line, guint index, gint64 factor)
{
  gint64 number;

  if (!cb_value_get_integer (cb_value_get_element (line, index), &number) || number < 0 || number > G_MAXINT64 / factor)
    return -1;
  return number * factor;
}

GPtrArray *
cb_latency_parse_latest (const CbValue *value)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_latency_event_free);
  guint n = MIN (cb_value_get_length (value), MOST_EVENTS);

  for (guint i = 0; i < n; i++)
    {
      const CbValue *line = cb_value_get_element (value, i);
      gsize length;
      const char *name = cb_value_get_string (cb_value_get_element (line, 0), &length);
      CbLatencyEvent *event;

      if (name == NULL)
        continue;
      event = g_new0 (CbLatencyEvent, 1);
      event->event = cb_text_display (name, (gssize) MIN (length, LONGEST_NAME), TRUE);
      event->time = get_scaled (line, 1, G_USEC_PER_SEC);
      event->last = get_scaled (line, 2, 1000);
      event->longest = get_scaled (line, 3, 1000);
      g_ptr_array_add (events, event);
    }
  return events;
}

GArray *
cb_latency_parse_history (const CbValue *value)
{
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (CbLatencySample));
  guint n = cb_value_get_length (value);

  for (guint i = n - MIN (n, MOST_SAMPLES); i < n; i++)
    {
      const CbValue *line = cb_value_get_element (value, i);
      CbLatencySample sample = { get_scaled (line, 0, G_USEC_PER_SEC), get_scaled (line, 1, 1000) };

      if (sample.time >= 0 && sample.duration >= 0)
        g_array_append_val (samples, sample);
    }
  return samples;
}

guint
cb_latency_spread (GArray *samples, guint n_values, double *values, gint64 *first_at, gint64 *step)
{
  gint64 first = G_MAXINT64, last = 0;
  guint n;

  for (guint i = 0; i < samples->len; i++)
    {
      first = MIN (first, g_array_index (samples, CbLatencySample, i).time);
      last = MAX (last, g_array_index (samples, CbLatencySample, i).time);
    }
  if (samples->len == 0 || n_values < 3)
    return 0;

  /* A step before and one behind, so that what happened once is a peak. */
  *step = MAX (((last - first) / (n_values - 2) / G_USEC_PER_SEC + 1) * G_USEC_PER_SEC, G_USEC_PER_SEC);
  *first_at = first - *step;
  n = (guint) ((last - *first_at) / *step) + 2;
  for (guint i = 0; i < n; i++)
    values[i] = 0;
  for (guint i = 0; i < samples->len; i++)
    {
      const CbLatencySample *sample = &g_array_index (samples, CbLatencySample, i);
      double *value = &values[(sample->time - *first_at) / *step];

      *value = MAX (*value, (double) sample->duration / G_USEC_PER_SEC);
    }
  return n;
}
