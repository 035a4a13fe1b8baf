/* cb-channel-completion.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-channel-completion.h"

#include <glib/gi18n.h>

#include "cb-channel-offers.h"
#include "cb-format.h"

/* As a person pauses between two keys. */
#define WAIT_MSEC 150
#define MAX_SHOWN 50

struct _CbChannelCompletion
{
  GtkPopover parent_instance;

  GtkEditable *editable;      /* not owned: the parent */
  CbConnection *connection;   /* (owned) (nullable) */
  GCancellable *cancellable;  /* (owned) (nullable) of the question under way */
  guint wait_id;
  gboolean choosing;
  GtkWidget *list;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (CbChannelCompletion, cb_channel_completion, GTK_TYPE_POPOVER)

static void
clear_list (CbChannelCompletion *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
}

static void
add_row (CbChannelCompletion *self, const CbChannelOffer *offer, const char *name)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *row = gtk_list_box_row_new ();
  g_autofree char *count = cb_format_exact_count (offer->n_subscribers);
  g_autofree char *text = g_strdup_printf (offer->kind == CB_TOPIC_SHARD
                                             /* Translators: how many subscribers a channel has; there is little room */
                                             ? ngettext ("sharded, %s subscriber", "sharded, %s subscribers",
                                                         (gulong) offer->n_subscribers)
                                             : ngettext ("%s subscriber", "%s subscribers", (gulong) offer->n_subscribers),
                                           count);
  GtkWidget *number = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_widget_add_css_class (label, "cb-code");
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_add_css_class (number, "caption");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), number);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  g_object_set_data (G_OBJECT (row), "kind", GINT_TO_POINTER (offer->kind));
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

static void
offers_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbChannelCompletion) self = data;
  g_autoptr (CbChannelOffers) offers = cb_channel_offers_get_finish (CB_CONNECTION (source), result, NULL);
  const char *typed;
  guint n = 0;

  /* Whoever may not ask, types. */
  if (offers == NULL || self->editable == NULL)
    return;

  typed = gtk_editable_get_text (self->editable);
  clear_list (self);
  for (guint i = 0; i < offers->channels->len && n < MAX_SHOWN; i++)
    {
      const CbChannelOffer *offer = g_ptr_array_index (offers->channels, i);
      gsize size;
      const char *bytes = g_bytes_get_data (offer->name, &size);
      g_autofree char *name = NULL;

      /* Names that are no text can't stand in the field. */
      if (bytes == NULL || !g_utf8_validate (bytes, (gssize) size, NULL))
        continue;
      name = g_strndup (bytes, size);
      if (g_str_equal (name, typed))
        continue;
      add_row (self, offer, name);
      n++;
    }

  if (n == 0)
    {
      gtk_popover_popdown (GTK_POPOVER (self));
      return;
    }
  gtk_widget_set_size_request (GTK_WIDGET (self), MAX (gtk_widget_get_width (GTK_WIDGET (self->editable)) - 12, -1), -1);
  gtk_popover_popup (GTK_POPOVER (self));
}

static void
ask (CbChannelCompletion *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->connection == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  cb_channel_offers_get_async (self->connection, gtk_editable_get_text (self->editable), self->cancellable, offers_cb,
                               g_object_ref (self));
}

static gboolean
waited_cb (gpointer data)
{
  CbChannelCompletion *self = data;

  self->wait_id = 0;
  ask (self);
  return G_SOURCE_REMOVE;
}

static gboolean
has_focus (CbChannelCompletion *self)
{
  GtkEditable *delegate = gtk_editable_get_delegate (self->editable);

  return delegate != NULL && gtk_widget_has_focus (GTK_WIDGET (delegate));
}

static void
changed_cb (CbChannelCompletion *self)
{
  if (self->choosing || !has_focus (self))
    return;

  g_clear_handle_id (&self->wait_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (*gtk_editable_get_text (self->editable) == '\0')
    {
      gtk_popover_popdown (GTK_POPOVER (self));
      return;
    }
  self->wait_id = g_timeout_add (WAIT_MSEC, waited_cb, self);
}

static void
activated_cb (CbChannelCompletion *self, GtkListBoxRow *row)
{
  int kind = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "kind"));

  self->choosing = TRUE;
  gtk_editable_set_text (self->editable, g_object_get_data (G_OBJECT (row), "name"));
  gtk_widget_grab_focus (GTK_WIDGET (self->editable));
  gtk_editable_set_position (self->editable, -1);
  self->choosing = FALSE;
  gtk_popover_popdown (GTK_POPOVER (self));
  g_signal_emit (self, chosen_signal, 0, kind);
}

static gboolean
key_pressed_cb (CbChannelCompletion *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *first;

  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      first = gtk_widget_get_first_child (self->list);
      if (first != NULL && gtk_widget_get_visible (GTK_WIDGET (self)))
        gtk_widget_grab_focus (first);
      else
        ask (self);
      return TRUE;

    case GDK_KEY_Escape:
      if (!gtk_widget_get_visible (GTK_WIDGET (self)))
        return FALSE;
      gtk_popover_popdown (GTK_POPOVER (self));
      return TRUE;

    default:
      return FALSE;
    }
}

static void
focus_left_cb (CbChannelCompletion *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self->editable));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  /* Into the list is not away. */
  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    return;
  g_clear_handle_id (&self->wait_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  gtk_popover_popdown (GTK_POPOVER (self));
}

static void
cb_channel_completion_dispose (GObject *object)
{
  CbChannelCompletion *self = CB_CHANNEL_COMPLETION (object);

  g_clear_handle_id (&self->wait_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  self->editable = NULL;

  G_OBJECT_CLASS (cb_channel_completion_parent_class)->dispose (object);
}

static void
cb_channel_completion_class_init (CbChannelCompletionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_channel_completion_dispose;

  chosen_signal = g_signal_new ("chosen", CB_TYPE_CHANNEL_COMPLETION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_INT);
}

static void
cb_channel_completion_init (CbChannelCompletion *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (activated_cb), self);

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 220);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);

  gtk_popover_set_child (GTK_POPOVER (self), scroller);
  gtk_popover_set_autohide (GTK_POPOVER (self), FALSE);
  gtk_popover_set_has_arrow (GTK_POPOVER (self), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self), GTK_POS_BOTTOM);
  gtk_widget_add_css_class (GTK_WIDGET (self), "menu");
}

GtkWidget *
cb_channel_completion_new (GtkEditable *editable)
{
  CbChannelCompletion *self = g_object_new (CB_TYPE_CHANNEL_COMPLETION, NULL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->editable = editable;
  gtk_widget_set_parent (GTK_WIDGET (self), GTK_WIDGET (editable));

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (gtk_editable_get_delegate (editable)), keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (focus_left_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (editable), focus);
  g_signal_connect_object (editable, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);

  return GTK_WIDGET (self);
}

void
cb_channel_completion_set_connection (CbChannelCompletion *self, CbConnection *connection)
{
  g_return_if_fail (CB_IS_CHANNEL_COMPLETION (self));

  g_set_object (&self->connection, connection);
}
