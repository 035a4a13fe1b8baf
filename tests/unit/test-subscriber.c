/* test-subscriber.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-fake-server.h"
#include "cb-redis-error.h"
#include "cb-subscriber-private.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

typedef struct
{
  CbTestRedis *redis;
  CbSubscriber *subscriber;
  GString *heard;       /* "pattern>channel=payload " */
  guint n_messages;
  guint n_subscribed;
  guint n_resumed;
  gint64 deaf;
} Fixture;

static void
append_bytes (GString *text,
              GBytes  *bytes)
{
  gsize length;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;
  g_autofree char *escaped = NULL;
  g_autofree char *copy = NULL;

  if (bytes == NULL)
    return;
  copy = g_strndup (data, length);
  escaped = g_strescape (copy, NULL);
  g_string_append_printf (text, strlen (copy) == length ? "%s" : "%s(%" G_GSIZE_FORMAT ")", escaped, length);
}

static void
message_cb (CbSubscriber *subscriber,
            GBytes       *pattern,
            GBytes       *channel,
            GBytes       *payload,
            Fixture      *fixture)
{
  fixture->n_messages++;
  append_bytes (fixture->heard, pattern);
  g_string_append_c (fixture->heard, '>');
  append_bytes (fixture->heard, channel);
  g_string_append_c (fixture->heard, '=');
  append_bytes (fixture->heard, payload);
  g_string_append_c (fixture->heard, ' ');
}

static void
subscribed_cb (CbSubscriber *subscriber,
               GBytes       *name,
               gboolean      is_pattern,
               Fixture      *fixture)
{
  fixture->n_subscribed++;
}

static void
resumed_cb (CbSubscriber *subscriber,
            gint64        deaf_usec,
            Fixture      *fixture)
{
  fixture->n_resumed++;
  fixture->deaf = deaf_usec;
}

static void
watch_subscriber (Fixture   *fixture,
                  CbAddress *address)
{
  fixture->heard = g_string_new (NULL);
  fixture->subscriber = cb_subscriber_new (address, "test");
  g_signal_connect (fixture->subscriber, "message", G_CALLBACK (message_cb), fixture);
  g_signal_connect (fixture->subscriber, "subscribed", G_CALLBACK (subscribed_cb), fixture);
  g_signal_connect (fixture->subscriber, "resumed", G_CALLBACK (resumed_cb), fixture);
}

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->redis = cb_test_redis_new (NULL, NULL);
  watch_subscriber (fixture, cb_test_redis_get_address (fixture->redis));
}

static void
drop_subscriber (Fixture *fixture)
{
  cb_subscriber_close (fixture->subscriber);
  cb_test_settle ();
  g_assert_finalize_object (fixture->subscriber);
  g_string_free (fixture->heard, TRUE);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  drop_subscriber (fixture);
  cb_test_redis_free (fixture->redis);
}

static void
publish (Fixture    *fixture,
         const char *channel,
         const char *payload)
{
  cb_test_redis_get_integer (fixture->redis, "PUBLISH", channel, payload, NULL);
}

static guint
n_pubsub_clients (Fixture *fixture)
{
  g_autofree char *list = cb_test_redis_get_string (fixture->redis, "CLIENT", "LIST", "TYPE", "pubsub", NULL);
  guint n = 0;

  for (const char *at = strchr (list, '\n'); at != NULL; at = strchr (at + 1, '\n'))
    n++;
  return n;
}

static void
test_messages (Fixture       *fixture,
               gconstpointer  data)
{
  const char *binary[] = { "PUBLISH", "b\0\xff", "\0\r\n" };
  const gsize lengths[] = { 7, 3, 3 };

  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_subscriber_subscribe (fixture->subscriber, "b\0\xff", 3);
  cb_subscriber_psubscribe (fixture->subscriber, "a*", -1);
  g_assert_false (cb_subscriber_get_connected (fixture->subscriber));
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));
  g_assert_cmpuint (fixture->n_subscribed, ==, 3);

  publish (fixture, "a", "1");
  publish (fixture, "ab", "");
  publish (fixture, "other", "x");
  cb_reply_unref (cb_test_redis_call_argv (fixture->redis, 3, binary, lengths));
  cb_test_wait_until (fixture->n_messages == 4);
  g_assert_cmpstr (fixture->heard->str, ==, ">a=1 a*>a=1 a*>ab= >b(3)=(3) ");
}

