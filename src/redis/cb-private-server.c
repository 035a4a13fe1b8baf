/* cb-private-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-private-server.h"

#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "cb-rdb-copy.h"
#include "cb-redis-error.h"
#include "cb-server-folder.h"
#include "cb-task-thread.h"

/*
 * Each operation is a few steps that must not be interleaved with those of other programs, most of them waiting for
 * a lock, a socket or a process. They run in a thread, one operation at a time, and only what they leave behind is
 * seen by the main loop.
 *
 * The server leads a session of its own, so that it survives who started it while others use it, and holds a lock by
 * which everybody can tell that it lives. It is never started while a server has that lock, whatever happened to
 * its socket: two servers would write into one append-only file.
 */

#define ANSWER_TIMEOUT_SEC 2
#define START_BOUND_USEC (30 * G_TIME_SPAN_SECOND)
#define LOADING_BOUND_USEC (3 * G_TIME_SPAN_SECOND)
#define STOP_BOUND_USEC (30 * G_TIME_SPAN_SECOND)
#define PAUSE_USEC (10 * G_TIME_SPAN_MILLISECOND)

/* Which descriptor of the server is its lock. It closes none that it is given. */
#define RUNNING_FD 3

struct _CbPrivateServer
{
  GObject parent_instance;

  CbServerFolder *folder; /* (owned) */
  CbAddress *address;     /* (owned) */
  char *rdb;              /* (owned) (nullable) the file of which a copy is served, from a folder that goes with it */
  guint64 n_expired;
  int user_fd;            /* of the lock that makes us a user, -1 when we are none */
  gboolean stay;
  gboolean stay_set;
  int busy;               /* (atomic) an operation is under way */
};

G_DEFINE_FINAL_TYPE (CbPrivateServer, cb_private_server, G_TYPE_OBJECT)

typedef enum
{
  ASK_NO_ONE,  /* nobody listens */
  ASK_SILENT,  /* somebody listens and does not answer in time */
  ASK_ANSWER,
} AskOutcome;

/* Sends a command of one word and waits for the beginning of the answer. */
static AskOutcome
ask (const char  *socket_path,
     const char  *word,
     char       **answer,
     int         *pid)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autofree char *line = g_strconcat (word, "\r\n", NULL);
  char buffer[512];
  gssize n;

  if (socket == NULL)
    return ASK_NO_ONE;
  g_socket_set_timeout (socket, ANSWER_TIMEOUT_SEC);
  if (!g_socket_connect (socket, address, NULL, NULL))
    return ASK_NO_ONE;

  if (pid != NULL)
    {
      /* By the kernel's word, who listens. */
      g_autoptr (GCredentials) credentials = g_socket_get_credentials (socket, NULL);

      *pid = credentials != NULL ? g_credentials_get_unix_pid (credentials, NULL) : 0;
    }

  if (g_socket_send (socket, line, strlen (line), NULL, NULL) < 0)
    return ASK_SILENT;
  n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);
  if (n <= 0)
    return ASK_SILENT;
  if (answer != NULL)
    {
      *answer = g_utf8_make_valid (buffer, n);
      g_strchomp (*answer);
    }
  return ASK_ANSWER;
}

static void
set_failed (CbPrivateServer  *self,
            const char       *what,
            GError          **error)
{
  g_autofree char *path = cb_server_folder_dup_log_path (self->folder);
  g_autofree char *tail = cb_server_folder_dup_log_tail (self->folder);
  g_autofree char *log = NULL;
  g_autofree char *explained = NULL;

  if (self->rdb != NULL)
    {
      g_file_get_contents (path, &log, NULL, NULL);
      explained = cb_rdb_copy_explain (self->rdb, log != NULL ? log : "", tail);
    }

  if (explained != NULL)
    g_set_error_literal (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, explained);
  else if (tail[0] == '\0')
    g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, "%s It wrote no log.", what);
  else
    g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, "%s Its log, %s, ends with:\n%s", what, path,
                 tail);
}

static char *
find_program (GError **error)
{
  static const char * const names[] = { "redis-server", "valkey-server" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      char *program = g_find_program_in_path (names[i]);

      if (program != NULL)
        return program;
    }

  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_MISSING,
               "There is neither redis-server nor valkey-server, of which Callboard runs one as your private server. "
               "Install it (Debian and Ubuntu: sudo apt install redis-server; Fedora: sudo dnf install valkey), or name "
               "a server that runs somewhere.");
  return NULL;
}

