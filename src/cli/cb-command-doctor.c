/* cb-command-doctor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-bulk.h"
#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-doctor.h"

#include <glib/gi18n.h>
#include <unistd.h>

typedef enum
{
  OUTCOME_FOUND,      /* nothing was tried */
  OUTCOME_REPAIRED,
  OUTCOME_HEALED,     /* by somebody else, meanwhile */
  OUTCOME_LEFT,       /* to a person */
  OUTCOME_FAILED,
} Outcome;

static const char * const outcome_words[] = {
  [OUTCOME_FOUND] = "found",
  [OUTCOME_REPAIRED] = "repaired",
  [OUTCOME_HEALED] = "healed",
  [OUTCOME_LEFT] = "left",
  [OUTCOME_FAILED] = "failed",
};

static void
write_text_or_null (CbJsonWriter *writer,
                    const char *name,
                    const char *text)
{
  cb_json_writer_name (writer, name);
  if (text != NULL)
    cb_json_writer_string (writer, text, -1);
  else
    cb_json_writer_null (writer);
}

/* One object a line. */
static void
print_json (CbCli *cli,
            const CbFinding *finding,
            Outcome outcome,
            const GError *error)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  write_text_or_null (writer, "kind", cb_finding_kind_word (finding->kind));
  cb_json_writer_name (writer, "id");
  if (finding->id != NULL)
    cb_job_id_to_json (finding->id, writer);
  else
    cb_json_writer_null (writer);
  write_text_or_null (writer, "queue", finding->queue);
  write_text_or_null (writer, "key", finding->key);
  write_text_or_null (writer, "evidence", finding->evidence);
  cb_json_writer_name (writer, "repair");
  if (finding->repair != NULL)
    {
      g_auto (GStrv) lines = g_strsplit (finding->repair, "\n", -1);

      cb_json_writer_begin_array (writer);
      for (guint i = 0; lines[i] != NULL; i++)
        cb_json_writer_string (writer, lines[i], -1);
      cb_json_writer_end_array (writer);
    }
  else
    cb_json_writer_null (writer);
  write_text_or_null (writer, "outcome", outcome_words[outcome]);
  if (finding->harmless)
    {
      cb_json_writer_name (writer, "harmless");
      cb_json_writer_boolean (writer, TRUE);
    }
  if (error != NULL)
    write_text_or_null (writer, "error", error->message);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static void
print_text (CbCli *cli,
            const CbFinding *finding,
            Outcome outcome,
            const GError *error)
{
  g_autofree char *queue = finding->queue != NULL ? cb_text_display (finding->queue, -1, TRUE) : NULL;
  const char *title = cb_finding_kind_title (finding->kind);

  if (finding->id != NULL && queue != NULL)
    cb_cli_print (cli, _("%s: job %s (%s)\n"), title, finding->id, queue);
  else if (finding->id != NULL)
    cb_cli_print (cli, _("%s: job %s\n"), title, finding->id);
  else if (queue != NULL)
    cb_cli_print (cli, _("%s: queue %s\n"), title, queue);
  else
    cb_cli_print (cli, "%s: %s\n", title, finding->key);
  cb_cli_print (cli, "  %s\n", finding->evidence);

  if (finding->repair != NULL)
    {
      g_auto (GStrv) lines = g_strsplit (finding->repair, "\n", -1);

      for (guint i = 0; lines[i] != NULL; i++)
        cb_cli_print (cli, "    %s\n", lines[i]);
    }
  else if (finding->kind == CB_FINDING_SUSPECT)
    cb_cli_print (cli, _("  A person decides; “callboardctl job retry %s” puts it back.\n"), finding->id);
  else if (finding->harmless)
    cb_cli_print (cli, _("  A remark: nothing is held up by it.\n"));
  else
    cb_cli_print (cli, _("  A person decides; nothing is repaired by itself.\n"));

  switch (outcome)
    {
    case OUTCOME_REPAIRED:
      cb_cli_print (cli, _("  Repaired.\n"));
      break;
    case OUTCOME_HEALED:
      cb_cli_print (cli, _("  It was not so any more, so nothing was done.\n"));
      break;
    case OUTCOME_FAILED:
      cb_cli_print (cli, _("  Not repaired: %s\n"), error->message);
      break;
    case OUTCOME_FOUND:
    case OUTCOME_LEFT:
    default:
      break;
    }
}

