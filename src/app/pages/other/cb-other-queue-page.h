/* cb-other-queue-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-other-queue.h"
#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbOtherQueuePage:
 *
 * A queue of a library whose jobs can't be shown: says so, and leads to its keys.
 *
 * Property: queue (CbOtherQueue, nullable).
 */
#define CB_TYPE_OTHER_QUEUE_PAGE (cb_other_queue_page_get_type ())
G_DECLARE_FINAL_TYPE (CbOtherQueuePage, cb_other_queue_page, CB, OTHER_QUEUE_PAGE, CbPage)

CbOtherQueue *cb_other_queue_page_get_queue (CbOtherQueuePage *self);      /* nullable */
void          cb_other_queue_page_set_queue (CbOtherQueuePage *self,
                                             CbOtherQueue     *queue);

G_END_DECLS
