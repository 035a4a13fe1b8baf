/* cb-shortcuts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-shortcuts.h"

/*
 * GtkApplication would make this window with each of ours, and keep it: that takes time when ours is to come up, and a window that
 * was never shown makes GTK 4.8 crash when a screen reader asks the program for its windows one by one. So it is there only while it is
 * looked at.
 */

static gboolean
forget_cb (gpointer user_data)
{
  gtk_application_window_set_help_overlay (user_data, NULL);

  return G_SOURCE_REMOVE;
}

static void
hidden_cb (GtkApplicationWindow *window)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, forget_cb, g_object_ref (window), g_object_unref);
}

void
cb_shortcuts_present (GtkApplicationWindow *window)
{
  GtkShortcutsWindow *shortcuts = gtk_application_window_get_help_overlay (window);
  g_autoptr (GtkBuilder) builder = NULL;

  if (shortcuts == NULL)
    {
      builder = gtk_builder_new_from_resource ("/io/github/callboard/Callboard/ui/cb-shortcuts.ui");
      shortcuts = GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "shortcuts"));
      /* It tells the keys of actions by those of the window. */
      gtk_application_window_set_help_overlay (window, shortcuts);
      g_signal_connect_object (shortcuts, "hide", G_CALLBACK (hidden_cb), window, G_CONNECT_SWAPPED);
    }

  gtk_window_present (GTK_WINDOW (shortcuts));
}
