/* cb-new-key-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-new-key-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-key-edit.h"
#include "cb-key-list.h"

/* Of the rows, before they are scrolled. */
#define MOST_HEIGHT 480

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
  GtkScrolledWindow *scroller;
  AdwPreferencesGroup *group;
  GtkWidget *more_button;
  GPtrArray *more;            /* (owned) (element-type GtkEditable): of a stream the rows of each other field and its value */
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
  cb_announce_problem (self->error_label, problem);
}

static GBytes *
dup_bytes (GtkEditable *row)
{
  const char *text = gtk_editable_get_text (row);

  return g_bytes_new (text, strlen (text));
}

/* What is to be sent; what it points to is kept by those who are given. */
static void
fill (CbNewKeyDialog *self, CbKeyEdit *edit, GBytes *name, GBytes *element, GBytes *value, GBytes *tail, GPtrArray *more)
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
  if (edit->kind == CB_KEY_EDIT_STREAM_ADD)
    edit->more = more;
}

static GPtrArray *
dup_more (CbNewKeyDialog *self)
{
  GPtrArray *more = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < self->more->len; i++)
    g_ptr_array_add (more, dup_bytes (g_ptr_array_index (self->more, i)));
  return more;
}

static void
changed_cb (CbNewKeyDialog *self)
{
  g_autoptr (GBytes) name = cb_key_name_parse (gtk_editable_get_text (self->name_row));
  g_autoptr (GBytes) element = dup_bytes (self->element_row);
  g_autoptr (GBytes) value = dup_bytes (self->value_row);
  g_autoptr (GBytes) tail = g_bytes_new_static ("tail", 4);
  g_autoptr (GPtrArray) more = dup_more (self);
  g_autoptr (GError) error = NULL;
  gboolean has_score = types[get_type_index (self)].kind != CB_KEY_EDIT_ZSET_SET || g_bytes_get_size (value) > 0;
  CbKeyEdit edit;
  gboolean valid;

  fill (self, &edit, name, element, value, tail, more);
  valid = *gtk_editable_get_text (self->name_row) != '\0' && has_score && cb_key_edit_check (&edit, &error);
  gtk_widget_set_sensitive (self->create_button, valid && self->cancellable == NULL);
  /* An empty score is not wrong yet. */
  set_problem (self, has_score && error != NULL ? error->message : NULL);
}

static void
update_more (CbNewKeyDialog *self)
{
  gboolean is_stream = types[get_type_index (self)].kind == CB_KEY_EDIT_STREAM_ADD;
  int height;

  for (guint i = 0; i < self->more->len; i++)
    gtk_widget_set_visible (g_ptr_array_index (self->more, i), is_stream);
  gtk_widget_set_visible (self->more_button, is_stream);
  gtk_widget_set_sensitive (self->more_button, self->more->len / 2 < CB_KEY_EDIT_MOST_FIELDS);
  /* A window grows with what it needs at least, which of a scroller is next to nothing. */
  gtk_widget_measure (GTK_WIDGET (self->group), GTK_ORIENTATION_VERTICAL, -1, &height, NULL, NULL, NULL);
  gtk_scrolled_window_set_min_content_height (self->scroller, MIN (height, MOST_HEIGHT));
}

static GtkWidget *
add_row (CbNewKeyDialog *self, const char *title)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ENTRY_ROW, "title", title, "activates-default", TRUE, NULL);

  g_signal_connect_swapped (row, "changed", G_CALLBACK (changed_cb), self);
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->more, row);
  return row;
}

static void
remove_cb (GtkWidget *button, CbNewKeyDialog *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (button, ADW_TYPE_ENTRY_ROW);
  guint index;

  if (!g_ptr_array_find (self->more, row, &index))
    return;
  /* Its field stands before it. */
  gtk_widget_grab_focus (self->more_button);
  adw_preferences_group_remove (self->group, g_ptr_array_index (self->more, index - 1));
  adw_preferences_group_remove (self->group, row);
  g_ptr_array_remove_range (self->more, index - 1, 2);
  update_more (self);
}

static void
more_cb (CbNewKeyDialog *self)
{
  GtkWidget *field = add_row (self, _ ("Field"));
  GtkWidget *value = add_row (self, _ ("Value"));
  GtkWidget *button = gtk_button_new_from_icon_name ("list-remove-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Leave This Field Out"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Leave This Field Out"), -1);
  g_signal_connect (button, "clicked", G_CALLBACK (remove_cb), self);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (value), button);
  update_more (self);
  gtk_widget_grab_focus (field);
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
  update_more (self);
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
  g_autoptr (GPtrArray) more = dup_more (self);
  CbKeyEdit edit;

  if (self->cancellable != NULL || !gtk_widget_get_sensitive (self->create_button))
    return;

  g_clear_pointer (&self->name, g_bytes_unref);
  self->name = cb_key_name_parse (gtk_editable_get_text (self->name_row));
  self->cancellable = g_cancellable_new ();
  fill (self, &edit, self->name, element, value, tail, more);
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
  g_clear_pointer (&self->more, g_ptr_array_unref);

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
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, group);
  gtk_widget_class_bind_template_child (widget_class, CbNewKeyDialog, more_button);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, type_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
cb_new_key_dialog_init (CbNewKeyDialog *self)
{
  const char *labels[G_N_ELEMENTS (types) + 1] = { NULL };
  g_autoptr (GtkStringList) list = NULL;

  self->more = g_ptr_array_new ();
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
