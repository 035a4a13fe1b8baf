/* test-case-worker.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Queues in a bad way, and what a worker makes of them. */

#include "config.h"

#include "cb-case.h"

#include <glib/gstdio.h>

static char *
dup_path (CbTestRedis *redis,
          const char *name)
{
  return g_build_filename (cb_test_redis_get_directory (redis), name, NULL);
}

static char *
read_notes (const char *path)
{
  char *notes = NULL;

  return g_file_get_contents (path, &notes, NULL, NULL) ? notes : g_strdup ("");
}

/* That the worker waits now instead of looking again and again. */
static void
assert_idle (CbTestRedis *redis,
             CbCaseRun *work)
{
  gint64 began = g_get_monotonic_time ();
  guint cpu, n_scripts, n_looks, seconds;

  cb_case_do (redis, "CONFIG RESETSTAT");
  cpu = cb_case_get_cpu (work);
  cb_test_run_for (2000);
  cpu = cb_case_get_cpu (work) - cpu;
  n_scripts = cb_case_count_calls (redis, "evalsha");
  n_looks = cb_case_count_calls (redis, "zrangebyscore");
  seconds = cb_test_get_seconds (began);
  /* The kernel counts in ticks of 10 ms. */
  g_assert_cmpuint (cpu, <=, seconds * 20 + 10);
  g_assert_cmpuint (n_scripts, <=, seconds * 2);
  g_assert_cmpuint (n_looks, <=, seconds * 4);
}

/* Data that are cut off, or 200,000 brackets deep: the jobs fail and say where, the worker goes on. Parser: /json/deep. */
static void
test_poison (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *notes = NULL;

  cb_case_make (redis, "email", "inactive", 3);
  cb_case_do (redis, "HSET q:job:1 data '{\"title\":\"cut off\",\"to\":\"ada@exam' max_attempts 3");
  cb_case_do (redis, "EVAL \"redis.call ('HSET', 'q:job:2', 'data', string.rep ('[', 200000))\" 0");

  work = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file, NULL);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 2 0"));
  for (guint id = 1; id <= 2; id++)
    {
      g_autofree char *error = cb_case_ask (redis, "HGET q:job:%u error", id);

      g_assert_nonnull (strstr (error, "not JSON. Line 1, column "));
      cb_case_assert (redis, "1", "HGET q:job:%u attempts", id);
    }
  cb_case_assert (redis, "complete", "HGET q:job:3 state");
  cb_case_assert (redis, "0", "LLEN q:email:jobs");

  assert_idle (redis, work);
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 1 2 0"));
  notes = read_notes (file);
  g_assert_cmpstr (notes, ==, "3 0\n");
}

/* One type whose list of wake-ups is a set: said once, tried again with pauses, and over when it is repaired. The engine:
 * /kue-faults/wait-wrong-type. */
static void
test_wrong_type (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) sms = NULL;
  g_autoptr (CbCaseRun) email = NULL;
  g_autofree char *stats = NULL;
  const char *failed;
  gint64 began, looked;
  guint cpu;

  cb_case_load (redis, "wrong-types");
  cb_case_make (redis, "email", "inactive", 2);
  began = g_get_monotonic_time ();
  cb_case_do (redis, "CONFIG RESETSTAT");
  sms = cb_case_start (redis, "work", "sms", NULL);
  email = cb_case_start (redis, "work", "email", NULL);

  cb_test_wait_until (cb_case_count (email->output, "Job ") == 2);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:email:complete", NULL) == 3);
  cb_test_wait_until (strstr (sms->errors->str, "WRONGTYPE") != NULL);
  looked = g_get_monotonic_time ();
  cpu = cb_case_get_cpu (sms);
  cb_test_run_for (3000);
  g_assert_cmpuint (cb_case_get_cpu (sms) - cpu, <=, cb_test_get_seconds (looked) * 1000 / 20);
  g_assert_cmpuint (cb_case_count (sms->errors, "\n"), ==, 1);
  g_assert_nonnull (strstr (sms->errors->str, "q:sms:jobs"));
  stats = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  failed = strstr (strstr (stats, "cmdstat_evalsha:"), "failed_calls=");
  g_assert_cmpuint (g_ascii_strtoull (failed + strlen ("failed_calls="), NULL, 10), <=, 1 + cb_test_get_seconds (began));

  cb_case_do (redis, "DEL q:sms:jobs");
  cb_case_make (redis, "sms", "inactive", 1);
  cb_test_wait_until (cb_case_count (sms->output, "Job ") == 1);
}

