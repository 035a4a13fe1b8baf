/* test-cli.c: callboardctl against a real server, line by line
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

#include "cb-fake-server.h"
#include "cb-test-child.h"
#include "cb-test-cli.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define expect cb_test_cli_expect

/* --- the server --- */

static void
test_ping (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;

  expect (redis, 0, "Redis client connected to the server\n", "", "ping");

  run = cb_test_cli_get (redis, "ping", "--json");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_true (g_str_has_prefix (run->output, "{\"connected\":true,\"server\":"));

  cb_test_redis_kill (redis);
  expect (redis, 3, "", "Redis client not connected to the server: ?*\n", "ping");
  g_clear_pointer (&run, cb_test_run_free);
  run = cb_test_cli_get (redis, "--json", "ping");
  g_assert_cmpint (run->status, ==, 3);
  g_assert_true (g_str_has_prefix (run->output, "{\"connected\":false,\"server\":"));
}

static void
test_no_connection (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_test_redis_kill (redis);
  expect (redis, 3, "", "callboardctl: ?*\n", "get", "key");
  expect (redis, 3, "", "callboardctl: ?*\n", "job", "list");
  expect (redis, 3, "", "callboardctl: ?*\n", "queue", "list");
  expect (redis, 3, "", "callboardctl: ?*\n", "subscribe", "channel");
  expect (redis, 3, "", "callboardctl: ?*\n", "work", "type");
  expect (redis, 3, "", "callboardctl: ?*\n", "--server", "redis://127.0.0.1:1", "get", "key");
  expect (redis, 2, "", "callboardctl: ?*\n", "--server", "gopher://nowhere", "get", "key");
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--requirepass", "secret", NULL);
  g_autofree char *uri = g_strdup_printf ("unix://:secret@%s", cb_test_redis_get_path (redis));
  g_autofree char *wrong = g_strdup_printf ("unix://:guess@%s", cb_test_redis_get_path (redis));
  g_autofree char *user = g_strdup_printf ("unix://reader:pw@%s", cb_test_redis_get_path (redis));

  expect (redis, 3, "", "Redis client not connected to the server: ?*\n", "ping");
  expect (redis, 3, "", "callboardctl: ?*\n", "get", "key");
  expect (redis, 3, "", "callboardctl: ?*\n", "--server", wrong, "get", "key");
  expect (redis, 0, "null\n", "", "--server", uri, "get", "key");

  /* A user who may only read: writing is refused in words, looking goes on. */
  expect (redis, 0, "OK\n", "", "--server", uri, "call", "ACL", "SETUSER", "reader", "on", ">pw", "~*", "&*",
          "+@read", "+@connection", "+info", "+time", "+client", "+scan");
  expect (redis, 1, "", "callboardctl: ?*\n", "--server", user, "set", "key", "value");
  expect (redis, 0, "null\n", "", "--server", user, "get", "key");
  expect (redis, 1, "About to send message\n", "callboardctl: ?*\n", "--server", user, "publish", "channel", "message");
}

static gboolean
loading_cb (CbFakeServer *server,
            CbFakeClient *client,
            const CbValue *command,
            gpointer user_data)
{
  cb_fake_client_send (client, "-LOADING Redis is loading the dataset in memory\r\n", -1);
  return TRUE;
}

static gboolean
silent_cb (CbFakeServer *server,
           CbFakeClient *client,
           const CbValue *command,
           gpointer user_data)
{
  return cb_value_equal_string (cb_value_get_element (command, 0), "GET");
}

/* A server that is not ready in time, one that is silent, one that talks something else. */
static void
test_strange_servers (void)
{
  CbFakeServer *fake = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (fake));
  g_autoptr (CbTestRun) run = NULL;

  cb_fake_server_set_handler (fake, loading_cb, NULL);
  expect (NULL, 3, "", "Redis client not connected to the server: ?*\n", "--server", uri, "ping", "--timeout", "600");
  expect (NULL, 3, "", "callboardctl: ?*\n", "--server", uri, "--timeout", "600", "job", "list");

  cb_fake_server_set_handler (fake, silent_cb, NULL);
  expect (NULL, 3, "", "callboardctl: ?*\n", "--server", uri, "get", "key", "--timeout", "400");

  cb_fake_server_set_handler (fake, NULL, NULL);
  cb_fake_server_set_greeting (fake, "HTTP/1.1 400 Bad Request\r\n\r\n", FALSE);
  expect (NULL, 3, "", "Redis client not connected to the server: ?*\n", "--server", uri, "ping", "--timeout", "1000");

  cb_fake_server_free (fake);
}

