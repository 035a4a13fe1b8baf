/* cb-bytes-messagepack-write.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-bytes.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-json-scanner.h"
#include "cb-json.h"
#include "cb-messagepack-private.h"

/*
 * JSON as cb_bytes_show_messagepack() writes it, back to MessagePack. It goes along what was there before: a part that shows the
 * same is taken over as it was, to the last byte, and so is the head of a list or map of the same length; what is new is
 * written in the shortest form that the specification has: https://github.com/msgpack/msgpack/blob/master/spec.md
 */

/* A part of what was there before, or nothing. */
typedef struct
{
  const guint8 *at;
  const guint8 *end;
} Slice;

/* A part of the JSON. */
typedef struct
{
  const char *text;
  gsize length;
} Span;

typedef struct
{
  GByteArray *output;
  GError *error;
} Writer;

static const Slice nothing;

static gboolean
fail (Writer     *writer,
      CbKeyError  code,
      const char *why)
{
  if (writer->error == NULL)
    writer->error = g_error_new (CB_KEY_ERROR, code, _("This can’t be written as MessagePack: %s."), _(why));
  return FALSE;
}

static void
put (Writer        *writer,
     gconstpointer  data,
     gsize          length)
{
  g_byte_array_append (writer->output, data, (guint) length);
}

static void
put_number (Writer  *writer,
            guint8   head,
            guint64  number,
            guint    n_bytes)
{
  put (writer, &head, 1);
  for (guint i = n_bytes; i > 0; i--)
    {
      guint8 byte = (guint8) (number >> (8 * (i - 1)));

      put (writer, &byte, 1);
    }
}

/* The shortest head of a kind that has up to three of them, for 8, 16 and 32 bits. @fixed: below so many it is in the byte. */
static gboolean
put_head (Writer  *writer,
          guint8   fixed_head,
          guint    fixed,
          guint8   head,
          gboolean has_8,
          gsize    length)
{
  if (length < fixed)
    put_number (writer, (guint8) (fixed_head | length), 0, 0);
  else if (has_8 && length <= G_MAXUINT8)
    put_number (writer, head, length, 1);
  else if (length <= G_MAXUINT16)
    put_number (writer, has_8 ? head + 1 : head, length, 2);
  else if (length <= G_MAXUINT32)
    put_number (writer, has_8 ? head + 2 : head + 1, length, 4);
  else
    return fail (writer, CB_KEY_ERROR_TOO_LARGE, N_("it is too large"));
  return TRUE;
}

/* --- reading JSON --- */

