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
 */
#define PIECE_MSEC 5000
/* Beyond the time it blocks, how long the reply may take. */
#define GRACE_MSEC 5000
/* Open connections that are kept for the next wait. */
#define MAX_IDLE 4

typedef struct
{
  char         *queue;          /* (owned) */
  gint64        end;            /* monotonic, µs */
  CbConnection *connection;     /* (owned) */
  GCancellable *cancellable;    /* (owned) (nullable) */
} Wait;

static void
wait_free (Wait *wait)
{
  g_free (wait->queue);
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
  if (reusable && self->idle_waiters != NULL && self->idle_waiters->len < MAX_IDLE &&
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

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies != NULL)
    error = cb_kue_reply_error ("BLMOVE", g_ptr_array_index (replies, 0));
  if (error != NULL)
    {
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

  command = cb_command_new ("BLMOVE", tokens, tokens, "RIGHT", "LEFT", NULL);
  cb_command_add_double (command, msec / 1000.0);
  cb_command_set_timeout (command, msec + GRACE_MSEC);
  cb_pipeline_add (pipeline, command);

  command = cb_kue_engine_command ("ZCARD", cb_kue_key_set (prefix, wait->queue, "inactive"));
  cb_command_set_timeout (command, msec + GRACE_MSEC);
  cb_pipeline_add (pipeline, command);

  cb_connection_pipeline_async (wait->connection, pipeline, wait->cancellable, woken_cb, g_object_ref (task));
}

void
cb_kue_engine_wait (CbEngine            *engine,
                    const char          *queue,
                    guint                timeout_msec,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Wait *wait;

  g_task_set_source_tag (task, cb_kue_engine_wait);
  if (g_task_return_error_if_cancelled (task))
    return;

  wait = g_new0 (Wait, 1);
  wait->queue = g_strdup (queue);
  wait->end = g_get_monotonic_time () + (gint64) timeout_msec * 1000;
  wait->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  wait->connection = take_connection (self);
  if (wait->connection == NULL)
    {
      wait->connection = cb_connection_new_sibling (cb_engine_get_connection (engine), "callboard-wait");
      cb_connection_open (wait->connection);
    }
  g_task_set_task_data (task, wait, (GDestroyNotify) wait_free);
  block (task);
}
