/* cb-server-history.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-history.h"

#include <math.h>
#include <string.h>

#define LONGEST_GAP (10 * G_USEC_PER_SEC)

/* Counters that only grow while a server lives. */
typedef enum
{
  COMMANDS,
  HITS,
  MISSES,
  IN,
  OUT,
  EXPIRED,
  EVICTED,
  N_COUNTERS
} Counter;

static const char * const counter_fields[N_COUNTERS] = {
  "total_commands_processed", "keyspace_hits", "keyspace_misses", "total_net_input_bytes", "total_net_output_bytes", "expired_keys",
  "evicted_keys",
};

typedef struct
{
  gint64 second;              /* monotonic; -1: nothing is known of it */
  double values[CB_SERVER_N_SERIES];
} Sample;

struct _CbServerHistory
{
  Sample samples[CB_SERVER_HISTORY_LENGTH];
  guint n_samples;            /* at most as many as there is room for */
  gint64 last_second;         /* -1 */

  /* What the last one counted. */
  gint64 last_at;
  gint64 counters[N_COUNTERS];
  char *run_id;               /* (owned) (nullable) */
};

CbServerHistory *
cb_server_history_new (void)
{
  CbServerHistory *self = g_new0 (CbServerHistory, 1);

  for (guint i = 0; i < CB_SERVER_HISTORY_LENGTH; i++)
    self->samples[i].second = -1;
  self->last_second = -1;
  return self;
}

void
cb_server_history_free (CbServerHistory *self)
{
  g_free (self->run_id);
  g_free (self);
}

static double
known (gint64 count)
{
  return count >= 0 ? (double) count : NAN;
}

/* What the slowest replica has not acknowledged, in bytes; of a replica itself, how long its master is silent. */
static double
get_lag (const CbServerInfo *info)
{
  gint64 offset = cb_server_info_get_count (info, "master_repl_offset");
  double lag = NAN;

  if (cb_server_info_is_replica (info))
    return known (cb_server_info_get_count (info, cb_server_info_is (info, "master_link_status", "up")
                                                    ? "master_last_io_seconds_ago"
                                                    : "master_link_down_since_seconds"));
  for (guint i = 0; offset >= 0 && i < cb_server_info_get_n_replicas (info); i++)
    {
      const CbServerReplica *replica = cb_server_info_get_replica (info, i);
      double behind = replica->offset >= 0 ? (double) MAX (offset - replica->offset, 0) : NAN;

      if (isnan (lag) || behind > lag)
        lag = behind;
    }
  return lag;
}

static double
get_save_age (const CbServerInfo *info, gint64 now)
{
  gint64 saved = cb_server_info_get_count (info, "rdb_last_save_time");

  return saved > 0 ? MAX ((double) now / G_USEC_PER_SEC - (double) saved, 0) : NAN;
}

static double
get_rate (const gint64 *before, const gint64 *counters, Counter counter, double seconds)
{
  if (before[counter] < 0 || counters[counter] < before[counter])
    return NAN;
  return (double) (counters[counter] - before[counter]) / seconds;
}

static void
take_rates (CbServerHistory *self, Sample *sample, const gint64 *counters, double seconds)
{
  double hits = get_rate (self->counters, counters, HITS, seconds);
  double misses = get_rate (self->counters, counters, MISSES, seconds);

  sample->values[CB_SERVER_OPERATIONS] = get_rate (self->counters, counters, COMMANDS, seconds);
  sample->values[CB_SERVER_NET_IN] = get_rate (self->counters, counters, IN, seconds);
  sample->values[CB_SERVER_NET_OUT] = get_rate (self->counters, counters, OUT, seconds);
  sample->values[CB_SERVER_EXPIRED] = get_rate (self->counters, counters, EXPIRED, seconds);
  sample->values[CB_SERVER_EVICTED] = get_rate (self->counters, counters, EVICTED, seconds);
  sample->values[CB_SERVER_HIT_RATE] = hits + misses > 0 ? 100 * hits / (hits + misses) : NAN;
}

