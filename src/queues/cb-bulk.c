/* cb-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bulk.h"

#include "cb-doctor.h"
#include "cb-redis-error.h"
#include "cb-run-id.h"

/*
 * It goes through the jobs in portions, and each portion through these steps:
 *
 *   capture     how the jobs are now; those that are not as they were shown are left out
 *   write       that, into the journal, onto the disk
 *   act         on each that is still as it was captured
 *   write       what was done
 *
 * A job that somebody changes between the second step and the third is looked at once more in the next portion, a few times.
 */

#define FIRST_PORTION 20
#define LARGEST_PORTION 250
/* A portion is to take so long at most: one that is under way is waited for when it is cancelled. */
#define SLOW_USEC (250 * G_TIME_SPAN_MILLISECOND)
#define QUICK_USEC (80 * G_TIME_SPAN_MILLISECOND)
/* And to hold so much at most. */
#define MUCH_BYTES (4 * 1024 * 1024)

#define MOST_TRIES 4

typedef struct
{
  const char    *id;          /* of the chunk */
  const char    *state;       /* (nullable) interned */
  gint64         mark;        /* when it was changed last, or started; -1: whenever */
  const CbFinding *finding;   /* (nullable) borrowed */
  CbBulkOutcome  outcome : 8;
  guint          n_tries : 8;
} Job;

struct _CbBulk
{
  GObject        parent_instance;

  CbEngine      *engine;      /* (owned) */
  CbJournal     *journal;     /* (owned) (nullable) */
  CbDeed        *deed;        /* (owned) */
  char          *summary;     /* (owned) (nullable) */

  GStringChunk  *names;       /* (owned) */
  GArray        *jobs;        /* (owned) (element-type Job) */
  GHashTable    *indexes;     /* (owned) id → index + 1 */
  GHashTable    *errors;      /* (owned) index → (owned) GError: why it was not done */

  gboolean       ran;
  gboolean       running;
  guint          n[CB_BULK_UNKNOWN + 1];
  guint          n_not_kept;  /* not done for no other reason than that */
  gboolean       unwritten;   /* it ended as the journal could not be written */
  gboolean       unsure;      /* the journal says what was to be done, but not what was */
  char          *undo_id;     /* (owned) (nullable) */
  char          *notice;      /* (owned) (nullable) */

  /* while it runs */
  guint          next;        /* the first that was not looked at yet */
  guint          size;        /* of a portion */
  gint64         began;       /* the portion, monotonic */
  GArray        *again;       /* (owned) (element-type guint) to be looked at once more */
  GArray        *portion;     /* (owned) (element-type guint) the jobs of it */
  GPtrArray     *captures;    /* (owned) (nullable) (element-type CbCapture) of them, in order */
  CbJournalBook *book;        /* (owned) (nullable) */
  GError        *error;       /* (owned) (nullable) why it does not go on; the journal is to be closed yet */
};

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_JOURNAL,
  PROP_SUMMARY,
  PROP_N_TOTAL,
  PROP_N_DONE,
  PROP_N_CHANGED,
  PROP_N_GONE,
  PROP_N_REFUSED,
  PROP_N_UNKNOWN,
  PROP_PROGRESS,
  PROP_RUNNING,
  PROP_UNDO_ID,
  PROP_NOTICE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint outcome_signal;

G_DEFINE_FINAL_TYPE (CbBulk, cb_bulk, G_TYPE_OBJECT)

static void next_portion (GTask *task);

/* --- which jobs --- */

/**
 * cb_bulk_add:
 * @state: (nullable): the state in which it must be
 * @updated_at: when it must have been changed last, or, if @state is that of jobs that run, have started; µs since 1970 UTC, -1
 *   when it does not matter
 */
void
cb_bulk_add (CbBulk     *self,
             const char *id,
             const char *state,
             gint64      updated_at)
{
  Job job = { 0 };

  g_return_if_fail (CB_IS_BULK (self));
  g_return_if_fail (id != NULL);
  g_return_if_fail (!self->ran);

  g_return_if_fail (self->deed->kind != CB_DEED_REPAIR);

  if (g_hash_table_contains (self->indexes, id))
    return;

  job.id = g_string_chunk_insert (self->names, id);
  job.state = state != NULL ? g_intern_string (state) : NULL;
  job.mark = updated_at;
  g_array_append_val (self->jobs, job);
  g_hash_table_insert (self->indexes, (gpointer) job.id, GUINT_TO_POINTER (self->jobs->len));
  self->n[CB_BULK_PENDING]++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
}

