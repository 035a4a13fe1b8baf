/* cb-command-undo.c: undo
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-key-engine.h"
#include "cb-run-id.h"
#include "cb-undo.h"

#include <glib/gi18n.h>

/* "remove", "priority -5", "move failed": as the command is called. */
static char *
describe_deed (const CbDeed *deed)
{
  const char *word = cb_deed_kind_word (deed->kind);

  if (deed->kind == CB_DEED_PRIORITY)
    {
      g_autofree char *number = cb_job_priority_to_text (deed->number);

      return g_strconcat (word, " ", number, NULL);
    }
  if (deed->text != NULL)
    {
      g_autofree char *text = cb_text_display (deed->text, -1, TRUE);

      return g_strconcat (word, " ", text, NULL);
    }

  return g_strdup (word);
}

static gboolean
is_of_keys (const CbJournalEntry *entry)
{
  return g_strcmp0 (entry->engine, CB_KEY_ENGINE_NAME) == 0;
}

/* What was repaired need not be a job. */
static char *
describe_number (const CbJournalEntry *entry,
                 guint n)
{
  if (is_of_keys (entry))
    return g_strdup_printf (g_dngettext (NULL, "%u key", "%u keys", n), n);
  if (entry->deed->kind == CB_DEED_REPAIR)
    return g_strdup_printf (g_dngettext (NULL, "%u repair", "%u repairs", n), n);

  return g_strdup_printf (g_dngettext (NULL, "%u job", "%u jobs", n), n);
}

static const char *
describe_status (const CbJournalEntry *entry)
{
  if (entry->busy)
    return _("under way");
  if (entry->undone && entry->n_kept == 0)
    return _("undone");
  if (entry->undone || entry->n_undone > 0)
    return _("undone in part");
  if (!entry->ended)
    return _("broken off");

  return "";
}

static void
write_entry (CbJsonWriter *writer,
             const CbJournalEntry *entry)
{
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_json_writer_string (writer, entry->id, -1);
  cb_json_writer_name (writer, "time");
  cb_json_writer_int (writer, entry->time / 1000);
  cb_json_writer_name (writer, "action");
  cb_json_writer_string (writer, cb_deed_kind_word (entry->deed->kind), -1);
  cb_json_writer_name (writer, "of");
  cb_json_writer_string (writer, is_of_keys (entry) ? "keys" : "jobs", -1);
  cb_json_writer_name (writer, "server");
  cb_json_writer_string (writer, entry->server, -1);
  cb_json_writer_name (writer, "prefix");
  cb_json_writer_string (writer, entry->prefix, -1);
  cb_json_writer_name (writer, "origin");
  cb_json_writer_string (writer, entry->origin, -1);
  if (entry->summary != NULL)
    {
      cb_json_writer_name (writer, "selection");
      cb_json_writer_string (writer, entry->summary, -1);
    }
  cb_json_writer_name (writer, "planned");
  cb_json_writer_int (writer, entry->n_planned);
  cb_json_writer_name (writer, "done");
  cb_json_writer_int (writer, entry->n_done);
  cb_json_writer_name (writer, "undone");
  cb_json_writer_int (writer, entry->n_undone);
  cb_json_writer_name (writer, "kept");
  cb_json_writer_int (writer, entry->n_kept);
  cb_json_writer_name (writer, "busy");
  cb_json_writer_boolean (writer, entry->busy);
  cb_json_writer_name (writer, "ended");
  cb_json_writer_boolean (writer, entry->ended);
  cb_json_writer_name (writer, "undoable");
  cb_json_writer_boolean (writer, !entry->busy && (!entry->undone || entry->n_kept > 0));
  cb_json_writer_end_object (writer);
}

