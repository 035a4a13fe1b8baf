/* test-ui-many.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* More jobs than are in hand at once, and a job too large to be kept. */

#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#define MAKE \
  "local base = tonumber (redis.call ('GET', 'q:ids') or '0') " \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = base + 1, base + ARGV[1] do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', ARGV[2], 'data', '{\"a\":1}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end return 1"

static void
make_failed (CbTestRedis *redis, const char *n, const char *error)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", n, error, NULL), ==, 1);
}

static gint64
count (CbTestRedis *redis, const char *set)
{
  return cb_test_redis_get_integer (redis, "ZCARD", set, NULL);
}

/* Longer than for what is on screen: it is many scripts. */
static void
wait_count (CbTestRedis *redis, const char *set, gint64 n)
{
  gint64 deadline = g_get_monotonic_time () + 240 * G_USEC_PER_SEC;

  while (count (redis, set) != n)
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("There are still %d in %s", (int) count (redis, set), set);
      g_usleep (100000);
    }
}

/* All that match is more than the list holds; what is asked about is what is done, and not what comes to match behind the question. */
static void
test_all (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make_failed (redis, "10100", "Error: mailbox full");
  make_failed (redis, "30", "Error: refused");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("10130 jobs");
  /* While it reads so many jobs, the filter may take a while to open. */
  for (guint i = 0; i < 4 && !cb_ui_has_text ("the first 10000 that match"); i++)
    {
      cb_ui_key ("ctrl+f");
      cb_ui_key ("ctrl+a");
      cb_ui_type ("error~mailbox");
      cb_ui_try_text ("the first 10000 that match");
    }
  cb_ui_wait_text ("the first 10000 that match");

  /* From the filter into the list. */
  cb_ui_click_on ("label", "a: 1");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("All Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Remove 10100 Jobs?");
  cb_ui_wait_text ("match “error~mailbox”");
  make_failed (redis, "20", "Error: mailbox full");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Remove 10100 Jobs?");
  g_assert_cmpint (count (redis, "q:jobs:email:failed"), ==, 10150);

  cb_ui_key ("Delete");
  cb_ui_wait_text ("Remove 10120 Jobs?");
  make_failed (redis, "7", "Error: mailbox full");
  /* There is another button of that name behind the question. */
  cb_ui_key ("alt+r");
  wait_count (redis, "q:jobs:email:failed", 37);
  cb_ui_wait_text ("7 of 37 match");
  g_assert_cmpint (count (redis, "q:jobs"), ==, 37);
  cb_ui_stop ();
}

#define N_LOOKED_AT 100000

/* A number of INFO. */
static gint64
get_info (CbTestRedis *redis, const char *section, const char *name)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "INFO", section, NULL);
  const char *at = strstr (text, name);

  return at != NULL ? g_ascii_strtoll (at + strlen (name), NULL, 10) : 0;
}

/* From one end of very many to the other, and to one between: what is asked for is what is on screen and some around it, however many
 * there are, and in portions. */
