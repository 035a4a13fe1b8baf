/* cb-queue-sort.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-settings.h"

/*
 * Nothing is sorted here: a million jobs stay on the server, in the one order that their set has, and are read from one end or from
 * the other. So a header can be clicked where that order is one by its column, and says otherwise why it can't.
 *
 * A set that is kept by priority and then by id is one by id, and by the time of creation, as long as there is one priority in it.
 * The first and the last job tell.
 */

#define PROBE_INTERVAL (5 * (gint64) G_USEC_PER_SEC)

static const char *const names[CB_N_JOB_COLUMNS] = {
  [CB_JOB_COLUMN_ID] = "id",
  [CB_JOB_COLUMN_PRIORITY] = "priority",
  [CB_JOB_COLUMN_CREATED] = "created",
  [CB_JOB_COLUMN_DUE] = "due",
};

static CbJobOrder
get_order (CbQueuePage *self)
{
  return cb_engine_get_order (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue),
                              cb_state_bar_get_state (self->state_bar));
}

/* Why the list can't be sorted by a column; NULL: it can, and is. */
static const char *
get_problem (CbQueuePage *self, CbJobOrder order, CbJobColumn column)
{
  if (names[column] == NULL)
    return _ ("The server keeps no order by this");
  if (order == CB_JOB_ORDER_NONE && cb_state_bar_get_state (self->state_bar) == NULL)
    return _ ("All states stand one after the other; choose one of them to sort");
  if (order == CB_JOB_ORDER_NONE)
    return _ ("The server keeps these jobs in an order of its own; choose a queue to sort");
  if (order == CB_JOB_ORDER_DUE)
    return column == CB_JOB_COLUMN_DUE ? NULL : _ ("The server keeps these jobs by when they are due");
  if (column == CB_JOB_COLUMN_PRIORITY)
    return NULL;
  if (column == CB_JOB_COLUMN_DUE)
    return _ ("The server keeps these jobs by priority");
  if (self->priorities != CB_PRIORITIES_ONE)
    return _ ("There are several priorities among these jobs, and the server keeps them by priority first");
  return NULL;
}

/* What the list is said to be sorted by: what was chosen last where that is so, else what it is. */
static int
find_column (CbQueuePage *self, CbJobOrder order)
{
  static const CbJobColumn fallbacks[] = { CB_JOB_COLUMN_DUE, CB_JOB_COLUMN_PRIORITY };

  for (int i = 0; i < CB_N_JOB_COLUMNS; i++)
    {
      if (g_strcmp0 (names[i], self->sort_name) == 0 && get_problem (self, order, (CbJobColumn) i) == NULL)
        return i;
    }
  for (guint i = 0; i < G_N_ELEMENTS (fallbacks); i++)
    {
      if (get_problem (self, order, fallbacks[i]) == NULL)
        return (int) fallbacks[i];
    }
  return -1;
}

/**
 * cb_queue_page_get_sort_column:
 *
 * Returns: the #CbJobColumn that the list is sorted by; -1: none
 */
int
cb_queue_page_get_sort_column (CbQueuePage *self)
{
  return find_column (self, get_order (self));
}

/**
 * cb_queue_page_update_sorting:
 *
 * Shows in the headers by what the list is sorted, and by what it can be.
 */
void
cb_queue_page_update_sorting (CbQueuePage *self)
{
  CbJobOrder order;
  int column;

  if (self->queue == NULL)
    return;

  order = get_order (self);
  column = find_column (self, order);
  self->sorting = TRUE;
  for (int i = 0; i < CB_N_JOB_COLUMNS; i++)
    cb_queue_page_set_sortable (self, (CbJobColumn) i, self->sorters[i], get_problem (self, order, (CbJobColumn) i));
  if (column >= 0)
    {
      g_autoptr (GtkColumnViewColumn) view_column =
        g_list_model_get_item (gtk_column_view_get_columns (self->column_view), (guint) column);

      gtk_column_view_sort_by_column (self->column_view, view_column,
                                      gtk_toggle_button_get_active (self->order_button) ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
    }
  else
    {
      gtk_column_view_sort_by_column (self->column_view, NULL, GTK_SORT_ASCENDING);
    }
  self->sorting = FALSE;
  cb_queue_page_update_count (self);
}

/* ---- what was clicked ---- */

/* The sorter of the view asks that of the first column, and turns its answer round where it goes down. GTK has a question for that from
 * 4.10 on. */
static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  CbQueuePage *self = ((CbQueueSorter *) data)->page;

  if (self->clicked < 0)
    self->clicked = ((CbQueueSorter *) data)->column;
  return -1;
}

