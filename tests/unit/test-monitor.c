/* test-monitor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* MONITOR: its lines, what is looked for in them, and that it begins and ends when it is told to. */

#include "cb-fake-server.h"
#include "cb-message-file.h"
#include "cb-monitor.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <glib/gstdio.h>
#include <string.h>

/* --- lines --- */

static void
test_parse (void)
{
  static const struct
  {
    const char *text;
    gint64 time;
    guint db;
    const char *client, *words;
  } good[] = {
    { "1339518083.107412 [0 127.0.0.1:60866] \"keys\" \"*\"", 1339518083107412, 0, "127.0.0.1:60866", "\"keys\" \"*\"" },
    { "1.000001 [15 [::1]:5] \"ping\"", 1000001, 15, "[::1]:5", "\"ping\"" },
    { "1.5 [3 lua] \"get\" \"] \\\"x\"", 1000005, 3, "lua", "\"get\" \"] \\\"x\"" },
    { "1.0 [0 unix:/tmp/a] b/c.sock] \"get\" \"a\"", 1000000, 0, "unix:/tmp/a] b/c.sock", "\"get\" \"a\"" },
    { "1.0 [0 unix:/tmp/a] \"\"", 1000000, 0, "unix:/tmp/a", "\"\"" },
  };
  static const char * const bad[] = { "", "OK", "1.0", "1.0 ", "1.0 [", "1.0 [0", "1.0 [0 a]", "1.0 [0 a] ", "1.0 [0 a] x", "x.0 [0 a] \"b\"", "1 [0 a] \"b\"",
                                      "1.0 [a 0] \"b\"", "1.0 [0] \"b\"", "-1.0 [0 a] \"b\"", "1.1000000 [0 a] \"b\"", "1.0 [99999999999 a] \"b\"",
                                      "99999999999999999999.0 [0 a] \"b\"" };
  CbMonitorLine line;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *client = NULL;
      g_autofree char *words = NULL;

      if (!cb_monitor_line_parse (good[i].text, strlen (good[i].text), &line))
        g_error ("\"%s\" is not understood", good[i].text);
      client = g_strndup (line.client, line.client_length);
      words = g_strndup (line.words, line.words_length);
      g_assert_cmpint (line.time, ==, good[i].time);
      g_assert_cmpuint (line.db, ==, good[i].db);
      g_assert_cmpstr (client, ==, good[i].client);
      g_assert_cmpstr (words, ==, good[i].words);
      /* Nor is one that is cut anywhere read beyond its end. */
      for (gsize length = 0; length < strlen (good[i].text); length++)
        {
          g_autofree char *cut = g_malloc (MAX (length, 1));

          memcpy (cut, good[i].text, length);
          cb_monitor_line_parse (cut, length, &line);
        }
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    if (cb_monitor_line_parse (bad[i], strlen (bad[i]), &line))
      g_error ("\"%s\" is taken for a line", bad[i]);
}

static void
test_filter (void)
{
  static const struct
  {
    const char *command, *argument, *client, *db;
    gboolean matches;
  } cases[] = {
    { "hset", NULL, NULL, NULL, TRUE }, { "HSET", "", "", "", TRUE }, { "get hset", NULL, NULL, NULL, TRUE }, { "h*", NULL, NULL, NULL, TRUE },
    { "h", NULL, NULL, NULL, FALSE }, { "get", NULL, NULL, NULL, FALSE }, { "hse?", NULL, NULL, NULL, TRUE },
    { NULL, "user:1", NULL, NULL, TRUE }, { NULL, " USER:1 ", NULL, NULL, TRUE }, { NULL, "user:2", NULL, NULL, FALSE }, { NULL, "hset", NULL, NULL, FALSE },
    { NULL, "\\x00", NULL, NULL, TRUE }, { NULL, NULL, "127.0.0.1:5", NULL, TRUE }, { NULL, NULL, "127.0.0.2", NULL, FALSE },
    { NULL, NULL, NULL, "12", TRUE }, { NULL, NULL, NULL, "1", FALSE }, { NULL, NULL, NULL, "2", FALSE },
    { "hset", "user", "127", "12", TRUE }, { "hset", "user", "127", "0", FALSE }, { "hset", "a very long argument that is longer than the line is, and so on and on", NULL, NULL, FALSE },
  };
  const char *parts[] = { "", "12 127.0.0.1:5", "\"HSET\" \"user:1\" \"n\" \"a\\x00\"" };
  const gsize lengths[] = { 0, strlen (parts[1]), strlen (parts[2]) };
  g_autoptr (CbReply) reply = cb_reply_new_strings (parts, lengths, 3);

  g_assert_null (cb_monitor_filter_new ("", " ", NULL, ""));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbMessageFilter) filter = cb_monitor_filter_new (cases[i].command, cases[i].argument, cases[i].client, cases[i].db);

      if (cb_message_filter_matches (filter, cb_message_reply_get_channel (reply, CB_TOPIC_CHANNEL),
                                     cb_message_reply_get_payload (reply, CB_TOPIC_CHANNEL)) != cases[i].matches)
        g_error ("case %" G_GSIZE_FORMAT " is wrong", i);
    }
}

