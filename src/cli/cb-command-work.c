/* cb-command-work.c: work
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"
#include "cb-handlers.h"
#include "cb-worker.h"

#ifdef HAVE_WEBHOOK
#include "cb-webhook-handler.h"
#endif

#include <glib/gi18n.h>
#include <string.h>

/* What running jobs are given after the first signal, unless told otherwise. */
#define GRACE_MSEC 30000

/* --- telling --- */

static void
line_cb (CbHandler *handler,
         const char *line,
         CbCli *cli)
{
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "event");
      cb_json_writer_string (writer, "line", -1);
      cb_json_writer_name (writer, "line");
      cb_json_writer_string (writer, line, -1);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      cb_cli_write_value (cli, line, strlen (line));
      cb_cli_write (cli, "\n", 1);
    }
  cb_cli_flush (cli);
}

static void
started_cb (CbWorker *worker,
            CbJobRecord *job,
            CbCli *cli)
{
  g_autoptr (CbJsonWriter) writer = NULL;

  if (!cli->json)
    return;

  writer = cb_json_writer_new ();
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (job->id, writer);
  cb_json_writer_name (writer, "event");
  cb_json_writer_string (writer, "start", -1);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
  cb_cli_flush (cli);
}

static void
finished_cb (CbWorker *worker,
             CbJobRecord *job,
             GBytes *result,
             const GError *error,
             gboolean will_retry,
             CbCli *cli)
{
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "id");
      cb_job_id_to_json (job->id, writer);
      cb_json_writer_name (writer, "event");
      cb_json_writer_string (writer, error == NULL ? "complete" : will_retry ? "failed attempt" : "failed", -1);
      if (result != NULL)
        {
          gsize length;
          const char *data = g_bytes_get_data (result, &length);

          cb_json_writer_name (writer, "result");
          cb_json_writer_raw (writer, data != NULL ? data : "", (gssize) length);
        }
      if (error != NULL)
        {
          cb_json_writer_name (writer, "error");
          cb_json_writer_string (writer, error->message, -1);
        }
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
      cb_cli_flush (cli);
    }
  else if (error != NULL && will_retry)
    cb_cli_complain (cli, _("Job %s: %s (it will be tried again)"), job->id, error->message);
  else if (error != NULL)
    cb_cli_complain (cli, _("Job %s: %s"), job->id, error->message);
}

static void
problem_cb (CbWorker *worker,
            GParamSpec *pspec,
            CbCli *cli)
{
  g_autofree char *problem = NULL;

  g_object_get (worker, "problem", &problem, NULL);
  if (problem != NULL)
    cb_cli_complain (cli, "%s", problem);
}

/* --- the handler --- */

/* The first line of --secret-file, so that the secret stands neither in the list of processes nor in a shell's history. */
static gboolean
read_secret (CbCli *cli,
             const char *path,
             char **secret,
             int *status)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, secret, NULL, &error))
    {
      cb_cli_complain (cli, _("The secret can’t be read: %s"), error->message);
      *status = CB_EXIT_FAILED;
      return FALSE;
    }

  (*secret)[strcspn (*secret, "\r\n")] = '\0';
  g_strstrip (*secret);
  if ((*secret)[0] != '\0')
    return TRUE;

  cb_cli_complain (cli, _("“%s” holds no secret in its first line"), path);
  *status = CB_EXIT_FAILED;
  return FALSE;
}

/* Read once before any job is taken: what can't be trusted later fails each of them for good. */
static gboolean
check_ca_file (CbCli *cli,
               const char *path,
               int *status)
{
  g_autoptr (GError) error = NULL;
  g_autolist (GTlsCertificate) certificates = NULL;

  /* What can be read once only is left to the handler. */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  certificates = g_tls_certificate_list_new_from_file (path, &error);
  if (certificates != NULL)
    return TRUE;

  if (error != NULL)
    cb_cli_complain (cli, _("The certificates can’t be read: %s"), error->message);
  else
    cb_cli_complain (cli, _("“%s” holds no certificate"), path);
  *status = CB_EXIT_FAILED;
  return FALSE;
}

