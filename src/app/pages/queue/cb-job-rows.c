/* cb-job-rows.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-rows.h"

/*
 * A list view of GTK 4.8 destroys the widgets of an item that goes and makes new ones for an item that comes, and each new cell
 * makes its column measure again all its cells, of which there are some 1,400. Where jobs come and go many times a second, a window
 * does little else.
 *
 * But an item that is removed and comes back within one change keeps its widgets. So a view gets rows for items, and a row is like
 * a seat: those that become free in a change are given to the jobs that come in it, and also to those that come into the range
 * the view keeps widgets for. The selection stays below this and goes by jobs, so that it never passes to who sits down there next.
 *
 * Only rows that somebody holds are known; the others have gone.
 *
 * The first widgets are what takes longest until a list is seen, and a view makes two hundred rows of them before it paints any. So
 * there can be a limit, until the first are painted.
 */

struct _CbJobRow
{
  GObject parent_instance;

  CbJobRows *rows;            /* (nullable): none when it is not among them */
  guint position;
  CbJob *job;                 /* (owned) */
};

struct _CbJobRows
{
  GObject parent_instance;

  GtkSelectionModel *jobs;    /* (owned) */
  guint limit;                /* rows at most */
  guint n_rows;               /* as it was told */
  GPtrArray *known;           /* (owned) (element-type CbJobRow), each there as long as somebody holds it */
  GPtrArray *spare;           /* (owned) (element-type CbJobRow), owned; empty but during a change */
};

enum
{
  PROP_0,
  PROP_JOB,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void list_model_init (GListModelInterface *iface);
static void selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE (CbJobRow, cb_job_row, G_TYPE_OBJECT)
G_DEFINE_FINAL_TYPE_WITH_CODE (CbJobRows, cb_job_rows, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, selection_model_init))

/* ---- a row ---- */

static void
set_job (CbJobRow *self, CbJob *job)
{
  if (g_set_object (&self->job, job))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

static void
leave (CbJobRow *self)
{
  if (self->rows != NULL)
    g_ptr_array_remove_fast (self->rows->known, self);
  self->rows = NULL;
}

static void
enter (CbJobRow *self, CbJobRows *rows, guint position)
{
  self->rows = rows;
  self->position = position;
  g_ptr_array_add (rows->known, self);
}

static void
cb_job_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_JOB:
      g_value_set_object (value, CB_JOB_ROW (object)->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_job_row_finalize (GObject *object)
{
  CbJobRow *self = CB_JOB_ROW (object);

  leave (self);
  g_clear_object (&self->job);

  G_OBJECT_CLASS (cb_job_row_parent_class)->finalize (object);
}

static void
cb_job_row_class_init (CbJobRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_job_row_get_property;
  object_class->finalize = cb_job_row_finalize;

  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, CB_TYPE_JOB,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_job_row_init (CbJobRow *self)
{
}

/**
 * cb_job_row_get_job:
 *
 * Returns: (transfer none): who sits there now; `notify::job` tells of the next one
 */
CbJob *
cb_job_row_get_job (CbJobRow *self)
{
  g_return_val_if_fail (CB_IS_JOB_ROW (self), NULL);

  return self->job;
}

/* ---- the list ---- */

/* Returns: (transfer full) (nullable): a row that became free: that of the job itself, else the one that was at this
 * position, where the keyboard may be, else any */
static CbJobRow *
take_spare (CbJobRows *self, guint position, CbJob *job)
{
  guint best = 0;

  if (self->spare->len == 0)
    return NULL;

  for (guint i = 0; i < self->spare->len; i++)
    {
      CbJobRow *row = g_ptr_array_index (self->spare, i);

      if (row->position == position)
        best = i;
      if (row->job == job)
        {
          best = i;
          break;
        }
    }
  return g_ptr_array_steal_index_fast (self->spare, best);
}

static guint
count_rows (CbJobRows *self)
{
  return MIN (g_list_model_get_n_items (G_LIST_MODEL (self->jobs)), self->limit);
}

static void
items_changed_cb (CbJobRows *self, guint position, guint removed, guint added)
{
  guint n_rows = count_rows (self);

  /* With a limit what moves over it comes or goes as well: all behind is new. */
  if (self->limit < G_MAXUINT)
    {
      if (position >= self->limit)
        return;
      removed = self->n_rows - position;
      added = n_rows - position;
    }
  self->n_rows = n_rows;

  for (guint i = self->known->len; i > 0; i--)
    {
      CbJobRow *row = g_ptr_array_index (self->known, i - 1);

      if (row->position < position)
        continue;
      if (row->position - position >= removed)
        {
          row->position += added - removed;
          continue;
        }
      leave (row);
      g_ptr_array_add (self->spare, g_object_ref (row));
    }

  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  g_ptr_array_set_size (self->spare, 0);
}

static void
selection_changed_cb (CbJobRows *self, guint position, guint n_items)
{
  if (position >= self->n_rows)
    return;

  n_items = MIN (n_items, self->n_rows - position);
  gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), position, n_items);
}

static GType
cb_job_rows_get_item_type (GListModel *model)
{
  return CB_TYPE_JOB_ROW;
}

static guint
cb_job_rows_get_n_items (GListModel *model)
{
  return count_rows (CB_JOB_ROWS (model));
}

static gpointer
cb_job_rows_get_item (GListModel *model, guint position)
{
  CbJobRows *self = CB_JOB_ROWS (model);
  /* Asked for every time, since the list goes by what is asked for. */
  g_autoptr (CbJob) job = position < self->limit ? g_list_model_get_item (G_LIST_MODEL (self->jobs), position) : NULL;
  CbJobRow *row;

  if (job == NULL)
    return NULL;

  for (guint i = 0; i < self->known->len; i++)
    {
      row = g_ptr_array_index (self->known, i);
      if (row->position == position)
        return g_object_ref (row);
    }

  row = take_spare (self, position, job);
  if (row == NULL)
    row = g_object_new (CB_TYPE_JOB_ROW, NULL);
  enter (row, self, position);
  set_job (row, job);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_job_rows_get_item_type;
  iface->get_n_items = cb_job_rows_get_n_items;
  iface->get_item = cb_job_rows_get_item;
}

/* ---- the selection is that of the jobs ---- */

static gboolean
cb_job_rows_is_selected (GtkSelectionModel *model, guint position)
{
  return gtk_selection_model_is_selected (CB_JOB_ROWS (model)->jobs, position);
}

static GtkBitset *
cb_job_rows_get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  return gtk_selection_model_get_selection_in_range (CB_JOB_ROWS (model)->jobs, position, n_items);
}

