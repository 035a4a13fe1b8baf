/* cb-state-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-queue.h"

G_BEGIN_DECLS

/**
 * CbStateBar:
 *
 * The states of a queue as linked toggles with their counts, "All" first.
 *
 * Properties: queue (CbQueue, nullable), state (string, nullable: all; the engine's word).
 */
#define CB_TYPE_STATE_BAR (cb_state_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbStateBar, cb_state_bar, CB, STATE_BAR, GtkWidget)

const char *cb_state_bar_get_state  (CbStateBar *self);
void        cb_state_bar_set_state  (CbStateBar *self,
                                     const char *state);
void        cb_state_bar_set_queue  (CbStateBar *self,
                                     CbQueue    *queue);
/* The toggle at this place, 0 being "All"; FALSE when there are fewer. */
gboolean    cb_state_bar_choose     (CbStateBar *self,
                                     guint       index);

G_END_DECLS
