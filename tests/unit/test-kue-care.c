/* test-kue-care.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is done for a queue now and then, beside what does not belong there: promotion, the time to live and the recovery of
 * jobs of the dead reach every job, whatever stands in front of it, and whatever the clock of the caller says. */

#include "config.h"

#include <string.h>

#include "cb-kue-engine.h"
#include "cb-test-kue.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define WORKER "callboard:a host:1:sms:1"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbEngine *engine;
} Fixture;

static void
set_up (Fixture *f,
        gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new (NULL, NULL);
  f->connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (f->connection, &error);
  g_assert_no_error (error);
  f->engine = cb_kue_engine_new (f->connection, "q");
}

static void
tear_down (Fixture *f,
           gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_test_settle ();
  g_object_unref (f->engine);
  g_object_unref (f->connection);
  cb_test_redis_free (f->redis);
}

/* A script behind the back of the code under test. */
static void
run (Fixture *f,
     const char *lua)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (f->redis, "EVAL", lua, "0", NULL);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static char *
get_state (Fixture *f,
           guint id)
{
  g_autofree char *key = g_strdup_printf ("q:job:%u", id);

  return cb_test_redis_get_string (f->redis, "HGET", key, "state", NULL);
}

static void
assert_state (Fixture *f,
              guint id,
              const char *state)
{
  g_autofree char *found = get_state (f, id);

  g_assert_cmpstr (found, ==, state);
}

static gint64
count (Fixture *f,
       const char *command,
       const char *key)
{
  return cb_test_redis_get_integer (f->redis, command, key, NULL);
}

/* As often as it takes, and a bounded number of times. Errors are for jobs that can't be moved. */
static guint
tick_until (Fixture *f,
            guint id,
            const char *state,
            guint at_most)
{
  for (guint n = 1; n <= at_most; n++)
    {
      g_autofree char *found = NULL;

      cb_test_tick (f->engine, NULL);
      found = get_state (f, id);
      if (g_strcmp0 (found, state) == 0)
        return n;
    }

  g_test_message ("not in %u rounds", at_most);
  g_test_fail ();
  return 0;
}

/* Jobs @from to @to of a type in a state, with a score each. */
static const char make[] =
  "local function make (from, to, T, S, score)\n"
  "  for id = from, to do\n"
  "    local zid = string.format ('%02d|%d', #tostring (id), id)\n"
  "    redis.call ('HSET', 'q:job:' .. id, 'type', T, 'state', S, 'data', '{}', 'priority', 0, 'max_attempts', 1,\n"
  "                'created_at', 1000, 'promote_at', score, 'updated_at', 1000, 'workerId', 'w', 'started_at', 5, 'ttl', 7)\n"
  "    redis.call ('ZADD', 'q:jobs', 0, zid)\n"
  "    redis.call ('ZADD', 'q:jobs:' .. S, score, zid)\n"
  "    redis.call ('ZADD', 'q:jobs:' .. T .. ':' .. S, 0, zid)\n"
  "  end\n"
  "end\n";

static void
run_with_make (Fixture *f,
               const char *lua)
{
  g_autofree char *script = g_strconcat (make, lua, NULL);

  run (f, script);
}

/* --- promotion --- */

/* However many entries that are no id stand in front: all are passed over, and none is taken away. */
static void
test_promotion_behind_odd (Fixture *f,
                           gconstpointer data)
{
  run_with_make (f, "for i = 1, 12000 do redis.call ('ZADD', 'q:jobs:delayed', i, 'nonsense|' .. i .. 'x') end\n"
                    "make (1, 3, 'sms', 'delayed', 500000)\n");

  tick_until (f, 1, "inactive", 3);
  tick_until (f, 3, "inactive", 1);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:delayed"), ==, 12000);
  g_assert_cmpint (count (f, "LLEN", "q:sms:jobs"), ==, 3);

  /* And again from the beginning, where somebody may have come meanwhile. */
  run_with_make (f, "make (4, 4, 'sms', 'delayed', 0)\n");
  tick_until (f, 4, "inactive", 3);
}

