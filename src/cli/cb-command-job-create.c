/* cb-command-job-create.c: job create
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-cli-watch.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  CbCli *cli;
  CbCliWatch *watch;        /* (owned) (nullable) */
  gboolean remove_on_complete;
  guint n_failed;
} Creation;

/* --- what is to be created --- */

/* A specification with everything but the data; each option is checked as it is taken, so that it can be named. */
static CbJobSpec *
make_spec (CbCli *cli,
           int *status)
{
  CbArguments *arguments = cli->arguments;
  g_autoptr (CbJobSpec) spec = cb_job_spec_new (cb_arguments_get_word (arguments, 0), NULL);
  const char *priority = cb_arguments_get_text (arguments, "priority");
  const char *backoff = cb_arguments_get_text (arguments, "backoff");
  const char *search_keys = cb_arguments_get_text (arguments, "search-keys");
  const char *option = "TYPE";
  g_autoptr (GError) error = NULL;

  if (!cb_job_spec_check (spec, &error))
    goto wrong;

  option = "--priority";
  if (priority != NULL && !cb_job_priority_parse (priority, &spec->priority, &error))
    goto wrong;

  option = "--delay";
  spec->delay_msec = cb_arguments_get_number (arguments, "delay", 0);
  if (!cb_job_spec_check (spec, &error))
    goto wrong;

  option = "--attempts";
  spec->attempts = (int) cb_arguments_get_number (arguments, "attempts", 1);
  if (!cb_job_spec_check (spec, &error))
    goto wrong;

  option = "--ttl";
  spec->ttl_msec = cb_arguments_get_number (arguments, "ttl", 0);
  if (!cb_job_spec_check (spec, &error))
    goto wrong;

  option = "--backoff";
  spec->backoff = backoff != NULL ? cb_cli_expand_backoff (backoff) : NULL;
  if (!cb_job_spec_check (spec, &error))
    goto wrong;

  spec->remove_on_complete = cb_arguments_has (arguments, "remove-on-complete");
  if (search_keys != NULL)
    spec->search_keys = g_strsplit (search_keys, ",", -1);

  return g_steal_pointer (&spec);

wrong:
  *status = cb_cli_tell_usage (cli, "%s: %s", option, error->message);
  return NULL;
}

/* The elements of --file; NULL with the exit status. */
static GPtrArray *
read_file (CbCli *cli,
           const char *path,
           int *status)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) elements = NULL;
  g_autoptr (GError) error = NULL;
  const char *file = strcmp (path, "-") == 0 ? "/dev/stdin" : path;
  gsize length;

  *status = CB_EXIT_FAILED;

  if (!g_file_get_contents (file, &text, &length, &error))
    {
      cb_cli_complain (cli, "--file: %s", error->message);
      return NULL;
    }
  if (!cb_json_check (text, (gssize) length, &error))
    {
      cb_cli_complain (cli, _("--file: “%s” holds no JSON. %s"), path, error->message);
      return NULL;
    }

  elements = cb_json_split_array (text, (gssize) length, NULL);
  if (elements == NULL)
    {
      fprintf (stderr, "Jobs is not an array\n");
      return NULL;
    }

  return g_steal_pointer (&elements);
}

/* --- telling --- */

static void
print_json_news (CbCli *cli,
                 const char *id,
                 const char *news,
                 int percent,
                 const char *reason)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (id, writer);
  cb_json_writer_name (writer, "event");
  cb_json_writer_string (writer, news, -1);
  if (strcmp (news, "progress") == 0)
    {
      cb_json_writer_name (writer, "progress");
      cb_json_writer_int (writer, percent);
    }
  if (reason != NULL)
    {
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, reason, -1);
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static void
news_cb (const char *id,
         CbWatchNews news,
         int percent,
         const char *reason,
         gpointer user_data)
{
  Creation *self = user_data;
  CbCli *cli = self->cli;

  /* When the job goes as soon as it is complete, its going may be all that was seen of it. */
  if (news == CB_WATCH_REMOVED && self->remove_on_complete)
    news = CB_WATCH_COMPLETED;

  switch (news)
    {
    case CB_WATCH_PROGRESS:
      if (cli->json)
        print_json_news (cli, id, "progress", percent, NULL);
      else
        cb_cli_print (cli, "Notification job %s %d%% complete\n", id, percent);
      break;

    case CB_WATCH_COMPLETED:
      if (cli->json)
        print_json_news (cli, id, "complete", 0, NULL);
      else
        cb_cli_print (cli, "Notification job completed\n");
      break;

    case CB_WATCH_FAILED:
      self->n_failed++;
      if (cli->json)
        print_json_news (cli, id, "failed", 0, reason);
      else
        cb_cli_print (cli, "Notification job failed\n");
      if (reason != NULL)
        cb_cli_complain (cli, _("Job %s: %s"), id, reason);
      break;

    case CB_WATCH_REMOVED:
      self->n_failed++;
      if (cli->json)
        print_json_news (cli, id, "remove", 0, NULL);
      cb_cli_complain (cli, _("Job %s was removed before it was finished"), id);
      break;

    default:
      g_assert_not_reached ();
    }

  cb_cli_flush (cli);
}

static void
tell_created (Creation *self,
              const char *id)
{
  if (self->cli->json)
    print_json_news (self->cli, id, "created", 0, NULL);
  else
    cb_cli_print (self->cli, "Notification job created: %s\n", id);

  if (self->watch != NULL)
    {
      cb_cli_flush (self->cli);
      cb_cli_watch_add (self->watch, id);
    }
}

/* --- creating --- */

