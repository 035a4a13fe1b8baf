/* cb-served-queue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-board.h"
#include "cb-worker.h"

G_BEGIN_DECLS

/**
 * CbServedQueue:
 *
 * A queue that this app may serve: how, and the worker that does. Settings can be changed at any time; they hold for the
 * next job.
 *
 * Properties: queue, title (queue made showable), prefix, engine-name, enabled, handler-name ("notify"), concurrency (uint, 1 to
 * 100), timeout (uint, ms, 0 none), block-list (GStrv), program (GStrv: of `command`, with its arguments), url (of `webhook`), has-secret
 * (read-only, of `webhook`), secret-problem (nullable: why that can't be read or kept), rate-limit (uint, 0 none) and rate-interval (uint, ms), worker
 * (nullable until it is first switched on), state (CbWorkerState), problem (nullable: why nothing is taken at the moment).
 * Signals: `changed`: a setting; `finished` (CbDelivery).
 */
#define CB_TYPE_SERVED_QUEUE (cb_served_queue_get_type ())
G_DECLARE_FINAL_TYPE (CbServedQueue, cb_served_queue, CB, SERVED_QUEUE, GObject)

CbServedQueue      *cb_served_queue_new              (CbBoard              *board,
                                                      const char           *queue,
                                                      const char           *prefix,
                                                      const char           *engine_name);
CbServedQueue      *cb_served_queue_new_for_variant  (CbBoard              *board,
                                                      GVariant             *variant);
GVariant           *cb_served_queue_to_variant       (CbServedQueue        *self);
void                cb_served_queue_set_server       (CbServedQueue        *self,
                                                      const char           *server);
const char         *cb_served_queue_get_queue        (CbServedQueue        *self);
const char         *cb_served_queue_get_prefix       (CbServedQueue        *self);
const char         *cb_served_queue_get_engine_name  (CbServedQueue        *self);
const char         *cb_served_queue_get_handler_name (CbServedQueue        *self);
void                cb_served_queue_set_handler_name (CbServedQueue        *self,
                                                      const char           *handler_name);
gboolean            cb_served_queue_needs_settings   (CbServedQueue        *self);
void                cb_served_queue_set_secret       (CbServedQueue        *self,
                                                      const char           *secret);
const char         *cb_served_queue_get_secret_path  (CbServedQueue        *self);
gboolean            cb_served_queue_get_enabled      (CbServedQueue        *self);
void                cb_served_queue_set_enabled      (CbServedQueue        *self,
                                                      gboolean              enabled);
guint               cb_served_queue_get_concurrency  (CbServedQueue        *self);
const char * const *cb_served_queue_get_block_list   (CbServedQueue        *self);
gboolean            cb_served_queue_block            (CbServedQueue        *self,
                                                      const char           *recipient);
void                cb_served_queue_unblock          (CbServedQueue        *self,
                                                      const char           *recipient);
CbWorker           *cb_served_queue_get_worker       (CbServedQueue        *self);
CbWorkerState       cb_served_queue_get_state        (CbServedQueue        *self);
const char         *cb_served_queue_get_problem      (CbServedQueue        *self);
void                cb_served_queue_stop_async       (CbServedQueue        *self,
                                                      guint                 grace_msec,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
gboolean            cb_served_queue_stop_finish      (CbServedQueue        *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);

G_END_DECLS
