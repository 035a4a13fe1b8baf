/* cb-line-reader.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-line-reader.h"

#include <string.h>

#define CHUNK (16 * 1024)

struct _CbLineReader
{
  GInputStream *stream;        /* (owned) */
  GCancellable *cancellable;   /* (owned) */
  CbLineFunc func;             /* (nullable): NULL once it is freed or at its end */
  gpointer user_data;

  GByteArray *line;            /* (owned) the beginning of a line whose end has not come */
  gsize max_length;
  gboolean cut;                /* more of it came than fits */
};

static void
destroy (gpointer data)
{
  CbLineReader *self = data;

  g_clear_object (&self->stream);
  g_clear_object (&self->cancellable);
  g_byte_array_unref (self->line);
}

static void
add_to_line (CbLineReader *self, const guint8 *bytes, gsize length)
{
  gsize room = self->max_length - self->line->len;

  if (length > room)
    {
      length = room;
      self->cut = TRUE;
    }
  g_byte_array_append (self->line, bytes, length);
}

static void
end_line (CbLineReader *self)
{
  if (self->func != NULL)
    self->func (self->line->len > 0 ? (const char *) self->line->data : "", self->line->len, self->cut, self->user_data);

  self->cut = FALSE;
  g_byte_array_set_size (self->line, 0);
}

static void
take_bytes (CbLineReader *self, const guint8 *bytes, gsize length)
{
  const guint8 *end = bytes + length;

  while (bytes < end && self->func != NULL)
    {
      const guint8 *newline = memchr (bytes, '\n', end - bytes);

      add_to_line (self, bytes, (newline != NULL ? newline : end) - bytes);
      if (newline == NULL)
        return;

      /* A program made for another system ends its lines in two bytes. */
      if (self->line->len > 0 && self->line->data[self->line->len - 1] == '\r')
        g_byte_array_set_size (self->line, self->line->len - 1);
      end_line (self);
      bytes = newline + 1;
    }
}

static void read_more (CbLineReader *self);

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CbLineReader *self = user_data;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);

  if (self->func != NULL)
    {
      gsize length = 0;
      const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

      if (length > 0)
        {
          take_bytes (self, data, length);
          if (self->func != NULL)
            read_more (self);
        }
      else
        {
          CbLineFunc func;

          /* A last line need not be ended. */
          if (self->line->len > 0)
            end_line (self);
          func = g_steal_pointer (&self->func);
          if (func != NULL)
            func (NULL, 0, FALSE, self->user_data);
        }
    }

  g_rc_box_release_full (self, destroy);
}

static void
read_more (CbLineReader *self)
{
  g_input_stream_read_bytes_async (self->stream, CHUNK, CB_LINE_READER_PRIORITY, self->cancellable,
                                   read_cb, g_rc_box_acquire (self));
}

/**
 * cb_line_reader_new:
 * @stream: the output of the other program
 * @max_length: how many bytes of a line are kept
 * @func: called for each line, and at last with %NULL
 *
 * Begins to read at once. @func may free the reader.
 */
CbLineReader *
cb_line_reader_new (GInputStream *stream, gsize max_length, CbLineFunc func, gpointer user_data)
{
  CbLineReader *self = g_rc_box_new0 (CbLineReader);

  self->stream = g_object_ref (stream);
  self->cancellable = g_cancellable_new ();
  self->func = func;
  self->user_data = user_data;
  self->line = g_byte_array_new ();
  self->max_length = max_length;

  read_more (self);

  return self;
}

void
cb_line_reader_free (CbLineReader *self)
{
  if (self == NULL)
    return;

  self->func = NULL;
  g_cancellable_cancel (self->cancellable);
  g_rc_box_release_full (self, destroy);
}
