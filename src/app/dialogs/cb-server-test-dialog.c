/* cb-server-test-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-test-dialog.h"

#include <glib/gi18n.h>

#include "cb-server-check.h"

#define WIDTH 520

struct _CbServerTestDialog
{
  AdwWindow parent_instance;

  CbServerCheck *check;         /* (owned) (nullable) */
  GtkWidget *close_button;
  struct
  {
    GtkWidget *row;
    GtkLabel *text;
    GtkImage *icon;
    GtkSpinner *spinner;
  } steps[CB_SERVER_CHECK_N_STEPS];
};

G_DEFINE_FINAL_TYPE (CbServerTestDialog, cb_server_test_dialog, ADW_TYPE_WINDOW)

static void
step_cb (CbServerTestDialog *self, int step, int verdict, const char *text)
{
  static const struct
  {
    const char *icon;
    const char *css_class;
  } looks[] = {
    [CB_VERDICT_WAITING] = { NULL, NULL },
    [CB_VERDICT_RUNNING] = { NULL, NULL },
    [CB_VERDICT_GOOD] = { "object-select-symbolic", "success" },
    [CB_VERDICT_PARTLY] = { "dialog-warning-symbolic", "warning" },
    [CB_VERDICT_BAD] = { "dialog-error-symbolic", "error" },
  };
  gboolean has_text = text != NULL && *text != '\0';

  g_return_if_fail (step >= 0 && step < CB_SERVER_CHECK_N_STEPS);

  gtk_label_set_label (self->steps[step].text, has_text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->steps[step].text), has_text);
  gtk_spinner_set_spinning (self->steps[step].spinner, verdict == CB_VERDICT_RUNNING);
  gtk_widget_set_visible (GTK_WIDGET (self->steps[step].spinner), verdict == CB_VERDICT_RUNNING);
  gtk_widget_set_visible (GTK_WIDGET (self->steps[step].icon), looks[verdict].icon != NULL);
  gtk_widget_set_sensitive (self->steps[step].row, verdict != CB_VERDICT_WAITING);
  if (looks[verdict].icon != NULL)
    {
      gtk_image_set_from_icon_name (self->steps[step].icon, looks[verdict].icon);
      gtk_widget_add_css_class (GTK_WIDGET (self->steps[step].icon), looks[verdict].css_class);
    }
}

static void
ended_cb (CbServerTestDialog *self)
{
  gtk_button_set_label (GTK_BUTTON (self->close_button), _ ("Close"));
}

static void
cb_server_test_dialog_dispose (GObject *object)
{
  CbServerTestDialog *self = CB_SERVER_TEST_DIALOG (object);

  if (self->check != NULL)
    cb_server_check_cancel (self->check);
  g_clear_object (&self->check);

  G_OBJECT_CLASS (cb_server_test_dialog_parent_class)->dispose (object);
}

static void
cb_server_test_dialog_class_init (CbServerTestDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_server_test_dialog_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
add_step (CbServerTestDialog *self, GtkWidget *list, CbServerCheckStep step)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *marks = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = gtk_label_new (cb_server_check_get_title (step));
  GtkWidget *text = gtk_label_new (NULL);

  self->steps[step].row = row;
  self->steps[step].text = GTK_LABEL (text);
  self->steps[step].icon = GTK_IMAGE (gtk_image_new ());
  self->steps[step].spinner = GTK_SPINNER (gtk_spinner_new ());

  gtk_widget_set_size_request (marks, 16, 16);
  gtk_widget_set_valign (marks, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (marks), GTK_WIDGET (self->steps[step].icon));
  gtk_box_append (GTK_BOX (marks), GTK_WIDGET (self->steps[step].spinner));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_set_can_focus (text, FALSE);
  gtk_widget_add_css_class (text, "dim-label");
  gtk_widget_add_css_class (text, "caption");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), text);
  gtk_box_append (GTK_BOX (box), marks);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_widget_set_margin_top (box, 10);
  gtk_widget_set_margin_bottom (box, 10);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  step_cb (self, (int) step, CB_VERDICT_WAITING, NULL);
}

static void
cb_server_test_dialog_init (CbServerTestDialog *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();

  gtk_window_set_title (GTK_WINDOW (self), _ ("Test of the Server"));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), WIDTH, -1);

  /* As long as it runs, closing ends it. */
  self->close_button = gtk_button_new_with_label (_ ("Cancel"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->close_button), "window.close");
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->close_button);

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_valign (list, GTK_ALIGN_START);
  gtk_widget_set_margin_start (list, 12);
  gtk_widget_set_margin_end (list, 12);
  gtk_widget_set_margin_top (list, 12);
  gtk_widget_set_margin_bottom (list, 24);
  for (int i = 0; i < CB_SERVER_CHECK_N_STEPS; i++)
    add_step (self, list, (CbServerCheckStep) i);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 480);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), list);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (content), header);
  gtk_box_append (GTK_BOX (content), scrolled);
  adw_window_set_content (ADW_WINDOW (self), content);
}

CbServerTestDialog *
cb_server_test_dialog_new (GtkWindow *parent, CbAddress *address, const char *prefix)
{
  CbServerTestDialog *self;

  g_return_val_if_fail (address != NULL, NULL);

  self = g_object_new (CB_TYPE_SERVER_TEST_DIALOG, "transient-for", parent, NULL);
  self->check = cb_server_check_new (address, prefix);
  g_signal_connect_object (self->check, "step", G_CALLBACK (step_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->check, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  cb_server_check_start (self->check);
  return self;
}
