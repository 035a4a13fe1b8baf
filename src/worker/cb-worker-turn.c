/* cb-worker-turn.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the worker does next is decided in one place, cb_worker_pump(), which is called after everything that happens: a turn was
 * answered, a job is over, there may be something to claim, somebody changed a setting.
 *
 * A turn is one call of the engine: it tells what came of runs and asks for the next jobs, as many as there are free slots, the
 * ones that it frees included. What has ended is told at once when nothing else could end in the same moment; else it
 * waits for the end of this round of the main loop, so that what ends together is told together. A turn is for half of the slots at
 * most: while the server is at work for one half, the other half is at work here. Where handlers are over at once it also asks for jobs
 * ahead, for no slot yet (cb-worker-ahead.c).
 *
 * The first turn that gets less than it asked for ends that, and the engine is asked to say when there may be something again. As a
 * token can be lost by the one who pushed it or by the one who took it, a claim is tried every few seconds in any case.
 *
 * Nothing that is on its way to the engine holds the worker: it can go at any time, and what comes too late is put back. */

#include "config.h"

#include "cb-worker-private.h"

#define WAIT_MSEC 5000
#define PAUSE_MSEC 1000

/* So many turns under way keep the server busy: what ends meanwhile waits for an answer, and is told together. */
#define ENOUGH_TURNS 2

static void maybe_tell (CbWorker *self);

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
finished_cb (CbRun *run, gpointer user_data)
{
  CbWorker *self = user_data;
  g_autoptr (CbWorker) keep = g_object_ref (self);
  g_autoptr (CbRun) keep_run = g_object_ref (run);
  CbJobRecord *job = cb_run_get_job (run);
  CbWorkerSlot *slot = cb_run_get_place (run);
  CbRunOutcome outcome = cb_run_get_outcome (run);
  gboolean will_retry = outcome == CB_RUN_OUTCOME_FAILED && cb_run_get_will_retry (run);

  if (slot == NULL)
    g_ptr_array_remove (self->loose, run);
  else if (cb_worker_slot_get_run (slot) == run)
    cb_worker_slot_clear_run (slot);

  /* Given up before it was its turn. */
  if (self->to_tell->len > 0 && g_ptr_array_remove (self->to_tell, run))
    self->n_telling--;

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

  /* Only a drain asks after it. */
  if (will_retry && self->drain_tasks->len > 0)
    g_hash_table_add (self->retrying, g_strdup (job->id));

  if (cb_run_was_started (run))
    cb_worker_tell_finished (self, run, will_retry);

  cb_worker_pump (self);
}

static void
progressed_cb (CbRun *run, int percent, gpointer user_data)
{
  CbWorkerSlot *slot = cb_run_get_place (run);

  if (slot != NULL && cb_worker_slot_get_run (slot) == run)
    cb_worker_slot_set_progress (slot, percent);
  cb_worker_tell_progress (user_data, cb_run_get_job (run), percent);
}

static void
logged_cb (CbRun *run, const char *line, gpointer user_data)
{
  CbWorkerSlot *slot = cb_run_get_place (run);

  if (slot != NULL && cb_worker_slot_get_run (slot) == run)
    cb_worker_slot_set_last_line (slot, line);
}

/* Something came of a run. */
static void
tell_cb (CbRun *run, gpointer user_data)
{
  CbWorker *self = user_data;

  g_ptr_array_add (self->to_tell, g_object_ref (run));
  self->n_telling++;
  maybe_tell (self);
}

static const CbRunFuncs run_funcs = { cb_worker_run_over, tell_cb, finished_cb, progressed_cb, logged_cb };

/* The run of a job that was claimed, in @slot if there is one. */
CbRun *
cb_worker_make_run (CbWorker *self, CbWorkerSlot *slot, CbJobRecord *job)
{
  CbRun *run = cb_run_new (self->engine, self->gate, self->handler, job);

  cb_run_set_owner (run, &run_funcs, self);
  cb_run_set_place (run, slot);

  g_hash_table_remove (self->retrying, job->id);
  cb_caretaker_add (self->caretaker, run);
  if (slot != NULL)
    cb_worker_slot_set_run (slot, run, cb_engine_get_time (self->engine));
  cb_worker_set_n_active (self, self->n_active + 1);

  return run;
}