/**
 * cb_bulk_add_record:
 * @record: the job as it is shown
 */
void
cb_bulk_add_record (CbBulk      *self,
                    CbJobRecord *record)
{
  g_return_if_fail (record != NULL);

  if (record->missing)
    cb_bulk_add (self, record->id, NULL, -1);
  else
    cb_bulk_add (self, record->id, record->state,
                 record->meaning == CB_JOB_MEANING_ACTIVE ? record->started_at : record->updated_at);
}

/**
 * cb_bulk_add_finding:
 * @finding: one that can be repaired; kept by the caller as long as this
 *
 * What is to be repaired, for a bulk of that deed.
 */
void
cb_bulk_add_finding (CbBulk          *self,
                     const CbFinding *finding)
{
  Job job = { 0 };

  g_return_if_fail (CB_IS_BULK (self));
  g_return_if_fail (self->deed->kind == CB_DEED_REPAIR);
  g_return_if_fail (finding != NULL && finding->repair != NULL);
  g_return_if_fail (!self->ran);

  job.id = g_string_chunk_insert (self->names, finding->id != NULL ? finding->id : "");
  job.finding = finding;
  job.mark = -1;
  g_array_append_val (self->jobs, job);
  self->n[CB_BULK_PENDING]++;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TOTAL]);
}

static gboolean
is_as_shown (CbBulk    *self,
             const Job *job,
             CbCapture *capture)
{
  const CbStateInfo *states;
  gint64 mark = capture->updated_at;
  guint n_states;
  int state;

  if (job->state == NULL)
    return TRUE;
  if (g_strcmp0 (job->state, capture->state) != 0)
    return FALSE;
  if (job->mark < 0)
    return TRUE;

  states = cb_engine_get_states (self->engine, &n_states);
  state = cb_engine_find_state (self->engine, job->state);
  if (state >= 0 && states[state].meaning == CB_JOB_MEANING_ACTIVE)
    mark = capture->started_at;

  return mark == job->mark || capture->updated_at == job->mark;
}

/* --- what became of them --- */

static void
settle (CbBulk        *self,
        guint          index,
        CbBulkOutcome  outcome,
        const GError  *error)
{
  Job *job = &g_array_index (self->jobs, Job, index);

  self->n[job->outcome]--;
  job->outcome = outcome;
  self->n[job->outcome]++;
  if (error != NULL)
    g_hash_table_insert (self->errors, GUINT_TO_POINTER (index), g_error_copy (error));
  g_signal_emit (self, outcome_signal, 0, index);
}

static void
settle_error (CbBulk       *self,
              guint         index,
              const GError *error)
{
  CbBulkOutcome outcome = CB_BULK_REFUSED;

  if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    outcome = CB_BULK_GONE;
  else if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED))
    outcome = CB_BULK_CHANGED;
  else if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_KEPT))
    self->n_not_kept++;

  settle (self, index, outcome, error);
}

static void
notify_counts (CbBulk *self)
{
  for (guint i = PROP_N_DONE; i <= PROP_PROGRESS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

/* --- the end --- */

static void
finish (GTask *task)
{
  CbBulk *self = g_task_get_source_object (task);

  g_clear_pointer (&self->captures, g_ptr_array_unref);
  g_array_set_size (self->portion, 0);
  self->running = FALSE;
  notify_counts (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbBulk *self = g_task_get_source_object (task);
  guint n_dropped = cb_journal_book_get_n_dropped (self->book);

  /* What was captured and done is on the disk already; without its end the entry only says that it was broken off. */
  if (!cb_journal_end_finish (CB_JOURNAL (source), result, self->error == NULL ? &self->error : NULL))
    g_debug ("The end of an entry of the undo journal could not be written");

  if (n_dropped > 0)
    {
      self->notice = g_strdup_printf (n_dropped == 1 ? "%u older entry of the undo journal was dropped to make room"
                                                     : "%u older entries of the undo journal were dropped to make room", n_dropped);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTICE]);
    }
  if (cb_journal_book_get_entry (self->book)->n_done == 0 && self->n[CB_BULK_UNKNOWN] == 0 && self->undo_id != NULL)
    {
      g_clear_pointer (&self->undo_id, g_free);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNDO_ID]);
    }
  g_clear_pointer (&self->book, cb_journal_book_close);
  finish (task);
}

