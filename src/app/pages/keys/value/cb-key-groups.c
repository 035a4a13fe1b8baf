/* cb-key-groups.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-groups.h"

#include <glib/gi18n.h>

#include "cb-drop-down-name.h"
#include "cb-format.h"
#include "cb-key-list.h"
#include "cb-key-value.h"
#include "cb-stream-groups.h"

#define MOST_GROUPS 100
#define MOST_PENDING 100

struct _CbKeyGroups
{
  GtkWidget parent_instance;

  CbConnection *connection;   /* (owned) (nullable) */
  GBytes *key;                /* (owned) (nullable) */
  CbReply *groups;            /* (owned) (nullable) */
  GBytes *group;              /* (owned) (nullable): the one that is shown */
  char *next;                 /* (owned) (nullable): where what is pending goes on */
  guint n_pending_shown;
  gboolean filling;
  GCancellable *cancellable;  /* (owned): until something else is shown */

  GtkStack *stack;            /* (owned): the only child */
  GtkLabel *message_label;
  GtkDropDown *group_drop;
  GtkLabel *facts_label;
  GtkListBox *consumers;
  GtkLabel *consumers_label;
  GtkListBox *pending;
  GtkLabel *pending_label;
  GtkWidget *more_button;
};

G_DEFINE_FINAL_TYPE (CbKeyGroups, cb_key_groups, GTK_TYPE_WIDGET)

static char *
dup_name (const CbValue *value)
{
  gsize length;
  const char *data = cb_value_get_string (value, &length);

  return cb_key_name_display (data != NULL ? data : "", data != NULL ? length : 0, 200);
}

static gint64
get_number (const CbValue *value)
{
  gint64 number;

  return cb_value_get_integer (value, &number) ? number : 0;
}

static guint broken_signal;

static void
show_message (CbKeyGroups *self, const char *message)
{
  gtk_label_set_label (self->message_label, message);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

static void
clear_rows (GtkListBox *box)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_list_box_remove (box, row);
}

static void
add_row (GtkListBox *box, const char *name, const char *facts, gboolean deleted)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *name_label = gtk_label_new (name);
  GtkWidget *facts_label = gtk_label_new (facts);
  GtkWidget *row = gtk_list_box_row_new ();
  g_autofree char *whole = g_strdup_printf ("%s, %s", name, facts);

  gtk_label_set_xalign (GTK_LABEL (name_label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name_label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (name_label, TRUE);
  gtk_widget_add_css_class (name_label, "monospace");
  gtk_label_set_ellipsize (GTK_LABEL (facts_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (facts_label), 1);
  gtk_widget_add_css_class (facts_label, "dim-label");
  gtk_widget_add_css_class (facts_label, "numeric");
  gtk_widget_set_margin_start (line, 12);
  gtk_widget_set_margin_end (line, 12);
  gtk_widget_set_margin_top (line, 6);
  gtk_widget_set_margin_bottom (line, 6);
  gtk_box_append (GTK_BOX (line), name_label);
  if (deleted)
    {
      GtkWidget *pill = gtk_label_new (_ ("deleted"));

      gtk_widget_add_css_class (pill, "cb-pill");
      gtk_widget_add_css_class (pill, "delayed");
      gtk_widget_set_valign (pill, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (pill, _ ("The entry is not in the stream any more"));
      gtk_box_append (GTK_BOX (line), pill);
    }
  gtk_box_append (GTK_BOX (line), facts_label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), line);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, whole, -1);
  gtk_list_box_append (box, row);
}

static void
check_reply (CbKeyGroups *self, const GError *error)
{
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL))
    g_signal_emit (self, broken_signal, 0);
}

/* --- what is pending --- */

