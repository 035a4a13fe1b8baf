/* cb-kue-wait.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Waiting for a job costs a blocked connection and nothing else.
 *
 * Kue waits in BLPOP, which takes the token: a process that dies between that and the pop of the job loses it, and a job waits for
 * the next one to come (H3). Here it is BLMOVE from the right end of the list to its own left end: it wakes just as well, and
 * the token is still there. As it is pushed anew, whoever else waits, with BLPOP or BLMOVE, is woken too; the claim is what
 * decides who gets the job, and uses up the token.
 *
 * Kue may also have pushed too few tokens. So the wait is cut into pieces, and after each the set itself is looked at.
 *
 * A wait that claims has the call of wake.lua stand behind BLMOVE on the blocked connection: it runs in the moment that BLMOVE
 * returns, without the round trip that asking for it would take. Who no longer wants to wait may not just close that connection, since
 * the server may have run the claim and its answer be on the way. It hangs up and reads on: either the job
 * comes, and is put back, or the end, and then the server has dropped the claim with the wait.
 */
#define PIECE_MSEC 5000
/* Beyond the time it blocks, how long the reply may take. */
#define GRACE_MSEC 5000
/* How long the server may take to say that it has hung up, too. */
#define HANG_UP_MSEC 500
/* Open connections that are kept for the next wait. */
#define MAX_IDLE 4

typedef struct
{
  char         *queue;          /* (owned) */
  gint64        end;            /* monotonic, µs */
  CbConnection *connection;     /* (owned) */
  GCancellable *cancellable;    /* (owned) (nullable) */

  /* Of one that claims: */
  char         *worker;         /* (owned) (nullable) NULL of others */
  guint         lease_msec;
  GPtrArray    *turns;          /* (owned) (nullable) (element-type CbTurn) the one */
  gboolean      woken;
  gulong        cancelled;      /* the handler */
  gboolean      hung_up;
  guint         hang_up_source;
} Wait;

static void
wait_free (Wait *wait)
{
  g_clear_handle_id (&wait->hang_up_source, g_source_remove);
  g_free (wait->queue);
  g_free (wait->worker);
  g_clear_pointer (&wait->turns, g_ptr_array_unref);
  g_clear_object (&wait->connection);
  g_clear_object (&wait->cancellable);
  g_free (wait);
}

/* Back for the next wait; or closed, when something is still under way on it. */
static void
put_connection (CbKueEngine *self,
                Wait        *wait,
                gboolean     reusable)
{
  if (reusable && !wait->hung_up && self->idle_waiters != NULL && self->idle_waiters->len < MAX_IDLE &&
      cb_connection_get_state (wait->connection) == CB_CONNECTION_READY)
    g_ptr_array_add (self->idle_waiters, g_steal_pointer (&wait->connection));
  else
    cb_connection_close (wait->connection);
  g_clear_object (&wait->connection);
}

/* One that is still good: the server may have gone since it was put back. */
static CbConnection *
take_connection (CbKueEngine *self)
{
  while (self->idle_waiters->len > 0)
    {
      CbConnection *connection = g_ptr_array_steal_index_fast (self->idle_waiters, self->idle_waiters->len - 1);

      if (cb_connection_get_state (connection) == CB_CONNECTION_READY)
        return connection;
      cb_connection_close (connection);
      g_object_unref (connection);
    }

  return NULL;
}

static void block (GTask *task);
static void get_connection (GTask *task);

/* --- waits that claim --- */

static void
disconnect (Wait *wait)
{
  g_clear_handle_id (&wait->hang_up_source, g_source_remove);
  g_clear_signal_handler (&wait->cancelled, wait->cancellable);
}

static gboolean
hang_up_cb (gpointer user_data)
{
  Wait *wait = g_task_get_task_data (user_data);

  /* It does not answer. If it took a job, that comes back when its lease is over. */
  wait->hang_up_source = 0;
  if (wait->connection != NULL)
    cb_connection_close (wait->connection);
  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable,
              GTask        *task)
{
  Wait *wait = g_task_get_task_data (task);

  if (wait->hung_up || wait->connection == NULL)
    return;

  wait->hung_up = TRUE;
  wait->hang_up_source = g_timeout_add (HANG_UP_MSEC, hang_up_cb, task);
  cb_connection_hang_up (wait->connection);
}

