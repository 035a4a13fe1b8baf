/* cb-stream-groups.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-stream-groups.h"

#include "cb-key-lua.h"
#include "cb-redis-error.h"

/*
 * A script brings as many groups, and consumers of each, as are wanted, and looks whether a pending entry is still there without sending it.
 *
 * Who may read but run no scripts gets the same by single commands: XINFO GROUPS and XPENDING, then XINFO CONSUMERS of the groups that are
 * wanted. The server knows no bound for the answers to XINFO; there is one line for each group or consumer that somebody named.
 */

enum
{
  SCRIPT_GROUPS,
  SCRIPT_PENDING,
  N_SCRIPTS
};

typedef struct
{
  GBytes *key;      /* (owned) */
  GBytes *group;    /* (owned) (nullable): whose pending entries are asked for; NULL for the groups themselves */
  char *from;       /* (owned) (nullable) */
  guint most;
  CbReply *groups;  /* (owned) (nullable) by XINFO GROUPS */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_bytes_unref (request->key);
  g_clear_pointer (&request->group, g_bytes_unref);
  g_free (request->from);
  g_clear_pointer (&request->groups, cb_reply_unref);
  g_free (request);
}

static CbScript *
get_script (guint which)
{
  static CbScript *scripts[N_SCRIPTS];
  static const struct { const char *name; const char *source; } sources[] = {
    { "key/groups", cb_key_lua_groups }, { "key/pending", cb_key_lua_pending },
  };

  if (g_once_init_enter (&scripts[which]))
    g_once_init_leave (&scripts[which], cb_script_new (sources[which].name, sources[which].source));
  return scripts[which];
}

static gboolean
is_about_scripts (const GError *error)
{
  return g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND);
}

/* --- the same reply as the script's, as the protocol writes it --- */

static void
write_text (GString *resp, const CbValue *value)
{
  gsize length = 0;
  const char *text = cb_value_get_string (value, &length);

  g_string_append_printf (resp, "$%" G_GSIZE_FORMAT "\r\n", length);
  g_string_append_len (resp, text != NULL ? text : "", (gssize) length);
  g_string_append (resp, "\r\n");
}

static void
write_number (GString *resp, const CbValue *value)
{
  gint64 number = 0;

  cb_value_get_integer (value, &number);
  g_string_append_printf (resp, ":%" G_GINT64_FORMAT "\r\n", number);
}

static CbReply *
parse (GString *resp)
{
  g_autoptr (GError) error = NULL;
  CbReply *reply = cb_reply_new_from_resp (resp->str, (gssize) resp->len, &error);

  g_assert_no_error (error);
  return reply;
}

/* --- groups, and what is pending in one, where scripts are refused --- */

static void
consumers_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  g_autoptr (GString) resp = g_string_new (NULL);
  const CbValue *groups;

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  groups = cb_reply_get_value (request->groups);
  g_string_append_printf (resp, "*%u\r\n", replies->len);
  for (guint i = 0; i < replies->len; i++)
    {
      const CbValue *group = cb_value_get_element (groups, i);
      const CbValue *consumers = cb_reply_get_value (g_ptr_array_index (replies, i));
      guint n = cb_value_is_error (consumers) ? 0 : MIN (cb_value_get_length (consumers), request->most);

      g_string_append (resp, "*5\r\n");
      write_text (resp, cb_value_get_field (group, "name"));
      write_text (resp, cb_value_get_field (group, "last-delivered-id"));
      write_number (resp, cb_value_get_field (group, "pending"));
      write_number (resp, cb_value_get_field (group, "consumers"));
      g_string_append_printf (resp, "*%u\r\n", n);
      for (guint j = 0; j < n; j++)
        {
          const CbValue *consumer = cb_value_get_element (consumers, j);

          g_string_append (resp, "*3\r\n");
          write_text (resp, cb_value_get_field (consumer, "name"));
          write_number (resp, cb_value_get_field (consumer, "pending"));
          write_number (resp, cb_value_get_field (consumer, "idle"));
        }
    }
  g_task_return_pointer (task, parse (resp), (GDestroyNotify) cb_reply_unref);
}

static void
plain_groups_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  CbPipeline *pipeline;
  GError *error = NULL;
  guint n;

  request->groups = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (request->groups == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  n = MIN (cb_value_get_length (cb_reply_get_value (request->groups)), request->most);
  if (n == 0)
    {
      g_task_return_pointer (task, cb_reply_ref (request->groups), (GDestroyNotify) cb_reply_unref);
      return;
    }
  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < n; i++)
    {
      const CbValue *group = cb_value_get_element (cb_reply_get_value (request->groups), i);
      g_autoptr (GBytes) name = cb_value_dup_bytes (cb_value_get_field (group, "name"));
      CbCommand *command = cb_command_add_gbytes (cb_command_new ("XINFO", "CONSUMERS", NULL), request->key);

      if (name != NULL)
        cb_command_add_gbytes (command, name);
      cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
    }
  cb_connection_pipeline_async (CB_CONNECTION (source), pipeline, g_task_get_cancellable (task), consumers_cb, g_object_ref (task));
}

