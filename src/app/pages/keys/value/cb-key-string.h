/* cb-key-string.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-key-value.h"

G_BEGIN_DECLS

/**
 * CbKeyString:
 *
 * A string, or a JSON document of the server: whole, to be changed, up to 1 MiB; what is longer a part at a time, to be read.
 *
 * Signals: `changed` (it was changed here); `stale` (the key is gone or of another type).
 */
#define CB_TYPE_KEY_STRING (cb_key_string_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyString, cb_key_string, CB, KEY_STRING, GtkWidget)

/* Shows another key; @connection NULL: none. */
void      cb_key_string_set_key      (CbKeyString     *self,
                                      CbConnection    *connection,
                                      GBytes          *key,
                                      const CbKeyInfo *info);
void      cb_key_string_refresh      (CbKeyString     *self,
                                      const CbKeyInfo *info);
/* The key has another name now: all stays as it is, and so does what is being edited. */
void      cb_key_string_rename       (CbKeyString     *self,
                                      GBytes          *key);
void      cb_key_string_set_writable (CbKeyString     *self,
                                      gboolean         writable);
gboolean  cb_key_string_get_modified (CbKeyString     *self);
/* Stores what is on screen as a new key, when there is none of that name. */
void      cb_key_string_create       (CbKeyString     *self);
/* Whether what is on screen is a whole string, which cb_key_string_create() could store. */
gboolean  cb_key_string_is_whole     (CbKeyString     *self);

G_END_DECLS
