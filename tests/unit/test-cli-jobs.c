/* test-cli-jobs.c: callboardctl and jobs, against a real server
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

#include "cb-test-child.h"
#include "cb-test-cli.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define expect cb_test_cli_expect

#define QUEUE "push_notification_code"
#define GOOD "{\"phoneNumber\":\"4153518743\",\"message\":\"This is the code 4321\"}"
#define BLOCKED "{\"phoneNumber\":\"4153518780\",\"message\":\"This is the code 1234\"}"

/* --- small verbs --- */

static void
redis_do (CbTestRedis *redis,
          const char *first,
          ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (CbReply) reply = NULL;
  va_list args;

  va_start (args, first);
  for (const char *word = first; word != NULL; word = va_arg (args, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (args);

  reply = cb_test_redis_call_argv (redis, words->len, (const char * const *) words->pdata, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static void
assert_field (CbTestRedis *redis,
              const char *key,
              const char *field,
              const char *expected)
{
  g_autofree char *value = cb_test_redis_get_string (redis, "HGET", key, field, NULL);

  g_assert_cmpstr (value, ==, expected);
}

static JsonObject *
parse_object (const char *text,
              JsonNode **node)
{
  g_autoptr (GError) error = NULL;

  *node = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (*node));

  return json_node_get_object (*node);
}

static void
assert_integer (JsonObject *object,
                const char *member,
                gint64 expected)
{
  JsonNode *node = json_object_get_member (object, member);

  g_assert_nonnull (node);
  g_assert_true (json_node_get_value_type (node) == G_TYPE_INT64);
  g_assert_cmpint (json_node_get_int (node), ==, expected);
}

/* The ids of a list in its order: "3 1 2". */
static char *
list_ids (CbTestRedis *redis,
          const char * const *options)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GString) ids = g_string_new (NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_auto (GStrv) lines = NULL;

  g_ptr_array_add (words, (gpointer) "job");
  g_ptr_array_add (words, (gpointer) "list");
  g_ptr_array_add (words, (gpointer) "--json");
  for (; *options != NULL; options++)
    g_ptr_array_add (words, (gpointer) *options);
  g_ptr_array_add (words, NULL);

  run = cb_test_cli_run (redis, NULL, (const char * const *) words->pdata);
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  lines = g_strsplit (run->output, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object = parse_object (lines[i], &node);

      g_string_append_printf (ids, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", json_object_get_int_member (object, "id"));
    }

  return g_string_free (g_steal_pointer (&ids), FALSE);
}

#define assert_list(redis, expected, ...)                                                          \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *ids_ = list_ids ((redis), (const char * const[]) { __VA_ARGS__, NULL });      \
    g_assert_cmpstr (ids_, ==, (expected));                                                        \
  }                                                                                                \
  G_STMT_END

/* --- creating --- */

static void
test_create (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, "Notification job created: 1\n", "", "job", "create", QUEUE, "--data", GOOD);
  assert_field (redis, "q:job:1", "data", GOOD);
  assert_field (redis, "q:job:1", "type", QUEUE);
  assert_field (redis, "q:job:1", "priority", "0");
  assert_field (redis, "q:job:1", "state", "inactive");

  expect (redis, 0, "Notification job created: 2\n", "", "job", "create", QUEUE, "--data", "{ \"n\": 1.50 }",
          "--priority", "high", "--attempts", "3", "--backoff", "exponential:400:1000", "--ttl", "500",
          "--remove-on-complete", "--delay", "60000");
  assert_field (redis, "q:job:2", "priority", "-10");
  assert_field (redis, "q:job:2", "max_attempts", "3");
  assert_field (redis, "q:job:2", "backoff", "{\"type\":\"exponential\",\"delay\":400,\"maxDelay\":1000}");
  assert_field (redis, "q:job:2", "ttl", "500");
  assert_field (redis, "q:job:2", "removeOnComplete", "true");
  assert_field (redis, "q:job:2", "delay", "60000");
  assert_field (redis, "q:job:2", "state", "delayed");

  expect (redis, 0, "Notification job created: 3\nNotification job created: 4\n", "",
          "job", "create", "other", "--data", "5", "--count", "2", "--priority", "-2.5");
  assert_field (redis, "q:job:4", "priority", "-2.5");
  expect (redis, 0, "{\"id\":5,\"event\":\"created\"}\n", "", "--json", "job", "create", "other", "--data", "[]");
}

static void
test_create_file (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  const char *words[] = { "job", "create", QUEUE, "--file", "-", NULL };
  g_autoptr (CbTestRun) run = NULL;

  run = cb_test_cli_run (redis, "[" GOOD ",\n  {\"big\": 123456789012345678901234567890}]\n", words);
  g_assert_cmpstr (run->output, ==, "Notification job created: 1\nNotification job created: 2\n");
  g_assert_cmpint (run->status, ==, 0);
  assert_field (redis, "q:job:1", "data", GOOD);
  assert_field (redis, "q:job:2", "data", "{\"big\": 123456789012345678901234567890}");
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_run (redis, "{\"jobs\":[]}", words);
  g_assert_cmpstr (run->output, ==, "");
  g_assert_cmpstr (run->errors, ==, "Jobs is not an array\n");
  g_assert_cmpint (run->status, ==, 1);
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_run (redis, "[", words);
  g_assert_true (g_str_has_prefix (run->errors, "callboardctl: --file: "));
  g_assert_cmpint (run->status, ==, 1);
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_run (redis, "[]", words);
  g_assert_cmpstr (run->output, ==, "");
  g_assert_cmpint (run->status, ==, 0);

  expect (redis, 1, "", "callboardctl: --file: ?*\n", "job", "create", QUEUE, "--file", "/nonexistent");
}

static void
test_create_wrong (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 2, "", "callboardctl: --data: ?*\n", "job", "create", QUEUE, "--data", "{phone: 1}");
  expect (redis, 2, "", "callboardctl: --data: ?*\n", "job", "create", QUEUE, "--data", "\"\xff\"");
  expect (redis, 2, "", "callboardctl: --data or --file is missing *\n", "job", "create", QUEUE);
  expect (redis, 2, "", "callboardctl: --priority: ?*\n", "job", "create", QUEUE, "--data", "{}", "--priority", "urgent");
  expect (redis, 2, "", "callboardctl: --delay must be *\n", "job", "create", QUEUE, "--data", "{}", "--delay", "-1");
  expect (redis, 2, "", "callboardctl: --attempts must be *\n", "job", "create", QUEUE, "--data", "{}", "--attempts", "0");
  expect (redis, 2, "", "callboardctl: --ttl must be *\n", "job", "create", QUEUE, "--data", "{}", "--ttl", "1.5");
  expect (redis, 2, "", "callboardctl: --count must be *\n", "job", "create", QUEUE, "--data", "{}", "--count", "0");
  expect (redis, 2, "", "callboardctl: --backoff: ?*\n", "job", "create", QUEUE, "--data", "{}", "--backoff", "process.exit()");
  expect (redis, 2, "", "callboardctl: TYPE: ?*\n", "job", "create", "", "--data", "{}");
  expect (redis, 2, "", "callboardctl: ?*\n", "job", "create", "--data", "{}");

  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);
}

