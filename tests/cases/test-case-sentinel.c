/* test-case-sentinel.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A Redis Sentinel: taken for a server, asked for a name that it does not know, and with a primary that is gone or replaced. */

#include "config.h"

#include "cb-case.h"
#include "cb-test-child.h"
#include "cb-test-port.h"

#include <glib/gstdio.h>
#include <signal.h>

#define expect cb_test_cli_expect

typedef struct
{
  CbTestRedis *primary;
  char *primary_port;
  GSubprocess *sentinel;
  char *directory;
  char *uri;                  /* of the Sentinel */
} Fixture;

static gboolean
is_master (CbTestRedis *redis)
{
  g_autofree char *role = cb_case_ask (redis, "ROLE");

  return g_str_has_prefix (role, "master");
}

static CbTestRun *
ask (const char *uri, const char *first, const char *second)
{
  const char * const words[] = { "--server", uri, first, second, NULL };

  return cb_test_cli_run (NULL, NULL, words);
}

/* @data: (nullable): more lines of its settings. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *config = NULL;
  g_autofree char *file = NULL;

  fixture->primary_port = cb_test_port_dup ();
  fixture->primary = cb_test_redis_new ("--port", fixture->primary_port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay", "0", NULL);
  fixture->directory = g_dir_make_tmp ("cb-sentinel-XXXXXX", NULL);
  file = g_build_filename (fixture->directory, "sentinel.conf", NULL);
  config = g_strdup_printf ("port %s\nbind 127.0.0.1\ndir %s\nsentinel monitor main 127.0.0.1 %s 1\n"
                            "sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 2000\n%s",
                            port, fixture->directory, fixture->primary_port, data != NULL ? (const char *) data : "");
  g_assert_true (g_file_set_contents (file, config, -1, NULL));
  {
    const char * const argv[] = { "redis-server", file, "--sentinel", NULL };

    fixture->sentinel = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  }
  fixture->uri = g_strdup_printf ("redis://127.0.0.1:%s", port);

  for (guint i = 0; ; i++)
    {
      g_autoptr (CbTestRun) run = ask (fixture->uri, "ping", NULL);

      if (strstr (run->errors, "Sentinel") != NULL || strstr (run->errors, "NOAUTH") != NULL)
        break;
      g_assert_cmpuint (i, <, 200);
      cb_test_run_for (50);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->directory, "sentinel.conf", NULL);
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_send_signal (fixture->sentinel, SIGKILL);
  g_subprocess_wait_async (fixture->sentinel, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (fixture->sentinel, cb_test_wait_result (&result), NULL);
  g_object_unref (fixture->sentinel);
  g_unlink (file);
  g_rmdir (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->uri);
  g_free (fixture->primary_port);
  cb_test_redis_free (fixture->primary);
}

/* Its address alone is said to be a Sentinel's, with what it watches, whatever is asked; and with a name it leads there or says what it
 * knows. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const char * const commands[][2] = { { "keys", NULL }, { "get", "a" }, { "queue", "list" }, { "events", NULL }, { "work", "email" } };
  g_autofree char *wrong = g_strconcat (fixture->uri, "?sentinel=mian", NULL);
  g_autofree char *right = g_strconcat (fixture->uri, "/3?sentinel=main", NULL);
  g_autofree char *plain = g_strdup_printf ("redis://127.0.0.1:%s?sentinel=main", fixture->primary_port);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (CbTestRun) run = ask (fixture->uri, commands[i][0], commands[i][1]);
      g_autoptr (CbTestRun) named = ask (wrong, commands[i][0], commands[i][1]);

      g_test_message ("%s: %s%s", commands[i][0], run->errors, named->errors);
      g_assert_cmpint (run->status, ==, 3);
      g_assert_cmpstr (run->output, ==, "");
      g_assert_true (g_pattern_match_simple ("callboardctl: * is a Redis Sentinel, not a server with data. It watches: main. "
                                             "Add ?sentinel=main to the address to get to that primary.\n", run->errors));
      g_assert_cmpint (named->status, ==, 3);
      g_assert_cmpstr (named->output, ==, "");
      g_assert_true (g_pattern_match_simple ("callboardctl: The Sentinel * does not know *mian*; it knows: main.\n", named->errors));
    }
  expect (NULL, 3, "", "callboardctl: * is no Redis Sentinel. Leave ?sentinel=main out of the address to connect to it.\n", "--server", plain,
          "get", "a");

  expect (NULL, 0, "Reply: OK\n", "", "--server", right, "set", "a", "1");
  expect (NULL, 0, "1\n", "", "--server", right, "get", "a");
  cb_case_do (fixture->primary, "SELECT 3");
  cb_case_assert (fixture->primary, "1", "GET a");
}

/* The Sentinel lets in by a password of its own, or as a user of its own, which has nothing to do with that of the primary. */
static void
test_password (Fixture *fixture, gconstpointer data)
{
  static const char wants[] = "callboardctl: The Sentinel * wants a password: add &sentinel_password=TEXT, and &sentinel_username=NAME for "
                              "a user, to the address.\n";
  static const char differs[] = "callboardctl: The Sentinel * wants a password, and that of the server is not it: add "
                                "&sentinel_password=TEXT, and &sentinel_username=NAME for a user, to the address.\n";
  static const char wrong[] = "callboardctl: The Sentinel * does not let in with this password: look at sentinel_password, and "
                              "sentinel_username, in the address.\n";
  const char *at = strstr (fixture->uri, "127");
  g_autofree char *none = g_strdup_printf ("redis://%s?sentinel=main", at);
  g_autofree char *own = g_strdup_printf ("redis://%s/3?sentinel=main&sentinel_password=w%%26chter", at);
  g_autofree char *own_user = g_strdup_printf ("redis://ann:geheim@%s/3?sentinel=main&sentinel_username=watch&sentinel_password=turm", at);
  g_autofree char *both = g_strdup_printf ("redis://ann:geheim@%s/3?sentinel=main&sentinel_password=w%%26chter", at);
  g_autofree char *of_primary = g_strdup_printf ("redis://ann:geheim@%s/3?sentinel=main", at);
  g_autofree char *same = g_strdup_printf ("redis://:w%%26chter@%s/3?sentinel=main", at);
  g_autofree char *bad = g_strdup_printf ("redis://%s?sentinel=main&sentinel_password=falsch", at);
  g_autofree char *bad_user = g_strdup_printf ("redis://%s?sentinel=main&sentinel_username=nobody&sentinel_password=turm", at);
  g_autofree char *unknown = g_strdup_printf ("redis://%s?sentinel=mian&sentinel_password=w%%26chter", at);

  cb_case_do (fixture->primary, "ACL SETUSER ann on >geheim ~* +@all");
  expect (NULL, 3, "", wants, "--server", none, "get", "a");
  expect (NULL, 3, "", wrong, "--server", bad, "get", "a");
  expect (NULL, 3, "", wrong, "--server", bad_user, "get", "a");
  expect (NULL, 3, "", differs, "--server", of_primary, "get", "a");
  expect (NULL, 3, "", "callboardctl: The Sentinel * does not know *mian*; it knows: main.\n", "--server", unknown, "get", "a");
  expect (NULL, 0, "Reply: OK\n", "", "--server", own, "set", "a", "1");
  cb_case_do (fixture->primary, "SELECT 3");
  cb_case_assert (fixture->primary, "1", "GET a");
  cb_case_do (fixture->primary, "ACL SETUSER default resetpass >anders");
  expect (NULL, 3, "", "*NOAUTH*", "--server", own, "get", "a");
  expect (NULL, 0, "1\n", "", "--server", both, "get", "a");
  expect (NULL, 0, "1\n", "", "--server", own_user, "get", "a");

  /* The same password on both, as many have it, need not be written twice. */
  cb_case_do (fixture->primary, "ACL SETUSER default resetpass >w&chter");
  expect (NULL, 0, "1\n", "", "--server", same, "get", "a");
}

