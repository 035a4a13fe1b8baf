/* cb-password-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-password-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  AdwMessageDialog *dialog;
  GtkEditable *entry;
} Ask;

static void
activated_cb (Ask *ask)
{
  adw_message_dialog_response (ask->dialog, "open");
  gtk_window_close (GTK_WINDOW (ask->dialog));
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  if (g_task_get_completed (task))
    return;
  if (g_strcmp0 (response, "open") == 0)
    g_task_return_pointer (task, g_strdup (gtk_editable_get_text (ask->entry)), g_free);
  else
    g_task_return_pointer (task, NULL, NULL);
}

/**
 * cb_password_dialog_ask_async:
 * @parent: a widget of the window that the question belongs to
 * @name: of the server
 * @user: (nullable): who is to be let in
 * @remark: what becomes of it, a sentence
 */
void
cb_password_dialog_ask_async (GtkWidget *parent, const char *name, const char *user, const char *remark,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);
  /* A name on the server may be any bytes. */
  g_autofree char *valid = user != NULL ? g_utf8_make_valid (user, -1) : NULL;
  g_autofree char *body = valid != NULL
                            /* Translators: a user, a server, and a sentence that says what becomes of the password */
                            ? g_strdup_printf (_ ("The password of %s on %s. %s"), valid, name, remark)
                            /* Translators: a server, and a sentence that says what becomes of its password */
                            : g_strdup_printf (_ ("The password of %s. %s"), name, remark);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), _ ("Password"), body);
  GtkWidget *list = gtk_list_box_new ();
  /* The entries for passwords of GTK 4.8 look, when their window is closed by a key, for what has gone already. */
  GtkWidget *row = adw_entry_row_new ();
  Ask *ask = g_new0 (Ask, 1);

  ask->dialog = ADW_MESSAGE_DIALOG (dialog);
  ask->entry = GTK_EDITABLE (row);
  g_task_set_source_tag (task, cb_password_dialog_ask_async);
  g_task_set_task_data (task, ask, g_free);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Password"));
  adw_entry_row_set_input_purpose (ADW_ENTRY_ROW (row), GTK_INPUT_PURPOSE_PASSWORD);
  gtk_text_set_visibility (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (row))), FALSE);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  adw_message_dialog_set_extra_child (ask->dialog, list);

  adw_message_dialog_add_response (ask->dialog, "cancel", _ ("_Cancel"));
  adw_message_dialog_add_response (ask->dialog, "open", _ ("_Open"));
  adw_message_dialog_set_response_appearance (ask->dialog, "open", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ask->dialog, "open");
  adw_message_dialog_set_close_response (ask->dialog, "cancel");

  g_signal_connect_swapped (row, "entry-activated", G_CALLBACK (activated_cb), ask);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task, (GClosureNotify) (GCallback) g_object_unref, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (row);
}

char *
cb_password_dialog_ask_finish (GtkWidget *parent, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
