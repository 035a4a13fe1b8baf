/* cb-discovery.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engines.h"
#include "cb-other-queue.h"

G_BEGIN_DECLS

typedef enum
{
  CB_DISCOVER_USUAL = 0,                  /* only the prefixes that engines use unless told otherwise */
  CB_DISCOVER_KEYSPACE = 1 << 0,          /* also any other, by one SCAN of the whole database */
  CB_DISCOVER_OTHERS = 1 << 1,            /* and in the same SCAN the queues of libraries that have no engine here */
} CbDiscoverFlags;

typedef struct
{
  const CbEngineType *type;
  char               *prefix;             /* (owned) */
} CbDiscoveredPrefix;

/**
 * CbDiscovery:
 *
 * Which queues there are in a database. What is found is looked at before it is believed, by reading only.
 */
typedef struct
{
  GPtrArray *prefixes;                    /* (owned) (element-type CbDiscoveredPrefix) those of engines, the usual ones first */
  GPtrArray *others;                      /* (owned) (element-type CbOtherQueue) sorted */
  gboolean   has_more;                    /* there may be more of these: so much looked like queues that not all was looked at */
} CbDiscovery;

void         cb_discovery_run_async  (CbConnection         *connection,
                                      CbDiscoverFlags       flags,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
CbDiscovery *cb_discovery_run_finish (CbConnection         *connection,
                                      GAsyncResult         *result,
                                      GError              **error);
void         cb_discovery_free       (CbDiscovery          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbDiscovery, cb_discovery_free)

G_END_DECLS
