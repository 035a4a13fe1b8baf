/* cb-api-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Each request is looked at twice. When its headers are there it is decided whether it is let in at all (early_cb), before its
 * body has been read; when it is whole, which function answers it (request_cb). In between, the CbApiRequest that belongs to
 * it collects the body as far as that is allowed.
 */

#include "config.h"

#include "cb-api-server.h"

#include <libsoup/soup.h>
#include <string.h>

#include "cb-api-request.h"
#include "cb-api-routes.h"
#include "cb-api-streams.h"

/* Requests that wait for Redis at the same time. */
#define MAX_ACTIVE 256

#define REQUEST_KEY "cb-api-request"
#define ACTIVE_KEY  "cb-api-active"

struct _CbApiServer
{
  GObject parent_instance;

  CbEngine *engine;         /* (owned) */
  char *token;              /* (owned) (nullable) */
  guint max_body;
  gboolean read_only;

  SoupServer *server;       /* (owned) */
  GSocketService *service;  /* (owned) (nullable) until it listens */
  char *uri;                /* (owned) (nullable) */
  CbApiStreams *streams;    /* (owned) */
  guint n_active;
  gboolean is_loopback;     /* only this machine can reach it */
};

G_DEFINE_FINAL_TYPE (CbApiServer, cb_api_server, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_ENGINE,
  PROP_TOKEN,
  PROP_MAX_BODY,
  PROP_READ_ONLY,
  PROP_N_STREAMS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* --- who is let in --- */

/* Takes the same time wherever they differ. */
static gboolean
is_same_secret (const char *a, const char *b)
{
  gsize length_a = strlen (a), length_b = strlen (b);
  guint difference = length_a != length_b;

  for (gsize i = 0; i < length_a; i++)
    difference |= (guint) (guchar) a[i] ^ (guint) (guchar) b[length_b > 0 ? i % length_b : 0];

  return difference == 0;
}

static gboolean
has_token (CbApiServer *self, SoupMessageHeaders *headers)
{
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");

  if (authorization == NULL || g_ascii_strncasecmp (authorization, "Bearer ", strlen ("Bearer ")) != 0)
    return FALSE;

  authorization += strlen ("Bearer ");
  while (*authorization == ' ')
    authorization++;
  return is_same_secret (authorization, self->token);
}

/* "localhost:3000", "127.0.0.1", "[::1]:3000". */
static gboolean
names_this_machine (const char *host)
{
  g_autofree char *uri_text = g_strconcat ("http://", host, "/", NULL);
  g_autoptr (GUri) uri = g_uri_parse (uri_text, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GInetAddress) address = NULL;
  const char *name = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (name == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (name, "localhost") == 0)
    return TRUE;

  address = g_inet_address_new_from_string (name);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

static gboolean
is_writing_method (const char *method)
{
  return strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0 && strcmp (method, "OPTIONS") != 0;
}

/* TRUE for programs, which send none, and for pages that came from here. */
static gboolean
has_good_origin (SoupMessageHeaders *headers)
{
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  const char *host = soup_message_headers_get_one (headers, "Host");
  const char *slashes;

  if (origin == NULL)
    return TRUE;

  slashes = strstr (origin, "://");
  return host != NULL && slashes != NULL && g_ascii_strcasecmp (slashes + 3, host) == 0;
}

/* FALSE when the request was answered. */
static gboolean
let_in (CbApiServer *self, CbApiRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  SoupMessageHeaders *response = soup_server_message_get_response_headers (request->message);
  const char *host = soup_message_headers_get_one (headers, "Host");

  if (self->token != NULL)
    {
      if (!has_token (self, headers))
        {
          soup_message_headers_replace (response, "WWW-Authenticate", "Bearer");
          cb_api_request_reply_error (request, SOUP_STATUS_UNAUTHORIZED,
                                      "This service needs a token: send Authorization: Bearer TOKEN");
          return FALSE;
        }
    }
  else if (self->is_loopback && host != NULL && !names_this_machine (host))
    {
      cb_api_request_reply_error (request, SOUP_STATUS_FORBIDDEN,
                                  "This service is for this machine only: ask for it as localhost or 127.0.0.1");
      return FALSE;
    }

  if (is_writing_method (soup_server_message_get_method (request->message)) && !has_good_origin (headers))
    {
      cb_api_request_reply_error (request, SOUP_STATUS_FORBIDDEN, "Pages from elsewhere may not change anything here");
      return FALSE;
    }

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) > (goffset) self->max_body)
    {
      soup_message_headers_replace (response, "Connection", "close");
      cb_api_request_reply_page (request, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "Payload Too Large");
      return FALSE;
    }

  if (self->n_active >= MAX_ACTIVE)
    {
      soup_message_headers_replace (response, "Retry-After", "1");
      cb_api_request_reply_error (request, SOUP_STATUS_SERVICE_UNAVAILABLE, "Too many requests wait already");
      return FALSE;
    }

  return TRUE;
}

