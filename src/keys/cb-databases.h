/* cb-databases.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

typedef struct
{
  guint number;
  guint64 n_keys;
  guint64 n_expiring;   /* of them, how many have a time to live */
} CbDatabase;

/* What a server tells of its databases. Those without keys are not told of. */
typedef struct
{
  GArray *list;         /* (owned) (element-type CbDatabase), by number */
  gboolean cluster;     /* a server of a cluster has the database 0 only */
} CbDatabases;

/* @keyspace, @cluster: what INFO answers for these sections; anything in them that is not understood is passed over. */
CbDatabases *cb_databases_parse      (const char          *keyspace,
                                      gsize                keyspace_length,
                                      const char          *cluster,
                                      gsize                cluster_length);
void         cb_databases_free       (CbDatabases         *self);
/* Two commands, whatever the number of keys. An error is that of the connection, or that the user may not ask. */
void         cb_databases_ask_async  (CbConnection        *connection,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
CbDatabases *cb_databases_ask_finish (CbConnection        *connection,
                                      GAsyncResult        *result,
                                      GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbDatabases, cb_databases_free)

G_END_DECLS