/* --- values --- */

static void
test_values (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "Reply: OK\n", "", "set", "Holberton", "School");
  expect (redis, 0, "School\n", "", "get", "Holberton");
  expect (redis, 0, "null\n", "", "get", "missing");
  expect (redis, 0, "{\"reply\":\"OK\"}\n", "", "set", "--json", "with space", "a\tb\nc");
  expect (redis, 0, "a\tb\nc\n", "", "get", "with space");
  expect (redis, 0, "\"a\\tb\\nc\"\n", "", "--json", "get", "with space");
  expect (redis, 0, "null\n", "", "get", "missing", "--json");
  expect (redis, 0, "Reply: OK\n", "", "set", "--", "--key", "--value");
  expect (redis, 0, "--value\n", "", "get", "--", "--key");
  expect (redis, 0, "Reply: OK\n", "", "set", "number", "-5");

  expect (redis, 0, "Reply: 1\nReply: 1\nReply: 1\n", "", "hset", "HolbertonSchools",
          "Portland", "50", "Seattle", "80", "New York", "20");
  expect (redis, 0, "Reply: 0\nReply: 1\n", "", "hset", "HolbertonSchools", "Portland", "51", "Cali", "40");
  expect (redis, 0, "{\"Portland\":\"51\",\"Seattle\":\"80\",\"New York\":\"20\",\"Cali\":\"40\"}\n", "",
          "hgetall", "HolbertonSchools");
  expect (redis, 0, "{}\n", "", "hgetall", "missing");
  expect (redis, 2, "", "callboardctl: The field “Seattle” has no value *\n", "hset", "key", "Portland", "50", "Seattle");

  /* A key of another type. */
  expect (redis, 1, "", "callboardctl: ?*\n", "get", "HolbertonSchools");
  expect (redis, 1, "", "callboardctl: ?*\n", "hgetall", "Holberton");
  expect (redis, 1, "", "callboardctl: ?*\n", "hset", "Holberton", "a", "b");
}

/* Not UTF-8: in as bytes, out as bytes, in whatever locale. */
static void
test_bytes (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  const char *words[] = { "SET", "b", "\0x", NULL };
  const gsize lengths[] = { 3, 1, 2 };
  g_autoptr (CbReply) reply = NULL;
  g_autofree char *stored = NULL;

  expect (redis, 0, "Reply: OK\n", "", "set", "k\xff", "v\xe9\x01");
  stored = cb_test_redis_get_string (redis, "GET", "k\xff", NULL);
  g_assert_cmpstr (stored, ==, "v\xe9\x01");
  expect (redis, 0, "v\xe9\x01\n", "", "get", "k\xff");
  expect (redis, 0, "k\\xff\n", "", "keys");
  expect (redis, 0, "{\"base64\":\"dukB\"}\n", "", "--json", "get", "k\xff");

  reply = cb_test_redis_call_argv (redis, 3, words, lengths);
  expect (redis, 0, "\"\\u0000x\"\n", "", "--json", "get", "b");
  expect (redis, 0, "\"\\x00x\"\n", "", "call", "GET", "b");
}

/* Expected is what redis-cli itself prints. */
static void
check_call (CbTestRedis *redis,
            const char * const *words)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GPtrArray) ours = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = NULL;

  g_ptr_array_add (argv, (gpointer) "redis-cli");
  g_ptr_array_add (argv, (gpointer) "-s");
  g_ptr_array_add (argv, (gpointer) cb_test_redis_get_path (redis));
  g_ptr_array_add (argv, (gpointer) "--no-raw");
  g_ptr_array_add (ours, (gpointer) "call");
  for (; *words != NULL; words++)
    {
      g_ptr_array_add (argv, (gpointer) *words);
      g_ptr_array_add (ours, (gpointer) *words);
    }
  g_ptr_array_add (argv, NULL);
  g_ptr_array_add (ours, NULL);

  process = cb_test_child_new ((const char * const *) argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &expected, NULL, &error);
  g_assert_no_error (error);

  run = cb_test_cli_run (redis, NULL, (const char * const *) ours->pdata);
  g_assert_cmpint (run->status, ==, 0);
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpstr (run->output, ==, expected);
}

