/* cb-tls.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-tls.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cb-redis-error.h"
#include "cb-task-thread.h"

/*
 * TLS by GIO, whose library and authorities are those of the system. What reads replies wants a plain socket that it can ask at any
 * time, so it gets one end of a pair, and what passes the other end is handed over to GIO and back: a bridge. It lives as long as one of
 * its two directions does; the end of either side ends the other, when what was under way has arrived.
 */

#define PART_BYTES (32 * 1024)

/* Before whatever reads at the other end (see cb-source.c), and its timers: what has come while this program slept must lie there when
 * they look whether it is too late, and however much is painted. It holds nobody up for long: the pair of sockets takes little, and whoever
 * empties it is polite. */
#define BRIDGE_PRIORITY (G_PRIORITY_DEFAULT - 10)

#define ERROR "cb-tls-error"
#define DESCRIPTION "cb-tls-description"

/* --- the bridge --- */

typedef struct _Bridge Bridge;

typedef struct
{
  Bridge        *bridge;
  GInputStream  *from;    /* (unowned) */
  GOutputStream *to;      /* (unowned) */
  guint8        *part;    /* (owned) */
} Direction;

struct _Bridge
{
  GIOStream         *tls;         /* (owned) */
  GSocketConnection *near;        /* (owned) this end of the pair */
  GSocketConnection *far;         /* (unowned) (nullable) the end that was given away, while somebody has it */
  GCancellable      *cancellable; /* (owned) of what comes from the server */
  CbAddress         *address;     /* (owned) */
  Direction          in;          /* from the server */
  Direction          out;
  guint              n_directions;
  gboolean           is_out_ended;
  gboolean           has_heard;   /* anything of the server */
};

static void read_part (Direction *direction);

static void
far_gone_cb (gpointer  data,
             GObject  *far)
{
  Bridge *self = data;

  /* What was written last may still be on its way. */
  self->far = NULL;
  if (self->is_out_ended)
    g_cancellable_cancel (self->cancellable);
}

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  /* It said farewell, or nobody was there to hear it. */
  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
}

static void
bridge_end (Bridge *self)
{
  if (self->far != NULL)
    g_object_weak_unref (G_OBJECT (self->far), far_gone_cb, self);
  g_io_stream_close_async (self->tls, G_PRIORITY_DEFAULT, NULL, closed_cb, NULL);
  g_socket_close (g_socket_connection_get_socket (self->near), NULL);
  g_object_unref (self->tls);
  g_object_unref (self->near);
  g_object_unref (self->cancellable);
  cb_address_unref (self->address);
  g_free (self->in.part);
  g_free (self->out.part);
  g_free (self);
}

static GError *
explain_end (Bridge       *self,
             const GError *cause)
{
  /* With TLS 1.3 the server looks at what it was shown when the handshake has long ended here. */
  if (!self->has_heard && cause->domain == G_TLS_ERROR && cb_address_get_tls (self->address)->cert_file == NULL)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                        "%s ended the encrypted connection as soon as it was made: “%s”. If it wants to see a certificate of yours, name its "
                        "file and that of its key behind the ? of the address: cert=PATH&key=PATH.",
                        cb_address_get_label (self->address), cause->message);

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST, "The encrypted connection to %s was ended: %s",
                      cb_address_get_label (self->address), cause->message);
}

static void
said_farewell_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, NULL);
}

/* @error: (nullable): nothing where that end was the usual one. */
static void
end_direction (Direction    *direction,
               const GError *error)
{
  Bridge *self = direction->bridge;
  GSocket *near = g_socket_connection_get_socket (self->near);

  if (error != NULL && self->far != NULL && cb_tls_get_error (self->far) == NULL)
    g_object_set_data_full (G_OBJECT (self->far), ERROR, explain_end (self, error), (GDestroyNotify) g_error_free);

  if (direction == &self->in)
    {
      /* All that came is read by the other end before it meets this. */
      g_socket_shutdown (near, TRUE, TRUE, NULL);
    }
  else
    {
      self->is_out_ended = TRUE;
      if (self->far == NULL)
        g_cancellable_cancel (self->cancellable);
      else if (error != NULL)
        /* The server may have said why before it closed. */
        g_socket_shutdown (near, TRUE, FALSE, NULL);
      else
        /* Nothing more comes from here, but what was asked is still answered. */
        g_output_stream_close_async (direction->to, BRIDGE_PRIORITY, NULL, said_farewell_cb, NULL);
    }

  if (--self->n_directions == 0)
    bridge_end (self);
}

