/* cb-api-server.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbApiServer:
 *
 * Kue's JSON API over HTTP, on the jobs of one engine: the same requests, shapes, status codes and error texts as the web
 * application of Kue 0.11.6, so that a client written for that does not know the difference, except where Kue does harm:
 *
 * - Nothing is written by GET. `GET /inactive/ID` is answered with 405; `PUT /inactive/ID` does what it did there.
 * - Nothing is deleted by reading. Ids without a job are left out of lists and left where they are.
 * - Every change is one atomic script on what Redis holds, not on what was read before: one state change, one wake-up token,
 *   one event. The id in an event is always a number.
 * - What would break a job or a Kue process is refused with 400 and a sentence: a priority that is neither number nor name,
 *   a backoff that is neither `true` nor an object of the two known kinds (Kue would run it as a program).
 * - In a list of jobs to create, what is no object is answered like an object without type, with 400; there it ends the process.
 * - Ids and ranges of any length are only text; an answer is bounded.
 *
 * `GET /events` is new: what happens, as server-sent events.
 *
 * Without a token only requests are served that name this machine as their host, as long as it listens on it alone: a web page
 * from elsewhere, whose name was bent to 127.0.0.1, gets nothing. Requests that write and come from a page of another origin
 * are refused in any case.
 *
 * Properties: engine (construct-only), token (string, nullable: then each request needs `Authorization: Bearer TOKEN`), max-body
 * (bytes of a request, default 102400 as in Kue), read-only (boolean: everything that writes is answered with 403), n-streams
 * (guint: clients of /events).
 */
#define CB_TYPE_API_SERVER (cb_api_server_get_type ())
G_DECLARE_FINAL_TYPE (CbApiServer, cb_api_server, CB, API_SERVER, GObject)

/* The port that Kue's examples use. */
#define CB_API_DEFAULT_PORT     3000
#define CB_API_DEFAULT_MAX_BODY 102400

CbApiServer *cb_api_server_new     (CbEngine     *engine);
/* @host: an IP address, or "localhost"; @port 0: any that is free. */
gboolean     cb_api_server_listen  (CbApiServer  *self,
                                    const char   *host,
                                    guint16       port,
                                    GError      **error);
/* "http://127.0.0.1:3000/"; NULL before it listens. Transfer full. */
char        *cb_api_server_dup_uri (CbApiServer  *self);
/* Whether others than this machine can reach it. */
gboolean     cb_api_server_is_open (CbApiServer  *self);
/* Listens no more and closes what is connected. */
void         cb_api_server_stop    (CbApiServer  *self);

G_END_DECLS
