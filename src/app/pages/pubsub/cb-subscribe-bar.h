/* cb-subscribe-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-pubsub.h"

G_BEGIN_DECLS

/**
 * CbSubscribeBar:
 *
 * A field to subscribe with, and below it what is subscribed to, each with its rate and a button to end it.
 */
#define CB_TYPE_SUBSCRIBE_BAR (cb_subscribe_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbSubscribeBar, cb_subscribe_bar, CB, SUBSCRIBE_BAR, GtkWidget)

void cb_subscribe_bar_set_pubsub (CbSubscribeBar *self,
                                  CbPubsub       *pubsub);

G_END_DECLS