/* @error is taken. */
static void
stop (GTask  *task,
      GError *error)
{
  CbBulk *self = g_task_get_source_object (task);

  g_clear_error (&self->error);
  self->error = error;
  if (self->book != NULL && (self->unsure || self->n[CB_BULK_UNKNOWN] > 0))
    {
      /* Like a program that ended there: undoing finds out. */
      g_clear_pointer (&self->book, cb_journal_book_close);
      finish (task);
    }
  else if (self->book != NULL)
    cb_journal_end_async (self->journal, self->book, ended_cb, g_object_ref (task));
  else
    finish (task);
}

/* @error is taken. */
static void
stop_unwritten (GTask  *task,
                GError *error)
{
  CbBulk *self = g_task_get_source_object (task);

  self->unwritten = TRUE;
  self->n_not_kept += self->n[CB_BULK_PENDING];
  stop (task, error);
}

/* --- one portion --- */

static void
portion_done (GTask *task)
{
  CbBulk *self = g_task_get_source_object (task);
  gint64 took = g_get_monotonic_time () - self->began;
  gsize bytes = 0;

  for (guint i = 0; self->captures != NULL && i < self->captures->len; i++)
    bytes += cb_capture_get_size (g_ptr_array_index (self->captures, i));
  if (took > SLOW_USEC || bytes > MUCH_BYTES)
    self->size = MAX (1, self->size / 2);
  else if (took < QUICK_USEC && bytes < MUCH_BYTES / 2)
    self->size = MIN (LARGEST_PORTION, self->size * 2);

  notify_counts (self);
  next_portion (task);
}

static void
outcome_written_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_journal_outcome_finish (CB_JOURNAL (source), result, &error))
    {
      CB_BULK (g_task_get_source_object (task))->unsure = TRUE;
      stop (task, error);
    }
  else
    {
      portion_done (task);
    }
}

static void
acted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) outcomes = NULL;
  CbBulk *self = g_task_get_source_object (task);
  GError *error = NULL;

  outcomes = cb_engine_act_captured_finish (CB_ENGINE (source), result, &error);
  for (guint i = 0; i < self->portion->len; i++)
    {
      guint index = g_array_index (self->portion, guint, i);
      CbCapture *capture = g_ptr_array_index (self->captures, i);
      Job *job = &g_array_index (self->jobs, Job, index);
      CbJobOutcome *outcome = outcomes != NULL ? g_ptr_array_index (outcomes, i) : NULL;

      if (capture->error != NULL)
        continue;
      if (outcome == NULL)
        settle (self, index, CB_BULK_UNKNOWN, error);
      else if (outcome->error == NULL)
        settle (self, index, CB_BULK_DONE, NULL);
      else if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED) && ++job->n_tries < MOST_TRIES)
        g_array_append_val (self->again, index);
      else
        settle_error (self, index, outcome->error);
    }

  if (outcomes == NULL)
    stop (task, error);
  else if (self->book != NULL)
    cb_journal_outcome_async (self->journal, self->book, self->captures, outcome_written_cb, g_object_ref (task));
  else
    portion_done (task);
}

/* Without being written down: it is looked at again by the repair itself. */
static void
repaired_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbBulk *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_repair_finish (CB_ENGINE (source), result, &error);

  for (guint i = 0; i < self->portion->len; i++)
    {
      guint index = g_array_index (self->portion, guint, i);
      CbJobOutcome *outcome = outcomes != NULL ? g_ptr_array_index (outcomes, i) : NULL;

      if (outcome == NULL)
        settle (self, index, CB_BULK_UNKNOWN, error);
      else if (outcome->error == NULL)
        settle (self, index, CB_BULK_DONE, NULL);
      else if (g_error_matches (outcome->error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE))
        settle (self, index, CB_BULK_CHANGED, outcome->error);
      else
        settle_error (self, index, outcome->error);
    }

  if (outcomes == NULL)
    stop (task, error);
  else
    portion_done (task);
}

static void
act (GTask *task)
{
  CbBulk *self = g_task_get_source_object (task);

  /* Not cancelled: what was sent will be done, so its outcome is waited for. */
  cb_engine_act_captured_async (self->engine, self->deed, self->captures, self->journal != NULL, NULL, acted_cb,
                                g_object_ref (task));
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (!cb_journal_capture_finish (CB_JOURNAL (source), result, &error))
    {
      g_prefix_error (&error, "What can’t be written down can’t be undone, so it was not done: ");
      stop_unwritten (task, error);
      return;
    }
  act (task);
}

