/* cb-key-elements.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-key-undo.h"
#include "cb-key-value.h"

G_BEGIN_DECLS

/**
 * CbKeyElements:
 *
 * The elements of a hash, list, set, sorted set or stream as rows, and below them the one that is chosen, to be looked at and
 * changed.
 *
 * Signals: `changed` (something was changed here); `stale` (the key is gone or of another type); `taken` (CbKeyUndo, owned by
 * the handler: an element was deleted).
 */
#define CB_TYPE_KEY_ELEMENTS (cb_key_elements_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyElements, cb_key_elements, CB, KEY_ELEMENTS, GtkWidget)

/* Shows another key; @connection NULL: none. */
void      cb_key_elements_set_key      (CbKeyElements   *self,
                                        CbConnection    *connection,
                                        GBytes          *key,
                                        const CbKeyInfo *info);
/* Reads the same key again; @info is what it is now. */
void      cb_key_elements_refresh      (CbKeyElements   *self,
                                        const CbKeyInfo *info);
/* The key has another name now: all stays as it is, and so does what is being edited. */
void      cb_key_elements_rename       (CbKeyElements   *self,
                                        GBytes          *key);
void      cb_key_elements_set_writable (CbKeyElements   *self,
                                        gboolean         writable,
                                        const char      *refusal);
gboolean  cb_key_elements_get_modified (CbKeyElements   *self);

G_END_DECLS
