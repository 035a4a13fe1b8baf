/* cb-database-popover.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-database-popover.h"

#include <glib/gi18n.h>

#include "cb-databases.h"
#include "cb-format.h"

/* A server may be set up to have thousands; the number of any of them can be typed. */
#define MOST_ROWS 200
#define MOST_NUMBER 65535
#define WIDTH_CHARS 34

struct _CbDatabasePopover
{
  GtkPopover parent_instance;

  CbConnection *connection;   /* (owned) (nullable) of the database that is shown */
  GCancellable *cancellable;  /* (owned) (nullable) */

  GtkWidget *scroller;
  GtkListBox *list;
  GtkLabel *note;
  GtkWidget *other;
  GtkSpinButton *number;
  GtkWidget *shown_row;       /* (nullable) */
};

G_DEFINE_FINAL_TYPE (CbDatabasePopover, cb_database_popover, GTK_TYPE_POPOVER)

static guint chosen_signal;

static guint
get_shown (CbDatabasePopover *self)
{
  return self->connection != NULL ? cb_address_get_db (cb_connection_get_address (self->connection)) : 0;
}

static void
clear (CbDatabasePopover *self)
{
  GtkWidget *child;

  self->shown_row = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
}

static void
add_row (CbDatabasePopover *self, const CbDatabase *database)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *count = cb_format_exact_count ((gint64) database->n_keys);
  g_autofree char *keys = g_strdup_printf (ngettext ("%s key", "%s keys", (gulong) database->n_keys), count);
  /* Translators: a database of a Redis server by its number, as short as can be */
  g_autofree char *name = g_strdup_printf (_ ("db %u"), database->number);
  g_autofree char *whole = g_strdup_printf ("%s, %s", name, keys);
  GtkWidget *check = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *number = gtk_label_new (keys);

  gtk_widget_set_opacity (check, database->number == get_shown (self) ? 1 : 0);
  gtk_widget_set_hexpand (number, TRUE);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_widget_add_css_class (number, "dim-label");
  gtk_widget_add_css_class (number, "numeric");
  if (database->n_expiring > 0)
    {
      g_autofree char *expiring = cb_format_exact_count ((gint64) database->n_expiring);
      g_autofree char *text = g_strdup_printf (ngettext ("%s with a time to live", "%s with a time to live",
                                                         (gulong) database->n_expiring), expiring);

      gtk_widget_set_tooltip_text (row, text);
    }
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), number);
  gtk_box_append (GTK_BOX (box), check);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, whole, -1);
  g_object_set_data (G_OBJECT (row), "number", GUINT_TO_POINTER (database->number));
  gtk_list_box_append (self->list, row);
  if (database->number == get_shown (self))
    self->shown_row = row;
}

void
cb_database_popover_tell (CbDatabasePopover *self, const char *text, gboolean is_problem)
{
  g_return_if_fail (CB_IS_DATABASE_POPOVER (self));

  gtk_label_set_label (self->note, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
  if (is_problem)
    gtk_widget_add_css_class (GTK_WIDGET (self->note), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->note), "error");
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbDatabasePopover) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbDatabases) databases = cb_databases_ask_finish (CB_CONNECTION (source), result, &error);
  guint shown = get_shown (self);
  gboolean has_shown = FALSE;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  clear (self);
  if (databases == NULL)
    {
      g_autofree char *text = NULL;

      gtk_widget_set_visible (self->scroller, FALSE);
      gtk_widget_set_visible (self->other, TRUE);
      /* Translators: %s is a sentence that says why */
      text = g_strdup_printf (_ ("Which databases have keys is not known: %s"), error->message);
      cb_database_popover_tell (self, text, TRUE);
      return;
    }

  for (guint i = 0; i < MIN (databases->list->len, MOST_ROWS); i++)
    {
      const CbDatabase *database = &g_array_index (databases->list, CbDatabase, i);

      if (!has_shown && database->number >= shown)
        {
          CbDatabase empty = { .number = shown };

          if (database->number > shown)
            add_row (self, &empty);
          has_shown = TRUE;
        }
      add_row (self, database);
    }
  if (!has_shown)
    {
      CbDatabase empty = { .number = shown };

      add_row (self, &empty);
    }
  gtk_widget_set_visible (self->scroller, TRUE);
  gtk_widget_set_visible (self->other, !databases->cluster);
  /* Unless somebody is typing a number already. */
  if (self->shown_row != NULL && gtk_spin_button_get_value_as_int (self->number) == (int) shown)
    gtk_widget_grab_focus (self->shown_row);
  if (databases->cluster)
    cb_database_popover_tell (self, _ ("This server belongs to a cluster, which has only database 0."), FALSE);
  else if (databases->list->len > MOST_ROWS)
    cb_database_popover_tell (self, _ ("There are more; they can be shown by their number."), FALSE);
  else
    cb_database_popover_tell (self, NULL, FALSE);
}

