/* cb-caretaker.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-run.h"

G_BEGIN_DECLS

/**
 * CbCaretaker:
 *
 * What has to be done now and then for an engine while somebody works for it, once for all workers of a process:
 *
 *  - the heartbeat of all jobs that are held, three times a lease; a job that is not ours any more is ended;
 *  - jobs of dead workers put back, every two seconds;
 *  - delayed jobs promoted and old ones failed, once a second;
 *  - the question whether a job that is over its time to live is ours, answered at once.
 *
 * Workers of one engine get the same caretaker; it begins with the first of them and ends with the last.
 *
 * Properties: problem (string, nullable).
 */
#define CB_TYPE_CARETAKER (cb_caretaker_get_type ())
G_DECLARE_FINAL_TYPE (CbCaretaker, cb_caretaker, CB, CARETAKER, GObject)

CbCaretaker *cb_caretaker_enter  (CbEngine    *engine,
                                  guint        lease_msec);
const char  *cb_caretaker_get_problem (CbCaretaker *self);   /* nullable */
void         cb_caretaker_forget_problem (CbCaretaker *self);
void         cb_caretaker_leave  (CbCaretaker *self);
void         cb_caretaker_add    (CbCaretaker *self,
                                  CbRun       *run);
void         cb_caretaker_remove (CbCaretaker *self,
                                  CbRun       *run);

G_END_DECLS
