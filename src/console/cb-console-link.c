/* cb-console-link.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-console-link.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-dialer.h"
#include "cb-redis-error.h"
#include "cb-source.h"
#include "cb-tls.h"

/* What is read and handled in one turn of the main loop. */
#define CHUNK_SIZE (32 * 1024)

struct _CbConsoleLink
{
  char *label;               /* (owned) */
  GSocketConnection *io;     /* (owned) (nullable) once connected */
  GCancellable *cancellable; /* (owned) */
  CbRespReader *reader;      /* (owned) */
  GByteArray *output;        /* (owned) not given to the socket yet */
  const CbConsoleLinkFuncs *funcs;
  gpointer user_data;
  gboolean patient;          /* much may come: painting goes first */
  gboolean full;             /* the last chunk was */
  gboolean writing;
  gboolean closed;
  int ref_count;
  char buffer[CHUNK_SIZE];
};

static void read_more (CbConsoleLink *self);

CbConsoleLink *
cb_console_link_ref (CbConsoleLink *self)
{
  self->ref_count++;
  return self;
}

void
cb_console_link_unref (CbConsoleLink *self)
{
  if (--self->ref_count > 0)
    return;

  cb_console_link_close (self);
  g_clear_object (&self->io);
  g_object_unref (self->cancellable);
  cb_resp_reader_free (self->reader);
  g_byte_array_unref (self->output);
  g_free (self->label);
  g_free (self);
}

static void
end (CbConsoleLink *self, const GError *error)
{
  if (self->closed)
    return;
  cb_console_link_close (self);
  self->funcs->closed (error, self->user_data);
}

static void
end_lost (CbConsoleLink *self, const GError *cause)
{
  const GError *tls_error = self->io != NULL ? cb_tls_get_error (self->io) : NULL;
  g_autoptr (GError) error = NULL;

  if (tls_error != NULL)
    error = g_error_copy (tls_error);
  else if (cause == NULL)
    error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, _ ("The server at %s closed the connection."), self->label);
  else
    error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, _ ("The connection to %s was lost: %s."), self->label, cause->message);
  end (self, error);
}

static void
deliver (CbConsoleLink *self)
{
  CbResp *reply;

  while (!self->closed && (reply = cb_resp_reader_take (self->reader)) != NULL)
    self->funcs->reply (reply, self->user_data);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsoleLink) self = data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (self->closed)
    return;
  if (n <= 0)
    {
      end_lost (self, error);
      return;
    }
  self->full = n == CHUNK_SIZE;
  if (!cb_resp_reader_feed (self->reader, self->buffer, (gsize) n, &error))
    {
      deliver (self);
      end (self, error);
      return;
    }
  deliver (self);
  if (!self->closed)
    read_more (self);
}

static void
read_more (CbConsoleLink *self)
{
  /* A short answer is told at once, so that the time it took is not that of painting. */
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (self->io)), self->buffer, CHUNK_SIZE,
                             self->patient || self->full ? CB_REDIS_PRIORITY : G_PRIORITY_DEFAULT, self->cancellable, read_cb,
                             cb_console_link_ref (self));
}

static void write_more (CbConsoleLink *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsoleLink) self = data;

  self->writing = FALSE;
  /* What the server said before it closed is still to be read: the end is told by the reading. */
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL) && !self->closed)
    write_more (self);
}

static void
write_more (CbConsoleLink *self)
{
  GByteArray *output = self->output;
  g_autoptr (GBytes) bytes = NULL;
  GOutputStream *stream;

  if (self->writing || self->io == NULL || output->len == 0)
    return;

  self->writing = TRUE;
  self->output = g_byte_array_new ();
  bytes = g_byte_array_free_to_bytes (output);
  stream = g_io_stream_get_output_stream (G_IO_STREAM (self->io));
  /* They must stay for as long as it takes. */
  g_object_set_data_full (G_OBJECT (stream), "bytes", g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
  g_output_stream_write_all_async (stream, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), G_PRIORITY_DEFAULT,
                                   self->cancellable, written_cb, cb_console_link_ref (self));
}

static void
dialled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbConsoleLink) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) io = cb_dial_finish (result, &error);

  if (self->closed)
    return;
  if (io == NULL)
    {
      end (self, error);
      return;
    }
  self->io = g_steal_pointer (&io);
  self->funcs->connected (self->user_data);
  if (self->closed)
    return;
  read_more (self);
  write_more (self);
}

/**
 * cb_console_link_new:
 * @address: where to
 * @timeout_msec: how long connecting may take
 * @funcs: what is called
 * @user_data: data for @funcs
 *
 * Begins to connect. What is sent before waits.
 *
 * Returns: (transfer full): the link
 */
CbConsoleLink *
cb_console_link_new (CbAddress *address, guint timeout_msec, const CbConsoleLinkFuncs *funcs, gpointer user_data)
{
  CbConsoleLink *self = g_new0 (CbConsoleLink, 1);

  self->ref_count = 1;
  self->label = g_strdup (cb_address_get_label (address));
  self->cancellable = g_cancellable_new ();
  self->reader = cb_resp_reader_new ();
  self->output = g_byte_array_new ();
  self->funcs = funcs;
  self->user_data = user_data;
  cb_dial_async (address, timeout_msec, self->cancellable, NULL, dialled_cb, cb_console_link_ref (self));
  return self;
}

void
cb_console_link_send (CbConsoleLink *self, GPtrArray *words)
{
  char head[32];

  if (self->closed)
    return;
  g_snprintf (head, sizeof head, "*%u\r\n", words->len);
  g_byte_array_append (self->output, (const guint8 *) head, (guint) strlen (head));
  for (guint i = 0; i < words->len; i++)
    {
      gsize length;
      gconstpointer bytes = g_bytes_get_data (g_ptr_array_index (words, i), &length);

      g_snprintf (head, sizeof head, "$%" G_GSIZE_FORMAT "\r\n", length);
      g_byte_array_append (self->output, (const guint8 *) head, (guint) strlen (head));
      if (length > 0)
        g_byte_array_append (self->output, bytes, (guint) length);
      g_byte_array_append (self->output, (const guint8 *) "\r\n", 2);
    }
  write_more (self);
}

void
cb_console_link_send_words (CbConsoleLink *self, const char *word, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  va_list arguments;

  va_start (arguments, word);
  for (; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (words, g_bytes_new (word, strlen (word)));
  va_end (arguments);
  cb_console_link_send (self, words);
}

void
cb_console_link_set_patient (CbConsoleLink *self, gboolean patient)
{
  self->patient = patient;
}

void
cb_console_link_set_most (CbConsoleLink *self, gsize most_bytes)
{
  cb_resp_reader_set_limits (self->reader, most_bytes, G_MAXUINT);
}

void
cb_console_link_hang_up (CbConsoleLink *self)
{
  if (self->closed)
    return;
  if (self->io != NULL)
    g_socket_shutdown (g_socket_connection_get_socket (self->io), FALSE, TRUE, NULL);
}

void
cb_console_link_close (CbConsoleLink *self)
{
  if (self->closed)
    return;

  self->closed = TRUE;
  g_cancellable_cancel (self->cancellable);
  /* A socket that does not block is closed at once. */
  if (self->io != NULL)
    g_socket_close (g_socket_connection_get_socket (self->io), NULL);
}
