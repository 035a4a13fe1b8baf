/* cb-command-job-failures.c: job failures
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-failure-groups.h"
#include "cb-failure-traits.h"

#include <glib/gi18n.h>

#define MOST_COMMON 10

/* --- as a table --- */

static void
print_text_group (CbCli *cli,
                  const CbFailureGroup *group)
{
  g_autofree char *time = cb_cli_format_time (group->last_at);
  g_autofree char *padded = cb_cli_pad (time, 19);
  g_autofree char *cause = cb_text_display (group->cause, -1, TRUE);

  cb_cli_print (cli, "%8u  %s  %s\n", group->count, padded, *cause != '\0' ? cause : _("(no error)"));
}

static void
print_text_trait (CbCli *cli,
                  const CbFailureTrait *trait)
{
  g_autofree char *name = cb_text_display (trait->name, -1, TRUE);
  g_autofree char *value = trait->value != NULL ? cb_text_display (trait->value, -1, TRUE) : NULL;

  cb_cli_print (cli, "%7.1f%%  %7.1f%%  %s%s%s\n", 100 * trait->share_failed, 100 * trait->share_complete, name,
                value != NULL ? " = " : "", value != NULL ? value : "");
}

static void
print_text (CbCli *cli,
            CbFailureGroups *groups,
            CbFailureTraits *traits)
{
  guint64 n_jobs = cb_failure_groups_get_n_jobs (groups);
  guint64 n_total = cb_failure_groups_get_n_total (groups);

  if (cb_failure_groups_get_n (groups) > 0)
    {
      g_autofree char *last = cb_cli_pad (_("LAST"), 19);

      cb_cli_print (cli, "%8s  %s  %s\n", _("JOBS"), last, _("CAUSE"));
    }
  for (guint i = 0; i < cb_failure_groups_get_n (groups); i++)
    print_text_group (cli, cb_failure_groups_get (groups, i));
  if (n_jobs < n_total)
    {
      g_autofree char *jobs = g_strdup_printf ("%" G_GUINT64_FORMAT, n_jobs);
      g_autofree char *total = g_strdup_printf ("%" G_GUINT64_FORMAT, n_total);

      cb_cli_complain (cli, _("These are the last %s of %s failed jobs; --most says how many are looked at"), jobs, total);
    }
  if (cb_failure_groups_get_n_others (groups) > 0)
    {
      g_autofree char *others = g_strdup_printf ("%" G_GUINT64_FORMAT, cb_failure_groups_get_n_others (groups));

      cb_cli_complain (cli, _("%s more failed for so many other causes that they are not told apart"), others);
    }

  if (traits != NULL)
    {
      g_autoptr (GPtrArray) ranked = cb_failure_traits_rank (traits, MOST_COMMON);
      g_autofree char *failed = cb_cli_pad (_("FAILED"), 8);
      g_autofree char *complete = cb_cli_pad (_("COMPLETE"), 8);

      if (ranked->len > 0)
        cb_cli_print (cli, "\n%s  %s  %s\n", failed, complete, _("IN COMMON"));
      for (guint i = 0; i < ranked->len; i++)
        print_text_trait (cli, g_ptr_array_index (ranked, i));
      if (ranked->len == 0)
        cb_cli_complain (cli, _("Nothing that %u failed jobs have in common tells them from %u completed ones"),
                         cb_failure_traits_get_n_failed (traits), cb_failure_traits_get_n_complete (traits));
    }
}

/* --- as JSON --- */

static void
write_time (CbJsonWriter *writer,
            const char *name,
            gint64 usec)
{
  cb_json_writer_name (writer, name);
  if (usec >= 0)
    cb_json_writer_int (writer, usec / 1000);
  else
    cb_json_writer_null (writer);
}

static void
write_group (CbJsonWriter *writer,
             const CbFailureGroup *group)
{
  g_autofree char *filter = cb_failure_group_dup_filter (group);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "cause");
  cb_json_writer_string (writer, group->cause, -1);
  cb_json_writer_name (writer, "count");
  cb_json_writer_int (writer, group->count);
  write_time (writer, "first", group->first_at);
  write_time (writer, "last", group->last_at);
  cb_json_writer_name (writer, "types");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < group->queues->len; i++)
    cb_json_writer_string (writer, g_ptr_array_index (group->queues, i), -1);
  cb_json_writer_end_array (writer);
  cb_json_writer_name (writer, "sample");
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_json_writer_string (writer, group->sample_id, -1);
  cb_json_writer_name (writer, "error");
  cb_json_writer_string (writer, group->sample, -1);
  cb_json_writer_end_object (writer);
  cb_json_writer_name (writer, "filter");
  cb_json_writer_string (writer, filter, -1);
  cb_json_writer_end_object (writer);
}

