/* test-ui-look.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What there is to see is seen: in light and in dark, changed while the program runs. */

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

#define MAKE \
  "local states = { 'inactive', 'active', 'failed', 'complete', 'delayed' } " \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, 40 do " \
  "  local state = states[id % 5 + 1] " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', state, 'priority', '0', 'max_attempts', '2', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', 'started_at', '1700000000500', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused\\n    at send (mail.js:3:7)', 'progress', '40', " \
  "              'data', '{\"title\":\"Hello\",\"n\":' .. id .. ',\"ok\":true,\"none\":null}') " \
  "  if state ~= 'failed' then redis.call ('HDEL', 'q:job:' .. id, 'error', 'failed_at') end " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:email:' .. state }) do redis.call ('ZADD', key, 0, z) end " \
  "  if state == 'inactive' then redis.call ('LPUSH', 'q:email:jobs', 1) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "  redis.call ('RPUSH', 'q:job:' .. id .. ':log', 'first line', 'second line') " \
  "end " \
  "redis.call ('SET', 'greeting', '{\"hello\":[1,true,\"you\"]}') redis.call ('HSET', 'a-hash', 'city', 'Cali') " \
  "redis.call ('RPUSH', 'a-list', 'tiger') redis.call ('SADD', 'a-set', 'lion') redis.call ('ZADD', 'a-zset', 2.5, 'puma') " \
  "redis.call ('XADD', 'a-stream', '1-0', 'field', 'jaguar') return 1"

static CbTestRedis *
start (void)
{
  CbTestRedis *redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Failed: 8");
  return redis;
}

/* ---- contrast ---- */

static guint n_hard;

static void
check (const char *where)
{
  g_autofree char *in_light = g_strdup_printf ("%s, light", where);
  g_autofree char *in_dark = g_strdup_printf ("%s, dark", where);

  n_hard += cb_ui_count_hard_to_read (in_light);
  cb_ui_set_dark (TRUE);
  n_hard += cb_ui_count_hard_to_read (in_dark);
  cb_ui_set_dark (FALSE);
}

static void
test_contrast (void)
{
  static const struct { const char *state, *id; } jobs[] = {
    { "Queued", "40" }, { "Active", "36" }, { "Failed", "37" }, { "Complete", "38" }, { "Delayed", "39" },
  };
  g_autoptr (CbTestRedis) redis = start ();

  n_hard = 0;
  cb_ui_set_dark (FALSE);
  check ("the overview");

  cb_ui_click_until ("label", "email", "No Job Selected");
  cb_ui_click_until (NULL, "All, 40 jobs", "40 jobs, state by state");
  check ("the jobs");
  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_autofree char *state = g_strdup_printf ("%s, 8 jobs", jobs[i].state);
      g_autofree char *title = g_strdup_printf ("Job %s", jobs[i].id);

      cb_ui_click_on (NULL, state);
      cb_ui_click_until ("label", jobs[i].id, title);
      check (title);
    }

  cb_ui_click_until ("label", "Keys", "greeting");
  cb_ui_click_until ("label", "greeting", "24 bytes");
  check ("the keys");
  cb_ui_click_until ("label", "a-zset", "puma");
  check ("a sorted set");
  cb_ui_click_until ("label", "Pub/Sub", "Nothing Is Listened To");
  check ("messages");
  cb_ui_click_on ("label", "Console");
  cb_ui_thing_free (cb_ui_find ("text", "Command"));
  check ("the console");
  cb_ui_click_until ("label", "Server", "Memory");
  check ("the server");
  cb_ui_click_until ("label", "Worker", "What to Do");
  check ("the worker");
  cb_ui_click_until ("label", "Doctor", "Doctor");
  check ("the doctor");

  if (n_hard > 0)
    cb_ui_fail ("%u texts and pictures are hard to read", n_hard);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/look/contrast", test_contrast);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