#define call(redis, ...) check_call ((redis), (const char * const[]) { __VA_ARGS__, NULL })

static void
test_call (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  call (redis, "PING");
  call (redis, "ECHO", "--json");
  call (redis, "SET", "key", "a \"b\" \\ \n\r\t\a\b\x01 c");
  call (redis, "GET", "key");
  call (redis, "GET", "missing");
  call (redis, "STRLEN", "key");
  call (redis, "LRANGE", "missing", "0", "-1");
  call (redis, "EVAL", "redis.call('DEL', 'list') return redis.call('RPUSH', 'list', unpack(ARGV))", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11");
  call (redis, "LRANGE", "list", "0", "-1");
  call (redis, "EVAL", "return {1, {2, {}, {'a', 'b', false}}, {err='ERR inside'}, 'end'}", "0");

  expect (redis, 0, "[1,[2,[],[\"a\",null]],\"end\"]\n", "", "--json", "call",
          "EVAL", "return {1, {2, {}, {'a', false}}, 'end'}", "0");
  expect (redis, 0, "\"grün\"\n", "", "call", "ECHO", "grün");
  expect (redis, 1, "", "callboardctl: ?*\n", "call", "NOSUCHCOMMAND");
  expect (redis, 1, "", "callboardctl: ?*\n", "call", "LRANGE", "key", "0", "-1");
  expect (redis, 2, "", "callboardctl: ?*\n", "call", "SUBSCRIBE", "channel");
  expect (redis, 2, "", "callboardctl: ?*\n", "call");
}

static void
test_keys (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_auto (GStrv) lines = NULL;

  expect (redis, 0, "", "", "keys");
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key:%u", i);
      g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SET", key, "", NULL);
    }
  run = cb_test_cli_get (redis, "keys");
  lines = g_strsplit (run->output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3001);
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *key = g_strdup_printf ("key:%u", i);

      g_assert_true (g_strv_contains ((const char * const *) lines, key));
    }

  expect (redis, 0, "key:2999\n", "", "keys", "key:2999");
  expect (redis, 0, "\"key:2999\"\n", "", "--json", "keys", "key:2999");
  expect (redis, 0, "Reply: OK\n", "", "set", "line\nbreak\x1b[31m", "");
  expect (redis, 0, "line\\nbreak\\x1b[31m\n", "", "keys", "line*");
}

/* --- messages --- */

static void
test_messages (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) stream = NULL;

  process = cb_test_cli_start (redis, "subscribe", "holberton school channel", "--pattern", "news.*",
                               "--until", "KILL_SERVER");
  stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  cb_test_wait_until (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 1);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EVAL",
                                                 "return redis.call('PUBSUB','NUMSUB','holberton school channel')[2]",
                                                 "0", NULL) == 1);

  expect (redis, 0, "About to send Holberton Student #1 starts course\n", "",
          "publish", "holberton school channel", "Holberton Student #1 starts course", "--after", "50");
  cb_test_assert_line (stream, "Holberton Student #1 starts course");
  expect (redis, 0, "{\"message\":\"hello\",\"receivers\":1}\n", "", "publish", "news.x", "hello", "--json");
  cb_test_assert_line (stream, "hello");
  expect (redis, 0, "About to send KILL_SERVER\n", "", "publish", "holberton school channel", "KILL_SERVER");
  cb_test_assert_line (stream, "KILL_SERVER");
  cb_test_assert_line (stream, NULL);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);

  expect (redis, 2, "", "callboardctl: ?*\n", "subscribe");
  expect (redis, 2, "", "callboardctl: --after must be *\n", "publish", "a", "b", "--after", "soon");
}

