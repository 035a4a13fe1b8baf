/* cb-kue-leases.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Whether the workers of jobs that run are still there, for whoever looks: a worker of ours keeps a lease for each job, and a lease that
 * has ended is of one that is not. Kue's workers keep none, so that nothing can be said of their jobs here; what the doctor says of them
 * takes more looking. Nothing is asked where no job runs.
 */

typedef struct
{
  GPtrArray *records;    /* (owned) (element-type CbJobRecord) those that run */
} Check;

static void
check_free (Check *check)
{
  g_ptr_array_unref (check->records);
  g_free (check);
}

static void
got_ends_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, NULL);
  Check *check = g_task_get_task_data (task);
  gint64 now = cb_connection_get_server_time (CB_CONNECTION (source));

  for (guint i = 0; reply != NULL && i < check->records->len; i++)
    {
      g_autoptr (GDateTime) ended = NULL;
      g_autofree char *text = NULL;
      double end;

      if (!cb_value_get_double (cb_value_get_element (cb_reply_get_value (reply), i), &end) || end * 1000 >= now || end < 0)
        continue;
      ended = g_date_time_new_from_unix_local ((gint64) (end / 1000));
      text = ended != NULL ? g_date_time_format (ended, "%Y-%m-%d %H:%M:%S") : NULL;
      if (text != NULL)
        cb_kue_add_problem (g_ptr_array_index (check->records, i),
                            "Its worker has not been seen since its lease ended at %s; the next worker of Callboard puts the job back", text);
    }
  g_task_return_boolean (task, TRUE);
}

/*
 * cb_kue_engine_check_leases_async:
 * @records: (element-type CbJobRecord): as they were read, before anybody else has them
 *
 * Adds to the problem of those whose worker is gone. What can't be told is no failure: the jobs are what was asked for.
 */
void
cb_kue_engine_check_leases_async (CbKueEngine         *self,
                                  GPtrArray           *records,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);
  CbCommand *command = NULL;

  g_task_set_source_tag (task, cb_kue_engine_check_leases_async);
  check->records = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_record_unref);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);

  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);
      g_autofree char *lease = NULL;

      if (record->meaning != CB_JOB_MEANING_ACTIVE || record->worker == NULL || record->started_at < 0)
        continue;
      if (command == NULL)
        command = cb_kue_engine_command ("ZMSCORE", cb_kue_key_leases (cb_engine_get_prefix (CB_ENGINE (self))));
      lease = g_strdup_printf ("%s %s %" G_GINT64_FORMAT, record->id, record->worker, record->started_at / 1000);
      cb_command_add (command, lease);
      g_ptr_array_add (check->records, cb_job_record_ref (record));
    }

  if (command != NULL)
    {
      cb_connection_call_async (cb_engine_get_connection (CB_ENGINE (self)), command, cancellable, got_ends_cb, task);
    }
  else
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

void
cb_kue_engine_check_leases_finish (CbKueEngine  *self,
                                   GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
