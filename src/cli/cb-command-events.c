/* cb-command-events.c: events
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"

#include <glib/gi18n.h>

typedef struct
{
  CbCli *cli;
  gboolean was_live;
  gboolean wake;            /* there is a problem to look at */
} Events;

static void
event_cb (CbEngine *engine,
          CbJobEvent *event,
          Events *self)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  const char *args = "[]";
  gsize length = 2;

  if (event->args != NULL)
    {
      const char *data = g_bytes_get_data (event->args, &length);

      args = data != NULL ? data : "";
    }

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (event->id, writer);
  cb_json_writer_name (writer, "event");
  cb_json_writer_string (writer, event->name, -1);
  cb_json_writer_name (writer, "args");
  cb_json_writer_raw (writer, args, (gssize) length);
  cb_json_writer_end_object (writer);

  cb_cli_print_json (self->cli, writer);
  cb_cli_flush (self->cli);
}

static void
live_cb (CbEngine *engine,
         GParamSpec *pspec,
         Events *self)
{
  if (cb_engine_get_live (engine))
    {
      if (self->was_live)
        cb_cli_complain (self->cli, _("Listening again; events in between were missed"));
      self->was_live = TRUE;
    }
}

static void
problem_cb (CbEngine *engine,
            GParamSpec *pspec,
            Events *self)
{
  const char *problem = cb_engine_get_live_problem (engine);

  if (problem == NULL || cb_engine_get_live (engine))
    return;

  cb_cli_complain (self->cli, "%s", problem);
  self->wake = TRUE;
}

/* Until an interrupt. FALSE when the server lets us not listen; a loss is waited for. */
static gboolean
listen_to_all (Events *self)
{
  while (cb_cli_run_until (self->cli, &self->wake))
    {
      self->wake = FALSE;
      if (!self->was_live && cb_cli_server_answers (self->cli))
        return FALSE;
    }

  return TRUE;
}

static int
run_events (CbCli *cli)
{
  Events self = { .cli = cli };
  CbEngine *engine;
  gboolean listened;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  engine = cb_cli_get_engine (cli);
  g_signal_connect (engine, "event", G_CALLBACK (event_cb), &self);
  g_signal_connect (engine, "notify::live", G_CALLBACK (live_cb), &self);
  g_signal_connect (engine, "notify::live-problem", G_CALLBACK (problem_cb), &self);
  cb_engine_watch (engine);

  listened = listen_to_all (&self);

  g_signal_handlers_disconnect_by_data (engine, &self);
  cb_engine_unwatch (engine);

  return listened ? CB_EXIT_DONE : CB_EXIT_FAILED;
}

const CbCliCommand cb_command_events[] = {
  { .name = "events",
    .usage = "",
    .summary = N_("Print each event of the queues as a JSON line, until interrupted"),
    .run = run_events },
  { NULL }
};
