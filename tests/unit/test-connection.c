/* test-connection.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-connection.h"
#include "cb-connection-private.h"
#include "cb-fake-server.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->redis = cb_test_redis_new (NULL, NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_test_open (fixture->connection, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  g_assert_finalize_object (fixture->connection);
  cb_test_redis_free (fixture->redis);
}

static char *
get_string (CbConnection *connection,
            const char   *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_test_call (connection, cb_command_new ("GET", key, NULL), &error);

  g_assert_no_error (error);
  return g_strdup (cb_value_get_string (cb_reply_get_value (reply), NULL));
}

static void
test_call (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbReply) bytes = NULL;
  g_autofree char *stored = NULL;
  g_autofree char *info = NULL;
  g_autofree char *version_line = NULL;
  CbCommand *command;
  gsize length;

  g_assert_cmpint (cb_connection_get_state (fixture->connection), ==, CB_CONNECTION_READY);
  info = cb_test_redis_get_string (fixture->redis, "INFO", "server", NULL);
  version_line = g_strdup_printf ("redis_version:%s\r\n", cb_connection_get_server_version (fixture->connection));
  g_assert_nonnull (strstr (info, version_line));
  g_assert_cmpint (cb_connection_get_latency (fixture->connection), >, 0);
  g_assert_cmpint (cb_connection_get_clock_offset (fixture->connection), ==, 0);

  command = cb_command_add_bytes (cb_command_new ("SET", "k", NULL), "a\0\r\n\xff", 5);
  reply = cb_test_call (fixture->connection, command, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cb_value_get_kind (cb_reply_get_value (reply)), ==, CB_VALUE_STATUS);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "STRLEN", "k", NULL), ==, 5);

  bytes = cb_test_call (fixture->connection, cb_command_new ("GET", "k", NULL), &error);
  g_assert_no_error (error);
  g_assert_cmpmem (cb_value_get_string (cb_reply_get_value (bytes), &length), 5, "a\0\r\n\xff", 5);
  g_assert_cmpuint (length, ==, 5);

  g_assert_null (cb_test_call (fixture->connection, cb_command_new ("LLEN", "k", NULL), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE);
  g_assert_true (g_str_has_prefix (error->message,
                                   "LLEN k: WRONGTYPE Operation against a key holding the wrong kind of value"));
}

static void
test_pipeline (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();

  for (int i = 0; i < 10000; i++)
    cb_pipeline_add (pipeline, cb_command_new ("INCR", "n", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("LPUSH", "n", "x", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("GET", "n", NULL));

  replies = cb_test_pipeline (fixture->connection, pipeline, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (replies->len, ==, 10002);
  for (int i = 0; i < 10000; i++)
    {
      gint64 number = 0;

      g_assert_true (cb_value_get_integer (cb_reply_get_value (replies->pdata[i]), &number));
      g_assert_cmpint (number, ==, i + 1);
    }
  g_assert_true (cb_value_is_error (cb_reply_get_value (replies->pdata[10000])));
  g_assert_true (cb_value_equal_string (cb_reply_get_value (replies->pdata[10001]), "10000"));
}

static void
test_script (Fixture       *fixture,
             gconstpointer  data)
{
  static const char * const keys[] = { "list" };
  CbScript *script = cb_script_new ("push", "return redis.call ('RPUSH', KEYS[1], ARGV[1])");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (CbReply) reply = NULL;
      gint64 length = 0;

      if (i == 2)
        cb_reply_unref (cb_test_redis_call (fixture->redis, "SCRIPT", "FLUSH", NULL));
      reply = cb_test_call (fixture->connection, cb_command_add_int (cb_command_new_script (script, 1, keys), i), &error);
      g_assert_no_error (error);
      g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &length));
      g_assert_cmpint (length, ==, i + 1);
    }
}

/* A server that was busy with somebody else's script at the first use of one of ours gets the next by its digest, as any other. */
static void
test_script_while_busy (Fixture       *fixture,
                        gconstpointer  data)
{
  CbScript *script = cb_script_new ("one", "return 1");
  g_autoptr (CbConnection) other = cb_connection_new (cb_test_redis_get_address (fixture->redis), "other");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *figures = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "busy-reply-threshold", "1", NULL));
  cb_test_open (other, &error);
  g_assert_no_error (error);
  cb_connection_call_async (other, cb_command_new ("EVAL", "while true do end", "0", NULL), NULL, cb_test_store_result, &result);
  for (int i = 0; i < 500 && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_BUSY); i++)
    {
      g_clear_error (&error);
      cb_test_settle ();
      g_clear_pointer (&reply, cb_reply_unref);
      reply = cb_test_call (fixture->connection, cb_command_new ("GET", "k", NULL), &error);
    }
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_BUSY);
  g_clear_error (&error);

  g_assert_null (cb_test_call (fixture->connection, cb_command_new_script (script, 0, NULL), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_BUSY);
  g_clear_error (&error);

  cb_reply_unref (cb_test_redis_call (fixture->redis, "SCRIPT", "KILL", NULL));
  cb_test_wait_result (&result);
  cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "RESETSTAT", NULL));
  for (int i = 0; i < 3; i++)
    {
      gint64 n = 0;

      g_clear_pointer (&reply, cb_reply_unref);
      reply = cb_test_call (fixture->connection, cb_command_new_script (script, 0, NULL), &error);
      g_assert_no_error (error);
      g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &n));
      g_assert_cmpint (n, ==, 1);
    }
  figures = cb_test_redis_get_string (fixture->redis, "INFO", "commandstats", NULL);
  g_assert_nonnull (strstr (figures, "cmdstat_evalsha:calls=3,"));
  g_assert_null (strstr (figures, "cmdstat_eval:"));

  cb_connection_close (other);
}

