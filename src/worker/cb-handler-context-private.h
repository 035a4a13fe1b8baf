/* cb-handler-context-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler-context.h"
#include "cb-outbox.h"

G_BEGIN_DECLS

CbHandlerContext *cb_handler_context_new        (CbJobRecord      *job,
                                                 CbOutbox         *outbox);   /* (nullable): tells nobody */
CbOutbox         *cb_handler_context_get_outbox (CbHandlerContext *self);
const CbRetryWish *cb_handler_context_get_wish  (CbHandlerContext *self);     /* NULL: none */

G_END_DECLS
