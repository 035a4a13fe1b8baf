/* cb-clock.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbClock:
 *
 * The time by which the jobs of an engine are stamped, and a beat each second for whatever shows how long ago something was.
 * One clock a page, so that all of its times move together, and nothing moves while the page is not shown.
 *
 * Properties: engine (nullable: this computer's time), running (boolean, default FALSE). Signal: `tick`.
 */
#define CB_TYPE_CLOCK (cb_clock_get_type ())
G_DECLARE_FINAL_TYPE (CbClock, cb_clock, CB, CLOCK, GObject)

CbClock *cb_clock_new         (void);
gint64   cb_clock_get_now     (CbClock  *self);     /* µs since 1970 UTC */
void     cb_clock_set_engine  (CbClock  *self,
                               CbEngine *engine);
void     cb_clock_set_running (CbClock  *self,
                               gboolean  running);

G_END_DECLS