void
cb_worker_start_run (CbWorker *self, CbRun *run)
{
  cb_rate_note (&self->rate, g_get_monotonic_time ());
  cb_worker_tell_started (self, cb_run_get_job (run));
  cb_run_start (run, self->timeout_msec);
}

static void
begin_run (CbWorker *self, CbWorkerSlot *slot, CbJobRecord *job)
{
  g_autoptr (CbRun) run = cb_worker_make_run (self, slot, job);

  if (self->state == CB_WORKER_RUNNING)
    cb_worker_start_run (self, run);
  else
    cb_run_put_back (run);
}

/* --- turns --- */

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

/* What belongs to one CbTurn here. */
typedef struct
{
  CbRun *run;                  /* (owned) (nullable) whose outcome it tells */
  CbWorkerSlot *slot;          /* (owned) (nullable) for which it asks; none when it asks ahead */
} Part;

typedef struct
{
  GWeakRef worker;
  GPtrArray *turns;            /* (owned) (element-type CbTurn) */
  Part *parts;                 /* (owned) one for each */
  CbWorkerMoment sent;
  gboolean asks_ahead;
} Trip;

static void
trip_free (Trip *trip)
{
  for (guint i = 0; i < trip->turns->len; i++)
    {
      g_clear_object (&trip->parts[i].run);
      g_clear_object (&trip->parts[i].slot);
    }
  g_weak_ref_clear (&trip->worker);
  g_ptr_array_unref (trip->turns);
  g_free (trip->parts);
  g_free (trip);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trip, trip_free)

static void
take_claim_error (CbWorker *self, const GError *error)
{
  self->claim_refused = error != NULL && !cb_error_is_outage (error);
  if (error == NULL)
    {
      cb_worker_set_claim_problem (self, NULL);
      cb_gate_open (self->gate);
    }
  else if (cb_error_is_outage (error))
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

/* The jobs that a turn brought, each to the slot that it was asked for; those ahead to whichever is free then. @self: (nullable) */
static void
take_jobs (CbWorker *self, CbEngine *engine, Trip *trip, gboolean more)
{
  guint n_missing = 0;

  for (guint i = 0; i < trip->turns->len; i++)
    {
      CbTurn *turn = g_ptr_array_index (trip->turns, i);
      CbWorkerSlot *slot = trip->parts[i].slot;

      if (!turn->takes)
        continue;
      if (self != NULL)
        {
          self->n_claims--;
          if (slot != NULL)
            cb_worker_slot_set_reserved (slot, FALSE);
          else
            self->n_ahead_asked--;
        }
      if (turn->next == NULL)
        {
          n_missing += slot == NULL ? 1 : 0;
        }
      else if (self == NULL || self->state == CB_WORKER_STOPPED)
        {
          /* Nobody is there to do it. */
          cb_engine_release_async (engine, turn->next, NULL, NULL, NULL);
        }
      else if (slot != NULL)
        {
          self->n_false_alarms = 0;
          self->ahead_refused = FALSE;
          begin_run (self, slot, turn->next);
        }
      else
        {
          cb_worker_hold (self, turn->next, trip->sent);
        }
    }

  if (self == NULL || self->state == CB_WORKER_STOPPED)
    return;

  self->ahead_refused |= n_missing > 0 && more;
  cb_worker_begin_held (self);
}

static void
turned_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Trip) trip = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (&trip->worker);
  g_autoptr (GError) error = NULL;
  gboolean more = FALSE;
  gboolean asked = FALSE;

  cb_engine_turn_finish (CB_ENGINE (object), result, &more, &error);

  /* Nothing is sent before all of it is taken in. */
  if (self != NULL)
    {
      self->n_holds++;
      self->n_turns--;
    }

  for (guint i = 0; i < trip->turns->len; i++)
    {
      CbTurn *turn = g_ptr_array_index (trip->turns, i);

      /* What could not be told was no question either. */
      asked |= turn->takes && turn->error == NULL;
      if (trip->parts[i].run == NULL)
        continue;
      if (self != NULL)
        self->n_telling--;
      cb_run_told (trip->parts[i].run, g_steal_pointer (&turn->error), turn->will_retry);
    }

  if (self != NULL && self->state != CB_WORKER_STOPPED && asked)
    {
      if (error == NULL)
        self->dry = !more;
      take_claim_error (self, error);
    }

  take_jobs (self, CB_ENGINE (object), trip, more);

  if (self == NULL)
    return;

  self->n_holds--;
  if (self->state == CB_WORKER_STOPPED)
    return;

  maybe_tell (self);
  cb_worker_pump (self);

  if (self->dry)
    cb_worker_look_whether_drained (self);
}

