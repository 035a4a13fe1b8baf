/* test-connection-faults.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-connection-private.h"
#include "cb-fake-server.h"
#include "cb-scan.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

static void
drop_connection (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
  /* A source it left behind would use freed memory now. */
  cb_test_run_for (20);
}

static void
retry_at_once_cb (CbConnection *connection)
{
  if (cb_connection_get_state (connection) == CB_CONNECTION_WAITING)
    cb_connection_reconnect_now (connection);
}

static void
assert_works (CbConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
  reply = cb_test_call (connection, cb_command_set_repeatable (cb_command_new ("ECHO", "works", NULL)), &error);
  g_assert_no_error (error);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "works"));
}

static CbConnection *
open_fake (CbFakeServer *server)
{
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

/* Spoiled replies */

/* What may have happened to something that was asked for. */
static void
assert_outcome (const GError *error,
                gboolean      has_run,
                CbSpoil       how)
{
  if (error == NULL)
    g_assert_true (has_run);
  else if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED))
    g_assert_false (has_run);
  else if (how == CB_SPOIL_ERROR)
    g_assert_nonnull (strstr (error->message, "spoiled"));
  else
    g_assert_true (cb_redis_error_may_have_run (error));
}

/* Returns whether a reply of it was spoiled. */
static gboolean
run_scenario (CbTestRedis  *redis,
              CbFakeServer *server,
              CbSpoil       how)
{
  static const char * const keys[] = { "list" };
  static CbScript *script;
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), "spoiled");
  g_autoptr (GError) set_error = NULL;
  g_autoptr (GError) pipeline_error = NULL;
  g_autoptr (GError) transaction_error = NULL;
  g_autoptr (GError) get_error = NULL;
  g_autoptr (CbReply) set = NULL;
  g_autoptr (CbReply) got = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GPtrArray) transacted = NULL;
  g_autofree char *value = NULL;
  CbPipeline *pipeline;
  gboolean spoiled;

  if (script == NULL)
    script = cb_script_new ("push", "return redis.call ('RPUSH', KEYS[1], ARGV[1])");
  cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SCRIPT", "FLUSH", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "given", "1", NULL));

  g_signal_connect (connection, "notify::state", G_CALLBACK (retry_at_once_cb), NULL);
  cb_connection_set_timeout (connection, how == CB_SPOIL_SILENCE ? 300 : 5000);
  cb_connection_set_keep_alive (connection, 100, how == CB_SPOIL_SILENCE ? 300 : 5000);
  cb_connection_open (connection);

  set = cb_test_call (connection, cb_command_new ("SET", "a", "1", NULL), &set_error);

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_command_new ("INCR", "n", NULL));
  cb_pipeline_add (pipeline, cb_command_add (cb_command_new_script (script, 1, keys), "x"));
  cb_pipeline_add (pipeline, cb_command_new ("INCR", "n", NULL));
  replies = cb_test_pipeline (connection, pipeline, &pipeline_error);

  pipeline = cb_pipeline_new ();
  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_new ("SET", "t", "1", NULL));
  cb_pipeline_add (pipeline, cb_command_add (cb_command_new_script (script, 1, keys), "y"));
  transacted = cb_test_pipeline (connection, pipeline, &transaction_error);

  got = cb_test_call (connection, cb_command_set_repeatable (cb_command_new ("GET", "given", NULL)), &get_error);

  /* One outcome each, and each as it is told. */
  assert_outcome (set_error, cb_test_redis_get_integer (redis, "EXISTS", "a", NULL) == 1, how);
  assert_outcome (pipeline_error, cb_test_redis_get_integer (redis, "EXISTS", "n", NULL) == 1, how);
  if (replies != NULL)
    {
      value = cb_test_redis_get_string (redis, "GET", "n", NULL);
      g_assert_cmpstr (value, ==, "2");
      g_assert_cmpuint (replies->len, ==, 3);
    }
  assert_outcome (transaction_error, cb_test_redis_get_integer (redis, "EXISTS", "t", NULL) == 1, how);

  /* What can be repeated does not notice a loss. Only what spoils its own reply for good, or takes all its time. */
  if (get_error == NULL)
    g_assert_true (cb_value_equal_string (cb_reply_get_value (got), "1"));
  else if (how != CB_SPOIL_ERROR)
    g_assert_true (g_error_matches (get_error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL) || how == CB_SPOIL_SILENCE);

  spoiled = cb_fake_server_was_spoiled (server);
  cb_fake_server_spoil (server, 0, how);
  /* With patience, however busy the machine. */
  cb_connection_set_timeout (connection, 10000);
  cb_connection_set_keep_alive (connection, 5000, 10000);
  assert_works (connection);
  g_signal_handlers_disconnect_by_func (connection, retry_at_once_cb, NULL);
  drop_connection (connection);
  return spoiled;
}

