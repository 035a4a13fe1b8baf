/* test-tls.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Encrypted connections, to a real server with certificates that were made for it (tests/fixtures/tls). */

#include "cb-connection.h"
#include "cb-connection-private.h"
#include "cb-dialer.h"
#include "cb-test-console.h"
#include "cb-test-redis.h"
#include "cb-test-tls.h"
#include "cb-test-wait.h"
#include "cb-tls.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  CbTestRedis *redis;
  char *port;             /* (owned) */
} Fixture;

/* @data: the name of the certificate, and behind a blank whether clients must have one. */
static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  g_auto (GStrv) words = g_strsplit (data, " ", 2);

  f->redis = cb_test_tls_new (words[0], g_str_equal (words[1], "yes"), &f->port);
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  cb_test_redis_free (f->redis);
  g_free (f->port);
}

static CbAddress *
address_of (const char *host,
            const char *port,
            const char *query)
{
  g_autofree char *uri = cb_test_tls_dup_uri (host, port, query);
  g_autoptr (GError) error = NULL;
  CbAddress *address = cb_address_parse (uri, &error);

  g_assert_no_error (error);
  return address;
}

static CbConnection *
open_connection (Fixture    *f,
                 const char *query)
{
  g_autoptr (CbAddress) address = address_of ("localhost", f->port, query);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
close_connection (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
}

static gint64
count_clients (Fixture *f)
{
  g_autofree char *list = cb_test_redis_get_string (f->redis, "CLIENT", "LIST", NULL);
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  return g_strv_length (lines) - 1;
}

static void
await_clients (Fixture *f,
               gint64   n)
{
  cb_test_wait_until (count_clients (f) == n);
}

/* --- what goes through it --- */

static void
test_values (Fixture       *f,
             gconstpointer  data)
{
  const gsize sizes[] = { 0, 1, 16383, 16384, 16385, 32768, 65537, 5 * 1024 * 1024 };
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree guint8 *bytes = g_malloc (sizes[i] + 1);
      g_autoptr (CbReply) set = NULL;
      g_autoptr (CbReply) got = NULL;
      g_autoptr (GError) error = NULL;
      const char *text;
      gsize length;

      for (gsize k = 0; k < sizes[i]; k++)
        bytes[k] = (guint8) g_rand_int (random);
      set = cb_test_call (connection, cb_command_add_bytes (cb_command_new ("SET", "k", NULL), (const char *) bytes, (gssize) sizes[i]),
                          &error);
      g_assert_no_error (error);
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "STRLEN", "k", NULL), ==, (gint64) sizes[i]);
      got = cb_test_call (connection, cb_command_new ("GET", "k", NULL), &error);
      g_assert_no_error (error);
      text = cb_value_get_string (cb_reply_get_value (got), &length);
      g_assert_cmpmem (text, length, bytes, sizes[i]);
    }
  close_connection (connection);
  await_clients (f, 1);
}

static void
test_many (Fixture       *f,
           gconstpointer  data)
{
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  CbPipeline *pipeline = cb_pipeline_new ();
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 20000; i++)
    cb_pipeline_add (pipeline, cb_command_new ("INCR", "n", NULL));
  replies = cb_test_pipeline (connection, pipeline, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < replies->len; i++)
    {
      gint64 n;

      g_assert_true (cb_value_get_integer (cb_reply_get_value (replies->pdata[i]), &n));
      g_assert_cmpint (n, ==, i + 1);
    }
  close_connection (connection);
}

/* --- its ends --- */

