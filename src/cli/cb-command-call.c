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

/* Neither flagged "readonly" by the server, since they touch no key, nor a change of anything. */
static const char * const harmless[] = {
  "command", "echo", "info", "lastsave", "lolwut", "ping", "role", "time", NULL
};

/* The same with a second word. */
static const char * const harmless_pairs[] = {
  "acl cat", "acl getuser", "acl list", "acl users", "acl whoami", "client getname", "client id", "client info",
  "client list", "cluster info", "cluster nodes", "cluster shards", "cluster slots", "config get",
  "function list", "function stats", "latency doctor", "latency graph", "latency histogram", "latency history",
  "latency latest", "memory doctor", "memory stats", "module list", "pubsub channels", "pubsub numpat",
  "pubsub numsub", "script exists", "slowlog get", "slowlog len", NULL
};

/* Asks the server, which knows its own commands and those of its modules. */
static gboolean
may_be_called (CbCli *cli,
               const char *name,
               GError **error)
{
  const char *second = cb_arguments_get_word (cli->arguments, 1);
  g_autofree char *pair = NULL;
  g_autoptr (CbReply) reply = NULL;
  const CbValue *flags;

  if (g_strv_contains (harmless, name))
    return TRUE;
  if (second != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (second, -1);

      pair = g_strconcat (name, " ", lower, NULL);
      if (g_strv_contains (harmless_pairs, pair))
        return TRUE;
    }

  reply = cb_cli_call (cli, cb_command_new ("COMMAND", "INFO", name, NULL), error);
  if (reply == NULL)
    return FALSE;

  /* [[name, arity, [flag, …], …]] */
  flags = cb_value_get_element (cb_value_get_element (cb_reply_get_value (reply), 0), 2);
  for (guint i = 0; i < cb_value_get_length (flags); i++)
    if (cb_value_equal_string (cb_value_get_element (flags, i), "readonly"))
      return TRUE;

  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY,
               _("%s may write, and --read-only was given: it was not sent"), cb_arguments_get_word (cli->arguments, 0));
  return FALSE;
}

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
  if (cli->read_only && !may_be_called (cli, name, &error))
    return cb_cli_tell_error (cli, error);

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
