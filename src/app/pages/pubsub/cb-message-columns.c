/* cb-message-columns.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-columns.h"

#include <glib/gi18n.h>

#include "cb-direction.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-pubsub-message.h"
#include "cb-text-scale.h"

/*
 * A column view keeps some two hundred rows alive, and at each flush of a busy channel all of them get other messages. So a cell is one
 * GtkInscription, which never asks for a new layout, and its text is set once; only rows that wrap are labels.
 */

#define MAX_EXCERPT 300
#define MAX_LINES 12

typedef enum
{
  COLUMN_TIME,
  COLUMN_CHANNEL,
  COLUMN_PATTERN,
  COLUMN_MESSAGE,
  COLUMN_SIZE,
  N_COLUMNS
} Column;

static const struct
{
  const char *title;
  int width;        /* -1: what is left */
  int least;        /* of the list, for this column to be shown */
  gboolean mono;
} columns_info[N_COLUMNS] = {
  [COLUMN_TIME] = { N_ ("Time"), 112, 0, FALSE },
  [COLUMN_CHANNEL] = { N_ ("Channel"), 190, 0, TRUE },
  [COLUMN_PATTERN] = { N_ ("Pattern"), 130, 640, TRUE },
  [COLUMN_MESSAGE] = { N_ ("Message"), -1, 0, TRUE },
  [COLUMN_SIZE] = { N_ ("Size"), 80, 420, FALSE },
};

static char *
dup_name (GBytes *bytes)
{
  gsize size;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return data != NULL ? cb_text_display (data, (gssize) MIN (size, 200), TRUE) : g_strdup ("");
}

static char *
dup_message (CbPubsubMessage *message, gboolean wrapped)
{
  if (cb_pubsub_message_is_gap (message))
    {
      g_autofree char *deaf = cb_format_duration (cb_pubsub_message_get_deaf (message));

      /* Translators: a duration, and a sentence that says why */
      return g_strdup_printf (_ ("Nothing was heard for %s. %s"), deaf, cb_pubsub_message_get_gap (message));
    }
  if (cb_pubsub_message_get_size (message) == 0)
    /* Translators: a message without any bytes */
    return g_strdup (_ ("(empty)"));
  return wrapped ? cb_pubsub_message_dup_lines (message, 4 * MAX_EXCERPT)
                 : cb_pubsub_message_dup_excerpt (message, MAX_EXCERPT);
}

static char *
dup_text (CbPubsubMessage *message, Column column, gboolean wrapped)
{
  g_autoptr (GBytes) bytes = NULL;

  switch (column)
    {
    case COLUMN_TIME:
      return cb_direction_take (cb_format_clock (cb_pubsub_message_get_time (message), g_get_real_time ()));
    case COLUMN_CHANNEL:
      bytes = cb_pubsub_message_dup_channel (message);
      return dup_name (bytes);
    case COLUMN_PATTERN:
      bytes = cb_pubsub_message_dup_pattern (message);
      return dup_name (bytes);
    case COLUMN_MESSAGE:
      return dup_message (message, wrapped);
    case COLUMN_SIZE:
      if (cb_pubsub_message_is_gap (message))
        return g_strdup ("");
      return g_format_size_full (cb_pubsub_message_get_size (message), G_FORMAT_SIZE_IEC_UNITS);
    case N_COLUMNS:
    default:
      g_assert_not_reached ();
    }
}

/* What a screen reader says of the row, which is two parents up. */
static void
update_row_name (GtkWidget *child, CbPubsubMessage *message, const char *text)
{
  GtkWidget *cell = gtk_widget_get_parent (child);
  GtkWidget *row = cell != NULL ? gtk_widget_get_parent (cell) : NULL;
  g_autofree char *channel = NULL;
  g_autofree char *name = NULL;

  if (row == NULL)
    return;
  if (!cb_pubsub_message_is_gap (message))
    {
      channel = dup_text (message, COLUMN_CHANNEL, FALSE);
      name = g_strdup_printf ("%s: %s", channel, text);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name != NULL ? name : text, -1);
}

