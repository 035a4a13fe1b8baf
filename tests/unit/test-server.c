/* test-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a server tells of itself, what is said of it, and that it is asked only by who looks. */

#include "cb-client-list.h"
#include "cb-latency.h"
#include "cb-server-rights.h"
#include "cb-server-setting.h"
#include "cb-server-watch.h"
#include "cb-slow-log.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <math.h>
#include <string.h>

#define SECOND ((gint64) G_USEC_PER_SEC)

static CbServerInfo *
parse (const char *text)
{
  return cb_server_info_parse (text, strlen (text));
}

/* --- the text of INFO --- */

static void
test_parse (void)
{
  g_autoptr (CbServerInfo) info =
    parse ("# Server\r\nredis_version:7.0.15\r\nrun_id:abc\r\nnewer:field:with:colons\r\n\r\n# Unknown Section\r\nodd\r\n:none\r\nratio:1.25\r\n"
           "percent:99.51%\r\nempty:\r\nhuge:99999999999999999999999\r\nnegative:-1\r\nbytes:\xff\x01\n"
           "# Replication\r\nrole:master\r\nmaster_repl_offset:1000\r\n"
           "slave0:ip=10.0.0.2,port=6379,state=online,offset=900,lag=1\r\nslave1:ip=::1,port=7,state=wait_bgsave\r\nslave_read_only:1\r\n"
           "# Keyspace\r\ndb10:keys=5,expires=2,avg_ttl=1500\r\ndb2:keys=7,expires=0,avg_ttl=0,subexpiry=0\r\ndbx:keys=1\r\ndb3:nothing\r\n"
           "last:without end");
  gint64 expires;

  g_assert_cmpstr (cb_server_info_get (info, "redis_version"), ==, "7.0.15");
  g_assert_cmpstr (cb_server_info_get (info, "newer"), ==, "field:with:colons");
  g_assert_cmpstr (cb_server_info_get (info, "last"), ==, "without end");
  g_assert_cmpstr (cb_server_info_get (info, "bytes"), ==, "\\xff\\x01");
  g_assert_cmpstr (cb_server_info_get (info, "db3"), ==, "nothing");
  g_assert_null (cb_server_info_get (info, "odd"));
  g_assert_cmpfloat (cb_server_info_get_number (info, "ratio"), ==, 1.25);
  g_assert_cmpfloat (cb_server_info_get_number (info, "percent"), ==, 99.51);
  g_assert_true (isnan (cb_server_info_get_number (info, "run_id")));
  g_assert_true (isnan (cb_server_info_get_number (info, "empty")));
  g_assert_true (isnan (cb_server_info_get_number (info, "missing")));
  g_assert_cmpint (cb_server_info_get_count (info, "huge"), ==, G_MAXINT64);
  g_assert_cmpint (cb_server_info_get_count (info, "negative"), ==, -1);
  g_assert_cmpint (cb_server_info_get_count (info, "run_id"), ==, -1);
  g_assert_cmpint (cb_server_info_get_count (info, "missing"), ==, -1);

  g_assert_cmpuint (cb_server_info_get_n_databases (info), ==, 2);
  g_assert_cmpuint (cb_server_info_get_database (info, 0)->number, ==, 2);
  g_assert_cmpint (cb_server_info_get_database (info, 0)->keys, ==, 7);
  g_assert_cmpuint (cb_server_info_get_database (info, 1)->number, ==, 10);
  g_assert_cmpint (cb_server_info_get_database (info, 1)->average_ttl_msec, ==, 1500);
  g_assert_cmpint (cb_server_info_get_n_keys (info, &expires), ==, 12);
  g_assert_cmpint (expires, ==, 2);

  g_assert_false (cb_server_info_is_replica (info));
  g_assert_cmpuint (cb_server_info_get_n_replicas (info), ==, 2);
  g_assert_cmpstr (cb_server_info_get_replica (info, 0)->address, ==, "10.0.0.2:6379");
  g_assert_cmpint (cb_server_info_get_replica (info, 0)->offset, ==, 900);
  g_assert_cmpstr (cb_server_info_get_replica (info, 1)->address, ==, "[::1]:7");
  g_assert_cmpstr (cb_server_info_get_replica (info, 1)->state, ==, "wait_bgsave");
  g_assert_cmpint (cb_server_info_get_replica (info, 1)->lag, ==, -1);
}