static void
test_spoiled (gconstpointer data)
{
  CbSpoil how = GPOINTER_TO_INT (data);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) server = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  guint number = 0;

  do
    cb_fake_server_spoil (server, ++number, how);
  while (run_scenario (redis, server, how));

  /* Handshake and scenario have so many replies at least. */
  g_assert_cmpuint (number, >, 15);
}

static void
test_pieces (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) server = cb_fake_server_new_relay (cb_test_redis_get_path (redis));

  cb_fake_server_set_pieces (server, 1);
  run_scenario (redis, server, CB_SPOIL_ERROR);
}

/* Ends of all kinds */

typedef struct
{
  guint n_slow;
  GPtrArray *held; /* clients */
} Script;

static gboolean
reset_on_get_cb (CbFakeServer  *server,
                 CbFakeClient  *client,
                 const CbValue *command,
                 gpointer       data)
{
  if (!cb_value_equal_string (cb_value_get_element (command, 0), "GET"))
    return FALSE;
  cb_fake_client_send (client, "$1\r\nx\r\n", -1);
  cb_fake_client_close (client, TRUE);
  return TRUE;
}

static void
count_lost_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  if (reply == NULL)
    g_assert_true (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOST) ||
                   g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED));
  ++*(guint *) data;
}

static void
unref_in_callback_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data)
{
  count_lost_cb (source, result, data);
  g_object_unref (source);
}

/* The socket becomes readable, writable and broken at once, with megabytes yet to be written. */
static void
test_reset (void)
{
  for (int variant = 0; variant < 3; variant++)
    {
      g_autoptr (CbFakeServer) server = cb_fake_server_new ();
      CbConnection *connection = open_fake (server);
      g_autofree char *big = g_strnfill (4 * 1024 * 1024, 'b');
      gpointer weak = connection;
      guint n_returned = 0;

      g_object_add_weak_pointer (G_OBJECT (connection), &weak);
      cb_fake_server_set_handler (server, reset_on_get_cb, NULL);
      cb_connection_call_async (connection, cb_command_new ("GET", "k", NULL), NULL,
                                variant == 1 ? unref_in_callback_cb : count_lost_cb, &n_returned);
      for (int i = 0; i < 4; i++)
        cb_connection_call_async (connection, cb_command_new ("SET", "k", big, NULL), NULL, count_lost_cb, &n_returned);
      cb_test_wait_until (n_returned == 5);

      if (variant == 1)
        {
          cb_test_settle ();
          g_assert_null (weak);
          cb_test_run_for (20);
          continue;
        }
      g_object_remove_weak_pointer (G_OBJECT (connection), &weak);
      cb_fake_server_set_handler (server, NULL, NULL);
      cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
      drop_connection (connection);
    }
}

static void
close_in_callback_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);

  g_assert_no_error (error);
  cb_connection_close (CB_CONNECTION (source));
  ++*(guint *) data;
}

static void
test_close_in_callback (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = open_fake (server);
  guint n_returned = 0;

  cb_connection_call_async (connection, cb_command_new ("A", NULL), NULL, close_in_callback_cb, &n_returned);
  for (int i = 0; i < 5; i++)
    cb_connection_call_async (connection, cb_command_new ("B", NULL), NULL, count_lost_cb, &n_returned);
  cb_test_wait_until (n_returned > 0);
  /* The others not from within the close, but soon. */
  cb_test_wait_until (n_returned == 6);
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_CLOSED);
  drop_connection (connection);
}

