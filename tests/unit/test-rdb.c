/* test-rdb.c: RDB files, opened by callboardctl
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "cb-test-cli.h"
#include "cb-test-wait.h"

#define expect(...) cb_test_cli_expect (NULL, __VA_ARGS__)

static char *cache; /* where the copies are */

typedef struct
{
  CbTestRedis *redis;
  char *file;         /* an RDB file that it has written */
  GBytes *bytes;      /* of it */
} Fixture;

static GBytes *
read_file (const char *path)
{
  char *contents;
  gsize length;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (contents, length);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char fill[] =
    "local b = '\\0\\n\\r\\255 \"\\\\' .. string.char (128, 200)\n"
    "redis.call ('SET', 'Holberton', 'School') redis.call ('SET', 'string' .. b, b) redis.call ('SET', '', '')\n"
    "for i = 1, 250 do\n"
    "  redis.call ('RPUSH', 'list' .. b, b .. i) redis.call ('HSET', 'hash' .. b, b .. i, i .. b)\n"
    "  redis.call ('SADD', 'set' .. b, b .. i) redis.call ('ZADD', 'zset' .. b, i / 3, b .. i)\n"
    "  redis.call ('XADD', 'stream' .. b, i .. '-1', b, b .. i, b, '')\n"
    "end\n"
    "redis.call ('PEXPIREAT', 'string' .. b, 9999999999999)\n"
    "redis.call ('SELECT', 3) redis.call ('SET', 'elsewhere', 'x')\n";
  g_autoptr (CbReply) filled = NULL;
  g_autoptr (CbReply) saved = NULL;

  f->redis = cb_test_redis_new ("--enable-debug-command", "yes", NULL);
  filled = cb_test_redis_call (f->redis, "EVAL", fill, "0", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (filled)));
  saved = cb_test_redis_call (f->redis, "SAVE", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (saved)));
  f->file = g_build_filename (cb_test_redis_get_directory (f->redis), "dump.rdb", NULL);
  f->bytes = read_file (f->file);
}

/* Nothing is left of a copy, and the file is what it was. */
static void
check_clean (Fixture *f)
{
  g_autofree char *base = g_build_filename (cache, "callboard", "rdb", NULL);
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  g_autoptr (GBytes) now = read_file (f->file);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_cmpstr (name, ==, "change");
  g_assert_true (g_bytes_equal (now, f->bytes));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  check_clean (f);
  g_bytes_unref (f->bytes);
  g_free (f->file);
  cb_test_redis_free (f->redis);
}

static void
test_look (Fixture *f, gconstpointer data)
{
  g_autoptr (CbTestRun) here = NULL;
  g_autoptr (CbTestRun) there = NULL;

  expect (0, "School\n", "", "open", f->file, "get", "Holberton");
  expect (0, "\"Holberton\"\n", "", "--json", "open", f->file, "keys", "Holb*");

  /* Every byte of every type. */
  here = cb_test_cli_get (f->redis, "key", "export", "--matching", "*", "--type", "stream");
  there = cb_test_cli_get (NULL, "open", f->file, "key", "export", "--matching", "*", "--type", "stream");
  g_assert_cmpint (there->status, ==, 0);
  g_assert_cmpuint (strlen (here->output), >, 1000);
  g_assert_cmpstr (here->output, ==, there->output);
  cb_test_run_free (g_steal_pointer (&here));
  cb_test_run_free (g_steal_pointer (&there));
  here = cb_test_cli_get (f->redis, "key", "export", "--matching", "list*", "--format", "json");
  there = cb_test_cli_get (NULL, "open", f->file, "key", "export", "--matching", "list*", "--format", "json");
  g_assert_cmpstr (here->output, ==, there->output);

  expect (1, "", "*writes*", "open", f->file, "set", "a", "b");
  expect (1, "", "*writes*", "open", f->file, "key", "delete", "Holberton");
  expect (1, "", "*for reading only*", "open", f->file, "call", "SET", "a", "b");
  check_clean (f);
  expect (0, NULL, "", "open", "--writable", f->file, "set", "Holberton", "changed");
  expect (0, "School\n", "", "open", f->file, "get", "Holberton");
  expect (2, "", "*exclude each other*", "--read-only", "open", "--writable", f->file, "keys");
  expect (2, "", "*does not go with it*", "--server", "unix:/nowhere", "open", f->file, "keys");
  expect (2, "", "*There is no command*", "open", f->file, "nonsense");
}

static char *
write_variant (Fixture *f, const char *name, gsize length, gsize at, const char *bytes)
{
  char *path = g_build_filename (cb_test_redis_get_directory (f->redis), name, NULL);
  gsize size;
  const char *data = g_bytes_get_data (f->bytes, &size);
  g_autofree char *copy = g_memdup2 (data, size);

  if (bytes != NULL)
    memcpy (copy + at, bytes, strlen (bytes));
  g_assert_true (g_file_set_contents (path, copy, (gssize) MIN (length, size), NULL));
  return path;
}

