/* cb-unlock-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-unlock-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

static const guint minutes[] = { 5, 15, 60 };

typedef struct
{
  char *name;              /* (owned) */
  AdwMessageDialog *dialog;
  AdwEntryRow *entry;
  AdwComboRow *time;
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
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (ask->entry))));

  return strcmp (text, ask->name) == 0;
}

static void
changed_cb (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  adw_message_dialog_set_response_enabled (ask->dialog, "unlock", is_right (ask));
}

static void
activated_cb (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  if (!is_right (ask))
    return;
  adw_message_dialog_response (ask->dialog, "unlock");
  gtk_window_close (GTK_WINDOW (ask->dialog));
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, GTask *task)
{
  Ask *ask = g_task_get_task_data (task);
  gboolean unlock = g_strcmp0 (response, "unlock") == 0 && is_right (ask);
  guint chosen = adw_combo_row_get_selected (ask->time);

  if (!g_task_get_completed (task))
    g_task_return_int (task, unlock ? (gssize) minutes[MIN (chosen, G_N_ELEMENTS (minutes) - 1)] * 60 : 0);
}

/**
 * cb_unlock_dialog_ask_async:
 * @parent: a widget of the window
 * @name: what is to be typed
 * @production: whether it is production, or else only meant to be looked at
 */
void
cb_unlock_dialog_ask_async (GtkWidget *parent, const char *name, gboolean production, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);
  g_autofree char *body = g_strdup_printf (_ ("To be able to change something there, type its name: %s"), name);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), production ? _ ("Unlock This Production Server?") : _ ("Unlock This Server?"),
                                              body);
  GtkWidget *list = gtk_list_box_new ();
  g_autoptr (GtkStringList) times = gtk_string_list_new (NULL);
  Ask *ask = g_new0 (Ask, 1);

  ask->name = g_strdup (name);
  ask->dialog = ADW_MESSAGE_DIALOG (dialog);
  ask->entry = ADW_ENTRY_ROW (adw_entry_row_new ());
  ask->time = ADW_COMBO_ROW (adw_combo_row_new ());
  g_task_set_source_tag (task, cb_unlock_dialog_ask_async);
  g_task_set_task_data (task, ask, ask_free);

  for (gsize i = 0; i < G_N_ELEMENTS (minutes); i++)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u minute", "%u minutes", minutes[i]), minutes[i]);

      gtk_string_list_append (times, text);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (ask->entry), _ ("Name of the Server"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (ask->time), _ ("Locked Again After"));
  adw_combo_row_set_model (ask->time, G_LIST_MODEL (times));
  adw_combo_row_set_selected (ask->time, 1);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (ask->entry));
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (ask->time));
  adw_message_dialog_set_extra_child (ask->dialog, list);

  adw_message_dialog_add_response (ask->dialog, "cancel", _ ("_Cancel"));
  adw_message_dialog_add_response (ask->dialog, "unlock", _ ("_Unlock"));
  adw_message_dialog_set_response_appearance (ask->dialog, "unlock", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_enabled (ask->dialog, "unlock", FALSE);
  adw_message_dialog_set_default_response (ask->dialog, "cancel");
  adw_message_dialog_set_close_response (ask->dialog, "cancel");

  g_signal_connect_swapped (ask->entry, "changed", G_CALLBACK (changed_cb), task);
  g_signal_connect_swapped (ask->entry, "entry-activated", G_CALLBACK (activated_cb), task);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task, (GClosureNotify) (GCallback) g_object_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (GTK_WIDGET (ask->entry));
}

guint
cb_unlock_dialog_ask_finish (GtkWidget *parent, GAsyncResult *result)
{
  gssize seconds = g_task_propagate_int (G_TASK (result), NULL);

  return seconds > 0 ? (guint) seconds : 0;
}
