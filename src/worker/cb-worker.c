/* cb-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the worker does next is decided in one place, pump(), which is called after everything that happens: a claim was answered,
 * a job is over, there may be something to claim, somebody changed a setting.
 *
 * Claims that find something make room for more of them at once, up to CLAIMS_MAX, so that a hundred slots fill in a few round
 * trips. The first that finds nothing ends that, and the engine is asked to say when there may be something again. As a
 * token can be lost by the one who pushed it or by the one who took it, a claim is tried every few seconds in any case.
 *
 * Nothing that is on its way to the engine holds the worker: it can go at any time, and what comes too late is put back. */

#include "config.h"

#include "cb-worker.h"

#include "cb-caretaker.h"
#include "cb-rate.h"
#include "cb-run.h"
#include "cb-worker-slot-private.h"

#define DEFAULT_LEASE_MSEC 6000
#define CONCURRENCY_MAX 100
#define CLAIMS_MAX 16

#define WAIT_MSEC 5000
#define PAUSE_MSEC 1000
#define DRAIN_INTERVAL_MSEC 500
#define DRAIN_LOOK 500 /* the entries of a queue that nothing can be claimed from that are looked at */

/* On stop: how long a cancelled handler has to answer, and how long the outcomes may take while the server is away. */
#define CANCEL_GRACE_MSEC 700
#define GIVE_UP_MSEC 5000

struct _CbWorker
{
  GObject parent_instance;

  CbEngine *engine;            /* (owned) */
  char *queue;                 /* (owned) */
  CbHandler *handler;          /* (owned) for the next jobs */
  guint concurrency;
  guint timeout_msec;
  guint lease_msec;
  CbRate rate;

  CbWorkerState state;
  char *problem;               /* (owned) (nullable) */
  guint n_active;
  guint64 n_complete;
  guint64 n_failed;
  GListStore *slots;           /* (element-type CbWorkerSlot) by number */

  CbGate *gate;                /* (owned) */
  CbCaretaker *caretaker;      /* (owned) (nullable) while it runs */

  guint n_claims;              /* under way */
  guint claims_allowed;
  gboolean dry;                /* the last claim found nothing */
  GCancellable *waiting;       /* (owned) (nullable) a wait is under way */
  guint n_false_alarms;        /* waits that ended and then there was nothing */
  guint pause_source;          /* nothing is tried before then */
  guint rate_source;           /* no more may be started before then */
  char *claim_problem;         /* (owned) (nullable) about this queue, not the server */
  char *stuck_problem;         /* (owned) (nullable) a handler that does not end */
  guint n_stuck;

  GPtrArray *stop_tasks;       /* (element-type GTask) */
  guint stop_source;           /* the grace, then the time to give up */
  gint64 stop_deadline;        /* monotonic: when the grace is over */
  gboolean handlers_cancelled;
  GError *stop_error;          /* (owned) (nullable) what is told to those who wait for the end */

  GPtrArray *drain_tasks;      /* (element-type GTask) */
  guint drain_source;
  gboolean counting;
  GHashTable *retrying;        /* (element-type utf8) ids of jobs that failed here and will come again */
};

G_DEFINE_QUARK (cb-worker-error-quark, cb_worker_error)

G_DEFINE_ENUM_TYPE (CbWorkerState, cb_worker_state,
                    G_DEFINE_ENUM_VALUE (CB_WORKER_STOPPED, "stopped"),
                    G_DEFINE_ENUM_VALUE (CB_WORKER_RUNNING, "running"),
                    G_DEFINE_ENUM_VALUE (CB_WORKER_STOPPING, "stopping"))

G_DEFINE_FINAL_TYPE (CbWorker, cb_worker, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_QUEUE,
  PROP_HANDLER,
  PROP_CONCURRENCY,
  PROP_TIMEOUT,
  PROP_LEASE,
  PROP_RATE_LIMIT,
  PROP_RATE_INTERVAL,
  PROP_STATE,
  PROP_PROBLEM,
  PROP_N_ACTIVE,
  PROP_N_COMPLETE,
  PROP_N_FAILED,
  PROP_SLOTS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  JOB_STARTED,
  JOB_FINISHED,
  JOB_PROGRESS,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void pump (CbWorker *self);
static void look_whether_drained (CbWorker *self);

/* --- small verbs --- */

static void
notify (CbWorker *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

static void
set_state (CbWorker *self, CbWorkerState state)
{
  if (self->state == state)
    return;

  self->state = state;
  notify (self, PROP_STATE);
}

static void
update_problem (CbWorker *self)
{
  const char *problem = cb_gate_get_problem (self->gate);

  if (problem == NULL)
    problem = self->claim_problem;
  if (problem == NULL)
    problem = self->stuck_problem;

  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  notify (self, PROP_PROBLEM);
}

static void
set_claim_problem (CbWorker *self, const char *problem)
{
  if (g_strcmp0 (self->claim_problem, problem) == 0)
    return;

  g_free (self->claim_problem);
  self->claim_problem = g_strdup (problem);
  update_problem (self);
}

static void
set_n_active (CbWorker *self, guint n_active)
{
  self->n_active = n_active;
  notify (self, PROP_N_ACTIVE);
}

static guint
get_n_slots (CbWorker *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->slots));
}