/* Nor do jobs that can't be moved because the tokens of their type are no list. */
static void
test_promotion_behind_stuck (Fixture *f,
                             gconstpointer data)
{
  run_with_make (f, "redis.call ('SET', 'q:broken:jobs', 'no list')\n"
                    "make (1, 1500, 'broken', 'delayed', 1000)\n"
                    "make (1501, 1502, 'sms', 'delayed', 2000)\n");

  tick_until (f, 1502, "inactive", 2);
  assert_state (f, 1501, "inactive");
  assert_state (f, 1, "delayed");
  assert_state (f, 1500, "delayed");
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:delayed"), ==, 1500);

  /* Once the key is gone they are promoted like any. */
  cb_test_redis_get_integer (f->redis, "DEL", "q:broken:jobs", NULL);
  tick_until (f, 1500, "inactive", 2);
  g_assert_cmpint (count (f, "LLEN", "q:broken:jobs"), ==, 1500);
}

/* An entry that is spelled otherwise is an entry of its job: promoted once, and gone. */
static void
test_promotion_spelled (Fixture *f,
                        gconstpointer data)
{
  run_with_make (f, "make (7, 8, 'sms', 'delayed', 1000)\n"
                    "redis.call ('ZADD', 'q:jobs:delayed', 900, '7', 1100, '002|7', 900, '03|8')\n"
                    "redis.call ('ZREM', 'q:jobs:delayed', '01|8')\n");

  g_assert_cmpint (cb_test_tick (f->engine, NULL), ==, 2);
  assert_state (f, 7, "inactive");
  assert_state (f, 8, "inactive");
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:delayed"), ==, 0);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:inactive"), ==, 2);
  g_assert_cmpint (count (f, "LLEN", "q:sms:jobs"), ==, 2);
}

/* --- the time to live --- */

static void
test_expiry_behind_odd (Fixture *f,
                        gconstpointer data)
{
  run_with_make (f, "for i = 1, 2500 do redis.call ('ZADD', 'q:jobs:active', 100000 + i, 'nonsense|' .. i .. 'x') end\n"
                    "make (1, 2, 'sms', 'active', 500000)\n");

  tick_until (f, 2, "failed", 3);
  assert_state (f, 1, "failed");
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:active"), ==, 2500);
}

static void
test_expiry_behind_stuck (Fixture *f,
                          gconstpointer data)
{
  run_with_make (f, "redis.call ('SET', 'q:jobs:broken:failed', 'no set')\n"
                    "make (1, 1000, 'broken', 'active', 200000)\n"
                    "make (1001, 1001, 'sms', 'active', 300000)\n");

  tick_until (f, 1001, "failed", 2);
  assert_state (f, 1000, "active");
}

static void
test_expiry_spelled (Fixture *f,
                     gconstpointer data)
{
  run_with_make (f, "make (7, 8, 'sms', 'active', 200000)\n"
                    "redis.call ('ZADD', 'q:jobs:active', 150000, '7', 250000, '03|8')\n"
                    "redis.call ('ZREM', 'q:jobs:active', '01|8')\n");

  g_assert_cmpint (cb_test_tick (f->engine, NULL), ==, 2);
  assert_state (f, 7, "failed");
  assert_state (f, 8, "failed");
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:active"), ==, 0);
  g_assert_cmpint (count (f, "ZCARD", "q:jobs:failed"), ==, 2);
}

/* --- the jobs of the dead --- */

