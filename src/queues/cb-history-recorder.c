/* cb-history-recorder.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-history-recorder.h"

#include <string.h>

#define UPDATE_SECONDS 5
#define SAVE_SECONDS 60
/* Between two updates that lie further apart this computer slept, and nobody watched. */
#define MOST_GAP (15 * (gint64) G_USEC_PER_SEC)

struct _CbHistoryRecorder
{
  GObject     parent_instance;

  CbBoard    *board;            /* (owned) */
  CbHistory  *history;          /* (owned) */
  GPtrArray  *engines;          /* (owned) (element-type CbEngine) those whose events are heard */
  gint64      updated_at;       /* µs since 1970, of the last update while somebody watched; -1 */
  guint       update_id;
  guint       save_id;
  gboolean    loaded;
  gboolean    changed;          /* since the last save */
  gboolean    stopped;

  /* Where there are no events. */
  gboolean    sums_known;
  gint64      total;
  gint64      complete;
  gint64      failed;
};

G_DEFINE_FINAL_TYPE (CbHistoryRecorder, cb_history_recorder, G_TYPE_OBJECT)

static gboolean
is_live (CbHistoryRecorder *self)
{
  gboolean live;

  g_object_get (self->board, "live", &live, NULL);

  return live;
}

/* Whether the counts of the board are those of now. */
static gboolean
is_watching (CbHistoryRecorder *self)
{
  g_autoptr (CbConnection) connection = NULL;
  g_autofree char *problem = NULL;
  gboolean loading;

  g_object_get (self->board, "connection", &connection, "loading", &loading, "problem", &problem, NULL);

  return !loading && problem == NULL &&
         (connection == NULL || cb_connection_get_state (connection) == CB_CONNECTION_READY);
}

static void
record (CbHistoryRecorder *self,
        CbHistoryKind      kind,
        guint              n)
{
  if (n == 0)
    return;

  cb_history_add (self->history, kind, n, g_get_real_time ());
  self->changed = TRUE;
}

static void
event_cb (CbHistoryRecorder *self,
          CbJobEvent        *event)
{
  if (strcmp (event->name, "enqueue") == 0)
    record (self, CB_HISTORY_QUEUED, 1);
  else if (strcmp (event->name, "complete") == 0)
    record (self, CB_HISTORY_COMPLETE, 1);
  else if (strcmp (event->name, "failed") == 0)
    record (self, CB_HISTORY_FAILED, 1);
  else if (strcmp (event->name, "failed attempt") == 0)
    record (self, CB_HISTORY_RETRIED, 1);
}

static void
engines_changed_cb (CbHistoryRecorder *self)
{
  GListModel *engines = cb_board_get_engines (self->board);
  guint n = g_list_model_get_n_items (engines);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbEngine) engine = g_list_model_get_item (engines, i);

      if (g_ptr_array_find (self->engines, engine, NULL))
        continue;
      g_signal_connect_object (engine, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
      g_ptr_array_add (self->engines, g_object_ref (engine));
    }
}

/* --- without events --- */

static guint
get_rise (gint64 before,
          gint64 after)
{
  return (guint) CLAMP (after - before, 0, G_MAXUINT);
}

static void
compare_sums (CbHistoryRecorder *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  gint64 total = 0, complete = 0, failed = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      gint64 of_queue, done, wrong;

      g_object_get (queue, "total", &of_queue, "complete", &done, "failed", &wrong, NULL);
      /* A sum that misses a queue would be taken for a fall, and then for a rise. */
      if (of_queue < 0 || done < 0 || wrong < 0)
        {
          self->sums_known = FALSE;
          return;
        }
      total += of_queue;
      complete += done;
      failed += wrong;
    }

  if (self->sums_known)
    {
      record (self, CB_HISTORY_QUEUED, get_rise (self->total, total));
      record (self, CB_HISTORY_COMPLETE, get_rise (self->complete, complete));
      record (self, CB_HISTORY_FAILED, get_rise (self->failed, failed));
    }
  self->total = total;
  self->complete = complete;
  self->failed = failed;
  self->sums_known = TRUE;
}

/**
 * cb_history_recorder_update:
 *
 * Takes down that it was watched until now. It does so by itself each few seconds.
 */
void
cb_history_recorder_update (CbHistoryRecorder *self)
{
  gint64 now = g_get_real_time ();
  gboolean live;

  g_return_if_fail (CB_IS_HISTORY_RECORDER (self));

  if (self->stopped)
    return;

  live = is_live (self);
  if (!live && !is_watching (self))
    {
      self->updated_at = -1;
      self->sums_known = FALSE;
      return;
    }

  if (live)
    self->sums_known = FALSE;
  else
    compare_sums (self);

  if (self->updated_at > 0 && now > self->updated_at && now - self->updated_at < MOST_GAP)
    {
      cb_history_add_watched (self->history, self->updated_at, now);
      self->changed = TRUE;
    }
  self->updated_at = now;
}

