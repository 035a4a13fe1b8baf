/* cb-command-job-update.c: job update
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bulk.h"
#include "cb-cli-jobs.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <string.h>
#include <unistd.h>

/* Each option is checked as it is taken, so that it can be named. */
static CbJobChanges *
make_changes (CbCli *cli,
              int *status)
{
  CbArguments *arguments = cli->arguments;
  g_autoptr (CbJobChanges) changes = cb_job_changes_new ();
  const char *data = cb_arguments_get_text (arguments, "data");
  const char *priority = cb_arguments_get_text (arguments, "priority");
  const char *backoff = cb_arguments_get_text (arguments, "backoff");
  g_autoptr (GError) error = NULL;
  const char *option;

  option = "--data";
  if (data != NULL)
    {
      changes->which |= CB_JOB_CHANGE_DATA;
      changes->data = g_bytes_new (data, strlen (data));
      if (!cb_job_changes_check (changes, &error))
        goto wrong;
    }

  option = "--priority";
  if (priority != NULL)
    {
      changes->which |= CB_JOB_CHANGE_PRIORITY;
      if (!cb_job_priority_parse (priority, &changes->priority, &error))
        goto wrong;
    }

  option = "--attempts";
  if (cb_arguments_has (arguments, "attempts"))
    {
      changes->which |= CB_JOB_CHANGE_ATTEMPTS;
      changes->attempts = (int) cb_arguments_get_number (arguments, "attempts", 1);
    }

  option = "--delay";
  if (cb_arguments_has (arguments, "delay"))
    {
      changes->which |= CB_JOB_CHANGE_DELAY;
      changes->delay_msec = cb_arguments_get_number (arguments, "delay", 0);
      if (!cb_job_changes_check (changes, &error))
        goto wrong;
    }

  option = "--ttl";
  if (cb_arguments_has (arguments, "ttl"))
    {
      changes->which |= CB_JOB_CHANGE_TTL;
      changes->ttl_msec = cb_arguments_get_number (arguments, "ttl", 0);
      if (!cb_job_changes_check (changes, &error))
        goto wrong;
    }

  option = "--backoff";
  if (backoff != NULL)
    {
      changes->which |= CB_JOB_CHANGE_BACKOFF;
      changes->backoff = strcmp (backoff, "none") != 0 ? cb_cli_expand_backoff (backoff) : NULL;
      if (!cb_job_changes_check (changes, &error))
        goto wrong;
    }

  if (cb_arguments_has (arguments, "remove-on-complete") || cb_arguments_has (arguments, "keep-on-complete"))
    {
      changes->which |= CB_JOB_CHANGE_REMOVE_ON_COMPLETE;
      changes->remove_on_complete = cb_arguments_has (arguments, "remove-on-complete");
      if (changes->remove_on_complete && cb_arguments_has (arguments, "keep-on-complete"))
        {
          *status = cb_cli_tell_usage (cli, _("--remove-on-complete and --keep-on-complete can’t be given together"));
          return NULL;
        }
    }

  if (changes->which == 0)
    {
      *status = cb_cli_tell_usage (cli, _("What is to be changed? --data, --priority, --attempts, --delay, --ttl or another option is missing"));
      return NULL;
    }

  return g_steal_pointer (&changes);

wrong:
  *status = cb_cli_tell_usage (cli, "%s: %s", option, error->message);
  return NULL;
}

static void
print_json_outcome (CbCli *cli,
                    const char *id,
                    const char *state,
                    const char *problem)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (id, writer);
  cb_json_writer_name (writer, "action");
  cb_json_writer_string (writer, "update", -1);
  if (state != NULL)
    {
      cb_json_writer_name (writer, "state");
      cb_json_writer_string (writer, state, -1);
    }
  cb_json_writer_name (writer, "done");
  cb_json_writer_boolean (writer, problem == NULL);
  if (problem != NULL)
    {
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, problem, -1);
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