static gboolean
read_hex4 (const char *at,
           const char *end,
           gunichar   *unit)
{
  *unit = 0;
  if (end - at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    *unit = *unit << 4 | (gunichar) g_ascii_xdigit_value (at[i]);
  return TRUE;
}

/* All of a string: NUL may be in it, half of a surrogate pair may not. */
static GBytes *
read_string (Writer *writer,
             Span    span)
{
  GString *text = g_string_sized_new (span.length);
  const char *at = span.text + 1;
  const char *end = span.text + span.length - 1;

  while (at < end)
    {
      gunichar unit, low;

      if (*at != '\\')
        {
          g_string_append_c (text, *at++);
          continue;
        }
      at += 2;
      switch (at[-1])
        {
        case 'b': g_string_append_c (text, '\b'); break;
        case 'f': g_string_append_c (text, '\f'); break;
        case 'n': g_string_append_c (text, '\n'); break;
        case 'r': g_string_append_c (text, '\r'); break;
        case 't': g_string_append_c (text, '\t'); break;
        case 'u':
          if (read_hex4 (at, end, &unit))
            at += 4;
          if (unit >= 0xd800 && unit < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
              read_hex4 (at + 2, end, &low) && low >= 0xdc00 && low < 0xe000)
            {
              unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
              at += 6;
            }
          if (unit >= 0xd800 && unit < 0xe000)
            {
              fail (writer, CB_KEY_ERROR_INVALID, N_("half of a surrogate pair is no character"));
              g_string_free (text, TRUE);
              return NULL;
            }
          if (unit == 0)
            g_string_append_c (text, '\0');
          else
            g_string_append_unichar (text, unit);
          break;
        default:
          g_string_append_c (text, at[-1]);
        }
    }
  return g_string_free_to_bytes (text);
}

/* The children of an array; of an object names and values in turn. */
static GArray *
split (Span span)
{
  GArray *children = g_array_new (FALSE, FALSE, sizeof (Span));
  g_auto (CbJsonScanner) scanner;
  CbJsonEvent event;

  cb_json_scanner_init (&scanner, span.text, (gssize) span.length);
  cb_json_scanner_next (&scanner);
  while ((event = cb_json_scanner_next (&scanner)) != CB_JSON_END_ARRAY && event != CB_JSON_END_OBJECT)
    {
      Span child = { scanner.token, scanner.length };

      if (event == CB_JSON_BEGIN_ARRAY || event == CB_JSON_BEGIN_OBJECT)
        {
          cb_json_scanner_skip (&scanner);
          child.length = (gsize) (scanner.at - child.text);
        }
      g_array_append_val (children, child);
    }
  return children;
}

/* --- what was there before --- */

static gboolean
is_slice (Slice slice)
{
  return slice.at != NULL;
}

/* How long its head is, and how much is in it; 0 when it is no array and no map. */
static gsize
read_container (Slice     slice,
                gboolean *is_map,
                guint32  *n)
{
  guint8 head;
  gsize n_bytes;

  if (!is_slice (slice))
    return 0;
  head = *slice.at;
  *is_map = (head >= 0x80 && head < 0x90) || head == 0xde || head == 0xdf;
  if (head >= 0x80 && head < 0xa0)
    {
      *n = head & 0x0f;
      return 1;
    }
  if (head < 0xdc || head > 0xdf)
    return 0;
  n_bytes = head == 0xdc || head == 0xde ? 2 : 4;
  *n = 0;
  for (gsize i = 0; i < n_bytes; i++)
    *n = *n << 8 | slice.at[1 + i];
  return 1 + n_bytes;
}

/* What is in an array or map, keys and values in turn. */
static GArray *
split_slice (Slice    slice,
             gboolean map)
{
  GArray *children = g_array_new (FALSE, FALSE, sizeof (Slice));
  gboolean is_map;
  guint32 n;
  gsize head = read_container (slice, &is_map, &n);
  const guint8 *at = slice.at + head;

  if (head == 0 || is_map != map)
    return children;
  for (guint64 i = 0; i < (guint64) n * (map ? 2 : 1); i++)
    {
      Slice child = { at, at };

      if (!cb_messagepack_skip (&at, slice.end))
        break;
      child.end = at;
      g_array_append_val (children, child);
    }
  return children;
}

static Slice
get_slice (GArray *children,
           guint   index)
{
  return index < children->len ? g_array_index (children, Slice, index) : nothing;
}

static gboolean
shows_the_same (Slice slice,
                Span  span)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *wanted = NULL;

  if (!is_slice (slice))
    return FALSE;
  bytes = g_bytes_new_static (slice.at, (gsize) (slice.end - slice.at));
  shown = cb_bytes_show_messagepack (bytes, 0, NULL);
  wanted = cb_json_compact (span.text, (gssize) span.length);
  return shown != NULL && g_str_equal (shown, wanted);
}

/* --- writing --- */

static gboolean write_value (Writer *writer,
                             Span    span,
                             Slice   before,
                             guint   depth);

static gboolean
write_integer (Writer     *writer,
               const char *text)
{
  guint64 number;
  gint64 negative;

  if (*text != '-')
    {
      if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &number, NULL))
        return fail (writer, CB_KEY_ERROR_INVALID, N_("a whole number has 64 bits, up to 18446744073709551615"));
      if (number < 0x80)
        put_number (writer, (guint8) number, 0, 0);
      else if (number <= G_MAXUINT8)
        put_number (writer, 0xcc, number, 1);
      else if (number <= G_MAXUINT16)
        put_number (writer, 0xcd, number, 2);
      else if (number <= G_MAXUINT32)
        put_number (writer, 0xce, number, 4);
      else
        put_number (writer, 0xcf, number, 8);
      return TRUE;
    }
  if (!g_ascii_string_to_signed (text, 10, G_MININT64, 0, &negative, NULL))
    return fail (writer, CB_KEY_ERROR_INVALID, N_("a whole number has 64 bits, down to -9223372036854775808"));
  if (negative >= -32)
    put_number (writer, (guint8) negative, 0, 0);
  else if (negative >= G_MININT8)
    put_number (writer, 0xd0, (guint64) negative, 1);
  else if (negative >= G_MININT16)
    put_number (writer, 0xd1, (guint64) negative, 2);
  else if (negative >= G_MININT32)
    put_number (writer, 0xd2, (guint64) negative, 4);
  else
    put_number (writer, 0xd3, (guint64) negative, 8);
  return TRUE;
}