static gboolean
update_cb (gpointer data)
{
  cb_history_recorder_update (data);

  return G_SOURCE_CONTINUE;
}

/* --- the file --- */

static void
saved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GError) error = NULL;

  if (!cb_history_save_finish (CB_HISTORY (source), result, &error))
    g_debug ("The history is not kept: %s", error->message);
}

static gboolean
save_cb (gpointer data)
{
  CbHistoryRecorder *self = data;

  if (self->changed && self->loaded)
    {
      self->changed = FALSE;
      cb_history_save_async (self->history, NULL, saved_cb, NULL);
    }

  return G_SOURCE_CONTINUE;
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (CbHistoryRecorder) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!cb_history_load_finish (CB_HISTORY (source), result, &error))
    g_debug ("%s", error->message);
  self->loaded = TRUE;
}

/* --- GObject --- */

static void
silence (CbHistoryRecorder *self)
{
  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_handle_id (&self->save_id, g_source_remove);
  for (guint i = 0; i < self->engines->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->engines, i), self);
  g_ptr_array_set_size (self->engines, 0);
  if (self->board != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->board, self);
      g_signal_handlers_disconnect_by_data (cb_board_get_engines (self->board), self);
    }
}

static void
cb_history_recorder_dispose (GObject *object)
{
  CbHistoryRecorder *self = CB_HISTORY_RECORDER (object);

  silence (self);
  g_clear_object (&self->board);
  g_clear_object (&self->history);

  G_OBJECT_CLASS (cb_history_recorder_parent_class)->dispose (object);
}

static void
cb_history_recorder_finalize (GObject *object)
{
  g_ptr_array_unref (CB_HISTORY_RECORDER (object)->engines);

  G_OBJECT_CLASS (cb_history_recorder_parent_class)->finalize (object);
}

static void
cb_history_recorder_class_init (CbHistoryRecorderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_history_recorder_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_history_recorder_finalize;
}

static void
cb_history_recorder_init (CbHistoryRecorder *self)
{
  self->engines = g_ptr_array_new_with_free_func (g_object_unref);
  self->updated_at = -1;
}

/**
 * cb_history_recorder_new:
 *
 * Begins at once.
 */
CbHistoryRecorder *
cb_history_recorder_new (CbBoard   *board,
                         CbHistory *history)
{
  CbHistoryRecorder *self;

  g_return_val_if_fail (CB_IS_BOARD (board), NULL);
  g_return_val_if_fail (CB_IS_HISTORY (history), NULL);

  self = g_object_new (CB_TYPE_HISTORY_RECORDER, NULL);
  self->board = g_object_ref (board);
  self->history = g_object_ref (history);
  g_signal_connect_object (cb_board_get_engines (board), "items-changed", G_CALLBACK (engines_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (board, "notify::live", G_CALLBACK (cb_history_recorder_update), self, G_CONNECT_SWAPPED);
  engines_changed_cb (self);
  self->update_id = g_timeout_add_seconds (UPDATE_SECONDS, update_cb, self);
  self->save_id = g_timeout_add_seconds (SAVE_SECONDS, save_cb, self);
  cb_history_load_async (history, NULL, loaded_cb, g_object_ref (self));

  return self;
}

CbHistory *
cb_history_recorder_get_history (CbHistoryRecorder *self)
{
  g_return_val_if_fail (CB_IS_HISTORY_RECORDER (self), NULL);

  return self->history;
}

gboolean
cb_history_recorder_get_exact (CbHistoryRecorder *self)
{
  g_return_val_if_fail (CB_IS_HISTORY_RECORDER (self), FALSE);

  return is_live (self);
}

static void
stopped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (cb_history_save_finish (CB_HISTORY (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
cb_history_recorder_stop_async (CbHistoryRecorder   *self,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (CB_IS_HISTORY_RECORDER (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_history_recorder_stop_async);
  cb_history_recorder_update (self);
  self->stopped = TRUE;
  silence (self);
  /* What the file has is put to it there, so it does not matter whether it has been read by now. */
  cb_history_save_async (self->history, NULL, stopped_cb, task);
}

gboolean
cb_history_recorder_stop_finish (CbHistoryRecorder  *self,
                                 GAsyncResult       *result,
                                 GError            **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
