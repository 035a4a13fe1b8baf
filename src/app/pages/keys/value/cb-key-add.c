/* cb-key-add.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-add.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-key-edit.h"

struct _CbKeyAdd
{
  GtkPopover parent_instance;

  char *type;             /* (owned) (nullable) */

  GtkLabel *name_label;
  GtkEntry *name_entry;
  GtkLabel *value_label;
  GtkEntry *value_entry;
  GtkLabel *end_label;
  GtkDropDown *end_drop;
  GtkBox *more_box;       /* of a stream: a row for each other field */
  GtkWidget *more_scroller;
  GtkWidget *more_button;
  guint n_more;
  GtkCheckButton *escaped_check;
  GtkWidget *error_box;
  GtkLabel *error_label;
};

G_DEFINE_FINAL_TYPE (CbKeyAdd, cb_key_add, GTK_TYPE_POPOVER)

static guint add_signal;

/**
 * cb_key_add_read:
 * @text: what was typed
 * @escaped: whether \xNN stands for a byte
 *
 * Returns: (transfer full): the bytes that are meant
 */
GBytes *
cb_key_add_read (const char *text, gboolean escaped)
{
  GByteArray *bytes = g_byte_array_new ();

  for (const char *at = text; *at != '\0';)
    {
      guint8 byte = (guint8) *at;
      guint n = 1;

      if (escaped && at[0] == '\\' && at[1] == 'x' && g_ascii_isxdigit (at[2]) && g_ascii_isxdigit (at[3]))
        {
          byte = (guint8) (g_ascii_xdigit_value (at[2]) << 4 | g_ascii_xdigit_value (at[3]));
          n = 4;
        }
      g_byte_array_append (bytes, &byte, 1);
      at += n;
    }
  return g_byte_array_free_to_bytes (bytes);
}

static GBytes *
read_entry (CbKeyAdd *self, GtkEntry *entry)
{
  return cb_key_add_read (gtk_editable_get_text (GTK_EDITABLE (entry)), gtk_check_button_get_active (self->escaped_check));
}

static void
set_error (CbKeyAdd *self, const char *message)
{
  cb_announce_problem (self->error_label, message);
  gtk_widget_set_visible (self->error_box, message != NULL);
}

static void add_cb (CbKeyAdd *self);

/* ---- the other fields of an entry ---- */

static void
update_more (CbKeyAdd *self)
{
  gtk_widget_set_visible (self->more_scroller, self->n_more > 0);
  gtk_widget_set_sensitive (self->more_button, self->n_more < CB_KEY_EDIT_MOST_FIELDS);
}

static void
remove_cb (GtkWidget *button, CbKeyAdd *self)
{
  GtkWidget *row = gtk_widget_get_parent (button);

  gtk_widget_grab_focus (self->more_button);
  gtk_box_remove (self->more_box, row);
  self->n_more--;
  update_more (self);
}

static GtkWidget *
add_entry (CbKeyAdd *self, GtkWidget *row, const char *name)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 10);
  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (add_cb), self);
  gtk_box_append (GTK_BOX (row), entry);
  return entry;
}

static void
more_cb (CbKeyAdd *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *button = gtk_button_new_from_icon_name ("list-remove-symbolic");
  GtkWidget *entry = add_entry (self, row, _ ("Field"));

  add_entry (self, row, _ ("Value"));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Leave This Field Out"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Leave This Field Out"), -1);
  g_signal_connect (button, "clicked", G_CALLBACK (remove_cb), self);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (self->more_box, row);
  self->n_more++;
  update_more (self);
  gtk_widget_grab_focus (entry);
}

static void
clear_more (CbKeyAdd *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->more_box))) != NULL)
    gtk_box_remove (self->more_box, row);
  self->n_more = 0;
  update_more (self);
}