static void
test_close_while_connecting (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();

  for (int turns = 0; turns < 12; turns++)
    {
      CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
      g_autoptr (GAsyncResult) open = NULL;
      g_autoptr (GAsyncResult) call = NULL;
      g_autoptr (CbReply) reply = NULL;
      g_autoptr (GError) error = NULL;

      cb_connection_open_async (connection, NULL, cb_test_store_result, &open);
      cb_connection_call_async (connection, cb_command_new ("A", NULL), NULL, cb_test_store_result, &call);
      for (int i = 0; i < turns; i++)
        g_main_context_iteration (NULL, FALSE);
      cb_connection_close (connection);
      cb_connection_open_finish (connection, cb_test_wait_result (&open), NULL);
      reply = cb_connection_call_finish (connection, cb_test_wait_result (&call), &error);
      g_assert_true ((reply != NULL) != (error != NULL));
      if (error != NULL)
        g_assert_true (cb_redis_error_is_connection (error));
      g_clear_object (&open);
      g_clear_object (&call);
      drop_connection (connection);
    }
}

static gboolean
hold_cb (CbFakeServer  *server,
         CbFakeClient  *client,
         const CbValue *command,
         gpointer       data)
{
  CbFakeClient **held = data;

  if (!cb_value_equal_string (cb_value_get_element (command, 0), "SLOW"))
    return FALSE;
  *held = client;
  return TRUE;
}

static void
test_drop_with_calls (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = open_fake (server);
  CbFakeClient *held = NULL;
  gpointer weak = connection;
  guint n_returned = 0;

  /* Calls hold it; with the last one it goes. */
  g_object_add_weak_pointer (G_OBJECT (connection), &weak);
  cb_fake_server_set_handler (server, hold_cb, &held);
  cb_connection_call_async (connection, cb_command_new ("SLOW", NULL), NULL, count_lost_cb, &n_returned);
  g_object_unref (connection);
  cb_test_wait_until (held != NULL);
  g_assert_nonnull (weak);
  cb_fake_client_send (held, "+OK\r\n", -1);
  cb_test_wait_until (n_returned == 1);
  cb_test_settle ();
  g_assert_null (weak);
  cb_test_wait_until (cb_fake_server_get_n_clients (server) == 0);
}

static void
test_timeout (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = open_fake (server);
  g_autoptr (GError) error = NULL;
  CbFakeClient *held = NULL;

  cb_fake_server_set_handler (server, hold_cb, &held);
  {
    g_autoptr (GAsyncResult) slow = NULL;
    g_autoptr (GAsyncResult) endless = NULL;

    /* One that waits without a time-out keeps the link, although the other got no answer. */
    cb_connection_call_async (connection, cb_command_set_timeout (cb_command_new ("SLOW", NULL), 100), NULL,
                              cb_test_store_result, &slow);
    cb_connection_call_async (connection, cb_command_set_timeout (cb_command_new ("SLOW", NULL), -1), NULL,
                              cb_test_store_result, &endless);
    g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&slow), &error));
    g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_TIMED_OUT);
    g_assert_true (g_str_has_prefix (error->message, "SLOW: no reply from 127.0.0.1:"));
    g_clear_error (&error);

    /* The late reply is nobody's. */
    cb_fake_client_send (held, "+late\r\n+rightly\r\n", -1);
    {
      g_autoptr (CbReply) reply = cb_connection_call_finish (connection, cb_test_wait_result (&endless), &error);

      g_assert_no_error (error);
      g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "rightly"));
    }
  }
  g_assert_cmpuint (cb_fake_server_get_n_accepted (server), ==, 1);
  drop_connection (connection);
}

static void
test_cancel (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = open_fake (server);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) cancelled = NULL;
  g_autoptr (GAsyncResult) other = NULL;
  g_autoptr (GAsyncResult) early = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  CbFakeClient *held = NULL;
  guint64 n_sent;

  cb_fake_server_set_handler (server, hold_cb, &held);
  cb_connection_call_async (connection, cb_command_new ("SLOW", NULL), cancellable, cb_test_store_result, &cancelled);
  cb_connection_call_async (connection, cb_command_new ("SLOW", NULL), NULL, cb_test_store_result, &other);
  cb_test_wait_until (held != NULL);
  g_cancellable_cancel (cancellable);
  g_assert_null (cancelled);
  cb_test_settle ();
  g_assert_nonnull (cancelled);
  g_assert_null (cb_connection_call_finish (connection, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  cb_fake_client_send (held, "+dropped\r\n+mine\r\n", -1);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&other), &error);
  g_assert_no_error (error);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "mine"));

  /* One that is cancelled already is not sent. */
  n_sent = cb_connection_get_n_commands_sent (connection);
  cb_connection_call_async (connection, cb_command_new ("SLOW", NULL), cancellable, cb_test_store_result, &early);
  g_assert_null (early);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&early), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cb_connection_get_n_commands_sent (connection), ==, n_sent);

  g_clear_object (&cancelled);
  g_clear_object (&other);
  g_clear_object (&early);
  drop_connection (connection);
}

