/* test-console.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The console against a real server: what each reply and each error looks like, and that it can be used after everything that
 * turns a connection into something else. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cb-console-guard.h"
#include "cb-console-history.h"
#include "cb-console.h"
#include "cb-fake-server.h"
#include "cb-test-console.h"

typedef CbTestConsole Fixture;

#define open_console cb_test_console_open
#define close_console cb_test_console_close
#define set_up cb_test_console_set_up
#define tear_down cb_test_console_tear_down
#define begin cb_test_console_begin
#define run cb_test_console_run
#define assert_run cb_test_console_expect
#define assert_run_has cb_test_console_expect_part

/* --- lines --- */

static void
test_split (void)
{
  static const struct
  {
    const char *line;
    const char *words; /* joined by | */
  } good[] = {
    { "", "" }, { " \t ", "" }, { "get a", "get|a" }, { "  get   a  ", "get|a" }, { "set a \"b c\"", "set|a|b c" },
    { "\"\"", "" }, { "a \"\"", "a|" }, { "'a\\'b' c", "a'b|c" }, { "'a\\nb'", "a\\nb" }, { "\"\\x41\\n\\q\\\"\"", "A\nq\"" },
    { "a\\b", "a\\b" }, { "foo\"bar\"", "foobar" }, { "foo'bar' x", "foobar|x" }, { "\"\\xzz\"", "xzz" }, { "ä \"ö\"", "ä|ö" },
  };
  static const struct
  {
    const char *line;
    gsize at;
    const char *part;
  } bad[] = {
    { "set a \"b", 6, "column 7" }, { "set a 'b", 6, "column 7" }, { "\"a\"b", 2, "column 3" }, { "'a'b", 2, "column 3" },
    { "ä \"", 3, "column 3" }, { "\"\\", 0, "column 1" }, { "a\"b", 1, "column 2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) words = cb_console_line_split (good[i].line, NULL, &error);
      g_autoptr (GString) joined = g_string_new (NULL);

      g_assert_no_error (error);
      for (guint k = 0; k < words->len; k++)
        {
          gsize length;
          const char *bytes = g_bytes_get_data (g_ptr_array_index (words, k), &length);

          g_string_append_printf (joined, "%s%.*s", k > 0 ? "|" : "", (int) length, bytes);
        }
      g_assert_cmpstr (joined->str, ==, good[i].words);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      gsize at = 1000;

      g_assert_null (cb_console_line_split (bad[i].line, &at, &error));
      g_assert_error (error, CB_CONSOLE_ERROR, CB_CONSOLE_ERROR_QUOTE);
      g_assert_cmpuint (at, ==, bad[i].at);
      g_assert_nonnull (strstr (error->message, bad[i].part));
    }
}

/* The way back, by redis-cli itself. */
static void
test_join (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  static const struct
  {
    const char *bytes;
    gsize length;
  } values[] = { { "plain", 5 }, { "two words", 9 }, { "", 0 }, { "\0\xff\r\n\t\a\b\"'\\", 10 }, { "a\\x41", 5 }, { "ä€", 5 },
                 { "\"", 1 }, { "'", 1 }, { "\\", 1 }, { "\xc2\xa0", 2 }, { "\xe2\x80\xa8", 3 } };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_autoptr (GPtrArray) again = NULL;
      g_autofree char *line = NULL;
      g_autofree char *input = NULL;
      g_autofree char *program = g_find_program_in_path ("redis-cli");
      g_autoptr (CbReply) reply = NULL;
      gsize length;
      const char *got;

      g_ptr_array_add (words, g_bytes_new_static ("SET", 3));
      g_ptr_array_add (words, g_bytes_new_static ("k", 1));
      g_ptr_array_add (words, g_bytes_new_static (values[i].bytes, values[i].length));
      line = cb_console_line_join (words);
      g_assert_true (g_utf8_validate (line, -1, NULL));
      again = cb_console_line_split (line, NULL, NULL);
      g_assert_nonnull (again);
      g_assert_cmpuint (again->len, ==, 3);
      g_assert_true (g_bytes_equal (g_ptr_array_index (again, 2), g_ptr_array_index (words, 2)));

      if (program != NULL)
        {
          const char *argv[] = { program, "-s", cb_test_redis_get_path (redis), NULL };
          g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);

          input = g_strconcat (line, "\n", NULL);
          g_assert_true (g_subprocess_communicate_utf8 (process, input, NULL, NULL, NULL, NULL));
          reply = cb_test_redis_call (redis, "GET", "k", NULL);
          got = cb_value_get_string (cb_reply_get_value (reply), &length);
          g_assert_cmpmem (got, length, values[i].bytes, values[i].length);
        }
    }
}

static void
test_secrets (void)
{
  static const struct
  {
    const char *line;
    const char *masked; /* NULL: nothing is */
  } lines[] = {
    { "AUTH pw", "AUTH •••" }, { "auth me pw", "auth me •••" }, { "HELLO 3 AUTH me pw SETNAME x", "HELLO 3 AUTH me ••• SETNAME x" },
    { "HELLO 3", NULL }, { "ACL SETUSER me on >pw +@all", "ACL SETUSER me on ••• +@all" }, { "ACL SETUSER me on", NULL },
    { "CONFIG SET requirepass x maxmemory 1", "CONFIG SET requirepass ••• maxmemory 1" }, { "config set MASTERAUTH x", "config set MASTERAUTH •••" },
    { "CONFIG SET tls-key-file-pass x", "CONFIG SET tls-key-file-pass •••" }, { "CONFIG SET maxmemory 1", NULL },
    { "MIGRATE h 1 k 0 5 AUTH pw", "MIGRATE h 1 k 0 5 AUTH •••" }, { "MIGRATE h 1 k 0 5 AUTH2 me pw", "MIGRATE h 1 k 0 5 AUTH2 me •••" },
    { "SENTINEL SET m auth-pass x", "SENTINEL SET m auth-pass •••" }, { "GET auth", NULL }, { "AUTH", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GPtrArray) words = cb_console_line_split (lines[i].line, NULL, NULL);
      g_autofree char *masked = cb_console_line_join_masked (words);

      g_assert_cmpint (cb_console_line_has_secret (words), ==, lines[i].masked != NULL);
      g_assert_cmpstr (masked, ==, lines[i].masked != NULL ? lines[i].masked : lines[i].line);
    }
}