static void
changed_cb (CbQueuePage *self)
{
  GSettings *settings = cb_settings_get_default ();
  GtkSorter *sorter;
  g_autoptr (GObject) one = NULL;
  g_autoptr (GObject) other = NULL;
  gboolean descending;

  /* GTK of Debian 13 also tells that its columns go, when the view has gone. */
  if (self->sorting || self->queue == NULL || self->column_view == NULL)
    return;

  sorter = gtk_column_view_get_sorter (self->column_view);
  /* Two, as what is compared with itself is equal without a question. */
  one = g_object_new (G_TYPE_OBJECT, NULL);
  other = g_object_new (G_TYPE_OBJECT, NULL);
  self->clicked = -1;
  descending = gtk_sorter_compare (sorter, one, other) == GTK_ORDERING_LARGER;
  if (self->clicked < 0)
    return;

  /* GTK 4.8 leaves its arrow to a column that is no longer the first one to sort by, unless that column lets go of its sorter. */
  self->sorting = TRUE;
  for (int i = 0; i < CB_N_JOB_COLUMNS; i++)
    if (i != self->clicked)
      cb_queue_page_set_sortable (self, (CbJobColumn) i, NULL, NULL);
  self->sorting = FALSE;

  g_free (self->sort_name);
  self->sort_name = g_strdup (names[self->clicked]);
  if (settings != NULL)
    g_settings_set_string (settings, "job-order", self->sort_name);
  /* Read from the other end; the headers follow. */
  if (gtk_toggle_button_get_active (self->order_button) != descending)
    gtk_toggle_button_set_active (self->order_button, descending);
  else
    cb_queue_page_update_sorting (self);
}

/* ---- whether there is one priority ---- */

typedef struct
{
  GWeakRef page;
  CbJobList *list;              /* (owned) it was asked about */
  double first;                 /* priority */
  gboolean has_first;
} Probe;

static void
probe_free (Probe *probe)
{
  g_weak_ref_clear (&probe->page);
  g_object_unref (probe->list);
  g_free (probe);
}

static void
probe_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Probe *probe = data;
  g_autoptr (CbQueuePage) self = g_weak_ref_get (&probe->page);
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, NULL);
  CbJobRecord *record = page != NULL && page->records->len > 0 ? g_ptr_array_index (page->records, 0) : NULL;

  if (self == NULL || self->list != probe->list)
    {
      probe_free (probe);
      return;
    }

  if (record != NULL && !probe->has_first)
    {
      probe->first = record->priority;
      probe->has_first = TRUE;
      cb_engine_page_async (CB_ENGINE (source), cb_queue_get_name (self->queue), cb_state_bar_get_state (self->state_bar), 0, 1, TRUE,
                            NULL, probe_cb, probe);
      return;
    }

  if (record != NULL)
    self->priorities = record->priority == probe->first ? CB_PRIORITIES_ONE : CB_PRIORITIES_SEVERAL;
  probe_free (probe);
  cb_queue_page_update_sorting (self);
}

/**
 * cb_queue_page_probe_order:
 * @anew: it is another set
 *
 * Asks whether the jobs have one priority, where it matters and may have changed.
 */
void
cb_queue_page_probe_order (CbQueuePage *self, gboolean anew)
{
  gint64 now = g_get_monotonic_time ();
  Probe *probe;

  if (anew)
    {
      self->priorities = CB_PRIORITIES_UNKNOWN;
      self->probed_at = 0;
      self->n_probed = 0;
    }
  if (self->queue == NULL || self->list == NULL || get_order (self) != CB_JOB_ORDER_PRIORITY)
    return;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) == self->n_probed ||
      (self->probed_at != 0 && now - self->probed_at < PROBE_INTERVAL))
    return;

  self->probed_at = now;
  self->n_probed = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  probe = g_new0 (Probe, 1);
  g_weak_ref_init (&probe->page, self);
  probe->list = g_object_ref (self->list);
  cb_engine_page_async (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue), cb_state_bar_get_state (self->state_bar), 0, 1,
                        FALSE, NULL, probe_cb, probe);
}

void
cb_queue_page_set_up_sorting (CbQueuePage *self)
{
  GSettings *settings = cb_settings_get_default ();

  self->sort_name = settings != NULL ? g_settings_get_string (settings, "job-order") : g_strdup ("created");
  for (int i = 0; i < CB_N_JOB_COLUMNS; i++)
    {
      if (names[i] == NULL)
        continue;
      self->column_sorters[i].page = self;
      self->column_sorters[i].column = i;
      self->sorters[i] = GTK_SORTER (gtk_custom_sorter_new (compare_cb, &self->column_sorters[i], NULL));
    }
  g_signal_connect_object (gtk_column_view_get_sorter (self->column_view), "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
}

void
cb_queue_page_clear_sorting (CbQueuePage *self)
{
  g_clear_pointer (&self->sort_name, g_free);
  for (int i = 0; i < CB_N_JOB_COLUMNS; i++)
    g_clear_object (&self->sorters[i]);
}
