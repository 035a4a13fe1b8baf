/* cb-memory-store.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-memory-store.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/*
 * Jobs in ordered sets, the way Redis keeps them: one of all jobs, one a state, one a queue and state. Sequences are
 * balanced trees, so that a page in the middle of many jobs is as quick as the first.
 */

struct _CbMemoryStore
{
  GHashTable *jobs;                              /* (owned) (element-type utf8 CbMemoryJob) */
  GHashTable *queues;                            /* (owned) (element-type utf8 MemoryQueue) */
  GSequence  *all;                               /* (owned) */
  GSequence  *states[CB_MEMORY_N_STATES];        /* (owned) */
  guint64     last_number;
};

typedef struct
{
  GSequence *states[CB_MEMORY_N_STATES];         /* (owned) */
} MemoryQueue;

const CbStateInfo cb_memory_states[CB_MEMORY_N_STATES] = {
  [CB_MEMORY_INACTIVE] = { "inactive", N_("Queued"), CB_JOB_MEANING_WAITING },
  [CB_MEMORY_ACTIVE] = { "active", N_("Active"), CB_JOB_MEANING_ACTIVE },
  [CB_MEMORY_DELAYED] = { "delayed", N_("Delayed"), CB_JOB_MEANING_DELAYED },
  [CB_MEMORY_FAILED] = { "failed", N_("Failed"), CB_JOB_MEANING_FAILED },
  [CB_MEMORY_COMPLETE] = { "complete", N_("Complete"), CB_JOB_MEANING_COMPLETE },
};

static void
memory_queue_free (gpointer data)
{
  MemoryQueue *self = data;

  for (guint i = 0; i < CB_MEMORY_N_STATES; i++)
    g_sequence_free (self->states[i]);
  g_free (self);
}

static void
memory_job_free (gpointer data)
{
  CbMemoryJob *self = data;

  cb_job_record_unref (self->record);
  g_ptr_array_unref (self->log);
  g_free (self);
}

CbMemoryStore *
cb_memory_store_new (void)
{
  CbMemoryStore *self = g_new0 (CbMemoryStore, 1);

  self->jobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, memory_job_free);
  self->queues = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, memory_queue_free);
  self->all = g_sequence_new (NULL);
  for (guint i = 0; i < CB_MEMORY_N_STATES; i++)
    self->states[i] = g_sequence_new (NULL);

  return self;
}

void
cb_memory_store_free (CbMemoryStore *self)
{
  g_sequence_free (self->all);
  for (guint i = 0; i < CB_MEMORY_N_STATES; i++)
    g_sequence_free (self->states[i]);
  g_hash_table_unref (self->queues);
  g_hash_table_unref (self->jobs);
  g_free (self);
}

static MemoryQueue *
ensure_queue (CbMemoryStore *self,
              const char    *name)
{
  MemoryQueue *queue = g_hash_table_lookup (self->queues, name);

  if (queue == NULL)
    {
      queue = g_new0 (MemoryQueue, 1);
      for (guint i = 0; i < CB_MEMORY_N_STATES; i++)
        queue->states[i] = g_sequence_new (NULL);
      g_hash_table_insert (self->queues, g_strdup (name), queue);
    }

  return queue;
}

void
cb_memory_store_add_queue (CbMemoryStore *self,
                           const char    *queue)
{
  ensure_queue (self, queue);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

GPtrArray *
cb_memory_store_list_queues (CbMemoryStore *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->queues);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  return names;
}

static int
compare_jobs (gconstpointer a,
              gconstpointer b,
              gpointer      user_data)
{
  const CbMemoryJob *x = a, *y = b;
  gboolean by_time = GPOINTER_TO_INT (user_data);

  if (by_time && x->record->promote_at != y->record->promote_at)
    return x->record->promote_at < y->record->promote_at ? -1 : 1;
  if (!by_time && x->record->priority != y->record->priority)
    return x->record->priority < y->record->priority ? -1 : 1;

  return (x->number > y->number) - (x->number < y->number);
}