static void
put_double (Writer *writer,
            double  number)
{
  guint64 bits;

  memcpy (&bits, &number, 8);
  put_number (writer, 0xcb, bits, 8);
}

static void
put_float (Writer *writer,
           float   number)
{
  guint32 bits;

  memcpy (&bits, &number, 4);
  put_number (writer, 0xca, bits, 4);
}

static gboolean
write_number (Writer *writer,
              Span    span,
              Slice   before)
{
  g_autofree char *text = g_strndup (span.text, span.length);
  double number;

  if (strpbrk (text, ".eE") == NULL)
    return write_integer (writer, text);
  number = g_ascii_strtod (text, NULL);
  if (!isfinite (number))
    return fail (writer, CB_KEY_ERROR_INVALID, N_("a number is too large"));

  /* Of single precision again, when nothing of what was written is lost by it. */
  if (is_slice (before) && *before.at == 0xca)
    {
      char short_text[G_ASCII_DTOSTR_BUF_SIZE];

      for (int digits = 1; digits <= 9; digits++)
        {
          char format[8];

          g_snprintf (format, sizeof format, "%%.%dg", digits);
          g_ascii_formatd (short_text, sizeof short_text, format, (float) number);
          if ((float) g_ascii_strtod (short_text, NULL) == (float) number)
            break;
        }
      if (g_ascii_strtod (short_text, NULL) == number)
        {
          put_float (writer, (float) number);
          return TRUE;
        }
    }
  put_double (writer, number);
  return TRUE;
}

static gboolean
write_text (Writer *writer,
            GBytes *bytes)
{
  gsize length;
  gconstpointer data = g_bytes_get_data (bytes, &length);

  if (!put_head (writer, 0xa0, 32, 0xd9, TRUE, length))
    return FALSE;
  if (length > 0)
    put (writer, data, length);
  return TRUE;
}

static GBytes *
read_base64 (Writer *writer,
             Span    span)
{
  g_autoptr (GBytes) text = NULL;
  GBytes *bytes;

  if (*span.text != '"')
    {
      fail (writer, CB_KEY_ERROR_INVALID, N_("$bin, $str and $ext have Base64 in quotation marks"));
      return NULL;
    }
  text = read_string (writer, span);
  if (text == NULL)
    return NULL;
  bytes = cb_bytes_unwrap (CB_BYTES_BASE64, text, 0, NULL);
  if (bytes == NULL)
    fail (writer, CB_KEY_ERROR_INVALID, N_("what stands behind $bin, $str or $ext is no Base64"));
  return bytes;
}

static gboolean
write_extension (Writer *writer,
                 Span    span)
{
  g_autoptr (GArray) parts = NULL;
  g_autofree char *type_text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  gint64 type;
  gsize length;
  gconstpointer data;
  guint8 byte;

  if (*span.text == '[')
    parts = split (span);
  if (parts == NULL || parts->len != 2)
    return fail (writer, CB_KEY_ERROR_INVALID, N_("behind $ext stands [TYPE, \"BASE64\"]"));
  type_text = g_strndup (g_array_index (parts, Span, 0).text, g_array_index (parts, Span, 0).length);
  if (!g_ascii_string_to_signed (type_text, 10, G_MININT8, G_MAXINT8, &type, NULL))
    return fail (writer, CB_KEY_ERROR_INVALID, N_("the type behind $ext is a whole number from -128 to 127"));
  bytes = read_base64 (writer, g_array_index (parts, Span, 1));
  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &length);
  byte = (guint8) (gint8) type;
  if (length == 1 || length == 2 || length == 4 || length == 8 || length == 16)
    put_number (writer, (guint8) (0xd4 + g_bit_nth_lsf (length, -1)), 0, 0);
  else if (!put_head (writer, 0, 0, 0xc7, TRUE, length))
    return FALSE;
  put (writer, &byte, 1);
  if (length > 0)
    put (writer, data, length);
  return TRUE;
}

