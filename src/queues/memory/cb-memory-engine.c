/* cb-memory-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-engine-private.h"

#include <math.h>
#include <string.h>

#include "cb-job-spec.h"
#include "cb-json.h"

/*
 * An engine without a server. It does what was asked at once and answers later, like a server that is quick but far away;
 * its sets, states, events and their order are Kue's.
 */

G_DEFINE_FINAL_TYPE (CbMemoryEngine, cb_memory_engine, CB_TYPE_ENGINE)

gint64
cb_memory_engine_now (CbMemoryEngine *self)
{
  return cb_engine_get_time (CB_ENGINE (self)) + self->skew;
}

typedef enum
{
  ANSWER_POINTER,
  ANSWER_BOOLEAN,
  ANSWER_INT,
  ANSWER_ERROR,
} AnswerKind;

typedef struct
{
  GTask          *task;         /* (owned) */
  AnswerKind      kind;
  int             number;
  GError         *error;        /* (owned) (nullable) */
  gpointer        pointer;      /* (owned) (nullable) */
  GDestroyNotify  free_func;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  if (answer->pointer != NULL && answer->free_func != NULL)
    answer->free_func (answer->pointer);
  g_clear_error (&answer->error);
  g_object_unref (answer->task);
  g_free (answer);
}

static gboolean
answer_cb (gpointer data)
{
  Answer *answer = data;

  switch (answer->kind)
    {
    case ANSWER_POINTER:
      g_task_return_pointer (answer->task, g_steal_pointer (&answer->pointer), answer->free_func);
      break;
    case ANSWER_BOOLEAN:
      g_task_return_boolean (answer->task, answer->number);
      break;
    case ANSWER_INT:
      g_task_return_int (answer->task, answer->number);
      break;
    case ANSWER_ERROR:
      g_task_return_error (answer->task, g_steal_pointer (&answer->error));
      break;
    default:
      g_assert_not_reached ();
    }

  return G_SOURCE_REMOVE;
}

static void
send_answer (CbMemoryEngine *self,
             Answer         *answer)
{
  g_autoptr (GSource) source = self->delay_msec > 0 ? g_timeout_source_new (self->delay_msec) : g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, answer_cb, answer, answer_free);
  g_source_attach (source, g_task_get_context (answer->task));
}

void
cb_memory_engine_answer (CbMemoryEngine *self,
                         GTask          *task,
                         gpointer        pointer,
                         GDestroyNotify  free_func)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = task;
  answer->kind = ANSWER_POINTER;
  answer->pointer = pointer;
  answer->free_func = free_func;
  send_answer (self, answer);
}

void
cb_memory_engine_answer_boolean (CbMemoryEngine *self,
                                 GTask          *task,
                                 gboolean        value)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = task;
  answer->kind = ANSWER_BOOLEAN;
  answer->number = value;
  send_answer (self, answer);
}

void
cb_memory_engine_answer_int (CbMemoryEngine *self,
                             GTask          *task,
                             int             number)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = task;
  answer->kind = ANSWER_INT;
  answer->number = number;
  send_answer (self, answer);
}

void
cb_memory_engine_answer_error (CbMemoryEngine *self,
                               GTask          *task,
                               GError         *error)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = task;
  answer->kind = ANSWER_ERROR;
  answer->error = error;
  send_answer (self, answer);
}

GTask *
cb_memory_engine_begin (CbMemoryEngine      *self,
                        gpointer             source_tag,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  if (self->fault == NULL)
    return task;

  cb_memory_engine_answer_error (self, task, g_error_copy (self->fault));
  return NULL;
}

static gboolean
events_cb (gpointer data)
{
  g_autoptr (CbMemoryEngine) self = g_object_ref (data);
  GQueue now = self->events;

  /* Who is told may cause more; that is for the next turn. */
  self->events_id = 0;
  g_queue_init (&self->events);

  while (!g_queue_is_empty (&now))
    {
      g_autoptr (CbJobEvent) event = g_queue_pop_head (&now);

      cb_engine_emit_event (CB_ENGINE (self), event);
    }

  return G_SOURCE_REMOVE;
}

void
cb_memory_engine_tell (CbMemoryEngine *self,
                       CbMemoryJob    *job,
                       const char     *name,
                       const char     *rest)
{
  g_autoptr (GBytes) args = NULL;
  char *text;

  if (!self->watched)
    return;

  text = g_strdup_printf ("[\"%s\"%s]", name, rest);
  args = g_bytes_new_take (text, strlen (text));
  g_queue_push_tail (&self->events, cb_job_event_new (job->record->id, name, args));
  if (self->events_id == 0)
    self->events_id = g_idle_add_full (G_PRIORITY_DEFAULT, events_cb, self, NULL);
}

