/* cb-caretaker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* From the death of a worker to its jobs being back it takes a lease (6 s) and one round of recovery (2 s) at most.
 *
 * A lease that is over proves the death of its worker only while workers are able to renew. While the server is away none of them is,
 * and while this machine sleeps, or this process is stopped, its own workers are not. So after each of these recovery
 * is held off for the length of a lease, in which the living make themselves heard first. A process that has just begun can't know
 * whether the server was away: for that long it asks the engine to be careful.
 *
 * What happens to a job while it runs, its removal above all, is told on the channel of all events, and to hear that costs the server and
 * this process a good part of what a short job does. So it is listened to only as long as some job runs for longer than a moment;
 * what was told before that is found out by a heartbeat. */

#include "config.h"

#include "cb-caretaker.h"

#include "cb-gate.h"
#include "cb-worker.h"

#define TICK_INTERVAL_MSEC 1000
#define RECOVERY_INTERVAL_MSEC 2000

/* How often it is looked for jobs that run for long, what long is, and after how many looks in vain nobody listens any more. */
#define LOOK_MSEC 50
#define LONG_MSEC 25
#define MAX_LOOKS 40

/* The engine is asked about this many jobs in one call at most. */
#define EXTEND_MAX 200

/* What can fail while jobs are worked all the same, the worst first. */
typedef enum
{
  CARE_TICK,
  CARE_RECOVERY,
  N_CARES
} Care;

struct _CbCaretaker
{
  GObject parent_instance;

  CbEngine *engine;            /* (owned) */
  guint n_users;
  guint lease_msec;            /* the shortest that any worker asked for */

  GHashTable *runs;            /* (element-type utf8 CbRun) (owned) by the id of the job */
  guint heartbeat_source;
  guint tick_source;
  guint recovery_source;
  guint long_source;           /* looks for jobs that run for long */
  guint n_short;               /* how often in a row there was none */
  gboolean watching;
  gboolean ticking;
  gboolean recovering;

  gint64 last_tick;            /* by the wall clock, which goes on while the machine sleeps */
  gint64 hold_until;           /* monotonic: no recovery before then */
  gint64 careful_until;        /* monotonic: until then the server may have come back only just now */
  gulong event_handler;
  gulong state_handler;
  gulong live_handler;
  gboolean was_ready;

  char *problems[N_CARES];     /* (owned) (nullable) */
  gboolean lack_rights[N_CARES]; /* why there is that problem */
  char *problem;               /* (owned) (nullable) the worst of them */
};

G_DEFINE_FINAL_TYPE (CbCaretaker, cb_caretaker, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static G_DEFINE_QUARK (cb-caretaker, cb_caretaker)

static void
set_problem (CbCaretaker *self, Care care, char *problem)
{
  const char *first;

  g_free (self->problems[care]);
  self->problems[care] = problem;

  /* The same one while both last: two of them in turn would be told every second. */
  first = self->problems[CARE_TICK] != NULL ? self->problems[CARE_TICK] : self->problems[CARE_RECOVERY];
  if (g_strcmp0 (self->problem, first) == 0)
    return;

  g_free (self->problem);
  self->problem = g_strdup (first);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/* @error NULL: it was done. An outage is told by whoever wants to claim, and is over in a moment. What this user may not do is not
 * tried each time, and stays so. */
static void
take_outcome (CbCaretaker *self, Care care, const char *consequence, const GError *error)
{
  gboolean is_right = error != NULL && g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM);

  if (error == NULL)
    {
      if (!self->lack_rights[care])
        set_problem (self, care, NULL);
      return;
    }

  g_debug ("%s: %s", consequence, error->message);
  if (cb_error_is_outage (error) && !is_right)
    return;

  self->lack_rights[care] = is_right;
  set_problem (self, care, g_strdup_printf ("%s: %s", consequence, error->message));
}

static void
hold_recovery (CbCaretaker *self)
{
  self->hold_until = g_get_monotonic_time () + self->lease_msec * G_TIME_SPAN_MILLISECOND;
}

static void
be_careful (CbCaretaker *self)
{
  self->careful_until = g_get_monotonic_time () + self->lease_msec * G_TIME_SPAN_MILLISECOND;
}

/* --- heartbeat --- */

typedef struct
{
  CbCaretaker *caretaker;      /* (owned) */
  GPtrArray *runs;             /* (owned) (element-type CbRun) the ones asked about */
  GPtrArray *lost;             /* (owned) (nullable) (element-type utf8) the ones that are not ours any more */
} Beat;

static void
beat_free (Beat *beat)
{
  g_object_unref (beat->caretaker);
  g_ptr_array_unref (beat->runs);
  g_clear_pointer (&beat->lost, g_ptr_array_unref);
  g_free (beat);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Beat, beat_free)

static void
end_lost (Beat *beat, const char *id, CbQueueError code)
{
  g_autoptr (GError) reason = g_error_new_literal (CB_QUEUE_ERROR, code, "");

  /* Only runs that were asked about: a job may have come back to this very process meanwhile. */
  for (guint i = 0; i < beat->runs->len; i++)
    {
      CbRun *run = g_ptr_array_index (beat->runs, i);

      if (g_str_equal (cb_run_get_job (run)->id, id))
        cb_run_end (run, CB_RUN_CAUSE_LOST, reason, CB_RUN_END_GRACE_MSEC);
    }
}

/* Which of the lost ones were removed makes a difference to whoever reads about it. */
static void
read_lost_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Beat) beat = user_data;
  g_autoptr (GPtrArray) records = cb_engine_get_many_finish (CB_ENGINE (object), result, NULL);

  for (guint i = 0; i < beat->lost->len; i++)
    {
      CbJobRecord *record = records != NULL && i < records->len ? g_ptr_array_index (records, i) : NULL;

      end_lost (beat, g_ptr_array_index (beat->lost, i),
                record != NULL && record->missing ? CB_QUEUE_ERROR_GONE : CB_QUEUE_ERROR_NOT_OWNER);
    }
}

