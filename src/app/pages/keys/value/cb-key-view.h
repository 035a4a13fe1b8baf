/* cb-key-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbKeyView:
 *
 * One key: what it is, how long it lives, and its value, whatever its type, to be looked at and changed. What it shows is
 * read when it is set and on demand, a part at a time; each change is refused when what was shown is not there any more.
 *
 * Where the connection is read-only, or the user may not change keys, nothing can be changed, and the view says so.
 *
 * While something is written and not stored, another key is not shown until a person has said what becomes of it.
 *
 * Signals, with names as %GBytes: `key-gone` (deleted, or its time is over) and `key-changed` (its value, length or time to
 * live was changed here, or a key that was gone was made again).
 */
#define CB_TYPE_KEY_VIEW (cb_key_view_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyView, cb_key_view, CB, KEY_VIEW, GtkWidget)

GtkWidget *cb_key_view_new     (CbSession *session);
GBytes    *cb_key_view_get_key (CbKeyView *self);   /* (nullable) */
/* @name: (nullable): NULL for none. The name that is shown already is read again. */
void       cb_key_view_set_key (CbKeyView *self,
                                GBytes    *name);
void       cb_key_view_set_connection (CbKeyView    *self,
                                CbConnection *connection);
gboolean   cb_key_view_get_modified (CbKeyView *self);
/* Reads it again, as far as it was read. */
void       cb_key_view_refresh (CbKeyView *self);
/* The key has another name now: what is shown stays, and so does what is being edited. */
void       cb_key_view_rename  (CbKeyView *self,
                                GBytes    *name);

G_END_DECLS
