/* cb-bytes.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-bytes.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"

/* What a guess looks at. */
#define GUESS_BYTES (1024 * 1024)

/* Of cb_json_pretty(). */
#define MOST_INDENT 100

/* Dates that a number is likely to mean: 2001-09-09 to 2100. */
#define DATE_FIRST G_GINT64_CONSTANT (1000000000)
#define DATE_LAST G_GINT64_CONSTANT (4102444800)

static const char * const form_names[] = { "text", "json", "msgpack", "number", "date", "hex" };
static const char * const wrapping_names[] = { "gzip", "zlib", "base64" };

static const char *
get_data (GBytes *bytes,
          gsize  *length)
{
  const char *data = g_bytes_get_data (bytes, length);

  return data != NULL ? data : "";
}

static int
find_name (const char * const *names,
           gsize               n,
           const char         *name)
{
  for (gsize i = 0; i < n; i++)
    if (g_str_equal (names[i], name))
      return i;
  return -1;
}

char *
cb_bytes_view_to_string (const CbBytesView *view)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < view->n_wrappings; i++)
    g_string_append_printf (text, "%s/", wrapping_names[view->wrappings[i]]);
  g_string_append (text, form_names[view->form]);
  return g_string_free (text, FALSE);
}

gboolean
cb_bytes_view_parse (const char   *text,
                     CbBytesView  *view,
                     GError      **error)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", -1);
  guint n = g_strv_length (parts);

  memset (view, 0, sizeof *view);
  for (guint i = 0; i < n; i++)
    {
      int wrapping = find_name (wrapping_names, G_N_ELEMENTS (wrapping_names), parts[i]);
      int form = find_name (form_names, G_N_ELEMENTS (form_names), parts[i]);

      if (i + 1 < n && wrapping >= 0 && view->n_wrappings < CB_BYTES_MOST_WRAPPINGS)
        {
          view->wrappings[view->n_wrappings++] = wrapping;
        }
      else if (i + 1 == n && form >= 0)
        {
          view->form = form;
          return TRUE;
        }
      else
        {
          break;
        }
    }
  g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
               _("“%s” is no way to look at bytes: give text, json, msgpack, number, date or hex, and before it gzip/, zlib/ or "
                 "base64/ for what is to be unpacked."), text);
  return FALSE;
}

/* Wrappings */

static GBytes *
convert (GConverter  *converter,
         GBytes      *bytes,
         gsize        most,
         GError     **error)
{
  g_autoptr (GByteArray) output = g_byte_array_new ();
  gsize length;
  const char *data = get_data (bytes, &length);
  GConverterResult result = G_CONVERTER_CONVERTED;
  g_autofree guint8 *buffer = g_malloc (64 * 1024);

  while (result != G_CONVERTER_FINISHED)
    {
      g_autoptr (GError) why = NULL;
      gsize n_read = 0, n_written = 0;

      result = g_converter_convert (converter, data, length, buffer, 64 * 1024, G_CONVERTER_INPUT_AT_END, &n_read, &n_written,
                                    &why);
      if (result == G_CONVERTER_ERROR)
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It can’t be unpacked: %s."),
                       g_error_matches (why, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ? _("it is cut off") : _("it is damaged"));
          return NULL;
        }
      data += n_read;
      length -= n_read;
      if (output->len + n_written > most)
        {
          g_autofree char *bytes_text = g_strdup_printf ("%" G_GSIZE_FORMAT, most);

          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE, _("It would unpack to more than %s bytes."), bytes_text);
          return NULL;
        }
      g_byte_array_append (output, buffer, n_written);
    }
  if (length > 0)
    {
      g_autofree char *rest = g_strdup_printf ("%" G_GSIZE_FORMAT, length);

      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It can’t be unpacked: there are %s bytes behind its end."), rest);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&output));
}

/* Base64 as RFC 4648 has it, with either alphabet, padded or not, and without anything else in it. */
static gboolean
is_url_alphabet (const char *text,
                 gsize       length)
{
  return memchr (text, '-', length) != NULL || memchr (text, '_', length) != NULL;
}

