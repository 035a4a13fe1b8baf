/* cb-private-server.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

/**
 * CbPrivateServer:
 *
 * The user's own Redis: `redis-server`, else `valkey-server`, on a Unix socket in a folder of the user, without
 * a TCP port, append-only. Instances of the user share one; it ends with the last of them unless told to stay.
 *
 * Folder: @directory, or by default `CALLBOARD_SERVER_DIR`, else `~/.local/share/callboard/server` (mode 0700).
 */
#define CB_TYPE_PRIVATE_SERVER (cb_private_server_get_type ())
G_DECLARE_FINAL_TYPE (CbPrivateServer, cb_private_server, CB, PRIVATE_SERVER, GObject)

CbPrivateServer *cb_private_server_new              (const char           *directory); /* nullable */

/* Another one, for this program alone, of a copy of an RDB file: nothing is ever written back. */
CbPrivateServer *cb_private_server_new_for_rdb      (const char           *file);
guint64          cb_private_server_get_n_expired    (CbPrivateServer      *self);
/* Removes what a program that died has left of such servers. */
void             cb_private_server_sweep_async      (CbPrivateServer      *self,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
gboolean         cb_private_server_sweep_finish     (CbPrivateServer      *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);

/* Joins the running one or starts it; from then on this process counts as a user of it. */
void             cb_private_server_start_async      (CbPrivateServer      *self,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
gboolean         cb_private_server_start_finish     (CbPrivateServer      *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);
/* Stops being a user; the last one ends the server (saving first) unless it was told to stay. */
void             cb_private_server_leave_async      (CbPrivateServer      *self,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
gboolean         cb_private_server_leave_finish     (CbPrivateServer      *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);
/* Ends it for everybody. Fails when it does not run. */
void             cb_private_server_stop_async       (CbPrivateServer      *self,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
gboolean         cb_private_server_stop_finish      (CbPrivateServer      *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);
/* The pid of the running server, 0 when it does not run. */
void             cb_private_server_status_async     (CbPrivateServer      *self,
                                                     GCancellable         *cancellable,
                                                     GAsyncReadyCallback   callback,
                                                     gpointer              user_data);
int              cb_private_server_status_finish    (CbPrivateServer      *self,
                                                     GAsyncResult         *result,
                                                     GError              **error);

void             cb_private_server_set_stay         (CbPrivateServer      *self,
                                                     gboolean              stay);
CbAddress       *cb_private_server_get_address      (CbPrivateServer      *self);
const char      *cb_private_server_get_directory    (CbPrivateServer      *self);

G_END_DECLS