static void
test_recovery_behind_stuck (Fixture *f,
                            gconstpointer data)
{
  run_with_make (f, "redis.call ('SET', 'q:broken:jobs', 'no list')\n"
                    "make (1, 250, 'broken', 'active', 0)\n"
                    "make (251, 600, 'sms', 'active', 0)\n"
                    "for id = 1, 600 do redis.call ('ZADD', 'q:callboard:leases', id, id .. ' w 5') end\n");

  g_assert_cmpint (cb_test_recover (f->engine, NULL), ==, 350);
  assert_state (f, 251, "inactive");
  assert_state (f, 600, "inactive");
  assert_state (f, 1, "active");
  g_assert_cmpint (count (f, "ZCARD", "q:callboard:leases"), ==, 250);
  g_assert_cmpint (cb_test_recover (f->engine, NULL), ==, 0);

  cb_test_redis_get_integer (f->redis, "DEL", "q:broken:jobs", NULL);
  g_assert_cmpint (cb_test_recover (f->engine, NULL), ==, 250);
  g_assert_cmpint (count (f, "EXISTS", "q:callboard:leases"), ==, 0);
}

static int
recover_carefully (Fixture *f)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int n;

  cb_engine_recover_async (f->engine, TRUE, NULL, cb_test_store_result, &result);
  n = cb_engine_recover_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return n;
}

static gboolean
extend (Fixture *f,
        CbJobRecord *job,
        guint lease_msec)
{
  g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
  g_autoptr (GPtrArray) lost = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (jobs, job);
  cb_engine_extend_async (f->engine, jobs, lease_msec, NULL, cb_test_store_result, &result);
  lost = cb_engine_extend_finish (f->engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);

  return lost->len == 0;
}

/* After a restart, whose time nobody could renew in, a lease that is over says nothing to one who has just come. */
static void
test_recovery_after_restart (Fixture *f,
                             gconstpointer data)
{
  g_autoptr (CbJobRecord) job = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  ids = cb_test_create (f->engine, "sms", "{}", 1, &error);
  job = cb_test_claim (f->engine, "sms", WORKER, 10000, &error);
  g_assert_no_error (error);
  run (f, "redis.call ('ZADD', 'q:callboard:leases', 1000, redis.call ('ZRANGE', 'q:callboard:leases', 0, 0)[1])");

  /* What the server remembers of scripts is gone with a restart, and nothing else is. */
  cb_reply_unref (cb_test_redis_call (f->redis, "SCRIPT", "FLUSH", NULL));
  g_assert_cmpint (recover_carefully (f), ==, 0);
  assert_state (f, 1, "active");
  g_assert_cmpint (recover_carefully (f), ==, 0);

  /* The living is heard. */
  g_assert_true (extend (f, job, 10000));
  g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 0);
  assert_state (f, 1, "active");

  /* One who has been there for long enough knows that the other is dead; and then all know that the server was there. */
  run (f, "redis.call ('ZADD', 'q:callboard:leases', 1000, redis.call ('ZRANGE', 'q:callboard:leases', 0, 0)[1])");
  g_assert_cmpint (cb_test_recover (f->engine, &error), ==, 1);
  assert_state (f, 1, "inactive");
  g_clear_pointer (&job, cb_job_record_unref);
  job = cb_test_claim (f->engine, "sms", WORKER, 10000, &error);
  run (f, "redis.call ('ZADD', 'q:callboard:leases', 1000, redis.call ('ZRANGE', 'q:callboard:leases', 0, 0)[1])");
  g_assert_cmpint (recover_carefully (f), ==, 1);
  assert_state (f, 1, "inactive");
}

int
main (int argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(path, function) g_test_add ("/kue-care/" path, Fixture, NULL, set_up, function, tear_down)
  add ("promotion/behind-odd", test_promotion_behind_odd);
  add ("promotion/behind-stuck", test_promotion_behind_stuck);
  add ("promotion/spelled", test_promotion_spelled);
  add ("expiry/behind-odd", test_expiry_behind_odd);
  add ("expiry/behind-stuck", test_expiry_behind_stuck);
  add ("expiry/spelled", test_expiry_spelled);
  add ("recovery/behind-stuck", test_recovery_behind_stuck);
  add ("recovery/after-restart", test_recovery_after_restart);

  return g_test_run ();
}
