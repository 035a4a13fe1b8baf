/* test-discovery.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "cb-discovery.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define EVERYTHING (CB_DISCOVER_KEYSPACE | CB_DISCOVER_OTHERS)

static CbConnection *
open_connection (CbAddress *address)
{
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);

  return connection;
}

static void
close_connection (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
}

static CbDiscovery *
discover (CbConnection    *connection,
          CbDiscoverFlags  flags)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbDiscovery *found;

  cb_discovery_run_async (connection, flags, NULL, cb_test_store_result, &result);
  found = cb_discovery_run_finish (connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return found;
}

static int
compare_lines (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* "library: queue (prefix)", in order. */
static char *
describe (CbDiscovery *found)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < found->prefixes->len; i++)
    {
      const CbDiscoveredPrefix *item = g_ptr_array_index (found->prefixes, i);

      g_ptr_array_add (lines, g_strdup_printf ("%s (%s)", item->type->name, item->prefix));
    }
  for (guint i = 0; i < found->others->len; i++)
    {
      CbOtherQueue *queue = g_ptr_array_index (found->others, i);
      g_autofree char *name = cb_other_queue_dup_label (queue);
      g_autofree char *prefix = cb_other_queue_dup_prefix_label (queue);

      g_ptr_array_add (lines, g_strdup_printf ("%s: %s (%s)", cb_library_get_name (cb_other_queue_get_library (queue)), name, prefix));
    }
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);

  return g_strjoinv ("\n", (char **) lines->pdata);
}

static void
assert_found_at (CbTestRedis *redis,
                 const char  *expected,
                 int          line)
{
  CbConnection *connection = open_connection (cb_test_redis_get_address (redis));
  g_autoptr (CbDiscovery) found = discover (connection, EVERYTHING);
  g_autofree char *text = describe (found);

  if (strcmp (text, expected) != 0)
    g_error ("Line %d: found is\n%s\nand not\n%s", line, text, expected);
  g_assert_false (found->has_more);
  close_connection (connection);
}
#define assert_found(redis, expected) assert_found_at (redis, expected, __LINE__)

/* One command, quoted as in a shell. */
static void
do_command (CbTestRedis *redis,
            const char  *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int n_words = 0;

  g_shell_parse_argv (line, &n_words, &words, &error);
  g_assert_no_error (error);
  reply = cb_test_redis_call_argv (redis, (guint) n_words, (const char * const *) words, NULL);
  if (cb_value_is_error (cb_reply_get_value (reply)))
    g_error ("%s: %s", line, cb_value_get_string (cb_reply_get_value (reply), NULL));
}

/* The queues of four libraries beside each other, which look alike: each is told for what it is, and looking changes nothing. */
static void
test_beside_each_other (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "local", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "cases", "data", "other-queues.redis", NULL);
  g_autofree char *commands = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &commands, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strstrip (commands), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    do_command (redis, lines[i]);
  do_command (redis, "SADD q:job:types email");
  do_command (redis, "ZADD q:jobs 0 '01|1' 0 '01|2'");
  do_command (redis, "ZADD q:jobs:email:failed 0 '01|1' 0 '01|2'");
  do_command (redis, "SADD shop:job:types fax");

  before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  assert_found (redis, "bee-queue: resize (bq)\n"
                       "bullmq: foo (PF)\n"
                       "bullmq: mail (bull)\n"
                       "bullmq: orders ({myEnv:prod})\n"
                       "kue (q)\n"
                       "kue (shop)");
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (after, ==, before);
}

