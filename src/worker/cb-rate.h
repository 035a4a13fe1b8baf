/* cb-rate.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * At most so many starts in any stretch of time of a length: not on average, and not counted anew at each full second, which
 * lets twice as many through around it. It remembers when the last ones were, so a limit costs eight bytes a start.
 * Times are monotonic µs.
 */
typedef struct
{
  guint   limit;          /* 0: none */
  guint   interval_msec;
  gint64 *starts;         /* (owned) the last `limit` of them, a ring */
  guint   next;           /* the oldest, which is replaced next */
} CbRate;

#define CB_RATE_MAX 10000

void   cb_rate_clear    (CbRate *self);
void   cb_rate_set      (CbRate *self,
                         guint   limit,
                         guint   interval_msec);
void   cb_rate_note     (CbRate *self,
                         gint64  now);
guint  cb_rate_get_room (CbRate *self,
                         gint64  now);      /* how many may start now */
gint64 cb_rate_get_wait (CbRate *self,
                         gint64  now);      /* µs until one may; 0: at once */

G_END_DECLS