/* --- a server --- */

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbMonitor *monitor;
} Fixture;

static void
open_monitor (Fixture *fixture, CbAddress *address)
{
  fixture->connection = cb_connection_new (address, "test");
  fixture->monitor = cb_monitor_new (fixture->connection);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->redis = cb_test_redis_new (NULL, NULL);
  open_monitor (fixture, cb_test_redis_get_address (fixture->redis));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cb_test_assert_finalized_soon (fixture->monitor);
  cb_connection_close (fixture->connection);
  cb_test_assert_finalized_soon (fixture->connection);
  cb_test_redis_free (fixture->redis);
}

static CbMessageCounts
count (Fixture *fixture)
{
  CbMessageCounts counts;

  cb_message_list_get_counts (cb_monitor_get_messages (fixture->monitor), &counts);
  return counts;
}

static gboolean
has_monitors (Fixture *fixture)
{
  g_autofree char *list = cb_test_redis_get_string (fixture->redis, "CLIENT", "LIST", NULL);

  return strstr (list, " flags=O") != NULL;
}

static void
run_it (Fixture *fixture)
{
  cb_monitor_start (fixture->monitor);
  cb_test_wait_until (cb_monitor_get_state (fixture->monitor) != CB_MONITOR_STARTING);
  g_assert_cmpstr (cb_monitor_get_problem (fixture->monitor), ==, NULL);
  g_assert_cmpint (cb_monitor_get_state (fixture->monitor), ==, CB_MONITOR_RUNNING);
}