/* --- looking --- */

static void
test_list (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  assert_list (redis, "", "--type", "nothing");
  expect (redis, 0, "", "", "job", "list");

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}", "--count", "3");
  expect (redis, 0, NULL, "", "job", "create", "b", "--data", "{}", "--priority", "high");
  expect (redis, 0, NULL, "", "job", "create", "b", "--data", "{}", "--delay", "90000");
  expect (redis, 0, NULL, "", "job", "create", "b", "--data", "{}", "--delay", "60000");

  assert_list (redis, "4 1 2 3", "--state", "inactive");
  assert_list (redis, "3 2 1 4", "--state", "inactive", "--order", "desc");
  assert_list (redis, "1 2 3", "--type", "a");
  assert_list (redis, "6 5", "--state", "delayed");
  assert_list (redis, "4", "--type", "b", "--state", "inactive");
  assert_list (redis, "1 2", "--state", "inactive", "--from", "1", "--to", "2");
  assert_list (redis, "2 3", "--state", "inactive", "--from", "-2");
  assert_list (redis, "4 1 2", "--state", "inactive", "--to", "-2");
  assert_list (redis, "3", "--state", "inactive", "--order", "desc", "--to", "0");
  assert_list (redis, "", "--state", "inactive", "--from", "4");
  assert_list (redis, "4 1 2 3 5 6", "--order", "asc");

  expect (redis, 2, "", "callboardctl: --state must be one of *\n", "job", "list", "--state", "asleep");
  expect (redis, 2, "", "callboardctl: --order must be *\n", "job", "list", "--order", "up");
}

/* More than a page: all of them, each once. */
static void
test_list_long (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree gboolean *seen = g_new0 (gboolean, 1301);
  g_autoptr (CbTestRun) run = NULL;
  g_auto (GStrv) lines = NULL;

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}", "--count", "1300");

  run = cb_test_cli_get (redis, "job", "list", "--json");
  lines = g_strsplit (run->output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1301);
  for (guint i = 0; i < 1300; i++)
    {
      g_autoptr (JsonNode) node = NULL;
      gint64 id = json_object_get_int_member (parse_object (lines[i], &node), "id");

      g_assert_cmpint (id, >=, 1);
      g_assert_cmpint (id, <=, 1300);
      g_assert_false (seen[id]);
      seen[id] = TRUE;
    }
}

/* A reader that has seen enough ends it quietly. */
static void
test_closed_output (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *program = cb_test_cli_dup_path ();
  g_autofree char *command = g_strdup_printf ("'%s' --server unix:%s job list --json | head -n 1 | wc -l", program,
                                              cb_test_redis_get_path (redis));
  const char *argv[] = { "/bin/sh", "-c", command, NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}", "--count", "1300");

  process = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &errors, NULL);
  g_assert_cmpstr (g_strstrip (output), ==, "1");
  g_assert_cmpstr (errors, ==, "");
}

static void
test_show (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (CbTestRun) log = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GString) lines = g_string_new (NULL);
  JsonObject *object;
  JsonObject *attempts;
  JsonArray *array;

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD, "--attempts", "3", "--delay", "60000");
  for (guint i = 0; i < 1100; i++)
    {
      g_autofree char *line = g_strdup_printf ("line %u", i);

      redis_do (redis, "RPUSH", "q:job:1:log", line, NULL);
      g_string_append_printf (lines, "%s\n", line);
    }
  redis_do (redis, "HSET", "q:job:1", "error", "Error: it\n  at there", "failed_at", "1700000000123", "attempts", "1",
            "duration", "12", "progress", "50", "progress_data", "{\"step\":2}", "result", "\"ok\"", "workerId",
            "kue:host:1:" QUEUE ":1", "own", "kept", NULL);

  run = cb_test_cli_get (redis, "job", "show", "1", "--json");
  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  object = parse_object (run->output, &node);
  assert_integer (object, "id", 1);
  g_assert_cmpstr (json_object_get_string_member (object, "type"), ==, QUEUE);
  g_assert_cmpstr (json_object_get_string_member (object, "state"), ==, "delayed");
  g_assert_nonnull (strstr (run->output, "\"data\":" GOOD));
  assert_integer (object, "priority", 0);
  assert_integer (object, "progress", 50);
  g_assert_nonnull (strstr (run->output, "\"progress_data\":{\"step\":2}"));
  g_assert_cmpstr (json_object_get_string_member (object, "result"), ==, "ok");
  g_assert_cmpstr (json_object_get_string_member (object, "error"), ==, "Error: it\n  at there");
  assert_integer (object, "failed_at", 1700000000123);
  assert_integer (object, "duration", 12);
  assert_integer (object, "delay", 60000);
  assert_integer (object, "promote_at", json_object_get_int_member (object, "created_at") + 60000);
  g_assert_false (json_object_has_member (object, "started_at"));
  g_assert_false (json_object_has_member (object, "ttl"));
  g_assert_cmpstr (json_object_get_string_member (object, "workerId"), ==, "kue:host:1:" QUEUE ":1");
  attempts = json_object_get_object_member (object, "attempts");
  assert_integer (attempts, "made", 1);
  assert_integer (attempts, "remaining", 2);
  assert_integer (attempts, "max", 3);
  array = json_object_get_array_member (object, "log");
  g_assert_cmpuint (json_array_get_length (array), ==, 1100);
  g_assert_cmpstr (json_array_get_string_element (array, 0), ==, "line 0");
  g_assert_cmpstr (json_array_get_string_element (array, 1099), ==, "line 1099");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (object, "raw"), "own"), ==, "kept");
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (object, "raw"), "delay"), ==, "60000");

  log = cb_test_cli_get (redis, "job", "log", "1");
  g_assert_cmpstr (log->output, ==, lines->str);

  expect (redis, 0, NULL, "", "job", "show", "1");
  expect (redis, 1, "", "callboardctl: ?*\n", "job", "show", "99");
  expect (redis, 1, "", "callboardctl: ?*\n", "job", "log", "99");
  expect (redis, 1, NULL, "callboardctl: ?*\n", "job", "show", "99", "1");
}

