/* cb-engine.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engine-private.h"

#include <math.h>
#include <string.h>

/*
 * What all engines have in common: who they are, what they can, and the guards in front of every call, so that an engine
 * is only ever asked for what it said it can do, with arguments that make sense. The calls of workers are in
 * cb-engine-work.c.
 */

typedef struct
{
  CbConnection *connection;     /* (owned) (nullable) */
  char         *prefix;         /* (owned) */
  char         *live_problem;   /* (owned) (nullable) */
  gboolean      live;
  guint         n_watches;
} CbEnginePrivate;

enum
{
  PROP_0,
  PROP_CONNECTION,
  PROP_PREFIX,
  PROP_NAME,
  PROP_LIVE,
  PROP_LIVE_PROBLEM,
  N_PROPS
};

enum
{
  EVENT,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CbEngine, cb_engine, G_TYPE_OBJECT)

CbQueueCounts *
cb_queue_counts_new (const char *queue)
{
  CbQueueCounts *self = g_new0 (CbQueueCounts, 1);

  self->queue = g_strdup (queue);

  return self;
}

void
cb_queue_counts_free (CbQueueCounts *self)
{
  if (self == NULL)
    return;

  g_free (self->queue);
  g_free (self->problem);
  g_free (self);
}

void
cb_job_page_free (CbJobPage *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_free (self);
}

CbOldestJob *
cb_oldest_job_new (void)
{
  CbOldestJob *self = g_new0 (CbOldestJob, 1);

  self->since = -1;
  return self;
}

void
cb_oldest_job_free (CbOldestJob *self)
{
  g_free (self->id);
  g_free (self);
}

void
cb_job_outcome_free (CbJobOutcome *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_clear_error (&self->error);
  g_free (self);
}

static void
cb_engine_finalize (GObject *object)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (CB_ENGINE (object));

  g_clear_object (&priv->connection);
  g_free (priv->prefix);
  g_free (priv->live_problem);

  G_OBJECT_CLASS (cb_engine_parent_class)->finalize (object);
}

static void
cb_engine_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  CbEngine *self = CB_ENGINE (object);
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  switch (prop_id)
    {
    case PROP_CONNECTION:
      g_value_set_object (value, priv->connection);
      break;
    case PROP_PREFIX:
      g_value_set_string (value, priv->prefix);
      break;
    case PROP_NAME:
      g_value_set_string (value, cb_engine_get_name (self));
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, priv->live);
      break;
    case PROP_LIVE_PROBLEM:
      g_value_set_string (value, priv->live_problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_engine_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (CB_ENGINE (object));

  switch (prop_id)
    {
    case PROP_CONNECTION:
      priv->connection = g_value_dup_object (value);
      break;
    case PROP_PREFIX:
      priv->prefix = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_engine_class_init (CbEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = cb_engine_finalize;
  object_class->get_property = cb_engine_get_property;
  object_class->set_property = cb_engine_set_property;

  properties[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL, CB_TYPE_CONNECTION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PREFIX] =
    g_param_spec_string ("prefix", NULL, NULL, "",
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LIVE] =
    g_param_spec_boolean ("live", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_LIVE_PROBLEM] =
    g_param_spec_string ("live-problem", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * CbEngine::event:
   * @event: a #CbJobEvent
   *
   * Something happened to a job. Only while watched. As fast as they come; who shows them folds them first.
   */
  signals[EVENT] =
    g_signal_new ("event", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, CB_TYPE_JOB_EVENT | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
cb_engine_init (CbEngine *self)
{
}

/**
 * cb_engine_get_connection:
 *
 * Returns: (transfer none) (nullable): %NULL for an engine without a server
 */
CbConnection *
cb_engine_get_connection (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);

  return priv->connection;
}

/**
 * cb_engine_get_prefix:
 *
 * Returns: (transfer none): what its keys begin with, "q" or "{q}" by default for Kue; "" for an engine without keys
 */
const char *
cb_engine_get_prefix (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_val_if_fail (CB_IS_ENGINE (self), "");

  return priv->prefix != NULL ? priv->prefix : "";
}

const char *
cb_engine_get_name (CbEngine *self)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);

  return CB_ENGINE_GET_CLASS (self)->name;
}

/**
 * cb_engine_get_title:
 *
 * Returns: (transfer none): the name of the library for people; not translated, since it is a name
 */
const char *
cb_engine_get_title (CbEngine *self)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);

  return CB_ENGINE_GET_CLASS (self)->title;
}