/* The slots are the worker's own, so borrowing is safe as long as none is removed. */
static CbWorkerSlot *
peek_slot (CbWorker *self, guint position)
{
  g_autoptr (CbWorkerSlot) slot = g_list_model_get_item (G_LIST_MODEL (self->slots), position);

  return slot;
}

static CbWorkerSlot *
find_free_slot (CbWorker *self)
{
  for (guint i = 0; i < get_n_slots (self); i++)
    {
      CbWorkerSlot *slot = peek_slot (self, i);

      if (cb_worker_slot_get_number (slot) > self->concurrency)
        break;
      if (cb_worker_slot_is_free (slot))
        return slot;
    }

  return NULL;
}

/* Kept, because ending one changes the slots. */
static GPtrArray *
dup_runs (CbWorker *self)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < get_n_slots (self); i++)
    {
      CbRun *run = cb_worker_slot_get_run (peek_slot (self, i));

      if (run != NULL)
        g_ptr_array_add (runs, g_object_ref (run));
    }

  return runs;
}

/* Slots 1 to concurrency, and above these the ones whose job is not over yet. */
static void
update_slots (CbWorker *self)
{
  guint i = 0;

  for (guint number = 1; number <= self->concurrency; number++, i++)
    {
      if (i >= get_n_slots (self) || cb_worker_slot_get_number (peek_slot (self, i)) != number)
        {
          g_autoptr (CbWorkerSlot) slot = cb_worker_slot_new (number);

          g_list_store_insert (self->slots, i, slot);
        }
    }

  while (i < get_n_slots (self))
    {
      if (cb_worker_slot_is_free (peek_slot (self, i)))
        g_list_store_remove (self->slots, i);
      else
        i++;
    }
}

/* --- operations that others wait for --- */

static void
return_tasks (GPtrArray **tasks, const GError *error)
{
  /* A callback may ask for the next one. */
  g_autoptr (GPtrArray) all = g_steal_pointer (tasks);

  *tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < all->len; i++)
    {
      if (error != NULL)
        g_task_return_error (g_ptr_array_index (all, i), g_error_copy (error));
      else
        g_task_return_boolean (g_ptr_array_index (all, i), TRUE);
    }
}

/* Cancelling ends the waiting of the one who asked; the worker goes on with what it was told to do. */
static void
task_cancelled_cb (GTask *task)
{
  CbWorker *self = g_task_get_source_object (task);
  g_autoptr (GTask) keep = g_object_ref (task);

  if (!g_ptr_array_remove (self->stop_tasks, task) && !g_ptr_array_remove (self->drain_tasks, task))
    return;

  g_task_return_error_if_cancelled (task);
  if (self->drain_tasks->len == 0)
    g_clear_handle_id (&self->drain_source, g_source_remove);
}

static gboolean
add_task (CbWorker *self, GPtrArray *tasks, gpointer tag, GCancellable *cancellable, GAsyncReadyCallback callback,
          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (g_task_return_error_if_cancelled (task))
    return FALSE;

  g_ptr_array_add (tasks, g_object_ref (task));
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (task_cancelled_cb), task, G_CONNECT_SWAPPED);

  return TRUE;
}

/* --- the end --- */

static void
become_stopped (CbWorker *self)
{
  g_autoptr (CbWorker) keep = g_object_ref (self);
  g_autoptr (GError) error = g_steal_pointer (&self->stop_error);
  g_autoptr (GError) stopped = NULL;

  g_clear_handle_id (&self->pause_source, g_source_remove);
  g_clear_handle_id (&self->rate_source, g_source_remove);
  g_clear_handle_id (&self->stop_source, g_source_remove);
  g_clear_handle_id (&self->drain_source, g_source_remove);
  if (self->waiting != NULL)
    g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);
  cb_gate_forget (self->gate, self);
  g_clear_pointer (&self->caretaker, cb_caretaker_leave);
  g_hash_table_remove_all (self->retrying);
  set_claim_problem (self, NULL);

  set_state (self, CB_WORKER_STOPPED);

  stopped = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED,
                                 "The worker was stopped before the queue was drained");
  return_tasks (&self->drain_tasks, stopped);
  return_tasks (&self->stop_tasks, error);
}

static void
maybe_stop (CbWorker *self)
{
  if (self->state == CB_WORKER_STOPPING && self->n_active == 0 && self->n_claims == 0)
    become_stopped (self);
}

