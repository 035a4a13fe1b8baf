/* cb-kue-work.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-json.h"

/*
 * What a worker tells about a job that it claimed. The claim is the pair workerId and started_at in the hash: every call shows
 * it, and the script does nothing when the hash has another one by now.
 */

/* The script with what all of these begin with: id, workerId, started_at. */
static void
add_claim (CbCommand   *command,
           CbJobRecord *job)
{
  cb_command_add (command, job->id);
  cb_command_add (command, job->worker != NULL ? job->worker : "");
  cb_command_add_int (command, job->started_at / 1000);
}

static void
told_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbJobRecord *job = g_task_get_task_data (task);
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    error = cb_kue_answer_error (job->id, reply);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
tell (CbEngine            *self,
      CbJobRecord         *job,
      CbCommand           *command,
      gpointer             source_tag,
      GAsyncReadyCallback  told,
      GCancellable        *cancellable,
      GAsyncReadyCallback  callback,
      gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_task_data (task, cb_job_record_ref (job), (GDestroyNotify) cb_job_record_unref);
  cb_connection_call_async (cb_engine_get_connection (self), command, cancellable, told, task);
}

/* JSON without white space, as JSON.stringify gives it. */
static char *
dup_compact (GBytes *json)
{
  gsize length;
  const char *text = g_bytes_get_data (json, &length);

  return cb_json_compact (text != NULL ? text : "", length);
}

/* @percent is stored as it is: Kue cuts off the fraction of done * 100 / total, and stops at 100. */
void
cb_kue_engine_progress (CbEngine            *self,
                        CbJobRecord         *job,
                        int                  percent,
                        GBytes              *data,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  const char *prefix = cb_engine_get_prefix (self);
  g_autofree char *json = data != NULL ? dup_compact (data) : NULL;
  CbCommand *command;

  command = cb_kue_engine_script (CB_KUE_ENGINE (self), CB_KUE_SCRIPT_PROGRESS, cb_kue_key_job (prefix, job->id),
                                  cb_kue_key_set (prefix, NULL, "active"), NULL);
  add_claim (command, job);
  cb_command_add_int (command, percent);
  cb_command_add (command, json != NULL && cb_kue_json_is_truthy (json, strlen (json)) ? json : "");
  tell (self, job, command, cb_kue_engine_progress, told_cb, cancellable, callback, user_data);
}

void
cb_kue_engine_log (CbEngine            *self,
                   CbJobRecord         *job,
                   const char          *line,
                   gssize               length,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  const char *prefix = cb_engine_get_prefix (self);
  CbCommand *command;

  command = cb_kue_engine_script (CB_KUE_ENGINE (self), CB_KUE_SCRIPT_LOG, cb_kue_key_job (prefix, job->id),
                                  cb_kue_key_log (prefix, job->id), NULL);
  add_claim (command, job);
  for (const char *end = line + length, *next; line <= end; line = next + 1)
    {
      next = memchr (line, '\0', (gsize) (end - line));
      next = next != NULL ? next : end;
      cb_command_add_bytes (command, line, (gsize) (next - line));
    }
  tell (self, job, command, cb_kue_engine_log, told_cb, cancellable, callback, user_data);
}

/* What the script answered about the one slot it was called for. */
static GError *
get_turn_error (CbJobRecord *job,
                CbReply     *reply)
{
  return cb_kue_value_error (job->id, cb_kue_turn_get_answer (reply, 0));
}

static void
completed_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    error = get_turn_error (g_task_get_task_data (task), reply);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
cb_kue_engine_complete (CbEngine            *self,
                        CbJobRecord         *job,
                        GBytes              *result,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  CbCommand *command = cb_kue_turn_command (CB_KUE_ENGINE (self), "", 0, NULL, NULL);

  cb_kue_turn_add_complete (command, job, "-", 0, result);
  tell (self, job, command, cb_kue_engine_complete, completed_cb, cancellable, callback, user_data);
}

