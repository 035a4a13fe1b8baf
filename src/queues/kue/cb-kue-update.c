/* cb-kue-update.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include "cb-job-spec.h"
#include "cb-json.h"

/*
 * Changing a job that is there: kue 0.11.6, Job.update() in lib/queue/job.js, as scripts/update.lua does it.
 */

static void
updated_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    error = cb_kue_answer_error (g_task_get_task_data (task), reply);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_return_pointer (task,
                         (gpointer) g_intern_string (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 1), NULL)),
                         NULL);
}

/* The changes as update.lua takes them. */
void
cb_kue_add_changes (CbCommand          *command,
                    const CbJobChanges *changes,
                    gint64              now)
{
  if (changes->which & CB_JOB_CHANGE_DATA)
    cb_command_add_gbytes (cb_command_add (command, "data"), changes->data);
  if (changes->which & CB_JOB_CHANGE_PRIORITY)
    {
      g_autofree char *priority = cb_job_priority_to_text (changes->priority);

      cb_command_add (cb_command_add (command, "priority"), priority);
    }
  if (changes->which & CB_JOB_CHANGE_ATTEMPTS)
    cb_command_add_int (cb_command_add (command, "max_attempts"), changes->attempts);
  if (changes->which & CB_JOB_CHANGE_DELAY)
    cb_command_add_int (cb_command_add (command, "delay"),
                        changes->due_at > 0 ? MAX (changes->due_at / 1000 - now, 0) : changes->delay_msec);
  if (changes->which & CB_JOB_CHANGE_TTL)
    cb_command_add_int (cb_command_add (command, "ttl"), changes->ttl_msec);
  if (changes->which & CB_JOB_CHANGE_BACKOFF)
    cb_command_add (cb_command_add (command, "backoff"), changes->backoff != NULL ? changes->backoff : "");
  if (changes->which & CB_JOB_CHANGE_REMOVE_ON_COMPLETE)
    cb_command_add (cb_command_add (command, "removeOnComplete"), changes->remove_on_complete ? "true" : "");
}

void
cb_kue_engine_update (CbEngine            *engine,
                      const char          *id,
                      const CbJobChanges  *changes,
                      const CbJobRecord   *seen,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  const char *prefix = cb_engine_get_prefix (engine);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  gint64 now = cb_kue_engine_now (self);
  CbCommand *command;

  g_task_set_source_tag (task, cb_kue_engine_update);
  if (!cb_kue_id_check (id))
    {
      g_autofree char *shown = cb_text_display (id, -1, TRUE);

      g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job “%s”: ids are numbers", shown);
      return;
    }

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_UPDATE, cb_kue_key_job (prefix, id), cb_kue_key_set (prefix, NULL, NULL), NULL);
  cb_command_add (command, id);
  if (seen != NULL)
    {
      g_autofree char *state = g_strconcat ("=", seen->state, NULL);

      cb_command_add (command, state);
    }
  else
    {
      cb_command_add (command, "");
    }
  if (seen != NULL && seen->updated_at >= 0)
    cb_command_add_int (command, seen->updated_at / 1000);
  else
    cb_command_add (command, "");
  cb_kue_add_changes (command, changes, now);

  g_task_set_task_data (task, g_strdup (id), g_free);
  cb_connection_call_async (cb_engine_get_connection (engine), command, cancellable, updated_cb, g_object_ref (task));
}
