/* cb-engine-optional.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engine-private.h"

/*
 * Calls that only some engines can answer, and that the window does not need: what services and scripts were written
 * for, which know one queue library.
 */

/* Where an engine keeps a state in one order, the first is at its beginning. */
#define HEADS 100
/* And so many are looked at for the one that waits longest. */
#define BEGINNING 500

static void
got_beginning_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbJobPage) page = NULL;
  GPtrArray *heads;
  GError *error = NULL;

  page = cb_engine_page_finish (CB_ENGINE (source), result, &error);
  if (page == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  heads = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  for (guint i = 0; i < page->records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (page->records, i);

      if (!record->missing)
        g_ptr_array_add (heads, cb_job_record_ref (record));
    }
  g_task_return_pointer (task, heads, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * cb_engine_get_order:
 * @queue: (nullable): all queues
 * @state: (nullable): all states
 *
 * Returns: by what the jobs of that set come, read from its beginning
 */
CbJobOrder
cb_engine_get_order (CbEngine   *self,
                     const char *queue,
                     const char *state)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), CB_JOB_ORDER_NONE);

  if (CB_ENGINE_GET_CLASS (self)->get_order == NULL)
    return CB_JOB_ORDER_NONE;

  return CB_ENGINE_GET_CLASS (self)->get_order (self, queue, state);
}

/**
 * cb_engine_get_heads_async:
 * @queue: (nullable): %NULL for all
 * @state: the engine's word
 *
 * Reads a few jobs of which one comes first of that state, whatever it is ordered by.
 */
