/* bench-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * How many jobs a second are created and done when the work itself takes no time, and what that costs. Not a test:
 *
 *   meson test --benchmark, or bench-worker [--jobs N] [--concurrency C]
 *
 * With --port P it uses the server that listens there, empties it, and prints one line of JSON in the form of peers/peers.js,
 * which measures other queues in the same way; peers/run.sh runs all of them in turn. The jobs are made in batches of 100,
 * or one a call with as many as --window calls under way.
 *
 * --latency PROGRAM adds one job at a time to an idle worker and measures how long it takes until its handler is called: in one process
 * that adds and works, as it is measured with the others. Then the same with PROGRAM, which is callboardctl, as the worker, until
 * its line comes out of the pipe here; then it lets it do many jobs and looks how large it has grown.
 */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cb-json.h"
#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-worker.h"

static int arg_jobs = 20000;
static int arg_concurrency;
static int arg_port;
static int arg_window;
static char *arg_latency;

static const GOptionEntry entries[] = {
  { "jobs", 0, 0, G_OPTION_ARG_INT, &arg_jobs, "How many jobs", "N" },
  { "concurrency", 0, 0, G_OPTION_ARG_INT, &arg_concurrency, "How many at once (default: 1, 10, 50 and 100)", "C" },
  { "port", 0, 0, G_OPTION_ARG_INT, &arg_port, "A server on this machine, which is emptied", "P" },
  { "window", 0, 0, G_OPTION_ARG_INT, &arg_window, "Create one job a call, so many calls at once", "W" },
  { "latency", 0, 0, G_OPTION_ARG_FILENAME, &arg_latency, "Measure the worker of this callboardctl", "PROGRAM" },
  { NULL },
};

/* --- a handler that does nothing, as quickly as one that does something could --- */

#define TYPE_IDLER (idler_get_type ())
G_DECLARE_FINAL_TYPE (Idler, idler, IDLE, R, GObject)

struct _Idler
{
  GObject parent_instance;
};

static gint64 called_at;
static guint n_called;

static void
idler_run_async (CbHandler *handler, CbHandlerContext *context, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (handler, cb_handler_context_get_cancellable (context), callback, user_data);

  if (arg_latency != NULL)
    called_at = g_get_monotonic_time ();
  n_called++;
  g_task_return_pointer (task, NULL, NULL);
}

static GBytes *
idler_run_finish (CbHandler *handler, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
idler_iface_init (CbHandlerInterface *iface)
{
  iface->name = "idler";
  iface->title = "Idler";
  iface->run_async = idler_run_async;
  iface->run_finish = idler_run_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Idler, idler, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (CB_TYPE_HANDLER, idler_iface_init))

static void
idler_class_init (IdlerClass *klass)
{
}

static void
idler_init (Idler *self)
{
}

/* --- measuring --- */

typedef struct
{
  gint64 wall;           /* µs, all three */
  gint64 client;
  gint64 server;
  gint64 n_commands;
  double jobs_per_s;
} Cost;

static gint64
get_client_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static double
get_info (const char *info, const char *field)
{
  g_autofree char *start = g_strconcat ("\r\n", field, ":", NULL);
  const char *found = strstr (info, start);

  return found != NULL ? g_ascii_strtod (found + strlen (start), NULL) : 0;
}

static CbReply *
call (CbConnection *connection, CbCommand *command)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbReply *reply;

  cb_connection_call_async (connection, command, NULL, cb_test_store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  reply = cb_connection_call_finish (connection, result, &error);
  if (reply == NULL)
    g_error ("%s", error->message);
  return reply;
}

static void
get_server_time (CbConnection *connection, gint64 *time, gint64 *n_commands)
{
  g_autoptr (CbReply) reply = call (connection, cb_command_new ("INFO", "everything", NULL));
  const char *info = cb_value_get_string (cb_reply_get_value (reply), NULL);

  *time = (gint64) ((get_info (info, "used_cpu_user") + get_info (info, "used_cpu_sys")) * G_USEC_PER_SEC);
  *n_commands = (gint64) get_info (info, "total_commands_processed");
}

/* @observer is a connection that the work does not use. */
static void
begin (CbConnection *observer, Cost *cost)
{
  get_server_time (observer, &cost->server, &cost->n_commands);
  cost->client = get_client_time ();
  cost->wall = g_get_monotonic_time ();
}

static void
end (CbConnection *observer, Cost *cost)
{
  gint64 server, n_commands;

  cost->wall = g_get_monotonic_time () - cost->wall;
  cost->client = get_client_time () - cost->client;
  get_server_time (observer, &server, &n_commands);
  cost->server = server - cost->server;
  cost->n_commands = n_commands - cost->n_commands - 1;
  cost->jobs_per_s = arg_jobs / (cost->wall / (double) G_USEC_PER_SEC);
}

/* --- the two halves of a life --- */

static CbJobSpec *
make_spec (int i)
{
  g_autofree char *data = g_strdup_printf ("{\"phoneNumber\":\"415351%d\",\"message\":\"This is the code %d to verify your account\"}",
                                           1000 + i % 9000, i);
  g_autoptr (GBytes) bytes = g_bytes_new (data, strlen (data));

  return cb_job_spec_new ("bench", bytes);
}

static int n_made, n_asked;

static void
made_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_engine_create_finish (CB_ENGINE (object), result, &error);

  if (ids == NULL)
    g_error ("%s", error->message);
  n_made += ids->len;
}

