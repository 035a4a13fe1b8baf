/* cb-quantity.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers, durations and dates as a person types them. What leaves here is independent of the locale. */

typedef enum
{
  CB_UNIT_MILLISECONDS,
  CB_UNIT_SECONDS,
  CB_UNIT_MINUTES,
  CB_UNIT_HOURS,
  CB_UNIT_DAYS,
} CbUnit;

#define CB_N_UNITS 5

/* How a local date and time stands to the clock of its place. */
typedef enum
{
  CB_LOCAL_TIME_EXACT,
  CB_LOCAL_TIME_SKIPPED, /* the clock jumps over it; the time as long after the jump was taken */
  CB_LOCAL_TIME_TWICE,   /* the clock shows it twice; the first was taken */
} CbLocalTimeKind;

gboolean cb_number_parse     (const char       *text,
                              double           *number,
                              GError          **error);
gboolean cb_duration_parse   (const char       *text,
                              CbUnit            unit,
                              gint64           *msec,
                              GError          **error);
gboolean cb_local_time_parse (const char       *date,
                              const char       *time,
                              GTimeZone        *zone,
                              gint64           *usec,
                              CbLocalTimeKind  *kind,
                              GError          **error);

G_END_DECLS
