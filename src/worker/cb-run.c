/* cb-run.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Two things have to come to an end before a slot is free again, in either order: the handler (it answers, or is
 * cancelled and given up after a grace), and the telling of the outcome (it is written, or the job is someone else's).
 *
 *   cause     handler has answered           handler is given up       told when
 *   NONE      complete or failed             -                         it has answered
 *   STOP      complete, else put back        put back                  it has answered or is given up
 *   TIME_OUT  failed: time-out               failed: time-out          it has answered or is given up
 *   EXPIRED   failed: TTL exceeded           the same                  at once
 *   LOST      nothing                        nothing                   -
 *
 * After a time-out the job is not told to have failed before its handler is over, as the next run could begin while this one
 * still has its hands on the same things. When the time to live is over that can't be helped: the one who asked gives us
 * a second.
 *
 * An outcome whose reply was lost may have been written. The next try is then refused as if the job had been taken
 * away, so a refusal is believed only after reading what became of the job. */

#include "config.h"

#include "cb-run.h"

#include "cb-handler-context-private.h"
#include "cb-json.h"
#include "cb-redis-error.h"
#include "cb-worker.h"

/* A refusal that has nothing to do with the server as a whole, such as a key of the wrong type. */
#define MAX_TRIES 5
#define TRY_INTERVAL_MSEC 1000

struct _CbRun
{
  GObject parent_instance;

  CbEngine *engine;            /* (owned) */
  CbGate *gate;                /* (owned) */
  CbHandler *handler;          /* (owned) */
  CbJobRecord *job;            /* (owned) */
  CbOutbox *outbox;            /* (owned) */
  CbHandlerContext *context;   /* (owned) */

  const CbRunFuncs *funcs;     /* (nullable) of its owner */
  gpointer owner;              /* (unowned) (nullable) */
  gboolean tells_itself;       /* what came of it, and not its owner */
  CbRunFunc announcer;         /* (nullable) who tells that it has begun, as long as nobody was told */
  gpointer place;              /* (unowned) (nullable) where its owner keeps it */
  gboolean handed_over;        /* the owner has it, to tell */

  CbRunCause cause;
  gboolean started;
  gint64 started_at;           /* µs monotonic */
  gint64 begun_at;             /* µs of the server's clock, of a job that was claimed ahead; else 0 */
  gint64 took;                 /* µs, by the handler; -1 while it has not answered */
  guint timeout_msec;
  guint timeout_source;
  guint grace_source;
  gboolean handler_over;       /* it has answered, or never ran */
  gboolean given_up;           /* it has not, and is not waited for */

  CbRunOutcome outcome;        /* what there is to tell, and in the end what it came to */
  GBytes *result;              /* (owned) (nullable) */
  GError *error;               /* (owned) (nullable) */
  gboolean will_retry;
  gboolean telling;            /* from the decision on */
  gboolean unsure;             /* an earlier try may have been carried out */
  guint n_tries;
  guint try_source;
  gboolean settled;
  gboolean finished;
  gboolean detached;           /* nobody waits for it: one try is enough */
};

G_DEFINE_FINAL_TYPE (CbRun, cb_run, G_TYPE_OBJECT)

enum
{
  UNSTUCK,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void tell (CbRun *self);
static void tell_now (gpointer user_data);

static void
set_error (CbRun *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
}

static void
maybe_finish (CbRun *self)
{
  if (self->finished || !self->settled || !(self->handler_over || self->given_up))
    return;

  self->finished = TRUE;
  if (self->funcs != NULL)
    self->funcs->finished (self, self->owner);
}

/* This is what it came to; @error is taken. */
static void
settle (CbRun *self, CbRunOutcome outcome, GError *error)
{
  if (self->settled)
    {
      g_clear_error (&error);
      return;
    }

  self->settled = TRUE;
  self->outcome = outcome;
  if (error != NULL)
    set_error (self, error);

  g_clear_handle_id (&self->timeout_source, g_source_remove);
  g_clear_handle_id (&self->try_source, g_source_remove);
  cb_outbox_close (self->outbox);
  cb_gate_forget (self->gate, self);

  maybe_finish (self);
}

static void
settle_lost (CbRun *self, const GError *reason)
{
  g_clear_pointer (&self->result, g_bytes_unref);

  if (g_error_matches (reason, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    settle (self, CB_RUN_OUTCOME_LOST,
            g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE,
                         "Job %s was removed while it ran; what came of it is not kept", self->job->id));
  else if (g_error_matches (reason, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER))
    settle (self, CB_RUN_OUTCOME_LOST,
            g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER,
                         "Job %s was taken away from this worker while it ran; what came of it here is not kept",
                         self->job->id));
  else
    settle (self, CB_RUN_OUTCOME_LOST,
            g_error_new (reason->domain, reason->code, "What came of job %s can't be written: %s",
                         self->job->id, reason->message));
}

static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER)
         || g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE)
         || g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE);
}