/* However much there is, only so much is kept. */
static void
test_bounds (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (CbServerInfo) info = NULL;

  g_string_append (text, "long:");
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, 'x');
  g_string_append_c (text, '\n');
  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "db%u:keys=9223372036854775807,expires=9223372036854775807\nf%u:1\nslave%u:ip=a,port=1\n", i, i, i);
  info = cb_server_info_parse (text->str, text->len);
  g_assert_cmpuint (cb_server_info_get_n_fields (info), ==, 4096);
  g_assert_cmpuint (cb_server_info_get_n_databases (info), ==, 1024);
  g_assert_cmpuint (cb_server_info_get_n_replicas (info), ==, 256);
  g_assert_cmpuint (strlen (cb_server_info_get (info, "long")), ==, 1024);
  g_assert_cmpint (cb_server_info_get_n_keys (info, NULL), ==, G_MAXINT64);
}

/* --- over time --- */

static void
add (CbServerHistory *history, const char *run_id, gint64 second, gint64 commands, gint64 hits, gint64 misses)
{
  g_autofree char *text =
    g_strdup_printf ("run_id:%s\ntotal_commands_processed:%" G_GINT64_FORMAT "\nkeyspace_hits:%" G_GINT64_FORMAT
                     "\nkeyspace_misses:%" G_GINT64_FORMAT "\nused_memory:%" G_GINT64_FORMAT "\nrdb_last_save_time:1000\n",
                     run_id, commands, hits, misses, second * 10);
  g_autoptr (CbServerInfo) info = parse (text);

  cb_server_history_add (history, info, second * SECOND, (1000 + second) * SECOND);
}

static void
test_history (void)
{
  g_autoptr (CbServerHistory) history = cb_server_history_new ();
  double values[CB_SERVER_HISTORY_LENGTH];
  guint last = CB_SERVER_HISTORY_LENGTH - 1;

  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_OPERATIONS)));
  add (history, "a", 1000, 100, 0, 0);
  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_OPERATIONS)));
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_MEMORY), ==, 10000);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_SAVE_AGE), ==, 1000);
  add (history, "a", 1001, 150, 3, 1);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_OPERATIONS), ==, 50);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_HIT_RATE), ==, 75);
  /* Nothing was asked for: no rate. One second was missed. */
  add (history, "a", 1003, 250, 3, 1);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_OPERATIONS), ==, 50);
  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_HIT_RATE)));
  /* CONFIG RESETSTAT */
  add (history, "a", 1004, 5, 0, 0);
  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_OPERATIONS)));
  /* Another server, or the same one anew. */
  add (history, "b", 1005, 500, 0, 0);
  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_OPERATIONS)));
  /* Nobody looked for long. */
  add (history, "b", 1025, 1500, 0, 0);
  g_assert_true (isnan (cb_server_history_get_last (history, CB_SERVER_OPERATIONS)));

  cb_server_history_get (history, CB_SERVER_MEMORY, 1026 * SECOND, values);
  g_assert_true (isnan (values[last]));
  g_assert_cmpfloat (values[last - 1], ==, 10250);
  g_assert_true (isnan (values[last - 2]));
  g_assert_cmpfloat (values[last - 21], ==, 10050);
  /* A single second that is missing is drawn over. */
  g_assert_cmpfloat (values[last - 24], ==, 10010);
  g_assert_cmpfloat (values[last - 26], ==, 10000);
  g_assert_true (isnan (values[0]));

  /* The ring: what is older than its length is gone. */
  for (guint i = 0; i < 2 * CB_SERVER_HISTORY_LENGTH; i++)
    add (history, "b", 2000 + i, 0, 0, 0);
  g_assert_cmpuint (cb_server_history_get_n_samples (history), ==, CB_SERVER_HISTORY_LENGTH);
  cb_server_history_get (history, CB_SERVER_MEMORY, (2000 + 2 * CB_SERVER_HISTORY_LENGTH - 1) * SECOND, values);
  for (guint i = 0; i <= last; i++)
    g_assert_cmpfloat (values[i], ==, (2000 + CB_SERVER_HISTORY_LENGTH + i) * 10.0);
}

/* --- what is unusual --- */

static const CbServerFinding *
find (GPtrArray *findings, const char *name)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const CbServerFinding *finding = g_ptr_array_index (findings, i);

      if (strcmp (finding->name, name) == 0)
        return finding;
    }
  return NULL;
}

