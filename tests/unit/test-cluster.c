/* test-cluster.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Nodes that send one to each other, that are not there, or that say nothing. With real ones: test-case-servers.c. */

#include "cb-connection.h"

#include <string.h>

#include "cb-fake-server.h"
#include "cb-redis-error.h"
#include "cb-test-wait.h"

typedef struct
{
  char *redirection;    /* (owned) (nullable) what GET is answered; NULL: nothing */
  guint n_asked;        /* for GET */
  guint n_asking;
} Node;

static gboolean
answer_cb (CbFakeServer  *server,
           CbFakeClient  *client,
           const CbValue *command,
           gpointer       data)
{
  Node *node = data;

  if (cb_value_equal_string (cb_value_get_element (command, 0), "ASKING"))
    {
      node->n_asking++;
      cb_fake_client_send (client, "+OK\r\n", -1);
      return TRUE;
    }
  if (!cb_value_equal_string (cb_value_get_element (command, 0), "GET"))
    return FALSE;

  node->n_asked++;
  if (node->redirection != NULL)
    cb_fake_client_send (client, node->redirection, -1);
  return TRUE;
}

static CbConnection *
open_to (CbFakeServer *server)
{
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), "test");

  cb_connection_open (connection);
  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
  return connection;
}

static void
ask (CbConnection  *connection,
     int            timeout_msec,
     GAsyncResult **result)
{
  CbCommand *command = cb_command_set_repeatable (cb_command_new ("GET", "k", NULL));

  cb_connection_call_async (connection, cb_command_set_timeout (command, timeout_msec), NULL, cb_test_store_result, result);
}

static char *
redirection_to (const char   *kind,
                CbFakeServer *server)
{
  return g_strdup_printf ("-%s 12539 127.0.0.1:%u\r\n", kind, cb_address_get_port (cb_fake_server_get_address (server)));
}

/* Not for ever, and what was said at last is told. */
static void
test_ring (void)
{
  g_autoptr (CbFakeServer) first = cb_fake_server_new ();
  g_autoptr (CbFakeServer) second = cb_fake_server_new ();
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Node one = { redirection_to ("MOVED", second), 0, 0 };
  Node two = { redirection_to ("ASK", first), 0, 0 };

  cb_fake_server_set_handler (first, answer_cb, &one);
  cb_fake_server_set_handler (second, answer_cb, &two);
  connection = open_to (first);
  ask (connection, 20000, &result);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_ASK);
  g_assert_cmpuint (one.n_asked + two.n_asked, ==, 1 + 5);
  g_assert_cmpuint (one.n_asking, ==, 2);
  g_assert_cmpuint (two.n_asking, ==, 0);
  cb_connection_close (connection);
  g_free (one.redirection);
  g_free (two.redirection);
}

/* The name and, once, what a person can do. */
static void
assert_tells (const GError *error,
              const char   *name)
{
  static const char advice[] = "make that node reachable from here";
  const char *found = strstr (error->message, advice);

  g_test_message ("%s", error->message);
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (found);
  g_assert_null (strstr (found + 1, advice));
}