/* --- after a refusal that may be of our own making --- */

static gboolean
starts_with_message (GBytes *stored, const char *message)
{
  gsize length;
  const char *text;

  if (stored == NULL)
    return FALSE;

  text = g_bytes_get_data (stored, &length);

  return length >= strlen (message) && memcmp (text, message, strlen (message)) == 0;
}

/* Does @now look as if what this run has to tell had been written? */
static gboolean
was_written (CbRun *self, CbJobRecord *now)
{
  switch (self->outcome)
    {
    case CB_RUN_OUTCOME_COMPLETE:
      return now->missing ? self->job->remove_on_complete : now->meaning == CB_JOB_MEANING_COMPLETE;

    case CB_RUN_OUTCOME_FAILED:
      return !now->missing && starts_with_message (now->error, self->error->message);

    case CB_RUN_OUTCOME_RELEASED:
      return !now->missing && (now->meaning == CB_JOB_MEANING_WAITING || now->meaning == CB_JOB_MEANING_DELAYED);

    case CB_RUN_OUTCOME_NONE:
    case CB_RUN_OUTCOME_LOST:
    default:
      return FALSE;
    }
}

static void
read_again_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbRun) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (self->engine, result, &error);
  CbJobRecord *now;

  if (self->settled)
    return;

  if (records == NULL || records->len != 1)
    {
      /* Ask again the long way round: the outcome is refused, then read. */
      if (error != NULL && cb_error_is_outage (error) && !self->detached)
        {
          cb_gate_shut (self->gate, error);
          cb_gate_wait (self->gate, tell_now, self);
          return;
        }

      g_clear_error (&error);
      g_set_error_literal (&error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER, "");
      settle_lost (self, error);
      return;
    }

  cb_gate_open (self->gate);

  now = g_ptr_array_index (records, 0);
  if (was_written (self, now))
    {
      self->will_retry = self->outcome == CB_RUN_OUTCOME_FAILED && now->meaning != CB_JOB_MEANING_FAILED;
      settle (self, self->outcome, NULL);
    }
  else
    {
      g_set_error_literal (&error, CB_QUEUE_ERROR, now->missing ? CB_QUEUE_ERROR_GONE : CB_QUEUE_ERROR_NOT_OWNER, "");
      settle_lost (self, error);
    }
}

static void
read_again (CbRun *self)
{
  const char *ids[] = { self->job->id, NULL };

  cb_engine_get_many_async (self->engine, ids, NULL, read_again_cb, g_object_ref (self));
}

/* --- telling the outcome --- */

static gboolean
try_again_cb (gpointer user_data)
{
  CbRun *self = user_data;

  self->try_source = 0;
  tell (self);

  return G_SOURCE_REMOVE;
}

static void
told (CbRun *self, GError *told_error)
{
  g_autoptr (GError) error = told_error;

  if (self->settled)
    return;

  if (error != NULL && cb_error_is_outage (error))
    {
      self->unsure |= cb_redis_error_may_have_run (error);

      if (self->detached)
        {
          settle_lost (self, error);
          return;
        }

      cb_gate_shut (self->gate, error);
      cb_gate_wait (self->gate, tell_now, self);
      return;
    }

  cb_gate_open (self->gate);

  if (error == NULL)
    {
      settle (self, self->outcome, NULL);
    }
  else if (is_refusal (error))
    {
      if (self->unsure)
        read_again (self);
      else
        settle_lost (self, error);
    }
  else if (self->outcome == CB_RUN_OUTCOME_COMPLETE && g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID))
    {
      /* The engine has no way to keep this result. */
      self->outcome = CB_RUN_OUTCOME_FAILED;
      set_error (self, g_steal_pointer (&error));
      tell (self);
    }
  else if (++self->n_tries < MAX_TRIES && !self->detached)
    {
      self->try_source = g_timeout_add (TRY_INTERVAL_MSEC, try_again_cb, self);
    }
  else
    {
      settle_lost (self, error);
    }
}

