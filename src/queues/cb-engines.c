/* cb-engines.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-engines.h"

#include <string.h>

#include "cb-kue-engine.h"
#include "cb-memory-engine.h"

static CbEngine *
create_memory (CbConnection *connection,
               const char   *prefix)
{
  return cb_memory_engine_new ();
}

/* A new engine is one more line here. */
static const CbEngineType types[] = {
  { "kue", cb_kue_engine_new, cb_kue_engine_discover_async, cb_kue_engine_discover_finish, ":job:types", "set" },
  { "memory", create_memory, NULL, NULL, NULL, NULL },
};

/**
 * cb_engines_get_types:
 * @n_types: (out)
 *
 * Returns: (transfer none) (array length=n_types): all engines there are
 */
const CbEngineType *
cb_engines_get_types (guint *n_types)
{
  *n_types = G_N_ELEMENTS (types);

  return types;
}

/**
 * cb_engines_create:
 * @name: as in #CbEngineType
 * @connection: (nullable): for engines that need none
 *
 * Returns: (transfer full) (nullable): %NULL when there is no engine of that name
 */
CbEngine *
cb_engines_create (const char   *name,
                   CbConnection *connection,
                   const char   *prefix)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (strcmp (types[i].name, name) == 0)
        return types[i].create (connection, prefix);
    }

  return NULL;
}
