/* bench-keys.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * What it costs to list the keys of a server with a million jobs of Kue and 100,000 logs: until the first 100 are
 * there, until all are, by a CbKeyFinder with the tree over them, against a bare loop over SCAN with the same COUNT;
 * the memory; the longest time in which the main loop did nothing else; and the longest that another client waited
 * for an answer. Not a test:
 *
 *   meson test --benchmark bench-keys, or bench-keys [JOBS]
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cb-bench-scan.h"
#include "cb-hiredis-compat.h"
#include "cb-key-finder.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

static const char loader[] =
  "for i = tonumber (ARGV[1]), tonumber (ARGV[2]) do\n"
  "  redis.call ('HSET', 'q:job:' .. i, 'type', 'email', 'state', 'inactive', 'data', '{}')\n"
  "  if i % 10 == 0 then redis.call ('RPUSH', 'q:job:' .. i .. ':log', 'line') end\n"
  "end";

/* Of this thread, in ms: what other programs on the machine do is not in it. */
static double
get_cpu (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1000.0 + time.tv_nsec / 1e6;
}

static double
since (gint64 begin)
{
  return (g_get_monotonic_time () - begin) / 1000.0;
}

static void
load (CbTestRedis *redis, guint n_jobs)
{
  for (guint i = 1; i <= n_jobs; i += 10000)
    {
      g_autofree char *from = g_strdup_printf ("%u", i);
      g_autofree char *to = g_strdup_printf ("%u", MIN (i + 9999, n_jobs));
      const char *words[] = { "EVAL", loader, "0", from, to };
      g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, 5, words, NULL);

      g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
    }
}

typedef struct
{
  gint64 begin;
  double first;       /* ms until 100 keys */
  gint64 last_turn;
  GArray *gaps;       /* of double, ms */
} Listing;

static void
found_cb (CbKeyFinder *finder, guint first, guint n, Listing *listing)
{
  if (listing->first == 0 && first + n >= 100)
    listing->first = since (listing->begin);
}

/* What a frame clock would see: it runs in each turn of the main loop, before all else. */
static gboolean
turn_cb (gpointer data)
{
  Listing *listing = data;
  double gap = since (listing->last_turn);

  listing->last_turn = g_get_monotonic_time ();
  g_array_append_val (listing->gaps, gap);
  return G_SOURCE_CONTINUE;
}

/* Another client, in a thread of its own. */
static gpointer
other_client (gpointer data)
{
  redisContext *context = redisConnectUnix (cb_test_redis_get_path (data));
  GArray *waits = g_array_new (FALSE, FALSE, sizeof (double)); /* ms */

  for (;;)
    {
      gint64 begin = g_get_monotonic_time ();
      redisReply *reply = redisCommand (context, "GET callboard:stop");
      gboolean stop = reply->type != REDIS_REPLY_NIL;
      double wait = since (begin);

      g_array_append_val (waits, wait);
      freeReplyObject (reply);
      if (stop)
        break;
      g_usleep (500);
    }
  redisFree (context);
  return waits;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

int
main (int argc, char **argv)
{
  guint n_jobs = argc > 1 ? atoi (argv[1]) : 1000000;
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "bench");
  g_autoptr (CbKeyFinder) finder = NULL;
  g_autoptr (CbKeyList) top = NULL;
  g_autoptr (CbKeyList) flat = NULL;
  g_autoptr (GArray) waits = NULL;
  g_autoptr (GError) error = NULL;
  Listing listing = { 0, };
  GThread *other;
  double bare, all, gap, cpu;
  gsize names, memory;
  guint n_keys, timer;

  load (redis, n_jobs);
  bare = cb_bench_scan (cb_test_redis_get_path (redis), &n_keys, &cpu);
  g_print ("bare loop, COUNT %d      %8.0f ms for %u keys, %.0f ms of processor time\n", CB_BENCH_SCAN_COUNT, bare, n_keys, cpu);

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  listing.gaps = g_array_new (FALSE, FALSE, sizeof (double));
  other = g_thread_new ("other client", other_client, redis);
  timer = g_timeout_add_full (G_PRIORITY_HIGH, 1, turn_cb, &listing, NULL);

  cpu = get_cpu ();
  listing.begin = listing.last_turn = g_get_monotonic_time ();
  finder = cb_key_finder_new (connection, NULL, ":");
  top = cb_key_finder_list_folder (finder, CB_FOLDER_ROOT);
  flat = cb_key_finder_list_all (finder);
  g_signal_connect (finder, "found", G_CALLBACK (found_cb), &listing);
  cb_key_finder_start (finder);
  while (cb_key_finder_get_running (finder) || !cb_key_list_is_complete (flat))
    g_main_context_iteration (NULL, TRUE);
  all = since (listing.begin);
  cpu = get_cpu () - cpu;
  g_assert_true (cb_key_finder_get_done (finder));
  n_keys = cb_key_store_get_length (cb_key_finder_get_store (finder));

  g_free (cb_test_redis_get_string (redis, "SET", "callboard:stop", "1", NULL));
  waits = g_thread_join (other);
  g_array_sort (waits, compare_doubles);

  memory = cb_key_store_get_memory (cb_key_finder_get_store (finder), &names);
  g_array_sort (listing.gaps, compare_doubles);
  if (listing.gaps->len == 0)
    g_array_append_val (listing.gaps, all);
  gap = g_array_index (listing.gaps, double, listing.gaps->len * 99 / 100);
  g_print ("finder, first 100 keys    %8.1f ms\n", listing.first);
  g_print ("finder, all, tree, list   %8.0f ms for %u keys, %.2f times the bare loop, %.0f ms of processor time\n", all,
           n_keys, all / bare, cpu);
  g_print ("memory above the names    %8.1f bytes a key\n", (double) (memory - names) / n_keys);
  g_print ("main loop, longest turn   %8.1f ms, %.1f ms at the 99th percentile\n",
           g_array_index (listing.gaps, double, listing.gaps->len - 1), gap);
  g_print ("another client's wait     %8.1f ms at most, %.1f ms at the 99th percentile\n",
           g_array_index (waits, double, waits->len - 1), g_array_index (waits, double, waits->len * 99 / 100));
  g_source_remove (timer);
  cb_connection_close (connection);
  cb_test_settle ();
  g_array_unref (listing.gaps);
  return 0;
}