static void
told_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbRun) self = user_data;
  GError *error = NULL;

  switch (self->outcome)
    {
    case CB_RUN_OUTCOME_COMPLETE:
      cb_engine_complete_finish (self->engine, result, &error);
      break;

    case CB_RUN_OUTCOME_FAILED:
      if (self->cause == CB_RUN_CAUSE_EXPIRED)
        cb_engine_expire_finish (self->engine, result, &self->will_retry, &error);
      else
        cb_engine_fail_finish (self->engine, result, &self->will_retry, &error);
      break;

    case CB_RUN_OUTCOME_RELEASED:
      cb_engine_release_finish (self->engine, result, &error);
      break;

    case CB_RUN_OUTCOME_LOST:
      /* Given up while the call was under way. */
      return;

    case CB_RUN_OUTCOME_NONE:
    default:
      g_assert_not_reached ();
    }

  told (self, error);
}

/* Past the gate. */
static void
tell_now (gpointer user_data)
{
  CbRun *self = user_data;

  if (self->settled || self->handed_over)
    return;

  /* What is put back, or asked after by somebody who waits, is told by itself. */
  if (self->funcs != NULL && !self->tells_itself && !self->detached &&
      (self->outcome == CB_RUN_OUTCOME_COMPLETE ||
       (self->outcome == CB_RUN_OUTCOME_FAILED && self->cause != CB_RUN_CAUSE_EXPIRED)))
    {
      self->handed_over = TRUE;
      self->funcs->tell (self, self->owner);
      return;
    }

  switch (self->outcome)
    {
    case CB_RUN_OUTCOME_COMPLETE:
      cb_engine_complete_async (self->engine, self->job, self->result, NULL, told_cb, g_object_ref (self));
      break;

    case CB_RUN_OUTCOME_FAILED:
      if (self->cause == CB_RUN_CAUSE_EXPIRED)
        cb_engine_expire_async (self->engine, self->job, NULL, told_cb, g_object_ref (self));
      else if (cb_run_get_wish (self) != NULL)
        cb_engine_fail_with_async (self->engine, self->job, self->error->message, NULL, cb_run_get_wish (self), NULL, told_cb,
                                   g_object_ref (self));
      else
        cb_engine_fail_async (self->engine, self->job, self->error->message, NULL, NULL, told_cb, g_object_ref (self));
      break;

    case CB_RUN_OUTCOME_RELEASED:
      cb_engine_release_async (self->engine, self->job, NULL, told_cb, g_object_ref (self));
      break;

    case CB_RUN_OUTCOME_NONE:
    case CB_RUN_OUTCOME_LOST:
    default:
      g_assert_not_reached ();
    }
}

static void
tell (CbRun *self)
{
  if (cb_gate_is_open (self->gate) || self->detached)
    tell_now (self);
  else
    cb_gate_wait (self->gate, tell_now, self);
}

static void
flushed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbRun) self = user_data;

  cb_outbox_flush_finish (CB_OUTBOX (object), result, NULL);

  if (!self->settled)
    tell (self);
}

/* Decided. What the handler told before goes first. */
static void
begin_to_tell (CbRun *self, CbRunOutcome outcome)
{
  g_assert (!self->telling);

  self->telling = TRUE;
  self->outcome = outcome;
  g_clear_handle_id (&self->timeout_source, g_source_remove);
  if (self->funcs != NULL && !self->detached && cb_run_is_over (self))
    self->funcs->over (self, self->owner);

  if (self->detached)
    cb_outbox_close (self->outbox);

  if (cb_outbox_is_idle (self->outbox))
    tell (self);
  else
    cb_outbox_flush_async (self->outbox, flushed_cb, g_object_ref (self));
}

/* --- the handler --- */

