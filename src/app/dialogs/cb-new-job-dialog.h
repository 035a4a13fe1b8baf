/* cb-new-job-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-board.h"
#include "cb-bulk.h"
#include "cb-serving.h"

G_BEGIN_DECLS

/**
 * CbNewJobDialog:
 *
 * Asks for a job and creates it. It closes when the server has it; until then, and after an error, all that was typed stays.
 *
 * After cb_new_job_dialog_edit() it changes a job instead.
 *
 * Signals: `created` (engine: CbEngine, queue: string, ids: GStrv); `saved` (bulk: CbBulk, nullable: what can be undone).
 */
#define CB_TYPE_NEW_JOB_DIALOG (cb_new_job_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbNewJobDialog, cb_new_job_dialog, CB, NEW_JOB_DIALOG, AdwWindow)

CbNewJobDialog *cb_new_job_dialog_new  (GtkWindow      *parent,
                                        CbBoard        *board,
                                        CbServing      *serving,
                                        CbQueue        *queue);
void            cb_new_job_dialog_fill (CbNewJobDialog *self,
                                        CbJobRecord    *job);
void            cb_new_job_dialog_edit (CbNewJobDialog *self,
                                        CbEngine       *engine,
                                        CbJournal      *journal,
                                        CbJobRecord    *job);

G_END_DECLS
