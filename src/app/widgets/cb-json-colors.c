/* cb-json-colors.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json-colors.h"

#include <string.h>

static void
add (PangoAttrList *attributes, const PangoColor *color, gsize start, gsize end)
{
  PangoAttribute *attribute = pango_attr_foreground_new (color->red, color->green, color->blue);
  /* Without it the letters are as translucent as those of the label. */
  PangoAttribute *alpha = pango_attr_foreground_alpha_new (G_MAXUINT16);

  attribute->start_index = alpha->start_index = (guint) start;
  attribute->end_index = alpha->end_index = (guint) end;
  pango_attr_list_insert (attributes, attribute);
  pango_attr_list_insert (attributes, alpha);
}

/* The end of the string that begins at @p, past its closing quote; or of the text. */
static const char *
skip_string (const char *p)
{
  for (p++; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        p++;
      else if (*p == '"')
        return p + 1;
    }
  return p;
}

static gboolean
is_name (const char *after)
{
  while (*after == ' ' || *after == '\n' || *after == '\t' || *after == '\r')
    after++;
  return *after == ':';
}

/**
 * cb_json_colors_create:
 * @text: JSON, in UTF-8, ended by NUL
 *
 * Attributes, and not markup: nothing of the text can ever be taken for a tag. One pass over it, without a stack; brackets and commas
 * keep the colour of the text.
 */
PangoAttrList *
cb_json_colors_create (const char *text, const CbJsonPalette *palette)
{
  PangoAttrList *attributes = pango_attr_list_new ();
  const char *p = text;

  while (*p != '\0')
    {
      const char *start = p;

      if (*p == '"')
        {
          p = skip_string (p);
          add (attributes, is_name (p) ? &palette->name : &palette->string, start - text, p - text);
        }
      else if (strchr ("{}[],: \n\t\r", *p) == NULL)
        {
          while (*p != '\0' && strchr ("{}[],: \n\t\r\"", *p) == NULL)
            p++;
          add (attributes, &palette->number, start - text, p - text);
        }
      else
        {
          p++;
        }
    }
  return attributes;
}
