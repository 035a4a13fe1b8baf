/* test-ui-right-to-left.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The window of somebody who reads from right to left; and names and data that run that way, in either window. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"
#include "cb-ui-presses.h"

#define MARK "\342\200\216"
#define ISOLATED(text) MARK "\342\201\250" text "\342\201\251"
#define MAIL "\330\250\330\261\331\212\330\257"             /* a queue in Arabic */
#define CITY "\331\205\330\257\331\212\331\206\330\251"     /* a name within JSON */

#define MAKE \
  "for id = 1, 2 do " \
  "  local queue = id == 1 and '" MAIL "' or 'email' " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('SADD', 'q:job:types', queue) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', queue, 'state', 'inactive', 'priority', '0', 'max_attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'data', '{\"" CITY "\":\"Cairo\",\"n\":[1,-2]}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:inactive', 'q:jobs:' .. queue .. ':inactive' }) do redis.call ('ZADD', key, 0, z) end " \
  "  redis.call ('LPUSH', 'q:' .. queue .. ':jobs', 1) redis.call ('SET', 'q:ids', id) " \
  "end redis.call ('ZADD', 'scores', -15, 'puma', 2.5, '-7') return 1"

static CbTestRedis *
create_server (void)
{
  CbTestRedis *redis = cb_test_redis_new (NULL, NULL);

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  return redis;
}

static int
get_x (const char *role, const char *name)
{
  int x, y;

  cb_ui_get_middle (role, name, &x, &y);
  return x;
}

/* All is mirrored, but what is code, a number or a time runs as it does everywhere. */
static void
test_window (void)
{
  g_autoptr (CbTestRedis) redis = create_server ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_set_environment (CB_UI_RIGHT_TO_LEFT, "1");
  cb_ui_set_environment ("TZ", "UTC");
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("Is there a worker?");
  g_assert_cmpint (get_x ("label", "Pub/Sub"), >, get_x ("label", "Jobs a Second"));
  g_assert_cmpint (get_x ("label", "Delayed"), >, get_x ("label", "Complete"));
  cb_ui_wait_text ("email: 1 job waits");
  cb_ui_wait_text (MAIL ": 1 job waits");
  g_assert_false (cb_ui_has_text (ISOLATED (MAIL)));

  cb_ui_click_on ("label", "email");
  cb_ui_click_until ("label", "2", "Job 2");
  g_assert_cmpint (get_x (NULL, "ID"), >, get_x (NULL, "Created"));
  cb_ui_wait_text (MARK "2023-11-14 22:13:20.000");
  /* Each line of JSON begins at the left, and what stands on it at the right is not on it. */
  cb_ui_wait_text (MARK "  \"" CITY "\": \"Cairo\"");
  g_assert_cmpint (get_x ("push button", "Copy"), >, get_x (NULL, "Show as a Tree"));

  cb_ui_click_on ("label", "Keys");
  cb_ui_click_until ("label", "scores", "puma");
  cb_ui_find ("label", MARK "-15");
  cb_ui_find ("label", MARK "-7");
  cb_ui_stop ();
}

/* From left to right, what is named does not turn round the sentence that it is in; nothing else is touched. */
static void
test_names (void)
{
  g_autoptr (CbTestRedis) redis = create_server ();
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  cb_ui_set_environment ("TZ", "UTC");
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text (ISOLATED (MAIL) ": 1 job waits");
  cb_ui_wait_text ("email: 1 job waits");
  g_assert_false (cb_ui_has_text (ISOLATED ("email")));
  g_assert_cmpint (get_x ("label", "Pub/Sub"), <, get_x ("label", "Jobs a Second"));
  cb_ui_click_on ("label", "email");
  cb_ui_click_until ("label", "2", "Job 2");
  cb_ui_wait_text ("2023-11-14 22:13:20.000");
  g_assert_false (cb_ui_has_text (MARK "2023"));
  cb_ui_wait_text (MARK "  \"" CITY "\": \"Cairo\"");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/right-to-left/names", test_names);
  g_test_add_func ("/ui/right-to-left/window", test_window);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
