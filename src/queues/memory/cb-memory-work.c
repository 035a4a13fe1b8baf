/* cb-memory-work.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-engine-private.h"

#include <math.h>
#include <string.h>

#include "cb-json.h"

/*
 * What workers do with the jobs of a memory engine. A claim is told from an earlier one of the same job by its worker and
 * by its start, and no two starts are the same instant.
 */

typedef struct
{
  GTask   *task;      /* (owned) */
  char    *queue;     /* (owned) */
  GSource *source;    /* (owned) the time-out, and the cancellable with it */
} Wait;

static void
wait_free (Wait *wait)
{
  g_source_destroy (wait->source);
  g_source_unref (wait->source);
  g_object_unref (wait->task);
  g_free (wait->queue);
  g_free (wait);
}

static gboolean
wait_over_cb (gpointer data)
{
  Wait *wait = data;
  CbMemoryEngine *self = g_task_get_source_object (wait->task);

  self->waits = g_list_remove (self->waits, wait);
  if (!g_task_return_error_if_cancelled (wait->task))
    g_task_return_boolean (wait->task, FALSE);
  wait_free (wait);

  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable,
              gpointer      data)
{
  return G_SOURCE_CONTINUE;
}

void
cb_memory_engine_wake (CbMemoryEngine *self,
                       const char     *queue)
{
  g_autoptr (CbMemoryEngine) keep = g_object_ref (self);
  GList *next;

  for (GList *l = self->waits; l != NULL; l = next)
    {
      Wait *wait = l->data;

      next = l->next;
      if (strcmp (wait->queue, queue) != 0)
        continue;
      self->waits = g_list_delete_link (self->waits, l);
      cb_memory_engine_answer_boolean (self, g_object_ref (wait->task), TRUE);
      wait_free (wait);
    }
}

static void
cb_memory_engine_wait (CbEngine            *engine,
                       const char          *queue,
                       guint                timeout_msec,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_wait, cancellable, callback, user_data);
  GSequence *waiting;
  Wait *wait;

  if (task == NULL)
    return;

  waiting = cb_memory_store_get_set (self->store, queue, CB_MEMORY_INACTIVE);
  if (waiting != NULL && !g_sequence_is_empty (waiting))
    {
      cb_memory_engine_answer_boolean (self, task, TRUE);
      return;
    }

  wait = g_new0 (Wait, 1);
  wait->task = task;
  wait->queue = g_strdup (queue);
  wait->source = g_timeout_source_new (timeout_msec);
  if (cancellable != NULL)
    {
      g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_callback (cancelled, G_SOURCE_FUNC (cancelled_cb), NULL, NULL);
      g_source_add_child_source (wait->source, cancelled);
    }
  g_source_set_callback (wait->source, wait_over_cb, wait, NULL);
  g_source_attach (wait->source, g_task_get_context (task));
  self->waits = g_list_prepend (self->waits, wait);
}

static GError *
gone_or_taken (CbMemoryEngine *self,
               CbJobRecord    *claimed)
{
  if (cb_memory_store_find (self->store, claimed->id) == NULL)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "Job %s was removed while it ran", claimed->id);

  return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER, "Job %s was taken away while it ran", claimed->id);
}

/* The job when the claim still holds. */
static CbMemoryJob *
find_claimed (CbMemoryEngine *self,
              CbJobRecord    *claimed)
{
  CbMemoryJob *job = cb_memory_store_find (self->store, claimed->id);

  if (job == NULL || job->state != CB_MEMORY_ACTIVE || job->lease_until == 0 ||
      job->record->started_at != claimed->started_at || g_strcmp0 (job->record->worker, claimed->worker) != 0)
    return NULL;

  return job;
}

/* Begins a call about a claimed job; %NULL when it is answered already. */
static GTask *
begin_claimed (CbEngine            *engine,
               CbJobRecord         *claimed,
               CbMemoryJob        **job,
               gpointer             source_tag,
               GCancellable        *cancellable,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, source_tag, cancellable, callback, user_data);

  if (task == NULL)
    return NULL;

  *job = find_claimed (self, claimed);
  if (*job != NULL)
    return task;

  cb_memory_engine_answer_error (self, task, gone_or_taken (self, claimed));
  return NULL;
}

