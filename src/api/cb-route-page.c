/* cb-route-page.c: what a browser is shown
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-routes.h"

#include <string.h>

static void
get_page (CbApiRequest *request)
{
  cb_api_request_reply_page (request, SOUP_STATUS_OK, "Callboard serves Kue's JSON API here. The window is the program callboard.");
}

const CbRoute cb_route_page[] = {
  { "GET", "/", get_page, CB_ROUTE_PAGE },
  { "GET", "/active", get_page, CB_ROUTE_PAGE },
  { "GET", "/inactive", get_page, CB_ROUTE_PAGE },
  { "GET", "/failed", get_page, CB_ROUTE_PAGE },
  { "GET", "/complete", get_page, CB_ROUTE_PAGE },
  { "GET", "/delayed", get_page, CB_ROUTE_PAGE },
  { NULL }
};
