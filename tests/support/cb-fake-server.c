/* cb-fake-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-fake-server.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cb-hiredis-compat.h"
#include "cb-test-port.h"

/* Nothing here blocks: what the kernel does not take at once waits in @output. The sockets are watched at the
 * default priority, before the code under test. */

struct _CbFakeServer
{
  GSocket *listener;       /* (owned) (nullable) */
  GSource *accepting;      /* (owned) (nullable) */
  CbAddress *address;      /* (owned) */
  char *directory;         /* (owned) (nullable) of the Unix socket */
  char *relay_path;        /* (owned) (nullable) */
  GPtrArray *clients;      /* (owned) (element-type CbFakeClient) */
  char *greeting;          /* (owned) (nullable) */
  CbFakeHandler handler;
  gpointer user_data;
  guint pieces;
  guint n_accepted;
  guint n_commands;
  guint n_replies;
  guint spoil_number;
  gint64 clock_seconds;
  CbSpoil spoil_how;
  gboolean spoiled;
  gboolean greeting_closes;
};

struct _CbFakeClient
{
  CbFakeServer *server;  /* (unowned) */
  GSocket *socket;       /* (owned) */
  GSource *reading;      /* (owned) (nullable) */
  GSource *writing;      /* (owned) (nullable) */
  redisReader *reader;   /* (owned) */
  GByteArray *output;    /* (owned) */
  GSocket *relay;        /* (owned) (nullable) */
  GSource *relaying;     /* (owned) (nullable) */
  redisReader *relay_reader; /* (owned) (nullable) finds where replies end */
  GByteArray *relayed;   /* (owned) (nullable) bytes of the reply that is under way */
  GQueue asked_time;     /* of a relay: for each command without its reply yet, whether it is TIME */
  int ref_count;
  gboolean closing;
  gboolean reset;
  gboolean silent;
};

static void flush (CbFakeClient *self);

