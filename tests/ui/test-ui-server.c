/* test-ui-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The page of the server, by mouse and keyboard: what is said of it, and that it is asked only while somebody looks. */

#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

static char *
dup_server (CbTestRedis *redis)
{
  return g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));
}

/* How often a command was run, by the server's own count. */
static gint64
count_calls (CbTestRedis *redis, const char *command)
{
  g_autofree char *text = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_autofree char *name = g_strdup_printf ("cmdstat_%s:calls=", command);
  const char *found = strstr (text, name);

  return found != NULL ? g_ascii_strtoll (found + strlen (name), NULL, 10) : 0;
}

/* Until nobody but this test runs that command; it would be run every second by who looks. */
static void
wait_quiet (CbTestRedis *redis, const char *command)
{
  gint64 before, after = count_calls (redis, command);

  for (guint i = 0; i < 10; i++)
    {
      before = after;
      g_usleep (3 * G_USEC_PER_SEC);
      after = count_calls (redis, command);
      if (after - before <= 1)
        return;
    }
  cb_ui_fail ("%s is still run, though nobody looks", command);
}

static void
test_overview (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru", NULL);
  g_autofree char *server = dup_server (redis);

  cb_reply_unref (cb_test_redis_call (redis, "SET", "a", "1", NULL));
  cb_ui_start ("--server", server, NULL);
  cb_ui_click_on ("label", "Server");
  cb_ui_wait_text ("maxmemory-policy is allkeys-lru");
  cb_ui_wait_text ("Set maxmemory-policy to noeviction.");
  cb_ui_wait_text ("Master without replicas");
  cb_ui_wait_text ("MiB, allkeys-lru");
  cb_ui_wait_text ("Database 0: 1 key, 0 with a time to live");

  /* What changes is said, and what is over is not said any more. */
  cb_reply_unref (cb_test_redis_call (redis, "SET", "b", "1", NULL));
  cb_ui_wait_text ("Database 0: 2 keys");
  cb_reply_unref (cb_test_redis_call (redis, "CONFIG", "SET", "maxmemory-policy", "noeviction", NULL));
  cb_ui_wait_no_text ("maxmemory-policy is allkeys-lru");

  /* On another page nothing is asked. */
  cb_ui_click_on ("label", "Doctor");
  wait_quiet (redis, "info");
  cb_reply_unref (cb_test_redis_call (redis, "SET", "c", "1", NULL));
  cb_ui_click_on ("label", "Server");
  cb_ui_wait_text ("Database 0: 3 keys");
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "-info", NULL));
  cb_ui_wait_text ("no permissions to run the 'info' command");
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "+@all", NULL));
  cb_ui_wait_no_text ("no permissions to run the 'info' command");
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/server/overview", test_overview);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
