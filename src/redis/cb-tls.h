/* cb-tls.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

/* Takes a connected socket and gives another, behind which everything is encrypted. */
void               cb_tls_start_async     (GSocketConnection   *socket,
                                           CbAddress           *address,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);
GSocketConnection *cb_tls_start_finish    (GAsyncResult        *result,
                                           GError             **error);

/* Of what cb_tls_start_finish() gave, or any other socket. */
const GError      *cb_tls_get_error       (GSocketConnection   *connection); /* nullable: why it ended, if not as it should */
const char        *cb_tls_get_description (GSocketConnection   *connection); /* nullable: "TLS 1.3"; nothing is encrypted with NULL */

G_END_DECLS
