/* cb-key-weights.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-key-store.h"

G_BEGIN_DECLS

/* What keys can be sorted by that has to be asked for. */
typedef enum
{
  CB_KEY_WEIGHT_TYPE,
  CB_KEY_WEIGHT_TTL,     /* those that do not expire last */
  CB_KEY_WEIGHT_MEMORY,  /* bytes on the server */
} CbKeyWeight;

/* More than so many are not asked for: that is a second or two of the server's time. */
#define CB_KEY_WEIGHTS_MOST 100000

/* For cb_key_list_sort_async(): of the first CB_KEY_WEIGHTS_MOST keys, a portion at a time, so that others wait for
 * a few hundred only. */
void    cb_key_weights_async  (CbConnection        *connection,
                               CbKeyStore          *keys,
                               CbKeyWeight          what,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data);
/* (element-type gint64) by the id of the key */
GArray *cb_key_weights_finish (CbConnection        *connection,
                               GAsyncResult        *result,
                               GError             **error);

G_END_DECLS
