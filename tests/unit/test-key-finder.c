/* test-key-finder.c: finding keys on a server
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-finder.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

static CbConnection *
connect_to (CbTestRedis *redis)
{
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
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
set (CbTestRedis *redis, const char *name, gsize length)
{
  const char *words[] = { "SET", name, "v" };
  gsize lengths[] = { 3, length, 1 };
  g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, 3, words, lengths);

  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static CbKeyFinder *
find (CbConnection *connection, const CbKeyQuery *query)
{
  CbKeyFinder *finder = cb_key_finder_new (connection, query, ":");

  cb_key_finder_start (finder);
  cb_test_wait_until (!cb_key_finder_get_running (finder));
  return finder;
}

static guint
count (CbConnection *connection, CbKeyMatch match, const char *text, const char *type, CbKeyExpiry expiry, gint64 within)
{
  g_autoptr (GBytes) bytes = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  CbKeyQuery query = { match, bytes, type, expiry, within };
  g_autoptr (CbKeyFinder) finder = find (connection, &query);

  g_assert_no_error ((GError *) cb_key_finder_get_error (finder));
  g_assert_true (cb_key_finder_get_done (finder));
  return cb_key_store_count_keys (cb_key_finder_get_store (finder), CB_FOLDER_ROOT);
}

static void
test_matching (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis);
  static const char * const names[] = {
    "abc*", "abc*:x", "abcd", "abc", "[THEME]:dark", "T:dark", "q?:a", "qx:a", "a:[1]", "a:1", "sess::690b8981\\1:A",
    "sess::690b8981\\1:B", "690b8981x1", "a-b", "a^b",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    set (redis, names[i], strlen (names[i]));
  set (redis, "", 0);
  set (redis, "nul\0*\xff", 6);

#define matching(match, text) count (connection, CB_KEY_MATCH_##match, text, NULL, CB_KEY_EXPIRY_ANY, 0)
  g_assert_cmpuint (matching (PATTERN, NULL), ==, G_N_ELEMENTS (names) + 2);
  g_assert_cmpuint (matching (PATTERN, "abc*"), ==, 4);
  g_assert_cmpuint (matching (LITERAL, "abc*"), ==, 2);
  g_assert_cmpuint (matching (LITERAL, "a:[1]"), ==, 1);
  g_assert_cmpuint (matching (LITERAL, "690b8981\\1"), ==, 2);
  g_assert_cmpuint (matching (LITERAL, "a-b"), ==, 1);
  g_assert_cmpuint (matching (LITERAL, "a^b"), ==, 1);
  g_assert_cmpuint (matching (LITERAL, "?"), ==, 1);
  g_assert_cmpuint (matching (NAME, "abc*"), ==, 1);
  g_assert_cmpuint (matching (NAME, "abc?"), ==, 0);
  g_assert_cmpuint (matching (NAME, ""), ==, 1);
#undef matching
  {
    g_autoptr (GBytes) bytes = g_bytes_new ("\0*\xff", 3);
    CbKeyQuery query = { CB_KEY_MATCH_LITERAL, bytes, };
    g_autoptr (CbKeyFinder) finder = find (connection, &query);
    gsize length;

    g_assert_cmpuint (cb_key_store_get_length (cb_key_finder_get_store (finder)), ==, 1);
    g_assert_cmpmem (cb_key_store_get_name (cb_key_finder_get_store (finder), 0, &length), 6, "nul\0*\xff", 6);
  }
  leave (connection);
}

static void
test_filters (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis);

  for (guint i = 0; i < 3000; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "key:%u", i);
      set (redis, name, strlen (name));
      if (i % 3 == 0)
        cb_test_redis_get_integer (redis, "EXPIRE", name, i % 2 == 0 ? "1000" : "100000", NULL);
    }
  for (guint i = 0; i < 5; i++)
    {
      char name[32];

      g_snprintf (name, sizeof name, "list:%u", i);
      cb_test_redis_get_integer (redis, "RPUSH", name, "x", NULL);
    }

#define filtered(type, expiry, within) \
  count (connection, CB_KEY_MATCH_PATTERN, NULL, type, CB_KEY_EXPIRY_##expiry, within)
  g_assert_cmpuint (filtered ("list", ANY, 0), ==, 5);
  g_assert_cmpuint (filtered ("stream", ANY, 0), ==, 0);
  g_assert_cmpuint (filtered (NULL, NONE, 0), ==, 2005);
  g_assert_cmpuint (filtered ("string", NONE, 0), ==, 2000);
  g_assert_cmpuint (filtered (NULL, WITHIN, 1001 * 1000), ==, 500);
  g_assert_cmpuint (filtered (NULL, WITHIN, 100001 * 1000), ==, 1000);
  g_assert_cmpuint (filtered (NULL, WITHIN, 1), ==, 0);
#undef filtered
  g_assert_cmpuint (count (connection, CB_KEY_MATCH_NAME, "list:1", "string", CB_KEY_EXPIRY_ANY, 0), ==, 0);
  g_assert_cmpuint (count (connection, CB_KEY_MATCH_NAME, "list:1", "list", CB_KEY_EXPIRY_NONE, 0), ==, 1);
  g_assert_cmpuint (count (connection, CB_KEY_MATCH_NAME, "key:0", NULL, CB_KEY_EXPIRY_NONE, 0), ==, 0);
  leave (connection);
}

static void
stop_cb (CbKeyFinder *finder, guint first, guint n, guint *n_found)
{
  g_assert_cmpuint (first, ==, *n_found);
  *n_found += n;
  cb_key_finder_stop (finder);
}

/* Stopped at every batch, and gone on: nothing is missing, whether times are asked or not. */
static void
test_stop (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  CbConnection *connection = connect_to (redis);
  g_autofree char *stats = NULL;

  g_free (cb_test_redis_get_string (redis, "DEBUG", "POPULATE", "20000", "visit", NULL));
  for (guint with_times = 0; with_times < 2; with_times++)
    {
      CbKeyQuery query = { .expiry = with_times ? CB_KEY_EXPIRY_NONE : CB_KEY_EXPIRY_ANY };
      g_autoptr (CbKeyFinder) finder = cb_key_finder_new (connection, &query, ":");
      g_autoptr (CbKeyList) top = cb_key_finder_list_folder (finder, CB_FOLDER_ROOT);
      g_autoptr (CbKeyRow) row = NULL;
      guint n_found = 0;
      guint n_starts = 0;
      guint64 scanned = 0;

      g_signal_connect (finder, "found", G_CALLBACK (stop_cb), &n_found);
      while (!cb_key_finder_get_done (finder))
        {
          cb_key_finder_start (finder);
          /* Begun, stopped and begun in one go: the first question's answer is none. */
          cb_key_finder_stop (finder);
          cb_key_finder_start (finder);
          cb_test_wait_until (!cb_key_finder_get_running (finder));
          g_assert_cmpuint (cb_key_finder_get_n_scanned (finder), >=, scanned);
          scanned = cb_key_finder_get_n_scanned (finder);
          n_starts++;
        }
      g_assert_cmpuint (n_starts, >, 8);
      g_assert_cmpuint (n_found, ==, 20000);
      g_assert_cmpuint (scanned, ==, 20000);
      g_assert_cmpuint (cb_key_finder_get_n_total (finder), ==, 20000);
      row = g_list_model_get_item (G_LIST_MODEL (top), 0);
      g_assert_cmpuint (cb_key_row_count_keys (row), ==, 20000);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (top)), ==, 1);
    }
  stats = cb_test_redis_get_string (redis, "INFO", "commandstats", NULL);
  g_assert_null (strstr (stats, "cmdstat_keys:"));
  leave (connection);
}

/* A server without SCAN says so, and still opens by name. */
static void
test_errors (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--rename-command", "SCAN", "s1a9", NULL);
  CbConnection *connection = connect_to (redis);
  g_autoptr (CbKeyFinder) finder = NULL;

  cb_connection_set_read_only (connection, FALSE);
  set (redis, "known", 5);
  finder = find (connection, NULL);
  g_assert_false (cb_key_finder_get_done (finder));
  g_assert_nonnull (cb_key_finder_get_error (finder));
  g_assert_nonnull (strstr (cb_key_finder_get_error (finder)->message, "can’t be listed"));
  g_assert_nonnull (strstr (cb_key_finder_get_error (finder)->message, "unknown command"));
  g_assert_cmpuint (count (connection, CB_KEY_MATCH_NAME, "known", NULL, CB_KEY_EXPIRY_ANY, 0), ==, 1);
  g_clear_object (&finder);
  leave (connection);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-finder/matching", test_matching);
  g_test_add_func ("/key-finder/filters", test_filters);
  g_test_add_func ("/key-finder/stop", test_stop);
  g_test_add_func ("/key-finder/errors", test_errors);
  return g_test_run ();
}
