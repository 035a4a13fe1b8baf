/* cb-command-server.c: server start, server stop, server status
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-commands.h"

#include <glib/gi18n.h>

static void
print_json (CbCli *cli,
            CbPrivateServer *server,
            int pid)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "running");
  cb_json_writer_boolean (writer, pid > 0);
  if (pid > 0)
    {
      g_autofree char *uri = cb_address_to_uri (cb_private_server_get_address (server));

      cb_json_writer_name (writer, "pid");
      cb_json_writer_int (writer, pid);
      cb_json_writer_name (writer, "server");
      cb_json_writer_string (writer, uri, -1);
    }
  cb_json_writer_name (writer, "directory");
  cb_json_writer_string (writer, cb_private_server_get_directory (server), -1);
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static int
read_pid (CbPrivateServer *server,
          GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_private_server_status_async (server, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);

  return cb_private_server_status_finish (server, result, error);
}

static int
print_status (CbCli *cli,
              CbPrivateServer *server,
              gboolean *running)
{
  g_autoptr (GError) error = NULL;
  int pid = read_pid (server, &error);

  *running = pid > 0;
  if (error != NULL)
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    print_json (cli, server, pid);
  else if (pid > 0)
    {
      g_autofree char *uri = cb_address_to_uri (cb_private_server_get_address (server));
      g_autofree char *shown = cb_text_display (uri, -1, TRUE);

      cb_cli_print (cli, _("The private server is running at %s (process %d)\n"), shown, pid);
    }
  else
    cb_cli_print (cli, _("The private server is not running\n"));

  return CB_EXIT_DONE;
}

/* These are about the private server only; one that was named is somebody else's. */
static gboolean
refuse_named_server (CbCli *cli,
                     int *status)
{
  if (!cb_arguments_has (cli->arguments, "server"))
    return FALSE;

  *status = cb_cli_tell_usage (cli, _("“%s” is about the private server and takes no --server"), cli->command->name);
  return TRUE;
}

static int
run_start (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean running;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  cb_private_server_set_stay (server, TRUE);
  cb_private_server_start_async (server, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_start_finish (server, result, &error))
    return cb_cli_tell_error (cli, error);

  status = print_status (cli, server, &running);
  /* Left like any other user leaves it: it was told to stay. */
  cli->private_server = g_steal_pointer (&server);

  return status;
}

static int
run_stop (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  cb_private_server_stop_async (server, NULL, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_stop_finish (server, result, &error))
    {
      cb_cli_tell_error (cli, error);
      return CB_EXIT_FAILED;
    }

  if (cli->json)
    print_json (cli, server, 0);
  else
    cb_cli_print (cli, _("The private server was stopped\n"));

  return CB_EXIT_DONE;
}

static int
run_status (CbCli *cli)
{
  g_autoptr (CbPrivateServer) server = NULL;
  gboolean running;
  int status;

  if (refuse_named_server (cli, &status))
    return status;

  server = cb_private_server_new (NULL);
  status = print_status (cli, server, &running);

  return status == CB_EXIT_DONE && !running ? CB_EXIT_FAILED : status;
}

const CbCliCommand cb_command_server[] = {
  { .name = "server start",
    .usage = "",
    .summary = N_("Start the private server and let it run"),
    .run = run_start },
  { .name = "server stop",
    .usage = "",
    .summary = N_("Stop the private server"),
    .writes = TRUE,
    .run = run_stop },
  { .name = "server status",
    .usage = "",
    .summary = N_("Tell whether the private server runs; status 1 when it does not"),
    .run = run_status },
  { NULL }
};