static void
test_look (void)
{
  static const char * const ranges[] = { "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZRANGEBYLEX", "ZREVRANGEBYLEX", "ZREVRANGEBYSCORE" };
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--slowlog-max-len", "100000", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autoptr (CbReply) log = NULL;
  const CbValue *calls;
  gint64 bytes_before, bytes;
  double memory_before;
  guint n_ranges = 0;

  make_failed (redis, G_STRINGIFY (N_LOOKED_AT), "Error: mailbox full");
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "slowlog-log-slower-than", "0", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "RESETSTAT", NULL));
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Queues");
  memory_before = cb_ui_get_memory ();
  bytes_before = get_info (redis, "stats", "total_net_output_bytes:");
  cb_ui_click_until ("label", "email", G_STRINGIFY (N_LOOKED_AT) " jobs");
  cb_ui_wait_text ("Job " G_STRINGIFY (N_LOOKED_AT) ", email");
  cb_ui_click_until ("label", "a: 1", "Timeline");
  cb_ui_key ("End");
  cb_ui_wait_text ("Job 1, email");
  cb_ui_key ("Home");
  cb_ui_wait_text ("Job " G_STRINGIFY (N_LOOKED_AT) ", email");
  bytes = get_info (redis, "stats", "total_net_output_bytes:") - bytes_before;

  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "slowlog-log-slower-than", "-1", NULL));
  log = cb_test_redis_call (redis, "SLOWLOG", "GET", "-1", NULL);
  calls = cb_reply_get_value (log);
  for (guint i = 0; i < cb_value_get_length (calls); i++)
    {
      const CbValue *words = cb_value_get_element (cb_value_get_element (calls, i), 3);
      gint64 first, last;

      for (gsize j = 0; j < G_N_ELEMENTS (ranges); j++)
        if (cb_value_equal_string (cb_value_get_element (words, 0), ranges[j]))
          {
            n_ranges++;
            first = g_ascii_strtoll (cb_value_get_string (cb_value_get_element (words, 2), NULL), NULL, 10);
            last = g_ascii_strtoll (cb_value_get_string (cb_value_get_element (words, 3), NULL), NULL, 10);
            g_assert_true ((first < 0) == (last < 0));
            g_assert_cmpint (last - first, <, 1000);
          }
    }
  g_assert_cmpuint (n_ranges, >, 0);
  g_test_message ("%u ranges, %.1f MiB from the server, %" G_GINT64_FORMAT " HMGET, %.1f MiB of memory", n_ranges, (double) bytes / 1048576,
                  get_info (redis, "commandstats", "cmdstat_hmget:calls="), cb_ui_get_memory () - memory_before);
  /* All of them are some 30 MiB. */
  g_assert_cmpint (bytes, <, 4 * 1024 * 1024);
  g_assert_cmpint (get_info (redis, "commandstats", "cmdstat_hmget:calls="), <, 5000);
  g_assert_cmpint (get_info (redis, "commandstats", "cmdstat_keys:calls="), ==, 0);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpfloat (cb_ui_get_memory () - memory_before, <, 200);
#endif
  cb_ui_stop ();
}

/* Customers of two plans; those of the first are many. */
#define MAKE_PLANS \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, ARGV[1] + ARGV[2] do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  local plan = id <= tonumber (ARGV[1]) and 'free' or 'paid' " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused', " \
  "              'data', '{\"customer\":\"c' .. id .. '\",\"plan\":\"' .. plan .. '\"}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:email:failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "end redis.call ('SET', 'q:ids', ARGV[1] + ARGV[2]) return 1"

/* A server that has little time, so that half way is not over before it can be clicked on, however fast the machine is. */
typedef struct
{
  CbTestRedis *redis;
  GThread *thread;
  int stop;                   /* atomic */
} Slow;

static gpointer
slow_thread (gpointer data)
{
  Slow *slow = data;

  while (!g_atomic_int_get (&slow->stop))
    {
      cb_test_redis_freeze (slow->redis);
      g_usleep (300000);
      cb_test_redis_thaw (slow->redis);
      g_usleep (30000);
    }
  return NULL;
}

static void
slow_begin (Slow *slow, CbTestRedis *redis)
{
  slow->redis = redis;
  slow->stop = 0;
  slow->thread = g_thread_new ("slow", slow_thread, slow);
}

static void
slow_end (Slow *slow)
{
  g_atomic_int_set (&slow->stop, 1);
  g_thread_join (slow->thread);
}

static void
wait_at_least (CbTestRedis *redis, const char *set, gint64 n)
{
  gint64 deadline = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;

  while (count (redis, set) < n)
    {
      if (g_get_monotonic_time () > deadline)
        cb_ui_fail ("Fewer than %d are in %s", (int) n, set);
      g_usleep (5000);
    }
}