static void
test_unsubscribe (Fixture       *fixture,
                  gconstpointer  data)
{
  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_subscriber_subscribe (fixture->subscriber, "b", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));

  /* Messages are on their way already when it is given up and taken up again. */
  publish (fixture, "a", "lost");
  cb_subscriber_unsubscribe (fixture->subscriber, "a", -1);
  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_subscriber_unsubscribe (fixture->subscriber, "a", -1);
  cb_test_run_for (50);
  publish (fixture, "a", "unheard");
  publish (fixture, "b", "heard");
  cb_test_wait_until (fixture->n_messages == 1);
  g_assert_cmpstr (fixture->heard->str, ==, ">b=heard ");
  g_assert_true (cb_subscriber_get_connected (fixture->subscriber));

  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));
  publish (fixture, "a", "again");
  cb_test_wait_until (fixture->n_messages == 2);

  /* With the last one the connection is given back. */
  cb_subscriber_unsubscribe (fixture->subscriber, "a", -1);
  cb_subscriber_unsubscribe (fixture->subscriber, "b", -1);
  cb_test_wait_until (n_pubsub_clients (fixture) == 0);
  g_assert_false (cb_subscriber_get_connected (fixture->subscriber));
}

static void
test_resumed (Fixture       *fixture,
              gconstpointer  data)
{
  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_subscriber_psubscribe (fixture->subscriber, "p*", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));

  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (!cb_subscriber_get_connected (fixture->subscriber));
  cb_test_wait_until (cb_subscriber_get_error_message (fixture->subscriber) != NULL);
  g_assert_cmpuint (fixture->n_resumed, ==, 0);

  cb_test_redis_start (fixture->redis);
  cb_test_wait_until (fixture->n_resumed == 1);
  g_assert_true (cb_subscriber_get_connected (fixture->subscriber));
  g_assert_null (cb_subscriber_get_error_message (fixture->subscriber));
  g_assert_cmpint (fixture->deaf, >, 0);
  publish (fixture, "p1", "x");
  cb_test_wait_until (fixture->n_messages == 1);
}

static void
test_dead_link (Fixture       *fixture,
                gconstpointer  data)
{
  /* So long that a busy machine has answered. */
  cb_subscriber_set_keep_alive (fixture->subscriber, 100, 5000);
  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));
  cb_test_run_for (500);
  g_assert_true (cb_subscriber_get_connected (fixture->subscriber));

  cb_test_redis_freeze (fixture->redis);
  cb_test_wait_until (!cb_subscriber_get_connected (fixture->subscriber));
  cb_test_redis_thaw (fixture->redis);
  cb_test_wait_until (fixture->n_resumed == 1);
  g_assert_cmpint (fixture->deaf, >=, 200 * G_TIME_SPAN_MILLISECOND);
}

static void
test_refused (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (CbAddress) address = NULL;
  g_autofree char *text = g_strdup_printf ("unix:%s?user=few&password=p", cb_test_redis_get_path (fixture->redis));
  g_autofree char *listed = NULL;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "few", "on", ">p", "resetchannels", "&may*",
                                      "+subscribe", "+unsubscribe", "+psubscribe", NULL));
  drop_subscriber (fixture);
  address = cb_address_parse (text, NULL);
  watch_subscriber (fixture, address);

  cb_subscriber_subscribe (fixture->subscriber, "may", -1);
  cb_subscriber_subscribe (fixture->subscriber, "not", -1);
  cb_subscriber_psubscribe (fixture->subscriber, "no*", -1);
  cb_test_wait_until (cb_subscriber_get_error_message (fixture->subscriber) != NULL && fixture->n_subscribed == 1);
  g_assert_nonnull (strstr (cb_subscriber_get_error_message (fixture->subscriber), "NOPERM"));
  g_assert_false (cb_subscriber_get_connected (fixture->subscriber));
  publish (fixture, "may", "1");
  cb_test_wait_until (fixture->n_messages == 1);

  /* It is not tried again: the log of refusals does not grow. */
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "LOG", "RESET", NULL));
  cb_test_run_for (300);
  {
    g_autoptr (CbReply) log = cb_test_redis_call (fixture->redis, "ACL", "LOG", NULL);

    g_assert_cmpuint (cb_value_get_length (cb_reply_get_value (log)), ==, 0);
  }

  cb_subscriber_unsubscribe (fixture->subscriber, "not", -1);
  cb_subscriber_punsubscribe (fixture->subscriber, "no*", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));
  g_assert_null (cb_subscriber_get_error_message (fixture->subscriber));
}

