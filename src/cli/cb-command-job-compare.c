/* cb-command-job-compare.c: job compare
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-job-compare.h"
#include "cb-line-diff.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#define NAME_WIDTH 18
#define VALUE_WIDTH 22

/* (transfer full) (nullable): told when there is no such job */
static CbJobRecord *
read_job (CbCli *cli,
          const char *id,
          int *status)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbEngine *engine = cb_cli_get_engine (cli);
  CbJobRecord *record;

  cb_engine_get_whole_async (engine, id, 0, 1, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  record = cb_engine_get_whole_finish (engine, result, &error);
  if (record == NULL)
    *status = cb_cli_tell_error (cli, error);
  return record;
}

static char *
dup_value (const CbJobFieldPair *pair,
           guint which)
{
  gint64 number = pair->numbers[which];

  if (pair->kind == CB_JOB_FIELD_TEXT)
    return g_strdup (pair->texts[which] != NULL ? pair->texts[which] : "–");
  if (number < 0)
    return g_strdup ("–");
  if (pair->kind == CB_JOB_FIELD_TIME)
    return cb_cli_format_time (number);
  if (pair->kind == CB_JOB_FIELD_DURATION)
    return cb_cli_format_duration (number);
  return g_strdup_printf ("%" G_GINT64_FORMAT, number);
}

/* How the second job stands to the first; "" where that is no number, or nothing. */
static char *
dup_difference (const CbJobFieldPair *pair)
{
  gint64 difference = pair->numbers[1] - pair->numbers[0];
  g_autofree char *duration = NULL;

  if (pair->kind == CB_JOB_FIELD_TEXT || !pair->differs || pair->numbers[0] < 0 || pair->numbers[1] < 0)
    return g_strdup ("");
  if (pair->kind == CB_JOB_FIELD_COUNT)
    return g_strdup_printf ("%+" G_GINT64_FORMAT, difference);

  duration = cb_cli_format_duration (ABS (difference));
  if (pair->kind == CB_JOB_FIELD_TIME)
    return g_strdup_printf (difference > 0 ? _("%s later") : _("%s earlier"), duration);
  return g_strdup_printf (difference > 0 ? _("%s longer") : _("%s shorter"), duration);
}

static void
print_line (CbCli *cli,
            const char *name,
            const char *first,
            const char *second,
            const char *difference)
{
  g_autofree char *padded_name = cb_cli_pad (name, NAME_WIDTH);
  g_autofree char *padded_first = cb_cli_pad (first, VALUE_WIDTH);
  g_autofree char *padded_second = *difference != '\0' ? cb_cli_pad (second, VALUE_WIDTH) : g_strdup (second);

  cb_cli_print (cli, "%s %s %s%s%s\n", padded_name, padded_first, padded_second, *difference != '\0' ? " " : "", difference);
}

static void
print_payload (CbCli *cli,
               const CbJobPayloadPair *pair)
{
  g_autoptr (GArray) lines = NULL;

  if (pair->too_large)
    {
      g_autofree char *first = g_strdup_printf ("%" G_GSIZE_FORMAT, pair->sizes[0]);
      g_autofree char *second = g_strdup_printf ("%" G_GSIZE_FORMAT, pair->sizes[1]);

      cb_cli_print (cli, _("%s: different, and too large to be compared line by line (%s and %s bytes)\n"), pair->title, first, second);
      return;
    }

  cb_cli_print (cli, "%s\n", pair->title);
  lines = cb_line_diff (pair->texts[0] != NULL ? pair->texts[0] : "", pair->texts[1] != NULL ? pair->texts[1] : "");
  for (guint i = 0; i < lines->len; i++)
    {
      const CbDiffLine *line = &g_array_index (lines, CbDiffLine, i);

      cb_cli_print (cli, "%c %.*s\n", " -+"[line->change], (int) line->length, line->text);
    }
}

static int
compare_as_text (CbCli *cli,
                 CbJobRecord *const records[2],
                 GPtrArray *fields,
                 GPtrArray *payloads)
{
  gboolean all = cb_arguments_has (cli->arguments, "all");
  g_autofree char *first = g_strdup_printf (_("JOB %s"), records[0]->id);
  g_autofree char *second = g_strdup_printf (_("JOB %s"), records[1]->id);
  g_autofree char *first_text = cb_text_display (first, -1, TRUE);
  g_autofree char *second_text = cb_text_display (second, -1, TRUE);

  print_line (cli, "", first_text, second_text, "");
  for (guint i = 0; i < fields->len; i++)
    {
      const CbJobFieldPair *pair = g_ptr_array_index (fields, i);
      g_autofree char *a = dup_value (pair, 0);
      g_autofree char *b = dup_value (pair, 1);
      g_autofree char *difference = dup_difference (pair);

      if (pair->differs || all)
        print_line (cli, pair->title, a, b, difference);
    }
  for (guint i = 0; i < payloads->len; i++)
    {
      const CbJobPayloadPair *pair = g_ptr_array_index (payloads, i);

      if (pair->differs)
        print_payload (cli, pair);
      else
        cb_cli_print (cli, _("%s: the same\n"), pair->title);
    }
  return CB_EXIT_DONE;
}

static int
compare_as_json (CbCli *cli,
                 CbJobRecord *const records[2],
                 GPtrArray *fields,
                 GPtrArray *payloads)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "jobs");
  cb_json_writer_begin_array (writer);
  cb_job_record_to_json (records[0], writer);
  cb_job_record_to_json (records[1], writer);
  cb_json_writer_end_array (writer);
  cb_json_writer_name (writer, "different");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < fields->len; i++)
    {
      const CbJobFieldPair *pair = g_ptr_array_index (fields, i);

      if (pair->differs)
        cb_json_writer_string (writer, pair->name, -1);
    }
  for (guint i = 0; i < payloads->len; i++)
    {
      const CbJobPayloadPair *pair = g_ptr_array_index (payloads, i);

      if (pair->differs)
        cb_json_writer_string (writer, pair->name, -1);
    }
  cb_json_writer_end_array (writer);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
  return CB_EXIT_DONE;
}

static int
run_compare (CbCli *cli)
{
  g_autoptr (CbJobRecord) first = NULL;
  g_autoptr (CbJobRecord) second = NULL;
  g_autoptr (GPtrArray) fields = NULL;
  g_autoptr (GPtrArray) payloads = NULL;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  first = read_job (cli, cb_arguments_get_word (cli->arguments, 0), &status);
  second = first != NULL ? read_job (cli, cb_arguments_get_word (cli->arguments, 1), &status) : NULL;
  if (second == NULL)
    return status;

  fields = cb_job_compare_fields (first, second);
  payloads = cb_job_compare_payloads (first, second);
  return (cli->json ? compare_as_json : compare_as_text) (cli, (CbJobRecord *const[2]) { first, second }, fields, payloads);
}

static const CbOption compare_options[] = {
  { "all", CB_OPTION_FLAG, NULL, N_("print also the fields in which they are the same") },
  { NULL }
};

const CbCliCommand cb_command_job_compare[] = {
  { .name = "job compare",
    .usage = "ID ID",
    .summary = N_("Print how two jobs differ"),
    .description = N_("Fields, times, and line by line their data, results and errors. JSON is compared by what it means: "
                      "the order of members and white space make no difference, the digits of a number do."),
    .options = compare_options,
    .min_words = 2,
    .max_words = 2,
    .run = run_compare },
  { NULL }
};
