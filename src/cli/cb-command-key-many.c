/* cb-command-key-many.c: key delete, key ttl and key send
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Which keys it is done to is settled first: those that were named, or those that a scan has found, and no others that come
 * to match meanwhile. What is destroyed is written down, for “callboardctl undo”.
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-bulk.h"

#include <errno.h>
#include <gio/gfiledescriptorbased.h>
#include <string.h>
#include <unistd.h>

/* How many names a dry run tells. */
#define SAMPLE 10

typedef struct
{
  CbCli *cli;
  CbKeyStore *keys;
  const char *done;
  gboolean named;
  guint64 n_failed;
} Work;

static void
print_line (CbCli *cli,
            const char *what,
            GBytes *key)
{
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      gsize length;
      const char *name = g_bytes_get_data (key, &length);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "key");
      cb_json_writer_string (writer, name != NULL ? name : "", (gssize) length);
      cb_json_writer_name (writer, "outcome");
      cb_json_writer_string (writer, what, -1);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      g_autofree char *name = cb_cli_keys_escape (key);

      cb_cli_print (cli, "%s: %s\n", name, what);
    }
}

/* Returns the exit status when there is nothing to go on with, else -1. */
static int
choose (CbCli *cli,
        const char *would,
        CbKeyStore **keys)
{
  int status;
  guint n;

  *keys = cb_cli_keys_choose (cli, &status);
  if (*keys == NULL)
    return status;
  n = cb_key_store_get_length (*keys);
  if (cb_arguments_has (cli->arguments, "dry-run"))
    {
      for (CbKeyId i = 0; i < MIN (n, SAMPLE); i++)
        {
          g_autoptr (GBytes) key = cb_cli_keys_dup_name (*keys, i);

          print_line (cli, would, key);
        }
      if (!cli->json)
        cb_cli_print (cli, g_dngettext (NULL, "%u key in all; nothing was done\n", "%u keys in all; nothing was done\n", n), n);
      return CB_EXIT_DONE;
    }
  /* On standard error, beside the line a key on standard output. */
  if (cb_arguments_get_length (cli->arguments) == 0)
    cb_cli_complain (cli, g_dngettext (NULL, "%u key matches", "%u keys match", n), n);
  return -1;
}

static void
outcome_cb (CbKeyBulk *bulk,
            guint id,
            int outcome,
            const char *message,
            Work *work)
{
  g_autoptr (GBytes) key = cb_cli_keys_dup_name (work->keys, id);

  if (outcome == CB_KEY_BULK_DONE)
    {
      print_line (work->cli, work->done, key);
      return;
    }
  /* One that was found, and is gone since, was not asked for. */
  if (outcome == CB_KEY_BULK_GONE && !work->named)
    return;

  work->n_failed++;
  if (outcome == CB_KEY_BULK_GONE)
    {
      g_autofree char *name = cb_cli_keys_escape (key);

      cb_cli_complain (work->cli, _("There is no key “%s”"), name);
    }
  else if (outcome != CB_KEY_BULK_UNKNOWN)
    {
      cb_cli_complain (work->cli, "%s", message);
    }
}

/* What the keys were chosen by, for the journal. */
static char *
describe_selection (CbCli *cli)
{
  static const char * const told[] = { "matching", "literal", "type", "expires-within" };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (told); i++)
    {
      const char *value = cb_arguments_get_text (cli->arguments, told[i]);

      if (value != NULL)
        g_string_append_printf (text, "%s--%s %s", text->len > 0 ? " " : "", told[i], value);
    }
  if (cb_arguments_has (cli->arguments, "no-ttl"))
    g_string_append (text, text->len > 0 ? " --no-ttl" : "--no-ttl");
  return g_string_free (text, FALSE);
}

static int
run_bulk (CbCli *cli,
          CbKeyBulk *bulk,
          CbKeyStore *keys,
          const char *done)
{
  Work work = { .cli = cli, .keys = keys, .done = done, .named = cb_arguments_get_length (cli->arguments) > 0 };
  g_autofree char *summary = describe_selection (cli);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyQuery query;
  int status;

  if (!cb_cli_keys_get_query (cli, cb_arguments_get_text (cli->arguments, "matching"), &query, &status))
    return status;
  text = query.text;
  cb_key_bulk_set_query (bulk, &query);
  if (summary[0] != '\0')
    cb_key_bulk_set_summary (bulk, summary);
  g_signal_connect (bulk, "outcome", G_CALLBACK (outcome_cb), &work);

  cb_key_bulk_run_async (bulk, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  status = CB_EXIT_DONE;
  if (!cb_key_bulk_run_finish (bulk, result, &error))
    status = cb_cli_tell_error (cli, error);

  if (cb_key_bulk_get_notice (bulk) != NULL)
    cb_cli_complain (cli, "%s", cb_key_bulk_get_notice (bulk));
  /* For a person; a script finds it by “undo --list”. */
  if (cb_key_bulk_get_undo_id (bulk) != NULL && isatty (STDERR_FILENO))
    cb_cli_complain (cli, _("“callboardctl undo %s” undoes it"), cb_key_bulk_get_undo_id (bulk));
  if (status != CB_EXIT_DONE)
    {
      guint n = cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE);

      cb_cli_complain (cli, g_dngettext (NULL, "It ended when %u of %u key was done", "It ended when %u of %u keys were done",
                                         cb_key_bulk_get_n_total (bulk)), n, cb_key_bulk_get_n_total (bulk));
      return status;
    }
  return work.n_failed > 0 ? CB_EXIT_FAILED : CB_EXIT_DONE;
}