/* What the libraries themselves have written. */
static void
test_libraries (void)
{
  static const char bullmq[] = "bullmq: album (bull)\nbullmq: cron (bull)\nbullmq: emails (bull)\nbullmq: empty (bull)\n"
                               "bullmq: images (bull)\nbullmq: jobs (app:prod)\nbullmq: limited (bull)\nbullmq: orders ({shop})\n"
                               "bullmq: reports (bull)\nbullmq: Ünïcode ☂ queue (bull)";
  /* One without a job has no key. */
  static const char bull[] =
    "bull: cron (bull)\nbull: emails (bull)\nbull: orders ({shop})\nbull: reports (bull)\nbull: Ünïcode ☂ queue (bull)";
  static const struct
  {
    const char *name;
    const char *found;
  } dumps[] = {
    { "bullmq-6", bullmq },
    { "bullmq-5", bullmq },
    { "bullmq-4", bullmq },
    { "bullmq-3", bullmq },
    { "bull-4", bull },
    { "bull-3", bull },
    { "bee-queue", "bee-queue: mail (bq)\nbee-queue: pics (shop)\nbee-queue: Ünïcode ☂ queue (bq)" },
    { "sidekiq", "sidekiq: critical ()\nsidekiq: default ()\nsidekiq: low ()\nsidekiq: mailers ()" },
    { "resque", "resque: default (resque)\nresque: empty (resque)\nresque: file_serve (resque)\nresque: foreign (resque)\n"
                "resque: with space ☂ (resque)" },
    { "resque-node", "resque: math (resque)\nresque: reports (resque)" },
    { "rq-1", "rq: default (rq)\nrq: empty (rq)\nrq: high (rq)\nrq: json (rq)" },
    { "rq-2", "rq: default (rq)\nrq: empty (rq)\nrq: high (rq)\nrq: json (rq)" },
    /* Those of other exchanges are not known by name. */
    { "celery", "celery: celery ()" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (dumps); i++)
    {
      g_autofree char *file = g_strconcat (dumps[i].name, ".rdb", NULL);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "others", file, NULL);
      g_autoptr (CbTestRedis) redis = cb_test_redis_new_from_rdb (path);

      g_test_message ("%s", dumps[i].name);
      assert_found (redis, dumps[i].found);
    }
}

