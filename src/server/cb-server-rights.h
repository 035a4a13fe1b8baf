/* cb-server-rights.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* What changes a server, and may be refused to a user. */
typedef enum
{
  CB_SERVER_RIGHT_CONFIG_SET,
  CB_SERVER_RIGHT_SLOWLOG_RESET,
  CB_SERVER_RIGHT_CLIENT_KILL,
  CB_SERVER_RIGHT_LATENCY_RESET,
} CbServerRight;

#define CB_SERVER_N_RIGHTS 4

/* Why each is refused, in the server's words; NULL where it isn't, or that is not known. */
typedef struct
{
  char *refusals[CB_SERVER_N_RIGHTS];
} CbServerRights;

void            cb_server_rights_free       (CbServerRights      *self);
/* By ACL DRYRUN (Redis 7): nothing is done. Where the server has none, or this user may not ask, nothing counts as refused. */
void            cb_server_rights_ask_async  (CbConnection        *connection,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);
CbServerRights *cb_server_rights_ask_finish (CbConnection        *connection,
                                             GAsyncResult        *result,
                                             GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbServerRights, cb_server_rights_free)

G_END_DECLS
