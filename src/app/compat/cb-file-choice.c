/* cb-file-choice.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-file-choice.h"

#include <glib/gi18n.h>

/* GtkFileChooserNative is what GTK 4.8 has; 4.10 has GtkFileDialog in its place. */
G_GNUC_BEGIN_IGNORE_DEPRECATIONS

static void
response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_autoptr (GTask) task = data;

  if (response == GTK_RESPONSE_ACCEPT)
    g_task_return_pointer (task, gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)), g_object_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
  g_object_unref (dialog);
}

static void
ask (GtkWidget *parent, const char *title, GtkFileChooserAction action, const char *name, GAsyncReadyCallback callback,
     gpointer user_data)
{
  GTask *task = g_task_new (parent, NULL, callback, user_data);
  const char *documents = g_get_user_special_dir (G_USER_DIRECTORY_DOCUMENTS);
  g_autoptr (GFile) folder = g_file_new_for_path (documents != NULL ? documents : g_get_home_dir ());
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new (title, GTK_WINDOW (gtk_widget_get_root (parent)), action,
                                 action == GTK_FILE_CHOOSER_ACTION_SAVE ? _ ("_Save") : _ ("_Open"), _ ("_Cancel"));

  g_task_set_source_tag (task, ask);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

G_GNUC_END_IGNORE_DEPRECATIONS

void
cb_file_choice_save_async (GtkWidget *parent, const char *title, const char *name, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  ask (parent, title, GTK_FILE_CHOOSER_ACTION_SAVE, name, callback, user_data);
}

void
cb_file_choice_open_async (GtkWidget *parent, const char *title, GAsyncReadyCallback callback, gpointer user_data)
{
  ask (parent, title, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, callback, user_data);
}

/* (transfer full) (nullable) */
GFile *
cb_file_choice_finish (GtkWidget *parent, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