static void
lead_session_cb (gpointer data)
{
  setsid ();
}

static GSubprocess *
spawn (CbPrivateServer  *self,
       int               running_fd, /* taken */
       GError          **error)
{
  g_autofree char *program = find_program (error);
  g_autofree char *socket_path = NULL;
  g_autofree char *log_path = cb_server_folder_dup_log_path (self->folder);
  g_autoptr (GSubprocessLauncher) launcher = NULL;

  if (program == NULL || !cb_server_folder_make_socket (self->folder, error))
    {
      close (running_fd);
      return NULL;
    }

  socket_path = cb_server_folder_dup_socket_path (self->folder);
  cb_server_folder_turn_log (self->folder);

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_set_cwd (launcher, cb_server_folder_get_path (self->folder));
  g_subprocess_launcher_set_stdout_file_path (launcher, log_path);
  g_subprocess_launcher_take_fd (launcher, running_fd, RUNNING_FD);
  g_subprocess_launcher_set_child_setup (launcher, lead_session_cb, NULL, NULL);

  /* What is in a file from anywhere is checked to the last byte, and never written back. */
  if (self->rdb != NULL)
    return g_subprocess_launcher_spawn (launcher, error, program,
                                        "--port", "0",
                                        "--unixsocket", socket_path,
                                        "--unixsocketperm", "700",
                                        "--dir", cb_server_folder_get_path (self->folder),
                                        "--dbfilename", CB_RDB_COPY_NAME,
                                        "--sanitize-dump-payload", "yes",
                                        "--appendonly", "no",
                                        "--save", "",
                                        "--daemonize", "no",
                                        "--supervised", "no",
                                        "--loglevel", "notice",
                                        NULL);

  /* The log goes to the standard output, as mistakes in the options do. */
  return g_subprocess_launcher_spawn (launcher, error, program,
                                      "--port", "0",
                                      "--unixsocket", socket_path,
                                      "--unixsocketperm", "700",
                                      "--dir", cb_server_folder_get_path (self->folder),
                                      "--appendonly", "yes",
                                      "--appendfsync", "everysec",
                                      "--save", "",
                                      "--daemonize", "no",
                                      "--supervised", "no",
                                      "--loglevel", "notice",
                                      NULL);
}

/* Waits until the server of this folder takes connections. With @process, ends when that does. */
static gboolean
wait_for_socket (CbPrivateServer  *self,
                 GSubprocess      *process, /* nullable */
                 GCancellable     *cancellable,
                 GError          **error)
{
  gint64 began = g_get_monotonic_time ();

  for (;;)
    {
      g_autofree char *path = cb_server_folder_dup_socket_path (self->folder);
      g_autofree char *answer = NULL;
      AskOutcome outcome = ask (path, "PING", &answer, NULL);
      gint64 waited = g_get_monotonic_time () - began;

      /* It listens before it reads its data, and may find then that it can't. Much data takes long to read, though,
       * which is for the connection to show. */
      if (outcome == ASK_ANSWER &&
          (!g_str_has_prefix (answer, "-LOADING") || (self->rdb == NULL && waited > LOADING_BOUND_USEC)))
        return TRUE;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!cb_server_folder_is_running (self->folder) ||
          (process != NULL && g_subprocess_get_identifier (process) == NULL))
        {
          set_failed (self, "The private Redis server did not start.", error);
          return FALSE;
        }
      /* Alive and listening, but too busy to answer: that is for the connection to show as well. */
      if (outcome == ASK_SILENT && self->rdb == NULL && waited > 2 * ANSWER_TIMEOUT_SEC * G_TIME_SPAN_SECOND)
        return TRUE;
      if (outcome == ASK_NO_ONE && waited > START_BOUND_USEC)
        {
          set_failed (self, "The private Redis server runs, but its socket can't be reached. End the process "
                            "redis-server or valkey-server and try again.", error);
          return FALSE;
        }
      g_usleep (PAUSE_USEC);
    }
}

