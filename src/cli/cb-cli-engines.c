/* cb-cli-engines.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-cli-engines.h"

/* With --prefix: that one of each library. An engine that looks for nothing on a server has invented queues. */
static GPtrArray *
make_engines (CbCli *cli)
{
  GPtrArray *engines = g_ptr_array_new_with_free_func (g_object_unref);
  const CbEngineType *types;
  guint n_types;

  types = cb_engines_get_types (&n_types);
  for (guint i = 0; i < n_types; i++)
    if (types[i].discover_async != NULL)
      g_ptr_array_add (engines, types[i].create (cli->connection, cli->prefix));

  return engines;
}

GPtrArray *
cb_cli_find_engines (CbCli *cli,
                     CbDiscovery **found,
                     GError **error)
{
  g_autoptr (GPtrArray) engines = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbDiscovery) discovery = NULL;

  if (found != NULL)
    *found = NULL;
  if (cli->has_prefix)
    return make_engines (cli);

  cb_discovery_run_async (cli->connection, CB_DISCOVER_KEYSPACE | (found != NULL ? CB_DISCOVER_OTHERS : 0), cli->cancellable,
                          cb_cli_take_result, &result);
  cb_cli_await (&result);
  discovery = cb_discovery_run_finish (cli->connection, result, error);
  if (discovery == NULL)
    return NULL;

  engines = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < discovery->prefixes->len; i++)
    {
      const CbDiscoveredPrefix *item = g_ptr_array_index (discovery->prefixes, i);

      g_ptr_array_add (engines, item->type->create (cli->connection, item->prefix));
    }
  if (found != NULL)
    *found = g_steal_pointer (&discovery);

  return g_steal_pointer (&engines);
}
