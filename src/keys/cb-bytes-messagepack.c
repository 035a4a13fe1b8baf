/* cb-bytes-messagepack.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-bytes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-json.h"
#include "cb-messagepack-private.h"

/* As deep as the JSON that is read elsewhere. */
#define MOST_DEPTH CB_JSON_MAX_DEPTH

/* The format: https://github.com/msgpack/msgpack/blob/master/spec.md */
typedef struct
{
  const guint8 *at;
  const guint8 *end;
  GString *text; /* (owned) JSON without white space */
  gsize most;
  GError *error;
} Reader;

static gboolean
fail (Reader     *reader,
      CbKeyError  code,
      const char *why)
{
  if (reader->error == NULL)
    reader->error = g_error_new (CB_KEY_ERROR, code, _("This can’t be shown as MessagePack: %s."), _(why));
  return FALSE;
}

static gboolean
take (Reader        *reader,
      gsize          n,
      const guint8 **bytes)
{
  if ((gsize) (reader->end - reader->at) < n)
    return fail (reader, CB_KEY_ERROR_INVALID, N_("it is cut off"));
  *bytes = reader->at;
  reader->at += n;
  return TRUE;
}

static gboolean
take_number (Reader  *reader,
             gsize    n,
             guint64 *number)
{
  const guint8 *bytes;

  *number = 0;
  if (!take (reader, n, &bytes))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    *number = *number << 8 | bytes[i];
  return TRUE;
}

static void
write_string (Reader     *reader,
              const char *text,
              gsize       length)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *json = NULL;

  cb_json_writer_string (writer, text, length);
  json = cb_json_writer_steal (writer);
  g_string_append (reader->text, json);
}

static gboolean
show_text (Reader  *reader,
           guint64  length,
           gboolean binary)
{
  const guint8 *bytes;
  g_autofree char *base64 = NULL;

  if (!take (reader, length, &bytes))
    return FALSE;
  if (!binary && g_utf8_validate_len ((const char *) bytes, length, NULL))
    {
      write_string (reader, (const char *) bytes, length);
      return TRUE;
    }
  base64 = g_base64_encode (bytes, length);
  g_string_append_printf (reader->text, "{\"%s\":\"%s\"}", binary ? "$bin" : "$str", base64);
  return TRUE;
}

static gboolean
show_extension (Reader  *reader,
                guint64  length)
{
  const guint8 *type;
  const guint8 *bytes;
  g_autofree char *base64 = NULL;

  if (!take (reader, 1, &type) || !take (reader, length, &bytes))
    return FALSE;
  base64 = g_base64_encode (bytes, length);
  g_string_append_printf (reader->text, "{\"$ext\":[%d,\"%s\"]}", (gint8) *type, base64);
  return TRUE;
}

static void
show_float (Reader *reader,
            double  number,
            int     digits)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (number))
    {
      g_string_append_printf (reader->text, "{\"$float\":\"%s\"}", isnan (number) ? "nan" : number > 0 ? "inf" : "-inf");
      return;
    }
  for (int n = 1; n <= digits; n++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", n);
      g_ascii_formatd (text, sizeof text, format, number);
      if (digits == 9 ? (float) g_ascii_strtod (text, NULL) == (float) number : g_ascii_strtod (text, NULL) == number)
        break;
    }
  g_string_append (reader->text, text);
  /* It is no integer, also where it is whole. */
  if (strpbrk (text, ".e") == NULL)
    g_string_append (reader->text, ".0");
}

static gboolean show_value (Reader *reader,
                            guint   depth);

static gboolean
show_array (Reader  *reader,
            guint64  length,
            guint    depth)
{
  g_string_append_c (reader->text, '[');
  for (guint64 i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (reader->text, ',');
      if (!show_value (reader, depth + 1))
        return FALSE;
    }
  g_string_append_c (reader->text, ']');
  return TRUE;
}