static void
check_result (CbRun *self)
{
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize length;

  if (self->result == NULL)
    return;

  text = g_bytes_get_data (self->result, &length);
  if (length == 0)
    g_clear_pointer (&self->result, g_bytes_unref);
  else if (!cb_json_check (text, length, &error))
    {
      g_clear_pointer (&self->result, g_bytes_unref);
      set_error (self, g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_HANDLER,
                                    "The handler gave a result that is no JSON: %s", error->message));
    }
}

static void
handled_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbRun) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean done;

  g_clear_handle_id (&self->grace_source, g_source_remove);
  self->handler_over = TRUE;
  self->took = g_get_monotonic_time () - self->started_at;

  /* Told already, or nothing to tell: what it says now comes too late. */
  if (self->telling || self->settled)
    {
      cb_handler_run_finish (self->handler, result, NULL, NULL);
      if (self->given_up)
        {
          self->given_up = FALSE;
          g_signal_emit (self, signals[UNSTUCK], 0);
        }
      maybe_finish (self);
      return;
    }

  done = cb_handler_run_finish (self->handler, result, &self->result, &error);

  switch (self->cause)
    {
    case CB_RUN_CAUSE_NONE:
      if (done)
        check_result (self);
      else
        set_error (self, g_steal_pointer (&error));
      begin_to_tell (self, self->error == NULL ? CB_RUN_OUTCOME_COMPLETE : CB_RUN_OUTCOME_FAILED);
      break;

    case CB_RUN_CAUSE_STOP:
      if (done)
        {
          g_clear_error (&self->error);
          check_result (self);
          begin_to_tell (self, self->error == NULL ? CB_RUN_OUTCOME_COMPLETE : CB_RUN_OUTCOME_FAILED);
        }
      else
        {
          begin_to_tell (self, CB_RUN_OUTCOME_RELEASED);
        }
      break;

    case CB_RUN_CAUSE_TIME_OUT:
      g_clear_pointer (&self->result, g_bytes_unref);
      begin_to_tell (self, CB_RUN_OUTCOME_FAILED);
      break;

    case CB_RUN_CAUSE_EXPIRED:
    case CB_RUN_CAUSE_LOST:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
grace_cb (gpointer user_data)
{
  g_autoptr (CbRun) self = g_object_ref (CB_RUN (user_data));

  self->grace_source = 0;
  self->given_up = TRUE;

  if (self->telling || self->settled)
    maybe_finish (self);
  else
    begin_to_tell (self, self->cause == CB_RUN_CAUSE_STOP ? CB_RUN_OUTCOME_RELEASED : CB_RUN_OUTCOME_FAILED);

  return G_SOURCE_REMOVE;
}

static gboolean
time_out_cb (gpointer user_data)
{
  CbRun *self = user_data;
  g_autoptr (GError) reason = NULL;

  self->timeout_source = 0;
  if (self->timeout_msec % 1000 == 0)
    reason = g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_TIME_OUT,
                          "The job took longer than the %u s it is given", self->timeout_msec / 1000);
  else
    reason = g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_TIME_OUT,
                          "The job took longer than the %u ms it is given", self->timeout_msec);
  cb_run_end (self, CB_RUN_CAUSE_TIME_OUT, reason, CB_RUN_END_GRACE_MSEC);

  return G_SOURCE_REMOVE;
}

static void
forget_announcer (CbRun *self)
{
  self->announcer = NULL;
  cb_outbox_set_opening (self->outbox, NULL, NULL);
}

/* The handler tells something of a job: it must have been heard of. */
static void
opening_cb (gpointer user_data)
{
  cb_run_announce (user_data);
}

static void
lost_cb (const GError *error, gpointer user_data)
{
  CbRun *self = user_data;

  cb_run_end (self, CB_RUN_CAUSE_LOST, error, CB_RUN_END_GRACE_MSEC);
}

static void
cb_run_dispose (GObject *object)
{
  CbRun *self = CB_RUN (object);

  g_clear_handle_id (&self->timeout_source, g_source_remove);
  g_clear_handle_id (&self->grace_source, g_source_remove);
  g_clear_handle_id (&self->try_source, g_source_remove);
  if (self->gate != NULL)
    cb_gate_forget (self->gate, self);
  self->funcs = NULL;
  self->announcer = NULL;

  if (self->context != NULL)
    cb_handler_context_set_listener (self->context, NULL, NULL);
  g_clear_object (&self->context);
  if (self->outbox != NULL)
    {
      cb_outbox_set_opening (self->outbox, NULL, NULL);
      cb_outbox_set_lost (self->outbox, NULL, NULL);
    }
  g_clear_object (&self->outbox);
  g_clear_object (&self->handler);
  g_clear_object (&self->gate);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->job, cb_job_record_unref);
  g_clear_pointer (&self->result, g_bytes_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (cb_run_parent_class)->dispose (object);
}

