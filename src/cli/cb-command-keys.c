/* cb-command-keys.c: the keys of the database
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-scan.h"

#include <glib/gi18n.h>

static void
print_key (CbCli *cli,
           GBytes *key)
{
  gsize length;
  const char *bytes = g_bytes_get_data (key, &length);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_string (writer, bytes != NULL ? bytes : "", (gssize) length);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      g_autofree char *line = cb_cli_escape (bytes, length);

      cb_cli_print (cli, "%s\n", line);
    }
}

static int
run_keys (CbCli *cli)
{
  g_autoptr (CbScan) scan = NULL;
  int status;

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  scan = cb_scan_new (cli->connection, cb_arguments_get_word (cli->arguments, 0), NULL, 0);
  while (!cb_cli_is_interrupted (cli))
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) keys = NULL;
      g_autoptr (GError) error = NULL;

      cb_scan_next_async (scan, cli->cancellable, cb_cli_take_result, &result);
      cb_cli_await (&result);
      keys = cb_scan_next_finish (scan, result, &error);
      if (error != NULL)
        return cb_cli_tell_error (cli, error);
      if (keys == NULL)
        return CB_EXIT_DONE;

      for (guint i = 0; i < keys->len; i++)
        print_key (cli, g_ptr_array_index (keys, i));
    }

  return CB_EXIT_INTERRUPTED;
}

const CbCliCommand cb_command_keys[] = {
  { .name = "keys",
    .usage = "[PATTERN]",
    .summary = N_("Print the keys, without ever blocking the server"),
    .description = N_("A key a line, in no order; characters that can’t be printed are written as \\xNN. While keys "
                      "come and go a key may be printed twice, as SCAN has it."),
    .max_words = 1,
    .run = run_keys },
  { NULL }
};
