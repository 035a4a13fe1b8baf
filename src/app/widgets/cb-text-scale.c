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

/* Of the usual size; columns have no parts of a pixel, but that is enough to get back to where they were. */
#define PARTS 1000
#define LAST_SCALE "cb-text-scale"

static void
scale_columns (GtkColumnView *view)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  guint n = g_list_model_get_n_items (columns);
  int before = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (view), LAST_SCALE));
  int now = cb_text_scale (GTK_WIDGET (view), PARTS);

  if (now == before)
    return;

  g_object_set_data (G_OBJECT (view), LAST_SCALE, GINT_TO_POINTER (now));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      int width = gtk_column_view_column_get_fixed_width (column);

      /* One that is hidden has a width of 0. */
      if (width > 0)
        gtk_column_view_column_set_fixed_width (column, (width * now + before / 2) / before);
    }
}

void
cb_text_scale_columns (GtkColumnView *view)
{
  g_object_set_data (G_OBJECT (view), LAST_SCALE, GINT_TO_POINTER (cb_text_scale (GTK_WIDGET (view), PARTS)));
  cb_text_scale_watch (GTK_WIDGET (view), G_CALLBACK (scale_columns), view);
}
