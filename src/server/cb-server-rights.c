/* cb-server-rights.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-rights.h"

#include "cb-json.h"

#define LONGEST_REASON 500

void
cb_server_rights_free (CbServerRights *self)
{
  for (guint i = 0; i < CB_SERVER_N_RIGHTS; i++)
    g_free (self->refusals[i]);
  g_free (self);
}

static void
tried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  CbServerRights *rights;

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  rights = g_new0 (CbServerRights, 1);
  for (guint i = 0; i < CB_SERVER_N_RIGHTS; i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, i));
      gsize length;
      const char *text = cb_value_get_string (value, &length);

      if (text != NULL && !cb_value_is_error (value) && !cb_value_equal_string (value, "OK"))
        rights->refusals[i] = cb_text_display (text, (gssize) MIN (length, LONGEST_REASON), TRUE);
    }
  g_task_return_pointer (task, rights, (GDestroyNotify) cb_server_rights_free);
}

static void
named_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  GCancellable *cancellable = g_task_get_cancellable (task);
  CbPipeline *pipeline;
  gsize length;
  const char *user;

  if (reply == NULL && cb_redis_error_is_connection (error))
    {
      g_task_return_error (task, error);
      return;
    }
  user = reply != NULL ? cb_value_get_string (cb_reply_get_value (reply), &length) : NULL;
  g_clear_error (&error);
  if (user == NULL)
    {
      g_task_return_pointer (task, g_new0 (CbServerRights, 1), (GDestroyNotify) cb_server_rights_free);
      return;
    }

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_add (cb_command_add (cb_command_add (cb_command_add (
                               cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), user, length), "CONFIG"), "SET"),
                               "maxclients"), "1"));
  cb_pipeline_add (pipeline, cb_command_add (cb_command_add (
                               cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), user, length), "SLOWLOG"), "RESET"));
  cb_pipeline_add (pipeline, cb_command_add (cb_command_add (cb_command_add (cb_command_add (
                               cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), user, length), "CLIENT"), "KILL"),
                               "ID"), "1"));
  cb_pipeline_add (pipeline, cb_command_add (cb_command_add (
                               cb_command_add_bytes (cb_command_new ("ACL", "DRYRUN", NULL), user, length), "LATENCY"), "RESET"));
  cb_connection_pipeline_async (CB_CONNECTION (source), pipeline, cancellable, tried_cb, g_steal_pointer (&task));
}

void
cb_server_rights_ask_async (CbConnection *connection, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_server_rights_ask_async);
  cb_connection_call_async (connection, cb_command_new ("ACL", "WHOAMI", NULL), cancellable, named_cb, task);
}

CbServerRights *
cb_server_rights_ask_finish (CbConnection *connection, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
