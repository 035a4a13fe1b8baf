/* cb-direction.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-direction.h"

#include <string.h>

#define LEFT_TO_RIGHT_MARK "\342\200\216"
#define FIRST_STRONG_ISOLATE "\342\201\250"
#define POP_DIRECTIONAL_ISOLATE "\342\201\251"

static gboolean
is_right_to_left (void)
{
  return gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL;
}

/* That of the first letter. pango_find_base_dir() does this, and is deprecated without another in its place. */
static PangoDirection
find_direction (const char *text, gsize length)
{
  for (const char *p = text; p < text + length; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isalpha (c))
        continue;
      switch (g_unichar_get_script (c))
        {
        case G_UNICODE_SCRIPT_ARABIC:
        case G_UNICODE_SCRIPT_HEBREW:
        case G_UNICODE_SCRIPT_SYRIAC:
        case G_UNICODE_SCRIPT_THAANA:
        case G_UNICODE_SCRIPT_NKO:
        case G_UNICODE_SCRIPT_SAMARITAN:
        case G_UNICODE_SCRIPT_MANDAIC:
        case G_UNICODE_SCRIPT_ADLAM:
          return PANGO_DIRECTION_RTL;
        default:
          return PANGO_DIRECTION_LTR;
        }
    }

  return PANGO_DIRECTION_NEUTRAL;
}

char *
cb_direction_dup (const char *text)
{
  if (text == NULL || *text == '\0' || !is_right_to_left () || find_direction (text, strlen (text)) != PANGO_DIRECTION_NEUTRAL)
    return g_strdup (text);

  return g_strconcat (LEFT_TO_RIGHT_MARK, text, NULL);
}

char *
cb_direction_take (char *text)
{
  g_autofree char *taken = text;

  return cb_direction_dup (taken);
}

char *
cb_direction_isolate (const char *name)
{
  /* Most names need nothing of it, and are told as they are. */
  if (is_right_to_left () || find_direction (name, strlen (name)) != PANGO_DIRECTION_RTL)
    return g_strdup (name);

  /* The mark says how the sentence runs: Pango goes by the first letter of all, also of one that is isolated. */
  return g_strconcat (LEFT_TO_RIGHT_MARK FIRST_STRONG_ISOLATE, name, POP_DIRECTIONAL_ISOLATE, NULL);
}

char *
cb_direction_dup_code (const char *text)
{
  GString *code = g_string_new (NULL);

  for (const char *line = text; *line != '\0';)
    {
      const char *end = strchr (line, '\n');
      gsize length = end != NULL ? (gsize) (end - line) + 1 : strlen (line);

      if (find_direction (line, length) == PANGO_DIRECTION_RTL)
        g_string_append (code, LEFT_TO_RIGHT_MARK);
      g_string_append_len (code, line, (gssize) length);
      line += length;
    }

  return g_string_free (code, FALSE);
}

char *
cb_direction_strip (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, LEFT_TO_RIGHT_MARK, -1);

  return g_strjoinv (NULL, parts);
}
