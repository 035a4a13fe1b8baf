/* cb-demo-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbDemoHandler:
 *
 * The handler of the demonstration: another one, in front of which stands a gateway that does not answer the first time
 * it is asked about a job that may be tried more than once.
 */
#define CB_TYPE_DEMO_HANDLER (cb_demo_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbDemoHandler, cb_demo_handler, CB, DEMO_HANDLER, GObject)

CbHandler *cb_demo_handler_new (CbHandler *inner);

G_END_DECLS