static void
begun_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbBulk *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->book = cb_journal_begin_finish (CB_JOURNAL (source), result, &error);
  if (self->book == NULL)
    {
      g_prefix_error (&error, "What can’t be written down can’t be undone, so nothing was done: ");
      stop_unwritten (task, error);
      return;
    }
  self->undo_id = g_strdup (cb_journal_book_get_entry (self->book)->id);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_UNDO_ID]);
  cb_journal_capture_async (self->journal, self->book, self->captures, written_cb, g_object_ref (task));
}

static void
run_id_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbBulk *self = g_task_get_source_object (task);
  g_autofree char *run_id = cb_run_id_ask_finish (result);
  g_autoptr (CbJournalEntry) entry = cb_journal_entry_new (self->deed);

  cb_journal_entry_set_engine (entry, self->engine, run_id);
  entry->summary = g_strdup (self->summary);
  entry->n_planned = self->jobs->len;
  cb_journal_begin_async (self->journal, entry, NULL, begun_cb, g_object_ref (task));
}

static void
captured_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbBulk *self = g_task_get_source_object (task);
  GError *error = NULL;
  gboolean any = FALSE;

  g_clear_pointer (&self->captures, g_ptr_array_unref);
  self->captures = cb_engine_capture_finish (CB_ENGINE (source), result, &error);
  if (self->captures == NULL)
    {
      stop (task, error);
      return;
    }

  for (guint i = 0; i < self->captures->len; i++)
    {
      guint index = g_array_index (self->portion, guint, i);
      const Job *job = &g_array_index (self->jobs, Job, index);
      CbCapture *capture = g_ptr_array_index (self->captures, i);

      if (capture->error == NULL && !is_as_shown (self, job, capture) && self->deed->kind == CB_DEED_UPDATE)
        capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                                      "Job %s was changed by somebody else since it was read and is %s now; nothing was changed. "
                                      "Read it again first", job->id, *capture->state != 0 ? capture->state : "in no state");
      else if (capture->error == NULL && !is_as_shown (self, job, capture))
        capture->error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_CHANGED,
                                      "Job %s is not as it was shown any more (it is %s now), so it was left as it is", job->id,
                                      *capture->state != 0 ? capture->state : "in no state");
      if (capture->error != NULL)
        settle_error (self, index, capture->error);
      else
        any = TRUE;
    }

  if (!any)
    portion_done (task);
  else if (self->journal == NULL)
    act (task);
  else if (self->book == NULL)
    cb_run_id_ask_async (self->engine, NULL, run_id_cb, g_object_ref (task));
  else
    cb_journal_capture_async (self->journal, self->book, self->captures, written_cb, g_object_ref (task));
}

static void
next_portion (GTask *task)
{
  CbBulk *self = g_task_get_source_object (task);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    {
      stop (task, error);
      return;
    }

  g_array_set_size (self->portion, 0);
  while (self->portion->len < self->size && self->again->len > 0)
    {
      g_array_append_val (self->portion, g_array_index (self->again, guint, self->again->len - 1));
      g_array_set_size (self->again, self->again->len - 1);
    }
  while (self->portion->len < self->size && self->next < self->jobs->len)
    {
      g_array_append_val (self->portion, self->next);
      self->next++;
    }
  if (self->portion->len == 0)
    {
      stop (task, NULL);
      return;
    }

  self->began = g_get_monotonic_time ();
  if (self->deed->kind == CB_DEED_REPAIR)
    {
      g_autoptr (GPtrArray) findings = g_ptr_array_new ();

      for (guint i = 0; i < self->portion->len; i++)
        g_ptr_array_add (findings, (gpointer) g_array_index (self->jobs, Job, g_array_index (self->portion, guint, i)).finding);
      if (self->journal == NULL)
        cb_engine_repair_async (self->engine, findings, NULL, repaired_cb, g_object_ref (task));
      else
        cb_engine_capture_findings_async (self->engine, findings, g_task_get_cancellable (task), captured_cb, g_object_ref (task));
      return;
    }

  for (guint i = 0; i < self->portion->len; i++)
    g_ptr_array_add (ids, (gpointer) g_array_index (self->jobs, Job, g_array_index (self->portion, guint, i)).id);
  g_ptr_array_add (ids, NULL);
  cb_engine_capture_async (self->engine, self->deed, (const char * const *) ids->pdata, self->journal != NULL,
                           g_task_get_cancellable (task), captured_cb, g_object_ref (task));
}

/**
 * cb_bulk_run_async:
 *
 * Does it with each of the jobs that were added.
 */