static void
extended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Beat) beat = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  beat->lost = cb_engine_extend_finish (CB_ENGINE (object), result, &error);
  if (beat->lost == NULL)
    {
      g_debug ("Heartbeat: %s", error->message);
      return;
    }

  if (beat->lost->len == 0)
    return;

  g_ptr_array_extend (ids, beat->lost, NULL, NULL);
  g_ptr_array_add (ids, NULL);
  cb_engine_get_many_async (CB_ENGINE (object), (const char *const *) ids->pdata, NULL, read_lost_cb,
                            g_steal_pointer (&beat));
}

static void
send_beat (CbCaretaker *self, GPtrArray *runs)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  Beat *beat;

  for (guint i = 0; i < runs->len; i++)
    g_ptr_array_add (jobs, cb_job_record_ref (cb_run_get_job (g_ptr_array_index (runs, i))));

  beat = g_new0 (Beat, 1);
  beat->caretaker = g_object_ref (self);
  beat->runs = g_ptr_array_ref (runs);
  cb_engine_extend_async (self->engine, jobs, self->lease_msec, NULL, extended_cb, beat);
}

static void
heartbeat (CbCaretaker *self)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    {
      /* Also the runs of a worker that is gone end up here: nobody else takes those out. */
      if (cb_run_is_settled (run))
        {
          g_hash_table_iter_remove (&iter);
          continue;
        }

      g_ptr_array_add (runs, g_object_ref (run));
      if (runs->len == EXTEND_MAX)
        {
          send_beat (self, runs);
          g_ptr_array_unref (runs);
          runs = g_ptr_array_new_with_free_func (g_object_unref);
        }
    }

  if (runs->len > 0)
    send_beat (self, runs);
}

static gboolean
heartbeat_cb (gpointer user_data)
{
  CbCaretaker *self = user_data;

  /* It goes on a little after the last run: a timer for each job would cost more than many jobs do. */
  if (g_hash_table_size (self->runs) == 0)
    {
      self->heartbeat_source = 0;
      return G_SOURCE_REMOVE;
    }

  heartbeat (self);

  return G_SOURCE_CONTINUE;
}

/* --- recovery --- */

static void
recovered_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbCaretaker) self = user_data;
  g_autoptr (GError) error = NULL;

  self->recovering = FALSE;
  cb_engine_recover_finish (CB_ENGINE (object), result, &error);
  take_outcome (self, CARE_RECOVERY, "Jobs of workers that died are not put back", error);
}

static void
recover (CbCaretaker *self)
{
  if (self->recovering || g_get_monotonic_time () < self->hold_until)
    return;

  self->recovering = TRUE;
  cb_engine_recover_async (self->engine, g_get_monotonic_time () < self->careful_until, NULL, recovered_cb, g_object_ref (self));
}

static gboolean
recovery_cb (gpointer user_data)
{
  recover (user_data);

  return G_SOURCE_CONTINUE;
}

/* --- promotion and the time to live --- */

static void
ticked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbCaretaker) self = user_data;
  g_autoptr (GError) error = NULL;

  self->ticking = FALSE;
  cb_engine_tick_finish (CB_ENGINE (object), result, &error);
  take_outcome (self, CARE_TICK, "Delayed jobs and time limits are not looked after", error);
}

