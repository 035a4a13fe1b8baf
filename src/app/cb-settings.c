/* cb-settings.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-settings.h"

/**
 * cb_settings_get_default:
 *
 * g_settings_new() ends the program when a schema is not installed, which is how a program that was only copied somewhere would
 * greet its user. So it is looked for first.
 *
 * Returns: (transfer none) (nullable): the settings
 */
GSettings *
cb_settings_get_default (void)
{
  static GSettings *settings;
  static gsize looked;

  if (g_once_init_enter (&looked))
    {
      GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
      g_autoptr (GSettingsSchema) schema = NULL;

      if (source != NULL)
        schema = g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE);
      if (schema != NULL)
        settings = g_settings_new_full (schema, NULL, NULL);
      else
        g_debug ("The schema " APPLICATION_ID " is not installed: settings are not kept");
      g_once_init_leave (&looked, 1);
    }

  return settings;
}
