/* cb-monitor-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-monitor.h"
#include "cb-server-watch.h"
#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbMonitorView:
 *
 * What the server is asked by anybody, as it happens: what that costs is said before it begins, and a server that is marked as production is
 * asked for by its name.
 *
 * Property: running (boolean, read-only).
 */
#define CB_TYPE_MONITOR_VIEW (cb_monitor_view_get_type ())
G_DECLARE_FINAL_TYPE (CbMonitorView, cb_monitor_view, CB, MONITOR_VIEW, AdwBin)

/* @watch: what is known of the server anyway. Once. */
void       cb_monitor_view_set_session (CbMonitorView *self,
                                        CbSession     *session,
                                        CbServerWatch *watch);
CbMonitor *cb_monitor_view_get_monitor (CbMonitorView *self);  /* (transfer none) (nullable) */
/* What is known of the server has changed. */
void       cb_monitor_view_update      (CbMonitorView *self);

G_END_DECLS