static void
print_finding (CbCli *cli,
               const CbFinding *finding,
               Outcome outcome,
               const GError *error)
{
  if (cli->json)
    print_json (cli, finding, outcome, error);
  else
    print_text (cli, finding, outcome, error);
}

static Outcome
outcome_of (CbBulkOutcome outcome)
{
  switch (outcome)
    {
    case CB_BULK_DONE:
      return OUTCOME_REPAIRED;
    case CB_BULK_CHANGED:
    case CB_BULK_GONE:
      return OUTCOME_HEALED;
    case CB_BULK_PENDING:
    case CB_BULK_REFUSED:
    case CB_BULK_UNKNOWN:
    default:
      return OUTCOME_FAILED;
    }
}

/* Repairs what can be, written down for “callboardctl undo”, and prints it. How many faults are left as they were, or -1 when it was told that it could not go on.
 * A signal ends it between two portions: what was done is told. */
static int
repair_all (CbCli *cli,
            GPtrArray *findings,
            int *status)
{
  static const CbDeed deed = { CB_DEED_REPAIR, 0, NULL, NULL };
  g_autoptr (CbJournal) journal = cb_arguments_has (cli->arguments, "no-undo") ? NULL : cb_journal_new (NULL, "command");
  g_autoptr (CbBulk) bulk = cb_bulk_new (cb_cli_get_engine (cli), journal, &deed);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ended;
  int n_left = 0;

  for (guint i = 0; i < findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (findings, i);

      if (finding->repair != NULL)
        cb_bulk_add_finding (bulk, finding);
    }
  cb_bulk_set_summary (bulk, "doctor --repair");
  cb_bulk_run_async (bulk, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  ended = cb_bulk_run_finish (bulk, result, &error);
  if (!ended && !cb_cli_is_interrupted (cli))
    {
      *status = cb_cli_tell_error (cli, error);
      cb_cli_tell_no_undo (cli, bulk);
      return -1;
    }

  for (guint i = 0, at = 0; i < findings->len; i++)
    {
      const CbFinding *finding = g_ptr_array_index (findings, i);
      const char *message = NULL;
      CbBulkOutcome outcome = finding->repair != NULL ? cb_bulk_get_outcome (bulk, at++, NULL, NULL, &message) : CB_BULK_PENDING;
      Outcome what = finding->repair != NULL ? outcome_of (outcome) : OUTCOME_LEFT;
      g_autoptr (GError) problem = NULL;

      if (what == OUTCOME_FAILED)
        problem = g_error_new_literal (CB_QUEUE_ERROR, CB_QUEUE_ERROR_FAILED, message != NULL ? message : _("interrupted before"));
      print_finding (cli, finding, what, problem);
      if (what == OUTCOME_FAILED || (what == OUTCOME_LEFT && !finding->harmless))
        n_left++;
    }
  cb_cli_tell_no_undo (cli, bulk);
  if (cb_bulk_get_notice (bulk) != NULL)
    cb_cli_complain (cli, "%s", cb_bulk_get_notice (bulk));
  if (cb_bulk_get_undo_id (bulk) != NULL && isatty (STDERR_FILENO))
    cb_cli_complain (cli, _("“callboardctl undo %s” undoes it"), cb_bulk_get_undo_id (bulk));

  return n_left;
}

static void
print_summary (CbCli *cli,
               const CbExamination *examination,
               gboolean repaired,
               int n_left)
{
  g_autofree char *n_jobs = g_strdup_printf ("%" G_GUINT64_FORMAT, examination->n_jobs);
  int n = (int) cb_examination_count_faults (examination);
  int n_remarks = (int) examination->findings->len - n;

  if (examination->cut)
    cb_cli_complain (cli, _("There is more than is looked at in one round: run it again after the repair"));
  if (examination->n_unread > 0)
    {
      g_autofree char *n_unread = g_strdup_printf ("%" G_GUINT64_FORMAT, examination->n_unread);

      cb_cli_complain (cli, _("Fields that are too long to be looked at, whether they are JSON: %s"), n_unread);
    }
  if (cli->json)
    return;

  if (n == 0 && n_left == 0)
    cb_cli_print (cli, _("Nothing is wrong. Jobs looked at: %s\n"), n_jobs);
  else if (repaired)
    cb_cli_print (cli, _("Found: %d. Left: %d.\n"), n, n_left);
  else
    cb_cli_print (cli, _("Found: %d. Nothing was changed; --repair does what stands under each.\n"), n);
  if (n_remarks > 0)
    cb_cli_print (cli, _("Remarks, which are no faults: %d.\n"), n_remarks);
}

static int
run_doctor (CbCli *cli)
{
  gboolean repair = cb_arguments_has (cli->arguments, "repair");
  g_autoptr (CbExamination) examination = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbExamineOptions options = { 0 };
  int n_left = 0;
  int status;

  if (repair && cli->read_only)
    {
      cb_cli_complain (cli, _("“%s” writes, and --read-only was given: nothing was sent"), "doctor --repair");
      return CB_EXIT_FAILED;
    }
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  options.grace_msec = (guint) cb_arguments_get_number (cli->arguments, "grace", CB_EXAMINE_GRACE_MSEC);
  options.suspect_after_msec = cb_arguments_get_number (cli->arguments, "suspect-after", CB_EXAMINE_SUSPECT_MSEC);
  cb_engine_examine_async (cb_cli_get_engine (cli), &options, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  examination = cb_engine_examine_finish (cb_cli_get_engine (cli), result, &error);
  if (examination == NULL)
    return cb_cli_tell_error (cli, error);

  if (repair)
    {
      n_left = repair_all (cli, examination->findings, &status);
      if (n_left < 0)
        return status;
    }
  else
    {
      n_left = (int) cb_examination_count_faults (examination);
      for (guint i = 0; i < examination->findings->len && !cb_cli_is_interrupted (cli); i++)
        print_finding (cli, g_ptr_array_index (examination->findings, i), OUTCOME_FOUND, NULL);
    }
  print_summary (cli, examination, repair, n_left);

  if (cb_cli_is_interrupted (cli))
    return CB_EXIT_INTERRUPTED;
  return n_left > 0 || examination->cut ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

static const CbOption doctor_options[] = {
  { "repair", CB_OPTION_FLAG, NULL, N_("repair what is found, each by one atomic step that looks again first") },
  { "no-undo", CB_OPTION_FLAG, NULL, N_("don’t write down what is destroyed: it can’t be undone then") },
  { "grace", CB_OPTION_NUMBER, "MS", N_("tell only what is still so after that time (default: 3000)"), 0, 3600000 },
  { "suspect-after", CB_OPTION_NUMBER, "MS",
    N_("tell an active job whose worker keeps no lease when its last sign of life is so old (default: 3600000)"),
    1000, G_MAXINT },
  { NULL }
};

const CbCliCommand cb_command_doctor[] = {
  { .name = "doctor",
    .usage = "",
    .summary = N_("Find what does not fit together in the queues, and repair it"),
    .description = N_("Without --repair nothing is changed: each finding is printed with how it is known and the exact "
                      "commands that would repair it. What is found while jobs are on their way is looked at again after "
                      "a while, and told only if it is still so. The status is 1 when anything is left that is wrong. Not so for "
                      "remarks, as every healthy queue may have them: more wake-ups than jobs that wait, which Kue leaves behind, "
                      "and data that are not JSON in a job that has ended."),
    .options = doctor_options,
    .run = run_doctor },
  { NULL }
};
