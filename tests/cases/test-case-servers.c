/* test-case-servers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Servers that refuse, lack or hide something, and what is said and done then. */

#include "config.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>

#include "cb-case.h"
#include "cb-fake-server.h"
#include "cb-test-port.h"

#define expect cb_test_cli_expect

static void
assert_has (const char *text,
            const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” is missing from:\n%s", part, text);
}

/* A server that can be reached by TCP as well; @uri (out) without a database. */
static CbTestRedis *
new_with_port (const char *argument,
               const char *value,
               char **uri)
{
  g_autofree char *port = cb_test_port_dup ();

  *uri = g_strdup_printf ("redis://127.0.0.1:%s", port);
  return cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", argument, value, NULL);
}

static guint
count_connections (CbTestRedis *redis)
{
  g_autofree char *clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);
  guint n = 0;

  for (const char *p = clients; *p != '\0'; p++)
    n += *p == '\n';

  /* Without the test's own. */
  return n - 1;
}

/* The server can't save and refuses to be written to: told with its words, nothing is taken, and it goes on by itself when
 * that is over. Other refusals: /worker-kue/refused. */
static void
test_cannot_save (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--save", "1 1", "--dbfilename", "blocked", NULL);
  g_autofree char *blocked = g_build_filename (cb_test_redis_get_directory (redis), "blocked", NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbTestRun) list = NULL;
  gint64 began;
  guint refused;

  cb_case_make (redis, "email", "inactive", 3);
  cb_case_make (redis, "email", "failed", 2);
  /* A folder stands where the file is to be. */
  g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
  while (TRUE)
    {
      g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "persistence", NULL);

      if (strstr (info, "rdb_last_bgsave_status:err") != NULL)
        break;
      cb_test_run_for (50);
    }

  list = cb_test_cli_get (redis, "job", "list");
  g_assert_cmpint (list->status, ==, 0);
  expect (redis, 0, NULL, "", "queue", "list");
  expect (redis, 1, "", "callboardctl: Job 4: *MISCONF Redis is configured to save RDB snapshots*", "job", "retry", "4");
  cb_case_assert (redis, "failed", "HGET q:job:4 state");
  g_assert_true (cb_case_has_counts (redis, "email", "3 0 0 2 0"));

  work = cb_case_start (redis, "work", "email", NULL);
  cb_test_wait_until (strstr (work->errors->str, "MISCONF") != NULL);
  began = g_get_monotonic_time ();
  refused = cb_case_count_errors (redis, "MISCONF");
  cb_test_run_for (3000);
  g_assert_cmpuint (cb_case_count_errors (redis, "MISCONF") - refused, <=, 2 * cb_test_get_seconds (began));
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), ==, 1);
  g_assert_cmpstr (work->output->str, ==, "");
  g_assert_true (cb_case_has_counts (redis, "email", "3 0 0 2 0"));

  cb_case_do (redis, "CONFIG SET stop-writes-on-bgsave-error no");
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 3 2 0"));
}

static gboolean
is_heard (CbTestRedis *redis,
          const char *channel)
{
  g_autofree char *told = cb_case_ask (redis, "PUBSUB NUMSUB %s", channel);

  return !g_str_has_suffix (told, " 0");
}

/* A replica takes no work, and a primary that becomes one under a waiting worker is waited for. */
static void
test_replica (void)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *of = g_strdup_printf ("127.0.0.1 %s", port);
  g_autoptr (CbTestRedis) primary = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--repl-diskless-sync-delay",
                                                       "0", NULL);
  g_autoptr (CbTestRedis) replica = NULL;
  g_autoptr (CbCaseRun) refused = NULL;
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbCaseRun) heard = NULL;
  g_autoptr (CbCaseRun) heard_there = NULL;
  gint64 began;
  guint before;

  cb_case_make (primary, "email", "inactive", 2);
  cb_case_make (primary, "email", "failed", 1);
  replica = cb_test_redis_new ("--replicaof", of, NULL);
  cb_test_wait_until (cb_test_redis_get_integer (replica, "DBSIZE", NULL) > 0);

  expect (replica, 1, "", "callboardctl: SET: READONLY *", "set", "a", "1");
  expect (replica, 1, "", "callboardctl: Job 3: *READONLY *replica*", "job", "retry", "3");
  cb_case_assert (primary, "failed", "HGET q:job:3 state");
  refused = cb_case_start (replica, "work", "email", NULL);
  cb_test_wait_until (strstr (refused->errors->str, "read-only replica") != NULL);
  cb_test_run_for (2000);
  g_assert_cmpuint (cb_case_count (refused->errors, "\n"), ==, 1);
  g_assert_cmpstr (refused->output->str, ==, "");
  g_assert_true (cb_case_has_counts (primary, "email", "2 0 0 1 0"));

  work = cb_case_start (primary, "work", "email", NULL);
  cb_test_wait_until (cb_case_has_counts (primary, "email", "0 0 2 1 0"));
  g_assert_cmpstr (work->errors->str, ==, "");
  heard = cb_case_start (primary, "subscribe", "news", NULL);
  heard_there = cb_case_start (replica, "subscribe", "news", NULL);
  cb_test_wait_until (is_heard (primary, "news") && is_heard (replica, "news"));
  cb_case_do (primary, "REPLICAOF 127.0.0.1 1");
  cb_test_wait_until (strstr (work->errors->str, "read-only replica") != NULL);
  began = g_get_monotonic_time ();
  before = cb_case_count_errors (primary, "READONLY");
  cb_test_run_for (2000);
  g_assert_cmpuint (cb_case_count_errors (primary, "READONLY") - before, <=, cb_test_get_seconds (began));
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), <=, 2);

  /* Who listens is not concerned by that. */
  cb_case_do (primary, "PUBLISH news one");
  cb_case_do (replica, "PUBLISH news two");
  cb_test_wait_until (g_str_equal (heard->output->str, "one\n") && g_str_equal (heard_there->output->str, "two\n"));
  g_assert_cmpstr (heard->errors->str, ==, "");

  cb_case_do (primary, "REPLICAOF NO ONE");
  cb_case_make (primary, "email", "inactive", 1);
  cb_test_wait_until (cb_case_has_counts (primary, "email", "0 0 3 1 0"));
}

