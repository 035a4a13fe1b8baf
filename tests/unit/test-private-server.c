/* test-private-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-connection.h"
#include "cb-private-server.h"
#include "cb-redis-error.h"
#include "cb-test-redis.h"
#include "cb-test-wait.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *directory;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->directory = g_dir_make_tmp ("cb-private-XXXXXX", NULL);
}

/* The thread of the last operation may hold it for a moment longer than its result. */
static void
drop_server (CbPrivateServer *server)
{
  GWeakRef weak;
  GObject *object;

  g_weak_ref_init (&weak, server);
  g_object_unref (server);
  cb_test_wait_until ((object = g_weak_ref_get (&weak)) == NULL || (g_object_unref (object), FALSE));
  g_weak_ref_clear (&weak);
}

static gboolean
start (CbPrivateServer  *server,
       GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_private_server_start_async (server, NULL, cb_test_store_result, &result);
  return cb_private_server_start_finish (server, cb_test_wait_result (&result), error);
}

static gboolean
leave (CbPrivateServer  *server,
       GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_private_server_leave_async (server, NULL, cb_test_store_result, &result);
  return cb_private_server_leave_finish (server, cb_test_wait_result (&result), error);
}

static gboolean
stop (CbPrivateServer  *server,
      GError          **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_private_server_stop_async (server, NULL, cb_test_store_result, &result);
  return cb_private_server_stop_finish (server, cb_test_wait_result (&result), error);
}

