/* cb-command-table.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-command.h"
#include "cb-redis-error.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/*
 * CbCommandTable:
 *
 * What a server says of its own commands (COMMAND), and the one place where it is decided which of them a read-only
 * connection may send. What the server does not know, or did not tell, may not be sent.
 */
typedef struct _CbCommandTable CbCommandTable;

CbCommandTable *cb_command_table_new        (void);
void            cb_command_table_free       (CbCommandTable  *self);

/* The reply of COMMAND. It tells names as they were before a server renamed them, so that what is to be believed
 * is asked once more by name: the command for that, NULL when nothing is to be asked. */
CbCommand      *cb_command_table_take       (CbCommandTable  *self,
                                             const CbValue   *commands);
/* And the reply of that: only what has the name it was asked by is kept. */
void            cb_command_table_take_check (CbCommandTable  *self,
                                             const CbValue   *infos);

guint           cb_command_table_get_length (CbCommandTable  *self);
/* @self NULL: nothing is known. An error says why not (CB_REDIS_ERROR_READONLY). */
gboolean        cb_command_table_may_send   (CbCommandTable  *self,
                                             CbCommand       *command,
                                             GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCommandTable, cb_command_table_free)

G_END_DECLS