static void
test_cancel_opening (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_connection_open_async (connection, cancellable, cb_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_false (cb_connection_open_finish (connection, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_CLOSED);
  g_clear_object (&result);
  drop_connection (connection);
}

/* Servers that are not what they should be */

static void
assert_open_fails (CbAddress    *address,
                   CbRedisError  code,
                   const char   *words)
{
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  g_assert_false (cb_test_open (connection, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, CB_REDIS_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "SECRET"));
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_CLOSED);
  g_assert_cmpstr (cb_connection_get_error_message (connection), ==, error->message);

  /* And what is asked of it then, too, at once. */
  g_clear_error (&error);
  g_assert_null (cb_test_call (connection, cb_command_new ("PING", NULL), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);
  g_assert_nonnull (strstr (error->message, words));
  drop_connection (connection);
}

static gboolean
answer_cb (CbFakeServer  *server,
           CbFakeClient  *client,
           const CbValue *command,
           gpointer       data)
{
  const char * const *pairs = data; /* command, answer, …, NULL */

  for (; pairs[0] != NULL; pairs += 2)
    {
      if (cb_value_equal_string (cb_value_get_element (command, 0), pairs[0]))
        {
          cb_fake_client_send (client, pairs[1], -1);
          return TRUE;
        }
    }
  return FALSE;
}

static void
test_not_there (void)
{
  g_autoptr (CbAddress) no_socket = cb_address_new_unix ("/nonexistent/redis.sock");
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autofree char *long_path = g_strnfill (200, 'x');
  g_autofree char *absolute = g_strconcat ("/", long_path, NULL);
  g_autoptr (CbAddress) too_long = cb_address_new_unix (absolute);

  cb_fake_server_set_listening (server, FALSE);
  assert_open_fails (cb_fake_server_get_address (server), CB_REDIS_ERROR_CONNECT, "connection refused");
  assert_open_fails (no_socket, CB_REDIS_ERROR_CONNECT, "There is no socket /nonexistent/redis.sock");
  assert_open_fails (too_long, CB_REDIS_ERROR_CONNECT, "is too long");
}

static void
test_turned_away (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autoptr (CbAddress) with_password = NULL;
  g_autofree char *text = g_strdup_printf ("redis://u:SECRET@%s",
                                           cb_address_get_label (cb_fake_server_get_address (server)));
  CbConnection *connection;

  with_password = cb_address_parse (text, NULL);

  /* Said before anything was asked, so it is no answer to AUTH. */
  cb_fake_server_set_greeting (server, "-DENIED Redis is running in protected mode because\r\n", TRUE);
  assert_open_fails (with_password, CB_REDIS_ERROR_DENIED, "DENIED Redis is running in protected mode");
  cb_fake_server_set_greeting (server, "-ERR max number of clients reached\r\n", TRUE);
  assert_open_fails (with_password, CB_REDIS_ERROR_MAXCLIENTS, "ERR max number of clients reached");
  cb_fake_server_set_greeting (server, "SSH-2.0-OpenSSH_9.2p1\r\n", FALSE);
  assert_open_fails (with_password, CB_REDIS_ERROR_PROTOCOL, "Protocol error");
  cb_fake_server_set_greeting (server, NULL, FALSE);

  /* One that stays with it does not run at it. */
  cb_fake_server_set_greeting (server, "-ERR max number of clients reached\r\n", TRUE);
  connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  {
    gint64 began = g_get_monotonic_time ();
    guint n = cb_fake_server_get_n_accepted (server);
    gint64 retry_at;

    cb_connection_open (connection);
    cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_WAITING);
    g_assert_nonnull (strstr (cb_connection_get_error_message (connection), "max number of clients reached"));
    g_object_get (connection, "retry-at", &retry_at, NULL);
    g_assert_cmpint (retry_at, >=, began + G_TIME_SPAN_SECOND);
    cb_test_run_for (300);
    /* Once a second at most. */
    g_assert_cmpuint (cb_fake_server_get_n_accepted (server) - n, <=,
                      1 + (guint) ((g_get_monotonic_time () - began) / G_TIME_SPAN_SECOND));
    cb_fake_server_set_greeting (server, NULL, FALSE);
    cb_connection_reconnect_now (connection);
    assert_works (connection);
    g_object_get (connection, "retry-at", &retry_at, NULL);
    g_assert_cmpint (retry_at, ==, 0);
    g_assert_null (cb_connection_get_error_message (connection));
  }
  drop_connection (connection);
}

static void
test_sentinel (void)
{
  static const char * const answers[] = {
    "INFO", "$41\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\n",
    "ROLE", "*2\r\n$8\r\nsentinel\r\n*2\r\n$4\r\nmain\r\n$5\r\nother\r\n",
    NULL,
  };
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();

  cb_fake_server_set_handler (server, answer_cb, (gpointer) answers);
  assert_open_fails (cb_fake_server_get_address (server), CB_REDIS_ERROR_SENTINEL,
                     "is a Redis Sentinel, not a server with data. It watches: main, other. Add ?sentinel=main to the address");
}

static void
test_few_rights (void)
{
  /* Everything the handshake asks for by the way may be missing. */
  static const char * const answers[] = {
    "CLIENT", "-NOPERM this user has no permissions to run the 'client|setname' command\r\n",
    "PING", "-NOPERM this user has no permissions to run the 'ping' command\r\n",
    "TIME", "-ERR unknown command 'TIME', with args beginning with: \r\n",
    "INFO", "-NOPERM this user has no permissions to run the 'info' command\r\n",
    "ROLE", "-NOPERM this user has no permissions to run the 'role' command\r\n",
    NULL,
  };
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), "name");
  guint n;

  cb_fake_server_set_handler (server, answer_cb, (gpointer) answers);
  cb_connection_set_keep_alive (connection, 50, 1000);
  g_assert_true (cb_test_open (connection, NULL));
  g_assert_null (cb_connection_get_server_version (connection));
  g_assert_cmpint (cb_connection_get_clock_offset (connection), ==, 0);

  /* And is not asked for again: the probe is one PING. */
  n = cb_fake_server_get_n_commands (server);
  cb_test_wait_until (cb_fake_server_get_n_commands (server) == n + 2);
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_READY);
  drop_connection (connection);
}

