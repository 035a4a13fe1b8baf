/* test-ui-tour.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A user who may only read goes through all pages; the server writes down what it is sent, and none of it writes, or tries to. */

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define MAKE \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, 40 do " \
  "  local state = id > 30 and 'inactive' or 'failed' " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', state, 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused', 'data', '{\"n\":' .. id .. '}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:email:' .. state }) do redis.call ('ZADD', key, 0, z) end " \
  "  if state == 'inactive' then redis.call ('LPUSH', 'q:email:jobs', 1) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end " \
  "redis.call ('HSET', 'q:job:30', 'result', '{\"answer\":42}') " \
  "redis.call ('RPUSH', 'q:job:30:log', 'first line', 'second line') " \
  "redis.call ('SET', 'greeting', 'hello') redis.call ('HSET', 'a-hash', 'city', 'Cali') redis.call ('RPUSH', 'a-list', 'tiger') " \
  "redis.call ('SADD', 'a-set', 'lion') redis.call ('ZADD', 'a-zset', 2.5, 'puma') " \
  "redis.call ('XADD', 'a-stream', '1-0', 'field', 'jaguar') redis.call ('XGROUP', 'CREATE', 'a-stream', 'readers', '0') " \
  "redis.call ('XREADGROUP', 'GROUP', 'readers', 'alice', 'STREAMS', 'a-stream', '>') return 1"

/* ---- a recording of what the server is sent ---- */

typedef struct
{
  GSocketConnection *connection;
  GHashTable *commands;          /* names, lower case */
  GThread *thread;
} Recording;

/* +1700000000.123456 [0 unix:/path] "GET" "key"; an end of line in an argument is escaped. */
static gpointer
record_thread (gpointer data)
{
  Recording *recording = data;
  g_autoptr (GDataInputStream) lines =
    g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (recording->connection)));
  char *line;

  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
    {
      const char *begin = strstr (line, "] \"");
      const char *end = begin != NULL ? strchr (begin + 3, '"') : NULL;

      if (end != NULL)
        {
          g_autofree char *name = g_strndup (begin + 3, end - begin - 3);

          g_hash_table_add (recording->commands, g_ascii_strdown (name, -1));
        }
      g_free (line);
    }
  return NULL;
}

static Recording *
recording_start (CbTestRedis *redis)
{
  Recording *recording = g_new0 (Recording, 1);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (cb_test_redis_get_path (redis));
  g_autoptr (GError) error = NULL;
  char answer[5];

  recording->connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (recording->connection)), "MONITOR\r\n", 9, NULL, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (recording->connection)), answer, 5, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (answer, 5, "+OK\r\n", 5);
  recording->commands = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  recording->thread = g_thread_new ("monitor", record_thread, recording);
  return recording;
}

/* Returns: (transfer full): the names that came */
static GHashTable *
recording_stop (Recording *recording)
{
  GHashTable *commands = recording->commands;

  g_socket_shutdown (g_socket_connection_get_socket (recording->connection), TRUE, TRUE, NULL);
  g_thread_join (recording->thread);
  g_object_unref (recording->connection);
  g_free (recording);
  return commands;
}

/* By the server's own word; FALSE also of what is none of its commands. */
static gboolean
writes (CbTestRedis *redis, const char *name)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "COMMAND", "INFO", name, NULL);
  const CbValue *info = cb_value_get_element (cb_reply_get_value (reply), 0);
  const CbValue *flags = info != NULL && cb_value_get_length (info) > 2 ? cb_value_get_element (info, 2) : NULL;

  for (guint i = 0; flags != NULL && i < cb_value_get_length (flags); i++)
    {
      if (g_strcmp0 (cb_value_get_string (cb_value_get_element (flags, i), NULL), "write") == 0)
        return TRUE;
    }
  return FALSE;
}

/* What was refused was not recorded, but there is a log of that, too: count, …, object, … */
static void
assert_none_tried (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "ACL", "LOG", "128", NULL);
  const CbValue *log = cb_reply_get_value (reply);

  for (guint i = 0; i < cb_value_get_length (log); i++)
    {
      const CbValue *entry = cb_value_get_element (log, i);

      for (guint j = 0; j + 1 < cb_value_get_length (entry); j += 2)
        {
          const char *object = cb_value_get_string (cb_value_get_element (entry, j + 1), NULL);

          if (g_strcmp0 (cb_value_get_string (cb_value_get_element (entry, j), NULL), "object") == 0 && object != NULL &&
              writes (redis, object))
            cb_ui_fail ("It tried to send %s", object);
        }
    }
}

