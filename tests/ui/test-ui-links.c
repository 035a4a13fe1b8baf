/* test-ui-links.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Connections that die, are closed, refused or lead elsewhere, under a window that somebody uses meanwhile. What becomes of jobs and lists
 * when a server is killed: test-ui-outage.c, test-ui-keys.c. */

#include "cb-fake-server.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

static void
put (CbTestRedis *redis, guint id, const char *state)
{
  static const char script[] =
    "local id, state = ARGV[1], ARGV[2] local zid = string.format ('%02d|%s', #id, id)\n"
    "redis.call ('SADD', 'q:job:types', 'email')\n"
    "redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', state, 'priority', 0, 'data', '{\"to\":\"number ' .. id .. '\"}',\n"
    "            'created_at', 1700000000000 + id, 'promote_at', 1700000000000 + id, 'updated_at', 1700000000000 + id, 'attempts', 1,\n"
    "            'max_attempts', 1)\n"
    "for _, set in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:email:' .. state }) do redis.call ('ZADD', set, 0, zid) end\n"
    "redis.call ('SET', 'q:ids', id)\n"
    "redis.call ('PUBLISH', 'q:events', '{\"id\":' .. id .. ',\"event\":\"enqueue\",\"args\":[\"enqueue\",\"email\"]}')\n"
    "return 1\n";
  g_autofree char *digits = g_strdup_printf ("%u", id);

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", script, "0", digits, state, NULL), ==, 1);
}

static void
start (CbTestRedis *redis, const char *query, const char *page)
{
  g_autofree char *server = g_strdup_printf ("unix:%s%s", cb_test_redis_get_path (redis), query);

  cb_ui_start ("--server", server, "--page", page, NULL);
}

/* Without the test's own. */
static guint
count_connections (CbTestRedis *redis)
{
  g_autofree char *clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);
  guint n = 0;

  for (const char *p = clients; *p != '\0'; p++)
    n += *p == '\n';
  return n - 1;
}

static gint64
get_figure (CbTestRedis *redis, const char *section, const char *prefix)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", section, NULL);
  const char *found = strstr (info, prefix);

  return found != NULL ? g_ascii_strtoll (found + strlen (prefix), NULL, 10) : 0;
}

static gint64
count_subscribers (CbTestRedis *redis, const char *channel)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "PUBSUB", "NUMSUB", channel, NULL);
  gint64 n = -1;

  cb_value_get_integer (cb_value_get_element (cb_reply_get_value (reply), 1), &n);
  return n;
}

static void
subscribe (const char *name)
{
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type (name);
  cb_ui_key ("Return");
}

/* Nothing comes any more and nobody says so, as when a cable is pulled: it is noticed without a click, the window can be used, what was
 * asked for ends, and afterwards all is as before. */
static void
test_frozen (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  gint64 begin;
  guint n;

  for (guint id = 1; id <= 30; id++)
    put (redis, id, "failed");
  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "hello", NULL));
  start (redis, "", "pubsub");
  subscribe ("news");
  cb_test_wait_until (count_subscribers (redis, "news") == 1);
  cb_ui_click_on ("label", "email");
  cb_ui_wait_text ("30 jobs");
  cb_ui_click_on ("label", "Keys");
  cb_ui_find ("label", "a");
  n = count_connections (redis);

  cb_test_redis_freeze (redis);
  begin = g_get_monotonic_time ();
  cb_ui_click_on ("label", "a");
  cb_ui_wait_text ("Reconnect Now");
  /* Fifteen seconds, and as much for a busy machine. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 30 * G_USEC_PER_SEC);
  /* What the click asked for does not wait for ever, and says why it has ended. */
  cb_ui_wait_text ("The Key Can’t Be Read");
  cb_ui_wait_text ("TYPE: no");
  cb_ui_click_on ("label", "email");
  cb_ui_find ("label", "number 30");
  cb_ui_key ("F5");
  cb_ui_click_on ("label", "Keys");
  cb_ui_wait_text ("as it was last seen");
  cb_ui_click_on ("label", "Server");
  cb_ui_click_on ("label", "Pub/Sub");
  cb_ui_wait_text ("waiting");

  cb_test_redis_thaw (redis);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_ui_wait_text ("Nothing was heard for");
  cb_test_wait_until (count_subscribers (redis, "news") == 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PUBLISH", "news", "again", NULL), ==, 1);
  cb_ui_wait_text ("1 received");
  cb_ui_click_on ("label", "Keys");
  cb_ui_click_until ("label", "a", "hello");
  /* One more for what is asked on the page of keys. */
  cb_test_wait_until (count_connections (redis) <= n + 1);
  cb_ui_stop ();
}