/* --- replies --- */

static CbResp *
parse (const char *resp, gsize step, GError **error)
{
  g_autoptr (CbRespReader) reader = cb_resp_reader_new ();

  for (gsize at = 0; at < strlen (resp); at += step)
    if (!cb_resp_reader_feed (reader, resp + at, MIN (step, strlen (resp) - at), error))
      return NULL;
  return cb_resp_reader_take (reader);
}

static void
test_resp (void)
{
  static const struct
  {
    const char *resp;
    const char *text;
  } good[] = {
    { "+OK\r\n", "OK\n" }, { "-ERR no\r\n", "(error) ERR no\n" }, { ":-5\r\n", "(integer) -5\n" }, { "$-1\r\n", "(nil)\n" },
    { "*-1\r\n", "(nil)\n" }, { "_\r\n", "(nil)\n" }, { "$0\r\n\r\n", "\"\"\n" }, { "$4\r\na\r\nb\r\n", "\"a\\r\\nb\"\n" },
    { "*0\r\n", "(empty array)\n" }, { "*2\r\n:1\r\n*1\r\n+x\r\n", "1) (integer) 1\n2) 1) x\n" },
    { "%1\r\n+a\r\n:1\r\n", "1# a => (integer) 1\n" }, { "~1\r\n+a\r\n", "1~ a\n" }, { "%0\r\n", "(empty hash)\n" },
    { "~0\r\n", "(empty set)\n" }, { "#t\r\n", "(true)\n" }, { "#f\r\n", "(false)\n" }, { ",1.5\r\n", "(double) 1.5\n" },
    { ",inf\r\n", "(double) inf\n" }, { "(123456789012345678901234567890\r\n", "(big number) 123456789012345678901234567890\n" },
    { "!5\r\nERR x\r\n", "(error) ERR x\n" }, { "=7\r\ntxt:abc\r\n", "\"abc\"\n" }, { ">2\r\n+a\r\n+b\r\n", "1> a\n2> b\n" },
    { "|1\r\n+k\r\n+v\r\n:7\r\n", "(integer) 7\n" }, { "*2\r\n|1\r\n+k\r\n+v\r\n:7\r\n:8\r\n", "1) (integer) 7\n2) (integer) 8\n" },
  };
  static const char * const bad[] = { "x\r\n", "$-2\r\n", "*-5\r\n", ":x\r\n", "$x\r\n", "$1\r\nabc", "#y\r\n", "*99999999999\r\n",
                                      "%-1\r\n", "=-1\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    for (gsize step = 1; step < 40; step += 6)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (CbResp) resp = parse (good[i].resp, step, &error);
        g_autofree char *text = NULL;

        g_assert_no_error (error);
        g_assert_nonnull (resp);
        text = cb_resp_to_text (resp, 10000);
        g_assert_cmpstr (text, ==, good[i].text);
      }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (bad[i], 3, &error));
      g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
    }
  {
    g_autoptr (GString) deep = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    for (guint i = 0; i < 200000; i++)
      g_string_append (deep, "*1\r\n");
    g_assert_null (parse (deep->str, 4096, &error));
    g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL);
  }
}