static gboolean
is_waited_for (CbTestRedis *redis)
{
  g_autofree char *clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);

  return strstr (clients, "cmd=blmove") != NULL;
}

/* Commands that whoever runs the server has switched off or renamed are done without, and not asked for again and again. */
static void
test_renamed (void)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *thirty = g_strdup_printf ("redis://127.0.0.1:%s/30", port);
  g_autofree char *ninety_nine = g_strdup_printf ("redis://127.0.0.1:%s/99", port);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--databases", "50",
                                                     "--rename-command", "CONFIG", "", "--rename-command", "KEYS", "",
                                                     "--rename-command", "FLUSHALL", "", "--rename-command", "FLUSHDB", "",
                                                     "--rename-command", "INFO", "cc451322", NULL);
  g_autoptr (CbTestRun) list = NULL;
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  cb_case_make (redis, "email", "failed", 4);
  expect (NULL, 0, "Reply: OK\n", "", "--server", thirty, "set", "here", "1");

  list = cb_test_cli_get (redis, "queue", "list");
  g_assert_cmpstr (list->errors, ==, "");
  g_assert_true (g_regex_match_simple ("^email +kue +q +0 +0 +0 +4 +0$", list->output, G_REGEX_MULTILINE, 0));
  expect (redis, 0, NULL, "", "job", "list", "--state", "failed");
  expect (redis, 0, NULL, "", "doctor", "--grace", "0");
  expect (NULL, 0, "here\n", "", "--server", thirty, "keys");
  expect (NULL, 3, "", "callboardctl: SELECT: ERR DB index is out of range*", "--server", ninety_nine, "get", "here");

  work = cb_case_start (redis, "work", "email", NULL);
  cb_case_make (redis, "email", "inactive", 1);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 4 0"));
  /* Each of its links asks once, the one that waits as well. */
  cb_test_wait_until (is_waited_for (redis));
  before = cb_case_ask (redis, "cc451322 errorstats");
  cb_test_run_for (2000);
  after = cb_case_ask (redis, "cc451322 errorstats");
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpstr (work->errors->str, ==, "");
}

static gboolean
is_any_in_first_database (CbTestRedis *redis)
{
  g_autofree char *clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);

  return strstr (clients, " db=0 ") != NULL;
}

/* The same prefix in two databases, which share their channels: each keeps to itself, also after a restart. */
static void
test_databases (void)
{
  g_autofree char *uri = NULL;
  g_autoptr (CbTestRedis) redis = new_with_port ("--appendonly", "yes", &uri);
  g_autofree char *third = g_strconcat (uri, "/3", NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbCaseRun) events = NULL;

  cb_case_make (redis, "email", "inactive", 5);
  cb_case_do (redis, "SELECT 3");
  cb_case_make (redis, "email", "inactive", 2);

  work = cb_case_start (NULL, "--server", third, "--json", "work", "email", NULL);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 2 0 0"));

  /* What another database says of its job 1 changes nothing of ours. */
  cb_case_do (redis, "PUBLISH q:events '{\"id\":1,\"event\":\"failed\",\"args\":[\"failed\",\"boom\"]}'");
  cb_case_do (redis, "PUBLISH q:events '{\"id\":1,\"event\":\"remove\",\"args\":[\"remove\",\"email\"]}'");
  expect (NULL, 0, NULL, "", "--server", third, "job", "show", "1");
  cb_case_assert (redis, "complete", "HGET q:job:1 state");

  cb_test_redis_stop (redis);
  cb_test_redis_start (redis);
  cb_case_do (redis, "SELECT 3");
  cb_case_make (redis, "email", "inactive", 1);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 3 0 0"));
  cb_test_wait_until (count_connections (redis) >= 2);
  /* Each is there for a moment, before it is let in. */
  cb_test_wait_until (!is_any_in_first_database (redis));

  cb_case_do (redis, "SELECT 0");
  g_assert_true (cb_case_has_counts (redis, "email", "5 0 0 0 0"));
  for (guint id = 1; id <= 5; id++)
    cb_case_assert (redis, "inactive (nil)", "HMGET q:job:%u state started_at", id);
  cb_case_assert (redis, "0", "EXISTS q:callboard:leases q:stats:work-time");
}

