/* cb-text-scale.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-text-scale.h"

#define USUAL_DPI 96.0
#define MOST 4.0

int
cb_text_scale (GtkWidget *widget, int pixels)
{
  int dpi = -1;

  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi, NULL);
  /* Smaller text leaves things where they are. */
  return dpi > 0 ? (int) (pixels * CLAMP (dpi / (USUAL_DPI * PANGO_SCALE), 1, MOST)) : pixels;
}

void
cb_text_scale_watch (GtkWidget *widget, GCallback callback, gpointer object)
{
  g_signal_connect_object (gtk_widget_get_settings (widget), "notify::gtk-xft-dpi", callback, object, G_CONNECT_SWAPPED);
}