static void
stop_asking (CbDatabasePopover *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
ask (CbDatabasePopover *self)
{
  stop_asking (self);
  if (self->connection == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  cb_databases_ask_async (self->connection, self->cancellable, told_cb, g_object_ref (self));
}

static void
cb_database_popover_show (GtkWidget *widget)
{
  CbDatabasePopover *self = CB_DATABASE_POPOVER (widget);

  gtk_spin_button_set_value (self->number, get_shown (self));
  cb_database_popover_tell (self, NULL, FALSE);
  ask (self);
  GTK_WIDGET_CLASS (cb_database_popover_parent_class)->show (widget);
}

static void
row_cb (CbDatabasePopover *self, GtkListBoxRow *row)
{
  g_signal_emit (self, chosen_signal, 0, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "number")));
}

static void
number_cb (CbDatabasePopover *self)
{
  gtk_spin_button_update (self->number);
  g_signal_emit (self, chosen_signal, 0, (guint) gtk_spin_button_get_value_as_int (self->number));
}

static void
cb_database_popover_dispose (GObject *object)
{
  CbDatabasePopover *self = CB_DATABASE_POPOVER (object);

  stop_asking (self);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (cb_database_popover_parent_class)->dispose (object);
}

static void
cb_database_popover_class_init (CbDatabasePopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_database_popover_dispose;
  GTK_WIDGET_CLASS (klass)->show = cb_database_popover_show;

  chosen_signal = g_signal_new ("chosen", CB_TYPE_DATABASE_POPOVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_UINT);
}

static void
cb_database_popover_init (CbDatabasePopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *label = gtk_label_new (_ ("Database"));
  GtkWidget *button = gtk_button_new_with_label (_ ("Show"));

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Databases"), -1);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), 320);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_widget_set_visible (self->scroller, FALSE);
  gtk_box_append (GTK_BOX (box), self->scroller);

  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->note, 0);
  gtk_label_set_wrap (self->note, TRUE);
  gtk_label_set_wrap_mode (self->note, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (self->note, WIDTH_CHARS);
  gtk_label_set_max_width_chars (self->note, WIDTH_CHARS);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->note));

  self->other = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->number = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, MOST_NUMBER, 1));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->number), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Number of the Database"), -1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->number), TRUE);
  gtk_box_append (GTK_BOX (self->other), label);
  gtk_box_append (GTK_BOX (self->other), GTK_WIDGET (self->number));
  gtk_box_append (GTK_BOX (self->other), button);
  gtk_box_append (GTK_BOX (box), self->other);
  gtk_popover_set_child (GTK_POPOVER (self), box);

  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_cb), self);
  /* The spin button has a signal of its own for it from GTK 4.14 on. */
  g_signal_connect_swapped (gtk_editable_get_delegate (GTK_EDITABLE (self->number)), "activate", G_CALLBACK (number_cb), self);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (number_cb), self);
}

GtkWidget *
cb_database_popover_new (void)
{
  return g_object_new (CB_TYPE_DATABASE_POPOVER, NULL);
}

void
cb_database_popover_set_connection (CbDatabasePopover *self, CbConnection *connection)
{
  g_return_if_fail (CB_IS_DATABASE_POPOVER (self));
  g_return_if_fail (connection == NULL || CB_IS_CONNECTION (connection));

  if (!g_set_object (&self->connection, connection))
    return;
  stop_asking (self);
  clear (self);
}