static gboolean
start_server (CbPrivateServer  *self,
              GCancellable     *cancellable,
              GError          **error)
{
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) lock_error = NULL;
  int running_fd = cb_server_folder_lock_running (self->folder, &lock_error);

  if (lock_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&lock_error));
      return FALSE;
    }

  /* Somebody's runs already. */
  if (running_fd < 0)
    return wait_for_socket (self, NULL, cancellable, error);

  process = spawn (self, running_fd, error);
  if (process == NULL)
    return FALSE;
  if (wait_for_socket (self, process, cancellable, error))
    return TRUE;

  g_subprocess_send_signal (process, SIGTERM);
  return FALSE;
}

static void
apply_stay (CbPrivateServer *self)
{
  if (self->stay_set)
    cb_server_folder_set_stay (self->folder, self->stay);
}

static void
stop_using (CbPrivateServer *self)
{
  if (self->user_fd >= 0)
    close (self->user_fd);
  self->user_fd = -1;
}

static gboolean
shut_down (CbPrivateServer  *self,
           GCancellable     *cancellable,
           GError          **error)
{
  gint64 deadline = g_get_monotonic_time () + STOP_BOUND_USEC;
  g_autofree char *path = cb_server_folder_dup_socket_path (self->folder);
  g_autofree char *answer = NULL;

  /* The append-only file is written to the end first. The answer to success is the end of the connection. */
  if (ask (path, "SHUTDOWN", &answer, NULL) == ASK_ANSWER && answer != NULL && answer[0] == '-')
    {
      g_autofree char *what = g_strdup_printf ("The private Redis server refuses to stop: %s.", answer + 1);

      set_failed (self, what, error);
      return FALSE;
    }

  while (cb_server_folder_is_running (self->folder))
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_get_monotonic_time () > deadline)
        {
          set_failed (self, "The private Redis server does not stop.", error);
          return FALSE;
        }
      g_usleep (PAUSE_USEC);
    }
  return TRUE;
}

/* Copies of RDB files */

/* Ends what is left of a program that has died, and removes it. The lock of the base is held. */
static void
sweep (void)
{
  g_auto (GStrv) folders = cb_rdb_copy_list ();

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autoptr (CbPrivateServer) old = cb_private_server_new (folders[i]);

      if (cb_server_folder_is_used (old->folder))
        continue;
      if (!cb_server_folder_is_running (old->folder) || shut_down (old, NULL, NULL))
        cb_rdb_copy_remove (folders[i]);
    }
}

static int
lock_base (GCancellable  *cancellable,
           GError       **error)
{
  g_autofree char *base = cb_rdb_copy_dup_base ();
  g_autoptr (CbServerFolder) folder = cb_server_folder_new (base);

  if (!cb_server_folder_make (folder, error))
    return -1;
  return cb_server_folder_lock_change (folder, cancellable, error);
}

/* From here on the folder is used, and nobody sweeps it away. */
static gboolean
begin_copy (CbPrivateServer  *self,
            GCancellable     *cancellable,
            GError          **error)
{
  g_autofree char *path = NULL;
  int base_fd = lock_base (cancellable, error);

  if (base_fd < 0)
    return FALSE;
  sweep ();
  path = cb_rdb_copy_make_folder (error);
  if (path != NULL)
    {
      g_clear_pointer (&self->folder, cb_server_folder_free);
      self->folder = cb_server_folder_new (path);
      self->user_fd = cb_server_folder_join (self->folder, error);
    }
  close (base_fd);
  return self->user_fd >= 0 && cb_rdb_copy_fill (path, self->rdb, cancellable, error);
}

static void
end_copy (CbPrivateServer *self)
{
  if (g_file_test (cb_server_folder_get_path (self->folder), G_FILE_TEST_IS_DIR))
    cb_rdb_copy_remove (cb_server_folder_get_path (self->folder));
}

static gboolean
start_copy_in_thread (CbPrivateServer  *self,
                      GCancellable     *cancellable,
                      GError          **error)
{
  g_autofree char *tail = NULL;

  if (self->user_fd >= 0)
    return TRUE;
  if (!begin_copy (self, cancellable, error) || !start_server (self, cancellable, error))
    {
      /* One that is just told to end must not find its folder gone and make another. */
      for (guint i = 0; i < 500 && self->folder != NULL && cb_server_folder_is_running (self->folder); i++)
        g_usleep (PAUSE_USEC);
      if (self->user_fd >= 0)
        end_copy (self);
      stop_using (self);
      return FALSE;
    }
  tail = cb_server_folder_dup_log_tail (self->folder);
  self->n_expired = cb_rdb_copy_count_expired (tail);
  return TRUE;
}

