/* cb-command-call.c: any command
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-reply.h"
#include "cb-commands.h"

#include <glib/gi18n.h>

/* They wait on the server on purpose: the usual time-out would be wrong. */
static const char * const blocking[] = {
  "blmove", "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin",
  "wait", "xread", "xreadgroup", NULL
};

/* They turn the connection into something else, so there would be no reply that belongs to a call. */
static const char * const not_calls[] = {
  "monitor", "psubscribe", "psync", "ssubscribe", "subscribe", "sync", "hello", NULL
};

static int
run_call (CbCli *cli)
{
  const char *word = cb_arguments_get_word (cli->arguments, 0);
  g_autofree char *name = g_ascii_strdown (word, -1);
  g_autoptr (CbCommand) command = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (g_strv_contains (not_calls, name))
    return cb_cli_tell_usage (cli, _("%s changes the connection itself and can’t be called; “callboardctl subscribe” "
                                     "listens to messages"), word);

  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  command = cb_command_new (word, NULL);
  for (guint i = 1; i < cb_arguments_get_length (cli->arguments); i++)
    cb_command_add (command, cb_arguments_get_word (cli->arguments, i));
  if (cli->timeout_msec < 0 && g_strv_contains (blocking, name))
    cb_command_set_timeout (command, -1);

  reply = cb_cli_call (cli, g_steal_pointer (&command), &error);
  if (reply == NULL)
    return cb_cli_tell_error (cli, error);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_cli_write_json_value (writer, cb_reply_get_value (reply));
      cb_cli_print_json (cli, writer);
    }
  else
    cb_cli_print_reply (cli, cb_reply_get_value (reply));

  return CB_EXIT_DONE;
}

const CbCliCommand cb_command_call[] = {
  { .name = "call",
    .usage = "COMMAND [ARGUMENT…]",
    .summary = N_("Send any command and print its reply"),
    .description = N_("Everything behind COMMAND is an argument of it, also what looks like an option: the options "
                      "of callboardctl stand before COMMAND."),
    .min_words = 1,
    .max_words = -1,
    .rest_is_words = TRUE,
    .run = run_call },
  { NULL }
};