/* What is too much is counted and not kept, and what follows is read right. */
static void
test_resp_bounded (void)
{
  g_autoptr (CbRespReader) reader = cb_resp_reader_new ();
  g_autoptr (CbResp) resp = NULL;
  g_autoptr (CbResp) next = NULL;
  g_autoptr (GString) text = g_string_new ("*1000\r\n");
  gsize length;

  cb_resp_reader_set_limits (reader, 1000, 100);
  g_string_append (text, "$5000\r\n");
  for (guint i = 0; i < 5000; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\r\n");
  for (guint i = 1; i < 1000; i++)
    g_string_append_printf (text, ":%u\r\n", i);
  g_string_append (text, "+next\r\n");
  for (gsize at = 0; at < text->len; at += 77)
    g_assert_true (cb_resp_reader_feed (reader, text->str + at, MIN (77, text->len - at), NULL));
  resp = cb_resp_reader_take (reader);
  next = cb_resp_reader_take (reader);
  g_assert_cmpuint (cb_resp_get_length (resp), ==, 1000);
  g_assert_cmpuint (cb_resp_get_n_elements (resp), ==, 100);
  g_assert_cmpuint (cb_resp_get_length (cb_resp_get_element (resp, 0)), ==, 5000);
  cb_resp_get_bytes (cb_resp_get_element (resp, 0), &length);
  g_assert_cmpuint (length, ==, 1000);
  g_assert_true (cb_resp_equal_string (cb_resp_get_element (resp, 50), "50"));
  g_assert_true (cb_resp_equal_string (next, "next"));
}

static void
test_every_type (Fixture *fixture, gconstpointer data)
{
  assert_run (fixture, "PING", "PONG");
  assert_run (fixture, "SET a \"x\\x00\\xff y\"", "OK");
  assert_run (fixture, "GET a", "\"x\\x00\\xff y\"");
  assert_run (fixture, "GET none", "(nil)");
  assert_run (fixture, "INCR n", "(integer) 1");
  assert_run (fixture, "HSET h f 1 g 2", "(integer) 2");
  assert_run (fixture, "HGETALL h", "1) \"f\"\n2) \"1\"\n3) \"g\"\n4) \"2\"");
  assert_run (fixture, "LRANGE none 0 -1", "(empty array)");
  assert_run (fixture, "GEOPOS none x", "1) (nil)");
  assert_run_has (fixture, "INFO server", "redis_version:");
  assert_run_has (fixture, "COMMAND DOCS get set", "\"summary\"");

  assert_run (fixture, "DEBUG PROTOCOL double", "\"3.141\"");
  assert_run_has (fixture, "HELLO 3", "\"proto\" => (integer) 3");
  assert_run (fixture, "DEBUG PROTOCOL string", "\"Hello World\"");
  assert_run (fixture, "DEBUG PROTOCOL integer", "(integer) 12345");
  assert_run (fixture, "DEBUG PROTOCOL double", "(double) 3.141");
  assert_run (fixture, "DEBUG PROTOCOL null", "(nil)");
  assert_run (fixture, "DEBUG PROTOCOL array", "1) (integer) 0\n2) (integer) 1\n3) (integer) 2");
  assert_run (fixture, "DEBUG PROTOCOL set", "1~ (integer) 0\n2~ (integer) 1\n3~ (integer) 2");
  assert_run (fixture, "DEBUG PROTOCOL map", "1# (integer) 0 => (false)\n2# (integer) 1 => (true)\n3# (integer) 2 => (false)");
  assert_run (fixture, "DEBUG PROTOCOL attrib", "\"Some real reply following the attribute\"");
  assert_run (fixture, "DEBUG PROTOCOL bignum", "(big number) 1234567999999999999999999999999999999");
  assert_run (fixture, "DEBUG PROTOCOL true", "(true)");
  assert_run (fixture, "DEBUG PROTOCOL false", "(false)");
  assert_run (fixture, "DEBUG PROTOCOL verbatim", "This is a verbatim\nstring");
  assert_run (fixture, "ZADD z 1.5 m", "(integer) 1");
  assert_run (fixture, "ZSCORE z m", "(double) 1.5");
  assert_run (fixture, "HGETALL h", "1# \"f\" => \"1\"\n2# \"g\" => \"2\"");
  assert_run (fixture, "SMEMBERS none", "(empty set)");
  /* A push comes beside what was asked. */
  g_assert_nonnull (begin (fixture, "DEBUG PROTOCOL push"));
  cb_test_wait_until (g_list_model_get_n_items (cb_console_get_entries (fixture->console)) > 27);
  if (cb_console_get_busy (fixture->console))
    cb_console_stop (fixture->console);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  assert_run (fixture, "PING", "PONG");
}

static void
test_every_error (Fixture *fixture, gconstpointer data)
{
  assert_run_has (fixture, "NOSUCH a", "(error) ERR unknown command");
  assert_run_has (fixture, "GET", "(error) ERR wrong number of arguments");
  assert_run (fixture, "LPUSH l 1", "(integer) 1");
  assert_run_has (fixture, "GET l", "(error) WRONGTYPE");
  assert_run_has (fixture, "EVALSHA ffffffffffffffffffffffffffffffffffffffff 0", "(error) NOSCRIPT");
  assert_run_has (fixture, "EXEC", "(error) ERR EXEC without MULTI");
  assert_run_has (fixture, "AUTH a b", "(error) WRONGPASS");
  assert_run_has (fixture, "HELLO 9", "(error) NOPROTO");
  assert_run_has (fixture, "SELECT 99999", "(error) ERR");
  assert_run_has (fixture, "XREADGROUP GROUP g c STREAMS s >", "(error) NOGROUP");
  assert_run_has (fixture, "CLUSTER INFO", "(error) ERR");
  assert_run_has (fixture, "DEBUG ERROR \"MISCONF made up\"", "(error) MISCONF made up");
  assert_run_has (fixture, "RESTORE x 0 bad", "(error) ERR");
  assert_run (fixture, "CONFIG SET maxmemory 1", "OK");
  assert_run_has (fixture, "SET a 1", "(error) OOM");
  assert_run (fixture, "CONFIG SET maxmemory 0", "OK");
  assert_run_has (fixture, "EVAL \"return redis.call('get')\" 0", "(error) ERR");
  assert_run (fixture, "ACL SETUSER few on >pw ~a +get +ping +auth +exec +multi", "OK");
  assert_run (fixture, "AUTH few pw", "OK");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "few@>");
  assert_run_has (fixture, "SET a 1", "(error) NOPERM");
  assert_run_has (fixture, "GET b", "(error) NOPERM");
  assert_run_has (fixture, "SUBSCRIBE x", "(error) NOPERM");
  assert_run_has (fixture, "MONITOR", "(error) NOPERM");
  assert_run (fixture, "PING", "PONG");
  assert_run (fixture, "AUTH default any", "OK");
  assert_run (fixture, "PING", "PONG");
}

static void
test_elements (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConsoleEntry) entry = NULL;
  GListModel *children;

  g_free (run (fixture, "EVAL \"for i = 1, 2500 do redis.call('rpush', KEYS[1], i) end\" 1 l"));
  entry = g_object_ref (begin (fixture, "LRANGE l 0 -1"));
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  children = cb_console_entry_get_children (entry);
  for (guint expected = 101; expected != 0; expected = expected == 101 ? 1101 : expected == 1101 ? 2101 : expected == 2101 ? 2500 : 0)
    {
      guint n = g_list_model_get_n_items (children);
      g_autoptr (CbConsoleNode) last = g_list_model_get_item (children, n - 1);

      g_assert_cmpuint (n, ==, expected);
      g_assert_cmpint (cb_console_node_is_more (last), ==, expected != 2500);
      if (expected == 101)
        g_assert_cmpstr (cb_console_node_get_text (last), ==, "2400 more…");
      cb_console_node_show_more (last);
    }
  {
    g_autoptr (CbConsoleNode) last = g_list_model_get_item (children, 2499);

    g_assert_cmpstr (cb_console_node_get_label (last), ==, "2500)");
    g_assert_cmpstr (cb_console_node_get_text (last), ==, "\"2500\"");
  }

  /* A long string, in parts. */
  {
    g_autoptr (CbConsoleEntry) longer = NULL;
    g_autoptr (CbConsoleNode) node = NULL;
    g_autoptr (GListModel) parts = NULL;
    g_autoptr (GString) all = g_string_new (NULL);
    g_autofree char *text = NULL;

    g_free (run (fixture, "SETRANGE s 150000 end"));
    longer = g_object_ref (begin (fixture, "GET s"));
    cb_test_wait_until (!cb_console_get_busy (fixture->console));
    node = g_list_model_get_item (cb_console_entry_get_children (longer), 0);
    g_assert_cmpint (g_utf8_strlen (cb_console_node_get_text (node), -1), <, 350);
    parts = cb_console_node_dup_children (node);
    g_assert_nonnull (parts);
    for (guint i = 0; i < 20; i++)
      {
        g_autoptr (CbConsoleNode) more = g_list_model_get_item (parts, g_list_model_get_n_items (parts) - 1);

        if (!cb_console_node_is_more (more))
          break;
        cb_console_node_show_more (more);
      }
    for (guint i = 0; i < g_list_model_get_n_items (parts); i++)
      {
        g_autoptr (CbConsoleNode) piece = g_list_model_get_item (parts, i);

        g_assert_false (cb_console_node_is_more (piece));
        g_assert_cmpint (g_utf8_strlen (cb_console_node_get_text (piece), -1), <=, 402);
        g_string_append_len (all, cb_console_node_get_text (piece) + 1, (gssize) strlen (cb_console_node_get_text (piece)) - 2);
      }
    g_assert_cmpuint (all->len, ==, 150000 * 4 + 3);
    g_assert_true (g_str_has_suffix (all->str, "end"));
    text = cb_console_entry_dup_text (longer);
    g_assert_true (g_str_has_suffix (text, "end\""));
  }
}

