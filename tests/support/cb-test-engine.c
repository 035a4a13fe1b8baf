/* cb-test-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-engine.h"

#include <string.h>

typedef struct
{
  char *id;
  char *queue;
  GBytes *data;
  char *error;                 /* (nullable) */
  guint attempts_made;
  guint attempts_max;
  const char *state;
  CbJobRecord *claim;          /* (owned) (nullable) whoever shows this one holds the job */
  GString *calls;
} Job;

struct _CbTestEngine
{
  CbEngine parent_instance;

  GPtrArray *jobs;             /* (element-type Job) by id; those that were removed stay with state "gone" */
  GHashTable *n_calls;
  guint delay_msec;
  gboolean watched;

  char *fault_call;            /* (nullable) */
  CbTestFault fault;
  int n_faults;
  GError *fault_error;         /* (nullable) */

  GPtrArray *waits;            /* (element-type GTask) */
};

G_DEFINE_FINAL_TYPE (CbTestEngine, cb_test_engine, CB_TYPE_ENGINE)

static const CbStateInfo states[] = {
  { "inactive", "Queued", CB_JOB_MEANING_WAITING },
  { "active", "Active", CB_JOB_MEANING_ACTIVE },
  { "delayed", "Delayed", CB_JOB_MEANING_DELAYED },
  { "failed", "Failed", CB_JOB_MEANING_FAILED },
  { "complete", "Complete", CB_JOB_MEANING_COMPLETE },
};

static void
job_free (Job *job)
{
  g_free (job->id);
  g_free (job->queue);
  g_free (job->error);
  g_bytes_unref (job->data);
  g_clear_pointer (&job->claim, cb_job_record_unref);
  g_string_free (job->calls, TRUE);
  g_free (job);
}

static Job *
find_job (CbTestEngine *self, const char *id)
{
  for (guint i = 0; i < self->jobs->len; i++)
    {
      Job *job = g_ptr_array_index (self->jobs, i);

      if (g_str_equal (job->id, id))
        return job;
    }

  return NULL;
}

static void G_GNUC_PRINTF (2, 3)
write_down (Job *job, const char *format, ...)
{
  va_list args;

  if (job->calls->len > 0)
    g_string_append_c (job->calls, ' ');
  va_start (args, format);
  g_string_append_vprintf (job->calls, format, args);
  va_end (args);
}

static void
set_job_state (CbTestEngine *self, Job *job, const char *state)
{
  job->state = state;
  if (!g_str_equal (state, "active"))
    g_clear_pointer (&job->claim, cb_job_record_unref);

  if (g_str_equal (state, "inactive"))
    {
      g_autoptr (GPtrArray) waits = g_steal_pointer (&self->waits);

      self->waits = g_ptr_array_new_with_free_func (g_object_unref);
      for (guint i = 0; i < waits->len; i++)
        if (!g_task_get_completed (g_ptr_array_index (waits, i)))
          g_task_return_boolean (g_ptr_array_index (waits, i), TRUE);
    }
}

/* --- answers --- */

static void fail_job (CbTestEngine *self, const char *call, CbJobRecord *record, const char *message, GTask *task);
static void cb_test_engine_tick (CbEngine *engine, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);

typedef struct
{
  GTask *task;
  GError *error;
  gssize number;
  gpointer pointer;
  GDestroyNotify destroy;
} Answer;

static gboolean
answer_cb (gpointer user_data)
{
  g_autofree Answer *answer = user_data;
  g_autoptr (GTask) task = answer->task;

  if (answer->error != NULL)
    {
      if (answer->pointer != NULL)
        answer->destroy (answer->pointer);
      g_task_return_error (task, answer->error);
    }
  else if (answer->destroy != NULL)
    g_task_return_pointer (task, answer->pointer, answer->destroy);
  else if (g_task_get_source_tag (task) == fail_job)
    g_task_return_int (task, answer->number);
  else if (g_task_get_source_tag (task) == cb_test_engine_tick)
    g_task_return_int (task, 0);
  else
    g_task_return_boolean (task, answer->number != 0);

  return G_SOURCE_REMOVE;
}

