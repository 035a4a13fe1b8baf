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

/* Who hears of it besides those who are connected: a callback, as there is a context for each job. */
typedef struct
{
  void (*progressed) (CbHandlerContext *self, int percent, gpointer user_data);
  void (*logged)     (CbHandlerContext *self, const char *line, gpointer user_data);
} CbHandlerContextListener;

void cb_handler_context_set_listener (CbHandlerContext *self, const CbHandlerContextListener *listener, gpointer user_data);

G_END_DECLS