/* Prefixes that are the beginning of others, stand in braces, or look like a pattern. */
static void
test_prefixes (void)
{
  static const struct
  {
    const char *prefix;
    guint n_failed;
  } queues[] = { { "q", 1 }, { "q:eu", 2 }, { "{q}", 3 }, { "app[1]*", 4 }, { "appX", 5 } };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) list = NULL;
  g_auto (GStrv) lines = NULL;

  expect (redis, 0, "", "callboardctl: There is no queue in this database\n", "queue", "list");
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autofree char *n = g_strdup_printf ("%u", queues[i].n_failed);

      cb_case_script (redis, "make", queues[i].prefix, "email", "failed", n, NULL);
    }
  cb_case_do (redis, "SET promotion:lock x PX 60000");
  cb_case_do (redis, "SET activeJobsTTL:lock x PX 60000");
  cb_case_do (redis, "CONFIG RESETSTAT");

  list = cb_test_cli_get (redis, "queue", "list");
  g_assert_cmpint (list->status, ==, 0);
  lines = g_strsplit (list->output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + G_N_ELEMENTS (queues) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autofree char *quoted = g_regex_escape_string (queues[i].prefix, -1);
      g_autofree char *pattern = g_strdup_printf ("^email +kue +%s +0 +0 +0 +%u +0$", quoted, queues[i].n_failed);
      g_autoptr (CbTestRun) jobs = cb_test_cli_get (redis, "--prefix", queues[i].prefix, "job", "list");
      g_auto (GStrv) rows = g_strsplit (jobs->output, "\n", -1);

      g_assert_true (g_regex_match_simple (pattern, list->output, G_REGEX_MULTILINE, 0));
      g_assert_cmpuint (g_strv_length (rows), ==, 1 + queues[i].n_failed + 1);
    }

  expect (redis, 0, "", "callboardctl: There is no queue with the prefix “nothing”\n", "--prefix", "nothing", "queue", "list");
  expect (redis, 0, "", "callboardctl: There is no queue with the prefix “app1”\n", "--prefix", "app1", "queue", "list");
  cb_case_assert_only_looked (redis);
}

/* The server closes what is idle, but not what a busy machine is late with: a worker that waits is not in anybody's way. Dead links: /connection-faults/dead-link. */
static void
test_idle_closed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--timeout", "3", NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *before = NULL;
  gint64 began, added;

  cb_case_make (redis, "email", "failed", 3);
  work = cb_case_start (redis, "work", "email", NULL);
  cb_test_wait_until (cb_case_count_calls (redis, "blmove") > 0);
  began = g_get_monotonic_time ();
  cb_case_do (redis, "CONFIG RESETSTAT");
  cb_test_run_for (8000);
  before = cb_test_redis_get_string (redis, "INFO", "stats", NULL);
  {
    const char *received = strstr (before, "total_connections_received:") + strlen ("total_connections_received:");

    /* The test's own is closed, too. */
    g_assert_cmpuint (g_ascii_strtoull (received, NULL, 10), <=, cb_test_get_seconds (began));
  }

  cb_case_make (redis, "email", "inactive", 1);
  added = g_get_monotonic_time ();
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 3 0"));
  g_assert_cmpint (g_get_monotonic_time () - added, <, 4 * G_USEC_PER_SEC);
  g_assert_cmpstr (work->errors->str, ==, "");
}

/* No password, a wrong one, and one of all the signs that mean something in a URI; it is never repeated. */
static void
test_passwords (void)
{
  g_autofree char *port = cb_test_port_dup ();
  g_autofree char *none = g_strdup_printf ("redis://127.0.0.1:%s", port);
  g_autofree char *wrong = g_strdup_printf ("redis://ops%%40team:nope@127.0.0.1:%s", port);
  g_autofree char *right = g_strdup_printf ("redis://ops%%40team:p%%40ss%%3Aw%%2Frd%%23%%2541%%3F%%26%%20%%22x%%22@127.0.0.1:%s/0",
                                            port);
  g_autofree char *raw = g_strdup_printf ("redis://ops@team:p@ss:w/rd#%%41?& \"x\"@127.0.0.1:%s/0", port);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", NULL);
  const char * const commands[] = { "keys", "job list", "queue list", "work email", "events", "ping" };

  cb_case_do (redis, "ACL SETUSER ops@team on '>p@ss:w/rd#%%41?& \"x\"' '~*' '&*' +@all");
  /* The connection of the test stays let in. */
  cb_case_do (redis, "CONFIG SET requirepass other");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      const char * const uris[] = { none, wrong, raw };
      const char * const says[] = { "NOAUTH", "WRONGPASS", "can't be understood" };

      for (guint j = 0; j < G_N_ELEMENTS (uris); j++)
        {
          g_auto (GStrv) words = NULL;
          g_autofree char *line = g_strdup_printf ("--server\t%s\t%s", uris[j], commands[i]);
          g_autoptr (CbTestRun) run = NULL;

          if (strcmp (commands[i], "ping") != 0)
            g_strdelimit (line + strlen ("--server\t") + strlen (uris[j]), " ", '\t');
          words = g_strsplit (line, "\t", -1);
          run = cb_test_cli_run (NULL, NULL, (const char * const *) words);
          g_assert_cmpint (run->status, ==, j < 2 ? 3 : 2);
          g_assert_cmpstr (run->output, ==, "");
          assert_has (run->errors, says[j]);
          g_assert_null (strchr (strchr (run->errors, '\n') + 1, '\n'));
          g_assert_null (strstr (run->errors, "nope"));
          g_assert_null (strstr (run->errors, "p@ss"));
          g_assert_null (strstr (run->errors, "w/rd"));
        }
    }

  expect (NULL, 0, "\"ops@team\"\n", "", "--server", right, "call", "ACL", "WHOAMI");
  expect (NULL, 0, "Reply: OK\n", "", "--server", right, "set", "a", "1");
}