static void
answer_later (CbTestEngine *self, GTask *task, GError *error, gssize number, gpointer pointer, GDestroyNotify destroy)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->task = task;
  answer->error = error;
  answer->number = number;
  answer->pointer = pointer;
  answer->destroy = destroy;
  if (self->delay_msec > 0)
    g_timeout_add (self->delay_msec, answer_cb, answer);
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, answer_cb, answer, NULL);
}

static GTask *
begin_call (CbTestEngine *self, const char *call, GCancellable *cancellable, GAsyncReadyCallback callback,
            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_name (task, call);
  g_hash_table_insert (self->n_calls, g_strdup (call), GUINT_TO_POINTER (cb_test_engine_get_n (self, call) + 1));

  return task;
}

/* TRUE: @error is set, and with @carry_out the call has its effect all the same. */
static gboolean
is_faulty (CbTestEngine *self, const char *call, gboolean *carry_out, GError **error)
{
  *carry_out = TRUE;
  if (self->fault_error == NULL || self->n_faults == 0)
    return FALSE;
  if (self->fault_call != NULL && !g_str_equal (self->fault_call, call))
    return FALSE;

  if (self->n_faults > 0)
    self->n_faults--;
  *carry_out = self->fault == CB_TEST_FAULT_LOST;
  *error = g_error_copy (self->fault_error);

  return TRUE;
}

static Job *
find_held (CbTestEngine *self, CbJobRecord *record, GError **error)
{
  Job *job = find_job (self, record->id);

  if (job == NULL || g_str_equal (job->state, "gone"))
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s", record->id);
      return NULL;
    }

  if (job->claim != record)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER, "Job %s was taken away", record->id);
      return NULL;
    }

  return job;
}

/* --- looking --- */

static void
cb_test_engine_count_vfunc (CbEngine *engine, const char *const *queues, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "count", cancellable, callback, user_data);
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_queue_counts_free);
  GError *error = NULL;
  gboolean carry_out;

  is_faulty (self, "count", &carry_out, &error);
  for (guint i = 0; queues[i] != NULL; i++)
    {
      CbQueueCounts *counts = cb_queue_counts_new (queues[i]);

      for (guint s = 0; s < G_N_ELEMENTS (states); s++)
        for (guint j = 0; j < self->jobs->len; j++)
          {
            Job *job = g_ptr_array_index (self->jobs, j);

            if (g_str_equal (job->queue, queues[i]) && g_str_equal (job->state, states[s].name))
              counts->counts[s]++;
          }
      g_ptr_array_add (all, counts);
    }

  answer_later (self, task, error, 0, all, (GDestroyNotify) g_ptr_array_unref);
}

static CbJobRecord *
make_record (Job *job)
{
  CbJobRecord *record = cb_job_record_new (job->id);

  record->queue = g_strdup (job->queue);
  record->data = g_bytes_ref (job->data);
  record->state = g_intern_string (job->state);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_str_equal (states[i].name, job->state))
      record->meaning = states[i].meaning;
  record->missing = g_str_equal (job->state, "gone");
  record->attempts_made = job->attempts_made;
  record->attempts_max = job->attempts_max;
  if (job->error != NULL)
    record->error = g_bytes_new (job->error, strlen (job->error));

  return record;
}

static void
cb_test_engine_get_many (CbEngine *engine, const char *const *ids, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "get_many", cancellable, callback, user_data);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  GError *error = NULL;
  gboolean carry_out;

  is_faulty (self, "get_many", &carry_out, &error);
  for (guint i = 0; ids[i] != NULL; i++)
    g_ptr_array_add (records, make_record (find_job (self, ids[i])));

  answer_later (self, task, error, 0, records, (GDestroyNotify) g_ptr_array_unref);
}

static void
cb_test_engine_watch (CbEngine *engine, gboolean on)
{
  CB_TEST_ENGINE (engine)->watched = on;
  cb_engine_set_live (engine, on, NULL);
}

/* --- working --- */

