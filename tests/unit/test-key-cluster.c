/* test-key-cluster.c: keys that are on another node of a cluster, put back and captured
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gio/gio.h>
#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-edit.h"
#include "cb-key-export.h"
#include "cb-key-import.h"
#include "cb-key-slot.h"
#include "cb-test-port.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define N_NODES 2
#define FAR_END "9999999999999"

/* With a tag and without, and with braces that are none; each of another type in turn, and each type with either. */
static const char * const names[] = {
  "string",  "list",     "hash",     "set",     "zset",     "stream",     "",       "{user1}:list", "x{user2}y", "{user3}",
  "{{deep}", "{a}{b}:s", "}before{", "{}empty", "after}it", "{open stop", "{}{in}", "a:{}:b",       "{x}}",     "other",
};

typedef struct
{
  CbTestRedis *nodes[N_NODES];
  CbConnection *connection;   /* to the first */
} Cluster;

static gboolean
is_whole (CbTestRedis *node)
{
  g_autofree char *info = cb_test_redis_get_string (node, "CLUSTER", "INFO", NULL);

  return strstr (info, "cluster_state:ok") != NULL;
}

static CbConnection *
connect_to (CbTestRedis *redis)
{
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (redis), "test");
  g_autoptr (GError) error = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  return connection;
}

static void
leave (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (connection);
}

static void
set_up (Cluster *cluster, gconstpointer data)
{
  g_autofree char *port = NULL;
  g_autofree char *bus = NULL;

  for (guint i = 0; i < N_NODES; i++)
    {
      g_clear_pointer (&port, g_free);
      g_clear_pointer (&bus, g_free);
      port = cb_test_port_dup ();
      bus = cb_test_port_dup ();
      cluster->nodes[i] = cb_test_redis_new ("--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", bus,
                                             "--enable-debug-command", "yes", NULL);
    }
  cb_reply_unref (cb_test_redis_call (cluster->nodes[0], "CLUSTER", "ADDSLOTSRANGE", "0", "8191", NULL));
  cb_reply_unref (cb_test_redis_call (cluster->nodes[1], "CLUSTER", "ADDSLOTSRANGE", "8192", "16383", NULL));
  cb_reply_unref (cb_test_redis_call (cluster->nodes[0], "CLUSTER", "MEET", "127.0.0.1", port, bus, NULL));
  cb_test_wait_until (is_whole (cluster->nodes[0]) && is_whole (cluster->nodes[1]));
  cluster->connection = connect_to (cluster->nodes[0]);
}

static void
tear_down (Cluster *cluster, gconstpointer data)
{
  leave (cluster->connection);
  for (guint i = 0; i < N_NODES; i++)
    cb_test_redis_free (cluster->nodes[i]);
}

static CbTestRedis *
get_node (Cluster *cluster, const char *name)
{
  return cluster->nodes[cb_test_redis_get_integer (cluster->nodes[0], "CLUSTER", "KEYSLOT", name, NULL) >= 8192];
}

static char *
digest (CbTestRedis *redis, const char *name)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (redis, "DEBUG", "DIGEST-VALUE", name, NULL);

  return g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), NULL));
}

/* A slot is what the server says that it is. */
static void
test_slot (void)
{
  static const char letters[] = "{}{}ab\xff"; /* and the NUL at its end */
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--cluster-enabled", "yes", "--port", "0", NULL);

  for (guint i = 0; i < 1000; i++)
    {
      gsize length = i == 0 ? 0 : (gsize) g_test_rand_int_range (0, 9);
      char name[9];
      g_autoptr (GBytes) key = NULL;
      g_autoptr (GBytes) beside = NULL;
      gint64 slots[2] = { -1, -2 };

      for (gsize j = 0; j < length; j++)
        name[j] = letters[g_test_rand_int_range (0, G_N_ELEMENTS (letters))];
      key = g_bytes_new (name, length);
      beside = cb_key_slot_new_name_beside (key, "callboard:");
      g_assert_true (g_str_has_prefix (g_bytes_get_data (beside, NULL), "callboard:{"));
      for (guint j = 0; j < 2; j++)
        {
          GBytes *bytes = j == 0 ? key : beside;
          const char *words[] = { "CLUSTER", "KEYSLOT", length == 0 && j == 0 ? "" : g_bytes_get_data (bytes, NULL) };
          gsize lengths[] = { 7, 7, g_bytes_get_size (bytes) };
          g_autoptr (CbReply) reply = cb_test_redis_call_argv (redis, 3, words, lengths);

          g_assert_true (cb_value_get_integer (cb_reply_get_value (reply), &slots[j]));
        }
      g_assert_cmpint (slots[0], ==, slots[1]);
    }
}