static GBytes *
encode_base64 (GBytes   *bytes,
               gboolean  url,
               gboolean  padded)
{
  gsize length;
  const char *data = get_data (bytes, &length);
  char *text = g_base64_encode ((const guchar *) data, length);
  gsize text_length = strlen (text);

  for (char *at = text; url && *at != '\0'; at++)
    *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
  while (!padded && text_length > 0 && text[text_length - 1] == '=')
    text_length--;
  return g_bytes_new_take (text, text_length);
}

static GBytes *
decode_base64 (GBytes  *bytes,
               GError **error)
{
  gsize length;
  const char *data = get_data (bytes, &length);
  gboolean url = is_url_alphabet (data, length);
  gboolean padded = length > 0 && length % 4 == 0;
  g_autofree char *text = g_malloc (length + 5);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) again = NULL;
  gsize plain_length = 0;
  gboolean good = length % 4 != 1;

  for (gsize i = 0; i < length && good; i++)
    {
      char c = data[i];

      if (url)
        c = c == '-' ? '+' : c == '_' ? '/' : c == '+' || c == '/' ? '\0' : c;
      good = g_ascii_isalnum (c) || c == '+' || c == '/' || (c == '=' && i + 2 >= length);
      text[i] = c;
    }
  if (good)
    {
      gsize n = length;
      guchar *decoded;

      while (n % 4 != 0)
        text[n++] = '=';
      text[n] = '\0';
      decoded = g_base64_decode (text, &plain_length);
      plain = g_bytes_new_take (decoded, plain_length);
      again = encode_base64 (plain, url, padded);
      /* Bits that are left over, and padding in its midst, would be lost. */
      good = g_bytes_equal (again, bytes);
    }
  if (!good)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no Base64."));
      return NULL;
    }
  return g_steal_pointer (&plain);
}

/**
 * cb_bytes_unwrap:
 * @most: how much may come out, 0 for #CB_BYTES_MOST
 *
 * Errors: %CB_KEY_ERROR_INVALID, %CB_KEY_ERROR_TOO_LARGE
 */
