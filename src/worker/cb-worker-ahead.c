/* cb-worker-ahead.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Jobs that are claimed before there is a slot for them.
 *
 * A job that is over at once costs a round trip to the server, and waits for it. So while the handler takes next to no time the
 * worker asks for more jobs than it has slots, as many as should be begun within AHEAD_USEC, and begins one whenever a slot becomes
 * free, without asking anybody. What came of them is told for many together, while a turn or two are under way. No more jobs are run at the
 * same time than there are slots, in the order in which they were claimed.
 *
 * That must not make a job wait here that another worker could do. Held jobs are put back as soon as none of them was begun for
 * TICK_MSEC, at a stop, when the server is away, and when a rate limit is set; there are none with a rate limit, and none before
 * QUICK_JOBS jobs in a row were over in a moment. One that was asked for too long ago, because this process was stopped or the machine
 * slept, is put back rather than begun: its lease may be over.
 *
 * What the server knows of such a job is told in turn.lua: it is active under a lease of its own kind. It is heard to have started when
 * it is over, or before its handler tells anything, or when it is not over after TICK_MSEC. Until then it does not count against the
 * job when the worker dies. */

#include "config.h"

#include "cb-worker-private.h"

#define AHEAD_USEC 2500
#define TICK_MSEC 5
#define QUICK_USEC 1000
#define QUICK_JOBS 8

/* Jobs held, and asked for to be held. Who has more slots than that needs none. */
#define MAX_AHEAD 128

typedef struct
{
  CbJobRecord *job;            /* (owned) */
  CbWorkerMoment asked;
} Held;

static void
held_free (Held *held)
{
  cb_job_record_unref (held->job);
  g_free (held);
}

CbWorkerMoment
cb_worker_get_moment (void)
{
  CbWorkerMoment now = { g_get_monotonic_time (), g_get_real_time () };

  return now;
}

/* By either clock: one stands still while the machine sleeps, the other may be set. */
static gboolean
is_old (CbWorker *self, const CbWorkerMoment *moment)
{
  gint64 most = self->lease_msec * G_TIME_SPAN_MILLISECOND / 4;
  CbWorkerMoment now = cb_worker_get_moment ();

  return now.monotonic - moment->monotonic > most || now.real - moment->real > most || now.real < moment->real;
}

/* --- how many --- */

/* How many jobs may be held, and asked for to be held. */
static guint
get_capacity (CbWorker *self)
{
  gint64 capacity;

  if (self->n_quick < QUICK_JOBS || self->concurrency >= MAX_AHEAD || self->rate.limit > 0 || self->state != CB_WORKER_RUNNING)
    return 0;

  capacity = AHEAD_USEC * (gint64) self->concurrency / MAX (self->took, 1);
  return (guint) MIN (capacity, MAX_AHEAD);
}

/* How many jobs one turn is for: half of those it has at the same time, so that the server is at work for one half while the other half
 * is at work here. */
guint
cb_worker_get_share (CbWorker *self)
{
  guint window = MIN (self->concurrency + get_capacity (self), MAX (self->concurrency, MAX_AHEAD));

  return (window + 1) / 2;
}

/* How many more may be asked for ahead. */
guint
cb_worker_get_ahead (CbWorker *self)
{
  guint capacity = self->ahead_refused ? 0 : get_capacity (self);
  guint n = self->held.length + self->n_ahead_asked;

  return capacity > n ? capacity - n : 0;
}

/* How long a handler took. */
static void
note_took (CbWorker *self, gint64 took)
{
  self->n_quick = took < QUICK_USEC ? MIN (self->n_quick + 1, QUICK_JOBS) : 0;
  self->took = self->took == 0 ? took : (7 * self->took + took) / 8;
}

/* --- putting back --- */

/* A run that has no slot is kept here. */
static void
add_loose (CbWorker *self, CbRun *run)
{
  g_ptr_array_add (self->loose, g_object_ref (run));
}

void
cb_worker_put_back (CbWorker *self, CbJobRecord *job)
{
  g_autoptr (CbRun) run = cb_worker_make_run (self, NULL, job);

  add_loose (self, run);
  cb_run_put_back (run);
}

void
cb_worker_put_back_held (CbWorker *self)
{
  Held *held;

  while ((held = g_queue_pop_head (&self->held)) != NULL)
    {
      cb_worker_put_back (self, held->job);
      held_free (held);
    }
}

/* Nobody will hear of it: for a worker that goes. */
void
cb_worker_release_held (CbWorker *self)
{
  Held *held;

  while ((held = g_queue_pop_head (&self->held)) != NULL)
    {
      cb_engine_release_async (self->engine, held->job, NULL, NULL, NULL);
      held_free (held);
    }
}