/* Some of them in more than one part in each form: what a DUMP has is more than 1 MiB. */
static void
fill (CbTestRedis *redis, CbKeyStore *keys)
{
  static const char script[] =
    "local key, kind, big = KEYS[1], ARGV[1] % 6, ARGV[2] == '1'\n"
    "if kind == 0 then redis.call ('SET', key, string.rep ('text', big and 400000 or 3)) end\n"
    "for i = 1, 250 do\n"
    "  local value = string.rep ('v', big and 6000 or 5) .. i\n"
    "  if kind == 1 then redis.call ('RPUSH', key, value) end\n"
    "  if kind == 2 then redis.call ('HSET', key, i, value) end\n"
    "  if kind == 3 then redis.call ('SADD', key, value) end\n"
    "  if kind == 4 then redis.call ('ZADD', key, i, value) end\n"
    "  if kind == 5 then redis.call ('XADD', key, i .. '-1', 'field', value) end\n"
    "end\n"
    "if ARGV[1] % 4 == 0 then redis.call ('PEXPIREAT', key, ARGV[3]) end\n";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);

      cb_reply_unref (cb_test_redis_call (redis, "EVAL", script, "1", names[i], number, i < 12 ? "1" : "0", FAR_END, NULL));
      cb_key_store_add (keys, names[i], strlen (names[i]), NULL);
    }
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, G_N_ELEMENTS (names));
}

static GBytes *
export_keys (CbTestRedis *redis, CbKeyStore *keys, int form)
{
  CbConnection *connection = connect_to (redis);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (form < 0)
    {
      g_autoptr (CbKeyBulk) bulk = cb_key_bulk_new (connection, NULL, CB_KEY_BULK_EXPORT, keys);

      cb_key_bulk_set_output (bulk, output);
      cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
      cb_key_bulk_run_finish (bulk, cb_test_wait_result (&result), &error);
    }
  else
    {
      g_autoptr (CbKeyExport) export = cb_key_export_new (connection, keys, (CbKeyExportForm) form, output);

      cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
      cb_key_export_run_finish (export, cb_test_wait_result (&result), &error);
    }
  g_assert_no_error (error);
  g_clear_object (&result);
  leave (connection);
  g_output_stream_close (output, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

static void
problem_cb (CbKeyImport *import, const char *text, GString *problems)
{
  g_string_append_printf (problems, "%s\n", text);
}

/* What was told on the way is in @problems. */
static guint
import_keys (Cluster *cluster, GBytes *file, GString *problems)
{
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (CbKeyImport) import = cb_key_import_new (cluster->connection, input);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_string_truncate (problems, 0);
  g_signal_connect (import, "problem", G_CALLBACK (problem_cb), problems);
  cb_key_import_run_async (import, NULL, cb_test_store_result, &result);
  cb_key_import_run_finish (import, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return cb_key_import_get_n_keys (import);
}

static gint64
count_keys (Cluster *cluster)
{
  gint64 n = 0;

  for (guint i = 0; i < N_NODES; i++)
    n += cb_test_redis_get_integer (cluster->nodes[i], "DBSIZE", NULL);
  return n;
}

static void
test_import (Cluster *cluster, gconstpointer data)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", "--rdbcompression", "no", NULL);
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GString) problems = g_string_new (NULL);

  fill (redis, keys);
  file = export_keys (redis, keys, GPOINTER_TO_INT (data));
  g_assert_cmpuint (import_keys (cluster, file, problems), ==, G_N_ELEMENTS (names));
  g_assert_cmpstr (problems->str, ==, "");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      CbTestRedis *node = get_node (cluster, names[i]);
      g_autofree char *before = digest (redis, names[i]);
      g_autofree char *after = digest (node, names[i]);

      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "PEXPIRETIME", names[i], NULL), ==,
                       cb_test_redis_get_integer (node, "PEXPIRETIME", names[i], NULL));
    }
  /* Nothing that was put together is left, and either node has some. */
  g_assert_cmpint (count_keys (cluster), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < N_NODES; i++)
    g_assert_cmpint (cb_test_redis_get_integer (cluster->nodes[i], "DBSIZE", NULL), >, 3);

  /* Never over what is there. */
  g_assert_cmpuint (import_keys (cluster, file, problems), ==, 0);
  g_assert_cmpint (count_keys (cluster), ==, G_N_ELEMENTS (names));
  cb_key_store_unref (keys);
}

static void
add_words (GString *file, const char *command, const char *key, guint n_words)
{
  g_string_append_printf (file, "%s %s", command, key);
  if (g_str_equal (command, "XADD"))
    g_string_append (file, " 1-1");
  for (guint i = 0; i < n_words; i++)
    g_string_append_printf (file, " %u", i);
  g_string_append_c (file, '\n');
}

