/* cb-queue.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbQueue:
 *
 * A queue in the sidebar: its engine, its name and how many jobs of it are in which state. Or all queues of an engine taken together,
 * which has no name.
 *
 * Properties: engine, name, title (name made showable), label (the same, with the prefix where another queue has that name), prefix, total (gint64), waiting, active, delayed, failed,
 * complete (gint64, by meaning; -1 unknown), problem (string, nullable), unregistered (boolean: its library does not list it, jobs in it
 * or not). All notify explicitly.
 */
#define CB_TYPE_QUEUE (cb_queue_get_type ())
G_DECLARE_FINAL_TYPE (CbQueue, cb_queue, CB, QUEUE, GObject)

CbQueue    *cb_queue_new         (CbEngine            *engine,
                                  const char          *name);
CbQueue    *cb_queue_new_for_all (CbEngine           *engine);
CbEngine   *cb_queue_get_engine  (CbQueue             *self);
const char *cb_queue_get_name    (CbQueue             *self);             /* NULL: all queues */
gint64      cb_queue_get_count   (CbQueue             *self,
                                  const char          *state);  /* NULL: all of them */
void        cb_queue_set_counts  (CbQueue             *self,
                                  const CbQueueCounts *counts);
void        cb_queue_set_shares_name (CbQueue         *self,
                                      gboolean         shares_name);
/* Of all queues: the counts of those in the list that are of the same engine, summed. */
void        cb_queue_sum         (CbQueue             *self,
                                  GListModel          *queues);

G_END_DECLS
