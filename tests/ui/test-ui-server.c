/* test-ui-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The page of the server, by mouse and keyboard: what is said of it, and that it is asked only while somebody looks. */

#include "cb-test-port.h"
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
  cb_ui_key ("F5");
  cb_ui_wait_no_text ("no permissions to run the 'info' command");
  cb_ui_stop ();
}

static void
test_slow_log (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--slowlog-log-slower-than", "1000000", NULL);
  g_autofree char *server = dup_server (redis);

  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_on (NULL, "Slow Log");
  cb_ui_wait_text ("Commands that took longer than 1.0 s");
  cb_ui_wait_text ("No command was slow.");

  /* The threshold is changed, something is slow, and the threshold is put back. */
  cb_ui_wait_sensitive ("push button", "Threshold…", TRUE);
  cb_ui_click_on (NULL, "Threshold…");
  cb_ui_wait_text ("In microseconds");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("50000x");
  cb_ui_click_on (NULL, "Set");
  cb_ui_wait_text ("argument couldn't be parsed into an integer");
  cb_ui_key ("ctrl+a");
  cb_ui_click_on (NULL, "slowlog-log-slower-than");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("50000");
  cb_ui_click_on (NULL, "Set");
  cb_ui_wait_text ("Commands that took longer than 50 ms");
  cb_reply_unref (cb_test_redis_call (redis, "EVAL",
                                      "local t = redis.call('TIME') local s = t[1] * 1000000 + t[2] "
                                      "repeat t = redis.call('TIME') until t[1] * 1000000 + t[2] - s > 100000 return ARGV[1]",
                                      "0", "<b>slow & binary</b>\xff", NULL));
  cb_ui_wait_text ("\"<b>slow & binary</b>\\xff\"");
  cb_ui_click_on (NULL, "Threshold…");
  cb_ui_click_on (NULL, "Put Back “1000000”");
  cb_ui_wait_text ("Commands that took longer than 1.0 s");

  cb_ui_click_on (NULL, "Clear…");
  cb_ui_wait_text ("Clear the Slow Log?");
  cb_ui_click_on (NULL, "Clear");
  cb_ui_wait_text ("No command was slow.");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "SLOWLOG", "LEN", NULL), ==, 0);
  cb_ui_stop ();
}

static void
test_clients (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);
  g_autoptr (CbConnection) other = cb_connection_new (cb_test_redis_get_address (redis), "somebody-else");
  g_autoptr (GError) error = NULL;

  g_assert_true (cb_test_open (other, &error));
  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_on (NULL, "Clients");
  cb_ui_wait_text ("this window");
  cb_ui_wait_sensitive ("push button", "Disconnect…", FALSE);
  cb_ui_click_on (NULL, "Filter");
  cb_ui_type ("somebody");
  cb_ui_wait_no_text ("this window");
  cb_ui_click_on ("label", "somebody-else");
  cb_ui_wait_sensitive ("push button", "Disconnect…", TRUE);
  cb_ui_click_on (NULL, "Disconnect…");
  cb_ui_wait_text ("Most programs connect again by themselves");
  cb_ui_click_on (NULL, "Disconnect");
  cb_test_wait_until (cb_connection_get_state (other) != CB_CONNECTION_READY);
  cb_connection_close (other);
  cb_ui_wait_text ("Nothing has these words in it.");

  /* Who may not is told so. */
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "default", "-client|list", NULL));
  cb_ui_wait_text ("no permissions to run the 'client|list' command");
  cb_ui_stop ();
}

static void
test_settings (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--requirepass", "sesame", NULL);
  g_autofree char *server = g_strdup_printf ("unix://:sesame@%s", cb_test_redis_get_path (redis));
  g_autofree char *value = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "AUTH", "sesame", NULL));
  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_on (NULL, "Settings");
  cb_ui_wait_text ("settings. What is changed here");
  cb_ui_click_on (NULL, "Filter");
  cb_ui_type ("requirepass");
  cb_ui_click_on ("label", "requirepass");
  cb_ui_wait_text ("••••");
  g_assert_false (cb_ui_has_text ("sesame"));
  cb_ui_wait_sensitive ("push button", "Change…", FALSE);

  cb_ui_click_on (NULL, "Filter");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("slowlog-max-len");
  cb_ui_click_on ("label", "slowlog-max-len");
  cb_ui_wait_sensitive ("push button", "Change…", TRUE);
  cb_ui_click_on (NULL, "Change…");
  cb_ui_wait_text ("keeps it until it is restarted");
  cb_ui_key ("ctrl+a");
  cb_ui_type ("321");
  cb_ui_click_on (NULL, "Set");
  cb_ui_find ("label", "321");
  /* What it was stays to be seen, and is put back. */
  cb_ui_find ("label", "128");
  cb_ui_click_on (NULL, "Change…");
  cb_ui_click_on (NULL, "Put Back “128”");
  cb_ui_wait_no_text ("321");
  cb_ui_stop ();
}

