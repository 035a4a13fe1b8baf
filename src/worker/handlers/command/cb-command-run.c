/* cb-command-run.c: one program doing one job
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A run is over when the program has ended and everything that it wrote has been read. Two things could keep it from that:
 * a child of the program that lives on and holds the pipes open, and a program that does not want to end. So the end of
 * the program starts a clock, and so does cancelling; when the clock runs out, the group is killed and what is still in the
 * pipes is let go.
 *
 * The group is signalled by the number of its leader. After the leader was reaped the number could be given away again
 * only once the group is empty, and is looked at for two seconds at most; the system does not come round to a number in that time.
 */

#include "config.h"

#include "cb-command-run.h"

#include <errno.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "cb-command-handler.h"
#include "cb-job-json.h"
#include "cb-line-reader.h"
#include "cb-worker.h"

/* How long the children that a program leaves behind may take, and how often they are looked at. */
#define LEFTOVER_MSEC 1000
#define LOOK_MSEC 20

/* Lives until its task is answered, which is never before the program has ended. */
typedef struct
{
  GTask *task;                 /* (owned) */
  CbHandlerContext *context;   /* (owned) */
  char *program;               /* (owned) its name, for people */
  guint grace_msec;

  pid_t group;                 /* the number of the program, and of its group */
  int wait_status;
  GCancellable *writing;       /* (owned) of its input */
  CbLineReader *output;        /* (owned) (nullable): NULL at its end */
  CbLineReader *errors;        /* (owned) (nullable) */
  GSource *cancelled;          /* (owned) (nullable) */
  guint look_source;
  gint64 deadline;             /* monotonic µs: when the group is killed; 0: no clock runs */

  GBytes *result;              /* (owned) (nullable) */
  char *last_error;            /* (owned) (nullable): the last line of standard error */
  gsize logged;                /* bytes */
  guint n_lines;
  gboolean log_is_full;
  gboolean has_ended;
  gboolean is_cancelled;
} Run;

static void
run_free (Run *run)
{
  g_clear_object (&run->task);
  g_clear_object (&run->context);
  g_clear_object (&run->writing);
  g_clear_pointer (&run->output, cb_line_reader_free);
  g_clear_pointer (&run->errors, cb_line_reader_free);
  g_clear_pointer (&run->result, g_bytes_unref);
  g_free (run->program);
  g_free (run->last_error);
  g_free (run);
}

/* --- what it says --- */

static void
log_bytes (Run *run, const char *bytes, gsize length, gboolean cut)
{
  g_autofree char *text = NULL;

  if (run->log_is_full)
    return;

  if (run->n_lines >= CB_COMMAND_MAX_LINES || run->logged + length > CB_COMMAND_MAX_LOG)
    {
      run->log_is_full = TRUE;
      cb_handler_context_log (run->context, "(The program writes more than a log may hold; the rest is left out)");
      return;
    }

  if (length > CB_COMMAND_MAX_LINE)
    {
      length = CB_COMMAND_MAX_LINE;
      cut = TRUE;
    }
  run->n_lines++;
  run->logged += length;

  text = cb_text_display (bytes, (gssize) length, FALSE);
  cb_handler_context_log (run->context, "%s%s", text, cut ? "…" : "");
}

/* TRUE when the line is `word REST`, or the word alone. */
static gboolean
is_word (const char *line, gsize length, const char *word, const char **rest, gsize *rest_length)
{
  gsize n = strlen (word);

  if (length < n || memcmp (line, word, n) != 0 || (length > n && line[n] != ' '))
    return FALSE;

  *rest = length > n ? line + n + 1 : line + n;
  *rest_length = length > n ? length - n - 1 : 0;
  return TRUE;
}

static gboolean
take_progress (Run *run, const char *text, gsize length)
{
  g_autofree char *number = g_strstrip (g_strndup (text, length));
  char *end;
  double percent;

  if (!g_ascii_isdigit (number[0]) && number[0] != '-')
    return FALSE;
  percent = g_ascii_strtod (number, &end);
  if (*end == '%')
    end++;
  if (end == number || *end != '\0' || !isfinite (percent))
    return FALSE;

  cb_handler_context_progress (run->context, (int) CLAMP (percent, 0, 100), NULL);
  return TRUE;
}

