/* cb-format.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers and times as people read them, translated. Times are µs since 1970 UTC, durations µs. */
char *cb_format_count    (gint64 count);                 /* grouped by locale; "1.21 M" from a million on; "–" below 0 */
char *cb_format_exact_count (gint64 count);              /* grouped by locale */
char *cb_format_duration (gint64 duration);              /* "48 ms", "2.1 s", "3 min 20 s", "5 h 2 min", "3 d 4 h" */
char *cb_format_age      (gint64 duration);              /* the same, "28 s" */
char *cb_format_relative (gint64 time, gint64 now);      /* "now", "12 s ago", "38 min ago", "in 5 s" */
char *cb_format_exact    (gint64 time);                  /* "2026-11-25 10:41:02.118 UTC+1" in local time */
char *cb_format_clock    (gint64 time, gint64 reference); /* "10:41:02.118"; with the date where the day is another than that of @reference */

char *cb_format_lines    (const char *text, guint most); /* no line longer than so many characters, but for marks that belong to the last */

G_END_DECLS