/* What was written last arrives, though whoever wrote it is gone. */
static void
test_last_words (Fixture       *f,
                 gconstpointer  data)
{
  g_autoptr (CbAddress) address = address_of ("localhost", f->port, "?cacert=@ca.pem");

  for (int i = 0; i < 20; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *words = g_strdup_printf ("SET last %d\r\n", i);
      GSocketConnection *io;

      cb_dial_async (address, 10000, NULL, NULL, cb_test_store_result, &result);
      io = cb_dial_finish (cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_nonnull (cb_tls_get_description (io));
      g_assert_true (g_str_has_prefix (cb_tls_get_description (io), "TLS 1."));
      g_assert_cmpint (g_socket_send (g_socket_connection_get_socket (io), words, strlen (words), NULL, &error), ==, strlen (words));
      g_assert_no_error (error);
      g_socket_close (g_socket_connection_get_socket (io), NULL);
      g_assert_finalize_object (io);
      cb_test_wait_until (cb_test_redis_get_integer (f->redis, "EXISTS", "last", NULL) == 1);
      g_free (cb_test_redis_get_string (f->redis, "GETDEL", "last", NULL));
    }
  await_clients (f, 1);
}

static gboolean
is_blocked (Fixture *f)
{
  g_autofree char *info = cb_test_redis_get_string (f->redis, "INFO", "clients", NULL);

  return strstr (info, "blocked_clients:1\r\n") != NULL;
}

/* Whoever hangs up drops the command that waits, and still gets what was answered before. */
static void
test_hang_up (Fixture       *f,
              gconstpointer  data)
{
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;

  cb_connection_call_async (connection, cb_command_new ("GET", "nothing", NULL), NULL, cb_test_store_result, &first);
  cb_connection_call_async (connection, cb_command_set_timeout (cb_command_new ("BLPOP", "list", "0", NULL), 0), NULL,
                            cb_test_store_result, &second);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&first), &error);
  g_assert_no_error (error);
  cb_test_wait_until (is_blocked (f));
  cb_connection_hang_up (connection);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&second), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOST);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "RPUSH", "list", "a", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "list", NULL), ==, 1);
  /* They hold it. */
  g_clear_object (&first);
  g_clear_object (&second);
  close_connection (connection);
  await_clients (f, 1);
}

/* The answer lies there, unread, when the other side is hung up. */
static void
test_hang_up_answered (Fixture       *f,
                       gconstpointer  data)
{
  for (int i = 0; i < 10; i++)
    {
      CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbReply) reply = NULL;
      g_autoptr (GError) error = NULL;

      cb_connection_call_async (connection, cb_command_set_timeout (cb_command_new ("BLPOP", "list", "0", NULL), 0), NULL,
                                cb_test_store_result, &result);
      cb_test_wait_until (is_blocked (f));
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "RPUSH", "list", "a", NULL), ==, 1);
      g_assert_cmpint (cb_test_redis_get_integer (f->redis, "LLEN", "list", NULL), ==, 0);
      cb_connection_hang_up (connection);
      reply = cb_connection_call_finish (connection, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      g_assert_true (cb_value_equal_string (cb_value_get_element (cb_reply_get_value (reply), 1), "a"));
      g_clear_object (&result);
      close_connection (connection);
    }
}

static void
test_lost (Fixture       *f,
           gconstpointer  data)
{
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_test_redis_kill (f->redis);
  cb_test_wait_until (cb_connection_get_state (connection) != CB_CONNECTION_READY);
  cb_test_redis_start (f->redis);
  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
  reply = cb_test_call (connection, cb_command_new ("PING", NULL), &error);
  g_assert_no_error (error);
  close_connection (connection);
  await_clients (f, 1);
}

/* --- while this program is busy --- */

static gboolean
redraw_cb (gpointer data)
{
  g_usleep (1000);
  return G_SOURCE_CONTINUE;
}

