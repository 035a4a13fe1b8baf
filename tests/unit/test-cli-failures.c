/* test-cli-failures.c: callboardctl job failures, against a real server
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <json-glib/json-glib.h>
#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-redis.h"

#define expect cb_test_cli_expect

static void
put (CbTestRedis *redis,
     guint        id,
     const char  *state,
     const char  *error)
{
  g_autofree char *key = g_strdup_printf ("q:job:%u", id);
  g_autofree char *zid = g_strdup_printf ("%02u|%u", id < 10 ? 1 : 2, id);
  g_autofree char *of_state = g_strdup_printf ("q:jobs:%s", state);
  g_autofree char *of_queue = g_strdup_printf ("q:jobs:sms:%s", state);
  g_autofree char *data = g_strdup_printf ("{\"n\":%u,\"plan\":\"%s\"}", id, strcmp (state, "failed") == 0 ? "free" : "paid");

  cb_test_redis_get_integer (redis, "HSET", key, "type", "sms", "state", state, "data", data, NULL);
  if (error != NULL)
    cb_test_redis_get_integer (redis, "HSET", key, "error", error, "failed_at", "1700000000000", NULL);
  cb_test_redis_get_integer (redis, "ZADD", "q:jobs", "0", zid, NULL);
  cb_test_redis_get_integer (redis, "ZADD", of_state, "0", zid, NULL);
  cb_test_redis_get_integer (redis, "ZADD", of_queue, "0", zid, NULL);
}

static void
test_failures (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "", "", "job", "failures");
  for (guint i = 1; i <= 9; i++)
    {
      g_autofree char *error = i <= 6 ? g_strdup_printf ("No credit for customer %u", i) : g_strdup ("The gateway said no");

      put (redis, i, "failed", error);
    }
  for (guint i = 10; i <= 19; i++)
    put (redis, i, "complete", NULL);

  expect (redis, 0,
          "    JOBS  LAST                 CAUSE\n"
          "       6  2023-11-14 22:13:20  No credit for customer #\n"
          "       3  2023-11-14 22:13:20  The gateway said no\n",
          "", "job", "failures");
  expect (redis, 0,
          "    JOBS  LAST                 CAUSE\n"
          "       3  2023-11-14 22:13:20  The gateway said no\n"
          "       1  2023-11-14 22:13:20  No credit for customer #\n"
          "\n"
          "FAILED    COMPLETE  IN COMMON\n"
          "  100.0%      0.0%  data.plan = free\n",
          "*the last 4 of 9 failed jobs*", "job", "failures", "--most", "4", "--common");
  expect (redis, 2, "", "*--common*", "job", "failures", "--filter", "cause:x");
  expect (redis, 0, "", "", "job", "failures", "--type", "email");
}

static void
test_json (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object, *group;
  g_autofree char *filter = NULL;

  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *error = g_strdup_printf ("No \"credit\" for customer %u", i);

      put (redis, i, "failed", error);
    }
  put (redis, 5, "failed", "else");
  run = cb_test_cli_get (redis, "job", "failures", "--json");
  node = json_from_string (run->output, NULL);
  g_assert_nonnull (node);
  object = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (object, "jobs"), ==, 5);
  g_assert_cmpint (json_object_get_int_member (object, "total"), ==, 5);
  group = json_array_get_object_element (json_object_get_array_member (object, "groups"), 0);
  g_assert_cmpstr (json_object_get_string_member (group, "cause"), ==, "No \"credit\" for customer #");
  g_assert_cmpint (json_object_get_int_member (group, "count"), ==, 4);
  g_assert_cmpint (json_object_get_int_member (group, "last"), ==, G_GINT64_CONSTANT (1700000000000));

  /* What it prints as a filter is one, for a bulk. */
  filter = g_strdup (json_object_get_string_member (group, "filter"));
  expect (redis, 0, NULL, "*4 jobs match*", "job", "retry", "--state", "failed", "--filter", filter);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:failed", NULL), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/failures/text", test_failures);
  g_test_add_func ("/cli/failures/json", test_json);

  return g_test_run ();
}
