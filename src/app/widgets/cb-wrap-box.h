/* cb-wrap-box.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * A row that becomes several lines where it is too narrow for all that is in it, so that what is in it does not make a window wide. Each
 * line is filled as a GtkBox is: with the natural widths, and what is left goes to those that expand.
 *
 * Property: spacing (int, pixels, between two children and between two lines). In a template, what is in it is a plain <child>.
 */
#define CB_TYPE_WRAP_BOX (cb_wrap_box_get_type ())
G_DECLARE_FINAL_TYPE (CbWrapBox, cb_wrap_box, CB, WRAP_BOX, GtkWidget)

GtkWidget *cb_wrap_box_new    (int        spacing);
void       cb_wrap_box_append (CbWrapBox *self,
                               GtkWidget *child);

G_END_DECLS