/**
 * cb_server_history_add:
 * @info: what the server told
 * @at: when, µs monotonic
 * @now: the same by the server's clock, µs since 1970 UTC
 *
 * Takes one sample. A second one in the same second takes the place of the first.
 */
void
cb_server_history_add (CbServerHistory *self, const CbServerInfo *info, gint64 at, gint64 now)
{
  gint64 second = at / G_USEC_PER_SEC;
  Sample *sample = &self->samples[second % CB_SERVER_HISTORY_LENGTH];
  const char *run_id = cb_server_info_get (info, "run_id");
  gboolean same_run = self->last_second >= 0 && g_strcmp0 (self->run_id, run_id) == 0;
  gint64 counters[N_COUNTERS], expires, elapsed = at - self->last_at;
  double *values = sample->values;

  g_return_if_fail (second >= self->last_second);

  if (second != self->last_second)
    self->n_samples = MIN (self->n_samples + 1, CB_SERVER_HISTORY_LENGTH);
  sample->second = second;
  for (guint i = 0; i < CB_SERVER_N_SERIES; i++)
    values[i] = NAN;
  for (guint i = 0; i < N_COUNTERS; i++)
    counters[i] = cb_server_info_get_count (info, counter_fields[i]);

  values[CB_SERVER_MEMORY] = known (cb_server_info_get_count (info, "used_memory"));
  values[CB_SERVER_MEMORY_RSS] = known (cb_server_info_get_count (info, "used_memory_rss"));
  values[CB_SERVER_FRAGMENTATION] = cb_server_info_get_number (info, "mem_fragmentation_ratio");
  values[CB_SERVER_CLIENTS] = known (cb_server_info_get_count (info, "connected_clients"));
  values[CB_SERVER_BLOCKED] = known (cb_server_info_get_count (info, "blocked_clients"));
  values[CB_SERVER_KEYS] = known (cb_server_info_get_n_keys (info, &expires));
  values[CB_SERVER_EXPIRES] = known (expires);
  values[CB_SERVER_LAG] = get_lag (info);
  values[CB_SERVER_SAVE_AGE] = get_save_age (info, now);
  if (same_run && elapsed > 0 && elapsed <= LONGEST_GAP)
    take_rates (self, sample, counters, (double) elapsed / G_USEC_PER_SEC);

  memcpy (self->counters, counters, sizeof counters);
  if (!same_run)
    {
      g_free (self->run_id);
      self->run_id = g_strdup (run_id);
    }
  self->last_at = at;
  self->last_second = second;
}

guint
cb_server_history_get_n_samples (CbServerHistory *self)
{
  return self->n_samples;
}

void
cb_server_history_get (CbServerHistory *self, CbServerSeries series, gint64 at, double *values)
{
  gint64 first = at / G_USEC_PER_SEC - (CB_SERVER_HISTORY_LENGTH - 1);

  for (guint i = 0; i < CB_SERVER_HISTORY_LENGTH; i++)
    {
      gint64 second = first + i;
      const Sample *sample = second >= 0 ? &self->samples[second % CB_SERVER_HISTORY_LENGTH] : NULL;

      values[i] = sample != NULL && sample->second == second ? sample->values[series] : NAN;
      /* A sample may come a little late, so that a second has none and the next has two: the line goes on. */
      if (isnan (values[i]) && second >= 0 && sample->second != second && i > 0)
        {
          const Sample *before = second > 0 ? &self->samples[(second - 1) % CB_SERVER_HISTORY_LENGTH] : NULL;
          const Sample *after = &self->samples[(second + 1) % CB_SERVER_HISTORY_LENGTH];

          if (before != NULL && before->second == second - 1 && after->second == second + 1)
            values[i] = before->values[series];
        }
    }
}

double
cb_server_history_get_last (CbServerHistory *self, CbServerSeries series)
{
  return self->last_second >= 0 ? self->samples[self->last_second % CB_SERVER_HISTORY_LENGTH].values[series] : NAN;
}