static gboolean
sweep_in_thread (GError **error)
{
  g_autofree char *base = cb_rdb_copy_dup_base ();
  int base_fd;

  if (!g_file_test (base, G_FILE_TEST_IS_DIR))
    return TRUE;
  base_fd = lock_base (NULL, error);
  if (base_fd < 0)
    return FALSE;
  sweep ();
  close (base_fd);
  return TRUE;
}

/* The operations, in their threads */

static gboolean
start_in_thread (CbPrivateServer  *self,
                 GCancellable     *cancellable,
                 GError          **error)
{
  gboolean started;
  int change_fd;

  if (self->rdb != NULL)
    return start_copy_in_thread (self, cancellable, error);

  if (!cb_server_folder_make (self->folder, error))
    return FALSE;
  change_fd = cb_server_folder_lock_change (self->folder, cancellable, error);
  if (change_fd < 0)
    return FALSE;

  if (self->user_fd < 0)
    self->user_fd = cb_server_folder_join (self->folder, error);
  started = self->user_fd >= 0 && start_server (self, cancellable, error);
  if (started)
    apply_stay (self);
  else
    stop_using (self);

  close (change_fd);
  return started;
}

static gboolean
leave_in_thread (CbPrivateServer  *self,
                 GCancellable     *cancellable,
                 GError          **error)
{
  gboolean left = TRUE;
  int change_fd;

  if (self->user_fd < 0)
    return TRUE;
  change_fd = cb_server_folder_lock_change (self->folder, cancellable, error);
  if (change_fd < 0)
    return FALSE;

  apply_stay (self);
  stop_using (self);
  if (!cb_server_folder_is_used (self->folder) && !cb_server_folder_get_stay (self->folder) &&
      cb_server_folder_is_running (self->folder))
    left = shut_down (self, cancellable, error);
  if (left && self->rdb != NULL)
    end_copy (self);

  close (change_fd);
  return left;
}

static gboolean
stop_in_thread (CbPrivateServer  *self,
                GCancellable     *cancellable,
                GError          **error)
{
  gboolean stopped = FALSE;
  int change_fd;

  if (!g_file_test (cb_server_folder_get_path (self->folder), G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED, "The private server does not run.");
      return FALSE;
    }
  change_fd = cb_server_folder_lock_change (self->folder, cancellable, error);
  if (change_fd < 0)
    return FALSE;

  cb_server_folder_set_stay (self->folder, FALSE);
  stop_using (self);
  if (cb_server_folder_is_running (self->folder))
    stopped = shut_down (self, cancellable, error);
  else
    g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOT_CONNECTED, "The private server does not run.");

  close (change_fd);
  return stopped;
}

static int
status_in_thread (CbPrivateServer *self)
{
  g_autofree char *path = cb_server_folder_dup_socket_path (self->folder);
  int pid = 0;

  ask (path, "PING", NULL, &pid);
  return pid;
}

/* Operations as tasks */

/* Where the socket is may have to be read from the disk, so that the thread does it. */
static void
note_socket_path (CbPrivateServer *self,
                  GTask           *task)
{
  g_object_set_data_full (G_OBJECT (task), "socket-path", cb_server_folder_dup_socket_path (self->folder), g_free);
}

static void
learn_socket_path (CbPrivateServer *self,
                   GAsyncResult    *result)
{
  const char *socket_path = g_object_get_data (G_OBJECT (cb_task_in_thread_result (result)), "socket-path");

  if (socket_path == NULL || g_strcmp0 (socket_path, cb_address_get_path (self->address)) == 0)
    return;

  cb_address_unref (self->address);
  self->address = cb_address_new_unix (socket_path);
}

