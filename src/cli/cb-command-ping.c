/* cb-command-ping.c: is the server there?
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <stdio.h>

static gboolean
ping (CbCli *cli,
      GError **error)
{
  g_autoptr (CbReply) reply = NULL;

  if (!cb_cli_connect (cli, error))
    return FALSE;

  reply = cb_cli_call (cli, cb_command_new ("PING", NULL), error);
  return reply != NULL;
}

static void
print_json (CbCli *cli,
            const GError *error)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "connected");
  cb_json_writer_boolean (writer, error == NULL);
  if (cli->address != NULL)
    {
      cb_json_writer_name (writer, "server");
      cb_json_writer_string (writer, cb_address_get_label (cli->address), -1);
    }
  if (error == NULL)
    {
      const char *version = cb_connection_get_server_version (cli->connection);
      gint64 latency = cb_connection_get_latency (cli->connection);

      if (version != NULL)
        {
          cb_json_writer_name (writer, "version");
          cb_json_writer_string (writer, version, -1);
        }
      if (cb_connection_get_encryption (cli->connection) != NULL)
        {
          cb_json_writer_name (writer, "encryption");
          cb_json_writer_string (writer, cb_connection_get_encryption (cli->connection), -1);
        }
      if (latency >= 0)
        {
          cb_json_writer_name (writer, "latency_ms");
          cb_json_writer_double (writer, (double) latency / 1000);
        }
      cb_json_writer_name (writer, "clock_ahead_ms");
      cb_json_writer_int (writer, cb_connection_get_clock_offset (cli->connection) / 1000);
    }
  else
    {
      cb_json_writer_name (writer, "error");
      cb_json_writer_string (writer, error->message, -1);
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
}

static int
run_ping (CbCli *cli)
{
  g_autoptr (GError) error = NULL;

  if (ping (cli, &error))
    {
      if (cli->json)
        print_json (cli, NULL);
      else
        cb_cli_print (cli, "Redis client connected to the server\n");
      cb_cli_tell_clock (cli);
      return CB_EXIT_DONE;
    }

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ADDRESS))
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    print_json (cli, error);
  else
    {
      g_autofree char *message = cb_text_display (error->message, -1, TRUE);

      fprintf (stderr, "Redis client not connected to the server: %s\n", message);
    }
  return CB_EXIT_NO_CONNECTION;
}

const CbCliCommand cb_command_ping[] = {
  { .name = "ping",
    .usage = "",
    .summary = N_("Tell whether the server can be reached"),
    .run = run_ping },
  { NULL }
};
