/* cb-checkup.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-finding-item.h"
#include "cb-journal.h"

G_BEGIN_DECLS

typedef enum
{
  CB_CHECKUP_IDLE,          /* nothing was looked at yet */
  CB_CHECKUP_EXAMINING,
  CB_CHECKUP_HEALTHY,
  CB_CHECKUP_FOUND,
  CB_CHECKUP_REPAIRING,
  CB_CHECKUP_FAILED,        /* it could not be looked at; `problem` says why */
} CbCheckupState;

GType cb_checkup_state_get_type (void) G_GNUC_CONST;
#define CB_TYPE_CHECKUP_STATE (cb_checkup_state_get_type ())

/**
 * CbCheckup:
 *
 * The doctor's round over all engines of a server: what was found, what of it is chosen, and what came of the repair. Looking
 * changes nothing; only what is chosen is repaired, each is looked at again first, and what is overwritten by it is in the journal.
 *
 * Properties: state, n-jobs (uint64: looked at), looking-again (boolean: the second look, near the end), n-chosen (uint), n-done (uint: of
 * the repair), cut (boolean: there is more than was kept), problem (string, nullable: why it could not look, or not write), read-only
 * (boolean: the user may not write, as the last repair has shown).
 */
#define CB_TYPE_CHECKUP (cb_checkup_get_type ())
G_DECLARE_FINAL_TYPE (CbCheckup, cb_checkup, CB, CHECKUP, GObject)

CbCheckup      *cb_checkup_new          (CbBoard        *board,
                                         CbJournal      *journal);
void            cb_checkup_start        (CbCheckup      *self);
void            cb_checkup_cancel       (CbCheckup      *self);
/* Without @undoable nothing is written down, also what could not be put back is repaired then. */
void            cb_checkup_repair       (CbCheckup      *self,
                                         gboolean        undoable);
void            cb_checkup_choose_all   (CbCheckup      *self,
                                         gboolean        chosen);
CbCheckupState  cb_checkup_get_state    (CbCheckup      *self);
GListModel     *cb_checkup_get_findings (CbCheckup      *self);
/* What the last repair consisted of, one for each engine; (element-type CbBulk) (transfer none) */
GPtrArray      *cb_checkup_get_bulks    (CbCheckup      *self);
guint           cb_checkup_get_n_chosen (CbCheckup      *self);
guint           cb_checkup_get_n_repairable (CbCheckup  *self);
guint           cb_checkup_count        (CbCheckup      *self,
                                         CbFindingOutcome outcome);
/* Of the findings those that are no faults; @left: only those that nothing was done to. */
guint           cb_checkup_count_remarks (CbCheckup     *self,
                                         gboolean        left);
/* Fields that were too long to be looked at. */
guint64         cb_checkup_get_n_unread (CbCheckup      *self);
const char     *cb_checkup_get_problem  (CbCheckup      *self);
gint64          cb_checkup_get_n_known  (CbCheckup      *self);

G_END_DECLS
