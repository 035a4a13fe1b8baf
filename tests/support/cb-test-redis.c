/* cb-test-redis.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-test-child.h"
#include "cb-test-redis.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cb-hiredis-compat.h"
#include "cb-test-wait.h"

/* Shorter than what else is waited for. */
#define PATIENCE_MSEC 15000

struct _CbTestRedis
{
  char *directory;       /* (owned) */
  char *path;            /* (owned) */
  GPtrArray *arguments;  /* (owned) NULL-terminated command line */
  CbAddress *address;    /* (owned) */
  redisContext *context; /* (owned) (nullable) our own connection, made when first needed */
  GPid pid;
};

static void
disconnect (CbTestRedis *self)
{
  if (self->context != NULL)
    redisFree (self->context);
  self->context = NULL;
}

static gboolean
connect_once (CbTestRedis *self)
{
  struct timeval timeout = { .tv_sec = 20 };

  self->context = redisConnectUnixWithTimeout (self->path, timeout);
  g_assert_nonnull (self->context);
  if (self->context->err != 0)
    {
      disconnect (self);
      return FALSE;
    }
  return TRUE;
}

static void
fail_to_start (CbTestRedis *self)
{
  g_autofree char *log_file = g_build_filename (self->directory, "log", NULL);
  g_autofree char *log = NULL;

  g_file_get_contents (log_file, &log, NULL, NULL);
  g_error ("redis-server did not start: %s", log != NULL ? log : "it wrote no log");
}

void
cb_test_redis_start_nowait (CbTestRedis *self)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (self->pid, ==, 0);

  g_unlink (self->path);
  g_spawn_async (self->directory, (char **) self->arguments->pdata, NULL,
                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                   G_SPAWN_STDERR_TO_DEV_NULL,
                 cb_test_child_die_with_parent, NULL, &self->pid, &error);
  g_assert_no_error (error);
}

void
cb_test_redis_start (CbTestRedis *self)
{
  cb_test_redis_start_nowait (self);
  cb_test_redis_await (self);
}

void
cb_test_redis_await (CbTestRedis *self)
{
  /* A long append-only file is read from its beginning, on a machine that may have other things to do. */
  gint64 deadline = g_get_monotonic_time () + 120 * G_USEC_PER_SEC;
  gboolean ready = FALSE;

  disconnect (self);

  while (!ready)
    {
      if (g_get_monotonic_time () > deadline || waitpid (self->pid, NULL, WNOHANG) != 0)
        fail_to_start (self);

      if (connect_once (self))
        {
          redisReply *reply = redisCommand (self->context, "PING");

          /* NOAUTH is ready, too; only LOADING is not. */
          ready = reply != NULL && !(reply->type == REDIS_REPLY_ERROR && g_str_has_prefix (reply->str, "LOADING"));
          if (reply != NULL)
            freeReplyObject (reply);
          disconnect (self);
        }
      if (!ready)
        g_usleep (2000);
    }
}

