/* cb-command-job-act.c: job retry, job promote, job remove, job priority, job move
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * What is acted on is settled first: the ids that were given, or those that a selection found, and no others that come
 * to match meanwhile. Their number is told, then they are changed (CbBulk), each job by one atomic script of the engine,
 * and only as it was found. A job that can't be changed is told and does not keep the others. What is destroyed is written
 * down, for “callboardctl undo”.
 */

#include "config.h"

#include "cb-bulk.h"
#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-job-find.h"
#include "cb-queue-error.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  CbCli *cli;
  CbDeed *deed;             /* (owned) */
  CbBulk *bulk;             /* (owned) (nullable) */
  gboolean dry_run;
  guint n_told;             /* of how many it was told what became of them */
  guint64 n_failed;
  char *last_failure;       /* (owned) (nullable) the message that was told last */
  guint n_same;             /* how many jobs failed with it since */
} Act;

/* --- which jobs --- */

typedef struct
{
  GRegex *error_pattern;    /* (nullable) */
  CbBulk *bulk;
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

static void
hit_cb (CbJobFind *find,
        CbJobRecord *record,
        gpointer user_data)
{
  Selection *selection = user_data;

  if (selection->error_pattern == NULL || error_matches (record, selection->error_pattern))
    cb_bulk_add_record (selection->bulk, record);
}

/* Returns the exit status when there is nothing to go on with, else -1. */
static int
select_jobs (CbCli *cli,
             Act *act)
{
  static const char * const told[] = { "type", "state", "error-matching", "filter", "older-than" };
  const char *pattern = cb_arguments_get_text (cli->arguments, "error-matching");
  const char *type = cb_arguments_get_text (cli->arguments, "type");
  const char *state = cb_arguments_get_text (cli->arguments, "state");
  g_autoptr (GString) summary = g_string_new (NULL);
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (CbJobFind) find = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobFilter *filter;
  Selection selection = { .bulk = act->bulk };
  int status;
  guint n;

  if (pattern != NULL)
    {
      if (!g_utf8_validate (pattern, -1, NULL))
        return cb_cli_tell_usage (cli, _("--error-matching is no UTF-8"));
      regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, &error);
      if (regex == NULL)
        return cb_cli_tell_usage (cli, _("--error-matching is no regular expression: %s"), error->message);
      selection.error_pattern = regex;
    }
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      const char *value = cb_arguments_get_text (cli->arguments, told[i]);

      if (value != NULL)
        g_string_append_printf (summary, " --%s %s", told[i], value);
    }
  if (!cb_cli_check_state (cli, state, &status) || !cb_cli_get_filter (cli, &filter, &status))
    return status;

  find = cb_job_find_new (cb_cli_get_engine (cli), type, state, filter);
  g_object_set (find, "reversed", FALSE, NULL);
  g_signal_connect (find, "hit", G_CALLBACK (hit_cb), &selection);
  cb_job_find_run_async (find, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_job_find_run_finish (find, result, &error))
    return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : cb_cli_tell_error (cli, error);

  cb_bulk_set_summary (act->bulk, summary->str + 1);
  /* On standard error, beside the line a job on standard output. */
  n = cb_bulk_get_n_total (act->bulk);
  cb_cli_complain (cli, g_dngettext (NULL, "%u job matches", "%u jobs match", n), n);

  return -1;
}

/* An empty filter selects nothing: it would be all jobs there are, by a variable that was not set. */
static gboolean
has_selection (CbCli *cli)
{
  const char *filter = cb_arguments_get_text (cli->arguments, "filter");

  return cb_arguments_has (cli->arguments, "type") || cb_arguments_has (cli->arguments, "state") ||
         cb_arguments_has (cli->arguments, "error-matching") || cb_arguments_has (cli->arguments, "older-than") ||
         (filter != NULL && filter[strspn (filter, " \t\n")] != '\0');
}