static void
cb_run_class_init (CbRunClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = cb_run_dispose;

  signals[UNSTUCK] =
    g_signal_new ("unstuck", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_run_init (CbRun *self)
{
  self->took = -1;
}

/**
 * cb_run_new:
 * @engine: the engine that gave the job
 * @gate: what has to be passed before anything is sent
 * @handler: who does the work
 * @job: the job as it was claimed
 *
 * Returns: (transfer full): a run that has not begun
 */
CbRun *
cb_run_new (CbEngine *engine, CbGate *gate, CbHandler *handler, CbJobRecord *job)
{
  CbRun *self = g_object_new (CB_TYPE_RUN, NULL);

  self->engine = g_object_ref (engine);
  self->gate = g_object_ref (gate);
  self->handler = g_object_ref (handler);
  self->job = cb_job_record_ref (job);
  self->outbox = cb_outbox_new (engine, gate, job);
  self->context = cb_handler_context_new (job, self->outbox);
  cb_outbox_set_lost (self->outbox, lost_cb, self);

  return self;
}

static void
progressed_cb (CbHandlerContext *context, int percent, gpointer user_data)
{
  CbRun *self = user_data;

  if (self->funcs != NULL)
    self->funcs->progressed (self, percent, self->owner);
}

static void
logged_cb (CbHandlerContext *context, const char *line, gpointer user_data)
{
  CbRun *self = user_data;

  if (self->funcs != NULL)
    self->funcs->logged (self, line, self->owner);
}

static const CbHandlerContextListener listener = { progressed_cb, logged_cb };

/**
 * cb_run_set_owner:
 * @self: a run
 * @funcs: (nullable): what is told to @owner; %NULL when it goes
 * @owner: (nullable): whose run it is
 *
 * Callbacks and no signals, as there is a run for each job and one owner.
 */
void
cb_run_set_owner (CbRun *self, const CbRunFuncs *funcs, gpointer owner)
{
  g_return_if_fail (CB_IS_RUN (self));

  self->funcs = funcs;
  self->owner = owner;
  if (funcs == NULL)
    forget_announcer (self);
  cb_handler_context_set_listener (self->context, funcs != NULL ? &listener : NULL, self);
}

/**
 * cb_run_set_announcer:
 * @self: a run that was not started, of a job that was claimed ahead
 * @announcer: tells that it has begun, before anything else of it is told; it is given the owner
 *
 * Nobody has been told that this job started. It is not told either when it is over at once.
 */
void
cb_run_set_announcer (CbRun *self, CbRunFunc announcer)
{
  g_return_if_fail (CB_IS_RUN (self));

  self->announcer = announcer;
  cb_outbox_set_opening (self->outbox, opening_cb, self);
}

/**
 * cb_run_is_unheard:
 * @self: a run
 *
 * Returns: whether nobody was told that its job has begun
 */
gboolean
cb_run_is_unheard (CbRun *self)
{
  return self->announcer != NULL && !self->settled;
}

/**
 * cb_run_announce:
 * @self: a run
 *
 * Has it told that the job has begun, if that is not known yet.
 */
void
cb_run_announce (CbRun *self)
{
  CbRunFunc announcer = self->announcer;

  if (!cb_run_is_unheard (self))
    return;

  self->announcer = NULL;
  cb_outbox_set_opening (self->outbox, NULL, NULL);
  announcer (self, self->owner);
}

/* Where its owner keeps it, for the owner alone. */
void
cb_run_set_place (CbRun *self, gpointer place)
{
  self->place = place;
}

gpointer
cb_run_get_place (CbRun *self)
{
  return self->place;
}

/**
 * cb_run_told:
 * @self: a run that its owner was to tell of
 * @error: (transfer full) (nullable): why it could not be written
 * @will_retry: of one that failed: whether it is tried again
 *
 * The answer to what was told. An outage sends it back to the gate, and the same is told again.
 */
void
cb_run_told (CbRun *self, GError *error, gboolean will_retry)
{
  g_autoptr (CbRun) keep = NULL;

  g_return_if_fail (CB_IS_RUN (self));

  keep = g_object_ref (self);
  self->handed_over = FALSE;
  if (error == NULL)
    self->will_retry = will_retry;
  told (self, error);
}

/**
 * cb_run_start:
 * @self: a run
 * @timeout_msec: how long it may take, 0 for any time
 *
 * Has the handler begin.
 */
void
cb_run_start (CbRun *self, guint timeout_msec)
{
  g_return_if_fail (CB_IS_RUN (self));

  self->started = TRUE;
  self->started_at = g_get_monotonic_time ();
  if (self->announcer != NULL)
    self->begun_at = cb_engine_get_time (self->engine);
  self->timeout_msec = timeout_msec;
  if (timeout_msec > 0)
    self->timeout_source = g_timeout_add (timeout_msec, time_out_cb, self);

  cb_handler_run_async (self->handler, self->context, handled_cb, g_object_ref (self));
}

/**
 * cb_run_put_back:
 * @self: a run that was not started
 *
 * Has the job put back, as if it had not been claimed.
 */
void
cb_run_put_back (CbRun *self)
{
  g_return_if_fail (CB_IS_RUN (self));

  self->cause = CB_RUN_CAUSE_STOP;
  self->handler_over = TRUE;
  set_error (self, g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED, "The worker has stopped"));
  begin_to_tell (self, CB_RUN_OUTCOME_RELEASED);
}

/**
 * cb_run_end:
 * @self: a run
 * @cause: why
 * @reason: the same as a sentence
 * @grace_msec: how long to wait for the handler to answer
 *
 * Has the handler end. Does nothing when the outcome is being told already; a graver cause takes the place of an earlier one.
 */
void
cb_run_end (CbRun *self, CbRunCause cause, const GError *reason, guint grace_msec)
{
  g_autoptr (CbRun) keep = NULL;

  g_return_if_fail (CB_IS_RUN (self));
  g_return_if_fail (cause != CB_RUN_CAUSE_NONE);

  if (self->telling || self->settled)
    return;

  keep = g_object_ref (self);

  if (cause > self->cause)
    {
      self->cause = cause;
      set_error (self, g_error_copy (reason));
    }

  g_clear_handle_id (&self->timeout_source, g_source_remove);
  g_clear_handle_id (&self->grace_source, g_source_remove);
  self->grace_source = g_timeout_add (grace_msec, grace_cb, self);

  if (cause == CB_RUN_CAUSE_LOST)
    settle_lost (self, reason);
  else if (cause == CB_RUN_CAUSE_EXPIRED)
    begin_to_tell (self, CB_RUN_OUTCOME_FAILED);

  g_cancellable_cancel (cb_handler_context_get_cancellable (self->context));
}

/**
 * cb_run_detach:
 * @self: a run
 *
 * Nobody waits for it any more: the handler is cancelled and the job put back, with one try.
 */
void
cb_run_detach (CbRun *self)
{
  g_autoptr (GError) reason = NULL;

  g_return_if_fail (CB_IS_RUN (self));

  self->detached = TRUE;
  if (self->telling && !self->settled)
    {
      cb_gate_forget (self->gate, self);
      cb_outbox_close (self->outbox);
    }

  reason = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED, "The worker has stopped");
  cb_run_end (self, CB_RUN_CAUSE_STOP, reason, CB_RUN_END_GRACE_MSEC);
}