static gboolean
tick_cb (gpointer user_data)
{
  CbCaretaker *self = user_data;
  gint64 now = g_get_real_time ();

  /* Asleep or stopped: hear first whether our jobs are still ours. */
  if (now - self->last_tick > (TICK_INTERVAL_MSEC + self->lease_msec / 2) * G_TIME_SPAN_MILLISECOND)
    {
      hold_recovery (self);
      heartbeat (self);
    }
  self->last_tick = now;

  if (!self->ticking)
    {
      self->ticking = TRUE;
      cb_engine_tick_async (self->engine, NULL, ticked_cb, g_object_ref (self));
    }

  return G_SOURCE_CONTINUE;
}

/* --- what is told about our jobs --- */

static void
event_cb (CbCaretaker *self, CbJobEvent *event)
{
  CbRun *run = g_hash_table_lookup (self->runs, event->id);

  if (run == NULL)
    return;

  if (g_str_equal (event->name, "ttl exceeded"))
    {
      g_autoptr (GError) reason = g_error_new_literal (CB_WORKER_ERROR, CB_WORKER_ERROR_TIME_OUT, "TTL exceeded");

      cb_run_end (run, CB_RUN_CAUSE_EXPIRED, reason, CB_RUN_END_GRACE_MSEC);
    }
  else if (g_str_equal (event->name, "remove"))
    {
      /* Anybody can publish that. Whether it is so the server knows. */
      heartbeat (self);
    }
}

/* What was told before, or while nothing could be heard, is asked about. */
static void
live_cb (CbCaretaker *self)
{
  if (self->watching && cb_engine_get_live (self->engine))
    heartbeat (self);
}

static void
set_watching (CbCaretaker *self, gboolean watching)
{
  if (self->watching == watching)
    return;

  self->watching = watching;
  if (watching)
    cb_engine_watch (self->engine);
  else
    cb_engine_unwatch (self->engine);
}

static gboolean
has_long_run (CbCaretaker *self)
{
  gint64 since = g_get_monotonic_time () - LONG_MSEC * G_TIME_SPAN_MILLISECOND;
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (cb_run_was_started (run) && !cb_run_is_settled (run) && cb_run_get_started (run) <= since)
      return TRUE;

  return FALSE;
}

static gboolean
long_cb (gpointer user_data)
{
  CbCaretaker *self = user_data;

  if (has_long_run (self))
    {
      self->n_short = 0;
      set_watching (self, TRUE);
    }
  else if (++self->n_short >= MAX_LOOKS)
    {
      set_watching (self, FALSE);
    }

  if (self->watching || g_hash_table_size (self->runs) > 0)
    return G_SOURCE_CONTINUE;

  self->long_source = 0;
  return G_SOURCE_REMOVE;
}

static void
state_cb (CbCaretaker *self)
{
  gboolean ready = cb_connection_get_state (cb_engine_get_connection (self->engine)) == CB_CONNECTION_READY;

  if (ready && !self->was_ready)
    {
      be_careful (self);
      heartbeat (self);
    }
  else if (!ready && self->was_ready)
    self->hold_until = G_MAXINT64;

  if (ready && self->hold_until == G_MAXINT64)
    hold_recovery (self);

  self->was_ready = ready;
}

/* --- beginning and end --- */

static void
begin (CbCaretaker *self)
{
  CbConnection *connection = cb_engine_get_connection (self->engine);

  self->last_tick = g_get_real_time ();
  self->hold_until = 0;
  be_careful (self);
  self->tick_source = g_timeout_add (TICK_INTERVAL_MSEC, tick_cb, self);
  self->recovery_source = g_timeout_add (RECOVERY_INTERVAL_MSEC, recovery_cb, self);
  self->event_handler = g_signal_connect_swapped (self->engine, "event", G_CALLBACK (event_cb), self);
  if (connection != NULL)
    {
      self->was_ready = cb_connection_get_state (connection) == CB_CONNECTION_READY;
      self->state_handler = g_signal_connect_swapped (connection, "notify::state", G_CALLBACK (state_cb), self);
    }

  self->live_handler = g_signal_connect_swapped (self->engine, "notify::live", G_CALLBACK (live_cb), self);
  recover (self);
}

static void
end (CbCaretaker *self)
{
  CbConnection *connection = cb_engine_get_connection (self->engine);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_handle_id (&self->recovery_source, g_source_remove);
  g_clear_handle_id (&self->heartbeat_source, g_source_remove);
  g_clear_handle_id (&self->long_source, g_source_remove);
  g_clear_signal_handler (&self->event_handler, self->engine);
  g_clear_signal_handler (&self->live_handler, self->engine);
  if (connection != NULL)
    g_clear_signal_handler (&self->state_handler, connection);

  set_watching (self, FALSE);
  g_hash_table_remove_all (self->runs);
}

