/* cb-overview-page.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbOverviewPage:
 *
 * All queues at once: how many jobs are where, how many come and go, how long they wait and run, what needs a look, and why jobs fail. Each
 * figure opens the jobs behind it. What has to be read from jobs is read only while the page is on screen.
 *
 * Property: n-problems (uint: what the doctor has found, as far as it was asked).
 */
#define CB_TYPE_OVERVIEW_PAGE (cb_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (CbOverviewPage, cb_overview_page, CB, OVERVIEW_PAGE, CbPage)

G_END_DECLS