static void
pending_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbKeyGroups) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_stream_pending_finish (CB_CONNECTION (source), result, &error);
  const CbValue *list;
  guint n;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      gtk_label_set_label (self->pending_label, error->message);
      gtk_widget_set_visible (self->more_button, FALSE);
      check_reply (self, error);
      return;
    }
  list = cb_reply_get_value (reply);
  n = cb_value_get_length (list);
  for (guint i = 0; i < n; i++)
    {
      const CbValue *entry = cb_value_get_element (list, i);
      g_autofree char *id = dup_name (cb_value_get_element (entry, 0));
      g_autofree char *consumer = dup_name (cb_value_get_element (entry, 1));
      g_autofree char *idle = cb_format_duration (get_number (cb_value_get_element (entry, 2)) * 1000);
      gint64 deliveries = get_number (cb_value_get_element (entry, 3));
      guint times = (guint) MIN (deliveries, G_MAXINT);
      /* Translators: a consumer, how long ago it got the entry, how often it was delivered */
      g_autofree char *facts = g_strdup_printf (ngettext ("%s, %s ago, delivered %u time", "%s, %s ago, delivered %u times", times),
                                                consumer, idle, times);

      add_row (self->pending, id, facts, get_number (cb_value_get_element (entry, 4)) == 0);
      if (i + 1 == n)
        {
          g_free (self->next);
          self->next = g_strconcat ("(", id, NULL);
        }
    }
  self->n_pending_shown += n;
  gtk_widget_set_visible (self->more_button, n == MOST_PENDING);
  gtk_widget_set_visible (GTK_WIDGET (self->pending), self->n_pending_shown > 0);
}

static void
read_pending (CbKeyGroups *self)
{
  gtk_widget_set_visible (self->more_button, FALSE);
  cb_stream_pending_async (self->connection, self->key, self->group, self->next != NULL ? self->next : "-", MOST_PENDING,
                        self->cancellable, pending_cb, g_object_ref (self));
}

static void
more_cb (CbKeyGroups *self)
{
  if (self->group != NULL && self->connection != NULL)
    read_pending (self);
}

/* --- a group --- */

static void
show_group (CbKeyGroups *self, guint index)
{
  const CbValue *group = cb_value_get_element (cb_reply_get_value (self->groups), index);
  const CbValue *consumers = cb_value_get_element (group, 4);
  gint64 n_consumers = get_number (cb_value_get_element (group, 3));
  gint64 n_pending = get_number (cb_value_get_element (group, 2));
  g_autofree char *last = dup_name (cb_value_get_element (group, 1));
  g_autofree char *facts = NULL;
  g_autofree char *consumers_text = NULL;
  g_autofree char *pending_text = NULL;

  g_clear_pointer (&self->group, g_bytes_unref);
  self->group = cb_value_dup_bytes (cb_value_get_element (group, 0));
  g_clear_pointer (&self->next, g_free);
  self->n_pending_shown = 0;
  clear_rows (self->consumers);
  clear_rows (self->pending);
  if (self->group == NULL)
    return;

  facts = g_strdup_printf (_ ("Last delivered: %s"), last);
  gtk_label_set_label (self->facts_label, facts);
  consumers_text = g_strdup_printf (ngettext ("%u consumer", "%u consumers", (guint) n_consumers), (guint) n_consumers);
  gtk_label_set_label (self->consumers_label, consumers_text);
  pending_text = n_pending > 0 ? g_strdup_printf (ngettext ("%u entry delivered and not acknowledged",
                                                            "%u entries delivered and not acknowledged", (guint) n_pending),
                                                  (guint) n_pending)
                               : g_strdup (_ ("All that was delivered was acknowledged"));
  gtk_label_set_label (self->pending_label, pending_text);

  for (guint i = 0; i < cb_value_get_length (consumers); i++)
    {
      const CbValue *consumer = cb_value_get_element (consumers, i);
      guint own = (guint) get_number (cb_value_get_element (consumer, 1));
      g_autofree char *name = dup_name (cb_value_get_element (consumer, 0));
      g_autofree char *idle = cb_format_duration (get_number (cb_value_get_element (consumer, 2)) * 1000);
      /* Translators: of a consumer: how many entries it has, how long ago it was heard of */
      g_autofree char *text = g_strdup_printf (ngettext ("%u pending, heard of %s ago", "%u pending, heard of %s ago", own), own,
                                               idle);

      add_row (self->consumers, name, text, FALSE);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->consumers), cb_value_get_length (consumers) > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->pending), FALSE);
  gtk_widget_set_visible (self->more_button, FALSE);
  if (n_pending > 0)
    read_pending (self);
}