/* Whether a job that is claimed now for a slot would be begun before one that was claimed before it: where jobs are held, or are
 * on their way to be held. It is asked for as those are then, and begun in its turn.
 */
static gboolean
would_overtake (CbWorker *self, Trip *trip)
{
  return self->held.length > 0 || self->n_ahead_asked > 0 || trip->asks_ahead;
}

static void
add_run (CbWorker *self, Trip *trip, CbRun *run, guint *room, guint *ahead)
{
  CbWorkerSlot *slot = cb_run_get_place (run);
  CbTurn *turn = cb_turn_new ();
  Part *part = &trip->parts[trip->turns->len];

  part->run = g_object_ref (run);
  turn->job = cb_job_record_ref (cb_run_get_job (run));
  turn->begun_at = cb_run_get_begun_at (run);
  if (cb_run_get_outcome (run) == CB_RUN_OUTCOME_COMPLETE)
    {
      turn->result = cb_run_get_result (run) != NULL ? g_bytes_ref (cb_run_get_result (run)) : NULL;
    }
  else
    {
      const CbRetryWish *wish = cb_run_get_wish (run);

      turn->message = g_strdup (cb_run_get_error (run)->message);
      turn->has_wish = wish != NULL;
      if (wish != NULL)
        turn->wish = *wish;
    }

  /* The slot of a handler that has not ended is not free yet when its job is. */
  if (*room > 0 && slot != NULL && turn->begun_at == 0 && cb_run_is_over (run) &&
      cb_worker_slot_get_number (slot) <= self->concurrency && !would_overtake (self, trip))
    {
      turn->takes = TRUE;
      part->slot = g_object_ref (slot);
      --*room;
    }
  else if (*ahead > 0)
    {
      turn->takes = turn->ahead = trip->asks_ahead = TRUE;
      --*ahead;
    }
  g_ptr_array_add (trip->turns, turn);
}

static void
add_free_slot (CbWorker *self, Trip *trip, CbWorkerSlot *slot, guint *room)
{
  CbTurn *turn = cb_turn_new ();

  turn->takes = TRUE;
  turn->worker = g_strdup (cb_worker_slot_get_owner (slot, self->queue));
  trip->parts[trip->turns->len].slot = g_object_ref (slot);
  g_ptr_array_add (trip->turns, turn);
  --*room;
}

/* Tells what there is to tell and asks for @room jobs at most, and for @ahead more. Returns whether anything was sent. */
static gboolean
send_turn (CbWorker *self, guint room, guint ahead)
{
  g_autoptr (Trip) trip = g_new0 (Trip, 1);
  g_autofree char *owner = ahead > 0 ? cb_worker_slot_make_ahead_owner (self->queue) : NULL;
  guint share = cb_worker_get_share (self);
  guint n_told = MIN (self->to_tell->len, share);

  g_weak_ref_init (&trip->worker, self);
  trip->turns = g_ptr_array_new_full (share, (GDestroyNotify) cb_turn_free);
  trip->parts = g_new0 (Part, share);

  for (guint i = 0; i < n_told; i++)
    add_run (self, trip, g_ptr_array_index (self->to_tell, i), &room, &ahead);
  if (n_told > 0)
    g_ptr_array_remove_range (self->to_tell, 0, n_told);

  for (guint i = 0; room > 0 && !would_overtake (self, trip) && trip->turns->len < share && i < cb_worker_get_n_slots (self); i++)
    {
      CbWorkerSlot *slot = cb_worker_peek_slot (self, i);

      if (cb_worker_slot_get_number (slot) <= self->concurrency && cb_worker_slot_is_free (slot))
        add_free_slot (self, trip, slot, &room);
    }

  for (; ahead > 0 && trip->turns->len < share; ahead--)
    {
      CbTurn *turn = cb_turn_new ();

      turn->takes = turn->ahead = TRUE;
      g_ptr_array_add (trip->turns, turn);
    }

  if (trip->turns->len == 0)
    return FALSE;

  for (guint i = 0; i < trip->turns->len; i++)
    {
      const CbTurn *turn = g_ptr_array_index (trip->turns, i);

      if (!turn->takes)
        continue;
      self->n_claims++;
      if (turn->ahead)
        self->n_ahead_asked++;
      else
        cb_worker_slot_set_reserved (trip->parts[i].slot, TRUE);
    }

  /* It can't be taken back once it is sent, so it is not cancelled either: what it brings after a stop is put back. */
  trip->sent = cb_worker_get_moment ();
  self->n_turns++;
  cb_engine_turn_async (self->engine, self->queue, trip->turns, self->lease_msec, owner, turned_cb, trip);
  trip = NULL;

  return TRUE;
}