static gboolean
write_head (Writer   *writer,
            Slice     before,
            gboolean  map,
            guint     n)
{
  gboolean was_map;
  guint32 was_n;
  gsize head = read_container (before, &was_map, &was_n);

  if (head > 0 && was_map == map && was_n == n)
    {
      put (writer, before.at, head);
      return TRUE;
    }
  return map ? put_head (writer, 0x80, 16, 0xde, FALSE, n) : put_head (writer, 0x90, 16, 0xdc, FALSE, n);
}

static gboolean
write_array (Writer *writer,
             Span    span,
             Slice   before,
             guint   depth)
{
  g_autoptr (GArray) children = split (span);
  g_autoptr (GArray) olds = split_slice (before, FALSE);

  if (!write_head (writer, before, FALSE, children->len))
    return FALSE;
  for (guint i = 0; i < children->len; i++)
    if (!write_value (writer, g_array_index (children, Span, i), get_slice (olds, i), depth + 1))
      return FALSE;
  return TRUE;
}

/* [[KEY, VALUE], …] */
static gboolean
write_pairs (Writer *writer,
             Span    span,
             Slice   before,
             guint   depth)
{
  g_autoptr (GArray) children = NULL;
  g_autoptr (GArray) olds = split_slice (before, TRUE);

  if (*span.text != '[')
    return fail (writer, CB_KEY_ERROR_INVALID, N_("behind $map stands [[KEY, VALUE], …]"));
  children = split (span);
  if (!write_head (writer, before, TRUE, children->len))
    return FALSE;
  for (guint i = 0; i < children->len; i++)
    {
      Span child = g_array_index (children, Span, i);
      g_autoptr (GArray) pair = *child.text == '[' ? split (child) : NULL;

      if (pair == NULL || pair->len != 2)
        return fail (writer, CB_KEY_ERROR_INVALID, N_("behind $map stands [[KEY, VALUE], …]"));
      for (guint j = 0; j < 2; j++)
        if (!write_value (writer, g_array_index (pair, Span, j), get_slice (olds, 2 * i + j), depth + 1))
          return FALSE;
    }
  return TRUE;
}

static gboolean
name_is (Span        name,
         const char *text)
{
  return name.length == strlen (text) && memcmp (name.text, text, name.length) == 0;
}

/* Where each key of a map was, by the JSON of it. */
static GHashTable *
index_keys (GArray *olds)
{
  GHashTable *index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i + 1 < olds->len; i += 2)
    {
      Slice key = get_slice (olds, i);
      g_autoptr (GBytes) bytes = g_bytes_new_static (key.at, (gsize) (key.end - key.at));
      char *shown = cb_bytes_show_messagepack (bytes, 0, NULL);

      if (shown != NULL && !g_hash_table_contains (index, shown))
        g_hash_table_insert (index, shown, GUINT_TO_POINTER (i));
      else
        g_free (shown);
    }
  return index;
}

static gboolean
write_special (Writer   *writer,
               Span      name,
               Span      value,
               Slice     before,
               guint     depth,
               gboolean *special)
{
  g_autoptr (GBytes) bytes = NULL;

  *special = TRUE;
  if (name_is (name, "\"$map\""))
    return write_pairs (writer, value, before, depth);
  if (name_is (name, "\"$ext\""))
    return write_extension (writer, value);
  if (name_is (name, "\"$bin\""))
    {
      gsize length;
      gconstpointer data;

      bytes = read_base64 (writer, value);
      if (bytes == NULL)
        return FALSE;
      data = g_bytes_get_data (bytes, &length);
      if (!put_head (writer, 0, 0, 0xc4, TRUE, length))
        return FALSE;
      if (length > 0)
        put (writer, data, length);
      return TRUE;
    }
  if (name_is (name, "\"$str\""))
    {
      bytes = read_base64 (writer, value);
      return bytes != NULL && write_text (writer, bytes);
    }
  if (name_is (name, "\"$float\""))
    {
      gboolean minus = name_is (value, "\"-inf\"");

      if (!minus && !name_is (value, "\"inf\"") && !name_is (value, "\"nan\""))
        return fail (writer, CB_KEY_ERROR_INVALID, N_("behind $float stands \"nan\", \"inf\" or \"-inf\""));
      put_double (writer, name_is (value, "\"nan\"") ? NAN : minus ? -INFINITY : INFINITY);
      return TRUE;
    }
  *special = FALSE;
  return TRUE;
}