static CbJournal *
get_journal (CbCli *cli)
{
  return cb_arguments_has (cli->arguments, "no-undo") ? NULL : cb_journal_new (NULL, "command");
}

/* Deleting with a copy in a file */

/* Captures a portion of keys, and puts that on the disk before any of them is deleted. */
#define PORTION 100

static int
save_portion (CbCli *cli,
              CbKeyStore *keys,
              guint begin,
              GOutputStream *output,
              GPtrArray *remains,
              GPtrArray *types)
{
  g_autoptr (GError) error = NULL;
  int worst = CB_EXIT_DONE;

  for (guint i = begin; i < MIN (begin + PORTION, cb_key_store_get_length (keys)); i++)
    {
      g_autoptr (GBytes) key = cb_cli_keys_dup_name (keys, i);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbKeyInfo) info = NULL;
      g_autofree char *line = NULL;
      CbKeyRemains *one;

      g_clear_error (&error);
      cb_key_capture_async (cli->connection, key, cli->cancellable, cb_cli_take_result, &result);
      cb_cli_await (&result);
      one = cb_key_capture_finish (cli->connection, result, &error);
      if (one == NULL)
        {
          int status = cb_cli_tell_error (cli, error);

          if (status != CB_EXIT_FAILED)
            return status;
          worst = status;
          continue;
        }
      g_ptr_array_add (remains, one);
      info = cb_cli_keys_inspect (cli, key, &error);
      if (info == NULL)
        return cb_cli_tell_error (cli, error);
      g_ptr_array_add (types, g_strdup (info->type));
      line = cb_cli_keys_write_dump (one, info->type);
      if (!g_output_stream_write_all (output, line, strlen (line), NULL, NULL, &error) ||
          !g_output_stream_write_all (output, "\n", 1, NULL, NULL, &error))
        return cb_cli_tell_error (cli, error);
    }
  if (!g_output_stream_flush (output, NULL, &error))
    return cb_cli_tell_error (cli, error);
  if (G_IS_FILE_DESCRIPTOR_BASED (output) && fsync (g_file_descriptor_based_get_fd (G_FILE_DESCRIPTOR_BASED (output))) != 0)
    {
      cb_cli_complain (cli, "%s: %s", cb_arguments_get_text (cli->arguments, "save"), g_strerror (errno));
      return CB_EXIT_USAGE;
    }
  return worst;
}

static int
delete_saved (CbCli *cli,
              CbKeyStore *keys,
              const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GFileOutputStream) output = NULL;
  g_autoptr (GError) error = NULL;
  int status;
  int worst = CB_EXIT_DONE;

  output = g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, &error);
  if (output == NULL)
    return cb_cli_tell_error (cli, error);

  for (guint begin = 0; begin < cb_key_store_get_length (keys) && !cb_cli_is_interrupted (cli); begin += PORTION)
    {
      g_autoptr (GPtrArray) remains = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_key_remains_free);
      g_autoptr (GPtrArray) types = g_ptr_array_new_with_free_func (g_free);

      status = save_portion (cli, keys, begin, G_OUTPUT_STREAM (output), remains, types);
      if (status != CB_EXIT_DONE && status != CB_EXIT_FAILED)
        return status;
      worst = MAX (worst, status);
      for (guint i = 0; i < remains->len && !cb_cli_is_interrupted (cli); i++)
        {
          const CbKeyRemains *one = g_ptr_array_index (remains, i);
          g_autoptr (GAsyncResult) result = NULL;

          g_clear_error (&error);
          cb_key_delete_captured_async (cli->connection, one, g_ptr_array_index (types, i), cli->cancellable,
                                        cb_cli_take_result, &result);
          cb_cli_await (&result);
          if (cb_key_delete_finish (cli->connection, result, NULL, &error))
            {
              print_line (cli, _("deleted"), one->key);
              continue;
            }
          status = cb_cli_tell_error (cli, error);
          if (status != CB_EXIT_FAILED)
            return status;
          worst = status;
        }
    }
  return cb_cli_is_interrupted (cli) ? CB_EXIT_INTERRUPTED : worst;
}

static int
run_delete (CbCli *cli)
{
  const char *path = cb_arguments_get_text (cli->arguments, "save");
  g_autoptr (CbKeyStore) keys = NULL;
  g_autoptr (CbJournal) journal = get_journal (cli);
  g_autoptr (CbKeyBulk) bulk = NULL;
  int status = choose (cli, _("would be deleted"), &keys);

  if (status >= 0)
    return status;
  if (path != NULL)
    return delete_saved (cli, keys, path);
  bulk = cb_key_bulk_new (cli->connection, journal, CB_KEY_BULK_DELETE, keys);
  return run_bulk (cli, bulk, keys, _("deleted"));
}

