/* cb-stream-groups.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* The groups of a stream: a reply of { name, last id, pending, consumers, { { consumer, pending, idle ms }… } }. */
void     cb_stream_groups_async   (CbConnection         *connection,
                                   GBytes               *key,
                                   guint                 most,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
CbReply *cb_stream_groups_finish  (CbConnection         *connection,
                                   GAsyncResult         *result,
                                   GError              **error);

/* What a group has delivered and not heard of: { id, consumer, idle ms, deliveries, 1 or 0: whether the entry is still
 * there }. @from: "-" for the first, then "(ID". Where scripts are refused the last is not looked at, and 1. */
void     cb_stream_pending_async  (CbConnection         *connection,
                                   GBytes               *key,
                                   GBytes               *group,
                                   const char           *from,
                                   guint                 most,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
CbReply *cb_stream_pending_finish (CbConnection         *connection,
                                   GAsyncResult         *result,
                                   GError              **error);

G_END_DECLS
