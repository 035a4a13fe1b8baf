/* cb-command-job-act.c: job retry, job promote, job remove, job priority
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * What is acted on is settled first: the ids that were given, or those that a selection found, and no others that come
 * to match meanwhile. Their number is told, then they are changed in portions, each job by one atomic script of the
 * engine. A job that can't be changed is told and does not keep the others.
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-queue-error.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  CbJobAction action;
  double priority;
  gboolean dry_run;
  guint64 n_done;
  guint64 n_failed;
} Act;

/* --- which jobs --- */

typedef struct
{
  GRegex *error_pattern;    /* (nullable) */
  GPtrArray *ids;           /* (element-type utf8) */
} Selection;

static gboolean
error_matches (CbJobRecord *record,
               GRegex *pattern)
{
  g_autofree char *text = NULL;
  const char *data;
  gsize length;

  if (record->error == NULL)
    return FALSE;

  data = g_bytes_get_data (record->error, &length);
  text = cb_text_display (data != NULL ? data : "", (gssize) length, FALSE);

  return g_regex_match (pattern, text, 0, NULL);
}

static gboolean
select_job (CbCli *cli,
            CbJobRecord *record,
            gpointer user_data)
{
  Selection *selection = user_data;

  if (selection->error_pattern == NULL || error_matches (record, selection->error_pattern))
    g_ptr_array_add (selection->ids, g_strdup (record->id));

  return !cb_cli_is_interrupted (cli);
}

static GPtrArray *
select_jobs (CbCli *cli,
             int *status)
{
  const char *pattern = cb_arguments_get_text (cli->arguments, "error-matching");
  const char *state = cb_arguments_get_text (cli->arguments, "state");
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) error = NULL;
  Selection selection = { .ids = ids };

  if (pattern != NULL)
    {
      if (!g_utf8_validate (pattern, -1, NULL))
        {
          *status = cb_cli_tell_usage (cli, _("--error-matching is no UTF-8"));
          return NULL;
        }
      regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, &error);
      if (regex == NULL)
        {
          *status = cb_cli_tell_usage (cli, _("--error-matching is no regular expression: %s"), error->message);
          return NULL;
        }
      selection.error_pattern = regex;
    }

  if (!cb_cli_connect_or_tell (cli, status) || !cb_cli_check_state (cli, state, status))
    return NULL;

  if (!cb_cli_each_job (cli, cb_arguments_get_text (cli->arguments, "type"), state, 0, -1, FALSE,
                        select_job, &selection, &error))
    {
      *status = cb_cli_tell_error (cli, error);
      return NULL;
    }
  if (cb_cli_is_interrupted (cli))
    {
      *status = CB_EXIT_INTERRUPTED;
      return NULL;
    }

  /* On standard error, beside the line a job on standard output. */
  cb_cli_complain (cli, g_dngettext (NULL, "%u job matches", "%u jobs match", ids->len), ids->len);

  return g_steal_pointer (&ids);
}

static gboolean
has_selection (CbCli *cli)
{
  return cb_arguments_has (cli->arguments, "type") || cb_arguments_has (cli->arguments, "state") ||
         cb_arguments_has (cli->arguments, "error-matching");
}

/* --- what became of them --- */

static const char *
get_verb (CbJobAction action)
{
  switch (action)
    {
    case CB_JOB_ACTION_RETRY:
      return "retry";
    case CB_JOB_ACTION_RETRY_AS_NEW:
      return "retry-as-new";
    case CB_JOB_ACTION_PROMOTE:
      return "promote";
    case CB_JOB_ACTION_REMOVE:
      return "remove";
    case CB_JOB_ACTION_PRIORITY:
      return "priority";
    default:
      g_assert_not_reached ();
    }
}

static void
print_json_outcome (CbCli *cli,
                    const Act *act,
                    const char *id,
                    const char *state,
                    const char *problem)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (id, writer);
  cb_json_writer_name (writer, "action");
  cb_json_writer_string (writer, get_verb (act->action), -1);
  if (state != NULL)
    {
      cb_json_writer_name (writer, "state");
      cb_json_writer_string (writer, state, -1);
    }
  cb_json_writer_name (writer, "done");
  cb_json_writer_boolean (writer, problem == NULL && !act->dry_run);
  if (problem != NULL)
    {
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, problem, -1);
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static void
tell_failed (CbCli *cli,
             Act *act,
             const char *id,
             const char *message)
{
  act->n_failed++;
  if (cli->json)
    print_json_outcome (cli, act, id, NULL, message);
  cb_cli_complain (cli, _("Job %s: %s"), id, message);
}

