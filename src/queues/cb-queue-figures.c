/* cb-queue-figures.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-figures.h"

#define MOST_SAMPLE 500

static const guint percents[CB_N_PERCENTILES] = { 50, 95, 99 };

typedef struct
{
  char           *queue;      /* (owned) (nullable) */
  guint           sample;
  CbQueueFigures *figures;    /* (owned) (nullable) */
} Reading;

static void
reading_free (Reading *reading)
{
  g_free (reading->queue);
  g_clear_pointer (&reading->figures, cb_queue_figures_free);
  g_free (reading);
}

void
cb_queue_figures_free (CbQueueFigures *self)
{
  g_free (self->oldest_id);
  g_free (self);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/**
 * cb_percentile:
 * @percent: 1 to 100
 *
 * Returns: the smallest of the values that at least so many of a hundred don't exceed
 */
gint64
cb_percentile (GArray *values,
               guint   percent)
{
  g_return_val_if_fail (percent > 0 && percent <= 100, -1);

  if (values->len == 0)
    return -1;

  g_array_sort (values, compare);
  return g_array_index (values, gint64, (values->len * (gsize) percent + 99) / 100 - 1);
}

static const char *
get_state (CbEngine     *engine,
           CbJobMeaning  meaning)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == meaning)
        return states[i].name;
    }

  return NULL;
}

/* How long it waited; -1 where the times don't say: of a job that was tried again they are those of the last attempt. */
static gint64
get_wait (CbJobRecord *record)
{
  gint64 ready = MAX (record->created_at, record->promote_at);

  if (record->created_at < 0 || record->started_at < 0 || record->attempts_made > 1)
    return -1;

  return record->started_at >= ready ? record->started_at - ready : -1;
}

static gint64
get_run (CbJobRecord *record)
{
  if (record->duration >= 0)
    return record->duration;

  return record->started_at >= 0 && record->updated_at >= record->started_at ? record->updated_at - record->started_at : -1;
}

static void
got_page_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  CbQueueFigures *figures = reading->figures;
  g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) runs = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (CbJobPage) page = NULL;
  GError *error = NULL;

  page = cb_engine_page_finish (CB_ENGINE (source), result, &error);
  if (page == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  figures->n_complete = page->total;
  for (guint i = 0; i < page->records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (page->records, i);
      gint64 wait, run;

      if (record->missing)
        continue;
      figures->n_sample++;
      wait = get_wait (record);
      run = get_run (record);
      if (wait >= 0)
        g_array_append_val (waits, wait);
      if (run >= 0)
        g_array_append_val (runs, run);
    }

  figures->n_waits = waits->len;
  figures->n_runs = runs->len;
  for (guint i = 0; i < CB_N_PERCENTILES; i++)
    {
      figures->waits[i] = cb_percentile (waits, percents[i]);
      figures->runs[i] = cb_percentile (runs, percents[i]);
    }
  g_task_return_pointer (task, g_steal_pointer (&reading->figures), (GDestroyNotify) cb_queue_figures_free);
}

static void
got_oldest_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  g_autoptr (CbOldestJob) oldest = NULL;
  const char *state;
  GError *error = NULL;

  oldest = cb_engine_find_oldest_finish (CB_ENGINE (source), result, &error);
  if (oldest == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  reading->figures->oldest_id = g_steal_pointer (&oldest->id);
  reading->figures->oldest_since = oldest->since;
  reading->figures->oldest_certain = oldest->certain;

  state = get_state (CB_ENGINE (source), CB_JOB_MEANING_COMPLETE);
  if (state == NULL || reading->sample == 0)
    g_task_return_pointer (task, g_steal_pointer (&reading->figures), (GDestroyNotify) cb_queue_figures_free);
  else
    cb_engine_page_async (CB_ENGINE (source), reading->queue, state, 0, reading->sample, TRUE, g_task_get_cancellable (task),
                          got_page_cb, g_object_ref (task));
}

/**
 * cb_queue_figures_read_async:
 * @sample: 0: only what waits
 */
void
cb_queue_figures_read_async (CbEngine            *engine,
                             const char          *queue,
                             guint                sample,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task;
  Reading *reading;

  g_return_if_fail (CB_IS_ENGINE (engine));

  task = g_task_new (engine, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_queue_figures_read_async);
  reading = g_new0 (Reading, 1);
  reading->queue = g_strdup (queue);
  reading->sample = MIN (sample, MOST_SAMPLE);
  reading->figures = g_new0 (CbQueueFigures, 1);
  reading->figures->oldest_since = -1;
  for (guint i = 0; i < CB_N_PERCENTILES; i++)
    reading->figures->waits[i] = reading->figures->runs[i] = -1;
  g_task_set_task_data (task, reading, (GDestroyNotify) reading_free);

  cb_engine_find_oldest_async (engine, queue, get_state (engine, CB_JOB_MEANING_WAITING), cancellable, got_oldest_cb, task);
}

CbQueueFigures *
cb_queue_figures_read_finish (CbEngine      *engine,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, engine), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
