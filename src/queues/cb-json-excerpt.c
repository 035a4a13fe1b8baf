/* cb-json-excerpt.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json.h"

#include <string.h>

#include "cb-json-scanner.h"

/*
 * Text from Redis on its way to a person. Lists show an excerpt of a job's data: what it says, not how it is written.
 * `{"phoneNumber":"4153518780","message":"This is the code 1234","try":2}` becomes
 * `4153518780  This is the code 1234  try: 2`: strings speak for themselves and come first, other values need their names.
 */

/* How far an excerpt looks into the text. Behind that it doesn't matter whether strings follow. */
#define LOOK_AHEAD 8192

/* Characters that turn the direction of text could make one thing look like another. */
static gboolean
is_hidden (gunichar c)
{
  return (c >= 0x80 && c < 0xa0) || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
append_display (GString    *out,
                const char *text,
                gsize       length,
                gboolean    one_line)
{
  const char *p = text, *end = text + length;

  while (p < end)
    {
      guchar byte = *p;
      gunichar c;

      if (byte == '\n' || byte == '\r')
        {
          gboolean pair = byte == '\r' && p + 1 < end && p[1] == '\n';

          if (!one_line)
            g_string_append (out, byte == '\n' || pair ? "\n" : "\\x0d");
          else
            g_string_append (out, "↵");
          p += pair ? 2 : 1;
        }
      else if (byte == '\t')
        {
          g_string_append_c (out, one_line ? ' ' : '\t');
          p++;
        }
      else if (byte < 0x20 || byte == 0x7f)
        {
          g_string_append_printf (out, "\\x%02x", byte);
          p++;
        }
      else if (byte < 0x80)
        {
          g_string_append_c (out, byte);
          p++;
        }
      else
        {
          c = g_utf8_get_char_validated (p, end - p);
          if (c == (gunichar) -1 || c == (gunichar) -2)
            {
              g_string_append_printf (out, "\\x%02x", byte);
              p++;
              continue;
            }
          if (is_hidden (c))
            g_string_append_printf (out, "\\u%04x", c);
          else if (one_line && (c == 0x2028 || c == 0x2029))
            g_string_append (out, "↵");
          else
            g_string_append_unichar (out, c);
          p = g_utf8_next_char (p);
        }
    }
}

/**
 * cb_text_display:
 * @length: in bytes; -1 when @text ends with NUL
 * @one_line: whether line breaks are shown as ↵ and tabs as a space
 *
 * Makes any bytes into text that can be shown: bytes that are no UTF-8, and control characters (so that nothing beeps or
 * colours a terminal) as `\x1b`, invisible ones that turn the direction of writing as `\u202e`. CR LF counts as one line break.
 *
 * Returns: (transfer full): valid UTF-8; not markup
 */
char *
cb_text_display (const char *text,
                 gssize      length,
                 gboolean    one_line)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;
  GString *out = g_string_sized_new (size + 1);

  append_display (out, text, size, one_line);

  return g_string_free (out, FALSE);
}

/* Consumes @text. */
static char *
finish (GString *text,
        guint    max_chars,
        gboolean cut)
{
  const char *p = text->str;
  guint n = 0;

  while (*p != 0 && n < max_chars)
    {
      p = g_utf8_next_char (p);
      n++;
    }

  if (*p != 0 || cut)
    {
      if (n == max_chars && n > 0)
        p = g_utf8_prev_char (p);
      g_string_truncate (text, p - text->str);
      if (max_chars > 0)
        g_string_append (text, "…");
    }

  return g_string_free (text, FALSE);
}

static char *
plain_excerpt (const char *text,
               gsize       length,
               guint       max_chars)
{
  GString *out = g_string_new (NULL);
  gsize size = MIN (length, (gsize) max_chars * 4);

  /* Don't show half a character as bad bytes only because of the bound. */
  if (size < length)
    {
      while (size > 0 && ((guchar) text[size] & 0xc0) == 0x80 && (gsize) max_chars * 4 - size < 3)
        size--;
    }

  append_display (out, text, size, TRUE);
  return finish (out, max_chars, size < length);
}

static void
append_separated (GString    *out,
                  const char *name,
                  const char *text,
                  gsize       length)
{
  if (length == 0 && name == NULL)
    return;
  if (out->len > 0)
    g_string_append (out, "  ");
  if (name != NULL)
    {
      append_display (out, name, strlen (name), TRUE);
      g_string_append (out, ": ");
    }
  append_display (out, text, length, TRUE);
}

/* A list or object inside of the value, in one line and no longer than can be shown. */
static void
append_nested (GString    *out,
               const char *name,
               const char *text,
               gsize       length,
               gboolean    whole)
{
  g_autofree char *compact = NULL;

  if (whole)
    {
      compact = cb_json_compact (text, length);
      text = compact;
      length = strlen (compact);
    }

  append_separated (out, name, text, length);
}

