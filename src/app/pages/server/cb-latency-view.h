/* cb-latency-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbLatencyView:
 *
 * What took long on a server, by its kind and over time, and what the server says of its memory.
 */
#define CB_TYPE_LATENCY_VIEW (cb_latency_view_get_type ())
G_DECLARE_FINAL_TYPE (CbLatencyView, cb_latency_view, CB, LATENCY_VIEW, CbServerView)

G_END_DECLS