static void
cb_caretaker_finalize (GObject *object)
{
  CbCaretaker *self = CB_CARETAKER (object);

  g_assert (self->n_users == 0);

  if (self->engine != NULL)
    g_object_set_qdata (G_OBJECT (self->engine), cb_caretaker_quark (), NULL);
  g_clear_object (&self->engine);
  g_hash_table_unref (self->runs);
  for (guint i = 0; i < N_CARES; i++)
    g_free (self->problems[i]);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_caretaker_parent_class)->finalize (object);
}

static void
cb_caretaker_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbCaretaker *self = CB_CARETAKER (object);

  switch (prop_id)
    {
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_caretaker_class_init (CbCaretakerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cb_caretaker_finalize;
  object_class->get_property = cb_caretaker_get_property;

  properties[PROP_PROBLEM] =
    g_param_spec_string ("problem", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_caretaker_init (CbCaretaker *self)
{
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

/**
 * cb_caretaker_enter:
 * @engine: an engine that can work
 * @lease_msec: how long a job stays ours without a heartbeat
 *
 * Counts one more worker of @engine in this process.
 *
 * Returns: (transfer full): the caretaker of the engine; give it back with cb_caretaker_leave()
 */
CbCaretaker *
cb_caretaker_enter (CbEngine *engine, guint lease_msec)
{
  CbCaretaker *self;

  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (lease_msec > 0, NULL);

  self = g_object_get_qdata (G_OBJECT (engine), cb_caretaker_quark ());
  if (self != NULL)
    {
      g_object_ref (self);
    }
  else
    {
      self = g_object_new (CB_TYPE_CARETAKER, NULL);
      self->engine = g_object_ref (engine);
      g_object_set_qdata (G_OBJECT (engine), cb_caretaker_quark (), self);
    }

  if (self->n_users == 0 || lease_msec < self->lease_msec)
    {
      self->lease_msec = lease_msec;

      /* A heartbeat under way is too slow for the shorter leases to come. */
      if (self->heartbeat_source != 0)
        {
          g_source_remove (self->heartbeat_source);
          self->heartbeat_source = g_timeout_add (self->lease_msec / 3, heartbeat_cb, self);
        }
    }
  if (self->n_users++ == 0)
    begin (self);

  return self;
}

/**
 * cb_caretaker_leave:
 * @self: (transfer full): a caretaker
 *
 * A worker has ended. With the last one all care ends.
 */
void
cb_caretaker_leave (CbCaretaker *self)
{
  g_return_if_fail (CB_IS_CARETAKER (self));
  g_return_if_fail (self->n_users > 0);

  if (--self->n_users == 0)
    end (self);

  g_object_unref (self);
}

/**
 * cb_caretaker_get_problem:
 * @self: a caretaker
 *
 * Returns: (transfer none) (nullable): a sentence that says what is not looked after while jobs are worked, and why; the same one
 *   while that lasts
 */
const char *
cb_caretaker_get_problem (CbCaretaker *self)
{
  g_return_val_if_fail (CB_IS_CARETAKER (self), NULL);

  return self->problem;
}

/**
 * cb_caretaker_forget_problem:
 * @self: a caretaker
 *
 * What was refused so far may be allowed by now: the next round tells it again if it is not.
 */
void
cb_caretaker_forget_problem (CbCaretaker *self)
{
  g_return_if_fail (CB_IS_CARETAKER (self));

  for (int care = N_CARES - 1; care >= 0; care--)
    {
      self->lack_rights[care] = FALSE;
      set_problem (self, (Care) care, NULL);
    }
}

/**
 * cb_caretaker_add:
 * @self: a caretaker
 * @run: the run of a job that was just claimed
 *
 * From now on the lease of its job is renewed.
 */
void
cb_caretaker_add (CbCaretaker *self, CbRun *run)
{
  g_return_if_fail (CB_IS_CARETAKER (self));
  g_return_if_fail (CB_IS_RUN (run));

  g_hash_table_insert (self->runs, g_strdup (cb_run_get_job (run)->id), g_object_ref (run));
  if (self->heartbeat_source == 0)
    self->heartbeat_source = g_timeout_add (self->lease_msec / 3, heartbeat_cb, self);
  if (self->long_source == 0)
    {
      self->n_short = 0;
      self->long_source = g_timeout_add (LOOK_MSEC, long_cb, self);
    }
}

/**
 * cb_caretaker_remove:
 * @self: a caretaker
 * @run: a run that has finished
 *
 * Ends the care for its job, unless another run has it by now.
 */
void
cb_caretaker_remove (CbCaretaker *self, CbRun *run)
{
  const char *id;

  g_return_if_fail (CB_IS_CARETAKER (self));
  g_return_if_fail (CB_IS_RUN (run));

  id = cb_run_get_job (run)->id;
  if (g_hash_table_lookup (self->runs, id) == run)
    g_hash_table_remove (self->runs, id);
}
