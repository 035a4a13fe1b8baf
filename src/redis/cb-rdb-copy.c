/* cb-rdb-copy.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-rdb-copy.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cb-redis-error.h"

/* What a file begins with: REDIS and the version in four digits. */
#define HEAD_LENGTH 9

char *
cb_rdb_copy_dup_base (void)
{
  return g_build_filename (g_get_user_cache_dir (), "callboard", "rdb", NULL);
}

/**
 * cb_rdb_copy_list:
 *
 * Returns: (transfer full): the folders that were made and not removed, by whomever
 */
char **
cb_rdb_copy_list (void)
{
  g_autofree char *base = cb_rdb_copy_dup_base ();
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  GPtrArray *folders = g_ptr_array_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (base, name, NULL);
      struct stat info;

      if (g_str_has_prefix (name, "open-") && g_lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
        g_ptr_array_add (folders, g_steal_pointer (&path));
    }
  g_ptr_array_add (folders, NULL);
  return (char **) g_ptr_array_free (folders, FALSE);
}

char *
cb_rdb_copy_make_folder (GError **error)
{
  g_autofree char *base = cb_rdb_copy_dup_base ();
  g_autofree char *template = g_build_filename (base, "open-XXXXXX", NULL);

  if (g_mkdir_with_parents (base, 0700) != 0 || g_mkdtemp_full (template, 0700) == NULL)
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
                   "A folder for a copy of the file can't be made in %s: %s.", base, g_strerror (errno));
      return NULL;
    }
  return g_steal_pointer (&template);
}

/* Only what is known to be in it: it is no place for anything else. */
void
cb_rdb_copy_remove (const char *folder)
{
  static const char * const names[] = {
    CB_RDB_COPY_NAME, "change", "users", "running", "stay", "socket-path", "redis.sock", "server.log", "server.log.old",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      g_unlink (path);
    }
  if (g_rmdir (folder) != 0)
    g_debug ("%s stays: %s", folder, g_strerror (errno));
}

static gboolean
check_head (GFile         *file,
            const char    *name,
            GCancellable  *cancellable,
            GError       **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  char head[HEAD_LENGTH];
  gsize n = 0;

  if (stream == NULL || !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &n, cancellable, error))
    return FALSE;
  for (gsize i = 5; i < n; i++)
    if (!g_ascii_isdigit (head[i]))
      n = 0;
  if (n == HEAD_LENGTH && memcmp (head, "REDIS", 5) == 0)
    return TRUE;

  g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED,
               "“%s” is no RDB file: such a file begins with REDIS and four digits. Choose a dump.rdb, as SAVE, BGSAVE or "
               "redis-cli --rdb write it.", name);
  return FALSE;
}

/**
 * cb_rdb_copy_fill:
 * @folder: of cb_rdb_copy_make_folder()
 * @file: the path of an RDB file, which is only read
 * @cancellable: (nullable): ends it
 * @error: return location for an error
 *
 * Errors: %CB_REDIS_ERROR_SERVER_FAILED when it is no RDB file or can't be copied; %G_IO_ERROR_CANCELLED
 */
gboolean
cb_rdb_copy_fill (const char    *folder,
                  const char    *file,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr (GFile) from = g_file_new_for_path (file);
  g_autofree char *path = g_build_filename (folder, CB_RDB_COPY_NAME, NULL);
  g_autofree char *name = g_filename_display_basename (file);
  g_autoptr (GFile) to = g_file_new_for_path (path);
  g_autoptr (GError) own_error = NULL;

  if (check_head (from, name, cancellable, &own_error) &&
      g_file_copy (from, to, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, cancellable, NULL, NULL, &own_error))
    return TRUE;

  if (own_error->domain == CB_REDIS_ERROR || g_error_matches (own_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&own_error));
  else
    g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_SERVER_FAILED, "“%s” can't be read and copied to %s: %s.", name, folder,
                 own_error->message);
  return FALSE;
}

/* What the checker says that the server runs on a file it could not read; else the first warning of the log that is about the
 * file, without process and date. */
static char *
find_complaint (const char *log)
{
  static const char found[] = "--- RDB ERROR DETECTED ---\n";
  static const char * const others[] = { "WARNING", "Warning", "Fatal error loading", "Terminating server", "Server ",
                                         "Redis version", "Valkey version", "oO0OoO0OoO0Oo", "Configuration loaded" };
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  const char *checked = strstr (log, found);

  if (checked != NULL)
    return g_utf8_make_valid (checked + strlen (found), (gssize) strcspn (checked + strlen (found), "\n"));

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *text = strstr (lines[i], " # ");
      gboolean is_other = text == NULL;

      for (gsize j = 0; !is_other && j < G_N_ELEMENTS (others); j++)
        is_other = g_str_has_prefix (text + 3, others[j]);
      if (!is_other)
        return g_utf8_make_valid (text + 3, -1);
    }
  return NULL;
}

/**
 * cb_rdb_copy_explain:
 * @file: the file that was copied
 * @log: the server's log
 * @tail: its last lines, made valid UTF-8
 *
 * Returns: (transfer full): what is wrong with the file and what to do
 */
char *
cb_rdb_copy_explain (const char *file,
                     const char *log,
                     const char *tail)
{
  static const char newer[] = "Can't handle RDB format version ";
  g_autofree char *name = g_filename_display_basename (file);
  g_autofree char *complaint = find_complaint (log);

  if (complaint == NULL)
    return g_strdup_printf ("“%s” could not be read: the server ended without saying why. The file was not changed.%s%s", name,
                            tail[0] != '\0' ? " Its log ends with:\n" : "", tail);
  if (g_str_has_prefix (complaint, newer))
    return g_strdup_printf ("“%s” was written by a newer server: it has the RDB format version %s, which the redis-server of this "
                            "computer can't read. Install a newer redis-server or valkey-server; the file was not changed.",
                            name, complaint + strlen (newer));
  return g_strdup_printf ("“%s” is broken or was cut off, so it could not be read. The server said: “%s”. The file was not "
                          "changed; redis-check-rdb tells more of it.", name, complaint);
}

guint64
cb_rdb_copy_count_expired (const char *log)
{
  const char *at = strstr (log, "keys expired: ");

  return at != NULL ? g_ascii_strtoull (at + strlen ("keys expired: "), NULL, 10) : 0;
}
