/* cb-kue-act.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-job-spec.h"
#include "cb-json.h"

/*
 * What a person does with jobs: one script a job, many of them in a pipeline, so that thousands of jobs don't hold up the server
 * for longer than one job takes.
 */
#define PORTION 200

typedef struct
{
  CbJobAction  action;
  char        *priority;   /* (owned) decimal text */
  char        *state;      /* (owned) (nullable): move them into this state, instead of the action */
  GStrv        ids;        /* (owned) */
  guint        next;       /* the first that was not asked for yet */
  guint        sent;       /* how many of the portion are on their way */
  GPtrArray   *outcomes;   /* (owned) (element-type CbJobOutcome) */
} Act;

static void
act_free (Act *act)
{
  g_free (act->priority);
  g_free (act->state);
  g_strfreev (act->ids);
  g_ptr_array_unref (act->outcomes);
  g_free (act);
}

static void
add_outcome (Act        *act,
             const char *id,
             GError     *error)
{
  CbJobOutcome *outcome = g_new0 (CbJobOutcome, 1);

  outcome->id = g_strdup (id);
  outcome->error = error;
  g_ptr_array_add (act->outcomes, outcome);
}

static CbCommand *
make_command (CbKueEngine *self,
              Act         *act,
              const char  *id)
{
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  CbCommand *command;

  if (act->state != NULL)
    {
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_STATE, cb_kue_key_job (prefix, id), cb_kue_key_leases (prefix), NULL);
      return cb_command_add (cb_command_add (command, id), act->state);
    }

  switch (act->action)
    {
    case CB_JOB_ACTION_RETRY:
    case CB_JOB_ACTION_RETRY_AS_NEW:
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_RETRY, cb_kue_key_job (prefix, id), cb_kue_key_leases (prefix), NULL);
      return cb_command_add (cb_command_add (command, id), act->action == CB_JOB_ACTION_RETRY_AS_NEW ? "new" : "");

    case CB_JOB_ACTION_PROMOTE:
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_PROMOTE, cb_kue_key_job (prefix, id),
                                      cb_kue_key_set (prefix, NULL, "delayed"), NULL);
      return cb_command_add (cb_command_add (command, id), "");

    case CB_JOB_ACTION_REMOVE:
      {
        g_auto (GStrv) members = cb_kue_misspellings (id);

        command = cb_kue_engine_script (self, CB_KUE_SCRIPT_REMOVE, cb_kue_key_job (prefix, id), cb_kue_key_log (prefix, id),
                                        cb_kue_key_set (prefix, NULL, NULL), cb_kue_key (prefix, "job:types"),
                                        cb_kue_key_leases (prefix), NULL);
        cb_command_add (command, id);
        for (guint i = 0; members[i] != NULL; i++)
          cb_command_add (command, members[i]);
        return command;
      }

    case CB_JOB_ACTION_PRIORITY:
      command = cb_kue_engine_script (self, CB_KUE_SCRIPT_PRIORITY, cb_kue_key_job (prefix, id),
                                      cb_kue_key_set (prefix, NULL, NULL), NULL);
      return cb_command_add (cb_command_add (command, id), act->priority);

    default:
      g_assert_not_reached ();
    }
}

static void act_portion (GTask *task);

static void
acted_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  Act *act = g_task_get_task_data (task);
  GError *error = NULL;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_prefix_error (&error, "%u of %u jobs are done, the next %u perhaps: ", act->outcomes->len, g_strv_length (act->ids), act->sent);
      g_task_return_error (task, error);
      return;
    }

  for (guint i = act->outcomes->len; i < act->next; i++)
    {
      const char *id = act->ids[i];

      if (cb_kue_id_check (id))
        {
          add_outcome (act, id, cb_kue_answer_error (id, g_ptr_array_index (replies, at++)));
        }
      else
        {
          g_autofree char *shown = cb_text_display (id, -1, TRUE);

          add_outcome (act, id, g_error_new (CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job “%s”: ids are numbers", shown));
        }
    }

  if (act->ids[act->next] != NULL)
    act_portion (task);
  else
    g_task_return_pointer (task, g_ptr_array_ref (act->outcomes), (GDestroyNotify) g_ptr_array_unref);
}

static void
act_portion (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  Act *act = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (; act->ids[act->next] != NULL && cb_pipeline_get_length (pipeline) < PORTION; act->next++)
    {
      if (cb_kue_id_check (act->ids[act->next]))
        cb_pipeline_add (pipeline, make_command (self, act, act->ids[act->next]));
    }
  act->sent = cb_pipeline_get_length (pipeline);
  /* Nothing but ids that are none: PING keeps the one path for all of them. */
  if (act->sent == 0)
    cb_pipeline_add (pipeline, cb_command_new ("PING", NULL));

  cb_connection_pipeline_async (cb_engine_get_connection (CB_ENGINE (self)), pipeline, g_task_get_cancellable (task), acted_cb,
                                g_object_ref (task));
}

static void
act_start (CbEngine            *self,
           Act                 *act,
           const char * const  *ids,
           gpointer             source_tag,
           GCancellable        *cancellable,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  act->ids = g_strdupv ((GStrv) ids);
  act->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_outcome_free);
  g_task_set_task_data (task, act, (GDestroyNotify) act_free);
  act_portion (task);
}

void
cb_kue_engine_act (CbEngine            *self,
                   CbJobAction          action,
                   double               argument,
                   const char * const  *ids,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  Act *act = g_new0 (Act, 1);

  act->action = action;
  act->priority = cb_job_priority_to_text (argument);
  act_start (self, act, ids, cb_kue_engine_act, cancellable, callback, user_data);
}

/* A state is part of the names of keys. With a colon in it P:jobs:S could be the set of a type. */
static gboolean
is_state_name (const char *state)
{
  gsize length = strlen (state);

  if (length == 0 || length > 64 || strchr (state, ':') != NULL)
    return FALSE;
  for (const char *p = state; *p != 0; p++)
    {
      if (g_ascii_iscntrl (*p))
        return FALSE;
    }

  return TRUE;
}

void
cb_kue_engine_set_state (CbEngine            *self,
                         const char          *state,
                         const char * const  *ids,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  Act *act;

  if (!is_state_name (state))
    {
      g_task_report_new_error (self, callback, user_data, cb_kue_engine_set_state, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                               "The name of a state is a word of at most 64 characters, without a colon");
      return;
    }

  act = g_new0 (Act, 1);
  act->state = g_strdup (state);
  act_start (self, act, ids, cb_kue_engine_set_state, cancellable, callback, user_data);
}
