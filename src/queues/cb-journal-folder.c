/* cb-journal-folder.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-journal-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder with the files of the entries, and a file by which it is locked while some of them are made or removed. All of it
 * blocks. */

#define SUFFIX ".undo"

/* Whoever has the folder locked makes or removes a few files. */
#define LOCK_BOUND_USEC (10 * G_TIME_SPAN_SECOND)
#define LOCK_PAUSE_USEC (10 * G_TIME_SPAN_MILLISECOND)

gboolean
cb_journal_folder_is_id (const char *id)
{
  gsize n = strspn (id, "0123456789-");

  return n > 0 && n < 40 && id[n] == 0;
}

char *
cb_journal_folder_path (const char *folder,
                        const char *id)
{
  g_autofree char *name = g_strconcat (id, SUFFIX, NULL);

  return g_build_filename (folder, name, NULL);
}

gboolean
cb_journal_folder_make (const char  *folder,
                        GError     **error)
{
  g_autofree char *name = g_filename_display_name (folder);
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int saved_errno = errno;

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno),
                   "The folder %s, in which what was done is kept for undoing it, can’t be made: %s", name,
                   g_strerror (saved_errno));
      return FALSE;
    }
  if (g_lstat (folder, &info) != 0 || !S_ISDIR (info.st_mode) || info.st_uid != getuid ())
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR,
                   "%s is to hold what was done, for undoing it, but it is not a folder that belongs to you", name);
      return FALSE;
    }
  /* What jobs hold is nobody else's business. */
  if ((info.st_mode & 077) != 0)
    g_chmod (folder, 0700);

  return TRUE;
}

int
cb_journal_folder_lock (const char  *folder,
                        GError     **error)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  gint64 deadline = g_get_monotonic_time () + LOCK_BOUND_USEC;
  int fd = g_open (path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      int saved_errno = errno;
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved_errno), "%s can’t be opened: %s", name,
                   g_strerror (saved_errno));
      return -1;
    }

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error_literal (error, CB_JOURNAL_ERROR, CB_JOURNAL_ERROR_BUSY,
                               "The undo journal is locked by another window or command that does not go on");
          close (fd);
          return -1;
        }
      g_usleep (LOCK_PAUSE_USEC);
    }

  return fd;
}

static int
compare_newest_first (gconstpointer a,
                      gconstpointer b)
{
  return -strcmp (*(const char * const *) a, *(const char * const *) b);
}

/* The ids of the entries, the newest first. */
GPtrArray *
cb_journal_folder_list (const char *folder)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (g_str_has_suffix (name, SUFFIX))
        {
          g_autofree char *id = g_strndup (name, strlen (name) - strlen (SUFFIX));

          if (cb_journal_folder_is_id (id))
            g_ptr_array_add (ids, g_steal_pointer (&id));
        }
    }
  g_ptr_array_sort (ids, compare_newest_first);

  return ids;
}

/* Unless somebody is writing to it. */
static gboolean
drop (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0);
  gboolean dropped;

  if (fd < 0)
    return FALSE;

  dropped = flock (fd, LOCK_EX | LOCK_NB) == 0 && g_unlink (path) == 0;
  close (fd);

  return dropped;
}

/* Removes what is too old, and the oldest until @room is left. Returns how many had to go although they were not old; the bytes
 * that are left are added up in @left. */
guint
cb_journal_folder_make_room (const char *folder,
                             const char *except,
                             guint64     max_bytes,
                             guint64     room,
                             gint64     *left)
{
  g_autoptr (GPtrArray) ids = cb_journal_folder_list (folder);
  gint64 oldest = g_get_real_time () / G_USEC_PER_SEC - CB_JOURNAL_KEEP_DAYS * 24 * 60 * 60;
  guint64 total = 0;
  guint n_dropped = 0;

  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *path = cb_journal_folder_path (folder, g_ptr_array_index (ids, i));
      struct stat info;

      if (g_strcmp0 (g_ptr_array_index (ids, i), except) == 0 || g_lstat (path, &info) != 0)
        continue;
      if (info.st_mtime < oldest && drop (path))
        continue;
      if (total + info.st_size + room > max_bytes && drop (path))
        n_dropped++;
      else
        total += info.st_size;
    }
  *left = total;

  return n_dropped;
}

/* Later than all that are there, also when the clock was put back: the latest is the one that comes to mind. */
char *
cb_journal_folder_make_id (const char *folder)
{
  g_autoptr (GPtrArray) ids = cb_journal_folder_list (folder);
  g_autoptr (GDateTime) time = g_date_time_new_now_utc ();
  g_autofree char *id = g_date_time_format (time, "%Y%m%d-%H%M%S");
  const char *latest = ids->len > 0 ? g_ptr_array_index (ids, 0) : "";
  const char *dash;
  gsize n;

  if (strcmp (id, latest) > 0)
    return g_steal_pointer (&id);

  dash = strchr (latest, '-');
  dash = dash != NULL ? strchr (dash + 1, '-') : NULL;
  n = dash != NULL ? (gsize) (dash - latest) : strlen (latest);

  return g_strdup_printf ("%.*s-%04" G_GUINT64_FORMAT, (int) n, latest,
                          dash != NULL ? g_ascii_strtoull (dash + 1, NULL, 10) + 1 : 2);
}
