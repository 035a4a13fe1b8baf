/* test-key-import-crash.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * Who puts keys back is killed between any two turns of its main loop. Whatever it has got to, each key is there whole or not at all,
 * and what was put together beside them ends by itself.
 *
 * The one that dies is this program once more: `test-key-import-crash --child SOCKET FILE TURN`.
 */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cb-key-bulk.h"
#include "cb-key-export.h"
#include "cb-key-import.h"
#include "cb-test-child.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#define N_ELEMENTS 250
#define LONG_TEXT (150 * 1024)
/* As a DUMP that comes in several parts. */
#define LONG_DUMP (2500 * 1000)
#define DUMP (-1)
#define FAR_END "9999999999999"

static const char * const names[] = { "string", "list", "hash", "zset", "stream" };

/* --- the one that dies --- */

static int
live (const char *socket,
      const char *path,
      guint       death)
{
  g_autoptr (CbAddress) address = cb_address_new_unix (socket);
  g_autoptr (CbConnection) connection = cb_connection_new (address, "dies");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, NULL);
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  guint turn = 0;

  if (!cb_test_open (connection, NULL))
    return 2;
  import = cb_key_import_new (connection, G_INPUT_STREAM (input));
  cb_key_import_run_async (import, NULL, cb_test_store_result, &result);
  while (result == NULL)
    {
      if (++turn == death)
        raise (SIGKILL);
      g_main_context_iteration (NULL, TRUE);
    }
  return cb_key_import_run_finish (import, result, NULL) ? 0 : 2;
}

/* --- the one that watches --- */

typedef struct
{
  CbTestRedis *redis;
  char *path;
  char *digests[G_N_ELEMENTS (names)];
} Fixture;

static char *
digest (Fixture    *f,
        const char *key)
{
  g_autoptr (CbReply) reply = cb_test_redis_call (f->redis, "DEBUG", "DIGEST-VALUE", key, NULL);

  return g_strdup (cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 0), NULL));
}

static void
empty (Fixture *f)
{
  cb_reply_unref (cb_test_redis_call (f->redis, "FLUSHALL", NULL));
}

/* A file of keys that all come in several parts. */
static void
set_up (Fixture       *f,
        gconstpointer  data)
{
  static const char filler[] =
    "redis.call ('SET', 'string', string.rep ('ab', tonumber (ARGV[2]) / 2))\n"
    "for i = 1, tonumber (ARGV[1]) do\n"
    "  redis.call ('RPUSH', 'list', i)\n"
    "  redis.call ('HSET', 'hash', i, 'value')\n"
    "  redis.call ('ZADD', 'zset', i, 'member ' .. i)\n"
    "  if i <= 5 then redis.call ('XADD', 'stream', i .. '-1', 'field', i) end\n"
    "end\n"
    "redis.call ('PEXPIREAT', 'hash', ARGV[3])\n"
    "redis.call ('PEXPIREAT', 'string', ARGV[3])\n";
  g_autofree char *n_elements = g_strdup_printf ("%d", N_ELEMENTS);
  int form = GPOINTER_TO_INT (data);
  g_autofree char *length = g_strdup_printf ("%d", form == DUMP ? LONG_DUMP : LONG_TEXT);
  CbKeyStore *keys = cb_key_store_new (NULL);
  CbConnection *connection;
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (CbKeyExport) export = NULL;
  g_autoptr (CbKeyBulk) bulk = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  f->redis = cb_test_redis_new ("--enable-debug-command", "yes", "--rdbcompression", "no", NULL);
  f->path = g_build_filename (cb_test_redis_get_directory (f->redis), "keys", NULL);
  cb_reply_unref (cb_test_redis_call (f->redis, "EVAL", filler, "0", n_elements, length, FAR_END, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      f->digests[i] = digest (f, names[i]);
      cb_key_store_add (keys, names[i], strlen (names[i]), NULL);
    }

  connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  cb_test_open (connection, &error);
  g_assert_no_error (error);
  if (form == DUMP)
    {
      bulk = cb_key_bulk_new (connection, NULL, CB_KEY_BULK_EXPORT, keys);
      cb_key_bulk_set_output (bulk, output);
      cb_key_bulk_run_async (bulk, NULL, cb_test_store_result, &result);
      g_assert_true (cb_key_bulk_run_finish (bulk, cb_test_wait_result (&result), &error));
      g_assert_no_error (error);
      g_assert_cmpuint (cb_key_bulk_get_n (bulk, CB_KEY_BULK_DONE), ==, G_N_ELEMENTS (names));
    }
  else
    {
      export = cb_key_export_new (connection, keys, (CbKeyExportForm) form, output);
      cb_key_export_run_async (export, NULL, cb_test_store_result, &result);
      g_assert_true (cb_key_export_run_finish (export, cb_test_wait_result (&result), &error));
      g_assert_no_error (error);
      g_assert_cmpuint (cb_key_export_get_n_done (export), ==, G_N_ELEMENTS (names));
    }
  g_assert_true (g_file_set_contents (f->path, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (output)),
                                      (gssize) g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), NULL));
  g_clear_object (&result);
  g_clear_object (&export);
  g_clear_object (&bulk);
  cb_key_store_unref (keys);
  cb_connection_close (connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (connection);
  empty (f);
}

static void
tear_down (Fixture       *f,
           gconstpointer  data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (f->digests[i]);
  g_assert_cmpint (g_unlink (f->path), ==, 0);
  g_free (f->path);
  cb_test_redis_free (f->redis);
}

