/* cb-text-scale.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A width or height that holds text, which was measured at the usual size of text: as it has to be at the size that the user chose. */
int  cb_text_scale         (GtkWidget     *widget,
                            int            pixels);
/* @callback (GObject *object): when that changes, as long as @object is there */
void cb_text_scale_watch   (GtkWidget     *widget,
                            GCallback      callback,
                            gpointer       object);
/* When that changes, columns of a fixed width get wider or narrower with it. That of a column that the user has moved, too. */
void cb_text_scale_columns (GtkColumnView *view);

G_END_DECLS
