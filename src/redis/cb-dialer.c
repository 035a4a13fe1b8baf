/* cb-dialer.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-dialer.h"

#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cb-redis-error.h"
#include "cb-sentinel.h"
#include "cb-source.h"
#include "cb-tls.h"

/* A TCP link that died without a word is noticed by the kernel, too, so that a command that blocks on purpose and
 * has no time-out does not wait for ever: 15 s of silence, then four probes 5 s apart. */
#define KEEPALIVE_IDLE_SEC 15
#define KEEPALIVE_INTERVAL_SEC 5
#define KEEPALIVE_COUNT 4
#define USER_TIMEOUT_MSEC 30000

/*
 * hiredis resolves names synchronously and would freeze the window, so it is never given one. GSocketClient asks
 * GResolver and tries the addresses one after the other, the next when one does not answer at once.
 */
typedef struct
{
  CbAddress *address;        /* (owned) */
  GSocketClient *client;     /* (owned) */
  GCancellable *cancellable; /* (owned) the caller's cancelling and the time-out both end here */
  GCancellable *outer;       /* (owned) (nullable) */
  gulong outer_id;
  GSource *timer;            /* (owned) */
  guint timeout_msec;
  gboolean timed_out;
  gboolean is_encrypting;
  CbDialConnecting connecting;
  gpointer user_data;
} Dial;

static void
dial_free (gpointer data)
{
  Dial *dial = data;

  g_cancellable_disconnect (dial->outer, dial->outer_id);
  g_clear_object (&dial->outer);
  g_source_destroy (dial->timer);
  g_source_unref (dial->timer);
  g_signal_handlers_disconnect_by_data (dial->client, dial);
  g_object_unref (dial->client);
  g_object_unref (dial->cancellable);
  cb_address_unref (dial->address);
  g_free (dial);
}

static void
timed_out_cb (CbSourceEvents events,
              gpointer       user_data)
{
  Dial *dial = user_data;

  dial->timed_out = TRUE;
  g_cancellable_cancel (dial->cancellable);
}

static void
outer_cancelled_cb (GCancellable *outer,
                    GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

static void
client_event_cb (GSocketClient      *client,
                 GSocketClientEvent  event,
                 GSocketConnectable *connectable,
                 GIOStream          *io,
                 Dial               *dial)
{
  if (event == G_SOCKET_CLIENT_CONNECTING && dial->connecting != NULL && !g_cancellable_is_cancelled (dial->cancellable))
    {
      CbDialConnecting connecting = dial->connecting;

      dial->connecting = NULL;
      connecting (dial->user_data);
    }
}

static GError *
explain (Dial         *dial,
         const GError *cause)
{
  const char *label = cb_address_get_label (dial->address);
  const char *path = cb_address_get_path (dial->address);

  if (cause->domain == CB_REDIS_ERROR)
    return g_error_copy (cause);

  if (dial->timed_out && dial->is_encrypting)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "%s takes the connection, but does not begin to encrypt it within %.3g seconds. Does it speak TLS at that port, or "
                        "is redis:// meant?", label, dial->timeout_msec / 1000.0);

  if (dial->timed_out)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "%s does not answer within %.3g seconds. Is the address right, and does a firewall let it through?",
                        label, dial->timeout_msec / 1000.0);

  if (cause->domain == G_RESOLVER_ERROR)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_RESOLVE, "The name “%s” can't be resolved: %s",
                        cb_address_get_host (dial->address), cause->message);

  if (path != NULL && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "There is no socket %s. Is the Redis server running?",
                        label);

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "Nothing listens at %s (connection refused). Is the Redis server running there?", label);

  if (path != NULL && g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "You may not use the socket %s (permission denied). Its mode is set by unixsocketperm of the "
                        "Redis server.", label);

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "Can't connect to %s: %s", label, cause->message);
}

static void
prepare_socket (GSocketConnection *io)
{
  GSocket *socket = g_socket_connection_get_socket (io);
  GSocketFamily family = g_socket_get_family (socket);

  g_socket_set_blocking (socket, FALSE);
  if (family != G_SOCKET_FAMILY_IPV4 && family != G_SOCKET_FAMILY_IPV6)
    return;

  /* None of these is worth failing for. */
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_SEC, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SEC, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MSEC, NULL);
}

/* @io and @error: (transfer full): one of them is not %NULL */
static void
end_dial (GTask             *task,
          GSocketConnection *io,
          GError            *error)
{
  Dial *dial = g_task_get_task_data (task);

  cb_source_set_deadline (dial->timer, -1);
  if (io != NULL)
    {
      g_task_return_pointer (task, io, g_object_unref);
      return;
    }

  if (dial->timed_out || !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      GError *cause = error;

      error = explain (dial, cause);
      g_error_free (cause);
    }
  g_task_return_error (task, error);
}

static void
encrypted_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GSocketConnection *io = cb_tls_start_finish (result, &error);

  end_dial (task, io, error);
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GSocketConnection) io = NULL;
  GError *error = NULL;
  Dial *dial = g_task_get_task_data (task);

  io = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (io != NULL)
    prepare_socket (io);

  if (io != NULL && cb_address_get_tls (dial->address) != NULL)
    {
      dial->is_encrypting = TRUE;
      cb_tls_start_async (io, dial->address, dial->cancellable, encrypted_cb, g_steal_pointer (&task));
    }
  else
    {
      end_dial (task, g_steal_pointer (&io), error);
    }
}