/* ---- the tour ---- */

typedef struct
{
  CbTestRedis *redis;          /* (owned) */
  Recording *recording;        /* (owned) */
} Tour;

static void
tour_begin (Tour *tour, const char *page)
{
  g_autofree char *server = NULL;
  g_autoptr (CbReply) reply = NULL;

  tour->redis = cb_test_redis_new (NULL, NULL);
  server = g_strdup_printf ("unix://looker:secret@%s", cb_test_redis_get_path (tour->redis));
  reply = cb_test_redis_call (tour->redis, "ACL", "SETUSER", "looker", "on", ">secret", "~*", "&*", "+@read", "+subscribe", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  g_assert_cmpint (cb_test_redis_get_integer (tour->redis, "EVAL", MAKE, "0", NULL), ==, 1);
  g_assert_true (writes (tour->redis, "set"));
  g_assert_true (writes (tour->redis, "blmove"));
  g_assert_false (writes (tour->redis, "get"));

  tour->recording = recording_start (tour->redis);
  cb_ui_start ("--server", server, "--page", page, NULL);
}

static void
tour_end (Tour *tour)
{
  g_autoptr (GHashTable) commands = NULL;
  GHashTableIter iter;
  gpointer name;

  cb_ui_stop ();
  commands = recording_stop (tour->recording);
  /* It has seen something. */
  g_assert_true (g_hash_table_contains (commands, "zcard"));
  g_assert_true (g_hash_table_contains (commands, "subscribe") || g_hash_table_contains (commands, "psubscribe"));
  g_hash_table_iter_init (&iter, commands);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_test_message ("%s", (char *) name);
      if (writes (tour->redis, name))
        cb_ui_fail ("It sent %s", (char *) name);
    }
  assert_none_tried (tour->redis);
  cb_test_redis_free (tour->redis);
}

/* What is below the others in a page, which grows while it is read. */
static void
scroll_to (const char *from, const char *name)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (CbUiThing) thing = NULL;
      int x, y;

      cb_ui_scroll (i == 0 ? "label" : NULL, i == 0 ? from : NULL, 5);
      g_usleep (300000);
      thing = cb_ui_peek (NULL, name);
      if (thing == NULL)
        continue;
      cb_ui_get_middle (NULL, name, &x, &y);
      if (y > 60 && y < 810)
        return;
    }

  cb_ui_fail ("%s is not in the window", name);
}

/* The board: queues, their jobs, and all that is beside and above them. */
static void
test_board (void)
{
  Tour tour;

  tour_begin (&tour, "overview");
  cb_ui_wait_text ("Failed: 30");
  cb_ui_wait_text ("Error: refused");
  scroll_to ("Jobs a Second", "Show: Error: refused");
  cb_ui_click_until (NULL, "More about: Error: refused", "What These Have in Common");
  cb_ui_key ("Escape");
  cb_ui_click_on ("label", "Why Jobs Fail");
  cb_ui_click_until ("push button", "Show: Error: refused", "30 of 30 match");

  /* A queue, a job of it, its filter, and all states. */
  cb_ui_key ("ctrl+f");
  cb_ui_key ("Escape");
  cb_ui_wait_text ("30 jobs, newest first");
  cb_ui_click_until ("label", "Overview", "Failed: 30");
  cb_ui_click_until ("panel", "email, 40 jobs, 30 failed", "30 jobs, newest first");
  cb_ui_click_until (NULL, "All, 40 jobs", "40 jobs, state by state");
  cb_ui_click_until ("label", "n: 40", "Timeline");
  cb_ui_click_until (NULL, "Failed, 30 jobs", "30 jobs, newest first");
  cb_ui_click_until ("label", "n: 30", "Job 30");
  cb_ui_wait_text ("Log · 2");
  cb_ui_click_until (NULL, "Show as a Tree", "\"n\"");
  scroll_to ("Timeline", "Raw Fields");
  cb_ui_find (NULL, "Result");
  cb_ui_click_until (NULL, "Keys of the Job", "in it as 02|30");
  scroll_to ("Keys of the Job", "Raw Fields");
  cb_ui_click_until (NULL, "Raw Fields", "max_attempts");
  cb_ui_click_on ("label", "n: 28");
  cb_ui_key ("shift+Down");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_click_until ("push button", "Compare Both…", "Job 28 with job");
  cb_ui_click_until (NULL, "Show All", "Created");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Job 28 with job");
  cb_ui_key ("ctrl+f");
  cb_ui_type ("data.n:7");
  cb_ui_wait_text ("1 of 30 match");
  cb_ui_key ("Escape");
  cb_ui_wait_text ("30 jobs, newest first");
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("35");
  cb_ui_wait_text ("Job 35");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Job 35");

  cb_ui_click_until ("label", "Worker", "Serve");
  /* The doctor says what it needs. */
  cb_ui_click_until ("label", "Doctor", "Check Now");
  cb_ui_click_until ("label", "Check Now", "permission");
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("Notifications");
  cb_ui_wait_text ("Notifications");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Jobs Wait Too Long");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Jobs Wait Too Long");
  cb_ui_click_until ("label", "Overview", "Failed: 30");
  /* Twice, as the window is made anew each time. */
  for (guint i = 0; i < 2; i++)
    {
      cb_ui_key ("F1");
      cb_ui_find ("frame", "Keyboard Shortcuts");
      cb_ui_key ("Escape");
      cb_ui_wait_no_text ("Keyboard Shortcuts");
    }
  tour_end (&tour);
}