static void
bind (GtkListItem *item, Column column)
{
  GtkWidget *child = gtk_list_item_get_child (item);
  CbPubsubMessage *message = gtk_list_item_get_item (item);
  gboolean wrapped = GTK_IS_LABEL (child);
  g_autofree char *text = dup_text (message, column, wrapped);

  if (wrapped)
    gtk_label_set_text (GTK_LABEL (child), text);
  else if (g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (child)), text) != 0)
    gtk_inscription_set_text (GTK_INSCRIPTION (child), text);

  if (column == COLUMN_MESSAGE)
    {
      if (cb_pubsub_message_is_gap (message))
        gtk_widget_add_css_class (child, "warning");
      else
        gtk_widget_remove_css_class (child, "warning");
      if (cb_pubsub_message_is_gap (message) || cb_pubsub_message_get_size (message) == 0)
        gtk_widget_remove_css_class (child, "monospace");
      else
        gtk_widget_add_css_class (child, "monospace");
      update_row_name (child, message, text);
    }
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  bind (item, (Column) GPOINTER_TO_INT (data));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  Column column = (Column) GPOINTER_TO_INT (data);
  GtkWidget *child = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (child), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (child), 4);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (child), column == COLUMN_MESSAGE ? 30 : 8);
  gtk_inscription_set_xalign (GTK_INSCRIPTION (child), column == COLUMN_SIZE ? 1 : 0);
  gtk_inscription_set_yalign (GTK_INSCRIPTION (child), 0.5f);
  gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
  if (columns_info[column].mono)
    {
      gtk_widget_add_css_class (child, "monospace");
      gtk_widget_add_css_class (child, "cb-code");
    }
  else
    {
      gtk_widget_add_css_class (child, "dim-label");
      gtk_widget_add_css_class (child, "numeric");
    }
  gtk_list_item_set_child (item, child);
}

static void
setup_wrapped_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *child = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (child), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (child), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (child), MAX_LINES);
  gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (child), 0);
  gtk_label_set_width_chars (GTK_LABEL (child), 8);
  gtk_widget_add_css_class (child, "monospace");
  gtk_widget_add_css_class (child, "cb-code");
  gtk_list_item_set_child (item, child);
}

static GtkListItemFactory *
create_factory (Column column, gboolean wrapped)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", wrapped ? G_CALLBACK (setup_wrapped_cb) : G_CALLBACK (setup_cb),
                    GINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GINT_TO_POINTER (column));
  return factory;
}

void
cb_message_columns_add (GtkColumnView *view)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column =
        gtk_column_view_column_new (_ (columns_info[i].title), create_factory ((Column) i, FALSE));

      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, cb_text_scale (GTK_WIDGET (view), columns_info[i].width));
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (view, column);
    }
  cb_text_scale_columns (view);
}

/**
 * cb_message_columns_fit:
 * @view: the view
 * @width: of the list, pixels
 * @with_pattern: something came by a pattern
 */
void
cb_message_columns_fit (GtkColumnView *view, int width, gboolean with_pattern)
{
  GListModel *columns = gtk_column_view_get_columns (view);

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      gboolean visible = width >= cb_text_scale (GTK_WIDGET (view), columns_info[i].least) && (i != COLUMN_PATTERN || with_pattern);
      int fixed = columns_info[i].width >= 0 ? cb_text_scale (GTK_WIDGET (view), columns_info[i].width) : -1;

      if (fixed < 0 || visible == gtk_column_view_column_get_visible (column))
        continue;
      /* A hidden column of GTK 4.8 still takes its share of the width, so it has to have none. */
      gtk_column_view_column_set_fixed_width (column, visible ? fixed : 0);
      gtk_column_view_column_set_visible (column, visible);
    }
  {
    g_autoptr (GtkColumnViewColumn) channel = g_list_model_get_item (columns, COLUMN_CHANNEL);
    int narrow = cb_text_scale (GTK_WIDGET (view), 110);
    int wide = cb_text_scale (GTK_WIDGET (view), columns_info[COLUMN_CHANNEL].width);
    gboolean is_narrow = width < cb_text_scale (GTK_WIDGET (view), 700);

    if (is_narrow != (gtk_column_view_column_get_fixed_width (channel) <= narrow))
      gtk_column_view_column_set_fixed_width (channel, is_narrow ? narrow : wide);
  }
}

void
cb_message_columns_set_wrap (GtkColumnView *view, gboolean wrap)
{
  g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (gtk_column_view_get_columns (view), COLUMN_MESSAGE);
  g_autoptr (GtkListItemFactory) factory = create_factory (COLUMN_MESSAGE, wrap);

  gtk_column_view_column_set_factory (column, factory);
}
