/* test-ui-connections.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* More than one server and prefix, and servers that are not as they should be. */

#include "cb-fake-server.h"
#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define QUEUE "push_notification_code"

/* The jobs 1 to n of that prefix, for those who are called NUMBER0 and so on; the first has that message. */
static void
create_jobs (CbTestRedis *redis, const char *prefix, guint n, const char *number, const char *message)
{
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, prefix);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  cb_connection_open (connection);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *data = g_strdup_printf ("{\"phoneNumber\":\"%s%u\",\"message\":\"%s\"}", number, i,
                                               i == 0 ? message : "other");
      g_autoptr (GBytes) bytes = g_bytes_new (data, strlen (data));

      g_ptr_array_add (specs, cb_job_spec_new (QUEUE, bytes));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, n);
  cb_connection_close (connection);
}

static gint64
count (CbTestRedis *redis, const char *key)
{
  return cb_test_redis_get_integer (redis, "ZCARD", key, NULL);
}

/* Jobs of the same number on another server and with another prefix: each has its notification, which leads to itself. */
static void
test_same_number (void)
{
  g_autoptr (CbTestRedis) first = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRedis) second = cb_test_redis_new (NULL, NULL);
  g_autofree char *first_uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (first));
  g_autofree char *second_uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (second));
  CbUiNotification *one;
  CbUiNotification *two;

  create_jobs (first, "q", 1, "415351874", "from the first server");
  create_jobs (second, "q", 1, "415351875", "from the second server");
  cb_ui_start ("--server", first_uri, "--page", "worker", NULL);
  cb_ui_click_on (NULL, "Serve " QUEUE);
  one = cb_ui_wait_notification ("4153518740");
  cb_test_wait_until (count (first, "q:jobs:complete") == 1);
  cb_ui_click_on (NULL, "Serve " QUEUE);

  /* A queue of the same name, with a prefix of its own, which is on screen when the notification is clicked. */
  cb_test_run_for (3500); /* until the search that comes with the connection is over */
  create_jobs (first, "z", 3, "415351876", "from the other prefix");
  cb_ui_key ("F5");
  cb_ui_click_on ("panel", QUEUE " · z, 3 jobs, 0 failed");
  cb_ui_wait_text ("4153518760");
  cb_ui_click_notification (one);
  cb_ui_wait_text ("Sending notification to 4153518740, with message: from the first server");

  /* Another window, on a server that has a job of that number in such a queue. */
  cb_ui_start_again ("--server", second_uri, "--page", "worker", NULL);
  cb_ui_click_on (NULL, "Serve " QUEUE);
  two = cb_ui_wait_notification ("4153518750");
  cb_test_wait_until (count (second, "q:jobs:complete") == 1);
  g_assert_cmpuint (two->id, !=, one->id);
  g_assert_false (cb_ui_has_text ("Sending notification to 4153518750"));
  cb_ui_click_notification (two);
  cb_ui_wait_text ("Sending notification to 4153518750, with message: from the second server");
  /* The first window still shows what it did. */
  cb_ui_wait_text ("Sending notification to 4153518740, with message: from the first server");
  cb_ui_stop ();
}

/* A job that is found by its number is shown with its own prefix, whatever queue of that name is on screen. */
static void
test_same_name (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  create_jobs (redis, "q", 1, "415351874", "from the first prefix");
  create_jobs (redis, "z", 3, "415351876", "from the other prefix");
  cb_ui_start ("--server", uri, "--page", "jobs", NULL);
  /* It is looked for some seconds after the usual one, and the two are told apart from then on. */
  cb_ui_wait_text (QUEUE " · z, 3 jobs, 0 failed");
  cb_ui_click_on ("panel", QUEUE " · q, 1 job, 0 failed");
  cb_ui_wait_text ("4153518740");
  g_assert_false (cb_ui_has_text ("4153518761"));

  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Check Queue Health");
  cb_ui_type ("2");
  cb_ui_wait_text ("Job 2");
  cb_ui_key ("Return");
  cb_ui_wait_text ("4153518761");
  cb_ui_wait_no_text ("4153518740");
  cb_ui_stop ();
}