static void
test_findings (void)
{
  static const struct
  {
    const char *text;
    const char *save;
    const char *name;         /* NULL: nothing */
    CbServerSeverity severity;
    const char *figure;
  } cases[] = {
    { "", NULL, NULL },
    { "used_memory:89\nmaxmemory:100\nmaxmemory_policy:noeviction\naof_enabled:1", "", NULL },
    { "used_memory:90\nmaxmemory:100\nmaxmemory_policy:noeviction", NULL, "memory-full", CB_SERVER_WARNING, "90 %" },
    { "used_memory:101\nmaxmemory:100\nmaxmemory_policy:noeviction", NULL, "memory-full", CB_SERVER_ERROR, "101 %" },
    { "used_memory:9223372036854775807\nmaxmemory:1\nmaxmemory_policy:noeviction", NULL, "memory-full", CB_SERVER_ERROR, "100000 %" },
    { "used_memory:1\nmaxmemory:100\nmaxmemory_policy:allkeys-lru", NULL, "eviction-policy", CB_SERVER_WARNING, "allkeys-lru" },
    { "used_memory:1\nmaxmemory:0\nmaxmemory_policy:allkeys-lru", NULL, NULL },
    { "used_memory:90\nmaxmemory:0\ntotal_system_memory:100", NULL, "memory-system", CB_SERVER_WARNING, "90" },
    { "evicted_keys:3", NULL, "evictions", CB_SERVER_WARNING, "3 keys" },
    { "mem_fragmentation_ratio:7.47\nused_memory:917168\nused_memory_rss:6549504", NULL, NULL },
    { "mem_fragmentation_ratio:2.00\nused_memory:500000000\nused_memory_rss:1000000000", NULL, "fragmentation", CB_SERVER_WARNING, "2.0 times" },
    { "mem_fragmentation_ratio:0.50\nused_memory:1000000000\nused_memory_rss:500000000", NULL, "swapped", CB_SERVER_ERROR, "MiB" },
    { "rejected_connections:12", NULL, "rejected", CB_SERVER_WARNING, "12 connections" },
    { "connected_clients:95\nmaxclients:100", NULL, "clients-full", CB_SERVER_WARNING, "95 of at most 100" },
    { "rdb_last_bgsave_status:err", NULL, "save-failed", CB_SERVER_ERROR, "snapshot" },
    { "aof_last_write_status:err", NULL, "aof-failed", CB_SERVER_ERROR, "append-only" },
    { "aof_enabled:0", "", "no-persistence", CB_SERVER_WARNING, "Nothing is saved" },
    { "aof_enabled:1", "", NULL },
    { "aof_enabled:0", "3600 1", NULL },
    { "aof_enabled:0\nrdb_changes_since_last_save:7\nrdb_last_save_time:100000", "3600 1", "save-old", CB_SERVER_WARNING, "7 changes" },
    { "role:slave\nmaster_host:h\nmaster_port:1\nmaster_link_status:down\nmaster_link_down_since_seconds:33", NULL, "link-down",
      CB_SERVER_ERROR, "h:1, for 33 s" },
    { "role:slave\nmaster_link_status:down\nmaster_link_down_since_seconds:-1", NULL, "link-down", CB_SERVER_ERROR, "?:?." },
    { "role:slave\nmaster_host:h\nmaster_port:1\nmaster_link_status:up", NULL, "replica", CB_SERVER_NOTICE, "h:1" },
    { "role:master\nslave0:ip=a,port=1,state=wait_bgsave", NULL, "replica-not-online", CB_SERVER_WARNING, "a:1" },
    { "role:master\nslave0:ip=a,port=1,state=online,lag=60", NULL, "replica-silent", CB_SERVER_WARNING, "60 s" },
    { "blocked_clients:2", NULL, "blocked", CB_SERVER_NOTICE, "2 clients" },
    { "loading:1", NULL, "loading", CB_SERVER_NOTICE, "reading" },
    { "latest_fork_usec:900000", NULL, "slow-fork", CB_SERVER_NOTICE, "900 ms" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (CbServerInfo) info = parse (cases[i].text);
      g_autoptr (GPtrArray) findings = cb_server_find (info, NULL, cases[i].save, 1000000 * SECOND);
      const CbServerFinding *finding;

      g_test_message ("%s", cases[i].text);
      if (cases[i].name == NULL)
        {
          g_assert_cmpuint (findings->len, ==, 0);
          continue;
        }
      g_assert_cmpuint (findings->len, ==, 1);
      finding = find (findings, cases[i].name);
      g_assert_nonnull (finding);
      g_assert_cmpint (finding->severity, ==, cases[i].severity);
      g_assert_nonnull (strstr (finding->text, cases[i].figure));
      g_assert_cmpint (strlen (finding->advice), >, 20);
    }
}

static void
test_worst_first (void)
{
  g_autoptr (CbServerInfo) info = parse ("blocked_clients:1\nrejected_connections:1\nrdb_last_bgsave_status:err\nloading:1");
  g_autoptr (GPtrArray) findings = cb_server_find (info, NULL, NULL, 0);

  g_assert_cmpuint (findings->len, ==, 4);
  for (guint i = 1; i < findings->len; i++)
    g_assert_cmpint (((CbServerFinding *) g_ptr_array_index (findings, i - 1))->severity, >=,
                     ((CbServerFinding *) g_ptr_array_index (findings, i))->severity);
}

/* --- clients, slow log, latency, settings: what a server may send --- */

static void
test_clients (void)
{
  static const char text[] =
    "id=3 addr=127.0.0.1:5 laddr=127.0.0.1:6379 fd=8 name=worker one age=12 idle=3 flags=b db=2 sub=0 psub=0 ssub=0 omem=7 tot-mem=2000 "
    "cmd=blmove user=alice resp=2\n"
    "id=4 addr=/tmp/a b=c/socket:0 name= age=-1 flags=PO sub=2 psub=1 cmd=NULL user=\xff\r\n"
    "nonsense\n=\n\nid=x addr=y\nid=5";
  guint n_all;
  g_autoptr (GPtrArray) entries = cb_client_list_parse (text, sizeof text - 1, &n_all);
  const CbClientEntry *one, *two;
  g_autofree char *blocked = NULL;
  g_autofree char *subscribed = NULL;

  g_assert_cmpuint (entries->len, ==, 3);
  one = g_ptr_array_index (entries, 0);
  g_assert_cmpint (one->id, ==, 3);
  g_assert_cmpstr (one->address, ==, "127.0.0.1:5");
  g_assert_cmpstr (one->name, ==, "worker one");
  g_assert_cmpstr (one->user, ==, "alice");
  g_assert_cmpstr (one->command, ==, "blmove");
  g_assert_cmpint (one->database, ==, 2);
  g_assert_cmpint (one->idle, ==, 3);
  g_assert_cmpint (one->memory, ==, 2000);
  g_assert_cmpint (one->output_memory, ==, 7);
  blocked = cb_client_entry_describe (one);
  g_assert_cmpstr (blocked, ==, "blocked");

  two = g_ptr_array_index (entries, 1);
  g_assert_cmpstr (two->name, ==, "");
  g_assert_cmpstr (two->command, ==, "");
  g_assert_cmpstr (two->user, ==, "\\xff");
  g_assert_cmpint (two->age, ==, -1);
  subscribed = cb_client_entry_describe (two);
  g_assert_cmpstr (subscribed, ==, "monitor, 3 subscriptions");
  g_assert_cmpint (((CbClientEntry *) g_ptr_array_index (entries, 2))->id, ==, 5);
  g_assert_cmpuint (n_all, ==, 3);
}

/* Whoever may not ask how many there are gets them all. */
static void
test_many_clients (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) entries = NULL;
  guint n_all;

  for (guint i = 0; i < CB_CLIENT_LIST_LENGTH + 7; i++)
    g_string_append_printf (text, "id=%u addr=127.0.0.1:%u name=n flags=N db=0 cmd=ping\n", i + 1, i);
  entries = cb_client_list_parse (text->str, text->len, &n_all);
  g_assert_cmpuint (entries->len, ==, CB_CLIENT_LIST_LENGTH);
  g_assert_cmpuint (n_all, ==, CB_CLIENT_LIST_LENGTH + 7);
}