/* Answered, or its client has gone. Message and request own each other until then. */
static void
request_finished_cb (SoupServerMessage *message, gpointer user_data)
{
  g_object_set_data (G_OBJECT (message), ACTIVE_KEY, NULL);
  g_object_set_data (G_OBJECT (message), REQUEST_KEY, NULL);
}

static void
early_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  CbApiServer *self = user_data;
  g_autoptr (CbApiRequest) request = cb_api_request_new (self->engine, message, self->max_body);

  if (!let_in (self, request))
    return;

  g_object_set_data_full (G_OBJECT (message), REQUEST_KEY, cb_api_request_ref (request),
                          (GDestroyNotify) cb_api_request_unref);
  g_signal_connect (message, "finished", G_CALLBACK (request_finished_cb), NULL);
  g_signal_connect (message, "disconnected", G_CALLBACK (request_finished_cb), NULL);
}

/* --- who answers --- */

/* As req.accepts ('json') of Express: no header takes everything. */
static gboolean
accepts_json (SoupMessageHeaders *headers)
{
  const char *accept = soup_message_headers_get_list (headers, "Accept");
  GSList *refused = NULL;
  GSList *accepted;
  gboolean found = FALSE;

  if (accept == NULL || accept[0] == '\0')
    return TRUE;

  accepted = soup_header_parse_quality_list (accept, &refused);
  for (GSList *item = accepted; item != NULL; item = item->next)
    {
      g_auto (GStrv) parts = g_strsplit (item->data, ";", 2);
      const char *type = g_strstrip (parts[0]);

      found = found || strcmp (type, "*/*") == 0 || g_ascii_strcasecmp (type, "application/*") == 0 ||
              g_ascii_strcasecmp (type, "application/json") == 0;
    }
  for (GSList *item = refused; item != NULL; item = item->next)
    if (g_ascii_strcasecmp (item->data, "application/json") == 0)
      found = FALSE;

  soup_header_free_list (accepted);
  soup_header_free_list (refused);
  return found;
}

static void
not_found (CbApiRequest *request, const char *method, const char *path, const char *allowed)
{
  g_autofree char *text = NULL;

  /* The one request of Kue that writes although it says that it reads. */
  if (allowed != NULL && strcmp (allowed, "PUT") == 0 && strcmp (method, "GET") == 0)
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (request->message), "Allow", allowed);
      cb_api_request_reply_error (request, SOUP_STATUS_METHOD_NOT_ALLOWED, "GET changes nothing here: use PUT %s", path);
      return;
    }

  text = g_strdup_printf ("Cannot %s %s", method, path);
  cb_api_request_reply_page (request, SOUP_STATUS_NOT_FOUND, text);
}

/* As Express does by itself for every path that it knows. */
static void
tell_options (CbApiRequest *request, char *allowed)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (request->message), "Allow", allowed);
  cb_api_request_reply_text (request, SOUP_STATUS_OK, "text/html; charset=utf-8", allowed, strlen (allowed));
}