/* The server has been away for too long for the outcomes to be told. */
static gboolean
give_up_cb (gpointer user_data)
{
  g_autoptr (CbWorker) self = g_object_ref (CB_WORKER (user_data));
  g_autoptr (GPtrArray) runs = dup_runs (self);

  self->stop_source = 0;
  g_clear_error (&self->stop_error);
  self->stop_error =
    g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED,
                 "The worker stopped without telling what came of %u jobs; they come back when their lease is over%s%s",
                 self->n_active, self->problem != NULL ? ": " : "", self->problem != NULL ? self->problem : "");

  for (guint i = 0; i < runs->len; i++)
    cb_run_give_up (g_ptr_array_index (runs, i));

  /* The last of them has stopped it, unless a claim is still without an answer. */
  if (self->state == CB_WORKER_STOPPING)
    become_stopped (self);

  return G_SOURCE_REMOVE;
}

static gboolean
grace_over_cb (gpointer user_data)
{
  g_autoptr (CbWorker) self = g_object_ref (CB_WORKER (user_data));
  g_autoptr (GError) reason = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED, "The worker has stopped");
  g_autoptr (GPtrArray) runs = dup_runs (self);

  self->handlers_cancelled = TRUE;
  self->stop_source = g_timeout_add (GIVE_UP_MSEC, give_up_cb, self);

  for (guint i = 0; i < runs->len; i++)
    cb_run_end (g_ptr_array_index (runs, i), CB_RUN_CAUSE_STOP, reason, CANCEL_GRACE_MSEC);

  return G_SOURCE_REMOVE;
}

/* --- one job --- */

static void
unstuck_cb (CbWorker *self)
{
  if (--self->n_stuck > 0)
    return;

  g_clear_pointer (&self->stuck_problem, g_free);
  update_problem (self);
}

static void
finished_cb (CbWorker *self, CbRun *run)
{
  g_autoptr (CbWorker) keep = g_object_ref (self);
  g_autoptr (CbRun) keep_run = g_object_ref (run);
  CbJobRecord *job = cb_run_get_job (run);
  CbRunOutcome outcome = cb_run_get_outcome (run);
  gboolean will_retry = outcome == CB_RUN_OUTCOME_FAILED && cb_run_get_will_retry (run);

  for (guint i = 0; i < get_n_slots (self); i++)
    if (cb_worker_slot_get_run (peek_slot (self, i)) == run)
      {
        cb_worker_slot_clear (peek_slot (self, i));
        break;
      }

  if (self->caretaker != NULL)
    cb_caretaker_remove (self->caretaker, run);

  if (cb_run_is_stuck (run))
    {
      self->n_stuck++;
      g_free (self->stuck_problem);
      self->stuck_problem = g_strdup_printf ("The handler “%s” was told to end job %s and does not; its slot is used again",
                                             cb_handler_get_name (cb_run_get_handler (run)), job->id);
      g_signal_connect_object (run, "unstuck", G_CALLBACK (unstuck_cb), self, G_CONNECT_SWAPPED);
      update_problem (self);
    }

  g_object_freeze_notify (G_OBJECT (self));
  set_n_active (self, self->n_active - 1);
  if (outcome == CB_RUN_OUTCOME_COMPLETE)
    {
      self->n_complete++;
      notify (self, PROP_N_COMPLETE);
    }
  else if (outcome == CB_RUN_OUTCOME_FAILED)
    {
      self->n_failed++;
      notify (self, PROP_N_FAILED);
    }
  g_object_thaw_notify (G_OBJECT (self));

  if (will_retry)
    g_hash_table_add (self->retrying, g_strdup (job->id));

  if (cb_run_was_started (run))
    g_signal_emit (self, signals[JOB_FINISHED], 0, job, cb_run_get_result (run), cb_run_get_error (run), will_retry);

  update_slots (self);
  pump (self);
}

static void
progress_cb (CbWorker *self, int percent, CbHandlerContext *context)
{
  g_signal_emit (self, signals[JOB_PROGRESS], 0, cb_handler_context_get_job (context), percent);
}