CbEngineCapabilities
cb_engine_get_capabilities (CbEngine *self)
{
  g_return_val_if_fail (CB_IS_ENGINE (self), 0);

  return CB_ENGINE_GET_CLASS (self)->capabilities;
}

/**
 * cb_engine_get_states:
 * @n_states: (out) (optional): how many there are, at most %CB_MAX_STATES
 *
 * Returns: (transfer none) (array length=n_states): the states by the order in which people read them, which is also the
 *   order of #CbQueueCounts
 */
const CbStateInfo *
cb_engine_get_states (CbEngine *self,
                      guint    *n_states)
{
  CbEngineClass *klass;

  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (n_states != NULL)
    *n_states = klass->n_states;
  return klass->states;
}

int
cb_engine_find_state (CbEngine   *self,
                      const char *name)
{
  CbEngineClass *klass;

  g_return_val_if_fail (CB_IS_ENGINE (self), -1);
  g_return_val_if_fail (name != NULL, -1);

  klass = CB_ENGINE_GET_CLASS (self);
  for (guint i = 0; i < klass->n_states; i++)
    {
      if (strcmp (klass->states[i].name, name) == 0)
        return i;
    }

  return -1;
}

/**
 * cb_engine_get_list_order:
 * @order: (out): indexes into cb_engine_get_states()
 *
 * The order in which a list of all states of a queue has them: what runs now stands on top, then what waits, what is
 * delayed, what failed, and what is over. Within one meaning, as cb_engine_get_states().
 *
 * Returns: how many there are, all the states
 */
guint
cb_engine_get_list_order (CbEngine *self,
                          guint     order[CB_MAX_STATES])
{
  static const CbJobMeaning meanings[] = {
    CB_JOB_MEANING_ACTIVE, CB_JOB_MEANING_WAITING, CB_JOB_MEANING_DELAYED,
    CB_JOB_MEANING_FAILED, CB_JOB_MEANING_COMPLETE, CB_JOB_MEANING_UNKNOWN,
  };
  CbEngineClass *klass;
  guint n = 0;

  g_return_val_if_fail (CB_IS_ENGINE (self), 0);

  klass = CB_ENGINE_GET_CLASS (self);
  g_assert (klass->n_states <= CB_MAX_STATES);
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    {
      for (guint j = 0; j < klass->n_states; j++)
        {
          if (klass->states[j].meaning == meanings[i])
            order[n++] = j;
        }
    }

  return n;
}

gboolean
cb_engine_get_live (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_val_if_fail (CB_IS_ENGINE (self), FALSE);

  return priv->live;
}

/**
 * cb_engine_get_live_problem:
 *
 * Returns: (transfer none) (nullable): a sentence, why events can't be had
 */
const char *
cb_engine_get_live_problem (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_val_if_fail (CB_IS_ENGINE (self), NULL);

  return priv->live_problem;
}

/**
 * cb_engine_set_live:
 * @live: whether every event arrives from now on
 * @problem: (nullable): why not, a sentence
 *
 * For engines: called when the subscription is confirmed, lost or refused.
 */
void
cb_engine_set_live (CbEngine   *self,
                    gboolean    live,
                    const char *problem)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_if_fail (CB_IS_ENGINE (self));

  g_object_freeze_notify (G_OBJECT (self));

  live = !!live;
  if (priv->live != live)
    {
      priv->live = live;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
    }
  if (g_strcmp0 (priv->live_problem, problem) != 0)
    {
      g_free (priv->live_problem);
      priv->live_problem = g_strdup (problem);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE_PROBLEM]);
    }

  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * cb_engine_emit_event:
 * @event: (transfer none): what happened
 *
 * For engines. Nothing is emitted when nobody watches (any more).
 */