static void
run_cb (GTask        *task,
        gpointer      source_object,
        gpointer      task_data,
        GCancellable *cancellable)
{
  CbPrivateServer *self = source_object;
  gpointer tag = g_task_get_source_tag (task);
  GError *error = NULL;
  gboolean done;

  if (tag == cb_private_server_status_async)
    {
      int pid = status_in_thread (self);

      note_socket_path (self, task);
      g_task_return_int (task, pid);
      return;
    }

  if (tag == cb_private_server_sweep_async)
    done = sweep_in_thread (&error);
  else if (tag == cb_private_server_start_async)
    done = start_in_thread (self, cancellable, &error);
  else if (tag == cb_private_server_leave_async)
    done = leave_in_thread (self, cancellable, &error);
  else
    done = stop_in_thread (self, cancellable, &error);

  note_socket_path (self, task);
  /* Before the callback, which may start the next. */
  g_atomic_int_set (&self->busy, FALSE);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
run (CbPrivateServer     *self,
     gpointer             source_tag,
     GCancellable        *cancellable,
     GAsyncReadyCallback  callback,
     gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  /* What was done is done: a cancellable only ends the waiting. */
  g_task_set_check_cancellable (task, FALSE);

  if (source_tag != cb_private_server_status_async)
    {
      if (!g_atomic_int_compare_and_exchange (&self->busy, FALSE, TRUE))
        {
          g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING,
                                   "The private server is being started or stopped already.");
          return;
        }
    }
  cb_task_run_in_thread (task, run_cb);
}

/* GObject */

static void
cb_private_server_finalize (GObject *object)
{
  CbPrivateServer *self = CB_PRIVATE_SERVER (object);

  stop_using (self);
  g_clear_pointer (&self->address, cb_address_unref);
  g_clear_pointer (&self->folder, cb_server_folder_free);
  g_free (self->rdb);

  G_OBJECT_CLASS (cb_private_server_parent_class)->finalize (object);
}

static void
cb_private_server_class_init (CbPrivateServerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = cb_private_server_finalize;
}

static void
cb_private_server_init (CbPrivateServer *self)
{
  self->user_fd = -1;
}

/* Public functions */

/**
 * cb_private_server_new:
 * @directory: (nullable): the folder of the server
 *
 * Returns: (transfer full): the server of that folder, which may run or not
 */
CbPrivateServer *
cb_private_server_new (const char *directory)
{
  CbPrivateServer *self = g_object_new (CB_TYPE_PRIVATE_SERVER, NULL);
  g_autofree char *standard = NULL;
  g_autofree char *socket_path = NULL;

  if (directory == NULL)
    directory = g_getenv ("CALLBOARD_SERVER_DIR");
  if (directory == NULL || directory[0] == '\0')
    directory = standard = g_build_filename (g_get_user_data_dir (), "callboard", "server", NULL);

  self->folder = cb_server_folder_new (directory);
  socket_path = cb_server_folder_dup_usual_socket_path (self->folder);
  self->address = cb_address_new_unix (socket_path);
  return self;
}

/**
 * cb_private_server_new_for_rdb:
 * @file: the path of an RDB file, which is only read
 *
 * Returns: (transfer full): a server of its own, of a copy of the file, which is made when it starts and removed when it
 *   ends. It is ready when all of the file was read; until then its folder and address mean nothing
 */
CbPrivateServer *
cb_private_server_new_for_rdb (const char *file)
{
  g_autofree char *base = cb_rdb_copy_dup_base ();
  CbPrivateServer *self = cb_private_server_new (base);

  self->rdb = g_canonicalize_filename (file, NULL);
  return self;
}

/**
 * cb_private_server_sweep_async:
 * @self: any private server
 *
 * Ends servers of RDB files, and removes the copies they have, that were left by a program which died.
 */
void
cb_private_server_sweep_async (CbPrivateServer     *self,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  run (self, cb_private_server_sweep_async, NULL, callback, user_data);
}

gboolean
cb_private_server_sweep_finish (CbPrivateServer  *self,
                                GAsyncResult     *result,
                                GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (cb_task_in_thread_result (result), error);
}

/* Of an RDB file: how many keys are not there, as their time was over when it was read. */
guint64
cb_private_server_get_n_expired (CbPrivateServer *self)
{
  g_return_val_if_fail (CB_IS_PRIVATE_SERVER (self), 0);
  return self->n_expired;
}

/**
 * cb_private_server_start_async:
 * @self: a private server
 * @cancellable: (nullable): ends the waiting
 * @callback: called when connections can be made
 * @user_data: data for @callback
 *
 * Joins the server of the folder, or starts it. Until cb_private_server_leave_async(), or the end of this process in
 * whatever way, this object counts as a user. The server may still be loading when this is done.
 *
 * Errors: %CB_REDIS_ERROR_SERVER_MISSING, with a sentence on how to install it; %CB_REDIS_ERROR_SERVER_FAILED, with
 * the end of its log; %G_IO_ERROR_PENDING; %G_IO_ERROR_CANCELLED.
 */