/* A server that closes what is idle is not in anybody's way. */
static void
test_idle_closed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--timeout", "1", NULL);
  gint64 before, begin;
  guint n_looks = 0, n_lost = 0;

  for (guint id = 1; id <= 3; id++)
    put (redis, id, "failed");
  start (redis, "", "email");
  cb_ui_wait_text ("3 jobs");
  before = get_figure (redis, "stats", "total_connections_received:");
  for (begin = g_get_monotonic_time (); g_get_monotonic_time () - begin < 6 * G_USEC_PER_SEC; cb_test_run_for (200))
    {
      n_looks++;
      n_lost += cb_ui_has_text ("Reconnect Now");
    }
  /* A machine that does other things may be a moment late. */
  g_assert_cmpuint (4 * n_lost, <=, n_looks);
  /* The test's own is closed as well. */
  g_assert_cmpint (get_figure (redis, "stats", "total_connections_received:") - before, <=, 2 * cb_test_get_seconds (begin) + 5);
  cb_ui_click_on ("label", "number 2");
  cb_ui_wait_text ("Timeline");
  cb_ui_wait_no_text ("Not connected");
  put (redis, 4, "inactive");
  cb_ui_wait_text ("4 jobs");
  cb_ui_stop ();
}

/* No place for one more client: that is said, and it gets in by itself when there is one. Then all pages have no more than there is room
 * for, or say which could not get one, and what was connected goes on. */
static void
test_full (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *others[3];
  gint64 before, begin;

  put (redis, 1, "failed");
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "maxclients", "4", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      others[i] = cb_connection_new (cb_test_redis_get_address (redis), "other");
      g_assert_true (cb_test_open (others[i], NULL));
    }
  before = get_figure (redis, "stats", "rejected_connections:");

  begin = g_get_monotonic_time ();
  start (redis, "", "email");
  cb_ui_wait_text ("max number of clients reached");
  cb_ui_wait_text ("Not Connected");
  cb_test_run_for (4000);
  g_assert_cmpint (get_figure (redis, "stats", "rejected_connections:") - before, >=, 1);
  g_assert_cmpint (get_figure (redis, "stats", "rejected_connections:") - before, <=,
                   cb_test_get_seconds (begin));

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      cb_connection_close (others[i]);
      g_object_unref (others[i]);
    }
  cb_ui_wait_text ("number 1");
  cb_ui_wait_no_text ("max number of clients reached");

  cb_ui_click_on ("label", "Keys");
  cb_ui_wait_text ("6 keys");
  cb_ui_click_on ("label", "Pub/Sub");
  subscribe ("one");
  cb_ui_click_on ("label", "Console");
  cb_ui_wait_text ("Type a Command");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("PING");
  cb_ui_key ("Return");
  cb_test_run_for (1000);
  g_assert_cmpuint (count_connections (redis), <=, 3);
  /* The list goes on, whoever did not get in. */
  cb_ui_click_on ("label", "email");
  put (redis, 2, "failed");
  cb_ui_wait_text ("2 jobs");
  g_assert_false (cb_ui_has_text ("Reconnect Now"));
  cb_ui_stop ();
}