static void
take_out (CbMemoryJob *job)
{
  for (guint i = 0; i < G_N_ELEMENTS (job->places); i++)
    g_clear_pointer (&job->places[i], g_sequence_remove);
}

static void
put_in (CbMemoryStore *self,
        CbMemoryJob   *job)
{
  MemoryQueue *queue = ensure_queue (self, job->record->queue);
  gpointer by_time = GINT_TO_POINTER (job->state == CB_MEMORY_DELAYED);

  job->places[0] = g_sequence_insert_sorted (self->all, job, compare_jobs, GINT_TO_POINTER (FALSE));
  job->places[1] = g_sequence_insert_sorted (self->states[job->state], job, compare_jobs, by_time);
  job->places[2] = g_sequence_insert_sorted (queue->states[job->state], job, compare_jobs, by_time);
}

static void
set_state (CbMemoryJob *job,
           int          state)
{
  job->state = state;
  job->record->state = g_intern_static_string (cb_memory_states[state].name);
  job->record->meaning = cb_memory_states[state].meaning;
}

CbMemoryJob *
cb_memory_store_add (CbMemoryStore *self,
                     CbJobRecord   *record,
                     int            state)
{
  CbMemoryJob *job = g_new0 (CbMemoryJob, 1);

  if (*record->id == 0)
    {
      g_free (record->id);
      record->id = g_strdup_printf ("%" G_GUINT64_FORMAT, self->last_number + 1);
    }
  job->number = g_ascii_strtoull (record->id, NULL, 10);
  self->last_number = MAX (self->last_number, job->number);

  job->record = record;
  job->log = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  set_state (job, state);
  put_in (self, job);
  g_hash_table_insert (self->jobs, record->id, job);

  return job;
}

CbMemoryJob *
cb_memory_store_find (CbMemoryStore *self,
                      const char    *id)
{
  return g_hash_table_lookup (self->jobs, id);
}

void
cb_memory_store_move (CbMemoryStore *self,
                      CbMemoryJob   *job,
                      int            state)
{
  take_out (job);
  set_state (job, state);
  if (state != CB_MEMORY_ACTIVE)
    job->lease_until = job->ttl_until = 0;
  put_in (self, job);
}

void
cb_memory_store_remove (CbMemoryStore *self,
                        CbMemoryJob   *job)
{
  take_out (job);
  g_hash_table_remove (self->jobs, job->record->id);
}

GSequence *
cb_memory_store_get_set (CbMemoryStore *self,
                         const char    *queue,
                         int            state)
{
  MemoryQueue *of_queue;

  if (queue == NULL)
    return state < 0 ? self->all : self->states[state];

  of_queue = g_hash_table_lookup (self->queues, queue);
  return of_queue != NULL ? of_queue->states[state] : NULL;
}

static GBytes *
ref_bytes (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_ref (bytes) : NULL;
}

/* What an engine hands out never changes any more, so the next change must not be seen in it. */
CbJobRecord *
cb_memory_job_dup_record (CbMemoryJob *job)
{
  CbJobRecord *copy = cb_job_record_new (job->record->id);
  char *id = copy->id;

  *copy = *job->record;
  g_atomic_ref_count_init (&copy->ref_count);
  copy->id = id;
  copy->queue = g_strdup (job->record->queue);
  copy->data = ref_bytes (job->record->data);
  copy->result = ref_bytes (job->record->result);
  copy->progress_data = ref_bytes (job->record->progress_data);
  copy->error = ref_bytes (job->record->error);
  copy->worker = g_strdup (job->record->worker);
  copy->backoff = g_strdup (job->record->backoff);
  copy->problem = g_strdup (job->record->problem);
  copy->log = NULL;
  copy->raw = NULL;
  copy->log_length = -1;

  return copy;
}
