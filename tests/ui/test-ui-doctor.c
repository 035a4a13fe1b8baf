/* test-ui-doctor.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The doctor's page: looking changes nothing, what is chosen is repaired, and whoever may not write is told so. */

#include "cb-kue-engine.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"
#include "cb-ui-harness.h"

#include <string.h>

static void
create_jobs_of (CbTestRedis *redis, const char *prefix, guint n)
{
  g_autoptr (CbConnection) connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (CbEngine) engine = cb_kue_engine_new (connection, prefix);
  g_autoptr (GPtrArray) specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GError) error = NULL;

  cb_connection_open (connection);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static ("{\"a\":1}", 7);

      g_ptr_array_add (specs, cb_job_spec_new ("email", bytes));
    }
  cb_engine_create_async (engine, specs, NULL, cb_test_store_result, &result);
  ids = cb_engine_create_finish (engine, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  cb_connection_close (connection);
}

static void
create_jobs (CbTestRedis *redis, guint n)
{
  create_jobs_of (redis, "q", n);
}

/* Two faults: an id without a job, and a job that is in two states. */
static void
seed (CbTestRedis *redis)
{
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "q:jobs:inactive", "0", "04|9999", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "q:jobs:failed", "0", "01|2", NULL), ==, 1);
}

static gint64
count (CbTestRedis *redis, const char *set)
{
  return cb_test_redis_get_integer (redis, "ZCARD", set, NULL);
}

static void
test_healthy (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  create_jobs (redis, 5);
  cb_ui_start ("--server", server, "--page", "doctor", NULL);
  cb_ui_wait_text ("Check Queue Health");
  cb_ui_click_until ("label", "Check Now", "Nothing Is Wrong");
  cb_ui_wait_text ("5 jobs were looked at");
  cb_ui_stop ();
}

/* Every healthy queue may have what is only a remark: it is told, and nothing is wrong. */
static void
test_remark (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  create_jobs (redis, 5);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LPUSH", "q:email:jobs", "1", NULL), ==, 6);
  cb_ui_start ("--server", server, "--page", "doctor", NULL);
  cb_ui_click_until ("label", "Check Now", "0 problems found, 1 remark");
  cb_ui_wait_text ("harmless");
  cb_ui_find ("label", "healthy");
  cb_ui_click_until (NULL, "Repair 1", "1 repaired");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "LLEN", "q:email:jobs", NULL), ==, 5);
  cb_ui_stop ();
}

/* What is not chosen is left alone; what was repaired can be undone, and is looked at again then. */
static void
test_repair (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  create_jobs (redis, 5);
  seed (redis);
  cb_ui_start ("--server", server, "--page", "email", NULL);
  cb_ui_wait_text ("5 jobs");
  cb_ui_click_on ("label", "Doctor");
  cb_ui_click_until ("label", "Check Now", "2 problems found");
  cb_ui_wait_text ("ZREM q:jobs:failed 01|2");
  cb_ui_wait_text ("ZREM q:jobs:inactive 04|9999");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);

  cb_ui_click_on ("check box", "Id without a job, Job 9999");
  cb_ui_click_until (NULL, "Repair 1", "2 problems found, 1 repaired");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 0);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);

  cb_ui_key ("ctrl+z");
  cb_ui_wait_no_text ("1 repaired");
  cb_ui_wait_text ("2 problems found");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);

  cb_ui_click_until (NULL, "Repair 2", "2 problems found, 2 repaired");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 0);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 5);
  cb_ui_click_until (NULL, "Check Again", "Nothing Is Wrong");

  /* Also when what was repaired is not on screen any more. */
  cb_ui_key ("ctrl+z");
  cb_ui_wait_text ("2 problems found");
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);
  cb_ui_stop ();
}