static void
plain_pending_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  g_autoptr (GString) resp = g_string_new (NULL);
  const CbValue *entries;

  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  entries = cb_reply_get_value (reply);
  g_string_append_printf (resp, "*%u\r\n", (guint) cb_value_get_length (entries));
  for (guint i = 0; i < cb_value_get_length (entries); i++)
    {
      const CbValue *entry = cb_value_get_element (entries, i);

      g_string_append (resp, "*5\r\n");
      write_text (resp, cb_value_get_element (entry, 0));
      write_text (resp, cb_value_get_element (entry, 1));
      write_number (resp, cb_value_get_element (entry, 2));
      write_number (resp, cb_value_get_element (entry, 3));
      g_string_append (resp, ":1\r\n");
    }
  g_task_return_pointer (task, parse (resp), (GDestroyNotify) cb_reply_unref);
}

/* The same by single commands where scripts are refused. */
static void
scripted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Request *request = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  CbReply *reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  CbCommand *command;

  if (reply != NULL)
    {
      g_task_return_pointer (task, reply, (GDestroyNotify) cb_reply_unref);
      return;
    }
  if (!is_about_scripts (error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  command = cb_command_add_gbytes (request->group != NULL ? cb_command_new ("XPENDING", NULL) : cb_command_new ("XINFO", "GROUPS", NULL),
                                   request->key);
  if (request->group != NULL)
    cb_command_add_int (cb_command_add (cb_command_add (cb_command_add_gbytes (command, request->group), request->from), "+"),
                        request->most);
  cb_connection_call_async (CB_CONNECTION (source), cb_command_set_repeatable (command), g_task_get_cancellable (task),
                            request->group != NULL ? plain_pending_cb : plain_groups_cb, g_object_ref (task));
}

/**
 * cb_stream_groups_async:
 * @connection: where the stream is
 * @key: the stream
 * @most: how many groups, and consumers of each, at most
 * @cancellable: (nullable): cancels it
 * @callback: called when done
 * @user_data: data for @callback
 *
 * Reads the groups of a stream with their consumers. Changes nothing.
 */
void
cb_stream_groups_async (CbConnection *connection, GBytes *key, guint most, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  CbCommand *command = cb_command_new_script_bytes (get_script (SCRIPT_GROUPS), 1, &key);
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, cb_stream_groups_async);
  request->key = g_bytes_ref (key);
  request->most = most;
  g_task_set_task_data (task, request, request_free);
  cb_connection_call_async (connection, cb_command_set_repeatable (cb_command_add_int (command, most)), cancellable, scripted_cb, task);
}

/**
 * cb_stream_groups_finish:
 *
 * Errors: those of cb_connection_call_finish(), WRONGTYPE and NOPERM among them.
 *
 * Returns: (transfer full) (nullable): the groups
 */
CbReply *
cb_stream_groups_finish (CbConnection *connection, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_stream_pending_async:
 * @connection: where the stream is
 * @key: the stream
 * @group: one of its groups
 * @from: `-` for the first, or `(` and the id behind which to go on
 * @most: how many entries at most
 * @cancellable: (nullable): cancels it
 * @callback: called when done
 * @user_data: data for @callback
 *
 * Reads what a group has delivered and not heard of. Changes nothing.
 */
void
cb_stream_pending_async (CbConnection *connection, GBytes *key, GBytes *group, const char *from, guint most, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  CbCommand *command = cb_command_new_script_bytes (get_script (SCRIPT_PENDING), 1, &key);
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, cb_stream_pending_async);
  request->key = g_bytes_ref (key);
  request->group = g_bytes_ref (group);
  request->from = g_strdup (from);
  request->most = most;
  g_task_set_task_data (task, request, request_free);
  cb_command_add_int (cb_command_add (cb_command_add_gbytes (command, group), from), most);
  cb_connection_call_async (connection, cb_command_set_repeatable (command), cancellable, scripted_cb, task);
}

/**
 * cb_stream_pending_finish:
 *
 * Errors: those of cb_connection_call_finish().
 *
 * Returns: (transfer full) (nullable): the entries
 */
CbReply *
cb_stream_pending_finish (CbConnection *connection, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
