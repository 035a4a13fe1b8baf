/* cb-engines.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* The registry: one line an engine. */
typedef struct
{
  const char *name;                                     /* "kue" */
  CbEngine *(*create)   (CbConnection *connection, const char *prefix);
  /* Finds the prefixes of its queues on a server, exact names first, then by one paced SCAN. GPtrArray of char*. Nullable. */
  void (*discover_async) (CbConnection *connection, gboolean whole_keyspace, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray *(*discover_finish) (CbConnection *connection, GAsyncResult *result, GError **error);
} CbEngineType;

const CbEngineType *cb_engines_get_types (guint *n_types);
CbEngine           *cb_engines_create    (const char   *name,
                                          CbConnection *connection,
                                          const char   *prefix);      /* NULL for an unknown name */

G_END_DECLS