/* One job under three names runs once, entries that are no id are passed over, and the order is that of the numbers. */
static void
test_ids (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *notes = NULL;

  cb_case_load (redis, "ids");
  work = cb_case_start (redis, "work", "email", "--handler", "command", "--", handler, "note", file, NULL);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:complete", NULL) == 6);

  assert_idle (redis, work);
  cb_case_assert (redis, "3", "ZCARD q:jobs:inactive");
  cb_case_assert (redis, "0 0 0", "ZMSCORE q:jobs:inactive '' '|' '02|abc'");
  cb_case_assert (redis, "3", "ZCARD q:jobs:email:inactive");
  cb_case_assert (redis, "0", "ZCARD q:jobs:active");
  notes = read_notes (file);
  /* “002|17” stands before “01|9”, and “02|5” behind “02|17”, since that is how the set is ordered. */
  g_assert_cmpstr (notes, ==, "17 0\n9 0\n10 0\n5 0\n99 0\n100 0\n");
}

/* Jobs that remove themselves leave nothing behind. The same as real Kue: /interop-kue. */
static void
test_removes_itself (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();

  cb_case_make (redis, "email", "inactive", 20);
  for (guint id = 1; id <= 20; id++)
    cb_case_do (redis, "HSET q:job:%u removeOnComplete true", id);

  work = cb_case_start (redis, "work", "email", "--drain", "--concurrency", "4", "--handler", "command", "--", handler,
                        "say", "log one line", NULL);
  g_assert_cmpint (cb_case_wait (work), ==, 0);
  g_assert_cmpstr (work->errors->str, ==, "");
  cb_case_assert (redis, "3", "DBSIZE");
  cb_case_assert (redis, "3", "EXISTS q:ids q:job:types q:stats:work-time");
  cb_case_assert (redis, "20", "GET q:ids");
}

/* A job that is due behind 2,000 that are not, and delays of more milliseconds than 31 bits hold. */
static void
test_delays (void)
{
  static const char * const delays[] = { "2160000000", "5184000000" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_script (redis, "delayed", NULL);
  work = cb_case_start (redis, "work", "email", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (delays); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", 2002 + i);
      g_autofree char *created = NULL;
      g_autofree char *due = NULL;

      cb_test_cli_expect (redis, 0, NULL, "", "job", "create", "email", "--data", "{}", "--delay", delays[i]);
      created = cb_case_ask (redis, "HGET q:job:%s created_at", id);
      due = cb_case_ask (redis, "ZSCORE q:jobs:delayed '04|%s'", id);
      g_assert_cmpint (g_ascii_strtoll (due, NULL, 10) - g_ascii_strtoll (created, NULL, 10), ==,
                       g_ascii_strtoll (delays[i], NULL, 10));
      cb_case_assert (redis, due, "HGET q:job:%s promote_at", id);
    }

  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 0 2002"));
  cb_case_assert (redis, "complete", "HGET q:job:2001 state");
  /* Over the next look of who promotes, which comes each second. */
  cb_test_run_for (1500);
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 1 0 2002"));
}

/* No wake-up for five jobs, and a thousand for one. The engine: /kue-engine/tokens; lost ones: /worker/lost-wake-up. */
static void
test_tokens (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) email = NULL;
  g_autoptr (CbCaseRun) sms = NULL;
  g_autofree char *clients = NULL;

  cb_case_make (redis, "email", "inactive", 5);
  cb_case_do (redis, "DEL q:email:jobs");
  cb_case_make (redis, "sms", "inactive", 1);
  cb_case_do (redis, "EVAL \"for i = 1, 1000 do redis.call ('LPUSH', 'q:sms:jobs', 1) end\" 0");

  email = cb_case_start (redis, "--json", "work", "email", NULL);
  sms = cb_case_start (redis, "--json", "work", "sms", NULL);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "ZCARD", "q:jobs:complete", NULL) == 6);
  cb_test_wait_until (cb_test_redis_get_integer (redis, "LLEN", "q:sms:jobs", NULL) == 0);

  assert_idle (redis, sms);
  clients = cb_test_redis_get_string (redis, "CLIENT", "LIST", NULL);
  {
    g_auto (GStrv) parts = g_strsplit (clients, "cmd=blmove", -1);

    g_assert_cmpuint (g_strv_length (parts), ==, 3);
  }
  g_assert_cmpuint (cb_case_count (email->output, "\"event\":\"start\""), ==, 5);
  g_assert_cmpuint (cb_case_count (sms->output, "\"event\":\"start\""), ==, 1);
}

