/* cb-backoff.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * When to try again. Attempts begin at least a second apart and less and less often, up to every 5 seconds. What
 * does not go away by itself (a wrong password, a peer that is no Redis) is tried less: at once every 5 seconds,
 * and after five failures of the same kind every 10 and then every 30.
 */
typedef struct
{
  gint64 last_attempt; /* µs monotonic, 0 before the first */
  gint64 ready_since;  /* µs monotonic, 0 while not ready */
  guint n_failures;    /* of the same kind, in a row */
  int kind;            /* their CbRedisError */
} CbBackoff;

void   cb_backoff_attempted (CbBackoff    *self,
                             gint64        now);
void   cb_backoff_ready     (CbBackoff    *self,
                             gint64        now);
gint64 cb_backoff_failed    (CbBackoff    *self,
                             const GError *error,
                             gint64        now,
                             double        random); /* 0 to 1 */
void   cb_backoff_forget    (CbBackoff    *self);

G_END_DECLS
