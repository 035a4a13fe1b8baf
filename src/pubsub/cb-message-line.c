/* cb-message-line.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-line.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-json-scanner.h"
#include "cb-json.h"

static void
write_value (CbJsonWriter  *writer,
             const char    *name,
             const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, text, (gssize) length);
}

void
cb_message_line_write (GString       *out,
                       const CbHeard *heard)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *line = NULL;

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "time");
  cb_json_writer_int (writer, heard->time);
  if (heard->reply != NULL)
    {
      write_value (writer, "channel", cb_message_reply_get_channel (heard->reply, heard->kind));
      if (heard->kind == CB_TOPIC_PATTERN)
        write_value (writer, "pattern", cb_message_reply_get_pattern (heard->reply, heard->kind));
      if (heard->kind == CB_TOPIC_SHARD)
        {
          cb_json_writer_name (writer, "sharded");
          cb_json_writer_boolean (writer, TRUE);
        }
      write_value (writer, "message", cb_message_reply_get_payload (heard->reply, heard->kind));
    }
  else
    {
      cb_json_writer_name (writer, "gap");
      cb_json_writer_string (writer, heard->gap, -1);
      cb_json_writer_name (writer, "deaf_usec");
      cb_json_writer_int (writer, heard->deaf_usec);
    }
  cb_json_writer_end_object (writer);
  line = cb_json_writer_steal (writer);
  g_string_append (out, line);
  g_string_append_c (out, '\n');
}

static gboolean
take_hex (const char *at,
          const char *end,
          gunichar   *code)
{
  *code = 0;
  if (end - at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (at[i]))
        return FALSE;
      *code = *code * 16 + (gunichar) g_ascii_xdigit_value (at[i]);
    }
  return TRUE;
}

/* The bytes of a scanned string, NULs among them, which cb_json_decode_string() can't give. NULL for half of a surrogate pair. */
static GBytes *
decode_string (const char *token,
               gsize       length)
{
  const char *at = token + 1, *end = token + length - 1;
  g_autoptr (GByteArray) bytes = g_byte_array_sized_new ((guint) length);

  while (at < end)
    {
      gunichar code, low;
      char utf8[6];
      const char *escape;

      if (*at != '\\')
        {
          const char *stop = memchr (at, '\\', (gsize) (end - at));

          stop = stop != NULL ? stop : end;
          g_byte_array_append (bytes, (const guint8 *) at, (guint) (stop - at));
          at = stop;
          continue;
        }

      at++;
      escape = *at != 'u' ? strchr ("\"\"\\\\//b\bf\fn\nr\rt\t", *at) : NULL;
      if (escape != NULL)
        {
          g_byte_array_append (bytes, (const guint8 *) escape + 1, 1);
          at++;
          continue;
        }

      if (!take_hex (at + 1, end, &code))
        return NULL;
      at += 5;
      if (code >= 0xdc00 && code < 0xe000)
        return NULL;
      if (code >= 0xd800 && code < 0xdc00)
        {
          if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !take_hex (at + 2, end, &low) || low < 0xdc00 || low >= 0xe000)
            return NULL;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        }
      g_byte_array_append (bytes, (const guint8 *) utf8, (guint) g_unichar_to_utf8 (code, utf8));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

/* {"base64":"…"} and nothing else. */
static GBytes *
take_base64 (CbJsonScanner *scanner)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  guchar *data;
  gsize length;

  if (cb_json_scanner_next (scanner) != CB_JSON_NAME)
    return NULL;
  name = cb_json_decode_string (scanner->token, scanner->length, 16, NULL);
  if (strcmp (name, "base64") != 0 || cb_json_scanner_next (scanner) != CB_JSON_STRING)
    return NULL;

  text = g_strndup (scanner->token + 1, scanner->length - 2);
  if (strlen (text) % 4 != 0 || strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != strlen (text))
    return NULL;
  data = g_base64_decode (text, &length);
  if (cb_json_scanner_next (scanner) != CB_JSON_END_OBJECT)
    {
      g_free (data);
      return NULL;
    }
  return g_bytes_new_take (data, length);
}

