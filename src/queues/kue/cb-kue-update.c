/* cb-kue-update.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include "cb-job-spec.h"
#include "cb-json.h"
#include "cb-kue-index.h"
#include "cb-task-thread.h"

/*
 * Changing a job that is there: kue 0.11.6, Job.update() in lib/queue/job.js, as scripts/update.lua does it.
 */

typedef struct
{
  char         *id;          /* (owned) */
  CbJobChanges *changes;     /* (owned) */
  char         *state;       /* (owned) it has to be in, "" for any */
  gint64        updated_at;  /* ms it has to have been changed last, -1 for any */
} Update;

static void
update_free (Update *update)
{
  g_free (update->id);
  cb_job_changes_free (update->changes);
  g_free (update->state);
  g_free (update);
}

static void
updated_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Update *update = g_task_get_task_data (task);
  const CbValue *state;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    error = cb_kue_answer_error (update->id, reply);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  state = cb_value_get_element (cb_reply_get_value (reply), 1);
  g_task_return_pointer (task, (gpointer) g_intern_string (cb_value_get_string (state, NULL)), NULL);
}

/* --- words --- */

/*
 * Whether the job is in the search index is only known to the script, so the words of new data are always sent; they are looked
 * for once for all the jobs that get them. That takes about 0.5 ms a KiB, so that of long data it is done in a thread before.
 */
#define QUICK_BYTES 8192

gboolean
cb_kue_changes_lack_words (const CbJobChanges *changes)
{
  return (changes->which & CB_JOB_CHANGE_DATA) != 0 && changes->words == NULL && g_bytes_get_size (changes->data) > QUICK_BYTES;
}

static char *
find_words (const CbJobChanges *changes)
{
  return cb_kue_index_words (changes->data, (const char * const *) changes->search_keys, G_MAXSIZE);
}

static void
find_words_in_thread (GTask        *task,
                      gpointer      source,
                      gpointer      task_data,
                      GCancellable *cancellable)
{
  g_task_return_pointer (task, find_words (task_data), g_free);
}

void
cb_kue_changes_find_words (const CbJobChanges  *changes,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, cb_kue_changes_find_words);
  g_task_set_task_data (task, cb_job_changes_copy (changes), (GDestroyNotify) cb_job_changes_free);
  cb_task_run_in_thread (task, find_words_in_thread);
}

/* Puts them where cb_kue_add_changes() finds them. */
gboolean
cb_kue_changes_find_words_finish (const CbJobChanges  *changes,
                                  GAsyncResult        *result,
                                  GError             **error)
{
  char *words = g_task_propagate_pointer (cb_task_in_thread_result (result), error);

  if (words == NULL)
    return FALSE;

  g_free (changes->words);
  ((CbJobChanges *) changes)->words = words;
  return TRUE;
}

/* --- the command --- */

/* The changes as update.lua takes them. */
void
cb_kue_add_changes (CbCommand          *command,
                    const CbJobChanges *changes,
                    gint64              now)
{
  if (changes->which & CB_JOB_CHANGE_DATA)
    {
      cb_command_add_gbytes (cb_command_add (command, "data"), changes->data);
      if (changes->words == NULL)
        ((CbJobChanges *) changes)->words = find_words (changes);
      cb_command_add (cb_command_add (command, "words"), changes->words);
      if (changes->search_keys != NULL)
        cb_command_add (cb_command_add (command, "index"), "true");
    }
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

static void
send_update (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Update *update = g_task_get_task_data (task);
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  CbCommand *command;
  gint64 now;

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_UPDATE, cb_kue_key_job (prefix, update->id), cb_kue_key_set (prefix, NULL, NULL),
                                  NULL);
  now = cb_kue_command_time (command);
  cb_command_add (cb_command_add (command, update->id), update->state);
  if (update->updated_at >= 0)
    cb_command_add_int (command, update->updated_at);
  else
    cb_command_add (command, "");
  cb_kue_add_changes (command, update->changes, now);

  cb_connection_call_async (cb_engine_get_connection (CB_ENGINE (self)), command, g_task_get_cancellable (task), updated_cb,
                            g_object_ref (task));
}

static void
found_words_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Update *update = g_task_get_task_data (task);
  GError *error = NULL;

  if (cb_kue_changes_find_words_finish (update->changes, result, &error))
    send_update (task);
  else
    g_task_return_error (task, error);
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
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Update *update;

  g_task_set_source_tag (task, cb_kue_engine_update);
  if (!cb_kue_id_check (id))
    {
      g_autofree char *shown = cb_text_display (id, -1, TRUE);

      g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job “%s”: ids are numbers", shown);
      return;
    }

  update = g_new0 (Update, 1);
  update->id = g_strdup (id);
  update->changes = cb_job_changes_copy (changes);
  update->state = seen != NULL ? g_strconcat ("=", seen->state, NULL) : g_strdup ("");
  update->updated_at = seen != NULL && seen->updated_at >= 0 ? seen->updated_at / 1000 : -1;
  g_task_set_task_data (task, update, (GDestroyNotify) update_free);

  if (cb_kue_changes_lack_words (update->changes))
    cb_kue_changes_find_words (update->changes, cancellable, found_words_cb, g_object_ref (task));
  else
    send_update (task);
}