GBytes *
cb_bytes_unwrap (CbBytesWrapping   wrapping,
                 GBytes           *bytes,
                 gsize             most,
                 GError          **error)
{
  g_autoptr (GConverter) converter = NULL;

  if (wrapping == CB_BYTES_BASE64)
    return decode_base64 (bytes, error);

  converter = G_CONVERTER (g_zlib_decompressor_new (wrapping == CB_BYTES_GZIP ? G_ZLIB_COMPRESSOR_FORMAT_GZIP
                                                                             : G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
  return convert (converter, bytes, most != 0 ? most : CB_BYTES_MOST, error);
}

GBytes *
cb_bytes_wrap (CbBytesWrapping   wrapping,
               GBytes           *bytes,
               GBytes           *original,
               GError          **error)
{
  g_autoptr (GConverter) converter = NULL;

  if (original != NULL)
    {
      g_autoptr (GBytes) before = cb_bytes_unwrap (wrapping, original, 0, NULL);

      if (before != NULL && g_bytes_equal (before, bytes))
        return g_bytes_ref (original);
    }
  if (wrapping == CB_BYTES_BASE64)
    {
      gsize length = 0;
      const char *data = original != NULL ? get_data (original, &length) : "";

      return encode_base64 (bytes, is_url_alphabet (data, length), original == NULL || length % 4 == 0);
    }
  converter = G_CONVERTER (g_zlib_compressor_new (wrapping == CB_BYTES_GZIP ? G_ZLIB_COMPRESSOR_FORMAT_GZIP
                                                                           : G_ZLIB_COMPRESSOR_FORMAT_ZLIB, -1));
  return convert (converter, bytes, G_MAXSIZE / 2, error);
}

/* Forms */

static gboolean
is_text (GBytes *bytes)
{
  gsize length;
  const char *data = get_data (bytes, &length);

  return memchr (data, '\0', length) == NULL && g_utf8_validate (data, length, NULL);
}

static gboolean
is_number (const char *data,
           gsize       length)
{
  g_autofree char *text = NULL;
  char *end;

  if (length == 0 || length > 64 || memchr (data, '\0', length) != NULL ||
      !(g_ascii_isdigit (data[0]) || data[0] == '-') || g_ascii_strncasecmp (data, "0x", 2) == 0)
    return FALSE;
  text = g_strndup (data, length);
  if (strpbrk (text, "xXnN") != NULL)
    return FALSE;
  g_ascii_strtod (text, &end);
  return *end == '\0';
}

/* The unit of a whole number that is likely to be a date: 1, 1,000 or 1,000,000 a second; 0 for none. */
static gint64
get_date_unit (const char *data,
               gsize       length,
               gint64     *number)
{
  g_autofree char *text = g_strndup (data, MIN (length, 20));
  const gint64 units[] = { 1, 1000, 1000000 };

  if (length < 10 || length > 16 || strspn (text, "0123456789") != length || text[0] == '0')
    return 0;
  *number = g_ascii_strtoll (text, NULL, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    if (*number >= DATE_FIRST * units[i] && *number < DATE_LAST * units[i])
      return units[i];
  return 0;
}

static char *
show_date (GBytes  *bytes,
           GError **error)
{
  gsize length;
  const char *data = get_data (bytes, &length);
  gint64 number;
  gint64 unit = get_date_unit (data, length, &number);
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *seconds = NULL;

  if (unit == 0)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no number of seconds since 1970 between 2001 and 2100."));
      return NULL;
    }
  date = g_date_time_new_from_unix_utc (number / unit);
  seconds = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");
  if (unit == 1)
    return g_strconcat (seconds, "Z", NULL);
  return g_strdup_printf ("%s.%0*" G_GINT64_FORMAT "Z", seconds, unit == 1000 ? 3 : 6, number % unit);
}

static GBytes *
read_date (const char  *text,
           GBytes      *original,
           GError     **error)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, NULL);
  gint64 before;
  gint64 unit = 1000;
  gsize length;

  if (original != NULL)
    {
      const char *data = get_data (original, &length);
      gint64 own = get_date_unit (data, length, &before);

      unit = own != 0 ? own : unit;
    }
  if (date == NULL)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                   _("“%s” is no date: write it like 2026-11-26T19:40:00Z, with the time zone."), text);
      return NULL;
    }
  {
    char *number = g_strdup_printf ("%" G_GINT64_FORMAT, g_date_time_to_unix (date) * unit +
                                    g_date_time_get_microsecond (date) * unit / 1000000);

    return g_bytes_new_take (number, strlen (number));
  }
}

static char *
show_hex (GBytes *bytes)
{
  static const char digits[] = "0123456789abcdef";
  gsize length;
  const guchar *data = (const guchar *) get_data (bytes, &length);
  char *text = g_malloc (length * 3 + 1);
  char *at = text;

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0)
        *at++ = i % 16 == 0 ? '\n' : ' ';
      *at++ = digits[data[i] >> 4];
      *at++ = digits[data[i] & 15];
    }
  *at = '\0';
  return text;
}

static GBytes *
read_hex (const char  *text,
          GError     **error)
{
  GByteArray *bytes = g_byte_array_new ();
  int high = -1;

  for (const char *at = text; *at != '\0'; at++)
    {
      int digit = g_ascii_xdigit_value (*at);

      if (digit < 0 && !(g_ascii_isspace (*at) && high < 0))
        {
          g_autofree char *place = g_strdup_printf ("%" G_GSIZE_FORMAT, (gsize) (at - text) + 1);

          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID,
                       _("The %s. character is no hexadecimal digit in its place: each byte has two, from 00 to ff."), place);
          g_byte_array_unref (bytes);
          return NULL;
        }
      if (digit < 0)
        continue;
      if (high < 0)
        {
          high = digit;
        }
      else
        {
          guint8 byte = high << 4 | digit;

          g_byte_array_append (bytes, &byte, 1);
          high = -1;
        }
    }
  if (high >= 0)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("The last byte has only one digit."));
      g_byte_array_unref (bytes);
      return NULL;
    }
  return g_byte_array_free_to_bytes (bytes);
}

