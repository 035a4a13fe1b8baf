/* cb-key-cell.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-clock.h"
#include "cb-key-item.h"

G_BEGIN_DECLS

/* A row of the tree of keys: the name, whose job it is, how long it lives, its type and its size. */
#define CB_TYPE_KEY_CELL (cb_key_cell_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyCell, cb_key_cell, CB, KEY_CELL, GtkWidget)

GtkWidget *cb_key_cell_new      (CbClock   *clock);
CbKeyItem *cb_key_cell_get_item (CbKeyCell *self);   /* nullable */
void       cb_key_cell_set_item (CbKeyCell *self,
                                 CbKeyItem *item);

/* "hash", "5 min 3 s left": in words, for tooltips and people who hear them. (transfer full) */
char      *cb_key_cell_describe (CbKeyItem *item);

G_END_DECLS
