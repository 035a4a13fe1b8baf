/* test-sentinel.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* By way of a Sentinel to a primary: what is asked, what is said when that leads nowhere, and that nothing is left behind. A real one:
 * /cases/sentinel. */

#include "cb-connection.h"
#include "cb-fake-server.h"
#include "cb-sentinel.h"
#include "cb-subscriber.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

typedef struct
{
  const char *place;          /* what it answers for the name "main" */
  const char *masters;
  gboolean mute;
  guint n_asked;
  const char *auth;           /* (nullable) what it answers to AUTH, which otherwise is not sent */
  char *given;                /* (owned) (nullable) what came with it */
} Sentinel;

static gboolean
sentinel_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  Sentinel *sentinel = data;

  /* What it lets in with is tried only once it has asked for that. */
  if (sentinel->auth != NULL && cb_value_equal_string (cb_value_get_element (command, 0), "AUTH"))
    {
      const CbValue *second = cb_value_get_element (command, 2);

      g_free (sentinel->given);
      sentinel->given = g_strjoin (" ", cb_value_get_string (cb_value_get_element (command, 1), NULL),
                                   second != NULL ? cb_value_get_string (second, NULL) : NULL, NULL);
      cb_fake_client_send (client, sentinel->auth, -1);
      return TRUE;
    }
  /* Nothing else leaves: who is let in to the primary is no business of the Sentinel. */
  g_assert_true (cb_value_equal_string (cb_value_get_element (command, 0), "SENTINEL"));
  sentinel->n_asked++;
  if (sentinel->mute)
    return TRUE;
  if (cb_value_equal_string (cb_value_get_element (command, 1), "MASTERS"))
    {
      cb_fake_client_send (client, sentinel->masters, -1);
      return TRUE;
    }

  g_assert_true (cb_value_equal_string (cb_value_get_element (command, 1), "GET-MASTER-ADDR-BY-NAME"));
  if (cb_value_equal_string (cb_value_get_element (command, 2), "main"))
    cb_fake_client_send (client, sentinel->place, -1);
  else
    cb_fake_client_send (client, "*-1\r\n", -1);
  return TRUE;
}

static char *
dup_place (CbFakeServer *server)
{
  CbAddress *address = cb_fake_server_get_address (server);
  g_autofree char *port = g_strdup_printf ("%u", cb_address_get_port (address));

  return g_strdup_printf ("*2\r\n$9\r\n127.0.0.1\r\n$%u\r\n%s\r\n", (guint) strlen (port), port);
}

static void
assert_fails_within (CbAddress *address, guint msec, int code, const char *words)
{
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  cb_connection_set_timeout (connection, msec);
  g_assert_false (cb_test_open (connection, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, CB_REDIS_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "SECRET"));
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
  cb_test_run_for (20);
}

/* Told by the other side, however slow the machine is. */
static void
assert_fails (CbAddress *address, int code, const char *words)
{
  assert_fails_within (address, 60000, code, words);
}