void
cb_engine_get_heads_async (CbEngine            *self,
                           const char          *queue,
                           const char          *state,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (state != NULL);

  if (CB_ENGINE_GET_CLASS (self)->get_heads != NULL)
    {
      CB_ENGINE_GET_CLASS (self)->get_heads (self, queue, state, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_engine_get_heads_async);
  cb_engine_page_async (self, queue, state, 0, HEADS, FALSE, cancellable, got_beginning_cb, task);
}

/**
 * cb_engine_get_heads_finish:
 *
 * Returns: (transfer full) (element-type CbJobRecord): none of them missing
 */
GPtrArray *
cb_engine_get_heads_finish (CbEngine      *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
got_first_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbJobPage) page = NULL;
  CbOldestJob *oldest;
  GError *error = NULL;

  page = cb_engine_page_finish (CB_ENGINE (source), result, &error);
  if (page == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  oldest = cb_oldest_job_new ();
  oldest->certain = page->total <= page->records->len;
  for (guint i = 0; i < page->records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (page->records, i);
      gint64 since = record->missing ? -1 : cb_job_record_get_waiting_since (record);

      if (since < 0 || (oldest->id != NULL && since >= oldest->since))
        continue;
      g_free (oldest->id);
      oldest->id = g_strdup (record->id);
      oldest->since = since;
    }
  g_task_return_pointer (task, oldest, (GDestroyNotify) cb_oldest_job_free);
}

/**
 * cb_engine_find_oldest_async:
 * @queue: (nullable): %NULL for all
 * @state: the engine's word
 *
 * Looks for the job of that state that waits longest, wherever it stands.
 */
void
cb_engine_find_oldest_async (CbEngine            *self,
                             const char          *queue,
                             const char          *state,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (state != NULL);

  if (CB_ENGINE_GET_CLASS (self)->find_oldest != NULL)
    {
      CB_ENGINE_GET_CLASS (self)->find_oldest (self, queue, state, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_engine_find_oldest_async);
  cb_engine_page_async (self, queue, state, 0, BEGINNING, FALSE, cancellable, got_first_cb, task);
}

/**
 * cb_engine_find_oldest_finish:
 *
 * Returns: (transfer full): without an id when none waits
 */
CbOldestJob *
cb_engine_find_oldest_finish (CbEngine      *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_search_async:
 * @words: what to look for; any text
 *
 * Looks for jobs by the words in their data, in the index that producers keep while they are told to. It changes nothing.
 */
void
cb_engine_search_async (CbEngine            *self,
                        const char          *words,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (words != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->search == NULL || (klass->capabilities & CB_ENGINE_CAN_SEARCH) == 0)
    cb_engine_report_not_supported (self, "search for words", cb_engine_search_async, callback, user_data);
  else
    klass->search (self, words, cancellable, callback, user_data);
}

/**
 * cb_engine_search_finish:
 *
 * Returns: (transfer full) (element-type utf8): ids, those in which the words occur most often first; also of jobs that are
 *   gone, where the index has not heard of it; empty when there is no index or no word in @words
 */
GPtrArray *
cb_engine_search_finish (CbEngine     *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_get_work_time_async:
 *
 * Asks how long all the runs took that were completed.
 */
void
cb_engine_get_work_time_async (CbEngine            *self,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));

  if (CB_ENGINE_GET_CLASS (self)->get_work_time == NULL)
    cb_engine_report_not_supported (self, "tell the working time", cb_engine_get_work_time_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->get_work_time (self, cancellable, callback, user_data);
}

/**
 * cb_engine_get_work_time_finish:
 * @work_time: (out): µs; -1 when nothing was counted yet
 *
 * For engines: the task returns a #gint64 from g_new(), freed by g_free().
 */
gboolean
cb_engine_get_work_time_finish (CbEngine     *self,
                                GAsyncResult *result,
                                gint64       *work_time,
                                GError      **error)
{
  g_autofree gint64 *found = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (work_time != NULL, FALSE);

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (found == NULL)
    return FALSE;

  *work_time = *found;
  return TRUE;
}

/**
 * cb_engine_get_setting_async:
 * @name: of the setting
 *
 * Asks for one of the free settings that programs keep beside their queues. It changes nothing.
 */
void
cb_engine_get_setting_async (CbEngine            *self,
                             const char          *name,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (name != NULL);

  if (CB_ENGINE_GET_CLASS (self)->get_setting == NULL)
    cb_engine_report_not_supported (self, "tell settings", cb_engine_get_setting_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->get_setting (self, name, cancellable, callback, user_data);
}

/**
 * cb_engine_get_setting_finish:
 *
 * For engines: the task returns a #GBytes, or %NULL.
 *
 * Returns: (transfer full) (nullable): what is set, byte for byte; %NULL without an error: nothing of that name
 */
GBytes *
cb_engine_get_setting_finish (CbEngine     *self,
                              GAsyncResult *result,
                              GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_set_state_async:
 * @state: the engine's word for it
 * @ids: ended by %NULL
 *
 * Moves each of these jobs by one atomic step into @state, from whatever state it is in. It is what a person wants who
 * knows better; nothing but the state changes, so that a job in `active` is not run by anybody, and one in `complete` has
 * neither result nor duration. Moving into the state a job has already leaves it as it is.
 */
void
cb_engine_set_state_async (CbEngine            *self,
                           const char          *state,
                           const char * const  *ids,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (state != NULL);
  g_return_if_fail (ids != NULL && ids[0] != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->set_state == NULL || (klass->capabilities & CB_ENGINE_CAN_SET_STATE) == 0)
    cb_engine_report_not_supported (self, "move jobs by hand", cb_engine_set_state_async, callback, user_data);
  else
    klass->set_state (self, state, ids, cancellable, callback, user_data);
}

/**
 * cb_engine_set_state_finish:
 *
 * Returns: (transfer full) (element-type CbJobOutcome): in the order of the ids, as of cb_engine_act_finish();
 *   %CB_QUEUE_ERROR_INVALID for a state that no job can be in
 */
GPtrArray *
cb_engine_set_state_finish (CbEngine     *self,
                            GAsyncResult *result,
                            GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_update_async:
 * @changes: (transfer none): what is to be different; the rest of the job stays as it is
 * @seen: (nullable) (transfer none): the job as it was read when the changes were thought of; %NULL to change it whatever
 *   became of it
 *
 * Changes a job by one atomic step. A delay is counted from now and makes a waiting job delayed, and a delayed one without
 * any waits; jobs that are finished keep their state. Of a job that runs neither the data nor the delay can be changed,
 * since its worker has read them; what the end of the run is decided by can.
 */
void
cb_engine_update_async (CbEngine            *self,
                        const char          *id,
                        const CbJobChanges  *changes,
                        const CbJobRecord   *seen,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbEngineClass *klass;
  GError *error = NULL;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (id != NULL);
  g_return_if_fail (changes != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->update == NULL || (klass->capabilities & CB_ENGINE_CAN_UPDATE) == 0)
    cb_engine_report_not_supported (self, "change jobs that are there", cb_engine_update_async, callback, user_data);
  else if (!cb_job_changes_check (changes, &error))
    cb_engine_report_error (self, error, cb_engine_update_async, callback, user_data);
  else
    klass->update (self, id, changes, seen, cancellable, callback, user_data);
}

/**
 * cb_engine_update_finish:
 * @state: (out) (optional) (transfer none): the state it is in now, interned
 *
 * Errors, with which nothing was changed: %CB_QUEUE_ERROR_GONE; %CB_QUEUE_ERROR_CHANGED when it was not as in `seen`;
 * %CB_QUEUE_ERROR_STATE for what can't be changed while it runs; %CB_QUEUE_ERROR_INVALID for changes that no job can have,
 * or not this one. With an error of the connection it may have been changed.
 *
 * For engines: the task returns the interned word for the state as its pointer, without a function that frees it.
 */
gboolean
cb_engine_update_finish (CbEngine      *self,
                         GAsyncResult  *result,
                         const char   **state,
                         GError       **error)
{
  const char *found;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  found = g_task_propagate_pointer (G_TASK (result), error);
  if (state != NULL)
    *state = found;
  return found != NULL;
}

void
cb_job_key_free (CbJobKey *self)
{
  g_return_if_fail (self != NULL);

  g_bytes_unref (self->name);
  g_free (self->member);
  g_free (self);
}

/**
 * cb_engine_list_job_keys:
 * @job: (transfer none): a job as it was read
 *
 * Names only: nobody is asked whether they are there.
 *
 * Returns: (transfer full) (nullable) (element-type CbJobKey): the keys that hold the job
 */
GPtrArray *
cb_engine_list_job_keys (CbEngine          *self,
                         const CbJobRecord *job)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);
  g_return_val_if_fail (job != NULL, NULL);

  return CB_ENGINE_GET_CLASS (self)->list_job_keys != NULL ? CB_ENGINE_GET_CLASS (self)->list_job_keys (self, job) : NULL;
}
