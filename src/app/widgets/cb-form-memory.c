/* cb-form-memory.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-form-memory.h"

#include <string.h>

#include "cb-json.h"
#include "cb-settings.h"

#define KEY "byte-forms"

/* So that the settings stay small: the oldest choices go. */
#define MOST_PATTERNS 300
#define MOST_BYTES 200

/* The letters and digits of an id: 7, 42, 1f3a9c…, but no word that happens to have a letter from a to f. */
static gsize
id_length (const char *text)
{
  gsize length = 0;
  gboolean has_digit = FALSE;

  while (g_ascii_isxdigit (text[length]) || (length > 0 && text[length] == '-' && g_ascii_isxdigit (text[length + 1])))
    has_digit |= g_ascii_isdigit (text[length++]);
  if (g_ascii_isalnum (text[length]) || !has_digit)
    length = 0;
  return length;
}

static void
append (GString *pattern, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  g_autofree char *text = cb_text_display (data != NULL ? data : "", (gssize) MIN (length, MOST_BYTES), TRUE);

  for (const char *at = text; *at != '\0';)
    {
      gboolean begins = at == text || !g_ascii_isalnum (at[-1]);
      gsize n = begins ? id_length (at) : 0;

      if (n == 0 && g_ascii_isdigit (*at))
        n = strspn (at, "0123456789");
      if (n > 0)
        g_string_append_c (pattern, '*');
      else
        g_string_append_c (pattern, *at);
      at += MAX (n, 1);
    }
}

/**
 * cb_form_memory_pattern:
 * @name: the name of a key, or of a channel
 * @part: (nullable): a field in it
 *
 * Returns: (transfer full): valid UTF-8
 */
char *
cb_form_memory_pattern (GBytes *name, GBytes *part)
{
  GString *pattern = g_string_new (NULL);

  append (pattern, name);
  if (part != NULL)
    {
      g_string_append_c (pattern, '\n');
      append (pattern, part);
    }
  return g_string_free (pattern, FALSE);
}

/**
 * cb_form_memory_look_up:
 * @pattern: of cb_form_memory_pattern()
 * @view: (out): what was chosen
 */
gboolean
cb_form_memory_look_up (const char *pattern, CbBytesView *view)
{
  GSettings *settings = cb_settings_get_default ();
  g_autoptr (GVariant) forms = settings != NULL ? g_settings_get_value (settings, KEY) : NULL;
  GVariantIter iter;
  const char *one;
  const char *form;

  if (forms == NULL)
    return FALSE;
  g_variant_iter_init (&iter, forms);
  while (g_variant_iter_next (&iter, "(&s&s)", &one, &form))
    if (g_str_equal (one, pattern))
      return cb_bytes_view_parse (form, view, NULL);
  return FALSE;
}

/**
 * cb_form_memory_remember:
 * @pattern: of cb_form_memory_pattern()
 * @view: (nullable): what was chosen
 */
void
cb_form_memory_remember (const char *pattern, const CbBytesView *view)
{
  GSettings *settings = cb_settings_get_default ();
  g_autoptr (GVariant) forms = settings != NULL ? g_settings_get_value (settings, KEY) : NULL;
  GVariantBuilder builder;
  GVariantIter iter;
  const char *one;
  const char *form;
  guint n = 0;

  if (forms == NULL)
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ss)"));
  if (view != NULL)
    {
      g_autofree char *text = cb_bytes_view_to_string (view);

      g_variant_builder_add (&builder, "(ss)", pattern, text);
    }
  g_variant_iter_init (&iter, forms);
  while (g_variant_iter_next (&iter, "(&s&s)", &one, &form) && ++n < MOST_PATTERNS)
    if (!g_str_equal (one, pattern))
      g_variant_builder_add (&builder, "(ss)", one, form);
  g_settings_set_value (settings, KEY, g_variant_builder_end (&builder));
}
