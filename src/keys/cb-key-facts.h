/* cb-key-facts.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"

G_BEGIN_DECLS

/* What a list shows of a key. */
typedef struct
{
  char type[24];   /* as TYPE says it; "" unknown, "none": there is no such key */
  gint64 ttl_msec; /* -1 for ever, -2 unknown */
  gint64 size;     /* elements, of a string bytes; -1 unknown */
  gint64 memory;   /* bytes on the server, by samples of it; -1 unknown or not asked for */
} CbKeyFacts;

/* So many keys at most in one call. */
#define CB_KEY_FACTS_MOST 500

/* Of many keys in two round trips, whatever they are; none of this counts as use of a key that would have it evicted later,
 * but for its size. @keys: (element-type GBytes), copied. @memory: whether to ask for that as well. */
void    cb_key_facts_async  (CbConnection        *connection,
                             GPtrArray           *keys,
                             gboolean             memory,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data);
/* (element-type CbKeyFacts) in the order of the keys. What the server forbids is unknown; an error is that of the connection. */
GArray *cb_key_facts_finish (CbConnection        *connection,
                             GAsyncResult        *result,
                             GError             **error);

G_END_DECLS
