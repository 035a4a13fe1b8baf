/* cb-job-actions.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-actions.h"

#include <glib/gi18n.h>

#include "cb-format.h"

/* How many ids a question names before it only counts. */
#define MAX_NAMED 12

typedef struct
{
  CbJobAction action;
  GStrv ids;                  /* (owned) */
} Request;

static void
request_free (Request *request)
{
  g_strfreev (request->ids);
  g_free (request);
}

static char *
describe_success (CbJobAction action, const char *id, guint n)
{
  switch (action)
    {
    case CB_JOB_ACTION_RETRY:
      return id != NULL ? g_strdup_printf (_ ("Job %s is queued again"), id)
                        : g_strdup_printf (ngettext ("%u job is queued again", "%u jobs are queued again", n), n);
    case CB_JOB_ACTION_RETRY_AS_NEW:
      return id != NULL ? g_strdup_printf (_ ("Job %s is queued again as a new one"), id)
                        : g_strdup_printf (ngettext ("%u job is queued again as a new one", "%u jobs are queued again as new ones", n), n);
    case CB_JOB_ACTION_PROMOTE:
      return id != NULL ? g_strdup_printf (_ ("Job %s may run now"), id)
                        : g_strdup_printf (ngettext ("%u job may run now", "%u jobs may run now", n), n);
    case CB_JOB_ACTION_REMOVE:
      return id != NULL ? g_strdup_printf (_ ("Job %s removed"), id)
                        : g_strdup_printf (ngettext ("%u job removed", "%u jobs removed", n), n);
    case CB_JOB_ACTION_PRIORITY:
    default:
      return id != NULL ? g_strdup_printf (_ ("Job %s has another priority"), id)
                        : g_strdup_printf (ngettext ("%u job has another priority", "%u jobs have another priority", n), n);
    }
}

static char *
describe_outcomes (const Request *request, GPtrArray *outcomes)
{
  const GError *first = NULL;
  g_autofree char *success = NULL;
  guint n_done = 0;

  for (guint i = 0; i < outcomes->len; i++)
    {
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, i);

      if (outcome->error == NULL)
        n_done++;
      else if (first == NULL)
        first = outcome->error;
    }

  if (n_done == 0 && first != NULL)
    return g_strdup (first->message);

  success = describe_success (request->action, outcomes->len == 1 ? request->ids[0] : NULL, n_done);
  if (first == NULL)
    return g_steal_pointer (&success);

  /* Translators: what was done, how many could not be, and why for the first of them */
  return g_strdup_printf (ngettext ("%s; %u could not be: %s", "%s; %u could not be: %s", outcomes->len - n_done), success,
                          outcomes->len - n_done, first->message);
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) outcomes = cb_engine_act_finish (CB_ENGINE (source), result, &error);

  g_task_return_pointer (task,
                         outcomes != NULL ? describe_outcomes (g_task_get_task_data (task), outcomes)
                                          : g_strdup (error->message),
                         g_free);
}

/**
 * cb_job_actions_start:
 * @ids: which jobs; each is acted on by one atomic script, or not at all
 *
 * It can't be cancelled: a command that was sent can't be unsent.
 */
void
cb_job_actions_start (CbEngine *engine, CbJobAction action, const char * const *ids, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (engine, NULL, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->action = action;
  request->ids = g_strdupv ((char **) ids);
  g_task_set_source_tag (task, cb_job_actions_start);
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  cb_engine_act_async (engine, action, 0, ids, NULL, acted_cb, task);
}

char *
cb_job_actions_finish (CbEngine *engine, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
cb_job_actions_describe_removal (const char * const *ids, CbJobMeaning meaning, char **heading, char **body)
{
  guint n = g_strv_length ((GStrv) ids);

  if (n == 1)
    {
      *heading = g_strdup_printf (_ ("Remove Job %s?"), ids[0]);
      if (meaning == CB_JOB_MEANING_ACTIVE)
        *body = g_strdup (_ ("It is running at the moment; its worker will find it gone. Its data, result and log are deleted "
                             "from Redis and can’t be brought back."));
      else
        *body = g_strdup (_ ("Its data, result and log are deleted from Redis and can’t be brought back."));
      return;
    }

  {
    g_autofree char *count = cb_format_exact_count (n);
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; i < MIN (n, MAX_NAMED); i++)
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", ids[i]);
    if (n > MAX_NAMED)
      g_string_append (names, "…");
    *heading = g_strdup_printf (_ ("Remove %s Jobs?"), count);
    /* Translators: %s are ids of jobs */
    *body = g_strdup_printf (_ ("Jobs %s: their data, results and logs are deleted from Redis and can’t be brought back."),
                             names->str);
  }
}