/* The server: its keys, each type of them, its messages, a console, and each view of what it says of itself. */
static void
test_server (void)
{
  static const struct
  {
    const char *key;
    const char *value;
  } keys[] = {
    { "greeting", "hello" },
    { "a-hash", "Cali" },
    { "a-list", "tiger" },
    { "a-set", "lion" },
    { "a-zset", "puma" },
    { "a-stream", "field: jaguar" },
  };
  static const struct
  {
    const char *view;
    const char *text;
  } views[] = {
    { "Slow Log", "no permissions to run the 'slowlog" },
    { "Clients", "no permissions to run the 'client" },
    { "Latency", "no permissions to run the 'latency" },
    { "Settings", "no permissions to run the 'config" },
    { "This Program", "ZCARD" },
  };
  Tour tour;

  tour_begin (&tour, "keys");
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    cb_ui_click_until ("label", keys[i].key, keys[i].value);
  /* By single commands, as this user may run no scripts. */
  cb_ui_click_until (NULL, "Groups", "1 entry delivered and not acknowledged");
  cb_ui_click_until ("label", "q", "keys begin with this.");
  cb_ui_key ("ctrl+f");
  cb_ui_type ("greet");
  cb_ui_wait_text ("1 of ");
  cb_ui_key ("Escape");
  cb_ui_click_on (NULL, "As a List");
  cb_ui_find ("label", "q:job:1");

  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  cb_ui_click_on (NULL, "Channel or pattern");
  cb_ui_type ("news");
  cb_ui_key ("Return");
  cb_ui_wait_text ("1 subscription");
  cb_test_wait_until (cb_test_redis_get_integer (tour.redis, "PUBLISH", "news", "paper", NULL) > 0);
  cb_ui_click_until ("label", "paper", "5 bytes");

  cb_ui_click_until ("label", "Console", "looker");
  cb_ui_click_on ("text", "Command");
  cb_ui_type ("get greeting");
  cb_ui_key ("Return");
  cb_ui_wait_text ("\"hello\"");

  cb_ui_click_until ("label", "Server", "no permissions to run the 'info' command");
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    cb_ui_click_until (NULL, views[i].view, views[i].text);
  cb_ui_click_until (NULL, "Monitor", "Start MONITOR");
  cb_ui_click_until (NULL, "Start MONITOR", "no permissions to run the 'monitor' command");
  tour_end (&tour);
}

/* What somebody hears who goes through with the Tab key. */
static void
test_names (void)
{
  static const struct { const char *page, *seen; } pages[] = {
    { "Overview", "Jobs a Second" },  { "email", "No Job Selected" }, { "Keys", "greeting" }, { "Pub/Sub", "Subscribe" },
    { "Console", "Console" },         { "Server", "Memory" },         { "Worker", "What to Do" }, { "Doctor", "Doctor" },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      cb_ui_click_until ("label", pages[i].page, pages[i].seen);
      cb_ui_check_names (pages[i].page);
    }
  cb_ui_click_until ("label", "email", "No Job Selected");
  cb_ui_click_until ("label", "30", "Job 30");
  cb_ui_check_names ("a job");
  cb_ui_click_until ("label", "Keys", "greeting");
  cb_ui_click_until ("label", "a-hash", "Cali");
  cb_ui_check_names ("a key");
  cb_ui_key ("ctrl+n");
  cb_ui_wait_text ("Priority, delay, attempts");
  cb_ui_check_names ("New Job");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Priority, delay, attempts");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/tour/board", test_board);
  g_test_add_func ("/ui/tour/names", test_names);
  g_test_add_func ("/ui/tour/server", test_server);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