static void
test_transaction (Fixture       *fixture,
                  gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  g_autofree char *value = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_new ("SET", "t", "1", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("INCR", "t", NULL));
  replies = cb_test_pipeline (fixture->connection, pipeline, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (replies->len, ==, 2);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (replies->pdata[0]), "OK"));
  g_assert_true (cb_value_get_integer (cb_reply_get_value (replies->pdata[1]), NULL));

  pipeline = cb_pipeline_new ();
  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_new ("SET", "t", "3", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("NOSUCH", NULL));
  g_assert_null (cb_test_pipeline (fixture->connection, pipeline, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_EXECABORT);
  g_assert_nonnull (g_strstr_len (error->message, -1, "NOSUCH: ERR unknown command"));
  value = get_string (fixture->connection, "t");
  g_assert_cmpstr (value, ==, "2");
}

/* What is flushed is done by the server although the main loop does not turn. */
static void
test_flush (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  gint64 end = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;

  cb_connection_flush (fixture->connection);
  cb_connection_call_async (fixture->connection, cb_command_new ("SET", "flushed", "x", NULL), NULL, cb_test_store_result, &result);
  g_usleep (50000);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "EXISTS", "flushed", NULL), ==, 0);
  cb_connection_flush (fixture->connection);
  while (cb_test_redis_get_integer (fixture->redis, "EXISTS", "flushed", NULL) == 0 && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "EXISTS", "flushed", NULL), ==, 1);
  g_assert_null (result);

  reply = cb_connection_call_finish (fixture->connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
}

static void
test_reconnect (Fixture       *fixture,
                gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) repeatable = NULL;
  g_autoptr (GAsyncResult) once = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_WAITING);

  cb_connection_call_async (fixture->connection, cb_command_new ("PING", NULL), NULL, cb_test_store_result, &once);
  cb_connection_call_async (fixture->connection, cb_command_set_repeatable (cb_command_new ("PING", NULL)), NULL,
                            cb_test_store_result, &repeatable);
  g_assert_null (cb_connection_call_finish (fixture->connection, cb_test_wait_result (&once), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);
  g_clear_error (&error);

  cb_test_redis_start (fixture->redis);
  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  reply = cb_connection_call_finish (fixture->connection, cb_test_wait_result (&repeatable), &error);
  g_assert_no_error (error);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "PONG"));
}

static guint
count_bars (GString *text)
{
  guint n = 0;

  for (const char *at = strchr (text->str, '|'); at != NULL; at = strchr (at + 1, '|'))
    n++;
  return n;
}

/* The names of the commands of each client, in their order, with a bar before each client. */
static gboolean
note_cb (CbFakeServer  *server,
         CbFakeClient  *client,
         const CbValue *command,
         gpointer       data)
{
  GString *noted = data;
  guint n = cb_fake_server_get_n_accepted (server);

  while (n > count_bars (noted))
    g_string_append_c (noted, '|');
  g_string_append_printf (noted, "%s ", cb_value_get_string (cb_value_get_element (command, 0), NULL));
  return FALSE;
}

/* On each connection, also on one that comes after a loss, the database is chosen before anything that could read a key. */
static void
test_database_first (void)
{
  CbFakeServer *server = cb_fake_server_new ();
  g_autoptr (CbAddress) address = cb_address_with_db (cb_fake_server_get_address (server), 3);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GString) noted = g_string_new (NULL);
  g_auto (GStrv) clients = NULL;

  cb_fake_server_set_handler (server, note_cb, noted);
  cb_connection_open (connection);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (CbReply) reply = cb_test_call (connection, cb_command_set_repeatable (cb_command_new ("GET", "a", NULL)), &error);

      g_assert_no_error (error);
      cb_fake_server_drop_clients (server, TRUE);
      cb_test_wait_until (cb_connection_get_state (connection) != CB_CONNECTION_READY);
      cb_connection_reconnect_now (connection);
    }

  clients = g_strsplit (noted->str, "|", -1);
  g_assert_cmpuint (g_strv_length (clients), >=, 4);
  for (guint i = 1; clients[i] != NULL; i++)
    if (strstr (clients[i], "GET ") != NULL)
      {
        g_assert_nonnull (strstr (clients[i], "SELECT "));
        g_assert_true (strstr (clients[i], "SELECT ") < strstr (clients[i], "GET "));
      }

  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
  cb_fake_server_free (server);
}

#define ADD(name, function) g_test_add ("/connection/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("call", test_call);
  ADD ("pipeline", test_pipeline);
  ADD ("script", test_script);
  ADD ("script-while-busy", test_script_while_busy);
  ADD ("transaction", test_transaction);
  ADD ("flush", test_flush);
  ADD ("reconnect", test_reconnect);
  g_test_add_func ("/connection/database-first", test_database_first);

  return g_test_run ();
}