/* One that wants none says so, and is not taken for one that refuses. */
static void
test_needless_password (Fixture *fixture, gconstpointer data)
{
  g_autofree char *needless = g_strconcat (fixture->uri, "?sentinel=main&sentinel_password=x", NULL);

  expect (NULL, 3, "", "callboardctl: The Sentinel * wants no password: leave sentinel_password out of the address.\n", "--server",
          needless, "get", "a");
}

/* The primary is gone: that is said, with its address; a worker tries again with pauses that grow, and is back with it. */
static void
test_gone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *right = g_strconcat (fixture->uri, "?sentinel=main", NULL);
  g_autofree char *gone = g_strdup_printf ("callboardctl: The primary of *main* (127.0.0.1:%s) does not answer: *connection refused*",
                                           fixture->primary_port);
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_make (fixture->primary, "email", "inactive", 1);
  work = cb_case_start (NULL, "--server", right, "work", "email", NULL);
  cb_test_wait_until (cb_case_has_counts (fixture->primary, "email", "0 0 1 0 0"));

  cb_test_redis_kill (fixture->primary);
  expect (NULL, 3, "", gone, "--server", right, "get", "a");
  cb_test_wait_until (strstr (work->errors->str, "The primary of ") != NULL);
  cb_test_redis_start (fixture->primary);
  cb_case_make (fixture->primary, "email", "inactive", 2);
  cb_test_wait_until (cb_case_has_counts (fixture->primary, "email", "0 0 2 0 0"));
}