/* The one that is named is not there: said with its name, and the first is as good as before. */
static void
test_gone (void)
{
  g_autoptr (CbFakeServer) first = cb_fake_server_new ();
  g_autoptr (CbFakeServer) second = cb_fake_server_new ();
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GAsyncResult) soon = NULL;
  g_autoptr (GAsyncResult) beside = NULL;
  g_autoptr (GPtrArray) replies = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();
  const char *words;
  gsize length;
  gint64 begin;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strdup_printf ("127.0.0.1:%u", cb_address_get_port (cb_fake_server_get_address (second)));
  Node one = { redirection_to ("MOVED", second), 0, 0 };

  cb_fake_server_set_handler (first, answer_cb, &one);
  cb_fake_server_set_listening (second, FALSE);
  connection = open_to (first);
  ask (connection, 300, &result);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&result), &error));
  assert_tells (error, name);

  /* It is known to be out of reach now, so that nobody waits for it again, and who asks for something else besides gets that. */
  g_clear_error (&error);
  begin = g_get_monotonic_time ();
  ask (connection, 20000, &soon);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&soon), &error));
  assert_tells (error, name);
  cb_pipeline_add (pipeline, cb_command_new ("GET", "k", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("PING", NULL));
  cb_connection_pipeline_async (connection, pipeline, NULL, cb_test_store_result, &beside);
  replies = cb_connection_pipeline_finish (connection, cb_test_wait_result (&beside), NULL);
  g_assert_nonnull (replies);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (g_ptr_array_index (replies, 1)), "PONG"));
  g_clear_error (&error);
  words = cb_value_get_string (cb_reply_get_value (g_ptr_array_index (replies, 0)), &length);
  error = cb_redis_error_new_from_reply ("GET", words, length);
  assert_tells (error, name);
  /* Two waits of the twenty seconds would show; a slow machine does not. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 15 * G_USEC_PER_SEC);

  g_free (one.redirection);
  one.redirection = g_strdup ("$1\r\nx\r\n");
  ask (connection, 20000, &again);
  reply = cb_connection_call_finish (connection, cb_test_wait_result (&again), NULL);
  g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "x"));
  cb_connection_close (connection);
  g_free (one.redirection);
}

#define FOR_EVER (1000 * 3600) /* ms: longer than a test waits */

/* How it is that nobody can be asked there is known at once: nobody waits until their own time is over. */
static void
test_nonsense (void)
{
  static const char * const greetings[] = { "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
                                            "-DENIED Redis is running in protected mode.\r\n" };
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < G_N_ELEMENTS (greetings); i++)
    {
      g_autoptr (CbFakeServer) first = cb_fake_server_new ();
      g_autoptr (CbFakeServer) second = cb_fake_server_new ();
      g_autoptr (CbConnection) connection = NULL;
      g_autofree char *name = g_strdup_printf ("127.0.0.1:%u", cb_address_get_port (cb_fake_server_get_address (second)));
      Node one = { redirection_to ("MOVED", second), 0, 0 };

      cb_fake_server_set_handler (first, answer_cb, &one);
      cb_fake_server_set_greeting (second, greetings[i], FALSE);
      connection = open_to (first);
      for (guint j = 0; j < 2; j++)
        {
          g_autoptr (GAsyncResult) result = NULL;
          g_autoptr (GError) error = NULL;

          ask (connection, j == 0 ? 4900 : FOR_EVER, &result);
          g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&result), &error));
          assert_tells (error, name);
          /* In the words of what came, not that nothing did. */
          g_assert_null (strstr (error->message, "does not answer"));
        }
      /* Known from the first attempt, without another. */
      g_assert_cmpuint (cb_fake_server_get_n_accepted (second), ==, 1);
      cb_connection_close (connection);
      g_free (one.redirection);
    }
  /* Three waits to the end would show; a slow machine does not. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 13 * G_USEC_PER_SEC);
}

static gboolean
ignore_cb (CbFakeServer  *server,
           CbFakeClient  *client,
           const CbValue *command,
           gpointer       data)
{
  return TRUE;
}

#define N_AT_ONCE 20
#define N_ASKED 22

/* Who has waited in vain knows it for all who come afterwards, however long the attempt itself may take yet; and that is the only one. */
static void
test_silent (void)
{
  g_autoptr (CbFakeServer) first = cb_fake_server_new ();
  g_autoptr (CbFakeServer) second = cb_fake_server_new ();
  g_autoptr (CbConnection) connection = NULL;
  g_autofree char *name = g_strdup_printf ("127.0.0.1:%u", cb_address_get_port (cb_fake_server_get_address (second)));
  Node one = { redirection_to ("MOVED", second), 0, 0 };
  GAsyncResult *results[N_ASKED] = { NULL };

  cb_fake_server_set_handler (first, answer_cb, &one);
  cb_fake_server_set_handler (second, ignore_cb, NULL);
  connection = open_to (first);
  cb_connection_set_timeout (connection, FOR_EVER);
  /* Many at once, and then one after the other. */
  for (guint i = 0; i < N_AT_ONCE; i++)
    ask (connection, 300, &results[i]);
  for (guint i = 0; i < N_ASKED; i++)
    {
      g_autoptr (GError) error = NULL;

      if (i >= N_AT_ONCE)
        ask (connection, FOR_EVER, &results[i]);
      g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&results[i]), &error));
      assert_tells (error, name);
      g_assert_nonnull (strstr (error->message, "It does not answer."));
      g_clear_object (&results[i]);
    }
  g_assert_cmpuint (cb_fake_server_get_n_accepted (second), ==, 1);
  cb_connection_close (connection);
  g_free (one.redirection);
}

