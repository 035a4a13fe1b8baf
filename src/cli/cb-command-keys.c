/* cb-command-keys.c: the keys of the database
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-keys.h"
#include "cb-cli-reply.h"
#include "cb-commands.h"

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

static int
run_keys (CbCli *cli)
{
  const char *separator = cb_arguments_get_text (cli->arguments, "separator");
  gboolean tree = cb_arguments_has (cli->arguments, "tree");
  g_autoptr (CbKeyFinder) finder = NULL;
  int status;

  if (separator != NULL && (separator[0] == '\0' || !tree))
    return cb_cli_tell_usage (cli, tree ? _("--separator must not be empty") : _("--separator goes with --tree"));
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
