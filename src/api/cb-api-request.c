/* cb-api-request.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-request.h"

#include <math.h>
#include <string.h>

#define JSON_TYPE "application/json; charset=utf-8"
#define HTML_TYPE "text/html; charset=utf-8"

/* What is read and thrown away of a body that is too large, so that the client hears why. */
#define MAX_IGNORED (16 * 1024 * 1024)

#define SOCKET_KEY "cb-api-socket"

static void
socket_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
cb_api_connection_remember (GSocketAddress *remote, GSocket *socket)
{
  /* A weak one, as a socket keeps its address. */
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ref, socket);
  g_object_set_data_full (G_OBJECT (remote), SOCKET_KEY, ref, socket_ref_free);
}

void
cb_api_connection_cut (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);
  GWeakRef *ref = remote != NULL ? g_object_get_data (G_OBJECT (remote), SOCKET_KEY) : NULL;
  g_autoptr (GSocket) socket = ref != NULL ? g_weak_ref_get (ref) : NULL;

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static void
finished_cb (SoupServerMessage *message, CbApiRequest *self)
{
  self->is_gone = TRUE;
  g_cancellable_cancel (self->cancellable);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, CbApiRequest *self)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (chunk, &length);

  self->received += length;
  if (self->received > self->max_body)
    self->is_too_large = TRUE;
  /* A body without an end gets no answer at its end. */
  if (self->received > self->max_body + MAX_IGNORED)
    cb_api_connection_cut (message);
  if (!self->is_too_large)
    g_byte_array_append (self->body, data, length);
}

CbApiRequest *
cb_api_request_new (CbEngine *engine, SoupServerMessage *message, gsize max_body)
{
  CbApiRequest *self = g_atomic_rc_box_new0 (CbApiRequest);

  self->engine = g_object_ref (engine);
  self->message = g_object_ref (message);
  self->cancellable = g_cancellable_new ();
  self->body = g_byte_array_new ();
  self->max_body = max_body;

  /* The library would collect a body of any size; this collects what is allowed. */
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), self);
  g_signal_connect (message, "finished", G_CALLBACK (finished_cb), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (finished_cb), self);

  return self;
}

CbApiRequest *
cb_api_request_ref (CbApiRequest *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
destroy (gpointer data)
{
  CbApiRequest *self = data;

  g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->engine);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->query, g_hash_table_unref);
  g_clear_pointer (&self->body, g_byte_array_unref);
  for (guint i = 0; i < CB_API_MAX_PARAMS; i++)
    g_free (self->params[i]);
}

void
cb_api_request_unref (CbApiRequest *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, destroy);
}

/**
 * cb_api_request_pause:
 *
 * Holds the message until it is answered. Called once, before the request is given away.
 */
void
cb_api_request_pause (CbApiRequest *self)
{
  soup_server_message_pause (self->message);
  self->is_paused = TRUE;
}

/* TRUE when there is still somebody to answer. */
static gboolean
begin_answer (CbApiRequest *self)
{
  g_return_val_if_fail (!self->is_answered, FALSE);

  self->is_answered = TRUE;
  return !self->is_gone;
}

static void
end_answer (CbApiRequest *self)
{
  if (self->is_paused)
    {
      self->is_paused = FALSE;
      soup_server_message_unpause (self->message);
    }
}

/* As Express has it (the module etag, weak): length in hexadecimal, and the beginning of the SHA-1 in base 64. */
static char *
make_etag (const char *text, gsize length)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *base64 = NULL;
  guint8 digest[20];
  gsize n = sizeof digest;

  g_checksum_update (checksum, (const guchar *) text, (gssize) length);
  g_checksum_get_digest (checksum, digest, &n);
  base64 = g_base64_encode (digest, n);

  return g_strdup_printf ("W/\"%" G_GSIZE_MODIFIER "x-%.27s\"", length, base64);
}