static gboolean
set_up_webhook (CbCli *cli,
                GObject *handler,
                const char *name,
                int *status)
{
  const char *url = cb_arguments_get_text (cli->arguments, "url");
  const char *secret_file = cb_arguments_get_text (cli->arguments, "secret-file");
  const char *ca_file = cb_arguments_get_text (cli->arguments, "ca-file");
  g_autofree char *ca_path = ca_file != NULL ? g_canonicalize_filename (ca_file, NULL) : NULL;
  g_autofree char *secret = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (handler), "url") == NULL)
    {
      if (url == NULL && secret_file == NULL && ca_file == NULL)
        return TRUE;
      *status = cb_cli_tell_usage (cli, _("The handler “%s” knows no --url, --secret-file and --ca-file"), name);
      return FALSE;
    }

  if (url == NULL)
    {
      *status = cb_cli_tell_usage (cli, _("The handler “%s” needs a --url"), name);
      return FALSE;
    }
  if (secret_file != NULL && !read_secret (cli, secret_file, &secret, status))
    return FALSE;
  if (ca_path != NULL && !check_ca_file (cli, ca_path, status))
    return FALSE;
  g_object_set (handler, "url", url, "secret-header", secret, "ca-file", ca_path, NULL);

#ifdef HAVE_WEBHOOK
  {
    g_autoptr (GError) error = NULL;

    if (!cb_webhook_handler_check (CB_WEBHOOK_HANDLER (handler), &error))
      {
        *status = cb_cli_tell_usage (cli, "%s", error->message);
        return FALSE;
      }
  }
#endif

  return TRUE;
}

static CbHandler *
create_handler (CbCli *cli,
                int *status)
{
  const char *name = cb_arguments_get_text (cli->arguments, "handler");
  const char * const *blocked = cb_arguments_get_list (cli->arguments, "block");
  const char * const *program = cb_arguments_get_words (cli->arguments, 1);
  g_autofree char *found = NULL;
  g_autoptr (CbHandler) handler = NULL;
  g_autoptr (GError) error = NULL;
  GObjectClass *class;

  if (name == NULL)
    name = "log";

  /* A desktop notification belongs to an application, which is what opens the job when it is clicked. */
  if (strcmp (name, "notify") == 0)
    {
      *status = cb_cli_tell_usage (cli, _("--handler notify works only in the window (callboard)"));
      return NULL;
    }

  handler = cb_handlers_create (name, &error);
  if (handler == NULL)
    {
      *status = cb_cli_tell_usage (cli, "--handler: %s", error->message);
      return NULL;
    }

  class = G_OBJECT_GET_CLASS (handler);
  if (blocked != NULL)
    {
      if (g_object_class_find_property (class, "block-list") == NULL)
        {
          *status = cb_cli_tell_usage (cli, _("The handler “%s” knows no --block"), name);
          return NULL;
        }
      g_object_set (handler, "block-list", blocked, NULL);
    }

  /* Word by word as it was typed, and never through a shell. */
  if (g_object_class_find_property (class, "argv") != NULL)
    {
      if (program[0] == NULL)
        {
          *status = cb_cli_tell_usage (cli, _("The handler “%s” needs a program behind --"), name);
          return NULL;
        }
      found = g_find_program_in_path (program[0]);
      if (found == NULL)
        {
          cb_cli_complain (cli, _("“%s” is no program that can be run here"), program[0]);
          *status = CB_EXIT_FAILED;
          return NULL;
        }
      g_object_set (handler, "argv", program, NULL);
    }
  else if (program[0] != NULL)
    {
      *status = cb_cli_tell_usage (cli, _("The handler “%s” takes no program, and one type is served at a time"), name);
      return NULL;
    }

  if (!set_up_webhook (cli, G_OBJECT (handler), name, status))
    return NULL;

  if (g_signal_lookup ("line", G_OBJECT_TYPE (handler)) != 0)
    g_signal_connect (handler, "line", G_CALLBACK (line_cb), cli);

  return g_steal_pointer (&handler);
}