/* Who connects, subscribes and opens a second connection gets to the primary, and to another one when that has taken over. */
static void
test_found (void)
{
  g_autoptr (CbTestRedis) first = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRedis) second = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) first_door = cb_fake_server_new_relay (cb_test_redis_get_path (first));
  g_autoptr (CbFakeServer) second_door = cb_fake_server_new_relay (cb_test_redis_get_path (second));
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autofree char *first_place = dup_place (first_door);
  g_autofree char *second_place = dup_place (second_door);
  Sentinel sentinel = { first_place, "*0\r\n", FALSE, 0, NULL, NULL };
  g_autoptr (CbAddress) named = NULL;
  g_autoptr (CbAddress) with_db = NULL;
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  CbConnection *connection;
  CbSubscriber *subscriber;

  cb_reply_unref (cb_test_redis_call (first, "ACL", "SETUSER", "ann", "on", ">SECRET", "~*", "&*", "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (second, "ACL", "SETUSER", "ann", "on", ">SECRET", "~*", "&*", "+@all", NULL));
  cb_fake_server_set_handler (server, sentinel_cb, &sentinel);
  named = cb_address_with_sentinel (cb_fake_server_get_address (server), "main");
  with_db = cb_address_with_db (named, 3);
  address = cb_address_with_login (with_db, "ann", "SECRET");

  connection = cb_connection_new (address, "test");
  g_assert_true (cb_test_open (connection, &error));
  g_assert_no_error (error);
  reply = cb_test_call (connection, cb_command_new ("CLIENT", "INFO", NULL), &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (cb_value_get_string (cb_reply_get_value (reply), NULL), " db=3 "));
  g_assert_nonnull (strstr (cb_value_get_string (cb_reply_get_value (reply), NULL), " user=ann "));
  subscriber = cb_subscriber_new (address, "test");
  cb_subscriber_subscribe (subscriber, "news", -1);
  cb_test_wait_until (cb_subscriber_get_connected (subscriber));
  g_assert_cmpint (cb_test_redis_get_integer (first, "PUBLISH", "news", "x", NULL), ==, 1);
  /* No connection to the Sentinel stays. */
  cb_test_wait_until (cb_fake_server_get_n_clients (server) == 0);
  g_assert_cmpuint (sentinel.n_asked, ==, 2);

  sentinel.place = second_place;
  cb_fake_server_drop_clients (first_door, TRUE);
  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY &&
                      cb_test_redis_get_integer (second, "PUBLISH", "news", "x", NULL) == 1);
  g_clear_pointer (&reply, cb_reply_unref);
  reply = cb_test_call (connection, cb_command_new ("SET", "a", "1", NULL), &error);
  g_assert_no_error (error);
  cb_reply_unref (cb_test_redis_call (second, "SELECT", "3", NULL));
  g_assert_cmpint (cb_test_redis_get_integer (second, "EXISTS", "a", NULL), ==, 1);
  cb_reply_unref (cb_test_redis_call (first, "SELECT", "3", NULL));
  g_assert_cmpint (cb_test_redis_get_integer (first, "EXISTS", "a", NULL), ==, 0);

  cb_subscriber_close (subscriber);
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (subscriber);
  g_assert_finalize_object (connection);
}

