/* test-ui-unseen.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a window costs that nobody sees, and what it does not load. */

#include <string.h>

#include "cb-test-redis.h"
#include "cb-ui-harness.h"

#define MAKE \
  "redis.call ('SADD', 'q:job:types', 'email') " \
  "for id = 1, 40 do " \
  "  local state = id > 30 and 'inactive' or 'failed' " \
  "  local z = string.format ('%02d|%d', #tostring (id), id) " \
  "  redis.call ('HSET', 'q:job:' .. id, 'type', 'email', 'state', state, 'priority', '0', 'max_attempts', '1', 'attempts', '1', " \
  "              'created_at', '1700000000000', 'promote_at', '1700000000000', 'updated_at', '1700000001000', " \
  "              'failed_at', '1700000001000', 'error', 'Error: refused', 'data', '{\"n\":' .. id .. '}') " \
  "  for _, key in ipairs ({ 'q:jobs', 'q:jobs:' .. state, 'q:jobs:email:' .. state }) do redis.call ('ZADD', key, 0, z) end " \
  "  if state == 'inactive' then redis.call ('LPUSH', 'q:email:jobs', 1) end " \
  "  redis.call ('SET', 'q:ids', id) " \
  "end return 1"

#define SECONDS 15

static guint64
count_calls (CbTestRedis *redis)
{
  g_autofree char *info = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  guint64 n = 0;

  for (const char *p = strstr (info, "calls="); p != NULL; p = strstr (p + 1, "calls="))
    {
      /* Not rejected_calls= and failed_calls=. */
      if (p[-1] == ':')
        n += g_ascii_strtoull (p + strlen ("calls="), NULL, 10);
    }
  return n;
}

/* Commands a second of the window, with some events a second for it to hear. */
static double
measure (CbTestRedis *redis, gboolean events)
{
  guint64 before = count_calls (redis);
  gint64 begin = g_get_monotonic_time ();
  guint64 own = 1;              /* of this test: INFO, which counts itself after it has told */

  while (g_get_monotonic_time () < begin + SECONDS * G_USEC_PER_SEC)
    {
      if (events)
        {
          cb_reply_unref (cb_test_redis_call (redis, "PUBLISH", "q:events", "{\"id\":1,\"event\":\"failed\",\"args\":[\"x\"]}", NULL));
          own++;
        }
      g_usleep (G_USEC_PER_SEC / 5);
    }
  return (double) (count_calls (redis) - before - own) * G_USEC_PER_SEC / (double) (g_get_monotonic_time () - begin);
}

static void
test_unseen (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
  double idle, busy, unseen_idle, unseen_busy;

  g_assert_cmpint (cb_test_redis_get_integer (redis, "EVAL", MAKE, "0", NULL), ==, 1);
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_find ("panel", "email, 40 jobs, 30 failed");
  cb_ui_wait_text ("a second");
  idle = measure (redis, FALSE);
  busy = measure (redis, TRUE);

  cb_ui_click_on ("push button", "Minimize");
  /* It may take a moment until it knows. */
  unseen_idle = measure (redis, FALSE);
  for (guint i = 0; i < 3 && unseen_idle >= 1; i++)
    unseen_idle = measure (redis, FALSE);
  unseen_busy = measure (redis, TRUE);
  g_test_message ("commands a second: %.2f seen and idle, %.2f seen with five events a second, %.2f unseen and idle, "
                  "%.2f unseen with events", idle, busy, unseen_idle, unseen_busy);
  g_assert_cmpfloat (busy, >, 4);
  g_assert_cmpfloat (unseen_idle, <, 1);
  g_assert_cmpfloat (unseen_busy, <, 2);

  /* Looked at again, it is of now. */
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZREM", "q:jobs:email:failed", "01|1", NULL), ==, 1);
  cb_ui_start_again ("--server", server, NULL);
  cb_ui_find ("panel", "email, 39 jobs, 29 failed");
  cb_ui_stop ();
}

/* What is mapped into the program that is tested, the youngest child of this one by that name. */
static char *
read_maps (void)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;
  char *maps = NULL;

  while (maps == NULL && (name = g_dir_read_name (processes)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc", name, "exe", NULL);
      g_autofree char *file = g_build_filename ("/proc", name, "maps", NULL);
      g_autofree char *status = g_build_filename ("/proc", name, "status", NULL);
      g_autofree char *program = g_file_read_link (link, NULL);
      g_autofree char *parent = g_strdup_printf ("\nPPid:\t%d\n", getpid ());
      g_autofree char *text = NULL;

      if (g_strcmp0 (program, g_getenv ("CB_TEST_CALLBOARD")) == 0 && g_file_get_contents (status, &text, NULL, NULL) &&
          strstr (text, parent) != NULL)
        g_file_get_contents (file, &maps, NULL, NULL);
    }
  return maps;
}

/* Drawing that needs no OpenGL does not load it: on a machine without a graphics device that is more than all the rest of the program. */
static void
test_drawing (void)
{
  g_autofree char *maps = NULL;

  cb_ui_start ("--memory", NULL);
  cb_ui_wait_text ("Overview");
  maps = read_maps ();
  g_assert_nonnull (maps);
  g_assert_nonnull (strstr (maps, "libgtk-4"));
  g_assert_null (strstr (maps, "libLLVM"));
  g_assert_null (strstr (maps, "_dri.so"));
  g_assert_null (strstr (maps, "libgallium"));
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/unseen/cost", test_unseen);
  g_test_add_func ("/ui/unseen/drawing", test_drawing);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