/* --- working --- */

/* Who has interrupted it is told what it still waits for, or it would look as if nothing happened. */
static void
tell_wait (CbCli *cli,
           CbWorker *worker)
{
  guint n_active;

  g_object_get (worker, "n-active", &n_active, NULL);
  if (n_active > 0)
    cb_cli_complain (cli,
                     ngettext ("stopping when the job that runs has ended; another interrupt puts it back at once",
                               "stopping when the %u jobs that run have ended; another interrupt puts them back at once",
                               n_active),
                     n_active);
}

/* After the first signal the jobs that run are finished, after the second they are put back at once. FALSE when it could not be
 * told what came of some of them. */
static gboolean
stop (CbCli *cli,
      CbWorker *worker)
{
  guint grace_msec = (guint) cb_arguments_get_number (cli->arguments, "grace", GRACE_MSEC);
  g_autoptr (GAsyncResult) stopped = NULL;
  g_autoptr (GAsyncResult) hurried = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_hurried = FALSE;

  if (cb_worker_get_state (worker) == CB_WORKER_STOPPED)
    return TRUE;

  cb_worker_stop_async (worker, grace_msec, NULL, cb_cli_take_result, &stopped);
  if (cli->n_signals == 1 && grace_msec > 0)
    tell_wait (cli, worker);
  while (stopped == NULL)
    {
      g_main_context_iteration (NULL, TRUE);
      if (cli->n_signals > 1 && !is_hurried)
        {
          is_hurried = TRUE;
          cb_worker_stop_async (worker, 0, NULL, cb_cli_take_result, &hurried);
        }
    }
  cb_worker_stop_finish (worker, stopped, &error);

  if (is_hurried)
    {
      cb_cli_await (&hurried);
      cb_worker_stop_finish (worker, hurried, NULL);
    }

  if (error != NULL)
    cb_cli_complain (cli, "%s", error->message);

  return error == NULL;
}

typedef struct
{
  gboolean answered;
  gboolean drained;         /* FALSE when the worker was stopped before, or can't go on */
  GError *error;            /* (owned) (nullable) why it can't */
} Drain;

static void
drained_cb (GObject *source,
            GAsyncResult *result,
            gpointer user_data)
{
  Drain *drain = user_data;

  drain->drained = cb_worker_drain_finish (CB_WORKER (source), result, &drain->error);
  drain->answered = TRUE;
}

/* N, N/s, N/m or N/h. */
static gboolean
parse_rate (CbCli *cli,
            guint *limit,
            guint *interval_msec,
            int *status)
{
  const char *text = cb_arguments_get_text (cli->arguments, "rate");
  g_autofree char *number = NULL;
  gint64 value;
  gsize digits;

  *limit = 0;
  *interval_msec = 1000;
  if (text == NULL)
    return TRUE;

  digits = strspn (text, "0123456789");
  number = g_strndup (text, digits);
  if (strcmp (text + digits, "/m") == 0)
    *interval_msec = 60 * 1000;
  else if (strcmp (text + digits, "/h") == 0)
    *interval_msec = 60 * 60 * 1000;
  else if (text[digits] != '\0' && strcmp (text + digits, "/s") != 0)
    digits = 0;

  if (digits == 0 || !g_ascii_string_to_signed (number, 10, 1, 10000, &value, NULL))
    {
      *status = cb_cli_tell_usage (cli, _("--rate is a number from 1 to 10000 a second, minute or hour, such as 5/s, 100/m "
                                          "or 1000/h, not “%s”"), text);
      return FALSE;
    }

  *limit = (guint) value;
  return TRUE;
}