/* What only looks like a queue is none. */
static void
test_no_queues (void)
{
  static const char * const commands[] = {
    "XADD bull:foo:events 1-0 event added",
    /* An application's own keys. */
    "SET user:5:id 5",
    "SET user:5:active yes",
    "SET user:6:id 6",
    "ZADD user:6:failed 1 login",
    "SET user:7:id 7",
    "LPUSH user:7:active 3",
    "HSET user:7:3 opts none",
    "HSET page:meta title Home paused 1",
    "SET page:meta:meta text",
    "HSET shop:jobs 1 clerk",
    "SADD list:queues a b",
    "LPUSH list:queue:a x",
    "SADD empty:queues c",
    "SET a:queues b",
    "SET id 5",
    "HSET meta version 5",
    "HSET :meta version 5",
    "HSET bull:meta version 5",
    "HSET bull::relay:meta paused 1",
    /* Jobs of BullMQ that are called like its keys. */
    "HSET bull:x:meta name welcome data {} opts {} timestamp 1",
    "HSET bull:x:id name welcome data {} opts {} timestamp 1",
    /* Of the wrong type. */
    "SET shop:job:types text",
    "SADD bq:y:jobs 1",
    "LPUSH queues default",
    "SET rq:queues x",
    "SET _kombu.binding.celery x",
    "HSET asynq:queues a b",
    "LPUSH resque:queues a",
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    do_command (redis, commands[i]);
  assert_found (redis, "");
}

/* Where the name of a queue begins, when it or its prefix has colons; and the signs that decide by themselves. */
static void
test_names (void)
{
  static const char * const commands[] = {
    "HSET my:app:mail:meta opts.maxLenEvents 10000",
    "HSET '{my:app}:mail:meta' version bullmq:5.1.0",
    "HSET 'bull:{eu:mail}:meta' version bullmq:5.1.0",
    "HSET :mail:meta version 5",
    /* Without a job that could be read. */
    "SET bull:eu:mail:id 7",
    "SET bull:eu:mail:meta-paused 1",
    "SET bull:old:id 1",
    "XADD bull:old:events 1-0 event added",
    "LPUSH bull:old:active 9",
    /* The first that is found has no job behind it. */
    "SET bull:some:id 9",
    "LPUSH bull:some:wait 8",
    "ZADD bull:some:failed 1 7",
    "HSET bull:some:7 opts '{\"attempts\":1,\"delay\":0,\"timestamp\":1700000001000}'",
    "HSET bq:eu:pics:jobs 1 {}",
    "SADD bq:eu:pics:succeeded 1",
    /* With an old gem's prefix in front, and nobody at work. */
    "SADD shop:queues default",
    "ZADD shop:schedule 1 {}",
    "SADD old:queues mail",
    "SET old:stat:processed 5",
    "SADD queues low",
    "LPUSH queue:low {}",
    "SADD resque:queues math",
    "RPUSH resque:queue:math {}",
    "SADD asynq:queues default low",
    "SADD rq:queues rq:queue:high other",
    /* Two routing keys of one queue. */
    "SADD _kombu.binding.celery 'a\x06\x16\x06\x16mail' 'm\x06\x16\x06\x16mail' plain",
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    do_command (redis, commands[i]);
  assert_found (redis, "asynq: default (asynq)\nasynq: low (asynq)\n"
                       "bee-queue: eu:pics (bq)\n"
                       "bull: eu:mail (bull)\nbull: some (bull)\n"
                       "bullmq: mail ()\nbullmq: mail (my:app)\nbullmq: mail ({my:app})\nbullmq: old (bull)\nbullmq: {eu:mail} (bull)\n"
                       "celery: mail ()\n"
                       "resque: mail (old)\nresque: math (resque)\n"
                       "rq: high (rq)\n"
                       "sidekiq: default (shop)\nsidekiq: low ()");
}

static void
call_bytes (CbTestRedis *redis,
            const char  *name,
            const char  *key,
            gsize        key_length,
            const char  *field,
            const char  *value)
{
  const char *words[] = { name, key, field, value };
  const gsize lengths[] = { strlen (name), key_length, strlen (field), value != NULL ? strlen (value) : 0 };

  cb_reply_unref (cb_test_redis_call_argv (redis, value != NULL ? 4 : 3, words, lengths));
}

/* Names of any bytes; and by what their keys are found again. */
static void
test_bytes (void)
{
  static const char bull[] = "b\0\xff:m*a\\x41\n<b>%s:meta";
  static const char bee[] = "bq:\xe2\x98\x82[1]?:jobs";
  static const char list[] = "bq:\xe2\x98\x82[1]?:waiting";
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *long_name = g_strnfill (500000, 'x');
  g_autofree char *long_key = g_strconcat ("bull:", long_name, ":meta", NULL);
  CbConnection *connection = open_connection (cb_test_redis_get_address (redis));
  g_autoptr (CbDiscovery) found = NULL;
  g_autofree char *text = NULL;
  g_autofree char *pattern = NULL;
  g_autofree char *bee_pattern = NULL;

  call_bytes (redis, "HSET", bull, sizeof bull - 1, "version", "5");
  call_bytes (redis, "HSET", bee, sizeof bee - 1, "1", "{}");
  call_bytes (redis, "LPUSH", list, sizeof list - 1, "1", NULL);
  /* Half a megabyte would be sent for each look. */
  call_bytes (redis, "HSET", long_key, strlen (long_key), "version", "5");

  found = discover (connection, EVERYTHING);
  text = describe (found);
  g_assert_cmpstr (text, ==, "bee-queue: ☂[1]? (bq)\nbullmq: m*a\\x41↵<b>%s (b\\x00\\xff)");
  bee_pattern = cb_other_queue_dup_pattern (g_ptr_array_index (found->others, 0));
  g_assert_cmpstr (bee_pattern, ==, "bq:☂\\[1\\]\\?:*");
  pattern = cb_other_queue_dup_pattern (g_ptr_array_index (found->others, 1));
  g_assert_cmpstr (pattern, ==, "b\\x00\\xff:m\\*a\\x5cx41\\x0a<b>%s:*");
  close_connection (connection);
}

static guint64
count_calls (CbTestRedis *redis,
             const char  *command)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_autofree char *name = g_strdup_printf ("cmdstat_%s:calls=", command);
  const char *found = strstr (info, name);

  return found != NULL ? g_ascii_strtoull (found + strlen (name), NULL, 10) : 0;
}

/* Of a million keys the server sends those that may be a sign, and however many these are, not all of them are looked at. */
static void
test_bounds (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "local", NULL);
  CbConnection *connection = open_connection (cb_test_redis_get_address (redis));
  g_autoptr (CbDiscovery) one = NULL;
  g_autoptr (CbDiscovery) many = NULL;
  g_autoptr (CbDiscovery) most = NULL;
  g_autoptr (CbDiscovery) usual = NULL;
  g_autofree char *text = NULL;
  guint64 n_scans, n_sent;

  do_command (redis, "DEBUG POPULATE 1000000 user 1");
  do_command (redis, "HSET bull:mail:meta version 5");
  n_sent = cb_connection_get_n_commands_sent (connection);
  one = discover (connection, EVERYTHING);
  text = describe (one);
  g_assert_cmpstr (text, ==, "bullmq: mail (bull)");
  n_scans = count_calls (redis, "scan");
  /* One pass, and besides what one queue and the names that are known cost. */
  g_assert_cmpuint (n_scans, <=, 2 * 1024 * 1024 / 1000);
  g_assert_cmpuint (cb_connection_get_n_commands_sent (connection) - n_sent, <=, n_scans + 64);

  /* Names that mean nothing, and so many that not all are looked at, don't hide a queue that another sign shows. */
  do_command (redis, "FLUSHALL");
  do_command (redis, "CONFIG RESETSTAT");
  do_command (redis, "EVAL \"for i = 1, 30000 do redis.call ('SET', 'user:' .. i .. ':id', i) end\" 0");
  do_command (redis, "HSET bull:mail:meta version 5");
  many = discover (connection, EVERYTHING);
  g_assert_cmpuint (many->others->len, ==, 1);
  g_assert_true (many->has_more);
  g_assert_cmpuint (count_calls (redis, "exists"), <=, 10000 + 4);
  g_assert_cmpuint (count_calls (redis, "type"), <=, 64);

  /* Only so many queues as a person reads. */
  do_command (redis, "FLUSHALL");
  do_command (redis, "EVAL \"for i = 1, 1000 do redis.call ('HSET', 'bull:' .. i .. ':meta', 'version', 5) end\" 0");
  most = discover (connection, EVERYTHING);
  g_assert_cmpuint (most->others->len, ==, 300);
  g_assert_true (most->has_more);

  /* Who does not ask for them pays nothing for them. */
  do_command (redis, "CONFIG RESETSTAT");
  usual = discover (connection, CB_DISCOVER_KEYSPACE);
  g_assert_cmpuint (usual->others->len, ==, 0);
  g_assert_cmpuint (count_calls (redis, "type"), ==, 0);
  g_assert_cmpuint (count_calls (redis, "hmget"), ==, 0);
  close_connection (connection);
}

