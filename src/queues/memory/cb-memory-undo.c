/* cb-memory-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-engine-private.h"

/*
 * Capturing and putting back. There is no server, so what is captured stays in the engine, and a capture holds only the number
 * under which it is kept; of an engine that is gone nothing can be put back.
 */

#define MOST_KEPT 100000

typedef struct
{
  CbJobRecord *record;       /* (owned) */
  int          state;
  GPtrArray   *log;          /* (owned) (element-type GBytes) */
  gint64       lease_until;
  gint64       ttl_until;
  char        *sign;         /* (owned) */
} Kept;

static void
kept_free (Kept *kept)
{
  cb_job_record_unref (kept->record);
  g_ptr_array_unref (kept->log);
  g_free (kept->sign);
  g_free (kept);
}

static guint
hash_of (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_hash (bytes) : 0;
}

/* What is different after every change of a job. */
static char *
make_sign (CbMemoryJob *job)
{
  const CbJobRecord *r = job != NULL ? job->record : NULL;

  if (job == NULL)
    return g_strdup ("absent");

  return g_strdup_printf ("%d %g %d %d/%d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %u %u %u %u %u %s %s %d",
                          job->state, r->priority, r->progress, r->attempts_made, r->attempts_max, r->updated_at, r->started_at,
                          r->failed_at, r->promote_at, r->delay, r->ttl, hash_of (r->data), hash_of (r->result), hash_of (r->error),
                          hash_of (r->progress_data), job->log->len, r->worker, r->backoff, r->remove_on_complete);
}

static GPtrArray *
copy_log (GPtrArray *log)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < log->len; i++)
    g_ptr_array_add (copy, g_bytes_ref (g_ptr_array_index (log, i)));

  return copy;
}

static GVariant *
one_string (const char *text)
{
  const char *strings[] = { text, NULL };

  return g_variant_ref_sink (g_variant_new_bytestring_array (strings, 1));
}

/* "" for what is none. */
static const char *
get_one_string (GVariant *strings)
{
  g_autoptr (GVariant) string = NULL;

  if (strings == NULL || g_variant_n_children (strings) != 1)
    return "";
  string = g_variant_get_child_value (strings, 0);

  /* Its bytes are those of the whole. */
  return g_variant_get_bytestring (string);
}

static Kept *
find_kept (CbMemoryEngine *self,
           CbCapture      *capture)
{
  gint64 number = g_ascii_strtoll (get_one_string (capture->before), NULL, 10);

  return self->kept != NULL ? g_hash_table_lookup (self->kept, &number) : NULL;
}

static GVariant *
keep (CbMemoryEngine *self,
      CbMemoryJob    *job)
{
  g_autofree char *text = NULL;
  gint64 *number = g_new (gint64, 1);
  Kept *kept = g_new0 (Kept, 1);

  if (self->kept == NULL)
    self->kept = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) kept_free);
  *number = ++self->last_kept;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, *number);
  kept->record = cb_memory_job_dup_record (job);
  kept->state = job->state;
  kept->log = copy_log (job->log);
  kept->lease_until = job->lease_until;
  kept->ttl_until = job->ttl_until;
  kept->sign = make_sign (job);
  g_hash_table_insert (self->kept, number, kept);

  if (g_hash_table_size (self->kept) > MOST_KEPT)
    {
      gint64 oldest = *number - MOST_KEPT;

      g_hash_table_remove (self->kept, &oldest);
    }

  return one_string (text);
}

void
cb_memory_engine_capture (CbEngine            *engine,
                          const CbDeed        *deed,
                          const char * const  *ids,
                          gboolean             whole,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_capture, cancellable, callback, user_data);
  GPtrArray *captures;

  if (task == NULL)
    return;

  captures = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_capture_free);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbCapture *capture = cb_capture_new (ids[i]);
      CbMemoryJob *job = cb_memory_store_find (self->store, ids[i]);

      g_ptr_array_add (captures, capture);
      if (job == NULL)
        {
          capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s (any more)", ids[i]);
          continue;
        }
      capture->queue = g_strdup (job->record->queue);
      capture->state = job->record->state;
      capture->updated_at = job->record->updated_at;
      capture->started_at = job->record->started_at;
      capture->stamp = cb_memory_engine_now (self);
      capture->before = keep (self, job);
    }

  cb_memory_engine_answer (self, task, captures, (GDestroyNotify) g_ptr_array_unref);
}