void
cb_bulk_run_async (CbBulk              *self,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  CbConnection *connection;

  g_return_if_fail (CB_IS_BULK (self));
  g_return_if_fail (!self->ran);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_bulk_run_async);
  /* A cancelled task has still its last portion to write down. */
  g_task_set_check_cancellable (task, FALSE);
  self->ran = TRUE;
  self->running = TRUE;
  self->size = FIRST_PORTION;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  /* Before anything is written down. */
  connection = cb_engine_get_connection (self->engine);
  if (connection != NULL && cb_connection_get_read_only (connection))
    stop (task, g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY, "This connection is for looking only, so nothing was done"));
  else
    next_portion (task);
}

/**
 * cb_bulk_run_finish:
 *
 * Returns: %FALSE when it did not come to its end: what was done before is in the counts, and can be undone
 */
gboolean
cb_bulk_run_finish (CbBulk        *self,
                    GAsyncResult  *result,
                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- looking at it --- */

const CbDeed *
cb_bulk_get_deed (CbBulk *self)
{
  return self->deed;
}

CbEngine *
cb_bulk_get_engine (CbBulk *self)
{
  return self->engine;
}

guint
cb_bulk_get_n_total (CbBulk *self)
{
  return self->jobs->len;
}

guint
cb_bulk_get_n (CbBulk        *self,
               CbBulkOutcome  outcome)
{
  g_return_val_if_fail (outcome <= CB_BULK_UNKNOWN, 0);

  return self->n[outcome];
}

guint
cb_bulk_get_n_not_kept (CbBulk *self)
{
  return self->n_not_kept;
}

/**
 * cb_bulk_new_not_kept:
 *
 * Returns: (transfer full) (nullable): the same for the jobs that were not done only because they could not be kept, without a
 *   journal; %NULL when there are none
 */
CbBulk *
cb_bulk_new_not_kept (CbBulk *self)
{
  CbBulk *rest;

  g_return_val_if_fail (CB_IS_BULK (self), NULL);

  if (self->n_not_kept == 0)
    return NULL;

  rest = cb_bulk_new (self->engine, NULL, self->deed);
  for (guint i = 0; i < self->jobs->len; i++)
    {
      const Job *job = &g_array_index (self->jobs, Job, i);

      if (!g_error_matches (cb_bulk_get_error (self, i), CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_KEPT) &&
          !(self->unwritten && job->outcome == CB_BULK_PENDING))
        continue;
      if (job->finding != NULL)
        cb_bulk_add_finding (rest, job->finding);
      else
        cb_bulk_add (rest, job->id, job->state, job->mark);
    }

  return rest;
}

gboolean
cb_bulk_get_running (CbBulk *self)
{
  return self->running;
}

const char *
cb_bulk_get_undo_id (CbBulk *self)
{
  return self->undo_id;
}

const char *
cb_bulk_get_notice (CbBulk *self)
{
  return self->notice;
}

void
cb_bulk_set_summary (CbBulk     *self,
                     const char *summary)
{
  g_return_if_fail (CB_IS_BULK (self));

  if (g_strcmp0 (self->summary, summary) == 0)
    return;
  g_free (self->summary);
  self->summary = summary != NULL ? g_utf8_make_valid (summary, -1) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUMMARY]);
}

/**
 * cb_bulk_get_outcome:
 * @index: by the order in which they were added
 * @id: (out) (optional) (transfer none): the job
 * @state: (out) (optional) (nullable) (transfer none): in which it was to be
 * @message: (out) (optional) (nullable) (transfer none): why it was not done
 *
 * Returns: what became of a job
 */
CbBulkOutcome
cb_bulk_get_outcome (CbBulk      *self,
                     guint        index,
                     const char **id,
                     const char **state,
                     const char **message)
{
  const Job *job;

  g_return_val_if_fail (index < self->jobs->len, CB_BULK_PENDING);

  job = &g_array_index (self->jobs, Job, index);
  if (id != NULL)
    *id = job->id;
  if (state != NULL)
    *state = job->state;
  if (message != NULL)
    {
      const GError *error = cb_bulk_get_error (self, index);

      *message = error != NULL ? error->message : NULL;
    }

  return job->outcome;
}

/**
 * cb_bulk_get_error:
 * @index: by the order in which they were added
 *
 * Returns: (nullable) (transfer none): why it was not done
 */
const GError *
cb_bulk_get_error (CbBulk *self,
                   guint   index)
{
  return g_hash_table_lookup (self->errors, GUINT_TO_POINTER (index));
}

/* --- the object --- */