/* An index with an id that has no job, a hash without a type, data that are no JSON: each is told, the rest goes on. */
static void
test_compare (void)
{
  g_autoptr (CbTestRedis) server = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *different;

  redis_do (server, "HSET", "q:job:1", "type", "email", "state", "failed", "priority", "0", "attempts", "1", "max_attempts", "1",
            "created_at", "1700000000000", "data", "{\"a\":1,\"to\":\"ada\"}", "error", "Error: refused\n    at one", NULL);
  redis_do (server, "HSET", "q:job:2", "type", "email", "state", "complete", "priority", "0", "attempts", "1", "max_attempts", "1",
            "created_at", "1700000002500", "data", "{\"to\":\"bob\",\"a\":1}", NULL);
  redis_do (server, "HSET", "q:job:3", "type", "email", "state", "failed", "priority", "0", "attempts", "1", "max_attempts", "1",
            "created_at", "1700000000000", "data", "{ \"to\": \"ada\", \"a\": 1 }", "error", "Error: refused\n    at one", NULL);

  run = cb_test_cli_get (server, "job", "compare", "1", "2");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->output, "JOB 1"));
  g_assert_nonnull (strstr (run->output, "2.5 s later"));
  g_assert_nonnull (strstr (run->output, "    \"a\": 1\n-   \"to\": \"ada\"\n+   \"to\": \"bob\"\n"));
  g_assert_nonnull (strstr (run->output, "- Error: refused\n-     at one\n"));
  g_assert_null (strstr (run->output, "Priority"));
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_get (server, "job", "compare", "--all", "1", "3");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->output, "Priority"));
  g_assert_nonnull (strstr (run->output, "Data: the same\n"));
  g_assert_nonnull (strstr (run->output, "Error: the same\n"));
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_get (server, "--json", "job", "compare", "1", "2");
  g_assert_cmpint (run->status, ==, 0);
  different = json_object_get_array_member (parse_object (run->output, &node), "different");
  g_assert_cmpuint (json_array_get_length (different), ==, 4);
  g_assert_cmpstr (json_array_get_string_element (different, 0), ==, "state");
  g_assert_cmpstr (json_array_get_string_element (different, 1), ==, "created_at");
  g_assert_cmpstr (json_array_get_string_element (different, 2), ==, "data");
  g_assert_cmpstr (json_array_get_string_element (different, 3), ==, "error");
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_get (server, "job", "compare", "1", "9");
  g_assert_cmpint (run->status, ==, 1);
  g_assert_cmpstr (run->output, ==, "");
  g_clear_pointer (&run, cb_test_run_free);
  run = cb_test_cli_get (server, "job", "compare", "1");
  g_assert_cmpint (run->status, ==, 2);
}

static void
test_damaged (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_auto (GStrv) lines = NULL;

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}", "--count", "4");
  redis_do (redis, "DEL", "q:job:1", NULL);
  redis_do (redis, "HDEL", "q:job:2", "type", NULL);
  redis_do (redis, "HSET", "q:job:3", "data", "{broken", NULL);

  run = cb_test_cli_get (redis, "job", "list", "--state", "inactive", "--json");
  g_assert_cmpint (run->status, ==, 0);
  lines = g_strsplit (run->output, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object = parse_object (lines[i], &node);

      assert_integer (object, "id", i + 1);
      g_assert_cmpint (json_object_has_member (object, "problem"), ==, i < 3);
      if (i == 2)
        g_assert_cmpstr (json_object_get_string_member (object, "data"), ==, "{broken");
    }
  expect (redis, 0, NULL, "", "job", "list");
  expect (redis, 0, NULL, "", "job", "show", "2", "3", "4");
  /* Looking has changed nothing. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs", NULL), ==, 4);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:2", NULL), ==, 1);

  redis_do (redis, "DEL", "q:jobs", NULL);
  redis_do (redis, "SET", "q:jobs", "no set", NULL);
  expect (redis, 1, "", "callboardctl: ?*\n", "job", "list");
  expect (redis, 0, NULL, "", "job", "list", "--state", "inactive");
  expect (redis, 0, NULL, "", "queue", "list");
}

static void
test_queue_list (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *array;
  JsonObject *object;

  expect (redis, 0, "[]\n", "", "queue", "list", "--json");
  expect (redis, 0, "", "callboardctl: There is no queue *\n", "queue", "list");

  expect (redis, 0, NULL, "", "job", "create", "mail", "--data", "{}", "--count", "2");
  expect (redis, 0, NULL, "", "job", "create", "mail", "--data", "{}", "--delay", "60000");
  expect (redis, 0, NULL, "", "--prefix", "{q}", "job", "create", "sms", "--data", "{}");

  run = cb_test_cli_get (redis, "queue", "list", "--json");
  g_assert_cmpint (run->status, ==, 0);
  node = json_from_string (run->output, &error);
  g_assert_no_error (error);
  array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *counts;
      gboolean is_mail;

      object = json_array_get_object_element (array, i);
      is_mail = strcmp (json_object_get_string_member (object, "queue"), "mail") == 0;
      counts = json_object_get_object_member (object, "counts");
      g_assert_cmpstr (json_object_get_string_member (object, "engine"), ==, "kue");
      g_assert_cmpstr (json_object_get_string_member (object, "prefix"), ==, is_mail ? "q" : "{q}");
      assert_integer (counts, "inactive", is_mail ? 2 : 1);
      assert_integer (counts, "active", 0);
      assert_integer (counts, "complete", 0);
      assert_integer (counts, "failed", 0);
      assert_integer (counts, "delayed", is_mail ? 1 : 0);
    }
  g_clear_pointer (&run, cb_test_run_free);

  run = cb_test_cli_get (redis, "queue", "list", "--prefix", "{q}");
  g_assert_null (strstr (run->output, "mail"));
  g_assert_nonnull (strstr (run->output, "sms"));
}

/* --- a dump of real Kue --- */

