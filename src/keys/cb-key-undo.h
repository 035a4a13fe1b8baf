/* cb-key-undo.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-key-edit.h"

G_BEGIN_DECLS

/*
 * Taking an element out of a value, so that it can be put back: where it was (of a list), with its score, and when it was
 * the last one and the key went with it, the key with its time to live. It is kept in memory only.
 *
 * Entries of a stream can't be put back: no server takes an id that is behind the last one.
 */
typedef struct _CbKeyUndo CbKeyUndo;

void       cb_key_undo_free             (CbKeyUndo           *self);
GBytes    *cb_key_undo_get_element      (CbKeyUndo           *self); /* what to call it: field, member, or value in a list */

/* @value: (nullable): what was shown, of a list it must be. @last: whether it is the only one, as far as is known. */
void       cb_key_take_element_async    (CbConnection        *connection,
                                         GBytes              *key,
                                         const char          *type,
                                         GBytes              *element,
                                         GBytes              *value,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
/* @undo: (out) (nullable): NULL for an entry of a stream */
gboolean   cb_key_take_element_finish   (CbConnection        *connection,
                                         GAsyncResult        *result,
                                         CbKeyUndo          **undo,
                                         GError             **error);

/* Puts it back, when nothing of that name is there now. */
void       cb_key_undo_async            (CbConnection        *connection,
                                         CbKeyUndo           *undo,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);
gboolean   cb_key_undo_finish           (CbConnection        *connection,
                                         GAsyncResult        *result,
                                         GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbKeyUndo, cb_key_undo_free)

G_END_DECLS