static void
begin_run (CbWorker *self, CbWorkerSlot *slot, CbJobRecord *job)
{
  g_autoptr (CbRun) run = cb_run_new (self->engine, self->gate, self->handler, job);

  g_signal_connect_object (run, "finished", G_CALLBACK (finished_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cb_run_get_context (run), "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);

  g_hash_table_remove (self->retrying, job->id);
  cb_caretaker_add (self->caretaker, run);
  cb_worker_slot_set_run (slot, run, cb_engine_get_time (self->engine));
  set_n_active (self, self->n_active + 1);

  if (self->state == CB_WORKER_RUNNING)
    {
      cb_rate_note (&self->rate, g_get_monotonic_time ());
      g_signal_emit (self, signals[JOB_STARTED], 0, job);
      cb_run_start (run, self->timeout_msec);
    }
  else
    {
      cb_run_put_back (run);
    }
}

/* --- claiming --- */

static gboolean
pause_cb (gpointer user_data)
{
  CbWorker *self = user_data;

  self->pause_source = 0;
  pump (self);

  return G_SOURCE_REMOVE;
}

static void
pause_for (CbWorker *self, guint msec)
{
  if (self->pause_source == 0)
    self->pause_source = g_timeout_add (msec, pause_cb, self);
}

typedef struct
{
  GWeakRef worker;
  CbWorkerSlot *slot;          /* (owned) */
} Claim;

static void
claim_free (Claim *claim)
{
  g_weak_ref_clear (&claim->worker);
  g_object_unref (claim->slot);
  g_free (claim);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Claim, claim_free)

static void
claimed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Claim) claim = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (&claim->worker);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) job = cb_engine_claim_finish (CB_ENGINE (object), result, &error);

  if (self != NULL)
    {
      self->n_claims--;
      cb_worker_slot_clear (claim->slot);
    }

  if (self == NULL || self->state == CB_WORKER_STOPPED)
    {
      /* Nobody is there to do it. */
      if (job != NULL)
        cb_engine_release_async (CB_ENGINE (object), job, NULL, NULL, NULL);
      return;
    }

  if (error != NULL)
    {
      self->claims_allowed = 1;
      if (cb_error_is_outage (error))
        {
          cb_gate_shut (self->gate, error);
        }
      else
        {
          set_claim_problem (self, error->message);
          pause_for (self, PAUSE_MSEC);

          /* A refusal is an answer: the server is there again. */
          cb_gate_open (self->gate);
        }
    }
  else
    {
      set_claim_problem (self, NULL);
      self->dry = job == NULL;
      if (job != NULL)
        {
          self->n_false_alarms = 0;
          self->claims_allowed = MIN (self->claims_allowed * 2, CLAIMS_MAX);
          begin_run (self, claim->slot, job);
        }
      else
        {
          self->claims_allowed = 1;
        }
      cb_gate_open (self->gate);
    }

  update_slots (self);
  pump (self);

  if (self->dry)
    look_whether_drained (self);
}

static void
claim_one (CbWorker *self, CbWorkerSlot *slot)
{
  Claim *claim = g_new0 (Claim, 1);

  g_weak_ref_init (&claim->worker, self);
  claim->slot = g_object_ref (slot);
  cb_worker_slot_reserve (slot);
  self->n_claims++;

  /* It can't be taken back once it is sent, so it is not cancelled either: what it brings after a stop is put back. */
  cb_engine_claim_async (self->engine, self->queue, cb_worker_slot_get_owner (slot, self->queue), self->lease_msec,
                         NULL, claimed_cb, claim);
}

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  gboolean alarm = cb_engine_wait_finish (CB_ENGINE (object), result, &error);

  g_weak_ref_clear (weak);

  /* A cancelled wait is none of ours any more: there may be a new one. */
  if (self == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->waiting);
  self->dry = FALSE;

  if (error != NULL)
    {
      g_debug ("Waiting for %s: %s", self->queue, error->message);

      /* The claim that follows tells what is wrong, if it is not only that one can't wait. */
      pause_for (self, PAUSE_MSEC);
    }
  else if (alarm && ++self->n_false_alarms > 3)
    {
      /* Others are faster, or tokens without jobs are being used up. */
      pause_for (self, MIN (PAUSE_MSEC, 10u << MIN (self->n_false_alarms - 3, 7u)));
    }
  else if (!alarm)
    {
      self->n_false_alarms = 0;
    }

  pump (self);
}

static void
wait_for_more (CbWorker *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);
  self->waiting = g_cancellable_new ();
  cb_engine_wait_async (self->engine, self->queue, WAIT_MSEC, self->waiting, waited_cb, weak);
}

static gboolean
rate_cb (gpointer user_data)
{
  CbWorker *self = user_data;

  self->rate_source = 0;
  pump (self);

  return G_SOURCE_REMOVE;
}

/* A job that is claimed is started, so each claim under way counts until it is known that it found nothing. */
static void
claim_more (gpointer user_data)
{
  CbWorker *self = user_data;
  gint64 now = g_get_monotonic_time ();
  guint room = cb_rate_get_room (&self->rate, now);
  CbWorkerSlot *slot;

  while (self->n_claims < MIN (self->claims_allowed, room) && (slot = find_free_slot (self)) != NULL)
    claim_one (self, slot);

  if (room == 0 && self->rate_source == 0)
    self->rate_source = g_timeout_add ((guint) (cb_rate_get_wait (&self->rate, now) / 1000 + 1), rate_cb, self);
}

/* Its turn at the closed gate. */
static void
probe (gpointer user_data)
{
  CbWorker *self = user_data;

  if (self->state != CB_WORKER_RUNNING || self->n_claims > 0)
    return;

  self->claims_allowed = 1;
  claim_more (self);
}

