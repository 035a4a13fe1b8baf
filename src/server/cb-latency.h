/* cb-latency.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

/* What once took long, by its kind: "command", "fork", "expire-cycle"… */
typedef struct
{
  char  *event;               /* valid UTF-8 on one line */
  gint64 time;                /* of the last, µs since 1970 UTC, to the second; -1 unknown */
  gint64 last;                /* µs */
  gint64 longest;             /* µs, of all since LATENCY RESET */
} CbLatencyEvent;

/* One time that it took long. */
typedef struct
{
  gint64 time;                /* µs since 1970 UTC, to the second */
  gint64 duration;            /* µs */
} CbLatencySample;

void       cb_latency_event_free    (CbLatencyEvent *self);
/* The reply of LATENCY LATEST. (transfer full) (element-type CbLatencyEvent): bounded */
GPtrArray *cb_latency_parse_latest  (const CbValue  *value);
/* The reply of LATENCY HISTORY. (transfer full) (element-type CbLatencySample): the last 160 */
GArray    *cb_latency_parse_history (const CbValue  *value);

/* The longest of each @step (out), from @first_at (out) on, in seconds; 0 where nothing is recorded. As many as fit into @n_values; all of
 * @samples are in. Returns: how many steps; 0 without a sample. */
guint      cb_latency_spread        (GArray          *samples,
                                     guint            n_values,
                                     double          *values,
                                     gint64          *first_at,
                                     gint64          *step);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbLatencyEvent, cb_latency_event_free)

G_END_DECLS
