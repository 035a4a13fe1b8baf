/* cb-slow-log.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-reply.h"

G_BEGIN_DECLS

/* At most so many are asked for and shown. */
#define CB_SLOW_LOG_LENGTH 128

/* One command that was slow. Texts are valid UTF-8 on one line; what was no text is escaped. */
typedef struct
{
  gint64 id;                  /* grows; begins anew with the server */
  gint64 time;                /* µs since 1970 UTC, to the second; -1 unknown */
  gint64 duration;            /* µs, without waiting for the network; -1 unknown */
  char  *command;             /* with its arguments, quoted where needed, cut */
  char  *client;              /* its address, "" unknown */
  char  *client_name;         /* "" for none */
} CbSlowEntry;

void       cb_slow_entry_free (CbSlowEntry   *self);
/* @value: the reply of SLOWLOG GET. Returns: (transfer full) (element-type CbSlowEntry): what could be understood of it. */
GPtrArray *cb_slow_log_parse  (const CbValue *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbSlowEntry, cb_slow_entry_free)

G_END_DECLS