static void
drop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
watch (GSocket      *socket,
       GIOCondition  condition,
       GSourceFunc   func,
       gpointer      data)
{
  GSource *source = g_socket_create_source (socket, condition, NULL);

  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

/* Clients */

static void
client_unref (CbFakeClient *self)
{
  if (--self->ref_count > 0)
    return;
  g_assert (self->reading == NULL);
  redisReaderFree (self->reader);
  g_clear_pointer (&self->relay_reader, redisReaderFree);
  g_clear_pointer (&self->relayed, g_byte_array_unref);
  g_queue_clear (&self->asked_time);
  g_byte_array_unref (self->output);
  g_object_unref (self->socket);
  g_clear_object (&self->relay);
  g_free (self);
}

static void
client_end (CbFakeClient *self)
{
  if (self->reading == NULL)
    return;

  drop_source (&self->reading);
  drop_source (&self->writing);
  drop_source (&self->relaying);
  if (self->reset)
    {
      struct linger linger = { .l_onoff = 1, .l_linger = 0 };

      setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
  g_socket_close (self->socket, NULL);
  if (self->relay != NULL)
    g_socket_close (self->relay, NULL);
  if (self->server != NULL)
    g_ptr_array_remove (self->server->clients, self);
}

static gboolean
writable_cb (GSocket      *socket,
             GIOCondition  condition,
             gpointer      data)
{
  CbFakeClient *self = data;

  drop_source (&self->writing);
  flush (self);
  return G_SOURCE_REMOVE;
}

static void
flush (CbFakeClient *self)
{
  while (self->reading != NULL && self->output->len > 0)
    {
      g_autoptr (GError) error = NULL;
      gsize length = self->output->len;
      gssize n;

      if (self->server->pieces != 0)
        length = MIN (length, self->server->pieces);
      n = g_socket_send_with_blocking (self->socket, (const char *) self->output->data, length, FALSE, NULL, &error);
      if (n >= 0)
        {
          g_byte_array_remove_range (self->output, 0, n);
          /* The other side reads a piece before the next one comes. */
          if (self->server->pieces == 0 || self->output->len == 0)
            continue;
        }
      else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          client_end (self);
          return;
        }
      if (self->writing == NULL)
        {
          self->writing = watch (self->socket, G_IO_OUT, G_SOURCE_FUNC (writable_cb), self);
          g_source_set_priority (self->writing, G_PRIORITY_LOW);
        }
      return;
    }
  if (self->closing)
    client_end (self);
}

void
cb_fake_client_send (CbFakeClient *self,
                     const char   *resp,
                     gssize        length)
{
  if (self->reading == NULL || self->silent)
    return;
  g_byte_array_append (self->output, (const guint8 *) resp, length < 0 ? strlen (resp) : (gsize) length);
  if (self->writing == NULL)
    flush (self);
}

typedef struct
{
  CbFakeClient *client;
  char *resp;
} Later;

static gboolean
later_cb (gpointer data)
{
  Later *later = data;

  cb_fake_client_send (later->client, later->resp, -1);
  return G_SOURCE_REMOVE;
}

static void
later_free (gpointer data)
{
  Later *later = data;

  client_unref (later->client);
  g_free (later->resp);
  g_free (later);
}

void
cb_fake_client_send_later (CbFakeClient *self,
                           const char   *resp,
                           guint         msec)
{
  Later *later = g_new0 (Later, 1);
  GSource *source = g_timeout_source_new (msec);

  later->client = self;
  self->ref_count++;
  later->resp = g_strdup (resp);
  g_source_set_callback (source, later_cb, later, later_free);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

void
cb_fake_client_close (CbFakeClient *self,
                      gboolean      reset)
{
  self->closing = TRUE;
  self->reset = reset;
  if (self->output->len == 0)
    client_end (self);
}

/* Answering */

static void
answer_as_redis (CbFakeClient  *self,
                 const CbValue *command)
{
  const char *name = cb_value_get_string (cb_value_get_element (command, 0), NULL);

  if (g_ascii_strcasecmp (name, "PING") == 0)
    {
      cb_fake_client_send (self, "+PONG\r\n", -1);
    }
  else if (g_ascii_strcasecmp (name, "TIME") == 0)
    {
      gint64 now = g_get_real_time ();
      g_autofree char *seconds = g_strdup_printf ("%" G_GINT64_FORMAT, now / G_USEC_PER_SEC);
      g_autofree char *micros = g_strdup_printf ("%" G_GINT64_FORMAT, now % G_USEC_PER_SEC);
      g_autofree char *resp = g_strdup_printf ("*2\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen (seconds), seconds,
                                               strlen (micros), micros);

      cb_fake_client_send (self, resp, -1);
    }
  else if (g_ascii_strcasecmp (name, "INFO") == 0)
    {
      cb_fake_client_send (self, "$42\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n", -1);
    }
  else if (g_ascii_strcasecmp (name, "ROLE") == 0)
    {
      cb_fake_client_send (self, "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n", -1);
    }
  else if (g_ascii_strcasecmp (name, "ECHO") == 0)
    {
      g_autofree char *resp = g_strdup_printf ("+%s\r\n", cb_value_get_string (cb_value_get_element (command, 1), NULL));

      cb_fake_client_send (self, resp, -1);
    }
  else
    {
      cb_fake_client_send (self, "+OK\r\n", -1);
    }
}

static void
take_command (CbFakeClient  *self,
              const CbValue *command)
{
  CbFakeServer *server = self->server;

  server->n_commands++;
  g_assert_cmpuint (cb_value_get_length (command), >, 0);
  if (server->handler == NULL || !server->handler (server, self, command, server->user_data))
    answer_as_redis (self, command);
}

/* Relaying */

static void
send_relayed (CbFakeClient *self,
              const guint8 *data,
              gsize         length)
{
  CbFakeServer *server = self->server;

  server->n_replies++;
  if (server->spoil_number == 0 || server->n_replies != server->spoil_number || server->spoiled)
    {
      cb_fake_client_send (self, (const char *) data, length);
      return;
    }

  server->spoiled = TRUE;
  switch (server->spoil_how)
    {
    case CB_SPOIL_RESET:
      cb_fake_client_close (self, TRUE);
      break;
    case CB_SPOIL_CLOSE:
      cb_fake_client_close (self, FALSE);
      break;
    case CB_SPOIL_HALF:
      cb_fake_client_send (self, (const char *) data, length / 2);
      cb_fake_client_close (self, FALSE);
      break;
    case CB_SPOIL_GARBAGE:
      cb_fake_client_send (self, "HTTP/1.1 400 Bad Request\r\n\r\n", -1);
      break;
    case CB_SPOIL_ERROR:
      cb_fake_client_send (self, "-ERR spoiled\r\n", -1);
      break;
    case CB_SPOIL_SILENCE:
      self->silent = TRUE;
      break;
    case CB_N_SPOILS:
    default:
      g_assert_not_reached ();
    }
}

/* The reply of TIME, by another clock. */
static void
send_other_time (CbFakeClient *self,
                 const guint8 *data,
                 gsize         length)
{
  g_autoptr (CbReply) reply = cb_reply_new_from_resp ((const char *) data, length, NULL);
  const CbValue *value = cb_reply_get_value (reply);
  g_autofree char *seconds = NULL;
  g_autofree char *resp = NULL;
  const char *micros = cb_value_get_string (cb_value_get_element (value, 1), NULL);
  gint64 time;

  g_assert_nonnull (micros);
  g_assert_true (cb_value_get_integer (cb_value_get_element (value, 0), &time));
  seconds = g_strdup_printf ("%" G_GINT64_FORMAT, time + self->server->clock_seconds);
  resp = g_strdup_printf ("*2\r\n$%zu\r\n%s\r\n$%zu\r\n%s\r\n", strlen (seconds), seconds, strlen (micros), micros);
  send_relayed (self, (const guint8 *) resp, strlen (resp));
}

static gboolean
relayed_cb (GSocket      *socket,
            GIOCondition  condition,
            gpointer      data)
{
  CbFakeClient *self = data;
  char buffer[16 * 1024];
  gssize n = g_socket_receive_with_blocking (socket, buffer, sizeof buffer, FALSE, NULL, NULL);

  self->ref_count++;
  if (n <= 0)
    {
      drop_source (&self->relaying);
      cb_fake_client_close (self, FALSE);
    }
  /* Byte by byte, which finds the end of each reply simply. */
  for (gssize i = 0; i < n && self->reading != NULL; i++)
    {
      void *reply = NULL;

      g_byte_array_append (self->relayed, (const guint8 *) buffer + i, 1);
      redisReaderFeed (self->relay_reader, buffer + i, 1);
      g_assert_cmpint (redisReaderGetReply (self->relay_reader, &reply), ==, REDIS_OK);
      if (reply != NULL)
        {
          freeReplyObject (reply);
          if (GPOINTER_TO_INT (g_queue_pop_head (&self->asked_time)))
            send_other_time (self, self->relayed->data, self->relayed->len);
          else
            send_relayed (self, self->relayed->data, self->relayed->len);
          g_byte_array_set_size (self->relayed, 0);
        }
    }
  client_unref (self);
  return G_SOURCE_CONTINUE;
}

static void
start_relaying (CbFakeClient *self)
{
  g_autoptr (GSocketAddress) to = g_unix_socket_address_new (self->server->relay_path);

  self->relay = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  if (!g_socket_connect (self->relay, to, NULL, NULL))
    {
      cb_fake_client_close (self, FALSE);
      return;
    }
  self->relay_reader = redisReaderCreate ();
  self->relayed = g_byte_array_new ();
  self->relaying = watch (self->relay, G_IO_IN, G_SOURCE_FUNC (relayed_cb), self);
}

/* Serving */

/* What goes to the real server is read along only where a reply is to be changed. */
static void
note_commands (CbFakeClient *self,
               const char   *data,
               gsize         length)
{
  if (self->server->clock_seconds == 0)
    return;

  redisReaderFeed (self->reader, data, length);
  while (TRUE)
    {
      g_autoptr (CbReply) command = NULL;
      const char *name;
      void *reply = NULL;

      g_assert_cmpint (redisReaderGetReply (self->reader, &reply), ==, REDIS_OK);
      if (reply == NULL)
        break;
      command = cb_reply_new_take (reply);
      name = cb_value_get_string (cb_value_get_element (cb_reply_get_value (command), 0), NULL);
      g_queue_push_tail (&self->asked_time, GINT_TO_POINTER (g_ascii_strcasecmp (name, "TIME") == 0));
    }
}

static gboolean
readable_cb (GSocket      *socket,
             GIOCondition  condition,
             gpointer      data)
{
  CbFakeClient *self = data;
  char buffer[16 * 1024];
  gssize n = g_socket_receive_with_blocking (socket, buffer, sizeof buffer, FALSE, NULL, NULL);

  if (n <= 0)
    {
      client_end (self);
      return G_SOURCE_REMOVE;
    }

  self->ref_count++;
  if (self->relay != NULL)
    {
      self->server->n_commands++;
      note_commands (self, buffer, n);
      g_socket_send_with_blocking (self->relay, buffer, n, TRUE, NULL, NULL);
    }
  else
    {
      redisReaderFeed (self->reader, buffer, n);
      while (self->reading != NULL && !self->closing)
        {
          g_autoptr (CbReply) command = NULL;
          void *reply = NULL;

          g_assert_cmpint (redisReaderGetReply (self->reader, &reply), ==, REDIS_OK);
          if (reply == NULL)
            break;
          command = cb_reply_new_take (reply);
          take_command (self, cb_reply_get_value (command));
        }
    }
  client_unref (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
accepting_cb (GSocket      *listener,
              GIOCondition  condition,
              gpointer      data)
{
  CbFakeServer *server = data;
  CbFakeClient *self;
  GSocket *socket;

  g_socket_set_blocking (listener, FALSE);
  socket = g_socket_accept (listener, NULL, NULL);
  if (socket == NULL)
    return G_SOURCE_CONTINUE;

  self = g_new0 (CbFakeClient, 1);
  self->ref_count = 1;
  self->server = server;
  self->socket = socket;
  self->reader = redisReaderCreate ();
  self->output = g_byte_array_new ();
  self->reading = watch (socket, G_IO_IN, G_SOURCE_FUNC (readable_cb), self);
  g_ptr_array_add (server->clients, self);
  server->n_accepted++;

  if (server->greeting != NULL)
    {
      cb_fake_client_send (self, server->greeting, -1);
      if (server->greeting_closes)
        cb_fake_client_close (self, FALSE);
    }
  else if (server->relay_path != NULL)
    {
      start_relaying (self);
    }
  return G_SOURCE_CONTINUE;
}

void
cb_fake_server_set_clock (CbFakeServer *self,
                          gint64        seconds)
{
  self->clock_seconds = seconds;
}

void
cb_fake_server_set_listening (CbFakeServer *self,
                              gboolean      listening)
{
  g_autoptr (GSocketAddress) at = NULL;
  g_autoptr (GError) error = NULL;

  if (listening == (self->listener != NULL))
    return;

  if (!listening)
    {
      drop_source (&self->accepting);
      g_socket_close (self->listener, NULL);
      g_clear_object (&self->listener);
      return;
    }

  if (self->directory != NULL)
    {
      g_autofree char *path = g_build_filename (self->directory, "s", NULL);

      g_unlink (path);
      at = g_unix_socket_address_new (path);
      if (self->address == NULL)
        self->address = cb_address_new_unix (path);
    }
  else
    {
      g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

      /* Also while nothing listens there it is nobody else's. */
      if (self->address == NULL)
        self->address = cb_address_new_tcp ("127.0.0.1", cb_test_port_take ());
      at = g_inet_socket_address_new (loopback, cb_address_get_port (self->address));
    }

  self->listener = g_socket_new (g_socket_address_get_family (at), G_SOCKET_TYPE_STREAM, 0, &error);
  g_assert_no_error (error);
  g_socket_bind (self->listener, at, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  self->accepting = watch (self->listener, G_IO_IN, G_SOURCE_FUNC (accepting_cb), self);
}

static CbFakeServer *
server_new (gboolean over_unix)
{
  CbFakeServer *self = g_new0 (CbFakeServer, 1);

  self->clients = g_ptr_array_new_with_free_func ((GDestroyNotify) client_unref);
  if (over_unix)
    self->directory = g_dir_make_tmp ("cb-fake-XXXXXX", NULL);
  cb_fake_server_set_listening (self, TRUE);
  return self;
}

CbFakeServer *
cb_fake_server_new (void)
{
  return server_new (FALSE);
}

CbFakeServer *
cb_fake_server_new_unix (void)
{
  return server_new (TRUE);
}

CbFakeServer *
cb_fake_server_new_relay (const char *socket_path)
{
  CbFakeServer *self = server_new (FALSE);

  self->relay_path = g_strdup (socket_path);
  return self;
}

void
cb_fake_server_drop_clients (CbFakeServer *self,
                             gboolean      reset)
{
  while (self->clients->len > 0)
    {
      CbFakeClient *client = g_ptr_array_index (self->clients, 0);

      client->reset = reset;
      client_end (client);
    }
}

void
cb_fake_server_free (CbFakeServer *self)
{
  if (self == NULL)
    return;

  cb_fake_server_set_listening (self, FALSE);
  cb_fake_server_drop_clients (self, FALSE);
  g_ptr_array_unref (self->clients);
  if (self->directory != NULL)
    {
      g_unlink (cb_address_get_path (self->address));
      g_rmdir (self->directory);
    }
  else
    {
      cb_test_port_release (cb_address_get_port (self->address));
    }
  g_free (self->directory);
  g_free (self->relay_path);
  g_free (self->greeting);
  cb_address_unref (self->address);
  g_free (self);
}

CbAddress *
cb_fake_server_get_address (CbFakeServer *self)
{
  return self->address;
}

guint
cb_fake_server_get_n_clients (CbFakeServer *self)
{
  return self->clients->len;
}

guint
cb_fake_server_get_n_accepted (CbFakeServer *self)
{
  return self->n_accepted;
}

guint
cb_fake_server_get_n_commands (CbFakeServer *self)
{
  return self->n_commands;
}

void
cb_fake_server_set_handler (CbFakeServer  *self,
                            CbFakeHandler  handler,
                            gpointer       user_data)
{
  self->handler = handler;
  self->user_data = user_data;
}

void
cb_fake_server_set_greeting (CbFakeServer *self,
                             const char   *resp,
                             gboolean      then_close)
{
  g_free (self->greeting);
  self->greeting = g_strdup (resp);
  self->greeting_closes = then_close;
}

void
cb_fake_server_set_pieces (CbFakeServer *self,
                           guint         n_bytes)
{
  self->pieces = n_bytes;
}

void
cb_fake_server_spoil (CbFakeServer *self,
                      guint         number,
                      CbSpoil       how)
{
  self->n_replies = 0;
  self->spoil_number = number;
  self->spoil_how = how;
  self->spoiled = FALSE;
}

gboolean
cb_fake_server_was_spoiled (CbFakeServer *self)
{
  return self->spoiled;
}
