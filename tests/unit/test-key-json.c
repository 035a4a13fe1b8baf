/* test-key-json.c: documents of the JSON type, by its own commands
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * No distribution that Callboard is tested on packages RedisJSON. What stands in for it is a module of our own in the real server
 * (tests/support/json-module.c), which answers as the documentation of the two commands says and is not RedisJSON: what that one makes of
 * a document, such as the order of its members, is not tested here.
 */

#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-import.h"
#include "cb-key-value.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define TYPE "ReJSON-RL"
#define FAR_END "9999999999999"
#define DOCUMENT "{\"b\":1.0,\"a\":[12345678901234567890,null,\"\303\274 \\u0000\"]}"

typedef struct
{
  CbTestRedis *redis;
  CbConnection *connection;
  CbConnection *reader;     /* read-only */
  GBytes *key;
} Fixture;

static CbConnection *
connect_to (CbTestRedis *redis, gboolean read_only)
{
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (GError) error = NULL;

  cb_connection_set_read_only (connection, read_only);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->redis = cb_test_redis_new ("--loadmodule", g_getenv ("CB_TEST_JSON_MODULE"), NULL);
  f->connection = connect_to (f->redis, FALSE);
  f->reader = connect_to (f->redis, TRUE);
  f->key = g_bytes_new ("doc\0\xff", 5);
  {
    const char *words[] = { "JSON.SET", g_bytes_get_data (f->key, NULL), "$", DOCUMENT };
    gsize lengths[] = { 8, 5, 1, strlen (DOCUMENT) };
    g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, 4, words, lengths);

    g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
  }
  {
    const char *words[] = { "PEXPIREAT", g_bytes_get_data (f->key, NULL), FAR_END };
    gsize lengths[] = { 9, 5, strlen (FAR_END) };

    cb_reply_unref (cb_test_redis_call_argv (f->redis, 3, words, lengths));
  }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  cb_connection_close (f->connection);
  cb_connection_close (f->reader);
  cb_test_settle ();
  cb_test_assert_finalized_soon (f->connection);
  cb_test_assert_finalized_soon (f->reader);
  g_bytes_unref (f->key);
  cb_test_redis_free (f->redis);
}

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static char *
ask (Fixture *f, const char *command)
{
  const char *words[] = { command, g_bytes_get_data (f->key, NULL) };
  gsize lengths[] = { strlen (command), 5 };
  g_autoptr (CbReply) reply = cb_test_redis_call_argv (f->redis, 2, words, lengths);
  const CbValue *value = cb_reply_get_value (reply);
  gint64 number;

  return cb_value_get_integer (value, &number) ? g_strdup_printf ("%" G_GINT64_FORMAT, number)
                                               : g_strdup (cb_value_get_string (value, NULL));
}

static void
assert_is (Fixture *f, const char *document, const char *ends_at)
{
  g_autofree char *now = ask (f, "JSON.GET");
  g_autofree char *end = ask (f, "PEXPIRETIME");

  g_assert_cmpstr (now, ==, document);
  g_assert_cmpstr (end, ==, ends_at);
}

static CbKeyPage *
read_document (Fixture *f, GBytes *key, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_page_async (f->reader, key, TYPE, NULL, NULL, 0, NULL, cb_test_store_result, &result);
  return cb_key_page_finish (f->reader, cb_test_wait_result (&result), error);
}

static gboolean
set_document (Fixture *f, const char *document, const char *shown, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) value = bytes_of (document);
  g_autoptr (GBytes) expected = bytes_of (shown);
  CbKeyEdit edit = { .kind = CB_KEY_EDIT_JSON_SET, .key = f->key, .type = TYPE, .value = value, .expected = expected };

  cb_key_edit_async (f->connection, &edit, NULL, cb_test_store_result, &result);
  return cb_key_edit_finish (f->connection, cb_test_wait_result (&result), error);
}

static void
test_show (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyInfo) info = NULL;
  g_autoptr (CbKeyPage) page = read_document (f, f->key, &error);
  g_autoptr (GBytes) now = NULL;
  g_autoptr (GBytes) gone = bytes_of ("gone");
  CbKeyElement *element;
  gsize length;
  const char *text;

  g_assert_no_error (error);
  g_assert_cmpuint (page->elements->len, ==, 1);
  g_assert_null (page->next);
  g_assert_cmpint (page->ttl_msec, >, 0);
  element = g_ptr_array_index (page->elements, 0);
  text = g_bytes_get_data (element->value, &length);
  g_assert_cmpmem (text, length, DOCUMENT, strlen (DOCUMENT));

  cb_key_inspect_async (f->reader, f->key, NULL, cb_test_store_result, &result);
  info = cb_key_inspect_finish (f->reader, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->type, ==, TYPE);
  g_assert_cmpint (info->memory, >, (gint64) strlen (DOCUMENT));
  g_clear_object (&result);

  cb_key_element_async (f->reader, f->key, TYPE, f->key, 0, NULL, cb_test_store_result, &result);
  now = cb_key_element_finish (f->reader, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (now, element->value));
  g_clear_object (&result);

  g_clear_pointer (&page, cb_key_page_free);
  page = read_document (f, gone, &error);
  g_assert_null (page);
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
}

