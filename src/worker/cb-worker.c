/* cb-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a worker is, its settings, and how it is told to start and to end. What it does next is decided in cb-worker-turn.c. */

#include "config.h"

#include "cb-worker-private.h"

#define DEFAULT_LEASE_MSEC 6000
#define CONCURRENCY_MAX 100
#define DRAIN_INTERVAL_MSEC 500

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

/* --- small verbs --- */

static void
notify (CbWorker *self, guint prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

void
cb_worker_set_state (CbWorker *self, CbWorkerState state)
{
  if (self->state == state)
    return;

  self->state = state;
  notify (self, PROP_STATE);
}

void
cb_worker_update_problem (CbWorker *self)
{
  const char *problem = cb_gate_get_problem (self->gate);

  if (problem == NULL)
    problem = self->claim_problem;
  if (problem == NULL)
    problem = self->stuck_problem;
  if (problem == NULL && self->caretaker != NULL)
    problem = cb_caretaker_get_problem (self->caretaker);

  if (g_strcmp0 (self->problem, problem) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  notify (self, PROP_PROBLEM);
}

void
cb_worker_set_claim_problem (CbWorker *self, const char *problem)
{
  if (g_strcmp0 (self->claim_problem, problem) == 0)
    return;

  g_free (self->claim_problem);
  self->claim_problem = g_strdup (problem);
  cb_worker_update_problem (self);
}

void
cb_worker_set_n_active (CbWorker *self, guint n_active)
{
  self->n_active = n_active;
  notify (self, PROP_N_ACTIVE);
}

/* A run is over. */
void
cb_worker_count (CbWorker *self, CbRunOutcome outcome)
{
  g_object_freeze_notify (G_OBJECT (self));
  cb_worker_set_n_active (self, self->n_active - 1);
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
}

void
cb_worker_tell_started (CbWorker *self, CbJobRecord *job)
{
  g_signal_emit (self, signals[JOB_STARTED], 0, job);
}

void
cb_worker_tell_progress (CbWorker *self, CbJobRecord *job, int percent)
{
  g_signal_emit (self, signals[JOB_PROGRESS], 0, job, percent);
}

void
cb_worker_tell_finished (CbWorker *self, CbRun *run, gboolean will_retry)
{
  g_signal_emit (self, signals[JOB_FINISHED], 0, cb_run_get_job (run), cb_run_get_result (run), cb_run_get_error (run),
                 will_retry);
}

guint
cb_worker_get_n_slots (CbWorker *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->slots));
}

/* The slots are the worker's own, so borrowing is safe as long as none is removed. */
CbWorkerSlot *
cb_worker_peek_slot (CbWorker *self, guint position)
{
  g_autoptr (CbWorkerSlot) slot = g_list_model_get_item (G_LIST_MODEL (self->slots), position);

  return slot;
}

CbWorkerSlot *
cb_worker_find_free_slot (CbWorker *self)
{
  for (guint i = 0; i < cb_worker_get_n_slots (self); i++)
    {
      CbWorkerSlot *slot = cb_worker_peek_slot (self, i);

      if (cb_worker_slot_get_number (slot) > self->concurrency)
        break;
      if (cb_worker_slot_is_free (slot))
        return slot;
    }

  return NULL;
}

/* Slots 1 to concurrency, and above these the ones whose job is not over yet. */
void
cb_worker_update_slots (CbWorker *self)
{
  guint i = 0;

  if (cb_worker_get_n_slots (self) == self->concurrency &&
      cb_worker_slot_get_number (cb_worker_peek_slot (self, self->concurrency - 1)) == self->concurrency)
    return;

  for (guint number = 1; number <= self->concurrency; number++, i++)
    {
      if (i >= cb_worker_get_n_slots (self) || cb_worker_slot_get_number (cb_worker_peek_slot (self, i)) != number)
        {
          g_autoptr (CbWorkerSlot) slot = cb_worker_slot_new (number);

          g_list_store_insert (self->slots, i, slot);
        }
    }

  while (i < cb_worker_get_n_slots (self))
    {
      if (cb_worker_slot_is_free (cb_worker_peek_slot (self, i)))
        g_list_store_remove (self->slots, i);
      else
        i++;
    }
}

/* --- operations that others wait for --- */

void
cb_worker_return_tasks (GPtrArray **tasks, const GError *error)
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

/* --- the object --- */

static void
gate_problem_cb (CbWorker *self)
{
  /* What was refused to everybody was refused to the caretaker, too. */
  if (cb_gate_is_open (self->gate) && self->caretaker != NULL)
    cb_caretaker_forget_problem (self->caretaker);
  cb_worker_update_problem (self);

  /* The claims that stood still while it was closed. */
  if (cb_gate_is_open (self->gate))
    cb_worker_pump (self);
  else
    cb_worker_put_back_held (self);
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

  cb_worker_update_slots (self);
}

