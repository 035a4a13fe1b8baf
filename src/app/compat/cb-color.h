/* cb-color.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A named colour of the theme ("accent_color", "success_color"…) as @widget has it. FALSE where the theme has none such. */
gboolean cb_color_lookup (GtkWidget  *widget,
                          const char *name,
                          GdkRGBA    *color);
/* @callback (GObject *object): when these colours have changed, light to dark for instance; as long as @object is there */
void     cb_color_watch  (GtkWidget  *widget,
                          GCallback   callback,
                          gpointer    object);

G_END_DECLS