static CbReply *
reply (const char *resp)
{
  g_autoptr (GError) error = NULL;
  CbReply *parsed = cb_reply_new_from_resp (resp, -1, &error);

  g_assert_no_error (error);
  return parsed;
}

static void
test_slow_log (void)
{
  g_autoptr (CbReply) got = reply ("*3\r\n*6\r\n:7\r\n:1700000000\r\n:12345\r\n*4\r\n$3\r\nSET\r\n$3\r\na b\r\n$2\r\n\xff\"\r\n$0\r\n\r\n"
                                   "$3\r\nx:1\r\n$1\r\nw\r\n*1\r\n$1\r\nx\r\n*4\r\n:8\r\n:-1\r\n:-1\r\n$1\r\nx\r\n");
  g_autoptr (GPtrArray) entries = cb_slow_log_parse (cb_reply_get_value (got));
  const CbSlowEntry *entry = g_ptr_array_index (entries, 0);

  g_assert_cmpuint (entries->len, ==, 2);
  g_assert_cmpint (entry->id, ==, 7);
  g_assert_cmpint (entry->time, ==, 1700000000 * SECOND);
  g_assert_cmpint (entry->duration, ==, 12345);
  g_assert_cmpstr (entry->command, ==, "SET \"a b\" \"\\xff\\\"\" \"\"");
  g_assert_cmpstr (entry->client, ==, "x:1");
  g_assert_cmpstr (entry->client_name, ==, "w");
  entry = g_ptr_array_index (entries, 1);
  g_assert_cmpint (entry->time, ==, -1);
  g_assert_cmpint (entry->duration, ==, -1);
  g_assert_cmpstr (entry->command, ==, "");
}