/* Changed as it was shown, and refused otherwise; the time to live stays, which JSON.SET alone takes away. */
static void
test_change (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (set_document (f, "{\"a\":2}", DOCUMENT, &error));
  g_assert_no_error (error);
  assert_is (f, "{\"a\":2}", FAR_END);

  g_assert_false (set_document (f, "{\"a\":3}", DOCUMENT, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_CHANGED);
  g_clear_error (&error);
  assert_is (f, "{\"a\":2}", FAR_END);

  /* What the module refuses is left as it is. */
  g_assert_false (set_document (f, "none", "{\"a\":2}", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  assert_is (f, "{\"a\":2}", FAR_END);

  /* Without a time to live none is made. */
  g_free (ask (f, "PERSIST"));
  g_assert_true (set_document (f, "[1]", "{\"a\":2}", &error));
  g_assert_no_error (error);
  assert_is (f, "[1]", "-1");

  /* Another type by now. */
  g_free (ask (f, "DEL"));
  {
    const char *words[] = { "SADD", g_bytes_get_data (f->key, NULL), "x" };
    gsize lengths[] = { 4, 5, 1 };

    cb_reply_unref (cb_test_redis_call_argv (f->redis, 3, words, lengths));
  }
  g_assert_false (set_document (f, "[2]", "[1]", &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE);
  g_clear_error (&error);
  g_assert_null (read_document (f, f->key, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TYPE);
}

/* What the module says of its commands is what a connection for looking goes by. */
static void
test_only_read (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;
  CbCommand *command = cb_command_add_gbytes (cb_command_new ("JSON.SET", NULL), f->key);

  cb_connection_call_async (f->reader, cb_command_add (cb_command_add (command, "$"), "{}"), NULL, cb_test_store_result, &result);
  reply = cb_connection_call_finish (f->reader, cb_test_wait_result (&result), &error);
  g_assert_null (reply);
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
  assert_is (f, DOCUMENT, FAR_END);
}

static void
add_cb (CbKeyImport *import, const char *text, GString *problems)
{
  g_string_append_printf (problems, "%s\n", text);
}

/* By DUMP it goes into a file and comes back, with its end. */
static void
test_file (Fixture *f, gconstpointer data)
{
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GInputStream) input = NULL;
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GString) problems = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  cb_key_store_add (keys, g_bytes_get_data (f->key, NULL), 5, NULL);
  bulk = cb_key_bulk_new (f->reader, NULL, CB_KEY_BULK_EXPORT, keys);
  cb_key_bulk_set_output (bulk, output);
  cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
  g_assert_true (cb_key_bulk_run_finish (bulk, cb_test_wait_result (&result), &error));
  g_clear_object (&result);
  g_output_stream_close (output, NULL, NULL);
  file = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));

  g_free (ask (f, "DEL"));
  assert_is (f, NULL, "-2");
  input = g_memory_input_stream_new_from_bytes (file);
  import = cb_key_import_new (f->connection, input);
  g_signal_connect (import, "problem", G_CALLBACK (add_cb), problems);
  cb_key_import_run_async (import, NULL, cb_test_store_result, &result);
  g_assert_true (cb_key_import_run_finish (import, cb_test_wait_result (&result), &error));
  g_assert_cmpstr (problems->str, ==, "");
  assert_is (f, DOCUMENT, FAR_END);
  cb_key_store_unref (keys);
}

/* It comes whole, so that one which is too large is not asked for. */
static void
test_large (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) key = bytes_of ("large");
  g_autoptr (GError) error = NULL;
  g_autofree char *stats = NULL;

  cb_reply_unref (cb_test_redis_call (f->redis, "EVAL", "return redis.call ('JSON.SET', 'large', '$', '\"' .. string.rep ('x', 68000000) .. '\"')",
                                      "0", NULL));
  g_assert_null (read_document (f, key, &error));
  g_assert_error (error, CB_KEY_ERROR, CB_KEY_ERROR_TOO_LARGE);
  stats = cb_test_redis_get_string (f->redis, "INFO", "commandstats", NULL);
  g_assert_null (strstr (stats, "cmdstat_json.get"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/key-json/show", Fixture, NULL, set_up, test_show, tear_down);
  g_test_add ("/key-json/change", Fixture, NULL, set_up, test_change, tear_down);
  g_test_add ("/key-json/only-read", Fixture, NULL, set_up, test_only_read, tear_down);
  g_test_add ("/key-json/file", Fixture, NULL, set_up, test_file, tear_down);
  g_test_add ("/key-json/large", Fixture, NULL, set_up, test_large, tear_down);
  return g_test_run ();
}