/* Who may see one prefix only is shown its queues, and is refused no more than that. */
static void
test_rights (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbAddress) some = cb_address_with_login (cb_test_redis_get_address (redis), "some", "p");
  CbConnection *connection;
  g_autoptr (CbDiscovery) found = NULL;
  g_autofree char *text = NULL;

  do_command (redis, "HSET bull:mail:meta version 5");
  do_command (redis, "HSET other:mail:meta version 5");
  do_command (redis, "ACL SETUSER some on >p ~bull:* resetchannels +@read +@connection +info");
  connection = open_connection (some);
  found = discover (connection, EVERYTHING);
  text = describe (found);
  g_assert_cmpstr (text, ==, "bullmq: mail (bull)");
  close_connection (connection);
}

/* It is given up in the middle. */
static void
test_cancelled (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = open_connection (cb_test_redis_get_address (redis));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  do_command (redis, "HSET bull:mail:meta version 5");
  cb_discovery_run_async (connection, EVERYTHING, cancellable, cb_test_store_result, &result);
  cb_test_wait_until (count_calls (redis, "scan") > 0 || result != NULL);
  g_cancellable_cancel (cancellable);
  g_assert_null (cb_discovery_run_finish (connection, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);
  close_connection (connection);
}

/* The one pattern lets through all that is looked for, and of other names few. */
static void
test_pattern (void)
{
  const char *ends[] = { ":job:types", ":meta", ":id", NULL, };
  const char *one[] = { ":job:types", NULL };
  const char *with_short[] = { "id", ":meta", NULL };
  g_autofree char *three = cb_library_make_pattern (ends);
  g_autofree char *single = cb_library_make_pattern (one);
  g_autofree char *unknown = cb_library_make_pattern (with_short);

  g_assert_cmpstr (three, ==, "*[pe:][eti][sad]");
  g_assert_cmpstr (single, ==, "*:job:types");
  g_assert_cmpstr (unknown, ==, "*?[it][da]");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/discovery/beside-each-other", test_beside_each_other);
  g_test_add_func ("/discovery/libraries", test_libraries);
  g_test_add_func ("/discovery/no-queues", test_no_queues);
  g_test_add_func ("/discovery/names", test_names);
  g_test_add_func ("/discovery/bytes", test_bytes);
  g_test_add_func ("/discovery/bounds", test_bounds);
  g_test_add_func ("/discovery/rights", test_rights);
  g_test_add_func ("/discovery/cancelled", test_cancelled);
  g_test_add_func ("/discovery/pattern", test_pattern);

  return g_test_run ();
}
