/* test-console-errors.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a server of Redis 7 refuses with, in whatever state it is, as the console shows it: its words as they are, and that the
 * connection can be used afterwards. What is refused by the way of other things: test-console.c. */

#include "config.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "cb-test-console.h"

typedef CbTestConsole Fixture;

#define run cb_test_console_run
#define assert_run cb_test_console_expect
#define assert_run_has cb_test_console_expect_part

/* The first version of the protocol that all clients speak has fewer types: what they become in it. */
static void
test_types_of_old (Fixture *fixture, gconstpointer data)
{
  assert_run (fixture, "DEBUG PROTOCOL string", "\"Hello World\"");
  assert_run (fixture, "DEBUG PROTOCOL integer", "(integer) 12345");
  assert_run (fixture, "DEBUG PROTOCOL double", "\"3.141\"");
  assert_run (fixture, "DEBUG PROTOCOL null", "(nil)");
  assert_run (fixture, "DEBUG PROTOCOL array", "1) (integer) 0\n2) (integer) 1\n3) (integer) 2");
  assert_run (fixture, "DEBUG PROTOCOL set", "1) (integer) 0\n2) (integer) 1\n3) (integer) 2");
  assert_run (fixture, "DEBUG PROTOCOL map",
              "1) (integer) 0\n2) (integer) 0\n3) (integer) 1\n4) (integer) 1\n5) (integer) 2\n6) (integer) 0");
  assert_run (fixture, "DEBUG PROTOCOL attrib", "\"Some real reply following the attribute\"");
  assert_run (fixture, "DEBUG PROTOCOL push", "(error) ERR RESP2 is not supported by this command");
  assert_run (fixture, "DEBUG PROTOCOL bignum", "\"1234567999999999999999999999999999999\"");
  assert_run (fixture, "DEBUG PROTOCOL true", "(integer) 1");
  assert_run (fixture, "DEBUG PROTOCOL false", "(integer) 0");
  assert_run (fixture, "DEBUG PROTOCOL verbatim", "This is a verbatim\nstring");
  assert_run_has (fixture, "DEBUG PROTOCOL nothing", "(error) ERR Wrong protocol type name. Please use one of the following: ");
  assert_run (fixture, "EVAL \"return {1, redis.error_reply('MY own'), {false, true, 'x'}}\" 0",
              "1) (integer) 1\n2) (error) MY own\n3) 1) (nil)\n   2) (integer) 1\n   3) \"x\"");
  assert_run (fixture, "PING", "PONG");
}