static void
produce (CbEngine *engine)
{
  int portion = arg_window > 0 ? 1 : 100;
  int ahead = arg_window > 0 ? arg_window : 400;

  n_made = n_asked = 0;
  while (n_made < arg_jobs)
    {
      while (n_asked < arg_jobs && n_asked - n_made < ahead)
        {
          g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);

          for (int i = 0; i < portion && n_asked < arg_jobs; i++)
            g_ptr_array_add (specs, make_spec (n_asked++));
          cb_engine_create_async (engine, specs, NULL, made_cb, NULL);
        }
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
process (CbAddress *address, guint concurrency)
{
  g_autoptr (CbConnection) connection = cb_connection_new (address, "bench-worker");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbHandler) handler = g_object_new (TYPE_IDLER, NULL);
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_complete;

  if (!cb_test_open (connection, &error))
    g_error ("%s", error->message);
  engine = cb_kue_engine_new (connection, "q");
  worker = cb_worker_new (engine, "bench", handler, concurrency);
  cb_worker_start (worker);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      g_object_get (worker, "n-complete", &n_complete, NULL);
    }
  while (n_complete < (guint64) arg_jobs);

  cb_worker_stop_async (worker, 0, NULL, cb_test_store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  cb_connection_close (connection);
}

static void
write_cost (CbJsonWriter *writer, const char *name, const Cost *cost)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  cb_json_writer_name (writer, name);
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "jobs_per_s");
  cb_json_writer_int (writer, (gint64) cost->jobs_per_s);
  cb_json_writer_name (writer, "client_cpu_us_per_job");
  cb_json_writer_double (writer, (double) cost->client / arg_jobs);
  cb_json_writer_name (writer, "redis_cpu_us_per_job");
  cb_json_writer_double (writer, (double) cost->server / arg_jobs);
  cb_json_writer_name (writer, "redis_cmds_per_job");
  cb_json_writer_double (writer, (double) cost->n_commands / arg_jobs);
  cb_json_writer_name (writer, "max_rss_mb");
  cb_json_writer_double (writer, usage.ru_maxrss / 1024.0);
  cb_json_writer_end_object (writer);
}

