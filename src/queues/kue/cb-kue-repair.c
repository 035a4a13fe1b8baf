/* cb-kue-repair.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

/*
 * Repairs findings, each by one call of scripts/repair.lua, in portions: the script looks at the subject again, as the
 * examination did, and does the commands of the finding only when it finds the same.
 */

#define PORTION 50

typedef struct
{
  GPtrArray *findings;   /* (owned) (element-type CbFinding) */
  GPtrArray *outcomes;   /* (owned) (element-type CbJobOutcome) as many as were dealt with */
} Repair;

static void
repair_free (Repair *repair)
{
  g_ptr_array_unref (repair->findings);
  g_clear_pointer (&repair->outcomes, g_ptr_array_unref);
  g_free (repair);
}

static void go_on (GTask *task);

static CbCommand *
repair_command (CbKueEngine     *self,
                const CbFinding *finding)
{
  CbCommand *command = cb_kue_engine_script (self, CB_KUE_SCRIPT_REPAIR,
                                             cb_kue_key (cb_engine_get_prefix (CB_ENGINE (self)), "job:types"), NULL);

  /* What is suspect is never repaired here, so that its age does not matter. */
  cb_command_add_int (command, CB_EXAMINE_SUSPECT_MSEC);
  cb_command_add (command, cb_finding_kind_word (finding->kind));
  cb_command_add_gbytes (command, finding->place);
  cb_command_add_gbytes (command, finding->mark);
  for (guint i = 0; i < finding->subject->len; i++)
    cb_command_add_gbytes (command, g_ptr_array_index (finding->subject, i));

  return command;
}

static void
add_outcome (Repair          *repair,
             const CbFinding *finding,
             GError          *error)
{
  CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

  outcome->id = g_strdup (finding->id);
  outcome->error = error;
  g_ptr_array_add (repair->outcomes, outcome);
}

static void
repaired_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Repair *repair = g_task_get_task_data (task);
  GError *error = NULL;
  guint from = repair->outcomes->len;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0, n = 0; n < replies->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (repair->findings, from + i);
      CbReply *reply;

      if (finding->repair == NULL)
        {
          add_outcome (repair, finding, g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED, "This is left to a person"));
          continue;
        }
      reply = g_ptr_array_index (replies, n++);
      error = cb_kue_reply_error ("EVALSHA", reply);
      if (error == NULL && !cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 0), "ok"))
        error = g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_STATE, "It is not so any more, so nothing was done");
      add_outcome (repair, finding, error);
    }

  go_on (task);
}

static void
go_on (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Repair *repair = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  if (g_task_return_error_if_cancelled (task))
    {
      cb_pipeline_free (pipeline);
      return;
    }

  for (guint i = repair->outcomes->len; i < repair->findings->len && cb_pipeline_get_length (pipeline) < PORTION; i++)
    {
      const CbFinding *finding = g_ptr_array_index (repair->findings, i);

      if (finding->repair != NULL)
        cb_pipeline_add (pipeline, repair_command (self, finding));
    }

  if (cb_pipeline_get_length (pipeline) > 0)
    {
      cb_connection_pipeline_async (cb_engine_get_connection (CB_ENGINE (self)), pipeline, g_task_get_cancellable (task),
                                    repaired_cb, g_object_ref (task));
      return;
    }

  cb_pipeline_free (pipeline);
  while (repair->outcomes->len < repair->findings->len)
    add_outcome (repair, g_ptr_array_index (repair->findings, repair->outcomes->len),
                 g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_SUPPORTED, "This is left to a person"));
  g_task_return_pointer (task, g_steal_pointer (&repair->outcomes), (GDestroyNotify) g_ptr_array_unref);
}

void
cb_kue_engine_repair (CbEngine            *engine,
                      GPtrArray           *findings,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (engine, cancellable, callback, user_data);
  Repair *repair = g_new0 (Repair, 1);

  g_task_set_source_tag (task, cb_kue_engine_repair);
  repair->findings = g_ptr_array_ref (findings);
  repair->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  g_task_set_task_data (task, repair, (GDestroyNotify) repair_free);
  go_on (task);
}