static void
active_ended (gpointer data)
{
  CbApiServer *self = data;

  self->n_active--;
  g_object_unref (self);
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  CbApiServer *self = user_data;
  CbApiRequest *request = g_object_get_data (G_OBJECT (message), REQUEST_KEY);
  const char *raw_path = g_uri_get_path (soup_server_message_get_uri (message));
  const char *method = soup_server_message_get_method (message);
  gboolean is_options = strcmp (method, "OPTIONS") == 0;
  g_autofree char *allowed = NULL;
  gboolean malformed;
  const CbRoute *route;

  g_return_if_fail (request != NULL);

  if (request->is_too_large)
    {
      cb_api_request_reply_page (request, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "Payload Too Large");
      return;
    }

  route = cb_routes_find (strcmp (method, "HEAD") == 0 ? "GET" : method, raw_path,
                          is_options || accepts_json (soup_server_message_get_request_headers (message)),
                          request->params, &allowed, &malformed);
  if (malformed)
    {
      cb_api_request_reply_page (request, SOUP_STATUS_BAD_REQUEST, "Bad Request: a name in the path can't be decoded");
      return;
    }
  if (is_options && allowed != NULL)
    {
      tell_options (request, g_steal_pointer (&allowed));
      return;
    }
  if (route == NULL)
    {
      not_found (request, method, raw_path, allowed);
      return;
    }
  if (self->read_only && (route->flags & CB_ROUTE_WRITES) != 0)
    {
      cb_api_request_reply_error (request, SOUP_STATUS_FORBIDDEN, "This service was started to read only");
      return;
    }

  request->query = query != NULL ? g_hash_table_ref (query) : NULL;
  request->streams = self->streams;
  cb_api_request_pause (request);

  self->n_active++;
  g_object_set_data_full (G_OBJECT (message), ACTIVE_KEY, g_object_ref (self), active_ended);
  route->func (request);
}

/* Connections are accepted here and given to the library: where it accepts them itself, it leaks the file of each one that a
 * client keeps open and then closes (libsoup before 3.3). */
static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source_object, CbApiServer *self)
{
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GError) error = NULL;

  if (remote != NULL)
    cb_api_connection_remember (remote, g_socket_connection_get_socket (connection));

  /* A client that has gone already has no address. */
  if (local != NULL && remote != NULL &&
      !soup_server_accept_iostream (self->server, G_IO_STREAM (connection), local, remote, &error))
    g_debug ("A connection was not accepted: %s", error->message);

  return TRUE;
}

/* --- the object --- */

static void
cb_api_server_constructed (GObject *object)
{
  CbApiServer *self = CB_API_SERVER (object);

  G_OBJECT_CLASS (cb_api_server_parent_class)->constructed (object);

  self->streams = cb_api_streams_new (self->engine);
  self->server = g_object_new (SOUP_TYPE_SERVER,
                               "raw-paths", TRUE,
                               "server-header", "callboard/" PACKAGE_VERSION,
                               NULL);
  soup_server_add_early_handler (self->server, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->server, NULL, request_cb, self, NULL);
}

static void
cb_api_server_dispose (GObject *object)
{
  CbApiServer *self = CB_API_SERVER (object);

  cb_api_server_stop (self);

  G_OBJECT_CLASS (cb_api_server_parent_class)->dispose (object);
}

static void
cb_api_server_finalize (GObject *object)
{
  CbApiServer *self = CB_API_SERVER (object);

  g_clear_pointer (&self->streams, cb_api_streams_free);
  g_clear_object (&self->engine);
  g_free (self->token);
  g_free (self->uri);

  G_OBJECT_CLASS (cb_api_server_parent_class)->finalize (object);
}

