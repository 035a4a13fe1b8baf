/* cb-kue-heads.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Kue keeps a state by priority and then by id, so the job that comes next stands first in its priority, wherever that is. The first
 * of each of Kue's own priorities is asked for, and the first of what lies between two of them, in one round trip.
 */

/* critical, high, medium, normal, low: lib/queue/job.js */
static const char * const borders[] = { "-15", "-10", "-5", "0", "10" };

static void
got_jobs_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GPtrArray *records;
  GError *error = NULL;

  records = cb_kue_engine_read_members_finish (CB_KUE_ENGINE (source), result, &error);
  if (records == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* An id without a job waits for nothing. */
  for (guint i = records->len; i > 0; i--)
    {
      if (((CbJobRecord *) g_ptr_array_index (records, i - 1))->missing)
        g_ptr_array_remove_index (records, i - 1);
    }
  g_task_return_pointer (task, records, (GDestroyNotify) g_ptr_array_unref);
}

static void
got_heads_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  CbEngine *self = g_task_get_source_object (task);
  const char *key = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  for (guint i = 0; replies != NULL && error == NULL && i < replies->len; i++)
    {
      CbReply *reply = g_ptr_array_index (replies, i);
      GBytes *member = cb_value_dup_bytes (cb_value_get_element (cb_reply_get_value (reply), 0));

      error = cb_kue_read_error ("ZRANGEBYSCORE", key, reply);
      if (member != NULL)
        g_ptr_array_add (members, member);
    }
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  cb_kue_engine_read_members_async (CB_KUE_ENGINE (self), members, g_task_get_cancellable (task), got_jobs_cb,
                                    g_object_ref (task));
}

static void
add_range (CbPipeline *pipeline,
           const char *key,
           const char *from,
           const char *to)
{
  CbCommand *command = cb_kue_engine_command ("ZRANGEBYSCORE", g_strdup (key));

  cb_command_add (cb_command_add (command, from), to);
  cb_command_add (cb_command_add (cb_command_add (command, "LIMIT"), "0"), "1");
  cb_pipeline_add (pipeline, command);
}

void
cb_kue_engine_get_heads (CbEngine            *self,
                         const char          *queue,
                         const char          *state,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbPipeline *pipeline = cb_pipeline_new ();
  g_autofree char *key = cb_kue_key_set (cb_engine_get_prefix (self), queue, state);
  g_autofree char *before = g_strdup ("-inf");

  g_task_set_source_tag (task, cb_kue_engine_get_heads);
  for (guint i = 0; i < G_N_ELEMENTS (borders); i++)
    {
      g_autofree char *open = g_strconcat ("(", borders[i], NULL);

      add_range (pipeline, key, before, open);
      add_range (pipeline, key, borders[i], borders[i]);
      g_free (before);
      before = g_steal_pointer (&open);
    }
  add_range (pipeline, key, before, "+inf");
  g_task_set_task_data (task, g_steal_pointer (&key), g_free);

  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, cancellable, got_heads_cb, task);
}
