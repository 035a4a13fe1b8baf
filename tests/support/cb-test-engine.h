/* cb-test-engine.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbTestEngine:
 *
 * An engine for tests of workers: a few jobs in memory, every call written down, and faults on demand. Its answers come from
 * an idle, as a connection's do.
 */
#define CB_TYPE_TEST_ENGINE (cb_test_engine_get_type ())
G_DECLARE_FINAL_TYPE (CbTestEngine, cb_test_engine, CB, TEST_ENGINE, CbEngine)

typedef enum
{
  CB_TEST_FAULT_REFUSED,       /* not carried out, and answered with the error */
  CB_TEST_FAULT_LOST,          /* carried out, but the answer is the error */
} CbTestFault;

CbTestEngine *cb_test_engine_new        (void);
/* Adds waiting jobs with ids counted from 1; @attempts how often each may run. */
void          cb_test_engine_add        (CbTestEngine *self,
                                         const char   *queue,
                                         const char   *data,
                                         guint         attempts,
                                         guint         n_jobs);
/* The same for one job, and nobody who waits is told. */
void          cb_test_engine_add_silently (CbTestEngine *self,
                                           const char   *queue,
                                           const char   *data);
/* The next @n calls (-1: all) named @call ("claim", "complete"…; NULL: each but wait) fail. @error NULL: no more. */
void          cb_test_engine_set_fault  (CbTestEngine *self,
                                         const char   *call,
                                         CbTestFault   fault,
                                         int           n,
                                         const GError *error);
/* Answers take so long. */
void          cb_test_engine_set_delay  (CbTestEngine *self,
                                         guint         msec);
/* Removes a job, or gives it to somebody else, behind the back of whoever holds it. */
void          cb_test_engine_remove     (CbTestEngine *self,
                                         const char   *id);
void          cb_test_engine_steal      (CbTestEngine *self,
                                         const char   *id);
void          cb_test_engine_tell       (CbTestEngine *self,
                                         const char   *id,
                                         const char   *event);
/* "inactive", "active", "complete", "failed", "delayed", "gone". */
const char   *cb_test_engine_get_state  (CbTestEngine *self,
                                         const char   *id);
guint         cb_test_engine_count      (CbTestEngine *self,
                                         const char   *state);
/* The calls so far that a job was the object of: "claim progress:50 log:line complete". */
const char   *cb_test_engine_get_calls  (CbTestEngine *self,
                                         const char   *id);
/* How often it was called so, whether answered or refused. */
guint         cb_test_engine_get_n      (CbTestEngine *self,
                                         const char   *call);
gboolean      cb_test_engine_get_watched (CbTestEngine *self);

G_END_DECLS