/* Passes by a value, without recursion. */
static gboolean
skip_value (Reader *reader)
{
  guint64 n_missing = 1;

  while (n_missing-- > 0)
    {
      const guint8 *head;
      guint64 length = 0;
      guint64 n_inside = 0;
      gboolean good = TRUE;

      if (!take (reader, 1, &head))
        return FALSE;
      if (*head >= 0x80 && *head < 0x90)
        n_inside = 2 * (*head & 0x0f);
      else if (*head >= 0x90 && *head < 0xa0)
        n_inside = *head & 0x0f;
      else if (*head >= 0xa0 && *head < 0xc0)
        length = *head & 0x1f;
      else if (*head >= 0xc4 && *head <= 0xc6)
        good = take_number (reader, 1 << (*head - 0xc4), &length);
      else if (*head >= 0xc7 && *head <= 0xc9)
        good = take_number (reader, 1 << (*head - 0xc7), &length), length++;
      else if (*head >= 0xca && *head <= 0xcb)
        length = 4 << (*head - 0xca);
      else if (*head >= 0xcc && *head <= 0xcf)
        length = 1 << (*head - 0xcc);
      else if (*head >= 0xd0 && *head <= 0xd3)
        length = 1 << (*head - 0xd0);
      else if (*head >= 0xd4 && *head <= 0xd8)
        length = 1 + (1 << (*head - 0xd4));
      else if (*head >= 0xd9 && *head <= 0xdb)
        good = take_number (reader, 1 << (*head - 0xd9), &length);
      else if (*head >= 0xdc && *head <= 0xdd)
        good = take_number (reader, 2 << (*head - 0xdc), &n_inside);
      else if (*head >= 0xde && *head <= 0xdf)
        good = take_number (reader, 2 << (*head - 0xde), &n_inside), n_inside *= 2;
      if (!good || !take (reader, length, &head))
        return FALSE;
      n_missing += n_inside;
    }
  return TRUE;
}

/* Whether all keys of a map are texts that can be names, and none of those that stand for something else here. */
static gboolean
has_plain_names (Reader  *reader,
                 guint64  length)
{
  Reader ahead = { reader->at, reader->end, NULL, 0, NULL };
  gboolean plain = TRUE;

  for (guint64 i = 0; i < length && plain; i++)
    {
      const guint8 *key = ahead.at;
      guint head;

      plain = skip_value (&ahead) && (((*key & 0xe0) == 0xa0) || (*key >= 0xd9 && *key <= 0xdb));
      if (plain)
        {
          head = (*key & 0xe0) == 0xa0 ? 1 : 1 + (1 << (*key - 0xd9));
          plain = (key + head == ahead.at || key[head] != '$') &&
                  g_utf8_validate_len ((const char *) key + head, ahead.at - key - head, NULL) && skip_value (&ahead);
        }
    }
  /* What is cut off is told of when it is shown. */
  g_clear_error (&ahead.error);
  return plain;
}

static gboolean
show_map (Reader  *reader,
          guint64  length,
          guint    depth)
{
  gboolean plain = has_plain_names (reader, length);

  g_string_append (reader->text, plain ? "{" : "{\"$map\":[");
  for (guint64 i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (reader->text, ',');
      if (!plain)
        g_string_append_c (reader->text, '[');
      if (!show_value (reader, depth + 1))
        return FALSE;
      g_string_append_c (reader->text, plain ? ':' : ',');
      if (!show_value (reader, depth + 1))
        return FALSE;
      if (!plain)
        g_string_append_c (reader->text, ']');
    }
  g_string_append (reader->text, plain ? "}" : "]}");
  return TRUE;
}