/* --- what became of them --- */

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
  cb_json_writer_string (writer, cb_deed_kind_word (act->deed->kind), -1);
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
tell_same (CbCli *cli,
           Act *act)
{
  guint n = act->n_same;

  g_clear_pointer (&act->last_failure, g_free);
  act->n_same = 0;
  if (n > 0)
    cb_cli_complain (cli, g_dngettext (NULL, "%u more job: the same", "%u more jobs: the same", n), n);
}

/* What is refused to one job is refused to thousands: for a person once is enough. */
static void
tell_failed (CbCli *cli,
             Act *act,
             const char *id,
             const char *message)
{
  g_autofree char *name = g_strdup_printf ("Job %s ", id);

  act->n_failed++;
  if (cli->json)
    print_json_outcome (cli, act, id, NULL, message);

  if (g_strcmp0 (act->last_failure, message) == 0)
    {
      act->n_same++;
      return;
    }
  tell_same (cli, act);
  act->last_failure = g_strdup (message);

  /* Most sentences begin with the job they are about. */
  if (g_str_has_prefix (message, name))
    cb_cli_complain (cli, "%s", message);
  else
    cb_cli_complain (cli, _("Job %s: %s"), id, message);
}

static void
tell_done (CbCli *cli,
           Act *act,
           const char *id)
{
  g_autofree char *shown = cb_text_display (id, -1, TRUE);

  tell_same (cli, act);
  if (cli->json)
    {
      print_json_outcome (cli, act, id, NULL, NULL);
      return;
    }

  switch (act->deed->kind)
    {
    case CB_DEED_RETRY:
      cb_cli_print (cli, _("Job %s retried, as it is: its attempts go on counting\n"), shown);
      break;
    case CB_DEED_RETRY_AS_NEW:
      cb_cli_print (cli, _("Job %s retried as new: its attempts count from 0\n"), shown);
      break;
    case CB_DEED_PROMOTE:
      cb_cli_print (cli, _("Job %s promoted\n"), shown);
      break;
    case CB_DEED_REMOVE:
      cb_cli_print (cli, _("Job %s removed\n"), shown);
      break;
    case CB_DEED_PRIORITY:
      {
        g_autofree char *number = cb_job_priority_to_text (act->deed->number);

        cb_cli_print (cli, _("Job %s has priority %s\n"), shown, number);
      }
      break;
    case CB_DEED_MOVE:
      cb_cli_print (cli, _("Job %s moved: it is %s\n"), shown, act->deed->text);
      break;
    case CB_DEED_UPDATE:
    case CB_DEED_REPAIR:
    case CB_N_DEEDS:
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
  if (act->deed->kind == CB_DEED_PROMOTE && record->meaning != CB_JOB_MEANING_DELAYED)
    {
      g_autofree char *message = g_strdup_printf (_("It is %s, not delayed: it would be left as it is"), state);

      tell_failed (cli, act, record->id, message);
      return;
    }

  if (cli->json)
    {
      print_json_outcome (cli, act, record->id, record->state, NULL);
      return;
    }

  switch (act->deed->kind)
    {
    case CB_DEED_RETRY:
      cb_cli_print (cli, _("Job %s would be retried, as it is (it is %s)\n"), id, state);
      break;
    case CB_DEED_RETRY_AS_NEW:
      cb_cli_print (cli, _("Job %s would be retried as new (it is %s)\n"), id, state);
      break;
    case CB_DEED_PROMOTE:
      cb_cli_print (cli, _("Job %s would be promoted (it is %s)\n"), id, state);
      break;
    case CB_DEED_REMOVE:
      cb_cli_print (cli, _("Job %s would be removed (it is %s)\n"), id, state);
      break;
    case CB_DEED_PRIORITY:
      {
        g_autofree char *number = cb_job_priority_to_text (act->deed->number);

        cb_cli_print (cli, _("Job %s would get priority %s (it is %s)\n"), id, number, state);
      }
      break;
    case CB_DEED_MOVE:
      cb_cli_print (cli, _("Job %s would be made %s (it is %s)\n"), id, act->deed->text, state);
      break;
    case CB_DEED_UPDATE:
    case CB_DEED_REPAIR:
    case CB_N_DEEDS:
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

static gboolean
look_at_all (CbCli *cli,
             Act *act,
             GError **error)
{
  guint n_ids = cb_bulk_get_n_total (act->bulk);

  for (guint from = 0; from < n_ids && !cb_cli_is_interrupted (cli); from += CB_CLI_PORTION)
    {
      g_autoptr (GPtrArray) portion = g_ptr_array_new ();

      for (guint i = from; i < MIN (n_ids, from + CB_CLI_PORTION); i++)
        {
          const char *id;

          cb_bulk_get_outcome (act->bulk, i, &id, NULL, NULL);
          g_ptr_array_add (portion, (gpointer) id);
        }
      g_ptr_array_add (portion, NULL);
      if (!look_at_portion (cli, act, (const char * const *) portion->pdata, error))
        return FALSE;
    }
  tell_same (cli, act);

  return TRUE;
}

/* In the order in which they were given; the few that are looked at once more keep those behind them waiting. */
static void
tell_settled (Act *act,
              gboolean all)
{
  for (; act->n_told < cb_bulk_get_n_total (act->bulk); act->n_told++)
    {
      const char *id, *message;
      CbBulkOutcome outcome = cb_bulk_get_outcome (act->bulk, act->n_told, &id, NULL, &message);

      if (outcome == CB_BULK_DONE)
        tell_done (act->cli, act, id);
      else if (outcome != CB_BULK_PENDING)
        tell_failed (act->cli, act, id, message);
      else if (!all)
        return;
    }
}

static void
counted_cb (CbBulk *bulk,
            GParamSpec *pspec,
            gpointer user_data)
{
  tell_settled (user_data, FALSE);
}

/* A signal ends it between two portions: what was sent will be done, so its outcome is told. */
static gboolean
change_all (CbCli *cli,
            Act *act,
            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  gboolean ended;

  g_signal_connect (act->bulk, "notify::progress", G_CALLBACK (counted_cb), act);
  cb_bulk_run_async (act->bulk, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  ended = cb_bulk_run_finish (act->bulk, result, error);
  tell_settled (act, TRUE);
  tell_same (cli, act);

  if (cb_bulk_get_notice (act->bulk) != NULL)
    cb_cli_complain (cli, "%s", cb_bulk_get_notice (act->bulk));
  /* For a person; a script finds it by “undo --list”. */
  if (cb_bulk_get_undo_id (act->bulk) != NULL && isatty (STDERR_FILENO))
    cb_cli_complain (cli, _("“callboardctl undo %s” undoes it"), cb_bulk_get_undo_id (act->bulk));

  return ended;
}

static int
act_on (CbCli *cli,
        Act *act,
        guint n_ids)
{
  const char * const *ids = cb_arguments_get_words (cli->arguments, 0);
  gboolean no_undo = cb_arguments_has (cli->arguments, "no-undo");
  g_autoptr (CbJournal) journal = no_undo ? NULL : cb_journal_new (NULL, "command");
  g_autoptr (GError) error = NULL;
  int status;

  if (n_ids > 0 && has_selection (cli))
    return cb_cli_tell_usage (cli, _("Ids and a selection can’t be given together"));
  if (n_ids == 0 && !has_selection (cli))
    return cb_cli_tell_usage (cli, _("Which jobs? Ids are missing, or --type, --state, --filter or another selection"));
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  act->cli = cli;
  act->dry_run = cb_arguments_has (cli->arguments, "dry-run");
  act->bulk = cb_bulk_new (cb_cli_get_engine (cli), journal, act->deed);
  for (guint i = 0; i < n_ids; i++)
    cb_bulk_add (act->bulk, ids[i], NULL, -1);
  if (n_ids == 0)
    {
      status = select_jobs (cli, act);
      if (status >= 0)
        return status;
    }

  if (!(act->dry_run ? look_at_all : change_all) (cli, act, &error) && !cb_cli_is_interrupted (cli))
    {
      status = cb_cli_tell_error (cli, error);
      cb_cli_tell_no_undo (cli, act->bulk);
      return status;
    }

  cb_cli_tell_no_undo (cli, act->bulk);
  if (cb_cli_is_interrupted (cli))
    return CB_EXIT_INTERRUPTED;
  return act->n_failed > 0 ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

/* @deed is taken. */
static int
run (CbCli *cli,
     CbDeed *deed,
     guint n_ids)
{
  Act act = { .deed = deed };
  int status = act_on (cli, &act, n_ids);

  g_clear_object (&act.bulk);
  g_free (act.last_failure);
  cb_deed_free (deed);

  return status;
}

static int
run_retry (CbCli *cli)
{
  CbDeedKind kind = cb_arguments_has (cli->arguments, "as-new") ? CB_DEED_RETRY_AS_NEW : CB_DEED_RETRY;

  return run (cli, cb_deed_new (kind, 0, NULL), cb_arguments_get_length (cli->arguments));
}

static int
run_promote (CbCli *cli)
{
  return run (cli, cb_deed_new (CB_DEED_PROMOTE, 0, NULL), cb_arguments_get_length (cli->arguments));
}

static int
run_remove (CbCli *cli)
{
  return run (cli, cb_deed_new (CB_DEED_REMOVE, 0, NULL), cb_arguments_get_length (cli->arguments));
}

/* The last word of these two, as in "mv FILE… DIRECTORY". */
static int
run_priority (CbCli *cli)
{
  guint n_words = cb_arguments_get_length (cli->arguments);
  g_autoptr (GError) error = NULL;
  double priority;

  if (!cb_job_priority_parse (cb_arguments_get_word (cli->arguments, n_words - 1), &priority, &error))
    return cb_cli_tell_usage (cli, "%s", error->message);

  return run (cli, cb_deed_new (CB_DEED_PRIORITY, priority, NULL), n_words - 1);
}

static int
run_move (CbCli *cli)
{
  guint n_words = cb_arguments_get_length (cli->arguments);
  const char *state = cb_arguments_get_word (cli->arguments, n_words - 1);
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;
  if (cb_engine_find_state (cb_cli_get_engine (cli), state) < 0)
    {
      g_autofree char *shown = cb_text_display (state, -1, TRUE);

      return cb_cli_tell_usage (cli, _("The last word is the state that the jobs are to be in, and “%s” is none"), shown);
    }

  return run (cli, cb_deed_new (CB_DEED_MOVE, 0, state), n_words - 1);
}

static const CbOption retry_options[] = {
  { "as-new", CB_OPTION_FLAG, NULL, N_("as if they had never run: attempts from 0, no error, progress or result") },
  CB_CLI_SELECTION_OPTIONS,
  { "error-matching", CB_OPTION_TEXT, "REGEX", N_("only jobs whose last error matches") },
  { "dry-run", CB_OPTION_FLAG, NULL, N_("only say what would be done") },
  { "no-undo", CB_OPTION_FLAG, NULL, N_("don’t write down what is destroyed: it can’t be undone then") },
  { NULL }
};

static const CbOption act_options[] = {
  CB_CLI_SELECTION_OPTIONS,
  { "error-matching", CB_OPTION_TEXT, "REGEX", N_("only jobs whose last error matches") },
  { "dry-run", CB_OPTION_FLAG, NULL, N_("only say what would be done") },
  { "no-undo", CB_OPTION_FLAG, NULL, N_("don’t write down what is destroyed: it can’t be undone then") },
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
  { .name = "job move",
    .usage = "ID… STATE",
    .summary = N_("Put jobs into another state by hand"),
    .description = N_("Nothing but the state changes: a job that is made active is run by nobody, one that is made complete has no "
                      "result. The jobs are given by their ids or by a selection."),
    .options = act_options,
    .min_words = 1,
    .max_words = -1,
    .writes = TRUE,
    .run = run_move },
  { NULL }
};