/**
 * cb_run_take_back:
 * @self: a run that its owner was to tell of and has not
 *
 * It tells by itself.
 */
void
cb_run_take_back (CbRun *self)
{
  g_return_if_fail (CB_IS_RUN (self));

  self->handed_over = FALSE;
  self->tells_itself = TRUE;
  forget_announcer (self);
  tell (self);
}

/**
 * cb_run_give_up:
 * @self: a run
 *
 * Ends it here and now, with nothing told if nothing could be. The job comes back when its lease is over.
 */
void
cb_run_give_up (CbRun *self)
{
  g_autoptr (CbRun) keep = NULL;

  g_return_if_fail (CB_IS_RUN (self));

  keep = g_object_ref (self);
  self->detached = TRUE;
  g_clear_handle_id (&self->grace_source, g_source_remove);
  self->given_up = !self->handler_over;
  if (!self->handler_over)
    g_cancellable_cancel (cb_handler_context_get_cancellable (self->context));

  if (!self->settled)
    {
      const char *problem = cb_gate_get_problem (self->gate);

      settle (self, CB_RUN_OUTCOME_LOST,
              g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED,
                           "The worker stopped before it could write what came of job %s%s%s", self->job->id,
                           problem != NULL ? ": " : "", problem != NULL ? problem : ""));
    }

  maybe_finish (self);
}