static void
group_selected_cb (CbKeyGroups *self)
{
  guint selected = gtk_drop_down_get_selected (self->group_drop);

  if (!self->filling && self->groups != NULL && selected != GTK_INVALID_LIST_POSITION)
    show_group (self, selected);
}

static void
groups_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbKeyGroups) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_stream_groups_finish (CB_CONNECTION (source), result, &error);
  g_autoptr (GtkStringList) names = NULL;
  const CbValue *groups;
  guint selected = 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      show_message (self, error->message);
      check_reply (self, error);
      return;
    }
  groups = cb_reply_get_value (reply);
  if (cb_value_get_length (groups) == 0)
    {
      show_message (self, _ ("No group reads this stream."));
      return;
    }
  names = gtk_string_list_new (NULL);
  for (guint i = 0; i < cb_value_get_length (groups); i++)
    {
      const CbValue *name = cb_value_get_element (cb_value_get_element (groups, i), 0);
      g_autofree char *label = dup_name (name);
      g_autoptr (GBytes) bytes = cb_value_dup_bytes (name);

      gtk_string_list_append (names, label);
      if (self->group != NULL && bytes != NULL && g_bytes_equal (bytes, self->group))
        selected = i;
    }
  g_clear_pointer (&self->groups, cb_reply_unref);
  self->groups = g_steal_pointer (&reply);
  self->filling = TRUE;
  gtk_drop_down_set_model (self->group_drop, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->group_drop, selected);
  self->filling = FALSE;
  gtk_stack_set_visible_child_name (self->stack, "groups");
  show_group (self, selected);
}

/**
 * cb_key_groups_set_key:
 * @connection: (nullable): %NULL to show nothing
 * @key: the name of a stream
 */
void
cb_key_groups_set_key (CbKeyGroups *self, CbConnection *connection, GBytes *key)
{
  g_return_if_fail (CB_IS_KEY_GROUPS (self));

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  if (connection == NULL || self->key == NULL || !g_bytes_equal (self->key, key))
    {
      g_clear_pointer (&self->group, g_bytes_unref);
      g_clear_pointer (&self->groups, cb_reply_unref);
      show_message (self, "");
    }
  if (key != NULL)
    g_bytes_ref (key);
  g_clear_pointer (&self->key, g_bytes_unref);
  self->key = key;
  g_set_object (&self->connection, connection);
  if (connection != NULL)
    cb_stream_groups_async (connection, key, MOST_GROUPS, self->cancellable, groups_cb, g_object_ref (self));
}

static void
cb_key_groups_dispose (GObject *object)
{
  CbKeyGroups *self = CB_KEY_GROUPS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->stack != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->stack));
  self->stack = NULL;
  g_clear_object (&self->connection);
  g_clear_pointer (&self->key, g_bytes_unref);
  g_clear_pointer (&self->group, g_bytes_unref);
  g_clear_pointer (&self->groups, cb_reply_unref);
  g_clear_pointer (&self->next, g_free);

  G_OBJECT_CLASS (cb_key_groups_parent_class)->dispose (object);
}

static void
cb_key_groups_class_init (CbKeyGroupsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_key_groups_dispose;
  broken_signal = g_signal_new ("broken", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-key-groups.ui");
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, stack);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, message_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, group_drop);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, facts_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, consumers);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, consumers_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, pending);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, pending_label);
  gtk_widget_class_bind_template_child (widget_class, CbKeyGroups, more_button);
  gtk_widget_class_bind_template_callback (widget_class, group_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, more_cb);
}

static void
cb_key_groups_init (CbKeyGroups *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_drop_down_use_name (self->group_drop);
}