/* Whatever was open, what nobody uses any more has no connection any more: two channels, a console, MONITOR and a worker. */
static void
test_given_back (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  guint n;

  put (redis, 1, "failed");
  start (redis, "", "keys");
  cb_ui_wait_text ("6 keys");
  cb_ui_click_on ("label", "Pub/Sub");
  subscribe ("one");
  subscribe ("t*");
  cb_test_wait_until (count_subscribers (redis, "one") == 1 && cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 1);
  cb_ui_click_on ("label", "Console");
  cb_ui_wait_text ("Type a Command");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("SELECT 3");
  cb_ui_key ("Return");
  cb_ui_wait_text ("[3]>");
  cb_ui_click_until ("label", "Worker", "Serve push_notification_code");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_text ("0 of 4 busy");
  cb_ui_click_on ("label", "Server");
  cb_ui_click_until (NULL, "Monitor", "That may cost a busy server half of its speed");
  cb_ui_click_until (NULL, "Start MONITOR", "commands, ");
  n = count_connections (redis);
  g_test_message ("%u connections at most", n);
  g_assert_cmpuint (n, >=, 5);

  cb_ui_click_until (NULL, "Stop", "Start MONITOR");
  cb_ui_click_on ("label", "Worker");
  cb_ui_click_on (NULL, "Serve push_notification_code");
  cb_ui_wait_no_text ("0 of 4 busy");
  cb_ui_click_on ("label", "Pub/Sub");
  cb_ui_click_away (NULL, "Unsubscribe from one");
  cb_ui_click_away (NULL, "Unsubscribe from t*");
  cb_ui_click_on ("label", "Keys");
  cb_ui_wait_text ("6 keys");
  cb_test_wait_until (count_connections (redis) <= 2);
  /* And the console is as it was. */
  cb_ui_click_on ("label", "Console");
  cb_ui_wait_text ("[3]>");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("CLIENT INFO");
  cb_ui_key ("Return");
  cb_ui_wait_text (" db=3 ");
  cb_ui_stop ();
}

/* The server restarts three times: the row stays selected, what is listened to is listened to once, and nothing is left over. */
static void
test_restarts (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  guint n;

  for (guint id = 1; id <= 5; id++)
    put (redis, id, "failed");
  start (redis, "", "pubsub");
  subscribe ("cb:one");
  subscribe ("cb:*");
  cb_test_wait_until (count_subscribers (redis, "cb:one") == 1 && cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 1);
  cb_ui_click_on ("label", "email");
  cb_ui_click_until ("label", "number 3", "Timeline");
  cb_ui_find (NULL, "Job 3");
  n = count_connections (redis);

  for (guint i = 0; i < 3; i++)
    {
      cb_test_redis_kill (redis);
      cb_ui_wait_text ("Reconnect Now");
      cb_ui_find ("label", "number 5");
      cb_ui_find (NULL, "Job 3");
      cb_test_redis_start (redis);
      cb_ui_wait_no_text ("Reconnect Now");
      cb_test_wait_until (count_subscribers (redis, "cb:one") == 1 && cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 1);
    }
  cb_ui_find (NULL, "Job 3");
  cb_ui_find ("label", "number 5");
  cb_test_wait_until (count_connections (redis) <= n);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "PUBLISH", "cb:one", "hello", NULL), ==, 2);
  cb_ui_click_on ("label", "Pub/Sub");
  cb_ui_wait_text ("2 received, 2 in the list");
  cb_ui_wait_text ("3 gaps");
  /* It never becomes less. */
  cb_test_run_for (500);
  cb_ui_wait_text ("2 received, 2 in the list");
  cb_ui_stop ();
}

/* Whatever is under way when a window is closed, it closes at once, and nothing stays on the server. */
static void
test_closed_on_the_way (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_reply_unref (cb_test_redis_call (redis, "EVAL", "for i = 1, 20000 do redis.call ('SET', 'k:' .. i, i) end\n"
                                                     "redis.call ('SETRANGE', 'big', 10485759, 'z') return 1", "0", NULL));
  put (redis, 1, "failed");

  /* While it connects. */
  cb_test_redis_freeze (redis);
  start (redis, "", "keys");
  cb_ui_key ("ctrl+w");
  cb_ui_wait_ended ();
  cb_test_redis_thaw (redis);
  cb_test_wait_until (count_connections (redis) == 0);

  /* While keys are looked through, a value is read and a job is opened; and what comes late is of no page that was opened since. */
  start (redis, "", "keys");
  cb_ui_wait_text ("20007 keys");
  cb_ui_find ("label", "big");
  cb_test_redis_freeze (redis);
  cb_ui_click_on ("label", "big");
  cb_ui_key ("F5");
  cb_ui_click_on ("label", "email");
  cb_test_run_for (300);
  cb_test_redis_thaw (redis);
  cb_ui_wait_text ("1 job");
  cb_ui_find ("label", "number 1");
  g_assert_false (cb_ui_has_text ("10485760 bytes"));
  cb_test_redis_freeze (redis);
  cb_ui_key ("F5");
  cb_ui_click_on ("label", "number 1");
  cb_ui_key ("ctrl+w");
  cb_ui_wait_ended ();
  cb_test_redis_thaw (redis);
  cb_test_wait_until (count_connections (redis) == 0);
}