/* As if the file were big: it is read so slowly that this takes half a minute. */
static CbTestRedis *
start_slow_redis (void)
{
  CbTestRedis *redis = cb_test_redis_new ("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024",
                                          "--rdbcompression", "no", NULL);
  g_autofree char *value = g_strnfill (1500, 'x');

  create_jobs (redis, "q", 1, "415351874", "hello");
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *key = g_strdup_printf ("padding:%u", i);
      g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SET", key, value, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }

  return redis;
}

static void
restart_slowly (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SAVE", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  cb_test_redis_kill (redis);
  cb_test_redis_start_nowait (redis);
}

static void
hurry (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "CONFIG", "SET", "key-load-delay", "0", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

/* A server that reads a big file before it answers: the window says what it waits for, and goes on by itself. */
static void
test_loading (void)
{
  g_autoptr (CbTestRedis) redis = start_slow_redis ();
  g_autofree char *uri = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  restart_slowly (redis);
  cb_ui_start ("--server", uri, "--page", QUEUE, NULL);
  cb_ui_wait_text ("The Server Is Reading Its Data");
  g_assert_false (cb_ui_has_text ("4153518740"));
  hurry (redis);
  cb_ui_wait_text ("4153518740");
  cb_ui_wait_no_text ("Is Reading Its Data");

  /* It is started again while somebody looks: what was seen stays, with why it stands still. */
  restart_slowly (redis);
  cb_ui_wait_text ("The server is still reading its data from disk.");
  cb_ui_wait_text ("4153518740");
  hurry (redis);
  cb_ui_wait_no_text ("still reading its data");
  cb_ui_wait_text ("4153518740");
  cb_ui_stop ();
}

/* A job that was made just now by the clock of the server, and is due ten minutes later. */
#define DELAYED \
  "local t, T = redis.call ('TIME'), ARGV[2] " \
  "local now = t[1] * 1000 + ARGV[1] * 1000 " \
  "local function text (n) return string.format ('%.0f', n) end " \
  "redis.call ('SADD', 'q:job:types', T) redis.call ('SET', 'q:ids', 1) " \
  "redis.call ('HSET', 'q:job:1', 'type', T, 'state', 'delayed', 'priority', '0', 'max_attempts', '1', 'created_at', text (now), " \
  "            'updated_at', text (now), 'delay', '600000', 'promote_at', text (now + 600000), 'data', '{\"n\":1}') " \
  "redis.call ('ZADD', 'q:jobs', 0, '01|1') redis.call ('ZADD', 'q:jobs:' .. T .. ':delayed', 0, '01|1') " \
  "redis.call ('ZADD', 'q:jobs:delayed', text (now + 600000), '01|1') return 1"

/* Jobs go by the server's clock, so that one that is off is worth a word. */
static void
test_clock (gconstpointer data)
{
  int shift = GPOINTER_TO_INT (data);
  g_autofree char *shift_text = g_strdup_printf ("%d", shift);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbFakeServer) relay = cb_fake_server_new_relay (cb_test_redis_get_path (redis));
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (relay));

  cb_fake_server_set_clock (relay, shift);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", DELAYED, "0", shift_text, QUEUE, NULL), ==, 1);
  cb_ui_start ("--server", uri, "--page", QUEUE, NULL);
  cb_ui_wait_text ("clock 3 h");
  cb_ui_wait_text (shift > 0 ? " ahead" : " behind");

  /* Made a moment ago there, and due in ten minutes: that is what is seen, whatever this machine's clock says. */
  cb_ui_click_until ("label", "n: 1", "Timeline");
  cb_ui_wait_text ("due in 9 min");
  g_assert_false (cb_ui_has_text ("in 3 h"));
  g_assert_false (cb_ui_has_text ("in 2 h"));
  g_assert_false (cb_ui_has_text ("3 h ago"));
  g_assert_false (cb_ui_has_text ("overdue"));
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/connections/same-number", test_same_number);
  g_test_add_func ("/ui/connections/same-name", test_same_name);
  g_test_add_func ("/ui/connections/loading", test_loading);
  g_test_add_data_func ("/ui/connections/clock-ahead", GINT_TO_POINTER (3600 * 3 + 60), test_clock);
  g_test_add_data_func ("/ui/connections/clock-behind", GINT_TO_POINTER (-3600 * 3 - 60), test_clock);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
