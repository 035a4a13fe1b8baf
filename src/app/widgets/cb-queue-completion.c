/* cb-queue-completion.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* GtkEntryCompletion knows only GtkEntry and GtkTreeModel. This one takes any editable and a list model; the
 * focus stays in the field, so that typing goes on while the list narrows.
 */

#include "config.h"

#include "cb-queue-completion.h"

#include <string.h>

#include "cb-queue.h"

/* Looked through at each key, shown at once. */
#define MAX_LOOKED_AT 5000
#define MAX_SHOWN 50

struct _CbQueueCompletion
{
  GtkPopover parent_instance;

  GtkEditable *editable; /* not owned: the parent */
  GListModel *queues;    /* (owned) */
  GtkWidget *list;
  gboolean choosing;
};

G_DEFINE_FINAL_TYPE (CbQueueCompletion, cb_queue_completion, GTK_TYPE_POPOVER)

static void
clear_list (CbQueueCompletion *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (self->list), child);
}

static void
add_row (CbQueueCompletion *self, const char *name)
{
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "queue-name", g_strdup (name), g_free);
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

/* Returns how many there are. A name that is there already in full needs no completion. */
static guint
fill (CbQueueCompletion *self, const char *typed)
{
  g_autofree char *needle = g_utf8_casefold (typed, -1);
  guint n_queues = MIN (g_list_model_get_n_items (self->queues), MAX_LOOKED_AT);
  guint n = 0;

  clear_list (self);
  for (guint i = 0; i < n_queues && n < MAX_SHOWN; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (self->queues, i);
      const char *name = cb_queue_get_name (queue);
      g_autofree char *hay = NULL;

      /* Redis holds names that are no text. They can't be typed either. */
      if (!g_utf8_validate (name, -1, NULL))
        continue;

      hay = g_utf8_casefold (name, -1);
      if (strstr (hay, needle) == NULL || (*typed != '\0' && g_str_equal (name, typed)))
        continue;

      add_row (self, name);
      n++;
    }

  return n;
}

static void
pop_up (CbQueueCompletion *self, const char *typed)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self->editable));

  if (fill (self, typed) == 0)
    {
      gtk_popover_popdown (GTK_POPOVER (self));
      return;
    }

  gtk_widget_set_size_request (GTK_WIDGET (self), MAX (width - 12, -1), -1);
  gtk_popover_popup (GTK_POPOVER (self));
}

static gboolean
has_focus (CbQueueCompletion *self)
{
  GtkEditable *delegate = gtk_editable_get_delegate (self->editable);

  return delegate != NULL && gtk_widget_has_focus (GTK_WIDGET (delegate));
}

static void
changed_cb (CbQueueCompletion *self)
{
  /* The program fills the field too, when nobody is typing in it. */
  if (self->choosing || !has_focus (self))
    return;

  pop_up (self, gtk_editable_get_text (self->editable));
}

static void
activated_cb (CbQueueCompletion *self, GtkListBoxRow *row)
{
  const char *name = g_object_get_data (G_OBJECT (row), "queue-name");

  self->choosing = TRUE;
  gtk_editable_set_text (self->editable, name);
  gtk_widget_grab_focus (GTK_WIDGET (self->editable));
  gtk_editable_set_position (self->editable, -1);
  self->choosing = FALSE;
  gtk_popover_popdown (GTK_POPOVER (self));
}

static gboolean
key_pressed_cb (CbQueueCompletion *self, guint keyval, guint keycode, GdkModifierType state)
{
  GtkWidget *first;

  switch (keyval)
    {
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      if (!gtk_widget_get_visible (GTK_WIDGET (self)))
        pop_up (self, "");
      first = gtk_widget_get_first_child (self->list);
      if (first != NULL && gtk_widget_get_visible (GTK_WIDGET (self)))
        gtk_widget_grab_focus (first);
      return first != NULL;

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
focus_left_cb (CbQueueCompletion *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self->editable));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  /* Into the list is not away. */
  if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    gtk_popover_popdown (GTK_POPOVER (self));
}

static void
cb_queue_completion_dispose (GObject *object)
{
  CbQueueCompletion *self = CB_QUEUE_COMPLETION (object);

  g_clear_object (&self->queues);

  G_OBJECT_CLASS (cb_queue_completion_parent_class)->dispose (object);
}

static void
cb_queue_completion_class_init (CbQueueCompletionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_queue_completion_dispose;
}

static void
cb_queue_completion_init (CbQueueCompletion *self)
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

/**
 * cb_queue_completion_new:
 * @editable: a widget with a field; becomes the parent, so unparent the completion when it goes
 * @queues: a list of #CbQueue
 */
GtkWidget *
cb_queue_completion_new (GtkEditable *editable, GListModel *queues)
{
  CbQueueCompletion *self = g_object_new (CB_TYPE_QUEUE_COMPLETION, NULL);
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->editable = editable;
  self->queues = g_object_ref (queues);
  gtk_widget_set_parent (GTK_WIDGET (self), GTK_WIDGET (editable));

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (gtk_editable_get_delegate (editable)), keys);
  g_signal_connect_object (focus, "leave", G_CALLBACK (focus_left_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (editable), focus);
  g_signal_connect_object (editable, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);

  return GTK_WIDGET (self);
}

/**
 * cb_queue_completion_show_all:
 *
 * Shows all queues, or puts them away again, as the arrow beside the field does.
 */
void
cb_queue_completion_show_all (CbQueueCompletion *self)
{
  g_return_if_fail (CB_IS_QUEUE_COMPLETION (self));

  if (gtk_widget_get_visible (GTK_WIDGET (self)))
    {
      gtk_popover_popdown (GTK_POPOVER (self));
      return;
    }

  gtk_widget_grab_focus (GTK_WIDGET (self->editable));
  gtk_editable_set_position (self->editable, -1);
  pop_up (self, "");
}