static JsonNode *
load_expected (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.expected.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  node = json_from_string (text, &error);
  g_assert_no_error (error);

  return node;
}

/* Kue prints most numbers as text; here they are numbers. */
static void
compare_number (JsonObject *ours,
                JsonObject *kue,
                const char *member)
{
  JsonNode *node = json_object_get_member (kue, member);

  if (node == NULL)
    g_assert_false (json_object_has_member (ours, member));
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    assert_integer (ours, member, g_ascii_strtoll (json_node_get_string (node), NULL, 10));
  else
    g_assert_cmpfloat (json_object_get_double_member (ours, member), ==, json_node_get_double (node));
}

static void
compare_job (CbTestRedis *redis,
             const char *id,
             JsonObject *kue)
{
  static const char * const numbers[] = { "id", "priority", "created_at", "promote_at", "updated_at", "started_at",
                                          "failed_at", "duration", "delay", "ttl", NULL };
  static const char * const values[] = { "type", "state", "data", "progress_data", "result", "error", "workerId", NULL };
  static const char * const attempts[] = { "made", "remaining", "max", NULL };
  g_autoptr (CbTestRun) run = cb_test_cli_get (redis, "job", "show", "--json", id);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *ours;

  g_assert_cmpstr (run->errors, ==, "");
  ours = parse_object (run->output, &node);
  for (guint i = 0; numbers[i] != NULL; i++)
    compare_number (ours, kue, numbers[i]);
  for (guint i = 0; values[i] != NULL; i++)
    {
      g_assert_cmpint (json_object_has_member (ours, values[i]), ==, json_object_has_member (kue, values[i]));
      if (json_object_has_member (kue, values[i]))
        g_assert_true (json_node_equal (json_object_get_member (ours, values[i]), json_object_get_member (kue, values[i])));
    }
  for (guint i = 0; attempts[i] != NULL; i++)
    compare_number (json_object_get_object_member (ours, "attempts"), json_object_get_object_member (kue, "attempts"),
                    attempts[i]);
}

/* What is printed is what real Kue 0.11.6 reports about the same dump. */
static void
test_fixture (void)
{
  g_autofree char *rdb = g_test_build_filename (G_TEST_DIST, "fixtures", "kue", "small.rdb", NULL);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new_from_rdb (rdb);
  g_autoptr (JsonNode) root = load_expected ();
  JsonObject *expected = json_node_get_object (root);
  JsonObject *jobs = json_object_get_object_member (expected, "jobs");
  JsonObject *by_state = json_object_get_object_member (expected, "idsByState");
  JsonObject *by_type = json_object_get_object_member (expected, "countsByType");
  g_autoptr (GList) states = json_object_get_members (by_state);
  g_autoptr (GList) ids = json_object_get_members (jobs);
  g_autoptr (CbTestRun) run = NULL;
  g_autoptr (JsonNode) queues = NULL;

  run = cb_test_cli_get (redis, "queue", "list", "--json");
  queues = json_from_string (run->output, NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (queues)), ==, json_object_get_size (by_type));
  for (guint i = 0; i < json_object_get_size (by_type); i++)
    {
      JsonObject *queue = json_array_get_object_element (json_node_get_array (queues), i);
      JsonObject *counts = json_object_get_object_member (by_type, json_object_get_string_member (queue, "queue"));

      for (GList *l = states; l != NULL; l = l->next)
        assert_integer (json_object_get_object_member (queue, "counts"), l->data,
                        json_object_get_int_member (counts, l->data));
    }

  for (GList *l = states; l != NULL; l = l->next)
    {
      JsonArray *array = json_object_get_array_member (by_state, l->data);
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = 0; i < json_array_get_length (array); i++)
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "", json_array_get_int_element (array, i));
      assert_list (redis, text->str, "--state", (const char *) l->data);
    }

  for (GList *l = ids; l != NULL; l = l->next)
    compare_job (redis, l->data, json_object_get_object_member (jobs, l->data));
}

/* --- changing --- */

