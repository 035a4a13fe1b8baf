/* cb-list-anchor.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbListAnchor:
 *
 * Keeps the rows of a list where they are on the screen while its model moves: the row under the pointer, or else the first that is seen,
 * stays at its height, and what comes in above is only counted. A list that stands at its top shows what comes in there.
 *
 * All rows have to be of one height.
 *
 * Property: n-new (uint): so many rows came in above what is seen and were not scrolled to since.
 */
#define CB_TYPE_LIST_ANCHOR (cb_list_anchor_get_type ())
G_DECLARE_FINAL_TYPE (CbListAnchor, cb_list_anchor, CB, LIST_ANCHOR, GObject)

/* @rows: told of a change behind the view, so it is made when the view has its model. */
CbListAnchor *cb_list_anchor_new         (GListModel    *rows,
                                          GtkAdjustment *adjustment);
/* The view whose pointer counts and after whose layout the rows are put where they were. */
void          cb_list_anchor_set_view    (CbListAnchor  *self,
                                          GtkWidget     *view);
/* How far below the top of the view the pointer is; -1: elsewhere. */
void          cb_list_anchor_set_pointer (CbListAnchor  *self,
                                          double         y);
/* Puts the rows where they were; the view has its new height by now. It is done by itself behind a layout. */
void          cb_list_anchor_settle      (CbListAnchor  *self);
void          cb_list_anchor_go_to_top   (CbListAnchor  *self);
/* Another set is shown now: nothing of it is new. */
void          cb_list_anchor_reset       (CbListAnchor  *self);
guint         cb_list_anchor_get_n_new   (CbListAnchor  *self);

G_END_DECLS
