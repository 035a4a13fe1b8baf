/* cb-server-folder.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-server-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cb-redis-error.h"

#define SOCKET_NAME "redis.sock"

/* Starting takes a moment with much data; longer than this, something hangs. */
#define LOCK_BOUND_USEC (30 * G_TIME_SPAN_SECOND)
#define LOCK_PAUSE_USEC (20 * G_TIME_SPAN_MILLISECOND)

#define LOG_TAIL_BYTES 1500
#define LOG_TAIL_LINES 8

struct _CbServerFolder
{
  char *path; /* (owned) */
};

CbServerFolder *
cb_server_folder_new (const char *path)
{
  CbServerFolder *self = g_new0 (CbServerFolder, 1);

  self->path = g_canonicalize_filename (path, NULL);
  return self;
}

void
cb_server_folder_free (CbServerFolder *self)
{
  g_free (self->path);
  g_free (self);
}

const char *
cb_server_folder_get_path (CbServerFolder *self)
{
  return self->path;
}

static char *
inside (CbServerFolder *self,
        const char     *name)
{
  return g_build_filename (self->path, name, NULL);
}

static gboolean
fits_a_socket (const char *path)
{
  return strlen (path) < sizeof ((struct sockaddr_un *) NULL)->sun_path;
}

/* A path for the socket of a folder whose own path is too long: made from a digest of that. */
static char *
make_short_socket_path (CbServerFolder *self)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, self->path, -1);
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  const char *runtime_dir = g_getenv ("XDG_RUNTIME_DIR");

  digest[12] = '\0';
  if (runtime_dir != NULL && g_path_is_absolute (runtime_dir) && g_file_test (runtime_dir, G_FILE_TEST_IS_DIR))
    {
      name = g_strdup_printf ("callboard-%s", digest);
      path = g_build_filename (runtime_dir, name, SOCKET_NAME, NULL);
      if (fits_a_socket (path))
        return g_steal_pointer (&path);
      g_free (name);
      g_free (path);
    }
  name = g_strdup_printf ("callboard-%u-%s", (guint) getuid (), digest);
  path = g_build_filename ("/tmp", name, SOCKET_NAME, NULL);
  return g_steal_pointer (&path);
}

/**
 * cb_server_folder_dup_socket_path:
 * @self: a folder
 *
 * Where the socket is or will be. In most cases that is in the folder. Otherwise it depends on the surroundings of
 * whoever started the server, who has noted it.
 *
 * Returns: (transfer full): a path that is short enough
 */
char *
cb_server_folder_dup_socket_path (CbServerFolder *self)
{
  g_autofree char *path = inside (self, SOCKET_NAME);
  g_autofree char *note = inside (self, "socket-path");
  g_autofree char *noted = NULL;

  if (fits_a_socket (path))
    return g_steal_pointer (&path);
  if (g_file_get_contents (note, &noted, NULL, NULL) && g_path_is_absolute (g_strchomp (noted)) && fits_a_socket (noted))
    return g_steal_pointer (&noted);
  return make_short_socket_path (self);
}

/**
 * cb_server_folder_dup_usual_socket_path:
 * @self: a folder
 *
 * The same without a look at the disk: where it is unless somebody in other surroundings has started the server of a folder
 * with a long path.
 *
 * Returns: (transfer full): a path that is short enough
 */
char *
cb_server_folder_dup_usual_socket_path (CbServerFolder *self)
{
  g_autofree char *path = inside (self, SOCKET_NAME);

  return fits_a_socket (path) ? g_steal_pointer (&path) : make_short_socket_path (self);
}

char *
cb_server_folder_dup_log_path (CbServerFolder *self)
{
  return inside (self, "server.log");
}

/* The last lines of the log, made valid UTF-8. */
char *
cb_server_folder_dup_log_tail (CbServerFolder *self)
{
  g_autofree char *path = cb_server_folder_dup_log_path (self);
  g_autofree char *tail = g_malloc (LOG_TAIL_BYTES + 1);
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gssize n = 0;
  const char *from;
  guint n_lines = 0;

  if (fd >= 0)
    {
      off_t size = lseek (fd, 0, SEEK_END);

      n = pread (fd, tail, LOG_TAIL_BYTES, MAX (size - LOG_TAIL_BYTES, 0));
      close (fd);
    }
  tail[MAX (n, 0)] = '\0';
  g_strchomp (tail);

  from = tail + strlen (tail);
  while (from > tail && !(from[-1] == '\n' && ++n_lines == LOG_TAIL_LINES))
    from--;
  return g_utf8_make_valid (from, -1);
}

static gboolean
make_private_dir (const char  *path,
                  GError     **error)
{
  struct stat info;

  if (g_mkdir_with_parents (path, 0700) != 0)
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
                   "The folder %s of the private server can't be made: %s.", path, g_strerror (errno));
      return FALSE;
    }
  if (g_lstat (path, &info) != 0 || !S_ISDIR (info.st_mode) || info.st_uid != getuid ())
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
                   "%s is to hold the private server, but it is not a folder that belongs to you.", path);
      return FALSE;
    }
  if ((info.st_mode & 077) != 0 && g_chmod (path, 0700) != 0)
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
                   "The folder %s of the private server can't be kept from others: %s.", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}

