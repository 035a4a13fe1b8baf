/* cb-ask.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-ask.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
response_cb (AdwMessageDialog *dialog, const char *response, GTask *task)
{
  if (g_task_get_task_data (task) != NULL)
    return;
  g_task_set_task_data (task, GINT_TO_POINTER (TRUE), NULL);
  g_task_return_boolean (task, g_strcmp0 (response, "yes") == 0);
}

/* A question whose window goes with it is answered by nobody, which is no. */
static void
forget_cb (gpointer data, GClosure *closure)
{
  g_autoptr (GTask) task = data;

  if (g_task_get_task_data (task) == NULL)
    g_task_return_boolean (task, FALSE);
}

static void
cancelled_cb (GCancellable *cancellable, GtkWindow *dialog)
{
  gtk_window_close (dialog);
}

/**
 * cb_ask_async:
 * @parent: a widget of the window that the question belongs to
 * @heading: the question; plain text, never markup
 * @body: (nullable): what will happen, with the numbers; plain text
 * @yes: what the button says: the verb, with a mnemonic
 *
 * Asks, with *Cancel* as the other answer and the one that Escape gives. AdwMessageDialog is what both ends of our range have; its
 * successor would sit inside the window.
 */
void
cb_ask_async (GtkWidget *parent, const char *heading, const char *body, const char *yes, gboolean destructive,
              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), heading, body);

  g_task_set_source_tag (task, cb_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "yes", yes);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "yes",
                                              destructive ? ADW_RESPONSE_DESTRUCTIVE : ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");

  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task, forget_cb, 0);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), dialog, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

gboolean
cb_ask_finish (GtkWidget *parent, GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}