/* --- what a connection becomes --- */

static void
test_multi (Fixture *fixture, gconstpointer data)
{
  assert_run (fixture, "MULTI", "OK");
  g_assert_true (cb_console_get_in_multi (fixture->console));
  assert_run (fixture, "SET a 1", "QUEUED");
  assert_run (fixture, "SELECT 3", "QUEUED");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "(TX 2)>");
  assert_run_has (fixture, "SUBSCRIBE x", "was not sent");
  assert_run_has (fixture, "NOSUCH", "(error) ERR unknown command");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "(TX 2 !)>");
  assert_run_has (fixture, "EXEC", "(error) EXECABORT");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, ">");
  assert_run (fixture, "MULTI", "OK");
  assert_run (fixture, "SELECT 3", "QUEUED");
  assert_run (fixture, "GET a", "QUEUED");
  assert_run (fixture, "EXEC", "1) OK\n2) (nil)");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "[3]>");
  assert_run (fixture, "MULTI", "OK");
  assert_run (fixture, "DISCARD", "OK");
  g_assert_false (cb_console_get_in_multi (fixture->console));
  assert_run (fixture, "PING", "PONG");

  /* The connection of the window is where it was. */
  {
    g_autoptr (CbReply) reply = cb_test_call (fixture->connection, cb_command_new ("CLIENT", "INFO", NULL), NULL);

    g_assert_nonnull (strstr (cb_value_get_string (cb_reply_get_value (reply), NULL), " db=0 "));
  }
}

static void
stream (Fixture *fixture, const char *line, const char *part, const char * const *publish)
{
  g_autoptr (CbConsoleEntry) entry = g_object_ref (begin (fixture, line));
  g_autofree char *text = NULL;
  guint64 n;

  cb_test_wait_until (cb_console_entry_get_n_received (entry) >= 1);
  n = cb_console_entry_get_n_received (entry);
  cb_reply_unref (cb_test_redis_call_argv (fixture->redis, 3, publish, NULL));
  cb_test_wait_until (cb_console_entry_get_n_received (entry) > n);
  g_assert_true (cb_console_get_busy (fixture->console));
  g_assert_cmpint (cb_console_entry_get_state (entry), ==, CB_CONSOLE_ENTRY_STREAM);
  cb_console_stop (fixture->console);
  g_assert_false (cb_console_get_busy (fixture->console));
  g_assert_cmpint (cb_console_entry_get_state (entry), ==, CB_CONSOLE_ENTRY_DONE);
  text = cb_console_entry_dup_text (entry);
  g_assert_nonnull (strstr (text, part));
  assert_run (fixture, "PING", "PONG");
}

static void
test_streams (Fixture *fixture, gconstpointer data)
{
  const char * const publish[] = { "PUBLISH", "news", "hello" };
  const char * const publish_shard[] = { "SPUBLISH", "shard", "hello" };

  assert_run (fixture, "SELECT 2", "OK");
  stream (fixture, "SUBSCRIBE news", "[\"message\" \"news\" \"hello\"]", publish);
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "[2]>");
  assert_run_has (fixture, "CLIENT INFO", " db=2 ");
  stream (fixture, "psubscribe n* x*", "[\"pmessage\" \"n*\" \"news\" \"hello\"]", publish);
  stream (fixture, "SSUBSCRIBE shard", "[\"smessage\" \"shard\" \"hello\"]", publish_shard);
  stream (fixture, "MONITOR", "\"PUBLISH\" \"news\" \"hello\"", publish);
  assert_run (fixture, "UNSUBSCRIBE", "[\"unsubscribe\" (nil) (integer) 0]");
  assert_run (fixture, "PUNSUBSCRIBE a b", "[\"punsubscribe\" \"a\" (integer) 0]\n[\"punsubscribe\" \"b\" (integer) 0]");
  assert_run (fixture, "PING", "PONG");
  g_free (run (fixture, "HELLO 3"));
  stream (fixture, "SUBSCRIBE news", "[\"message\" \"news\" \"hello\"]", publish);
  assert_run_has (fixture, "CLIENT INFO", " resp=3");
  assert_run_has (fixture, "UNSUBSCRIBE", "unsubscribe");
  assert_run (fixture, "PING", "PONG");
}