static gboolean
is_alone (Fixture *f)
{
  g_autofree char *clients = cb_test_redis_get_string (f->redis, "CLIENT", "LIST", NULL);

  return strchr (clients, '\n') == strrchr (clients, '\n');
}

/* Once the server has read all that the dead one sent: whole keys, and what ends by itself within the hour. Returns how many of those. */
static guint
look (Fixture *f)
{
  g_autoptr (CbReply) reply = NULL;
  const CbValue *keys;
  guint n_staged = 0;

  cb_test_wait_until (is_alone (f));
  reply = cb_test_redis_call (f->redis, "KEYS", "*", NULL);
  keys = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (keys); i++)
    {
      const char *key = cb_value_get_string (cb_value_get_element (keys, i), NULL);
      gint64 pttl = cb_test_redis_get_integer (f->redis, "PTTL", key, NULL);
      gboolean known = FALSE;

      if (g_str_has_prefix (key, "callboard:import:"))
        {
          g_assert_cmpint (pttl, >, 0);
          g_assert_cmpint (pttl, <=, 3600 * 1000);
          n_staged++;
          continue;
        }
      for (gsize j = 0; j < G_N_ELEMENTS (names); j++)
        if (g_str_equal (key, names[j]))
          {
            g_autofree char *now = digest (f, key);

            g_assert_cmpstr (now, ==, f->digests[j]);
            g_assert_true ((pttl > 3600 * 1000) == (j == 0 || j == 2));
            known = TRUE;
          }
      g_assert_true (known);
    }
  return n_staged;
}

/* TRUE: it was killed; FALSE: it came to its end before. */
static gboolean
run_child (Fixture *f,
           guint    death)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("%u", death);
  const char *argv[] = { self, "--child", cb_test_redis_get_path (f->redis), f->path, number, NULL };
  g_autoptr (GSubprocess) child = cb_test_child_new (argv, G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_async (child, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (child, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  if (g_subprocess_get_if_signaled (child))
    {
      g_assert_cmpint (g_subprocess_get_term_sig (child), ==, SIGKILL);
      return TRUE;
    }
  g_assert_cmpint (g_subprocess_get_exit_status (child), ==, 0);
  return FALSE;
}

static void
test_killed (Fixture       *f,
             gconstpointer  data)
{
  guint death = 0, n_staged = 0;

  while (run_child (f, ++death))
    {
      n_staged += look (f);
      empty (f);
    }
  /* Of five keys as dumps only one comes in parts. */
  g_assert_cmpuint (death, >, GPOINTER_TO_INT (data) == DUMP ? 10 : 20);
  /* Without one left it would have died at the wrong times. */
  g_assert_cmpuint (n_staged, >, GPOINTER_TO_INT (data) == DUMP ? 1 : 5);
  g_assert_cmpuint (look (f), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "DBSIZE", NULL), ==, G_N_ELEMENTS (names));
}

/* --- what was put together ends before it is whole --- */

static void
problem_cb (CbKeyImport *import,
            const char  *text,
            GString     *problems)
{
  g_string_append (problems, text);
}

static void
test_ended (Fixture       *f,
            gconstpointer  data)
{
  CbConnection *connection = cb_connection_new (cb_test_redis_get_address (f->redis), "test");
  g_autoptr (GFile) file = g_file_new_for_path (f->path);
  g_autoptr (GFileInputStream) input = g_file_read (file, NULL, NULL);
  g_autoptr (CbKeyImport) import = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) problems = g_string_new (NULL);
  gint64 n_taken = 0;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  import = cb_key_import_new (connection, G_INPUT_STREAM (input));
  g_signal_connect (import, "problem", G_CALLBACK (problem_cb), problems);
  cb_key_import_run_async (import, NULL, cb_test_store_result, &result);
  while (result == NULL)
    {
      n_taken += cb_test_redis_get_integer (
        f->redis, "EVAL", "local n = 0 for _, key in ipairs (redis.call ('KEYS', 'callboard:import:*')) do\n"
                          "  if redis.call ('TYPE', key).ok == 'list' then n = n + redis.call ('DEL', key) end\n"
                          "end return n", "0", NULL);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_true (cb_key_import_run_finish (import, result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (n_taken, >, 0);
  g_assert_cmpuint (cb_key_import_get_n_problems (import), ==, 1);
  g_assert_nonnull (strstr (problems->str, "“list”"));
  g_assert_cmpuint (cb_key_import_get_n_keys (import), ==, G_N_ELEMENTS (names) - 1);
  g_clear_object (&result);
  g_clear_object (&import);
  cb_connection_close (connection);
  cb_test_settle ();
  cb_test_assert_finalized_soon (connection);
  g_assert_cmpuint (look (f), ==, 0);
  g_assert_cmpint (cb_test_redis_get_integer (f->redis, "EXISTS", "list", NULL), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 5 && strcmp (argv[1], "--child") == 0)
    return live (argv[2], argv[3], (guint) atoi (argv[4]));

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/key-import-crash/commands", Fixture, GINT_TO_POINTER (CB_KEY_EXPORT_COMMANDS), set_up, test_killed, tear_down);
  g_test_add ("/key-import-crash/json", Fixture, GINT_TO_POINTER (CB_KEY_EXPORT_JSON), set_up, test_killed, tear_down);
  g_test_add ("/key-import-crash/dump", Fixture, GINT_TO_POINTER (DUMP), set_up, test_killed, tear_down);
  g_test_add ("/key-import-crash/ended", Fixture, GINT_TO_POINTER (CB_KEY_EXPORT_JSON), set_up, test_ended, tear_down);
  return g_test_run ();
}
