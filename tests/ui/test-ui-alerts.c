/* test-ui-alerts.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The rules by which somebody is told of a queue that needs a look. */

#include <string.h>

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

/* So many more failed jobs, as workers elsewhere leave them. */
#define FAIL \
  "local base = tonumber (redis.call ('GET', 'q:ids') or '0') " \
  "redis.call ('SADD', 'q:job:types', ARGV[2]) " \
  "for id = base + 1, base + ARGV[1] do " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', ARGV[2], 'state', 'failed', 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused', 'data', '{\"n\":' .. id .. '}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:failed', 'q:jobs:' .. ARGV[2] .. ':failed' }) do redis.call ('ZADD', key, 0, z) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end " \
  "redis.call ('PUBLISH', 'q:events', '{\"id\":1,\"event\":\"failed\",\"args\":[\"x\"]}') return 1"

static void
fail_of (CbTestRedis *redis, const char *type, const char *n)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", FAIL, "0", n, type, NULL), ==, 1);
}

static void
fail (CbTestRedis *redis, const char *n)
{
  fail_of (redis, "email", n);
}

static void
open_rules (void)
{
  cb_ui_key ("ctrl+k");
  cb_ui_wait_text ("Go To");
  cb_ui_type ("Notifications");
  cb_ui_wait_text ("Notifications");
  cb_ui_key ("Return");
  cb_ui_wait_text ("Jobs Wait Too Long");
}

static void
test_try (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  CbUiNotification *notification;

  fail (redis, "3");
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Queues");
  cb_ui_wait_text ("email");
  open_rules ();
  cb_ui_click_on ("push button", "Try “No Worker”");
  cb_ui_wait_notification ("email: no worker");
  cb_ui_click_on ("push button", "Try “Jobs Wait Too Long”");
  cb_ui_wait_notification ("email: jobs wait too long");
  cb_ui_click_on ("push button", "Try “Doctor”");
  cb_ui_wait_notification ("The doctor found 1 problem");
  cb_ui_click_on ("push button", "Try “Jobs Fail”");
  notification = cb_ui_wait_notification ("email: 11 jobs failed");
  g_assert_nonnull (strstr (notification->body, "In the last 5 minutes"));
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Jobs Wait Too Long");

  /* It opens what it is about, wherever the window was. */
  cb_ui_click_notification (notification);
  cb_ui_wait_text ("3 jobs, newest first");
  cb_ui_find ("label", "n: 3");
  cb_ui_stop ();
}

static void
test_failures (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  CbUiNotification *notification;

  fail (redis, "20");
  cb_ui_start ("--server", server, "--page", "worker", NULL);
  cb_ui_wait_text ("email");
  open_rules ();
  cb_ui_click_until ("check box", "Jobs Fail", "More Than So Many Jobs");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Jobs Wait Too Long");

  /* Those that failed before are no news. */
  fail (redis, "12");
  notification = cb_ui_wait_notification ("email: 12 jobs failed");
  cb_ui_click_notification (notification);
  cb_ui_wait_text ("32 jobs, newest first");
  cb_ui_stop ();
}

#define ODD "<a href='x'>A</a> &amp; _B %s%n"

/* A queue's name is neither markup nor a format, and opens its queue. */
static void
test_markup (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  CbUiNotification *notification;

  fail_of (redis, ODD, "20");
  cb_ui_start ("--server", server, "--page", "worker", NULL);
  cb_ui_wait_text (ODD);
  open_rules ();
  cb_ui_click_until ("check box", "Jobs Fail", "More Than So Many Jobs");
  cb_ui_key ("Escape");
  cb_ui_wait_no_text ("Jobs Wait Too Long");
  fail_of (redis, ODD, "12");
  notification = cb_ui_wait_notification (ODD);
  g_assert_cmpstr (notification->title, ==, ODD ": 12 jobs failed");
  cb_ui_click_notification (notification);
  cb_ui_wait_text ("32 jobs, newest first");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/alerts/try", test_try);
  g_test_add_func ("/ui/alerts/failures", test_failures);
  g_test_add_func ("/ui/alerts/markup", test_markup);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