/* Indenting makes a long text of a few brackets. */
static char *
show_json (const char  *json,
           gsize        length,
           gsize        most,
           GError     **error)
{
  gsize depth = 0;
  gsize size = length;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < length && size <= most; i++)
    {
      char c = json[i];

      if (in_string && c == '\\')
        i++;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && (c == '{' || c == '['))
        size += 1 + 2 * MIN (++depth, MOST_INDENT);
      else if (!in_string && (c == '}' || c == ']'))
        size += 1 + 2 * MIN (--depth, MOST_INDENT);
      else if (!in_string && (c == ',' || c == ':'))
        size += 1 + 2 * MIN (depth, MOST_INDENT);
    }
  if (size > most)
    {
      g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE,
                   _("It is too large to be shown indented: look at it as text."));
      return NULL;
    }
  return cb_json_pretty (json, length);
}

static gboolean
check_text (GBytes  *bytes,
            GError **error)
{
  if (is_text (bytes))
    return TRUE;

  g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no text (UTF-8): look at it as hex."));
  return FALSE;
}

static char *
show_form (CbBytesForm   form,
           GBytes       *bytes,
           gsize         most,
           GError      **error)
{
  gsize length;
  const char *data = get_data (bytes, &length);
  g_autofree char *json = NULL;
  g_autoptr (GError) why = NULL;

  switch (form)
    {
    case CB_BYTES_JSON:
      if (!check_text (bytes, error))
        return NULL;
      if (!cb_json_check (data, length, &why))
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no JSON. %s"), why->message);
          return NULL;
        }
      return show_json (data, length, most, error);
    case CB_BYTES_MESSAGEPACK:
      json = cb_bytes_show_messagepack (bytes, most, error);
      return json != NULL ? show_json (json, strlen (json), most, error) : NULL;
    case CB_BYTES_DATE:
      return show_date (bytes, error);
    case CB_BYTES_HEX:
      if (length > most / 3)
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE, _("It is too large to be shown in hexadecimal digits."));
          return NULL;
        }
      return show_hex (bytes);
    case CB_BYTES_NUMBER:
      if (!is_number (data, length))
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no number."));
          return NULL;
        }
      return g_strndup (data, length);
    case CB_BYTES_TEXT:
    default:
      return check_text (bytes, error) ? g_strndup (data, length) : NULL;
    }
}

static GBytes *
unwrap_all (const CbBytesView  *view,
            GBytes             *bytes,
            gsize               most,
            GBytes            **layers, /* of n_wrappings + 1 */
            GError            **error)
{
  layers[0] = g_bytes_ref (bytes);
  for (guint i = 0; i < view->n_wrappings; i++)
    {
      layers[i + 1] = cb_bytes_unwrap (view->wrappings[i], layers[i], most, error);
      if (layers[i + 1] == NULL)
        return NULL;
    }
  return layers[view->n_wrappings];
}

static void
free_layers (GBytes **layers)
{
  for (guint i = 0; i <= CB_BYTES_MOST_WRAPPINGS; i++)
    g_clear_pointer (&layers[i], g_bytes_unref);
}

/**
 * cb_bytes_decode:
 * @view: how to look at it
 * @bytes: any bytes
 * @most: a bound for what is unpacked and shown, 0 for #CB_BYTES_MOST
 * @error: what they are not
 *
 * Errors: %CB_KEY_ERROR_INVALID, %CB_KEY_ERROR_TOO_LARGE
 *
 * Returns: (transfer full) (nullable): valid UTF-8
 */
char *
cb_bytes_decode (const CbBytesView  *view,
                 GBytes             *bytes,
                 gsize               most,
                 GError            **error)
{
  GBytes *layers[CB_BYTES_MOST_WRAPPINGS + 1] = { NULL, };
  gsize bound = most != 0 ? most : CB_BYTES_MOST;
  GBytes *plain = unwrap_all (view, bytes, bound, layers, error);
  char *text = plain != NULL ? show_form (view->form, plain, bound, error) : NULL;

  free_layers (layers);
  return text;
}