char *
cb_memory_engine_quote (const char *text)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *json = NULL;

  cb_json_writer_string (writer, text, -1);
  json = cb_json_writer_steal (writer);

  return g_strconcat (",", json, NULL);
}

void
cb_memory_engine_enqueue (CbMemoryEngine *self,
                          CbMemoryJob    *job)
{
  g_autofree char *queue = cb_memory_engine_quote (job->record->queue);

  job->record->updated_at = cb_memory_engine_now (self);
  cb_memory_store_move (self->store, job, CB_MEMORY_INACTIVE);
  cb_memory_engine_tell (self, job, "enqueue", queue);
  cb_memory_engine_wake (self, job->record->queue);
}

void
cb_memory_engine_remove (CbMemoryEngine *self,
                         CbMemoryJob    *job)
{
  g_autofree char *queue = cb_memory_engine_quote (job->record->queue);

  cb_memory_engine_tell (self, job, "remove", queue);
  cb_memory_store_remove (self->store, job);
}

static void
cb_memory_engine_list_queues (CbEngine            *engine,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_list_queues, cancellable, callback, user_data);

  if (task != NULL)
    cb_memory_engine_answer (self, task, cb_memory_store_list_queues (self->store), (GDestroyNotify) g_ptr_array_unref);
}

static int
set_length (GSequence *set)
{
  return set != NULL ? g_sequence_get_length (set) : 0;
}

static CbQueueCounts *
count_queue (CbMemoryEngine *self,
             const char     *queue)
{
  CbQueueCounts *counts = cb_queue_counts_new (queue);

  for (int i = 0; i < CB_MEMORY_N_STATES; i++)
    {
      counts->counts[i] = set_length (cb_memory_store_get_set (self->store, queue, i));
      counts->total += counts->counts[i];
    }

  return counts;
}

static void
cb_memory_engine_count (CbEngine            *engine,
                        const char * const  *queues,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_count, cancellable, callback, user_data);
  GPtrArray *all;

  if (task == NULL)
    return;

  all = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_queue_counts_free);
  if (queues == NULL)
    g_ptr_array_add (all, count_queue (self, NULL));
  for (guint i = 0; queues != NULL && queues[i] != NULL; i++)
    g_ptr_array_add (all, count_queue (self, queues[i]));

  cb_memory_engine_answer (self, task, all, (GDestroyNotify) g_ptr_array_unref);
}

/* Adds to the page what lies in [*offset, *offset + *limit) of @set, and moves both on. */
static void
add_from_set (CbJobPage *page,
              GSequence *set,
              gint64    *offset,
              guint     *limit,
              gboolean   reversed)
{
  gint64 length = set_length (set);
  GSequenceIter *iter;

  page->total += length;
  if (*offset >= length)
    {
      *offset -= length;
      return;
    }

  iter = g_sequence_get_iter_at_pos (set, reversed ? length - 1 - *offset : *offset);
  for (gint64 i = *offset; i < length && *limit > 0; i++, (*limit)--)
    {
      g_ptr_array_add (page->records, cb_memory_job_dup_record (g_sequence_get (iter)));
      iter = reversed ? g_sequence_iter_prev (iter) : g_sequence_iter_next (iter);
    }
  *offset = 0;
}

static void
cb_memory_engine_page (CbEngine            *engine,
                       const char          *queue,
                       const char          *state,
                       gint64               offset,
                       guint                limit,
                       gboolean             reversed,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_page, cancellable, callback, user_data);
  guint order[CB_MAX_STATES], n_states;
  CbJobPage *page;

  if (task == NULL)
    return;

  page = g_new0 (CbJobPage, 1);
  page->records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);

  if (state == NULL && queue == NULL)
    {
      add_from_set (page, cb_memory_store_get_set (self->store, NULL, -1), &offset, &limit, reversed);
    }
  else
    {
      n_states = cb_engine_get_list_order (engine, order);
      for (guint i = 0; i < n_states; i++)
        {
          if (state == NULL || strcmp (state, cb_memory_states[order[i]].name) == 0)
            add_from_set (page, cb_memory_store_get_set (self->store, queue, order[i]), &offset, &limit, reversed);
        }
    }

  cb_memory_engine_answer (self, task, page, (GDestroyNotify) cb_job_page_free);
}

