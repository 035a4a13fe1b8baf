/* cb-worker.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-handler.h"

G_BEGIN_DECLS

typedef enum
{
  CB_WORKER_ERROR_FAILED,
  CB_WORKER_ERROR_HANDLER,      /* no such handler, or its settings can't be used */
  CB_WORKER_ERROR_BLOCKED,      /* the recipient is on the block-list */
  CB_WORKER_ERROR_TIME_OUT,
  CB_WORKER_ERROR_STOPPED,
} CbWorkerError;

#define CB_WORKER_ERROR (cb_worker_error_quark ())
GQuark cb_worker_error_quark (void);

typedef enum
{
  CB_WORKER_STOPPED,
  CB_WORKER_RUNNING,
  CB_WORKER_STOPPING,           /* finishing the jobs it has */
} CbWorkerState;

GType cb_worker_state_get_type (void) G_GNUC_CONST;
#define CB_TYPE_WORKER_STATE (cb_worker_state_get_type ())

/**
 * CbWorkerSlot:
 *
 * One place of a worker and the job it runs now.
 * Properties: number (1…), job (CbJobRecord boxed, nullable: idle), progress (int, -1), since (µs, -1), last-line (string, nullable).
 */
#define CB_TYPE_WORKER_SLOT (cb_worker_slot_get_type ())
G_DECLARE_FINAL_TYPE (CbWorkerSlot, cb_worker_slot, CB, WORKER_SLOT, GObject)

/**
 * CbWorker:
 *
 * Serves one queue: claims jobs, has a handler run them, and reports. At every instant a job is in exactly one state,
 * and one that this worker holds is either finished by it, or back in the queue within ten seconds of its death.
 *
 * Properties: engine, queue, handler (settable while running: for the next jobs), concurrency (1 to 100, settable while running), timeout
 * (ms for one run, 0 none), rate-limit and rate-interval (at most so many jobs are started in any stretch of so many ms; 0, the default:
 * no limit; by this worker alone, others on the queue have their own), state, problem (string, nullable: why it can't claim at the moment), n-active, n-complete, n-failed (guint64), slots
 * (GListModel of CbWorkerSlot).
 * Signals: `job-started` (CbJobRecord), `job-finished` (CbJobRecord, result: GBytes nullable, error: GError nullable, will_retry: gboolean),
 * `job-progress` (CbJobRecord, int).
 */
#define CB_TYPE_WORKER (cb_worker_get_type ())
G_DECLARE_FINAL_TYPE (CbWorker, cb_worker, CB, WORKER, GObject)

CbWorker      *cb_worker_new             (CbEngine   *engine,
                                          const char *queue,
                                          CbHandler  *handler,
                                          guint       concurrency);
void           cb_worker_start           (CbWorker   *self);
/* Claims nothing more; waits for its jobs at most @grace_msec (0: does not wait), then cancels the handlers and puts the jobs back. */
void           cb_worker_stop_async      (CbWorker            *self,
                                          guint                grace_msec,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
gboolean       cb_worker_stop_finish     (CbWorker            *self,
                                          GAsyncResult        *result,
                                          GError             **error);
/* Works until the queue has nothing waiting, nothing delayed by a retry of ours, and nothing active here or elsewhere; then stops. */
void           cb_worker_drain_async     (CbWorker            *self,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
gboolean       cb_worker_drain_finish    (CbWorker            *self,
                                          GAsyncResult        *result,
                                          GError             **error);
CbWorkerState  cb_worker_get_state       (CbWorker   *self);
const char    *cb_worker_get_queue       (CbWorker   *self);
GListModel    *cb_worker_get_slots       (CbWorker   *self);
CbJobRecord   *cb_worker_slot_get_job    (CbWorkerSlot *self);

G_END_DECLS