/* Makes the folder, for nobody but the user. */
gboolean
cb_server_folder_make (CbServerFolder  *self,
                       GError         **error)
{
  return make_private_dir (self->path, error);
}

/* Makes room for the socket: for whoever starts the server. */
gboolean
cb_server_folder_make_socket (CbServerFolder  *self,
                              GError         **error)
{
  g_autofree char *in_folder = inside (self, SOCKET_NAME);
  g_autofree char *note = inside (self, "socket-path");
  g_autofree char *path = NULL;
  g_autofree char *dir = NULL;

  if (fits_a_socket (in_folder))
    {
      g_unlink (in_folder);
      return TRUE;
    }

  g_unlink (note);
  path = make_short_socket_path (self);
  dir = g_path_get_dirname (path);
  if (!make_private_dir (dir, error))
    return FALSE;
  g_unlink (path);
  return g_file_set_contents (note, path, -1, error);
}

static int
open_lock (CbServerFolder  *self,
           const char      *name,
           GError         **error)
{
  g_autofree char *path = inside (self, name);
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, "%s can't be opened: %s.", path,
                 g_strerror (errno));
  return fd;
}

static gboolean
try_lock (int fd,
          int how)
{
  int locked;

  do
    locked = flock (fd, how | LOCK_NB);
  while (locked != 0 && errno == EINTR);
  return locked == 0;
}

/**
 * cb_server_folder_lock_change:
 * @self: a folder
 * @cancellable: (nullable): ends the waiting
 * @error: return location for an error
 *
 * Waits until nobody else starts, joins, leaves or stops, and keeps them from it.
 *
 * Returns: a descriptor to close afterwards, -1 for an error
 */
int
cb_server_folder_lock_change (CbServerFolder  *self,
                              GCancellable    *cancellable,
                              GError         **error)
{
  gint64 deadline = g_get_monotonic_time () + LOCK_BOUND_USEC;
  int fd = open_lock (self, "change", error);

  while (fd >= 0 && !try_lock (fd, LOCK_EX))
    {
      gboolean ends = g_cancellable_set_error_if_cancelled (cancellable, error);

      if (!ends && g_get_monotonic_time () > deadline)
        {
          g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
                       "Another program has been starting or stopping the private server in %s for too long.", self->path);
          ends = TRUE;
        }
      if (ends)
        {
          close (fd);
          return -1;
        }
      g_usleep (LOCK_PAUSE_USEC);
    }
  return fd;
}

/* Becomes a user. Returns a descriptor that says so as long as it is open, -1 for an error. */
int
cb_server_folder_join (CbServerFolder  *self,
                       GError         **error)
{
  int fd = open_lock (self, "users", error);

  if (fd >= 0 && !try_lock (fd, LOCK_SH))
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, "%s/users can't be locked: %s.", self->path,
                   g_strerror (errno));
      close (fd);
      return -1;
    }
  return fd;
}

/* Whether anybody is a user. To be asked under the lock of changes. */
gboolean
cb_server_folder_is_used (CbServerFolder *self)
{
  int fd = open_lock (self, "users", NULL);
  gboolean alone = fd >= 0 && try_lock (fd, LOCK_EX);

  if (fd >= 0)
    close (fd);
  return !alone;
}

/**
 * cb_server_folder_lock_running:
 * @self: a folder
 * @error: return location for an error
 *
 * Takes the lock that says that a server runs, in order to give it to one.
 *
 * Returns: the descriptor; -1 when a server has it, or with an error
 */
int
cb_server_folder_lock_running (CbServerFolder  *self,
                               GError         **error)
{
  int fd = open_lock (self, "running", error);

  if (fd >= 0 && !try_lock (fd, LOCK_EX))
    {
      close (fd);
      return -1;
    }
  return fd;
}

gboolean
cb_server_folder_is_running (CbServerFolder *self)
{
  g_autofree char *path = inside (self, "running");
  int fd = g_open (path, O_RDWR | O_CLOEXEC, 0);
  gboolean running;

  if (fd < 0)
    return FALSE;
  /* Shared, so that two that look at once do not see each other. */
  running = !try_lock (fd, LOCK_SH);
  close (fd);
  return running;
}

gboolean
cb_server_folder_get_stay (CbServerFolder *self)
{
  g_autofree char *path = inside (self, "stay");

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

void
cb_server_folder_set_stay (CbServerFolder *self,
                           gboolean        stay)
{
  g_autofree char *path = inside (self, "stay");

  if (stay)
    g_file_set_contents (path, "", 0, NULL);
  else
    g_unlink (path);
}

void
cb_server_folder_turn_log (CbServerFolder *self)
{
  g_autofree char *log = cb_server_folder_dup_log_path (self);
  g_autofree char *old = g_strconcat (log, ".old", NULL);

  g_rename (log, old);
}
