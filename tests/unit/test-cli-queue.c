/* test-cli-queue.c: callboardctl queue stats, against a real server
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <json-glib/json-glib.h>
#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define expect cb_test_cli_expect

/* Jobs in a state as Kue writes them: created at one time, each waited for as many ms as its number among them says, and ran ten
 * times as long. */
static const char put_script[] =
  "for i = 1, tonumber (ARGV[3]) do "
  "  local id = redis.call ('INCR', 'q:ids') "
  "  local zid = string.format ('%02d|%d', #tostring (id), id) "
  "  redis.call ('HSET', 'q:job:' .. id, 'type', ARGV[1], 'state', ARGV[2], 'data', '{}', 'created_at', '1700000000000', "
  "              'started_at', 1700000000000 + i .. '', 'updated_at', 1700000000000 + 11 * i .. '', 'duration', 10 * i, 'attempts', 1) "
  "  redis.call ('ZADD', 'q:jobs', 0, zid) "
  "  redis.call ('ZADD', 'q:jobs:' .. ARGV[2], 0, zid) "
  "  redis.call ('ZADD', 'q:jobs:' .. ARGV[1] .. ':' .. ARGV[2], 0, zid) "
  "end "
  "return redis.call ('SADD', 'q:job:types', ARGV[1])";

static void
put (CbTestRedis *redis,
     const char  *queue,
     const char  *state,
     const char  *n)
{
  cb_test_redis_get_integer (redis, "EVAL", put_script, "0", queue, state, n, NULL);
}

static void
test_times (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "", "*no queue in this database*", "queue", "stats", "--for", "0");
  put (redis, "sms", "complete", "100");
  expect (redis, 0,
          "QUEUE                        NEW/S    DONE/S  FAILED/S    OLDEST  WAIT P50       P95       P99   RUN P50       P95       P99\n"
          "sms                              –         –         –         –     50 ms     95 ms     99 ms    500 ms    950 ms    990 ms\n",
          "", "queue", "stats", "sms", "--for", "0");
  expect (redis, 1, "", "*There is no queue “fax”*", "queue", "stats", "fax");
  expect (redis, 2, "", "*--for*", "queue", "stats", "--for", "-1");
}

/* The other program has counted, and waits. */
static gboolean
has_counted (CbTestRedis *redis)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "CLIENT", "LIST", NULL);
  gsize length;
  const char *list = cb_value_get_string (cb_reply_get_value (reply), &length);
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "name=callboard") != NULL && strstr (lines[i], " idle=0 ") == NULL)
      return TRUE;
  return FALSE;
}

static void
test_rates (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *line = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  put (redis, "sms", "complete", "5");
  put (redis, "email", "inactive", "1");
  process = cb_test_cli_start (redis, "queue", "stats", "--json", "--for", "8");
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  cb_test_wait_until (has_counted (redis));
  put (redis, "sms", "complete", "30");
  put (redis, "sms", "failed", "10");
  put (redis, "sms", "active", "2");

  line = cb_test_cli_read_line (output);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
  node = json_from_string (line, NULL);
  g_assert_nonnull (node);
  g_assert_cmpint (json_array_get_length (json_node_get_array (node)), ==, 2);

  object = json_array_get_object_element (json_node_get_array (node), 0);
  g_assert_cmpstr (json_object_get_string_member (object, "queue"), ==, "email");
  g_assert_cmpint (json_object_get_int_member (object, "new"), ==, 0);
  g_assert_cmpstr (json_object_get_string_member (object, "oldest"), ==, "6");
  /* It waits since it was last written: before, it may have been tried. */
  g_assert_cmpint (json_object_get_int_member (object, "oldest_since"), ==, G_GINT64_CONSTANT (1700000000011));
  g_assert_true (json_object_get_boolean_member (object, "oldest_certain"));

  object = json_array_get_object_element (json_node_get_array (node), 1);
  g_assert_cmpstr (json_object_get_string_member (object, "queue"), ==, "sms");
  g_assert_cmpint (json_object_get_int_member (object, "watched_ms"), >=, 8000);
  g_assert_cmpint (json_object_get_int_member (object, "new"), ==, 42);
  g_assert_cmpint (json_object_get_int_member (object, "complete"), ==, 30);
  g_assert_cmpint (json_object_get_int_member (object, "failed"), ==, 10);
  g_assert_true (json_object_get_null_member (object, "oldest"));
  g_assert_true (json_object_get_null_member (object, "oldest_certain"));
}

/* So many were put back that not all of them are looked at. */
static void
test_many (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) text = NULL;
  g_autoptr (CbTestRun) json = NULL;

  put (redis, "fax", "inactive", "2000");
  text = cb_test_cli_get (redis, "queue", "stats", "--for", "0");
  g_assert_nonnull (strstr (text->output, " ≥ "));
  json = cb_test_cli_get (redis, "queue", "stats", "--for", "0", "--json");
  g_assert_nonnull (strstr (json->output, "\"oldest_certain\":false"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/queue/times", test_times);
  g_test_add_func ("/cli/queue/rates", test_rates);
  g_test_add_func ("/cli/queue/many", test_many);

  return g_test_run ();
}
