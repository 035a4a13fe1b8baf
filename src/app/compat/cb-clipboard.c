/* cb-clipboard.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-clipboard.h"

#include <string.h>

/* GTK collects four of them before it sends a piece to the display. */
#define PIECE (64 * 1024)

typedef struct
{
  const char *text;
  gsize length;
  gsize written;
} Writing;

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GdkContentSerializer *serializer = user_data;
  GError *error = NULL;

  if (g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, &error))
    gdk_content_serializer_return_success (serializer);
  else
    gdk_content_serializer_return_error (serializer, error);
}

static gboolean write_cb (gpointer data);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GdkContentSerializer *serializer = user_data;
  Writing *writing = gdk_content_serializer_get_task_data (serializer);
  GError *error = NULL;
  gsize n = 0;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, &n, &error))
    {
      gdk_content_serializer_return_error (serializer, error);
      return;
    }
  writing->written += n;
  /* Not from here: the stream of X11 forgets its pending task only after it has returned it, and the next one with it. */
  g_idle_add_full (G_PRIORITY_DEFAULT, write_cb, serializer, NULL);
}

static gboolean
write_cb (gpointer data)
{
  GdkContentSerializer *serializer = data;
  Writing *writing = gdk_content_serializer_get_task_data (serializer);
  GOutputStream *stream = gdk_content_serializer_get_output_stream (serializer);
  GCancellable *cancellable = gdk_content_serializer_get_cancellable (serializer);
  int priority = gdk_content_serializer_get_priority (serializer);

  if (writing->written < writing->length)
    g_output_stream_write_all_async (stream, writing->text + writing->written, MIN (writing->length - writing->written, PIECE), priority,
                                     cancellable, written_cb, serializer);
  else
    g_output_stream_close_async (stream, priority, cancellable, closed_cb, serializer);
  return G_SOURCE_REMOVE;
}

/* It keeps the value as long as itself. */
static void
serialize_string (GdkContentSerializer *serializer)
{
  const char *text = g_value_get_string (gdk_content_serializer_get_value (serializer));
  Writing *writing = g_new0 (Writing, 1);

  writing->text = text != NULL ? text : "";
  writing->length = strlen (writing->text);
  gdk_content_serializer_set_task_data (serializer, writing, g_free);
  write_cb (serializer);
}

void
cb_clipboard_prepare (void)
{
  static const char * const types[] = { "text/plain;charset=utf-8", "text/plain" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    gdk_content_register_serializer (G_TYPE_STRING, types[i], serialize_string, NULL, NULL);
}
