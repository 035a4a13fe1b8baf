/* cb-route-events.c: GET /events, what happens, as it happens
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Server-sent events, each `data: {"id":7,"event":"progress","args":["progress",50,null]}`: what Kue publishes, in its form.
 * One named `live` says whether everything is heard at the moment, at the beginning and whenever that changes. With `?id=7`
 * only of that job.
 */

#include "config.h"

#include "cb-api-routes.h"
#include "cb-api-streams.h"

static void
get_events (CbApiRequest *request)
{
  const char *id = request->query != NULL ? g_hash_table_lookup (request->query, "id") : NULL;

  if (!cb_api_streams_add (request->streams, request, id))
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (request->message), "Retry-After", "10");
      cb_api_request_reply_error (request, SOUP_STATUS_SERVICE_UNAVAILABLE,
                                  "%d clients follow the events already; try again later", CB_API_MAX_STREAMS);
    }
}

const CbRoute cb_route_events[] = {
  { "GET", "/events", get_events, CB_ROUTE_PAGE },
  { NULL }
};
