/* test-queue-figures.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Percentiles against those of the whole set, and the job that waits longest wherever its priority puts it. */

#include "cb-kue-engine.h"
#include "cb-queue-figures.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <string.h>

static void
test_percentile (void)
{
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (gint64));

  g_assert_cmpint (cb_percentile (values, 50), ==, -1);
  /* 100, 99, … 1: the n-th percentile is n. */
  for (gint64 i = 100; i > 0; i--)
    g_array_append_val (values, i);
  for (guint i = 1; i <= 100; i++)
    g_assert_cmpint (cb_percentile (values, i), ==, i);

  g_array_set_size (values, 1);
  g_array_index (values, gint64, 0) = 7;
  g_assert_cmpint (cb_percentile (values, 1), ==, 7);
  g_assert_cmpint (cb_percentile (values, 99), ==, 7);
}

static void
put (CbTestRedis *redis,
     guint        id,
     const char  *state,
     const char  *score,
     ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *key = g_strdup_printf ("q:job:%u", id);
  g_autofree char *digits = g_strdup_printf ("%u", id);
  g_autofree char *zid = g_strdup_printf ("%02u|%u", (guint) strlen (digits), id);
  g_autofree char *set = g_strdup_printf ("q:jobs:email:%s", state);
  const char *word;
  g_autoptr (CbReply) reply = NULL;
  va_list args;

  g_ptr_array_add (words, (gpointer) "HSET");
  g_ptr_array_add (words, key);
  g_ptr_array_add (words, (gpointer) "type");
  g_ptr_array_add (words, (gpointer) "email");
  g_ptr_array_add (words, (gpointer) "state");
  g_ptr_array_add (words, (gpointer) state);
  va_start (args, score);
  while ((word = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (words, (gpointer) word);
  va_end (args);
  reply = cb_test_redis_call_argv (redis, words->len, (const char * const *) words->pdata, NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", set, score, zid, NULL), ==, 1);
}

static CbQueueFigures *
read_figures (CbEngine *engine,
              guint     sample)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbQueueFigures *figures;

  cb_queue_figures_read_async (engine, "email", sample, NULL, cb_test_store_result, &result);
  figures = cb_queue_figures_read_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return figures;
}

static void
test_figures (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
  g_autoptr (CbQueueFigures) empty = NULL;
  g_autoptr (CbQueueFigures) figures = NULL;
  g_autoptr (CbQueueFigures) few = NULL;

  cb_connection_open (connection);
  empty = read_figures (engine, 200);
  g_assert_null (empty->oldest_id);
  g_assert_cmpint (empty->oldest_since, ==, -1);
  g_assert_cmpuint (empty->n_sample, ==, 0);
  g_assert_cmpint (empty->waits[CB_PERCENTILE_50], ==, -1);
  g_assert_cmpint (empty->runs[CB_PERCENTILE_99], ==, -1);

  /* The n-th waited n ms and ran 2 n ms. */
  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *started = g_strdup_printf ("1700001%06u", i);
      g_autofree char *updated = g_strdup_printf ("1700001%06u", 3 * i);
      g_autofree char *duration = g_strdup_printf ("%u", 2 * i);

      put (redis, i, "complete", "0", "created_at", "1700001000000", "promote_at", "1700001000000", "started_at", started, "updated_at", updated,
           "duration", duration, NULL);
    }
  /* Tried twice: of how long it waited nothing is known. Delayed: it waits from when it was due. */
  put (redis, 101, "complete", "0", "created_at", "1700001000000", "started_at", "1700009000000", "attempts", "2", "duration", "1", NULL);
  put (redis, 102, "complete", "0", "created_at", "1700001000000", "promote_at", "1700005000000", "started_at", "1700005000001", "duration", "1", NULL);

  /* Of all priorities, and of one that nobody has heard of; the oldest stands behind others of its state. */
  put (redis, 210, "inactive", "-15", "created_at", "1700000004000", NULL);
  put (redis, 211, "inactive", "0", "created_at", "1700000005000", NULL);
  put (redis, 203, "inactive", "7", "created_at", "1700000002000", "promote_at", "1700000002000", NULL);
  put (redis, 204, "inactive", "10", "created_at", "1700000003000", NULL);
  /* Older, but put back just now. */
  put (redis, 201, "inactive", "-10", "created_at", "1700000001000", "failed_at", "1700000001500", "updated_at", "1700000008000", NULL);
  /* An id without a job waits for nothing. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "q:jobs:email:inactive", "-5", "03|200", NULL), ==, 1);

  figures = read_figures (engine, 200);
  g_assert_cmpstr (figures->oldest_id, ==, "203");
  g_assert_cmpint (figures->oldest_since, ==, G_GINT64_CONSTANT (1700000002000) * 1000);
  g_assert_true (figures->oldest_certain);
  g_assert_cmpint (figures->n_complete, ==, 102);
  g_assert_cmpuint (figures->n_sample, ==, 102);
  g_assert_cmpuint (figures->n_waits, ==, 101);
  g_assert_cmpuint (figures->n_runs, ==, 102);
  /* Waits: 1, 1, 2, … 100. Runs: 1, 1, 2, 4, … 200. */
  g_assert_cmpint (figures->waits[CB_PERCENTILE_50], ==, 50 * 1000);
  g_assert_cmpint (figures->waits[CB_PERCENTILE_95], ==, 95 * 1000);
  g_assert_cmpint (figures->waits[CB_PERCENTILE_99], ==, 99 * 1000);
  g_assert_cmpint (figures->runs[CB_PERCENTILE_50], ==, 98 * 1000);
  g_assert_cmpint (figures->runs[CB_PERCENTILE_99], ==, 198 * 1000);

  /* Only the last ones. */
  few = read_figures (engine, 12);
  g_assert_cmpuint (few->n_sample, ==, 12);
  g_assert_cmpint (few->n_complete, ==, 102);
  g_assert_cmpint (few->runs[CB_PERCENTILE_50], ==, 188 * 1000);
  cb_connection_close (connection);
}

static void
test_wrong_type (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "SET", "q:jobs:email:inactive", "x", NULL);

  cb_connection_open (connection);
  cb_queue_figures_read_async (engine, "email", 10, NULL, cb_test_store_result, &result);
  g_assert_null (cb_queue_figures_read_finish (engine, cb_test_wait_result (&result), &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "q:jobs:email:inactive"));
  cb_connection_close (connection);
}