static gboolean
cb_job_rows_select_item (GtkSelectionModel *model, guint position, gboolean unselect_rest)
{
  return gtk_selection_model_select_item (CB_JOB_ROWS (model)->jobs, position, unselect_rest);
}

static gboolean
cb_job_rows_unselect_item (GtkSelectionModel *model, guint position)
{
  return gtk_selection_model_unselect_item (CB_JOB_ROWS (model)->jobs, position);
}

static gboolean
cb_job_rows_select_range (GtkSelectionModel *model, guint position, guint n_items, gboolean unselect_rest)
{
  return gtk_selection_model_select_range (CB_JOB_ROWS (model)->jobs, position, n_items, unselect_rest);
}

static gboolean
cb_job_rows_unselect_range (GtkSelectionModel *model, guint position, guint n_items)
{
  return gtk_selection_model_unselect_range (CB_JOB_ROWS (model)->jobs, position, n_items);
}

static gboolean
cb_job_rows_select_all (GtkSelectionModel *model)
{
  return gtk_selection_model_select_all (CB_JOB_ROWS (model)->jobs);
}

static gboolean
cb_job_rows_unselect_all (GtkSelectionModel *model)
{
  return gtk_selection_model_unselect_all (CB_JOB_ROWS (model)->jobs);
}

static gboolean
cb_job_rows_set_selection (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  return gtk_selection_model_set_selection (CB_JOB_ROWS (model)->jobs, selected, mask);
}

static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = cb_job_rows_is_selected;
  iface->get_selection_in_range = cb_job_rows_get_selection_in_range;
  iface->select_item = cb_job_rows_select_item;
  iface->unselect_item = cb_job_rows_unselect_item;
  iface->select_range = cb_job_rows_select_range;
  iface->unselect_range = cb_job_rows_unselect_range;
  iface->select_all = cb_job_rows_select_all;
  iface->unselect_all = cb_job_rows_unselect_all;
  iface->set_selection = cb_job_rows_set_selection;
}

/* ---- object ---- */

static void
cb_job_rows_finalize (GObject *object)
{
  CbJobRows *self = CB_JOB_ROWS (object);

  /* They may outlive this. */
  while (self->known->len > 0)
    leave (g_ptr_array_index (self->known, self->known->len - 1));
  g_ptr_array_unref (self->known);
  g_ptr_array_unref (self->spare);
  g_clear_object (&self->jobs);

  G_OBJECT_CLASS (cb_job_rows_parent_class)->finalize (object);
}

static void
cb_job_rows_class_init (CbJobRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_job_rows_finalize;
}

static void
cb_job_rows_init (CbJobRows *self)
{
  self->limit = G_MAXUINT;
  self->known = g_ptr_array_new ();
  self->spare = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * cb_job_rows_new:
 * @jobs: a selection of #CbJob items
 *
 * Asking for an item costs a look at those that somebody holds, some two hundred for a view.
 *
 * Returns: (transfer full): a model of #CbJobRow items of which the selection is that of @jobs
 */
CbJobRows *
cb_job_rows_new (GtkSelectionModel *jobs)
{
  CbJobRows *self;

  g_return_val_if_fail (GTK_IS_SELECTION_MODEL (jobs), NULL);

  self = g_object_new (CB_TYPE_JOB_ROWS, NULL);
  self->jobs = g_object_ref (jobs);
  self->n_rows = count_rows (self);
  g_signal_connect_object (jobs, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jobs, "selection-changed", G_CALLBACK (selection_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

/**
 * cb_job_rows_set_limit:
 * @limit: how many rows there are at most; %G_MAXUINT for all
 *
 * The selection, and positions in it, are not limited.
 */
void
cb_job_rows_set_limit (CbJobRows *self, guint limit)
{
  guint before, after;

  g_return_if_fail (CB_IS_JOB_ROWS (self));

  if (self->limit == limit)
    return;

  before = self->n_rows;
  self->limit = limit;
  self->n_rows = after = count_rows (self);
  if (after > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, after - before);
  else if (after < before)
    g_list_model_items_changed (G_LIST_MODEL (self), after, before - after, 0);
}