static GBytes *
read_form (CbBytesForm   form,
           const char   *text,
           GBytes       *original,
           GError      **error)
{
  g_autoptr (GError) why = NULL;

  switch (form)
    {
    case CB_BYTES_JSON:
      if (!cb_json_check (text, -1, &why))
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("It is no JSON. %s"), why->message);
          return NULL;
        }
      /* As it was written: without white space, when there was none. */
      if (original != NULL && is_text (original))
        {
          gsize length;
          const char *data = get_data (original, &length);
          g_autofree char *compact = cb_json_check (data, length, NULL) ? cb_json_compact (data, length) : NULL;

          if (compact != NULL && strlen (compact) == length)
            {
              char *written = cb_json_compact (text, -1);

              return g_bytes_new_take (written, strlen (written));
            }
        }
      break;
    case CB_BYTES_MESSAGEPACK:
      return cb_bytes_read_messagepack (text, original, error);
    case CB_BYTES_DATE:
      return read_date (text, original, error);
    case CB_BYTES_HEX:
      return read_hex (text, error);
    case CB_BYTES_NUMBER:
      if (!is_number (text, strlen (text)))
        {
          g_set_error (error, CB_KEY_ERROR, CB_KEY_ERROR_INVALID, _("“%s” is no number: write it like 12 or -0.5."), text);
          return NULL;
        }
      break;
    case CB_BYTES_TEXT:
    default:
      break;
    }
  return g_bytes_new (text, strlen (text));
}

/**
 * cb_bytes_encode:
 * @view: how it was looked at
 * @text: what is to be in its place, valid UTF-8
 * @original: (nullable): the bytes that were shown
 * @error: what is wrong with the text
 *
 * Returns: (transfer full) (nullable): the bytes; @original itself when @text is what it is shown as
 */
GBytes *
cb_bytes_encode (const CbBytesView  *view,
                 const char         *text,
                 GBytes             *original,
                 GError            **error)
{
  GBytes *layers[CB_BYTES_MOST_WRAPPINGS + 1] = { NULL, };
  GBytes *plain = original != NULL ? unwrap_all (view, original, CB_BYTES_MOST, layers, NULL) : NULL;
  g_autofree char *before = plain != NULL ? show_form (view->form, plain, CB_BYTES_MOST, NULL) : NULL;
  GBytes *bytes;

  if (before != NULL && g_str_equal (before, text))
    {
      free_layers (layers);
      return g_bytes_ref (original);
    }
  bytes = read_form (view->form, text, plain, error);
  for (guint i = view->n_wrappings; i > 0 && bytes != NULL; i--)
    {
      GBytes *inner = bytes;

      bytes = cb_bytes_wrap (view->wrappings[i - 1], inner, plain != NULL ? layers[i - 1] : NULL, error);
      g_bytes_unref (inner);
    }
  free_layers (layers);
  return bytes;
}

/* Guessing */

/* Characters that text has: not those that only machines write. */
static gboolean
reads_as_text (const char *data,
               gsize       length)
{
  const char *end;

  if (!g_utf8_validate (data, length, &end) && (data + length - end > 3 || length < GUESS_BYTES))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if ((guchar) data[i] < 0x20 && strchr ("\t\n\r\033", data[i]) == NULL)
      return FALSE;
  return memchr (data, '\0', length) == NULL;
}

static gboolean
is_packed (GBytes          *bytes,
           CbBytesWrapping *wrapping,
           const char     **why)
{
  gsize length;
  const guchar *data = (const guchar *) get_data (bytes, &length);

  if (length > 18 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8)
    {
      *wrapping = CB_BYTES_GZIP;
      *why = "it begins as gzip does";
      return TRUE;
    }
  if (length > 8 && data[0] == 0x78 && (data[0] << 8 | data[1]) % 31 == 0)
    {
      *wrapping = CB_BYTES_ZLIB;
      *why = "it begins as zlib does";
      return TRUE;
    }
  /* Words are Base64, too: only what has the length and the mixture of it, and something in it. */
  if (length >= 16 && length % 4 == 0 && length <= GUESS_BYTES)
    {
      gboolean upper = FALSE, lower = FALSE, other = FALSE;

      for (gsize i = 0; i < length; i++)
        {
          upper |= g_ascii_isupper (data[i]);
          lower |= g_ascii_islower (data[i]);
          other |= !g_ascii_isalpha (data[i]);
        }
      *wrapping = CB_BYTES_BASE64;
      *why = "it has the letters and the length of Base64";
      return upper && lower && other;
    }
  return FALSE;
}

