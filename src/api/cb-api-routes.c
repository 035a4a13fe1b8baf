/* cb-api-routes.c: which function answers which request
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-routes.h"

#include <string.h>

/* The registry: one line a group. Within it and between them the first that fits is taken, in the order of Kue's own
 * (lib/http/index.js). */
static const CbRoute * const groups[] = {
  cb_route_queue,
  cb_route_jobs,
  cb_route_job,
  cb_route_create,
  cb_route_events,
  cb_route_page,
};

static void
clear_params (char *params[CB_API_MAX_PARAMS])
{
  for (guint i = 0; i < CB_API_MAX_PARAMS; i++)
    g_clear_pointer (&params[i], g_free);
}

/* What can't be decoded, or is not UTF-8, makes the whole request a bad one, as in Express; so does a NUL, which no name here can hold. */
static gboolean
is_encoded_well (const char *text, gsize length)
{
  g_autoptr (GBytes) bytes = g_uri_unescape_bytes (text, (gssize) length, NULL, NULL);

  return bytes != NULL && g_utf8_validate_len (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
}

static gboolean
add_param (char *params[CB_API_MAX_PARAMS], guint *n_params, const char *text, gsize length)
{
  char *decoded = g_uri_unescape_segment (text, text + length, NULL);

  if (decoded == NULL)
    return FALSE;

  g_assert (*n_params < CB_API_MAX_PARAMS);
  params[(*n_params)++] = decoded;
  return TRUE;
}

/* `FROM..TO`, where TO has no dot: what Express makes of ":from..:to". The second dot, or NULL. */
static const char *
find_range (const char *segment)
{
  const char *dot = strrchr (segment, '.');

  return dot != NULL && dot - segment >= 2 && dot[-1] == '.' && dot[1] != '\0' ? dot : NULL;
}

static gboolean
match_range (const char *segment, char *params[CB_API_MAX_PARAMS], guint *n_params)
{
  const char *dot = find_range (segment);

  if (dot == NULL)
    return FALSE;

  return add_param (params, n_params, segment, dot - 1 - segment) &&
         add_param (params, n_params, dot + 1, strlen (dot + 1));
}

static gboolean
match_segment (const char *pattern, const char *segment, char *params[CB_API_MAX_PARAMS], guint *n_params)
{
  if (segment[0] == '\0')
    return FALSE;
  if (strcmp (pattern, ":a..:b") == 0)
    return match_range (segment, params, n_params);
  if (pattern[0] == ':')
    return add_param (params, n_params, segment, strlen (segment));

  /* As in Express, where nothing else is said. */
  return g_ascii_strcasecmp (pattern, segment) == 0;
}

/* @malformed is set when it fits but for what can't be decoded. */
static gboolean
match (const char *pattern, const char * const *segments, char *params[CB_API_MAX_PARAMS], gboolean *malformed)
{
  g_auto (GStrv) patterns = g_strsplit (pattern + 1, "/", -1);
  gboolean is_bad = FALSE;
  guint n_params = 0;
  guint i;

  for (i = 0; patterns[i] != NULL; i++)
    {
      gsize length = strlen (patterns[i]);
      gboolean optional = length > 0 && patterns[i][length - 1] == '?';

      if (optional)
        patterns[i][length - 1] = '\0';
      if (segments[i] == NULL)
        {
          if (optional)
            break;
          goto no;
        }
      if (patterns[i][0] == ':' && !is_encoded_well (segments[i], strlen (segments[i])) &&
          (strcmp (patterns[i], ":a..:b") != 0 || find_range (segments[i]) != NULL))
        is_bad = TRUE;
      else if (!match_segment (patterns[i], segments[i], params, &n_params))
        goto no;
    }
  if (segments[i] == NULL && !is_bad)
    return TRUE;
  *malformed = *malformed || segments[i] == NULL;

no:
  clear_params (params);
  return FALSE;
}

/**
 * cb_routes_find:
 * @raw_path: as it was sent, still encoded, so that a `/` in a name is not one between names
 * @accepts_json: otherwise only pages are found
 * @params: (out): to be freed
 * @allowed: (out) (nullable) (transfer full): the methods there are for this path, when none is @method
 * @malformed: (out): there would be a route if its names could be decoded
 *
 * Returns: (nullable): the route
 */
const CbRoute *
cb_routes_find (const char *method,
                const char *raw_path,
                gboolean accepts_json,
                char *params[CB_API_MAX_PARAMS],
                char **allowed,
                gboolean *malformed)
{
  g_auto (GStrv) segments = g_strsplit (raw_path[0] == '/' ? raw_path + 1 : raw_path, "/", -1);
  g_autoptr (GString) methods = g_string_new (NULL);
  guint n = g_strv_length (segments);

  *allowed = NULL;
  *malformed = FALSE;
  memset (params, 0, sizeof (char *) * CB_API_MAX_PARAMS);

  /* One slash behind it all is none. */
  if (n > 0 && segments[n - 1][0] == '\0')
    g_clear_pointer (&segments[n - 1], g_free);

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const CbRoute *route = groups[i]; route->method != NULL; route++)
      {
        if (!accepts_json && (route->flags & CB_ROUTE_PAGE) == 0)
          continue;
        if (!match (strcmp (route->pattern, "/") == 0 ? "/?" : route->pattern,
                    (const char * const *) segments, params, malformed))
          continue;
        if (strcmp (route->method, method) == 0)
          return route;

        clear_params (params);
        if (strstr (methods->str, route->method) == NULL)
          g_string_append_printf (methods, "%s%s%s", methods->len > 0 ? "," : "", route->method,
                                  strcmp (route->method, "GET") == 0 ? ",HEAD" : "");
      }

  if (methods->len > 0)
    *allowed = g_string_free (g_steal_pointer (&methods), FALSE);
  return NULL;
}
