/* test-ui-announcements.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is told to somebody who does not see the window as it happens, and what is not. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

/* At least so long from one to the next. */
#define INTERVAL_USEC (2 * G_USEC_PER_SEC)

#define MAKE \
  "redis.call ('SADD', 'q:job:types', 'sms') " \
  "for id = 1, 3 do " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'sms', 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'updated_at', '1700000001000', 'failed_at', '1700000001000', 'error', 'Error: refused', " \
  "              'data', '{\"n\":' .. id .. '}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:sms:failed' }) do redis.call ('ZADD', key, 0, '01|' .. id) end " \
  "end redis.call ('SET', 'q:ids', 3) redis.call ('SET', 'a', 1) return 1"

static CbTestRedis *
start (const char *page)
{
  CbTestRedis *redis = cb_test_redis_new ("--appendonly", "yes", "--appendfsync", "always", NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", page, NULL);
  return redis;
}

/* Once each, whatever the line on top counts down meanwhile. */
static void
test_connection (void)
{
  g_autoptr (CbTestRedis) redis = start ("queue/sms");

  cb_ui_wait_text ("Job 3, sms, Failed");
  cb_test_redis_kill (redis);
  cb_ui_wait_announced ("Not connected: ");
  cb_ui_wait_text ("Reconnect Now");
  cb_ui_wait_text ("Trying again in");
  cb_test_redis_start (redis);
  cb_ui_wait_announced ("Connected again");
  cb_ui_wait_no_text ("Reconnect Now");
  g_assert_cmpuint (cb_ui_count_announced ("Not connected: "), ==, 1);
  g_assert_cmpuint (cb_ui_count_announced ("Connected again"), ==, 1);
  g_assert_cmpuint (cb_ui_count_announced (NULL), ==, 2);
  cb_ui_stop ();
}

static void
test_deeds (void)
{
  g_autoptr (CbTestRedis) redis = start ("queue/sms");

  cb_ui_wait_text ("Job 3, sms, Failed");
  cb_ui_click_until ("label", "n: 3", "Timeline");
  cb_ui_key ("ctrl+a");
  cb_ui_wait_text ("3 Jobs Selected");
  cb_ui_key ("Delete");
  cb_ui_wait_announced ("3 jobs removed");
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("Job 3, sms, Failed");
  cb_ui_wait_announced ("Undone: 3 jobs are as they were");
  cb_ui_stop ();
}

static void
test_error (void)
{
  g_autoptr (CbTestRedis) redis = start ("keys");

  cb_ui_wait_text ("keys");
  cb_ui_click_until (NULL, "New Key", "Create");
  cb_ui_click_on ("text", "Name");
  cb_ui_type ("a");
  cb_ui_key ("Return");
  cb_ui_wait_announced ("There is a key “a” already");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Create");
  cb_ui_stop ();
}

/* Messages are not told at all, and of deeds no more than one in two seconds. */
static void
test_flood (void)
{
  g_autoptr (CbTestRedis) redis = start ("pubsub");
  gint64 began;
  guint n;

  cb_ui_click_on ("text", "Channel or pattern");
  cb_ui_type ("news");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Unsubscribe");
  for (guint i = 0; i < 500; i++)
    cb_test_redis_get_integer (redis, "PUBLISH", "news", "a message", NULL);
  cb_ui_wait_text ("500 received");
  g_assert_cmpuint (cb_ui_count_announced (NULL), ==, 0);

  cb_ui_click_until ("label", "sms", "Job 3, sms, Failed");
  began = g_get_monotonic_time ();
  for (guint i = 0; i < 12; i++)
    cb_ui_key ("ctrl+z");
  cb_ui_wait_announced ("There is nothing to undo here");
  /* What waits is told, too. */
  cb_test_wait_until (cb_ui_count_announced ("There is nothing to undo here") > 1);
  n = cb_ui_count_announced (NULL);
  g_assert_cmpint ((n - 1) * INTERVAL_USEC, <=, g_get_monotonic_time () - began);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/announcements/connection", test_connection);
  g_test_add_func ("/ui/announcements/deeds", test_deeds);
  g_test_add_func ("/ui/announcements/error", test_error);
  g_test_add_func ("/ui/announcements/flood", test_flood);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