static void
test_latency (void)
{
  g_autoptr (CbReply) latest = reply ("*2\r\n*4\r\n$7\r\ncommand\r\n:1700000000\r\n:12\r\n:345\r\n*1\r\n:1\r\n");
  g_autoptr (CbReply) history = reply ("*3\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:9223372036854775807\r\n*0\r\n");
  g_autoptr (GPtrArray) events = cb_latency_parse_latest (cb_reply_get_value (latest));
  g_autoptr (GArray) samples = cb_latency_parse_history (cb_reply_get_value (history));
  const CbLatencyEvent *event = g_ptr_array_index (events, 0);

  g_assert_cmpuint (events->len, ==, 1);
  g_assert_cmpstr (event->event, ==, "command");
  g_assert_cmpint (event->time, ==, 1700000000 * SECOND);
  g_assert_cmpint (event->last, ==, 12000);
  g_assert_cmpint (event->longest, ==, 345000);
  g_assert_cmpuint (samples->len, ==, 1);
  g_assert_cmpint (g_array_index (samples, CbLatencySample, 0).duration, ==, 2000);
}

/* Whatever the times are, all that took long is in the chart, and within it. */
static void
test_latency_spread (void)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (CbLatencySample));
  double values[10];
  gint64 first_at, step;

  g_assert_cmpuint (cb_latency_spread (samples, 10, values, &first_at, &step), ==, 0);
  for (guint i = 0; i < 2000; i++)
    {
      guint n = (guint) g_test_rand_int_range (1, 20);
      gint64 longest = 0;
      double highest = 0;
      guint n_values;

      g_array_set_size (samples, 0);
      for (guint k = 0; k < n; k++)
        {
          CbLatencySample sample = { g_test_rand_int_range (0, i < 1000 ? 30 : G_MAXINT32) * SECOND, g_test_rand_int_range (1, 1000) };

          longest = MAX (longest, sample.duration);
          g_array_append_val (samples, sample);
        }
      n_values = cb_latency_spread (samples, 10, values, &first_at, &step);
      g_assert_cmpuint (n_values, >=, 3);
      g_assert_cmpuint (n_values, <=, 10);
      g_assert_cmpint (step % SECOND, ==, 0);
      for (guint k = 0; k < n_values; k++)
        highest = MAX (highest, values[k]);
      g_assert_cmpfloat_with_epsilon (highest, (double) longest / SECOND, 1e-9);
      g_assert_cmpfloat (values[0], ==, 0);
      g_assert_cmpfloat (values[n_values - 1], ==, 0);
    }
}