static gboolean
wait_over_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (!g_task_get_completed (task))
    {
      CbTestEngine *self = g_task_get_source_object (task);

      g_object_ref (task);
      g_ptr_array_remove (self->waits, task);
      g_task_return_boolean (task, FALSE);
      g_object_unref (task);
    }

  return G_SOURCE_REMOVE;
}

static void
wait_cancelled_cb (GTask *task)
{
  CbTestEngine *self = g_task_get_source_object (task);

  g_object_ref (task);
  if (g_ptr_array_remove (self->waits, task))
    {
      g_source_remove (GPOINTER_TO_UINT (g_task_get_task_data (task)));
      g_task_return_error_if_cancelled (task);
    }
  g_object_unref (task);
}

static void
cb_test_engine_wait (CbEngine *engine, const char *queue, guint timeout_msec, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  g_autoptr (GTask) task = begin_call (self, "wait", cancellable, callback, user_data);
  GError *error = NULL;
  gboolean carry_out;

  if (self->fault_call != NULL && g_str_equal (self->fault_call, "wait")
      && is_faulty (self, "wait", &carry_out, &error))
    {
      answer_later (self, g_steal_pointer (&task), error, 0, NULL, NULL);
      return;
    }

  g_ptr_array_add (self->waits, g_object_ref (task));
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (wait_cancelled_cb), task, G_CONNECT_SWAPPED);
  g_task_set_task_data (task,
                        GUINT_TO_POINTER (g_timeout_add_full (G_PRIORITY_DEFAULT, timeout_msec, wait_over_cb, g_object_ref (task),
                                                              g_object_unref)),
                        NULL);
}

static void
cb_test_engine_claim (CbEngine *engine, const char *queue, const char *worker, guint lease_msec,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "claim", cancellable, callback, user_data);
  CbJobRecord *record = NULL;
  GError *error = NULL;
  gboolean carry_out;

  is_faulty (self, "claim", &carry_out, &error);
  for (guint i = 0; carry_out && record == NULL && i < self->jobs->len; i++)
    {
      Job *job = g_ptr_array_index (self->jobs, i);

      if (!g_str_equal (job->state, "inactive") || !g_str_equal (job->queue, queue))
        continue;

      write_down (job, "claim");
      job->state = "active";
      record = make_record (job);
      record->worker = g_strdup (worker);
      job->claim = cb_job_record_ref (record);
    }

  answer_later (self, task, error, 0, record, (GDestroyNotify) cb_job_record_unref);
}

static void
cb_test_engine_progress (CbEngine *engine, CbJobRecord *record, int percent, GBytes *data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "progress", cancellable, callback, user_data);
  GError *error = NULL;
  gboolean carry_out, faulty;
  Job *job;

  faulty = is_faulty (self, "progress", &carry_out, &error);
  if (carry_out && (job = find_held (self, record, faulty ? NULL : &error)) != NULL)
    write_down (job, "progress:%d", percent);

  answer_later (self, task, error, TRUE, NULL, NULL);
}

static void
cb_test_engine_log (CbEngine *engine, CbJobRecord *record, const char *line, gssize length, GCancellable *cancellable,
                    GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "log", cancellable, callback, user_data);
  GError *error = NULL;
  gboolean carry_out, faulty;
  Job *job;

  faulty = is_faulty (self, "log", &carry_out, &error);
  if (carry_out && (job = find_held (self, record, faulty ? NULL : &error)) != NULL)
    for (const char *end = line + length, *next; line <= end; line = next + 1)
      {
        next = memchr (line, '\0', (gsize) (end - line));
        next = next != NULL ? next : end;
        write_down (job, "log:%.*s", (int) (next - line), line);
      }

  answer_later (self, task, error, TRUE, NULL, NULL);
}

