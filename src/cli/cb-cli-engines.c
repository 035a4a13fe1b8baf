/* cb-cli-engines.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-engines.h"
#include "cb-engines.h"

/* The engines of one library: with --prefix that one, else all prefixes that are found. */
static gboolean
add_engines (CbCli *cli,
             const CbEngineType *type,
             GPtrArray *engines,
             GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) prefixes = NULL;

  /* An engine that looks for nothing on a server has invented queues. */
  if (type->discover_async == NULL)
    return TRUE;
  if (cli->has_prefix)
    {
      g_ptr_array_add (engines, type->create (cli->connection, cli->prefix));
      return TRUE;
    }

  type->discover_async (cli->connection, TRUE, cli->cancellable, cb_cli_take_result, &result);
  cb_cli_await (&result);
  prefixes = type->discover_finish (cli->connection, result, error);
  if (prefixes == NULL)
    return FALSE;

  for (guint i = 0; i < prefixes->len; i++)
    g_ptr_array_add (engines, type->create (cli->connection, g_ptr_array_index (prefixes, i)));

  return TRUE;
}

GPtrArray *
cb_cli_find_engines (CbCli *cli,
                     GError **error)
{
  g_autoptr (GPtrArray) engines = g_ptr_array_new_with_free_func (g_object_unref);
  const CbEngineType *types;
  guint n_types;

  types = cb_engines_get_types (&n_types);
  for (guint i = 0; i < n_types; i++)
    if (!add_engines (cli, &types[i], engines, error))
      return NULL;

  return g_steal_pointer (&engines);
}
