/* cb-console-ask.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-ask.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  char *name;        /* (owned) (nullable) */
  AdwMessageDialog *dialog;
  AdwEntryRow *entry; /* (nullable) */
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_free (ask->name);
  g_free (ask);
}

static gboolean
is_right (Ask *ask)
{
  g_autofree char *text = NULL;

  if (ask->name == NULL)
    return TRUE;
  text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (ask->entry))));
  return strcmp (text, ask->name) == 0;
}

static void
changed_cb (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  adw_message_dialog_set_response_enabled (ask->dialog, "run", is_right (ask));
}

static void
activated_cb (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  if (!is_right (ask))
    return;
  adw_message_dialog_response (ask->dialog, "run");
  gtk_window_close (GTK_WINDOW (ask->dialog));
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  if (!g_task_get_completed (task))
    g_task_return_boolean (task, g_strcmp0 (response, "run") == 0 && is_right (ask));
}

/**
 * cb_console_ask_async:
 * @parent: a widget of the window
 * @line: the command, as it was typed
 * @what: what it would do, in sentences
 * @name: (nullable): what is to be typed
 * @callback: called with the answer
 * @user_data: data for @callback
 */
void
cb_console_ask_async (GtkWidget *parent, const char *line, const char *what, const char *name, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);
  g_autofree char *shown = g_utf8_strlen (line, -1) > 300 ? g_utf8_substring (line, 0, 300) : g_strdup (line);
  g_autoptr (GString) body = g_string_new (shown);
  GtkWidget *dialog;
  Ask *ask = g_new0 (Ask, 1);

  g_string_append_printf (body, "\n\n%s", what);
  if (name != NULL)
    {
      g_autofree char *type = g_strdup_printf (_ ("This server is marked as production. To do it, type its name: %s"), name);

      g_string_append_printf (body, "\n\n%s", type);
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), _ ("Send This Command?"), body->str);
  ask->name = g_strdup (name);
  ask->dialog = ADW_MESSAGE_DIALOG (dialog);
  g_task_set_source_tag (task, cb_console_ask_async);
  g_task_set_task_data (task, ask, ask_free);

  adw_message_dialog_add_response (ask->dialog, "cancel", _ ("_Cancel"));
  adw_message_dialog_add_response (ask->dialog, "run", _ ("_Send"));
  adw_message_dialog_set_response_appearance (ask->dialog, "run", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ask->dialog, "cancel");
  adw_message_dialog_set_close_response (ask->dialog, "cancel");
  if (name != NULL)
    {
      GtkWidget *list = gtk_list_box_new ();

      ask->entry = ADW_ENTRY_ROW (adw_entry_row_new ());
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (ask->entry), _ ("Name of the Server"));
      gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
      gtk_widget_add_css_class (list, "boxed-list");
      gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (ask->entry));
      adw_message_dialog_set_extra_child (ask->dialog, list);
      adw_message_dialog_set_response_enabled (ask->dialog, "run", FALSE);
      g_signal_connect_swapped (ask->entry, "changed", G_CALLBACK (changed_cb), task);
      g_signal_connect_swapped (ask->entry, "entry-activated", G_CALLBACK (activated_cb), task);
    }

  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task, (GClosureNotify) (GCallback) g_object_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  if (ask->entry != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (ask->entry));
}

gboolean
cb_console_ask_finish (GtkWidget *parent, GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