/* Every command that writes, in words between tabs. */
static const char * const writing[] = {
  "set\ta\t2",
  "hset\th\tf\tv",
  "call\tDEL\ta",
  "publish\tchannel\thello",
  "job\tcreate\temail\t--data\t{}",
  "job\tupdate\t1\t--priority\t5",
  "job\tretry\t1",
  "job\tretry\t--as-new\t1",
  "job\tpromote\t1",
  "job\tremove\t1",
  "job\tremove\t--state\tfailed",
  "job\tpriority\t1\t5",
  "job\tmove\t1\tinactive",
  "doctor\t--repair",
};

static CbTestRun *
run_as (CbTestRedis *redis,
        const char *uri,
        const char *more,
        const char *line)
{
  g_autofree char *whole = g_strdup_printf ("--server\t%s%s\t%s", uri, more, line);
  g_auto (GStrv) words = g_strsplit (whole, "\t", -1);

  return cb_test_cli_run (redis, NULL, (const char * const *) words);
}

/* A user who may only read, and the program told only to read: nothing is changed, and each try says why once. */
static void
test_read_only (gconstpointer data)
{
  gboolean by_user = GPOINTER_TO_INT (data);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s%s", cb_test_redis_get_path (redis), by_user ? "?user=look&password=see" : "");
  const char *more = by_user ? "" : "\t--read-only";
  static const char * const reading[] = { "queue\tlist", "job\tlist", "job\tshow\t1", "job\tlog\t1", "get\ta", "keys" };
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_make (redis, "email", "failed", 5);
  cb_case_make (redis, "email", "inactive", 1);
  cb_case_do (redis, "SET a 1");
  cb_case_do (redis, "ACL SETUSER look on '>see' '~*' '&*' +@read +@connection +info +subscribe +psubscribe +unsubscribe "
                     "+punsubscribe");
  cb_case_do (redis, "CONFIG RESETSTAT");

  for (guint i = 0; i < G_N_ELEMENTS (reading); i++)
    {
      g_autoptr (CbTestRun) run = run_as (redis, uri, more, reading[i]);

        g_assert_cmpint (run->status, ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (writing); i++)
    {
      g_autoptr (CbTestRun) run = run_as (redis, uri, more, writing[i]);

      g_test_message ("%s: %s", writing[i], run->errors);
      g_assert_cmpint (run->status, ==, 1);
      g_assert_true (g_regex_match_simple (by_user ? "NOPERM" : "nothing was sent|was not sent", run->errors, 0, 0));
      g_assert_cmpint (strstr (run->errors, "NOPERM") != NULL, ==, by_user);
      if (by_user)
        g_assert_null (strstr (strstr (run->errors, "NOPERM") + 1, "NOPERM"));
    }

  work = by_user ? cb_case_start (NULL, "--server", uri, "work", "email", NULL)
                 : cb_case_start (NULL, "--server", uri, "--read-only", "work", "email", NULL);
  cb_test_wait_until (strstr (work->errors->str, by_user ? "NOPERM" : "--read-only was given") != NULL);
  if (by_user)
    cb_test_run_for (1500);
  else
    g_assert_cmpint (cb_case_wait (work), ==, 1);
  g_assert_cmpstr (work->output->str, ==, "");

  if (!by_user)
    cb_case_assert_only_looked (redis);
  cb_case_assert (redis, "1", "GET a");
  cb_case_assert (redis, "0", "EXISTS h");
  g_assert_true (cb_case_has_counts (redis, "email", "1 0 0 5 0"));
}

/* All places are taken when a worker's links break: it tries again with pauses, and is in by itself as soon as one is
 * free. The pauses: /connection/reconnect. */
static void
test_no_place (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *stats = NULL;
  g_autofree char *before = NULL;
  const char *rejected;

  cb_case_do (redis, "SET a 1");
  work = cb_case_start (redis, "work", "email", NULL);
  cb_test_wait_until (cb_case_count_calls (redis, "blmove") > 0);

  /* The test's own link is the one place. */
  before = cb_case_ask (redis, "CONFIG GET maxclients");
  cb_case_do (redis, "CONFIG RESETSTAT");
  cb_case_do (redis, "CONFIG SET maxclients 1");
  cb_case_do (redis, "CLIENT KILL TYPE normal SKIPME yes");
  cb_case_make (redis, "email", "inactive", 1);
  cb_test_wait_until (strstr (work->errors->str, "max number of clients reached") != NULL);
  expect (redis, 3, "", "callboardctl: *max number of clients reached*", "get", "a");
  cb_test_run_for (5000);
  stats = cb_test_redis_get_string (redis, "INFO", "stats", NULL);
  rejected = strstr (stats, "rejected_connections:") + strlen ("rejected_connections:");
  g_assert_cmpuint (g_ascii_strtoull (rejected, NULL, 10), >=, 2);
  /* Two links, each with pauses that grow. */
  g_assert_cmpuint (g_ascii_strtoull (rejected, NULL, 10), <=, 2 * 8 + 1);
  g_assert_true (cb_case_has_counts (redis, "email", "1 0 0 0 0"));

  cb_case_do (redis, "CONFIG SET maxclients 100");
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 0 0"));
  g_assert_cmpuint (count_connections (redis), <=, 4);
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), <=, 2);
}