/* More than is shown: the last stay, and all are counted. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConsoleEntry) entry = g_object_ref (begin (fixture, "SUBSCRIBE news"));
  const char *script = "for i = 1, 30000 do redis.call('publish', 'news', 'message ' .. i) end";

  cb_test_wait_until (cb_console_entry_get_n_received (entry) == 1);
  cb_reply_unref (cb_test_redis_call (fixture->redis, "EVAL", script, "0", NULL));
  cb_test_wait_until (cb_console_entry_get_n_received (entry) == 30001);
  cb_console_stop (fixture->console);
  g_assert_cmpuint (g_list_model_get_n_items (cb_console_entry_get_children (entry)), <=, 1000);
  g_assert_cmpuint (g_list_model_get_n_items (cb_console_entry_get_children (entry)) + cb_console_entry_get_n_discarded (entry), ==, 30001);
  {
    g_autoptr (CbConsoleNode) last = g_list_model_get_item (cb_console_entry_get_children (entry),
                                                            g_list_model_get_n_items (cb_console_entry_get_children (entry)) - 1);

    g_assert_cmpstr (cb_console_node_get_text (last), ==, "[\"message\" \"news\" \"message 30000\"]");
  }
  assert_run (fixture, "PING", "PONG");
}

static void
test_usable_afterwards (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = NULL;

  assert_run (fixture, "SELECT 4", "OK");
  g_free (run (fixture, "HELLO 3"));
  assert_run (fixture, "MULTI", "OK");
  assert_run (fixture, "RESET", "RESET");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, ">");
  assert_run (fixture, "PING", "PONG");
  assert_run_has (fixture, "CLIENT INFO", " db=0 ");

  assert_run (fixture, "SELECT 4", "OK");
  assert_run (fixture, "QUIT", "OK");
  cb_test_wait_until (!cb_console_get_connected (fixture->console));
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, ">");
  assert_run (fixture, "PING", "PONG");

  assert_run (fixture, "SELECT 5", "OK");
  id = run (fixture, "CLIENT ID");
  {
    g_autofree char *kill = g_strdup_printf ("CLIENT KILL ID %s SKIPME no", id + strlen ("(integer) "));

    assert_run (fixture, kill, "(integer) 1");
    cb_test_wait_until (!cb_console_get_connected (fixture->console));
  }
  assert_run (fixture, "PING", "PONG");
  assert_run_has (fixture, "CLIENT INFO", " db=5 ");
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "[5]>");

  assert_run_has (fixture, "CLIENT REPLY OFF", "was not sent");
  assert_run_has (fixture, "PSYNC ? -1", "was not sent");
  assert_run_has (fixture, "SYNC", "was not sent");
  {
    GListModel *entries = cb_console_get_entries (fixture->console);
    g_autoptr (CbConsoleEntry) last = g_list_model_get_item (entries, g_list_model_get_n_items (entries) - 1);

    g_assert_cmpint (cb_console_entry_get_duration (last), ==, -1);
  }
  assert_run (fixture, "PING", "PONG");
}

static gboolean
is_blocked (Fixture *fixture)
{
  g_autofree char *info = cb_test_redis_get_string (fixture->redis, "INFO", "clients", NULL);

  return strstr (info, "blocked_clients:1") != NULL;
}

static void
test_blocking (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConsoleEntry) entry = g_object_ref (begin (fixture, "BLPOP q 0"));
  g_autoptr (CbConsoleEntry) second = NULL;
  g_autofree char *text = NULL;

  cb_test_wait_until (is_blocked (fixture));
  {
    g_autoptr (GPtrArray) words = cb_console_line_split ("PING", NULL, NULL);

    g_assert_null (cb_console_run (fixture->console, words));
  }
  cb_console_stop (fixture->console);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  text = cb_console_entry_dup_text (entry);
  /* By CLIENT UNBLOCK, and the connection is the same. */
  g_assert_cmpstr (text, ==, "(nil)");
  g_assert_true (cb_console_get_connected (fixture->console));
  assert_run (fixture, "RPUSH q 1", "(integer) 1");
  assert_run (fixture, "BLPOP q 0", "1) \"q\"\n2) \"1\"");

  /* On a read-only connection it is hung up; twice it is cut at once. */
  second = g_object_ref (begin (fixture, "BLPOP q 0"));
  cb_console_stop (fixture->console);
  if (cb_console_get_busy (fixture->console))
    cb_console_stop (fixture->console);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  assert_run (fixture, "PING", "PONG");
}

/* What is stopped by hanging up may be answered all the same, and what comes next needs a new connection. */
static void
test_answered_after_all (void)
{
  Fixture fixture = { 0 };
  g_autoptr (CbAddress) address = NULL;
  g_autofree char *uri = NULL;

  fixture.redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  uri = g_strdup_printf ("unix://few:pw@%s", cb_test_redis_get_path (fixture.redis));
  address = cb_address_parse (uri, NULL);
  /* Who has no CLIENT can't end by UNBLOCK what blocks. */
  cb_reply_unref (cb_test_redis_call (fixture.redis, "ACL", "SETUSER", "few", "on", ">pw", "~*", "+@all", "-client", NULL));
  open_console (&fixture, address);

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (CbConsoleEntry) entry = NULL;
      g_autofree char *text = NULL;

      assert_run (&fixture, "SET a 1", "OK");
      entry = g_object_ref (begin (&fixture, "DEBUG SLEEP 0.2"));
      cb_test_run_for (50);
      cb_console_stop (fixture.console);
      cb_test_wait_until (!cb_console_get_busy (fixture.console));
      text = cb_console_entry_dup_text (entry);
      g_assert_true (g_str_equal (text, "OK") || strstr (text, "Stopped") != NULL);
      assert_run (&fixture, "PING", "PONG");
    }
  close_console (&fixture);
  cb_test_redis_free (fixture.redis);
}

static void
test_lost_and_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConsoleEntry) entry = NULL;
  g_autofree char *text = NULL;
  guint n;

  assert_run (fixture, "SELECT 1", "OK");
  assert_run (fixture, "MULTI", "OK");
  n = g_list_model_get_n_items (cb_console_get_entries (fixture->console));
  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (!cb_console_get_connected (fixture->console));
  g_assert_false (cb_console_get_in_multi (fixture->console));
  g_assert_cmpuint (g_list_model_get_n_items (cb_console_get_entries (fixture->console)), ==, n + 2);
  assert_run_has (fixture, "PING", "Nothing was sent.");
  cb_test_redis_start (fixture->redis);
  assert_run (fixture, "PING", "PONG");
  assert_run_has (fixture, "CLIENT INFO", " db=1 ");

  /* While a command is out. */
  entry = g_object_ref (begin (fixture, "BLPOP q 0"));
  cb_test_redis_kill (fixture->redis);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  text = cb_console_entry_dup_text (entry);
  g_assert_nonnull (strstr (text, "not known"));
  cb_test_redis_start (fixture->redis);
  assert_run (fixture, "PING", "PONG");
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
  text = g_strdup_printf ("unix://me:pw@%s?db=3", cb_test_redis_get_path (fixture.redis));
  wrong_text = g_strdup_printf ("unix://me:no@%s?db=3", cb_test_redis_get_path (fixture.redis));
  address = cb_address_parse (text, NULL);
  wrong = cb_address_parse (wrong_text, NULL);
  cb_reply_unref (cb_test_redis_call (fixture.redis, "ACL", "SETUSER", "me", "on", ">pw", "~*", "&*", "+@all", NULL));
  cb_reply_unref (cb_test_redis_call (fixture.redis, "ACL", "SETUSER", "default", "off", NULL));

  open_console (&fixture, address);
  g_assert_cmpstr (cb_console_get_prompt (fixture.console), ==, "me@[3]>");
  assert_run (&fixture, "ACL WHOAMI", "\"me\"");
  assert_run_has (&fixture, "CLIENT INFO", " db=3 ");
  assert_run (&fixture, "RESET", "RESET");
  assert_run (&fixture, "ACL WHOAMI", "\"me\"");
  assert_run (&fixture, "QUIT", "OK");
  assert_run (&fixture, "ACL WHOAMI", "\"me\"");
  close_console (&fixture);

  /* A wrong password is said, and the right one can be typed. */
  open_console (&fixture, wrong);
  assert_run_has (&fixture, "PING", "Nothing was sent");
  {
    g_autoptr (CbConsoleEntry) note = g_list_model_get_item (cb_console_get_entries (fixture.console), 1);

    g_assert_nonnull (strstr (cb_console_entry_get_line (note), "WRONGPASS"));
  }
  assert_run (&fixture, "AUTH me pw", "OK");
  assert_run (&fixture, "ACL WHOAMI", "\"me\"");
  close_console (&fixture);
  cb_test_redis_free (fixture.redis);
}