/* Not cancelled by a signal: jobs that are being created will be there, so their ids are told. */
static gboolean
create_portion (Creation *self,
                GPtrArray *specs,
                GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  CbEngine *engine = cb_cli_get_engine (self->cli);

  cb_engine_create_async (engine, specs, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  ids = cb_engine_create_finish (engine, result, error);
  if (ids == NULL)
    return FALSE;

  for (guint i = 0; i < ids->len; i++)
    tell_created (self, g_ptr_array_index (ids, i));
  if (self->watch != NULL)
    cb_cli_watch_settle (self->watch);

  return TRUE;
}

/* @elements: (nullable): the data of each job; NULL for @count jobs with the data of @spec */
static gboolean
create_all (Creation *self,
            CbJobSpec *spec,
            GPtrArray *elements,
            gint64 count,
            GError **error)
{
  gint64 from = 0;

  while (from < count && !cb_cli_is_interrupted (self->cli))
    {
      gint64 n = MIN (count - from, CB_CLI_PORTION);
      g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);

      for (gint64 i = 0; i < n; i++)
        {
          CbJobSpec *one = cb_job_spec_copy (spec);

          if (elements != NULL)
            {
              g_clear_pointer (&one->data, g_bytes_unref);
              one->data = g_bytes_ref (g_ptr_array_index (elements, (guint) (from + i)));
            }
          g_ptr_array_add (specs, one);
        }

      if (!create_portion (self, specs, error))
        return FALSE;
      from += n;
    }

  return TRUE;
}

static int
create (CbCli *cli,
        CbJobSpec *spec,
        GPtrArray *elements,
        gint64 count)
{
  Creation self = { .cli = cli, .remove_on_complete = spec->remove_on_complete };
  g_autoptr (CbCliWatch) watch = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;
  /* Who gives a delay has a time of his own clock in mind. */
  if (spec->delay_msec > 0)
    cb_cli_tell_clock (cli);

  if (cb_arguments_has (cli->arguments, "watch"))
    {
      watch = cb_cli_watch_new (cli, cb_cli_get_engine (cli), news_cb, &self);
      cb_cli_watch_start (watch);
      self.watch = watch;
    }

  if (!create_all (&self, spec, elements, count, &error))
    return cb_cli_tell_error (cli, error);

  if (watch != NULL)
    cb_cli_watch_run (watch, -1);
  if (cb_cli_is_interrupted (cli))
    return CB_EXIT_INTERRUPTED;

  return self.n_failed > 0 ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

static int
run_create (CbCli *cli)
{
  const char *data = cb_arguments_get_text (cli->arguments, "data");
  const char *file = cb_arguments_get_text (cli->arguments, "file");
  g_autoptr (CbJobSpec) spec = NULL;
  g_autoptr (GPtrArray) elements = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (data == NULL && file == NULL)
    return cb_cli_tell_usage (cli, _("--data or --file is missing"));
  if (data != NULL && file != NULL)
    return cb_cli_tell_usage (cli, _("--data and --file can’t be given together"));
  if (file != NULL && cb_arguments_has (cli->arguments, "count"))
    return cb_cli_tell_usage (cli, _("--count and --file can’t be given together"));

  spec = make_spec (cli, &status);
  if (spec == NULL)
    return status;

  if (file != NULL)
    {
      elements = read_file (cli, file, &status);
      if (elements == NULL)
        return status;
      return create (cli, spec, elements, elements->len);
    }

  g_clear_pointer (&spec->data, g_bytes_unref);
  spec->data = g_bytes_new (data, strlen (data));
  if (!cb_job_spec_check (spec, &error))
    return cb_cli_tell_usage (cli, "--data: %s", error->message);

  return create (cli, spec, NULL, cb_arguments_get_number (cli->arguments, "count", 1));
}

static const CbOption create_options[] = {
  { "data", CB_OPTION_TEXT, "JSON", N_("what the job is about, stored as it is") },
  { "file", CB_OPTION_TEXT, "FILE", N_("a JSON array instead: each element is the data of a job; - for standard input") },
  { "priority", CB_OPTION_TEXT, "P", N_("low, normal, medium, high, critical or a number; smaller comes first") },
  { "delay", CB_OPTION_NUMBER, "MS", N_("when it is due, from now on"), 0, G_MAXINT64 },
  { "attempts", CB_OPTION_NUMBER, "N", N_("how often it is tried (default: 1)"), 1, G_MAXINT },
  { "backoff", CB_OPTION_TEXT, "HOW",
    N_("the wait before the next attempt: true (the delay again), fixed:MS, exponential:MS[:MAX] or their JSON") },
  { "ttl", CB_OPTION_NUMBER, "MS", N_("how long one run may take"), 0, G_MAXINT64 },
  { "remove-on-complete", CB_OPTION_FLAG, NULL, N_("remove it when it is complete") },
  { "search-keys", CB_OPTION_TEXT, "KEY,…", N_("the members of the data that a search finds it by; an empty list for all of them") },
  { "count", CB_OPTION_NUMBER, "N", N_("how many jobs like this"), 1, G_MAXINT },
  { "watch", CB_OPTION_FLAG, NULL, N_("stay and tell the progress, until all are finished; status 1 when one failed") },
  { NULL }
};

const CbCliCommand cb_command_job_create[] = {
  { .name = "job create",
    .usage = "TYPE --data JSON | --file FILE",
    .summary = N_("Create jobs in the queue TYPE"),
    .options = create_options,
    .min_words = 1,
    .max_words = 1,
    .writes = TRUE,
    .run = run_create },
  { NULL }
};
