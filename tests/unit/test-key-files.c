/* test-key-files.c: keys written to a file and read from it again
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-export.h"
#include "cb-key-import.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define N_KEYS 60
#define FAR_END "9999999999999"

static GBytes *
random_bytes (guint most)
{
  static const char special[] = "\n\r\\\"u{}[],x \x7f\x80\xc3"; /* and the NUL at its end */
  guint length = (guint) g_test_rand_int_range (0, (gint32) most + 1);
  g_autofree guint8 *bytes = g_malloc (length + 1);

  /* As often as not of those that are something special in one of the forms. */
  for (guint i = 0; i < length; i++)
    bytes[i] = g_test_rand_bit () ? (guint8) g_test_rand_int_range (0, 256)
                                  : (guint8) special[g_test_rand_int_range (0, G_N_ELEMENTS (special))];
  return g_bytes_new_take (g_steal_pointer (&bytes), length);
}

static void
call (CbTestRedis *redis, GPtrArray *words)
{
  const char *arguments[16];
  gsize lengths[16];
  g_autoptr (CbReply) reply = NULL;

  for (guint i = 0; i < words->len; i++)
    {
      arguments[i] = g_bytes_get_data (g_ptr_array_index (words, i), &lengths[i]);
      if (arguments[i] == NULL)
        arguments[i] = "";
    }
  reply = cb_test_redis_call_argv (redis, words->len, arguments, lengths);
  g_assert_false (cb_value_is_error (cb_reply_get_value (reply)));
}

static void
add_text (GPtrArray *words, const char *text)
{
  g_ptr_array_add (words, g_bytes_new (text, strlen (text)));
}

/* A key of each type in turn, of any bytes, and a name in the store for each that is there now. */
static void
fill (CbTestRedis *redis, CbKeyStore *keys)
{
  static const char *const commands[] = { "SET", "RPUSH", "HSET", "SADD", "ZADD", "XADD" };

  for (guint i = 0; i < N_KEYS; i++)
    {
      guint type = i % G_N_ELEMENTS (commands);
      guint n_calls = type == 0 ? 1 : (guint) g_test_rand_int_range (1, 300);
      g_autofree char *number = g_strdup_printf ("%u:", i);
      g_autoptr (GByteArray) name = g_byte_array_new ();
      g_autoptr (GBytes) rest = random_bytes (40);
      g_autoptr (GBytes) key = NULL;

      /* The number keeps two from being called alike; one has no name at all. */
      if (i > 0)
        {
          g_byte_array_append (name, (const guint8 *) number, strlen (number));
          g_byte_array_append (name, g_bytes_get_data (rest, NULL), g_bytes_get_size (rest));
        }
      key = g_byte_array_free_to_bytes (g_steal_pointer (&name));
      for (guint n = 0; n < n_calls; n++)
        {
          g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

          add_text (words, commands[type]);
          g_ptr_array_add (words, g_bytes_ref (key));
          if (type == 4)
            {
              g_autofree char *score = g_strdup_printf ("%.17g", g_test_rand_double_range (-1e9, 1e9));

              add_text (words, n == 0 ? "-inf" : score);
            }
          if (type == 5)
            add_text (words, "*");
          g_ptr_array_add (words, random_bytes (type == 0 ? 200000 : 60));
          if (type == 2 || type == 5)
            g_ptr_array_add (words, random_bytes (60));
          if (type == 5 && n % 2 > 0)
            {
              g_ptr_array_add (words, random_bytes (10));
              g_ptr_array_add (words, random_bytes (10));
            }
          call (redis, words);
        }
      if (i % 5 == 0)
        {
          g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

          add_text (words, "PEXPIREAT");
          g_ptr_array_add (words, g_bytes_ref (key));
          add_text (words, FAR_END);
          call (redis, words);
        }
      cb_key_store_add (keys, g_bytes_get_size (key) > 0 ? g_bytes_get_data (key, NULL) : "", g_bytes_get_size (key), NULL);
    }
}

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
leave (CbConnection *connection)
{
  cb_connection_close (connection);
  cb_test_settle ();
  /* A thread that took a long line apart may hold it for a moment. */
  cb_test_assert_finalized_soon (connection);
}

static GBytes *
export_keys (CbTestRedis *redis, CbKeyStore *keys, int form)
{
  CbConnection *connection = connect_to (redis, TRUE);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (form < 0)
    {
      g_autoptr (CbKeyBulk) bulk = cb_key_bulk_new (connection, NULL, CB_KEY_BULK_EXPORT, keys);

      cb_key_bulk_set_output (bulk, output);
      cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
      cb_test_wait_result (&result);
      cb_key_bulk_run_finish (bulk, result, &error);
      g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, N_KEYS);
    }
  else
    {
      g_autoptr (CbKeyExport) export = cb_key_export_new (connection, keys, (CbKeyExportForm) form, output);

      cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
      cb_test_wait_result (&result);
      cb_key_export_run_finish (export, result, &error);
      g_assert_cmpuint (cb_key_export_get_n_done (export), ==, N_KEYS);
      g_assert_cmpuint (cb_key_export_get_n_gone (export), ==, 0);
    }
  g_assert_no_error (error);
  g_clear_object (&result);
  leave (connection);
  g_output_stream_close (output, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (output));
}

static void
count_cb (CbKeyImport *import, const char *text, guint *n)
{
  (*n)++;
}

