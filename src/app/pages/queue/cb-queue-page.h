/* cb-queue-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"
#include "cb-queue.h"

G_BEGIN_DECLS

/**
 * CbQueuePage:
 *
 * A queue: its jobs by state, and beside them the one that was chosen.
 *
 * Property: queue (nullable). Actions: job.retry, job.retry-as-new, job.promote, job.remove, job.copy-id, job.copy-data.
 */
#define CB_TYPE_QUEUE_PAGE (cb_queue_page_get_type ())
G_DECLARE_FINAL_TYPE (CbQueuePage, cb_queue_page, CB, QUEUE_PAGE, CbPage)

CbQueue *cb_queue_page_get_queue (CbQueuePage *self);
void     cb_queue_page_set_queue (CbQueuePage *self,
                                  CbQueue     *queue);
/* Shows the jobs in that state (nullable: all) that pass that filter (nullable). */
void     cb_queue_page_show_jobs (CbQueuePage *self,
                                  const char  *state,
                                  const char  *filter);
/* Shows this job beside the list, also where it is far from what the list has read. */
void     cb_queue_page_show_job  (CbQueuePage *self,
                                  const char  *id);

G_END_DECLS
