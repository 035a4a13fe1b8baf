/* cb-command-keys.c: the keys of the database
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"
#include "cb-key-survey.h"

#include <string.h>

static void
print_key (CbCli *cli,
           const char *bytes,
           gsize length)
{
  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_string (writer, bytes, (gssize) length);
      cb_cli_print_json (cli, writer);
    }
  else
    {
      g_autofree char *line = cb_cli_keys_escape_name (bytes, length);

      cb_cli_print (cli, "%s\n", line);
    }
}

static void
found_cb (CbKeyFinder *finder,
          guint first,
          guint n,
          CbCli *cli)
{
  CbKeyStore *store = cb_key_finder_get_store (finder);

  for (CbKeyId id = first; id < first + n; id++)
    {
      gsize length;
      const char *name = cb_key_store_get_name (store, id, &length);

      print_key (cli, name, length);
    }
}

/* What a tree shows in one line. */
typedef struct
{
  CbKeyStore *store;
  guint32 what;
  gboolean is_folder;
} Branch;

static const char *
get_part (const Branch *branch,
          gsize *length)
{
  const char *name;
  gsize offset;

  if (branch->is_folder)
    return cb_key_store_get_folder_name (branch->store, branch->what, length);
  name = cb_key_store_get_name (branch->store, branch->what, length);
  offset = cb_key_store_get_leaf_offset (branch->store, branch->what);
  *length -= offset;
  return name + offset;
}

static int
compare_branches (gconstpointer a,
                  gconstpointer b)
{
  gsize first_length, second_length;
  const char *first = get_part (a, &first_length);
  const char *second = get_part (b, &second_length);
  int order = memcmp (first, second, MIN (first_length, second_length));

  if (order != 0)
    return order;
  if (first_length != second_length)
    return first_length < second_length ? -1 : 1;
  return (int) ((const Branch *) a)->is_folder - (int) ((const Branch *) b)->is_folder;
}

static GArray *
list_branches (CbKeyStore *store,
               CbFolderId folder)
{
  GArray *branches = g_array_new (FALSE, FALSE, sizeof (Branch));

  for (CbFolderId id = cb_key_store_get_first_folder (store, folder); id != CB_KEY_NONE;
       id = cb_key_store_get_next_folder (store, id))
    g_array_append_vals (branches, &(Branch) { store, id, TRUE }, 1);
  for (CbKeyId id = cb_key_store_get_first_key (store, folder); id != CB_KEY_NONE;
       id = cb_key_store_get_next_key (store, id))
    g_array_append_vals (branches, &(Branch) { store, id, FALSE }, 1);
  g_array_sort (branches, compare_branches);
  return branches;
}

/* Without recursion: a name may have thousands of parts. */
static void
print_tree (CbCli *cli,
            CbKeyStore *store,
            const char *separator)
{
  g_autoptr (GPtrArray) levels = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  guint zero = 0;

  g_ptr_array_add (levels, list_branches (store, CB_FOLDER_ROOT));
  g_array_append_val (places, zero);
  while (levels->len > 0 && !cb_cli_is_interrupted (cli))
    {
      GArray *level = g_ptr_array_index (levels, levels->len - 1);
      guint *place = &g_array_index (places, guint, places->len - 1);
      Branch *branch;
      gsize length;
      const char *part;
      g_autofree char *shown = NULL;

      if (*place == level->len)
        {
          g_ptr_array_set_size (levels, levels->len - 1);
          g_array_set_size (places, places->len - 1);
          continue;
        }
      branch = &g_array_index (level, Branch, (*place)++);
      part = get_part (branch, &length);
      shown = length > 0 ? cb_cli_keys_escape_name (part, length) : g_strdup ("\"\"");
      /* Deeper than this, a line is all blanks. */
      cb_cli_print (cli, "%*s%s", 2 * (int) MIN (levels->len - 1, 40), "", shown);
      if (branch->is_folder)
        {
          cb_cli_print (cli, "%s  (%u)\n", separator, cb_key_store_count_keys (store, branch->what));
          g_ptr_array_add (levels, list_branches (store, branch->what));
          g_array_append_val (places, zero);
        }
      else
        {
          cb_cli_print (cli, "\n");
        }
    }
}