/**
 * cb_json_excerpt:
 * @max_chars: the most characters to return, an ellipsis included
 *
 * What data say, in one line for a list. Of an object the strings come first, without their names, then the other members
 * as `name: value`, two spaces apart; a list is shown as it is written; a lone value as itself. Text that is no JSON is
 * shown as cb_text_display() has it.
 *
 * Only the first few kilobytes are looked at, whatever the length.
 *
 * Returns: (transfer full): valid UTF-8 without line breaks; not markup
 */
char *
cb_json_excerpt (const char *text,
                 gsize       length,
                 guint       max_chars)
{
  g_auto (CbJsonScanner) scanner;
  g_autofree char *name = NULL;
  g_autoptr (GString) strings = NULL;
  g_autoptr (GString) others = NULL;
  gsize max_bytes = (gsize) max_chars * 4 + 4;
  gsize looked_at = MIN (length, LOOK_AHEAD + max_bytes * 2);
  gboolean cut = FALSE, done = FALSE, object;
  CbJsonEvent event;

  cb_json_scanner_init (&scanner, text, looked_at);
  event = cb_json_scanner_next (&scanner);
  object = event == CB_JSON_BEGIN_OBJECT;
  if (!object)
    {
      g_autofree char *value = NULL;

      if (event == CB_JSON_STRING && cb_json_scanner_next (&scanner) == CB_JSON_END)
        {
          const char *start = memchr (text, '"', length);

          value = cb_json_decode_string (start, scanner.token - start + scanner.length, max_bytes, &cut);
          return plain_excerpt (value, strlen (value), max_chars);
        }
      if (event == CB_JSON_BEGIN_ARRAY && looked_at == length && cb_json_check (text, length, NULL))
        {
          value = cb_json_compact (text, length);
          return plain_excerpt (value, strlen (value), max_chars);
        }
      return plain_excerpt (text, length, max_chars);
    }

  strings = g_string_new (NULL);
  others = g_string_new (NULL);

  while (!done)
    {
      const char *start;

      event = cb_json_scanner_next (&scanner);
      start = scanner.token;

      switch (event)
        {
        case CB_JSON_NAME:
          g_free (name);
          name = cb_json_decode_string (scanner.token, scanner.length, max_bytes, NULL);
          break;

        case CB_JSON_STRING:
          {
            g_autofree char *value = NULL;

            value = cb_json_decode_string (scanner.token, scanner.length, max_bytes, &cut);
            append_separated (strings, NULL, value, strlen (value));
            /* More strings could not be seen any more. */
            done = strings->len >= max_bytes;
            cut = cut || done;
          }
          break;

        case CB_JSON_BEGIN_OBJECT:
        case CB_JSON_BEGIN_ARRAY:
          if (cb_json_scanner_skip (&scanner))
            {
              append_nested (others, name, start, scanner.at - start, TRUE);
              break;
            }
          if (looked_at < length)
            append_nested (others, name, start, MIN (max_bytes, (gsize) (scanner.end - start)), FALSE);
          event = CB_JSON_BROKEN;
          done = TRUE;
          break;

        case CB_JSON_NUMBER:
        case CB_JSON_TRUE:
        case CB_JSON_FALSE:
        case CB_JSON_NULL:
          append_separated (others, name, scanner.token, scanner.length);
          break;

        case CB_JSON_BROKEN:
          if (looked_at < length && scanner.at < scanner.end && *scanner.at == '"')
            {
              g_autofree char *value = NULL;

              /* Bytes up to the bound, and one for the quote that is not there. */
              value = cb_json_decode_string (scanner.at, scanner.end - scanner.at, max_bytes, NULL);
              append_separated (strings, NULL, value, strlen (value));
            }
          done = TRUE;
          break;

        case CB_JSON_END:
          done = TRUE;
          break;

        case CB_JSON_END_OBJECT:
        case CB_JSON_END_ARRAY:
        default:
          break;
        }
    }

  if (event == CB_JSON_BROKEN)
    {
      /* Broken because only a part was looked at, or broken as it is? The bound can split at most an escape. */
      if (looked_at == length || scanner.end - scanner.problem_at > 12)
        return plain_excerpt (text, length, max_chars);
      cut = TRUE;
    }

  if (others->len > 0)
    append_separated (strings, NULL, others->str, others->len);
  else if (strings->len == 0 && !cut)
    g_string_append (strings, scanner.text != NULL && name == NULL ? "{}" : "");

  return finish (g_steal_pointer (&strings), max_chars, cut);
}
