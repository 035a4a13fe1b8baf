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
  g_test_add_func ("/cli-doctor/refused", test_refused);
  g_test_add_func ("/cli-doctor/few-rights", test_few_rights);

  return g_test_run ();
}