static void
print_entry (CbCli *cli,
             const CbJournalEntry *entry)
{
  g_autofree char *time = cb_cli_format_time (entry->time);
  g_autofree char *deed = describe_deed (entry->deed);
  g_autofree char *jobs = describe_number (entry, (guint) entry->n_done);
  g_autofree char *server = cb_text_display (entry->server, -1, TRUE);
  g_autofree char *prefix = cb_text_display (entry->prefix, -1, TRUE);
  g_autofree char *summary = cb_text_display (entry->summary != NULL ? entry->summary : "", -1, TRUE);
  g_autofree char *left = cb_cli_pad (entry->id, 20);
  g_autofree char *middle = cb_cli_pad (deed, 16);
  g_autofree char *right = cb_cli_pad (jobs, 12);
  const char *status = describe_status (entry);

  cb_cli_print (cli, "%s  %s  %s  %s  %s %s%s%s%s%s%s\n", left, time, middle, right, server, prefix, *summary != 0 ? "  " : "", summary,
                *status != 0 ? "  (" : "", status, *status != 0 ? ")" : "");
}

static int
print_list (CbCli *cli,
            CbJournal *journal)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  cb_journal_list_async (journal, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  entries = cb_journal_list_finish (journal, result, &error);
  if (entries == NULL)
    return cb_cli_tell_error (cli, error);

  for (guint i = 0; i < entries->len; i++)
    {
      if (cli->json)
        {
          g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

          write_entry (writer, g_ptr_array_index (entries, i));
          cb_cli_print_json (cli, writer);
        }
      else
        {
          print_entry (cli, g_ptr_array_index (entries, i));
        }
    }

  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : CB_EXIT_DONE;
}

static void
print_json_result (CbCli *cli,
                   CbUndo *undo)
{
  const CbJournalEntry *entry = cb_undo_get_entry (undo);
  GPtrArray *outcomes = cb_undo_get_outcomes (undo);
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_json_writer_string (writer, entry->id, -1);
  cb_json_writer_name (writer, "action");
  cb_json_writer_string (writer, cb_deed_kind_word (entry->deed->kind), -1);
  cb_json_writer_name (writer, "back");
  cb_json_writer_int (writer, cb_undo_get_n_back (undo));
  cb_json_writer_name (writer, "same");
  cb_json_writer_int (writer, cb_undo_get_n_same (undo));
  cb_json_writer_name (writer, "kept");
  cb_json_writer_int (writer, cb_undo_get_n_kept (undo));
  cb_json_writer_name (writer, "failed");
  cb_json_writer_int (writer, cb_undo_get_n_failed (undo));
  cb_json_writer_name (writer, is_of_keys (entry) ? "keys" : "jobs");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < outcomes->len; i++)
    {
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, i);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "id");
      if (is_of_keys (entry))
        cb_json_writer_string (writer, outcome->id, -1);
      else
        cb_job_id_to_json (outcome->id, writer);
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, outcome->error->message, -1);
      cb_json_writer_end_object (writer);
    }
  cb_json_writer_end_array (writer);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

/* Who put the entry there; without @id, whoever was here last. */
static CbEngine *
find_engine (CbCli *cli,
             CbJournal *journal,
             const char *id)
{
  CbEngine *jobs = cb_cli_get_engine (cli);
  g_autoptr (CbEngine) keys = cb_key_engine_new (cli->connection);
  g_autoptr (GAsyncResult) asked = NULL;
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *run_id = NULL;

  cb_run_id_ask_async (jobs, cli->cancellable, cb_cli_take_result, &asked);
  cb_cli_await (&asked);
  run_id = cb_run_id_ask_finish (asked);
  cb_journal_list_async (journal, cli->cancellable, cb_cli_take_result, &listed);
  cb_cli_await (&listed);
  entries = cb_journal_list_finish (journal, listed, NULL);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      CbJournalEntry *entry = g_ptr_array_index (entries, i);

      if (id != NULL ? g_str_equal (entry->id, id)
                     : cb_journal_entry_can_be_undone (entry) &&
                       (cb_journal_entry_fits (entry, keys, run_id) || cb_journal_entry_fits (entry, jobs, run_id)))
        return g_object_ref (is_of_keys (entry) ? keys : jobs);
    }
  return g_object_ref (jobs);
}

