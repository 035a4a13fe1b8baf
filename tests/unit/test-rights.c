/* test-rights.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What several users may do, as the server itself tells it. */

#include "cb-rights.h"

#include <string.h>

#include "cb-test-redis.h"
#include "cb-test-wait.h"

static CbTestRedis *redis;

static void
allow (const char *user, const char *keys, const char *channels, const char *one, const char *two, const char *three)
{
  g_autoptr (CbReply) reply =
    cb_test_redis_call (redis, "ACL", "SETUSER", user, "reset", "on", ">p", keys, channels, one, two, three, NULL);

  g_assert_true (cb_value_equal_string (cb_reply_get_value (reply), "OK"));
}

static CbConnection *
connect_as (const char *user)
{
  g_autoptr (CbAddress) address = cb_address_with_login (cb_test_redis_get_address (redis), user, "p");
  CbConnection *connection = cb_connection_new (address, "test");

  cb_connection_open (connection);
  cb_test_wait_until (cb_connection_get_state (connection) == CB_CONNECTION_READY);
  return connection;
}

static gboolean
is_refused (CbRights *rights, CbRight right, const char *prefix, const char *part)
{
  const char *refusal = cb_rights_get_refusal (rights, right, prefix);

  return refusal != NULL && strstr (refusal, part) != NULL;
}

/* Whoever asks behind it has an answer: the server keeps the order. */
static void
settle (CbConnection *connection)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      cb_connection_call_async (connection, cb_command_new ("PING", NULL), NULL, cb_test_store_result, &result);
      cb_reply_unref (cb_connection_call_finish (connection, cb_test_wait_result (&result), NULL));
    }
}

static void
count_cb (guint *n)
{
  (*n)++;
}

static void
test_all (void)
{
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbRights) rights = NULL;

  allow ("all", "~*", "&*", "+@all", "+ping", "+info");
  connection = connect_as ("all");
  rights = cb_rights_new (connection);
  for (guint i = 0; i < CB_N_RIGHTS; i++)
    g_assert_null (cb_rights_get_refusal (rights, (CbRight) i, NULL));
  settle (connection);
  for (guint i = 0; i < CB_N_RIGHTS; i++)
    g_assert_null (cb_rights_get_refusal (rights, (CbRight) i, NULL));

  cb_connection_set_read_only (connection, TRUE);
  for (guint i = 0; i < CB_N_RIGHTS; i++)
    g_assert_true (is_refused (rights, (CbRight) i, NULL, "read-only"));
  cb_connection_close (connection);
}

static void
test_reader (void)
{
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbRights) rights = NULL;
  guint n = 0;

  allow ("reader", "~*", "&*", "+@read", "+ping", "+acl");
  connection = connect_as ("reader");
  rights = cb_rights_new (connection);
  g_signal_connect_swapped (rights, "changed", G_CALLBACK (count_cb), &n);
  g_assert_null (cb_rights_get_refusal (rights, CB_RIGHT_CHANGE_JOBS, NULL));
  cb_test_wait_until (n > 0);
  g_assert_true (is_refused (rights, CB_RIGHT_CHANGE_JOBS, NULL, "'evalsha' command"));
  g_assert_true (is_refused (rights, CB_RIGHT_CHANGE_KEYS, NULL, "may not change keys"));
  g_assert_true (is_refused (rights, CB_RIGHT_PUBLISH, NULL, "'publish' command"));
  cb_connection_close (connection);
}

/* One prefix is refused and the other is not; keys and channels in general are not, as some may be changed. */
static void
test_prefix (void)
{
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbRights) rights = NULL;

  allow ("shop", "~shop:*", "&shop:*", "+@all", "+ping", "+acl");
  connection = connect_as ("shop");
  rights = cb_rights_new (connection);
  cb_rights_get_refusal (rights, CB_RIGHT_CHANGE_JOBS, "shop");
  cb_test_wait_until (is_refused (rights, CB_RIGHT_CHANGE_JOBS, NULL, "'q:ids' key"));
  settle (connection);
  g_assert_null (cb_rights_get_refusal (rights, CB_RIGHT_CHANGE_JOBS, "shop"));
  g_assert_null (cb_rights_get_refusal (rights, CB_RIGHT_CHANGE_KEYS, NULL));
  g_assert_null (cb_rights_get_refusal (rights, CB_RIGHT_PUBLISH, NULL));
  cb_connection_close (connection);
}

/* Who may not ask is offered everything. */
static void
test_unknown (void)
{
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbRights) rights = NULL;

  allow ("mute", "~*", "&*", "+@read", "+ping", "-@dangerous");
  connection = connect_as ("mute");
  rights = cb_rights_new (connection);
  cb_rights_get_refusal (rights, CB_RIGHT_CHANGE_JOBS, NULL);
  settle (connection);
  for (guint i = 0; i < CB_N_RIGHTS; i++)
    g_assert_null (cb_rights_get_refusal (rights, (CbRight) i, NULL));
  cb_connection_close (connection);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  redis = cb_test_redis_new (NULL, NULL);

  g_test_add_func ("/rights/all", test_all);
  g_test_add_func ("/rights/reader", test_reader);
  g_test_add_func ("/rights/prefix", test_prefix);
  g_test_add_func ("/rights/unknown", test_unknown);
  status = g_test_run ();
  cb_test_redis_free (redis);
  return status;
}