/* --- the guard --- */

static void
load (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  CbConsoleCommands *commands = cb_console_get_commands (fixture->console);

  cb_console_commands_load_async (commands, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  g_assert_true (cb_console_commands_load_finish (commands, result, NULL));
}

static void
test_guard (Fixture *fixture, gconstpointer data)
{
  static const char * const asked[] = { "KEYS *", "flushall", "FLUSHDB ASYNC", "DEBUG SLEEP 1", "SHUTDOWN", "CONFIG SET a b", "config rewrite",
                                        "MONITOR", "SAVE", "CLIENT KILL ID 3", "SCRIPT FLUSH", "REPLICAOF a 1", "ACL SETUSER x",
                                        "ACL SAVE", "SWAPDB 0 1", "FAILOVER", "MODULE LOAD x" };
  static const char * const not_asked[] = { "GET a", "SET a b", "DEL a", "CONFIG GET *", "CLIENT LIST", "CLIENT ID", "ACL WHOAMI", "ACL LIST",
                                            "SLOWLOG GET", "INFO", "SCAN 0", "SELECT 1", "SUBSCRIBE x", "BGSAVE", "DEBUG HELP", "NOSUCH",
                                            "CLUSTER INFO", "LATENCY LATEST", "ROLE" };

  for (guint pass = 0; pass < 2; pass++)
    {
      CbConsoleCommands *commands = cb_console_get_commands (fixture->console);

      for (gsize i = 0; i < G_N_ELEMENTS (asked); i++)
        {
          g_autoptr (GPtrArray) words = cb_console_line_split (asked[i], NULL, NULL);
          g_autofree char *what = cb_console_guard_describe (commands, words);

          /* By flags only: not known before they are loaded. */
          if (what == NULL && (pass == 1 || !g_str_equal (asked[i], "ACL SAVE")))
            g_error ("%s is not asked about", asked[i]);
        }
      for (gsize i = 0; i < G_N_ELEMENTS (not_asked); i++)
        {
          g_autoptr (GPtrArray) words = cb_console_line_split (not_asked[i], NULL, NULL);
          g_autofree char *what = cb_console_guard_describe (commands, words);

          if (what != NULL)
            g_error ("%s is asked about: %s", not_asked[i], what);
        }
      load (fixture);
    }
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  const char * const publish[] = { "PUBLISH", "news", "hello" };

  cb_connection_set_read_only (fixture->connection, TRUE);
  assert_run_has (fixture, "SET a 1", "was not sent");
  assert_run_has (fixture, "GET a", "was not sent");
  load (fixture);
  assert_run (fixture, "GET a", "(nil)");
  assert_run_has (fixture, "SET a 1", "this command writes");
  assert_run_has (fixture, "set a 1", "this command writes");
  assert_run_has (fixture, "FLUSHALL", "was not sent");
  assert_run_has (fixture, "EVAL \"return 1\" 0", "was not sent");
  assert_run_has (fixture, "CONFIG SET maxmemory 1", "was not sent");
  assert_run (fixture, "SELECT 1", "OK");
  assert_run (fixture, "MULTI", "OK");
  assert_run_has (fixture, "DEL a", "was not sent");
  assert_run (fixture, "EXEC", "(empty array)");
  stream (fixture, "SUBSCRIBE news", "hello", publish);
  assert_run_has (fixture, "HELLO 3", "proto");
  g_assert_cmpint (cb_test_redis_get_integer (fixture->redis, "DBSIZE", NULL), ==, 0);

  assert_run (fixture, "QUIT", "OK");
  assert_run_has (fixture, "GET a", "(nil)");

  /* What is out can be stopped without a command of administration, by hanging up. */
  load (fixture);
  {
    g_autoptr (CbConsoleEntry) entry = g_object_ref (begin (fixture, "XREAD BLOCK 0 STREAMS s $"));
    g_autofree char *text = NULL;

    cb_test_wait_until (is_blocked (fixture));
    cb_console_stop (fixture->console);
    cb_test_wait_until (!cb_console_get_busy (fixture->console));
    text = cb_console_entry_dup_text (entry);
    g_assert_nonnull (strstr (text, "Stopped"));
    load (fixture);
    assert_run (fixture, "GET a", "(nil)");
  }
  cb_connection_set_read_only (fixture->connection, FALSE);
  assert_run (fixture, "SET a 1", "OK");

  /* What was queued while it was allowed is not done when it no longer is. */
  assert_run (fixture, "MULTI", "OK");
  assert_run (fixture, "SET a 2", "QUEUED");
  cb_connection_set_read_only (fixture->connection, TRUE);
  assert_run_has (fixture, "EXEC", "EXEC was not sent");
  assert_run (fixture, "DISCARD", "OK");
  assert_run (fixture, "GET a", "\"1\"");
  cb_connection_set_read_only (fixture->connection, FALSE);
}

/* What a name means is forgotten with the server that told it, also by a console that has no connection of its own. */
static void
test_renamed (void)
{
  Fixture fixture = { 0 };
  g_autofree char *config = NULL;
  int handle = g_file_open_tmp ("cb-console-XXXXXX.conf", &config, NULL);

  g_assert_cmpint (handle, >=, 0);
  g_assert_true (g_close (handle, NULL));
  fixture.redis = cb_test_redis_new ("--include", config, NULL);
  open_console (&fixture, cb_test_redis_get_address (fixture.redis));
  cb_connection_set_read_only (fixture.connection, TRUE);
  load (&fixture);
  g_assert_true (cb_console_commands_knows (cb_console_get_commands (fixture.console), "get"));
  g_assert_false (cb_console_get_connected (fixture.console));

  cb_test_redis_kill (fixture.redis);
  cb_test_wait_until (cb_connection_get_state (fixture.connection) != CB_CONNECTION_READY);
  g_assert_true (g_file_set_contents (config, "rename-command GET \"\"\nrename-command SET GET\n", -1, NULL));
  cb_test_redis_start (fixture.redis);
  cb_test_wait_until (cb_connection_get_state (fixture.connection) == CB_CONNECTION_READY);
  g_assert_null (cb_console_commands_get_table (cb_console_get_commands (fixture.console)));
  g_assert_false (cb_console_commands_knows (cb_console_get_commands (fixture.console), "get"));
  /* Not by what is remembered, and not by what is told now. */
  assert_run_has (&fixture, "GET a 1", "was not sent");
  load (&fixture);
  assert_run_has (&fixture, "GET a 1", "was not sent");
  assert_run (&fixture, "EXISTS a", "(integer) 0");

  /* The same while it is told: one half by the server before, the other by this one. */
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      CbConsoleCommands *commands = cb_console_get_commands (fixture.console);

      cb_console_commands_forget (commands);
      cb_console_commands_load_async (commands, cb_test_store_result, &result);
      for (guint k = 0; k < i; k++)
        g_main_context_iteration (NULL, FALSE);
      cb_test_redis_kill (fixture.redis);
      g_assert_true (g_file_set_contents (config, i % 2 == 0 ? "" : "rename-command GET \"\"\nrename-command SET GET\n", -1, NULL));
      cb_test_redis_start (fixture.redis);
      cb_test_wait_result (&result);
      cb_console_commands_load_finish (commands, result, NULL);
      cb_test_wait_until (cb_connection_get_state (fixture.connection) == CB_CONNECTION_READY);
      load (&fixture);
      if (i % 2 == 0)
        assert_run (&fixture, "GET a", "(nil)");
      else
        assert_run_has (&fixture, "GET a 1", "was not sent");
    }

  g_assert_cmpint (cb_test_redis_get_integer (fixture.redis, "DBSIZE", NULL), ==, 0);
  close_console (&fixture);
  cb_test_redis_free (fixture.redis);
  g_unlink (config);
}