/* What subscribe saves, replay publishes, to the byte; channels says who listens. */
static void
test_save_and_replay (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *file = g_build_filename (cb_test_redis_get_directory (redis), "saved.jsonl", NULL);
  g_autofree char *saved = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GSubprocess) second = NULL;

  process = cb_test_cli_start (redis, "subscribe", "news", "--pattern", "other*", "--save", file, "--until", "STOP");
  while (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 0)
    g_usleep (10000);
  expect (redis, 0, "       1  news\n", "callboardctl: There is also 1 subscription to a pattern\n", "channels");
  expect (redis, 0, "{\"channel\":\"news\",\"subscribers\":1}\n", NULL, "channels", "ew", "--json");
  expect (redis, 0, "", NULL, "channels", "e*");
  expect (redis, 0, "About to send \xff\n", "", "publish", "news", "\xff", "--repeat", "3", "--interval", "1");
  expect (redis, 0, "{\"message\":\"x\",\"receivers\":1}\n{\"message\":\"x\",\"receivers\":1}\n", "", "publish", "other", "x",
          "--repeat", "2", "--interval", "1", "--json");
  expect (redis, 0, "{\"message\":\"x\",\"receivers\":0}\n", "", "publish", "news", "x", "--sharded", "--json");
  expect (redis, 0, NULL, "", "publish", "news", "STOP");
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
  g_assert_true (g_file_get_contents (file, &saved, NULL, NULL));

  /* Everything again, to one that listens to sharded channels as well and saves nothing. */
  second = cb_test_cli_start (redis, "--json", "subscribe", "--pattern", "*", "--until", "STOP");
  while (cb_test_redis_get_integer (redis, "PUBSUB", "NUMPAT", NULL) == 0)
    g_usleep (10000);
  expect (redis, 0, "6 sent, received 6 times\n", "", "replay", file, "--speed", "max");
  g_assert_cmpint (cb_test_cli_wait (second), ==, 0);
  g_assert_nonnull (strstr (saved, "\"channel\":\"news\",\"message\":{\"base64\":\"/w==\"}}\n"));
  g_assert_nonnull (strstr (saved, "\"channel\":\"other\",\"pattern\":\"other*\",\"message\":\"x\"}\n"));

  expect (redis, 0, "{\"sent\":6,\"receivers\":0}\n", "", "replay", file, "--speed", "1000", "--json");
  expect (redis, 2, "", "callboardctl: --speed must be *\n", "replay", file, "--speed", "0");
  expect (redis, 2, "", "callboardctl: --speed must be *\n", "replay", file, "--speed", "fast");
  expect (redis, 1, NULL, "callboardctl: ?*\n", "replay", "/no/such/file");
  g_assert_true (g_file_set_contents (file, "{\"channel\":\"c\",\"message\":\"1\"}\nno\n", -1, NULL));
  expect (redis, 1, "1 sent, received 0 times\n", "callboardctl: Line 2 is no message: *\n", "replay", file);
  expect (redis, 1, "", "callboardctl: ?*\n", "--read-only", "replay", file);
  expect (redis, 1, "", "callboardctl: ?*\n", "subscribe", "c", "--save", "/no/such/file");
  g_unlink (file);
}

static void
test_subscribe_again (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) stream = NULL;

  process = cb_test_cli_start (redis, "--json", "subscribe", "c");
  stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EVAL", "return redis.call('PUBSUB','NUMSUB','c')[2]", "0", NULL) == 1);
  cb_test_redis_kill (redis);
  cb_test_redis_start (redis);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "EVAL", "return redis.call('PUBSUB','NUMSUB','c')[2]", "0", NULL) == 1);
  expect (redis, 0, "About to send \xf0\x9f\x8e\xad\n", "", "publish", "c", "\xf0\x9f\x8e\xad");
  cb_test_assert_line (stream, "{\"channel\":\"c\",\"message\":\"\xf0\x9f\x8e\xad\"}");

  g_subprocess_send_signal (process, SIGINT);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
}

/* --- usage --- */

