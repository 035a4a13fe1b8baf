/* cb-bulk.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-capture.h"
#include "cb-journal.h"

G_BEGIN_DECLS

/* What became of one job. */
typedef enum
{
  CB_BULK_PENDING,      /* not its turn yet, or cancelled before */
  CB_BULK_DONE,
  CB_BULK_CHANGED,      /* not as it was shown any more, so left as it is */
  CB_BULK_GONE,         /* not there any more */
  CB_BULK_REFUSED,      /* see the message */
  CB_BULK_UNKNOWN,      /* the connection was lost before the answer */
} CbBulkOutcome;

#define CB_TYPE_BULK (cb_bulk_get_type ())
G_DECLARE_FINAL_TYPE (CbBulk, cb_bulk, CB, BULK, GObject)

/*
 * One thing done with some jobs, one or a million: which they are is settled before (cb_bulk_add(), or by the objects of
 * cb-job-find.h), and each is acted on only while it is in the state it was added with. With a journal all that is destroyed is
 * written down before, and can be undone (CbUndo).
 *
 *   bulk = cb_bulk_new (engine, journal, deed);
 *   cb_bulk_add (bulk, "12", "failed", -1); …
 *   cb_bulk_run_async (bulk, cancellable, …);
 *
 * Properties (explicit notify, the counts at most once a portion): engine, journal (nullable), construct-only; n-total, n-done,
 * n-changed, n-gone, n-refused, n-unknown (guint), progress (double, 0 to 1), running (boolean), undo-id (string, nullable: the
 * entry of the journal, once something was done), notice (string, nullable: a sentence, when something else is worth saying:
 * older entries of the journal that had to go), summary (string, nullable, writable: which jobs, in words, for the journal).
 * Signal `outcome` (guint index): it is known what became of that job.
 */
CbBulk        *cb_bulk_new             (CbEngine            *engine,
                                        CbJournal           *journal,      /* nullable: can't be undone */
                                        const CbDeed        *deed);

/* Another job, before it runs. @state NULL: in whatever state. @updated_at -1: whenever it was changed last; for a job that runs,
 * whose log and progress change it all the time, it is when that run began. Ids may come twice, they are acted on once. */
void           cb_bulk_add             (CbBulk              *self,
                                        const char          *id,
                                        const char          *state,
                                        gint64               updated_at);
/* As it was read. */
void           cb_bulk_add_record      (CbBulk              *self,
                                        CbJobRecord         *record);
void           cb_bulk_add_finding     (CbBulk              *self,
                                        const CbFinding     *finding);     /* which lives as long as this */

const CbDeed  *cb_bulk_get_deed        (CbBulk              *self);
CbEngine      *cb_bulk_get_engine      (CbBulk              *self);
guint          cb_bulk_get_n_total     (CbBulk              *self);
guint          cb_bulk_get_n           (CbBulk              *self,
                                        CbBulkOutcome        outcome);
/* How many were not done only because they could not be written down, or not be put back (CB_QUEUE_ERROR_NOT_KEPT). */
guint          cb_bulk_get_n_not_kept  (CbBulk              *self);
/* Those, to be done without a journal; nullable. Findings must live as long as this, too. */
CbBulk        *cb_bulk_new_not_kept    (CbBulk              *self);
gboolean       cb_bulk_get_running     (CbBulk              *self);
const char    *cb_bulk_get_undo_id     (CbBulk              *self);
const char    *cb_bulk_get_notice      (CbBulk              *self);
void           cb_bulk_set_summary     (CbBulk              *self,
                                        const char          *summary);
/* @id, @state (nullable: what it was added with), @message (nullable: a sentence): borrowed. */
CbBulkOutcome  cb_bulk_get_outcome     (CbBulk              *self,
                                        guint                index,
                                        const char         **id,
                                        const char         **state,
                                        const char         **message);
/* Why it was not done; (nullable) (transfer none) */
const GError  *cb_bulk_get_error       (CbBulk              *self,
                                        guint                index);

/* Once. Cancelled, it stops between two portions (well within a second): each job is done or whole. TRUE also when single jobs were
 * not done; an error when it could not go on, and G_IO_ERROR_CANCELLED. */
void           cb_bulk_run_async       (CbBulk              *self,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data);
gboolean       cb_bulk_run_finish      (CbBulk              *self,
                                        GAsyncResult        *result,
                                        GError             **error);

G_END_DECLS
