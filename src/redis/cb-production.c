/* cb-production.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-production.h"

#include <gio/gio.h>

#define KEY "production-servers"

/* Where the schema is not installed nothing is kept, and nobody's program ends for it. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
    source != NULL ? g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE) : NULL;

  if (schema == NULL || !g_settings_schema_has_key (schema, KEY))
    return NULL;
  return g_settings_new_full (schema, NULL, NULL);
}

char *
cb_production_dup_name (CbAddress *address)
{
  g_autoptr (CbAddress) first = NULL;
  g_autoptr (CbAddress) second = NULL;
  g_autoptr (CbAddress) third = NULL;
  g_autoptr (CbAddress) server = NULL;

  g_return_val_if_fail (address != NULL, NULL);

  /* Whoever is let in and by what certificate, and all of its databases. */
  first = cb_address_with_db (address, 0);
  second = cb_address_with_sentinel_login (first, NULL, NULL);
  third = cb_address_with_tls (second, NULL);
  server = cb_address_with_login (third, NULL, NULL);
  return cb_address_to_uri (server);
}

/**
 * cb_production_is_marked:
 * @address: a server
 *
 * Returns: whether it is marked, by its address or in the settings
 */
gboolean
cb_production_is_marked (CbAddress *address)
{
  g_autoptr (GSettings) settings = NULL;
  g_autofree char *name = NULL;
  g_auto (GStrv) names = NULL;

  g_return_val_if_fail (address != NULL, FALSE);

  if (cb_address_get_production (address))
    return TRUE;
  settings = open_settings ();
  if (settings == NULL)
    return FALSE;
  name = cb_production_dup_name (address);
  names = g_settings_get_strv (settings, KEY);
  return g_strv_contains ((const char * const *) names, name);
}

gboolean
cb_production_mark (CbAddress *address,
                    gboolean   marked)
{
  g_autoptr (GSettings) settings = open_settings ();
  g_autofree char *name = cb_production_dup_name (address);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  g_auto (GStrv) names = NULL;

  if (settings == NULL || (!marked && cb_address_get_production (address)))
    return FALSE;
  names = g_settings_get_strv (settings, KEY);
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], name))
      g_ptr_array_add (kept, names[i]);
  if (marked)
    g_ptr_array_add (kept, name);
  g_ptr_array_add (kept, NULL);
  return g_settings_set_strv (settings, KEY, (const char * const *) kept->pdata);
}