static void
test_act (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}", "--delay", "60000", "--count", "3");

  expect (redis, 0, "Job 1 would be promoted (it is delayed)\n", "", "--read-only", "job", "promote", "1", "--dry-run");
  assert_field (redis, "q:job:1", "state", "delayed");
  expect (redis, 0, "Job 1 promoted\n", "", "job", "promote", "1");
  assert_field (redis, "q:job:1", "state", "inactive");
  expect (redis, 1, "Job 2 promoted\n", "callboardctl: Job 1 ?*\ncallboardctl: Job 99 is not there any more\n", "job", "promote", "1", "99", "2");

  expect (redis, 0, "Job 1 has priority -5\nJob 3 has priority -5\n", "", "job", "priority", "1", "3", "medium");
  assert_field (redis, "q:job:1", "priority", "-5");
  expect (redis, 0, "Job 1 has priority -2.5\n", "", "job", "priority", "1", "-2.5");
  expect (redis, 2, "", "callboardctl: ?*\n", "job", "priority", "1");
  expect (redis, 2, "", "callboardctl: ?*\n", "job", "priority", "1", "urgent");

  expect (redis, 0, "{\"id\":1,\"action\":\"remove\",\"state\":\"inactive\",\"done\":false}\n", "",
          "--json", "job", "remove", "1", "--dry-run");
  expect (redis, 0, "Job 1 removed\n", "", "job", "remove", "1");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:1", NULL), ==, 0);
  expect (redis, 1, "", "callboardctl: Job 1 is not there any more\n", "job", "remove", "1");
  expect (redis, 2, "", "callboardctl: Which jobs? *\n", "job", "remove");
  expect (redis, 2, "", "callboardctl: Ids and a selection *\n", "job", "remove", "2", "--state", "inactive");
  expect (redis, 2, "", "callboardctl: --error-matching is no regular expression*\n", "job", "remove", "--error-matching", "(");
}

static void
test_update (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *updated_at = NULL;

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD, "--attempts", "2");
  expect (redis, 0, "Job 1 updated; it is inactive\n", "", "job", "update", "1", "--data", "{\"a\":1}", "--priority", "high",
          "--attempts", "5", "--ttl", "1000", "--backoff", "fixed:50", "--remove-on-complete");
  assert_field (redis, "q:job:1", "data", "{\"a\":1}");
  assert_field (redis, "q:job:1", "priority", "-10");
  assert_field (redis, "q:job:1", "max_attempts", "5");
  assert_field (redis, "q:job:1", "ttl", "1000");
  assert_field (redis, "q:job:1", "backoff", "{\"type\":\"fixed\",\"delay\":50}");
  assert_field (redis, "q:job:1", "removeOnComplete", "true");

  expect (redis, 0, "Job 1 updated; it is inactive\n", "", "job", "update", "1", "--backoff", "none", "--ttl", "0",
          "--keep-on-complete");
  assert_field (redis, "q:job:1", "ttl", NULL);
  assert_field (redis, "q:job:1", "backoff", NULL);
  assert_field (redis, "q:job:1", "removeOnComplete", NULL);

  expect (redis, 0, "Job 1 updated; it is delayed\n", "", "job", "update", "1", "--delay", "3600000");
  expect (redis, 0, "{\"id\":1,\"action\":\"update\",\"state\":\"inactive\",\"done\":true}\n", "", "--json", "job", "update", "1",
          "--delay", "0");

  /* Only as it was read. */
  updated_at = cb_test_redis_get_string (redis, "HGET", "q:job:1", "updated_at", NULL);
  expect (redis, 1, "", "callboardctl: Job 1 was changed *inactive now*\n", "job", "update", "1", "--ttl", "1", "--if-state", "failed");
  expect (redis, 1, "{\"id\":1,\"action\":\"update\",\"done\":false,\"error\":\"Job 1 was changed by somebody else since it was read and "
          "is inactive now; nothing was changed. Read it again first\"}\n",
          "callboardctl: Job 1 was changed *inactive now*\n", "--json", "job", "update", "1", "--ttl", "1", "--if-state", "inactive",
          "--if-updated-at", "1700000000000");
  assert_field (redis, "q:job:1", "ttl", NULL);
  expect (redis, 0, "Job 1 updated; it is inactive\n", "", "job", "update", "1", "--ttl", "1", "--if-state", "inactive",
          "--if-updated-at", updated_at);

  expect (redis, 1, "", "callboardctl: Job 9 *\n", "job", "update", "9", "--ttl", "1");
  expect (redis, 1, "", "callboardctl: There is no job “x”: *\n", "job", "update", "x", "--ttl", "1");
  expect (redis, 2, "", "callboardctl: What is to be changed? *\n", "job", "update", "1");
  expect (redis, 2, "", "callboardctl: --data: ?*\n", "job", "update", "1", "--data", "{");
  expect (redis, 2, "", "callboardctl: --priority: ?*\n", "job", "update", "1", "--priority", "urgent");
  expect (redis, 2, "", "callboardctl: --backoff: ?*\n", "job", "update", "1", "--backoff", "function(){}");
  expect (redis, 2, "", "callboardctl: --attempts must be *\n", "job", "update", "1", "--attempts", "0");
  expect (redis, 2, "", "callboardctl: --remove-on-complete and *\n", "job", "update", "1", "--remove-on-complete",
          "--keep-on-complete");
  expect (redis, 2, "", "callboardctl: --if-updated-at needs *\n", "job", "update", "1", "--ttl", "1", "--if-updated-at", "1");
}

static void
test_filter (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) run = NULL;

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{\"to\":\"ada\"}");
  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{\"to\":\"bob\"}", "--priority", "high");
  expect (redis, 0, NULL, "", "job", "create", "b", "--data", "{\"to\":\"ada\"}", "--delay", "60000");
  redis_do (redis, "HSET", "q:job:3", "created_at", "1600000000000", NULL);

  run = cb_test_cli_get (redis, "--json", "job", "list", "--filter", "data.to:ada -state:delayed");
  g_assert_nonnull (strstr (run->output, "{\"id\":1,"));
  g_assert_null (strstr (run->output, "\n{"));

  expect (redis, 0, "Job 2 would get priority 10 (it is inactive)\n", "callboardctl: 1 job matches\n",
          "job", "priority", "--filter", "priority:high", "low", "--dry-run");
  expect (redis, 0, "Job 3 promoted\n", "callboardctl: 1 job matches\n", "job", "promote", "--older-than", "1h");
  expect (redis, 0, "Job 1 removed\n", "callboardctl: 1 job matches\n", "job", "remove", "--type", "a", "--filter", "data.to:a*");

  /* Nothing is everything, which nobody means. */
  expect (redis, 2, "", "callboardctl: Which jobs? *\n", "job", "remove", "--filter", " ");
  expect (redis, 2, "", "callboardctl: --filter, “prority”: *is nothing that jobs have*\n", "job", "remove", "--filter", "prority:high");
  expect (redis, 2, "", "callboardctl: --filter, “age>x”: *\n", "job", "list", "--filter", "a age>x");
  expect (redis, 2, "", "callboardctl: --older-than takes a time *\n", "job", "list", "--older-than", "2");
  expect (redis, 2, "", "callboardctl: --older-than takes a time *\n", "job", "list", "--older-than", "1h state:failed");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs", NULL), ==, 2);
}

