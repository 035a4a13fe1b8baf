/* cb-json-scanner.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-json-scanner.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-queue-error.h"

/*
 * What may come next is one of a few expectations; what is open is one bit a level. Together they are the whole grammar of
 * RFC 8259, so that nothing here calls itself: 200,000 opening brackets from a queue are 25 kB of bits, not a stack overflow.
 *
 * json-glib's parser is not used on text from Redis at all: it recurses, and it asserts that a high surrogate is followed
 * by a low one, so one job could end the program.
 */
enum
{
  EXPECT_VALUE,
  EXPECT_VALUE_OR_END,     /* behind [ */
  EXPECT_NAME_OR_END,      /* behind { */
  EXPECT_NAME,             /* behind a comma in an object */
  EXPECT_MORE_OR_END,      /* behind a value in an object or array */
  EXPECT_NOTHING,          /* behind the outermost value */
};

void
cb_json_scanner_init (CbJsonScanner *self,
                      const char    *text,
                      gssize         length)
{
  memset (self, 0, sizeof *self);
  self->text = text;
  self->at = text;
  self->end = text + (length < 0 ? strlen (text) : (gsize) length);
  self->expecting = EXPECT_VALUE;
}

void
cb_json_scanner_clear (CbJsonScanner *self)
{
  g_clear_pointer (&self->levels, g_byte_array_unref);
}

static CbJsonEvent
broken (CbJsonScanner *self,
        const char    *at,
        const char    *problem)
{
  self->problem = problem;
  self->problem_at = at;
  self->token = at;
  self->length = 0;
  return CB_JSON_BROKEN;
}

static gboolean
in_object (CbJsonScanner *self)
{
  gsize level = self->depth - 1;

  return (self->levels->data[level / 8] >> (level % 8)) & 1;
}

static void
push (CbJsonScanner *self,
      gboolean       object)
{
  gsize level = self->depth++;
  guint8 none = 0;

  if (self->levels == NULL)
    self->levels = g_byte_array_new ();
  if (level / 8 >= self->levels->len)
    g_byte_array_append (self->levels, &none, 1);

  if (object)
    self->levels->data[level / 8] |= 1 << (level % 8);
  else
    self->levels->data[level / 8] &= ~(1 << (level % 8));
}

static void
value_ended (CbJsonScanner *self)
{
  self->expecting = self->depth > 0 ? EXPECT_MORE_OR_END : EXPECT_NOTHING;
}

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void
skip_space (CbJsonScanner *self)
{
  while (self->at < self->end && is_space (*self->at))
    self->at++;
}

/* self->at stands on the opening quote. */
static CbJsonEvent
scan_string (CbJsonScanner *self,
             CbJsonEvent    event)
{
  const char *p = self->at + 1;

  while (p < self->end)
    {
      guchar c = *p;

      if (c == '"')
        {
          self->token = self->at;
          self->at = p + 1;
          self->length = self->at - self->token;
          return event;
        }
      else if (c < 0x20)
        {
          return broken (self, p, c == '\n' || c == '\r'
                                    ? N_("the line ends inside a string")
                                    : N_("a control character stands in a string as it is"));
        }
      else if (c < 0x80 && c != '\\')
        {
          p++;
        }
      else if (c >= 0x80)
        {
          gunichar character = g_utf8_get_char_validated (p, self->end - p);

          if (character == (gunichar) -1 || character == (gunichar) -2)
            return broken (self, p, N_("this is no valid UTF-8"));
          p = g_utf8_next_char (p);
        }
      else
        {
          if (p + 1 == self->end)
            break;
          if (p[1] == 'u')
            {
              for (int i = 2; i < 6; i++)
                {
                  if (p + i == self->end)
                    return broken (self, self->end, N_("the text ends inside a string"));
                  if (!g_ascii_isxdigit (p[i]))
                    return broken (self, p, N_("behind \\u four hexadecimal digits are needed"));
                }
              p += 6;
            }
          else if (p[1] != 0 && strchr ("\"\\/bfnrt", p[1]) != NULL)
            {
              p += 2;
            }
          else
            {
              return broken (self, p, N_("there is no such escape in a string"));
            }
        }
    }

  return broken (self, self->end, N_("the text ends inside a string"));
}