/* The same queue in two databases, which share their channels: the window keeps to its own, and says which it is. */
static void
test_database (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);

  put (redis, 1, "failed");
  put (redis, 2, "failed");
  cb_reply_unref (cb_test_redis_call (redis, "SELECT", "3", NULL));
  put (redis, 1, "inactive");
  start (redis, "?db=3", "email");
  cb_ui_wait_text ("?db=3");
  cb_ui_wait_text ("1 job");
  cb_ui_click_until ("label", "number 1", "Timeline");

  /* What another database says of its job 1. */
  cb_test_wait_until (cb_test_redis_get_integer (redis, "PUBLISH", "q:events", "{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"boom\"]}",
                                                 NULL) == 1);
  cb_test_redis_get_integer (redis, "PUBLISH", "q:events", "{\"id\":1,\"event\":\"remove\",\"args\":[\"remove\",\"email\"]}", NULL);
  cb_test_run_for (1500);
  cb_ui_wait_text ("1 job");
  cb_ui_find ("label", "number 1");
  g_assert_false (cb_ui_has_text ("boom"));

  cb_test_redis_kill (redis);
  cb_ui_wait_text ("Reconnect Now");
  cb_test_redis_start (redis);
  cb_ui_wait_no_text ("Reconnect Now");
  cb_reply_unref (cb_test_redis_call (redis, "SELECT", "3", NULL));
  put (redis, 2, "inactive");
  cb_ui_wait_text ("2 jobs");
  cb_ui_find ("label", "number 2");
  cb_ui_stop ();
}

static gboolean
sentinel_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  const char * const *answers = data;

  for (; *answers != NULL; answers += 2)
    if (cb_value_equal_string (cb_value_get_element (command, 0), answers[0]))
      {
        cb_fake_client_send (client, answers[1], -1);
        return TRUE;
      }
  return FALSE;
}

/* A Sentinel, and a server in protected mode: what they are is said, and asked no more often than is good. */
static void
test_no_server (void)
{
  static const char * const answers[] = {
    "INFO", "$41\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\n", "ROLE", "*2\r\n$8\r\nsentinel\r\n*1\r\n$7\r\nma<b>in\r\n", NULL,
  };
  CbFakeServer *sentinel = cb_fake_server_new ();
  CbFakeServer *protected = cb_fake_server_new ();
  g_autofree char *sentinel_uri = cb_address_to_uri (cb_fake_server_get_address (sentinel));
  g_autofree char *protected_uri = cb_address_to_uri (cb_fake_server_get_address (protected));
  gint64 begin;

  cb_fake_server_set_handler (sentinel, sentinel_cb, (gpointer) answers);
  cb_ui_start ("--server", sentinel_uri, NULL);
  cb_ui_wait_text ("Not Connected");
  cb_ui_wait_text ("is a Redis Sentinel, not a server with data. It watches: ma<b>in. Add ?sentinel=ma%3Cb%3Ein to the address");
  cb_ui_stop ();
  cb_fake_server_free (sentinel);

  cb_fake_server_set_greeting (protected, "-DENIED Redis is running in protected mode because protected mode is enabled.\r\n", TRUE);
  begin = g_get_monotonic_time ();
  cb_ui_start ("--server", protected_uri, NULL);
  cb_ui_wait_text ("Not Connected");
  cb_ui_wait_text ("DENIED Redis is running in protected mode");
  cb_test_run_for (4000);
  /* Not before five seconds are over each time, however slow the program was to tell. */
  g_assert_cmpuint (cb_fake_server_get_n_accepted (protected), <=, 1 + cb_test_get_seconds (begin) / 5);
  cb_ui_stop ();
  cb_fake_server_free (protected);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/links/frozen", test_frozen);
  g_test_add_func ("/ui/links/idle-closed", test_idle_closed);
  g_test_add_func ("/ui/links/full", test_full);
  g_test_add_func ("/ui/links/given-back", test_given_back);
  g_test_add_func ("/ui/links/restarts", test_restarts);
  g_test_add_func ("/ui/links/closed-on-the-way", test_closed_on_the_way);
  g_test_add_func ("/ui/links/database", test_database);
  g_test_add_func ("/ui/links/no-server", test_no_server);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