/* Where a spinner turns under a slow renderer the next frame is due as soon as one is painted. */
static void
test_painting (Fixture       *f,
               gconstpointer  data)
{
  guint redraw = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 20, redraw_cb, NULL, NULL);
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  g_autofree char *bytes = g_strnfill (1024 * 1024, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) set = NULL;
  g_autoptr (CbReply) got = NULL;
  gsize length;

  set = cb_test_call (connection, cb_command_new ("SET", "k", bytes, NULL), &error);
  g_assert_no_error (error);
  got = cb_test_call (connection, cb_command_new ("GET", "k", NULL), &error);
  g_assert_no_error (error);
  cb_value_get_string (cb_reply_get_value (got), &length);
  g_assert_cmpuint (length, ==, 1024 * 1024);
  g_source_remove (redraw);
  close_connection (connection);
}

/* An answer that came while the program slept is not too late. */
static void
test_asleep (Fixture       *f,
             gconstpointer  data)
{
  CbConnection *connection = open_connection (f, "?cacert=@ca.pem");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  gint64 due;

  cb_connection_call_async (connection, cb_command_set_timeout (cb_command_new ("BLPOP", "list", "0", NULL), 5000), NULL,
                            cb_test_store_result, &result);
  due = g_get_monotonic_time () + 5500 * G_TIME_SPAN_MILLISECOND;
  cb_test_wait_until (is_blocked (f));
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "RPUSH", "list", "a", NULL), ==, 1);
  while (g_get_monotonic_time () < due)
    g_usleep (10000);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  close_connection (connection);
}