/* A job that is removed while it runs stays removed, by whichever way, and the worker says so and goes on. The scripts:
 * /kue-engine/zombie; the worker: /worker-kue/removed. */
static void
test_removed (gconstpointer data)
{
  gboolean behind_the_back = GPOINTER_TO_INT (data);
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "go");
  g_autoptr (GError) error = NULL;

  cb_case_make (redis, "email", "inactive", 2);
  work = cb_case_start (redis, "--json", "work", "email", "--handler", "command", "--", handler, "say", "progress 25",
                        "until", file, "say", "progress 50", "say", "log a line", NULL);
  cb_test_wait_until (strstr (work->output->str, "{\"id\":1,\"event\":\"start\"}") != NULL);

  if (behind_the_back)
    {
      cb_case_do (redis, "DEL q:job:1 q:job:1:log");
      cb_case_do (redis, "EVAL \"for _, k in ipairs ({'', ':active', ':email:active'}) do "
                         "redis.call ('ZREM', 'q:jobs' .. k, '01|1') end\" 0");
    }
  else
    cb_test_cli_expect (redis, 0, "Job 1 removed\n", "", "job", "remove", "1");
  g_file_set_contents (file, "", -1, &error);
  g_assert_no_error (error);

  cb_test_wait_until (strstr (work->output->str, "{\"id\":2,\"event\":\"complete\"}") != NULL);
  cb_test_wait_until (strstr (work->output->str, "Job 1 was removed while it ran") != NULL);
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 1 0 0"));
  cb_case_assert (redis, "0", "EXISTS q:job:1 q:job:1:log");
  cb_case_assert (redis, "02|", "EVAL \"return '02|' .. (redis.call ('ZSCORE', 'q:jobs', '01|1') or '')\" 0");
  cb_case_assert (redis, "1", "ZCARD q:jobs");
}

/* Back-offs that are code, negative or beyond every number. Each formula: /kue-engine/backoffs and backoff-extremes. */
static void
test_backoffs (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autofree char *handler = cb_case_dup_handler ();
  g_autofree char *file = dup_path (redis, "notes");
  g_autofree char *notes = NULL;
  g_autofree char *fifth = NULL;
  g_autofree char *first = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  gint64 deadline = cb_test_wait_begin ();

  cb_case_load (redis, "backoffs");
  work = cb_case_start (redis, "--json", "work", "email", "--handler", "command", "--", handler, "note", file, "fail", NULL);

  /* How long each attempt of job 2 and 6 is followed by, whenever one comes to look. */
  while (!cb_case_has_counts (redis, "email", "0 0 0 5 1"))
    {
      g_autofree char *second = cb_case_ask (redis, "HMGET q:job:2 attempts delay");
      g_autofree char *sixth = cb_case_ask (redis, "HMGET q:job:6 attempts delay");

      if (g_str_has_prefix (second, "1 "))
        g_assert_cmpstr (second, ==, "1 500");
      if (g_str_has_prefix (second, "2 "))
        g_assert_cmpstr (second, ==, "2 1500");
      if (g_str_has_prefix (sixth, "1 "))
        g_assert_cmpstr (sixth, ==, "1 500");
      if (strstr (seen->str, second) == NULL)
        g_string_append_printf (seen, "%s;", second);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      cb_test_run_for (20);
    }
  g_assert_nonnull (strstr (seen->str, "2 1500;"));

  cb_case_assert (redis, "1000", "HGET q:job:3 delay");
  cb_case_assert (redis, "1000", "HGET q:job:6 delay");
  cb_case_assert (redis, "0 31536000000", "EVAL \"local d = redis.call ('HGET', 'q:job:5', 'delay') "
                  "return { d:find ('[^0-9]') or 0, d }\" 0");
  cb_case_assert (redis, "2001", "HGET q:job:5 attempts");
  fifth = cb_case_ask (redis, "HMGET q:job:5 promote_at delay state");
  g_assert_true (g_regex_match_simple ("^\\d{13} 31536000000 delayed$", fifth, 0, 0));

  notes = read_notes (file);
  {
    g_auto (GStrv) fourth = g_strsplit (notes, "4 ", -1);
    g_auto (GStrv) lines = g_strsplit (notes, "\n", -1);

    g_assert_cmpuint (g_strv_length (fourth), ==, 4);
    g_assert_cmpuint (g_strv_length (lines), ==, 5 * 3 + 1 + 1);
  }
  first = cb_case_ask (redis, "HGET q:job:1 backoff");
  g_assert_true (g_str_has_prefix (first, "function(a,d){require('fs').writeFileSync"));
  g_assert_false (g_file_test ("pwned", G_FILE_TEST_EXISTS));
}