static gboolean
loading_cb (CbFakeServer  *server,
            CbFakeClient  *client,
            const CbValue *command,
            gpointer       data)
{
  int *n_left = data;

  if (!cb_value_equal_string (cb_value_get_element (command, 0), "PING") || *n_left == 0)
    return FALSE;
  --*n_left;
  cb_fake_client_send (client, "-LOADING Redis is loading the dataset in memory\r\n", -1);
  return TRUE;
}

static void
test_loading (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  g_autoptr (GAsyncResult) call = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int n_left = 2;

  cb_fake_server_set_handler (server, loading_cb, &n_left);
  cb_connection_open (connection);
  cb_connection_call_async (connection, cb_command_new ("GET", "k", NULL), NULL, cb_test_store_result, &call);
  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_LOADING);
  g_assert_nonnull (strstr (cb_connection_get_error_message (connection), "is still loading its data"));
  g_assert_null (call);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&call), &error);
  g_assert_no_error (error);
  g_assert_cmpint (n_left, ==, 0);
  g_assert_null (cb_connection_get_error_message (connection));
  g_assert_cmpuint (cb_fake_server_get_n_accepted (server), ==, 1);
  g_clear_object (&call);
  drop_connection (connection);

  /* Whoever asks for the outcome does not wait for ever. */
  n_left = 1000;
  connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  cb_connection_set_timeout (connection, 250);
  g_assert_false (cb_test_open (connection, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOADING);
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_CLOSED);
  drop_connection (connection);
}

static void
test_mute (void)
{
  static const char * const answers[] = { "PING", "", NULL };
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), NULL);
  g_autoptr (GError) error = NULL;

  cb_fake_server_set_handler (server, answer_cb, (gpointer) answers);
  cb_connection_set_timeout (connection, 100);
  g_assert_false (cb_test_open (connection, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_CONNECT);
  g_assert_nonnull (strstr (error->message, "takes the connection but does not answer within 0.1 seconds"));
  drop_connection (connection);
}