static void
written_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Direction *direction = user_data;
  g_autoptr (GError) error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    read_part (direction);
  else if (direction == &direction->bridge->in)
    end_direction (direction, NULL);
  else
    end_direction (direction, error);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  Direction *direction = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  direction->bridge->has_heard |= n > 0 && direction == &direction->bridge->in;
  if (n > 0)
    g_output_stream_write_all_async (direction->to, direction->part, (gsize) n, BRIDGE_PRIORITY, NULL, written_cb, direction);
  else if (direction == &direction->bridge->in && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    end_direction (direction, error);
  else
    end_direction (direction, NULL);
}

static void
read_part (Direction *direction)
{
  Bridge *bridge = direction->bridge;

  g_input_stream_read_async (direction->from, direction->part, PART_BYTES, BRIDGE_PRIORITY,
                             direction == &bridge->in ? bridge->cancellable : NULL, read_cb, direction);
}

static void
begin_direction (Direction *direction,
                 Bridge    *bridge,
                 GIOStream *from,
                 GIOStream *to)
{
  direction->bridge = bridge;
  direction->from = g_io_stream_get_input_stream (from);
  direction->to = g_io_stream_get_output_stream (to);
  direction->part = g_malloc (PART_BYTES);
  bridge->n_directions++;
  read_part (direction);
}

static GSocketConnection *
connection_of (int      fd,
               GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);

  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);
  return g_socket_connection_factory_create_connection (socket);
}

/* Returns: (transfer full) (nullable): the end to be given away */
static GSocketConnection *
build_bridge (GTlsConnection  *tls,
              CbAddress       *address,
              GError         **error)
{
  g_autoptr (GSocketConnection) near = NULL;
  g_autoptr (GSocketConnection) far = NULL;
  Bridge *self;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    {
      int code = errno;

      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "No socket can be made: %s", g_strerror (code));
      return NULL;
    }
  near = connection_of (pair[0], error);
  far = connection_of (pair[1], near != NULL ? error : NULL);
  if (near == NULL || far == NULL)
    return NULL;

  self = g_new0 (Bridge, 1);
  self->tls = G_IO_STREAM (g_object_ref (tls));
  self->near = g_steal_pointer (&near);
  self->cancellable = g_cancellable_new ();
  self->address = cb_address_ref (address);
  self->far = far;
  g_object_weak_ref (G_OBJECT (far), far_gone_cb, self);
  begin_direction (&self->in, self, self->tls, G_IO_STREAM (self->near));
  begin_direction (&self->out, self, G_IO_STREAM (self->near), self->tls);

  return g_steal_pointer (&far);
}

/* --- the files --- */

typedef struct
{
  CbAddress            *address;     /* (owned) */
  GSocketConnection    *socket;      /* (owned) */
  GTlsDatabase         *authorities; /* (owned) (nullable) */
  GTlsCertificate      *certificate; /* (owned) (nullable) what is shown to the server */
  GTlsConnection       *tls;         /* (owned) (nullable) */
  GTlsCertificateFlags  faults;      /* of the server's certificate */
} Start;

static void
start_free (Start *self)
{
  cb_address_unref (self->address);
  g_object_unref (self->socket);
  g_clear_object (&self->authorities);
  g_clear_object (&self->certificate);
  if (self->tls != NULL)
    g_signal_handlers_disconnect_by_data (self->tls, self);
  g_clear_object (&self->tls);
  g_free (self);
}

static gboolean
is_absolute (const char  *path,
             GError     **error)
{
  if (path == NULL || g_path_is_absolute (path))
    return TRUE;

  g_set_error_literal (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ADDRESS,
                       "The path of a file in the address of the server must begin with a /.");
  return FALSE;
}

