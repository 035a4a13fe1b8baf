/* cb-kue-service.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"
#include "cb-kue-words.h"

/*
 * What Kue's own service tells besides the jobs. Nothing here writes.
 */

static void
got_work_time_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autofree gint64 *work_time = g_new (gint64, 1);
  GError *error = NULL;
  const char *text;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  *work_time = -1;
  text = cb_value_get_string (cb_reply_get_value (reply), NULL);
  if (text != NULL)
    {
      gint64 msec;

      if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64 / 1000, &msec, NULL))
        {
          g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED,
                                   "The sum of the working times is no number of milliseconds");
          return;
        }
      *work_time = msec * 1000;
    }

  g_task_return_pointer (task, g_steal_pointer (&work_time), g_free);
}

/* P:stats:work-time, which every completed run adds to: kue 0.11.6, Queue.workTime() in lib/kue.js. */
void
cb_kue_engine_get_work_time (CbEngine            *self,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_kue_engine_get_work_time);
  cb_connection_call_async (cb_engine_get_connection (self),
                            cb_kue_engine_command ("GET", cb_kue_key (cb_engine_get_prefix (self), "stats:work-time")),
                            cancellable, got_work_time_cb, task);
}

/* --- settings --- */

static void
got_setting_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;
  const char *text;
  gsize length;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  text = cb_value_get_string (cb_reply_get_value (reply), &length);
  g_task_return_pointer (task, text != NULL ? g_bytes_new (text, length) : NULL, (GDestroyNotify) g_bytes_unref);
}

/* P:settings, a hash that Kue reads and nothing in Kue writes: kue 0.11.6, Queue.setting() in lib/kue.js. */
void
cb_kue_engine_get_setting (CbEngine            *self,
                           const char          *name,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbCommand *command = cb_kue_engine_command ("HGET", cb_kue_key (cb_engine_get_prefix (self), "settings"));

  g_task_set_source_tag (task, cb_kue_engine_get_setting);
  cb_command_add (command, name);
  cb_connection_call_async (cb_engine_get_connection (self), command, cancellable, got_setting_cb, task);
}

/* --- search --- */

/* The most ids that are read of an index; whoever has more has looked for a word that is everywhere. */
#define MAX_FOUND 100000

static void
searched_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  GPtrArray *ids;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* Ascending, while Kue reads its own from the other end. */
  value = cb_reply_get_value (reply);
  ids = g_ptr_array_new_with_free_func (g_free);
  for (guint i = cb_value_get_length (value); i > 0; i--)
    {
      const char *id = cb_value_get_string (cb_value_get_element (value, i - 1), NULL);

      if (id != NULL)
        g_ptr_array_add (ids, g_strdup (id));
    }
  g_task_return_pointer (task, ids, (GDestroyNotify) g_ptr_array_unref);
}

static void
got_sizes_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  GStrv keys = g_task_get_task_data (task);
  CbCommand *command;
  GError *error = NULL;
  gint64 smallest = G_MAXINT64;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  for (guint i = 0; replies != NULL && error == NULL && i < replies->len; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);
      gint64 size;

      error = cb_kue_reply_error ("ZCARD", reply);
      if (error == NULL && cb_value_get_integer (cb_reply_get_value (reply), &size))
        smallest = MIN (smallest, size);
    }
  if (error == NULL && smallest > MAX_FOUND)
    error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "These words are in too many jobs; look for more words");
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* Kue stores the intersection under a key and empties it again; ZINTER gives the same and writes nothing. */
  command = cb_command_set_repeatable (cb_command_new ("ZINTER", NULL));
  cb_command_add_int (command, g_strv_length (keys));
  for (guint i = 0; keys[i] != NULL; i++)
    cb_command_add (command, keys[i]);
  cb_connection_call_async (CB_CONNECTION (source), command, g_task_get_cancellable (task), searched_cb, g_object_ref (task));
}

/* P:search:word:CODE, which hold how often a word occurs in a job: reds 0.2.5, Query.end() in lib/reds.js. */
void
cb_kue_engine_search (CbEngine            *self,
                      const char          *words,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();
  g_auto (GStrv) codes = cb_kue_words_encode (words);
  CbPipeline *pipeline;

  g_task_set_source_tag (task, cb_kue_engine_search);
  if (codes[0] == NULL)
    {
      g_task_return_pointer (task, g_ptr_array_new_with_free_func (g_free), (GDestroyNotify) g_ptr_array_unref);
      return;
    }

  pipeline = cb_pipeline_new ();
  for (guint i = 0; codes[i] != NULL; i++)
    {
      g_autofree char *name = g_strconcat ("search:word:", codes[i], NULL);
      g_autofree char *key = cb_kue_key (cb_engine_get_prefix (self), name);

      g_strv_builder_add (keys, key);
      cb_pipeline_add (pipeline, cb_kue_engine_command ("ZCARD", g_strdup (key)));
    }
  g_task_set_task_data (task, g_strv_builder_end (keys), (GDestroyNotify) g_strfreev);
  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, cancellable, got_sizes_cb, g_object_ref (task));
}