static int
status (CbPrivateServer *server)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int pid;

  cb_private_server_status_async (server, NULL, cb_test_store_result, &result);
  pid = cb_private_server_status_finish (server, cb_test_wait_result (&result), &error);
  g_assert_no_error (error);
  return pid;
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (CbPrivateServer) server = cb_private_server_new (fixture->directory);

  g_assert_cmpint (status (server), ==, 0);
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static void
set_value (CbPrivateServer *server,
           const char      *value)
{
  CbConnection *connection = cb_connection_new (cb_private_server_get_address (server), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  reply = cb_test_call (connection, cb_command_new ("SET", "k", value, NULL), &error);
  g_assert_no_error (error);
  cb_connection_close (connection);
  g_assert_finalize_object (connection);
}

static char *
get_value (CbPrivateServer *server)
{
  CbConnection *connection = cb_connection_new (cb_private_server_get_address (server), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = NULL;
  char *value;

  cb_test_open (connection, &error);
  g_assert_no_error (error);
  reply = cb_test_call (connection, cb_command_new ("GET", "k", NULL), &error);
  g_assert_no_error (error);
  value = g_strdup (cb_value_get_string (cb_reply_get_value (reply), NULL));
  cb_connection_close (connection);
  g_assert_finalize_object (connection);
  return value;
}

static void
test_alone (Fixture       *fixture,
            gconstpointer  data)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "a b", "server", NULL);
  CbPrivateServer *server = cb_private_server_new (directory);
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autoptr (CbReply) reply = NULL;
  struct stat info;

  g_assert_cmpint (status (server), ==, 0);
  start (server, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status (server), >, 0);

  g_assert_cmpint (g_stat (directory, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_stat (cb_address_get_path (cb_private_server_get_address (server)), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 0777, ==, 0700);

  /* Nothing but the socket, and everything kept. */
  connection = cb_connection_new (cb_private_server_get_address (server), NULL);
  g_assert_true (cb_test_open (connection, NULL));
  reply = cb_test_call (connection, cb_command_new ("CONFIG", "GET", "port", NULL), &error);
  g_assert_no_error (error);
  g_assert_true (cb_value_equal_string (cb_value_get_field (cb_reply_get_value (reply), "port"), "0"));
  cb_connection_close (connection);

  set_value (server, "kept");
  leave (server, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status (server), ==, 0);
  /* Leaving twice is no error. */
  g_assert_true (leave (server, NULL));

  start (server, &error);
  g_assert_no_error (error);
  value = get_value (server);
  g_assert_cmpstr (value, ==, "kept");
  g_assert_true (leave (server, NULL));
  drop_server (server);
}

static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  CbPrivateServer *first = cb_private_server_new (fixture->directory);
  CbPrivateServer *second = cb_private_server_new (fixture->directory);
  g_autoptr (GAsyncResult) first_result = NULL;
  g_autoptr (GAsyncResult) second_result = NULL;
  g_autoptr (GAsyncResult) third_result = NULL;
  g_autoptr (GError) error = NULL;
  int pid;

  /* Both at once: one of them starts it. */
  cb_private_server_start_async (first, NULL, cb_test_store_result, &first_result);
  cb_private_server_start_async (second, NULL, cb_test_store_result, &second_result);
  cb_private_server_start_async (second, NULL, cb_test_store_result, &third_result);
  g_assert_false (cb_private_server_start_finish (second, cb_test_wait_result (&third_result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  g_clear_error (&error);
  cb_private_server_start_finish (first, cb_test_wait_result (&first_result), &error);
  g_assert_no_error (error);
  cb_private_server_start_finish (second, cb_test_wait_result (&second_result), &error);
  g_assert_no_error (error);

  g_clear_object (&first_result);
  g_clear_object (&second_result);
  g_clear_object (&third_result);

  pid = status (first);
  g_assert_cmpint (pid, >, 0);
  g_assert_cmpint (status (second), ==, pid);

  g_assert_true (leave (first, NULL));
  g_assert_cmpint (status (second), ==, pid);
  g_assert_true (leave (second, NULL));
  g_assert_cmpint (status (second), ==, 0);

  drop_server (first);
  drop_server (second);
}

static void
test_killed_user (Fixture       *fixture,
                  gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  CbPrivateServer *other = cb_private_server_new (fixture->directory);
  int pid;

  /* A user that ends without leaving, as with SIGKILL: the kernel lets go of its lock. */
  g_assert_true (start (server, NULL));
  pid = status (server);
  drop_server (server);
  g_assert_cmpint (status (other), ==, pid);

  g_assert_true (start (other, NULL));
  g_assert_cmpint (status (other), ==, pid);
  g_assert_true (leave (other, NULL));
  g_assert_cmpint (status (other), ==, 0);
  drop_server (other);
}

static void
test_killed_server (Fixture       *fixture,
                    gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;
  int pid;

  g_assert_true (start (server, NULL));
  set_value (server, "1");
  /* Kept after a second at the latest; this waits for the disk. */
  pid = status (server);
  kill (pid, SIGKILL);
  cb_test_wait_until (status (server) == 0);
  /* Its socket still lies there. */
  g_assert_true (g_file_test (cb_address_get_path (cb_private_server_get_address (server)), G_FILE_TEST_EXISTS));

  start (server, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status (server), !=, pid);
  value = get_value (server);
  g_assert_cmpstr (value, ==, "1");
  g_assert_true (leave (server, NULL));
  drop_server (server);
}

static void
test_lost_socket (Fixture       *fixture,
                  gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  CbPrivateServer *other = cb_private_server_new (fixture->directory);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const char *path = cb_address_get_path (cb_private_server_get_address (server));
  g_autofree char *hidden = g_strconcat (path, "-hidden", NULL);
  int pid;

  g_assert_true (start (server, NULL));
  pid = status (server);
  g_assert_cmpint (g_rename (path, hidden), ==, 0);

  /* A second server would write into the same file. */
  cb_private_server_start_async (other, cancellable, cb_test_store_result, &result);
  cb_test_run_for (300);
  g_assert_null (result);
  g_cancellable_cancel (cancellable);
  g_assert_false (cb_private_server_start_finish (other, cb_test_wait_result (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);

  g_assert_cmpint (g_rename (hidden, path), ==, 0);
  g_assert_cmpint (status (server), ==, pid);
  g_assert_true (leave (server, NULL));
  drop_server (server);
  drop_server (other);
}

static void
test_stay_and_stop (Fixture       *fixture,
                    gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  CbPrivateServer *other = cb_private_server_new (fixture->directory);
  g_autoptr (GError) error = NULL;
  int pid;

  g_assert_false (stop (server, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);
  g_clear_error (&error);

  cb_private_server_set_stay (server, TRUE);
  g_assert_true (start (server, NULL));
  pid = status (server);
  g_assert_true (leave (server, NULL));
  g_assert_cmpint (status (server), ==, pid);

  /* One that says nothing about it leaves it as it is. */
  g_assert_true (start (other, NULL));
  g_assert_true (leave (other, NULL));
  g_assert_cmpint (status (other), ==, pid);

  stop (other, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status (other), ==, 0);
  g_assert_false (stop (other, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED);

  drop_server (server);
  drop_server (other);
}

static void
test_does_not_start (Fixture       *fixture,
                     gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  g_autofree char *aof_dir = g_build_filename (fixture->directory, "appendonlydir", NULL);
  g_autofree char *manifest = g_build_filename (aof_dir, "appendonly.aof.manifest", NULL);
  g_autofree char *aof = g_build_filename (aof_dir, "appendonly.aof.1.incr.aof", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (aof_dir, 0700), ==, 0);
  g_assert_true (g_file_set_contents (manifest, "file appendonly.aof.1.incr.aof seq 1 type i\n", -1, NULL));
  g_assert_true (g_file_set_contents (aof, "this is no append-only file\r\n", -1, NULL));

  g_assert_false (start (server, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED);
  g_assert_nonnull (strstr (error->message, "Bad file format reading the append only file"));
  g_assert_nonnull (strstr (error->message, "server.log"));
  g_assert_cmpint (status (server), ==, 0);
  drop_server (server);
}

static void
test_missing (Fixture       *fixture,
              gconstpointer  data)
{
  CbPrivateServer *server = cb_private_server_new (fixture->directory);
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *link = g_build_filename (fixture->directory, "valkey-server", NULL);
  g_autofree char *program = g_find_program_in_path ("redis-server");
  g_autoptr (GError) error = NULL;

  g_setenv ("PATH", fixture->directory, TRUE);
  g_assert_false (start (server, &error));
  g_assert_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_MISSING);
  g_assert_nonnull (strstr (error->message, "apt install redis-server"));
  g_clear_error (&error);

  /* Under the other name it is found. */
  g_assert_cmpint (symlink (program, link), ==, 0);
  start (server, &error);
  g_assert_no_error (error);
  g_assert_true (leave (server, NULL));
  g_setenv ("PATH", path, TRUE);
  drop_server (server);
}

static void
test_long_path (Fixture       *fixture,
                gconstpointer  data)
{
  g_autofree char *name = g_strnfill (120, 'x');
  g_autofree char *directory = g_build_filename (fixture->directory, name, NULL);
  g_autofree char *runtime_dir = g_build_filename (fixture->directory, "run", NULL);
  CbPrivateServer *server = cb_private_server_new (directory);
  CbPrivateServer *other;
  g_autoptr (GError) error = NULL;
  const char *path;

  g_assert_cmpint (g_mkdir (runtime_dir, 0700), ==, 0);
  g_setenv ("XDG_RUNTIME_DIR", runtime_dir, TRUE);
  start (server, &error);
  g_assert_no_error (error);
  path = cb_address_get_path (cb_private_server_get_address (server));
  g_assert_cmpuint (strlen (path), <, 108);
  g_assert_true (g_str_has_prefix (path, runtime_dir));
  set_value (server, "1");

  /* Another user of it, in other surroundings, finds the same one. */
  g_unsetenv ("XDG_RUNTIME_DIR");
  other = cb_private_server_new (directory);
  start (other, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (cb_address_get_path (cb_private_server_get_address (other)), ==, path);
  g_assert_true (leave (server, NULL));
  g_assert_true (leave (other, NULL));
  g_assert_cmpint (status (other), ==, 0);
  drop_server (server);
  drop_server (other);
}

#define ADD(name, function) g_test_add ("/private-server/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  ADD ("alone", test_alone);
  ADD ("shared", test_shared);
  ADD ("killed-user", test_killed_user);
  ADD ("killed-server", test_killed_server);
  ADD ("lost-socket", test_lost_socket);
  ADD ("stay-and-stop", test_stay_and_stop);
  ADD ("does-not-start", test_does_not_start);
  ADD ("missing", test_missing);
  ADD ("long-path", test_long_path);

  return g_test_run ();
}
