/* cb-command-job-read.c: job list, job search, job show, job log
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-queue-error.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Log lines asked for at once. */
#define LOG_PORTION 500
/* Jobs read at once of those that were found. */
#define SEARCH_PORTION 100

/* --- job list --- */

static void
print_row (CbCli *cli,
           const char *id,
           const char *type,
           const char *state,
           const char *priority,
           const char *progress,
           const char *attempts,
           const char *created,
           const char *data)
{
  g_autofree char *padded_type = cb_cli_pad (type, 24);
  g_autofree char *padded_state = cb_cli_pad (state, 9);

  cb_cli_print (cli, "%-8s %s %s %8s %8s %8s  %-19s  %s\n",
                id, padded_type, padded_state, priority, progress, attempts, created, data);
}

typedef struct
{
  CbJobFilter *filter;      /* (owned) (nullable) */
  gboolean has_header;
} List;

static gboolean
print_job (CbCli *cli,
           CbJobRecord *record,
           gpointer user_data)
{
  List *list = user_data;

  if (list->filter != NULL && !cb_job_filter_matches (list->filter, record, cb_engine_get_time (cb_cli_get_engine (cli))))
    return !cb_cli_is_interrupted (cli);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_job_record_to_json (record, writer);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      g_autofree char *id = cb_text_display (record->id, -1, TRUE);
      g_autofree char *type = cb_text_display (record->queue != NULL ? record->queue : "", -1, TRUE);
      g_autofree char *priority = NULL;
      g_autofree char *progress = NULL;
      g_autofree char *attempts = NULL;
      g_autofree char *created = NULL;
      g_autofree char *last = NULL;

      if (!list->has_header)
        {
          print_row (cli, _("ID"), _("TYPE"), _("STATE"), _("PRIORITY"), _("PROGRESS"), _("ATTEMPTS"), _("CREATED"), _("DATA"));
          list->has_header = TRUE;
        }

      if (record->missing || record->problem != NULL)
        last = g_strdup (record->problem != NULL ? record->problem : _("There is no such job, only its id in a list"));
      else if (record->data != NULL)
        {
          gsize length;
          const char *data = g_bytes_get_data (record->data, &length);

          last = cb_json_excerpt (data != NULL ? data : "", length, 80);
        }
      else
        last = g_strdup (_("(no data)"));
      /* Of a failed job one wants to know why. */
      if (record->problem == NULL && record->meaning == CB_JOB_MEANING_FAILED && record->error != NULL)
        {
          g_autofree char *line = cb_job_record_dup_error_line (record);
          g_autofree char *reason = cb_text_display (line != NULL ? line : "", -1, TRUE);
          g_autofree char *data = g_steal_pointer (&last);

          last = g_strdup_printf ("%s: %s", reason, data != NULL ? data : "");
        }

      if (!record->missing)
        {
          priority = isnan (record->priority) ? g_strdup ("?") : cb_job_priority_to_text (record->priority);
          progress = record->progress >= 0 ? g_strdup_printf ("%d%%", record->progress) : g_strdup ("");
          attempts = g_strdup_printf ("%d/%d", record->attempts_made, record->attempts_max);
          created = cb_cli_format_time (record->created_at);
        }
      print_row (cli, id, type, record->state != NULL ? record->state : "",
                 priority != NULL ? priority : "", progress != NULL ? progress : "",
                 attempts != NULL ? attempts : "", created != NULL ? created : "", last != NULL ? last : "");
    }

  return !cb_cli_is_interrupted (cli);
}

static int
run_list (CbCli *cli)
{
  const char *queue = cb_arguments_get_text (cli->arguments, "type");
  const char *state = cb_arguments_get_text (cli->arguments, "state");
  const char *order = cb_arguments_get_text (cli->arguments, "order");
  List list = { NULL, FALSE };
  gboolean done;
  g_autoptr (GError) error = NULL;
  int status;

  if (order != NULL && strcmp (order, "asc") != 0 && strcmp (order, "desc") != 0)
    return cb_cli_tell_usage (cli, _("--order must be asc or desc, not “%s”"), order);
  if (!cb_cli_get_filter (cli, &list.filter, &status))
    return status;
  if (!cb_cli_connect_or_tell (cli, &status) || !cb_cli_check_state (cli, state, &status))
    {
      cb_job_filter_free (list.filter);
      return status;
    }

  if (list.filter != NULL && queue == NULL)
    queue = cb_job_filter_get_queue (list.filter);
  if (list.filter != NULL && state == NULL)
    state = cb_job_filter_get_state (list.filter);
  done = cb_cli_each_job (cli, queue, state,
                          cb_arguments_get_number (cli->arguments, "from", 0),
                          cb_arguments_get_number (cli->arguments, "to", -1),
                          g_strcmp0 (order, "desc") == 0, print_job, &list, &error);
  cb_job_filter_free (list.filter);
  if (!done)
    return cb_cli_tell_error (cli, error);

  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : CB_EXIT_DONE;
}