/* Lines of somebody else may have more words than a script can take at once. */
static void
test_long_lines (Cluster *cluster, gconstpointer data)
{
  static const struct
  {
    const char *command;
    const char *counts;
    guint n_words;
    gint64 n;
  } lines[] = { { "RPUSH", "LLEN", 20001, 20001 }, { "SADD", "SCARD", 4001, 4001 }, { "HSET", "HLEN", 20002, 10001 },
                { "ZADD", "ZCARD", 20002, 10001 }, { "XADD", "XLEN", 3000, 1 } };
  g_autoptr (GString) problems = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (GString) odd = g_string_new (NULL);
  g_autoptr (GBytes) odd_file = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    for (guint j = 0; j < N_NODES; j++)
      {
        g_autofree char *key = g_strdup_printf ("%s:{%s}", lines[i].command, j == 0 ? "a" : "b");

        add_words (text, lines[i].command, key, lines[i].n_words);
      }
  /* {a} is 15495, {b} is 3300. */
  add_words (text, "XADD", "here:{b}", 20000);
  add_words (text, "XADD", "there:{a}", 20000);
  file = g_bytes_new (text->str, text->len);
  g_assert_cmpuint (import_keys (cluster, file, problems), ==, 2 * G_N_ELEMENTS (lines) + 1);
  /* What can't be done is said with where it could. */
  g_assert_nonnull (strstr (problems->str, "The key lives on another node of the cluster: connect to the node that is named."));
  g_assert_true (strchr (problems->str, '\n') == problems->str + problems->len - 1);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    for (guint j = 0; j < N_NODES; j++)
      {
        g_autofree char *key = g_strdup_printf ("%s:{%s}", lines[i].command, j == 0 ? "a" : "b");

        g_assert_cmpint (cb_test_redis_get_integer (cluster->nodes[1 - j], lines[i].counts, key, NULL), ==, lines[i].n);
        g_assert_cmpint (cb_test_redis_get_integer (cluster->nodes[1 - j], "PTTL", key, NULL), ==, -1);
      }
  g_assert_cmpint (cb_test_redis_get_integer (cluster->nodes[0], "XLEN", "here:{b}", NULL), ==, 1);
  g_assert_cmpint (count_keys (cluster), ==, 2 * G_N_ELEMENTS (lines) + 1);

  /* The last of the words is wrong: of those before it nothing is left. */
  add_words (odd, "HSET", "odd:{a}", 20003);
  odd_file = g_bytes_new (odd->str, odd->len);
  g_assert_cmpuint (import_keys (cluster, odd_file, problems), ==, 0);
  g_assert_nonnull (strstr (problems->str, "wrong number of arguments"));
  g_assert_cmpint (count_keys (cluster), ==, 2 * G_N_ELEMENTS (lines) + 1);
}

static CbKeyRemains *
capture (Cluster *cluster, const char *name, GError **error)
{
  g_autoptr (GBytes) key = g_bytes_new (name, strlen (name));
  g_autoptr (GAsyncResult) result = NULL;

  cb_key_capture_async (cluster->connection, key, NULL, cb_test_store_result, &result);
  return cb_key_capture_finish (cluster->connection, cb_test_wait_result (&result), error);
}

/* Wherever it is: read, deleted and put back. */
static void
test_capture (Cluster *cluster, gconstpointer data)
{
  static const char * const keys[] = { "{a}", "{b}" };
  g_autoptr (GError) gone = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      CbTestRedis *node = get_node (cluster, keys[i]);
      g_autoptr (CbKeyRemains) remains = NULL;
      g_autoptr (GAsyncResult) deleted = NULL;
      g_autoptr (GAsyncResult) restored = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;

      g_assert_true (node == cluster->nodes[1 - i]);
      cb_reply_unref (cb_test_redis_call (node, "RPUSH", keys[i], "one", "two", NULL));
      if (i == 0)
        cb_reply_unref (cb_test_redis_call (node, "PEXPIREAT", keys[i], FAR_END, NULL));
      before = digest (node, keys[i]);
      cb_connection_set_read_only (cluster->connection, TRUE);
      remains = capture (cluster, keys[i], &error);
      cb_connection_set_read_only (cluster->connection, FALSE);
      g_assert_no_error (error);
      g_assert_cmpint (remains->expires_at, ==, i == 0 ? g_ascii_strtoll (FAR_END, NULL, 10) : 0);

      cb_key_delete_captured_async (cluster->connection, remains, "list", NULL, cb_test_store_result, &deleted);
      g_assert_true (cb_key_delete_finish (cluster->connection, cb_test_wait_result (&deleted), NULL, &error));
      g_assert_cmpint (count_keys (cluster), ==, i);
      cb_key_restore_async (cluster->connection, remains, NULL, cb_test_store_result, &restored);
      g_assert_true (cb_key_restore_finish (cluster->connection, cb_test_wait_result (&restored), &error));
      after = digest (node, keys[i]);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (cb_test_redis_get_integer (node, "PTTL", keys[i], NULL) > 0, ==, i == 0);
    }
  g_assert_null (capture (cluster, "{a}:none", &gone));
  g_assert_error (gone, CB_KEY_ERROR, CB_KEY_ERROR_GONE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-cluster/slot", test_slot);
  g_test_add ("/key-cluster/import/dump", Cluster, GINT_TO_POINTER (-1), set_up, test_import, tear_down);
  g_test_add ("/key-cluster/import/commands", Cluster, GINT_TO_POINTER (CB_KEY_EXPORT_COMMANDS), set_up, test_import, tear_down);
  g_test_add ("/key-cluster/import/json", Cluster, GINT_TO_POINTER (CB_KEY_EXPORT_JSON), set_up, test_import, tear_down);
  g_test_add ("/key-cluster/long-lines", Cluster, NULL, set_up, test_long_lines, tear_down);
  g_test_add ("/key-cluster/capture", Cluster, NULL, set_up, test_capture, tear_down);
  return g_test_run ();
}