static void
take_result (Run *run, const char *text, gsize length, gboolean cut)
{
  g_autoptr (GError) error = NULL;

  if (cut)
    {
      cb_handler_context_log (run->context, "(A result of more than %d bytes was left out)", CB_COMMAND_MAX_RESULT);
      return;
    }
  if (!cb_json_check (text, (gssize) length, &error))
    {
      log_bytes (run, text, length, FALSE);
      cb_handler_context_log (run->context, "(This result is no JSON and was left out. %s)", error->message);
      return;
    }

  g_clear_pointer (&run->result, g_bytes_unref);
  run->result = g_bytes_new (text, length);
}

static void finish_if_over (Run *run);

static void
output_line_cb (const char *line, gsize length, gboolean cut, gpointer user_data)
{
  Run *run = user_data;
  const char *rest;
  gsize rest_length;

  if (line == NULL && length == 0 && !cut)
    {
      g_clear_pointer (&run->output, cb_line_reader_free);
      finish_if_over (run);
      return;
    }
  /* What a program says after it was told to stop is not said of a job of ours. */
  if (run->is_cancelled)
    return;

  if (is_word (line, length, "progress", &rest, &rest_length) && take_progress (run, rest, rest_length))
    return;
  if (is_word (line, length, "result", &rest, &rest_length) && rest_length > 0)
    take_result (run, rest, rest_length, cut);
  else if (is_word (line, length, "log", &rest, &rest_length))
    log_bytes (run, rest, rest_length, cut);
  else
    log_bytes (run, line, length, cut);
}

static void
error_line_cb (const char *line, gsize length, gboolean cut, gpointer user_data)
{
  Run *run = user_data;

  if (line == NULL && length == 0 && !cut)
    {
      g_clear_pointer (&run->errors, cb_line_reader_free);
      finish_if_over (run);
      return;
    }
  if (run->is_cancelled)
    return;

  log_bytes (run, line, length, cut);
  if (length > 0)
    {
      g_free (run->last_error);
      run->last_error = cb_text_display (line, (gssize) MIN (length, 500), TRUE);
    }
}

/* --- how it ends --- */

static gboolean
group_lives (Run *run)
{
  return kill (-run->group, 0) == 0 || errno == EPERM;
}

static void
signal_group (Run *run, int signal_number)
{
  g_debug ("Sending signal %d to process group %d", signal_number, (int) run->group);
  kill (-run->group, signal_number);
}

static GError *
new_exit_error (Run *run)
{
  g_autofree char *how = NULL;

  if (WIFSIGNALED (run->wait_status))
    {
      int number = WTERMSIG (run->wait_status);

      how = g_strdup_printf ("was ended by signal %d (%s)", number, g_strsignal (number));
    }
  else
    how = g_strdup_printf ("ended with status %d", WEXITSTATUS (run->wait_status));

  if (run->last_error != NULL)
    return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED, "The program “%s” %s: %s",
                        run->program, how, run->last_error);
  return g_error_new (CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED, "The program “%s” %s", run->program, how);
}

static void
answer (Run *run)
{
  g_autoptr (GTask) task = g_object_ref (run->task);

  g_clear_handle_id (&run->look_source, g_source_remove);
  if (run->cancelled != NULL)
    g_source_destroy (run->cancelled);
  g_clear_pointer (&run->cancelled, g_source_unref);
  g_clear_pointer (&run->output, cb_line_reader_free);
  g_clear_pointer (&run->errors, cb_line_reader_free);
  g_cancellable_cancel (run->writing);

  if (run->is_cancelled)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The program “%s” was ended", run->program);
  else if (WIFEXITED (run->wait_status) && WEXITSTATUS (run->wait_status) == 0)
    g_task_return_pointer (task, g_steal_pointer (&run->result), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, new_exit_error (run));

  run_free (run);
}

