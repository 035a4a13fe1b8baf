/* cb-key-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-key-list.h"
#include "cb-key-value.h"

struct _CbKeyView
{
  GtkWidget parent_instance;

  CbSession *session;        /* (owned) */
  GBytes *key;               /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable): what is under way for the key */

  GtkStack *stack;           /* (owned): the only child */
  AdwStatusPage *message;
  GtkLabel *name_label;
  GtkLabel *facts_label;
};

G_DEFINE_FINAL_TYPE (CbKeyView, cb_key_view, GTK_TYPE_WIDGET)

enum
{
  KEY_RENAMED,
  KEY_GONE,
  KEY_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
show_message (CbKeyView *self, const char *title, const char *text)
{
  g_autofree char *markup = g_markup_escape_text (text, -1);

  adw_status_page_set_title (self->message, title);
  adw_status_page_set_description (self->message, markup);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbKeyView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyInfo) info = cb_key_inspect_finish (CB_CONNECTION (source), result, &error);
  g_autofree char *name = NULL;
  g_autofree char *facts = NULL;
  g_autofree char *count = NULL;
  gsize length;
  const char *data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->key == NULL)
    return;
  if (info == NULL)
    {
      show_message (self, _ ("The Key Can’t Be Read"), error->message);
      return;
    }
  if (g_str_equal (info->type, "none"))
    {
      show_message (self, _ ("The Key Is Gone"), _ ("It was deleted, renamed, or its time is over."));
      g_signal_emit (self, signals[KEY_GONE], 0, self->key);
      return;
    }
  data = g_bytes_get_data (self->key, &length);
  name = cb_key_name_display (data != NULL ? data : "", length, 1000);
  count = cb_format_exact_count (info->size);
  facts = g_strdup_printf ("%s · %s", info->type, count);
  gtk_label_set_label (self->name_label, name);
  gtk_label_set_label (self->facts_label, facts);
  gtk_stack_set_visible_child_name (self->stack, "value");
}

/**
 * cb_key_view_refresh:
 */
void
cb_key_view_refresh (CbKeyView *self)
{
  CbConnection *connection;

  g_return_if_fail (CB_IS_KEY_VIEW (self));

  connection = cb_session_get_connection (self->session);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->key == NULL || connection == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      return;
    }
  self->cancellable = g_cancellable_new ();
  cb_key_inspect_async (connection, self->key, self->cancellable, inspected_cb, g_object_ref (self));
}

GBytes *
cb_key_view_get_key (CbKeyView *self)
{
  g_return_val_if_fail (CB_IS_KEY_VIEW (self), NULL);
  return self->key;
}

/**
 * cb_key_view_set_key:
 * @name: (nullable): the name of a key, %NULL for none
 */
void
cb_key_view_set_key (CbKeyView *self, GBytes *name)
{
  g_return_if_fail (CB_IS_KEY_VIEW (self));

  if (name != NULL)
    g_bytes_ref (name);
  g_clear_pointer (&self->key, g_bytes_unref);
  self->key = name;
  cb_key_view_refresh (self);
}

/**
 * cb_key_view_rename:
 * @name: what the key that is shown is called now
 */
void
cb_key_view_rename (CbKeyView *self, GBytes *name)
{
  cb_key_view_set_key (self, name);
}

static void
cb_key_view_dispose (GObject *object)
{
  CbKeyView *self = CB_KEY_VIEW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_object (&self->session);
  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;

  G_OBJECT_CLASS (cb_key_view_parent_class)->dispose (object);
}

static void
cb_key_view_class_init (CbKeyViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_key_view_dispose;

  signals[KEY_RENAMED] = g_signal_new ("key-renamed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BYTES);
  signals[KEY_GONE] = g_signal_new ("key-gone", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 1, G_TYPE_BYTES);
  signals[KEY_CHANGED] = g_signal_new ("key-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_BYTES);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyView, stack);
  gtk_widget_class_bind_template_child (widget_class, CbKeyView, message);
  gtk_widget_class_bind_template_child (widget_class, CbKeyView, name_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyView, facts_label);
}

static void
cb_key_view_init (CbKeyView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * cb_key_view_new:
 * @session: whose server it reads from
 *
 * Returns: (transfer floating): a view of no key
 */
GtkWidget *
cb_key_view_new (CbSession *session)
{
  CbKeyView *self;

  g_return_val_if_fail (CB_IS_SESSION (session), NULL);

  self = g_object_new (CB_TYPE_KEY_VIEW, NULL);
  self->session = g_object_ref (session);
  return GTK_WIDGET (self);
}