static GPtrArray *
read_more (CbKeyAdd *self)
{
  GPtrArray *more = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->more_box)); row != NULL; row = gtk_widget_get_next_sibling (row))
    for (GtkWidget *child = gtk_widget_get_first_child (row); child != NULL; child = gtk_widget_get_next_sibling (child))
      if (GTK_IS_ENTRY (child))
        g_ptr_array_add (more, read_entry (self, GTK_ENTRY (child)));
  return more;
}

/* ---- adding ---- */

static void
add_cb (CbKeyAdd *self)
{
  g_autoptr (GPtrArray) more = NULL;
  g_autoptr (GBytes) name = NULL;
  g_autoptr (GBytes) value = NULL;

  if (self->type == NULL)
    return;
  set_error (self, NULL);
  if (g_str_equal (self->type, "list"))
    {
      const char *end = gtk_drop_down_get_selected (self->end_drop) == 0 ? "tail" : "head";

      name = g_bytes_new (end, strlen (end));
      value = read_entry (self, self->value_entry);
    }
  else
    {
      name = read_entry (self, self->name_entry);
      /* A score is a number, whatever is said of backslashes. */
      value = read_entry (self, self->value_entry);
    }
  if (g_str_equal (self->type, "stream"))
    more = read_more (self);
  g_signal_emit (self, add_signal, 0, name, value, more);
}

void
cb_key_add_done (CbKeyAdd *self)
{
  g_return_if_fail (CB_IS_KEY_ADD (self));

  set_error (self, NULL);
  clear_more (self);
  gtk_editable_set_text (GTK_EDITABLE (self->name_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->value_entry), "");
  gtk_popover_popdown (GTK_POPOVER (self));
}

void
cb_key_add_fail (CbKeyAdd *self, const char *message)
{
  g_return_if_fail (CB_IS_KEY_ADD (self));
  set_error (self, message);
}

void
cb_key_add_set_type (CbKeyAdd *self, const char *type)
{
  gboolean is_list = g_str_equal (type, "list");
  gboolean is_set = g_str_equal (type, "set");
  const char *name = _ ("Field");
  const char *value = _ ("Value");

  g_return_if_fail (CB_IS_KEY_ADD (self));

  if (g_strcmp0 (self->type, type) == 0)
    return;
  g_free (self->type);
  self->type = g_strdup (type);
  clear_more (self);
  gtk_widget_set_visible (self->more_button, g_str_equal (type, "stream"));
  set_error (self, NULL);
  if (is_set || g_str_equal (type, "zset"))
    name = _ ("Member");
  if (g_str_equal (type, "zset"))
    value = _ ("Score");
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->value_label, value);
  gtk_editable_set_text (GTK_EDITABLE (self->name_entry), "");
  gtk_editable_set_text (GTK_EDITABLE (self->value_entry), "");
  gtk_widget_set_visible (GTK_WIDGET (self->name_label), !is_list);
  gtk_widget_set_visible (GTK_WIDGET (self->name_entry), !is_list);
  gtk_widget_set_visible (GTK_WIDGET (self->value_label), !is_set);
  gtk_widget_set_visible (GTK_WIDGET (self->value_entry), !is_set);
  gtk_widget_set_visible (GTK_WIDGET (self->end_label), is_list);
  gtk_widget_set_visible (GTK_WIDGET (self->end_drop), is_list);
}

static void
cb_key_add_dispose (GObject *object)
{
  g_clear_pointer (&CB_KEY_ADD (object)->type, g_free);

  G_OBJECT_CLASS (cb_key_add_parent_class)->dispose (object);
}

static void
cb_key_add_class_init (CbKeyAddClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_key_add_dispose;
  add_signal = g_signal_new ("add", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                             G_TYPE_BYTES, G_TYPE_BYTES, G_TYPE_PTR_ARRAY);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-add.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, name_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, name_entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, value_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, value_entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, end_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, end_drop);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, more_box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, more_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, more_button);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, escaped_check);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, error_box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, error_label);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
cb_key_add_init (CbKeyAdd *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
