/* cb-command-value.c: set, get, hset, hgetall
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-reply.h"
#include "cb-commands.h"

#include <glib/gi18n.h>
#include <string.h>

/* Runs a command and tells its error: the reply, or NULL and the exit status. */
static CbReply *
call_or_tell (CbCli *cli,
              CbCommand *command,
              int *status)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbCommand) owned = command;
  CbReply *reply;

  if (!cb_cli_connect_or_tell (cli, status))
    return NULL;

  reply = cb_cli_call (cli, g_steal_pointer (&owned), &error);
  *status = reply != NULL ? CB_EXIT_DONE : cb_cli_tell_error (cli, error);

  return reply;
}

static int
run_set (CbCli *cli)
{
  g_autoptr (CbReply) reply = NULL;
  int status;

  reply = call_or_tell (cli,
                        cb_command_new ("SET",
                                        cb_arguments_get_word (cli->arguments, 0),
                                        cb_arguments_get_word (cli->arguments, 1),
                                        NULL),
                        &status);
  if (reply != NULL)
    cb_cli_print_named_reply (cli, cb_reply_get_value (reply));

  return status;
}

static int
run_get (CbCli *cli)
{
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  const char *text;
  gsize length;
  int status;

  reply = call_or_tell (cli,
                        cb_command_new ("GET", cb_arguments_get_word (cli->arguments, 0), NULL),
                        &status);
  if (reply == NULL)
    return status;

  value = cb_reply_get_value (reply);
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_cli_write_json_value (writer, value);
      cb_cli_print_json (cli, writer);
      return CB_EXIT_DONE;
    }

  text = cb_value_get_string (value, &length);
  if (text != NULL)
    cb_cli_write_value (cli, text, length);
  else
    cb_cli_print (cli, "null");
  cb_cli_print (cli, "\n");

  return CB_EXIT_DONE;
}

/* One HSET a field, all in one pipeline: each field has a reply of its own. */
static int
run_hset (CbCli *cli)
{
  const char *key = cb_arguments_get_word (cli->arguments, 0);
  guint n_words = cb_arguments_get_length (cli->arguments);
  g_autoptr (CbPipeline) pipeline = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) error = NULL;
  int status = CB_EXIT_DONE;

  if (n_words % 2 == 0)
    return cb_cli_tell_usage (cli, _("The field “%s” has no value"),
                              cb_arguments_get_word (cli->arguments, n_words - 1));
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  pipeline = cb_pipeline_new ();
  for (guint i = 1; i < n_words; i += 2)
    cb_pipeline_add (pipeline, cb_command_new ("HSET", key,
                                               cb_arguments_get_word (cli->arguments, i),
                                               cb_arguments_get_word (cli->arguments, i + 1),
                                               NULL));

  cb_connection_pipeline_async (cli->connection, g_steal_pointer (&pipeline), cli->cancellable,
                                cb_cli_take_result, &result);
  cb_cli_await (&result);
  replies = cb_connection_pipeline_finish (cli->connection, result, &error);
  if (replies == NULL)
    return cb_cli_tell_error (cli, error);

  for (guint i = 0; i < replies->len; i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, i));

      if (cb_value_is_error (value))
        {
          g_autoptr (GError) refused = NULL;
          const char *text;
          gsize length;

          text = cb_value_get_string (value, &length);
          refused = cb_redis_error_new_from_reply ("HSET", text, length);
          return cb_cli_tell_error (cli, refused);
        }
      cb_cli_print_named_reply (cli, value);
    }

  return CB_EXIT_DONE;
}

static int
run_hgetall (CbCli *cli)
{
  g_autoptr (CbJsonWriter) writer = NULL;
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  int status;

  reply = call_or_tell (cli,
                        cb_command_new ("HGETALL", cb_arguments_get_word (cli->arguments, 0), NULL),
                        &status);
  if (reply == NULL)
    return status;

  value = cb_reply_get_value (reply);
  writer = cb_json_writer_new ();
  cb_json_writer_begin_object (writer);
  for (guint i = 0; i + 1 < cb_value_get_length (value); i += 2)
    {
      g_autofree char *name = NULL;
      const char *field;
      gsize length;

      field = cb_value_get_string (cb_value_get_element (value, i), &length);
      /* A name in JSON is text: what is no text is shown as it is everywhere else, as \xNN. */
      name = cb_text_display (field != NULL ? field : "", field != NULL ? (gssize) length : 0, FALSE);
      cb_json_writer_name (writer, name);
      cb_cli_write_json_value (writer, cb_value_get_element (value, i + 1));
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);

  return CB_EXIT_DONE;
}

const CbCliCommand cb_command_value[] = {
  { .name = "set",
    .usage = "KEY VALUE",
    .summary = N_("Store a value under a key"),
    .min_words = 2,
    .max_words = 2,
    .writes = TRUE,
    .run = run_set },
  { .name = "get",
    .usage = "KEY",
    .summary = N_("Print the value of a key, or null when there is none"),
    .min_words = 1,
    .max_words = 1,
    .run = run_get },
  { .name = "hset",
    .usage = "KEY FIELD VALUE [FIELD VALUE…]",
    .summary = N_("Set fields of a hash; 1 for a new field, 0 for one that was there"),
    .min_words = 3,
    .max_words = -1,
    .writes = TRUE,
    .run = run_hset },
  { .name = "hgetall",
    .usage = "KEY",
    .summary = N_("Print a hash as a JSON object"),
    .min_words = 1,
    .max_words = 1,
    .run = run_hgetall },
  { NULL }
};