/* A set of its own for each line: @back jobs that were put back a moment ago, each when it was made a second after the one before it, and
 * behind them @others that have waited since they were made. Their ids begin with 1. */
static const char fill_script[] =
  "local back, others, priority, how = tonumber (ARGV[2]), tonumber (ARGV[3]), ARGV[4], ARGV[5] "
  "for id = 1, back + others do "
  "  local made, key = 1700000000000 + 1000 * id .. '', 'q:job:' .. id "
  "  redis.call ('HSET', key, 'type', ARGV[1], 'state', 'inactive', 'created_at', made, 'promote_at', made, 'updated_at', made) "
  "  if id <= back and how == 'failed' then redis.call ('HSET', key, 'started_at', made, 'failed_at', made, 'updated_at', '1800000000000') end "
  "  if id <= back and how == 'delayed' then redis.call ('HSET', key, 'promote_at', '1800000000000') end "
  "  if id <= back and how == 'gone' then redis.call ('DEL', key) end "
  "  redis.call ('ZADD', 'q:jobs:' .. ARGV[1] .. ':inactive', priority == 'each' and id % 9 + 1 or priority, "
  "              string.format ('%02d|%d', #tostring (id), id)) "
  "end "
  "return back + others";

static guint64
get_calls (CbTestRedis *redis,
           const char  *command)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "INFO", "commandstats", NULL);
  g_autofree char *name = g_strdup_printf ("cmdstat_%s:calls=", command);
  gsize length;
  const char *text = strstr (cb_value_get_string (cb_reply_get_value (reply), &length), name);

  return text != NULL ? g_ascii_strtoull (text + strlen (name), NULL, 10) : 0;
}

static void
test_oldest (void)
{
  static const struct
  {
    const char *back, *others, *priority, *how;
    const char *oldest;      /* NULL: one that was not put back, but there are too many to find out which */
    guint64     most_read;
  } lines[] = {
    /* Nothing was put back: the first is known to be it. */
    { "0", "1", "0", "failed", "1", 1 },
    { "0", "5000", "0", "failed", "1", 1 },
    { "0", "5000", "-15", "failed", "1", 1 },
    { "0", "5000", "7", "failed", "1", 1 },
    /* All failed ones were retried, which have the lowest ids; what was delayed was made before others, too. */
    { "1", "1", "0", "failed", "2", 3 },
    { "10", "10", "0", "failed", "11", 21 },
    { "10", "10", "0", "delayed", "11", 21 },
    { "10", "10", "-20", "failed", "11", 21 },
    { "10", "10", "10", "gone", "11", 21 },
    { "400", "100", "0", "failed", "401", 501 },
    { "400", "90", "each", "failed", "401", 501 },
    /* Those behind the ones that are read were made later than the oldest of these. */
    { "400", "4000", "0", "failed", "401", 501 },
    { "400", "4000", "7", "delayed", "401", 501 },
    /* Only put back ones, at the same moment, made before that: any of them, as long as all are read. */
    { "499", "0", "0", "failed", "1", 500 },
    { "3000", "3000", "0", "failed", NULL, 601 },
    { "3000", "3000", "each", "failed", NULL, 601 },
    { "3000", "3000", "5", "gone", NULL, 601 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
      g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
      g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, "q");
      g_autoptr (CbQueueFigures) figures = NULL;
      guint64 before, id, first = g_ascii_strtoull (lines[i].back, NULL, 10) + 1;

      g_test_message ("%s %s of priority %s, then %s", lines[i].back, lines[i].how, lines[i].priority, lines[i].others);
      cb_connection_open (connection);
      cb_test_redis_get_integer (redis, "EVAL", fill_script, "0", "email", lines[i].back, lines[i].others, lines[i].priority, lines[i].how, NULL);
      before = get_calls (redis, "hmget");
      figures = read_figures (engine, 0);
      g_assert_nonnull (figures->oldest_id);
      id = g_ascii_strtoull (figures->oldest_id, NULL, 10);
      g_assert_cmpint (figures->oldest_certain, ==, lines[i].oldest != NULL);
      if (lines[i].oldest != NULL)
        g_assert_cmpstr (figures->oldest_id, ==, lines[i].oldest);
      else
        g_assert_cmpuint (id, >=, first);
      if (id >= first)
        g_assert_cmpint (figures->oldest_since, ==, (G_GINT64_CONSTANT (1700000000000) + 1000 * (gint64) id) * 1000);
      g_assert_cmpuint (get_calls (redis, "hmget") - before, <=, lines[i].most_read);
      cb_connection_close (connection);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/queue-figures/percentile", test_percentile);
  g_test_add_func ("/queue-figures/figures", test_figures);
  g_test_add_func ("/queue-figures/oldest", test_oldest);
  g_test_add_func ("/queue-figures/wrong-type", test_wrong_type);

  return g_test_run ();
}