static void
cb_api_server_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbApiServer *self = CB_API_SERVER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      g_value_set_object (value, self->engine);
      break;
    case PROP_TOKEN:
      g_value_set_string (value, self->token);
      break;
    case PROP_MAX_BODY:
      g_value_set_uint (value, self->max_body);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, self->read_only);
      break;
    case PROP_N_STREAMS:
      g_value_set_uint (value, cb_api_streams_get_length (self->streams));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_api_server_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbApiServer *self = CB_API_SERVER (object);

  switch (prop_id)
    {
    case PROP_ENGINE:
      self->engine = g_value_dup_object (value);
      break;
    case PROP_TOKEN:
      g_free (self->token);
      self->token = g_value_dup_string (value);
      break;
    case PROP_MAX_BODY:
      self->max_body = g_value_get_uint (value);
      break;
    case PROP_READ_ONLY:
      self->read_only = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_api_server_class_init (CbApiServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->constructed = cb_api_server_constructed;
  object_class->dispose = cb_api_server_dispose;
  object_class->finalize = cb_api_server_finalize;
  object_class->get_property = cb_api_server_get_property;
  object_class->set_property = cb_api_server_set_property;

  properties[PROP_ENGINE] = g_param_spec_object ("engine", NULL, NULL, CB_TYPE_ENGINE, flags | G_PARAM_CONSTRUCT_ONLY);
  properties[PROP_TOKEN] = g_param_spec_string ("token", NULL, NULL, NULL, flags);
  properties[PROP_MAX_BODY] = g_param_spec_uint ("max-body", NULL, NULL, 0, G_MAXINT, CB_API_DEFAULT_MAX_BODY, flags);
  properties[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags);
  properties[PROP_N_STREAMS] = g_param_spec_uint ("n-streams", NULL, NULL, 0, G_MAXUINT, 0,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_api_server_init (CbApiServer *self)
{
  self->max_body = CB_API_DEFAULT_MAX_BODY;
}

/**
 * cb_api_server_new:
 * @engine: whose jobs it serves
 *
 * Returns: (transfer full): a server that does not listen yet
 */
CbApiServer *
cb_api_server_new (CbEngine *engine)
{
  return g_object_new (CB_TYPE_API_SERVER, "engine", engine, NULL);
}

/**
 * cb_api_server_listen:
 * @host: an IP address, or `localhost`; not resolved
 * @port: 0 for any that is free
 *
 * Begins to serve, on the main context of this thread.
 *
 * Errors: %G_IO_ERROR, a sentence with the address.
 */
gboolean
cb_api_server_listen (CbApiServer *self, const char *host, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GSocketAddress) socket_address = NULL;
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GSocketService) service = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean is_v6;

  g_return_val_if_fail (CB_IS_API_SERVER (self), FALSE);
  g_return_val_if_fail (self->server != NULL && self->service == NULL, FALSE);

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  else
    address = g_inet_address_new_from_string (host);
  if (address == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is no IP address to listen on", host);
      return FALSE;
    }

  socket_address = g_inet_socket_address_new (address, port);
  self->is_loopback = g_inet_address_get_is_loopback (address);
  service = g_socket_service_new ();
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), socket_address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &effective, &reason))
    {
      g_set_error (error, reason->domain, reason->code, "Can't listen on %s, port %u: %s", host, port, reason->message);
      return FALSE;
    }

  text = g_inet_address_to_string (address);
  g_free (self->uri);
  is_v6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;
  self->uri = g_strdup_printf ("http://%s%s%s:%u/", is_v6 ? "[" : "", text, is_v6 ? "]" : "",
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (effective)));
  self->service = g_steal_pointer (&service);
  g_signal_connect_object (self->service, "incoming", G_CALLBACK (incoming_cb), self, 0);
  g_socket_service_start (self->service);

  return TRUE;
}

char *
cb_api_server_dup_uri (CbApiServer *self)
{
  g_return_val_if_fail (CB_IS_API_SERVER (self), NULL);

  return g_strdup (self->uri);
}

gboolean
cb_api_server_is_open (CbApiServer *self)
{
  g_return_val_if_fail (CB_IS_API_SERVER (self), FALSE);

  return !self->is_loopback;
}

void
cb_api_server_stop (CbApiServer *self)
{
  g_return_if_fail (CB_IS_API_SERVER (self));

  if (self->server == NULL)
    return;

  if (self->service != NULL)
    {
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
      g_clear_object (&self->service);
    }
  cb_api_streams_clear (self->streams);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
}