static CbJobOrder
cb_memory_engine_get_order (CbEngine   *engine,
                            const char *queue,
                            const char *state)
{
  int index = state != NULL ? cb_engine_find_state (engine, state) : -1;

  if (index >= 0 && cb_memory_states[index].meaning == CB_JOB_MEANING_DELAYED)
    return CB_JOB_ORDER_DUE;
  return state == NULL && queue != NULL ? CB_JOB_ORDER_NONE : CB_JOB_ORDER_PRIORITY;
}

static void
cb_memory_engine_get_many (CbEngine            *engine,
                           const char * const  *ids,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_get_many, cancellable, callback, user_data);
  GPtrArray *records;

  if (task == NULL)
    return;

  records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbMemoryJob *job = cb_memory_store_find (self->store, ids[i]);
      CbJobRecord *record = job != NULL ? cb_memory_job_dup_record (job) : cb_job_record_new (ids[i]);

      record->missing = job == NULL;
      g_ptr_array_add (records, record);
    }

  cb_memory_engine_answer (self, task, records, (GDestroyNotify) g_ptr_array_unref);
}

static void
add_raw (GPtrArray  *raw,
         const char *field,
         const char *value)
{
  if (value == NULL)
    return;

  g_ptr_array_add (raw, g_bytes_new (field, strlen (field)));
  g_ptr_array_add (raw, g_bytes_new (value, strlen (value)));
}

static void
add_raw_bytes (GPtrArray  *raw,
               const char *field,
               GBytes     *value)
{
  if (value == NULL)
    return;

  g_ptr_array_add (raw, g_bytes_new (field, strlen (field)));
  g_ptr_array_add (raw, g_bytes_ref (value));
}

static void
add_raw_int (GPtrArray  *raw,
             const char *field,
             gint64      value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  add_raw (raw, field, text);
}

static void
add_raw_time (GPtrArray  *raw,
              const char *field,
              gint64      usec)
{
  if (usec >= 0)
    add_raw_int (raw, field, usec / 1000);
}

/* The fields that Kue would have stored. */
static GPtrArray *
make_raw (CbJobRecord *record)
{
  GPtrArray *raw = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *priority = cb_job_priority_to_text (record->priority);

  add_raw (raw, "type", record->queue);
  add_raw_bytes (raw, "data", record->data);
  add_raw (raw, "priority", priority);
  add_raw (raw, "state", record->state);
  add_raw_int (raw, "max_attempts", record->attempts_max);
  if (record->attempts_made > 0)
    add_raw_int (raw, "attempts", record->attempts_made);
  add_raw_time (raw, "created_at", record->created_at);
  add_raw_time (raw, "promote_at", record->promote_at);
  add_raw_time (raw, "updated_at", record->updated_at);
  add_raw_time (raw, "started_at", record->started_at);
  add_raw_time (raw, "failed_at", record->failed_at);
  add_raw_time (raw, "duration", record->duration);
  add_raw_time (raw, "delay", record->delay);
  add_raw_time (raw, "ttl", record->ttl);
  add_raw (raw, "workerId", record->worker);
  add_raw (raw, "backoff", record->backoff);
  if (record->remove_on_complete)
    add_raw (raw, "removeOnComplete", "true");
  if (record->progress >= 0)
    add_raw_int (raw, "progress", record->progress);
  add_raw_bytes (raw, "progress_data", record->progress_data);
  add_raw_bytes (raw, "result", record->result);
  add_raw_bytes (raw, "error", record->error);

  return raw;
}

static void
cb_memory_engine_get_whole (CbEngine            *engine,
                            const char          *id,
                            gint64               log_from,
                            guint                log_limit,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_get_whole, cancellable, callback, user_data);
  CbMemoryJob *job;
  CbJobRecord *record;

  if (task == NULL)
    return;

  job = cb_memory_store_find (self->store, id);
  if (job == NULL)
    {
      cb_memory_engine_answer_error (self, task,
                                     g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s (any more)", id));
      return;
    }

  record = cb_memory_job_dup_record (job);
  record->raw = make_raw (job->record);
  record->log_length = job->log->len;
  record->log = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (log_from < 0)
    log_from = MAX (0, job->log->len + log_from);
  for (gint64 i = log_from; i < job->log->len && record->log->len < log_limit; i++)
    g_ptr_array_add (record->log, g_bytes_ref (g_ptr_array_index (job->log, i)));

  cb_memory_engine_answer (self, task, record, (GDestroyNotify) cb_job_record_unref);
}

static void
cb_memory_engine_watch (CbEngine *engine,
                        gboolean  on)
{
  CB_MEMORY_ENGINE (engine)->watched = on;
  cb_engine_set_live (engine, on, NULL);
}

