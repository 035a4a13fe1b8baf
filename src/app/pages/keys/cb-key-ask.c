/* cb-key-ask.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-ask.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef struct
{
  GTask *task;                /* (owned) */
  CbKeyCheck check;
  AdwMessageDialog *dialog;
  GtkEditable *entry;
  GtkLabel *problem;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->task);
  g_free (question);
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, Question *question)
{
  if (g_task_get_completed (question->task))
    return;

  g_task_return_pointer (question->task,
                         g_strcmp0 (response, "yes") == 0 ? g_strdup (gtk_editable_get_text (question->entry)) : NULL, g_free);
}

static void
changed_cb (Question *question)
{
  g_autofree char *problem = question->check (gtk_editable_get_text (question->entry));

  adw_message_dialog_set_response_enabled (question->dialog, "yes", problem == NULL);
  gtk_label_set_label (question->problem, problem != NULL ? problem : "");
}

void
cb_key_ask_async (GtkWidget *parent, const char *heading, const char *body, const char *label, const char *text, const char *yes,
                  CbKeyCheck check, GAsyncReadyCallback callback, gpointer user_data)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (parent)), heading, body);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *problem = gtk_label_new (NULL);
  Question *question = g_new0 (Question, 1);

  question->task = g_task_new (parent, NULL, callback, user_data);
  g_task_set_source_tag (question->task, cb_key_ask_async);
  question->check = check;
  question->dialog = ADW_MESSAGE_DIALOG (dialog);
  question->entry = GTK_EDITABLE (entry);
  question->problem = GTK_LABEL (problem);

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_add_css_class (entry, "monospace");
  gtk_label_set_xalign (GTK_LABEL (problem), 0);
  gtk_label_set_wrap (GTK_LABEL (problem), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (problem), 36);
  gtk_label_set_max_width_chars (GTK_LABEL (problem), 50);
  gtk_widget_add_css_class (problem, "caption");
  gtk_widget_add_css_class (problem, "error");
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), problem);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), box);
  /* No underlines: GTK 4.8 would give such a button its name twice. */
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("Cancel"));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "yes", yes);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "yes", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "yes");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");

  g_signal_connect_swapped (entry, "changed", G_CALLBACK (changed_cb), question);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), question, question_free, 0);
  changed_cb (question);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}

char *
cb_key_ask_finish (GtkWidget *parent, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