static void
test_run (Fixture *fixture, gconstpointer data)
{
  CbMessageList *messages = cb_monitor_get_messages (fixture->monitor);
  g_autoptr (CbPubsubMessage) message = NULL;
  g_autofree char *path = NULL;
  g_autofree char *saved = NULL;
  g_autofree char *excerpt = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  gint64 now = g_get_real_time ();

  g_assert_false (has_monitors (fixture));
  run_it (fixture);
  g_assert_true (has_monitors (fixture));
  cb_reply_unref (cb_test_redis_call (fixture->redis, "SET", "a \"b", "line\nbreak", NULL));
  cb_reply_unref (cb_test_redis_call (fixture->redis, "EVAL", "return redis.call('GET', 'x')", "0", NULL));
  cb_test_wait_until (count (fixture).received >= 3);
  cb_message_list_flush (messages);
  message = g_list_model_get_item (G_LIST_MODEL (messages), 0);
  excerpt = cb_pubsub_message_dup_excerpt (message, 100);
  g_assert_cmpstr (excerpt, ==, "\"SET\" \"a \\\"b\" \"line\\nbreak\"");
  g_assert_cmpint (ABS (cb_pubsub_message_get_time (message) - now), <, 60 * G_USEC_PER_SEC);

  /* As redis-cli prints it: what is saved can be read back as lines. */
  path = g_build_filename (cb_test_redis_get_directory (fixture->redis), "saved", NULL);
  file = g_file_new_for_path (path);
  cb_message_file_save_as_async (file, cb_message_list_snapshot (messages), cb_monitor_line_write, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  g_assert_cmpint (cb_message_file_save_finish (file, result, NULL), ==, 3);
  g_assert_true (g_file_get_contents (path, &saved, NULL, NULL));
  {
    g_auto (GStrv) lines = g_strsplit (saved, "\n", -1);
    CbMonitorLine line;

    g_assert_cmpuint (g_strv_length (lines), ==, 4);
    g_assert_true (cb_monitor_line_parse (lines[0], strlen (lines[0]), &line));
    g_assert_cmpint (line.time, ==, cb_pubsub_message_get_time (message));
    g_assert_true (cb_monitor_line_parse (lines[2], strlen (lines[2]), &line));
    g_assert_nonnull (strstr (lines[2], " [0 lua] \"GET\" \"x\""));
  }
  g_unlink (path);

  cb_monitor_stop (fixture->monitor);
  g_assert_cmpint (cb_monitor_get_state (fixture->monitor), ==, CB_MONITOR_STOPPED);
  g_assert_null (cb_monitor_get_problem (fixture->monitor));
  cb_test_wait_until (!has_monitors (fixture));
  /* What was heard stays, and it can begin again. */
  g_assert_cmpuint (count (fixture).in_list, >=, 3);
  run_it (fixture);
  cb_monitor_stop (fixture->monitor);
}

/* An argument of any size, and more than there is room for: nothing goes uncounted. */
static void
test_bounds (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (5 * 1024 * 1024, 'x');
  CbMessageCounts counts;

  run_it (fixture);
  cb_message_list_clear (cb_monitor_get_messages (fixture->monitor));
  cb_reply_unref (cb_test_redis_call (fixture->redis, "SET", "large", large, NULL));
  cb_test_wait_until (count (fixture).received >= 1);
  g_assert_cmpuint (count (fixture).bytes, <, 1024 * 1024);
  cb_message_list_set_limits (cb_monitor_get_messages (fixture->monitor), 100, 1024 * 1024);
  for (guint i = 0; i < 500; i++)
    cb_reply_unref (cb_test_redis_call (fixture->redis, "INCR", "n", NULL));
  cb_test_wait_until (count (fixture).received >= 501);
  counts = count (fixture);
  g_assert_cmpuint (counts.received, ==, counts.in_list + counts.held_back + counts.discarded);
  g_assert_cmpuint (counts.in_list + counts.held_back, <=, 200);
  cb_monitor_stop (fixture->monitor);
}

/* It ends with a sentence, and never begins again by itself. */
static void
test_ends (Fixture *fixture, gconstpointer data)
{
  run_it (fixture);
  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (cb_monitor_get_state (fixture->monitor) == CB_MONITOR_STOPPED);
  g_assert_nonnull (cb_monitor_get_problem (fixture->monitor));
  cb_test_redis_start (fixture->redis);
  for (guint i = 0; i < 20; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  g_assert_false (has_monitors (fixture));

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-monitor", NULL));
  cb_monitor_start (fixture->monitor);
  cb_test_wait_until (cb_monitor_get_state (fixture->monitor) == CB_MONITOR_STOPPED);
  g_assert_nonnull (strstr (cb_monitor_get_problem (fixture->monitor), "'monitor'"));
  /* A connection without a name is not refused for that. */
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "+monitor", "-client|setname", NULL));
  run_it (fixture);

  /* While the server stands still. */
  cb_test_redis_freeze (fixture->redis);
  cb_monitor_stop (fixture->monitor);
  g_assert_cmpint (cb_monitor_get_state (fixture->monitor), ==, CB_MONITOR_STOPPED);
  cb_monitor_start (fixture->monitor);
  cb_monitor_stop (fixture->monitor);
  cb_test_redis_thaw (fixture->redis);
}

static void
test_sign_in (void)
{
  Fixture fixture = { 0 };
  g_autoptr (CbAddress) address = NULL;
  g_autoptr (CbAddress) wrong = NULL;
  g_autofree char *text = NULL;
  g_autofree char *wrong_text = NULL;

  fixture.redis = cb_test_redis_new (NULL, NULL);
  text = g_strdup_printf ("unix://me:pw@%s", cb_test_redis_get_path (fixture.redis));
  wrong_text = g_strdup_printf ("unix://me:no@%s", cb_test_redis_get_path (fixture.redis));
  address = cb_address_parse (text, NULL);
  wrong = cb_address_parse (wrong_text, NULL);
  cb_reply_unref (cb_test_redis_call (fixture.redis, "ACL", "SETUSER", "me", "on", ">pw", "+@all", NULL));
  open_monitor (&fixture, wrong);
  cb_monitor_start (fixture.monitor);
  cb_test_wait_until (cb_monitor_get_state (fixture.monitor) == CB_MONITOR_STOPPED);
  g_assert_nonnull (strstr (cb_monitor_get_problem (fixture.monitor), "WRONGPASS"));
  cb_test_assert_finalized_soon (fixture.monitor);
  cb_connection_close (fixture.connection);
  cb_test_assert_finalized_soon (fixture.connection);

  open_monitor (&fixture, address);
  run_it (&fixture);
  tear_down (&fixture, NULL);
}