static char *
create_job (CbMemoryEngine  *self,
            const CbJobSpec *spec)
{
  CbJobRecord *record = cb_job_record_new ("");
  gint64 now = cb_memory_engine_now (self), delay;
  CbMemoryJob *job;

  delay = spec->due_at > 0 ? spec->due_at - now : spec->delay_msec * 1000;
  record->queue = g_strdup (spec->queue);
  record->data = g_bytes_ref (spec->data);
  record->priority = spec->priority;
  record->attempts_max = spec->attempts;
  record->created_at = now;
  record->promote_at = now + MAX (delay, 0);
  record->updated_at = now;
  record->delay = delay > 0 ? delay : -1;
  record->ttl = spec->ttl_msec > 0 ? spec->ttl_msec * 1000 : -1;
  record->backoff = g_strdup (spec->backoff);
  record->remove_on_complete = spec->remove_on_complete;

  job = cb_memory_store_add (self->store, record, delay > 0 ? CB_MEMORY_DELAYED : CB_MEMORY_INACTIVE);
  if (delay <= 0)
    cb_memory_engine_enqueue (self, job);

  return g_strdup (record->id);
}

static void
cb_memory_engine_create (CbEngine            *engine,
                         GPtrArray           *specs,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_create, cancellable, callback, user_data);
  GPtrArray *ids;

  if (task == NULL)
    return;

  ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < specs->len; i++)
    g_ptr_array_add (ids, create_job (self, g_ptr_array_index (specs, i)));

  cb_memory_engine_answer (self, task, ids, (GDestroyNotify) g_ptr_array_unref);
}

GError *
cb_memory_engine_act_on (CbMemoryEngine *self,
                         CbJobAction     action,
                         double          argument,
                         const char     *id)
{
  CbMemoryJob *job = cb_memory_store_find (self->store, id);

  if (job == NULL)
    return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s (any more)", id);

  switch (action)
    {
    case CB_JOB_ACTION_RETRY:
    case CB_JOB_ACTION_RETRY_AS_NEW:
      if (job->state == CB_MEMORY_INACTIVE && action == CB_JOB_ACTION_RETRY)
        return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "Job %s is waiting already", id);
      /* Not under the hands of a worker that lives: it would run twice. */
      if (job->state == CB_MEMORY_ACTIVE && job->lease_until > cb_memory_engine_now (self))
        return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "Job %s is being run by %s", id, job->record->worker);
      if (action == CB_JOB_ACTION_RETRY_AS_NEW)
        cb_memory_engine_make_new (job);
      cb_memory_engine_enqueue (self, job);
      break;

    case CB_JOB_ACTION_PROMOTE:
      if (job->state != CB_MEMORY_DELAYED)
        return g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "Job %s is not delayed; it is %s", id,
                            job->record->state);
      cb_memory_engine_tell (self, job, "promotion", "");
      cb_memory_engine_enqueue (self, job);
      break;

    case CB_JOB_ACTION_REMOVE:
      cb_memory_engine_remove (self, job);
      break;

    case CB_JOB_ACTION_PRIORITY:
      {
        gint64 lease_until = job->lease_until, ttl_until = job->ttl_until;

        job->record->priority = argument;
        job->record->updated_at = cb_memory_engine_now (self);
        cb_memory_store_move (self->store, job, job->state);
        job->lease_until = lease_until;
        job->ttl_until = ttl_until;
      }
      break;

    default:
      g_assert_not_reached ();
    }

  return NULL;
}

static void
cb_memory_engine_act (CbEngine            *engine,
                      CbJobAction          action,
                      double               argument,
                      const char * const  *ids,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (engine);
  GTask *task = cb_memory_engine_begin (self, cb_memory_engine_act, cancellable, callback, user_data);
  GPtrArray *outcomes;

  if (task == NULL)
    return;

  outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

      outcome->id = g_strdup (ids[i]);
      outcome->error = cb_memory_engine_act_on (self, action, argument, ids[i]);
      g_ptr_array_add (outcomes, outcome);
    }

  cb_memory_engine_answer (self, task, outcomes, (GDestroyNotify) g_ptr_array_unref);
}

static void
cb_memory_engine_finalize (GObject *object)
{
  CbMemoryEngine *self = CB_MEMORY_ENGINE (object);

  g_assert (self->waits == NULL);      /* each holds a reference to us */

  g_clear_handle_id (&self->events_id, g_source_remove);
  g_queue_clear_full (&self->events, (GDestroyNotify) cb_job_event_free);
  g_clear_error (&self->fault);
  g_clear_pointer (&self->kept, g_hash_table_unref);
  cb_memory_store_free (self->store);

  G_OBJECT_CLASS (cb_memory_engine_parent_class)->finalize (object);
}

