/* cb-command-demo.c: demo
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * What the window shows, in a terminal: jobs are created, worked and finished, one of them is refused, one fails and
 * succeeds at the second attempt, one waits for its time. All of it happens on a Redis of its own in a temporary
 * folder, so it can be run at any time, by several at once, and touches nobody's jobs.
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-cli-watch.h"
#include "cb-commands.h"
#include "cb-demo-handler.h"
#include "cb-handlers.h"
#include "cb-worker.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

#define QUEUE "push_notification_code"
#define GIVE_UP_MSEC 60000

static const char * const blocked[] = { "4153518780", "4153518781", NULL };

static const struct
{
  const char *number;
  const char *message;
  gint64 delay_msec;
  int attempts;
  const char *backoff;
} samples[] = {
  { "4153518743", "This is the code 4321 to verify your account", 0, 1, NULL },
  { "4153518780", "This is the code 1234 to verify your account", 0, 1, NULL },
  { "4153538781", "This is the code 4562 to verify your account", 0, 3, "{\"type\":\"fixed\",\"delay\":500}" },
  { "4153118782", "This is the code 4321 to verify your account", 2000, 1, NULL },
  { "4158718781", "This is the code 4562 to verify your account", 0, 1, NULL },
};

typedef struct
{
  CbCli *cli;
  char *directory;      /* (owned) */
  GPtrArray *ids;       /* (owned) (element-type utf8) */
  GQueue early;         /* (element-type CbJobEvent) (owned) what came before the answer that the jobs are there */
  CbCliWatch *watch;    /* (owned) */
} Demo;

/* --- telling --- */

static void
print_moment (CbCli *cli,
              const char *id,
              const char *what)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *shown = cb_text_display (what, -1, TRUE);
  g_autofree char *job = id != NULL ? g_strdup_printf (_("job %s"), id) : g_strdup ("");
  g_autofree char *padded = cb_cli_pad (job, 8);

  cb_cli_print (cli, "%s.%03d  %s %s\n", clock, g_date_time_get_microsecond (now) / 1000, padded, shown);
  cb_cli_flush (cli);
}

static char *
dup_argument (const CbJobEvent *event,
              guint index)
{
  g_autoptr (GPtrArray) args = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *data;
  gsize length;

  data = event->args != NULL ? g_bytes_get_data (event->args, &length) : NULL;
  args = data != NULL ? cb_json_split_array (data, (gssize) length, NULL) : NULL;
  if (args == NULL || index >= args->len)
    return g_strdup ("");

  data = g_bytes_get_data (g_ptr_array_index (args, index), &length);
  node = data != NULL ? cb_json_parse (data, (gssize) length, NULL) : NULL;
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));

  return g_strndup (data, length);
}

static char *
describe_event (const CbJobEvent *event)
{
  g_autofree char *first = dup_argument (event, 1);

  if (strcmp (event->name, "enqueue") == 0)
    return g_strdup (_("waits to be done"));
  if (strcmp (event->name, "promotion") == 0)
    return g_strdup (_("is due"));
  if (strcmp (event->name, "start") == 0)
    return g_strdup (_("has begun"));
  if (strcmp (event->name, "progress") == 0)
    return g_strdup_printf (_("%s%% complete"), first);
  if (strcmp (event->name, "complete") == 0)
    return g_strdup (_("is complete"));
  if (strcmp (event->name, "failed attempt") == 0)
    return g_strdup_printf (_("failed and will be tried again: %s"), first);
  if (strcmp (event->name, "failed") == 0)
    return g_strdup_printf (_("failed: %s"), first);
  /* It says the same as the two before. */
  if (strcmp (event->name, "error") == 0)
    return NULL;

  return g_strdup (event->name);
}

static void
print_event (CbCli *cli,
             const CbJobEvent *event)
{
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      gsize length = 0;
      const char *args = event->args != NULL ? g_bytes_get_data (event->args, &length) : NULL;

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "id");
      cb_job_id_to_json (event->id, writer);
      cb_json_writer_name (writer, "event");
      cb_json_writer_string (writer, event->name, -1);
      cb_json_writer_name (writer, "args");
      cb_json_writer_raw (writer, args != NULL ? args : "[]", args != NULL ? (gssize) length : 2);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
      cb_cli_flush (cli);
    }
  else
    {
      g_autofree char *what = describe_event (event);

      if (what != NULL)
        print_moment (cli, event->id, what);
    }
}

