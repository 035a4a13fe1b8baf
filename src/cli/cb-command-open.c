/* cb-command-open.c: look into an RDB file
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-commands.h"

#include <glib/gi18n.h>

/* Runs another command on the server of the copy, as if it had been given with --server. */
static int
run_command (CbCli *cli,
             const char *uri)
{
  g_autoptr (CbCli) inner = cb_cli_new ();
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *timeout = g_strdup_printf ("%" G_GINT64_FORMAT, cli->timeout_msec);
  const char * const *rest = cb_arguments_get_words (cli->arguments, 1);

  g_ptr_array_add (words, (gpointer) "--server");
  g_ptr_array_add (words, (gpointer) uri);
  g_ptr_array_add (words, (gpointer) "--prefix");
  g_ptr_array_add (words, (gpointer) cli->prefix);
  if (cli->json)
    g_ptr_array_add (words, (gpointer) "--json");
  if (!cb_arguments_has (cli->arguments, "writable"))
    g_ptr_array_add (words, (gpointer) "--read-only");
  if (cli->timeout_msec > 0)
    {
      g_ptr_array_add (words, (gpointer) "--timeout");
      g_ptr_array_add (words, timeout);
    }
  for (; *rest != NULL; rest++)
    g_ptr_array_add (words, (gpointer) *rest);
  g_ptr_array_add (words, NULL);
  return cb_cli_run (inner, (const char * const *) words->pdata);
}

static int
serve (CbCli *cli,
       const char *uri)
{
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
    {
      cb_cli_print (cli, "%s\n", uri);
    }
  cb_cli_flush (cli);
  cb_cli_run_until (cli, NULL);
  return CB_EXIT_DONE;
}

static int
run_open (CbCli *cli)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (cb_arguments_get_word (cli->arguments, 0));
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *uri = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_expired;

  if (path == NULL)
    return cb_cli_tell_usage (cli, _("Only a file of this computer can be opened"));
  if (cli->read_only && cb_arguments_has (cli->arguments, "writable"))
    return cb_cli_tell_usage (cli, _("--read-only and --writable exclude each other"));
  if (cb_arguments_has (cli->arguments, "server"))
    return cb_cli_tell_usage (cli, _("“open” starts a server of its own: --server does not go with it"));

  /* What this program is a user of, it leaves at its end. */
  cli->private_server = cb_private_server_new_for_rdb (path);
  cb_private_server_start_async (cli->private_server, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_private_server_start_finish (cli->private_server, result, &error))
    {
      int status;

      g_clear_object (&cli->private_server);
      status = cb_cli_tell_error (cli, error);
      return status == CB_EXIT_INTERRUPTED ? status : CB_EXIT_FAILED;
    }

  n_expired = cb_private_server_get_n_expired (cli->private_server);
  if (n_expired > 0)
    cb_cli_complain (cli, g_dngettext (NULL, "%u key in the file has expired since and is left out",
                                       "%u keys in the file have expired since and are left out", (gulong) n_expired),
                     (guint) n_expired);
  uri = cb_address_to_uri (cb_private_server_get_address (cli->private_server));
  return cb_arguments_get_length (cli->arguments) > 1 ? run_command (cli, uri) : serve (cli, uri);
}

static const CbOption open_options[] = {
  { "writable", CB_OPTION_FLAG, NULL, N_("let COMMAND write, into the copy, which is thrown away at the end") },
  { NULL }
};

const CbCliCommand cb_command_open[] = {
  { .name = "open",
    .usage = "FILE.rdb [COMMAND …]",
    .summary = N_("Look into an RDB file: run a command on a private server of a copy of it"),
    .description = N_("Without COMMAND the address of the server is printed, for other programs, and it runs until this is "
                      "interrupted. The file is only read. Options of “open” stand before FILE."),
    .options = open_options,
    .min_words = 1,
    .max_words = -1,
    .rest_is_words = TRUE,
    .run = run_open },
  { NULL }
};