static void
tell_done (CbCli *cli,
           Act *act,
           const char *id)
{
  g_autofree char *shown = cb_text_display (id, -1, TRUE);

  act->n_done++;
  if (cli->json)
    {
      print_json_outcome (cli, act, id, NULL, NULL);
      return;
    }

  switch (act->action)
    {
    case CB_JOB_ACTION_RETRY:
      cb_cli_print (cli, _("Job %s retried, as it is: its attempts go on counting\n"), shown);
      break;
    case CB_JOB_ACTION_RETRY_AS_NEW:
      cb_cli_print (cli, _("Job %s retried as new: its attempts count from 0\n"), shown);
      break;
    case CB_JOB_ACTION_PROMOTE:
      cb_cli_print (cli, _("Job %s promoted\n"), shown);
      break;
    case CB_JOB_ACTION_REMOVE:
      cb_cli_print (cli, _("Job %s removed\n"), shown);
      break;
    case CB_JOB_ACTION_PRIORITY:
      {
        g_autofree char *number = cb_job_priority_to_text (act->priority);

        cb_cli_print (cli, _("Job %s has priority %s\n"), shown, number);
      }
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
tell_would_do (CbCli *cli,
               Act *act,
               CbJobRecord *record)
{
  g_autofree char *id = cb_text_display (record->id, -1, TRUE);
  g_autofree char *state = cb_text_display (record->state != NULL ? record->state : "", -1, TRUE);

  if (record->missing)
    {
      tell_failed (cli, act, record->id, _("There is no such job"));
      return;
    }
  if (act->action == CB_JOB_ACTION_PROMOTE && record->meaning != CB_JOB_MEANING_DELAYED)
    {
      g_autofree char *message = g_strdup_printf (_("It is %s, not delayed: it would be left as it is"), state);

      tell_failed (cli, act, record->id, message);
      return;
    }

  act->n_done++;
  if (cli->json)
    {
      print_json_outcome (cli, act, record->id, record->state, NULL);
      return;
    }

  switch (act->action)
    {
    case CB_JOB_ACTION_RETRY:
      cb_cli_print (cli, _("Job %s would be retried, as it is (it is %s)\n"), id, state);
      break;
    case CB_JOB_ACTION_RETRY_AS_NEW:
      cb_cli_print (cli, _("Job %s would be retried as new (it is %s)\n"), id, state);
      break;
    case CB_JOB_ACTION_PROMOTE:
      cb_cli_print (cli, _("Job %s would be promoted (it is %s)\n"), id, state);
      break;
    case CB_JOB_ACTION_REMOVE:
      cb_cli_print (cli, _("Job %s would be removed (it is %s)\n"), id, state);
      break;
    case CB_JOB_ACTION_PRIORITY:
      {
        g_autofree char *number = cb_job_priority_to_text (act->priority);

        cb_cli_print (cli, _("Job %s would get priority %s (it is %s)\n"), id, number, state);
      }
      break;
    default:
      g_assert_not_reached ();
    }
}

/* --- doing it --- */

static gboolean
look_at_portion (CbCli *cli,
                 Act *act,
                 const char * const *ids,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;
  CbEngine *engine = cb_cli_get_engine (cli);

  cb_engine_get_many_async (engine, ids, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  records = cb_engine_get_many_finish (engine, result, error);
  if (records == NULL)
    return FALSE;

  for (guint i = 0; i < records->len; i++)
    tell_would_do (cli, act, g_ptr_array_index (records, i));

  return TRUE;
}

/* Not cancelled by a signal: what was sent will be done, so its outcome is told. */
static gboolean
change_portion (CbCli *cli,
                Act *act,
                const char * const *ids,
                GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) outcomes = NULL;
  CbEngine *engine = cb_cli_get_engine (cli);

  cb_engine_act_async (engine, act->action, act->priority, ids, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  outcomes = cb_engine_act_finish (engine, result, error);
  if (outcomes == NULL)
    return FALSE;

  for (guint i = 0; i < outcomes->len; i++)
    {
      CbJobOutcome *outcome = g_ptr_array_index (outcomes, i);

      if (outcome->error == NULL)
        tell_done (cli, act, outcome->id);
      else
        tell_failed (cli, act, outcome->id, outcome->error->message);
    }

  return TRUE;
}

static int
act_on (CbCli *cli,
        Act *act,
        const char * const *ids,
        guint n_ids)
{
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  act->dry_run = cb_arguments_has (cli->arguments, "dry-run");
  for (guint from = 0; from < n_ids && !cb_cli_is_interrupted (cli); from += CB_CLI_PORTION)
    {
      guint n = MIN (n_ids - from, CB_CLI_PORTION);
      g_autoptr (GPtrArray) portion = g_ptr_array_new ();
      g_autoptr (GError) error = NULL;

      for (guint i = 0; i < n; i++)
        g_ptr_array_add (portion, (gpointer) ids[from + i]);
      g_ptr_array_add (portion, NULL);

      if (!(act->dry_run ? look_at_portion : change_portion) (cli, act, (const char * const *) portion->pdata, &error))
        return cb_cli_tell_error (cli, error);
    }

  if (cb_cli_is_interrupted (cli))
    return CB_EXIT_INTERRUPTED;
  return act->n_failed > 0 ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

static int
run (CbCli *cli,
     Act *act,
     guint n_ids)
{
  const char * const *ids = cb_arguments_get_words (cli->arguments, 0);

  if (n_ids > 0 && has_selection (cli))
    return cb_cli_tell_usage (cli, _("Ids and a selection can’t be given together"));
  if (n_ids == 0 && !has_selection (cli))
    return cb_cli_tell_usage (cli, _("Which jobs? Ids are missing, or --type, --state or --error-matching"));

  if (n_ids == 0)
    {
      g_autoptr (GPtrArray) found = NULL;
      int status;

      found = select_jobs (cli, &status);
      if (found == NULL)
        return status;
      return act_on (cli, act, (const char * const *) found->pdata, found->len);
    }

  return act_on (cli, act, ids, n_ids);
}

static int
run_retry (CbCli *cli)
{
  Act act = { .action = cb_arguments_has (cli->arguments, "as-new") ? CB_JOB_ACTION_RETRY_AS_NEW : CB_JOB_ACTION_RETRY };

  return run (cli, &act, cb_arguments_get_length (cli->arguments));
}

static int
run_promote (CbCli *cli)
{
  Act act = { .action = CB_JOB_ACTION_PROMOTE };

  return run (cli, &act, cb_arguments_get_length (cli->arguments));
}

static int
run_remove (CbCli *cli)
{
  Act act = { .action = CB_JOB_ACTION_REMOVE };

  return run (cli, &act, cb_arguments_get_length (cli->arguments));
}

static int
run_priority (CbCli *cli)
{
  guint n_words = cb_arguments_get_length (cli->arguments);
  Act act = { .action = CB_JOB_ACTION_PRIORITY };
  g_autoptr (GError) error = NULL;

  /* The last word, as in "mv FILE… DIRECTORY". */
  if (!cb_job_priority_parse (cb_arguments_get_word (cli->arguments, n_words - 1), &act.priority, &error))
    return cb_cli_tell_usage (cli, "%s", error->message);

  return run (cli, &act, n_words - 1);
}

static const CbOption retry_options[] = {
  { "as-new", CB_OPTION_FLAG, NULL, N_("as if they had never run: attempts from 0, no error, progress or result") },
  CB_CLI_SELECTION_OPTIONS,
  { "error-matching", CB_OPTION_TEXT, "REGEX", N_("only jobs whose last error matches") },
  { "dry-run", CB_OPTION_FLAG, NULL, N_("only say what would be done") },
  { NULL }
};

static const CbOption act_options[] = {
  CB_CLI_SELECTION_OPTIONS,
  { "error-matching", CB_OPTION_TEXT, "REGEX", N_("only jobs whose last error matches") },
  { "dry-run", CB_OPTION_FLAG, NULL, N_("only say what would be done") },
  { NULL }
};

#define SELECTION_DESCRIPTION \
  N_("The jobs are given by their ids or by a selection. The status is 1 when one of them could not be changed.")

const CbCliCommand cb_command_job_act[] = {
  { .name = "job retry",
    .usage = "ID…",
    .summary = N_("Put jobs back into their queue, to be run again"),
    .description = N_("The jobs go on as they are: the attempts made still count, and one that has none left is run once more. With "
                      "--as-new they begin anew. Jobs that are complete can be run again, too. The jobs are given by their ids or "
                      "by a selection. The status is 1 when one of them could not be changed."),
    .options = retry_options,
    .max_words = -1,
    .writes = TRUE,
    .run = run_retry },
  { .name = "job promote",
    .usage = "ID…",
    .summary = N_("Make delayed jobs due now"),
    .description = SELECTION_DESCRIPTION,
    .options = act_options,
    .max_words = -1,
    .writes = TRUE,
    .run = run_promote },
  { .name = "job remove",
    .usage = "ID…",
    .summary = N_("Remove jobs with their logs"),
    .description = SELECTION_DESCRIPTION,
    .options = act_options,
    .max_words = -1,
    .writes = TRUE,
    .run = run_remove },
  { .name = "job priority",
    .usage = "ID… PRIORITY",
    .summary = N_("Give jobs another priority"),
    .description = N_("PRIORITY is low, normal, medium, high, critical or a number; smaller ones come first. The jobs "
                      "are given by their ids or by a selection."),
    .options = act_options,
    .min_words = 1,
    .max_words = -1,
    .writes = TRUE,
    .run = run_priority },
  { NULL }
};