static void
cb_memory_engine_class_init (CbMemoryEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  CbEngineClass *engine_class = CB_ENGINE_CLASS (klass);

  object_class->finalize = cb_memory_engine_finalize;

  engine_class->name = "memory";
  engine_class->title = "Memory";
  engine_class->states = cb_memory_states;
  engine_class->n_states = CB_MEMORY_N_STATES;
  engine_class->capabilities = CB_ENGINE_CAN_CREATE | CB_ENGINE_CAN_RETRY | CB_ENGINE_CAN_PROMOTE | CB_ENGINE_CAN_REMOVE |
                               CB_ENGINE_CAN_PRIORITY | CB_ENGINE_CAN_WATCH | CB_ENGINE_CAN_WORK |
                               CB_ENGINE_CAN_UPDATE | CB_ENGINE_CAN_UNDO;
  engine_class->list_queues = cb_memory_engine_list_queues;
  engine_class->count = cb_memory_engine_count;
  engine_class->page = cb_memory_engine_page;
  engine_class->get_order = cb_memory_engine_get_order;
  engine_class->get_many = cb_memory_engine_get_many;
  engine_class->get_whole = cb_memory_engine_get_whole;
  engine_class->watch = cb_memory_engine_watch;
  engine_class->create = cb_memory_engine_create;
  engine_class->act = cb_memory_engine_act;
  engine_class->update = cb_memory_engine_update;
  engine_class->capture = cb_memory_engine_capture;
  engine_class->act_captured = cb_memory_engine_act_captured;
  engine_class->restore = cb_memory_engine_restore;
  cb_memory_engine_class_init_work (engine_class);
}

static void
cb_memory_engine_init (CbMemoryEngine *self)
{
  self->store = cb_memory_store_new ();
  g_queue_init (&self->events);
}

/**
 * cb_memory_engine_new:
 *
 * Returns: (transfer full): an engine without queues
 */
CbEngine *
cb_memory_engine_new (void)
{
  return g_object_new (CB_TYPE_MEMORY_ENGINE, NULL);
}

/**
 * cb_memory_engine_add_queue:
 *
 * Adds a queue without jobs, as one whose jobs are all gone.
 */
void
cb_memory_engine_add_queue (CbMemoryEngine *self,
                            const char     *queue)
{
  g_return_if_fail (CB_IS_MEMORY_ENGINE (self));
  g_return_if_fail (queue != NULL);

  cb_memory_store_add_queue (self->store, queue);
}

/**
 * cb_memory_engine_add_record:
 * @record: (transfer none): with an id of its own ("" for the next one), queue, and a known state; log lines are taken over
 *
 * Adds a job just as it is, even with data that are no JSON. Nobody is told.
 */
void
cb_memory_engine_add_record (CbMemoryEngine *self,
                             CbJobRecord    *record)
{
  CbMemoryJob original = { .record = record };
  CbMemoryJob *job;
  int state;

  g_return_if_fail (CB_IS_MEMORY_ENGINE (self));
  g_return_if_fail (record != NULL && record->queue != NULL);

  state = cb_engine_find_state (CB_ENGINE (self), record->state);
  g_return_if_fail (state >= 0);
  g_return_if_fail (cb_memory_store_find (self->store, record->id) == NULL);

  job = cb_memory_store_add (self->store, cb_memory_job_dup_record (&original), state);
  for (guint i = 0; record->log != NULL && i < record->log->len; i++)
    g_ptr_array_add (job->log, g_bytes_ref (g_ptr_array_index (record->log, i)));
  if (state == CB_MEMORY_INACTIVE)
    cb_memory_engine_wake (self, record->queue);
}

/**
 * cb_memory_engine_set_fault:
 * @error: (nullable): what every call from now on answers; %NULL: calls work again
 * @delay_msec: how long every answer takes, also good ones
 *
 * A call that was made before is answered as it would have been.
 */
void
cb_memory_engine_set_fault (CbMemoryEngine *self,
                            const GError   *error,
                            guint           delay_msec)
{
  g_return_if_fail (CB_IS_MEMORY_ENGINE (self));

  g_clear_error (&self->fault);
  self->fault = error != NULL ? g_error_copy (error) : NULL;
  self->delay_msec = delay_msec;
}

/**
 * cb_memory_engine_advance:
 * @usec: 0 or more
 *
 * Puts the engine's clock forward, so that tests need not wait for delays and leases.
 */
void
cb_memory_engine_advance (CbMemoryEngine *self,
                          gint64          usec)
{
  g_return_if_fail (CB_IS_MEMORY_ENGINE (self));
  g_return_if_fail (usec >= 0);

  self->skew += usec;
}
