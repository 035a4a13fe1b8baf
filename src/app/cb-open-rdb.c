/* cb-open-rdb.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-open-rdb.h"

#include <glib/gi18n.h>

static void
response_cb (GtkNativeDialog *dialog, int response, CbApplication *application)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    cb_application_open_rdb (application, file);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

void
cb_open_rdb_choose (CbApplication *application, GtkWindow *parent)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Open RDB File"), parent, GTK_FILE_CHOOSER_ACTION_OPEN,
                                                              _ ("_Open"), _ ("_Cancel"));
  GtkFileFilter *snapshots = gtk_file_filter_new ();
  GtkFileFilter *all = gtk_file_filter_new ();

  gtk_file_filter_set_name (snapshots, _ ("RDB files"));
  gtk_file_filter_add_suffix (snapshots, "rdb");
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), snapshots);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), all);
  g_object_unref (snapshots);
  g_object_unref (all);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), application, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, GtkWidget *window)
{
  CbApplication *application = CB_APPLICATION (gtk_window_get_application (GTK_WINDOW (window)));
  GSList *files = g_value_get_boxed (value);

  for (GSList *l = files; l != NULL && application != NULL; l = l->next)
    cb_application_open_rdb (application, l->data);
  return files != NULL;
}

void
cb_open_rdb_accept_drops (GtkWidget *window)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), window);
  gtk_widget_add_controller (window, GTK_EVENT_CONTROLLER (target));
}
