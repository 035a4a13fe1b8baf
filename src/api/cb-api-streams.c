/* cb-api-streams.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-streams.h"

#include <string.h>

#include "cb-job-json.h"

/* A line that says nothing, now and then: proxies keep the connection, and one whose client has gone is found out. */
#define KEEP_ALIVE_SECONDS 15

typedef struct
{
  CbApiStreams *streams;        /* (borrowed) */
  SoupServerMessage *message;   /* (borrowed) owns this */
  char *id;                     /* (owned) (nullable) */
  gsize waiting;                /* bytes given to the library that it has not written */
} Stream;

struct _CbApiStreams
{
  CbEngine *engine;             /* (owned) */
  GPtrArray *streams;           /* (owned) (element-type Stream) (borrowed elements) */
  guint keep_alive_source;
  gulong event_handler;
  gulong live_handler;
};

static void
append (Stream *stream, const char *text, gsize length)
{
  SoupMessageBody *body = soup_server_message_get_response_body (stream->message);

  stream->waiting += length;
  if (stream->waiting > CB_API_MAX_STREAM_WAITING)
    {
      /* There is no other way: what waits for a client that doesn't read could not be ended by more of it. */
      cb_api_connection_cut (stream->message);
      return;
    }

  soup_message_body_append (body, SOUP_MEMORY_COPY, text, length);
  soup_server_message_unpause (stream->message);
}

static void
append_to_all (CbApiStreams *self, const char *id, const char *text)
{
  gsize length = strlen (text);

  for (guint i = 0; i < self->streams->len; i++)
    {
      Stream *stream = g_ptr_array_index (self->streams, i);

      if (stream->id == NULL || id == NULL || strcmp (stream->id, id) == 0)
        append (stream, text, length);
    }
}

static void
event_cb (CbEngine *engine, CbJobEvent *event, CbApiStreams *self)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *name = g_utf8_make_valid (event->name, -1);
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  const char *args = "[]";
  gsize length = 2;

  if (event->args != NULL)
    args = g_bytes_get_data (event->args, &length);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "id");
  cb_job_id_to_json (event->id, writer);
  cb_json_writer_name (writer, "event");
  cb_json_writer_string (writer, name, -1);
  cb_json_writer_name (writer, "args");
  cb_json_writer_raw (writer, args != NULL ? args : "[]", (gssize) length);
  cb_json_writer_end_object (writer);

  /* Without a name of their own: `error` is one that EventSource has another meaning for. JSON has no line breaks here. */
  json = cb_json_writer_steal (writer);
  text = g_strdup_printf ("data: %s\n\n", json);
  append_to_all (self, event->id, text);
}

static char *
describe_live (CbEngine *engine)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *json = NULL;
  const char *problem = cb_engine_get_live_problem (engine);

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "live");
  cb_json_writer_boolean (writer, cb_engine_get_live (engine));
  if (problem != NULL)
    {
      cb_json_writer_name (writer, "problem");
      cb_json_writer_string (writer, problem, -1);
    }
  cb_json_writer_end_object (writer);
  json = cb_json_writer_steal (writer);

  return g_strdup_printf ("event: live\ndata: %s\n\n", json);
}

static void
live_cb (CbEngine *engine, GParamSpec *pspec, CbApiStreams *self)
{
  g_autofree char *text = describe_live (engine);

  append_to_all (self, NULL, text);
}

static gboolean
keep_alive_cb (gpointer user_data)
{
  append_to_all (user_data, NULL, ":\n\n");

  return G_SOURCE_CONTINUE;
}

static void
begin_watching (CbApiStreams *self)
{
  self->event_handler = g_signal_connect (self->engine, "event", G_CALLBACK (event_cb), self);
  self->live_handler = g_signal_connect (self->engine, "notify::live", G_CALLBACK (live_cb), self);
  self->keep_alive_source = g_timeout_add_seconds (KEEP_ALIVE_SECONDS, keep_alive_cb, self);
  cb_engine_watch (self->engine);
}

static void
end_watching (CbApiStreams *self)
{
  g_clear_signal_handler (&self->event_handler, self->engine);
  g_clear_signal_handler (&self->live_handler, self->engine);
  g_clear_handle_id (&self->keep_alive_source, g_source_remove);
  cb_engine_unwatch (self->engine);
}

static void
stream_free (gpointer data, GClosure *closure)
{
  Stream *stream = data;

  g_free (stream->id);
  g_free (stream);
}

static void
wrote_cb (SoupServerMessage *message, guint length, Stream *stream)
{
  stream->waiting -= MIN (stream->waiting, length);
}

static void
stream_finished_cb (SoupServerMessage *message, Stream *stream)
{
  CbApiStreams *self = stream->streams;

  if (self != NULL)
    {
      g_ptr_array_remove_fast (self->streams, stream);
      if (self->streams->len == 0)
        end_watching (self);
    }

  g_signal_handlers_disconnect_by_func (message, wrote_cb, stream);
  g_signal_handlers_disconnect_by_func (message, stream_finished_cb, stream);   /* frees it */
}

CbApiStreams *
cb_api_streams_new (CbEngine *engine)
{
  CbApiStreams *self = g_new0 (CbApiStreams, 1);

  self->engine = g_object_ref (engine);
  self->streams = g_ptr_array_new ();

  return self;
}

/* Tells them nothing more; their connections are about to be closed. */
void
cb_api_streams_clear (CbApiStreams *self)
{
  if (self->streams->len > 0)
    end_watching (self);
  for (guint i = 0; i < self->streams->len; i++)
    ((Stream *) g_ptr_array_index (self->streams, i))->streams = NULL;
  g_ptr_array_set_size (self->streams, 0);
}

void
cb_api_streams_free (CbApiStreams *self)
{
  if (self == NULL)
    return;

  cb_api_streams_clear (self);
  g_ptr_array_unref (self->streams);
  g_object_unref (self->engine);
  g_free (self);
}

guint
cb_api_streams_get_length (CbApiStreams *self)
{
  return self->streams->len;
}

/**
 * cb_api_streams_add:
 * @request: paused; it is answered by this, and its message is ours from now on
 */
gboolean
cb_api_streams_add (CbApiStreams *self, CbApiRequest *request, const char *id)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  g_autofree char *first = NULL;
  Stream *stream;

  if (self->streams->len >= CB_API_MAX_STREAMS)
    return FALSE;

  stream = g_new0 (Stream, 1);
  stream->streams = self;
  stream->message = request->message;
  stream->id = g_strdup (id);

  request->is_answered = TRUE;
  request->is_paused = FALSE;

  soup_server_message_set_status (stream->message, SOUP_STATUS_OK, NULL);
  soup_message_headers_replace (headers, "Content-Type", "text/event-stream");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (stream->message), FALSE);

  if (self->streams->len == 0)
    begin_watching (self);
  g_ptr_array_add (self->streams, stream);

  g_signal_connect (stream->message, "wrote-body-data", G_CALLBACK (wrote_cb), stream);
  g_signal_connect (stream->message, "disconnected", G_CALLBACK (stream_finished_cb), stream);
  g_signal_connect_data (stream->message, "finished", G_CALLBACK (stream_finished_cb), stream, stream_free, 0);

  /* A client that lost the connection comes again in two seconds. */
  first = describe_live (self->engine);
  append (stream, "retry: 2000\n\n", strlen ("retry: 2000\n\n"));
  append (stream, first, strlen (first));

  return TRUE;
}
