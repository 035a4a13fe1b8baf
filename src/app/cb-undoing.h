/* cb-undoing.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-bulk.h"
#include "cb-session.h"
#include "cb-undo.h"

G_BEGIN_DECLS

/* Undoing what was done in a window: the toast that offers it, and what is said of it. The session tells everybody (“undone”). */

/* Of what takes longer, somebody may look elsewhere when it ends: what came of it stays to be read. µs */
#define CB_UNDOING_LONG (5 * G_USEC_PER_SEC)

/* Tells @text in the window that @widget is in, with a button that undoes what @bulks (element-type CbBulk) have done, if anything: all of
 * them one after the other, of which is told in one sentence. */
void cb_undoing_offer      (GtkWidget  *widget,
                            CbSession  *session,
                            const char *text,
                            GPtrArray  *bulks,
                            gboolean    lasting);
/* Asks whether what @bulk has not done, as it could not be undone, is to be done all the same; cb_ask_finish() of @widget has the
 * answer. @error (nullable): what @bulk ended with. */
void cb_undoing_ask_without (GtkWidget           *widget,
                             CbBulk              *bulk,
                             const GError        *error,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data);
/* @id (nullable): an entry of the journal; NULL for the latest of @engine. */
void cb_undoing_run        (GtkWidget  *widget,
                            CbSession  *session,
                            CbEngine   *engine,
                            const char *id);
/* What is said of something that was cancelled: @success, and that it stopped before @n_pending others. (transfer full) */
char *cb_undoing_describe_stop (const char *success,
                                guint       n_pending);
/* The latest that was offered in any window of @session; before there was one, the latest of the first engine that can undo. */
void cb_undoing_run_latest (GtkWidget  *widget,
                            CbSession  *session);

G_END_DECLS