/**
 * cb_run_get_begun_at:
 * @self: a run
 *
 * Returns: when it was started, in µs by the server's clock, if its job was claimed ahead; else 0
 */
gint64
cb_run_get_begun_at (CbRun *self)
{
  return self->begun_at;
}

/**
 * cb_run_get_started:
 * @self: a run that was started
 *
 * Returns: when, in µs of the monotonic clock
 */
gint64
cb_run_get_started (CbRun *self)
{
  return self->started_at;
}

/**
 * cb_run_get_took:
 * @self: a run
 *
 * Returns: how long its handler took, in µs; -1 when it did not answer
 */
gint64
cb_run_get_took (CbRun *self)
{
  return self->took;
}

/**
 * cb_run_get_job:
 * @self: a run
 *
 * Returns: (transfer none): the job as it was claimed
 */
CbJobRecord *
cb_run_get_job (CbRun *self)
{
  return self->job;
}

/**
 * cb_run_get_handler:
 * @self: a run
 *
 * Returns: (transfer none): who does the work
 */
CbHandler *
cb_run_get_handler (CbRun *self)
{
  return self->handler;
}

/**
 * cb_run_get_context:
 * @self: a run
 *
 * Returns: (transfer none): what the handler was given
 */
CbHandlerContext *
cb_run_get_context (CbRun *self)
{
  return self->context;
}

/**
 * cb_run_was_started:
 * @self: a run
 *
 * Returns: whether its handler was called
 */
gboolean
cb_run_was_started (CbRun *self)
{
  return self->started;
}

/**
 * cb_run_is_settled:
 * @self: a run
 *
 * Returns: whether the job is out of its hands; no lease is needed from then on
 */
gboolean
cb_run_is_settled (CbRun *self)
{
  return self->settled;
}

/**
 * cb_run_is_over:
 * @self: a run
 *
 * Returns: whether its handler is not waited for, so that it finishes as soon as it is settled
 */
gboolean
cb_run_is_over (CbRun *self)
{
  return self->handler_over || self->given_up;
}

/**
 * cb_run_get_wish:
 * @self: a run that failed
 *
 * Returns: (transfer none) (nullable): what its handler asked for about trying again
 */
const CbRetryWish *
cb_run_get_wish (CbRun *self)
{
  return self->cause == CB_RUN_CAUSE_NONE ? cb_handler_context_get_wish (self->context) : NULL;
}

/**
 * cb_run_is_stuck:
 * @self: a run
 *
 * Returns: whether its handler was cancelled and has not answered
 */
gboolean
cb_run_is_stuck (CbRun *self)
{
  return self->given_up;
}

/**
 * cb_run_get_outcome:
 * @self: a finished run
 *
 * Returns: what it came to
 */
CbRunOutcome
cb_run_get_outcome (CbRun *self)
{
  return self->outcome;
}

/**
 * cb_run_get_result:
 * @self: a finished run
 *
 * Returns: (transfer none) (nullable): the result as JSON
 */
GBytes *
cb_run_get_result (CbRun *self)
{
  return self->result;
}

/**
 * cb_run_get_error:
 * @self: a finished run
 *
 * Returns: (transfer none) (nullable): why it did not complete
 */
const GError *
cb_run_get_error (CbRun *self)
{
  return self->error;
}

/**
 * cb_run_get_will_retry:
 * @self: a finished run
 *
 * Returns: whether a failed job is tried again
 */
gboolean
cb_run_get_will_retry (CbRun *self)
{
  return self->will_retry;
}
