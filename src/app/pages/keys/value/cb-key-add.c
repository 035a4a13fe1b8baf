/* cb-key-add.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-add.h"

#include <glib/gi18n.h>
#include <string.h>

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
  gtk_label_set_label (self->error_label, message != NULL ? message : "");
  gtk_widget_set_visible (self->error_box, message != NULL);
}

static void
add_cb (CbKeyAdd *self)
{
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
  g_signal_emit (self, add_signal, 0, name, value);
}

void
cb_key_add_done (CbKeyAdd *self)
{
  g_return_if_fail (CB_IS_KEY_ADD (self));

  set_error (self, NULL);
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
  add_signal = g_signal_new ("add", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                             G_TYPE_BYTES, G_TYPE_BYTES);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-add.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, name_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, name_entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, value_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, value_entry);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, end_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, end_drop);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, escaped_check);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, error_box);
  gtk_widget_class_bind_template_child (widget_class, CbKeyAdd, error_label);
  gtk_widget_class_bind_template_callback (widget_class, add_cb);
}

static void
cb_key_add_init (CbKeyAdd *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
