/* cb-kue-discover.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Under which of the two prefixes that Kue uses unless told otherwise there are queues (the second when it runs on a client that may
 * be a cluster). Any other shows by its set of types, which cb-discovery.c looks for.
 */
static const char * const usual_prefixes[] = { "q", "{q}" };
#define N_LOOKS (2 * G_N_ELEMENTS (usual_prefixes))

typedef struct
{
  GPtrArray *prefixes;     /* (owned) (element-type utf8) */
  GError    *refusal;      /* (owned) (nullable): why none of the usual prefixes could be looked at */
} Discovery;

static void
discovery_free (Discovery *discovery)
{
  g_ptr_array_unref (discovery->prefixes);
  g_clear_error (&discovery->refusal);
  g_free (discovery);
}

static void
return_prefixes (GTask *task)
{
  Discovery *discovery = g_task_get_task_data (task);

  /* Who may not look has not seen that there is nothing. */
  if (discovery->prefixes->len == 0 && discovery->refusal != NULL)
    g_task_return_error (task, g_steal_pointer (&discovery->refusal));
  else
    g_task_return_pointer (task, g_ptr_array_ref (discovery->prefixes), (GDestroyNotify) g_ptr_array_unref);
}

static void
got_usual_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Discovery *discovery = g_task_get_task_data (task);
  guint n_refused = 0;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < N_LOOKS; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);
      g_autoptr (GError) refusal = cb_kue_reply_error ("EXISTS", reply);
      gint64 n = 0;

      /* A user who sees one prefix only is refused the keys of the other; all else stands for the whole server. */
      if (refusal != NULL && !g_error_matches (refusal, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM))
        {
          g_task_return_error (task, g_steal_pointer (&refusal));
          return;
        }
      if (refusal != NULL)
        {
          n_refused++;
          g_clear_error (&discovery->refusal);
          discovery->refusal = g_steal_pointer (&refusal);
        }
      if (cb_value_get_integer (cb_reply_get_value (reply), &n) && n > 0 &&
          !g_ptr_array_find_with_equal_func (discovery->prefixes, usual_prefixes[i / 2], g_str_equal, NULL))
        g_ptr_array_add (discovery->prefixes, g_strdup (usual_prefixes[i / 2]));
    }

  if (n_refused < N_LOOKS)
    g_clear_error (&discovery->refusal);

  return_prefixes (task);
}

/**
 * cb_kue_engine_discover_async:
 * Looks for Kue queues under its usual prefixes.
 */
void
cb_kue_engine_discover_async (CbConnection        *connection,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  GTask *task;
  Discovery *discovery = g_new0 (Discovery, 1);
  CbPipeline *pipeline = cb_pipeline_new ();

  g_return_if_fail (CB_IS_CONNECTION (connection));

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_kue_engine_discover_async);
  discovery->prefixes = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, discovery, (GDestroyNotify) discovery_free);

  for (guint i = 0; i < G_N_ELEMENTS (usual_prefixes); i++)
    {
      g_autofree char *types = cb_kue_key (usual_prefixes[i], "job:types");
      g_autofree char *jobs = cb_kue_key (usual_prefixes[i], "jobs");

      /* Each by itself: in a cluster they may be on two nodes. */
      cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("EXISTS", types, NULL)));
      cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("EXISTS", jobs, NULL)));
    }
  cb_connection_pipeline_async (connection, pipeline, cancellable, got_usual_cb, task);
}

/**
 * cb_kue_engine_discover_finish:
 *
 * Errors: any %CB_REDIS_ERROR; %CB_REDIS_ERROR_NOPERM when the keys of all of these are refused.
 *
 * Returns: (transfer full) (element-type utf8): the prefixes; empty when there are no queues
 */
GPtrArray *
cb_kue_engine_discover_finish (CbConnection  *connection,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