/* What can't be worked until a person does something ends a drain, with the reason. */
static void
test_drain_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", BLOCKED);
  cb_test_redis_get_integer (redis, "DEL", "q:" QUEUE ":jobs", NULL);
  cb_test_redis_get_integer (redis, "SADD", "q:" QUEUE ":jobs", "1", NULL);
  expect (redis, 1, "",
          "callboardctl: *q:" QUEUE ":jobs*\ncallboardctl: " QUEUE " can't be drained: *q:" QUEUE ":jobs*\n",
          "work", QUEUE, "--drain");
  assert_field (redis, "q:job:1", "state", "inactive");

  cb_test_redis_get_integer (redis, "DEL", "q:" QUEUE ":jobs", NULL);
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "-evalsha", "-eval", NULL));
  expect (redis, 1, "", "callboardctl: *permission*\ncallboardctl: " QUEUE " can't be drained: *permission*\n", "work", QUEUE,
          "--drain");
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "+@all", NULL));
  assert_field (redis, "q:job:1", "state", "inactive");

  expect (redis, 0, NULL, "", "work", QUEUE, "--drain");
  assert_field (redis, "q:job:1", "state", "complete");
}

static void
test_retry_as_new (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", BLOCKED, "--attempts", "2");
  expect (redis, 0, NULL, NULL, "work", QUEUE, "--block", "4153518780", "--drain");
  assert_field (redis, "q:job:1", "state", "failed");
  assert_field (redis, "q:job:1", "attempts", "2");

  expect (redis, 0, "Job 1 retried, as it is: its attempts go on counting\n", "", "job", "retry", "1");
  assert_field (redis, "q:job:1", "attempts", "2");
  expect (redis, 0, "Job 1 would be retried as new (it is inactive)\n", "", "job", "retry", "1", "--as-new", "--dry-run");
  assert_field (redis, "q:job:1", "attempts", "2");
  expect (redis, 0, "Job 1 retried as new: its attempts count from 0\n", "", "job", "retry", "1", "--as-new");
  assert_field (redis, "q:job:1", "attempts", NULL);
  assert_field (redis, "q:job:1", "error", NULL);

  /* What is complete is run again. */
  expect (redis, 0, NULL, "", "work", QUEUE, "--drain");
  assert_field (redis, "q:job:1", "state", "complete");
  expect (redis, 0, "{\"id\":1,\"action\":\"retry-as-new\",\"done\":true}\n", "", "--json", "job", "retry", "1", "--as-new");
  assert_field (redis, "q:job:1", "state", "inactive");
  assert_field (redis, "q:job:1", "progress", NULL);
}

static void
test_act_selection (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", BLOCKED, "--count", "3");
  expect (redis, 0, NULL, NULL, "work", QUEUE, "--block", "4153518780", "--drain");
  assert_field (redis, "q:job:2", "state", "failed");
  redis_do (redis, "HSET", "q:job:2", "error", "The gateway did not answer", NULL);

  expect (redis, 0, "Job 2 would be retried, as it is (it is failed)\n", "callboardctl: 1 job matches\n",
          "job", "retry", "--state", "failed", "--error-matching", "gateway.*answer", "--dry-run");
  expect (redis, 0, "Job 1 retried, as it is: its attempts go on counting\nJob 3 retried, as it is: its attempts go on counting\n", "callboardctl: 2 jobs match\n",
          "job", "retry", "--type", QUEUE, "--state", "failed", "--error-matching", "blacklisted");
  assert_field (redis, "q:job:1", "state", "inactive");
  assert_field (redis, "q:job:2", "state", "failed");
  expect (redis, 0, "", "callboardctl: 0 jobs match\n", "job", "remove", "--type", "nothing");
  expect (redis, 0, NULL, "callboardctl: 3 jobs match\n", "job", "remove", "--type", QUEUE);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:jobs", NULL), ==, 0);
}

/* What the index has for all of the words as they sound, the most often first; a job that is gone is not there. */
static void
test_search (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbTestRun) json = NULL;
  g_autoptr (CbTestRun) both = NULL;
  g_autoptr (CbTestRun) one = NULL;

  expect (redis, 0, NULL, NULL, "job", "create", "mail", "--data", "{\"title\":\"zebra and zebras\",\"to\":\"lion\"}", "--search-keys", "title");
  expect (redis, 0, NULL, NULL, "job", "create", "mail", "--data", "{\"title\":\"one zebra\"}", "--search-keys", "title");
  expect (redis, 0, NULL, NULL, "job", "create", "mail", "--data", "{\"title\":\"zebra\"}");
  both = cb_test_cli_get (redis, "job", "search", "zebra");
  g_assert_cmpint (both->status, ==, 0);
  g_assert_true (g_pattern_match_simple ("ID *\n1 * mail *\n2 * mail *zebra\n", both->output));
  expect (redis, 0, "", "", "job", "search", "lion");
  one = cb_test_cli_get (redis, "job", "search", "zebra", "one");
  g_assert_true (g_pattern_match_simple ("ID *DATA\n2 * mail *zebra\n", one->output));
  json = cb_test_cli_get (redis, "--json", "--read-only", "job", "search", "ZEBRA");
  g_assert_cmpint (json->status, ==, 0);
  g_assert_true (g_str_has_prefix (json->output, "{\"id\":1,"));
  expect (redis, 2, "", "callboardctl: *\n", "job", "search");
}

/* --- events and work --- */

static gint64
count_listeners (CbTestRedis *redis)
{
  return cb_test_redis_get_integer (redis, "EVAL", "return redis.call('PUBSUB','NUMSUB','q:events')[2]", "0", NULL);
}