static void
bench (CbAddress *address, guint concurrency)
{
  g_autoptr (CbConnection) observer = cb_connection_new (address, "bench-observer");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) count = NULL;
  Cost created, done;
  gint64 n_complete = 0;

  if (!cb_test_open (observer, &error))
    g_error ("%s", error->message);
  cb_reply_unref (call (observer, cb_command_new ("FLUSHALL", NULL)));

  engine = cb_kue_engine_new (observer, "q");
  begin (observer, &created);
  produce (engine);
  end (observer, &created);

  begin (observer, &done);
  process (address, concurrency);
  end (observer, &done);

  count = call (observer, cb_command_new ("ZCARD", "q:jobs:complete", NULL));
  cb_value_get_integer (cb_reply_get_value (count), &n_complete);
  if (n_complete != arg_jobs)
    g_error ("%" G_GINT64_FORMAT " jobs are complete, not %d", n_complete, arg_jobs);

  if (arg_port != 0)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      g_autofree char *line = NULL;

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "engine");
      cb_json_writer_string (writer, "callboard", -1);
      cb_json_writer_name (writer, "mode");
      cb_json_writer_string (writer, "throughput", -1);
      cb_json_writer_name (writer, "n");
      cb_json_writer_int (writer, arg_jobs);
      cb_json_writer_name (writer, "concurrency");
      cb_json_writer_int (writer, concurrency);
      write_cost (writer, "produce", &created);
      write_cost (writer, "process", &done);
      cb_json_writer_end_object (writer);
      line = cb_json_writer_steal (writer);
      g_print ("%s\n", line);
    }
  else
    {
      g_print ("concurrency %3u: %7.0f jobs/s done, %5.1f µs of client and %5.1f µs of server a job, %4.1f commands a job; "
               "%7.0f jobs/s created, %5.1f + %5.1f µs\n",
               concurrency, done.jobs_per_s, (double) done.client / arg_jobs, (double) done.server / arg_jobs,
               (double) done.n_commands / arg_jobs, created.jobs_per_s, (double) created.client / arg_jobs,
               (double) created.server / arg_jobs);
    }
  cb_connection_close (observer);
}

/* --- the worker of the command line --- */

#define N_GROW 20000

static gint64 line_at;
static guint n_lines;

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (object), result, NULL, NULL);

  if (line == NULL)
    return;

  line_at = g_get_monotonic_time ();
  n_lines++;
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (object), G_PRIORITY_DEFAULT, NULL, read_cb, NULL);
}

static void
add_one (CbEngine *engine, int i)
{
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);

  g_ptr_array_add (specs, make_spec (i));
  cb_engine_create_async (engine, specs, NULL, made_cb, NULL);
}

static gint64
count_complete (CbConnection *observer)
{
  g_autoptr (CbReply) count = call (observer, cb_command_new ("ZCARD", "q:jobs:complete", NULL));
  gint64 n = 0;

  cb_value_get_integer (cb_reply_get_value (count), &n);
  return n;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  return *(const gint64 *) a < *(const gint64 *) b ? -1 : *(const gint64 *) a > *(const gint64 *) b;
}

/* Until @counter has changed, which is written down with its time in @at. Returns how long that took each time, sorted. */
static GArray *
add_each (CbEngine *engine, CbConnection *observer, const guint *counter, const gint64 *at)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (gint64));

  cb_test_run_for (1000);
  for (int i = 0; i < arg_jobs; i++)
    {
      guint before = *counter;
      gint64 since = g_get_monotonic_time ();

      add_one (engine, i);
      while (*counter == before)
        g_main_context_iteration (NULL, TRUE);
      since = *at - since;
      g_array_append_val (times, since);
      while (count_complete (observer) <= i)
        ;
      cb_test_run_for (5);
    }
  g_array_sort (times, compare_times);

  return times;
}