static GError *
do_deed (CbMemoryEngine *self,
         const CbDeed   *deed,
         const char     *id)
{
  switch (deed->kind)
    {
    case CB_DEED_RETRY:
      return cb_memory_engine_act_on (self, CB_JOB_ACTION_RETRY, 0, id);
    case CB_DEED_RETRY_AS_NEW:
      return cb_memory_engine_act_on (self, CB_JOB_ACTION_RETRY_AS_NEW, 0, id);
    case CB_DEED_PROMOTE:
      return cb_memory_engine_act_on (self, CB_JOB_ACTION_PROMOTE, 0, id);
    case CB_DEED_REMOVE:
      return cb_memory_engine_act_on (self, CB_JOB_ACTION_REMOVE, 0, id);
    case CB_DEED_PRIORITY:
      return cb_memory_engine_act_on (self, CB_JOB_ACTION_PRIORITY, deed->number, id);
    case CB_DEED_UPDATE:
      return cb_memory_engine_change (self, id, deed->changes, NULL);
    case CB_DEED_MOVE:
    case CB_DEED_REPAIR:
    case CB_N_DEEDS:
    default:
      return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED, "Jobs in memory can’t be moved by hand");
    }
}

static void
add_outcome (GPtrArray  *outcomes,
             const char *id,
             GError     *error)
{
  CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

  outcome->id = g_strdup (id);
  outcome->error = error;
  g_ptr_array_add (outcomes, outcome);
}

void
cb_memory_engine_act_captured (CbEngine            *engine,
                               const CbDeed        *deed,
                               GPtrArray           *captures,
                               gboolean             whole,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_act_captured, cancellable, callback, user_data);
  GPtrArray *outcomes;

  if (task == NULL)
    return;

  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);
      Kept *kept = find_kept (self, capture);
      g_autofree char *sign = make_sign (cb_memory_store_find (self->store, capture->id));
      GError *error = NULL;

      if (capture->error != NULL)
        error = g_error_copy (capture->error);
      else if (kept == NULL || g_strcmp0 (kept->sign, sign) != 0)
        error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                             "Job %s was changed by somebody else at this moment; nothing was done", capture->id);
      else
        error = do_deed (self, deed, capture->id);
      if (error == NULL)
        {
          g_autofree char *left = make_sign (cb_memory_store_find (self->store, capture->id));

          g_clear_pointer (&capture->after, g_variant_unref);
          capture->after = one_string (left);
        }
      add_outcome (outcomes, capture->id, error);
    }

  cb_memory_engine_answer (self, task, outcomes, (GDestroyNotify) g_ptr_array_unref);
}

/* A copy of what is kept, which stays: it may be undone, done again and undone once more. */
static void
put_back (CbMemoryEngine *self,
          Kept           *kept)
{
  CbMemoryJob from = { .record = kept->record };
  CbMemoryJob *job;

  job = cb_memory_store_find (self->store, kept->record->id);
  if (job != NULL)
    cb_memory_store_remove (self->store, job);
  job = cb_memory_store_add (self->store, cb_memory_job_dup_record (&from), kept->state);
  g_ptr_array_unref (job->log);
  job->log = copy_log (kept->log);
  job->lease_until = kept->lease_until;
  job->ttl_until = kept->ttl_until;
}

static GError *
restore_one (CbMemoryEngine *self,
             const CbDeed   *deed,
             CbCapture      *capture)
{
  CbMemoryJob *job = cb_memory_store_find (self->store, capture->id);
  Kept *kept = find_kept (self, capture);
  g_autofree char *sign = make_sign (job);
  const char *left = capture->after != NULL ? get_one_string (capture->after) : deed->kind == CB_DEED_REMOVE ? "absent" : "";

  if (kept == NULL || g_strcmp0 (kept->record->id, capture->id) != 0)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED, "Job %s is not kept any more", capture->id);
  if (g_strcmp0 (sign, kept->sign) == 0)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_UNCHANGED, "Job %s is as it was already", capture->id);
  if (g_strcmp0 (sign, left) != 0)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED, "Job %s was changed since, so it was left as it is", capture->id);

  put_back (self, kept);
  if (kept->state == CB_MEMORY_INACTIVE && (job == NULL || deed->kind != CB_DEED_PRIORITY))
    {
      CbMemoryJob *back = cb_memory_store_find (self->store, capture->id);
      g_autofree char *queue = cb_memory_engine_quote (back->record->queue);

      cb_memory_engine_tell (self, back, "enqueue", queue);
      cb_memory_engine_wake (self, back->record->queue);
    }

  return NULL;
}

void
cb_memory_engine_restore (CbEngine            *engine,
                          const CbDeed        *deed,
                          GPtrArray           *captures,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_restore, cancellable, callback, user_data);
  GPtrArray *outcomes;

  if (task == NULL)
    return;

  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0; i < captures->len; i++)
    {
      CbCapture *capture = g_ptr_array_index (captures, i);

      add_outcome (outcomes, capture->id, restore_one (self, deed, capture));
    }

  cb_memory_engine_answer (self, task, outcomes, (GDestroyNotify) g_ptr_array_unref);
}
