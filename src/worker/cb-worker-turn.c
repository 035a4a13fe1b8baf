/* cb-worker-turn.c
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

#include "cb-worker-private.h"

#define CLAIMS_MAX 16

#define WAIT_MSEC 5000
#define PAUSE_MSEC 1000

/* --- one job --- */

static void
unstuck_cb (CbWorker *self)
{
  if (--self->n_stuck > 0)
    return;

  g_clear_pointer (&self->stuck_problem, g_free);
  cb_worker_update_problem (self);
}

static void
finished_cb (CbWorker *self, CbRun *run)
{
  g_autoptr (CbWorker) keep = g_object_ref (self);
  g_autoptr (CbRun) keep_run = g_object_ref (run);
  CbJobRecord *job = cb_run_get_job (run);
  CbRunOutcome outcome = cb_run_get_outcome (run);
  gboolean will_retry = outcome == CB_RUN_OUTCOME_FAILED && cb_run_get_will_retry (run);

  for (guint i = 0; i < cb_worker_get_n_slots (self); i++)
    if (cb_worker_slot_get_run (cb_worker_peek_slot (self, i)) == run)
      {
        cb_worker_slot_clear (cb_worker_peek_slot (self, i));
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
      cb_worker_update_problem (self);
    }

  cb_worker_count (self, outcome);

  if (will_retry)
    g_hash_table_add (self->retrying, g_strdup (job->id));

  if (cb_run_was_started (run))
    cb_worker_tell_finished (self, run, will_retry);

  cb_worker_update_slots (self);
  cb_worker_pump (self);
}

static void
progress_cb (CbWorker *self, int percent, CbHandlerContext *context)
{
  cb_worker_tell_progress (self, cb_handler_context_get_job (context), percent);
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
  cb_worker_set_n_active (self, self->n_active + 1);

  if (self->state == CB_WORKER_RUNNING)
    {
      cb_rate_note (&self->rate, g_get_monotonic_time ());
      cb_worker_tell_started (self, job);
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
  cb_worker_pump (self);

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
          cb_worker_set_claim_problem (self, error->message);
          pause_for (self, PAUSE_MSEC);

          /* A refusal is an answer: the server is there again. */
          cb_gate_open (self->gate);
        }
    }
  else
    {
      cb_worker_set_claim_problem (self, NULL);
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

  cb_worker_update_slots (self);
  cb_worker_pump (self);

  if (self->dry)
    cb_worker_look_whether_drained (self);
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

  cb_worker_pump (self);
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
  cb_worker_pump (self);

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

  while (self->n_claims < MIN (self->claims_allowed, room) && (slot = cb_worker_find_free_slot (self)) != NULL)
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

void
cb_worker_pump (CbWorker *self)
{
  if (self->state == CB_WORKER_STOPPING)
    cb_worker_maybe_stop (self);

  if (self->state != CB_WORKER_RUNNING || self->pause_source != 0 || self->waiting != NULL)
    return;

  if (cb_worker_find_free_slot (self) == NULL)
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
