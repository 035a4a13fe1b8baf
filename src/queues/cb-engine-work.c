/* cb-engine-work.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engine-private.h"

#include <string.h>

#include "cb-json.h"

/*
 * The calls of workers. Whoever claimed a job has the record that cb_engine_claim_finish() gave, and shows it with every
 * further call; when the job was taken away since (put back by a person, failed by another's ttl scan, leased to somebody
 * else), the call answers NOT_OWNER, when it was removed GONE, and changes nothing.
 */

/* CAN_WORK promises all of them. */
static gboolean
can_work (CbEngine            *self,
          gpointer             vfunc,
          gpointer             source_tag,
          GAsyncReadyCallback  callback,
          gpointer             user_data)
{
  if (vfunc != NULL && (cb_engine_get_capabilities (self) & CB_ENGINE_CAN_WORK) != 0)
    return TRUE;

  cb_engine_report_not_supported (self, "be worked by Callboard", source_tag, callback, user_data);
  return FALSE;
}

static GError *
check_json (GBytes     *bytes,
            const char *what)
{
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize size;

  if (bytes == NULL)
    return NULL;

  text = g_bytes_get_data (bytes, &size);
  if (cb_json_check (text != NULL ? text : "", size, &error))
    return NULL;

  return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "%s not valid JSON. %s", what, error->message);
}

/**
 * cb_engine_wait_async:
 * @timeout_msec: the longest to wait
 *
 * Waits until there may be something to claim from @queue. It takes nothing, so several can wait and a crash loses nothing.
 */
void
cb_engine_wait_async (CbEngine            *self,
                      const char          *queue,
                      guint                timeout_msec,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (queue != NULL);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->wait, cb_engine_wait_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->wait (self, queue, timeout_msec, cancellable, callback, user_data);
}

/**
 * cb_engine_wait_finish:
 *
 * Returns: %TRUE when it is worth a claim; %FALSE without an error when the time is over
 */
gboolean
cb_engine_wait_finish (CbEngine     *self,
                       GAsyncResult *result,
                       GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_can_wait_claim:
 *
 * Returns: whether cb_engine_wait_claim_async() may be called
 */
gboolean
cb_engine_can_wait_claim (CbEngine *self)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), FALSE);

  return CB_ENGINE_GET_CLASS (self)->wait_claim != NULL;
}

/**
 * cb_engine_wait_claim_async:
 * @worker: names the slot, as for cb_engine_claim_async()
 * @lease_msec: how long the claim lasts without cb_engine_extend_async()
 * @timeout_msec: the longest to wait
 *
 * The same as cb_engine_wait_async(), and takes the job that ended the wait in the same round trip.
 *
 * A job that comes in the moment of a cancellation is put back before this ends: it takes as long as the server needs to say that
 * there is none, half a second at most.
 */
void
cb_engine_wait_claim_async (CbEngine            *self,
                            const char          *queue,
                            const char          *worker,
                            guint                lease_msec,
                            guint                timeout_msec,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (queue != NULL && worker != NULL);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->wait_claim, cb_engine_wait_claim_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->wait_claim (self, queue, worker, lease_msec, timeout_msec, cancellable, callback, user_data);
}

/**
 * cb_engine_wait_claim_finish:
 * @job: (out) (transfer full) (nullable): the job that was taken; others may wait
 *
 * Returns: %TRUE when it is worth a claim; %FALSE without an error when the time is over
 */
gboolean
cb_engine_wait_claim_finish (CbEngine      *self,
                             GAsyncResult  *result,
                             CbJobRecord  **job,
                             GError       **error)
{
  CbWaitClaim *claim;
  gboolean woken;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (job != NULL, FALSE);

  *job = NULL;
  claim = g_task_propagate_pointer (G_TASK (result), error);
  if (claim == NULL)
    return FALSE;

  *job = g_steal_pointer (&claim->job);
  woken = claim->woken;
  cb_wait_claim_free (claim);

  return woken;
}

void
cb_wait_claim_free (CbWaitClaim *self)
{
  g_clear_pointer (&self->job, cb_job_record_unref);
  g_free (self);
}

/**
 * cb_engine_claim_async:
 * @worker: names the slot; is written into the job
 * @lease_msec: how long the claim lasts without cb_engine_extend_async()
 *
 * Takes the first waiting job of @queue and makes it active, in one step.
 *
 * A job that can't be read (no JSON) is failed in the same step, with an error that says why, and the next is tried.
 */
void
cb_engine_claim_async (CbEngine            *self,
                       const char          *queue,
                       const char          *worker,
                       guint                lease_msec,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (queue != NULL);
  g_return_if_fail (worker != NULL);
  g_return_if_fail (lease_msec > 0);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->claim, cb_engine_claim_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->claim (self, queue, worker, lease_msec, cancellable, callback, user_data);
}