static void
test_events (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = cb_test_cli_start (redis, "events");
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  cb_test_wait_until (count_listeners (redis) == 1);
  redis_do (redis, "PUBLISH", "q:events", "{\"id\":7,\"event\":\"progress\",\"args\":[\"progress\",50,null]}", NULL);
  cb_test_assert_line (stream, "{\"id\":7,\"event\":\"progress\",\"args\":[\"progress\",50,null]}");
  /* What is no event does not end it. */
  redis_do (redis, "PUBLISH", "q:events", "no event", NULL);
  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}");
  cb_test_assert_line (stream, "{\"id\":1,\"event\":\"enqueue\",\"args\":[\"enqueue\",\"a\"]}");

  g_subprocess_send_signal (process, SIGINT);
  cb_test_assert_line (stream, NULL);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
}

static void
test_work (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", BLOCKED);
  expect (redis, 0, "Sending notification to 4153518743, with message: This is the code 4321\n",
          "callboardctl: Job 2: Phone number 4153518780 is blacklisted\n",
          "work", QUEUE, "--drain", "--block", "4153518780", "4153518781");
  assert_field (redis, "q:job:1", "state", "complete");
  assert_field (redis, "q:job:1", "progress", "100");
  assert_field (redis, "q:job:2", "state", "failed");

  expect (redis, 2, "", "callboardctl: --handler: ?*\n", "work", QUEUE, "--handler", "dance");
  expect (redis, 2, "", "callboardctl: --handler notify works only in the window *\n", "work", QUEUE, "--handler", "notify");
  expect (redis, 2, "", "callboardctl: --concurrency must be *\n", "work", QUEUE, "--concurrency", "0");

  /* What would fail every job is said before the first is taken. */
  expect (redis, 1, "", "callboardctl: “/no/such/program” is no program that can be run here\n", "work", QUEUE, "--handler", "command", "--",
          "/no/such/program");
#ifdef HAVE_WEBHOOK
  expect (redis, 1, "", "callboardctl: The certificates can’t be read: *no/such/ca.pem*\n", "work", QUEUE, "--handler", "webhook", "--url",
          "https://localhost/", "--ca-file", "no/such/ca.pem");
#endif
}

static void
test_work_interrupted (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = cb_test_cli_start (redis, "work", QUEUE, "--concurrency", "5");
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  cb_test_assert_line (stream, "Sending notification to 4153518743, with message: This is the code 4321");
  g_subprocess_send_signal (process, SIGTERM);
  cb_test_assert_line (stream, NULL);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
  assert_field (redis, "q:job:1", "state", "complete");
}

/* The second signal does not wait for what runs: it is back in its queue. */
static void
test_work_interrupted_twice (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) process = NULL;

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  process = cb_test_cli_start (redis, "work", QUEUE, "--handler", "command", "--", "sh", "-c",
                               "echo log begun; exec sleep 1000");
  cb_test_wait_until (cb_test_redis_get_integer (redis, "LLEN", "q:job:1:log", NULL) == 1);

  g_subprocess_send_signal (process, SIGINT);
  cb_test_run_for (300);
  assert_field (redis, "q:job:1", "state", "active");
  g_subprocess_send_signal (process, SIGTERM); /* two alike might be heard as one */
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
  assert_field (redis, "q:job:1", "state", "inactive");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:active", NULL), ==, 0);
}

static void
test_work_command (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  expect (redis, 0, "", "", "work", QUEUE, "--drain", "--handler", "command", "--",
          "sh", "-c", "read job; echo log $1; echo 'result {\"n\":1}'", "sh", "--hello");
  assert_field (redis, "q:job:1", "state", "complete");
  assert_field (redis, "q:job:1", "result", "{\"n\":1}");
  expect (redis, 0, "--hello\n", "", "job", "log", "1");

  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  expect (redis, 0, "", "callboardctl: Job 2: ?*no gateway\n", "work", QUEUE, "--drain", "--handler", "command", "--",
          "sh", "-c", "echo no gateway >&2; exit 1");
  expect (redis, 0, NULL, "", "job", "create", QUEUE, "--data", GOOD);
  expect (redis, 0, "", "callboardctl: Job 3: ?*\n", "work", QUEUE, "--drain", "--job-timeout", "200", "--handler",
          "command", "--", "sleep", "1000");

  expect (redis, 2, "", "callboardctl: The handler “command” needs a program *\n", "work", QUEUE, "--handler", "command");
  expect (redis, 2, "", "callboardctl: The handler “log” takes no program*\n", "work", QUEUE, "other");
}

static void
test_watch (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GSubprocess) worker = cb_test_cli_start (redis, "work", QUEUE, "--block", "4153518780");

  /* Already worked by the time the answer is there, or not: the lines are the same. */
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *expected = g_strdup_printf ("Notification job created: %u\nNotification job %u 50%% complete\n"
                                                   "Notification job completed\n", 2 * i + 1, 2 * i + 1);
      g_autofree char *failed = g_strdup_printf ("Notification job created: %u\nNotification job failed\n", 2 * i + 2);
      g_autofree char *reason = g_strdup_printf ("callboardctl: Job %u: Phone number 4153518780 is blacklisted\n", 2 * i + 2);

      expect (redis, 0, expected, "", "job", "create", QUEUE, "--data", GOOD, "--watch");
      expect (redis, 1, failed, reason, "job", "create", QUEUE, "--data", BLOCKED, "--watch");
    }
  expect (redis, 0, "Notification job created: 11\nNotification job 11 50% complete\nNotification job completed\n", "",
          "job", "create", QUEUE, "--data", GOOD, "--watch", "--remove-on-complete");
  expect (redis, 0, "{\"id\":12,\"event\":\"created\"}\n{\"id\":12,\"event\":\"progress\",\"progress\":50}\n"
                    "{\"id\":12,\"event\":\"complete\"}\n", "",
          "job", "create", QUEUE, "--data", GOOD, "--watch", "--json");

  g_subprocess_send_signal (worker, SIGTERM);
  g_assert_cmpint (cb_test_cli_wait (worker), ==, 0);
}

