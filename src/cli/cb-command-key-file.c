/* cb-command-key-file.c: key export
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-edit.h"
#include "cb-key-export.h"

#include <string.h>

/* How many elements stand in one command, or are read at once. */
#define PORTION 100

typedef enum
{
  FORMAT_DUMP,
  FORMAT_COMMANDS,
  FORMAT_JSON,
} Format;

/* What TYPE, PEXPIRETIME and DUMP say. */
static GPtrArray *
read_dump (CbCli *cli,
           GBytes *key,
           GError **error)
{
  static const char * const names[] = { "TYPE", "PEXPIRETIME", "DUMP" };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    cb_pipeline_add (pipeline, cb_command_add_gbytes (cb_command_new (names[i], NULL), key));
  cb_connection_pipeline_async (cli->connection, pipeline, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  replies = cb_connection_pipeline_finish (cli->connection, result, error);
  for (guint i = 0; replies != NULL && i < replies->len; i++)
    {
      const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, i));
      gsize length;
      const char *text = cb_value_get_string (value, &length);

      if (cb_value_is_error (value))
        {
          g_propagate_error (error, cb_redis_error_new_from_reply (names[i], text, length));
          return NULL;
        }
    }
  return g_steal_pointer (&replies);
}

/* The value in parts, each printed as it comes. */
static gboolean
export_parts (CbCli *cli,
              GBytes *key,
              const char *type,
              CbJsonWriter *writer,
              GError **error)
{
  g_autofree char *from = NULL;
  gboolean first = TRUE;

  do
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbKeyPage) page = NULL;

      cb_key_page_async (cli->connection, key, type, from, NULL, g_str_equal (type, "string") ? 0 : PORTION, cli->cancellable,
                         cb_cli_take_result, &result);
      cb_cli_await (&result);
      page = cb_key_page_finish (cli->connection, result, error);
      if (page == NULL)
        return FALSE;
      if (writer != NULL)
        {
          cb_key_export_write_json (writer, page);
        }
      else
        {
          g_autoptr (GString) lines = g_string_new (NULL);

          cb_key_export_append_commands (lines, key, type, page, first);
          cb_cli_print (cli, "%s", lines->str);
        }
      first = FALSE;
      g_free (from);
      from = g_steal_pointer (&page->next);
    }
  while (from != NULL);
  return TRUE;
}

static gboolean
export_key (CbCli *cli,
            GBytes *key,
            Format format,
            GError **error)
{
  g_autoptr (GPtrArray) replies = read_dump (cli, key, error);
  g_autoptr (CbJsonWriter) writer = format == FORMAT_JSON ? cb_json_writer_new () : NULL;
  const CbValue *dump;
  const char *type;
  gint64 expires_at = -1;

  if (replies == NULL)
    return FALSE;
  dump = cb_reply_get_value (g_ptr_array_index (replies, 2));
  if (cb_value_is_nil (dump))
    {
      g_autofree char *shown = cb_cli_keys_escape (key);

      /* One that was found, and is gone since, was not asked for. */
      if (cb_arguments_get_length (cli->arguments) == 0)
        return TRUE;
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE, _("There is no key “%s”"), shown);
      return FALSE;
    }
  type = cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, 0)), NULL);
  cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &expires_at);

  if (format == FORMAT_COMMANDS)
    {
      g_autoptr (GString) line = g_string_new (NULL);

      if (!cb_key_type_is_known (type) || g_str_equal (type, "ReJSON-RL"))
        {
          g_autoptr (GBytes) bytes = cb_value_dup_bytes (dump);

          cb_key_export_append_restore (line, key, bytes, expires_at);
        }
      else
        {
          if (!export_parts (cli, key, type, NULL, error))
            return FALSE;
          if (expires_at < 0)
            return TRUE;
          cb_key_export_append_end (line, key, expires_at);
        }
      cb_cli_print (cli, "%s", line->str);
      return TRUE;
    }

  if (format == FORMAT_DUMP)
    {
      g_autoptr (GBytes) bytes = cb_value_dup_bytes (dump);
      g_autoptr (CbKeyRemains) remains = cb_key_remains_new (key, bytes, expires_at);
      g_autofree char *line = cb_cli_keys_write_dump (remains, type);

      cb_cli_print (cli, "%s\n", line);
      return TRUE;
    }

  cb_key_export_begin_json (writer, key, type, expires_at);
  if (cb_key_type_is_known (type))
    {
      cb_json_writer_name (writer, "elements");
      cb_json_writer_begin_array (writer);
      if (!export_parts (cli, key, type, writer, error))
        return FALSE;
      cb_json_writer_end_array (writer);
    }
  cb_json_writer_end_object (writer);
  cb_cli_print_json (cli, writer);
  return TRUE;
}

static int
run_export (CbCli *cli)
{
  const char *name = cb_arguments_get_text (cli->arguments, "format");
  static const char * const formats[] = { "dump", "commands", "json" };
  g_autoptr (CbKeyStore) keys = NULL;
  Format format = FORMAT_DUMP;
  gboolean known = name == NULL;
  int status;
  int worst = CB_EXIT_DONE;

  for (gsize i = 0; i < G_N_ELEMENTS (formats) && !known; i++)
    if (g_str_equal (formats[i], name))
      {
        format = i;
        known = TRUE;
      }
  if (!known)
    return cb_cli_tell_usage (cli, _("--format is “dump”, “commands” or “json”"));

  keys = cb_cli_keys_choose (cli, &status);
  if (keys == NULL)
    return status;
  for (CbKeyId i = 0; i < cb_key_store_get_length (keys) && !cb_cli_is_interrupted (cli); i++)
    {
      g_autoptr (GBytes) key = cb_cli_keys_dup_name (keys, i);
      g_autoptr (GError) error = NULL;

      if (export_key (cli, key, format, &error))
        continue;
      status = cb_cli_tell_error (cli, error);
      if (status != CB_EXIT_FAILED)
        return status;
      worst = status;
    }
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : worst;
}

static const CbOption export_options[] = {
  { "format", CB_OPTION_TEXT, "FORMAT", N_("“dump” for “key import” (the default), “commands” for redis-cli, or “json”") },
  CB_CLI_KEY_MATCHING,
  CB_CLI_KEY_FILTERS,
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

const CbCliCommand cb_command_key_file[] = {
  { .name = "key export",
    .usage = "[KEY…]",
    .summary = N_("Write keys to standard output, for “key import”, for redis-cli, or as JSON"),
    .description = N_("A key a line. Only “dump” is exact for every type, with the groups of streams and what modules keep; "
                      "the others are read in parts, between which a key may change."),
    .options = export_options,
    .max_words = -1,
    .run = run_export },
  { NULL }
};