/* The server refuses before anything was asked: its words are shown, not that the link broke or a password is wrong. */
static void
test_protected (void)
{
  CbFakeServer *fake = cb_fake_server_new ();
  g_autofree char *uri = cb_address_to_uri (cb_fake_server_get_address (fake));
  g_autofree char *with_password = NULL;
  const char * const commands[] = { "get a", "job list", "work email", "subscribe x", "events" };

  g_assert_true (g_str_has_prefix (uri, "redis://"));
  with_password = g_strdup_printf ("redis://user:secret@%s", uri + strlen ("redis://"));
  cb_fake_server_set_greeting (fake, "-DENIED Redis is running in protected mode because protected mode is enabled.\r\n", TRUE);

  expect (NULL, 3, "", "Redis client not connected to the server: DENIED Redis is running in protected mode *", "--server", uri,
          "ping");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      guint n = cb_fake_server_get_n_accepted (fake);
      g_auto (GStrv) words = g_strsplit (commands[i], " ", -1);

      expect (NULL, 3, "", "callboardctl: DENIED Redis is running in protected mode *", "--server",
              i % 2 == 0 ? with_password : uri, words[0], words[1]);
      g_assert_cmpuint (cb_fake_server_get_n_accepted (fake) - n, ==, 1);
    }

  cb_fake_server_free (fake);
}

/* No SCAN and no SUBSCRIBE: jobs are seen all the same, by looking again. */
static void
test_no_scan (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "SCAN", "s1a9", "--rename-command", "SUBSCRIBE", "",
                                                     "--rename-command", "PSUBSCRIBE", "", NULL);
  g_autoptr (CbTestRun) list = NULL;
  g_autoptr (CbCaseRun) watch = NULL;
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_make (redis, "email", "failed", 4);
  cb_case_do (redis, "SET known 1");

  expect (redis, 1, "", "callboardctl: *SCAN: ERR unknown command*", "keys");
  expect (redis, 0, "1\n", "", "get", "known");
  expect (redis, 1, "", "callboardctl: SUBSCRIBE: ERR unknown command*", "subscribe", "cb:x");
  expect (redis, 1, "", "callboardctl: *SUBSCRIBE: ERR unknown command*", "subscribe", "--pattern", "cb:*");
  expect (redis, 1, "", "callboardctl: SUBSCRIBE: ERR unknown command*", "events");
  list = cb_test_cli_get (redis, "queue", "list");
  g_assert_cmpint (list->status, ==, 0);
  g_assert_true (g_regex_match_simple ("^email +kue +q +0 +0 +0 +4 +0$", list->output, G_REGEX_MULTILINE, 0));

  watch = cb_case_start (redis, "job", "create", "email", "--data", "{}", "--watch", NULL);
  cb_test_wait_until (strstr (watch->errors->str, "looking once a second instead") != NULL);
  work = cb_case_start (redis, "work", "email", NULL);
  g_assert_cmpint (cb_case_wait (watch), ==, 0);
  g_assert_true (g_str_has_suffix (watch->output->str, "Notification job completed\n"));
}

/* The queues of other libraries beside Kue's: each is named as what it is, none is taken for a broken one of Kue, and nothing is done to
 * them. */
static void
test_other_queues (void)
{
  static const char * const others[] = { "bull", "bull:mail", "PF", "PF:foo", "{myEnv:prod}", "{myEnv:prod}:orders", "bq", "bq:resize" };
  static const char rows[] = "resize                           bee-queue bq\n"
                             "foo                              bullmq   PF\n"
                             "mail                             bullmq   bull\n"
                             "orders                           bullmq   {myEnv:prod}\n";
  static const char explained[] = "callboardctl: Callboard does not show jobs of these libraries yet: Bee-Queue, BullMQ. “callboardctl keys” "
                                  "lists their keys\n";
  static const char json[] = "{\"queue\":\"resize\",\"engine\":\"bee-queue\",\"prefix\":\"bq\",\"supported\":false,\"counts\":null},"
                             "{\"queue\":\"foo\",\"engine\":\"bullmq\",\"prefix\":\"PF\",\"supported\":false,\"counts\":null},"
                             "{\"queue\":\"mail\",\"engine\":\"bullmq\",\"prefix\":\"bull\",\"supported\":false,\"counts\":null},"
                             "{\"queue\":\"orders\",\"engine\":\"bullmq\",\"prefix\":\"{myEnv:prod}\",\"supported\":false,\"counts\":null}]\n";
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "local", NULL);
  g_autoptr (CbTestRun) list = NULL;
  g_autofree char *alone = g_strconcat ("QUEUE                            ENGINE   PREFIX\n", rows, NULL);
  g_autofree char *alone_json = g_strconcat ("[", json, NULL);
  g_autofree char *all_json = g_strconcat ("[{\"queue\":\"email\",\"engine\":\"kue\",\"prefix\":\"q\",\"counts\":{\"inactive\":0,\"active\":0,"
                                           "\"delayed\":0,\"failed\":2,\"complete\":0}},", json, NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_auto (GStrv) lines = NULL;

  cb_case_load (redis, "other-queues");
  expect (redis, 0, alone, explained, "queue", "list");
  expect (redis, 0, alone_json, "", "queue", "list", "--json");
  cb_case_make (redis, "email", "failed", 2);
  cb_case_do (redis, "CONFIG RESETSTAT");
  before = cb_case_ask (redis, "DEBUG DIGEST");

  list = cb_test_cli_get (redis, "queue", "list");
  g_assert_cmpint (list->status, ==, 0);
  g_assert_cmpstr (list->errors, ==, explained);
  lines = g_strsplit (list->output, "\n", 3);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  g_assert_true (g_regex_match_simple ("^email +kue +q +0 +0 +0 +2 +0$", lines[1], 0, 0));
  g_assert_cmpstr (lines[2], ==, rows);
  expect (redis, 0, all_json, "", "queue", "list", "--json");
  expect (redis, 0, "Nothing is wrong. Jobs looked at: 2\n", "", "doctor", "--grace", "10");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *none = g_strdup_printf ("callboardctl: There is no queue with the prefix *%s*\n", others[i]);

      expect (redis, 0, "", none, "--prefix", others[i], "queue", "list");
      expect (redis, 0, "Nothing is wrong. Jobs looked at: 0\n", "", "--prefix", others[i], "doctor", "--grace", "10");
    }
  after = cb_case_ask (redis, "DEBUG DIGEST");
  g_assert_cmpstr (after, ==, before);
  cb_case_assert_only_looked (redis);
}