/* Found by what is in their data, selected, queued again, broken off half way, told, put back: exactly those, and nothing else is touched. */
static void
test_half_way (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *done = NULL;
  g_autofree char *undone = NULL;
  gint64 n_done;
  Slow slow;

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE_PLANS, "0", "20000", "300", NULL), ==, 1);
  before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("20300 jobs");

  cb_ui_key ("ctrl+f");
  cb_ui_type ("data.customer:c4711");
  cb_ui_wait_text ("1 of 20300 match");
  cb_ui_click_until ("label", "c4711  free", "Job 4711");

  for (guint i = 0; i < 4 && !cb_ui_has_text ("the first 10000 that match"); i++)
    {
      cb_ui_key ("ctrl+f");
      cb_ui_key ("ctrl+a");
      cb_ui_type ("data.plan:free");
      cb_ui_try_text ("the first 10000 that match");
    }
  cb_ui_wait_text ("the first 10000 that match");
  cb_ui_click_on ("label", "c19998  free");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("All Jobs Selected");
  cb_ui_key ("ctrl+r");
  cb_ui_wait_text ("Queue 20000 Jobs Again?");
  cb_ui_key ("alt+d");

  wait_at_least (redis, "q:jobs:inactive", 5000);
  slow_begin (&slow, redis);
  cb_ui_wait_text ("Queueing jobs again…");
  cb_ui_click_until ("push button", "Cancel", "stopped before");
  slow_end (&slow);
  n_done = count (redis, "q:jobs:inactive");
  done = g_strdup_printf ("%d jobs are queued again; stopped before %d others", (int) n_done, (int) (20000 - n_done));
  cb_ui_wait_text (done);
  g_assert_cmpint (n_done, >=, 5000);
  g_assert_cmpint (n_done, <, 19000);
  g_assert_cmpint (count (redis, "q:jobs:email:failed"), ==, 20300 - n_done);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:email:jobs", NULL), ==, n_done);

  cb_ui_key ("ctrl+z");
  undone = g_strdup_printf ("Undone: %d jobs are as they were", (int) n_done);
  cb_ui_wait_text (undone);
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_stop ();
}

/* How many hashes of jobs there are. */
static gint64
count_jobs (CbTestRedis *redis)
{
  return cb_test_redis_get_integer (redis, "EVAL",
                                    "local n, cursor = 0, '0' repeat local r = redis.call ('SCAN', cursor, 'MATCH', 'q:job:*', 'COUNT', 5000) "
                                    "cursor = r[1] for _, key in ipairs (r[2]) do if redis.call ('TYPE', key).ok == 'hash' then n = n + 1 end end "
                                    "until cursor == '0' return n", "0", NULL);
}

/* Of the overview that part which is below the edge of the window. */
static void
show_causes (void)
{
  cb_ui_find (NULL, "Retry All: Error: mailbox full");
  cb_ui_scroll ("label", "Jobs a Second", 30);
}

/* The undoing of very many can be broken off as what it undoes can: it is told how many are back and how many are not, each of them is
 * either, and the button that is offered then brings the rest. */
static void
test_undo_half_way (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *stopped = NULL;
  g_autofree char *rest = NULL;
  gint64 n_back;
  Slow slow;

  make_failed (redis, "15000", "Error: mailbox full");
  before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("of 15000 failed");
  show_causes ();
  cb_ui_click_until (NULL, "More about: Error: mailbox full", "What These Have in Common");
  cb_ui_find ("push button", "Remove All…: Error: mailbox full");
  cb_ui_key ("space");
  cb_ui_wait_text ("Remove 15000 Jobs?");
  cb_ui_key ("alt+r");
  wait_count (redis, "q:jobs:failed", 0);
  cb_ui_wait_text ("15000 jobs removed");
  g_assert_cmpint (count_jobs (redis), ==, 0);

  cb_ui_click_on ("push button", "Undo");
  wait_at_least (redis, "q:jobs:failed", 3000);
  slow_begin (&slow, redis);
  cb_ui_wait_text ("Undoing…");
  cb_ui_wait_text ("of 15000");
  cb_ui_click_until ("push button", "Cancel", "stopped before");
  slow_end (&slow);

  n_back = count (redis, "q:jobs:failed");
  g_assert_cmpint (n_back, >=, 3000);
  g_assert_cmpint (n_back, <, 14000);
  stopped = g_strdup_printf ("Undone: %d jobs are as they were; stopped before %d others", (int) n_back, (int) (15000 - n_back));
  cb_ui_wait_text (stopped);
  cb_ui_wait_no_text ("Undoing…");
  g_assert_cmpint (count_jobs (redis), ==, n_back);
  g_assert_cmpint (count (redis, "q:jobs:email:failed"), ==, n_back);
  g_assert_cmpint (count (redis, "q:jobs"), ==, n_back);

  cb_ui_click_on ("push button", "Undo");
  rest = g_strdup_printf ("Undone: %d jobs are as they were", (int) (15000 - n_back));
  wait_count (redis, "q:jobs:failed", 15000);
  cb_ui_wait_text (rest);
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_wait_text ("of 15000 failed");
  cb_ui_stop ();
}