/* What never ends, a pipe or a device, would be read for ever, past every time-out. What is not there is told by who reads it. */
static gboolean
is_file (const char  *path,
         GError     **error)
{
  g_autofree char *shown = NULL;

  if (path == NULL || g_file_test (path, G_FILE_TEST_IS_REGULAR) || !g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;

  shown = g_filename_display_name (path);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s is no file.", shown);
  return FALSE;
}

static GTlsCertificate *
load_certificate (const char  *path,
                  const char  *key_path,
                  GError     **error)
{
  if (!is_file (path, error) || !is_file (key_path, error))
    return NULL;

  return key_path != NULL ? g_tls_certificate_new_from_files (path, key_path, error) : g_tls_certificate_new_from_file (path, error);
}

/* Paths are bytes, and those of GIO's messages too. */
static void
return_unusable (GTask        *task,
                 const char   *path,
                 const GError *cause)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autofree char *why = g_utf8_make_valid (cause->message, -1);

  g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "The certificate %s can't be used: %s", shown, why);
}

/* The authorities of the system are read from the disk too, when they are first asked for. */
static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Start *start = data;
  const CbTlsOptions *options = cb_address_get_tls (start->address);
  GTlsBackend *backend = g_tls_backend_get_default ();
  g_autoptr (GError) error = NULL;
  const char *path = NULL;

  if (!g_tls_backend_supports_tls (backend))
    {
      g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                               "This system has no TLS for GLib programs. Install glib-networking and start Callboard again.");
      return;
    }
  if (!is_absolute (options->ca_file, &error) || !is_absolute (options->cert_file, &error) || !is_absolute (options->key_file, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (options->ca_file != NULL)
    {
      path = options->ca_file;
      start->authorities = is_file (path, &error) ? g_tls_file_database_new (path, &error) : NULL;
    }
  else
    {
      start->authorities = g_tls_backend_get_default_database (backend);
    }

  if (error == NULL && options->cert_file != NULL)
    {
      path = options->cert_file;
      start->certificate = load_certificate (path, options->key_file, &error);
    }

  if (error != NULL)
    return_unusable (task, path, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* --- the handshake --- */

static gboolean
accept_certificate_cb (GTlsConnection       *tls,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  faults,
                       Start                *start)
{
  if (cb_address_get_tls (start->address)->insecure)
    return TRUE;

  /* Why it ends. What was let pass is not. */
  start->faults = faults;
  return FALSE;
}

/* With TLS 1.2, or where there is a certificate that can't be shown, it is known in the handshake, and is not always said. */
static GError *
explain_certificate_wanted (CbAddress    *address,
                            const GError *cause)
{
  const CbTlsOptions *options = cb_address_get_tls (address);
  g_autofree char *path = options->cert_file != NULL ? g_filename_display_name (options->cert_file) : NULL;

  if (path == NULL)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "No encrypted connection to %s can be made: “%s”. If it wants to see a certificate of yours, name its file and that "
                        "of its key behind the ? of the address: cert=PATH&key=PATH.", cb_address_get_label (address), cause->message);

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                      "No encrypted connection to %s can be made: “%s”. If the key of your certificate is not in %s, name its file, too, "
                      "behind the ? of the address: key=PATH.", cb_address_get_label (address), cause->message, path);
}

static GError *
explain (Start        *start,
         const GError *cause)
{
  const char *label = cb_address_get_label (start->address);
  const CbTlsOptions *options = cb_address_get_tls (start->address);
  const char *name = options->name != NULL ? options->name : cb_address_get_host (start->address);
  gboolean knows_server = start->tls != NULL && g_tls_connection_get_peer_certificate (start->tls) != NULL;

  if (start->faults == 0 && cause->domain == G_TLS_ERROR && options->key_file == NULL &&
      (knows_server || cause->code == G_TLS_ERROR_CERTIFICATE_REQUIRED))
    return explain_certificate_wanted (start->address, cause);

  /* It has not even said who it is. */
  if (start->tls != NULL && !knows_server)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "No encrypted connection to %s can be made: %s Does it speak TLS at that port, or is redis:// meant?", label,
                        cause->message);

  if (start->faults & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        options->ca_file != NULL
                          ? "The certificate of %s is not from the authority of that file (cacert in the address)."
                          : "The certificate of %s is from an authority that this system does not trust. If it is one of your own, "
                            "name its file behind the ? of the address: cacert=PATH.",
                        label);

  if (start->faults & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "The certificate of %s is not for “%s”. If you know whom it is for, name it behind the ? of the address: "
                        "sni=NAME.", label, name);

  if (start->faults & G_TLS_CERTIFICATE_EXPIRED)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "The certificate of %s has expired. Whoever runs the server must renew it.",
                        label);

  if (start->faults & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT,
                        "The certificate of %s is not valid yet. Is the clock of this computer right?", label);

  return g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT, "No encrypted connection to %s can be made: %s", label, cause->message);
}