static int
run_ttl (CbCli *cli)
{
  const char *text = cb_arguments_get_text (cli->arguments, "set");
  g_autoptr (CbKeyStore) keys = NULL;
  g_autoptr (CbJournal) journal = get_journal (cli);
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;
  gint64 msec = 0;
  int status;

  if (text == NULL)
    return cb_cli_tell_usage (cli, _("--set is missing: a time like 90s, 5m, 2h or 7d, or “none”"));
  if (!g_str_equal (text, "none") && !cb_key_parse_ttl (text, &msec, &error))
    return cb_cli_tell_usage (cli, "--set: %s", error->message);
  status = choose (cli, msec > 0 ? _("would expire") : _("would never expire"), &keys);
  if (status >= 0)
    return status;
  bulk = cb_key_bulk_new (cli->connection, journal, msec > 0 ? CB_KEY_BULK_EXPIRE : CB_KEY_BULK_PERSIST, keys);
  if (msec > 0)
    cb_key_bulk_set_ttl (bulk, msec);
  return run_bulk (cli, bulk, keys, msec > 0 ? _("expires") : _("never expires"));
}

static int
run_send (CbCli *cli)
{
  const char *to = cb_arguments_get_text (cli->arguments, "to");
  g_autoptr (CbKeyStore) keys = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbConnection) target = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (to == NULL)
    return cb_cli_tell_usage (cli, _("--to is missing: where the keys are to be copied to, like redis://HOST/3"));
  address = cb_address_parse (to, &error);
  if (address == NULL)
    return cb_cli_tell_usage (cli, "--to: %s", error->message);
  status = choose (cli, _("would be copied"), &keys);
  if (status >= 0)
    return status;
  if (cb_address_equal (address, cli->address))
    return cb_cli_tell_usage (cli, _("--to is where the keys are already"));

  target = cb_cli_new_target (cli, address, &error);
  if (target == NULL)
    return cb_cli_tell_error (cli, error);
  cb_connection_open_async (target, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  if (!cb_connection_open_finish (target, result, &error))
    return cb_cli_tell_error (cli, error);

  bulk = cb_key_bulk_new (cli->connection, NULL, CB_KEY_BULK_COPY, keys);
  cb_key_bulk_set_target (bulk, target, cb_arguments_has (cli->arguments, "replace"));
  status = run_bulk (cli, bulk, keys, _("copied"));
  cb_connection_close (target);
  return status;
}

#define DRY_RUN { "dry-run", CB_OPTION_FLAG, NULL, N_("say how many keys and name some of them, and do nothing") }
#define NO_UNDO { "no-undo", CB_OPTION_FLAG, NULL, N_("write nothing down, so that it can’t be undone") }

static const CbOption delete_options[] = {
  { "save", CB_OPTION_TEXT, "FILE", N_("write the keys to FILE first, from which “key import” puts them back") },
  CB_CLI_KEY_MATCHING,
  CB_CLI_KEY_FILTERS,
  DRY_RUN,
  NO_UNDO,
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

static const CbOption ttl_options[] = {
  { "set", CB_OPTION_TEXT, "TIME", N_("from now on: 90s, 1500ms, 5m, 2h, 7d; “none” to keep them for ever") },
  CB_CLI_KEY_MATCHING,
  CB_CLI_KEY_FILTERS,
  DRY_RUN,
  NO_UNDO,
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

static const CbOption send_options[] = {
  { "to", CB_OPTION_TEXT, "URI", N_("the server and database, as for --server") },
  { "replace", CB_OPTION_FLAG, NULL, N_("write over keys that are there already") },
  CB_CLI_KEY_MATCHING,
  CB_CLI_KEY_FILTERS,
  DRY_RUN,
  CB_CLI_KEY_ESCAPED,
  { NULL }
};

const CbCliCommand cb_command_key_many[] = {
  { .name = "key delete",
    .usage = "[KEY…]",
    .summary = N_("Delete keys"),
    .description = N_("Those that match when it begins, and each only while it does. They are written down first, so that “undo” "
                      "puts them back; a key that takes more than 64 MiB is left alone, unless --no-undo or --save is given."),
    .options = delete_options,
    .max_words = -1,
    .writes = TRUE,
    .run = run_delete },
  { .name = "key ttl",
    .usage = "[KEY…]",
    .summary = N_("Set when keys expire, or that they never do"),
    .description = N_("All at the same moment. “undo” puts back when they did, as long as they are there."),
    .options = ttl_options,
    .max_words = -1,
    .writes = TRUE,
    .run = run_ttl },
  { .name = "key send",
    .usage = "[KEY…]",
    .summary = N_("Copy keys with their times to live to another database or server"),
    .description = N_("By DUMP and RESTORE, so the other server must not be older; never over a key that is there, unless "
                      "--replace is given. A key that takes more than 64 MiB is left out."),
    .options = send_options,
    .max_words = -1,
    .writes = TRUE,
    .elsewhere = TRUE,
    .run = run_send },
  { NULL }
};