/* What is done with all jobs of a cause is seen at the foot of the overview, and of a list as well, and can be broken off. */
static void
test_cause (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *done = NULL;
  g_autofree char *undone = NULL;
  gint64 n_done;
  Slow slow;

  make_failed (redis, "12000", "Error: mailbox full");
  before = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("of 12000 failed");
  show_causes ();
  cb_ui_click_on (NULL, "Retry All: Error: mailbox full");

  wait_at_least (redis, "q:jobs:inactive", 2000);
  slow_begin (&slow, redis);
  cb_ui_wait_text ("Queueing jobs again…");
  cb_ui_wait_text ("of 12000");
  cb_ui_click_until ("push button", "Cancel", "stopped before");
  slow_end (&slow);
  n_done = count (redis, "q:jobs:inactive");
  g_assert_cmpint (n_done, >=, 2000);
  g_assert_cmpint (n_done, <, 11500);
  done = g_strdup_printf ("%d jobs are queued again; stopped before %d others", (int) n_done, (int) (12000 - n_done));
  cb_ui_wait_text (done);
  g_assert_cmpint (count (redis, "q:jobs:email:failed"), ==, 12000 - n_done);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:email:jobs", NULL), ==, n_done);

  cb_ui_click_on ("push button", "Undo");
  wait_count (redis, "q:jobs:failed", 12000);
  undone = g_strdup_printf ("Undone: %d jobs are as they were", (int) n_done);
  cb_ui_wait_text (undone);
  after = cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
  g_assert_cmpstr (before, ==, after);
  cb_ui_stop ();
}

/* All of a long list are selected at once, whatever of it is in hand: which they are is asked for when something is to be done with them. */
static void
test_select_all (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make_failed (redis, "60000", "Error: mailbox full");
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("60000 jobs");
  cb_ui_click_on ("label", "a: 1");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("All Jobs Selected");
  cb_ui_key ("ctrl+r");
  cb_ui_wait_text ("Queue 60000 Jobs Again?");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Queue 60000 Jobs Again?");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 60000);
  cb_ui_stop ();
}

/* Nothing is done with it before it is said that it can't be undone. */
static void
test_too_large (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  make_failed (redis, "2", "Error: mailbox full");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL",
                                              "redis.call ('HSET', 'q:job:2', 'result', string.rep ('x', 9000000)) return 1", "0", NULL),
                   ==, 1);
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("2 jobs");
  cb_ui_click_on ("label", "a: 1");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("2 Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_text ("Go On Without Undo?");
  cb_ui_wait_text ("Job 2 is larger than 8 MiB");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  cb_ui_click_until ("label", "Go On", "No Jobs");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EXISTS", "q:job:2", NULL), ==, 0);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/many/all", test_all);
  g_test_add_func ("/ui/many/look", test_look);
  g_test_add_func ("/ui/many/half-way", test_half_way);
  g_test_add_func ("/ui/many/select-all", test_select_all);
  g_test_add_func ("/ui/many/undo-half-way", test_undo_half_way);
  g_test_add_func ("/ui/many/cause", test_cause);
  g_test_add_func ("/ui/many/too-large", test_too_large);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