void
cb_private_server_start_async (CbPrivateServer     *self,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  run (self, cb_private_server_start_async, cancellable, callback, user_data);
}

static gboolean
finish (CbPrivateServer  *self,
        GAsyncResult     *result,
        GError          **error)
{
  learn_socket_path (self, result);
  return g_task_propagate_boolean (cb_task_in_thread_result (result), error);
}

gboolean
cb_private_server_start_finish (CbPrivateServer  *self,
                                GAsyncResult     *result,
                                GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return finish (self, result, error);
}

/**
 * cb_private_server_leave_async:
 * @self: a private server
 * @cancellable: (nullable): ends the waiting; the server may end all the same
 * @callback: called when that is done
 * @user_data: data for @callback
 *
 * Ceases to be a user. The last one ends the server, and waits until all is written and its process gone, unless
 * the server is to stay. Does nothing when this object is no user.
 *
 * Errors: %CB_REDIS_ERROR_SERVER_FAILED, with the end of its log, when it will not end; %G_IO_ERROR_PENDING;
 * %G_IO_ERROR_CANCELLED.
 */
void
cb_private_server_leave_async (CbPrivateServer     *self,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  run (self, cb_private_server_leave_async, cancellable, callback, user_data);
}

gboolean
cb_private_server_leave_finish (CbPrivateServer  *self,
                                GAsyncResult     *result,
                                GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return finish (self, result, error);
}

/**
 * cb_private_server_stop_async:
 * @self: a private server
 * @cancellable: (nullable): ends the waiting; the server may end all the same
 * @callback: called when that is done
 * @user_data: data for @callback
 *
 * Ends the server for everybody, after all is written. It is not to stay any more.
 *
 * Errors: %CB_REDIS_ERROR_NOT_CONNECTED when it does not run; as for cb_private_server_leave_async().
 */
void
cb_private_server_stop_async (CbPrivateServer     *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  run (self, cb_private_server_stop_async, cancellable, callback, user_data);
}

gboolean
cb_private_server_stop_finish (CbPrivateServer  *self,
                               GAsyncResult     *result,
                               GError          **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return finish (self, result, error);
}

/**
 * cb_private_server_status_async:
 * @self: a private server
 * @cancellable: (nullable): has no effect, as this takes a moment at most
 * @callback: called with the answer
 * @user_data: data for @callback
 *
 * Asks whether the server runs. No errors.
 */
void
cb_private_server_status_async (CbPrivateServer     *self,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  run (self, cb_private_server_status_async, cancellable, callback, user_data);
}

/**
 * cb_private_server_status_finish:
 *
 * Returns: the number of its process, 0 when it does not run
 */
int
cb_private_server_status_finish (CbPrivateServer  *self,
                                 GAsyncResult     *result,
                                 GError          **error)
{
  gssize pid;

  g_return_val_if_fail (g_task_is_valid (result, self), 0);

  learn_socket_path (self, result);
  pid = g_task_propagate_int (cb_task_in_thread_result (result), error);
  return pid > 0 ? (int) pid : 0;
}

/**
 * cb_private_server_set_stay:
 * @self: a private server
 * @stay: whether it is to outlive its users
 *
 * Says that the server goes on without users, or no longer does. It is noted in the folder, for all programs, at
 * the next start or leave of this object. Where this is never called, what others said stays.
 */
void
cb_private_server_set_stay (CbPrivateServer *self,
                            gboolean         stay)
{
  g_return_if_fail (CB_IS_PRIVATE_SERVER (self));
  self->stay = stay;
  self->stay_set = TRUE;
}

/**
 * cb_private_server_get_address:
 * @self: a private server
 *
 * Returns: (transfer none): its socket. Only after cb_private_server_start_finish() is it sure to be the right one
 *   when the folder's path is too long to hold a socket.
 */
CbAddress *
cb_private_server_get_address (CbPrivateServer *self)
{
  g_return_val_if_fail (CB_IS_PRIVATE_SERVER (self), NULL);
  return self->address;
}

const char *
cb_private_server_get_directory (CbPrivateServer *self)
{
  g_return_val_if_fail (CB_IS_PRIVATE_SERVER (self), NULL);
  return cb_server_folder_get_path (self->folder);
}