static int
run_work (CbCli *cli)
{
  gint64 concurrency = cb_arguments_get_number (cli->arguments, "concurrency", 1);
  gint64 timeout_msec = cb_arguments_get_number (cli->arguments, "job-timeout", 0);
  g_autoptr (CbHandler) handler = NULL;
  g_autoptr (CbWorker) worker = NULL;
  gboolean is_draining = cb_arguments_has (cli->arguments, "drain");
  Drain drain = { FALSE, FALSE, NULL };
  guint rate_limit, rate_interval;
  int status;

  if (!parse_rate (cli, &rate_limit, &rate_interval, &status))
    return status;
  handler = create_handler (cli, &status);
  if (handler == NULL || !cb_cli_connect_or_tell (cli, &status))
    return status;

  cb_cli_tell_clock (cli);
  worker = cb_worker_new (cb_cli_get_engine (cli), cb_arguments_get_word (cli->arguments, 0), handler,
                          (guint) concurrency);
  g_object_set (worker,
                "timeout", (guint) timeout_msec,
                "rate-interval", rate_interval,
                "rate-limit", rate_limit,
                NULL);
  g_signal_connect (worker, "job-started", G_CALLBACK (started_cb), cli);
  g_signal_connect (worker, "job-finished", G_CALLBACK (finished_cb), cli);
  g_signal_connect (worker, "notify::problem", G_CALLBACK (problem_cb), cli);

  cb_worker_start (worker);
  if (is_draining)
    cb_worker_drain_async (worker, NULL, drained_cb, &drain);
  cb_cli_run_until (cli, &drain.answered);

  status = stop (cli, worker) ? CB_EXIT_DONE : CB_EXIT_FAILED;
  while (is_draining && !drain.answered)
    g_main_context_iteration (NULL, TRUE);

  g_signal_handlers_disconnect_by_data (worker, cli);
  g_signal_handlers_disconnect_by_data (handler, cli);

  if (g_error_matches (drain.error, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED))
    {
      cb_cli_complain (cli, "%s", drain.error->message);
      g_clear_error (&drain.error);
      return CB_EXIT_FAILED;
    }
  g_clear_error (&drain.error);

  /* Without --drain an interrupt is the way to end it. */
  return is_draining && !drain.drained ? CB_EXIT_INTERRUPTED : status;
}

static const CbOption work_options[] = {
  { "concurrency", CB_OPTION_NUMBER, "N", N_("how many jobs at once (default: 1)"), 1, 100 },
  { "handler", CB_OPTION_TEXT, "NAME", N_("what does the work: log (the default), command or webhook") },
  { "url", CB_OPTION_TEXT, "URL", N_("where the handler webhook sends the jobs") },
  { "secret-file", CB_OPTION_TEXT, "FILE", N_("a file whose first line is sent along as a header: “Name: value”, or a "
                                              "bearer token") },
  { "ca-file", CB_OPTION_TEXT, "FILE", N_("certificates that the handler webhook trusts instead of the system’s") },
  { "block", CB_OPTION_MANY, "NUMBER…", N_("recipients whose jobs fail") },
  { "rate", CB_OPTION_TEXT, "N/s", N_("start at most N jobs a second, or a minute (N/m) or an hour (N/h); this worker alone") },
  { "drain", CB_OPTION_FLAG, NULL, N_("end when nothing waits and nothing runs") },
  { "grace", CB_OPTION_NUMBER, "MS", N_("how long jobs that run may go on after an interrupt, before they are put back "
                                        "(default: 30000)"), 0, G_MAXINT },
  { "job-timeout", CB_OPTION_NUMBER, "MS", N_("how long one run may take (default: no limit)"), 1, G_MAXINT },
  { NULL }
};

const CbCliCommand cb_command_work[] = {
  { .name = "work",
    .usage = "TYPE [-- PROGRAM ARGUMENT…]",
    .summary = N_("Do the jobs of the queue TYPE"),
    .description = N_("Until it is interrupted: then no job is taken any more and those that run are finished. A "
                      "second interrupt puts them back into the queue at once.\n\n"
                      "The handler log writes the line of a notification. The handler command runs PROGRAM for each "
                      "job, which gets the job as JSON on its standard input; its status 0 completes the job. The handler webhook "
                      "sends each job to a web service, whose status 2xx completes it."),
    .options = work_options,
    .min_words = 1,
    .max_words = -1,
    .writes = TRUE,
    .run = run_work },
  { NULL }
};