static guint
get_ahead (CbWorker *self)
{
  return cb_engine_can_claim_ahead (self->engine) ? cb_worker_get_ahead (self) : 0;
}

/* A job that is claimed is started, so each claim under way counts until it is known that it found nothing. */
static guint
get_room (CbWorker *self)
{
  guint room = cb_rate_get_room (&self->rate, g_get_monotonic_time ());

  return room > self->n_claims ? room - self->n_claims : 0;
}

static gboolean
may_claim (CbWorker *self)
{
  return self->state == CB_WORKER_RUNNING && self->pause_source == 0 && self->waiting == NULL && !self->dry
         && cb_gate_is_open (self->gate);
}

static void
tell_all (CbWorker *self)
{
  g_clear_handle_id (&self->turn_source, g_source_remove);
  while (self->to_tell->len > 0)
    {
      gboolean claims = may_claim (self);

      send_turn (self, claims ? get_room (self) : 0, claims ? get_ahead (self) : 0);
    }
}

static gboolean
tell_all_cb (gpointer user_data)
{
  CbWorker *self = user_data;

  self->turn_source = 0;
  tell_all (self);

  return G_SOURCE_REMOVE;
}

static void
maybe_tell (CbWorker *self)
{
  if (self->n_holds > 0 || self->to_tell->len == 0)
    return;

  if (self->to_tell->len >= cb_worker_get_share (self) || self->n_telling >= self->n_active)
    tell_all (self);
  else if (self->turn_source == 0 && (self->n_turns < ENOUGH_TURNS || self->held.length == 0))
    self->turn_source = g_idle_add_full (G_PRIORITY_DEFAULT, tell_all_cb, self, NULL);
}

/* --- waiting --- */

typedef struct
{
  GWeakRef worker;
  CbWorkerSlot *slot;          /* (owned) (nullable) for whom it claims; NULL: it does not */
  gint64 offset;               /* µs: how far the clock of the engine was ahead of ours when it began */
} Waiting;

