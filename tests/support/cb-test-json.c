/* cb-test-json.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-test-json.h"

#include <stdlib.h>
#include <string.h>

/* The unit of an escape at @p, or 0. */
static guint
get_unit (const char *p)
{
  char digits[5] = "";

  if (p[0] != '\\' || p[1] != 'u')
    return 0;

  if (g_strlcpy (digits, p + 2, sizeof digits) < 4)
    return 0;

  return (guint) strtoul (digits, NULL, 16);
}

JsonNode *
cb_test_json_parse (const char *text, GError **error)
{
  g_autofree char *whole = g_strdup (text);

  for (char *p = whole; *p != '\0'; p++)
    {
      guint unit = get_unit (p);

      if (unit >= 0xd800 && unit < 0xdc00 && get_unit (p + 6) >= 0xdc00 && get_unit (p + 6) < 0xe000)
        p += 11;
      else if (unit >= 0xd800 && unit < 0xe000)
        memcpy (p + 2, "fffd", 4);
      else if (p[0] == '\\' && p[1] != '\0')
        p++;
    }

  return json_from_string (whole, error);
}
