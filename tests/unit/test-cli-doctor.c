/* test-cli-doctor.c: callboardctl doctor, against a real server
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-redis.h"

#define expect cb_test_cli_expect

#define FOUND \
  "Id without a job: job 900\n" \
  "  there is no job of that number, but it stands in q:jobs:mail out:failed\n" \
  "    ZREM \"q:jobs:mail out:failed\" 03|900\n"
#define SUSPECT \
  "Worker may be dead: job 1 (sms)\n" \
  "  kue:h:1:sms:1 runs it and keeps no lease; the last sign of life is *\n" \
  "  A person decides; “callboardctl job retry 1” puts it back.\n"

static void
seed (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "ZADD", "q:jobs:mail out:failed", "0", "03|900", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

/* A job that a Kue worker left a day or more ago. */
static void
seed_suspect (CbTestRedis *redis)
{
  static const char * const commands[] = {
    "SADD q:job:types sms",
    "HSET q:job:1 type sms state active priority 0 data {} max_attempts 1 created_at 1600000000000 promote_at 1600000000000 "
    "updated_at 1600000000000 started_at 1600000000000 workerId kue:h:1:sms:1",
    "ZADD q:jobs 0 01|1",
    "ZADD q:jobs:active 0 01|1",
    "ZADD q:jobs:sms:active 0 01|1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (GStrv) words = g_strsplit (commands[i], " ", -1);
      g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, g_strv_length (words), (const char * const *) words, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }
}

static void
test_repair (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "Nothing is wrong. Jobs looked at: 0\n", "", "doctor");

  seed (redis);
  expect (redis, 1, FOUND "Found: 1. Nothing was changed; --repair does what stands under each.\n", "", "doctor", "--grace", "10");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:mail out:failed", NULL), ==, 1);

  /* Another prefix is none of its business. */
  expect (redis, 0, "Nothing is wrong. Jobs looked at: 0\n", "", "--prefix", "p", "doctor", "--grace", "10", "--repair");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:mail out:failed", NULL), ==, 1);

  expect (redis, 0, FOUND "  Repaired.\nFound: 1. Left: 0.\n", "", "doctor", "--grace", "10", "--repair");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
  expect (redis, 0, "Nothing is wrong. Jobs looked at: 0\n", "", "doctor", "--grace", "10", "--repair");
}

static void
test_json (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "", "", "doctor", "--json");
  seed (redis);
  expect (redis, 1,
          "{\"kind\":\"phantom\",\"id\":900,\"queue\":null,\"key\":\"q:jobs:mail out:failed\","
          "\"evidence\":\"there is no job of that number, but it stands in q:jobs:mail out:failed\","
          "\"repair\":[\"ZREM \\\"q:jobs:mail out:failed\\\" 03|900\"],\"outcome\":\"found\"}\n",
          "", "doctor", "--grace", "10", "--json");
  expect (redis, 0,
          "{\"kind\":\"phantom\",\"id\":900,\"queue\":null,\"key\":\"q:jobs:mail out:failed\","
          "\"evidence\":\"there is no job of that number, but it stands in q:jobs:mail out:failed\","
          "\"repair\":[\"ZREM \\\"q:jobs:mail out:failed\\\" 03|900\"],\"outcome\":\"repaired\"}\n",
          "", "doctor", "--grace", "10", "--json", "--repair");
}

static void
test_suspect (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (CbTestRun) retried = NULL;

  seed_suspect (redis);
  run = cb_test_cli_get (redis, "doctor", "--grace", "10", "--repair");
  g_assert_cmpint (run->status, ==, 1);
  if (!g_pattern_match_simple (SUSPECT "Found: 1. Left: 1.\n", run->output))
    g_error ("%s", run->output);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL), ==, 1);

  retried = cb_test_cli_get (redis, "job", "retry", "1");
  g_assert_cmpint (retried->status, ==, 0);
  expect (redis, 0, "Nothing is wrong. Jobs looked at: 1\n", "", "doctor", "--grace", "10");
}

/* Remarks are told and are no fault: wake-ups that Kue leaves behind, and what can't be parsed of a job that has ended, as the repair makes
 * it of one that waits. */
