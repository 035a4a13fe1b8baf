/* cb-key-conflict.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-bytes.h"

G_BEGIN_DECLS

/**
 * CbKeyConflict:
 *
 * What is stored is not what was shown when an edit began: both, by the lines in which they differ, and what can be done.
 * Signals: `reload` (what is stored is to be shown, the edit is gone), `overwrite` (of what is stored now), `closed` (nothing).
 */
#define CB_TYPE_KEY_CONFLICT (cb_key_conflict_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyConflict, cb_key_conflict, CB, KEY_CONFLICT, GtkWidget)

/* @now: (nullable): NULL when it is not there any more. @can_overwrite: not what is gone, or too long to be known whole. */
void    cb_key_conflict_set     (CbKeyConflict     *self,
                                 const char        *message,
                                 const CbBytesView *view,
                                 GBytes            *now,
                                 GBytes            *edited,
                                 gboolean           can_overwrite);
/* (nullable) what was given as @now */
GBytes *cb_key_conflict_get_now (CbKeyConflict     *self);

/* The lines in which two texts differ, each with "− " (only in @one) or "+ " (only in @other) before it, between two lines of
 * what they share, and "…" for the rest of that. */
char   *cb_key_conflict_compare (const char        *one,
                                 const char        *other);

G_END_DECLS