static void
failed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbJobRecord *job = g_task_get_task_data (task);
  const CbValue *state;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    error = get_turn_error (job, reply);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  state = cb_value_get_element (cb_kue_turn_get_answer (reply, 0), 1);
  g_task_return_int (task, cb_value_equal_string (state, "failed") ? 0 : 1);
}

static CbCommand *
fail_command (CbEngine          *self,
              CbJobRecord       *job,
              const char        *message,
              const char        *stack,
              const CbRetryWish *wish)
{
  CbCommand *command = cb_kue_turn_command (CB_KUE_ENGINE (self), "", 0, NULL, NULL);

  cb_kue_turn_add_fail (command, job, "-", 0, message, stack, wish);
  return command;
}

void
cb_kue_engine_fail (CbEngine            *self,
                    CbJobRecord         *job,
                    const char          *message,
                    const char          *stack,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  tell (self, job, fail_command (self, job, message, stack, NULL), cb_kue_engine_fail, failed_cb,
        cancellable, callback, user_data);
}

void
cb_kue_engine_fail_with (CbEngine            *self,
                         CbJobRecord         *job,
                         const char          *message,
                         const char          *stack,
                         const CbRetryWish   *wish,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  tell (self, job, fail_command (self, job, message, stack, wish), cb_kue_engine_fail_with, failed_cb,
        cancellable, callback, user_data);
}

/* A job of ours that a scanner found to be over its time to live: kue 0.11.6, Worker.start() in lib/queue/worker.js. That it is failed
 * and that the scanner is answered is one step: if it heard no answer it would fail the job once more, whoever has it by then. */
void
cb_kue_engine_expire (CbEngine            *self,
                      CbJobRecord         *job,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  CbCommand *command = cb_kue_turn_command (CB_KUE_ENGINE (self), "", 0, NULL, NULL);

  cb_kue_turn_add_expire (command, job);
  tell (self, job, command, cb_kue_engine_expire, failed_cb, cancellable, callback, user_data);
}

void
cb_kue_engine_release (CbEngine            *self,
                       CbJobRecord         *job,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  const char *prefix = cb_engine_get_prefix (self);
  CbCommand *command;

  command = cb_kue_engine_script (CB_KUE_ENGINE (self), CB_KUE_SCRIPT_RELEASE, cb_kue_key_job (prefix, job->id),
                                  cb_kue_key_leases (prefix), NULL);
  add_claim (command, job);
  tell (self, job, command, cb_kue_engine_release, told_cb, cancellable, callback, user_data);
}

static void
begun_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
cb_kue_engine_begin (CbEngine            *self,
                     GPtrArray           *jobs,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbCommand *command = cb_kue_engine_script (CB_KUE_ENGINE (self), CB_KUE_SCRIPT_BEGIN, NULL);

  g_task_set_source_tag (task, cb_kue_engine_begin);
  for (guint i = 0; i < jobs->len; i++)
    add_claim (command, g_ptr_array_index (jobs, i));
  cb_connection_call_async (cb_engine_get_connection (self), command, cancellable, begun_cb, task);
}

static void
extended_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  const CbValue *ids;
  GPtrArray *lost;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  lost = g_ptr_array_new_with_free_func (g_free);
  ids = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (ids); i++)
    g_ptr_array_add (lost, g_strdup (cb_value_get_string (cb_value_get_element (ids, i), NULL)));
  g_task_return_pointer (task, lost, (GDestroyNotify) g_ptr_array_unref);
}

void
cb_kue_engine_extend (CbEngine            *self,
                      GPtrArray           *jobs,
                      guint                lease_msec,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  CbCommand *command;

  g_task_set_source_tag (task, cb_kue_engine_extend);
  command = cb_kue_engine_script (CB_KUE_ENGINE (self), CB_KUE_SCRIPT_EXTEND, cb_kue_key_leases (cb_engine_get_prefix (self)), NULL);
  cb_command_add_int (command, cb_kue_engine_now (CB_KUE_ENGINE (self)) + lease_msec);
  for (guint i = 0; i < jobs->len; i++)
    add_claim (command, g_ptr_array_index (jobs, i));
  cb_connection_call_async (cb_engine_get_connection (self), command, cancellable, extended_cb, task);
}