/* Of all that was sent, no word is a number with another sign than a dot. */
static void
assert_no_decimal_comma (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SLOWLOG", "GET", "-1", NULL);
  const CbValue *entries = cb_reply_get_value (reply);
  guint n_fractions = 0;

  for (guint i = 0; i < cb_value_get_length (entries); i++)
    {
      const CbValue *words = cb_value_get_element (cb_value_get_element (entries, i), 3);

      for (guint j = 0; j < cb_value_get_length (words); j++)
        {
          const char *word = cb_value_get_string (cb_value_get_element (words, j), NULL);

          if (g_regex_match_simple ("^(-|−)?\\d*(,|٫)\\d+$", word, 0, 0))
            g_error ("“%s” was sent", word);
          n_fractions += g_regex_match_simple ("^-?\\d+\\.\\d+$", word, 0, 0);
        }
    }
  /* What had a fraction was among it. */
  g_assert_cmpuint (n_fractions, >=, 3);
}

/* How numbers and dates are written where the user lives has no say in what goes to the server, nor in JSON: with a comma for a
 * decimal point, with a sign that is not ASCII, and written from right to left. */
static void
test_locale (gconstpointer data)
{
  const char *locale = data;
  const char * const create[] = { "job", "create", "email", "--data", "{}", "--priority", "-2.5", "--delay", "1500", NULL };
  const char * const priority[] = { "job", "priority", "4", "1.75", NULL };
  const char * const list[] = { "job", "list", NULL };
  const char * const member[] = { "key", "set", "z", "a", "--score", "1.75", NULL };
  const char * const looks[][5] = {
    { "--json", "job", "list", NULL }, { "--json", "job", "show", "10", NULL }, { "--json", "key", "show", "z", NULL },
    { "--json", "queue", "list", NULL },
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--slowlog-log-slower-than", "0", "--slowlog-max-len", "100000", NULL);
  g_autoptr (CbCaseRun) created = NULL;
  g_autoptr (CbCaseRun) changed = NULL;
  g_autoptr (CbCaseRun) set = NULL;
  g_autoptr (CbCaseRun) listed = NULL;
  locale_t known = newlocale (LC_ALL_MASK, locale, 0);

  if (known == 0)
    {
      g_test_skip ("The locale is not there");
      return;
    }
  freelocale (known);

  cb_case_load (redis, "priorities");
  cb_case_do (redis, "ZADD z 0.5 a -2.25 b");
  cb_case_do (redis, "SLOWLOG RESET");
  created = cb_case_startv (redis, locale, create);
  g_assert_cmpint (cb_case_wait (created), ==, 0);
  cb_case_assert (redis, "-2.5 1500", "HMGET q:job:10 priority delay");
  cb_case_assert (redis, "-2.5", "ZSCORE q:jobs '02|10'");

  changed = cb_case_startv (redis, locale, priority);
  g_assert_cmpint (cb_case_wait (changed), ==, 0);
  cb_case_assert (redis, "1.75", "HGET q:job:4 priority");
  cb_case_assert (redis, "1.75", "ZSCORE q:jobs:inactive '01|4'");
  set = cb_case_startv (redis, locale, member);
  g_assert_cmpint (cb_case_wait (set), ==, 0);
  cb_case_assert (redis, "1.75", "ZSCORE z a");
  cb_case_assert (redis, "-2.25", "ZSCORE z b");

  listed = cb_case_startv (redis, locale, list);
  g_assert_cmpint (cb_case_wait (listed), ==, 0);
  assert_has (listed->output->str, "minus a quarter");
  g_assert_true (g_regex_match_simple ("^5 +email +inactive +-0([.,]|٫)25 ", listed->output->str, G_REGEX_MULTILINE, 0));

  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      g_autoptr (CbCaseRun) here = cb_case_startv (redis, locale, looks[i]);
      g_autoptr (CbCaseRun) plain = cb_case_startv (redis, "C", looks[i]);

      g_assert_cmpint (cb_case_wait (here), ==, 0);
      g_assert_cmpint (cb_case_wait (plain), ==, 0);
      g_assert_cmpstr (here->output->str, ==, plain->output->str);
      g_assert_cmpuint (strlen (plain->output->str), >, 10);
    }
  assert_no_decimal_comma (redis);
}

/* --- a cluster --- */

#define CROSSSLOT_TEXT "CROSSSLOT * In a cluster all keys of one command must be on one node: use a prefix in braces, such as {q}.*"

