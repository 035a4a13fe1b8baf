/* cb-shortcuts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-shortcuts.h"

#include <adwaita.h>
#include <string.h>

/*
 * GTK has a window for this, which is as wide and high as what is in it and does not scroll: with large letters it is larger than a
 * small screen. This one is a list of rows with a search.
 */

typedef struct
{
  GtkWidget *row;   /* (unowned) */
  GtkWidget *group; /* (unowned) */
  char *folded;     /* (owned) the words and the keys */
} Entry;

typedef struct
{
  GtkWidget *page;    /* (unowned) */
  GtkWidget *empty;   /* (unowned) */
  GArray *entries;    /* (owned) (element-type Entry) */
} Shortcuts;

static void
clear_entry (gpointer data)
{
  g_free (((Entry *) data)->folded);
}

static void
shortcuts_free (gpointer data)
{
  Shortcuts *self = data;

  g_array_unref (self->entries);
  g_free (self);
}

/* The keys in words, as GtkShortcutLabel takes them: what has the same effect side by side, or the first and the last of some. */
static char *
tell_keys (const char *accelerators)
{
  g_auto (GStrv) parts = g_strsplit (accelerators, " ", -1);
  GString *text = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_auto (GStrv) ends = g_strsplit (parts[i], "...", 2);

      for (guint j = 0; ends[j] != NULL; j++)
        {
          g_autofree char *keys = NULL;
          guint key;
          GdkModifierType modifiers;

          if (!gtk_accelerator_parse (ends[j], &key, &modifiers))
            continue;

          keys = gtk_accelerator_get_label (key, modifiers);
          if (text->len > 0)
            g_string_append (text, j > 0 ? "…" : ", ");
          g_string_append (text, keys);
        }
    }

  return g_string_free (text, FALSE);
}

static void
add_row (Shortcuts *self, GtkApplication *app, GtkWidget *label)
{
  const char *action = gtk_widget_get_name (label);
  Entry entry = { gtk_widget_get_ancestor (label, ADW_TYPE_ACTION_ROW), gtk_widget_get_ancestor (label, ADW_TYPE_PREFERENCES_GROUP), NULL };
  const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (entry.row));
  g_autofree char *accelerators = g_strdup (gtk_shortcut_label_get_accelerator (GTK_SHORTCUT_LABEL (label)));
  g_autofree char *keys = NULL;
  g_autofree char *all = NULL;

  if (accelerators == NULL || *accelerators == '\0')
    {
      g_auto (GStrv) of_action = gtk_application_get_accels_for_action (app, action);

      g_free (accelerators);
      accelerators = g_strjoinv (" ", of_action);
      gtk_shortcut_label_set_accelerator (GTK_SHORTCUT_LABEL (label), accelerators);
    }

  keys = tell_keys (accelerators);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry.row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  keys, -1);
  all = g_strdup_printf ("%s %s", title, keys);
  entry.folded = g_utf8_casefold (all, -1);
  g_array_append_val (self->entries, entry);
}

static void
add_rows (Shortcuts *self, GtkApplication *app, GtkWidget *widget)
{
  if (GTK_IS_SHORTCUT_LABEL (widget))
    add_row (self, app, widget);
  else
    for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
      add_rows (self, app, child);
}

static void
search_cb (GtkEditable *search, Shortcuts *self)
{
  g_autofree char *text = g_utf8_casefold (gtk_editable_get_text (search), -1);
  gboolean is_any = FALSE;

  g_strstrip (text);
  for (guint i = 0; i < self->entries->len; i++)
    gtk_widget_set_visible (g_array_index (self->entries, Entry, i).group, FALSE);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);
      gboolean is_found = strstr (entry->folded, text) != NULL;

      gtk_widget_set_visible (entry->row, is_found);
      if (is_found)
        gtk_widget_set_visible (entry->group, TRUE);
      is_any |= is_found;
    }
  gtk_widget_set_visible (self->page, is_any);
  gtk_widget_set_visible (self->empty, !is_any);
}

/**
 * cb_shortcuts_present:
 * @window: the window whose keys they are
 *
 * Shows the keys that do something, in a window that is there only while it is looked at.
 */
void
cb_shortcuts_present (GtkApplicationWindow *window)
{
  g_autoptr (GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/callboard/Callboard/ui/cb-shortcuts.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));
  GtkWidget *search = GTK_WIDGET (gtk_builder_get_object (builder, "search"));
  Shortcuts *self = g_new0 (Shortcuts, 1);

  self->page = GTK_WIDGET (gtk_builder_get_object (builder, "page"));
  self->empty = GTK_WIDGET (gtk_builder_get_object (builder, "empty"));
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, clear_entry);
  add_rows (self, gtk_window_get_application (GTK_WINDOW (window)), self->page);

  g_signal_connect_data (search, "changed", G_CALLBACK (search_cb), self, (GClosureNotify) (void (*) (void)) shortcuts_free, 0);
  g_signal_connect_object (search, "stop-search", G_CALLBACK (gtk_window_close), shortcuts, G_CONNECT_SWAPPED);
  gtk_window_set_transient_for (shortcuts, GTK_WINDOW (window));
  gtk_window_present (shortcuts);
  gtk_widget_grab_focus (search);
}