static void
test_others (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = dup_server (redis);

  cb_ui_start ("--server", server, "--page", "server", NULL);
  cb_ui_click_on (NULL, "Latency");
  cb_ui_wait_text ("Latency is not watched (latency-monitor-threshold is 0)");
  cb_ui_wait_text ("Hi Sam");
  cb_ui_click_on (NULL, "Threshold…");
  cb_ui_wait_text ("In milliseconds");
  cb_ui_key ("ctrl+a");
  /* More than what takes long by itself on a busy machine. */
  cb_ui_type ("2000");
  cb_ui_click_on (NULL, "Set");
  cb_ui_wait_text ("What took longer than 2");
  cb_reply_unref (cb_test_redis_call (redis, "EVAL",
                                      "local t = redis.call('TIME') local s = t[1] * 1000000 + t[2] "
                                      "repeat t = redis.call('TIME') until t[1] * 1000000 + t[2] - s > 2500000 return 1", "0", NULL));
  cb_ui_click_on ("label", "command");
  cb_ui_wait_text ("longest");
  cb_ui_click_on (NULL, "Forget…");
  cb_ui_wait_text ("Forget What Took Long of “command”?");
  cb_ui_click_on ("label", "Forget");
  cb_ui_wait_text ("Nothing took long.");

  cb_ui_click_on (NULL, "This Program");
  cb_ui_wait_text ("LATENCY LATEST");
  cb_ui_wait_text ("CONFIG SET");
  cb_ui_stop ();
}

static CbTestRedis *
new_member (char **port, char **bus)
{
  *port = cb_test_port_dup ();
  *bus = cb_test_port_dup ();
  return cb_test_redis_new ("--port", *port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", *bus,
                            "--cluster-node-timeout", "1500", "--repl-diskless-sync-delay", "0", NULL);
}

static gboolean
is_done (CbReply *taken)
{
  g_autoptr (CbReply) reply = taken;

  return !cb_value_is_error (cb_reply_get_value (reply));
}

/* A cluster: how far the one that copies has come, and that it is taken for dead; and who may not ask for that sees them all the same. */
static void
test_cluster (void)
{
  g_autofree char *port = NULL;
  g_autofree char *bus = NULL;
  g_autofree char *port_of_copy = NULL;
  g_autofree char *bus_of_copy = NULL;
  g_autoptr (CbTestRedis) primary = new_member (&port, &bus);
  g_autoptr (CbTestRedis) copy = new_member (&port_of_copy, &bus_of_copy);
  g_autofree char *server = dup_server (primary);
  g_autofree char *id = cb_test_redis_get_string (primary, "CLUSTER", "MYID", NULL);
  g_autofree char *failed = g_strdup_printf ("Replica 127.0.0.1:%s: fail", port_of_copy);

  cb_reply_unref (cb_test_redis_call (primary, "CLUSTER", "ADDSLOTSRANGE", "0", "16383", NULL));
  cb_reply_unref (cb_test_redis_call (primary, "CLUSTER", "MEET", "127.0.0.1", port_of_copy, bus_of_copy, NULL));
  cb_test_wait_until (is_done (cb_test_redis_call (copy, "CLUSTER", "REPLICATE", id, NULL)));

  cb_ui_start ("--server", server, NULL);
  cb_ui_click_on ("label", "Server");
  cb_ui_wait_text ("connected, about 0 bytes behind");
  cb_ui_wait_text ("connected, slots 0-16383, offset ");
  cb_test_redis_freeze (copy);
  cb_ui_wait_text (failed);
  cb_test_redis_thaw (copy);
  cb_ui_wait_text ("connected, about 0 bytes behind");

  cb_reply_unref (cb_test_redis_call (primary, "ACL", "SETUSER", "default", "-cluster|shards", NULL));
  cb_ui_wait_no_text ("bytes behind");
  cb_ui_wait_text (port_of_copy);
  cb_ui_wait_text ("connected, slots 0-16383");
  cb_reply_unref (cb_test_redis_call (primary, "ACL", "SETUSER", "default", "+cluster|shards", NULL));
  cb_ui_key ("F5");
  cb_ui_wait_text ("connected, about 0 bytes behind");
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
  g_test_add_func ("/ui/server/slow-log", test_slow_log);
  g_test_add_func ("/ui/server/clients", test_clients);
  g_test_add_func ("/ui/server/settings", test_settings);
  g_test_add_func ("/ui/server/others", test_others);
  g_test_add_func ("/ui/server/cluster", test_cluster);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
