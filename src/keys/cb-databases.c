/* cb-databases.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-databases.h"

#include <string.h>

/* A number behind @prefix, which @text begins with. */
static gboolean
get_number (const char  *text,
            const char  *prefix,
            guint64     *number,
            const char **end)
{
  char *stop;

  if (!g_str_has_prefix (text, prefix) || !g_ascii_isdigit (text[strlen (prefix)]))
    return FALSE;
  *number = g_ascii_strtoull (text + strlen (prefix), &stop, 10);
  *end = stop;
  return TRUE;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  const CbDatabase *first = a;
  const CbDatabase *second = b;

  return first->number < second->number ? -1 : first->number > second->number;
}

/**
 * cb_databases_parse:
 *
 * The lines are "db0:keys=5,expires=1,avg_ttl=0" and "cluster_enabled:1" (redis.io/commands/info).
 *
 * Returns: (transfer full): what they say
 */
CbDatabases *
cb_databases_parse (const char *keyspace,
                    gsize       keyspace_length,
                    const char *cluster,
                    gsize       cluster_length)
{
  CbDatabases *self = g_new0 (CbDatabases, 1);
  g_autofree char *text = g_strndup (keyspace != NULL ? keyspace : "", keyspace_length);
  g_autofree char *cluster_text = g_strndup (cluster != NULL ? cluster : "", cluster_length);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  self->list = g_array_new (FALSE, FALSE, sizeof (CbDatabase));
  self->cluster = strstr (cluster_text, "cluster_enabled:1") != NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      CbDatabase database = { 0, };
      guint64 number;
      const char *at;

      if (!get_number (lines[i], "db", &number, &at) || number > G_MAXINT || !get_number (at, ":keys=", &database.n_keys, &at))
        continue;
      database.number = (guint) number;
      get_number (at, ",expires=", &database.n_expiring, &at);
      g_array_append_val (self->list, database);
    }
  g_array_sort (self->list, compare);
  return self;
}

void
cb_databases_free (CbDatabases *self)
{
  g_array_unref (self->list);
  g_free (self);
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *keyspace, *cluster;
  const char *text, *cluster_text = NULL;
  gsize length, cluster_length = 0;

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  keyspace = cb_reply_get_value (g_ptr_array_index (replies, 0));
  cluster = cb_reply_get_value (g_ptr_array_index (replies, 1));
  text = cb_value_get_string (keyspace, &length);
  if (cb_value_is_error (keyspace))
    {
      g_task_return_error (task, cb_redis_error_new_from_reply ("INFO", text, length));
      return;
    }
  if (!cb_value_is_error (cluster))
    cluster_text = cb_value_get_string (cluster, &cluster_length);
  g_task_return_pointer (task, cb_databases_parse (text, text != NULL ? length : 0, cluster_text,
                                                   cluster_text != NULL ? cluster_length : 0),
                         (GDestroyNotify) cb_databases_free);
}

void
cb_databases_ask_async (CbConnection        *connection,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  CbPipeline *pipeline;

  g_return_if_fail (CB_IS_CONNECTION (connection));

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_databases_ask_async);
  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("INFO", "keyspace", NULL)));
  cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("INFO", "cluster", NULL)));
  cb_connection_pipeline_async (connection, pipeline, cancellable, told_cb, g_steal_pointer (&task));
}

CbDatabases *
cb_databases_ask_finish (CbConnection  *connection,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