/* Without events, and with a server that goes away in between, the end of a job is still told. */
static void
test_watch_again (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--appendonly", "yes", NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) stream = NULL;

  process = cb_test_cli_start (redis, "job", "create", QUEUE, "--data", GOOD, "--count", "2", "--watch");
  stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  cb_test_assert_line (stream, "Notification job created: 1");
  cb_test_assert_line (stream, "Notification job created: 2");

  cb_test_redis_stop (redis);
  cb_test_redis_start (redis);
  redis_do (redis, "HSET", "q:job:1", "state", "complete", NULL);
  redis_do (redis, "HSET", "q:job:2", "state", "failed", "attempts", "1", "error", "why", NULL);
  cb_test_assert_line (stream, "Notification job completed");
  cb_test_assert_line (stream, "Notification job failed");
  cb_test_assert_line (stream, NULL);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 1);
}

static void
test_no_permission (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix://reader:pw@%s", cb_test_redis_get_path (redis));

  expect (redis, 0, NULL, "", "job", "create", "a", "--data", "{}");
  redis_do (redis, "ACL", "SETUSER", "reader", "on", ">pw", "~*", "resetchannels", "+@read", "+@connection", "+info",
            "+time", NULL);

  /* Looking works for one who may only read. */
  expect (redis, 0, NULL, "", "--server", server, "job", "list");
  expect (redis, 0, NULL, "", "--server", server, "job", "show", "1");
  expect (redis, 0, NULL, "", "--server", server, "queue", "list");
  /* Writing is refused in words; so are events. */
  expect (redis, 1, "", "callboardctl: ?*\n", "--server", server, "job", "create", "a", "--data", "{}");
  expect (redis, 1, "", "callboardctl: ?*\n", "--server", server, "job", "remove", "1");
  expect (redis, 1, "", "callboardctl: ?*\n", "--server", server, "events");
  expect (redis, 1, "", "callboardctl: ?*\n", "--server", server, "subscribe", "channel");
}

static void
test_demo (void)
{
  g_autoptr (CbTestRun) run = cb_test_cli_get (NULL, "demo");

  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_nonnull (strstr (run->output, "Phone number 4153518780 is blacklisted"));
  g_assert_nonnull (strstr (run->output, "will be tried again"));
  g_assert_nonnull (strstr (run->output, "Sending notification to 4153118782, with message: "));
  g_assert_nonnull (strstr (run->output, "5 jobs: 4 complete, 1 failed"));
}

/* Every line of it is an object. */
static void
test_demo_json (void)
{
  g_autoptr (CbTestRun) run = cb_test_cli_get (NULL, "demo", "--json");
  g_auto (GStrv) lines = g_strsplit (run->output, "\n", -1);
  guint n_jobs = 0;

  g_assert_cmpstr (run->errors, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  for (guint i = 0; lines[i][0] != '\0'; i++)
    {
      g_autoptr (JsonNode) node = NULL;
      JsonObject *object = parse_object (lines[i], &node);

      if (json_object_has_member (object, "attempts"))
        n_jobs++;
      else
        g_assert_true (json_object_has_member (object, "event"));
    }
  g_assert_cmpuint (n_jobs, ==, 5);
}

/* What Kue's setting() reads: any bytes of a hash beside the queues, by the prefix. */
static void
test_setting (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);

  redis_do (redis, "HSET", "q:settings", "title", "Our \"queue\"", NULL);
  expect (redis, 0, "Our \"queue\"\n", "", "queue", "setting", "title");
  expect (redis, 0, "\"Our \\\"queue\\\"\"\n", "", "--json", "queue", "setting", "title");
  expect (redis, 0, "null\n", "", "--json", "queue", "setting", "other");
  expect (redis, 1, "", "callboardctl: There is no setting “title” with the prefix “p”\n", "--prefix", "p", "queue", "setting",
          "title");

  redis_do (redis, "SET", "p:settings", "text", NULL);
  expect (redis, 1, "", "callboardctl: *p:settings*", "--prefix", "p", "queue", "setting", "title");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli/queue/setting", test_setting);
  g_test_add_func ("/cli/job/create", test_create);
  g_test_add_func ("/cli/job/create-file", test_create_file);
  g_test_add_func ("/cli/job/create-wrong", test_create_wrong);
  g_test_add_func ("/cli/job/list", test_list);
  g_test_add_func ("/cli/job/list-long", test_list_long);
  g_test_add_func ("/cli/job/closed-output", test_closed_output);
  g_test_add_func ("/cli/job/show", test_show);
  g_test_add_func ("/cli/job/compare", test_compare);
  g_test_add_func ("/cli/job/damaged", test_damaged);
  g_test_add_func ("/cli/job/act", test_act);
  g_test_add_func ("/cli/job/act-selection", test_act_selection);
  g_test_add_func ("/cli/job/update", test_update);
  g_test_add_func ("/cli-jobs/drain-refused", test_drain_refused);
  g_test_add_func ("/cli/job/retry-as-new", test_retry_as_new);
  g_test_add_func ("/cli/job/filter", test_filter);
  g_test_add_func ("/cli/job/watch", test_watch);
  g_test_add_func ("/cli/job/watch-again", test_watch_again);
  g_test_add_func ("/cli/fixture", test_fixture);
  g_test_add_func ("/cli/queue-list", test_queue_list);
  g_test_add_func ("/cli/events", test_events);
  g_test_add_func ("/cli/search", test_search);
  g_test_add_func ("/cli/work", test_work);
  g_test_add_func ("/cli/work-interrupted", test_work_interrupted);
  g_test_add_func ("/cli/work-interrupted-twice", test_work_interrupted_twice);
  g_test_add_func ("/cli/work-command", test_work_command);
  g_test_add_func ("/cli/no-permission", test_no_permission);
  g_test_add_func ("/cli/demo", test_demo);
  g_test_add_func ("/cli/demo-json", test_demo_json);

  return g_test_run ();
}
