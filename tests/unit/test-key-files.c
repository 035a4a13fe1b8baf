/* test-key-files.c: keys written to a file and read from it again
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <time.h>

#include "cb-fake-server.h"
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

/* --- what is large --- */

typedef struct
{
  GString *problems;
  guint n_done;
} Export;

static void
problem_cb (GObject *export, const char *text, GString *problems)
{
  g_string_append_printf (problems, "%s\n", text);
}

/* Of this thread, in ms. */
static double
get_cpu (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1000 + (double) now.tv_nsec / 1e6;
}

/* Returns the longest turn of the main loop in ms of processor time. */
static double
run_export (CbConnection *connection, CbKeyStore *keys, int form, guint64 most, Export *done, GBytes **file)
{
  /* A stream into memory would copy in the main loop. */
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GFile) where = g_file_new_tmp (NULL, &stream, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (stream));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (CbKeyExport) export = NULL;
  double longest = 0;

  if (form < 0)
    {
      bulk = cb_key_bulk_new (connection, NULL, CB_KEY_BULK_EXPORT, keys);
      cb_key_bulk_set_output (bulk, output);
      cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
    }
  else
    {
      export = cb_key_export_new (connection, keys, (CbKeyExportForm) form, output);
      if (most > 0)
        cb_key_export_set_most (export, most);
      g_signal_connect (export, "problem", G_CALLBACK (problem_cb), done->problems);
      cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
    }
  while (result == NULL)
    {
      double begin = get_cpu ();

      g_main_context_iteration (NULL, TRUE);
      longest = MAX (longest, get_cpu () - begin);
    }
  if (form < 0)
    cb_key_bulk_run_finish (bulk, result, &error);
  else
    cb_key_export_run_finish (export, result, &error);
  g_assert_no_error (error);
  done->n_done = form < 0 ? cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE) : cb_key_export_get_n_done (export);
  g_clear_object (&result);
  *file = g_file_load_bytes (where, NULL, NULL, &error);
  g_assert_no_error (error);
  g_file_delete (where, NULL, NULL);
  return longest;
}

#define N_LARGE 40
#define LARGE_TEXT "400000"

/* Values of some megabytes are no work for the main loop, come back the same, and are left out and told where they are more than is held. */
static void
test_large (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", "--rdbcompression", "no", NULL);
  CbConnection *connection = connect_to (redis, TRUE);
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autofree char *before = NULL;
  double whole;

  for (guint i = 0; i < N_LARGE; i++)
    cb_reply_unref (cb_test_redis_call (redis, "EVAL", "redis.call ('HSET', 'large', #redis.call ('HKEYS', 'large'),\n"
                                                       "string.rep ('\\1\\200\"x', tonumber (ARGV[1]) / 4))", "0", LARGE_TEXT, NULL));
  cb_reply_unref (cb_test_redis_call (redis, "SET", "small", "x", NULL));
  cb_key_store_add (keys, "large", 5, NULL);
  cb_key_store_add (keys, "small", 5, NULL);
  before = digest (redis);

  for (int form = -1; form <= CB_KEY_EXPORT_JSON; form++)
    {
      g_autoptr (GBytes) file = NULL;
      g_autoptr (GString) problems = g_string_new (NULL);
      Export done = { problems, 0 };
      double longest = run_export (connection, keys, form, 0, &done, &file);
      double begin = get_cpu ();
      g_autoptr (GString) text = g_string_new (NULL);
      gsize length;
      const char *bytes = g_bytes_get_data (file, &length);
      g_autofree char *after = NULL;
      guint n_problems;

      g_assert_cmpuint (done.n_done, ==, 2);
      g_assert_cmpstr (problems->str, ==, "");
      /* So long takes what is done byte by byte with all of it. */
      for (gsize i = 0; i < length; i++)
        g_string_append_c (text, (char) (bytes[i] ^ 1));
      whole = get_cpu () - begin;
      g_test_message ("form %d: the longest turn took %.1f ms, going through all of it %.1f", form, longest, whole);
      g_assert_cmpfloat (longest, <, whole / 2);

      cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
      g_assert_cmpuint (import_keys (redis, file, FALSE, &n_problems, NULL, NULL), ==, 2);
      after = digest (redis);
      g_assert_cmpstr (before, ==, after);
    }

  for (int form = CB_KEY_EXPORT_COMMANDS; form <= CB_KEY_EXPORT_JSON; form++)
    {
      g_autoptr (GBytes) file = NULL;
      g_autoptr (GString) problems = g_string_new (NULL);
      Export done = { problems, 0 };

      run_export (connection, keys, form, 1000000, &done, &file);
      g_assert_cmpuint (done.n_done, ==, 1);
      g_assert_nonnull (strstr (problems->str, "“large”: "));
      g_assert_null (g_strstr_len (g_bytes_get_data (file, NULL), (gssize) g_bytes_get_size (file), "large"));
      g_assert_cmpuint (g_bytes_get_size (file), <, 100);
    }
  cb_key_store_unref (keys);
  leave (connection);
}

#define LONG_VALUE 16000000

