/* cb-api-streams.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-api-request.h"

G_BEGIN_DECLS

/*
 * The clients that follow what happens. The engine is watched only while there is one. A client that doesn't read as fast
 * as things happen is cut off when a bound of bytes waits for it: it may come again, and others do not pay for it.
 */
CbApiStreams *cb_api_streams_new        (CbEngine     *engine);
void          cb_api_streams_free       (CbApiStreams *self);
void          cb_api_streams_clear      (CbApiStreams *self);
/* Answers the request with what happens from now on; only to one job with @id (nullable). FALSE: there are too many. */
gboolean      cb_api_streams_add        (CbApiStreams *self,
                                         CbApiRequest *request,
                                         const char   *id);
guint         cb_api_streams_get_length (CbApiStreams *self);

#define CB_API_MAX_STREAMS        64
#define CB_API_MAX_STREAM_WAITING (1024 * 1024)

G_END_DECLS