static gboolean
take_bytes (CbJsonScanner *scanner,
            CbJsonEvent    event,
            const char    *name,
            GBytes       **bytes,
            GError       **error)
{
  g_clear_pointer (bytes, g_bytes_unref);
  if (event == CB_JSON_STRING)
    *bytes = decode_string (scanner->token, scanner->length);
  else if (event == CB_JSON_BEGIN_OBJECT)
    *bytes = take_base64 (scanner);

  if (*bytes == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 /* Translators: %s is the name of a member of JSON */
                 _("“%s” must be a string, or an object with “base64” alone."), name);
  return *bytes != NULL;
}

/**
 * cb_message_line_parse:
 * @text: a line, with or without its line break
 * @length: how many bytes
 * @line: (out caller-allocates): what it says; to be cleared on success
 * @error: return location for an error
 *
 * Reads back what cb_message_line_write() wrote, to the byte, or what a person or another program wrote: a channel and a message are all it
 * needs, and other members are passed over.
 *
 * Errors: %G_IO_ERROR_INVALID_DATA, or that of the JSON.
 */
gboolean
cb_message_line_parse (const char     *text,
                       gsize           length,
                       CbMessageLine  *line,
                       GError        **error)
{
  g_auto (CbJsonScanner) scanner;
  g_auto (CbMessageLine) found = { .time = -1 };
  gboolean is_gap = FALSE;
  CbJsonEvent event;

  cb_json_scanner_init (&scanner, text, (gssize) length);
  event = cb_json_scanner_next (&scanner);
  if (event != CB_JSON_BEGIN_OBJECT)
    {
      if (event == CB_JSON_BROKEN)
        cb_json_scanner_set_error (&scanner, error);
      else
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("It is no JSON object."));
      return FALSE;
    }

  while ((event = cb_json_scanner_next (&scanner)) == CB_JSON_NAME)
    {
      g_autofree char *name = cb_json_decode_string (scanner.token, scanner.length, 64, NULL);

      event = cb_json_scanner_next (&scanner);
      if (strcmp (name, "channel") == 0)
        {
          if (!take_bytes (&scanner, event, name, &found.channel, error))
            return FALSE;
        }
      else if (strcmp (name, "pattern") == 0)
        {
          if (!take_bytes (&scanner, event, name, &found.pattern, error))
            return FALSE;
        }
      else if (strcmp (name, "message") == 0)
        {
          if (!take_bytes (&scanner, event, name, &found.payload, error))
            return FALSE;
        }
      else if (strcmp (name, "time") == 0 && event == CB_JSON_NUMBER)
        {
          g_autofree char *number = g_strndup (scanner.token, scanner.length);

          if (!g_ascii_string_to_signed (number, 10, 0, G_MAXINT64, &found.time, NULL))
            {
              g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                   _("“time” must be a whole number of microseconds since 1970."));
              return FALSE;
            }
        }
      else if (strcmp (name, "sharded") == 0 && (event == CB_JSON_TRUE || event == CB_JSON_FALSE))
        {
          found.sharded = event == CB_JSON_TRUE;
        }
      else
        {
          is_gap = is_gap || strcmp (name, "gap") == 0;
          if ((event == CB_JSON_BEGIN_OBJECT || event == CB_JSON_BEGIN_ARRAY) && !cb_json_scanner_skip (&scanner))
            break;
        }
    }

  /* What is behind the object is white space, or the line is broken. */
  if (event == CB_JSON_END_OBJECT)
    event = cb_json_scanner_next (&scanner);
  if (event != CB_JSON_END)
    {
      if (scanner.problem != NULL)
        cb_json_scanner_set_error (&scanner, error);
      else
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("It is no JSON object."));
      return FALSE;
    }

  if (!is_gap && (found.channel == NULL || found.payload == NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“channel” or “message” is missing."));
      return FALSE;
    }
  if (is_gap)
    {
      g_clear_pointer (&found.channel, g_bytes_unref);
      g_clear_pointer (&found.payload, g_bytes_unref);
    }

  *line = found;
  memset (&found, 0, sizeof found);
  return TRUE;
}

void
cb_message_line_clear (CbMessageLine *self)
{
  g_clear_pointer (&self->channel, g_bytes_unref);
  g_clear_pointer (&self->pattern, g_bytes_unref);
  g_clear_pointer (&self->payload, g_bytes_unref);
}