static gboolean
guess_form (GBytes       *bytes,
            CbBytesForm  *form,
            const char  **why)
{
  gsize length;
  const char *data = get_data (bytes, &length);
  gsize seen = MIN (length, GUESS_BYTES);
  gint64 number;
  gsize first = 0;

  *form = CB_BYTES_TEXT;
  *why = length == 0 ? "it is empty" : "it is valid UTF-8";
  if (length == 0)
    return TRUE;
  while (first < seen && g_ascii_isspace (data[first]))
    first++;
  if (first < seen && strchr ("{[\"", data[first]) != NULL && length <= GUESS_BYTES && cb_json_check (data, length, NULL))
    {
      *form = CB_BYTES_JSON;
      *why = "it is valid JSON";
      return TRUE;
    }
  if (get_date_unit (data, length, &number) != 0)
    {
      *form = CB_BYTES_DATE;
      *why = "it is a number that, counted from 1970, is a date between 2001 and 2100";
      return TRUE;
    }
  if (is_number (data, length))
    {
      *form = CB_BYTES_NUMBER;
      *why = "it is a number";
      return TRUE;
    }
  if (reads_as_text (data, seen))
    return TRUE;

  /* A single number is MessagePack, too, as is almost any byte: only maps and lists, and the whole of it. */
  if (length <= GUESS_BYTES &&
      (((guchar) data[0] >= 0x81 && (guchar) data[0] <= 0x9f) || ((guchar) data[0] >= 0xdc && (guchar) data[0] <= 0xdf)))
    {
      g_autofree char *json = cb_bytes_show_messagepack (bytes, 0, NULL);

      if (json != NULL)
        {
          *form = CB_BYTES_MESSAGEPACK;
          *why = "it is a whole map or list in MessagePack";
          return TRUE;
        }
    }
  *form = CB_BYTES_HEX;
  *why = "it is no text";
  return FALSE;
}

/**
 * cb_bytes_guess:
 * @bytes: any bytes
 * @view: (out): how they are best looked at, probably: of what is longer than a MiB, by its beginning
 * @reason: (out) (optional) (transfer full): why, in one sentence
 */
void
cb_bytes_guess (GBytes       *bytes,
                CbBytesView  *view,
                char        **reason)
{
  g_autoptr (GBytes) inner = g_bytes_ref (bytes);
  g_autoptr (GString) text = g_string_new ("Guessed: ");
  const char *why;
  CbBytesWrapping wrapping;
  CbBytesForm form;

  memset (view, 0, sizeof *view);
  while (view->n_wrappings < CB_BYTES_MOST_WRAPPINGS && is_packed (inner, &wrapping, &why))
    {
      GBytes *unpacked = cb_bytes_unwrap (wrapping, inner, GUESS_BYTES, NULL);
      const char *inner_why;
      CbBytesWrapping next;

      if (unpacked == NULL)
        break;
      /* Of Base64, only what makes sense. */
      if (wrapping == CB_BYTES_BASE64 && !is_packed (unpacked, &next, &inner_why) && !guess_form (unpacked, &form, &inner_why))
        {
          g_bytes_unref (unpacked);
          break;
        }
      view->wrappings[view->n_wrappings++] = wrapping;
      g_string_append_printf (text, "%s; within, ", why);
      g_bytes_unref (inner);
      inner = unpacked;
    }
  guess_form (inner, &view->form, &why);
  g_string_append_printf (text, "%s.", why);
  if (reason != NULL)
    *reason = g_string_free (g_steal_pointer (&text), FALSE);
}
