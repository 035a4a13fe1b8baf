/* cb-kue-claim.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include "cb-json.h"

/*
 * Taking a job. Whether its data are JSON is looked at here, where 200,000 brackets are only a long text: a job that nobody
 * could read is failed for good at once, under the claim that was just made, and the next one is taken. A crash in between leaves
 * it under its lease like any job.
 */

/* The most jobs that one call looks at: those that can't be read, and rounds of clearing away. */
#define MAX_ROUNDS 100

typedef struct
{
  char        *queue;       /* (owned) */
  char        *worker;      /* (owned) */
  guint        lease_msec;
  guint        rounds;
  CbJobRecord *unreadable;  /* (owned) (nullable) being failed */
} Claim;

static void
claim_free (Claim *claim)
{
  g_free (claim->queue);
  g_free (claim->worker);
  g_clear_pointer (&claim->unreadable, cb_job_record_unref);
  g_free (claim);
}

static void try_claim (GTask *task);

static void
failed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_return_error (task, error);
  else /* whatever it answers, it is not ours any more */
    try_claim (task);
}

static void
claimed_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  static const CbRetryWish never = { -1, TRUE };
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbJobRecord) record = NULL;
  g_autoptr (GError) problem = NULL;
  g_autofree char *message = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  Claim *claim = g_task_get_task_data (task);
  const CbValue *value;
  const char *id, *data;
  gsize size;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  value = cb_reply_get_value (reply);
  if (cb_value_get_length (value) == 0)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  if (cb_value_get_length (value) == 1) /* again: there was much to clear away */
    {
      try_claim (task);
      return;
    }

  id = cb_value_get_string (cb_value_get_element (value, 0), NULL);
  if (id == NULL || !cb_kue_id_check (id))
    {
      g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, "The server gave a job without an id");
      return;
    }

  record = cb_kue_parse_reply (id, value, 1, CB_KUE_PARSE_SHORT);
  data = record->data != NULL ? g_bytes_get_data (record->data, &size) : NULL;
  /* Absent data are read as {}, as Kue does. */
  if (record->data == NULL || cb_json_check (data != NULL ? data : "", data != NULL ? size : 0, &problem))
    {
      g_task_return_pointer (task, g_steal_pointer (&record), (GDestroyNotify) cb_job_record_unref);
      return;
    }

  message = g_strdup_printf ("The data of this job are not JSON. %s", problem->message);
  cb_connection_call_async (CB_CONNECTION (source), cb_kue_engine_fail_command (self, record, message, NULL, &never), NULL,
                            failed_cb, g_object_ref (task));
  g_clear_pointer (&claim->unreadable, cb_job_record_unref);
  claim->unreadable = g_steal_pointer (&record);
}

static void
try_claim (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  CbEngine *engine = CB_ENGINE (self);
  Claim *claim = g_task_get_task_data (task);
  const char *prefix = cb_engine_get_prefix (engine);
  CbCommand *command;

  if (++claim->rounds > MAX_ROUNDS)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_CLAIM,
                                  cb_kue_key_set (prefix, claim->queue, "inactive"),
                                  cb_kue_key_tokens (prefix, claim->queue),
                                  cb_kue_key_set (prefix, NULL, "inactive"),
                                  cb_kue_key_set (prefix, NULL, "active"),
                                  cb_kue_key_set (prefix, claim->queue, "active"),
                                  cb_kue_key_leases (prefix),
                                  NULL);
  cb_command_add (command, claim->queue);
  cb_command_add (command, claim->worker);
  cb_command_add_int (command, cb_kue_engine_now (self) + claim->lease_msec);
  for (guint field = 0; field < CB_KUE_N_FIELDS; field++)
    cb_command_add (command, cb_kue_fields[field]);

  /* Once it is sent the job may be ours: the reply is always waited for. */
  cb_connection_call_async (cb_engine_get_connection (engine), command, NULL, claimed_cb, g_object_ref (task));
}

void
cb_kue_engine_claim (CbEngine            *self,
                     const char          *queue,
                     const char          *worker,
                     guint                lease_msec,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Claim *claim;

  g_task_set_source_tag (task, cb_kue_engine_claim);
  if (g_task_return_error_if_cancelled (task))
    return;
  g_task_set_check_cancellable (task, FALSE);

  claim = g_new0 (Claim, 1);
  claim->queue = g_strdup (queue);
  claim->worker = g_strdup (worker);
  claim->lease_msec = lease_msec;
  g_task_set_task_data (task, claim, (GDestroyNotify) claim_free);
  try_claim (task);
}
