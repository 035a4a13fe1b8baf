/* cb-command-serve.c: serve
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-server.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <string.h>

/* The first line of the file, or the environment. FALSE when there should be one and is none. */
static gboolean
read_token (CbCli *cli,
            char **token,
            int *status)
{
  const char *path = cb_arguments_get_text (cli->arguments, "token");
  const char *variable = g_getenv ("CALLBOARD_TOKEN");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  *token = NULL;
  if (path == NULL)
    {
      *token = variable != NULL && variable[0] != '\0' ? g_strdup (variable) : NULL;
      return TRUE;
    }

  if (!g_file_get_contents (path, &text, NULL, &error))
    {
      cb_cli_complain (cli, _("The token can’t be read: %s"), error->message);
      *status = CB_EXIT_FAILED;
      return FALSE;
    }
  text[strcspn (text, "\r\n")] = '\0';
  g_strstrip (text);
  if (text[0] == '\0')
    {
      cb_cli_complain (cli, _("“%s” holds no token in its first line"), path);
      *status = CB_EXIT_FAILED;
      return FALSE;
    }

  *token = g_steal_pointer (&text);
  return TRUE;
}

static void
print_uri (CbCli *cli,
           CbApiServer *server)
{
  g_autofree char *uri = cb_api_server_dup_uri (server);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "uri");
      cb_json_writer_string (writer, uri, -1);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  else
    cb_cli_print (cli, _("Serving on %s\n"), uri);
  cb_cli_flush (cli);
}

static int
run_serve (CbCli *cli)
{
  const char *host = cb_arguments_get_text (cli->arguments, "bind");
  gint64 port = cb_arguments_get_number (cli->arguments, "port", CB_API_DEFAULT_PORT);
  gint64 max_body = cb_arguments_get_number (cli->arguments, "max-body", CB_API_DEFAULT_MAX_BODY);
  g_autoptr (CbApiServer) server = NULL;
  g_autofree char *token = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!read_token (cli, &token, &status) || !cb_cli_connect_or_tell (cli, &status))
    return status;

  server = cb_api_server_new (cb_cli_get_engine (cli));
  g_object_set (server, "token", token, "max-body", (guint) max_body, "read-only", cli->read_only, NULL);
  if (!cb_api_server_listen (server, host != NULL ? host : "127.0.0.1", (guint16) port, &error))
    return cb_cli_tell_error (cli, error);

  if (cb_api_server_is_open (server) && token == NULL)
    cb_cli_complain (cli, _("Everybody who reaches this machine can create and remove jobs: give it a --token"));
  print_uri (cli, server);

  cb_cli_run_until (cli, NULL);
  cb_api_server_stop (server);

  return CB_EXIT_DONE;
}

static const CbOption serve_options[] = {
  { "port", CB_OPTION_NUMBER, "N", N_("the port; 0 for any that is free (default: 3000)"), 0, 65535 },
  { "bind", CB_OPTION_TEXT, "ADDRESS", N_("the IP address to listen on (default: 127.0.0.1, this machine only)") },
  { "token", CB_OPTION_TEXT, "FILE", N_("a file whose first line every request has to send as its bearer token; "
                                        "without it $CALLBOARD_TOKEN, without that none") },
  { "max-body", CB_OPTION_NUMBER, "BYTES", N_("the longest request body (default: 102400)"), 1, 1024 * 1024 * 1024 },
  { NULL }
};

const CbCliCommand cb_command_serve[] = {
  { .name = "serve",
    .usage = "",
    .summary = N_("Serve Kue’s JSON API over HTTP, until interrupted"),
    .description = N_("The requests and answers of Kue 0.11.6, for programs written for that. Nothing is written by GET: "
                      "put jobs back by PUT /inactive/ID. GET /events follows what happens, as server-sent events. With "
                      "--read-only nothing can be changed."),
    .options = serve_options,
    .run = run_serve },
  { NULL }
};
