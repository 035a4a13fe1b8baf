/* cb-keys-many.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

#include "cb-file-choice.h"
#include "cb-import-keys-dialog.h"
#include "cb-many-keys-dialog.h"
#include "cb-memory-dialog.h"

/* What is done with all keys that were found, and what is asked about them. */

static GtkWindow *
get_window (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
many_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  CbConnection *connection = cb_keys_page_get_connection (self);
  GtkWidget *dialog;

  if (connection == NULL || self->finder == NULL)
    return;
  dialog = cb_many_keys_dialog_new (get_window (widget), connection, cb_session_get_journal (cb_page_get_session (CB_PAGE (self))),
                                    self->finder);
  g_signal_connect_object (dialog, "changed", G_CALLBACK (cb_keys_page_search), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
memory_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbKeysPage *self = CB_KEYS_PAGE (widget);
  CbConnection *connection = cb_keys_page_get_connection (self);

  if (connection != NULL && self->finder != NULL)
    gtk_window_present (GTK_WINDOW (cb_memory_dialog_new (get_window (widget), connection, self->finder, self->separator)));
}

static void
import_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbKeysPage *self = CB_KEYS_PAGE (source);
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (self), result);
  GtkWidget *dialog;

  if (file == NULL || connection == NULL || gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return;
  dialog = cb_import_keys_dialog_new (get_window (GTK_WIDGET (self)), connection,
                                      cb_session_get_journal (cb_page_get_session (CB_PAGE (self))), file);
  g_signal_connect_object (dialog, "changed", G_CALLBACK (cb_keys_page_search), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
import_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (cb_keys_page_get_connection (CB_KEYS_PAGE (widget)) != NULL)
    cb_file_choice_open_async (widget, _ ("Import Keys"), import_chosen_cb, NULL);
}

void
cb_keys_page_install_many (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "keys.many", NULL, many_action);
  gtk_widget_class_install_action (widget_class, "keys.memory", NULL, memory_action);
  gtk_widget_class_install_action (widget_class, "keys.import", NULL, import_action);
}
