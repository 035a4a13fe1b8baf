/* cb-queue-columns.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-job-cell.h"

static const struct
{
  CbJobColumn column;
  const char *title;
  int width;                    /* -1: what is left */
  int least;                    /* of the list, for this column to be shown; what matters least goes first */
} columns_info[] = {
  { CB_JOB_COLUMN_ID, N_ ("ID"), 68, 0 },
  { CB_JOB_COLUMN_QUEUE, N_ ("Queue"), 150, 460 },
  { CB_JOB_COLUMN_DATA, N_ ("Data"), -1, 0 },
  { CB_JOB_COLUMN_STATE, N_ ("State"), 100, 0 },
  { CB_JOB_COLUMN_PRIORITY, N_ ("Priority"), 76, 600 },
  { CB_JOB_COLUMN_PROGRESS, N_ ("Progress"), 90, 500 },
  { CB_JOB_COLUMN_ATTEMPTS, N_ ("Attempts"), 80, 700 },
  { CB_JOB_COLUMN_CREATED, N_ ("Created"), 96, 380 },
};

gboolean
cb_queue_page_update_columns (gpointer data)
{
  CbQueuePage *self = data;
  GListModel *columns = gtk_column_view_get_columns (self->column_view);
  int width = gtk_widget_get_width (GTK_WIDGET (self->list_stack));

  self->columns_id = 0;
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      gboolean shown = width >= columns_info[i].least;

      /* Of one queue all have the same. */
      if (columns_info[i].column == CB_JOB_COLUMN_QUEUE && (self->queue == NULL || cb_queue_get_name (self->queue) != NULL))
        shown = FALSE;
      /* A hidden column of GTK 4.8 still takes its share of the width, so it has to have none. */
      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, shown ? columns_info[i].width : 0);
      gtk_column_view_column_set_visible (column, shown);
    }
  return G_SOURCE_REMOVE;
}

static GtkWidget *
find_label (GtkWidget *widget)
{
  GtkWidget *label = GTK_IS_LABEL (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && label == NULL;
       child = gtk_widget_get_next_sibling (child))
    label = find_label (child);
  return label;
}

/* Numbers stand at the right, and so has their header to; there is no property for it. The header is the first child of a column
 * view, and its first label is that of the first column. Where that is not so one day the header stays at the left. */
static void
align_first_header (CbQueuePage *self)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->column_view));
  GtkWidget *label = header != NULL ? find_label (header) : NULL;

  if (label == NULL || g_strcmp0 (gtk_label_get_label (GTK_LABEL (label)), _ (columns_info[0].title)) != 0)
    return;

  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
}

void
cb_queue_page_add_columns (CbQueuePage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autoptr (GtkColumnViewColumn) column =
        gtk_column_view_column_new (_ (columns_info[i].title), cb_job_cell_factory_new (columns_info[i].column, self->clock));

      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, columns_info[i].width);
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (self->column_view, column);
    }
  align_first_header (self);
}
