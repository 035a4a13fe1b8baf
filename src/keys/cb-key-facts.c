/* cb-key-facts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-facts.h"

typedef struct
{
  GPtrArray *keys; /* (owned) (element-type GBytes) */
  GArray *facts;   /* (owned) (element-type CbKeyFacts) */
  gboolean memory;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_ptr_array_unref (look->keys);
  g_array_unref (look->facts);
  g_free (look);
}

static gint64
get_number (const CbValue *value,
            gint64         otherwise)
{
  gint64 number;

  return cb_value_get_integer (value, &number) ? number : otherwise;
}

static const char *
get_size_command (const char *type)
{
  static const char * const commands[][2] = {
    { "string", "STRLEN" }, { "list", "LLEN" },  { "hash", "HLEN" },
    { "set", "SCARD" },     { "zset", "ZCARD" }, { "stream", "XLEN" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i][0], type))
      return commands[i][1];
  return NULL;
}

static void
add (CbPipeline *pipeline,
     CbCommand  *command)
{
  cb_pipeline_add (pipeline, cb_command_set_repeatable (command));
}

static void
sized_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Look *look = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  guint n = 0;

  if (replies == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < look->keys->len; i++)
    {
      CbKeyFacts *facts = &g_array_index (look->facts, CbKeyFacts, i);

      /* Of another type since, or forbidden: then it is not known. */
      if (get_size_command (facts->type) != NULL)
        facts->size = get_number (cb_reply_get_value (g_ptr_array_index (replies, n++)), -1);
    }
  g_task_return_pointer (task, g_array_ref (look->facts), (GDestroyNotify) g_array_unref);
}

static void
ask_sizes (CbConnection *connection,
           GTask        *task)
{
  Look *look = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < look->keys->len; i++)
    {
      const char *command = get_size_command (g_array_index (look->facts, CbKeyFacts, i).type);

      if (command != NULL)
        add (pipeline, cb_command_add_gbytes (cb_command_new (command, NULL), g_ptr_array_index (look->keys, i)));
    }
  if (cb_pipeline_get_length (pipeline) == 0)
    {
      cb_pipeline_free (pipeline);
      g_task_return_pointer (task, g_array_ref (look->facts), (GDestroyNotify) g_array_unref);
      return;
    }
  cb_connection_pipeline_async (connection, pipeline, g_task_get_cancellable (task), sized_cb, g_object_ref (task));
}

static void ask_types (CbConnection *connection, GTask *task);

static void
typed_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Look *look = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  guint n = 0;

  /* Where MEMORY has another name it is not sent by who may only read, and nothing of the pipeline with it: without it then. */
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY) && look->memory)
    {
      look->memory = FALSE;
      ask_types (CB_CONNECTION (source), task);
      return;
    }
  if (replies == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < look->keys->len; i++)
    {
      CbKeyFacts facts = { .ttl_msec = -2, .size = -1, .memory = -1 };
      const CbValue *type = cb_reply_get_value (g_ptr_array_index (replies, n++));
      const CbValue *ttl = cb_reply_get_value (g_ptr_array_index (replies, n++));
      gsize length;
      const char *text = cb_value_is_error (type) ? NULL : cb_value_get_string (type, &length);

      /* Modules call theirs by nine letters; what isn't text is none of a real server. */
      if (text != NULL && g_utf8_validate (text, length, NULL))
        g_strlcpy (facts.type, text, sizeof facts.type);
      facts.ttl_msec = get_number (ttl, -2);
      if (look->memory)
        facts.memory = get_number (cb_reply_get_value (g_ptr_array_index (replies, n++)), -1);
      g_array_append_val (look->facts, facts);
    }
  ask_sizes (CB_CONNECTION (source), task);
}

static void
ask_types (CbConnection *connection,
           GTask        *task)
{
  Look *look = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < look->keys->len; i++)
    {
      GBytes *key = g_ptr_array_index (look->keys, i);

      add (pipeline, cb_command_add_gbytes (cb_command_new ("TYPE", NULL), key));
      add (pipeline, cb_command_add_gbytes (cb_command_new ("PTTL", NULL), key));
      if (look->memory)
        add (pipeline, cb_command_add_gbytes (cb_command_new ("MEMORY", "USAGE", NULL), key));
    }
  cb_connection_pipeline_async (connection, pipeline, g_task_get_cancellable (task), typed_cb, g_object_ref (task));
}

/**
 * cb_key_facts_async:
 *
 * Errors: those of the connection.
 */
void
cb_key_facts_async (CbConnection        *connection,
                    GPtrArray           *keys,
                    gboolean             memory,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  Look *look;

  g_return_if_fail (CB_IS_CONNECTION (connection));
  g_return_if_fail (keys != NULL && keys->len <= CB_KEY_FACTS_MOST);

  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_key_facts_async);
  look = g_new0 (Look, 1);
  look->keys = g_ptr_array_new_full (keys->len, (GDestroyNotify) g_bytes_unref);
  look->facts = g_array_sized_new (FALSE, FALSE, sizeof (CbKeyFacts), keys->len);
  look->memory = memory;
  g_task_set_task_data (task, look, look_free);

  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add (look->keys, g_bytes_ref (g_ptr_array_index (keys, i)));
  if (keys->len == 0)
    g_task_return_pointer (task, g_array_ref (look->facts), (GDestroyNotify) g_array_unref);
  else
    ask_types (connection, task);
}

/**
 * cb_key_facts_finish:
 *
 * Returns: (transfer full) (element-type CbKeyFacts): one for each key
 */
GArray *
cb_key_facts_finish (CbConnection  *connection,
                     GAsyncResult  *result,
                     GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