static void
test_settings (void)
{
  g_autoptr (CbReply) got = reply ("*7\r\n$4\r\nsave\r\n$2\r\n1 \r\n$11\r\nrequirepass\r\n$6\r\nsesame\r\n$3\r\nodd\r\n$1\r\n\n\r\n$4\r\nlast\r\n");
  g_autoptr (GPtrArray) settings = cb_server_settings_parse (cb_reply_get_value (got));

  g_assert_cmpuint (settings->len, ==, 3);
  for (guint i = 0; i < settings->len; i++)
    {
      const CbServerSetting *setting = g_ptr_array_index (settings, i);

      g_assert_cmpint (setting->secret, ==, strcmp (setting->name, "requirepass") == 0);
      g_assert_cmpint (setting->exact, ==, strcmp (setting->name, "save") == 0);
      if (setting->secret)
        g_assert_cmpstr (setting->value, ==, "");
    }
}

/* --- a real server --- */

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbServerWatch *watch;
  guint n_changes;
} Fixture;

static void
changed_cb (Fixture *fixture)
{
  fixture->n_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->redis = cb_test_redis_new ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", NULL);
  fixture->connection = cb_connection_new (cb_test_redis_get_address (fixture->redis), "test");
  cb_connection_open (fixture->connection);
  fixture->watch = cb_server_watch_new (fixture->connection);
  g_signal_connect_swapped (fixture->watch, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  cb_server_watch_set_running (fixture->watch, FALSE);
  cb_test_settle ();
  g_assert_finalize_object (fixture->watch);
  cb_connection_close (fixture->connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (fixture->connection);
  cb_test_redis_free (fixture->redis);
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  CbServerHistory *history = cb_server_watch_get_history (fixture->watch);
  guint64 n_sent;
  guint n_changes;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "SET", "a", "b", NULL));
  g_assert_null (cb_server_watch_get_info (fixture->watch));
  cb_server_watch_set_running (fixture->watch, TRUE);
  cb_test_wait_until (fixture->n_changes >= 3);
  g_assert_null (cb_server_watch_get_problem (fixture->watch));
  g_assert_cmpstr (cb_server_info_get (cb_server_watch_get_info (fixture->watch), "role"), ==, "master");
  g_assert_cmpuint (cb_server_info_get_n_databases (cb_server_watch_get_info (fixture->watch)), ==, 1);
  g_assert_nonnull (cb_server_watch_get_save (fixture->watch));
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_MEMORY), >, 100000);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_OPERATIONS), >, 0);
  g_assert_cmpfloat (cb_server_history_get_last (history, CB_SERVER_KEYS), ==, 1);
  {
    g_autoptr (GPtrArray) findings = cb_server_watch_dup_findings (fixture->watch);

    g_assert_nonnull (find (findings, "eviction-policy"));
  }

  /* Who doesn't look asks nothing. */
  cb_server_watch_set_running (fixture->watch, FALSE);
  cb_test_settle ();
  n_sent = cb_connection_get_n_commands_sent (fixture->connection);
  n_changes = fixture->n_changes;
  cb_test_run_for (2500);
  g_assert_cmpuint (fixture->n_changes, ==, n_changes);
  /* The connection's own question, whether the server is there, is none of ours. */
  g_assert_cmpuint (cb_connection_get_n_commands_sent (fixture->connection) - n_sent, <=, 2);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  guint64 n_sent;
  guint n_changes;

  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY);
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-config", NULL));
  cb_server_watch_set_running (fixture->watch, TRUE);
  cb_test_wait_until (fixture->n_changes >= 1);
  /* One thing less is known, the rest is. */
  g_assert_null (cb_server_watch_get_save (fixture->watch));
  g_assert_nonnull (cb_server_watch_get_info (fixture->watch));

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-info", NULL));
  cb_test_wait_until (cb_server_watch_get_problem (fixture->watch) != NULL);
  g_assert_nonnull (strstr (cb_server_watch_get_problem (fixture->watch), "info"));
  g_assert_nonnull (cb_server_watch_get_info (fixture->watch));

  /* Nor is it asked again and again, whoever looks away and back. */
  n_sent = cb_connection_get_n_commands_sent (fixture->connection);
  n_changes = fixture->n_changes;
  cb_test_run_for (2500);
  cb_server_watch_set_running (fixture->watch, FALSE);
  cb_server_watch_set_running (fixture->watch, TRUE);
  cb_test_run_for (1200);
  g_assert_cmpuint (fixture->n_changes, ==, n_changes);
  g_assert_cmpuint (cb_connection_get_n_commands_sent (fixture->connection) - n_sent, <=, 2);

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "+@all", NULL));
  cb_server_watch_refresh (fixture->watch);
  cb_test_wait_until (cb_server_watch_get_problem (fixture->watch) == NULL);
  n_changes = fixture->n_changes;
  cb_test_wait_until (fixture->n_changes > n_changes + 1);
}

