/* cb-job-actions.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-actions.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-undoing.h"

/* How many ids a question names before it only counts. */
#define MAX_NAMED 12
/* How many it names of those that a search found. */
#define N_NAMED 5
/* How many refusals a report names. */
#define MAX_LISTED 50

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

static CbDeedKind
get_deed (CbJobAction action)
{
  switch (action)
    {
    case CB_JOB_ACTION_RETRY:
      return CB_DEED_RETRY;
    case CB_JOB_ACTION_RETRY_AS_NEW:
      return CB_DEED_RETRY_AS_NEW;
    case CB_JOB_ACTION_PROMOTE:
      return CB_DEED_PROMOTE;
    case CB_JOB_ACTION_REMOVE:
      return CB_DEED_REMOVE;
    case CB_JOB_ACTION_PRIORITY:
    default:
      return CB_DEED_PRIORITY;
    }
}

/* @id (nullable): where it is one */
static char *
describe_success (CbDeedKind kind, const char *id, guint n)
{
  g_autofree char *count = cb_format_exact_count (n);

  switch (kind)
    {
    case CB_DEED_RETRY:
      return id != NULL ? g_strdup_printf (_ ("Job %s is queued again"), id)
                        : g_strdup_printf (ngettext ("%s job is queued again", "%s jobs are queued again", n), count);
    case CB_DEED_RETRY_AS_NEW:
      return id != NULL ? g_strdup_printf (_ ("Job %s is queued again as a new one"), id)
                        : g_strdup_printf (ngettext ("%s job is queued again as a new one", "%s jobs are queued again as new ones", n), count);
    case CB_DEED_PROMOTE:
      return id != NULL ? g_strdup_printf (_ ("Job %s may run now"), id)
                        : g_strdup_printf (ngettext ("%s job may run now", "%s jobs may run now", n), count);
    case CB_DEED_REMOVE:
      return id != NULL ? g_strdup_printf (_ ("Job %s removed"), id)
                        : g_strdup_printf (ngettext ("%s job removed", "%s jobs removed", n), count);
    case CB_DEED_PRIORITY:
      return id != NULL ? g_strdup_printf (_ ("Job %s has another priority"), id)
                        : g_strdup_printf (ngettext ("%s job has another priority", "%s jobs have another priority", n), count);
    case CB_DEED_MOVE:
    case CB_DEED_UPDATE:
    case CB_N_DEEDS:
    default:
      return id != NULL ? g_strdup_printf (_ ("Job %s changed"), id)
                        : g_strdup_printf (ngettext ("%s job changed", "%s jobs changed", n), count);
    }
}

static char *
describe_outcomes (const Request *request, GPtrArray *outcomes)
{
  const GError *first = NULL;
  g_autofree char *success = NULL;
  g_autofree char *count = NULL;
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

  success = describe_success (get_deed (request->action), outcomes->len == 1 ? request->ids[0] : NULL, n_done);
  if (first == NULL)
    return g_steal_pointer (&success);

  count = cb_format_exact_count (outcomes->len - n_done);
  /* Translators: what was done, how many could not be, and why for the first of them */
  return g_strdup_printf (ngettext ("%s; %s could not be: %s", "%s; %s could not be: %s", outcomes->len - n_done), success, count,
                          first->message);
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
cb_job_report_free (CbJobReport *self)
{
  g_free (self->text);
  g_free (self->details);
  g_free (self->undo_id);
  g_free (self);
}

/* Which could not be, and why. The sentences name the job. */
static char *
list_refusals (CbBulk *bulk)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = cb_bulk_get_n_total (bulk);
  guint n_listed = 0, n_left = 0;

  for (guint i = 0; i < n; i++)
    {
      const char *id, *message;
      CbBulkOutcome outcome = cb_bulk_get_outcome (bulk, i, &id, NULL, &message);

      if (outcome == CB_BULK_DONE || outcome == CB_BULK_PENDING)
        continue;
      if (n_listed == MAX_LISTED)
        {
          n_left++;
          continue;
        }
      n_listed++;
      if (message != NULL)
        g_string_append_printf (text, "%s\n", message);
      else
        /* Translators: %s is the number of a job; the connection was lost before the server had answered */
        g_string_append_printf (text, _ ("Job %s: it is not known what became of it\n"), id);
    }
  if (n_left > 0)
    {
      g_autofree char *count = cb_format_exact_count (n_left);

      g_string_append_printf (text, ngettext ("and %s more", "and %s more", n_left), count);
    }

  return n_listed > 0 ? g_strdup (text->str) : NULL;
}

