/* cb-slow-log-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbSlowLogView:
 *
 * The commands that a server remembers as slow, live; what counts as slow can be changed, and the log be emptied.
 */
#define CB_TYPE_SLOW_LOG_VIEW (cb_slow_log_view_get_type ())
G_DECLARE_FINAL_TYPE (CbSlowLogView, cb_slow_log_view, CB, SLOW_LOG_VIEW, CbServerView)

G_END_DECLS