static CbJsonEvent
scan_number (CbJsonScanner *self)
{
  const char *p = self->at, *end = self->end;

  if (p < end && *p == '-')
    p++;
  if (p == end)
    return broken (self, p, N_("the text ends inside a number"));
  if (!g_ascii_isdigit (*p))
    return broken (self, p, N_("a digit is needed here"));
  if (*p == '0' && p + 1 < end && g_ascii_isdigit (p[1]))
    return broken (self, p, N_("a number does not begin with a zero"));
  while (p < end && g_ascii_isdigit (*p))
    p++;

  if (p < end && *p == '.')
    {
      p++;
      if (p == end)
        return broken (self, p, N_("the text ends inside a number"));
      if (!g_ascii_isdigit (*p))
        return broken (self, p, N_("a digit is needed here"));
      while (p < end && g_ascii_isdigit (*p))
        p++;
    }

  if (p < end && (*p == 'e' || *p == 'E'))
    {
      p++;
      if (p < end && (*p == '+' || *p == '-'))
        p++;
      if (p == end)
        return broken (self, p, N_("the text ends inside a number"));
      if (!g_ascii_isdigit (*p))
        return broken (self, p, N_("a digit is needed here"));
      while (p < end && g_ascii_isdigit (*p))
        p++;
    }

  self->token = self->at;
  self->length = p - self->at;
  self->at = p;
  return CB_JSON_NUMBER;
}

static CbJsonEvent
scan_word (CbJsonScanner *self)
{
  static const struct
  {
    const char *word;
    CbJsonEvent event;
  } words[] = { { "true", CB_JSON_TRUE }, { "false", CB_JSON_FALSE }, { "null", CB_JSON_NULL } };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i].word);

      if ((gsize) (self->end - self->at) >= length && memcmp (self->at, words[i].word, length) == 0)
        {
          self->token = self->at;
          self->length = length;
          self->at += length;
          return words[i].event;
        }
    }

  if (*self->at == '\'')
    return broken (self, self->at, "JSON has double quotes around its strings");
  return broken (self, self->at, N_("a value is needed here"));
}

static CbJsonEvent
scan_value (CbJsonScanner *self)
{
  CbJsonEvent event;
  char c = *self->at;

  if (c == '{' || c == '[')
    {
      gboolean object = c == '{';

      push (self, object);
      self->expecting = object ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
      self->token = self->at++;
      self->length = 1;
      return object ? CB_JSON_BEGIN_OBJECT : CB_JSON_BEGIN_ARRAY;
    }

  if (c == '"')
    event = scan_string (self, CB_JSON_STRING);
  else if (c == '-' || g_ascii_isdigit (c))
    event = scan_number (self);
  else
    event = scan_word (self);

  if (event != CB_JSON_BROKEN)
    value_ended (self);
  return event;
}

/* A name and its colon. */
static CbJsonEvent
scan_name (CbJsonScanner *self)
{
  CbJsonEvent event;

  if (*self->at != '"')
    return broken (self, self->at, N_("the name of a member in double quotes is needed here"));

  event = scan_string (self, CB_JSON_NAME);
  if (event == CB_JSON_BROKEN)
    return event;

  skip_space (self);
  if (self->at == self->end)
    return broken (self, self->at, N_("the text ends behind the name of a member"));
  if (*self->at != ':')
    return broken (self, self->at, N_("a colon is needed here"));
  self->at++;
  self->expecting = EXPECT_VALUE;
  return event;
}

static CbJsonEvent
scan_end (CbJsonScanner *self)
{
  gboolean object = in_object (self);

  self->depth--;
  value_ended (self);
  self->token = self->at++;
  self->length = 1;
  return object ? CB_JSON_END_OBJECT : CB_JSON_END_ARRAY;
}