static gboolean
answer_short_cb (CbFakeServer  *server,
                 CbFakeClient  *client,
                 const CbValue *command,
                 gpointer       data)
{
  if (!cb_value_equal_string (cb_value_get_element (command, 0), "SUBSCRIBE"))
    return FALSE;
  cb_fake_client_send (client, data, -1);
  return TRUE;
}

static void
test_bad_answers (void)
{
  static const char * const answers[] = {
    "*1\r\n$9\r\nsubscribe\r\n",
    "*0\r\n",
    "*-1\r\n",
    ":1\r\n",
    "*3\r\n$9\r\nsubscribe\r\n$1\r\ny\r\n:1\r\n",
    "*3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:1\r\n",
    "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n",
    "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n*2\r\n$7\r\nmessage\r\n$1\r\nx\r\n",
    "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$7\r\nmessage\r\n:1\r\n*0\r\n",
    "*2\r\n$4\r\npong\r\n$0\r\n\r\n",
    "rubbish\r\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (CbFakeServer) server = cb_fake_server_new ();
      Fixture fixture = { 0 };

      cb_fake_server_set_handler (server, answer_short_cb, (gpointer) answers[i]);
      watch_subscriber (&fixture, cb_fake_server_get_address (server));
      cb_subscriber_subscribe (fixture.subscriber, "x", -1);
      cb_test_wait_until (cb_subscriber_get_error_message (fixture.subscriber) != NULL);
      g_assert_nonnull (strstr (cb_subscriber_get_error_message (fixture.subscriber), "rotocol error"));
      g_assert_cmpuint (fixture.n_messages, ==, 0);

      /* Not in a loop: an attempt a second at most. */
      cb_test_run_for (300);
      g_assert_cmpuint (cb_fake_server_get_n_accepted (server), ==, 1);
      drop_subscriber (&fixture);
    }
}

static void
closing_cb (CbSubscriber *subscriber,
            GBytes       *pattern,
            GBytes       *channel,
            GBytes       *payload,
            gpointer      data)
{
  cb_subscriber_close (subscriber);
}

static void
test_close_in_message (Fixture       *fixture,
                       gconstpointer  data)
{
  cb_subscriber_subscribe (fixture->subscriber, "a", -1);
  cb_test_wait_until (cb_subscriber_get_connected (fixture->subscriber));
  g_signal_connect (fixture->subscriber, "message", G_CALLBACK (closing_cb), NULL);
  for (int i = 0; i < 100; i++)
    publish (fixture, "a", "x");
  cb_test_wait_until (fixture->n_messages > 0);
  cb_test_run_for (20);
  g_assert_cmpuint (fixture->n_messages, ==, 1);
  g_assert_false (cb_subscriber_get_connected (fixture->subscriber));
}

#define ADD(name, function) g_test_add ("/subscriber/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("messages", test_messages);
  ADD ("unsubscribe", test_unsubscribe);
  ADD ("resumed", test_resumed);
  ADD ("dead-link", test_dead_link);
  ADD ("refused", test_refused);
  g_test_add_func ("/subscriber/bad-answers", test_bad_answers);
  ADD ("close-in-message", test_close_in_message);

  return g_test_run ();
}