static void
test_protocol (void)
{
  g_autofree char *nested = NULL;
  g_autoptr (GString) deep = g_string_new (NULL);
  const char *answers[] = { "GET", NULL, NULL };
  const char *cases[4] = { "+unasked\r\n+twice\r\n", "*1\r\n?\r\n", "$-5\r\n", NULL };

  for (int i = 0; i < 200000; i++)
    g_string_append (deep, "*1\r\n");
  cases[3] = deep->str;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbFakeServer) server = cb_fake_server_new ();
      CbConnection *connection = open_fake (server);
      CbConnection *other = open_fake (server);
      g_autoptr (GError) error = NULL;
      g_autoptr (CbReply) reply = NULL;
      g_autofree char *expected = NULL;
      guint n;

      answers[1] = cases[i];
      cb_fake_server_set_handler (server, answer_cb, answers);
      n = cb_fake_server_get_n_accepted (server);

      /* Although it may be repeated: what spoils its own reply would spoil it again. */
      reply = cb_test_call (connection, cb_command_set_repeatable (cb_command_new ("GET", "k", NULL)), &error);
      if (i > 0)
        {
          g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
          g_assert_true (g_str_has_prefix (error->message, "GET: Protocol error"));
        }
      cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_WAITING);
      g_assert_true (g_str_has_prefix (cb_connection_get_error_message (connection), "Protocol error"));
      cb_test_run_for (200);
      g_assert_cmpuint (cb_fake_server_get_n_accepted (server), ==, n);

      /* Others go on, and so does this one. */
      assert_works (other);
      cb_fake_server_set_handler (server, NULL, NULL);
      cb_connection_reconnect_now (connection);
      assert_works (connection);
      drop_connection (connection);
      drop_connection (other);
    }
}

static gboolean
clock_cb (CbFakeServer  *server,
          CbFakeClient  *client,
          const CbValue *command,
          gpointer       data)
{
  g_autofree char *resp = NULL;

  if (!cb_value_equal_string (cb_value_get_element (command, 0), "TIME"))
    return FALSE;
  resp = g_strdup_printf ("*2\r\n$10\r\n%010" G_GINT64_FORMAT "\r\n$1\r\n0\r\n",
                          g_get_real_time () / G_USEC_PER_SEC + *(int *) data);
  cb_fake_client_send (client, resp, -1);
  return TRUE;
}

static void
test_clock (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  int ahead = 3600;
  gint64 began = g_get_monotonic_time ();
  gint64 offset, time, took;
  CbConnection *connection;

  cb_fake_server_set_handler (server, clock_cb, &ahead);
  connection = open_fake (server);
  offset = cb_connection_get_clock_offset (connection);
  time = cb_connection_get_server_time (connection) - g_get_real_time ();
  /* It tells whole seconds, and is not known better than the answer took. */
  took = g_get_monotonic_time () - began;
  g_assert_cmpint (ABS (offset - 3600 * G_TIME_SPAN_SECOND), <=, took + 1100 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (ABS (time - 3600 * G_TIME_SPAN_SECOND), <=, took + 1200 * G_TIME_SPAN_MILLISECOND);
  drop_connection (connection);
}

/* Letting oneself in, on a real server */

static void
test_auth (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  const char *path = cb_test_redis_get_path (redis);
  g_autofree char *none = g_strdup_printf ("unix:%s", path);
  g_autofree char *wrong = g_strdup_printf ("unix:%s?user=ops%%40team&password=SECRET", path);
  g_autofree char *old_wrong = g_strdup_printf ("unix:%s?password=SECRET", path);
  g_autofree char *old_right = g_strdup_printf ("unix:%s?password=other", path);
  g_autofree char *right =
    g_strdup_printf ("unix://ops%%40team:p%%40ss%%3Aw%%2Frd%%23%%2541%%3F%%26%%20%%22x%%22@%s?db=3", path);
  g_autofree char *no_db = g_strdup_printf ("unix:%s?password=other&db=99", path);
  g_autofree char *who = NULL;
  CbConnection *connection;

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "ops@team", "on", ">p@ss:w/rd#%41?& \"x\"", "~*", "&*",
                                      "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "requirepass", "other", NULL));

  {
    g_autoptr (CbAddress) address = cb_address_parse (none, NULL);

    assert_open_fails (address, CB_REDIS_ERROR_NOAUTH, "NOAUTH Authentication required");
  }
  {
    g_autoptr (CbAddress) address = cb_address_parse (wrong, NULL);

    assert_open_fails (address, CB_REDIS_ERROR_WRONGPASS, "AUTH: WRONGPASS invalid username-password pair");
  }
  {
    g_autoptr (CbAddress) address = cb_address_parse (old_wrong, NULL);

    assert_open_fails (address, CB_REDIS_ERROR_WRONGPASS, "WRONGPASS");
  }
  {
    g_autoptr (CbAddress) address = cb_address_parse (no_db, NULL);

    assert_open_fails (address, CB_REDIS_ERROR_FAILED, "SELECT: ERR DB index is out of range");
  }
  {
    g_autoptr (CbAddress) address = cb_address_parse (old_right, NULL);

    connection = cb_connection_new (address, NULL);
    g_assert_true (cb_test_open (connection, NULL));
    assert_works (connection);
    drop_connection (connection);
  }

  /* As whom, in which database, and again after a loss. */
  {
    g_autoptr (CbAddress) address = cb_address_parse (right, NULL);

    connection = cb_connection_new (address, "the-name");
  }
  g_assert_true (cb_test_open (connection, NULL));
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (CbReply) whoami = cb_test_call (connection, cb_command_new ("ACL", "WHOAMI", NULL), NULL);
      g_autoptr (CbReply) info = cb_test_call (connection, cb_command_new ("CLIENT", "INFO", NULL), NULL);
      const char *text = cb_value_get_string (cb_reply_get_value (info), NULL);
      CbTestRedis *same = redis;

      g_assert_true (cb_value_equal_string (cb_reply_get_value (whoami), "ops@team"));
      g_assert_nonnull (strstr (text, " name=the-name "));
      g_assert_nonnull (strstr (text, " db=3 "));
      if (i == 0)
        {
          g_autoptr (CbReply) killed = cb_test_call (connection, cb_command_new ("CLIENT", "KILL", "SKIPME", "no", "USER",
                                                                                 "ops@team", NULL), NULL);

          g_assert_nonnull (same);
          cb_test_wait_until (cb_connection_get_state (connection) != CB_CONNECTION_READY);
          cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
        }
    }
  drop_connection (connection);
}