static void
test_leads_nowhere (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autoptr (CbFakeServer) gone = cb_fake_server_new ();
  g_autofree char *place = dup_place (gone);
  g_autofree char *label = g_strdup_printf ("The primary of “main” (%s) does not answer: Nothing listens at %s (connection refused)",
                                            cb_address_get_label (cb_fake_server_get_address (gone)),
                                            cb_address_get_label (cb_fake_server_get_address (gone)));
  Sentinel sentinel = { place, "*2\r\n*4\r\n$4\r\nname\r\n$4\r\nmain\r\n$2\r\nip\r\n$1\r\nx\r\n*2\r\n$4\r\nname\r\n$5\r\noth\xff!\r\n", FALSE, 0, NULL, NULL };
  g_autoptr (CbAddress) plain = cb_address_with_login (cb_fake_server_get_address (server), "u", "SECRET");
  g_autoptr (CbAddress) known = cb_address_with_sentinel (plain, "main");
  g_autoptr (CbAddress) unknown = cb_address_with_sentinel (plain, "mian");
  g_autoptr (CbAddress) own = cb_address_with_sentinel_login (known, "watch", "SECRET2");

  cb_fake_server_set_handler (server, sentinel_cb, &sentinel);
  cb_fake_server_set_listening (gone, FALSE);

  assert_fails (unknown, CB_REDIS_ERROR_SENTINEL, "does not know “mian”; it knows: main, oth\xef\xbf\xbd!.");
  sentinel.masters = "*0\r\n";
  assert_fails (unknown, CB_REDIS_ERROR_SENTINEL, "does not know “mian”, and watches nothing");
  sentinel.masters = ":1\r\n";
  assert_fails (unknown, CB_REDIS_ERROR_SENTINEL, "does not know “mian”");
  sentinel.masters = "-NOPERM no\r\n";
  assert_fails (unknown, CB_REDIS_ERROR_NOPERM, "SENTINEL: NOPERM no");

  assert_fails (known, CB_REDIS_ERROR_CONNECT, label);
  sentinel.place = "-ERR unknown command 'SENTINEL', with args beginning with: \r\n";
  assert_fails (known, CB_REDIS_ERROR_SENTINEL, "is no Redis Sentinel. Leave ?sentinel=main out");
  sentinel.place = "-NOAUTH Authentication required.\r\n";
  sentinel.auth = "+OK\r\n";
  assert_fails (known, CB_REDIS_ERROR_SENTINEL, "wants a password: add &sentinel_password=TEXT");
  g_assert_cmpstr (sentinel.given, ==, "u SECRET");
  g_clear_pointer (&sentinel.given, g_free);
  sentinel.auth = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
  assert_fails (known, CB_REDIS_ERROR_SENTINEL, "wants a password, and that of the server is not it: add &sentinel_password=TEXT");
  assert_fails (own, CB_REDIS_ERROR_SENTINEL, "does not let in with this password: look at sentinel_password");
  g_assert_cmpstr (sentinel.given, ==, "watch SECRET2");
  sentinel.auth = "-ERR AUTH <password> called without any password configured for the default user. Are you sure?\r\n";
  assert_fails (own, CB_REDIS_ERROR_SENTINEL, "wants no password: leave sentinel_password out");
  g_clear_pointer (&sentinel.given, g_free);
  sentinel.auth = NULL;
  sentinel.place = "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n99999\r\n";
  assert_fails (known, CB_REDIS_ERROR_UNEXPECTED, "no usable address");
  sentinel.place = "*1\r\n$1\r\na\r\n";
  assert_fails (known, CB_REDIS_ERROR_UNEXPECTED, "no usable address");
  sentinel.place = "+OK\r\n";
  assert_fails (known, CB_REDIS_ERROR_UNEXPECTED, "no usable address");
  sentinel.place = "garbage\r\n";
  assert_fails (known, CB_REDIS_ERROR_PROTOCOL, "");
  sentinel.mute = TRUE;
  assert_fails_within (known, 1000, CB_REDIS_ERROR_CONNECT, "does not answer within 1 seconds");
  cb_fake_server_set_listening (server, FALSE);
  assert_fails (known, CB_REDIS_ERROR_CONNECT, "connection refused");
}

/* Closed at each moment on the way, nothing comes of it any more and nothing stays. */
static void
test_closed_on_the_way (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  g_autoptr (CbFakeServer) primary = cb_fake_server_new ();
  g_autofree char *place = dup_place (primary);
  Sentinel sentinel = { place, "*0\r\n", FALSE, 0, NULL, NULL };
  g_autoptr (CbAddress) address = cb_address_with_sentinel (cb_fake_server_get_address (server), "main");

  cb_fake_server_set_handler (server, sentinel_cb, &sentinel);
  for (guint i = 0; i < 60; i++)
    {
      CbConnection *connection = cb_connection_new (address, NULL);

      sentinel.mute = i % 3 == 2;
      cb_connection_open (connection);
      for (guint k = 0; k < i / 3; k++)
        g_main_context_iteration (NULL, FALSE);
      cb_connection_close (connection);
      cb_test_settle ();
      g_assert_finalize_object (connection);
    }
  cb_test_wait_until (cb_fake_server_get_n_clients (server) == 0 && cb_fake_server_get_n_clients (primary) == 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sentinel/found", test_found);
  g_test_add_func ("/sentinel/leads-nowhere", test_leads_nowhere);
  g_test_add_func ("/sentinel/closed-on-the-way", test_closed_on_the_way);

  return g_test_run ();
}