static void
cb_test_engine_complete (CbEngine *engine, CbJobRecord *record, GBytes *result, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "complete", cancellable, callback, user_data);
  GError *error = NULL;
  gboolean carry_out, faulty;
  Job *job;

  faulty = is_faulty (self, "complete", &carry_out, &error);
  if (carry_out && (job = find_held (self, record, faulty ? NULL : &error)) != NULL)
    {
      gsize length = 0;
      const char *text = result != NULL ? g_bytes_get_data (result, &length) : "";

      write_down (job, "complete%s%.*s", length > 0 ? ":" : "", (int) length, text);
      job->attempts_made++;
      set_job_state (self, job, "complete");
    }

  answer_later (self, task, error, TRUE, NULL, NULL);
}

static void
fail_job (CbTestEngine *self, const char *call, CbJobRecord *record, const char *message, GTask *task)
{
  GError *error = NULL;
  gboolean carry_out, faulty;
  gboolean will_retry = FALSE;
  Job *job;

  g_task_set_source_tag (task, fail_job);
  faulty = is_faulty (self, call, &carry_out, &error);
  if (carry_out && (job = find_held (self, record, faulty ? NULL : &error)) != NULL)
    {
      write_down (job, "%s:%s", call, message);
      job->attempts_made++;
      g_free (job->error);
      job->error = g_strdup (message);
      will_retry = job->attempts_made < job->attempts_max;
      set_job_state (self, job, will_retry ? "inactive" : "failed");
    }

  answer_later (self, task, error, will_retry, NULL, NULL);
}

static void
cb_test_engine_fail (CbEngine *engine, CbJobRecord *record, const char *message, const char *stack,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);

  fail_job (self, "fail", record, message, begin_call (self, "fail", cancellable, callback, user_data));
}

static void
cb_test_engine_expire (CbEngine *engine, CbJobRecord *record, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);

  fail_job (self, "expire", record, "TTL exceeded", begin_call (self, "expire", cancellable, callback, user_data));
}

static void
cb_test_engine_release (CbEngine *engine, CbJobRecord *record, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "release", cancellable, callback, user_data);
  GError *error = NULL;
  gboolean carry_out, faulty;
  Job *job;

  faulty = is_faulty (self, "release", &carry_out, &error);
  if (carry_out && (job = find_held (self, record, faulty ? NULL : &error)) != NULL)
    {
      write_down (job, "release");
      set_job_state (self, job, "inactive");
    }

  answer_later (self, task, error, TRUE, NULL, NULL);
}

static void
cb_test_engine_extend (CbEngine *engine, GPtrArray *records, guint lease_msec, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);
  GTask *task = begin_call (self, "extend", cancellable, callback, user_data);
  GPtrArray *lost = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;
  gboolean carry_out;

  is_faulty (self, "extend", &carry_out, &error);
  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);

      if (find_held (self, record, NULL) == NULL)
        g_ptr_array_add (lost, g_strdup (record->id));
    }

  answer_later (self, task, error, 0, lost, (GDestroyNotify) g_ptr_array_unref);
}

static void
cb_test_engine_recover (CbEngine *engine, gboolean careful, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);

  GTask *task = begin_call (self, "recover", cancellable, callback, user_data);

  if (careful)
    g_hash_table_insert (self->n_calls, g_strdup ("careful recover"),
                         GUINT_TO_POINTER (cb_test_engine_get_n (self, "careful recover") + 1));
  g_task_set_source_tag (task, cb_test_engine_tick);
  answer_later (self, task, NULL, 0, NULL, NULL);
}

static void
cb_test_engine_tick (CbEngine *engine, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  CbTestEngine *self = CB_TEST_ENGINE (engine);

  GTask *task = begin_call (self, "tick", cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_test_engine_tick);
  answer_later (self, task, NULL, 0, NULL, NULL);
}

/* --- the object --- */

static void
cb_test_engine_finalize (GObject *object)
{
  CbTestEngine *self = CB_TEST_ENGINE (object);

  g_ptr_array_unref (self->jobs);
  g_ptr_array_unref (self->waits);
  g_hash_table_unref (self->n_calls);
  g_free (self->fault_call);
  g_clear_error (&self->fault_error);

  G_OBJECT_CLASS (cb_test_engine_parent_class)->finalize (object);
}