static void
return_claim (GTask       *task,
              CbJobRecord *job)
{
  Wait *wait = g_task_get_task_data (task);
  CbWaitClaim *claim = g_new0 (CbWaitClaim, 1);

  claim->woken = wait->woken;
  claim->job = job;
  g_task_return_pointer (task, claim, (GDestroyNotify) cb_wait_claim_free);
}

static void
released_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (!cb_engine_release_finish (CB_ENGINE (source), result, &error))
    g_debug ("A job that came too late could not be put back: %s", error->message);
  g_task_return_error_if_cancelled (task);
}

/* @error: (transfer full) (nullable) */
static void
settle_claim (GTask    *task,
              gboolean  more,
              GError   *error)
{
  CbEngine *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);
  CbTurn *turn = g_ptr_array_index (wait->turns, 0);
  g_autoptr (CbJobRecord) job = NULL;

  job = g_steal_pointer (&turn->next);
  wait->woken |= more || job != NULL;

  if (g_cancellable_is_cancelled (wait->cancellable))
    {
      g_clear_error (&error);
      if (job != NULL)
        cb_kue_engine_release (self, job, NULL, released_cb, g_object_ref (task));
      else
        g_task_return_error_if_cancelled (task);
    }
  else if (error != NULL)
    {
      g_task_return_error (task, error);
    }
  else if (!wait->woken && g_get_monotonic_time () < wait->end)
    {
      block (task);
    }
  else
    {
      return_claim (task, g_steal_pointer (&job));
    }
}

static void
claimed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gboolean more = FALSE;

  cb_engine_turn_finish (CB_ENGINE (source), result, &more, &error);
  settle_claim (task, more, error);
}

/* What stands behind BLMOVE has answered. */
static void
take_claim (GTask   *task,
            CbReply *reply)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);
  GError *error = NULL;
  gboolean more = FALSE;

  g_object_ref (task);
  if (cb_kue_engine_take_turn (self, wait->turns, reply, &more, &error, claimed_cb, task))
    {
      settle_claim (task, more, error);
      g_object_unref (task);
    }
}

/* --- all waits --- */

static void
woken_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);
  GError *error = NULL;
  gint64 n_waiting = 0;
  gboolean woken;

  if (wait->worker != NULL)
    disconnect (wait);
  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies != NULL)
    error = cb_kue_reply_error ("BLMOVE", g_ptr_array_index (replies, 0));
  if (error != NULL && replies != NULL && wait->worker != NULL &&
      !cb_value_is_error (cb_reply_get_value (g_ptr_array_index (replies, 1))))
    {
      /* Who may not wait, or was told to wait no more, has claimed all the same. */
      g_clear_error (&error);
      wait->woken = TRUE;
      put_connection (self, wait, TRUE);
      take_claim (task, g_ptr_array_index (replies, 1));
      return;
    }
  if (replies != NULL && error == NULL && wait->worker != NULL)
    error = cb_kue_reply_error ("EVALSHA", g_ptr_array_index (replies, 1));
  if (error != NULL)
    {
      if (wait->worker != NULL && g_cancellable_is_cancelled (wait->cancellable))
        {
          g_clear_error (&error);
          put_connection (self, wait, FALSE);
          g_task_return_error_if_cancelled (task);
          return;
        }
      if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
        {
          g_autofree char *key = cb_kue_key_tokens (cb_engine_get_prefix (CB_ENGINE (self)), wait->queue);

          g_prefix_error (&error, "%s: ", key);
        }
      put_connection (self, wait, replies != NULL);
      g_task_return_error (task, error);
      return;
    }

  woken = !cb_value_is_nil (cb_reply_get_value (g_ptr_array_index (replies, 0)));
  if (wait->worker != NULL)
    {
      wait->woken = woken;
      put_connection (self, wait, TRUE);
      take_claim (task, g_ptr_array_index (replies, 1));
      return;
    }
  if (!woken)
    {
      cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &n_waiting);
      woken = n_waiting > 0;
    }

  if (!woken && g_get_monotonic_time () < wait->end)
    {
      block (task);
      return;
    }

  put_connection (self, wait, TRUE);
  g_task_return_boolean (task, woken);
}