static void
pump (CbWorker *self)
{
  if (self->state == CB_WORKER_STOPPING)
    maybe_stop (self);

  if (self->state != CB_WORKER_RUNNING || self->pause_source != 0 || self->waiting != NULL)
    return;

  if (find_free_slot (self) == NULL)
    return;

  if (!cb_gate_is_open (self->gate))
    {
      if (self->n_claims == 0)
        cb_gate_wait (self->gate, probe, self);
    }
  else if (!self->dry)
    {
      claim_more (self);
    }
  else if (self->n_claims == 0)
    {
      wait_for_more (self);
    }
}

/* --- drain --- */

static void
drained (CbWorker *self)
{
  /* The tasks are taken out first, so that stopping does not fail them. */
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&self->drain_tasks);

  self->drain_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  become_stopped (self);
  return_tasks (&tasks, NULL);
}

static gboolean
is_draining_and_idle (CbWorker *self)
{
  return self->state == CB_WORKER_RUNNING && self->drain_tasks->len > 0 && self->n_active == 0 && self->n_claims == 0;
}

static void
read_retrying_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (object), result, NULL);

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;
  if (records == NULL || !is_draining_and_idle (self))
    return;

  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);

      if (record->missing || (record->meaning != CB_JOB_MEANING_DELAYED && record->meaning != CB_JOB_MEANING_WAITING))
        g_hash_table_remove (self->retrying, record->id);
    }

  if (g_hash_table_size (self->retrying) == 0)
    drained (self);
}

/* Nothing waits that can be worked, and nothing is active: what is left is what failed here and is tried again. */
static void
look_at_retrying (CbWorker *self)
{
  /* In portions: those that are still to come are asked about again in half a second anyway. */
  g_autoptr (GPtrArray) ids = NULL;
  GHashTableIter iter;
  GWeakRef *weak;
  gpointer id;

  if (g_hash_table_size (self->retrying) == 0)
    {
      drained (self);
      return;
    }

  ids = g_ptr_array_new ();
  g_hash_table_iter_init (&iter, self->retrying);
  while (ids->len < 200 && g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (ids, id);
  g_ptr_array_add (ids, NULL);

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->counting = TRUE;
  cb_engine_get_many_async (self->engine, (const char *const *) ids->pdata, NULL, read_retrying_cb, weak);
}

/* What a claim passes over would be waited for without end: an entry that is no id, the record of another queue. */
static void
read_waiting_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (object), result, NULL);

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;
  if (page == NULL || !self->dry || !is_draining_and_idle (self) || page->records->len < page->total)
    return;

  for (guint i = 0; i < page->records->len; i++)
    {
      const CbJobRecord *record = g_ptr_array_index (page->records, i);

      if (!record->missing && record->meaning == CB_JOB_MEANING_WAITING && g_strcmp0 (record->queue, self->queue) == 0)
        return;
    }

  if (page->records->len > 0)
    {
      g_autofree char *problem = NULL;

      problem = g_strdup_printf ("What still stands in %s as waiting (%u) is no job that can be worked; it was left there",
                                 self->queue, page->records->len);
      set_claim_problem (self, problem);
    }
  look_at_retrying (self);
}

static void
counted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree GWeakRef *weak = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (weak);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) counts = cb_engine_count_finish (CB_ENGINE (object), result, &error);
  const char *waiting = NULL;
  const CbStateInfo *states;
  guint n_states;

  g_weak_ref_clear (weak);
  if (self == NULL)
    return;

  self->counting = FALSE;

  if (counts == NULL || counts->len != 1)
    {
      /* It is asked again. The claims tell what is wrong. */
      g_debug ("Counting %s: %s", self->queue, error != NULL ? error->message : "no answer");
      return;
    }

  states = cb_engine_get_states (self->engine, &n_states);
  for (guint i = 0; i < n_states; i++)
    {
      const CbQueueCounts *count = g_ptr_array_index (counts, 0);

      if (count->counts[i] == 0)
        continue;
      if (states[i].meaning == CB_JOB_MEANING_ACTIVE)
        return;
      if (states[i].meaning == CB_JOB_MEANING_WAITING)
        waiting = states[i].name;
    }

  if (!is_draining_and_idle (self))
    return;

  if (waiting == NULL)
    {
      look_at_retrying (self);
    }
  else if (self->dry)
    {
      GWeakRef *again = g_new0 (GWeakRef, 1);

      g_weak_ref_init (again, self);
      self->counting = TRUE;
      cb_engine_page_async (self->engine, self->queue, waiting, 0, DRAIN_LOOK, FALSE, NULL, read_waiting_cb, again);
    }
}