/* Something that the server sends unasked, before and between replies, is not taken for one. */
static void
test_pushes (Fixture *fixture, gconstpointer data)
{
  assert_run_has (fixture, "HELLO 3", "\"proto\" => (integer) 3");
  assert_run (fixture, "CLIENT TRACKING ON", "OK");
  for (guint i = 0; i < 20; i++)
    {
      assert_run (fixture, i == 0 ? "GET a" : "ECHO x", i == 0 ? "(nil)" : "\"x\"");
      assert_run (fixture, "GET a", i == 0 ? "(nil)" : "\"1\"");
      cb_reply_unref (cb_test_redis_call (fixture->redis, "SET", "a", "1", NULL));
      if (i % 2 == 0)
        cb_test_run_for (5);
    }
  assert_run (fixture, "DEBUG PROTOCOL double", "(double) 3.141");
  assert_run (fixture, "PING", "PONG");
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  assert_run (fixture, "SET s x", "OK");
  assert_run (fixture, "MULTI", "OK");
  assert_run (fixture, "INCR n", "QUEUED");
  assert_run (fixture, "INCR s", "QUEUED");
  assert_run (fixture, "LPUSH s 1", "QUEUED");
  assert_run (fixture, "EXEC", "1) (integer) 1\n2) (error) ERR value is not an integer or out of range\n"
                               "3) (error) WRONGTYPE Operation against a key holding the wrong kind of value");
  assert_run (fixture, "XGROUP CREATE x g $ MKSTREAM", "OK");
  assert_run (fixture, "XGROUP CREATE x g $", "(error) BUSYGROUP Consumer Group name already exists");
  assert_run_has (fixture, "MIGRATE 127.0.0.1 1 s 0 100", "(error) IOERR error or timeout ");
  assert_run (fixture, "SCRIPT KILL", "(error) NOTBUSY No scripts in execution right now.");
  assert_run (fixture, "EVAL \"return redis.error_reply('MY own %s%n <b>')\" 0", "(error) MY own %s%n <b>");
  assert_run_has (fixture, "EVAL \"return redis.call('incr', KEYS[1])\" 1 s", "(error) ERR value is not an integer or out of range");
  assert_run_has (fixture, "EVAL \"syntax error\" 0", "(error) ERR Error compiling script");
  assert_run (fixture, "FCALL nothing 0", "(error) ERR Function not found");
  assert_run_has (fixture, "RESTORE s 0 \"\\x00\\x01x\\x0a\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"", "(error) BUSYKEY Target key name already exists.");
  /* What a node of a cluster says. */
  assert_run (fixture, "DEBUG ERROR \"MOVED 866 127.0.0.1:1\"", "(error) MOVED 866 127.0.0.1:1");
  assert_run (fixture, "DEBUG ERROR \"ASK 866 127.0.0.1:1\"", "(error) ASK 866 127.0.0.1:1");
  assert_run (fixture, "DEBUG ERROR \"TRYAGAIN Multiple keys request during rehashing of slot\"",
              "(error) TRYAGAIN Multiple keys request during rehashing of slot");
  assert_run_has (fixture, "HELLO 3", "proto");
  assert_run (fixture, "LPUSH s 1", "(error) WRONGTYPE Operation against a key holding the wrong kind of value");
  assert_run (fixture, "PING", "PONG");
}

/* Somebody else ends what blocks, with an error. */
static void
test_unblocked (Fixture *fixture, gconstpointer data)
{
  g_autofree char *id = run (fixture, "CLIENT ID");
  g_autoptr (CbConsoleEntry) entry = g_object_ref (cb_test_console_begin (fixture, "BLPOP q 0"));
  g_autofree char *text = NULL;

  while (cb_test_redis_get_integer (fixture->redis, "CLIENT", "UNBLOCK", id + strlen ("(integer) "), "ERROR", NULL) == 0)
    cb_test_run_for (5);
  cb_test_wait_until (!cb_console_get_busy (fixture->console));
  text = cb_console_entry_dup_text (entry);
  g_assert_cmpstr (text, ==, "(error) UNBLOCKED client unblocked via CLIENT UNBLOCK");
  assert_run (fixture, "PING", "PONG");
}

/* A server that wants a password which nobody gave. */
static void
test_no_password (Fixture *fixture, gconstpointer data)
{
  Fixture second = { 0 };

  assert_run (fixture, "CONFIG SET requirepass pw", "OK");
  cb_test_console_open (&second, cb_test_redis_get_address (fixture->redis));
  assert_run (&second, "GET a", "(error) NOAUTH Authentication required.");
  assert_run (&second, "SUBSCRIBE a", "(error) NOAUTH Authentication required.");
  assert_run (&second, "MULTI", "(error) NOAUTH Authentication required.");
  assert_run_has (&second, "HELLO 3", "(error) NOAUTH HELLO must be called with the client already authenticated");
  assert_run_has (&second, "AUTH no", "(error) WRONGPASS invalid username-password pair or user is disabled.");
  assert_run (&second, "AUTH pw", "OK");
  assert_run (&second, "GET a", "(nil)");
  cb_test_console_close (&second);
}

/* A replica that may not be written to, one that has lost its primary, and a primary that has lost its replicas. */
static void
test_roles (Fixture *fixture, gconstpointer data)
{
  assert_run (fixture, "REPLICAOF 127.0.0.1 1", "OK");
  assert_run (fixture, "SET a 1", "(error) READONLY You can't write against a read only replica.");
  assert_run (fixture, "GET a", "(nil)");
  assert_run (fixture, "CONFIG SET replica-serve-stale-data no", "OK");
  assert_run (fixture, "GET a", "(error) MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.");
  assert_run_has (fixture, "PING", "(error) MASTERDOWN");
  assert_run (fixture, "REPLICAOF NO ONE", "OK");
  assert_run (fixture, "SET a 1", "OK");

  assert_run (fixture, "CONFIG SET min-replicas-to-write 1", "OK");
  assert_run (fixture, "SET a 2", "(error) NOREPLICAS Not enough good replicas to write.");
  assert_run (fixture, "CONFIG SET min-replicas-to-write 0", "OK");
  assert_run (fixture, "WAIT 0 10", "(integer) 0");
  assert_run (fixture, "GET a", "\"1\"");
}

/* The server can't save, and takes nothing. */
static void
test_cannot_save (void)
{
  Fixture fixture = { 0 };
  g_autofree char *blocked = NULL;

  fixture.redis = cb_test_redis_new ("--save", "3600 1", "--dbfilename", "blocked", NULL);
  blocked = g_build_filename (cb_test_redis_get_directory (fixture.redis), "blocked", NULL);
  cb_test_console_open (&fixture, cb_test_redis_get_address (fixture.redis));

  /* A folder stands where the file is to be. */
  g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
  assert_run_has (&fixture, "SAVE", "(error) ERR");
  assert_run (&fixture, "BGSAVE", "Background saving started");
  for (;;)
    {
      g_autofree char *info = cb_test_redis_get_string (fixture.redis, "INFO", "persistence", NULL);

      if (strstr (info, "rdb_last_bgsave_status:err") != NULL)
        break;
      cb_test_run_for (20);
    }
  assert_run_has (&fixture, "SET a 1", "(error) MISCONF Redis is configured to save RDB snapshots");
  assert_run (&fixture, "GET a", "(nil)");
  assert_run (&fixture, "CONFIG SET stop-writes-on-bgsave-error no", "OK");
  assert_run (&fixture, "SET a 1", "OK");
  g_rmdir (blocked);
  cb_test_console_tear_down (&fixture, NULL);
}

/* A server that reads its data from disk lets in, and answers nothing. */
static void
test_loading (void)
{
  Fixture fixture = { 0 };
  g_autofree char *told = NULL;
  guint n = 0;

  fixture.redis = cb_test_redis_new ("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024",
                                     "--rdbcompression", "no", "--save", "3600 1", NULL);
  cb_reply_unref (cb_test_redis_call (fixture.redis, "EVAL", "for i = 1, 50 do redis.call ('SET', i, string.rep ('x', 2000)) end", "0", NULL));
  cb_reply_unref (cb_test_redis_call (fixture.redis, "SAVE", NULL));
  cb_test_redis_kill (fixture.redis);
  cb_test_redis_start_nowait (fixture.redis);
  cb_test_console_open (&fixture, cb_test_redis_get_address (fixture.redis));
  /* Until it listens, and then until it is done. */
  for (told = run (&fixture, "GET 1"); !g_str_has_prefix (told, "\"xx"); g_free (told), told = run (&fixture, "GET 1"))
    if (g_str_equal (told, "(error) LOADING Redis is loading the dataset in memory"))
      n++;
    else
      g_assert_nonnull (strstr (told, "Nothing was sent"));
  g_assert_cmpuint (n, >, 0);
  assert_run (&fixture, "PING", "PONG");
  cb_test_console_tear_down (&fixture, NULL);
}

/* A node of a cluster. */
static void
test_cluster (void)
{
  Fixture fixture = { 0 };
  g_autofree char *port = NULL;
  g_autofree char *bus = NULL;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GSocket) found = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
      g_autoptr (GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
      g_autoptr (GSocketAddress) bound = NULL;

      g_assert_true (g_socket_bind (found, any, FALSE, NULL));
      bound = g_socket_get_local_address (found, NULL);
      *(i == 0 ? &port : &bus) = g_strdup_printf ("%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
    }
  fixture.redis = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", bus, NULL);
  cb_test_console_open (&fixture, cb_test_redis_get_address (fixture.redis));

  assert_run (&fixture, "GET a", "(error) CLUSTERDOWN Hash slot not served");
  assert_run (&fixture, "CLUSTER ADDSLOTSRANGE 0 16383", "OK");
  for (guint i = 0; ; i++)
    {
      g_autofree char *told = run (&fixture, "GET a");

      if (g_str_equal (told, "(nil)"))
        break;
      g_assert_cmpstr (told, ==, "(error) CLUSTERDOWN The cluster is down");
      g_assert_cmpuint (i, <, 500);
      cb_test_run_for (20);
    }
  assert_run (&fixture, "MSET a 1 b 2", "(error) CROSSSLOT Keys in request don't hash to the same slot");
  assert_run_has (&fixture, "SELECT 1", "(error) ERR SELECT is not allowed in cluster mode");
  assert_run (&fixture, "MSET {a}1 1 {a}2 2", "OK");
  cb_test_console_tear_down (&fixture, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/console-errors/" name, Fixture, NULL, cb_test_console_set_up, func, cb_test_console_tear_down)
  ADD ("types-of-old", test_types_of_old);
  ADD ("pushes", test_pushes);
  ADD ("kinds", test_kinds);
  ADD ("unblocked", test_unblocked);
  ADD ("no-password", test_no_password);
  ADD ("roles", test_roles);
  g_test_add_func ("/console-errors/cannot-save", test_cannot_save);
  g_test_add_func ("/console-errors/loading", test_loading);
  g_test_add_func ("/console-errors/cluster", test_cluster);

  return g_test_run ();
}
