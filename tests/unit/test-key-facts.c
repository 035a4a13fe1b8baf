/* test-key-facts.c: what a list shows of many keys at once
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-facts.h"
#include "cb-key-value.h"
#include "cb-key-weights.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

static GArray *
ask (CbConnection *connection, const char *const *names, gboolean memory, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GAsyncResult) result = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (keys, g_bytes_new (names[i], strlen (names[i])));
  cb_key_facts_async (connection, keys, memory, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  return cb_key_facts_finish (connection, result, error);
}

static CbConnection *
connect_to (CbTestRedis *redis, const char *user)
{
  g_autofree char *uri = g_strdup_printf ("unix:%s%s%s", cb_test_redis_get_path (redis), user != NULL ? "?password=pw&user=" : "",
                                          user != NULL ? user : "");
  g_autoptr (CbAddress) address = cb_address_parse (uri, NULL);
  CbConnection *connection = cb_connection_new (address, "test");
  g_autoptr (GError) error = NULL;

  /* Looking never writes. */
  cb_connection_set_read_only (connection, TRUE);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
leave (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  g_assert_finalize_object (connection);
}

static void
test_types (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis, NULL);
  static const struct { const char *name; const char *type; gint64 size; gboolean expires; } cases[] = {
    { "string", "string", 6, FALSE }, { "list", "list", 3, FALSE }, { "gone", "none", -1, FALSE },
    { "hash", "hash", 1, TRUE },      { "set", "set", 2, FALSE },   { "zset", "zset", 1, FALSE },
    { "stream", "stream", 1, FALSE }, { "", "string", 0, TRUE },
  };
  const char *names[G_N_ELEMENTS (cases) + 1] = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) facts = NULL;
  g_autoptr (GArray) none = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "SET", "string", "School", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "RPUSH", "list", "a", "b", "c", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "HSET", "hash", "f", "v", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "PEXPIRE", "hash", "100000", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "set", "a", "b", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ZADD", "zset", "1", "a", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "XADD", "stream", "*", "f", "v", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "", "", "PX", "100000", NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    names[i] = cases[i].name;
  for (guint memory = 0; memory < 2; memory++)
    {
      g_clear_pointer (&facts, g_array_unref);
      facts = ask (connection, names, memory, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (facts->len, ==, G_N_ELEMENTS (cases));
      for (guint i = 0; i < facts->len; i++)
        {
          CbKeyFacts *one = &g_array_index (facts, CbKeyFacts, i);

          g_assert_cmpstr (one->type, ==, cases[i].type);
          g_assert_cmpint (one->size, ==, cases[i].size);
          if (cases[i].expires)
            g_assert_true (one->ttl_msec > 0 && one->ttl_msec <= 100000);
          else
            g_assert_cmpint (one->ttl_msec, ==, g_str_equal (one->type, "none") ? -2 : -1);
          g_assert_true ((one->memory > 0) == (memory && !g_str_equal (one->type, "none")));
        }
    }
  names[0] = NULL;
  none = ask (connection, names, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);
  leave (connection);
}

/* Who may not look at some keys, or not ask how large they are, sees the others. */
static void
test_forbidden (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  const char *names[] = { "a:1", "b:1", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) facts = NULL;
  CbConnection *connection;

  cb_reply_unref (cb_test_redis_call (redis, "SET", "a:1", "v", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "b:1", "v", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "ACL", "SETUSER", "eve", "on", ">pw", "~a:*", "+@all", "-strlen", NULL));
  connection = connect_to (redis, "eve");
  facts = ask (connection, names, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_array_index (facts, CbKeyFacts, 0).type, ==, "string");
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 0).size, ==, -1);
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 0).ttl_msec, ==, -1);
  g_assert_cmpstr (g_array_index (facts, CbKeyFacts, 1).type, ==, "");
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 1).ttl_msec, ==, -2);
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 1).memory, ==, -1);
  leave (connection);
}