/* A server that runs a script can't be asked for a database; that is no reason to do something in another one. */
static void
test_busy_database (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConnection) other = cb_connection_new (cb_test_redis_get_address (fixture->redis), "busy");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbAddress) address = NULL;
  g_autofree char *text = NULL;
  Fixture second = { 0 };

  assert_run (fixture, "SELECT 1", "OK");
  assert_run (fixture, "SET a one", "OK");
  assert_run (fixture, "CONFIG SET busy-reply-threshold 100", "OK");

  g_assert_true (cb_test_open (other, NULL));
  cb_connection_call_async (other, cb_command_new ("EVAL", "while true do end", "0", NULL), NULL, cb_test_store_result, &result);
  /* Until it is busy. */
  for (;;)
    {
      g_autofree char *told = run (fixture, "GET a");

      if (strstr (told, "BUSY") != NULL)
        break;
      g_assert_cmpstr (told, ==, "\"one\"");
      g_main_context_iteration (NULL, FALSE);
    }

  /* A connection that is let in while the server is busy. */
  text = g_strdup_printf ("unix:%s?db=1", cb_test_redis_get_path (fixture->redis));
  address = cb_address_parse (text, NULL);
  open_console (&second, address);
  assert_run_has (&second, "SET a two", "database 1 could not be selected");
  assert_run_has (&second, "SET a two", "database 1 could not be selected");
  g_assert_cmpuint (cb_console_get_db (second.console), ==, 1);

  /* What ends it needs no database. */
  assert_run (&second, "SCRIPT KILL", "OK");
  cb_test_wait_result (&result);
  reply = cb_connection_call_finish (other, result, NULL);
  assert_run (&second, "GET a", "\"one\"");
  assert_run_has (&second, "CLIENT INFO", " db=1 ");
  close_console (&second);
  cb_connection_close (other);
}

/* --- commands --- */

static gboolean
has (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static void
test_completion (Fixture *fixture, gconstpointer data)
{
  CbConsoleCommands *commands = cb_console_get_commands (fixture->console);
  g_autoptr (GPtrArray) before = cb_console_commands_complete (commands, NULL, "hge");
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) sub = NULL;

  g_assert_true (has (before, "HGET"));
  g_assert_true (has (before, "HGETALL"));
  g_assert_cmpuint (before->len, ==, 2);
  g_assert_cmpstr (cb_console_commands_get_syntax (commands, "get"), ==, "key");
  g_assert_null (cb_console_commands_get_summary (commands, "get"));

  load (fixture);
  cb_test_wait_until (cb_console_commands_get_summary (commands, "zunionstore") != NULL &&
                      cb_console_commands_get_summary (commands, "acl|whoami") != NULL &&
                      cb_console_commands_get_summary (commands, "set") != NULL);
  after = cb_console_commands_complete (commands, NULL, "ZUN");
  g_assert_true (has (after, "ZUNIONSTORE"));
  sub = cb_console_commands_complete (commands, "config", "Re");
  g_assert_cmpuint (sub->len, ==, 2);
  g_assert_true (has (sub, "RESETSTAT"));
  g_assert_true (has (sub, "REWRITE"));
  g_assert_cmpstr (cb_console_commands_get_syntax (commands, "hset"), ==, "key field value [field value ...]");
  g_assert_nonnull (strstr (cb_console_commands_get_syntax (commands, "set"), "[NX | XX]"));
  g_assert_nonnull (strstr (cb_console_commands_get_summary (commands, "set"), "Set"));
}

