/* cb-color.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-color.h"

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
