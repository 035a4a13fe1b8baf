/* crash-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A worker that is there to be killed. It writes `start ID` into a file when a run begins and `done ID` when its outcome stands
 * on the server, each in one write, so that nothing of what it did is lost with it. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cb-kue-engine.h"
#include "cb-test-handler.h"
#include "cb-worker.h"

static char *arg_server;
static char *arg_file;
static char *arg_result;
static char *arg_abort;
static int arg_concurrency = 1;
static int arg_msec;
static int arg_lease = 6000;
static int arg_grace = 10000;
static int arg_kill_at;
static gboolean arg_drain;
static gboolean arg_quiet;

static const GOptionEntry entries[] = {
  { "server", 0, 0, G_OPTION_ARG_STRING, &arg_server, "Where", "URI" },
  { "file", 0, 0, G_OPTION_ARG_FILENAME, &arg_file, "What was done", "FILE" },
  { "result", 0, 0, G_OPTION_ARG_STRING, &arg_result, "The result of each job", "JSON" },
  { "abort", 0, 0, G_OPTION_ARG_STRING, &arg_abort, "Abort in the middle of this job", "ID" },
  { "concurrency", 0, 0, G_OPTION_ARG_INT, &arg_concurrency, "Jobs at once", "N" },
  { "msec", 0, 0, G_OPTION_ARG_INT, &arg_msec, "How long a job takes", "MS" },
  { "lease", 0, 0, G_OPTION_ARG_INT, &arg_lease, "The lease", "MS" },
  { "grace", 0, 0, G_OPTION_ARG_INT, &arg_grace, "What running jobs are given at SIGTERM", "MS" },
  { "kill-at", 0, 0, G_OPTION_ARG_INT, &arg_kill_at, "Be killed when so many commands were sent", "N" },
  { "drain", 0, 0, G_OPTION_ARG_NONE, &arg_drain, "End when all is done", NULL },
  { "quiet", 0, 0, G_OPTION_ARG_NONE, &arg_quiet, "Jobs tell nothing while they run", NULL },
  { NULL },
};

static CbConnection *watched;
static int fd = -1;
static int status;

static void
write_down (const char *what, const char *id)
{
  g_autofree char *line = g_strdup_printf ("%s %s\n", what, id);

  if (fd >= 0 && write (fd, line, strlen (line)) < 0)
    g_error ("%s: %s", arg_file, g_strerror (errno));
}

static void
script (CbHandlerContext *context, gpointer user_data)
{
  CbJobRecord *job = cb_handler_context_get_job (context);

  write_down ("start", job->id);
  if (g_strcmp0 (arg_abort, job->id) == 0)
    abort ();
  if (arg_quiet)
    return;

  cb_handler_context_progress (context, 50, NULL);
  cb_handler_context_log (context, "run of job %s", job->id);
}

static void
finished_cb (CbWorker *worker, CbJobRecord *job, GBytes *result, GError *error, gboolean will_retry, gpointer user_data)
{
  write_down (error == NULL ? "done" : g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_OWNER) ? "lost" : "not-done",
              job->id);
}

/* Killed between any two steps of the main loop: before the last command has left, after its reply, and so on. */
static gboolean
prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  if (cb_connection_get_n_commands_sent (watched) >= (guint64) arg_kill_at)
    kill (getpid (), SIGKILL);

  return FALSE;
}

static GSourceFuncs killer_funcs = { .prepare = prepare };

static void
ended_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean done = arg_drain && g_task_get_source_tag (G_TASK (result)) == cb_worker_drain_async
                    ? cb_worker_drain_finish (CB_WORKER (object), result, &error)
                    : cb_worker_stop_finish (CB_WORKER (object), result, &error);

  if (!done && !g_error_matches (error, CB_WORKER_ERROR, CB_WORKER_ERROR_STOPPED))
    g_printerr ("%s\n", error->message);
  status = done ? 0 : 1;
  g_main_loop_quit (user_data);
}

typedef struct
{
  CbWorker *worker;
  GMainLoop *loop;
} Program;

static gboolean
terminate_cb (gpointer user_data)
{
  Program *program = user_data;

  cb_worker_stop_async (program->worker, arg_grace, NULL, ended_cb, program->loop);

  return G_SOURCE_CONTINUE;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) options = g_option_context_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbTestHandler) handler = NULL;
  g_autoptr (CbWorker) worker = NULL;
  Program program;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    g_error ("%s", error->message);

  if (arg_file != NULL)
    fd = open (arg_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

  address = cb_address_parse (arg_server, &error);
  if (address == NULL)
    g_error ("%s", error->message);
  connection = cb_connection_new (address, "crash-worker");
  cb_connection_open (connection);
  engine = cb_kue_engine_new (connection, "q");

  handler = cb_test_handler_new (arg_msec);
  handler->script = script;
  handler->result = arg_result;
  worker = g_object_new (CB_TYPE_WORKER,
                         "engine", engine,
                         "queue", "email",
                         "handler", handler,
                         "concurrency", arg_concurrency,
                         "lease", arg_lease,
                         NULL);
  g_signal_connect (worker, "job-finished", G_CALLBACK (finished_cb), NULL);

  program.worker = worker;
  program.loop = loop;
  g_unix_signal_add (SIGTERM, terminate_cb, &program);

  if (arg_kill_at > 0)
    {
      watched = connection;
      g_source_attach (g_source_new (&killer_funcs, sizeof (GSource)), NULL);
    }

  if (arg_drain)
    cb_worker_drain_async (worker, NULL, ended_cb, loop);
  else
    cb_worker_start (worker);
  g_main_loop_run (loop);

  g_assert_finalize_object (g_steal_pointer (&worker));
  cb_connection_close (connection);

  return status;
}
