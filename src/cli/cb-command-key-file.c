/* cb-command-key-file.c: key export
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-export.h"

#include <errno.h>
#include <gio/gunixoutputstream.h>
#include <string.h>
#include <unistd.h>

/* So many keys are asked at once what memory they take. */
#define PORTION 100

typedef enum
{
  FORMAT_COMMANDS = CB_KEY_EXPORT_COMMANDS,
  FORMAT_JSON = CB_KEY_EXPORT_JSON,
  FORMAT_DUMP,
} Format;

typedef struct
{
  CbCli *cli;
  int worst;   /* exit status */
} Export;

static void
tell_gone (CbKeyExport *export,
           GBytes *key,
           Export *state)
{
  g_autofree char *shown = NULL;

  /* One that was found, and is gone since, was not asked for. */
  if (cb_arguments_get_length (state->cli->arguments) == 0)
    return;
  shown = cb_cli_keys_escape (key);
  cb_cli_complain (state->cli, _("There is no key “%s”"), shown);
  state->worst = CB_EXIT_FAILED;
}

static void
tell_problem (CbKeyExport *export,
              const char *text,
              Export *state)
{
  cb_cli_complain (state->cli, "%s", text);
  state->worst = CB_EXIT_FAILED;
}

/* --- in parts --- */

/* What the output says, so that the program ends as after any other command. */
static int
tell_output (CbCli *cli,
             const GError *error)
{
  cli->output_errno = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) ? EPIPE
                      : g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)  ? ENOSPC
                                                                                  : EIO;
  return CB_EXIT_INTERRUPTED;
}

static int
export_text (CbCli *cli,
             CbKeyStore *keys,
             Format format)
{
  g_autoptr (GOutputStream) output = g_unix_output_stream_new (STDOUT_FILENO, FALSE);
  g_autoptr (CbKeyExport) export = cb_key_export_new (cli->connection, keys, (CbKeyExportForm) format, output);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Export state = { cli, CB_EXIT_DONE };

  g_signal_connect (export, "gone", G_CALLBACK (tell_gone), &state);
  g_signal_connect (export, "problem", G_CALLBACK (tell_problem), &state);
  cb_key_export_run_async (export, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (cb_key_export_run_finish (export, result, &error))
    return state.worst;
  if (error->domain == G_IO_ERROR && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return tell_output (cli, error);
  return cb_cli_tell_error (cli, error);
}

/* --- whole --- */

/* What the keys from this one on take, the first of them at its place. */
static GPtrArray *
read_sizes (CbCli *cli,
            CbKeyStore *keys,
            CbKeyId from,
            GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();

  for (CbKeyId i = from; i < MIN (from + PORTION, cb_key_store_get_length (keys)); i++)
    {
      g_autoptr (GBytes) key = cb_cli_keys_dup_name (keys, i);

      cb_pipeline_add (pipeline, cb_command_add_gbytes (cb_command_new ("MEMORY", "USAGE", NULL), key));
    }
  cb_connection_pipeline_async (cli->connection, pipeline, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  return cb_connection_pipeline_finish (cli->connection, result, error);
}

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

/* @size: what MEMORY USAGE says. Who may not ask it, or whose server can't tell, does without. */
static gboolean
is_too_large (Export *state,
              GBytes *key,
              const CbValue *size)
{
  gint64 memory;
  g_autofree char *shown = NULL;
  g_autofree char *takes = NULL;
  g_autofree char *most = NULL;

  if (!cb_value_get_integer (size, &memory) || memory <= CB_KEY_BULK_MOST_BYTES)
    return FALSE;
  shown = cb_cli_keys_escape (key);
  takes = g_format_size_full ((guint64) memory, G_FORMAT_SIZE_IEC_UNITS);
  most = g_format_size_full (CB_KEY_BULK_MOST_BYTES, G_FORMAT_SIZE_IEC_UNITS);
  cb_cli_complain (state->cli, _("“%s” takes %s, and a dump, which comes in one piece, is asked for of no more than %s: it was left "
                                 "out. “--format commands” reads it in parts"), shown, takes, most);
  state->worst = CB_EXIT_FAILED;
  return TRUE;
}

static gboolean
export_dump (Export *state,
             GBytes *key,
             GError **error)
{
  g_autoptr (GPtrArray) replies = read_dump (state->cli, key, error);
  g_autoptr (GBytes) dump = NULL;
  g_autoptr (CbKeyRemains) remains = NULL;
  g_autofree char *line = NULL;
  gint64 expires_at = -1;

  if (replies == NULL)
    return FALSE;
  if (cb_value_is_nil (cb_reply_get_value (g_ptr_array_index (replies, 2))))
    {
      tell_gone (NULL, key, state);
      return TRUE;
    }
  cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &expires_at);
  dump = cb_value_dup_bytes (cb_reply_get_value (g_ptr_array_index (replies, 2)));
  remains = cb_key_remains_new (key, dump, expires_at);
  line = cb_cli_keys_write_dump (remains, cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, 0)), NULL));
  cb_cli_write (state->cli, line, -1);
  cb_cli_write (state->cli, "\n", 1);
  return TRUE;
}

static int
export_dumps (CbCli *cli,
              CbKeyStore *keys)
{
  g_autoptr (GPtrArray) sizes = NULL;
  Export state = { cli, CB_EXIT_DONE };

  for (CbKeyId i = 0; i < cb_key_store_get_length (keys) && !cb_cli_is_interrupted (cli); i++)
    {
      g_autoptr (GBytes) key = cb_cli_keys_dup_name (keys, i);
      g_autoptr (GError) error = NULL;
      int status;

      if (i % PORTION == 0)
        {
          g_clear_pointer (&sizes, g_ptr_array_unref);
          sizes = read_sizes (cli, keys, i, &error);
          if (sizes == NULL)
            return cb_cli_tell_error (cli, error);
        }
      if (is_too_large (&state, key, cb_reply_get_value (g_ptr_array_index (sizes, i % PORTION))) ||
          export_dump (&state, key, &error))
        continue;
      status = cb_cli_tell_error (cli, error);
      if (status != CB_EXIT_FAILED)
        return status;
      state.worst = status;
    }
  return state.worst;
}

static int
run_export (CbCli *cli)
{
  const char *name = cb_arguments_get_text (cli->arguments, "format");
  static const char * const formats[] = { "commands", "json", "dump" };
  g_autoptr (CbKeyStore) keys = NULL;
  Format format = FORMAT_DUMP;
  gboolean known = name == NULL;
  int status;

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
  status = format == FORMAT_DUMP ? export_dumps (cli, keys) : export_text (cli, keys, format);
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : status;
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
                      "the others are read in parts, between which a key may change. A key of more than 64 MiB has no dump, and one of more "
                      "than 512 MiB none of them: it is left out, which is told, and the exit status is 1."),
    .options = export_options,
    .max_words = -1,
    .run = run_export },
  { NULL }
};