static const char *
get_first_refusal (CbBulk *bulk)
{
  for (guint i = 0; i < cb_bulk_get_n_total (bulk); i++)
    {
      const char *message;
      CbBulkOutcome outcome = cb_bulk_get_outcome (bulk, i, NULL, NULL, &message);

      if (outcome != CB_BULK_DONE && outcome != CB_BULK_PENDING && message != NULL)
        return message;
    }

  return NULL;
}

CbJobReport *
cb_job_actions_report (CbBulk *bulk, const GError *error)
{
  CbJobReport *report = g_new0 (CbJobReport, 1);
  guint n = cb_bulk_get_n_total (bulk);
  guint n_done = cb_bulk_get_n (bulk, CB_BULK_DONE);
  guint n_pending = cb_bulk_get_n (bulk, CB_BULK_PENDING);
  guint n_refused = n - n_done - n_pending;
  g_autofree char *count = cb_format_exact_count (n_refused);
  const char *first = get_first_refusal (bulk);
  const char *id = NULL;
  g_autofree char *success = NULL;

  report->undo_id = g_strdup (cb_bulk_get_undo_id (bulk));
  if (n == 1)
    cb_bulk_get_outcome (bulk, 0, &id, NULL, NULL);
  else if (n_refused > 0)
    report->details = list_refusals (bulk);

  success = describe_success (cb_bulk_get_deed (bulk)->kind, id, n_done);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    report->text = cb_undoing_describe_stop (success, n_pending);
  else if (error != NULL && n_done > 0)
    /* Translators: %s says what was done, and then why it did not go on */
    report->text = g_strdup_printf (_ ("%s; then it ended: %s"), success, error->message);
  else if (error != NULL)
    report->text = g_strdup (error->message);
  else if (n_done == 0 && first != NULL)
    report->text = g_strdup (first);
  else if (n_refused > 0)
    report->text = g_strdup_printf (ngettext ("%s; %s could not be: %s", "%s; %s could not be: %s", n_refused), success, count,
                                    first != NULL ? first : "");
  else
    report->text = g_steal_pointer (&success);

  return report;
}

const char *
cb_job_actions_get_doing (CbDeedKind kind)
{
  switch (kind)
    {
    case CB_DEED_RETRY:
    case CB_DEED_RETRY_AS_NEW:
      return _ ("Queueing jobs again…");
    case CB_DEED_PROMOTE:
      return _ ("Letting jobs run now…");
    case CB_DEED_REMOVE:
      return _ ("Removing jobs…");
    case CB_DEED_PRIORITY:
    case CB_DEED_MOVE:
    case CB_DEED_UPDATE:
    case CB_N_DEEDS:
    default:
      return _ ("Changing jobs…");
    }
}

char *
cb_job_actions_describe_question (CbBulk *bulk)
{
  guint n = cb_bulk_get_n_total (bulk);
  g_autofree char *count = cb_format_exact_count (n);

  switch (cb_bulk_get_deed (bulk)->kind)
    {
    case CB_DEED_RETRY:
    case CB_DEED_RETRY_AS_NEW:
      return g_strdup_printf (ngettext ("Queue %s Job Again?", "Queue %s Jobs Again?", n), count);
    case CB_DEED_PROMOTE:
      return g_strdup_printf (ngettext ("Let %s Job Run Now?", "Let %s Jobs Run Now?", n), count);
    case CB_DEED_REMOVE:
      return g_strdup_printf (ngettext ("Remove %s Job?", "Remove %s Jobs?", n), count);
    case CB_DEED_PRIORITY:
    case CB_DEED_MOVE:
    case CB_DEED_UPDATE:
    case CB_DEED_REPAIR:
    case CB_N_DEEDS:
    default:
      return g_strdup_printf (ngettext ("Change %s Job?", "Change %s Jobs?", n), count);
    }
}

char *
cb_job_actions_name_jobs (CbBulk *bulk)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = cb_bulk_get_n_total (bulk);

  for (guint i = 0; i < MIN (n, N_NAMED); i++)
    {
      const char *id;

      cb_bulk_get_outcome (bulk, i, &id, NULL, NULL);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", id);
    }
  g_string_append (text, n > N_NAMED ? ", …\n\n" : ".\n\n");
  g_string_append (text, _ ("It can be undone."));

  return g_string_free (g_steal_pointer (&text), FALSE);
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