static void
test_usage (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 2, "", "callboardctl: A command is missing *\n", "--json");
  expect (redis, 2, "", "callboardctl: There is no command “dance” *\n", "dance");
  expect (redis, 2, "", "callboardctl: There is no command “job dance” *\n", "job", "dance");
  expect (redis, 2, "", "callboardctl: “job” needs to be told what to do *\n", "job");
  expect (redis, 2, "", "callboardctl: There is no option --loud *\n", "ping", "--loud");
  expect (redis, 2, "", "callboardctl: There is no option -x *\n", "-x", "ping");
  expect (redis, 2, "", "callboardctl: --server needs a value *\n", "ping", "--server");
  expect (redis, 2, "", "callboardctl: --json takes no value *\n", "ping", "--json=yes");
  expect (redis, 2, "", "callboardctl: --timeout must be a whole number from 1 *\n", "ping", "--timeout", "0");
  expect (redis, 2, "", "callboardctl: --prefix must not be empty *\n", "queue", "list", "--prefix=");
  expect (redis, 2, "", "callboardctl: “ping” takes no arguments *\n", "ping", "twice");
  expect (redis, 2, "", "callboardctl: The usage is “set KEY VALUE” *\n", "set", "key");
  expect (redis, 0, "callboardctl " PACKAGE_VERSION "\n", "", "--version");
  expect (redis, 0, NULL, "", "--help");
  expect (redis, 0, NULL, "", "job", "--help");
  /* Refused before anything is sent: no server is needed to know it. */
  cb_test_redis_kill (redis);
  expect (redis, 1, "", "callboardctl: “set” writes, *\n", "--read-only", "set", "key", "value");
  expect (redis, 1, "", "callboardctl: “job create” writes, *\n", "job", "create", "type", "--data", "{}", "--read-only");
  expect (redis, 1, "", "callboardctl: “work” writes, *\n", "work", "type", "--read-only");
}

static void
test_read_only (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "PONG\n", "", "--read-only", "call", "PING");
  expect (redis, 0, "(nil)\n", "", "--read-only", "call", "GET", "key");
  expect (redis, 1, "", "callboardctl: SET was not sent: * this command writes.\n", "--read-only", "call", "SET", "key", "value");
  expect (redis, 1, "", "callboardctl: EVAL was not sent: *\n", "--read-only", "call", "EVAL", "return 1", "0");
  expect (redis, 1, "", "callboardctl: CONFIG was not sent: * may have effects *\n", "--read-only", "call", "CONFIG", "SET", "maxmemory", "1");
  expect (redis, 1, "", "callboardctl: flushall was not sent: * this command writes.\n", "--read-only", "call", "flushall");
  expect (redis, 0, "null\n", "", "--read-only", "get", "key");
}

/* Each command has a section in the manual and its options in the completion. */
static void
check_command (const char *line,
               const char *manual,
               const char *completion)
{
  g_auto (GStrv) parts = g_strsplit (line, ":", 2);
  g_auto (GStrv) options = g_strsplit (g_strstrip (parts[1]), " ", -1);

  if (parts[0][0] != '\0')
    {
      g_auto (GStrv) words = g_strsplit (parts[0], " ", -1);
      g_autofree char *section = g_strdup_printf ("\n.SS %s", parts[0]);
      g_autofree char *help = NULL;
      const char *found = strstr (manual, section);

      if (found == NULL)
        g_error ("The manual has no section “%s”", parts[0]);
      g_assert_true (strchr (" \n", found[strlen (section)]) != NULL);
      for (guint i = 0; words[i] != NULL; i++)
        if (strstr (completion, words[i]) == NULL)
          g_error ("The completion does not know “%s”", words[i]);
    }

  for (guint i = 0; options[i] != NULL && options[i][0] != '\0'; i++)
    {
      g_auto (GStrv) words = g_strsplit (options[i], "-", -1);
      g_autofree char *roff = g_strjoinv ("\\-", words);

      if (strstr (manual, roff) == NULL)
        g_error ("The manual does not tell %s of “%s”", options[i], parts[0]);
      if (strstr (completion, options[i]) == NULL)
        g_error ("The completion does not know %s of “%s”", options[i], parts[0]);
    }
}

static void
test_manual (void)
{
  const char *source = g_getenv ("G_TEST_SRCDIR");
  g_autofree char *manual_file = g_build_filename (source, "..", "data", "man", "callboardctl.1", NULL);
  g_autofree char *completion_file = g_build_filename (source, "..", "data", "completions", "callboardctl", NULL);
  g_autofree char *manual = NULL;
  g_autofree char *completion = NULL;
  g_autoptr (CbTestRun) run = cb_test_cli_get (NULL, "__commands");
  g_auto (GStrv) lines = g_strsplit (run->output, "\n", -1);

  g_assert_true (g_file_get_contents (manual_file, &manual, NULL, NULL));
  g_assert_true (g_file_get_contents (completion_file, &completion, NULL, NULL));
  g_assert_cmpuint (g_strv_length (lines), >, 20);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_auto (GStrv) parts = g_strsplit (lines[i], ":", 2);

      check_command (lines[i], manual, completion);

      if (parts[0][0] != '\0')
        {
          g_autofree char *command = g_strdup_printf ("%s --help", parts[0]);
          g_autofree char *usage = g_strdup_printf ("Usage:\n  callboardctl %s", parts[0]);
          g_auto (GStrv) words = g_strsplit (command, " ", -1);
          g_autoptr (CbTestRun) help = cb_test_cli_run (NULL, NULL, (const char * const *) words);

          g_assert_cmpint (help->status, ==, 0);
          g_assert_true (g_str_has_prefix (help->output, usage));
        }
    }
}