static void
finish_if_over (Run *run)
{
  if (run->has_ended && run->output == NULL && run->errors == NULL && !group_lives (run))
    answer (run);
}

static gboolean
look_cb (gpointer user_data)
{
  Run *run = user_data;

  if (run->has_ended && !group_lives (run) && ((run->output == NULL && run->errors == NULL) || run->is_cancelled))
    {
      run->look_source = 0;
      answer (run);
      return G_SOURCE_REMOVE;
    }

  if (g_get_monotonic_time () < run->deadline)
    return G_SOURCE_CONTINUE;

  if (group_lives (run))
    signal_group (run, SIGKILL);
  if (!run->has_ended)
    {
      /* Nothing survives that; its end is on its way, unless the kernel itself is stuck. */
      run->deadline = G_MAXINT64;
      return G_SOURCE_CONTINUE;
    }

  run->look_source = 0;
  answer (run);
  return G_SOURCE_REMOVE;
}

static void
start_clock (Run *run, guint msec, int priority)
{
  run->deadline = g_get_monotonic_time () + (gint64) msec * 1000;
  g_clear_handle_id (&run->look_source, g_source_remove);
  run->look_source = g_timeout_add_full (priority, LOOK_MSEC, look_cb, run, NULL);
}

static void
ended_cb (GPid pid, int wait_status, gpointer user_data)
{
  Run *run = user_data;

  g_spawn_close_pid (pid);
  run->wait_status = wait_status;
  run->has_ended = TRUE;

  if (run->is_cancelled)
    {
      if (run->deadline == G_MAXINT64)
        answer (run);
      return;
    }

  if (group_lives (run))
    signal_group (run, SIGTERM);
  /* After the reading, however late that comes: while there is something to read the clock doesn't run out. */
  start_clock (run, LEFTOVER_MSEC, CB_LINE_READER_PRIORITY + 1);
  finish_if_over (run);   /* run may be gone */
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Run *run = user_data;

  if (run->has_ended)
    {
      /* The outcome is known; only its children keep us. */
      signal_group (run, SIGKILL);
      answer (run);
      return G_SOURCE_REMOVE;
    }

  run->is_cancelled = TRUE;
  signal_group (run, SIGTERM);
  start_clock (run, run->grace_msec, G_PRIORITY_DEFAULT);

  return G_SOURCE_REMOVE;
}

/* --- how it begins --- */

static void
set_up_child (gpointer user_data)
{
  pid_t parent = (pid_t) GPOINTER_TO_INT (user_data);

  /* Only what is safe between fork and exec. */
  setpgid (0, 0);
#ifdef __linux__
  /* A worker that dies leaves its job to another one; this run must not go on beside that one's. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent)
    _exit (127);
#else
  (void) parent;
#endif
}

/* Not GSubprocess: it doesn't tell the number of a program that has ended already, whose children may still live. */
static gboolean
spawn (Run *run,
       const char * const *argv,
       const char *directory,
       const char * const *environment,
       int fds[3],
       GError **error)
{
  g_auto (GStrv) all = g_get_environ ();

  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    {
      const char *equals = strchr (environment[i], '=');

      if (equals != NULL && equals != environment[i])
        {
          g_autofree char *name = g_strndup (environment[i], equals - environment[i]);

          all = g_environ_setenv (all, name, equals + 1, TRUE);
        }
    }

  if (!g_spawn_async_with_pipes_and_fds (directory, argv, (const char * const *) all,
                                         G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                                         set_up_child, GINT_TO_POINTER ((int) getpid ()),
                                         -1, -1, -1, NULL, NULL, 0,
                                         &run->group, &fds[0], &fds[1], &fds[2], error))
    return FALSE;

  for (guint i = 0; i < 3; i++)
    g_unix_set_fd_nonblocking (fds[i], TRUE, NULL);
  return TRUE;
}

static char *
describe_spawn_error (const char *program, const char *directory, const GError *error)
{
  /* GLib's own words name the system call; these say what to look at. */
  if (directory != NULL && !g_file_test (directory, G_FILE_TEST_IS_DIR))
    return g_strdup_printf ("The program “%s” can't be started: there is no folder “%s”", program, directory);
  if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    return g_strdup_printf ("The program “%s” can't be started: there is no such program", program);
  if (g_error_matches (error, G_SPAWN_ERROR, G_SPAWN_ERROR_ACCES))
    return g_strdup_printf ("The program “%s” can't be started: it may not be executed", program);

  return g_strdup_printf ("The program “%s” can't be started: %s", program, error->message);
}

static GBytes *
job_to_line (CbJobRecord *job)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *text = NULL;
  char *line;

  cb_job_record_to_json (job, writer);
  text = cb_json_writer_steal (writer);
  line = g_strconcat (text, "\n", NULL);

  return g_bytes_new_take (line, strlen (line));
}