static CbTestRedis *
new_node (char **port)
{
  g_autofree char *bus = cb_test_port_dup ();

  *port = cb_test_port_dup ();
  return cb_test_redis_new ("--port", *port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", bus, NULL);
}

static gboolean
is_whole (CbTestRedis *node)
{
  g_autofree char *info = cb_test_redis_get_string (node, "CLUSTER", "INFO", NULL);

  return strstr (info, "cluster_state:ok") != NULL;
}

/* One node with all slots: a prefix without braces is refused with what to do, before anything is written; one with braces is as good as
 * anywhere. */
static void
test_cluster (void)
{
  g_autofree char *port = NULL;
  g_autoptr (CbTestRedis) node = new_node (&port);

  cb_case_do (node, "CLUSTER ADDSLOTSRANGE 0 16383");
  cb_test_wait_until (is_whole (node));

  expect (node, 1, "", "callboardctl: kue/create: " CROSSSLOT_TEXT, "job", "create", "email", "--data", "{}");
  cb_case_assert (node, "0", "DBSIZE");

  /* What somebody's program put there key by key stays as it is. */
  cb_case_do (node, "HSET q:job:1 type email state inactive priority 0 data {} created_at 1700000001000");
  cb_case_do (node, "ZADD q:jobs 0 01|1");
  cb_case_do (node, "ZADD q:jobs:inactive 0 01|1");
  cb_case_do (node, "ZADD q:jobs:email:inactive 0 01|1");
  cb_case_do (node, "LPUSH q:email:jobs 1");
  expect (node, 1, "", "callboardctl: kue/turn: " CROSSSLOT_TEXT "email can't be drained: *", "work", "email", "--drain");
  cb_case_assert (node, "inactive", "HGET q:job:1 state");
  g_assert_true (cb_case_has_counts (node, "email", "1 0 0 0 0"));
  cb_case_assert (node, "5", "DBSIZE");

  expect (node, 0, "Notification job created: 1\n", "", "--prefix", "{q}", "job", "create", "email", "--data", "{}");
  expect (node, 0, NULL, "", "--prefix", "{q}", "work", "email", "--drain");
  cb_case_assert (node, "complete", "HGET {q}:job:1 state");
}

static void
assert_shown (CbTestRun  *taken,
              const char *part)
{
  g_autoptr (CbTestRun) run = taken;
  g_autofree char *pattern = g_strconcat ("*", part, "*", NULL);

  g_assert_cmpint (run->status, ==, 0);
  if (!g_pattern_match_simple (pattern, run->output))
    g_error ("“%s” is missing from:\n%s", part, run->output);
}

/* Two nodes that share the slots. {q} is 11958, on the second. */
static void
pair_up (CbTestRedis *first,
         CbTestRedis *second,
         const char *second_port)
{
  g_autofree char *bus = NULL;

  cb_case_do (first, "CLUSTER ADDSLOTSRANGE 0 8191");
  cb_case_do (second, "CLUSTER ADDSLOTSRANGE 8192 16383");
  bus = cb_case_ask (second, "CONFIG GET cluster-port");
  cb_case_do (first, "CLUSTER MEET 127.0.0.1 %s %s", second_port, strchr (bus, ' ') + 1);
  cb_test_wait_until (is_whole (first) && is_whole (second));
}

/* The node that was named leads to the other: MOVED is followed, also by who waits for a job and by a script. A prefix without braces has
 * its keys on both: looking works, each key is read where it is, and a worker says what is wrong and takes nothing. */
static void
test_other_node (void)
{
  static const char * const words[] = { "--prefix", "{q}", "work", "email", NULL };
  static const char * const no_braces[] = { "--prefix", "q", "work", "email", NULL };
  g_autofree char *first_port = NULL;
  g_autofree char *second_port = NULL;
  g_autoptr (CbTestRedis) first = new_node (&first_port);
  g_autoptr (CbTestRedis) second = new_node (&second_port);
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbCaseRun) refused = NULL;

  pair_up (first, second, second_port);

  expect (first, 0, "Notification job created: 1\n", "", "--prefix", "{q}", "job", "create", "email", "--data", "{}");
  assert_shown (cb_test_cli_get (first, "--prefix", "{q}", "job", "list"), "email * inactive ");
  expect (first, 0, NULL, "", "--prefix", "{q}", "work", "email", "--drain");
  cb_case_assert (second, "complete", "HGET {q}:job:1 state");

  work = cb_case_startv (first, "C", words);
  for (guint i = 2; i < 5; i++)
    {
      g_autofree char *created = g_strdup_printf ("Notification job created: %u\n", i);

      expect (first, 0, created, "", "--prefix", "{q}", "job", "create", "email", "--data", "{}");
      cb_test_wait_until (cb_test_redis_get_integer (second, "ZCARD", "{q}:jobs:email:complete", NULL) == i);
    }
  cb_case_signal (work, SIGTERM);
  g_assert_cmpint (cb_case_wait (work), ==, 0);
  cb_case_assert (first, "0", "DBSIZE");

  /* What somebody's program put there key by key, half of it on either node. */
  cb_case_do (second, "HSET q:job:1 type email state inactive priority 0 data {} created_at 1700000001000");
  cb_case_do (second, "ZADD q:jobs 0 01|1");
  cb_case_do (first, "ZADD q:jobs:inactive 0 01|1");
  cb_case_do (first, "ZADD q:jobs:email:inactive 0 01|1");
  cb_case_do (second, "LPUSH q:email:jobs 1");
  for (guint i = 0; i < 2; i++)
    {
      CbTestRedis *node = i == 0 ? first : second;

      assert_shown (cb_test_cli_get (node, "--prefix", "q", "job", "list"), "email * inactive ");
      assert_shown (cb_test_cli_get (node, "--prefix", "q", "queue", "list"), "email");
      assert_shown (cb_test_cli_get (node, "--prefix", "q", "job", "show", "1"), "State: * inactive");
      expect (node, 1, "", "callboardctl: kue/turn: " CROSSSLOT_TEXT "email can't be drained: *", "--prefix", "q", "work", "email", "--drain");
    }

  /* One that is to go on for ever says it once. */
  refused = cb_case_startv (first, "C", no_braces);
  cb_test_wait_until (strstr (refused->errors->str, "use a prefix in braces, such as {q}.") != NULL);
  cb_test_run_for (3000);
  g_assert_cmpuint (cb_case_count (refused->errors, "\n"), ==, 1);
  cb_case_signal (refused, SIGTERM);
  g_assert_cmpint (cb_case_wait (refused), ==, 0);
  g_assert_cmpstr (refused->output->str, ==, "");

  cb_case_assert (second, "inactive", "HGET q:job:1 state");
  cb_case_assert (second, "0", "ZSCORE q:jobs 01|1");
  cb_case_assert (first, "0", "ZSCORE q:jobs:inactive 01|1");
  cb_case_assert (first, "0", "ZSCORE q:jobs:email:inactive 01|1");
  cb_case_assert (second, "1", "LLEN q:email:jobs");
  cb_case_assert (first, "2", "DBSIZE");
}

