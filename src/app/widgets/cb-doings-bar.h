/* cb-doings-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-doings.h"

G_BEGIN_DECLS

/**
 * CbDoingsBar:
 *
 * The foot of a page: what is under way with many jobs, how far it is, and a button that stops it. What takes shorter than a third of a
 * second is not shown; of several it is what was begun last.
 */
#define CB_TYPE_DOINGS_BAR (cb_doings_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbDoingsBar, cb_doings_bar, CB, DOINGS_BAR, GtkWidget)

/* Once. */
void cb_doings_bar_set_doings (CbDoingsBar *self,
                               CbDoings    *doings);

G_END_DECLS