/* As JavaScript has it: what is false is not stored. */
static gboolean
is_truthy (GBytes *json)
{
  static const char *falsy[] = { "null", "false", "0", "\"\"", "-0" };
  g_autofree char *compact = NULL;

  if (json == NULL)
    return FALSE;

  compact = cb_json_compact (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  for (guint i = 0; i < G_N_ELEMENTS (falsy); i++)
    {
      if (strcmp (compact, falsy[i]) == 0)
        return FALSE;
    }

  return TRUE;
}

/* ",JSON" or ",null". */
static char *
as_argument (GBytes *json)
{
  g_autofree char *compact = NULL;

  if (!is_truthy (json))
    return g_strdup (",null");

  compact = cb_json_compact (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  return g_strconcat (",", compact, NULL);
}

static void
set_bytes (GBytes **place,
           GBytes  *bytes)
{
  if (*place == bytes)
    return;

  g_clear_pointer (place, g_bytes_unref);
  *place = bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

/* µs until the next attempt; -1: at once. @n attempts have been made. */
static gint64
next_delay (CbJobRecord *record,
            int          n)
{
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;
  double delay = record->delay > 0 ? record->delay / 1000 : 0, max = INFINITY;
  const char *type;

  if (record->backoff == NULL)
    return -1;

  root = cb_json_parse (record->backoff, -1, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return delay * 1000;

  object = json_node_get_object (root);
  type = json_object_get_string_member_with_default (object, "type", "");
  delay = json_object_get_double_member_with_default (object, "delay", delay);
  if (strcmp (type, "exponential") == 0)
    {
      max = json_object_get_double_member_with_default (object, "maxDelay", INFINITY);
      delay = round (MIN (max - delay / 2, delay / 2 * (pow (2, n) - 1)));
    }

  /* A year is long enough for tests, and no sum of it and a date overflows. */
  return CLAMP (delay, 0, 365.0 * 24 * 3600 * 1000) * 1000;
}

static gboolean
fail_job (CbMemoryEngine *self,
          CbMemoryJob    *job,
          const char     *message,
          const char     *stack,
          gboolean        for_good,
          gint64          after)
{
  CbJobRecord *record = job->record;
  const char *text = stack != NULL ? stack : message;
  g_autoptr (GBytes) error = g_bytes_new (text, strlen (text));
  g_autofree char *quoted_text = cb_memory_engine_quote (text);
  g_autofree char *quoted_message = cb_memory_engine_quote (message);
  g_autofree char *rest = NULL;
  gint64 now = cb_memory_engine_now (self), delay;
  gsize first_line = strcspn (text, "\n");

  set_bytes (&record->error, error);
  g_ptr_array_add (job->log, g_bytes_new (text, first_line));
  record->updated_at = record->failed_at = now;
  cb_memory_engine_tell (self, job, "error", quoted_text);
  cb_memory_store_move (self->store, job, CB_MEMORY_FAILED);
  if (record->attempts_made < record->attempts_max)
    record->attempts_made++;

  if (for_good || record->attempts_made >= record->attempts_max)
    {
      rest = g_strconcat (quoted_message, ",null", NULL);
      cb_memory_engine_tell (self, job, "failed", rest);
      return FALSE;
    }

  delay = next_delay (record, record->attempts_made);
  if (delay < 0 && after < 0)
    {
      cb_memory_engine_enqueue (self, job);
    }
  else
    {
      if (delay > 0)
        record->delay = delay;
      record->promote_at = now + MAX (delay, after);
      cb_memory_store_move (self->store, job, CB_MEMORY_DELAYED);
    }

  rest = g_strdup_printf ("%s,%d", quoted_message, record->attempts_made);
  cb_memory_engine_tell (self, job, "failed attempt", rest);
  return TRUE;
}

static void
start_job (CbMemoryEngine *self,
           CbMemoryJob    *job,
           const char     *worker,
           guint           lease_msec)
{
  CbJobRecord *record = job->record;
  g_autofree char *queue = cb_memory_engine_quote (record->queue);
  g_autofree char *rest = g_strconcat (queue, ",null", NULL);
  gint64 now = cb_memory_engine_now (self);

  self->last_start = MAX (now, self->last_start + 1);
  record->started_at = self->last_start;
  record->updated_at = now;
  g_free (record->worker);
  record->worker = g_strdup (worker);

  cb_memory_store_move (self->store, job, CB_MEMORY_ACTIVE);
  job->lease_until = now + (gint64) lease_msec * 1000;
  job->ttl_until = record->ttl > 0 ? now + record->ttl : 0;
  cb_memory_engine_tell (self, job, "start", rest);
}

static GError *
check_data (CbJobRecord *record)
{
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize size;

  if (record->data == NULL)
    return NULL;

  text = g_bytes_get_data (record->data, &size);
  if (cb_json_check (text != NULL ? text : "", size, &error))
    return NULL;

  return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "The data are not valid JSON. %s", error->message);
}

static void
cb_memory_engine_claim (CbEngine            *engine,
                        const char          *queue,
                        const char          *worker,
                        guint                lease_msec,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_claim, cancellable, callback, user_data);
  GSequence *waiting;
  CbJobRecord *record = NULL;

  if (task == NULL)
    return;

  waiting = cb_memory_store_get_set (self->store, queue, CB_MEMORY_INACTIVE);
  while (record == NULL && waiting != NULL && !g_sequence_is_empty (waiting))
    {
      CbMemoryJob *job = g_sequence_get (g_sequence_get_begin_iter (waiting));
      g_autoptr (GError) error = check_data (job->record);

      if (error != NULL)
        {
          fail_job (self, job, error->message, NULL, TRUE, -1);
          continue;
        }

      start_job (self, job, worker, lease_msec);
      record = cb_memory_job_dup_record (job);
    }

  cb_memory_engine_answer (self, task, record, (GDestroyNotify) cb_job_record_unref);
}

static void
cb_memory_engine_progress (CbEngine            *engine,
                           CbJobRecord         *claimed,
                           int                  percent,
                           GBytes              *data,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  g_autofree char *argument = NULL, *rest = NULL;
  CbMemoryJob *job;
  GTask *task;

  task = begin_claimed (engine, claimed, &job, cb_memory_engine_progress, cancellable, callback, user_data);
  if (task == NULL)
    return;

  job->record->progress = percent;
  if (is_truthy (data))
    set_bytes (&job->record->progress_data, data);
  job->record->updated_at = cb_memory_engine_now (self);
  if (job->record->ttl > 0)
    job->ttl_until = job->record->updated_at + job->record->ttl;

  argument = as_argument (data);
  rest = g_strdup_printf (",%d%s", percent, argument);
  cb_memory_engine_tell (self, job, "progress", rest);
  cb_memory_engine_answer_boolean (self, task, TRUE);
}

static void
cb_memory_engine_log (CbEngine            *engine,
                      CbJobRecord         *claimed,
                      const char          *line,
                      gssize               length,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  CbMemoryJob *job;
  GTask *task = begin_claimed (engine, claimed, &job, cb_memory_engine_log, cancellable, callback, user_data);

  if (task == NULL)
    return;

  for (const char *end = line + length, *next; line <= end; line = next + 1)
    {
      next = memchr (line, '\0', (gsize) (end - line));
      next = next != NULL ? next : end;
      g_ptr_array_add (job->log, g_bytes_new (line, (gsize) (next - line)));
    }
  job->record->updated_at = cb_memory_engine_now (self);
  cb_memory_engine_answer_boolean (self, task, TRUE);
}

static void
cb_memory_engine_complete (CbEngine            *engine,
                           CbJobRecord         *claimed,
                           GBytes              *result,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  g_autofree char *argument = NULL, *rest = NULL;
  CbJobRecord *record;
  CbMemoryJob *job;
  GTask *task;

  task = begin_claimed (engine, claimed, &job, cb_memory_engine_complete, cancellable, callback, user_data);
  if (task == NULL)
    return;

  record = job->record;
  record->updated_at = cb_memory_engine_now (self);
  record->duration = MAX (0, record->updated_at - record->started_at);
  if (is_truthy (result))
    set_bytes (&record->result, result);
  record->progress = 100;
  cb_memory_store_move (self->store, job, CB_MEMORY_COMPLETE);
  if (record->attempts_made < record->attempts_max)
    record->attempts_made++;

  argument = as_argument (result);
  rest = g_strconcat (argument, ",null", NULL);
  cb_memory_engine_tell (self, job, "complete", rest);
  if (record->remove_on_complete)
    cb_memory_engine_remove (self, job);
  cb_memory_engine_answer_boolean (self, task, TRUE);
}

static void
cb_memory_engine_fail (CbEngine            *engine,
                       CbJobRecord         *claimed,
                       const char          *message,
                       const char          *stack,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  CbMemoryJob *job;
  GTask *task = begin_claimed (engine, claimed, &job, cb_memory_engine_fail, cancellable, callback, user_data);

  if (task != NULL)
    cb_memory_engine_answer_int (self, task, fail_job (self, job, message, stack, FALSE, -1));
}

static void
cb_memory_engine_fail_with (CbEngine            *engine,
                            CbJobRecord         *claimed,
                            const char          *message,
                            const char          *stack,
                            const CbRetryWish   *wish,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  CbMemoryJob *job;
  GTask *task = begin_claimed (engine, claimed, &job, cb_memory_engine_fail_with, cancellable, callback, user_data);

  if (task != NULL)
    cb_memory_engine_answer_int (self, task, fail_job (self, job, message, stack, wish->never,
                                                       wish->after_msec >= 0 ? wish->after_msec * 1000 : -1));
}

static void
cb_memory_engine_release (CbEngine            *engine,
                          CbJobRecord         *claimed,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  CbMemoryJob *job;
  GTask *task = begin_claimed (engine, claimed, &job, cb_memory_engine_release, cancellable, callback, user_data);

  if (task == NULL)
    return;

  cb_memory_engine_enqueue (self, job);
  cb_memory_engine_answer_boolean (self, task, TRUE);
}

static void
cb_memory_engine_extend (CbEngine            *engine,
                         GPtrArray           *jobs,
                         guint                lease_msec,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_extend, cancellable, callback, user_data);
  GPtrArray *lost;

  if (task == NULL)
    return;

  lost = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < jobs->len; i++)
    {
      CbJobRecord *claimed = g_ptr_array_index (jobs, i);
      CbMemoryJob *job = find_claimed (self, claimed);

      if (job != NULL)
        job->lease_until = cb_memory_engine_now (self) + (gint64) lease_msec * 1000;
      else
        g_ptr_array_add (lost, g_strdup (claimed->id));
    }

  cb_memory_engine_answer (self, task, lost, (GDestroyNotify) g_ptr_array_unref);
}