/* --- telling that jobs have begun --- */

static void
begun_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* It was a courtesy. What it comes to is told in any case. */
  if (!cb_engine_begin_finish (CB_ENGINE (object), result, &error))
    g_debug ("That jobs have begun could not be told: %s", error->message);
}

static void
tell_begun (CbWorker *self)
{
  if (self->begun->len > 0)
    cb_engine_begin_async (self->engine, self->begun, NULL, begun_cb, NULL);
  g_ptr_array_set_size (self->begun, 0);
}

static void
announce_cb (CbRun *run, gpointer user_data)
{
  CbWorker *self = user_data;

  g_ptr_array_add (self->begun, cb_job_record_ref (cb_run_get_job (run)));
  if (!self->ticking)
    tell_begun (self);
}

/* --- the tick --- */

static gboolean
tick_cb (gpointer user_data)
{
  CbWorker *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gboolean goes_on = FALSE;

  self->ticking = TRUE;
  for (guint i = 0; i < cb_worker_get_n_slots (self); i++)
    {
      CbRun *run = cb_worker_slot_get_run (cb_worker_peek_slot (self, i));

      if (run == NULL || !cb_run_is_unheard (run))
        continue;
      if (now - cb_run_get_started (run) >= TICK_MSEC * G_TIME_SPAN_MILLISECOND)
        cb_run_announce (run);
      else
        goes_on = TRUE;
    }
  self->ticking = FALSE;
  tell_begun (self);

  if (self->held.length > 0 && self->n_begun == 0)
    {
      self->n_quick = 0;
      cb_worker_put_back_held (self);
    }
  self->n_begun = 0;

  if (goes_on || self->held.length > 0)
    return G_SOURCE_CONTINUE;

  self->tick_source = 0;
  return G_SOURCE_REMOVE;
}

static void
begin_to_tick (CbWorker *self)
{
  if (self->tick_source == 0)
    self->tick_source = g_timeout_add (TICK_MSEC, tick_cb, self);
}

/* --- holding and beginning --- */

/* A job that came ahead; @asked: when it was asked for. */
void
cb_worker_hold (CbWorker *self, CbJobRecord *job, CbWorkerMoment asked)
{
  Held *held = g_new (Held, 1);

  held->job = cb_job_record_ref (job);
  held->asked = asked;
  g_queue_push_tail (&self->held, held);
  self->n_begun++;
  begin_to_tick (self);
}

static void
begin_held (CbWorker *self, CbWorkerSlot *slot)
{
  Held *held = g_queue_pop_head (&self->held);

  if (is_old (self, &held->asked))
    {
      cb_worker_put_back (self, held->job);
    }
  else
    {
      g_autoptr (CbRun) run = cb_worker_make_run (self, slot, held->job);

      self->n_begun++;
      cb_run_set_announcer (run, announce_cb);
      begin_to_tick (self);
      cb_worker_start_run (self, run);
    }
  held_free (held);
}

/* Gives held jobs to free slots. */
void
cb_worker_begin_held (CbWorker *self)
{
  CbWorkerSlot *slot;

  if (self->state != CB_WORKER_RUNNING || !cb_gate_is_open (self->gate))
    {
      cb_worker_put_back_held (self);
      return;
    }

  while (self->held.length > 0 && (slot = cb_worker_find_free_slot (self)) != NULL)
    begin_held (self, slot);
}

/* The handler of a run has answered. Where jobs are held, or it was held itself, its slot does not wait until that is told. */
void
cb_worker_run_over (CbRun *run, gpointer user_data)
{
  CbWorker *self = user_data;
  CbWorkerSlot *slot = cb_run_get_place (run);

  if (slot == NULL || cb_run_get_took (run) < 0)
    return;

  note_took (self, cb_run_get_took (run));
  if (cb_run_get_begun_at (run) == 0 && self->held.length == 0)
    return;

  add_loose (self, run);
  cb_run_set_place (run, NULL);
  cb_worker_slot_clear_run (slot);
  cb_worker_set_n_active (self, self->n_active);

  if (self->held.length > 0 && self->state == CB_WORKER_RUNNING && cb_gate_is_open (self->gate) &&
      cb_worker_slot_get_number (slot) <= self->concurrency && cb_worker_slot_is_free (slot))
    begin_held (self, slot);
}

void
cb_worker_init_ahead (CbWorker *self)
{
  g_queue_init (&self->held);
  self->loose = g_ptr_array_new_with_free_func (g_object_unref);
  self->begun = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
}

void
cb_worker_clear_ahead (CbWorker *self)
{
  g_queue_clear_full (&self->held, (GDestroyNotify) held_free);
  g_ptr_array_unref (self->loose);
  g_ptr_array_unref (self->begun);
}