static gint64
get_weight (CbConnection *connection, CbKeyStore *keys, CbKeyWeight what, guint id)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) weights = NULL;

  cb_key_weights_async (connection, keys, what, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  weights = cb_key_weights_finish (connection, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (weights->len, ==, cb_key_store_get_length (keys));
  return g_array_index (weights, gint64, id);
}

static CbKeyInfo *
inspect (CbConnection *connection, const char *name)
{
  g_autoptr (GBytes) key = g_bytes_new (name, strlen (name));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  CbKeyInfo *info;

  cb_key_inspect_async (connection, key, NULL, cb_test_store_result, &result);
  info = cb_key_inspect_finish (connection, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return info;
}

/* MEMORY under another name is nothing that a connection that may only read sends: everything else is known nevertheless. */
static void
test_renamed (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "MEMORY", "m3m0", "--rename-command", "OBJECT", "0bj3ct", NULL);
  CbConnection *connection = connect_to (redis, NULL);
  const char *names[] = { "text", "gone", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) facts = NULL;
  g_autoptr (CbKeyInfo) info = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "SET", "text", "School", "EX", "5000", NULL));
  facts = ask (connection, names, TRUE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (facts->len, ==, 2);
  g_assert_cmpstr (g_array_index (facts, CbKeyFacts, 0).type, ==, "string");
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 0).size, ==, 6);
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 0).ttl_msec, >, 4000000);
  g_assert_cmpint (g_array_index (facts, CbKeyFacts, 0).memory, ==, -1);
  g_assert_cmpstr (g_array_index (facts, CbKeyFacts, 1).type, ==, "none");

  info = inspect (connection, "text");
  g_assert_cmpstr (info->type, ==, "string");
  g_assert_cmpstr (info->encoding, ==, "");
  g_assert_cmpint (info->size, ==, 6);
  g_assert_cmpint (info->memory, ==, -1);
  g_assert_cmpint (info->ttl_msec, >, 4000000);
  leave (connection);
}

/* More keys than go into one question. */
static void
test_weights (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis, NULL);
  g_autoptr (CbKeyStore) keys = cb_key_store_new (NULL);
  CbKeyId large, small, set, soon;

  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *name = g_strdup_printf ("key %u", i);

      cb_key_store_add (keys, name, strlen (name), NULL);
    }
  cb_key_store_add (keys, "large", 5, &large);
  cb_key_store_add (keys, "small", 5, &small);
  cb_key_store_add (keys, "set", 3, &set);
  cb_key_store_add (keys, "soon", 4, &soon);
  cb_reply_unref (cb_test_redis_call (redis, "SETRANGE", "large", "100000", "x", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "small", "x", "EX", "5000", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SADD", "set", "a", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "soon", "x", "EX", "100", NULL));

  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_MEMORY, large), >, 100000);
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_MEMORY, small), <, 1000);
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_TTL, soon), <=, 100000);
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_TTL, small), >, 100000);
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_TTL, large), ==, G_MAXINT64);
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_TYPE, set), <,
                   get_weight (connection, keys, CB_KEY_WEIGHT_TYPE, small));
  g_assert_cmpint (get_weight (connection, keys, CB_KEY_WEIGHT_TYPE, large), ==,
                   get_weight (connection, keys, CB_KEY_WEIGHT_TYPE, small));
  leave (connection);
}

static void
test_lost (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis, NULL);
  const char *names[] = { "a", NULL };
  g_autoptr (GError) error = NULL;

  cb_connection_close (connection);
  g_assert_null (ask (connection, names, FALSE, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);
  leave (connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-facts/types", test_types);
  g_test_add_func ("/key-facts/forbidden", test_forbidden);
  g_test_add_func ("/key-facts/renamed", test_renamed);
  g_test_add_func ("/key-facts/weights", test_weights);
  g_test_add_func ("/key-facts/lost", test_lost);
  return g_test_run ();
}
