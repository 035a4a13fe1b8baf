/* cb-dialer.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

/* Called, at most once, when names are resolved and a connection is tried. */
typedef void (*CbDialConnecting) (gpointer user_data);

void               cb_dial_async  (CbAddress           *address,
                                   guint                timeout_msec,
                                   GCancellable        *cancellable,
                                   CbDialConnecting     connecting,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);
GSocketConnection *cb_dial_finish (GAsyncResult        *result,
                                   GError             **error);

G_END_DECLS
