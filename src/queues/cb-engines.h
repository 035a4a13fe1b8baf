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
  /* Finds those of its usual prefixes that have queues on a server, by exact names. GPtrArray of char*. Nullable. */
  void (*discover_async) (CbConnection *connection, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray *(*discover_finish) (CbConnection *connection, GAsyncResult *result, GError **error);
  /* Any other prefix shows by a key of that type that ends so (":job:types"). Nullable. */
  const char *sign;
  const char *sign_type;
} CbEngineType;

const CbEngineType *cb_engines_get_types (guint *n_types);
CbEngine           *cb_engines_create    (const char   *name,
                                          CbConnection *connection,
                                          const char   *prefix);      /* NULL for an unknown name */

G_END_DECLS