static void
waiting_free (Waiting *waiting)
{
  g_weak_ref_clear (&waiting->worker);
  g_clear_object (&waiting->slot);
  g_free (waiting);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

/* The job that ended a wait. It may have ended long ago, while this process was stopped or the machine slept: then others have the
 * job by now, or will soon. That the clocks of the two machines agree is known to a second only, and what was asked about that
 * meanwhile was answered as late. */
static void
take_job (CbWorker *self, const Waiting *waiting, CbJobRecord *job)
{
  CbWorkerSlot *slot = waiting->slot;
  gint64 age = g_get_real_time () + waiting->offset - job->started_at;

  if (age > self->lease_msec * G_TIME_SPAN_MILLISECOND / 4 + G_TIME_SPAN_SECOND)
    {
      cb_worker_put_back (self, job);
      return;
    }

  if (!cb_worker_slot_is_free (slot) || cb_worker_slot_get_number (slot) > self->concurrency)
    slot = cb_worker_find_free_slot (self);

  self->n_holds++;
  if (slot != NULL)
    begin_run (self, slot, job);
  else
    cb_worker_put_back (self, job);
  self->n_holds--;
}

static void
waited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) waiting = user_data;
  g_autoptr (CbWorker) self = g_weak_ref_get (&waiting->worker);
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GError) error = NULL;
  gboolean alarm;

  if (waiting->slot != NULL)
    alarm = cb_engine_wait_claim_finish (CB_ENGINE (object), result, &job, &error);
  else
    alarm = cb_engine_wait_finish (CB_ENGINE (object), result, &error);

  if (self != NULL)
    self->n_waits--;
  if (job != NULL && (self == NULL || self->state == CB_WORKER_STOPPED))
    cb_engine_release_async (CB_ENGINE (object), job, NULL, NULL, NULL);
  if (self == NULL)
    return;

  /* A cancelled wait is none of ours any more: there may be a new one. */
  if (self->state == CB_WORKER_STOPPED || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      cb_worker_maybe_stop (self);
      return;
    }

  g_clear_object (&self->waiting);

  /* One that claims has looked when its time was over. */
  self->dry = waiting->slot != NULL && error == NULL && !alarm;

  if (error != NULL)
    {
      g_debug ("Waiting for %s: %s", self->queue, error->message);

      /* The claim that follows tells what is wrong, if it is not only that one can't wait. */
      pause_for (self, PAUSE_MSEC);
    }
  else if (job != NULL)
    {
      self->n_false_alarms = 0;
      take_claim_error (self, NULL);
      take_job (self, waiting, job);
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
  Waiting *waiting = g_new0 (Waiting, 1);

  g_weak_ref_init (&waiting->worker, self);
  waiting->offset = cb_engine_get_time (self->engine) - g_get_real_time ();
  self->waiting = g_cancellable_new ();
  self->n_waits++;

  /* With a limit a job can't be begun whenever it comes, and the end of a queue is when nothing can come any more. */
  if (cb_engine_can_wait_claim (self->engine) && self->rate.limit == 0 && self->drain_tasks->len == 0)
    {
      waiting->slot = g_object_ref (cb_worker_find_free_slot (self));
      cb_engine_wait_claim_async (self->engine, self->queue, cb_worker_slot_get_owner (waiting->slot, self->queue), self->lease_msec,
                                  WAIT_MSEC, self->waiting, waited_cb, waiting);
    }
  else
    {
      cb_engine_wait_async (self->engine, self->queue, WAIT_MSEC, self->waiting, waited_cb, waiting);
    }
}

/* Looks itself whether there is something. */
void
cb_worker_end_wait (CbWorker *self)
{
  if (self->waiting == NULL)
    return;

  g_cancellable_cancel (self->waiting);
  g_clear_object (&self->waiting);
  self->dry = FALSE;
}

static gboolean
rate_cb (gpointer user_data)
{
  CbWorker *self = user_data;

  self->rate_source = 0;
  cb_worker_pump (self);

  return G_SOURCE_REMOVE;
}

static void
claim_more (CbWorker *self)
{
  /* One alone finds out how things are; when it has got jobs the next one goes, beside what these come to. */
  if (self->n_claims == 0)
    send_turn (self, get_room (self), get_ahead (self));

  if (self->rate_source == 0 && cb_rate_get_room (&self->rate, g_get_monotonic_time ()) == 0)
    self->rate_source = g_timeout_add ((guint) (cb_rate_get_wait (&self->rate, g_get_monotonic_time ()) / 1000 + 1), rate_cb, self);
}

/* Its turn at the closed gate. */
static void
probe (gpointer user_data)
{
  CbWorker *self = user_data;

  if (self->state != CB_WORKER_RUNNING || self->n_claims > 0)
    return;

  /* Where a limit leaves no room now, it tries again. */
  if (!send_turn (self, MIN (get_room (self), 1), 0) && !cb_gate_is_open (self->gate))
    cb_gate_wait (self->gate, probe, self);
}

void
cb_worker_pump (CbWorker *self)
{
  if (self->n_holds > 0)
    return;

  cb_worker_update_slots (self);
  if (self->state == CB_WORKER_STOPPING)
    cb_worker_maybe_stop (self);

  if (self->state != CB_WORKER_RUNNING || self->pause_source != 0 || self->waiting != NULL)
    return;

  if (cb_worker_find_free_slot (self) == NULL)
    {
      /* Enough for a turn, so that the server is at work while these are. */
      if (self->n_claims == 0 && may_claim (self) && get_ahead (self) >= cb_worker_get_share (self))
        send_turn (self, 0, get_ahead (self));
      return;
    }

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
