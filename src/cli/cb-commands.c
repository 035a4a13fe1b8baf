/* cb-commands.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-jobs.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <string.h>

/* The registry: one line a group, in the order of the help. */
static const CbCliCommand * const groups[] = {
  cb_command_ping,
  cb_command_value,
  cb_command_call,
  cb_command_keys,
  cb_command_key,
  cb_command_key_many,
  cb_command_key_file,
  cb_command_key_import,
  cb_command_open,
  cb_command_message,
  cb_command_replay,
  cb_command_job_create,
  cb_command_job_read,
  cb_command_job_compare,
  cb_command_job_failures,
  cb_command_job_update,
  cb_command_job_act,
  cb_command_undo,
  cb_command_queue,
  cb_command_queue_stats,
  cb_command_doctor,
  cb_command_events,
  cb_command_work,
#ifdef HAVE_SERVE
  cb_command_serve,
#endif
  cb_command_server,
  cb_command_demo,
};

const CbOption cb_global_options[] = {
  { "server", CB_OPTION_TEXT, "URI",
    N_("redis[s]://[USER:PASSWORD@]HOST[:PORT][/DB] or unix:PATH (default: the private server)") },
  { "prefix", CB_OPTION_TEXT, "PREFIX", N_("the prefix of the queues (default: q)") },
  { "json", CB_OPTION_FLAG, NULL, N_("print one JSON document, or one JSON object a line") },
  { "read-only", CB_OPTION_FLAG, NULL, N_("refuse every command that writes") },
  { "yes-production", CB_OPTION_FLAG, NULL, N_("write also to a server that is marked as production") },
  { "timeout", CB_OPTION_NUMBER, "MS", N_("wait at most this long for a connection or a reply (default: 5000)"),
    1, G_MAXINT },
  { "help", CB_OPTION_FLAG, NULL, N_("show this help") },
  { "version", CB_OPTION_FLAG, NULL, N_("show the version") },
  { NULL }
};

/**
 * cb_commands_find:
 * @second: (nullable): the word after it
 * @n_words: (out): how many words the name has
 * @is_group: (out): @first is the first word of commands that have two
 *
 * Returns: (nullable): the command
 */
const CbCliCommand *
cb_commands_find (const char *first,
                  const char *second,
                  guint *n_words,
                  gboolean *is_group)
{
  g_autofree char *both = second != NULL ? g_strconcat (first, " ", second, NULL) : NULL;
  gsize length = strlen (first);

  *is_group = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const CbCliCommand *command = groups[i]; command->name != NULL; command++)
      {
        if (strcmp (command->name, first) == 0)
          {
            *n_words = 1;
            return command;
          }
        if (g_strcmp0 (command->name, both) == 0)
          {
            *n_words = 2;
            return command;
          }
        if (strncmp (command->name, first, length) == 0 && command->name[length] == ' ')
          *is_group = TRUE;
      }

  return NULL;
}

static void
print_options (CbCli *cli,
               const CbOption *options)
{
  for (const CbOption *option = options; option != NULL && option->name != NULL; option++)
    {
      g_autofree char *left = option->argument != NULL
                                ? g_strdup_printf ("--%s %s", option->name, option->argument)
                                : g_strdup_printf ("--%s", option->name);

      g_autofree char *padded = cb_cli_pad (left, 24);

      cb_cli_print (cli, "  %s %s\n", padded, _(option->summary));
    }
}

/**
 * cb_commands_print_help:
 * @command: (nullable): of which command; %NULL for the whole program
 */
void
cb_commands_print_help (CbCli *cli,
                        const CbCliCommand *command)
{
  if (command != NULL)
    {
      cb_cli_print (cli, "%s\n  callboardctl %s%s%s%s%s\n\n%s.\n", _("Usage:"), command->name,
                    command->usage[0] != '\0' ? " " : "", command->usage,
                    command->options != NULL ? " " : "", command->options != NULL ? _("[OPTION…]") : "",
                    _(command->summary));
      if (command->description != NULL)
        cb_cli_print (cli, "\n%s\n", _(command->description));
      if (command->options != NULL)
        {
          cb_cli_print (cli, "\n%s\n", _("Options:"));
          print_options (cli, command->options);
        }
    }
  else
    {
      cb_cli_print (cli, "%s\n  callboardctl %s\n\n%s\n", _("Usage:"), _("[OPTION…] COMMAND [ARGUMENT…]"),
                    _("Job queues in Redis from the command line. Commands:"));

      for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
        for (const CbCliCommand *item = groups[i]; item->name != NULL; item++)
          cb_cli_print (cli, "  %-16s %s\n", item->name, _(item->summary));
    }

  cb_cli_print (cli, "\n%s\n", _("Options of every command:"));
  print_options (cli, cb_global_options);

  if (command == NULL)
    cb_cli_print (cli, "\n%s\n\n%s\n", _("“callboardctl COMMAND --help” tells more about a command."),
                  _("Without --server the server is $CALLBOARD_SERVER, and without that the private one.\n"
                    "Exit status: 0 done, 1 it failed, 2 wrong usage, 3 no connection."));
}

/* For the tests of the man page and the completion: each command and its options, a command a line. */
void
cb_commands_print_list (CbCli *cli)
{
  cb_cli_print (cli, ":");
  for (const CbOption *option = cb_global_options; option->name != NULL; option++)
    cb_cli_print (cli, " --%s", option->name);
  cb_cli_print (cli, "\n");

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const CbCliCommand *command = groups[i]; command->name != NULL; command++)
      {
        cb_cli_print (cli, "%s:", command->name);
        for (const CbOption *option = command->options; option != NULL && option->name != NULL; option++)
          cb_cli_print (cli, " --%s", option->name);
        cb_cli_print (cli, "\n");
      }
}