static void
cb_bulk_finalize (GObject *object)
{
  CbBulk *self = CB_BULK (object);

  g_clear_object (&self->engine);
  g_clear_object (&self->journal);
  cb_deed_free (self->deed);
  g_free (self->summary);
  g_free (self->undo_id);
  g_free (self->notice);
  g_hash_table_unref (self->indexes);
  g_hash_table_unref (self->errors);
  g_array_unref (self->jobs);
  g_string_chunk_free (self->names);
  g_array_unref (self->again);
  g_array_unref (self->portion);
  g_clear_pointer (&self->captures, g_ptr_array_unref);
  cb_journal_book_close (self->book);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (cb_bulk_parent_class)->finalize (object);
}

static void
cb_bulk_get_property (GObject    *object,
                      guint       prop_id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  CbBulk *self = CB_BULK (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;

    case PROP_JOURNAL:
      g_value_set_object (value, self->journal);
      break;

    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;

    case PROP_N_TOTAL:
      g_value_set_uint (value, self->jobs->len);
      break;

    case PROP_N_DONE:
      g_value_set_uint (value, self->n[CB_BULK_DONE]);
      break;

    case PROP_N_CHANGED:
      g_value_set_uint (value, self->n[CB_BULK_CHANGED]);
      break;

    case PROP_N_GONE:
      g_value_set_uint (value, self->n[CB_BULK_GONE]);
      break;

    case PROP_N_REFUSED:
      g_value_set_uint (value, self->n[CB_BULK_REFUSED]);
      break;

    case PROP_N_UNKNOWN:
      g_value_set_uint (value, self->n[CB_BULK_UNKNOWN]);
      break;

    case PROP_PROGRESS:
      g_value_set_double (value, self->jobs->len == 0 ? 0 : 1 - (double) self->n[CB_BULK_PENDING] / self->jobs->len);
      break;

    case PROP_RUNNING:
      g_value_set_boolean (value, self->running);
      break;

    case PROP_UNDO_ID:
      g_value_set_string (value, self->undo_id);
      break;

    case PROP_NOTICE:
      g_value_set_string (value, self->notice);
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_bulk_set_property (GObject      *object,
                      guint         prop_id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  CbBulk *self = CB_BULK (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;

    case PROP_JOURNAL:
      self->journal = g_value_dup_object (value);
      break;

    case PROP_SUMMARY:
      cb_bulk_set_summary (self, g_value_get_string (value));
      break;

    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_bulk_class_init (CbBulkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = cb_bulk_finalize;
  object_class->get_property = cb_bulk_get_property;
  object_class->set_property = cb_bulk_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, given);
  properties[PROP_JOURNAL] = g_param_spec_object ("journal", NULL, NULL, CB_TYPE_JOURNAL, given);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_N_TOTAL] = g_param_spec_uint ("n-total", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_CHANGED] = g_param_spec_uint ("n-changed", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_GONE] = g_param_spec_uint ("n-gone", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_REFUSED] = g_param_spec_uint ("n-refused", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_UNKNOWN] = g_param_spec_uint ("n-unknown", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, 0, 1, 0, readable);
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, readable);
  properties[PROP_UNDO_ID] = g_param_spec_string ("undo-id", NULL, NULL, NULL, readable);
  properties[PROP_NOTICE] = g_param_spec_string ("notice", NULL, NULL, NULL, readable);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  outcome_signal = g_signal_new ("outcome", CB_TYPE_BULK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
cb_bulk_init (CbBulk *self)
{
  self->names = g_string_chunk_new (4096);
  self->jobs = g_array_new (FALSE, FALSE, sizeof (Job));
  self->indexes = g_hash_table_new (g_str_hash, g_str_equal);
  self->errors = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_error_free);
  self->again = g_array_new (FALSE, FALSE, sizeof (guint));
  self->portion = g_array_new (FALSE, FALSE, sizeof (guint));
}

/**
 * cb_bulk_new:
 * @journal: (nullable): where to write down what is destroyed; %NULL for what is not to be undone
 * @deed: what is to be done with each
 *
 * Returns: (transfer full): without any jobs yet
 */
CbBulk *
cb_bulk_new (CbEngine     *engine,
             CbJournal    *journal,
             const CbDeed *deed)
{
  CbBulk *self;

  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (journal == NULL || CB_IS_JOURNAL (journal), NULL);
  g_return_val_if_fail (deed != NULL, NULL);

  self = g_object_new (CB_TYPE_BULK, "engine", engine, "journal", journal, NULL);
  self->deed = cb_deed_copy (deed);

  return self;
}