static void
test_dead_link (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), NULL);
  g_autoptr (GAsyncResult) repeatable = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  /* So long that a busy machine has answered. */
  cb_connection_set_keep_alive (connection, 100, 5000);
  g_assert_true (cb_test_open (connection, NULL));
  cb_test_run_for (300);
  g_assert_cmpint (cb_connection_get_state (connection), ==, CB_CONNECTION_READY);

  /* Nothing is asked, and it is noticed all the same. */
  cb_test_redis_freeze (redis);
  cb_test_wait_until (cb_connection_get_state (connection) != CB_CONNECTION_READY);
  g_assert_nonnull (strstr (cb_connection_get_error_message (connection), "does not answer any more"));
  cb_connection_call_async (connection, cb_command_set_repeatable (cb_command_new ("PING", NULL)), NULL,
                            cb_test_store_result, &repeatable);
  cb_test_redis_thaw (redis);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&repeatable), &error);
  g_assert_no_error (error);
  g_clear_object (&repeatable);
  drop_connection (connection);
}

static void
test_repeat_in_order (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), NULL);
  GAsyncResult *results[10] = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (cb_test_open (connection, NULL));
  cb_test_redis_freeze (redis);
  for (int i = 0; i < 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("%d", i);

      cb_connection_call_async (connection, cb_command_set_repeatable (cb_command_new ("RPUSH", "l", text, NULL)), NULL,
                                cb_test_store_result, &results[i]);
      if (i == 4)
        cb_test_run_for (20); /* these are sent, the others are not */
    }
  cb_test_redis_kill (redis);
  cb_test_redis_start (redis);
  for (int i = 0; i < 10; i++)
    {
      g_autoptr (CbReply) reply = cb_connection_call_finish (connection, cb_test_wait_result (&results[i]), &error);
      gint64 length = 0;

      g_assert_no_error (error);
      g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &length));
      g_assert_cmpint (length, ==, i + 1);
      g_object_unref (results[i]);
    }
  drop_connection (connection);
}