/* Biggest keys and memory */

#define DEFAULT_SAMPLE 100000

static void
print_size (CbCli *cli,
            const CbKeySize *size)
{
  g_autofree char *name = cb_cli_keys_escape (size->name);

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
      gsize length;
      const char *data = g_bytes_get_data (size->name, &length);

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "key");
      cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
      cb_json_writer_name (writer, "type");
      cb_json_writer_string (writer, size->type, -1);
      cb_json_writer_name (writer, "memory");
      cb_json_writer_int (writer, (gint64) size->bytes);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
      return;
    }
  cb_cli_print (cli, "%12" G_GUINT64_FORMAT "  %-6s  %s\n", size->bytes, size->type, name);
}

static void
print_prefix (CbCli *cli,
              const CbPrefixSize *size)
{
  guint64 estimate = cb_prefix_size_estimate (size);
  gsize length = 0;
  const char *data = size->prefix != NULL ? g_bytes_get_data (size->prefix, &length) : NULL;
  g_autofree char *name = NULL;

  if (cli->json)
    {
      g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();

      cb_json_writer_begin_object (writer);
      cb_json_writer_name (writer, "prefix");
      if (size->prefix != NULL)
        cb_json_writer_string (writer, data != NULL ? data : "", (gssize) length);
      else
        cb_json_writer_null (writer);
      cb_json_writer_name (writer, "keys");
      cb_json_writer_int (writer, (gint64) size->n_keys);
      cb_json_writer_name (writer, "measured");
      cb_json_writer_int (writer, (gint64) size->n_measured);
      cb_json_writer_name (writer, "memory");
      cb_json_writer_int (writer, (gint64) estimate);
      cb_json_writer_end_object (writer);
      cb_cli_print_json (cli, writer);
      return;
    }
  if (size->prefix == NULL)
    name = g_strdup (_("(all others)"));
  else
    name = length > 0 ? cb_cli_keys_escape (size->prefix) : g_strdup ("\"\"");
  cb_cli_print (cli, "%12" G_GUINT64_FORMAT "  %10" G_GUINT64_FORMAT "  %s\n", estimate, size->n_keys, name);
}

static int
run_survey (CbCli *cli)
{
  guint n_biggest = (guint) cb_arguments_get_number (cli->arguments, "biggest", 0);
  gboolean by_prefix = cb_arguments_has (cli->arguments, "memory-by-prefix");
  guint depth = by_prefix ? (guint) cb_arguments_get_number (cli->arguments, "depth", 1) : 0;
  g_autoptr (CbKeySurvey) survey = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) biggest = NULL;
  g_autoptr (GPtrArray) prefixes = NULL;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyQuery query;
  guint64 n_found, n_measured;
  int status = CB_EXIT_DONE;

  if (cb_arguments_has (cli->arguments, "no-ttl") || cb_arguments_has (cli->arguments, "expires-within"))
    return cb_cli_tell_usage (cli, _("--no-ttl and --expires-within don’t go with --biggest and --memory-by-prefix"));
  if (!cb_cli_keys_get_query (cli, cb_arguments_get_word (cli->arguments, 0), &query, &status))
    return status;
  text = query.text;
  if (!cb_cli_connect_or_tell (cli, &status))
    return status;

  survey = cb_key_survey_new (cli->connection, &query, cb_arguments_get_text (cli->arguments, "separator"), depth, n_biggest);
  /* The biggest of a sample are not the biggest. */
  cb_key_survey_set_sample (survey, (guint64) cb_arguments_get_number (cli->arguments, "sample",
                                                                       n_biggest > 0 ? 0 : DEFAULT_SAMPLE));
  cb_key_survey_run_async (survey, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  status = CB_EXIT_DONE;
  if (!cb_key_survey_run_finish (survey, result, &error))
    {
      status = cb_cli_tell_error (cli, error);
      if (status != CB_EXIT_INTERRUPTED)
        return status;
    }

  biggest = cb_key_survey_list_biggest (survey);
  for (guint i = 0; i < biggest->len; i++)
    print_size (cli, g_ptr_array_index (biggest, i));
  if (n_biggest > 0 && by_prefix && !cli->json)
    cb_cli_print (cli, "\n");
  prefixes = cb_key_survey_list_prefixes (survey);
  for (guint i = 0; i < prefixes->len; i++)
    print_prefix (cli, g_ptr_array_index (prefixes, i));

  n_found = cb_key_survey_get_n_found (survey);
  n_measured = cb_key_survey_get_n_measured (survey);
  if (status == CB_EXIT_INTERRUPTED)
    cb_cli_complain (cli, _("It was interrupted when %s of %s keys were looked at"),
                     cb_cli_keys_number (cb_key_survey_get_n_scanned (survey)).text,
                     cb_cli_keys_number (cb_key_survey_get_n_total (survey)).text);
  cb_cli_complain (cli, n_measured < n_found
                          ? _("%s of %s keys were measured, a sample; bytes by MEMORY USAGE, which looks at 5 elements of each")
                          : _("%s of %s keys were measured; bytes by MEMORY USAGE, which looks at 5 elements of each"),
                   cb_cli_keys_number (n_measured).text, cb_cli_keys_number (n_found).text);
  return status;
}