/* The jobs of a state, so that they can be moved while they are gone through. */
static GPtrArray *
list_state (CbMemoryEngine *self,
            int             state)
{
  GSequence *set = cb_memory_store_get_set (self->store, NULL, state);
  GPtrArray *jobs = g_ptr_array_new ();

  for (GSequenceIter *iter = g_sequence_get_begin_iter (set); !g_sequence_iter_is_end (iter);
       iter = g_sequence_iter_next (iter))
    g_ptr_array_add (jobs, g_sequence_get (iter));

  return jobs;
}

static void
cb_memory_engine_recover (CbEngine            *engine,
                          gboolean             careful,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_recover, cancellable, callback, user_data);
  g_autoptr (GPtrArray) active = NULL;
  int n = 0;

  if (task == NULL)
    return;

  active = list_state (self, CB_MEMORY_ACTIVE);
  for (guint i = 0; i < active->len; i++)
    {
      CbMemoryJob *job = g_ptr_array_index (active, i);

      if (job->lease_until == 0 || job->lease_until > cb_memory_engine_now (self))
        continue;
      cb_memory_engine_enqueue (self, job);
      n++;
    }

  cb_memory_engine_answer_int (self, task, n);
}

static void
cb_memory_engine_tick (CbEngine            *engine,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_tick, cancellable, callback, user_data);
  g_autoptr (GPtrArray) delayed = NULL;
  g_autoptr (GPtrArray) active = NULL;
  gint64 now = cb_memory_engine_now (self);
  int n = 0;

  if (task == NULL)
    return;

  delayed = list_state (self, CB_MEMORY_DELAYED);
  for (guint i = 0; i < delayed->len; i++)
    {
      CbMemoryJob *job = g_ptr_array_index (delayed, i);

      if (job->record->promote_at > now)
        break;
      cb_memory_engine_tell (self, job, "promotion", "");
      cb_memory_engine_enqueue (self, job);
      n++;
    }

  active = list_state (self, CB_MEMORY_ACTIVE);
  for (guint i = 0; i < active->len; i++)
    {
      CbMemoryJob *job = g_ptr_array_index (active, i);

      if (job->ttl_until == 0 || job->ttl_until > now)
        continue;
      cb_memory_engine_tell (self, job, "ttl exceeded", "");
      fail_job (self, job, "TTL exceeded", NULL, FALSE, -1);
      n++;
    }

  cb_memory_engine_answer_int (self, task, n);
}

void
cb_memory_engine_class_init_work (CbEngineClass *klass)
{
  klass->wait = cb_memory_engine_wait;
  klass->claim = cb_memory_engine_claim;
  klass->progress = cb_memory_engine_progress;
  klass->log = cb_memory_engine_log;
  klass->complete = cb_memory_engine_complete;
  klass->fail = cb_memory_engine_fail;
  klass->fail_with = cb_memory_engine_fail_with;
  klass->release = cb_memory_engine_release;
  klass->extend = cb_memory_engine_extend;
  klass->recover = cb_memory_engine_recover;
  klass->tick = cb_memory_engine_tick;
}