static void
look_whether_drained (CbWorker *self)
{
  const char *queues[] = { self->queue, NULL };
  GWeakRef *weak;

  if (self->counting || !is_draining_and_idle (self))
    return;

  weak = g_new0 (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->counting = TRUE;
  cb_engine_count_async (self->engine, queues, NULL, counted_cb, weak);
}

static gboolean
drain_cb (gpointer user_data)
{
  look_whether_drained (user_data);

  return G_SOURCE_CONTINUE;
}

/* --- the object --- */

static void
gate_problem_cb (CbWorker *self)
{
  update_problem (self);

  /* The claims that stood still while it was closed. */
  if (cb_gate_is_open (self->gate))
    pump (self);
}

static void
connection_state_cb (CbWorker *self, GParamSpec *pspec, CbConnection *connection)
{
  if (cb_connection_get_state (connection) == CB_CONNECTION_READY)
    cb_gate_hurry (self->gate);
}

static void
cb_worker_constructed (GObject *object)
{
  CbWorker *self = CB_WORKER (object);
  CbConnection *connection;

  G_OBJECT_CLASS (cb_worker_parent_class)->constructed (object);

  g_assert (self->engine != NULL && self->queue != NULL && self->handler != NULL);

  connection = cb_engine_get_connection (self->engine);
  if (connection != NULL)
    g_signal_connect_object (connection, "notify::state", G_CALLBACK (connection_state_cb), self, G_CONNECT_SWAPPED);

  update_slots (self);
}

static void
cb_worker_dispose (GObject *object)
{
  CbWorker *self = CB_WORKER (object);

  g_clear_handle_id (&self->pause_source, g_source_remove);
  g_clear_handle_id (&self->rate_source, g_source_remove);
  g_clear_handle_id (&self->stop_source, g_source_remove);
  g_clear_handle_id (&self->drain_source, g_source_remove);
  if (self->waiting != NULL)
    g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);

  for (guint i = 0; self->slots != NULL && i < get_n_slots (self); i++)
    {
      CbRun *run = cb_worker_slot_get_run (peek_slot (self, i));

      if (run == NULL)
        continue;
      g_signal_handlers_disconnect_by_data (run, self);
      cb_run_detach (run);
    }

  if (self->gate != NULL)
    {
      cb_gate_forget (self->gate, self);
      g_signal_handlers_disconnect_by_data (self->gate, self);
    }
  g_clear_pointer (&self->caretaker, cb_caretaker_leave);
  g_clear_object (&self->slots);
  g_clear_object (&self->gate);
  g_clear_object (&self->handler);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_worker_parent_class)->dispose (object);
}

static void
cb_worker_finalize (GObject *object)
{
  CbWorker *self = CB_WORKER (object);

  g_free (self->queue);
  g_free (self->problem);
  cb_rate_clear (&self->rate);
  g_free (self->claim_problem);
  g_free (self->stuck_problem);
  g_clear_error (&self->stop_error);
  g_ptr_array_unref (self->stop_tasks);
  g_ptr_array_unref (self->drain_tasks);
  g_hash_table_unref (self->retrying);

  G_OBJECT_CLASS (cb_worker_parent_class)->finalize (object);
}