/* --- a server that runs ahead --- */

static gboolean
late_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  if (!cb_value_equal_string (cb_value_get_element (command, 0), "MONITOR"))
    return FALSE;
  /* It says nothing wrong about an hour of difference between two clocks, but that grows by eleven seconds. */
  cb_fake_client_send (client, "+OK\r\n+1000011.0 [0 a:1] \"ping\"\r\n+1000011.5 [0 a:1] \"ping\"\r\n", -1);
  cb_fake_client_send_later (client, "+1000000.0 [0 a:1] \"ping\"\r\n", 200);
  /* Nor of that, as long as little waits. */
  cb_fake_client_send_later (client, "+1000011.9 [0 a:1] \"ping\"\r\n", 300);
  if (*(gboolean *) data)
    {
      g_autofree char *argument = g_strnfill (CB_MONITOR_MOST_LATE_BYTES / 8, 'x');
      g_autofree char *line = g_strdup_printf ("+1000000.1 [0 a:1] \"echo\" \"%s\"\r\n", argument);

      for (guint i = 0; i < 8; i++)
        cb_fake_client_send_later (client, line, 400);
    }
  return TRUE;
}

static void
test_lag (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new_unix ();
  Fixture fixture = { 0 };
  gboolean much = FALSE;

  cb_fake_server_set_handler (server, late_cb, &much);
  open_monitor (&fixture, cb_fake_server_get_address (server));
  run_it (&fixture);
  cb_test_wait_until (count (&fixture).received >= 4);
  g_assert_cmpint (cb_monitor_get_state (fixture.monitor), ==, CB_MONITOR_RUNNING);
  cb_monitor_stop (fixture.monitor);
  much = TRUE;
  run_it (&fixture);
  cb_test_wait_until (cb_monitor_get_state (fixture.monitor) == CB_MONITOR_STOPPED);
  g_assert_nonnull (strstr (cb_monitor_get_problem (fixture.monitor), "memory"));
  cb_test_assert_finalized_soon (fixture.monitor);
  cb_connection_close (fixture.connection);
  cb_test_assert_finalized_soon (fixture.connection);
}

/* One that has little to do: many lines in more time than it may be behind, none of them late. */
#define N_SLOW 70
#define SLOW_MSEC 200

static gboolean
slow_cb (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer data)
{
  if (!cb_value_equal_string (cb_value_get_element (command, 0), "MONITOR"))
    return FALSE;
  cb_fake_client_send (client, "+OK\r\n", -1);
  for (guint i = 0; i < N_SLOW; i++)
    {
      g_autofree char *line
        = g_strdup_printf ("+%u.%03u [0 a:1] \"ping\"\r\n", 1000000 + i * SLOW_MSEC / 1000, i * SLOW_MSEC % 1000);

      cb_fake_client_send_later (client, line, i * SLOW_MSEC);
    }
  return TRUE;
}

static void
test_slow (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new_unix ();
  Fixture fixture = { 0 };

  G_STATIC_ASSERT (N_SLOW * SLOW_MSEC * 1000 > CB_MONITOR_MOST_LAG_USEC);
  cb_fake_server_set_handler (server, slow_cb, NULL);
  open_monitor (&fixture, cb_fake_server_get_address (server));
  run_it (&fixture);
  cb_test_wait_until (count (&fixture).received == N_SLOW || cb_monitor_get_state (fixture.monitor) == CB_MONITOR_STOPPED);
  g_assert_cmpstr (cb_monitor_get_problem (fixture.monitor), ==, NULL);
  g_assert_cmpint (cb_monitor_get_state (fixture.monitor), ==, CB_MONITOR_RUNNING);
  cb_test_assert_finalized_soon (fixture.monitor);
  cb_connection_close (fixture.connection);
  cb_test_assert_finalized_soon (fixture.connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/monitor/" name, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/monitor/parse", test_parse);
  g_test_add_func ("/monitor/filter", test_filter);
  ADD ("run", test_run);
  ADD ("bounds", test_bounds);
  ADD ("ends", test_ends);
  g_test_add_func ("/monitor/sign-in", test_sign_in);
  g_test_add_func ("/monitor/lag", test_lag);
  g_test_add_func ("/monitor/slow", test_slow);

  return g_test_run ();
}