/* Events come on a connection of their own: one of a job may be here before its id is. */
static void
event_cb (CbEngine *engine,
          CbJobEvent *event,
          Demo *self)
{
  if (self->ids == NULL)
    g_queue_push_tail (&self->early, cb_job_event_copy (event));
  else
    print_event (self->cli, event);
}

static void
line_cb (CbHandler *handler,
         const char *line,
         CbCli *cli)
{
  if (!cli->json)
    print_moment (cli, NULL, line);
}

static void
news_cb (const char *id,
         CbWatchNews news,
         int percent,
         const char *reason,
         gpointer user_data)
{
  /* The events tell it already; the watch is only there to know when all are finished. */
}

/* --- the steps --- */

static gboolean
start_server (Demo *self,
              GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbPrivateServer) server = NULL;
  CbCli *cli = self->cli;

  self->directory = g_dir_make_tmp ("callboard-demo-XXXXXX", error);
  if (self->directory == NULL)
    return FALSE;

  server = cb_private_server_new (self->directory);
  cb_private_server_start_async (server, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_start_finish (server, result, error))
    return FALSE;

  cli->address = cb_address_ref (cb_private_server_get_address (server));
  cli->private_server = g_steal_pointer (&server);

  return cb_cli_connect (cli, error);
}

static gboolean
create_jobs (Demo *self,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  CbEngine *engine = cb_cli_get_engine (self->cli);

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      g_autoptr (GBytes) data = NULL;
      CbJobSpec *spec;
      char *text;

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "phoneNumber");
      cb_json_writer_string (writer, samples[i].number, -1);
      cb_json_writer_name (writer, "message");
      cb_json_writer_string (writer, samples[i].message, -1);
      cb_json_writer_end_object (writer);
      text = cb_json_writer_steal (writer);
      data = g_bytes_new_take (text, strlen (text));

      spec = cb_job_spec_new (QUEUE, data);
      spec->delay_msec = samples[i].delay_msec;
      spec->attempts = samples[i].attempts;
      spec->backoff = g_strdup (samples[i].backoff);
      g_ptr_array_add (specs, spec);
    }

  cb_engine_create_async (engine, specs, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  self->ids = cb_engine_create_finish (engine, result, error);
  if (self->ids == NULL)
    return FALSE;

  for (guint i = 0; i < self->ids->len; i++)
    {
      const char *id = g_ptr_array_index (self->ids, i);
      g_autofree char *to = g_strdup_printf (_("created, to %s"), samples[i].number);
      g_autofree char *later = g_strdup_printf (_("created, to %s, in 2 seconds"), samples[i].number);

      if (!self->cli->json)
        print_moment (self->cli, id, samples[i].delay_msec > 0 ? later : to);
      cb_cli_watch_add (self->watch, id);
    }
  cb_cli_watch_settle (self->watch);

  for (GList *l = self->early.head; l != NULL; l = l->next)
    print_event (self->cli, l->data);

  return TRUE;
}

/* FALSE when it was interrupted, or did not come to an end. */
static gboolean
work (Demo *self,
      GError **error)
{
  CbCli *cli = self->cli;
  g_autoptr (CbHandler) inner = NULL;
  g_autoptr (CbHandler) handler = NULL;
  g_autoptr (CbWorker) worker = NULL;
  g_autoptr (GAsyncResult) stopped = NULL;
  gboolean finished;

  inner = cb_handlers_create ("log", error);
  if (inner == NULL)
    return FALSE;
  g_object_set (inner, "block-list", blocked, NULL);
  g_signal_connect (inner, "line", G_CALLBACK (line_cb), cli);

  handler = cb_demo_handler_new (inner);
  worker = cb_worker_new (cb_cli_get_engine (cli), QUEUE, handler, 2);
  cb_worker_start (worker);

  finished = cb_cli_watch_run (self->watch, GIVE_UP_MSEC);

  cb_worker_stop_async (worker, finished ? 5000 : 0, NULL, cb_cli_take_result, &stopped);
  cb_cli_await (&stopped);
  cb_worker_stop_finish (worker, stopped, NULL);
  g_signal_handlers_disconnect_by_data (inner, cli);

  if (!finished && cb_cli_is_interrupted (cli))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("Interrupted"));
  else if (!finished)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s", _("The jobs were not finished in time"));
  return finished;
}