static gboolean
write_object (Writer *writer,
              Span    span,
              Slice   before,
              guint   depth)
{
  g_autoptr (GArray) children = split (span);
  g_autoptr (GArray) olds = NULL;
  g_autoptr (GHashTable) index = NULL;

  if (children->len == 2)
    {
      gboolean special;
      gboolean good = write_special (writer, g_array_index (children, Span, 0), g_array_index (children, Span, 1), before, depth,
                                     &special);

      if (special || !good)
        return good;
    }

  olds = split_slice (before, TRUE);
  index = index_keys (olds);
  if (!write_head (writer, before, TRUE, children->len / 2))
    return FALSE;
  for (guint i = 0; i + 1 < children->len; i += 2)
    {
      Span name = g_array_index (children, Span, i);
      Slice old_name = get_slice (olds, i);
      Slice old_value = get_slice (olds, i + 1);

      /* In its place, or where it was before: of a name that is there twice, the one that stands there. */
      if (!shows_the_same (old_name, name))
        {
          g_autofree char *text = g_strndup (name.text, name.length);
          gpointer where;

          old_name = old_value = nothing;
          if (g_hash_table_lookup_extended (index, text, NULL, &where))
            {
              old_name = get_slice (olds, GPOINTER_TO_UINT (where));
              old_value = get_slice (olds, GPOINTER_TO_UINT (where) + 1);
            }
        }
      if (!write_value (writer, name, old_name, depth + 1) ||
          !write_value (writer, g_array_index (children, Span, i + 1), old_value, depth + 1))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_value (Writer *writer,
             Span    span,
             Slice   before,
             guint   depth)
{
  g_autoptr (GBytes) text = NULL;

  if (depth > CB_JSON_MAX_DEPTH)
    return fail (writer, CB_KEY_ERROR_TOO_LARGE, N_("it is nested too deeply"));
  if (shows_the_same (before, span))
    {
      put (writer, before.at, (gsize) (before.end - before.at));
      return TRUE;
    }
  switch (*span.text)
    {
    case '{':
      return write_object (writer, span, before, depth);
    case '[':
      return write_array (writer, span, before, depth);
    case '"':
      text = read_string (writer, span);
      return text != NULL && write_text (writer, text);
    case 'n':
      put_number (writer, 0xc0, 0, 0);
      return TRUE;
    case 'f':
      put_number (writer, 0xc2, 0, 0);
      return TRUE;
    case 't':
      put_number (writer, 0xc3, 0, 0);
      return TRUE;
    default:
      return write_number (writer, span, before);
    }
}

/**
 * cb_bytes_read_messagepack:
 * @text: JSON as cb_bytes_show_messagepack() writes it, with any white space
 * @original: (nullable): what was there before; what shows the same as in it stays as it was
 * @error: what is wrong with the text
 *
 * Errors: %CB_KEY_ERROR_INVALID, %CB_KEY_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): one value of MessagePack
 */
GBytes *
cb_bytes_read_messagepack (const char  *text,
                           GBytes      *original,
                           GError     **error)
{
  g_autoptr (GByteArray) output = g_byte_array_new ();
  g_autoptr (GError) why = NULL;
  Writer writer = { output, NULL };
  Slice before = nothing;
  const char *begin = text;
  gsize length;

  if (!cb_json_check (text, -1, &why))
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("MessagePack is written as JSON here. %s"), why->message);
      return NULL;
    }
  begin += strspn (begin, " \t\r\n");
  length = strlen (begin);
  while (length > 0 && strchr (" \t\r\n", begin[length - 1]) != NULL)
    length--;
  if (original != NULL && g_bytes_get_size (original) > 0)
    {
      before.at = g_bytes_get_data (original, NULL);
      before.end = before.at + g_bytes_get_size (original);
    }
  if (!write_value (&writer, (Span) { begin, length }, before, 0))
    {
      g_propagate_error (error, writer.error);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&output));
}