/* Who may run no scripts and hear no events sees everything, and a worker of his takes nothing. Reading: /kue-faults/blind
 * and read-only-user. */
static void
test_few_rights (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *uri = g_strdup_printf ("unix:%s?user=narrow&password=see", cb_test_redis_get_path (redis));
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbTestRun) list = NULL;
  g_autoptr (CbTestRun) other = NULL;

  cb_case_make (redis, "email", "failed", 5);
  cb_case_make (redis, "email", "inactive", 2);
  cb_case_do (redis, "SET other 1");
  cb_case_do (redis, "ACL SETUSER narrow on '>see' '~q:*' resetchannels +@all -@dangerous -scan -@scripting -keys");

  cb_test_cli_expect (NULL, 1, "", "callboardctl: *SCAN: NOPERM *", "--server", uri, "keys");
  cb_test_cli_expect (NULL, 0, "7\n", "", "--server", uri, "get", "q:ids");
  cb_test_cli_expect (NULL, 1, "", "callboardctl: GET: NOPERM *", "--server", uri, "get", "other");
  cb_test_cli_expect (NULL, 1, "", "callboardctl: SUBSCRIBE: NOPERM *", "--server", uri, "subscribe", "q:events");
  cb_test_cli_expect (NULL, 1, "", "callboardctl: SUBSCRIBE: NOPERM *", "--server", uri, "events");
  list = cb_test_cli_get (NULL, "--server", uri, "queue", "list");
  g_assert_cmpint (list->status, ==, 0);
  g_assert_true (g_regex_match_simple ("^email +kue +q +2 +0 +0 +5 +0$", list->output, G_REGEX_MULTILINE, 0));
  other = cb_test_cli_get (NULL, "--server", uri, "--json", "job", "list");
  g_assert_cmpint (other->status, ==, 0);

  work = cb_case_start (NULL, "--server", uri, "--json", "work", "email", NULL);
  cb_test_wait_until (strstr (work->errors->str, "eval") != NULL);
  cb_test_run_for (1500);
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), <=, 2);
  g_assert_cmpstr (work->output->str, ==, "");
  g_assert_true (cb_case_has_counts (redis, "email", "2 0 0 5 0"));
  cb_case_assert (redis, "2", "LLEN q:email:jobs");

  /* As soon as he may, it works. */
  cb_case_do (redis, "ACL SETUSER narrow +@scripting '&*'");
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 2 5 0"));
}

/* What keeps due jobs from being promoted is told while others are worked, and not silently tried for ever. A server that
 * does not tell its time: /worker-kue/no-server-time. */
static void
test_not_promoted (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;

  cb_case_make (redis, "email", "delayed", 1);
  cb_case_do (redis, "SET q:jobs:inactive 'a string where a set should be'");
  work = cb_case_start (redis, "work", "email", NULL);
  cb_test_wait_until (strstr (work->errors->str, "q:jobs:inactive") != NULL);
  cb_test_run_for (2500);
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), ==, 1);
  g_assert_nonnull (strstr (work->errors->str, "Delayed jobs and time limits are not looked after: "));
  cb_case_assert (redis, "delayed", "HGET q:job:1 state");

  cb_case_do (redis, "DEL q:jobs:inactive");
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 0 1 0 0"));
}