static void
cb_worker_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbWorker *self = CB_WORKER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_QUEUE:
      g_value_set_string (value, self->queue);
      break;
    case PROP_HANDLER:
      g_value_set_object (value, self->handler);
      break;
    case PROP_CONCURRENCY:
      g_value_set_uint (value, self->concurrency);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout_msec);
      break;
    case PROP_LEASE:
      g_value_set_uint (value, self->lease_msec);
      break;
    case PROP_RATE_LIMIT:
      g_value_set_uint (value, self->rate.limit);
      break;
    case PROP_RATE_INTERVAL:
      g_value_set_uint (value, self->rate.interval_msec);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_N_ACTIVE:
      g_value_set_uint (value, self->n_active);
      break;
    case PROP_N_COMPLETE:
      g_value_set_uint64 (value, self->n_complete);
      break;
    case PROP_N_FAILED:
      g_value_set_uint64 (value, self->n_failed);
      break;
    case PROP_SLOTS:
      g_value_set_object (value, self->slots);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_worker_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbWorker *self = CB_WORKER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;
    case PROP_QUEUE:
      self->queue = g_value_dup_string (value);
      break;
    case PROP_HANDLER:
      if (g_value_get_object (value) == NULL)
        {
          g_critical ("A worker needs a handler");
        }
      else if (g_set_object (&self->handler, g_value_get_object (value)))
        {
          notify (self, PROP_HANDLER);
        }
      break;
    case PROP_CONCURRENCY:
      if (self->concurrency != g_value_get_uint (value))
        {
          self->concurrency = g_value_get_uint (value);
          notify (self, PROP_CONCURRENCY);
          if (self->engine != NULL)
            {
              update_slots (self);
              pump (self);
            }
        }
      break;
    case PROP_TIMEOUT:
      if (self->timeout_msec != g_value_get_uint (value))
        {
          self->timeout_msec = g_value_get_uint (value);
          notify (self, PROP_TIMEOUT);
        }
      break;
    case PROP_LEASE:
      self->lease_msec = g_value_get_uint (value);
      break;
    case PROP_RATE_LIMIT:
      cb_rate_set (&self->rate, g_value_get_uint (value), self->rate.interval_msec);
      g_clear_handle_id (&self->rate_source, g_source_remove);
      notify (self, PROP_RATE_LIMIT);
      pump (self);
      break;
    case PROP_RATE_INTERVAL:
      cb_rate_set (&self->rate, self->rate.limit, g_value_get_uint (value));
      g_clear_handle_id (&self->rate_source, g_source_remove);
      notify (self, PROP_RATE_INTERVAL);
      pump (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_worker_class_init (CbWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags settable = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GParamFlags fixed = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = cb_worker_constructed;
  object_class->dispose = cb_worker_dispose;
  object_class->finalize = cb_worker_finalize;
  object_class->get_property = cb_worker_get_property;
  object_class->set_property = cb_worker_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, fixed);
  properties[PROP_QUEUE] = g_param_spec_string ("queue", NULL, NULL, NULL, fixed);
  properties[PROP_HANDLER] =
    g_param_spec_object ("handler", NULL, NULL, CB_TYPE_HANDLER, settable | G_PARAM_CONSTRUCT);
  properties[PROP_CONCURRENCY] =
    g_param_spec_uint ("concurrency", NULL, NULL, 1, CONCURRENCY_MAX, 1, settable | G_PARAM_CONSTRUCT);
  properties[PROP_TIMEOUT] = g_param_spec_uint ("timeout", NULL, NULL, 0, G_MAXUINT, 0, settable);
  properties[PROP_LEASE] = g_param_spec_uint ("lease", NULL, NULL, 300, G_MAXUINT, DEFAULT_LEASE_MSEC, fixed);
  properties[PROP_RATE_LIMIT] = g_param_spec_uint ("rate-limit", NULL, NULL, 0, CB_RATE_MAX, 0, settable);
  properties[PROP_RATE_INTERVAL] =
    g_param_spec_uint ("rate-interval", NULL, NULL, 1, 24 * 60 * 60 * 1000, 1000, settable);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, CB_TYPE_WORKER_STATE, CB_WORKER_STOPPED, readable);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, readable);
  properties[PROP_N_ACTIVE] = g_param_spec_uint ("n-active", NULL, NULL, 0, G_MAXUINT, 0, readable);
  properties[PROP_N_COMPLETE] = g_param_spec_uint64 ("n-complete", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  properties[PROP_N_FAILED] = g_param_spec_uint64 ("n-failed", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  properties[PROP_SLOTS] = g_param_spec_object ("slots", NULL, NULL, G_TYPE_LIST_MODEL, readable);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[JOB_STARTED] =
    g_signal_new ("job-started", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, CB_TYPE_JOB_RECORD);
  signals[JOB_FINISHED] =
    g_signal_new ("job-finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 4, CB_TYPE_JOB_RECORD, G_TYPE_BYTES, G_TYPE_ERROR, G_TYPE_BOOLEAN);
  signals[JOB_PROGRESS] =
    g_signal_new ("job-progress", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, CB_TYPE_JOB_RECORD, G_TYPE_INT);
}

static void
cb_worker_init (CbWorker *self)
{
  self->state = CB_WORKER_STOPPED;
  self->claims_allowed = 1;
  self->rate.interval_msec = 1000;
  self->slots = g_list_store_new (CB_TYPE_WORKER_SLOT);
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->drain_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->retrying = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->gate = cb_gate_new ();
  g_signal_connect_object (self->gate, "notify::problem", G_CALLBACK (gate_problem_cb), self, G_CONNECT_SWAPPED);
}

/**
 * cb_worker_new:
 * @engine: an engine with %CB_ENGINE_CAN_WORK
 * @queue: the queue to serve
 * @handler: who does the work
 * @concurrency: how many jobs at once, 1 to 100
 *
 * Returns: (transfer full): a worker that does not run yet
 */
CbWorker *
cb_worker_new (CbEngine *engine, const char *queue, CbHandler *handler, guint concurrency)
{
  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (queue != NULL, NULL);
  g_return_val_if_fail (CB_IS_HANDLER (handler), NULL);

  return g_object_new (CB_TYPE_WORKER,
                       "engine", engine,
                       "queue", queue,
                       "handler", handler,
                       "concurrency", CLAMP (concurrency, 1, CONCURRENCY_MAX),
                       NULL);
}

/**
 * cb_worker_start:
 * @self: a worker
 *
 * Begins to claim jobs, also while it is stopping: who waits for that to end is told that it was started again. Does nothing
 * when it runs.
 */
void
cb_worker_start (CbWorker *self)
{
  g_return_if_fail (CB_IS_WORKER (self));

  if (self->state == CB_WORKER_RUNNING)
    return;

  g_clear_handle_id (&self->stop_source, g_source_remove);
  self->handlers_cancelled = FALSE;
  g_clear_error (&self->stop_error);
  self->dry = FALSE;
  self->claims_allowed = 1;
  self->n_false_alarms = 0;
  if (self->caretaker == NULL)
    self->caretaker = cb_caretaker_enter (self->engine, self->lease_msec);

  set_state (self, CB_WORKER_RUNNING);

  if (self->stop_tasks->len > 0)
    {
      g_autoptr (GError) error = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED,
                                                     "The worker was started again before it had stopped");

      return_tasks (&self->stop_tasks, error);
    }

  pump (self);
}

/**
 * cb_worker_stop_async:
 * @self: a worker
 * @grace_msec: how long its jobs may go on, in ms; 0 cancels them at once
 * @cancellable: (nullable): ends the waiting for the end, not the stopping
 * @callback: called when it has stopped
 * @user_data: data for @callback
 *
 * Claims nothing more and lets its jobs come to an end. Those that are not over after the grace are cancelled and put
 * back, so that another worker begins them anew. Called again, the shorter grace counts.
 *
 * It takes the grace and one second at most; up to five more when the server is away and can't be told.
 */
void
cb_worker_stop_async (CbWorker *self,
                      guint grace_msec,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  gint64 deadline;

  g_return_if_fail (CB_IS_WORKER (self));

  if (self->state == CB_WORKER_STOPPED)
    {
      g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

      g_task_set_source_tag (task, cb_worker_stop_async);
      g_task_return_boolean (task, TRUE);
      return;
    }

  add_task (self, self->stop_tasks, cb_worker_stop_async, cancellable, callback, user_data);

  deadline = g_get_monotonic_time () + grace_msec * G_TIME_SPAN_MILLISECOND;
  if (self->state == CB_WORKER_STOPPING && (self->handlers_cancelled || deadline >= self->stop_deadline))
    return;

  self->stop_deadline = deadline;
  g_clear_handle_id (&self->stop_source, g_source_remove);
  g_clear_handle_id (&self->pause_source, g_source_remove);
  if (self->waiting != NULL)
    g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);

  set_state (self, CB_WORKER_STOPPING);

  if (grace_msec > 0)
    self->stop_source = g_timeout_add (grace_msec, grace_over_cb, self);
  else
    grace_over_cb (self);

  maybe_stop (self);
}