/* It comes to its end by itself. */
static void
detach (CbWorker *self, CbRun *run)
{
  g_signal_handlers_disconnect_by_data (run, self);
  cb_run_set_owner (run, NULL, NULL);
  cb_run_set_place (run, NULL);
  cb_run_detach (run);
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

  for (guint i = 0; self->slots != NULL && i < cb_worker_get_n_slots (self); i++)
    {
      CbRun *run = cb_worker_slot_get_run (cb_worker_peek_slot (self, i));

      if (run == NULL)
        continue;
      detach (self, run);
    }
  for (guint i = 0; i < self->loose->len; i++)
    detach (self, g_ptr_array_index (self->loose, i));
  g_ptr_array_set_size (self->loose, 0);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  cb_worker_release_held (self);
  g_clear_handle_id (&self->turn_source, g_source_remove);
  while (self->to_tell->len > 0)
    {
      g_autoptr (CbRun) run = g_ptr_array_steal_index (self->to_tell, 0);

      cb_run_take_back (run);
    }

  if (self->gate != NULL)
    {
      cb_gate_forget (self->gate, self);
      g_signal_handlers_disconnect_by_data (self->gate, self);
    }
  if (self->caretaker != NULL)
    g_signal_handlers_disconnect_by_data (self->caretaker, self);
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
  g_ptr_array_unref (self->to_tell);
  cb_worker_clear_ahead (self);
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
      g_value_set_uint (value, self->n_active - self->loose->len);
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
              cb_worker_update_slots (self);
              cb_worker_pump (self);
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
      if (self->rate.limit > 0)
        {
          cb_worker_put_back_held (self);
          cb_worker_end_wait (self);
        }
      g_clear_handle_id (&self->rate_source, g_source_remove);
      notify (self, PROP_RATE_LIMIT);
      cb_worker_pump (self);
      break;
    case PROP_RATE_INTERVAL:
      cb_rate_set (&self->rate, self->rate.limit, g_value_get_uint (value));
      g_clear_handle_id (&self->rate_source, g_source_remove);
      notify (self, PROP_RATE_INTERVAL);
      cb_worker_pump (self);
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
  self->rate.interval_msec = 1000;
  self->slots = g_list_store_new (CB_TYPE_WORKER_SLOT);
  self->stop_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->drain_tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->to_tell = g_ptr_array_new_with_free_func (g_object_unref);
  self->retrying = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  cb_worker_init_ahead (self);
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
  self->ahead_refused = FALSE;
  self->claim_refused = FALSE;
  self->n_false_alarms = 0;
  if (self->caretaker == NULL)
    {
      self->caretaker = cb_caretaker_enter (self->engine, self->lease_msec);
      g_signal_connect_object (self->caretaker, "notify::problem", G_CALLBACK (cb_worker_update_problem), self,
                               G_CONNECT_SWAPPED);
      cb_worker_update_problem (self);
    }

  cb_worker_set_state (self, CB_WORKER_RUNNING);

  if (self->stop_tasks->len > 0)
    {
      g_autoptr (GError) error = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED,
                                                     "The worker was started again before it had stopped");

      cb_worker_return_tasks (&self->stop_tasks, error);
    }

  cb_worker_pump (self);
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

  cb_worker_set_state (self, CB_WORKER_STOPPING);
  cb_worker_put_back_held (self);

  if (grace_msec > 0)
    self->stop_source = g_timeout_add (grace_msec, cb_worker_grace_over, self);
  else
    cb_worker_grace_over (self);

  cb_worker_maybe_stop (self);
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
 * and nothing
 * delayed that failed here since then and will be tried again. Entries that are no jobs of the queue are told as its problem.
 */
void
cb_worker_drain_async (CbWorker *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CB_IS_WORKER (self));

  cb_worker_start (self);

  if (!add_task (self, self->drain_tasks, cb_worker_drain_async, cancellable, callback, user_data))
    return;

  self->refused_since = 0;
  self->elsewhere_since = 0;
  self->told_elsewhere = FALSE;
  cb_worker_end_wait (self);
  cb_worker_pump (self);
  if (self->drain_source == 0)
    self->drain_source = g_timeout_add (DRAIN_INTERVAL_MSEC, cb_worker_drain_tick, self);
  if (self->dry)
    cb_worker_look_whether_drained (self);
}

/**
 * cb_worker_drain_finish:
 * @self: a worker
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends cb_worker_drain_async().
 *
 * Errors: %CB_WORKER_ERROR_STOPPED when it was stopped before the queue was drained; %CB_WORKER_ERROR_FAILED when it has been
 * refused for some seconds in a way that does not go away by itself (a key of the wrong type, no permission): it still
 * runs then, and goes on when that is mended.
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