static void
test_scan (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autofree char *escaped = cb_scan_escape ("a[b]*?\\^-c");
  CbScan *scan;
  guint n_batches = 0;

  g_assert_cmpstr (escaped, ==, "a\\[b\\]\\*\\?\\\\\\^\\-c");
  g_assert_true (cb_test_open (connection, NULL));
  cb_test_redis_get_string (redis, "EVAL", "for i = 1, 500 do redis.call ('SET', 'k' .. i, 1); "
                                           "redis.call ('SADD', 's' .. i, 1) end", "0", NULL);
  cb_test_redis_get_integer (redis, "SADD", "a[b]*?\\^-c", "1", NULL);

  scan = cb_scan_new (connection, "[ks]*", "set", 100);
  for (;;)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GPtrArray) batch = NULL;
      g_autoptr (GError) error = NULL;
      guint64 n_sent = cb_connection_get_n_commands_sent (connection);

      cb_scan_next_async (scan, NULL, cb_test_store_result, &result);
      batch = cb_scan_next_finish (scan, cb_test_wait_result (&result), &error);
      g_assert_no_error (error);
      if (batch == NULL)
        break;
      g_assert_cmpuint (cb_connection_get_n_commands_sent (connection), ==, n_sent + 1);
      for (guint i = 0; i < batch->len; i++)
        g_hash_table_add (seen, g_bytes_ref (batch->pdata[i]));
      n_batches++;
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 500);
  g_assert_cmpuint (n_batches, >=, 5);
  g_assert_finalize_object (scan);

  /* Escaped, odd names find themselves and nothing else. */
  scan = cb_scan_new (connection, escaped, NULL, 100000);
  {
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GAsyncResult) pending = NULL;
    g_autoptr (GPtrArray) batch = NULL;
    g_autoptr (GError) error = NULL;

    cb_scan_next_async (scan, NULL, cb_test_store_result, &result);
    cb_scan_next_async (scan, NULL, cb_test_store_result, &pending);
    batch = cb_scan_next_finish (scan, cb_test_wait_result (&result), &error);
    g_assert_no_error (error);
    g_assert_cmpuint (batch->len, ==, 1);
    g_assert_null (cb_scan_next_finish (scan, cb_test_wait_result (&pending), &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  }
  g_assert_finalize_object (scan);
  drop_connection (connection);
}

static void
test_idle_cost (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = open_fake (server);
  guint n = cb_fake_server_get_n_commands (server);

  cb_test_run_for (1500);
  g_assert_cmpuint (cb_fake_server_get_n_commands (server), ==, n);
  drop_connection (connection);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const spoils[CB_N_SPOILS] = { "reset", "close", "half", "garbage", "error", "silence" };

  g_test_init (&argc, &argv, NULL);

  for (int how = 0; how < CB_N_SPOILS; how++)
    {
      g_autofree char *name = g_strdup_printf ("/connection-faults/spoiled/%s", spoils[how]);

      g_test_add_data_func (name, GINT_TO_POINTER (how), test_spoiled);
    }
  g_test_add_func ("/connection-faults/pieces", test_pieces);
  g_test_add_func ("/connection-faults/reset", test_reset);
  g_test_add_func ("/connection-faults/close-in-callback", test_close_in_callback);
  g_test_add_func ("/connection-faults/close-while-connecting", test_close_while_connecting);
  g_test_add_func ("/connection-faults/drop-with-calls", test_drop_with_calls);
  g_test_add_func ("/connection-faults/timeout", test_timeout);
  g_test_add_func ("/connection-faults/cancel", test_cancel);
  g_test_add_func ("/connection-faults/cancel-opening", test_cancel_opening);
  g_test_add_func ("/connection-faults/not-there", test_not_there);
  g_test_add_func ("/connection-faults/turned-away", test_turned_away);
  g_test_add_func ("/connection-faults/sentinel", test_sentinel);
  g_test_add_func ("/connection-faults/few-rights", test_few_rights);
  g_test_add_func ("/connection-faults/loading", test_loading);
  g_test_add_func ("/connection-faults/mute", test_mute);
  g_test_add_func ("/connection-faults/protocol", test_protocol);
  g_test_add_func ("/connection-faults/clock", test_clock);
  g_test_add_func ("/connection-faults/auth", test_auth);
  g_test_add_func ("/connection-faults/dead-link", test_dead_link);
  g_test_add_func ("/connection-faults/repeat-in-order", test_repeat_in_order);
  g_test_add_func ("/connection-faults/scan", test_scan);
  g_test_add_func ("/connection-faults/idle-cost", test_idle_cost);

  return g_test_run ();
}