/* --- job search --- */

static int
run_search (CbCli *cli)
{
  const char * const *words = cb_arguments_get_words (cli->arguments, 0);
  g_autofree char *text = g_strjoinv (" ", (char **) words);
  List list = { NULL, FALSE };
  g_autoptr (GAsyncResult) found = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;
  CbEngine *engine;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  engine = cb_cli_get_engine (cli);
  cb_engine_search_async (engine, text, cli->cancellable, cb_cli_take_result, &found);
  cb_cli_await (&found);
  ids = cb_engine_search_finish (engine, found, &error);
  if (ids == NULL)
    return cb_cli_tell_error (cli, error);

  for (guint i = 0; i < ids->len && !cb_cli_is_interrupted (cli); i += SEARCH_PORTION)
    {
      g_autoptr (GPtrArray) portion = g_ptr_array_new ();
      g_autoptr (GPtrArray) records = NULL;
      g_autoptr (GAsyncResult) read = NULL;

      for (guint j = i; j < MIN (i + SEARCH_PORTION, ids->len); j++)
        g_ptr_array_add (portion, g_ptr_array_index (ids, j));
      g_ptr_array_add (portion, NULL);
      cb_engine_get_many_async (engine, (const char * const *) portion->pdata, cli->cancellable, cb_cli_take_result, &read);
      cb_cli_await (&read);
      records = cb_engine_get_many_finish (engine, read, &error);
      if (records == NULL)
        return cb_cli_tell_error (cli, error);
      for (guint j = 0; j < records->len && print_job (cli, g_ptr_array_index (records, j), &list); j++)
        continue;
    }

  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : CB_EXIT_DONE;
}

/* --- job show, job log --- */

static CbJobRecord *
read_whole (CbCli *cli,
            const char *id,
            gint64 log_from,
            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  CbEngine *engine = cb_cli_get_engine (cli);

  cb_engine_get_whole_async (engine, id, log_from, LOG_PORTION, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);

  return cb_engine_get_whole_finish (engine, result, error);
}

typedef void (*LogFunc) (CbCli *cli, GBytes *line, guint64 index);

/* From the lines that @record came with to the last one. */
static gboolean
each_log_line (CbCli *cli,
               CbJobRecord *record,
               LogFunc func,
               GError **error)
{
  g_autoptr (CbJobRecord) page = cb_job_record_ref (record);
  guint64 index = 0;

  while (page->log != NULL && page->log->len > 0 && !cb_cli_is_interrupted (cli))
    {
      CbJobRecord *next;

      for (guint i = 0; i < page->log->len; i++)
        func (cli, g_ptr_array_index (page->log, i), index++);

      if (page->log_length >= 0 && (gint64) index >= page->log_length)
        break;

      next = read_whole (cli, record->id, (gint64) index, error);
      if (next == NULL)
        return FALSE;
      cb_job_record_unref (page);
      page = next;
    }

  return TRUE;
}

static void
print_log_line (CbCli *cli,
                GBytes *line,
                guint64 index)
{
  gsize length;
  const char *data = g_bytes_get_data (line, &length);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_cli_write_bytes (writer, line);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      cb_cli_write_value (cli, data, length);
      cb_cli_write (cli, "\n", 1);
    }
}

/* An element of the array that run_show() has begun. */
static void
print_log_element (CbCli *cli,
                   GBytes *line,
                   guint64 index)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;

  cb_cli_write_bytes (writer, line);
  text = cb_json_writer_steal (writer);
  cb_cli_print (cli, "%s%s", index > 0 ? "," : "", text);
}

static void
print_indented (CbCli *cli,
                const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' || lines[i + 1] != NULL)
      cb_cli_print (cli, "  %s\n", lines[i]);
}

static void
print_indented_line (CbCli *cli,
                     GBytes *line,
                     guint64 index)
{
  gsize length;
  const char *data = g_bytes_get_data (line, &length);
  g_autofree char *text = cb_text_display (data != NULL ? data : "", (gssize) length, FALSE);

  print_indented (cli, text);
}

static void
print_section (CbCli *cli,
               const char *title,
               GBytes *bytes)
{
  g_autofree char *text = NULL;
  const char *data;
  gsize length;

  if (bytes == NULL)
    return;

  data = g_bytes_get_data (bytes, &length);
  if (data == NULL)
    data = "";
  if (cb_json_check (data, (gssize) length, NULL))
    {
      g_autofree char *pretty = cb_json_pretty (data, (gssize) length);

      text = cb_text_display (pretty, -1, FALSE);
    }
  else
    text = cb_text_display (data, (gssize) length, FALSE);

  cb_cli_print (cli, "%s\n", title);
  print_indented (cli, text);
}