CbJsonEvent
cb_json_scanner_next (CbJsonScanner *self)
{
  if (self->problem != NULL)
    return CB_JSON_BROKEN;

  skip_space (self);

  if (self->at == self->end)
    {
      if (self->expecting == EXPECT_NOTHING)
        return CB_JSON_END;
      if (self->depth == 0)
        return broken (self, self->at, N_("there is nothing here"));
      return broken (self, self->at, in_object (self) ? N_("the text ends inside an object")
                                                      : N_("the text ends inside a list"));
    }

  switch (self->expecting)
    {
    case EXPECT_VALUE_OR_END:
      if (*self->at == ']')
        return scan_end (self);
      return scan_value (self);

    case EXPECT_VALUE:
      return scan_value (self);

    case EXPECT_NAME_OR_END:
      if (*self->at == '}')
        return scan_end (self);
      return scan_name (self);

    case EXPECT_NAME:
      return scan_name (self);

    case EXPECT_MORE_OR_END:
      if (*self->at == (in_object (self) ? '}' : ']'))
        return scan_end (self);
      if (*self->at != ',')
        return broken (self, self->at, in_object (self) ? N_("a comma or } is needed here")
                                                        : N_("a comma or ] is needed here"));
      self->at++;
      self->expecting = in_object (self) ? EXPECT_NAME : EXPECT_VALUE;
      return cb_json_scanner_next (self);       /* once: no comma is expected now */

    case EXPECT_NOTHING:
      return broken (self, self->at, N_("something stands behind the end of the value"));

    default:
      g_assert_not_reached ();
    }
}

gboolean
cb_json_scanner_skip (CbJsonScanner *self)
{
  gsize outside = self->depth - 1;

  while (self->depth > outside)
    {
      if (cb_json_scanner_next (self) == CB_JSON_BROKEN)
        return FALSE;
    }

  return TRUE;
}

void
cb_json_scanner_set_error (CbJsonScanner *self,
                           GError       **error)
{
  gsize line = 1, column = 1;
  g_autofree char *line_text = NULL;
  g_autofree char *column_text = NULL;

  g_return_if_fail (self->problem != NULL);

  /* Columns are characters: a byte that continues one is not counted. */
  for (const char *p = self->text; p < self->problem_at; p++)
    {
      if (*p == '\n')
        {
          line++;
          column = 1;
        }
      else if ((*p & 0xc0) != 0x80)
        {
          column++;
        }
    }

  line_text = g_strdup_printf ("%" G_GSIZE_FORMAT, line);
  column_text = g_strdup_printf ("%" G_GSIZE_FORMAT, column);
  /* Translators: where something is wrong in a text, and what */
  g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, _("Line %s, column %s: %s"), line_text, column_text, _(self->problem));
}

static gunichar
hex4 (const char *p)
{
  return g_ascii_xdigit_value (p[0]) << 12 | g_ascii_xdigit_value (p[1]) << 8 |
         g_ascii_xdigit_value (p[2]) << 4 | g_ascii_xdigit_value (p[3]);
}

/* @token may also be the front part of a string whose last byte stands in for the closing quote. */
char *
cb_json_decode_string (const char *token,
                       gsize       length,
                       gsize       max_bytes,
                       gboolean   *cut)
{
  const char *p = token + 1, *end = token + length - 1;
  GString *text = g_string_sized_new (MIN (length, max_bytes) + 4);

  while (p < end && text->len < max_bytes)
    {
      gunichar character;

      if (*p != '\\')
        {
          const char *next = g_utf8_next_char (p);

          if (next > end)
            break;
          g_string_append_len (text, p, next - p);
          p = next;
          continue;
        }

      /* A string that was cut off may end inside an escape. */
      if (end - p < 2 || (p[1] == 'u' && end - p < 6))
        break;
      p++;
      switch (*p++)
        {
        case 'b': g_string_append_c (text, '\b'); break;
        case 'f': g_string_append_c (text, '\f'); break;
        case 'n': g_string_append_c (text, '\n'); break;
        case 'r': g_string_append_c (text, '\r'); break;
        case 't': g_string_append_c (text, '\t'); break;
        case 'u':
          character = hex4 (p);
          p += 4;
          if (character >= 0xd800 && character < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u')
            {
              gunichar low = hex4 (p + 2);

              if (low >= 0xdc00 && low < 0xe000)
                {
                  character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
                  p += 6;
                }
            }
          if (character == 0 || (character >= 0xd800 && character < 0xe000))
            character = 0xfffd;
          g_string_append_unichar (text, character);
          break;
        default:
          g_string_append_c (text, p[-1]);
          break;
        }
    }

  if (cut != NULL)
    *cut = p < end;
  return g_string_free (text, FALSE);
}