/* A user who may not ask has what is built in. */
static void
test_completion_refused (void)
{
  Fixture fixture = { 0 };
  g_autoptr (CbAddress) address = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) names = NULL;
  CbConsoleCommands *commands;

  fixture.redis = cb_test_redis_new (NULL, NULL);
  text = g_strdup_printf ("unix://few:pw@%s", cb_test_redis_get_path (fixture.redis));
  address = cb_address_parse (text, NULL);
  cb_reply_unref (cb_test_redis_call (fixture.redis, "ACL", "SETUSER", "few", "on", ">pw", "~*", "+get", NULL));
  open_console (&fixture, address);
  commands = cb_console_get_commands (fixture.console);
  cb_console_commands_load_async (commands, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  g_assert_false (cb_console_commands_load_finish (commands, result, NULL));
  /* It holds the commands, and they the connection. */
  g_clear_object (&result);
  names = cb_console_commands_complete (commands, NULL, "lr");
  g_assert_true (has (names, "LRANGE"));
  g_assert_cmpstr (cb_console_commands_get_syntax (commands, "lrange"), ==, "key start stop");
  assert_run_has (&fixture, "SET a 1", "NOPERM");
  assert_run (&fixture, "GET a", "(nil)");
  close_console (&fixture);
  cb_test_redis_free (fixture.redis);
}

/* --- history --- */

static void
test_history (void)
{
  g_autofree char *folder = g_dir_make_tmp ("callboard-history-XXXXXX", NULL);
  g_autofree char *inside = g_build_filename (folder, "in", NULL);
  g_autofree char *path = g_build_filename (inside, "history", NULL);
  g_autoptr (CbConsoleHistory) history = cb_console_history_new (path);
  g_autoptr (CbConsoleHistory) other = NULL;
  g_autoptr (CbConsoleHistory) again = NULL;
  g_autofree char *text = NULL;
  GStatBuf status;
  guint back = 0;

  cb_console_history_add (history, "GET a");
  cb_console_history_add (history, "GET a");
  cb_console_history_add (history, "SET b ä");
  cb_console_history_add (history, "two\nlines");
  cb_test_wait_until (!cb_console_history_get_busy (history));
  g_assert_cmpuint (cb_console_history_get_length (history), ==, 2);
  g_assert_cmpstr (cb_console_history_get (history, 0), ==, "SET b ä");
  g_assert_cmpstr (cb_console_history_get (history, 1), ==, "GET a");
  g_assert_null (cb_console_history_get (history, 2));
  g_assert_true (cb_console_history_search (history, "get", &back));
  g_assert_cmpuint (back, ==, 1);
  back = 2;
  g_assert_false (cb_console_history_search (history, "get", &back));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  /* Somebody opened it to others, and another program writes too. */
  g_chmod (path, 0644);
  other = cb_console_history_new (path);
  cb_test_wait_until (!cb_console_history_get_busy (other));
  cb_console_history_add (other, "PING");
  cb_test_wait_until (!cb_console_history_get_busy (other));
  cb_console_history_add (history, "INFO");
  cb_test_wait_until (!cb_console_history_get_busy (history));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "GET a\nSET b ä\nPING\nINFO\n");
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *line = g_strdup_printf ("GET %u", i);

      cb_console_history_add (history, line);
    }
  cb_test_wait_until (!cb_console_history_get_busy (history));
  again = cb_console_history_new (path);
  cb_test_wait_until (!cb_console_history_get_busy (again));
  g_assert_cmpuint (cb_console_history_get_length (again), ==, 2000);
  g_assert_cmpstr (cb_console_history_get (again, 0), ==, "GET 2999");

  g_unlink (path);
  g_rmdir (inside);
  g_rmdir (folder);
}

/* Nobody looks: the connection is given back where the next one is as it was, and kept where it is not. */
static void
test_rest (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConsoleEntry) entry = NULL;

  assert_run (fixture, "SELECT 3", "OK");
  assert_run (fixture, "SET a 1", "OK");
  g_assert_true (cb_console_get_connected (fixture->console));
  cb_console_rest (fixture->console);
  g_assert_false (cb_console_get_connected (fixture->console));
  g_assert_cmpstr (cb_console_get_prompt (fixture->console), ==, "[3]>");
  assert_run (fixture, "GET a", "\"1\"");

  assert_run (fixture, "WATCH a", "OK");
  cb_console_rest (fixture->console);
  g_assert_true (cb_console_get_connected (fixture->console));
  assert_run (fixture, "MULTI", "OK");
  cb_console_rest (fixture->console);
  assert_run (fixture, "GET a", "QUEUED");
  assert_run (fixture, "EXEC", "1) \"1\"");
  assert_run (fixture, "RESET", "RESET");
  entry = g_object_ref (begin (fixture, "BLPOP q 0"));
  cb_test_wait_until (is_blocked (fixture));
  cb_console_rest (fixture->console);
  g_assert_true (cb_console_get_busy (fixture->console));
  cb_console_stop (fixture->console);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/console/" name, Fixture, NULL, set_up, func, tear_down)
  g_test_add_func ("/console/line/split", test_split);
  g_test_add_func ("/console/line/join", test_join);
  g_test_add_func ("/console/line/secrets", test_secrets);
  ADD ("rest", test_rest);
  g_test_add_func ("/console/resp/types", test_resp);
  g_test_add_func ("/console/resp/bounded", test_resp_bounded);
  ADD ("every-type", test_every_type);
  ADD ("every-error", test_every_error);
  ADD ("elements", test_elements);
  ADD ("multi", test_multi);
  ADD ("streams", test_streams);
  ADD ("flood", test_flood);
  ADD ("usable-afterwards", test_usable_afterwards);
  ADD ("blocking", test_blocking);
  ADD ("lost-and-back", test_lost_and_back);
  g_test_add_func ("/console/answered-after-all", test_answered_after_all);
  g_test_add_func ("/console/sign-in", test_sign_in);
  ADD ("guard", test_guard);
  ADD ("read-only", test_read_only);
  g_test_add_func ("/console/renamed", test_renamed);
  ADD ("busy-database", test_busy_database);
  ADD ("completion", test_completion);
  g_test_add_func ("/console/completion-refused", test_completion_refused);
  g_test_add_func ("/console/history", test_history);

  return g_test_run ();
}
