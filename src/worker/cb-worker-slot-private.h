/* cb-worker-slot-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-run.h"
#include "cb-worker.h"

G_BEGIN_DECLS

CbWorkerSlot *cb_worker_slot_new         (guint         number);
guint         cb_worker_slot_get_number  (CbWorkerSlot *self);
/* What this slot is called in jobs: a place of this process that no other slot of it has or had. */
const char   *cb_worker_slot_get_owner   (CbWorkerSlot *self, const char *queue);

/* (transfer full): a name of the same kind for claims that are for no slot yet, another one each time. */
char         *cb_worker_slot_make_ahead_owner (const char *queue);

gboolean      cb_worker_slot_is_free     (CbWorkerSlot *self);
/* For a job that is asked for: nobody else takes it, also when the run it has now is over. */
void          cb_worker_slot_set_reserved (CbWorkerSlot *self, gboolean reserved);
void          cb_worker_slot_clear_run   (CbWorkerSlot *self);
void          cb_worker_slot_set_run     (CbWorkerSlot *self, CbRun *run, gint64 since);
void          cb_worker_slot_set_progress  (CbWorkerSlot *self, int progress);
void          cb_worker_slot_set_last_line (CbWorkerSlot *self, const char *line);
CbRun        *cb_worker_slot_get_run     (CbWorkerSlot *self);

G_END_DECLS