typedef struct
{
  GBytes *bytes;
  GOutputStream *stream;
} Input;

static void
input_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Input *input = user_data;

  /* A program may not care for what it is given and close its end: that is no failure. */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_output_stream_close_async (input->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);

  g_bytes_unref (input->bytes);
  g_object_unref (input->stream);
  g_free (input);
}

static void
write_input (Run *run, int fd)
{
  Input *input = g_new0 (Input, 1);
  const char *data;
  gsize length;

  input->bytes = job_to_line (cb_handler_context_get_job (run->context));
  input->stream = g_unix_output_stream_new (fd, TRUE);
  data = g_bytes_get_data (input->bytes, &length);

  g_output_stream_write_all_async (input->stream, data, length, G_PRIORITY_DEFAULT, run->writing, input_written_cb, input);
}

static CbLineReader *
read_lines (Run *run, int fd, gsize max_length, CbLineFunc func)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (fd, TRUE);

  return cb_line_reader_new (stream, max_length, func, run);
}

/**
 * cb_command_run_start:
 * @task: (transfer full): answered with the result, %CB_WORKER_ERROR_FAILED or, when cancelled, %G_IO_ERROR_CANCELLED; in
 *   the last case not before the group is gone
 * @grace_msec: between SIGTERM and SIGKILL
 *
 * Starts the program and sees it through.
 */
void
cb_command_run_start (GTask *task,
                      CbHandlerContext *context,
                      const char * const *argv,
                      const char *directory,
                      const char * const *environment,
                      guint grace_msec)
{
  static gsize pipe_ignored;
  GCancellable *cancellable = cb_handler_context_get_cancellable (context);
  g_autoptr (GError) error = NULL;
  int fds[3];
  Run *run;

  /* Writing to a program that has closed its input must be an error and not our end; GSocket does the same. Programs that
   * are started get the signal back. */
  if (g_once_init_enter (&pipe_ignored))
    {
      signal (SIGPIPE, SIG_IGN);
      g_once_init_leave (&pipe_ignored, 1);
    }

  run = g_new0 (Run, 1);
  run->task = task;
  run->context = g_object_ref (context);
  run->program = cb_text_display (argv[0], -1, TRUE);
  run->grace_msec = grace_msec;
  run->writing = g_cancellable_new ();

  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      run_free (run);
      return;
    }
  if (!spawn (run, argv, directory, environment, fds, &error))
    {
      g_autofree char *message = describe_spawn_error (run->program, directory, error);

      g_task_return_new_error (task, CB_WORKER_ERROR, CB_WORKER_ERROR_FAILED, "%s", message);
      run_free (run);
      return;
    }

  g_child_watch_add (run->group, ended_cb, run);
  run->output = read_lines (run, fds[1], CB_COMMAND_MAX_RESULT + strlen ("result "), output_line_cb);
  run->errors = read_lines (run, fds[2], CB_COMMAND_MAX_LINE, error_line_cb);
  write_input (run, fds[0]);

  run->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (run->cancelled, G_SOURCE_FUNC (cancelled_cb), run, NULL);
  g_source_attach (run->cancelled, g_task_get_context (task));
}