static void
cb_test_engine_class_init (CbTestEngineClass *klass)
{
  CbEngineClass *engine_class = CB_ENGINE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cb_test_engine_finalize;

  engine_class->name = "test";
  engine_class->title = "Test";
  engine_class->states = states;
  engine_class->n_states = G_N_ELEMENTS (states);
  engine_class->capabilities = CB_ENGINE_CAN_WORK | CB_ENGINE_CAN_WATCH;
  engine_class->count = cb_test_engine_count_vfunc;
  engine_class->get_many = cb_test_engine_get_many;
  engine_class->watch = cb_test_engine_watch;
  engine_class->wait = cb_test_engine_wait;
  engine_class->claim = cb_test_engine_claim;
  engine_class->progress = cb_test_engine_progress;
  engine_class->log = cb_test_engine_log;
  engine_class->complete = cb_test_engine_complete;
  engine_class->fail = cb_test_engine_fail;
  engine_class->expire = cb_test_engine_expire;
  engine_class->release = cb_test_engine_release;
  engine_class->extend = cb_test_engine_extend;
  engine_class->recover = cb_test_engine_recover;
  engine_class->tick = cb_test_engine_tick;
}

static void
cb_test_engine_init (CbTestEngine *self)
{
  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  self->waits = g_ptr_array_new_with_free_func (g_object_unref);
  self->n_calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

CbTestEngine *
cb_test_engine_new (void)
{
  return g_object_new (CB_TYPE_TEST_ENGINE, "prefix", "q", NULL);
}

static Job *
add_job (CbTestEngine *self, const char *queue, const char *data, guint attempts)
{
  Job *job = g_new0 (Job, 1);

  job->id = g_strdup_printf ("%u", self->jobs->len + 1);
  job->queue = g_strdup (queue);
  job->data = g_bytes_new (data, strlen (data));
  job->attempts_max = attempts;
  job->state = "inactive";
  job->calls = g_string_new (NULL);
  g_ptr_array_add (self->jobs, job);

  return job;
}

void
cb_test_engine_add (CbTestEngine *self, const char *queue, const char *data, guint attempts, guint n_jobs)
{
  for (guint i = 0; i < n_jobs; i++)
    set_job_state (self, add_job (self, queue, data, attempts), "inactive");
}

void
cb_test_engine_add_silently (CbTestEngine *self, const char *queue, const char *data)
{
  add_job (self, queue, data, 1);
}

void
cb_test_engine_set_fault (CbTestEngine *self, const char *call, CbTestFault fault, int n, const GError *error)
{
  g_free (self->fault_call);
  self->fault_call = g_strdup (call);
  self->fault = fault;
  self->n_faults = n;
  g_clear_error (&self->fault_error);
  self->fault_error = error != NULL ? g_error_copy (error) : NULL;
}

void
cb_test_engine_set_delay (CbTestEngine *self, guint msec)
{
  self->delay_msec = msec;
}

void
cb_test_engine_remove (CbTestEngine *self, const char *id)
{
  set_job_state (self, find_job (self, id), "gone");
}

void
cb_test_engine_steal (CbTestEngine *self, const char *id)
{
  Job *job = find_job (self, id);

  g_clear_pointer (&job->claim, cb_job_record_unref);
}

void
cb_test_engine_tell (CbTestEngine *self, const char *id, const char *event)
{
  g_autoptr (CbJobEvent) object = cb_job_event_new (id, event, NULL);

  cb_engine_emit_event (CB_ENGINE (self), object);
}

const char *
cb_test_engine_get_state (CbTestEngine *self, const char *id)
{
  return find_job (self, id)->state;
}

guint
cb_test_engine_count (CbTestEngine *self, const char *state)
{
  guint n = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    n += g_str_equal (((Job *) g_ptr_array_index (self->jobs, i))->state, state);

  return n;
}

const char *
cb_test_engine_get_calls (CbTestEngine *self, const char *id)
{
  return find_job (self, id)->calls->str;
}

guint
cb_test_engine_get_n (CbTestEngine *self, const char *call)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->n_calls, call));
}

gboolean
cb_test_engine_get_watched (CbTestEngine *self)
{
  return self->watched;
}
