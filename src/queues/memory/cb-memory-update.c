/* cb-memory-update.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-engine-private.h"

/*
 * Changing a job that is there, and making it new: what the scripts update.lua and retry.lua of Kue's engine do.
 */

void
cb_memory_engine_make_new (CbMemoryJob *job)
{
  CbJobRecord *record = job->record;

  record->attempts_made = 0;
  record->progress = -1;
  record->started_at = record->failed_at = record->duration = -1;
  g_clear_pointer (&record->error, g_bytes_unref);
  g_clear_pointer (&record->result, g_bytes_unref);
  g_clear_pointer (&record->progress_data, g_bytes_unref);
  g_clear_pointer (&record->worker, g_free);
}

static GError *
check (CbMemoryJob        *job,
       const CbJobChanges *changes,
       const CbJobRecord  *seen)
{
  CbJobRecord *record = job->record;
  const char *fixed = NULL;

  if (seen != NULL && (seen->state != record->state || (seen->updated_at >= 0 && seen->updated_at != record->updated_at)))
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                        "Job %s was changed by somebody else since it was read and is %s now; nothing was changed. Read it again first",
                        record->id, record->state);

  if (changes->which & CB_JOB_CHANGE_DATA)
    fixed = "data";
  else if (changes->which & CB_JOB_CHANGE_DELAY)
    fixed = "delay";
  if (fixed != NULL && job->state == CB_MEMORY_ACTIVE)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE,
                        "Job %s is being run by %s, which has read the job already: its %s can’t be changed now", record->id,
                        record->worker, fixed);
  if ((changes->which & CB_JOB_CHANGE_ATTEMPTS) && changes->attempts < record->attempts_made)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                        "Job %s was tried %d times already, so it can’t have fewer attempts", record->id, record->attempts_made);

  return NULL;
}

static int
change_delay (CbMemoryJob        *job,
              const CbJobChanges *changes,
              gint64              now)
{
  CbJobRecord *record = job->record;
  gint64 delay = changes->due_at > 0 ? MAX (changes->due_at - now, 0) : changes->delay_msec * 1000;

  record->delay = delay > 0 ? delay : -1;
  if (job->state != CB_MEMORY_INACTIVE && job->state != CB_MEMORY_DELAYED)
    {
      if (delay > 0)
        record->promote_at = (record->failed_at >= 0 ? record->failed_at : record->created_at) + delay;
      return job->state;
    }

  if (delay > 0 || job->state == CB_MEMORY_DELAYED)
    record->promote_at = now + delay;
  return delay > 0 ? CB_MEMORY_DELAYED : CB_MEMORY_INACTIVE;
}

GError *
cb_memory_engine_change (CbMemoryEngine     *self,
                         const char         *id,
                         const CbJobChanges *changes,
                         const CbJobRecord  *seen)
{
  CbMemoryJob *job = cb_memory_store_find (self->store, id);
  gint64 now = cb_memory_engine_now (self);
  gint64 lease_until, ttl_until;
  GError *error;
  int state;

  error = job == NULL ? g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s (any more)", id)
                      : check (job, changes, seen);
  if (error != NULL)
    return error;

  state = job->state;
  lease_until = job->lease_until;
  ttl_until = job->ttl_until;
  if (changes->which & CB_JOB_CHANGE_DATA)
    {
      g_clear_pointer (&job->record->data, g_bytes_unref);
      job->record->data = g_bytes_ref (changes->data);
    }
  if (changes->which & CB_JOB_CHANGE_PRIORITY)
    job->record->priority = changes->priority;
  if (changes->which & CB_JOB_CHANGE_ATTEMPTS)
    job->record->attempts_max = changes->attempts;
  if (changes->which & CB_JOB_CHANGE_BACKOFF)
    {
      g_free (job->record->backoff);
      job->record->backoff = g_strdup (changes->backoff);
    }
  if (changes->which & CB_JOB_CHANGE_REMOVE_ON_COMPLETE)
    job->record->remove_on_complete = changes->remove_on_complete;
  if (changes->which & CB_JOB_CHANGE_TTL)
    {
      job->record->ttl = changes->ttl_msec > 0 ? changes->ttl_msec * 1000 : -1;
      ttl_until = changes->ttl_msec > 0 ? now + job->record->ttl : 0;
    }
  if (changes->which & CB_JOB_CHANGE_DELAY)
    state = change_delay (job, changes, now);

  if (state == CB_MEMORY_INACTIVE)
    {
      cb_memory_engine_enqueue (self, job);
    }
  else
    {
      job->record->updated_at = now;
      cb_memory_store_move (self->store, job, state);
    }
  if (state == CB_MEMORY_ACTIVE)
    {
      job->lease_until = lease_until;
      job->ttl_until = ttl_until;
    }

  return NULL;
}

void
cb_memory_engine_update (CbEngine            *engine,
                         const char          *id,
                         const CbJobChanges  *changes,
                         const CbJobRecord   *seen,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_update, cancellable, callback, user_data);
  GError *error;

  if (task == NULL)
    return;

  error = cb_memory_engine_change (self, id, changes, seen);
  if (error != NULL)
    cb_memory_engine_answer_error (self, task, error);
  else
    cb_memory_engine_answer (self, task, (gpointer) cb_memory_store_find (self->store, id)->record->state, NULL);
}