/* The same of a node that was there once; and when it is back, everything is as before. */
static void
test_gone_later (void)
{
  g_autoptr (CbFakeServer) first = cb_fake_server_new ();
  g_autoptr (CbFakeServer) second = cb_fake_server_new ();
  g_autoptr (CbConnection) connection = NULL;
  g_autofree char *name = g_strdup_printf ("127.0.0.1:%u", cb_address_get_port (cb_fake_server_get_address (second)));
  Node one = { redirection_to ("MOVED", second), 0, 0 };
  Node two = { g_strdup ("$1\r\nx\r\n"), 0, 0 };

  cb_fake_server_set_handler (first, answer_cb, &one);
  cb_fake_server_set_handler (second, answer_cb, &two);
  connection = open_to (first);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (CbReply) reply = NULL;
      g_autoptr (GError) error = NULL;

      if (i == 1)
        {
          cb_fake_server_set_listening (second, FALSE);
          cb_fake_server_drop_clients (second, TRUE);
          cb_test_wait_until (cb_fake_server_get_n_clients (second) == 0);
        }
      else if (i == 3)
        {
          cb_fake_server_set_listening (second, TRUE);
          cb_test_wait_until (cb_fake_server_get_n_accepted (second) == 2);
        }
      do
        {
          g_clear_object (&result);
          g_clear_error (&error);
          ask (connection, i == 1 ? 2000 : FOR_EVER, &result);
          reply = cb_connection_call_finish (connection, cb_test_wait_result (&result), &error);
        }
      /* It is there, but has not said so yet. */
      while (i == 3 && reply == NULL);
      if (i == 0 || i == 3)
        g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "x"));
      else
        assert_tells (error, name);
    }
  cb_connection_close (connection);
  g_free (one.redirection);
  g_free (two.redirection);
}

/* Closed while the other node has not answered. */
static void
test_closed (void)
{
  g_autoptr (CbFakeServer) first = cb_fake_server_new ();
  g_autoptr (CbFakeServer) second = cb_fake_server_new ();
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Node one = { redirection_to ("MOVED", second), 0, 0 };
  Node two = { NULL, 0, 0 };

  cb_fake_server_set_handler (first, answer_cb, &one);
  cb_fake_server_set_handler (second, answer_cb, &two);
  connection = open_to (first);
  ask (connection, 20000, &result);
  cb_test_wait_until (two.n_asked == 1);
  cb_connection_close (connection);
  g_assert_null (cb_connection_call_finish (connection, cb_test_wait_result (&result), &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOST);
  g_free (one.redirection);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cluster/ring", test_ring);
  g_test_add_func ("/cluster/gone", test_gone);
  g_test_add_func ("/cluster/nonsense", test_nonsense);
  g_test_add_func ("/cluster/silent", test_silent);
  g_test_add_func ("/cluster/gone-later", test_gone_later);
  g_test_add_func ("/cluster/closed", test_closed);

  return g_test_run ();
}
