/* cb-memory-engine.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbMemoryEngine:
 *
 * Invented queues without a server, for pages, tests and screenshots. It keeps the contract of #CbEngine, works jobs and
 * tells events like a real one.
 */
#define CB_TYPE_MEMORY_ENGINE (cb_memory_engine_get_type ())
G_DECLARE_FINAL_TYPE (CbMemoryEngine, cb_memory_engine, CB, MEMORY_ENGINE, CbEngine)

CbEngine *cb_memory_engine_new          (void);
/* Fills it with the queues and jobs of the screenshots; the same every time. */
void      cb_memory_engine_add_samples  (CbMemoryEngine *self);
void      cb_memory_engine_add_queue    (CbMemoryEngine *self,
                                         const char     *queue);
/* A job just as it is, with its log lines; its id "" for the next one. */
void      cb_memory_engine_add_record   (CbMemoryEngine *self,
                                         CbJobRecord    *record);
/* Puts its clock forward, so that tests need not wait. */
void      cb_memory_engine_advance      (CbMemoryEngine *self,
                                         gint64          usec);
/* Makes every call fail with this error until NULL is set; answers take @delay_msec. For tests. */
void      cb_memory_engine_set_fault    (CbMemoryEngine *self,
                                         const GError   *error,
                                         guint           delay_msec);

G_END_DECLS
