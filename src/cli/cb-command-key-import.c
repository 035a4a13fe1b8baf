/* cb-command-key-import.c: key import
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-commands.h"
#include "cb-key-import.h"

#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

static void
problem_cb (CbKeyImport *import,
            const char *text,
            CbCli *cli)
{
  cb_cli_complain (cli, "%s", text);
}

static GInputStream *
open_input (CbCli *cli,
            GError **error)
{
  const char *path = cb_arguments_get_word (cli->arguments, 0);
  g_autoptr (GFile) file = NULL;

  if (g_str_equal (path, "-"))
    return g_unix_input_stream_new (STDIN_FILENO, FALSE);
  file = g_file_new_for_commandline_arg (path);
  return G_INPUT_STREAM (g_file_read (file, NULL, error));
}

static int
run_import (CbCli *cli)
{
  gboolean dry_run = cb_arguments_has (cli->arguments, "dry-run");
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int status = CB_EXIT_DONE;
  guint n;

  input = open_input (cli, &error);
  if (input == NULL)
    return cb_cli_tell_error (cli, error);
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  import = cb_key_import_new (cli->connection, input);
  cb_key_import_set_dry_run (import, dry_run);
  g_signal_connect (import, "problem", G_CALLBACK (problem_cb), cli);
  cb_key_import_run_async (import, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_key_import_run_finish (import, result, &error))
    status = cb_cli_tell_error (cli, error);
  else if (cb_key_import_get_n_problems (import) > 0)
    status = CB_EXIT_FAILED;

  n = cb_key_import_get_n_keys (import);
  if (dry_run)
    cb_cli_print (cli, g_dngettext (NULL, "%u key would be put back\n", "%u keys would be put back\n", n), n);
  else
    cb_cli_print (cli, g_dngettext (NULL, "%u key was put back\n", "%u keys were put back\n", n), n);
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : status;
}

static const CbOption import_options[] = {
  { "dry-run", CB_OPTION_FLAG, NULL, N_("read the file and say how many keys it has, and do nothing") },
  { NULL }
};

const CbCliCommand cb_command_key_import[] = {
  { .name = "key import",
    .usage = "FILE",
    .summary = N_("Put keys back that “key export” has written; never over one that is there"),
    .description = N_("FILE is what “key export” wrote, in any format; “-” is standard input. Each key appears at once and whole. "
                      "A key whose time is over by now stays away."),
    .options = import_options,
    .min_words = 1,
    .max_words = 1,
    .writes = TRUE,
    .run = run_import },
  { NULL }
};
