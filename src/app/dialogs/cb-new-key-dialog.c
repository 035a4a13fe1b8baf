/* cb-new-key-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-new-key-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-key-edit.h"
#include "cb-key-list.h"

struct _CbNewKeyDialog
{
  AdwWindow parent_instance;

  CbConnection *connection;   /* (owned) */
  GCancellable *cancellable;  /* (owned) (nullable) of what is being created */
  GBytes *name;               /* (owned) (nullable) of that */

  GtkWidget *create_button;
  GtkSpinner *spinner;
  GtkLabel *error_label;
  AdwComboRow *type_row;
  GtkEditable *name_row;
  GtkEditable *element_row;
  GtkEditable *value_row;
};

G_DEFINE_FINAL_TYPE (CbNewKeyDialog, cb_new_key_dialog, ADW_TYPE_WINDOW)

static guint created_signal;

static const struct
{
  const char *type;
  CbKeyEditKind kind;
  const char *element;        /* what it is called; NULL: there is none */
  const char *value;
} types[] = {
  { "string", CB_KEY_EDIT_STRING_SET, NULL, N_ ("Value") },
  { "list", CB_KEY_EDIT_LIST_PUSH, NULL, N_ ("Element") },
  { "hash", CB_KEY_EDIT_HASH_SET, N_ ("Field"), N_ ("Value") },
  { "set", CB_KEY_EDIT_SET_ADD, N_ ("Member"), NULL },
  { "zset", CB_KEY_EDIT_ZSET_SET, N_ ("Member"), N_ ("Score") },
  { "stream", CB_KEY_EDIT_STREAM_ADD, N_ ("Field"), N_ ("Value") },
};

static guint
get_type_index (CbNewKeyDialog *self)
{
  return MIN (adw_combo_row_get_selected (self->type_row), G_N_ELEMENTS (types) - 1);
}

static void
set_problem (CbNewKeyDialog *self, const char *problem)
{
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), problem != NULL && *problem != '\0');
  if (problem != NULL && *problem != '\0')
    gtk_label_set_label (self->error_label, problem);
}

static GBytes *
dup_bytes (GtkEditable *row)
{
  const char *text = gtk_editable_get_text (row);

  return g_bytes_new (text, strlen (text));
}

/* What is to be sent; what it points to is kept by those who are given. */
static void
fill (CbNewKeyDialog *self, CbKeyEdit *edit, GBytes *name, GBytes *element, GBytes *value, GBytes *tail)
{
  guint index = get_type_index (self);

  memset (edit, 0, sizeof *edit);
  edit->kind = types[index].kind;
  edit->key = name;
  edit->type = "none";
  edit->expect_absent = TRUE;
  if (edit->kind == CB_KEY_EDIT_LIST_PUSH)
    edit->element = tail;
  else if (types[index].element != NULL)
    edit->element = element;
  if (types[index].value != NULL)
    edit->value = value;
}

static void
changed_cb (CbNewKeyDialog *self)
{
  g_autoptr (GBytes) name = cb_key_name_parse (gtk_editable_get_text (self->name_row));
  g_autoptr (GBytes) element = dup_bytes (self->element_row);
  g_autoptr (GBytes) value = dup_bytes (self->value_row);
  g_autoptr (GBytes) tail = g_bytes_new_static ("tail", 4);
  g_autoptr (GError) error = NULL;
  gboolean has_score = types[get_type_index (self)].kind != CB_KEY_EDIT_ZSET_SET || g_bytes_get_size (value) > 0;
  CbKeyEdit edit;
  gboolean valid;

  fill (self, &edit, name, element, value, tail);
  valid = *gtk_editable_get_text (self->name_row) != '\0' && has_score && cb_key_edit_check (&edit, &error);
  gtk_widget_set_sensitive (self->create_button, valid && self->cancellable == NULL);
  /* An empty score is not wrong yet. */
  set_problem (self, has_score && error != NULL ? error->message : NULL);
}

static void
type_cb (CbNewKeyDialog *self)
{
  guint index = get_type_index (self);

  gtk_widget_set_visible (GTK_WIDGET (self->element_row), types[index].element != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->value_row), types[index].value != NULL);
  if (types[index].element != NULL)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->element_row), _ (types[index].element));
  if (types[index].value != NULL)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->value_row), _ (types[index].value));
  changed_cb (self);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbNewKeyDialog) self = data;
  g_autoptr (GError) error = NULL;
  gboolean created = cb_key_edit_finish (CB_CONNECTION (source), result, &error);

  if (created)
    g_signal_emit (self, created_signal, 0, self->name);
  g_clear_object (&self->cancellable);
  if (self->create_button == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_spinner_set_spinning (self->spinner, FALSE);
  changed_cb (self);
  if (created)
    gtk_window_close (GTK_WINDOW (self));
  else
    set_problem (self, error->message);
}

static void
create_cb (CbNewKeyDialog *self)
{
  g_autoptr (GBytes) element = dup_bytes (self->element_row);
  g_autoptr (GBytes) value = dup_bytes (self->value_row);
  g_autoptr (GBytes) tail = g_bytes_new_static ("tail", 4);
  CbKeyEdit edit;

  if (self->cancellable != NULL || !gtk_widget_get_sensitive (self->create_button))
    return;

  g_clear_pointer (&self->name, g_bytes_unref);
  self->name = cb_key_name_parse (gtk_editable_get_text (self->name_row));
  self->cancellable = g_cancellable_new ();
  fill (self, &edit, self->name, element, value, tail);
  set_problem (self, NULL);
  gtk_widget_set_sensitive (self->create_button, FALSE);
  gtk_spinner_set_spinning (self->spinner, TRUE);
  cb_key_edit_async (self->connection, &edit, self->cancellable, created_cb, g_object_ref (self));
}

static void
cb_new_key_dialog_dispose (GObject *object)
{
  CbNewKeyDialog *self = CB_NEW_KEY_DIALOG (object);

  g_clear_object (&self->connection);
  g_clear_pointer (&self->name, g_bytes_unref);
  self->create_button = NULL;

  G_OBJECT_CLASS (cb_new_key_dialog_parent_class)->dispose (object);
}

static void
cb_new_key_dialog_class_init (CbNewKeyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_new_key_dialog_dispose;

  created_signal = g_signal_new ("created", CB_TYPE_NEW_KEY_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 G_TYPE_BYTES);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-new-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, create_button);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, type_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, element_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, value_row);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, type_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
}

static void
cb_new_key_dialog_init (CbNewKeyDialog *self)
{
  const char *labels[G_N_ELEMENTS (types) + 1] = { NULL };
  g_autoptr (GtkStringList) list = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    labels[i] = types[i].type;
  list = gtk_string_list_new (labels);
  adw_combo_row_set_model (self->type_row, G_LIST_MODEL (list));
  type_cb (self);
}

CbNewKeyDialog *
cb_new_key_dialog_new (GtkWindow *parent, CbConnection *connection, const char *name)
{
  CbNewKeyDialog *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_NEW_KEY_DIALOG, "transient-for", parent, NULL);
  self->connection = g_object_ref (connection);
  if (name != NULL)
    gtk_editable_set_text (self->name_row, name);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
  gtk_editable_set_position (self->name_row, -1);
  return self;
}
