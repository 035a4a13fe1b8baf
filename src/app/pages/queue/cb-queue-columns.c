/* cb-queue-columns.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-job-cell.h"
#include "cb-settings.h"
#include "cb-text-scale.h"

/*
 * Which columns there are is chosen by the menu of the headers, which stands beside the list as well, and kept in the settings as those that
 * are hidden, so that a new one is seen. What there is no room for is left out besides.
 */

static const struct
{
  CbJobColumn column;
  const char *title;
  const char *name;             /* in the settings; NULL: always there */
  int width;                    /* -1: what is left */
  int least;                    /* of the list, for this column to be shown; what matters least goes first */
} columns_info[CB_N_JOB_COLUMNS] = {
  { CB_JOB_COLUMN_ID, N_ ("ID"), "id", 68, 0 },
  { CB_JOB_COLUMN_QUEUE, N_ ("Queue"), "queue", 150, 460 },
  { CB_JOB_COLUMN_DATA, N_ ("Data"), NULL, -1, 0 },
  { CB_JOB_COLUMN_STATE, N_ ("State"), "state", 100, 0 },
  { CB_JOB_COLUMN_PRIORITY, N_ ("Priority"), "priority", 76, 600 },
  { CB_JOB_COLUMN_PROGRESS, N_ ("Progress"), "progress", 90, 500 },
  { CB_JOB_COLUMN_ATTEMPTS, N_ ("Attempts"), "attempts", 80, 700 },
  { CB_JOB_COLUMN_CREATED, N_ ("Created"), "created", 96, 380 },
  { CB_JOB_COLUMN_DUE, N_ ("Due"), "due", 96, 420 },
};

/* Of one queue all have the same. */
static gboolean
shows_queue (CbQueuePage *self)
{
  return self->queue != NULL && cb_queue_get_name (self->queue) == NULL;
}

static gboolean
is_chosen (CbQueuePage *self, guint i)
{
  g_autoptr (GVariant) state = NULL;

  if (columns_info[i].name == NULL)
    return TRUE;
  state = g_action_group_get_action_state (G_ACTION_GROUP (self->columns), columns_info[i].name);
  return state == NULL || g_variant_get_boolean (state);
}

/**
 * cb_queue_page_update_columns:
 *
 * Shows what is chosen and has room.
 */
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
      gboolean shown = width >= cb_text_scale (GTK_WIDGET (self), columns_info[i].least) && is_chosen (self, i);

      if (columns_info[i].column == CB_JOB_COLUMN_QUEUE && !shows_queue (self))
        shown = FALSE;
      /* A hidden column of GTK 4.8 still takes its share of the width, so it has to have none. */
      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, shown ? cb_text_scale (GTK_WIDGET (self), columns_info[i].width) : 0);
      gtk_column_view_column_set_visible (column, shown);
    }
  return G_SOURCE_REMOVE;
}

/* ---- which of them ---- */

static void
change_state_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  CbQueuePage *self = data;
  GSettings *settings = cb_settings_get_default ();
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) hidden = NULL;

  g_simple_action_set_state (action, value);
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      if (!is_chosen (self, i))
        g_strv_builder_add (builder, columns_info[i].name);
    }
  hidden = g_strv_builder_end (builder);
  if (settings != NULL)
    g_settings_set_strv (settings, "hidden-columns", (const char * const *) hidden);
  cb_queue_page_update_columns (self);
}

static void
activate_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (action));

  g_action_change_state (G_ACTION (action), g_variant_new_boolean (!g_variant_get_boolean (state)));
}

/* Another window may have chosen. */
static void
settings_cb (CbQueuePage *self)
{
  g_auto (GStrv) hidden = g_settings_get_strv (cb_settings_get_default (), "hidden-columns");

  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      GAction *action;

      if (columns_info[i].name == NULL)
        continue;
      action = g_action_map_lookup_action (G_ACTION_MAP (self->columns), columns_info[i].name);
      g_simple_action_set_state (G_SIMPLE_ACTION (action),
                                 g_variant_new_boolean (!g_strv_contains ((const char * const *) hidden, columns_info[i].name)));
    }
  cb_queue_page_update_columns (self);
}

static GMenuModel *
create_menu (CbQueuePage *self)
{
  GMenu *menu = g_menu_new ();
  GMenu *section = g_menu_new ();

  self->columns = g_simple_action_group_new ();
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (GSimpleAction) action = NULL;

      if (columns_info[i].name == NULL)
        continue;
      action = g_simple_action_new_stateful (columns_info[i].name, NULL,
                                             g_variant_new_boolean (columns_info[i].column != CB_JOB_COLUMN_DUE));
      g_signal_connect_object (action, "activate", G_CALLBACK (activate_cb), self, 0);
      g_signal_connect_object (action, "change-state", G_CALLBACK (change_state_cb), self, 0);
      g_action_map_add_action (G_ACTION_MAP (self->columns), G_ACTION (action));
      name = g_strdup_printf ("columns.%s", columns_info[i].name);
      g_menu_append (section, _ (columns_info[i].title), name);
    }
  gtk_widget_insert_action_group (GTK_WIDGET (self), "columns", G_ACTION_GROUP (self->columns));
  g_menu_append_section (menu, _ ("Columns"), G_MENU_MODEL (section));
  g_object_unref (section);
  return G_MENU_MODEL (menu);
}

/* ---- headers ---- */

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

/* The widget that shows the title of a column; (nullable), as it is no part of the interface of a view. Its children are in the order
 * of the columns. */
static GtkWidget *
find_title (CbQueuePage *self, guint index)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->column_view));
  GtkWidget *title = header != NULL ? gtk_widget_get_first_child (header) : NULL;

  for (guint i = 0; title != NULL && i < index; i++)
    title = gtk_widget_get_next_sibling (title);
  return title;
}

/**
 * cb_queue_page_set_sortable:
 * @problem: (nullable): why the list can't be sorted by it; NULL: it can
 *
 * Makes the header something to click, or says there why it is not.
 */
void
cb_queue_page_set_sortable (CbQueuePage *self, CbJobColumn column, GtkSorter *sorter, const char *problem)
{
  g_autoptr (GtkColumnViewColumn) view_column = g_list_model_get_item (gtk_column_view_get_columns (self->column_view), column);
  GtkWidget *title;

  sorter = problem == NULL ? sorter : NULL;
  if (gtk_column_view_column_get_sorter (view_column) != sorter)
    gtk_column_view_column_set_sorter (view_column, sorter);
  title = find_title (self, column);
  if (title != NULL)
    gtk_widget_set_tooltip_text (title, problem);
}

void
cb_queue_page_add_columns (CbQueuePage *self)
{
  g_autoptr (GMenuModel) menu = create_menu (self);
  GSettings *settings = cb_settings_get_default ();

  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autoptr (GtkColumnViewColumn) column =
        gtk_column_view_column_new (_ (columns_info[i].title), cb_job_cell_factory_new (columns_info[i].column, self->clock));

      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, cb_text_scale (GTK_WIDGET (self), columns_info[i].width));
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_column_set_header_menu (column, menu);
      gtk_column_view_append_column (self->column_view, column);
    }
  gtk_menu_button_set_menu_model (self->columns_button, menu);
  if (settings != NULL)
    {
      g_signal_connect_object (settings, "changed::hidden-columns", G_CALLBACK (settings_cb), self, G_CONNECT_SWAPPED);
      settings_cb (self);
    }
  cb_text_scale_watch (GTK_WIDGET (self), G_CALLBACK (cb_queue_page_update_columns), self);
  align_first_header (self);
}
