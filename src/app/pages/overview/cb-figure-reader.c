/* cb-figure-reader.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-figure-reader.h"

#define LEAST_INTERVAL (10 * G_USEC_PER_SEC)

typedef struct
{
  CbQueue *queue;             /* (owned) */
  gulong notify_id;
  CbQueueFigures *figures;    /* (owned) (nullable) */
  char *problem;              /* (owned) (nullable) */
  gboolean stale;
  gint64 read_at;             /* µs monotonic; 0: never */
} Entry;

struct _CbFigureReader
{
  GObject parent_instance;

  CbBoard *board;             /* (owned) */
  GHashTable *entries;        /* (owned) (element-type CbQueue Entry) */
  GCancellable *cancellable;  /* (owned) (nullable) of the read under way */
  guint timer_id;
  gboolean running;
};

G_DEFINE_FINAL_TYPE (CbFigureReader, cb_figure_reader, G_TYPE_OBJECT)

static guint changed_signal;

static void read_next (CbFigureReader *self);

static void
entry_free (Entry *entry)
{
  g_clear_signal_handler (&entry->notify_id, entry->queue);
  g_object_unref (entry->queue);
  g_clear_pointer (&entry->figures, cb_queue_figures_free);
  g_free (entry->problem);
  g_free (entry);
}

static void
counts_cb (Entry *entry)
{
  entry->stale = TRUE;
}

static void
queues_changed_cb (CbFigureReader *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  g_autoptr (GHashTable) there = g_hash_table_new (NULL, NULL);
  GHashTableIter iter;
  gpointer queue;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) item = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      Entry *entry;

      g_hash_table_add (there, item);
      if (g_hash_table_contains (self->entries, item))
        continue;
      entry = g_new0 (Entry, 1);
      entry->queue = g_object_ref (item);
      entry->stale = TRUE;
      entry->notify_id = g_signal_connect_swapped (item, "notify", G_CALLBACK (counts_cb), entry);
      g_hash_table_insert (self->entries, item, entry);
    }

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &queue, NULL))
    {
      if (!g_hash_table_contains (there, queue))
        g_hash_table_iter_remove (&iter);
    }
  if (self->running)
    read_next (self);
}

typedef struct
{
  GWeakRef reader;
  CbQueue *queue;             /* (owned) */
} Reading;

static void
got_figures_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Reading *reading = data;
  g_autoptr (CbFigureReader) self = g_weak_ref_get (&reading->reader);
  g_autoptr (CbQueue) queue = reading->queue;
  g_autoptr (GError) error = NULL;
  CbQueueFigures *figures = cb_queue_figures_read_finish (CB_ENGINE (source), result, &error);
  Entry *entry;

  g_weak_ref_clear (&reading->reader);
  g_free (reading);
  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_pointer (&figures, cb_queue_figures_free);
      return;
    }

  g_clear_object (&self->cancellable);
  entry = g_hash_table_lookup (self->entries, queue);
  if (entry == NULL)
    {
      g_clear_pointer (&figures, cb_queue_figures_free);
      read_next (self);
      return;
    }

  /* What was read before is better than nothing, when the connection was lost. */
  if (figures != NULL)
    {
      g_clear_pointer (&entry->figures, cb_queue_figures_free);
      entry->figures = figures;
    }
  g_free (entry->problem);
  entry->problem = error != NULL ? g_strdup (error->message) : NULL;
  g_signal_emit (self, changed_signal, 0, queue);
  if (self->running)
    read_next (self);
}

/* The one that was read least recently of those that are due. */
static void
read_next (CbFigureReader *self)
{
  gint64 now = g_get_monotonic_time ();
  Entry *next = NULL;
  GHashTableIter iter;
  gpointer value;
  Reading *reading;

  if (!self->running || self->cancellable != NULL)
    return;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (entry->stale && (entry->read_at == 0 || now - entry->read_at >= LEAST_INTERVAL) &&
          (next == NULL || entry->read_at < next->read_at))
        next = entry;
    }
  if (next == NULL)
    return;

  next->stale = FALSE;
  next->read_at = now;
  reading = g_new0 (Reading, 1);
  g_weak_ref_init (&reading->reader, self);
  reading->queue = g_object_ref (next->queue);
  self->cancellable = g_cancellable_new ();
  cb_queue_figures_read_async (cb_queue_get_engine (next->queue), cb_queue_get_name (next->queue), CB_QUEUE_FIGURES_SAMPLE,
                               self->cancellable, got_figures_cb, reading);
}

static gboolean
timer_cb (gpointer data)
{
  read_next (data);
  return G_SOURCE_CONTINUE;
}

static void
cb_figure_reader_dispose (GObject *object)
{
  CbFigureReader *self = CB_FIGURE_READER (object);

  cb_figure_reader_set_running (self, FALSE);
  g_hash_table_remove_all (self->entries);
  g_clear_object (&self->board);

  G_OBJECT_CLASS (cb_figure_reader_parent_class)->dispose (object);
}

static void
cb_figure_reader_finalize (GObject *object)
{
  g_hash_table_unref (CB_FIGURE_READER (object)->entries);

  G_OBJECT_CLASS (cb_figure_reader_parent_class)->finalize (object);
}

static void
cb_figure_reader_class_init (CbFigureReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_figure_reader_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_figure_reader_finalize;

  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 CB_TYPE_QUEUE);
}

static void
cb_figure_reader_init (CbFigureReader *self)
{
  self->entries = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) entry_free);
}

CbFigureReader *
cb_figure_reader_new (CbBoard *board)
{
  CbFigureReader *self;

  g_return_val_if_fail (CB_IS_BOARD (board), NULL);

  self = g_object_new (CB_TYPE_FIGURE_READER, NULL);
  self->board = g_object_ref (board);
  g_signal_connect_object (board, "items-changed", G_CALLBACK (queues_changed_cb), self, G_CONNECT_SWAPPED);
  queues_changed_cb (self);
  return self;
}

void
cb_figure_reader_set_running (CbFigureReader *self, gboolean running)
{
  g_return_if_fail (CB_IS_FIGURE_READER (self));

  if (self->running == running)
    return;

  self->running = running;
  if (running)
    {
      self->timer_id = g_timeout_add_seconds (1, timer_cb, self);
      read_next (self);
    }
  else
    {
      g_clear_handle_id (&self->timer_id, g_source_remove);
      if (self->cancellable != NULL)
        g_cancellable_cancel (self->cancellable);
      g_clear_object (&self->cancellable);
    }
}

void
cb_figure_reader_refresh (CbFigureReader *self)
{
  GHashTableIter iter;
  gpointer value;

  g_return_if_fail (CB_IS_FIGURE_READER (self));

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ((Entry *) value)->stale = TRUE;
      ((Entry *) value)->read_at = 0;
    }
  read_next (self);
}

const CbQueueFigures *
cb_figure_reader_get (CbFigureReader *self, CbQueue *queue)
{
  Entry *entry;

  g_return_val_if_fail (CB_IS_FIGURE_READER (self), NULL);

  entry = g_hash_table_lookup (self->entries, queue);
  return entry != NULL ? entry->figures : NULL;
}

const char *
cb_figure_reader_get_problem (CbFigureReader *self, CbQueue *queue)
{
  Entry *entry;

  g_return_val_if_fail (CB_IS_FIGURE_READER (self), NULL);

  entry = g_hash_table_lookup (self->entries, queue);
  return entry != NULL ? entry->problem : NULL;
}