/**
 * cb_worker_stop_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends cb_worker_stop_async().
 *
 * Errors: %CB_WORKER_ERROR_STOPPED when it stopped without being able to tell what came of some jobs, which come back when
 * their lease is over; %CB_WORKER_ERROR_FAILED when it was started again.
 *
 * Returns: %TRUE when all jobs are finished or back in the queue
 */
gboolean
cb_worker_stop_finish (CbWorker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_worker_drain_async:
 * @self: a worker
 * @cancellable: (nullable): ends the waiting; the worker goes on running
 * @callback: called when it has stopped
 * @user_data: data for @callback
 *
 * Starts the worker if it does not run, and stops it when the queue has nothing that waits and can be worked, nothing that is active anywhere,
 * and nothing delayed that failed here and will be tried again. Entries that are no jobs of the queue are told as its problem.
 */
void
cb_worker_drain_async (CbWorker *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CB_IS_WORKER (self));

  cb_worker_start (self);

  if (!add_task (self, self->drain_tasks, cb_worker_drain_async, cancellable, callback, user_data))
    return;

  if (self->drain_source == 0)
    self->drain_source = g_timeout_add (DRAIN_INTERVAL_MSEC, drain_cb, self);
  if (self->dry)
    look_whether_drained (self);
}

/**
 * cb_worker_drain_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends cb_worker_drain_async().
 *
 * Errors: %CB_WORKER_ERROR_STOPPED when it was stopped before the queue was drained.
 *
 * Returns: %TRUE when there was nothing more to do
 */
gboolean
cb_worker_drain_finish (CbWorker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * cb_worker_get_state:
 * @self: a worker
 *
 * Returns: whether it runs
 */
CbWorkerState
cb_worker_get_state (CbWorker *self)
{
  g_return_val_if_fail (CB_IS_WORKER (self), CB_WORKER_STOPPED);

  return self->state;
}

/**
 * cb_worker_get_queue:
 * @self: a worker
 *
 * Returns: (transfer none): the queue it serves
 */
const char *
cb_worker_get_queue (CbWorker *self)
{
  g_return_val_if_fail (CB_IS_WORKER (self), NULL);

  return self->queue;
}

/**
 * cb_worker_get_slots:
 * @self: a worker
 *
 * Returns: (transfer none): its slots by number, as many as its concurrency; more while jobs of slots that were taken
 * away are not over
 */
GListModel *
cb_worker_get_slots (CbWorker *self)
{
  g_return_val_if_fail (CB_IS_WORKER (self), NULL);

  return G_LIST_MODEL (self->slots);
}