static GArray *
wait_here (CbAddress *address, CbEngine *producer, CbConnection *observer)
{
  g_autoptr (CbConnection) connection = cb_connection_new (address, "bench-worker");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (CbHandler) handler = g_object_new (TYPE_IDLER, NULL);
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GArray *times;

  if (!cb_test_open (connection, &error))
    g_error ("%s", error->message);
  engine = cb_kue_engine_new (connection, "q");
  worker = cb_worker_new (engine, "bench", handler, 1);
  cb_worker_start (worker);
  times = add_each (producer, observer, &n_called, &called_at);
  cb_worker_stop_async (worker, 0, NULL, cb_test_store_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  cb_connection_close (connection);

  return times;
}

static double
get_msec (GArray *times, guint percent)
{
  return g_array_index (times, gint64, times->len * percent / 100) / 1000.0;
}

/* In KiB, the most it ever was. */
static double
get_peak (const char *pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", pid);
  g_autofree char *status = NULL;
  const char *found;

  if (!g_file_get_contents (path, &status, NULL, NULL) || (found = strstr (status, "VmHWM:")) == NULL)
    g_error ("%s tells nothing", path);
  return g_ascii_strtod (found + strlen ("VmHWM:"), NULL);
}

static void
bench_program (CbAddress *address)
{
  g_autoptr (CbConnection) observer = cb_connection_new (address, "bench-observer");
  g_autoptr (CbEngine) engine = NULL;
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GArray) times = NULL;
  g_autoptr (GArray) line_times = NULL;
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *server = cb_address_to_uri (address);
  g_autofree char *line = NULL;
  double peak;

  if (!cb_test_open (observer, &error))
    g_error ("%s", error->message);
  cb_reply_unref (call (observer, cb_command_new ("FLUSHALL", NULL)));
  engine = cb_kue_engine_new (observer, "q");
  times = wait_here (address, engine, observer);
  cb_reply_unref (call (observer, cb_command_new ("FLUSHALL", NULL)));

  program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, arg_latency, "--server", server, "work", "bench", NULL);
  if (program == NULL)
    g_error ("%s", error->message);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (program));
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, read_cb, NULL);
  line_times = add_each (engine, observer, &n_lines, &line_at);

  arg_jobs = N_GROW;
  produce (engine);
  while (count_complete (observer) < N_GROW)
    cb_test_run_for (50);
  peak = get_peak (g_subprocess_get_identifier (program));
  g_subprocess_send_signal (program, SIGTERM);
  g_subprocess_wait (program, NULL, NULL);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "engine");
  cb_json_writer_string (writer, "callboard", -1);
  cb_json_writer_name (writer, "mode");
  cb_json_writer_string (writer, "latency", -1);
  cb_json_writer_name (writer, "concurrency");
  cb_json_writer_int (writer, 1);
  cb_json_writer_name (writer, "start_ms_p50");
  cb_json_writer_double (writer, get_msec (times, 50));
  cb_json_writer_name (writer, "start_ms_p95");
  cb_json_writer_double (writer, get_msec (times, 95));
  cb_json_writer_name (writer, "line_ms_p50");
  cb_json_writer_double (writer, get_msec (line_times, 50));
  cb_json_writer_name (writer, "max_rss_mb");
  cb_json_writer_double (writer, peak / 1024);
  cb_json_writer_end_object (writer);
  line = cb_json_writer_steal (writer);
  g_print ("%s\n", line);
  cb_connection_close (observer);
}

int
main (int argc, char *argv[])
{
  static const guint concurrency[] = { 1, 10, 50, 100 };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (CbTestRedis) redis = NULL;
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  arg_jobs = MAX (arg_jobs, 1);

  if (arg_port != 0)
    {
      address = cb_address_new_tcp ("127.0.0.1", arg_port);
    }
  else
    {
      redis = cb_test_redis_new (NULL, NULL);
      address = cb_address_ref (cb_test_redis_get_address (redis));
    }

  if (arg_latency != NULL)
    {
      bench_program (address);
      return 0;
    }

  for (guint i = 0; i < G_N_ELEMENTS (concurrency); i++)
    if (arg_concurrency == 0 || (guint) arg_concurrency == concurrency[i])
      bench (address, concurrency[i]);

  return 0;
}
