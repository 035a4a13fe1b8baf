/* cb-key-add.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbKeyAdd:
 *
 * A popover in which an element for a value is written. Signal `add` (element: GBytes, value: GBytes, more: GPtrArray,
 * nullable): as #CbKeyEdit takes them for the type. It stays open until cb_key_add_done() or until it is closed.
 */
#define CB_TYPE_KEY_ADD (cb_key_add_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyAdd, cb_key_add, CB, KEY_ADD, GtkPopover)

/* hash, list, set, zset or stream */
void  cb_key_add_set_type (CbKeyAdd   *self,
                           const char *type);
/* It was stored. */
void  cb_key_add_done     (CbKeyAdd   *self);
/* It was not, and why. */
void  cb_key_add_fail     (CbKeyAdd   *self,
                           const char *message);

/* Text in which bytes may be written as \xNN, as cb_key_name_display() writes them. */
GBytes *cb_key_add_read   (const char *text,
                           gboolean    escaped);

G_END_DECLS