/* Returns the longest turn of the main loop in ms of processor time. */
static double
run_import (CbConnection *connection, GBytes *bytes, guint *n_keys)
{
  /* A stream from memory would be read in the main loop. */
  g_autoptr (GFileIOStream) stream = NULL;
  g_autoptr (GFile) file = g_file_new_tmp (NULL, &stream, NULL);
  g_autoptr (GFileInputStream) input = NULL;
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  double longest = 0;

  g_file_replace_contents (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL,
                           &error);
  g_assert_no_error (error);
  input = g_file_read (file, NULL, &error);
  g_assert_no_error (error);
  import = cb_key_import_new (connection, G_INPUT_STREAM (input));
  cb_key_import_run_async (import, NULL, cb_test_store_result, &result);
  while (result == NULL)
    {
      double begin = get_cpu ();

      g_main_context_iteration (NULL, TRUE);
      longest = MAX (longest, get_cpu () - begin);
    }
  cb_key_import_run_finish (import, result, &error);
  g_assert_no_error (error);
  *n_keys = cb_key_import_get_n_keys (import);
  g_clear_object (&result);
  g_file_delete (file, NULL, NULL);
  return longest;
}

/* A dump of many megabytes, which stands in one line, is read and sent in parts. */
static void
test_long_line (void)
{
  g_autoptr (CbTestRedis) redis = cb_test_redis_new ("--enable-debug-command", "yes", "--rdbcompression", "no", NULL);
  CbConnection *connection = connect_to (redis, FALSE);
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autoptr (GString) problems = g_string_new (NULL);
  g_autoptr (GBytes) file = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  Export done = { problems, 0 };
  double longest, begin, once;
  guint n_keys;

  cb_reply_unref (cb_test_redis_call (redis, "SETRANGE", "long", G_STRINGIFY (LONG_VALUE), "x", NULL));
  cb_reply_unref (cb_test_redis_call (redis, "PEXPIREAT", "long", FAR_END, NULL));
  cb_key_store_add (keys, "long", 4, NULL);
  before = digest (redis);
  longest = run_export (connection, keys, -1, 0, &done, &file);
  g_test_message ("the longest turn of writing took %.1f ms", longest);
  g_assert_cmpuint (g_bytes_get_size (file), >, LONG_VALUE);

  cb_reply_unref (cb_test_redis_call (redis, "FLUSHALL", NULL));
  longest = run_import (connection, file, &n_keys);
  g_assert_cmpuint (n_keys, ==, 1);
  after = digest (redis);
  g_assert_cmpstr (before, ==, after);
  g_assert_cmpint (count_ends (redis), ==, 1);
  g_assert_cmpint (cb_test_redis_get_integer (redis, "DBSIZE", NULL), ==, 1);

  /* So long takes what is done byte by byte with all of it. */
  begin = get_cpu ();
  {
    gsize length;
    const char *bytes = g_bytes_get_data (file, &length);
    g_autoptr (GString) text = g_string_new (NULL);

    for (gsize i = 0; i < length; i++)
      g_string_append_c (text, (char) (bytes[i] ^ 1));
  }
  once = get_cpu () - begin;
  g_test_message ("the longest turn of reading took %.1f ms, going through all of it %.1f", longest, once);
  g_assert_cmpfloat (longest, <, once / 4);
  cb_key_store_unref (keys);
  leave (connection);
}

/* Values of a module that can't be read in parts. */
static gboolean
answer (CbFakeServer *server, CbFakeClient *client, const CbValue *command, gpointer n_asked)
{
  const CbValue *word = cb_value_get_element (command, 0);

  if (cb_value_equal_string (word, "TYPE"))
    cb_fake_client_send (client, cb_value_equal_string (cb_value_get_element (command, 1), "bloom") ? "+MBbloom--\r\n"
                                                                                                 : "+ReJSON-RL\r\n", -1);
  else if (cb_value_equal_string (word, "PEXPIRETIME"))
    cb_fake_client_send (client, ":-1\r\n", -1);
  else if (cb_value_equal_string (word, "MEMORY"))
    cb_fake_client_send (client, ":100000000\r\n", -1);
  else if (cb_value_equal_string (word, "DUMP") || cb_value_equal_string (word, "JSON.GET"))
    {
      (*(guint *) n_asked)++;
      cb_fake_client_send (client, "$1\r\nx\r\n", -1);
    }
  else
    return FALSE;
  return TRUE;
}

static void
test_large_module (void)
{
  g_autoptr (CbFakeServer) server = cb_fake_server_new ();
  CbConnection *connection = cb_connection_new (cb_fake_server_get_address (server), "test");
  CbKeyStore *keys = cb_key_store_new (NULL);
  g_autoptr (GError) error = NULL;
  guint n_asked = 0;

  cb_fake_server_set_handler (server, answer, &n_asked);
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  cb_key_store_add (keys, "bloom", 5, NULL);
  cb_key_store_add (keys, "json", 4, NULL);
  for (int form = CB_KEY_EXPORT_COMMANDS; form <= CB_KEY_EXPORT_JSON; form++)
    {
      g_autoptr (GBytes) file = NULL;
      g_autoptr (GString) problems = g_string_new (NULL);
      Export done = { problems, 0 };

      run_export (connection, keys, form, 0, &done, &file);
      g_assert_cmpuint (n_asked, ==, 0);
      g_assert_nonnull (strstr (problems->str, "“json”: "));
      /* As JSON only its type is told, whatever it is. */
      g_assert_cmpuint (done.n_done, ==, form == CB_KEY_EXPORT_JSON ? 1 : 0);
    }
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
  g_test_add_func ("/key-files/large", test_large);
  g_test_add_func ("/key-files/long-line", test_long_line);
  g_test_add_func ("/key-files/large-module", test_large_module);
  return g_test_run ();
}