static void
print_field (CbCli *cli,
             const char *title,
             const char *value)
{
  g_autofree char *padded = cb_cli_pad (title, 14);
  g_autofree char *text = cb_text_display (value, -1, TRUE);

  cb_cli_print (cli, "%s%s\n", padded, text);
}

static void
print_time (CbCli *cli,
            const char *title,
            gint64 usec)
{
  g_autofree char *text = cb_cli_format_time (usec);

  if (usec >= 0)
    print_field (cli, title, text);
}

static void
print_duration (CbCli *cli,
                const char *title,
                gint64 usec)
{
  if (usec >= 0)
    {
      g_autofree char *text = cb_cli_format_duration (usec);

      print_field (cli, title, text);
    }
}

/* Whether the job has the field, where its engine tells the fields. */
static gboolean
is_stored (CbJobRecord *record,
           const char *name)
{
  if (record->raw == NULL)
    return !record->missing && record->problem == NULL;

  for (guint i = 0; i + 1 < record->raw->len; i += 2)
    {
      gsize length;
      const char *field = g_bytes_get_data (g_ptr_array_index (record->raw, i), &length);

      if (length == strlen (name) && memcmp (field, name, length) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_failure (CbJobRecord *record)
{
  return record->meaning == CB_JOB_MEANING_FAILED;
}

static void
print_fields (CbCli *cli,
              CbJobRecord *record)
{
  print_field (cli, _("Job:"), record->id);
  print_field (cli, _("Type:"), record->queue != NULL ? record->queue : _("none"));
  print_field (cli, _("State:"), record->state != NULL && record->state[0] != '\0' ? record->state : _("none"));
  if (record->problem != NULL)
    print_field (cli, _("Problem:"), record->problem);
  else if (record->missing)
    print_field (cli, _("Problem:"), _("There is no such job, only what is left of it"));
  if (!isnan (record->priority))
    {
      const char *name = cb_job_priority_get_name (record->priority);
      g_autofree char *number = cb_job_priority_to_text (record->priority);
      g_autofree char *text = name != NULL ? g_strdup_printf ("%s (%s)", number, name) : g_strdup (number);

      print_field (cli, _("Priority:"), text);
    }
  if (record->progress >= 0)
    {
      g_autofree char *text = g_strdup_printf ("%d%%", record->progress);

      print_field (cli, _("Progress:"), text);
    }
  /* What is not stored is not told: a record that is only left over was never tried. */
  if (is_stored (record, "attempts") || is_stored (record, "max_attempts"))
    {
      g_autofree char *attempts = g_strdup_printf (_("%d of %d"), record->attempts_made, record->attempts_max);

      print_field (cli, _("Attempts:"), attempts);
    }
  print_time (cli, _("Created:"), record->created_at);
  print_time (cli, _("Due:"), record->delay > 0 ? record->promote_at : -1);
  print_time (cli, _("Updated:"), record->updated_at);
  print_time (cli, _("Started:"), record->started_at);
  /* An attempt that failed is no news of a job that has succeeded since, or is tried again. */
  print_time (cli, is_failure (record) ? _("Failed:") : _("Last failure:"), record->failed_at);
  print_duration (cli, _("Duration:"), record->duration);
  print_duration (cli, _("Delay:"), record->delay);
  print_duration (cli, _("Time to live:"), record->ttl);
  if (record->backoff != NULL)
    print_field (cli, _("Back-off:"), record->backoff);
  if (record->remove_on_complete)
    print_field (cli, _("On complete:"), _("removed"));
  if (record->worker != NULL)
    print_field (cli, _("Worker:"), record->worker);
}

static char *
dup_text (GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  return cb_text_display (data != NULL ? data : "", (gssize) length, TRUE);
}

static void
print_raw (CbCli *cli,
           CbJobRecord *record)
{
  if (record->raw == NULL)
    return;

  cb_cli_print (cli, "%s\n", _("Fields as stored:"));
  for (guint i = 0; i + 1 < record->raw->len; i += 2)
    {
      g_autofree char *field = dup_text (g_ptr_array_index (record->raw, i));
      g_autofree char *value = dup_text (g_ptr_array_index (record->raw, i + 1));

      cb_cli_print (cli, "  %s: %s\n", field, value);
    }
}

static void
print_raw_json (CbCli *cli,
                CbJobRecord *record)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;

  cb_json_writer_begin_object (writer);
  for (guint i = 0; record->raw != NULL && i + 1 < record->raw->len; i += 2)
    {
      gsize length;
      const char *data = g_bytes_get_data (g_ptr_array_index (record->raw, i), &length);
      g_autofree char *name = cb_text_display (data != NULL ? data : "", (gssize) length, FALSE);

      cb_json_writer_name (writer, name);
      cb_cli_write_bytes (writer, g_ptr_array_index (record->raw, i + 1));
    }
  cb_json_writer_end_object (writer);

  text = cb_json_writer_steal (writer);
  cb_cli_write (cli, text, -1);
}

static gboolean
show_json (CbCli *cli,
           CbJobRecord *record,
           GError **error)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;

  cb_job_record_to_json (record, writer);
  text = cb_json_writer_steal (writer);

  /* The log goes out page by page behind the other members: without the closing brace, then. */
  cb_cli_write (cli, text, (gssize) strlen (text) - 1);
  cb_cli_print (cli, ",\"log\":[");
  if (!each_log_line (cli, record, print_log_element, error))
    return FALSE;
  cb_cli_print (cli, "],\"raw\":");
  print_raw_json (cli, record);
  cb_cli_print (cli, "}\n");

  return TRUE;
}

static gboolean
show_text (CbCli *cli,
           CbJobRecord *record,
           GError **error)
{
  print_fields (cli, record);
  if (record->data == NULL && !record->missing && record->problem == NULL)
    print_field (cli, _("Data:"), _("none"));
  print_section (cli, _("Data:"), record->data);
  print_section (cli, _("Progress data:"), record->progress_data);
  print_section (cli, _("Result:"), record->result);
  print_section (cli, is_failure (record) ? _("Error:") : _("Error of the last failed attempt:"), record->error);
  if (record->log != NULL && record->log->len > 0)
    {
      cb_cli_print (cli, "%s\n", _("Log:"));
      if (!each_log_line (cli, record, print_indented_line, error))
        return FALSE;
    }
  print_raw (cli, record);

  return TRUE;
}

/* One of several ids that fails does not keep the others from being shown. */
static int
run_for_each_id (CbCli *cli,
                 gboolean (*func) (CbCli *cli, CbJobRecord *record, GError **error))
{
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  status = CB_EXIT_DONE;
  for (guint i = 0; i < cb_arguments_get_length (cli->arguments) && !cb_cli_is_interrupted (cli); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbJobRecord) record = read_whole (cli, cb_arguments_get_word (cli->arguments, i), 0, &error);

      if (record == NULL || !func (cli, record, &error))
        status = cb_cli_tell_error (cli, error);
      if (status == CB_EXIT_NO_CONNECTION)
        return status;
    }

  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : status;
}

