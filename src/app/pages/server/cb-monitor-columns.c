/* cb-monitor-columns.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-monitor-columns.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-direction.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-text-scale.h"

#define MAX_EXCERPT 300

typedef enum
{
  COLUMN_TIME,
  COLUMN_CLIENT,
  COLUMN_DB,
  COLUMN_COMMAND,
  COLUMN_ARGUMENTS,
  N_COLUMNS
} Column;

static const struct
{
  const char *title;
  int width;        /* -1: what is left */
  gboolean mono;
} columns_info[N_COLUMNS] = {
  [COLUMN_TIME] = { N_ ("Time"), 112, FALSE },
  [COLUMN_CLIENT] = { N_ ("Client"), 150, TRUE },
  /* Translators: the number of a database, as short as can be */
  [COLUMN_DB] = { N_ ("DB"), 44, FALSE },
  [COLUMN_COMMAND] = { N_ ("Command"), 130, TRUE },
  [COLUMN_ARGUMENTS] = { N_ ("Arguments"), -1, TRUE },
};

char *
cb_monitor_columns_dup_line (CbPubsubMessage *message, gsize most)
{
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (message);
  gsize length = 0;
  const char *words = payload != NULL ? g_bytes_get_data (payload, &length) : "";

  return cb_text_display (words, (gssize) (most > 0 ? MIN (length, most) : length), TRUE);
}

/* Where the name of the command ends, behind its quote. */
static gsize
find_arguments (const char *words, gsize length)
{
  const char *end = length > 1 ? memchr (words + 1, '"', length - 1) : NULL;

  return end != NULL ? (gsize) (end - words) + 1 : length;
}

static char *
dup_command (CbPubsubMessage *message)
{
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (message);
  gsize length = 0;
  const char *words = payload != NULL ? g_bytes_get_data (payload, &length) : "";
  gsize end = find_arguments (words, length);
  g_autofree char *name = end > 2 ? cb_text_display (words + 1, (gssize) MIN (end - 2, 64), TRUE) : g_strdup ("");

  return g_ascii_strup (name, -1);
}

static char *
dup_arguments (CbPubsubMessage *message)
{
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (message);
  gsize length = 0;
  const char *words = payload != NULL ? g_bytes_get_data (payload, &length) : "";
  gsize from = find_arguments (words, length);

  while (from < length && words[from] == ' ')
    from++;
  return cb_text_display (words + from, (gssize) MIN (length - from, MAX_EXCERPT), TRUE);
}

/* "0 127.0.0.1:50312" */
static char *
dup_client (CbPubsubMessage *message, gboolean db)
{
  g_autoptr (GBytes) channel = cb_pubsub_message_dup_channel (message);
  gsize length = 0;
  const char *text = channel != NULL ? g_bytes_get_data (channel, &length) : "";
  const char *blank = length > 0 ? memchr (text, ' ', length) : NULL;

  if (blank == NULL)
    return g_strdup ("");
  if (db)
    return g_strndup (text, (gsize) (blank - text));
  return cb_text_display (blank + 1, (gssize) MIN (length - (gsize) (blank + 1 - text), 200), TRUE);
}

static char *
dup_text (CbPubsubMessage *message, Column column)
{
  switch (column)
    {
    case COLUMN_TIME:
      return cb_direction_take (cb_format_clock (cb_pubsub_message_get_time (message), g_get_real_time ()));
    case COLUMN_CLIENT:
      return dup_client (message, FALSE);
    case COLUMN_DB:
      return dup_client (message, TRUE);
    case COLUMN_COMMAND:
      return dup_command (message);
    case COLUMN_ARGUMENTS:
      return dup_arguments (message);
    case N_COLUMNS:
    default:
      g_assert_not_reached ();
    }
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  Column column = (Column) GPOINTER_TO_INT (data);
  GtkWidget *child = gtk_list_item_get_child (item);
  CbPubsubMessage *message = gtk_list_item_get_item (item);
  g_autofree char *text = dup_text (message, column);
  GtkWidget *cell, *row;

  if (g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (child)), text) != 0)
    gtk_inscription_set_text (GTK_INSCRIPTION (child), text);
  if (column != COLUMN_ARGUMENTS)
    return;
  /* What a screen reader says of the row, which is two parents up. */
  cell = gtk_widget_get_parent (child);
  row = cell != NULL ? gtk_widget_get_parent (cell) : NULL;
  if (row != NULL)
    {
      g_autofree char *line = cb_monitor_columns_dup_line (message, MAX_EXCERPT);

      gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, line, -1);
    }
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  Column column = (Column) GPOINTER_TO_INT (data);
  GtkWidget *child = gtk_inscription_new (NULL);

  /* It never asks for a new layout, whatever comes. */
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (child), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (child), 3);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (child), column == COLUMN_ARGUMENTS ? 30 : 6);
  gtk_inscription_set_xalign (GTK_INSCRIPTION (child), column == COLUMN_DB ? 1 : 0);
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

void
cb_monitor_columns_add (GtkColumnView *view)
{
  for (guint i = 0; i < N_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (_ (columns_info[i].title), factory);

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GUINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GUINT_TO_POINTER (i));
      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, cb_text_scale (GTK_WIDGET (view), columns_info[i].width));
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (view, column);
    }
  cb_text_scale_columns (view);
}