/**
 * cb_engine_claim_finish:
 *
 * Returns: (transfer full) (nullable): the job, which carries the claim; %NULL without an error when nothing waits
 */
CbJobRecord *
cb_engine_claim_finish (CbEngine     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_progress_async:
 * @percent: is brought into 0 to 100
 * @data: (nullable): JSON
 */
void
cb_engine_progress_async (CbEngine            *self,
                          CbJobRecord         *job,
                          int                  percent,
                          GBytes              *data,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GError *error;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);

  if (!can_work (self, CB_ENGINE_GET_CLASS (self)->progress, cb_engine_progress_async, callback, user_data))
    return;

  error = check_json (data, "The data of the progress are");
  if (!cb_engine_report_error (self, error, cb_engine_progress_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->progress (self, job, CLAMP (percent, 0, 100), data, cancellable, callback, user_data);
}

gboolean
cb_engine_progress_finish (CbEngine     *self,
                           GAsyncResult *result,
                           GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_log_async:
 * @line: any bytes but NUL; may hold line breaks; several entries of the log, in their order, with a NUL between them
 * @length: in bytes; -1 when @line ends with NUL
 */
void
cb_engine_log_async (CbEngine            *self,
                     CbJobRecord         *job,
                     const char          *line,
                     gssize               length,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);
  g_return_if_fail (line != NULL);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->log, cb_engine_log_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->log (self, job, line, length < 0 ? (gssize) strlen (line) : length,
                                     cancellable, callback, user_data);
}

gboolean
cb_engine_log_finish (CbEngine     *self,
                      GAsyncResult *result,
                      GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_complete_async:
 * @result_json: (nullable): JSON
 */
void
cb_engine_complete_async (CbEngine            *self,
                          CbJobRecord         *job,
                          GBytes              *result_json,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GError *error;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);

  if (!can_work (self, CB_ENGINE_GET_CLASS (self)->complete, cb_engine_complete_async, callback, user_data))
    return;

  error = check_json (result_json, "The result is");
  if (!cb_engine_report_error (self, error, cb_engine_complete_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->complete (self, job, result_json, cancellable, callback, user_data);
}

gboolean
cb_engine_complete_finish (CbEngine     *self,
                           GAsyncResult *result,
                           GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_fail_async:
 * @message: what went wrong, for people
 * @stack: (nullable): several lines, where it went wrong; its first line goes to the log
 */
void
cb_engine_fail_async (CbEngine            *self,
                      CbJobRecord         *job,
                      const char          *message,
                      const char          *stack,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);
  g_return_if_fail (message != NULL);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->fail, cb_engine_fail_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->fail (self, job, message, stack, cancellable, callback, user_data);
}

/**
 * cb_engine_fail_with_async:
 * @wish: what the one who failed asks for: not to be tried again before a time, or never
 *
 * As cb_engine_fail_async(), whose _finish() it has. A wish for later delays a job that has attempts left, also one that would
 * be tried at once; it never makes the wait shorter than the job's own back-off, and changes nothing of that for further failures.
 */
void
cb_engine_fail_with_async (CbEngine            *self,
                           CbJobRecord         *job,
                           const char          *message,
                           const char          *stack,
                           const CbRetryWish   *wish,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);
  g_return_if_fail (message != NULL);
  g_return_if_fail (wish != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->fail_with == NULL)
    cb_engine_fail_async (self, job, message, stack, cancellable, callback, user_data);
  else if (can_work (self, klass->fail_with, cb_engine_fail_with_async, callback, user_data))
    klass->fail_with (self, job, message, stack, wish, cancellable, callback, user_data);
}

/**
 * cb_engine_fail_finish:
 * @will_retry: (out) (optional): whether attempts are left, so that it runs again
 *
 * Returns: whether the failure was written
 */
gboolean
cb_engine_fail_finish (CbEngine     *self,
                       GAsyncResult *result,
                       gboolean     *will_retry,
                       GError      **error)
{
  gssize answer;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  answer = g_task_propagate_int (G_TASK (result), error);
  if (answer < 0)
    return FALSE;

  if (will_retry != NULL)
    *will_retry = answer > 0;
  return TRUE;
}

/**
 * cb_engine_expire_async:
 *
 * Answers an event `ttl exceeded` for a job that is held here: fails it with the message `TTL exceeded` and tells whoever
 * asked that its owner has done so. An engine where nobody asks just fails it.
 */
void
cb_engine_expire_async (CbEngine            *self,
                        CbJobRecord         *job,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (!can_work (self, klass->fail, cb_engine_expire_async, callback, user_data))
    return;

  if (klass->expire != NULL)
    klass->expire (self, job, cancellable, callback, user_data);
  else
    klass->fail (self, job, "TTL exceeded", NULL, cancellable, callback, user_data);
}

/**
 * cb_engine_expire_finish:
 * @will_retry: (out) (optional): whether attempts are left, so that it runs again
 *
 * Returns: whether the failure was written
 */
gboolean
cb_engine_expire_finish (CbEngine     *self,
                         GAsyncResult *result,
                         gboolean     *will_retry,
                         GError      **error)
{
  return cb_engine_fail_finish (self, result, will_retry, error);
}

/**
 * cb_engine_release_async:
 *
 * Puts a claimed job back where it waited, as if it had not been claimed: no attempt is counted.
 */
void
cb_engine_release_async (CbEngine            *self,
                         CbJobRecord         *job,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (job != NULL);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->release, cb_engine_release_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->release (self, job, cancellable, callback, user_data);
}

gboolean
cb_engine_release_finish (CbEngine     *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_can_claim_ahead:
 *
 * Returns: whether cb_engine_turn_async() may be asked for jobs ahead
 */
gboolean
cb_engine_can_claim_ahead (CbEngine *self)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), FALSE);

  return CB_ENGINE_GET_CLASS (self)->turn != NULL && CB_ENGINE_GET_CLASS (self)->begin != NULL;
}

/**
 * cb_engine_begin_async:
 * @jobs: (element-type CbJobRecord): claimed ahead
 *
 * Tells that these have been begun, for those which are not over at once: what it comes to tells that, too.
 */
void
cb_engine_begin_async (CbEngine            *self,
                       GPtrArray           *jobs,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (jobs != NULL && jobs->len > 0);

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->begin, cb_engine_begin_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->begin (self, jobs, cancellable, callback, user_data);
}

gboolean
cb_engine_begin_finish (CbEngine     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_engine_extend_async:
 * @jobs: (element-type CbJobRecord): claimed
 *
 * The heartbeat of a worker: makes the leases last @lease_msec from now, all in one round trip.
 */
void
cb_engine_extend_async (CbEngine            *self,
                        GPtrArray           *jobs,
                        guint                lease_msec,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (jobs != NULL);
  g_return_if_fail (lease_msec > 0);

  if (!can_work (self, CB_ENGINE_GET_CLASS (self)->extend, cb_engine_extend_async, callback, user_data))
    return;

  if (jobs->len == 0)
    {
      g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

      g_task_set_source_tag (task, cb_engine_extend_async);
      g_task_return_pointer (task, g_ptr_array_new_with_free_func (g_free), (GDestroyNotify) g_ptr_array_unref);
      return;
    }

  CB_ENGINE_GET_CLASS (self)->extend (self, jobs, lease_msec, cancellable, callback, user_data);
}

/**
 * cb_engine_extend_finish:
 *
 * Returns: (transfer full) (element-type utf8): the ids that are no longer ours; usually empty
 */
GPtrArray *
cb_engine_extend_finish (CbEngine     *self,
                         GAsyncResult *result,
                         GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_recover_async:
 * @self: an engine
 * @careful: whether to do nothing on a server that may have come back only just now
 * @cancellable: (nullable): a cancellable
 * @callback: called when it is done
 * @user_data: data for @callback
 *
 * Puts jobs back whose lease is over: their worker is dead. Jobs of workers without leases (Kue's own) are left alone.
 *
 * While the server was away nobody could renew a lease, so that a lease that is over proves nothing until the living have had
 * the time to be heard again. Whoever has been connected for that long knows; who has not is @careful.
 */
void
cb_engine_recover_async (CbEngine            *self,
                         gboolean             careful,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->recover, cb_engine_recover_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->recover (self, careful, cancellable, callback, user_data);
}

/**
 * cb_engine_recover_finish:
 *
 * Returns: how many jobs were put back; -1 on error
 */
int
cb_engine_recover_finish (CbEngine     *self,
                          GAsyncResult *result,
                          GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return g_task_propagate_int (G_TASK (result), error);
}

/**
 * cb_engine_tick_async:
 *
 * What has to be done about once a second while somebody works: delayed jobs that are due are promoted, active ones over
 * their time to live are failed.
 */
void
cb_engine_tick_async (CbEngine            *self,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));

  if (can_work (self, CB_ENGINE_GET_CLASS (self)->tick, cb_engine_tick_async, callback, user_data))
    CB_ENGINE_GET_CLASS (self)->tick (self, cancellable, callback, user_data);
}

/**
 * cb_engine_tick_finish:
 *
 * Returns: how many jobs were moved; -1 on error
 */
int
cb_engine_tick_finish (CbEngine     *self,
                       GAsyncResult *result,
                       GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return g_task_propagate_int (G_TASK (result), error);
}
