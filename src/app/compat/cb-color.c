/* cb-color.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-color.h"

#include <adwaita.h>

/**
 * cb_color_lookup:
 * @name: without the `@` of style sheets
 *
 * For what is not styled by CSS: ranges of a text, drawings. It changes with light, dark and high contrast.
 */
gboolean
cb_color_lookup (GtkWidget *widget, const char *name, GdkRGBA *color)
{
  return gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, color);
}

/**
 * cb_color_watch:
 * @widget: any widget on the display
 * @callback: (scope forever): is called with @object
 * @object: a #GObject that ends it when it is gone
 *
 * For what has such a colour in it that the theme does not change by itself: attributes of a label, tags of a text.
 */
void
cb_color_watch (GtkWidget *widget, GCallback callback, gpointer object)
{
  /* The default one tells of a change before the display's has loaded the colours. */
  AdwStyleManager *style = adw_style_manager_get_for_display (gtk_widget_get_display (widget));

  g_signal_connect_object (style, "notify::dark", callback, object, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (style, "notify::high-contrast", callback, object, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}