/* Wherever it stands when it is cancelled, nothing is left of it: not here, by the sanitizer, and not at the server. */
static void
test_cancelled (Fixture       *f,
                gconstpointer  data)
{
  g_autoptr (CbAddress) address = address_of ("localhost", f->port, "?cacert=@ca.pem");
  guint n_cancelled = 0, n_done = 0;

  for (int turns = 0; n_done < 3; turns++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GSocketConnection) io = NULL;
      g_autoptr (GError) error = NULL;

      cb_dial_async (address, 10000, cancellable, NULL, cb_test_store_result, &result);
      for (int i = 0; i < turns && result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      n_done += result != NULL;
      n_cancelled += result == NULL;
      g_cancellable_cancel (cancellable);
      io = cb_dial_finish (cb_test_wait_result (&result), &error);
      g_assert_null (io);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_assert_cmpuint (n_cancelled, >, 5);
  await_clients (f, 1);
}

/* --- whom it trusts --- */

static void
assert_refused (Fixture    *f,
                const char *host,
                const char *query,
                const char *words)
{
  g_autoptr (CbAddress) address = address_of (host, f->port, query);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  g_assert_false (cb_test_open (connection, &error));
  g_test_message ("%s", error->message);
  g_assert_true (error->domain == CB_REDIS_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (strstr (error->message, words) == NULL)
    g_error ("“%s” is not in: %s", words, error->message);
  close_connection (connection);
}

static void
test_server_trusted (Fixture       *f,
                     gconstpointer  data)
{
  static const char * const queries[] = { "?cacert=@ca.pem", "?insecure=1", "?cacert=@other-ca.pem&insecure=1", "?cacert=@ca.pem&sni=127.0.0.1" };

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    close_connection (open_connection (f, queries[i]));

  assert_refused (f, "localhost", "", "is from an authority that this system does not trust. If it is one of your own");
  assert_refused (f, "localhost", "?cacert=@other-ca.pem", "is not from the authority of that file");
  assert_refused (f, "localhost", "?cacert=@ca.pem&sni=redis.example.com", "is not for “redis.example.com”");
  assert_refused (f, "localhost", "?cacert=@make.sh", "make.sh can't be used: ");
  assert_refused (f, "localhost", "?cacert=@nothing.pem", "nothing.pem can't be used: ");
  assert_refused (f, "localhost", "?cacert=@ca.pem&cert=@nothing.pem", "nothing.pem can't be used: ");
  assert_refused (f, "localhost", "?cacert=@ca.pem&cert=@client.pem&key=@nothing.key", "client.pem can't be used: ");
  assert_refused (f, "localhost", "?cacert=ca.pem", "must begin with a /");
}

/* A pipe is not waited for, and what is said is text, whatever bytes a path has. */
static void
test_no_files (Fixture       *f,
               gconstpointer  data)
{
  g_autofree char *folder = g_dir_make_tmp ("callboard-XXXXXX", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe\xff.pem", NULL);
  g_autofree char *escaped = g_uri_escape_bytes ((const guint8 *) pipe, strlen (pipe), "/");
  const char * const queries[] = { "?cacert=%s", "?cacert=@ca.pem&cert=%s", "?cacert=@ca.pem&cert=@client.pem&key=%s" };

  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_auto (GStrv) parts = g_strsplit (queries[i], "%s", 2);
      g_autofree char *query = g_strconcat (parts[0], escaped, NULL);

      assert_refused (f, "localhost", query, "pipe\xef\xbf\xbd.pem is no file.");
    }
  assert_refused (f, "localhost", "?cacert=/nothing%FF.pem", "nothing\xef\xbf\xbd.pem can't be used: ");
  assert_refused (f, "localhost", "?cacert=/dev/zero", "/dev/zero is no file.");
  g_unlink (pipe);
  g_rmdir (folder);
}

static void
test_server_elsewhere (Fixture       *f,
                       gconstpointer  data)
{
  close_connection (open_connection (f, "?cacert=@ca.pem&sni=redis.example.com"));
  assert_refused (f, "localhost", "?cacert=@ca.pem", "is not for “localhost”");
  assert_refused (f, "127.0.0.1", "?cacert=@ca.pem", "is not for “127.0.0.1”");
}

static void
test_server_expired (Fixture       *f,
                     gconstpointer  data)
{
  close_connection (open_connection (f, "?cacert=@ca.pem&insecure=1"));
  assert_refused (f, "localhost", "?cacert=@ca.pem", "has expired");
}

static void
test_client (Fixture       *f,
             gconstpointer  data)
{
  close_connection (open_connection (f, "?cacert=@ca.pem&cert=@client.pem&key=@client.key"));
  close_connection (open_connection (f, "?cacert=@ca.pem&cert=@client-whole.pem"));
  assert_refused (f, "localhost", "?cacert=@ca.pem", "cert=PATH&key=PATH");
  assert_refused (f, "localhost", "?insecure=1", "cert=PATH&key=PATH");
  assert_refused (f, "localhost", "?cacert=@ca.pem&cert=@client.pem", "client.pem, name its file, too");
}

/* There the server looks at what it is shown before the handshake ends. */
static void
test_client_older (Fixture       *f,
                   gconstpointer  data)
{
  g_free (cb_test_redis_get_string (f->redis, "CONFIG", "SET", "tls-protocols", "TLSv1.2", NULL));
  test_client (f, data);
}

/* The console has a link of its own, and says the same. */
static void
test_console (Fixture       *f,
              gconstpointer  data)
{
  g_autoptr (CbAddress) good = address_of ("localhost", f->port, "?cacert=@ca.pem&cert=@client-whole.pem");
  g_autoptr (CbAddress) bad = address_of ("localhost", f->port, "?cacert=@ca.pem");
  CbTestConsole console = { NULL };

  cb_test_console_open (&console, good);
  cb_test_console_expect (&console, "set a 1", "OK");
  cb_test_console_expect_part (&console, "client info", "laddr=127.0.0.1:");
  cb_test_console_close (&console);

  cb_test_console_open (&console, bad);
  cb_test_console_expect_part (&console, "get a", "cert=PATH&key=PATH");
  cb_test_console_close (&console);
}

/* --- where one side speaks it and the other does not --- */

typedef struct
{
  const char *says;
  gboolean closes;
  const char *words;
  GPtrArray *clients;
} PlainServer;

static gboolean
incoming_cb (GSocketService    *service,
             GSocketConnection *client,
             GObject           *source,
             gpointer           data)
{
  PlainServer *server = data;

  if (server->says != NULL)
    g_output_stream_write (g_io_stream_get_output_stream (G_IO_STREAM (client)), server->says, strlen (server->says), NULL, NULL);
  if (!server->closes)
    g_ptr_array_add (server->clients, g_object_ref (client));
  return TRUE;
}

static void
test_plain_server (void)
{
  PlainServer servers[] = {
    { NULL, FALSE, "does not begin to encrypt it within 1 seconds. Does it speak TLS at that port" },
    { "-ERR max number of clients reached\r\n", FALSE, "No encrypted connection to 127.0.0.1" },
    { NULL, TRUE, "No encrypted connection to 127.0.0.1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      g_autoptr (GSocketService) service = g_socket_service_new ();
      guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
      g_autofree char *port_text = g_strdup_printf ("%u", port);
      g_autoptr (CbAddress) address = address_of ("127.0.0.1", port_text, "?insecure=1");
      CbConnection *connection = cb_connection_new (address, "test");
      g_autoptr (GError) error = NULL;

      servers[i].clients = g_ptr_array_new_with_free_func (g_object_unref);
      g_signal_connect (service, "incoming", G_CALLBACK (incoming_cb), &servers[i]);
      cb_connection_set_timeout (connection, 1000);
      g_assert_false (cb_test_open (connection, &error));
      g_test_message ("%s", error->message);
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT);
      g_assert_nonnull (strstr (error->message, servers[i].words));
      close_connection (connection);
      g_socket_service_stop (service);
      cb_test_settle ();
      g_socket_listener_close (G_SOCKET_LISTENER (service));
      g_ptr_array_unref (servers[i].clients);
    }
}

static void
test_plain_client (Fixture       *f,
                   gconstpointer  data)
{
  g_autofree char *text = g_strdup_printf ("localhost:%s", f->port);
  g_autoptr (CbAddress) address = cb_address_parse (text, NULL);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  g_assert_false (cb_test_open (connection, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "rediss://"));
  close_connection (connection);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/tls/values", Fixture, "server no", set_up, test_values, tear_down);
  g_test_add ("/tls/many", Fixture, "server no", set_up, test_many, tear_down);
  g_test_add ("/tls/last-words", Fixture, "server no", set_up, test_last_words, tear_down);
  g_test_add ("/tls/hang-up", Fixture, "server no", set_up, test_hang_up, tear_down);
  g_test_add ("/tls/hang-up-answered", Fixture, "server no", set_up, test_hang_up_answered, tear_down);
  g_test_add ("/tls/lost", Fixture, "server no", set_up, test_lost, tear_down);
  g_test_add ("/tls/painting", Fixture, "server no", set_up, test_painting, tear_down);
  g_test_add ("/tls/asleep", Fixture, "server no", set_up, test_asleep, tear_down);
  g_test_add ("/tls/cancelled", Fixture, "server no", set_up, test_cancelled, tear_down);
  g_test_add ("/tls/server/trusted", Fixture, "server no", set_up, test_server_trusted, tear_down);
  g_test_add ("/tls/no-files", Fixture, "server no", set_up, test_no_files, tear_down);
  g_test_add ("/tls/server/elsewhere", Fixture, "elsewhere no", set_up, test_server_elsewhere, tear_down);
  g_test_add ("/tls/server/expired", Fixture, "expired no", set_up, test_server_expired, tear_down);
  g_test_add ("/tls/client", Fixture, "server yes", set_up, test_client, tear_down);
  g_test_add ("/tls/client/older", Fixture, "server yes", set_up, test_client_older, tear_down);
  g_test_add ("/tls/console", Fixture, "server yes", set_up, test_console, tear_down);
  g_test_add_func ("/tls/plain/server", test_plain_server);
  g_test_add ("/tls/plain/client", Fixture, "server no", set_up, test_plain_client, tear_down);

  return g_test_run ();
}