static void
block (GTask *task)
{
  CbEngine *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);
  const char *prefix = cb_engine_get_prefix (self);
  g_autofree char *tokens = cb_kue_key_tokens (prefix, wait->queue);
  gint64 msec = CLAMP ((wait->end - g_get_monotonic_time ()) / 1000, 1, PIECE_MSEC);
  CbPipeline *pipeline = cb_pipeline_new ();
  CbCommand *command;

  if (wait->connection == NULL)
    get_connection (task);
  command = cb_command_new ("BLMOVE", tokens, tokens, "RIGHT", "LEFT", NULL);
  cb_command_add_double (command, msec / 1000.0);
  cb_command_set_timeout (command, msec + GRACE_MSEC);
  cb_pipeline_add (pipeline, command);

  if (wait->worker != NULL)
    {
      command = cb_kue_turn_command_later (CB_KUE_ENGINE (self), wait->queue, wait->worker, wait->lease_msec);
    }
  else
    {
      command = cb_kue_engine_command ("ZCARD", cb_kue_key_set (prefix, wait->queue, "inactive"));
    }
  cb_command_set_timeout (command, msec + GRACE_MSEC);
  cb_pipeline_add (pipeline, command);

  if (wait->worker != NULL && wait->cancellable != NULL)
    wait->cancelled = g_signal_connect (wait->cancellable, "cancelled", G_CALLBACK (cancelled_cb), task);
  cb_connection_pipeline_async (wait->connection, pipeline, wait->worker == NULL ? wait->cancellable : NULL, woken_cb,
                                g_object_ref (task));
}

static void
get_connection (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);

  wait->connection = take_connection (self);
  if (wait->connection == NULL)
    {
      wait->connection = cb_connection_new_sibling (cb_engine_get_connection (CB_ENGINE (self)), "callboard-wait");
      cb_connection_open (wait->connection);
    }
}

static Wait *
wait_new (const char   *queue,
          guint         timeout_msec,
          GCancellable *cancellable)
{
  Wait *wait = g_new0 (Wait, 1);

  wait->queue = g_strdup (queue);
  wait->end = g_get_monotonic_time () + (gint64) timeout_msec * 1000;
  wait->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  return wait;
}

void
cb_kue_engine_wait (CbEngine            *engine,
                    const char          *queue,
                    guint                timeout_msec,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_kue_engine_wait);
  if (g_task_return_error_if_cancelled (task))
    return;

  g_task_set_task_data (task, wait_new (queue, timeout_msec, cancellable), (GDestroyNotify) wait_free);
  block (task);
}

void
cb_kue_engine_wait_claim (CbEngine            *engine,
                          const char          *queue,
                          const char          *worker,
                          guint                lease_msec,
                          guint                timeout_msec,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  CbTurn *turn;
  Wait *wait;

  g_task_set_source_tag (task, cb_kue_engine_wait_claim);
  if (g_task_return_error_if_cancelled (task))
    return;
  /* It ends when it is known that no job is on the way. */
  g_task_set_check_cancellable (task, FALSE);

  turn = cb_turn_new ();
  turn->takes = TRUE;
  turn->worker = g_strdup (worker);
  wait = wait_new (queue, timeout_msec, cancellable);
  wait->worker = g_strdup (worker);
  wait->lease_msec = lease_msec;
  wait->turns = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_turn_free);
  g_ptr_array_add (wait->turns, turn);
  g_task_set_task_data (task, wait, (GDestroyNotify) wait_free);
  block (task);
}