static int
run_keys (CbCli *cli)
{
  const char *separator = cb_arguments_get_text (cli->arguments, "separator");
  gboolean tree = cb_arguments_has (cli->arguments, "tree");
  gboolean surveys = cb_arguments_has (cli->arguments, "biggest") || cb_arguments_has (cli->arguments, "memory-by-prefix");
  g_autoptr (CbKeyFinder) finder = NULL;
  int status;

  if (separator != NULL && separator[0] == '\0')
    return cb_cli_tell_usage (cli, _("--separator must not be empty"));
  if (surveys && tree)
    return cb_cli_tell_usage (cli, _("--tree does not go with --biggest and --memory-by-prefix"));
  if (!surveys && (cb_arguments_has (cli->arguments, "depth") || cb_arguments_has (cli->arguments, "sample")))
    return cb_cli_tell_usage (cli, _("--depth and --sample go with --memory-by-prefix"));
  if (surveys)
    return run_survey (cli);
  if (separator != NULL && !tree)
    return cb_cli_tell_usage (cli, _("--separator goes with --tree and --memory-by-prefix"));
  if (tree && cli->json)
    return cb_cli_tell_usage (cli, _("--tree and --json exclude each other"));
  if (separator == NULL)
    separator = ":";

  finder = cb_cli_keys_new_finder (cli, cb_arguments_get_word (cli->arguments, 0), tree ? separator : NULL, &status);
  if (finder == NULL)
    return status;
  if (!tree)
    g_signal_connect (finder, "found", G_CALLBACK (found_cb), cli);

  status = cb_cli_keys_run (cli, finder);
  if (tree && status == CB_EXIT_DONE)
    print_tree (cli, cb_key_finder_get_store (finder), separator);
  return status;
}

static const CbOption keys_options[] = {
  CB_CLI_KEY_FILTERS,
  { "tree", CB_OPTION_FLAG, NULL, N_("print folders with the number of keys in each, sorted") },
  { "separator", CB_OPTION_TEXT, "TEXT", N_("what parts names into folders (default: “:”)") },
  { "biggest", CB_OPTION_NUMBER, "N", N_("print the N keys that take most memory, instead"), 1, CB_KEY_SURVEY_MOST_BIGGEST },
  { "memory-by-prefix", CB_OPTION_FLAG, NULL, N_("print how much memory keys take by the beginning of their names, instead") },
  { "depth", CB_OPTION_NUMBER, "N", N_("behind how many separators the beginning ends (default: 1)"), 1, 100 },
  { "sample", CB_OPTION_NUMBER, "N", N_("measure about so many keys only (default: 100,000; with --biggest all)"), 1, G_MAXINT },
  { NULL }
};

const CbCliCommand cb_command_keys[] = {
  { .name = "keys",
    .usage = "[PATTERN]",
    .summary = N_("Print the keys, without ever blocking the server"),
    .description = N_("A key a line, each once, in no order; characters that can’t be printed are written as \\xNN. "
                      "PATTERN is as in Redis: *, ? and [a-z]."),
    .options = keys_options,
    .max_words = 1,
    .run = run_keys },
  { NULL }
};