static gboolean
print_summary (Demo *self,
               GError **error)
{
  CbCli *cli = self->cli;
  CbEngine *engine = cb_cli_get_engine (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (GPtrArray) records = NULL;
  guint n_complete = 0;

  for (guint i = 0; i < self->ids->len; i++)
    g_ptr_array_add (ids, g_ptr_array_index (self->ids, i));
  g_ptr_array_add (ids, NULL);

  cb_engine_get_many_async (engine, (const char * const *) ids->pdata, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  records = cb_engine_get_many_finish (engine, result, error);
  if (records == NULL)
    return FALSE;

  if (!cli->json)
    cb_cli_print (cli, "\n%-4s %-12s %-10s %-9s %s\n", _("ID"), _("TO"), _("STATE"), _("ATTEMPTS"), _("LAST ERROR"));

  for (guint i = 0; i < records->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (records, i);

      if (record->meaning == CB_JOB_MEANING_COMPLETE)
        n_complete++;

      if (cli->json)
        {
          g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

          cb_job_record_to_json (record, writer);
          cb_cli_print_json (cli, writer);
        }
      else
        {
          g_autofree char *line = cb_job_record_dup_error_line (record);
          g_autofree char *shown = cb_text_display (line != NULL ? line : "", -1, TRUE);
          g_autofree char *attempts = g_strdup_printf ("%d/%d", record->attempts_made, record->attempts_max);

          cb_cli_print (cli, "%-4s %-12s %-10s %-9s %s\n", record->id, samples[i].number,
                        record->state, attempts, shown);
        }
    }

  if (!cli->json)
    cb_cli_print (cli, _("\n%u jobs: %u complete, %u failed. Your own: callboardctl job create %s --data JSON\n"),
                  records->len, n_complete, records->len - n_complete, QUEUE);

  return TRUE;
}

/* The folder and what a server leaves in it; no link is followed. */
static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }

  g_remove (path);
}

static int
run_demo (CbCli *cli)
{
  Demo self = { .cli = cli, .early = G_QUEUE_INIT };
  CbEngine *engine = NULL;
  g_autoptr (GError) error = NULL;
  int status = CB_EXIT_DONE;

  if (cb_arguments_has (cli->arguments, "server"))
    return cb_cli_tell_usage (cli, _("“demo” has a server of its own and takes no --server"));

  if (start_server (&self, &error))
    {
      engine = g_object_ref (cb_cli_get_engine (cli));
      self.watch = cb_cli_watch_new (cli, engine, news_cb, &self);
      g_signal_connect (engine, "event", G_CALLBACK (event_cb), &self);
      if (!cli->json)
        cb_cli_print (cli, "%s\n\n", _("A private Redis is up. Notifications are created and sent:"));
      cb_cli_watch_start (self.watch);

      if (create_jobs (&self, &error) && work (&self, &error))
        print_summary (&self, &error);

      g_signal_handlers_disconnect_by_data (engine, &self);
      g_clear_pointer (&self.watch, cb_cli_watch_free);
      g_clear_object (&engine);
    }

  if (error != NULL)
    status = cb_cli_tell_error (cli, error);

  cb_cli_leave (cli);
  if (self.directory != NULL)
    remove_tree (self.directory);
  g_free (self.directory);
  g_clear_pointer (&self.ids, g_ptr_array_unref);
  g_queue_clear_full (&self.early, (GDestroyNotify) cb_job_event_free);

  return status;
}

const CbCliCommand cb_command_demo[] = {
  { .name = "demo",
    .usage = "",
    .summary = N_("Show in this terminal how jobs are created and done"),
    .description = N_("On a Redis of its own in a temporary folder, which is gone afterwards."),
    .run = run_demo },
  { NULL }
};
