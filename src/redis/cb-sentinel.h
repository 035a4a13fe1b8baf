/* cb-sentinel.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"
#include "cb-reply.h"

G_BEGIN_DECLS

void       cb_sentinel_find_async   (CbAddress           *address,
                                     guint                timeout_msec,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
CbAddress *cb_sentinel_find_finish  (GAsyncResult        *result,
                                     GError             **error);

/* What is said of a Sentinel that was taken for a server; @names is the second element of ROLE. */
GError    *cb_sentinel_error_new    (CbAddress           *address,
                                     const CbValue       *names);  /* nullable */

G_END_DECLS