static gboolean
show (CbCli *cli,
      CbJobRecord *record,
      GError **error)
{
  return cli->json ? show_json (cli, record, error) : show_text (cli, record, error);
}

static int
run_show (CbCli *cli)
{
  return run_for_each_id (cli, show);
}

static gboolean
show_log (CbCli *cli,
          CbJobRecord *record,
          GError **error)
{
  return each_log_line (cli, record, print_log_line, error);
}

static int
run_log (CbCli *cli)
{
  return run_for_each_id (cli, show_log);
}

static const CbOption list_options[] = {
  CB_CLI_SELECTION_OPTIONS,
  { "from", CB_OPTION_NUMBER, "POSITION", N_("the first job, counted from 0; -1 is the last"), -G_MAXINT64, G_MAXINT64 },
  { "to", CB_OPTION_NUMBER, "POSITION", N_("the last job, counted in the same way (default: -1)"), -G_MAXINT64, G_MAXINT64 },
  { "order", CB_OPTION_TEXT, "ORDER", N_("asc: as they stand; desc: from the other end") },
  { NULL }
};

const CbCliCommand cb_command_job_read[] = {
  { .name = "job list",
    .usage = "",
    .summary = N_("Print jobs, one a line"),
    .description = N_("All of them, or those of a queue, in a state, or at some positions. A state has an order of "
                      "its own: by priority where jobs wait, by due time where they are delayed."),
    .options = list_options,
    .run = run_list },
  { .name = "job search",
    .usage = "WORD…",
    .summary = N_("Print the jobs that an index of words has for these"),
    .description = N_("Kue keeps such an index where a producer switches it on. Words are taken as they sound. Jobs that are in no index "
                      "are found by “job list --filter”."),
    .min_words = 1,
    .max_words = -1,
    .run = run_search },
  { .name = "job show",
    .usage = "ID…",
    .summary = N_("Print everything about a job"),
    .min_words = 1,
    .max_words = -1,
    .run = run_show },
  { .name = "job log",
    .usage = "ID…",
    .summary = N_("Print the log of a job"),
    .min_words = 1,
    .max_words = -1,
    .run = run_log },
  { NULL }
};
