/* cb-bench-scan.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-bench-scan.h"

#include <hiredis.h>
#include <string.h>
#include <time.h>

static double
get_cpu (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1000 + (double) time.tv_nsec / 1e6;
}

static double
scan (const char *socket, guint *n_keys)
{
  redisContext *redis = redisConnectUnix (socket);
  gint64 begin = g_get_monotonic_time ();
  char cursor[32] = "0";
  double took;

  g_assert_true (redis != NULL && redis->err == 0);
  *n_keys = 0;
  do
    {
      redisReply *reply = redisCommand (redis, "SCAN %s COUNT %d", cursor, CB_BENCH_SCAN_COUNT);

      g_strlcpy (cursor, reply->element[0]->str, sizeof cursor);
      *n_keys += (guint) reply->element[1]->elements;
      freeReplyObject (reply);
    }
  while (strcmp (cursor, "0") != 0);
  took = (double) (g_get_monotonic_time () - begin) / 1000;
  redisFree (redis);
  return took;
}

double
cb_bench_scan (const char *socket, guint *n_keys, double *cpu)
{
  double first = scan (socket, n_keys);
  double begin = get_cpu ();
  double second = scan (socket, n_keys);

  *cpu = get_cpu () - begin;
  return MIN (first, second);
}