static int
undo_entry (CbCli *cli,
            CbJournal *journal,
            const char *id)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *deed = NULL;
  gboolean keys;
  GPtrArray *outcomes;
  guint n_left, n_back;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  engine = find_engine (cli, journal, id);
  undo = cb_undo_new (engine, journal, id);
  cb_undo_run_async (undo, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_undo_run_finish (undo, result, &error) && !cb_cli_is_interrupted (cli))
    return cb_cli_tell_error (cli, error);
  if (cb_undo_get_entry (undo) == NULL)
    return CB_EXIT_INTERRUPTED;

  keys = is_of_keys (cb_undo_get_entry (undo));
  outcomes = cb_undo_get_outcomes (undo);
  n_left = cb_undo_get_n_kept (undo) + cb_undo_get_n_failed (undo);
  n_back = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  for (guint i = 0; i < outcomes->len; i++)
    cb_cli_complain (cli, "%s", ((CbJobOutcome *) g_ptr_array_index (outcomes, i))->error->message);
  if (n_left > outcomes->len)
    cb_cli_complain (cli, keys ? _("… and %u more keys") : _("… and %u more jobs"), n_left - outcomes->len);

  deed = describe_deed (cb_undo_get_entry (undo)->deed);
  if (cli->json)
    print_json_result (cli, undo);
  else if (keys)
    cb_cli_print (cli, g_dngettext (NULL, "%s (%s) undone: %u key is as it was\n", "%s (%s) undone: %u keys are as they were\n", n_back),
                  cb_undo_get_entry (undo)->id, deed, n_back);
  else if (cb_undo_get_entry (undo)->deed->kind == CB_DEED_REPAIR)
    cb_cli_print (cli, g_dngettext (NULL, "%s undone: %u repair\n", "%s undone: %u repairs\n", n_back),
                  cb_undo_get_entry (undo)->id, n_back);
  else
    cb_cli_print (cli, g_dngettext (NULL, "%s (%s) undone: %u job is as it was\n", "%s (%s) undone: %u jobs are as they were\n", n_back),
                  cb_undo_get_entry (undo)->id, deed, n_back);

  if (n_left > 0 && !cb_cli_is_interrupted (cli))
    cb_cli_complain (cli, _("“callboardctl undo %s” tries again what was left"), cb_undo_get_entry (undo)->id);
  if (cb_cli_is_interrupted (cli))
    {
      cb_cli_complain (cli, _("Interrupted; the same command goes on with it"));
      return CB_EXIT_INTERRUPTED;
    }
  return n_left > 0 ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

static int
run_undo (CbCli *cli)
{
  const char *id = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (CbJournal) journal = cb_journal_new (NULL, "command");

  if (cb_arguments_has (cli->arguments, "list"))
    {
      if (id != NULL)
        return cb_cli_tell_usage (cli, _("--list takes no word"));
      return print_list (cli, journal);
    }
  if (cli->read_only)
    {
      cb_cli_complain (cli, _("“%s” writes, and --read-only was given: nothing was sent"), "undo");
      return CB_EXIT_FAILED;
    }

  return undo_entry (cli, journal, id);
}

static const CbOption undo_options[] = {
  { "list", CB_OPTION_FLAG, NULL, N_("print what can be undone, the latest first, and change nothing") },
  { NULL }
};

const CbCliCommand cb_command_undo[] = {
  { .name = "undo",
    .usage = "[ID]",
    .summary = N_("Put jobs and keys back as they were before they were removed, moved or changed"),
    .description = N_("What “job” commands, “doctor --repair”, “key delete”, “key ttl” and the window do is written down and can be undone for a week, as far "
                      "as there is room. Without ID the latest is undone that was done on this server, to jobs with this prefix or to "
                      "keys of this database. What somebody else has touched since is left as it is, and the status is 1 then."),
    .options = undo_options,
    .max_words = 1,
    .run = run_undo },
  { NULL }
};