/* A slot that is on its way to the other node: what is still here is found here, and what is not, there; and a job that would be on both is not
 * made at all. */
static void
test_moving_slot (void)
{
  g_autofree char *first_port = NULL;
  g_autofree char *second_port = NULL;
  g_autoptr (CbTestRedis) first = new_node (&first_port);
  g_autoptr (CbTestRedis) second = new_node (&second_port);
  g_autofree char *first_name = NULL;
  g_autofree char *second_name = NULL;
  g_autofree char *after = NULL;

  pair_up (first, second, second_port);
  cb_case_do (second, "SET {q}:a 1");
  first_name = cb_test_redis_get_string (first, "CLUSTER", "MYID", NULL);
  second_name = cb_test_redis_get_string (second, "CLUSTER", "MYID", NULL);
  cb_case_do (first, "CLUSTER SETSLOT 11958 IMPORTING %s", second_name);
  cb_case_do (second, "CLUSTER SETSLOT 11958 MIGRATING %s", first_name);

  for (guint i = 0; i < 2; i++)
    {
      CbTestRedis *node = i == 0 ? first : second;

      expect (node, 0, "1\n", "", "get", "{q}:a");
      expect (node, 0, "null\n", "", "get", "{q}:new");
      expect (node, 1, "", "callboardctl: kue/create: TRYAGAIN * The keys are being moved to another node of the cluster: try again in a moment.*",
              "--prefix", "{q}", "job", "create", "email", "--data", "{}");
    }
  cb_case_assert (first, "0", "DBSIZE");
  cb_case_assert (second, "1", "DBSIZE");

  /* One that has arrived. */
  cb_case_do (second, "MIGRATE 127.0.0.1 %s {q}:a 0 5000", first_port);
  expect (second, 0, "1\n", "", "get", "{q}:a");
  expect (first, 0, "1\n", "", "get", "{q}:a");
  cb_case_assert (second, "0", "DBSIZE");

  /* Nobody was told that the slot is elsewhere. */
  after = cb_case_ask (first, "CLUSTER NODES");
  g_assert_nonnull (strstr (after, "[11958-<-"));
}

int
main (int argc,
      char *argv[])
{
  static const char * const locales[] = { "C", "de_DE.UTF-8", "fr_FR.UTF-8", "ar_EG.UTF-8", "fa_IR.UTF-8" };

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/servers/cannot-save", test_cannot_save);
  g_test_add_func ("/cases/servers/replica", test_replica);
  g_test_add_func ("/cases/servers/renamed-commands", test_renamed);
  g_test_add_func ("/cases/servers/two-databases", test_databases);
  g_test_add_func ("/cases/servers/prefixes", test_prefixes);
  g_test_add_func ("/cases/servers/other-queues", test_other_queues);
  g_test_add_func ("/cases/servers/idle-links-closed", test_idle_closed);
  g_test_add_func ("/cases/servers/passwords", test_passwords);
  g_test_add_data_func ("/cases/servers/read-only-user", GINT_TO_POINTER (TRUE), test_read_only);
  g_test_add_data_func ("/cases/servers/read-only-program", GINT_TO_POINTER (FALSE), test_read_only);
  g_test_add_func ("/cases/servers/no-place-for-a-client", test_no_place);
  g_test_add_func ("/cases/servers/protected-mode", test_protected);
  g_test_add_func ("/cases/servers/no-scan-no-subscribe", test_no_scan);
  g_test_add_func ("/cases/servers/cluster", test_cluster);
  g_test_add_func ("/cases/servers/cluster-other-node", test_other_node);
  g_test_add_func ("/cases/servers/cluster-moving-slot", test_moving_slot);
  for (guint i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      g_autofree char *path = g_strconcat ("/cases/servers/locale/", locales[i], NULL);

      g_test_add_data_func (path, locales[i], test_locale);
    }

  return g_test_run ();
}
