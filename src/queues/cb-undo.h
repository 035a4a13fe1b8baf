/* cb-undo.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-journal.h"

G_BEGIN_DECLS

#define CB_TYPE_UNDO (cb_undo_get_type ())
G_DECLARE_FINAL_TYPE (CbUndo, cb_undo, CB, UNDO, GObject)

/*
 * Undoing one entry of the journal: each of its jobs is put back exactly as it was, unless somebody has touched it since, which is
 * said of it and nothing is done.
 *
 *   undo = cb_undo_new (engine, journal, cb_bulk_get_undo_id (bulk));
 *   cb_undo_run_async (undo, cancellable, …);
 *
 * Properties (explicit notify, the counts at most once a portion): engine, journal, id (nullable: the latest), construct-only;
 * n-total, n-back, n-same (as it was already), n-kept (somebody else has changed it), n-failed (guint), progress (double, 0 to 1),
 * running (boolean).
 */
CbUndo         *cb_undo_new           (CbEngine            *engine,
                                       CbJournal           *journal,
                                       const char          *id);       /* nullable: the latest that can be undone here */

/* Once. Cancelled, it stops between two portions, and can be done again, with another CbUndo, to go on. */
void            cb_undo_run_async     (CbUndo              *self,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data);
/* TRUE also when single jobs were not put back. */
gboolean        cb_undo_run_finish    (CbUndo              *self,
                                       GAsyncResult        *result,
                                       GError             **error);

/* What is undone, once that is known; (transfer none) (nullable). */
CbJournalEntry *cb_undo_get_entry     (CbUndo              *self);
guint           cb_undo_get_n_back    (CbUndo              *self);
guint           cb_undo_get_n_same    (CbUndo              *self);
guint           cb_undo_get_n_kept    (CbUndo              *self);
guint           cb_undo_get_n_failed  (CbUndo              *self);
/* (element-type CbJobOutcome) (transfer none): the jobs that were not put back, with the reason; at most CB_UNDO_MOST_OUTCOMES. */
#define CB_UNDO_MOST_OUTCOMES 1000
GPtrArray      *cb_undo_get_outcomes  (CbUndo              *self);
/* (transfer none): the ids of those that are back, for whoever shows them; at most CB_UNDO_MOST_OUTCOMES. */
GPtrArray      *cb_undo_get_ids       (CbUndo              *self);

G_END_DECLS
