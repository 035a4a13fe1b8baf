/* cb-doings.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define CB_TYPE_DOINGS (cb_doings_get_type ())
G_DECLARE_FINAL_TYPE (CbDoings, cb_doings, CB, DOINGS, GObject)

/*
 * What is under way with many jobs of one server, in whatever window and on whatever page it was begun: searches (CbJobFind), bulks
 * (CbBulk) and undoings (CbUndo). Each is kept until it has run.
 *
 * Signal `changed`: one was begun or has ended.
 */
CbDoings *cb_doings_new      (void);
/* @work: one of the three, which is about to run and is stopped by @cancellable. */
void      cb_doings_add      (CbDoings      *self,
                              gpointer       work,
                              GCancellable  *cancellable);
/* What was begun last of what still runs, and since when (µs monotonic); (nullable) (transfer none). */
gpointer  cb_doings_get_last (CbDoings      *self,
                              gint64        *since);
/* Cancels @work, when it still runs. */
void      cb_doings_cancel   (CbDoings      *self,
                              gpointer       work);

G_END_DECLS
