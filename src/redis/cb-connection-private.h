/* cb-connection-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* For tests: how long a connection may be silent before it is probed, and how long the probe may take. */
void cb_connection_set_keep_alive (CbConnection *self,
                                   guint         idle_msec,
                                   guint         timeout_msec);

/* (transfer full): To another node of the same cluster, as the same user. It follows nobody further. */
CbConnection *cb_connection_new_node (CbConnection *self,
                                      const char   *host,
                                      guint16       port);

G_END_DECLS
