/* cb-bytes-editor.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-bytes.h"

G_BEGIN_DECLS

/**
 * CbBytesEditor:
 *
 * Bytes to be looked at, and changed: as text, JSON, MessagePack, a number, a date or hex, unpacked before where they are
 * packed. How is guessed, until a person chooses; the choice is remembered for the pattern that cb_bytes_editor_set_bytes() is
 * given. What is changed in its readable form is encoded again; what is not changed is never encoded.
 *
 * Whatever there is, it costs what the first half MiB costs, and what is larger is worked on by another thread. What can't
 * be shown whole can't be changed here.
 *
 * Properties: title (plain text, nullable, before the choice of forms), editable (default FALSE), modified (read-only).
 * Signal: `save` (GBytes): what is to be stored; the widget goes on showing what was until it is given the new bytes.
 * Actions: bytes.save (Ctrl+S), bytes.discard, bytes.copy.
 */
#define CB_TYPE_BYTES_EDITOR (cb_bytes_editor_get_type ())
G_DECLARE_FINAL_TYPE (CbBytesEditor, cb_bytes_editor, CB, BYTES_EDITOR, GtkWidget)

GtkWidget *cb_bytes_editor_new          (void);
/* @bytes: (nullable): NULL shows nothing. @pattern: (nullable): of cb_form_memory_pattern(). What was being edited is gone,
 * unless they are the bytes that were shown already. */
void       cb_bytes_editor_set_bytes    (CbBytesEditor *self,
                                         GBytes        *bytes,
                                         const char    *pattern);
GBytes    *cb_bytes_editor_get_bytes    (CbBytesEditor *self);  /* (nullable) those that were set */
void       cb_bytes_editor_set_title    (CbBytesEditor *self,
                                         const char    *title);
void       cb_bytes_editor_set_editable (CbBytesEditor *self,
                                         gboolean       editable);
gboolean   cb_bytes_editor_get_modified (CbBytesEditor *self);
/* The bytes that what is on screen means; NULL with a sentence when it means none. */
GBytes    *cb_bytes_editor_dup_edited   (CbBytesEditor *self,
                                         GError       **error);
/* How it is shown now; FALSE while that is not known. */
gboolean   cb_bytes_editor_get_view     (CbBytesEditor *self,
                                         CbBytesView   *view);
void       cb_bytes_editor_discard      (CbBytesEditor *self);

G_END_DECLS