static char *
describe (GTlsConnection *tls)
{
  switch (g_tls_connection_get_protocol_version (tls))
    {
    case G_TLS_PROTOCOL_VERSION_TLS_1_3:
      return g_strdup ("TLS 1.3");
    case G_TLS_PROTOCOL_VERSION_TLS_1_2:
      return g_strdup ("TLS 1.2");
    default:
      return g_strdup ("TLS");
    }
}

static void
shook_hands_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Start *start = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GSocketConnection *far;

  if (!g_tls_connection_handshake_finish (start->tls, result, &error))
    {
      g_task_return_error (task, g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? g_steal_pointer (&error)
                                                                                          : explain (start, error));
      return;
    }

  far = build_bridge (start->tls, start->address, &error);
  if (far == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_object_set_data_full (G_OBJECT (far), DESCRIPTION, describe (start->tls), g_free);
  g_task_return_pointer (task, far, g_object_unref);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Start *start = g_task_get_task_data (task);
  const CbTlsOptions *options = cb_address_get_tls (start->address);
  g_autoptr (GSocketConnectable) identity = NULL;
  g_autoptr (GIOStream) tls = NULL;
  GError *error = NULL;

  if (!g_task_propagate_boolean (cb_task_in_thread_result (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }

  identity = g_network_address_new (options->name != NULL ? options->name : cb_address_get_host (start->address),
                                    cb_address_get_port (start->address));
  tls = g_tls_client_connection_new (G_IO_STREAM (start->socket), identity, &error);
  if (tls == NULL)
    {
      g_task_return_error (task, explain (start, error));
      g_error_free (error);
      return;
    }

  start->tls = G_TLS_CONNECTION (g_steal_pointer (&tls));
  g_tls_connection_set_database (start->tls, start->authorities);
  if (start->certificate != NULL)
    g_tls_connection_set_certificate (start->tls, start->certificate);
  /* A reply says itself where it ends, so that nobody can cut one off unseen. */
  g_tls_connection_set_require_close_notify (start->tls, FALSE);
  g_signal_connect (start->tls, "accept-certificate", G_CALLBACK (accept_certificate_cb), start);
  g_tls_connection_handshake_async (start->tls, BRIDGE_PRIORITY, g_task_get_cancellable (task), shook_hands_cb, g_object_ref (task));
}

/**
 * cb_tls_start_async:
 * @socket: connected to the server, for nobody else to use from now on
 * @address: the server, with cb_address_get_tls()
 * @cancellable: (nullable): ends it
 * @callback: called when done
 * @user_data: data for @callback
 *
 * Makes sure that the server is who it should be, and encrypts what goes through the connection that is given in return.
 *
 * Errors: %CB_REDIS_ERROR_CONNECT with what is wrong with a certificate, %CB_REDIS_ERROR_ADDRESS, %G_IO_ERROR_CANCELLED.
 */
void
cb_tls_start_async (GSocketConnection   *socket,
                    CbAddress           *address,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) loading = NULL;
  Start *start = g_new0 (Start, 1);

  g_task_set_source_tag (task, cb_tls_start_async);
  start->address = cb_address_ref (address);
  start->socket = g_object_ref (socket);
  g_task_set_task_data (task, start, (GDestroyNotify) start_free);

  loading = g_task_new (NULL, cancellable, loaded_cb, g_object_ref (task));
  g_task_set_task_data (loading, start, NULL);
  cb_task_run_in_thread (loading, load_in_thread);
}

GSocketConnection *
cb_tls_start_finish (GAsyncResult  *result,
                     GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const GError *
cb_tls_get_error (GSocketConnection *connection)
{
  return g_object_get_data (G_OBJECT (connection), ERROR);
}

const char *
cb_tls_get_description (GSocketConnection *connection)
{
  return g_object_get_data (G_OBJECT (connection), DESCRIPTION);
}
