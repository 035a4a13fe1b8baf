/* cb-client-list.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Where more are connected the list is not asked for: the server would send them all. */
#define CB_CLIENT_LIST_LENGTH 5000

/* One connection to the server. Texts are valid UTF-8 on one line, "" when they are not told. */
typedef struct
{
  gint64 id;
  char  *address;             /* "127.0.0.1:50312" */
  char  *name;                /* as CLIENT SETNAME has it */
  char  *user;
  char  *flags;               /* letters, see cb_client_entry_describe() */
  char  *command;             /* its last one, "client|list" */
  gint64 database;            /* of these -1 when it is not told */
  gint64 age;                 /* seconds */
  gint64 idle;                /* seconds */
  gint64 n_subscriptions;     /* to channels, patterns and sharded channels */
  gint64 memory;              /* bytes, all of it */
  gint64 output_memory;       /* bytes it has not read yet */
} CbClientEntry;

void       cb_client_entry_free     (CbClientEntry       *self);
/* What it is doing, translated: "blocked, subscribed to 3"; "" for nothing. (transfer full) */
char      *cb_client_entry_describe (const CbClientEntry *self);
/* @text: the reply of CLIENT LIST, any bytes. @n_all: (out): how many it tells of. Takes tens of milliseconds for thousands, and may be
 * called in any thread. Returns: (transfer full) (element-type CbClientEntry): what could be understood of it, CB_CLIENT_LIST_LENGTH at most. */
GPtrArray *cb_client_list_parse     (const char          *text,
                                     gsize                length,
                                     guint               *n_all);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbClientEntry, cb_client_entry_free)

G_END_DECLS