/* --- by way of a Sentinel --- */

typedef struct
{
  CbAddress *address;  /* (owned) */
  CbAddress *primary;  /* (owned) (nullable) once it is known */
  gint64 deadline;     /* µs monotonic */
  CbDialConnecting connecting;
  gpointer user_data;
} Detour;

static void
detour_free (gpointer data)
{
  Detour *detour = data;

  cb_address_unref (detour->address);
  g_clear_pointer (&detour->primary, cb_address_unref);
  g_free (detour);
}

static void
primary_connecting_cb (gpointer user_data)
{
  Detour *detour = g_task_get_task_data (user_data);

  if (detour->connecting != NULL)
    detour->connecting (detour->user_data);
}

static void
primary_dialled_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Detour *detour = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GSocketConnection *io = cb_dial_finish (result, &error);

  if (io != NULL)
    g_task_return_pointer (task, io, g_object_unref);
  else if (error->domain != CB_REDIS_ERROR)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, CB_REDIS_ERROR, error->code, "The primary of “%s” (%s) does not answer: %s",
                             cb_address_get_sentinel (detour->address), cb_address_get_label (detour->primary), error->message);
}

static void
primary_found_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Detour *detour = g_task_get_task_data (task);
  GError *error = NULL;
  gint64 left;

  detour->primary = cb_sentinel_find_finish (result, &error);
  if (detour->primary == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  left = MAX ((detour->deadline - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND, 1);
  cb_dial_async (detour->primary, (guint) left, g_task_get_cancellable (task), primary_connecting_cb, primary_dialled_cb,
                 g_object_ref (task));
}

static void
dial_primary (CbAddress        *address,
              guint             timeout_msec,
              CbDialConnecting  connecting,
              gpointer          user_data,
              GTask            *task) /* transfer full */
{
  Detour *detour = g_new0 (Detour, 1);

  detour->address = cb_address_ref (address);
  detour->deadline = g_get_monotonic_time () + timeout_msec * G_TIME_SPAN_MILLISECOND;
  detour->connecting = connecting;
  detour->user_data = user_data;
  g_task_set_task_data (task, detour, detour_free);
  cb_sentinel_find_async (address, timeout_msec, g_task_get_cancellable (task), primary_found_cb, task);
}

/**
 * cb_dial_async:
 * @address: where to
 * @timeout_msec: how long resolving and connecting may take together
 * @cancellable: (nullable): ends it; the result is then always %G_IO_ERROR_CANCELLED
 * @connecting: (nullable): told when the name is resolved
 * @callback: called when done
 * @user_data: data for @connecting and @callback
 *
 * Connects a socket; where the address says so, one behind which everything is encrypted. By way of a Sentinel (cb_address_get_sentinel()) it leads to the primary, wherever that is now.
 *
 * Errors: %CB_REDIS_ERROR_RESOLVE, %CB_REDIS_ERROR_CONNECT, %G_IO_ERROR_CANCELLED; of a Sentinel those of cb_sentinel_find_async().
 */
void
cb_dial_async (CbAddress           *address,
               guint                timeout_msec,
               GCancellable        *cancellable,
               CbDialConnecting     connecting,
               GAsyncReadyCallback  callback,
               gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSocketConnectable) connectable = NULL;
  const char *path = cb_address_get_path (address);
  Dial *dial;

  g_task_set_source_tag (task, cb_dial_async);

  if (cb_address_get_sentinel (address) != NULL)
    {
      dial_primary (address, timeout_msec, connecting, user_data, g_steal_pointer (&task));
      return;
    }

  /* GLib would cut it off and perhaps reach something else. */
  if (path != NULL && strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    {
      g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                               "The path of the socket %s is too long: the system allows 107 bytes.",
                               cb_address_get_label (address));
      return;
    }

  dial = g_new0 (Dial, 1);
  g_task_set_task_data (task, dial, dial_free);

  dial->address = cb_address_ref (address);
  dial->timeout_msec = timeout_msec;
  dial->connecting = connecting;
  dial->user_data = user_data;
  dial->cancellable = g_cancellable_new ();
  dial->client = g_socket_client_new ();
  dial->timer = cb_source_new (-1, timed_out_cb, dial);
  cb_source_set_deadline (dial->timer, g_get_monotonic_time () + timeout_msec * G_TIME_SPAN_MILLISECOND);

  if (cancellable != NULL)
    {
      dial->outer = g_object_ref (cancellable);
      dial->outer_id = g_cancellable_connect (cancellable, G_CALLBACK (outer_cancelled_cb),
                                              g_object_ref (dial->cancellable), g_object_unref);
    }

  /* A proxy of the desktop is for the web, not for a server somebody named. */
  g_socket_client_set_enable_proxy (dial->client, FALSE);
  g_signal_connect (dial->client, "event", G_CALLBACK (client_event_cb), dial);

  if (path != NULL)
    connectable = G_SOCKET_CONNECTABLE (g_unix_socket_address_new (path));
  else
    connectable = g_network_address_new (cb_address_get_host (address), cb_address_get_port (address));

  g_socket_client_connect_async (dial->client, connectable, dial->cancellable, connected_cb, g_steal_pointer (&task));
}

GSocketConnection *
cb_dial_finish (GAsyncResult  *result,
                GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