static void
test_remarks (void)
{
  static const char * const commands[] = {
    "SADD q:job:types sms",
    "HSET q:job:1 type sms state inactive priority 0 data { max_attempts 1 created_at 1600000000000 promote_at 1600000000000 "
    "updated_at 1600000000000",
    "ZADD q:jobs 0 01|1",
    "ZADD q:jobs:inactive 0 01|1",
    "ZADD q:jobs:sms:inactive 0 01|1",
    "LPUSH q:sms:jobs 1 1",
  };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) found = NULL;
  g_autoptr (CbTestRun) repaired = NULL;
  g_autoptr (CbTestRun) json = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (GStrv) words = g_strsplit (commands[i], " ", -1);
      g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, g_strv_length (words), (const char * const *) words, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }

  found = cb_test_cli_get (redis, "doctor", "--grace", "10");
  g_assert_cmpint (found->status, ==, 1);
  g_assert_true (g_str_has_suffix (found->output, "\nFound: 1. Nothing was changed; --repair does what stands under each.\n"
                                                  "Remarks, which are no faults: 1.\n"));
  repaired = cb_test_cli_get (redis, "doctor", "--grace", "10", "--repair");
  g_assert_cmpint (repaired->status, ==, 0);
  g_assert_true (g_str_has_suffix (repaired->output, "\nFound: 1. Left: 0.\nRemarks, which are no faults: 1.\n"));

  /* Whatever is done, that job can't be parsed; and a worker of Kue ends. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "RPUSH", "q:sms:jobs", "1", NULL), ==, 1);
  for (guint i = 0; i < 2; i++)
    expect (redis, 0,
            "Data that are not JSON: job 1 (sms)\n"
            "  its field data is not JSON, so that Kue can’t show the job; as it has ended, nothing waits for it\n"
            "  A remark: nothing is held up by it.\n"
            "Too many wake-ups: queue sms\n"
            "  0 jobs wait and there are 1 wake-ups: harmless, but workers wake for nothing\n"
            "    LTRIM q:sms:jobs 1 -1\n"
            "Nothing is wrong. Jobs looked at: 1\n"
            "Remarks, which are no faults: 2.\n", "", "doctor", "--grace", "10");
  json = cb_test_cli_get (redis, "--json", "doctor", "--grace", "10", "--repair");
  g_assert_cmpint (json->status, ==, 0);
  g_assert_true (g_pattern_match_simple ("*\"outcome\":\"left\",\"harmless\":true}\n*\"outcome\":\"repaired\",\"harmless\":true}\n",
                                         json->output));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:sms:jobs", NULL), ==, 0);
}

/* What is too long to be read is not said to be right. */
static void
test_too_long (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  cb_test_redis_get_integer (redis, "EVAL",
                             "redis.call ('SADD', 'q:job:types', 'sms') "
                             "redis.call ('HSET', 'q:job:1', 'type', 'sms', 'state', 'complete', 'priority', '0', 'created_at', '1600000000000', "
                             "'data', string.rep ('x', 5000000)) "
                             "for _, key in ipairs ({ 'q:jobs', 'q:jobs:complete', 'q:jobs:sms:complete' }) do "
                             "redis.call ('ZADD', key, 0, '01|1') end return 1", "0", NULL);
  expect (redis, 0, "Nothing is wrong. Jobs looked at: 1\n",
          "callboardctl: Fields that are too long to be looked at, whether they are JSON: 1\n", "doctor", "--grace", "10");
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  seed (redis);
  expect (redis, 1, "", "*“doctor --repair” writes, and --read-only was given: nothing was sent\n",
          "--read-only", "doctor", "--repair", "--grace", "10");
  expect (redis, 1, FOUND "Found: 1. Nothing was changed; --repair does what stands under each.\n", "",
          "--read-only", "doctor", "--grace", "10");
  expect (redis, 2, "", "*--grace*", "doctor", "--grace", "-1");
  expect (redis, 2, "", "*", "doctor", "everything");
}

/* Who may read but run no scripts, or not look at all of it, is told so, and nothing that may be wrong; with the scripts it works. */
static void
test_few_rights (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=look&password=see", cb_test_redis_get_path (redis));
  static const char * const refused[] = { "+@read +@connection ~*", "+@read +eval +evalsha -zscore +@connection ~*",
                                          "+@read +eval +evalsha +@connection ~q:jobs* ~q:job:types" };

  seed (redis);
  for (guint i = 0; i < G_N_ELEMENTS (refused) + 1; i++)
    {
      g_autofree char *line = g_strdup_printf ("ACL SETUSER look reset on >see %s", i < G_N_ELEMENTS (refused)
                                               ? refused[i] : "+@read +eval +evalsha +@connection ~q:*");
      g_auto (GStrv) words = g_strsplit (line, " ", -1);
      g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, g_strv_length (words), (const char * const *) words, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
      if (i < G_N_ELEMENTS (refused))
        expect (NULL, 1, "", "callboardctl: The check looks by scripts that only read, and could not look at everything, so it tells "
                             "nothing.*+@read +eval +evalsha*", "--server", uri, "doctor", "--grace", "10");
      else
        expect (NULL, 1, FOUND "Found: 1. Nothing was changed; --repair does what stands under each.\n", "", "--server", uri,
                "doctor", "--grace", "10");
    }
}

int
main (int argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli-doctor/repair", test_repair);
  g_test_add_func ("/cli-doctor/json", test_json);
  g_test_add_func ("/cli-doctor/suspect", test_suspect);
  g_test_add_func ("/cli-doctor/remarks", test_remarks);
  g_test_add_func ("/cli-doctor/too-long", test_too_long);
  g_test_add_func ("/cli-doctor/refused", test_refused);
  g_test_add_func ("/cli-doctor/few-rights", test_few_rights);

  return g_test_run ();
}