static gboolean
is_fresh (SoupServerMessage *message, const char *etag)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *wanted = soup_message_headers_get_list (headers, "If-None-Match");
  const char *method = soup_server_message_get_method (message);

  if (wanted == NULL || (strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0))
    return FALSE;

  /* A weak comparison: with or without W/. */
  return strcmp (wanted, "*") == 0 || strstr (wanted, etag + 2) != NULL;
}

/**
 * cb_api_request_reply_text:
 * @text: (transfer full): may hold NUL
 */
void
cb_api_request_reply_text (CbApiRequest *self, guint status, const char *type, char *text, gsize length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  g_autofree char *owned = text;

  if (!begin_answer (self))
    return;

  if (status == SOUP_STATUS_OK)
    {
      g_autofree char *etag = make_etag (text, length);

      soup_message_headers_replace (headers, "ETag", etag);
      if (is_fresh (self->message, etag))
        {
          soup_server_message_set_status (self->message, SOUP_STATUS_NOT_MODIFIED, NULL);
          end_answer (self);
          return;
        }
    }

  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_server_message_set_status (self->message, status, NULL);
  soup_server_message_set_response (self->message, type, SOUP_MEMORY_TAKE, g_steal_pointer (&owned), length);
  end_answer (self);
}

void
cb_api_request_reply_json (CbApiRequest *self, guint status, CbJsonWriter *writer)
{
  char *text = cb_json_writer_steal (writer);

  cb_api_request_reply_text (self, status, JSON_TYPE, text, strlen (text));
}

static void
reply_member (CbApiRequest *self, guint status, const char *name, const char *text)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, valid, -1);
  cb_json_writer_end_object (writer);
  cb_api_request_reply_json (self, status, writer);
}

void
cb_api_request_reply_message (CbApiRequest *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  reply_member (self, SOUP_STATUS_OK, "message", text);
}

void
cb_api_request_reply_error (CbApiRequest *self, guint status, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);

  reply_member (self, status, "error", text);
}

void
cb_api_request_reply_failure (CbApiRequest *self, const GError *error)
{
  reply_member (self, SOUP_STATUS_OK, "error", error->message);
}

void
cb_api_request_reply_page (CbApiRequest *self, guint status, const char *text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);
  char *page = g_strdup_printf ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                "<title>Error</title>\n</head>\n<body>\n<pre>%s</pre>\n</body>\n</html>\n", escaped);

  soup_message_headers_replace (headers, "Content-Security-Policy", "default-src 'none'");
  cb_api_request_reply_text (self, status, HTML_TYPE, page, strlen (page));
}

void
cb_api_request_reply_empty (CbApiRequest *self, guint status)
{
  if (!begin_answer (self))
    return;

  soup_server_message_set_status (self->message, status, NULL);
  end_answer (self);
}

/**
 * cb_api_parse_number:
 *
 * As parseInt() of JavaScript, which gives a double: white space, a sign, and digits as far as they go; what comes behind them
 * does not matter. FALSE also for so many digits that they are infinite.
 */
gboolean
cb_api_parse_number (const char *text, double *number)
{
  g_autofree char *digits = NULL;
  const char *end;

  while (g_ascii_isspace (*text))
    text++;
  end = text + (*text == '-' || *text == '+');
  if (!g_ascii_isdigit (*end))
    return FALSE;
  while (g_ascii_isdigit (*end))
    end++;

  digits = g_strndup (text, end - text);
  *number = g_ascii_strtod (digits, NULL);
  return isfinite (*number);
}

/**
 * cb_api_parse_int:
 *
 * The same, of what fits into an integer.
 */
gboolean
cb_api_parse_int (const char *text, gint64 *number)
{
  gboolean negative = FALSE;
  gint64 value = 0;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '-' || *text == '+')
    negative = *text++ == '-';
  if (!g_ascii_isdigit (*text))
    return FALSE;

  for (; g_ascii_isdigit (*text); text++)
    {
      if (value > (G_MAXINT64 - 9) / 10)
        return FALSE;
      value = value * 10 + (*text - '0');
    }

  *number = negative ? -value : value;
  return TRUE;
}