/* The counters of the server begin anew, and nothing of that is a figure. */
static void
test_restart (Fixture *fixture, gconstpointer data)
{
  CbServerHistory *history = cb_server_watch_get_history (fixture->watch);
  guint n_changes;

  cb_server_watch_set_running (fixture->watch, TRUE);
  cb_test_wait_until (fixture->n_changes >= 2);
  cb_test_redis_kill (fixture->redis);
  cb_test_redis_start (fixture->redis);
  n_changes = fixture->n_changes;
  cb_test_wait_until (cb_connection_get_state (fixture->connection) == CB_CONNECTION_READY &&
                      fixture->n_changes > n_changes && cb_server_watch_get_problem (fixture->watch) == NULL);
  for (guint i = 0; i < CB_SERVER_N_SERIES; i++)
    {
      double value = cb_server_history_get_last (history, i);

      g_assert_true (isnan (value) || value >= 0);
    }
}

static char *
change (Fixture *fixture, const char *name, const char *value, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_server_setting_change_async (fixture->connection, name, value, NULL, cb_test_store_result, &result);
  return cb_server_setting_change_finish (fixture->connection, cb_test_wait_result (&result), error);
}

/* The value that is kept is that of the moment before, whatever was shown. */
static void
test_change (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) read_only = NULL;
  g_autofree char *before = NULL;
  g_autofree char *again = NULL;
  g_autofree char *none = NULL;

  cb_reply_unref (cb_test_redis_call (fixture->redis, "CONFIG", "SET", "slowlog-max-len", "77", NULL));
  before = change (fixture, "slowlog-max-len", "88", NULL);
  g_assert_cmpstr (before, ==, "77");
  again = change (fixture, "slowlog-max-len", before, NULL);
  g_assert_cmpstr (again, ==, "88");

  none = change (fixture, "slowlog-max-len", "many", &refused);
  g_assert_null (none);
  g_assert_nonnull (strstr (refused->message, "slowlog-max-len"));
  cb_connection_set_read_only (fixture->connection, TRUE);
  none = change (fixture, "slowlog-max-len", "99", &read_only);
  g_assert_null (none);
  g_assert_error (read_only, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  {
    g_autoptr (CbReply) kept = cb_test_redis_call (fixture->redis, "CONFIG", "GET", "slowlog-max-len", NULL);

    g_assert_true (cb_value_equal_string (cb_value_get_element (cb_reply_get_value (kept), 1), "77"));
  }
}

static CbServerRights *
ask_rights (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbServerRights *rights;

  cb_server_rights_ask_async (fixture->connection, NULL, cb_test_store_result, &result);
  rights = cb_server_rights_ask_finish (fixture->connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return rights;
}

static void
test_rights (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbServerRights) all = ask_rights (fixture);
  g_autoptr (CbServerRights) some = NULL;
  g_autoptr (CbServerRights) unknown = NULL;

  for (guint i = 0; i < CB_SERVER_N_RIGHTS; i++)
    g_assert_null (all->refusals[i]);

  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-config|set", "-client|kill", NULL));
  some = ask_rights (fixture);
  g_assert_nonnull (strstr (some->refusals[CB_SERVER_RIGHT_CONFIG_SET], "config|set"));
  g_assert_nonnull (strstr (some->refusals[CB_SERVER_RIGHT_CLIENT_KILL], "client|kill"));
  g_assert_null (some->refusals[CB_SERVER_RIGHT_SLOWLOG_RESET]);

  /* Who may not even ask is refused when it is done. */
  cb_reply_unref (cb_test_redis_call (fixture->redis, "ACL", "SETUSER", "default", "-acl", NULL));
  unknown = ask_rights (fixture);
  for (guint i = 0; i < CB_SERVER_N_RIGHTS; i++)
    g_assert_null (unknown->refusals[i]);
}

static const CbCommandFigures *
get_figures (CbConnection *connection, const char *name)
{
  CbCommandStats *stats = cb_connection_get_command_stats (connection);

  for (guint i = 0; i < cb_command_stats_get_length (stats); i++)
    if (strcmp (cb_command_stats_get (stats, i)->name, name) == 0)
      return cb_command_stats_get (stats, i);
  return NULL;
}

