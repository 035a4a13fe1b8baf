/* test-databases.c: which databases of a server have how many keys
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-databases.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

static CbDatabases *
ask (CbTestRedis *redis, const char *user, GError **error)
{
  g_autofree char *uri = g_strdup_printf ("unix:%s%s%s", cb_test_redis_get_path (redis), user != NULL ? "?password=pw&user=" : "",
                                          user != NULL ? user : "");
  g_autoptr (CbAddress) address = cb_address_parse (uri, NULL);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GAsyncResult) result = NULL;
  CbDatabases *databases;

  /* Looking never writes. */
  cb_connection_set_read_only (connection, TRUE);
  cb_test_open (connection, NULL);
  cb_databases_ask_async (connection, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  databases = cb_databases_ask_finish (connection, result, error);
  g_clear_object (&result);
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
  return databases;
}

static void
assert_database (CbDatabases *databases, guint i, guint number, guint64 n_keys, guint64 n_expiring)
{
  const CbDatabase *database = &g_array_index (databases->list, CbDatabase, i);

  g_assert_cmpuint (i, <, databases->list->len);
  g_assert_cmpuint (database->number, ==, number);
  g_assert_cmpuint (database->n_keys, ==, n_keys);
  g_assert_cmpuint (database->n_expiring, ==, n_expiring);
}

static void
test_server (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--databases", "20", NULL);
  g_autoptr (CbDatabases) none = ask (redis, NULL, NULL);
  g_autoptr (CbDatabases) some = NULL;
  g_autoptr (CbReply) reply = NULL;

  g_assert_cmpuint (none->list->len, ==, 0);
  reply = cb_test_redis_call (redis, "EVAL", "redis.call ('SET', 'a', 1) redis.call ('SELECT', 17) redis.call ('SET', 'b', 1) "
                                             "redis.call ('SET', 'c', 1, 'EX', 1000) redis.call ('SELECT', 2) redis.call ('SET', 'd', 1)",
                              "0", NULL);
  some = ask (redis, NULL, NULL);
  g_assert_cmpuint (some->list->len, ==, 3);
  assert_database (some, 0, 0, 1, 0);
  assert_database (some, 1, 2, 1, 0);
  assert_database (some, 2, 17, 2, 1);
  g_assert_false (some->cluster);
}

static void
test_refused (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "eve", "on", ">pw", "~*", "+@all", "-info", NULL));
  g_assert_null (ask (redis, "eve", &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM);
}

static void
test_cluster (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--cluster-enabled", "yes", "--port", "0", NULL);
  g_autoptr (CbDatabases) databases = ask (redis, NULL, NULL);

  g_assert_true (databases->cluster);
}

static void
test_odd (void)
{
  static const char text[] = "# Keyspace\r\ndb9:keys=18446744073709551615,expires=3,avg_ttl=0,subexpiry=0\r\ndb:keys=1\r\ndb1\r\n"
                             "db99999999999:keys=1\r\ndb1:keys=x\r\ndbx:keys=1\r\ndb4:keys=7\r\n\r\n";
  g_autoptr (CbDatabases) odd = cb_databases_parse (text, strlen (text), "", 0);
  g_autoptr (CbDatabases) nothing = cb_databases_parse (NULL, 0, NULL, 0);

  g_assert_cmpuint (odd->list->len, ==, 2);
  assert_database (odd, 0, 4, 7, 0);
  assert_database (odd, 1, 9, G_MAXUINT64, 3);
  g_assert_cmpuint (nothing->list->len, ==, 0);
  g_assert_false (nothing->cluster);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/databases/server", test_server);
  g_test_add_func ("/databases/refused", test_refused);
  g_test_add_func ("/databases/cluster", test_cluster);
  g_test_add_func ("/databases/odd", test_odd);
  return g_test_run ();
}