void
cb_engine_emit_event (CbEngine   *self,
                      CbJobEvent *event)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_if_fail (CB_IS_ENGINE (self));

  if (priv->n_watches > 0)
    g_signal_emit (self, signals[EVENT], 0, event);
}

/**
 * cb_engine_get_time:
 *
 * The clock that jobs are stamped with: the server's, as far as it is known, else this machine's.
 *
 * Returns: µs since 1970 UTC
 */
gint64
cb_engine_get_time (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_val_if_fail (CB_IS_ENGINE (self), 0);

  return priv->connection != NULL ? cb_connection_get_server_time (priv->connection) : g_get_real_time ();
}

void
cb_engine_report_not_supported (CbEngine            *self,
                                const char          *what,
                                gpointer             source_tag,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_task_report_new_error (self, callback, user_data, source_tag, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED,
                           "%s can’t %s", cb_engine_get_title (self), what);
}

gboolean
cb_engine_report_error (CbEngine            *self,
                        GError              *error,
                        gpointer             source_tag,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  if (error == NULL)
    return FALSE;

  g_task_report_error (self, callback, user_data, source_tag, error);
  return TRUE;
}

/* Answers with an empty list, without asking anybody. */
static void
return_nothing (CbEngine            *self,
                GDestroyNotify       free_func,
                gpointer             source_tag,
                GCancellable        *cancellable,
                GAsyncReadyCallback  callback,
                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_return_pointer (task, g_ptr_array_new_with_free_func (free_func), (GDestroyNotify) g_ptr_array_unref);
}

static gpointer
propagate_pointer (CbEngine     *self,
                   GAsyncResult *result,
                   GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_engine_list_queues_async:
 *
 * Asks which queues there are, also those whose jobs are all gone.
 */
void
cb_engine_list_queues_async (CbEngine            *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));

  if (CB_ENGINE_GET_CLASS (self)->list_queues == NULL)
    cb_engine_report_not_supported (self, "list queues", cb_engine_list_queues_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->list_queues (self, cancellable, callback, user_data);
}

/**
 * cb_engine_list_queues_finish:
 *
 * Errors: any %CB_REDIS_ERROR; %CB_QUEUE_ERROR_DAMAGED when the list of queues is something else.
 *
 * Returns: (transfer full) (element-type utf8): names, sorted bytewise, none twice; may be empty
 */
GPtrArray *
cb_engine_list_queues_finish (CbEngine     *self,
                              GAsyncResult *result,
                              GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_count_async:
 * @queues: (nullable): names, ended by %NULL; %NULL for all queues of the prefix taken together
 *
 * Counts the jobs of each state of many queues, in one round trip.
 */
void
cb_engine_count_async (CbEngine            *self,
                       const char * const  *queues,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));

  if (CB_ENGINE_GET_CLASS (self)->count == NULL)
    cb_engine_report_not_supported (self, "count jobs", cb_engine_count_async, callback, user_data);
  else if (queues != NULL && queues[0] == NULL)
    return_nothing (self, (GDestroyNotify) cb_queue_counts_free, cb_engine_count_async, cancellable, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->count (self, queues, cancellable, callback, user_data);
}

/**
 * cb_engine_count_finish:
 *
 * A count that can't be read is -1 with a sentence in `problem`; the others are still good.
 *
 * Returns: (transfer full) (element-type CbQueueCounts): one for each queue asked for, in that order; one alone for all
 */