/* What was repaired in queues of several prefixes is undone as one, and told in one sentence. */
static void
test_prefixes (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix:%s", cb_test_redis_get_path (redis));

  create_jobs_of (redis, "one", 3);
  create_jobs_of (redis, "two", 3);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "one:jobs:failed", "0", "01|2", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "two:jobs:failed", "0", "01|2", NULL), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "ZADD", "two:jobs:failed", "0", "01|3", NULL), ==, 1);

  /* Which prefixes there are is found out first. */
  cb_ui_start ("--server", server, "--page", "overview", NULL);
  cb_ui_wait_text ("2 queues");
  cb_ui_click_until ("label", "Doctor", "Check Queue Health");
  cb_ui_click_until ("label", "Check Now", "3 problems found");
  cb_ui_click_until (NULL, "Repair 3", "3 problems repaired");
  g_assert_cmpint (count (redis, "one:jobs:failed"), ==, 0);
  g_assert_cmpint (count (redis, "two:jobs:failed"), ==, 0);
  cb_ui_click_until ("push button", "Undo", "Undone: 3 repairs");
  g_assert_cmpint (count (redis, "one:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "two:jobs:failed"), ==, 2);
  cb_ui_wait_no_text ("3 repaired");
  cb_ui_wait_text ("3 problems found");

  /* Somebody else has changed one of them meanwhile. */
  cb_ui_click_until (NULL, "Repair 3", "3 problems repaired");
  g_assert_cmpint (cb_test_redis_get_integer (redis, "HSET", "one:job:2", "progress", "7", NULL), ==, 1);
  cb_ui_click_until ("push button", "Undo", "Undone: 2 repairs; 1 could not be: ");
  g_assert_cmpint (count (redis, "one:jobs:failed"), ==, 0);
  g_assert_cmpint (count (redis, "two:jobs:failed"), ==, 2);
  cb_ui_stop ();
}

static void
test_read_only (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix://looker:secret@%s", cb_test_redis_get_path (redis));
  g_autoptr (CbReply) reply = NULL;

  create_jobs (redis, 5);
  seed (redis);
  reply = cb_test_redis_call (redis, "ACL", "SETUSER", "looker", "on", ">secret", "~*", "&*", "+@all", "-@write", "-@dangerous",
                              "+info", "+client", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));

  cb_ui_start ("--server", server, "--page", "doctor", NULL);
  cb_ui_click_until ("label", "Check Now", "2 problems found");
  cb_ui_click_until (NULL, "Repair 2", "You may look here, but not repair:");
  cb_ui_wait_sensitive ("push button", "Repair 2", FALSE);
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);
  cb_ui_stop ();
}

/* Who may look, and ask what he may: nothing has to be tried first. */
static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autofree char *server = g_strdup_printf ("unix://looker:secret@%s", cb_test_redis_get_path (redis));
  g_autoptr (CbReply) reply = NULL;

  create_jobs (redis, 5);
  seed (redis);
  reply = cb_test_redis_call (redis, "ACL", "SETUSER", "looker", "on", ">secret", "~*", "&*", "+@all", "-@write", "-@dangerous",
                              "+info", "+client", "+acl|whoami", "+acl|dryrun", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));

  cb_ui_start ("--server", server, "--page", "doctor", NULL);
  cb_ui_click_until ("label", "Check Now", "2 problems found");
  cb_ui_wait_text ("You may look here, but not repair: Your user may not change jobs here: ");
  cb_ui_wait_sensitive ("push button", "Repair 2", FALSE);
  g_assert_cmpint (count (redis, "q:jobs:failed"), ==, 1);
  g_assert_cmpint (count (redis, "q:jobs:inactive"), ==, 6);
  cb_ui_stop ();
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  if (!cb_ui_open ())
    return g_getenv ("CI") != NULL ? 1 : 77; /* never skipped where it counts */

  g_test_add_func ("/ui/doctor/healthy", test_healthy);
  g_test_add_func ("/ui/doctor/remark", test_remark);
  g_test_add_func ("/ui/doctor/repair", test_repair);
  g_test_add_func ("/ui/doctor/prefixes", test_prefixes);
  g_test_add_func ("/ui/doctor/read-only", test_read_only);
  g_test_add_func ("/ui/doctor/refused", test_refused);
  status = g_test_run ();
  cb_ui_close ();

  return status;
}