static gboolean
show_value (Reader *reader,
            guint   depth)
{
  const guint8 *head;
  guint64 number;

  if (depth > MOST_DEPTH)
    return fail (reader, CB_KEY_ERROR_TOO_LARGE, N_("it is nested too deeply"));
  if (reader->text->len > reader->most)
    return fail (reader, CB_KEY_ERROR_TOO_LARGE, N_("it is too large"));
  if (!take (reader, 1, &head))
    return FALSE;

  if (*head < 0x80)
    g_string_append_printf (reader->text, "%d", *head);
  else if (*head >= 0xe0)
    g_string_append_printf (reader->text, "%d", (gint8) *head);
  else if (*head < 0x90)
    return show_map (reader, *head & 0x0f, depth);
  else if (*head < 0xa0)
    return show_array (reader, *head & 0x0f, depth);
  else if (*head < 0xc0)
    return show_text (reader, *head & 0x1f, FALSE);
  else
    switch (*head)
      {
      case 0xc0:
        g_string_append (reader->text, "null");
        break;
      case 0xc2:
        g_string_append (reader->text, "false");
        break;
      case 0xc3:
        g_string_append (reader->text, "true");
        break;
      case 0xc4: case 0xc5: case 0xc6:
        return take_number (reader, 1 << (*head - 0xc4), &number) && show_text (reader, number, TRUE);
      case 0xc7: case 0xc8: case 0xc9:
        return take_number (reader, 1 << (*head - 0xc7), &number) && show_extension (reader, number);
      case 0xca:
        {
          guint32 bits;
          float value;

          if (!take_number (reader, 4, &number))
            return FALSE;
          bits = number;
          memcpy (&value, &bits, 4);
          show_float (reader, value, 9);
        }
        break;
      case 0xcb:
        {
          double value;

          if (!take_number (reader, 8, &number))
            return FALSE;
          memcpy (&value, &number, 8);
          show_float (reader, value, 17);
        }
        break;
      case 0xcc: case 0xcd: case 0xce: case 0xcf:
        if (!take_number (reader, 1 << (*head - 0xcc), &number))
          return FALSE;
        g_string_append_printf (reader->text, "%" G_GUINT64_FORMAT, number);
        break;
      case 0xd0: case 0xd1: case 0xd2: case 0xd3:
        {
          guint bits = 8 << (*head - 0xd0);

          if (!take_number (reader, bits / 8, &number))
            return FALSE;
          g_string_append_printf (reader->text, "%" G_GINT64_FORMAT, (gint64) (number << (64 - bits)) >> (64 - bits));
        }
        break;
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8:
        return show_extension (reader, 1 << (*head - 0xd4));
      case 0xd9: case 0xda: case 0xdb:
        return take_number (reader, 1 << (*head - 0xd9), &number) && show_text (reader, number, FALSE);
      case 0xdc: case 0xdd:
        return take_number (reader, 2 << (*head - 0xdc), &number) && show_array (reader, number, depth);
      case 0xde: case 0xdf:
        return take_number (reader, 2 << (*head - 0xde), &number) && show_map (reader, number, depth);
      default:
        return fail (reader, CB_KEY_ERROR_INVALID, N_("a byte in it has no meaning"));
      }
  return TRUE;
}

gboolean
cb_messagepack_skip (const guint8 **at,
                     const guint8  *end)
{
  Reader reader = { *at, end, NULL, 0, NULL };
  gboolean good = skip_value (&reader);

  g_clear_error (&reader.error);
  *at = reader.at;
  return good;
}

char *
cb_bytes_show_messagepack (GBytes  *bytes,
                           gsize    most,
                           GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  Reader reader = { data, data + length, g_string_new (NULL), most != 0 ? most : CB_BYTES_MOST, NULL };
  gboolean good = show_value (&reader, 0);

  if (good && reader.at < reader.end)
    good = fail (&reader, CB_KEY_ERROR_INVALID, N_("there is something behind it"));
  if (good && reader.text->len > reader.most)
    good = fail (&reader, CB_KEY_ERROR_TOO_LARGE, N_("it is too large"));
  if (!good)
    {
      g_propagate_error (error, reader.error);
      g_string_free (reader.text, TRUE);
      return NULL;
    }
  return g_string_free (reader.text, FALSE);
}