CbTestRedis *
cb_test_redis_new (const char *argument,
                   ...)
{
  CbTestRedis *self = g_new0 (CbTestRedis, 1);
  g_autoptr (GError) error = NULL;
  va_list more;
  const char * const fixed[] = { "redis-server", "--port",    "0",  "--save",    "",    "--appendonly",
                                 "no",           "--logfile", "log", "--loglevel", "notice" };

  /* A link that the server has closed is an error of the call, and made again. */
  signal (SIGPIPE, SIG_IGN);

  self->directory = g_dir_make_tmp ("cb-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->directory, "s", NULL);
  self->address = cb_address_new_unix (self->path);

  self->arguments = g_ptr_array_new_with_free_func (g_free);
  for (gsize i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (self->arguments, g_strdup (fixed[i]));
  g_ptr_array_add (self->arguments, g_strdup ("--dir"));
  g_ptr_array_add (self->arguments, g_strdup (self->directory));
  g_ptr_array_add (self->arguments, g_strdup ("--unixsocket"));
  g_ptr_array_add (self->arguments, g_strdup (self->path));

  va_start (more, argument);
  for (; argument != NULL; argument = va_arg (more, const char *))
    g_ptr_array_add (self->arguments, g_strdup (argument));
  va_end (more);
  g_ptr_array_add (self->arguments, NULL);

  cb_test_redis_start (self);
  return self;
}

CbTestRedis *
cb_test_redis_new_from_rdb (const char *rdb_file)
{
  CbTestRedis *self = cb_test_redis_new (NULL, NULL);
  g_autofree char *copy = g_build_filename (self->directory, "dump.rdb", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  cb_test_redis_kill (self);
  g_file_get_contents (rdb_file, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (copy, contents, length, &error);
  g_assert_no_error (error);
  cb_test_redis_start (self);
  return self;
}

static void
end (CbTestRedis *self,
     int          signal_number)
{
  disconnect (self);
  if (self->pid == 0)
    return;

  kill (self->pid, signal_number);
  g_assert_cmpint (waitpid (self->pid, NULL, 0), ==, self->pid);
  g_spawn_close_pid (self->pid);
  self->pid = 0;
}

void
cb_test_redis_kill (CbTestRedis *self)
{
  end (self, SIGKILL);
}

void
cb_test_redis_stop (CbTestRedis *self)
{
  end (self, SIGTERM);
}

void
cb_test_redis_freeze (CbTestRedis *self)
{
  g_assert_cmpint (kill (self->pid, SIGSTOP), ==, 0);
}

void
cb_test_redis_thaw (CbTestRedis *self)
{
  g_assert_cmpint (kill (self->pid, SIGCONT), ==, 0);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir != NULL)
    {
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
            remove_tree (child);
          else
            g_unlink (child);
        }
      g_dir_close (dir);
    }
  g_rmdir (path);
}

void
cb_test_redis_free (CbTestRedis *self)
{
  if (self == NULL)
    return;

  cb_test_redis_kill (self);
  remove_tree (self->directory);
  g_ptr_array_unref (self->arguments);
  cb_address_unref (self->address);
  g_free (self->directory);
  g_free (self->path);
  g_free (self);
}

const char *
cb_test_redis_get_path (CbTestRedis *self)
{
  return self->path;
}

const char *
cb_test_redis_get_directory (CbTestRedis *self)
{
  return self->directory;
}

CbAddress *
cb_test_redis_get_address (CbTestRedis *self)
{
  return self->address;
}

GPid
cb_test_redis_get_pid (CbTestRedis *self)
{
  return self->pid;
}

CbReply *
cb_test_redis_call_argv (CbTestRedis        *self,
                         guint               n_arguments,
                         const char * const *arguments,
                         const gsize        *lengths)
{
  redisReply *reply = NULL;

  /* A connection that was made before CLIENT KILL or a restart is made again, once. */
  for (int attempt = 0; attempt < 2 && reply == NULL; attempt++)
    {
      if (self->context == NULL && !connect_once (self))
        break;
      reply = redisCommandArgv (self->context, n_arguments, (const char **) arguments, lengths);
      if (reply == NULL)
        disconnect (self);
    }

  if (reply == NULL)
    g_error ("the test's redis-server does not answer %s", arguments[0]);
  return cb_reply_new_take (reply);
}

static CbReply *
call_va (CbTestRedis *self,
         const char  *name,
         va_list      more)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (; name != NULL; name = va_arg (more, const char *))
    g_ptr_array_add (words, (gpointer) name);
  return cb_test_redis_call_argv (self, words->len, (const char * const *) words->pdata, NULL);
}

CbReply *
cb_test_redis_call (CbTestRedis *self,
                    const char  *name,
                    ...)
{
  CbReply *reply;
  va_list more;

  va_start (more, name);
  reply = call_va (self, name, more);
  va_end (more);
  return reply;
}

char *
cb_test_redis_get_string (CbTestRedis *self,
                          const char  *name,
                          ...)
{
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  const char *string;
  va_list more;

  va_start (more, name);
  reply = call_va (self, name, more);
  va_end (more);

  value = cb_reply_get_value (reply);
  string = cb_value_get_string (value, NULL);
  if (cb_value_is_error (value))
    g_error ("%s: %s", name, string);
  g_assert_true (string != NULL || cb_value_is_nil (value));
  return g_strdup (string);
}

gint64
cb_test_redis_get_integer (CbTestRedis *self,
                           const char  *name,
                           ...)
{
  g_autoptr (CbReply) reply = NULL;
  const CbValue *value;
  gint64 integer = 0;
  va_list more;

  va_start (more, name);
  reply = call_va (self, name, more);
  va_end (more);

  value = cb_reply_get_value (reply);
  if (cb_value_is_error (value))
    g_error ("%s: %s", name, cb_value_get_string (value, NULL));
  g_assert_true (cb_value_get_integer (value, &integer));
  return integer;
}

CbReply *
cb_test_call (CbConnection  *connection,
              CbCommand     *command,
              GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_connection_call_async (connection, command, NULL, cb_test_store_result, &result);
  return cb_connection_call_finish (connection, cb_test_wait_result (&result), error);
}

GPtrArray *
cb_test_pipeline (CbConnection  *connection,
                  CbPipeline    *pipeline,
                  GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  cb_connection_pipeline_async (connection, pipeline, NULL, cb_test_store_result, &result);
  return cb_connection_pipeline_finish (connection, cb_test_wait_result (&result), error);
}

/* What a test asks for takes much of the server, and a busy machine takes its time for that: who has set no limit has a long one. */
gboolean
cb_test_open (CbConnection  *connection,
              GError       **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GParamSpec *usual = g_object_class_find_property (G_OBJECT_GET_CLASS (connection), "timeout");
  guint msec;

  g_object_get (connection, "timeout", &msec, NULL);
  if (msec == G_PARAM_SPEC_UINT (usual)->default_value)
    cb_connection_set_timeout (connection, PATIENCE_MSEC);

  cb_connection_open_async (connection, NULL, cb_test_store_result, &result);
  return cb_connection_open_finish (connection, cb_test_wait_result (&result), error);
}