/* Each command is counted under its name, with its subcommand and never with an argument, also those of a sibling and of a transaction. */
static void
test_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (CbConnection) sibling = cb_connection_new_sibling (fixture->connection, "sibling");
  g_autoptr (CbConnection) far = cb_connection_new_sibling_in_db (fixture->connection, 3, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (CbReply) none = NULL;
  CbPipeline *pipeline = cb_pipeline_new ();
  g_autoptr (GPtrArray) replies = NULL;
  const CbCommandFigures *get;

  cb_connection_open (sibling);
  cb_reply_unref (cb_test_call (fixture->connection, cb_command_new ("set", "key", "0123456789", NULL), NULL));
  cb_reply_unref (cb_test_call (fixture->connection, cb_command_new ("GET", "key", NULL), NULL));
  cb_reply_unref (cb_test_call (sibling, cb_command_new ("GET", "key", NULL), NULL));
  g_assert_null (cb_test_call (sibling, cb_command_new ("GET", NULL), NULL));
  cb_reply_unref (cb_test_call (sibling, cb_command_new ("config", "get", "sesame", NULL), NULL));
  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_new ("INCR", "n", NULL));
  replies = cb_test_pipeline (fixture->connection, pipeline, NULL);

  get = get_figures (fixture->connection, "GET");
  g_assert_cmpuint (get->n_sent, ==, 3);
  g_assert_cmpuint (get->n_replies, ==, 3);
  g_assert_cmpuint (get->n_errors, ==, 1);
  g_assert_cmpuint (get->n_bytes, >=, 20);
  g_assert_cmpint (get->longest_usec, >, 0);
  g_assert_cmpint (get->total_usec, >=, get->longest_usec);
  g_assert_cmpuint (get_figures (sibling, "SET")->n_sent, ==, 1);
  g_assert_cmpuint (get_figures (sibling, "CONFIG GET")->n_sent, ==, 1);
  g_assert_cmpuint (get_figures (sibling, "EXEC")->n_replies, ==, 1);
  g_assert_cmpuint (get_figures (sibling, "INCR")->n_sent, ==, 1);

  /* In another database, too. */
  cb_connection_open (far);
  g_assert_true (cb_connection_is_idle (far));
  cb_connection_call_async (far, cb_command_new ("GET", "key", NULL), NULL, cb_test_store_result, &result);
  g_assert_false (cb_connection_is_idle (far));
  none = cb_connection_call_finish (far, cb_test_wait_result (&result), NULL);
  g_assert_true (cb_value_is_nil (cb_reply_get_value (none)));
  g_assert_true (cb_connection_is_idle (far));
  g_assert_cmpuint (get->n_sent, ==, 4);
  cb_connection_close (far);

  /* However many names there are. */
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("NONE%u", i);

      g_assert_null (cb_test_call (sibling, cb_command_new (name, NULL), NULL));
    }
  g_assert_cmpuint (cb_command_stats_get_length (cb_connection_get_command_stats (sibling)), <=, 256);
  g_assert_cmpuint (get_figures (sibling, "…")->n_sent, >, 700);
  cb_connection_close (sibling);
  cb_test_settle ();
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/server/parse", test_parse);
  g_test_add_func ("/server/bounds", test_bounds);
  g_test_add_func ("/server/history", test_history);
  g_test_add_func ("/server/findings", test_findings);
  g_test_add_func ("/server/worst-first", test_worst_first);
  g_test_add_func ("/server/clients", test_clients);
  g_test_add_func ("/server/latency-spread", test_latency_spread);
  g_test_add_func ("/server/many-clients", test_many_clients);
  g_test_add_func ("/server/slow-log", test_slow_log);
  g_test_add_func ("/server/latency", test_latency);
  g_test_add_func ("/server/settings", test_settings);
  g_test_add ("/server/change", Fixture, NULL, set_up, test_change, tear_down);
  g_test_add ("/server/rights", Fixture, NULL, set_up, test_rights, tear_down);
  g_test_add ("/server/program", Fixture, NULL, set_up, test_program, tear_down);
  g_test_add ("/server/watch", Fixture, NULL, set_up, test_watch, tear_down);
  g_test_add ("/server/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/server/restart", Fixture, NULL, set_up, test_restart, tear_down);

  return g_test_run ();
}