static void
write_traits (CbJsonWriter *writer,
              CbFailureTraits *traits)
{
  g_autoptr (GPtrArray) ranked = cb_failure_traits_rank (traits, MOST_COMMON);

  cb_json_writer_name (writer, "common");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < ranked->len; i++)
    {
      CbFailureTrait *trait = g_ptr_array_index (ranked, i);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "name");
      cb_json_writer_string (writer, trait->name, -1);
      cb_json_writer_name (writer, "value");
      if (trait->value != NULL)
        cb_json_writer_string (writer, trait->value, -1);
      else
        cb_json_writer_null (writer);
      cb_json_writer_name (writer, "failed");
      cb_json_writer_double (writer, trait->share_failed);
      cb_json_writer_name (writer, "complete");
      cb_json_writer_double (writer, trait->share_complete);
      cb_json_writer_end_object (writer);
    }
  cb_json_writer_end_array (writer);
}

static void
print_json (CbCli *cli,
            CbFailureGroups *groups,
            CbFailureTraits *traits)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "jobs");
  cb_json_writer_int (writer, (gint64) cb_failure_groups_get_n_jobs (groups));
  cb_json_writer_name (writer, "total");
  cb_json_writer_int (writer, (gint64) cb_failure_groups_get_n_total (groups));
  cb_json_writer_name (writer, "others");
  cb_json_writer_int (writer, (gint64) cb_failure_groups_get_n_others (groups));
  cb_json_writer_name (writer, "groups");
  cb_json_writer_begin_array (writer);
  for (guint i = 0; i < cb_failure_groups_get_n (groups); i++)
    write_group (writer, cb_failure_groups_get (groups, i));
  cb_json_writer_end_array (writer);
  if (traits != NULL)
    write_traits (writer, traits);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

/* --- the command --- */

static int
run_failures (CbCli *cli)
{
  const char *type = cb_arguments_get_text (cli->arguments, "type");
  gint64 most = cb_arguments_get_number (cli->arguments, "most", CB_FAILURE_GROUPS_JOBS);
  g_autoptr (CbFailureGroups) groups = cb_failure_groups_new ();
  g_autoptr (CbFailureTraits) traits = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbJobFilter *filter = NULL;
  int status = CB_EXIT_DONE;

  if (!cb_cli_get_filter (cli, &filter, &status))
    return status;
  if (filter != NULL && !cb_arguments_has (cli->arguments, "common"))
    {
      cb_job_filter_free (filter);
      return cb_cli_tell_usage (cli, _("--filter and --older-than go with --common"));
    }
  if (!cb_cli_connect_or_tell (cli, &status))
    {
      g_clear_pointer (&filter, cb_job_filter_free);
      return status;
    }

  cb_failure_groups_run_async (groups, cb_cli_get_engine (cli), type, (guint) most, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_failure_groups_run_finish (groups, result, &error))
    {
      g_clear_pointer (&filter, cb_job_filter_free);
      return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : cb_cli_tell_error (cli, error);
    }
  g_clear_object (&result);

  if (cb_arguments_has (cli->arguments, "common"))
    {
      traits = cb_failure_traits_new ();
      cb_failure_traits_run_async (traits, cb_cli_get_engine (cli), type, filter, CB_FAILURE_TRAITS_JOBS, cli->cancellable,
                                   cb_cli_take_result, &result);
      filter = NULL;
      cb_cli_await (&result);
      if (!cb_failure_traits_run_finish (traits, result, &error))
        return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : cb_cli_tell_error (cli, error);
    }
  g_clear_pointer (&filter, cb_job_filter_free);

  if (cli->json)
    print_json (cli, groups, traits);
  else
    print_text (cli, groups, traits);

  return CB_EXIT_DONE;
}

static const CbOption failures_options[] = {
  { "type", CB_OPTION_TEXT, "TYPE", N_("only jobs of this queue") },
  { "most", CB_OPTION_NUMBER, "N", N_("look at this many of the last failed jobs (default: 10000; 0: all)"), 0, G_MAXINT },
  { "common", CB_OPTION_FLAG, NULL, N_("say also what the failed jobs have in common that the completed ones don’t") },
  { "filter", CB_OPTION_TEXT, "TEXT", N_("with --common: only failed jobs that this is true of, such as: cause:\"mailbox # is full\"") },
  { "older-than", CB_OPTION_TEXT, "TIME", N_("with --common: only failed jobs that were made longer ago: 90s, 2h, 1d12h") },
  { NULL }
};

const CbCliCommand cb_command_job_failures[] = {
  { .name = "job failures",
    .usage = "",
    .summary = N_("Print why jobs failed, those with the same cause together"),
    .description = N_("A cause is the error without numbers, ids, paths and addresses. The jobs of one are retried by\n"
                      "callboardctl job retry --state failed --filter 'cause:\"…\"'."),
    .options = failures_options,
    .run = run_failures },
  { NULL }
};
