/* cb-api-routes.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-api-request.h"

G_BEGIN_DECLS

typedef enum
{
  CB_ROUTE_PAGE   = 1 << 0,   /* not JSON: served whatever the client accepts */
  CB_ROUTE_WRITES = 1 << 1,
} CbRouteFlags;

/* Answers the request, now or later. */
typedef void (*CbRouteFunc) (CbApiRequest *request);

/* One kind of request. A segment of the pattern is a word, `:name` for any text, or `:a..:b` for a range (two parameters);
 * a last one with `?` may be missing. */
typedef struct
{
  const char   *method;
  const char   *pattern;
  CbRouteFunc   func;
  CbRouteFlags  flags;
} CbRoute;

/* The tables of the groups, each in cb-route-<noun>.c and ended by a line without a method. */
extern const CbRoute cb_route_queue[];
extern const CbRoute cb_route_jobs[];
extern const CbRoute cb_route_create[];
extern const CbRoute cb_route_job[];
extern const CbRoute cb_route_events[];
extern const CbRoute cb_route_page[];

/* @params is filled with CB_API_MAX_PARAMS texts, NULL where there is none. @allowed (out): the methods there are for this
 * path, "GET,HEAD,PUT" as Express writes them, when there is no route for this one; NULL when the path is unknown. @malformed (out): a
 * name in it can't be decoded. */
const CbRoute *cb_routes_find (const char  *method,
                               const char  *raw_path,
                               gboolean     accepts_json,
                               char        *params[CB_API_MAX_PARAMS],
                               char       **allowed,
                               gboolean    *malformed);

G_END_DECLS