/* The Sentinel makes a replica the primary: who was with the old one goes on with that. */
static void
test_failover (Fixture *fixture, gconstpointer data)
{
  g_autofree char *right = g_strconcat (fixture->uri, "?sentinel=main", NULL);
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *of = g_strdup_printf ("127.0.0.1 %s", fixture->primary_port);
  g_autoptr (CbTestRedis) replica = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--replicaof", of, NULL);
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_make (fixture->primary, "email", "inactive", 1);
  work = cb_case_start (NULL, "--server", right, "work", "email", NULL);
  cb_test_wait_until (cb_case_has_counts (fixture->primary, "email", "0 0 1 0 0"));
  cb_test_wait_until (cb_case_has_counts (replica, "email", "0 0 1 0 0"));
  /* Until the Sentinel knows of it. */
  for (guint i = 0; ; i++)
    {
      const char * const words[] = { "redis-cli", "-u", fixture->uri, "SENTINEL", "REPLICAS", "main", NULL };
      g_autoptr (GSubprocess) cli = cb_test_child_new (words, G_SUBPROCESS_FLAGS_STDOUT_PIPE);
      g_autofree char *known = NULL;

      g_assert_true (g_subprocess_communicate_utf8 (cli, NULL, NULL, &known, NULL, NULL));
      if (strstr (known, port) != NULL)
        break;
      g_assert_cmpuint (i, <, 200);
      cb_test_run_for (200);
    }

  cb_test_redis_kill (fixture->primary);
  cb_test_wait_until (is_master (replica));
  cb_case_make (replica, "email", "inactive", 1);
  cb_test_wait_until (cb_case_has_counts (replica, "email", "0 0 2 0 0"));
  expect (NULL, 0, "Reply: OK\n", "", "--server", right, "set", "a", "1");
  cb_case_assert (replica, "1", "GET a");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add ("/cases/sentinel/" name, Fixture, NULL, set_up, func, tear_down)
  g_test_add ("/cases/sentinel/password", Fixture, "requirepass w&chter\nuser watch on >turm allchannels +@all\n", set_up, test_password,
              tear_down);
  ADD ("needless-password", test_needless_password);
  ADD ("names", test_names);
  ADD ("primary-gone", test_gone);
  ADD ("failover", test_failover);

  return g_test_run ();
}
