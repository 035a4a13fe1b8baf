/* cb-job-selection.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-selection.h"

/* In one change; asking for more would make the list read what nobody looks at. */
#define MOST_FOUND 500
/* Of those that have left; they are let go of together. */
#define MOST_STALE 1000

struct _CbJobSelection
{
  GObject parent_instance;

  GListModel *model;          /* (owned) (nullable) */
  GtkBitset *selected;        /* (owned) */
  GHashTable *held;           /* (owned) (element-type GObject): those selected, and some that have left; empty when not is_held */
  gboolean is_held;
};

static void list_model_init (GListModelInterface *iface);
static void selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbJobSelection, cb_job_selection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL, selection_model_init))

/* ---- which jobs ---- */

static void
hold (CbJobSelection *self, guint position)
{
  gpointer job = g_list_model_get_item (self->model, position);

  if (job != NULL)
    g_hash_table_add (self->held, job);
}

static void
hold_all (CbJobSelection *self)
{
  GtkBitsetIter iter;
  guint position;
  g_autoptr (GHashTable) before = g_steal_pointer (&self->held);

  self->held = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->is_held = gtk_bitset_get_size (self->selected) <= CB_JOB_SELECTION_MOST_HELD;
  if (!self->is_held)
    return;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, self->selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    hold (self, position);
}

/* @changes: those that are selected now and were not, or the other way round */
static void
hold_changes (CbJobSelection *self, GtkBitset *changes)
{
  GtkBitsetIter iter;
  guint position;

  if (!self->is_held || gtk_bitset_get_size (self->selected) > CB_JOB_SELECTION_MOST_HELD)
    {
      hold_all (self);
      return;
    }

  for (gboolean more = gtk_bitset_iter_init_first (&iter, changes, &position); more; more = gtk_bitset_iter_next (&iter, &position))
    {
      if (gtk_bitset_contains (self->selected, position))
        {
          hold (self, position);
        }
      else
        {
          g_autoptr (GObject) job = g_list_model_get_item (self->model, position);

          g_hash_table_remove (self->held, job);
        }
    }
}

static void
items_changed_cb (CbJobSelection *self, guint position, guint n_removed, guint n_added)
{
  gboolean left = n_removed > 0 && gtk_bitset_get_size_in_range (self->selected, position, position + n_removed - 1) > 0;

  gtk_bitset_splice (self->selected, position, n_removed, n_added);
  if (left && self->is_held)
    {
      for (guint i = 0; i < MIN (n_added, MOST_FOUND); i++)
        {
          g_autoptr (GObject) job = g_list_model_get_item (self->model, position + i);

          if (g_hash_table_contains (self->held, job))
            gtk_bitset_add (self->selected, position + i);
        }
      if (g_hash_table_size (self->held) > gtk_bitset_get_size (self->selected) + MOST_STALE || gtk_bitset_is_empty (self->selected))
        hold_all (self);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
}

/* ---- the model ---- */

static GType
cb_job_selection_get_item_type (GListModel *model)
{
  CbJobSelection *self = CB_JOB_SELECTION (model);

  return self->model != NULL ? g_list_model_get_item_type (self->model) : G_TYPE_OBJECT;
}

static guint
cb_job_selection_get_n_items (GListModel *model)
{
  CbJobSelection *self = CB_JOB_SELECTION (model);

  return self->model != NULL ? g_list_model_get_n_items (self->model) : 0;
}

static gpointer
cb_job_selection_get_item (GListModel *model, guint position)
{
  CbJobSelection *self = CB_JOB_SELECTION (model);

  return self->model != NULL ? g_list_model_get_item (self->model, position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = cb_job_selection_get_item_type;
  iface->get_n_items = cb_job_selection_get_n_items;
  iface->get_item = cb_job_selection_get_item;
}

/* ---- the selection ---- */

static gboolean
cb_job_selection_is_selected (GtkSelectionModel *model, guint position)
{
  return gtk_bitset_contains (CB_JOB_SELECTION (model)->selected, position);
}

static GtkBitset *
cb_job_selection_get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  return gtk_bitset_ref (CB_JOB_SELECTION (model)->selected);
}

static gboolean
cb_job_selection_set_selection (GtkSelectionModel *model, GtkBitset *selected, GtkBitset *mask)
{
  CbJobSelection *self = CB_JOB_SELECTION (model);
  guint n = cb_job_selection_get_n_items (G_LIST_MODEL (model));
  g_autoptr (GtkBitset) all = gtk_bitset_new_range (0, n);
  g_autoptr (GtkBitset) after = gtk_bitset_copy (selected);
  g_autoptr (GtkBitset) changes = gtk_bitset_copy (self->selected);
  guint from;

  gtk_bitset_intersect (after, mask);
  gtk_bitset_intersect (after, all);
  {
    g_autoptr (GtkBitset) kept = gtk_bitset_copy (self->selected);

    gtk_bitset_subtract (kept, mask);
    gtk_bitset_union (after, kept);
  }
  gtk_bitset_difference (changes, after);
  if (gtk_bitset_is_empty (changes))
    return TRUE;

  /* Whoever has the one of before keeps it as it was. */
  gtk_bitset_unref (self->selected);
  self->selected = g_steal_pointer (&after);
  hold_changes (self, changes);
  from = gtk_bitset_get_minimum (changes);
  gtk_selection_model_selection_changed (model, from, gtk_bitset_get_maximum (changes) - from + 1);
  return TRUE;
}

/* What else there is to it GTK makes of these. */
static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = cb_job_selection_is_selected;
  iface->get_selection_in_range = cb_job_selection_get_selection_in_range;
  iface->set_selection = cb_job_selection_set_selection;
}

/* ---- object ---- */

static void
clear_model (CbJobSelection *self)
{
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_func (self->model, items_changed_cb, self);
  g_clear_object (&self->model);
}

static void
cb_job_selection_dispose (GObject *object)
{
  clear_model (CB_JOB_SELECTION (object));

  G_OBJECT_CLASS (cb_job_selection_parent_class)->dispose (object);
}

static void
cb_job_selection_finalize (GObject *object)
{
  CbJobSelection *self = CB_JOB_SELECTION (object);

  gtk_bitset_unref (self->selected);
  g_hash_table_unref (self->held);

  G_OBJECT_CLASS (cb_job_selection_parent_class)->finalize (object);
}

static void
cb_job_selection_class_init (CbJobSelectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_job_selection_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_job_selection_finalize;
}

static void
cb_job_selection_init (CbJobSelection *self)
{
  self->selected = gtk_bitset_new_empty ();
  self->held = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->is_held = TRUE;
}

CbJobSelection *
cb_job_selection_new (void)
{
  return g_object_new (CB_TYPE_JOB_SELECTION, NULL);
}

void
cb_job_selection_set_model (CbJobSelection *self, GListModel *model)
{
  guint n_before, n_after;

  g_return_if_fail (CB_IS_JOB_SELECTION (self));

  if (self->model == model)
    return;

  n_before = cb_job_selection_get_n_items (G_LIST_MODEL (self));
  clear_model (self);
  gtk_bitset_unref (self->selected);
  self->selected = gtk_bitset_new_empty ();
  hold_all (self);
  if (model != NULL)
    {
      self->model = g_object_ref (model);
      g_signal_connect_object (model, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED);
    }
  n_after = cb_job_selection_get_n_items (G_LIST_MODEL (self));
  if (n_before > 0 || n_after > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, n_after);
}