static guint
import_keys (CbTestRedis *redis, GBytes *file, gboolean dry_run, guint *n_problems, GCancellable *cancellable, GError **error)
{
  CbConnection *connection = connect_to (redis, dry_run);
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_bytes (file);
  g_autoptr (CbKeyImport) import = cb_key_import_new (connection, input);
  g_autoptr (GAsyncResult) result = NULL;
  guint n;

  *n_problems = 0;
  cb_key_import_set_dry_run (import, dry_run);
  cb_key_import_set_size (import, g_bytes_get_size (file));
  g_signal_connect (import, "problem", G_CALLBACK (count_cb), n_problems);
  cb_key_import_run_async (import, cancellable, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  cb_key_import_run_finish (import, result, error);
  g_assert_cmpuint (*n_problems, ==, cb_key_import_get_n_problems (import));
  if (error == NULL || *error == NULL)
    g_assert_cmpfloat (cb_key_import_get_progress (import), >, 0.999);
  n = cb_key_import_get_n_keys (import);
  g_clear_object (&result);
  g_clear_object (&import);
  leave (connection);
  return n;
}

static char *
digest (CbTestRedis *redis)
{
  return cb_test_redis_get_string (redis, "DEBUG", "DIGEST", NULL);
}

static gint64
count_ends (CbTestRedis *redis)
{
  return cb_test_redis_get_integer (redis, "EVAL", "local n = 0 for _, key in ipairs (redis.call ('KEYS', '*')) do\n"
                                                   "  if redis.call ('PEXPIRETIME', key) == " FAR_END " then n = n + 1 end\n"
                                                   "end return n", "0", NULL);
}

/* What is written in each form and read again is the same, to the last byte and the last millisecond. */
static void
test_same (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autofree char *before = NULL;

  fill (redis, keys);
  before = digest (redis);
  for (int form = -1; form <= CB_KEY_EXPORT_JSON; form++)
    {
      g_autoptr (GBytes) file = export_keys (redis, keys, form);
      g_autofree char *there = NULL;
      g_autofree char *after = NULL;
      guint n_problems;

      g_assert_cmpuint (import_keys (redis, file, TRUE, &n_problems, NULL, NULL), ==, N_KEYS);
      g_assert_cmpuint (n_problems, ==, 0);
      /* Never over what is there. */
      g_assert_cmpuint (import_keys (redis, file, FALSE, &n_problems, NULL, NULL), ==, 0);
      g_assert_cmpuint (n_problems, ==, N_KEYS);
      there = digest (redis);
      g_assert_cmpstr (before, ==, there);

      cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
      g_assert_cmpuint (import_keys (redis, file, FALSE, &n_problems, NULL, NULL), ==, N_KEYS);
      g_assert_cmpuint (n_problems, ==, 0);
      after = digest (redis);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (count_ends (redis), ==, N_KEYS / 5);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, N_KEYS);
    }
  cb_key_store_unref (keys);
}

/* Nothing is there by half when it is stopped, or when the file ends in the middle of a line. */
static void
test_broken_off (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  CbKeyStore *keys = cb_key_store_new (NULL);

  fill (redis, keys);
  for (int form = -1; form <= CB_KEY_EXPORT_JSON; form++)
    {
      g_autoptr (GBytes) file = export_keys (redis, keys, form);
      g_autoptr (GBytes) half = g_bytes_new_from_bytes (file, 0, g_bytes_get_size (file) / 2);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autofree char *before = digest (redis);
      g_autofree char *after = NULL;
      guint n_problems, n;

      cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (import_keys (redis, file, FALSE, &n_problems, cancellable, &error), ==, 0);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 0);

      n = import_keys (redis, half, FALSE, &n_problems, NULL, NULL);
      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (n, <, N_KEYS);
      g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, n);

      /* The rest comes by reading all of it: what was cut was not put back. */
      import_keys (redis, file, FALSE, &n_problems, NULL, NULL);
      after = digest (redis);
      g_assert_cmpstr (before, ==, after);
    }
  cb_key_store_unref (keys);
}

/* One that is gone, and a server that goes meanwhile. */
static void
test_gone (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new (NULL, NULL);
  CbConnection *connection = connect_to (redis, FALSE);
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (CbKeyExport) export = NULL;
  g_autoptr (CbKeyExport) lost = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  cb_reply_unref (cb_test_redis_call (redis, "SET", "there", "x", NULL));
  cb_key_store_add (keys, "there", 5, NULL);
  cb_key_store_add (keys, "gone", 4, NULL);
  export = cb_key_export_new (connection, keys, CB_KEY_EXPORT_COMMANDS, output);
  cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  g_assert_true (cb_key_export_run_finish (export, result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (cb_key_export_get_n_done (export), ==, 1);
  g_assert_cmpuint (cb_key_export_get_n_gone (export), ==, 1);
  g_assert_cmpuint (cb_key_export_get_n_total (export), ==, 2);
  g_assert_cmpmem (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (output)),
                   g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), "SET \"there\" \"x\"\n", 16);

  cb_test_redis_kill (redis);
  g_clear_object (&result);
  lost = cb_key_export_new (connection, keys, CB_KEY_EXPORT_JSON, output);
  cb_key_export_run_async (lost, NULL, cb_test_store_result, &result);
  cb_test_wait_result (&result);
  g_assert_false (cb_key_export_run_finish (lost, result, &error));
  g_assert_true (cb_redis_error_is_connection (error));
  g_clear_object (&result);
  g_clear_object (&export);
  g_clear_object (&lost);
  cb_key_store_unref (keys);
  leave (connection);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-files/same", test_same);
  g_test_add_func ("/key-files/broken-off", test_broken_off);
  g_test_add_func ("/key-files/gone", test_gone);
  return g_test_run ();
}