static void
test_bad (Fixture *f, gconstpointer data)
{
  gsize size = g_bytes_get_size (f->bytes);
  g_autofree char *newer = write_variant (f, "newer.rdb", size, 5, "0099");
  g_autofree char *other = write_variant (f, "other.rdb", size, 0, "SQLite");
  g_autofree char *changed = write_variant (f, "changed.rdb", size, size / 2, "\1\2\3\4");
  g_autofree char *empty = write_variant (f, "empty.rdb", 0, 0, NULL);

  expect (1, "", "*“newer.rdb” was written by a newer server: it has the RDB format version 99*Install*", "open", newer, "keys");
  expect (1, "", "*“other.rdb” is no RDB file*", "open", other, "keys");
  expect (1, "", "*“empty.rdb” is no RDB file*", "open", empty, "keys");
  expect (1, "", "*“changed.rdb” is broken*", "open", changed, "keys");
  expect (1, "", "*“nothing.rdb” can't be read*", "open", "/nowhere/nothing.rdb", "keys");
  expect (1, "", "*can't be read*", "open", cb_test_redis_get_directory (f->redis), "keys");
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *cut = write_variant (f, "cut.rdb", 12 + (size - 13) * i / 5, 0, NULL);

      expect (1, "", "*“cut.rdb” is broken or was cut off*The server said*", "open", cut, "keys");
    }
  check_clean (f);
}

static void
test_expired (Fixture *f, gconstpointer data)
{
  g_autoptr (CbReply) kept = NULL;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (CbReply) saved = NULL;

  /* Expired or not, it is in the file. */
  kept = cb_test_redis_call (f->redis, "DEBUG", "SET-ACTIVE-EXPIRE", "0", NULL);
  g_assert_false (cb_value_is_error (cb_reply_get_value (kept)));
  reply = cb_test_redis_call (f->redis, "SET", "short", "x", "PX", "300", NULL);
  saved = cb_test_redis_call (f->redis, "SAVE", NULL);
  g_bytes_unref (f->bytes);
  f->bytes = read_file (f->file);
  cb_test_wait_until (cb_test_redis_get_integer (f->redis, "EXISTS", "short", NULL) == 0);
  expect (0, "Holberton\n", "*1 key in the file has expired*", "open", f->file, "keys", "--literal", "Holb");
}

static GSubprocess *
spawn_open (Fixture *f, char **uri)
{
  const char *words[] = { "open", f->file, NULL };
  GSubprocess *process = cb_test_cli_spawn (NULL, words);
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  *uri = cb_test_cli_read_line (stream);
  g_assert_nonnull (*uri);
  g_assert_true (g_str_has_prefix (*uri, "unix:"));
  return process;
}

static void
test_serve (Fixture *f, gconstpointer data)
{
  g_autofree char *uri = NULL;
  g_autofree char *other_uri = NULL;
  g_autoptr (GSubprocess) process = spawn_open (f, &uri);
  g_autoptr (GSubprocess) other = spawn_open (f, &other_uri);

  /* Each its own. */
  g_assert_cmpstr (uri, !=, other_uri);
  expect (0, "School\n", "", "--server", uri, "get", "Holberton");
  {
    g_autofree char *third = g_strconcat (uri, "?db=3", NULL);

    expect (0, "elsewhere\n", "", "--server", third, "keys");
  }
  g_subprocess_send_signal (process, SIGTERM);
  g_assert_cmpint (cb_test_cli_wait (process), ==, 0);
  expect (3, "", "*", "--server", uri, "get", "Holberton");
  expect (0, "School\n", "", "--server", other_uri, "get", "Holberton");
  g_subprocess_send_signal (other, SIGINT);
  g_assert_cmpint (cb_test_cli_wait (other), ==, 0);
}

/* Whoever has it open is killed: the next one to open a file ends its server and removes its copy, but not that of others. */
static void
test_killed (Fixture *f, gconstpointer data)
{
  g_autofree char *uri = NULL;
  g_autofree char *other_uri = NULL;
  g_autoptr (GSubprocess) process = spawn_open (f, &uri);
  g_autoptr (GSubprocess) other = spawn_open (f, &other_uri);
  g_autoptr (GAsyncResult) result = NULL;

  g_subprocess_force_exit (process);
  g_subprocess_wait_async (process, NULL, cb_test_store_result, &result);
  g_subprocess_wait_finish (process, cb_test_wait_result (&result), NULL);
  expect (0, "School\n", "", "--server", uri, "get", "Holberton");

  expect (0, "School\n", "", "open", f->file, "get", "Holberton");
  expect (3, "", "*", "--server", uri, "get", "Holberton");
  expect (0, "School\n", "", "--server", other_uri, "get", "Holberton");
  g_subprocess_send_signal (other, SIGTERM);
  g_assert_cmpint (cb_test_cli_wait (other), ==, 0);
}

int
main (int argc, char **argv)
{
  int status;

  cache = g_dir_make_tmp ("cb-rdb-XXXXXX", NULL);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_test_init (&argc, &argv, NULL);
#define add(name, func) g_test_add ("/rdb/" name, Fixture, NULL, set_up, func, tear_down)
  add ("look", test_look);
  add ("bad", test_bad);
  add ("expired", test_expired);
  add ("serve", test_serve);
  add ("killed", test_killed);
  status = g_test_run ();
  if (status == 0)
    {
      g_autofree char *base = g_build_filename (cache, "callboard", "rdb", NULL);
      g_autofree char *lock = g_build_filename (base, "change", NULL);
      g_autofree char *above = g_path_get_dirname (base);

      g_unlink (lock);
      g_assert_cmpint (g_rmdir (base), ==, 0);
      g_assert_cmpint (g_rmdir (above), ==, 0);
      g_assert_cmpint (g_rmdir (cache), ==, 0);
    }
  g_free (cache);
  return status;
}