/* In which it is now; "" when it is gone. */
static char *
read_state (CbCli *cli,
            const char *id)
{
  const char *ids[] = { id, NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) records = NULL;

  cb_engine_get_many_async (cb_cli_get_engine (cli), ids, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  records = cb_engine_get_many_finish (cb_cli_get_engine (cli), result, NULL);

  return records != NULL ? cb_text_display (((CbJobRecord *) g_ptr_array_index (records, 0))->state, -1, TRUE) : g_strdup ("");
}

static int
run_update (CbCli *cli)
{
  const char *id = cb_arguments_get_word (cli->arguments, 0);
  g_autofree char *shown = cb_text_display (id, -1, TRUE);
  g_autoptr (CbJobChanges) changes = NULL;
  g_autoptr (CbDeed) deed = NULL;
  g_autoptr (CbJournal) journal = NULL;
  g_autoptr (CbBulk) bulk = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *state_now = NULL;
  const char *state = cb_arguments_get_text (cli->arguments, "if-state");
  gint64 updated_at = -1;
  const char *message;
  int status;

  if (cb_arguments_has (cli->arguments, "if-updated-at") && state == NULL)
    return cb_cli_tell_usage (cli, _("--if-updated-at needs --if-state"));
  if (cb_arguments_has (cli->arguments, "if-updated-at"))
    updated_at = cb_arguments_get_number (cli->arguments, "if-updated-at", 0) * 1000;
  changes = make_changes (cli, &status);
  if (changes == NULL)
    return status;
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  /* Not cancelled by a signal: what was sent will be done, so its outcome is told. */
  deed = cb_deed_new_update (changes);
  journal = cb_arguments_has (cli->arguments, "no-undo") ? NULL : cb_journal_new (NULL, "command");
  bulk = cb_bulk_new (cb_cli_get_engine (cli), journal, deed);
  cb_bulk_add (bulk, id, state, updated_at);
  cb_bulk_run_async (bulk, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_bulk_run_finish (bulk, result, &error))
    {
      status = cb_cli_tell_error (cli, error);
      cb_cli_tell_no_undo (cli, bulk);
      return status;
    }
  if (cb_bulk_get_outcome (bulk, 0, NULL, NULL, &message) != CB_BULK_DONE)
    {
      if (cli->json)
        print_json_outcome (cli, id, NULL, message);
      cb_cli_complain (cli, "%s", message);
      cb_cli_tell_no_undo (cli, bulk);
      return CB_EXIT_FAILED;
    }

  state_now = read_state (cli, id);
  if (cli->json)
    print_json_outcome (cli, id, state_now, NULL);
  else
    cb_cli_print (cli, _("Job %s updated; it is %s\n"), shown, state_now);
  if (cb_bulk_get_undo_id (bulk) != NULL && isatty (STDERR_FILENO))
    cb_cli_complain (cli, _("“callboardctl undo %s” undoes it"), cb_bulk_get_undo_id (bulk));
  return CB_EXIT_DONE;
}

static const CbOption update_options[] = {
  { "data", CB_OPTION_TEXT, "JSON", N_("what the job is about, stored as it is") },
  { "priority", CB_OPTION_TEXT, "P", N_("low, normal, medium, high, critical or a number; smaller comes first") },
  { "attempts", CB_OPTION_NUMBER, "N", N_("how often it is tried in all"), 1, G_MAXINT },
  { "delay", CB_OPTION_NUMBER, "MS", N_("when it is due, from now on; 0: it waits to be run at once"), 0, G_MAXINT64 },
  { "backoff", CB_OPTION_TEXT, "HOW",
    N_("the wait before the next attempt: none, true (the delay again), fixed:MS, exponential:MS[:MAX] or their JSON") },
  { "ttl", CB_OPTION_NUMBER, "MS", N_("how long one run may take; 0: as long as it likes"), 0, G_MAXINT64 },
  { "remove-on-complete", CB_OPTION_FLAG, NULL, N_("remove it when it is complete") },
  { "keep-on-complete", CB_OPTION_FLAG, NULL, N_("keep it when it is complete") },
  { "if-state", CB_OPTION_TEXT, "STATE", N_("only when it still is in this state") },
  { "if-updated-at", CB_OPTION_NUMBER, "MS", N_("only when it was not changed since: updated_at, as “job show --json” tells it"), 0,
    G_MAXINT64 / 1000 },
  { "no-undo", CB_OPTION_FLAG, NULL, N_("don’t write down what is destroyed: it can’t be undone then") },
  { NULL }
};

const CbCliCommand cb_command_job_update[] = {
  { .name = "job update",
    .usage = "ID",
    .summary = N_("Change a job that is there"),
    .description = N_("What no option names stays as it is. A delay makes a waiting job delayed; a job that is finished keeps its "
                      "state. The data and the delay of a job that is running can’t be changed, since its worker has read them."),
    .options = update_options,
    .min_words = 1,
    .max_words = 1,
    .writes = TRUE,
    .run = run_update },
  { NULL }
};
