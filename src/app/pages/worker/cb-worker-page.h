/* cb-worker-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/* The built-in worker: a card for each queue that it serves, and what it has done lately. */
#define CB_TYPE_WORKER_PAGE (cb_worker_page_get_type ())
G_DECLARE_FINAL_TYPE (CbWorkerPage, cb_worker_page, CB, WORKER_PAGE, CbPage)

G_END_DECLS