GPtrArray *
cb_engine_count_finish (CbEngine     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_page_async:
 * @queue: (nullable): %NULL for all queues
 * @state: (nullable): the engine's word; %NULL for all states
 * @offset: position of the first job wanted, 0 being the first in the order asked for
 * @limit: the most jobs to return, 1 to 500
 * @reversed: from the other end
 *
 * Reads one page of a set of jobs in the state's own order: by priority where jobs wait, by due time where they are
 * delayed. Without a state the states follow one another in the order of cb_engine_get_list_order(), each in its own order
 * or reversed in itself; for all queues and all states it is the engine's set of all jobs.
 */
void
cb_engine_page_async (CbEngine            *self,
                      const char          *queue,
                      const char          *state,
                      gint64               offset,
                      guint                limit,
                      gboolean             reversed,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (offset >= 0);
  g_return_if_fail (limit >= 1 && limit <= 500);

  if (CB_ENGINE_GET_CLASS (self)->page == NULL)
    cb_engine_report_not_supported (self, "list jobs", cb_engine_page_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->page (self, queue, state, offset, limit, reversed, cancellable, callback, user_data);
}

/**
 * cb_engine_page_finish:
 *
 * An id without a job gives a record with `missing` set, so that positions hold. Behind the end there are no records.
 *
 * Returns: (transfer full): the page and the length of the whole set
 */
CbJobPage *
cb_engine_page_finish (CbEngine     *self,
                       GAsyncResult *result,
                       GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_get_many_async:
 * @ids: ended by %NULL
 *
 * Reads many jobs in one round trip.
 */
void
cb_engine_get_many_async (CbEngine            *self,
                          const char * const  *ids,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (ids != NULL);

  if (CB_ENGINE_GET_CLASS (self)->get_many == NULL)
    cb_engine_report_not_supported (self, "read jobs", cb_engine_get_many_async, callback, user_data);
  else if (ids[0] == NULL)
    return_nothing (self, (GDestroyNotify) cb_job_record_unref, cb_engine_get_many_async, cancellable, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->get_many (self, ids, cancellable, callback, user_data);
}

/**
 * cb_engine_get_many_finish:
 *
 * Returns: (transfer full) (element-type CbJobRecord): in the order of the ids, `missing` where there is no such job
 */
GPtrArray *
cb_engine_get_many_finish (CbEngine     *self,
                           GAsyncResult *result,
                           GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_get_whole_async:
 * @log_from: the first log line wanted, 0 the oldest; negative from the end, -1 the newest
 * @log_limit: the most log lines to return, 0 for none
 *
 * Reads everything of one job: with `log`, `log_length` and `raw`.
 */
void
cb_engine_get_whole_async (CbEngine            *self,
                           const char          *id,
                           gint64               log_from,
                           guint                log_limit,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (id != NULL);

  if (CB_ENGINE_GET_CLASS (self)->get_whole == NULL)
    cb_engine_report_not_supported (self, "read jobs", cb_engine_get_whole_async, callback, user_data);
  else
    CB_ENGINE_GET_CLASS (self)->get_whole (self, id, log_from, log_limit, cancellable, callback, user_data);
}

/**
 * cb_engine_get_whole_finish:
 *
 * Errors: %CB_QUEUE_ERROR_GONE when there is no such job (any more); any %CB_REDIS_ERROR.
 *
 * Returns: (transfer full): the job
 */
CbJobRecord *
cb_engine_get_whole_finish (CbEngine     *self,
                            GAsyncResult *result,
                            GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_watch:
 *
 * Has `event` emitted from now on, until as many calls of cb_engine_unwatch(). `live` tells when it really is so.
 */
void
cb_engine_watch (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_if_fail (CB_IS_ENGINE (self));

  if (priv->n_watches++ == 0 && CB_ENGINE_GET_CLASS (self)->watch != NULL)
    CB_ENGINE_GET_CLASS (self)->watch (self, TRUE);
}

void
cb_engine_unwatch (CbEngine *self)
{
  CbEnginePrivate *priv = cb_engine_get_instance_private (self);

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (priv->n_watches > 0);

  if (--priv->n_watches == 0 && CB_ENGINE_GET_CLASS (self)->watch != NULL)
    CB_ENGINE_GET_CLASS (self)->watch (self, FALSE);
}

/* The first specification that is wrong, and which of them it is. */
static GError *
check_specs (GPtrArray *specs)
{
  for (guint i = 0; i < specs->len; i++)
    {
      g_autoptr (GError) error = NULL;

      if (cb_job_spec_check (g_ptr_array_index (specs, i), &error))
        continue;
      if (specs->len > 1)
        g_prefix_error (&error, "Job %u: ", i + 1);
      return g_steal_pointer (&error);
    }

  return NULL;
}

/**
 * cb_engine_create_async:
 * @specs: (element-type CbJobSpec): the jobs; not changed, and kept until the end of the call
 *
 * Creates jobs: all of them or, when one is invalid, none.
 */
void
cb_engine_create_async (CbEngine            *self,
                        GPtrArray           *specs,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail (specs != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->create == NULL || (klass->capabilities & CB_ENGINE_CAN_CREATE) == 0)
    cb_engine_report_not_supported (self, "create jobs", cb_engine_create_async, callback, user_data);
  else if (specs->len == 0)
    return_nothing (self, g_free, cb_engine_create_async, cancellable, callback, user_data);
  else if (!cb_engine_report_error (self, check_specs (specs), cb_engine_create_async, callback, user_data))
    klass->create (self, specs, cancellable, callback, user_data);
}

/**
 * cb_engine_create_finish:
 *
 * Errors: %CB_QUEUE_ERROR_INVALID when a specification can't be used: nothing was created; any %CB_REDIS_ERROR. More jobs
 * than a bound go in several atomic portions, and an error says how many were created.
 *
 * Returns: (transfer full) (element-type utf8): the ids, in the order of the specifications
 */
GPtrArray *
cb_engine_create_finish (CbEngine     *self,
                         GAsyncResult *result,
                         GError      **error)
{
  return propagate_pointer (self, result, error);
}

/**
 * cb_engine_act_async:
 * @argument: the priority, for %CB_JOB_ACTION_PRIORITY
 * @ids: ended by %NULL
 *
 * Does something with each of these jobs, each by one atomic step.
 */
void
cb_engine_act_async (CbEngine            *self,
                     CbJobAction          action,
                     double               argument,
                     const char * const  *ids,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  static const struct
  {
    CbEngineCapabilities capability;
    const char          *what;
  } actions[] = {
    [CB_JOB_ACTION_RETRY]    = { CB_ENGINE_CAN_RETRY, "put jobs back into the queue" },
    [CB_JOB_ACTION_RETRY_AS_NEW] = { CB_ENGINE_CAN_RETRY, "put jobs back into the queue" },
    [CB_JOB_ACTION_PROMOTE]  = { CB_ENGINE_CAN_PROMOTE, "start delayed jobs early" },
    [CB_JOB_ACTION_REMOVE]   = { CB_ENGINE_CAN_REMOVE, "remove jobs" },
    [CB_JOB_ACTION_PRIORITY] = { CB_ENGINE_CAN_PRIORITY, "change the priority of jobs" },
  };
  CbEngineClass *klass;

  g_return_if_fail (CB_IS_ENGINE (self));
  g_return_if_fail ((guint) action < G_N_ELEMENTS (actions));
  g_return_if_fail (ids != NULL);

  klass = CB_ENGINE_GET_CLASS (self);
  if (klass->act == NULL || (klass->capabilities & actions[action].capability) == 0)
    cb_engine_report_not_supported (self, actions[action].what, cb_engine_act_async, callback, user_data);
  else if (action == CB_JOB_ACTION_PRIORITY && !isfinite (argument))
    g_task_report_new_error (self, callback, user_data, cb_engine_act_async, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                             "The priority has to be a number");
  else if (ids[0] == NULL)
    return_nothing (self, (GDestroyNotify) cb_job_outcome_free, cb_engine_act_async, cancellable, callback, user_data);
  else
    klass->act (self, action, argument, ids, cancellable, callback, user_data);
}

/**
 * cb_engine_act_finish:
 *
 * The error of one job is in its outcome: %CB_QUEUE_ERROR_GONE, or %CB_QUEUE_ERROR_STATE when it is in a state that the
 * action has no meaning for. An error of the whole means that it is not known what became of the jobs.
 *
 * Returns: (transfer full) (element-type CbJobOutcome): in the order of the ids
 */
GPtrArray *
cb_engine_act_finish (CbEngine     *self,
                      GAsyncResult *result,
                      GError      **error)
{
  return propagate_pointer (self, result, error);
}