/* Who drains a queue beside a worker of Kue that is dead is told what is waited for, and goes on when that is mended. */
static void
test_drain_elsewhere (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = NULL;
  g_autoptr (CbTestRun) retry = NULL;

  cb_case_make (redis, "email", "active", 1);
  cb_case_make (redis, "email", "inactive", 3);
  work = cb_case_start (redis, "work", "email", "--drain", NULL);
  cb_test_wait_until (cb_case_has_counts (redis, "email", "0 1 3 0 0"));
  cb_test_wait_until (strstr (work->errors->str, "email is not drained yet, as jobs are active under other workers") != NULL);
  /* Not again with every look. */
  cb_test_run_for (6000);
  g_assert_cmpuint (cb_case_count (work->errors, "\n"), ==, 1);

  retry = cb_test_cli_get (redis, "job", "retry", "1");
  g_assert_cmpint (retry->status, ==, 0);
  g_assert_cmpint (cb_case_wait (work), ==, 0);
  g_assert_true (cb_case_has_counts (redis, "email", "0 0 4 0 0"));
}

/* A worker that has nothing to do costs the server next to nothing: two reads a second for what is due or over its time, one in two
 * seconds for the dead, and what finds a lost token every five. It was 4.2 commands a second, those in scripts counted. */
static void
test_idle (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbCaseRun) work = cb_case_start (redis, "work", "email", NULL);
  g_autofree char *stats = NULL;
  const char *total;
  guint64 n_before, n;
  guint cpu, seconds;
  gint64 began;

  cb_test_wait_until (cb_case_count_calls (redis, "blmove") > 0);
  began = g_get_monotonic_time ();
  stats = cb_test_redis_get_string (redis, "INFO", "stats", NULL);
  total = strstr (stats, "total_commands_processed:") + strlen ("total_commands_processed:");
  n_before = g_ascii_strtoull (total, NULL, 10);
  cpu = cb_case_get_cpu (work);

  cb_test_run_for (10000);
  g_free (stats);
  stats = cb_test_redis_get_string (redis, "INFO", "stats", NULL);
  total = strstr (stats, "total_commands_processed:") + strlen ("total_commands_processed:");
  n = g_ascii_strtoull (total, NULL, 10) - n_before;
  g_test_message ("%u commands and %u ms of processor time in 10 s", (guint) n, cb_case_get_cpu (work) - cpu);
  /* Ten seconds may be eleven ticks. */
  seconds = cb_test_get_seconds (began);
  g_assert_cmpuint (n, >, 10);
  g_assert_cmpuint (n, <=, seconds * 5);
  g_assert_cmpuint (cb_case_get_cpu (work) - cpu, <, seconds * 20);
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cases/worker/poison-data", test_poison);
  g_test_add_func ("/cases/worker/token-list-of-the-wrong-type", test_wrong_type);
  g_test_add_func ("/cases/worker/ids-in-three-spellings", test_ids);
  g_test_add_func ("/cases/worker/jobs-that-remove-themselves", test_removes_itself);
  g_test_add_func ("/cases/worker/delays-far-away", test_delays);
  g_test_add_func ("/cases/worker/tokens-too-few-and-too-many", test_tokens);
  g_test_add_data_func ("/cases/worker/removed-while-it-runs", GINT_TO_POINTER (FALSE), test_removed);
  g_test_add_data_func ("/cases/worker/deleted-while-it-runs", GINT_TO_POINTER (TRUE), test_removed);
  g_test_add_func ("/cases/worker/backoffs-code-negative-overflow", test_backoffs);
  g_test_add_func ("/cases/worker/user-without-scripts", test_few_rights);

  g_test_add_func ("/cases/worker/drain-elsewhere", test_drain_elsewhere);
  g_test_add_func ("/cases/worker/idle", test_idle);
  g_test_add_func ("/cases/worker/due-jobs-that-cannot-be-promoted", test_not_promoted);

  return g_test_run ();
}