/* --- the private server --- */

static void
test_private_server (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("callboard-test-XXXXXX", &error);
  g_autofree char *server = g_build_filename (directory, "server", NULL);
  g_autofree char *command = NULL;

  g_assert_no_error (error);
  g_setenv ("CALLBOARD_SERVER_DIR", server, TRUE);

  expect (NULL, 1, "The private server is not running\n", "", "server", "status");
  /* Started for one command, and ended with it; what was written is there the next time. */
  expect (NULL, 0, "Reply: OK\n", "", "set", "key", "kept");
  expect (NULL, 1, "The private server is not running\n", "", "server", "status");
  expect (NULL, 0, "kept\n", "", "get", "key");

  expect (NULL, 0, NULL, "", "server", "start");
  expect (NULL, 0, NULL, "", "server", "status");
  expect (NULL, 0, "kept\n", "", "get", "key");
  expect (NULL, 0, NULL, "", "server", "status", "--json");
  expect (NULL, 0, "The private server was stopped\n", "", "server", "stop");
  expect (NULL, 1, "", "callboardctl: ?*\n", "server", "stop");
  expect (NULL, 1, "The private server is not running\n", "", "server", "status");
  expect (NULL, 2, "", "callboardctl: “server status” is about the private server *\n",
          "server", "status", "--server", "redis://localhost");

  g_unsetenv ("CALLBOARD_SERVER_DIR");
  command = g_strdup_printf ("rm -rf '%s'", directory);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
}

/* What is said of a server, for people and for scripts. */
static void
test_server_info (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", NULL);
  g_autoptr (CbTestRun) words = NULL;
  g_autoptr (CbTestRun) json = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "SET", "key", "value", "EX", "1000", NULL));
  words = cb_test_cli_get (redis, "server", "info");
  g_assert_cmpint (words->status, ==, 0);
  g_assert_nonnull (strstr (words->output, "warning: maxmemory-policy is allkeys-lru, so keys of jobs may be evicted.\n    A queue"));
  g_assert_nonnull (strstr (words->output, "\nmaxmemory                    104857600\n"));
  g_assert_nonnull (strstr (words->output, "\ndb0                          keys=1,expires=1\n"));

  json = cb_test_cli_get (redis, "server", "info", "--json");
  g_assert_cmpint (json->status, ==, 0);
  g_assert_nonnull (strstr (json->output, "\"maxmemory\":104857600,\"maxmemory_policy\":\"allkeys-lru\""));
  g_assert_nonnull (strstr (json->output, "\"databases\":[{\"number\":0,\"keys\":1,\"expires\":1}]"));
  g_assert_nonnull (strstr (json->output, "{\"name\":\"eviction-policy\",\"severity\":\"warning\",\"text\":\"maxmemory-policy is"));

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "-info", NULL));
  cb_test_cli_expect (redis, 1, "", "callboardctl: *info*\n", "server", "info");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/ping", test_ping);
  g_test_add_func ("/cli/no-connection", test_no_connection);
  g_test_add_func ("/cli/refused", test_refused);
  g_test_add_func ("/cli/strange-servers", test_strange_servers);
  g_test_add_func ("/cli/values", test_values);
  g_test_add_func ("/cli/bytes", test_bytes);
  g_test_add_func ("/cli/call", test_call);
  g_test_add_func ("/cli/keys", test_keys);
  g_test_add_func ("/cli/messages", test_messages);
  g_test_add_func ("/cli/save-and-replay", test_save_and_replay);
  g_test_add_func ("/cli/subscribe-again", test_subscribe_again);
  g_test_add_func ("/cli/usage", test_usage);
  g_test_add_func ("/cli/read-only", test_read_only);
  g_test_add_func ("/cli/manual", test_manual);
  g_test_add_func ("/cli/private-server", test_private_server);
  g_test_add_func ("/cli/server-info", test_server_info);

  return g_test_run ();
}
