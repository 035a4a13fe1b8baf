/* cb-saved-servers.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-saved-servers.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cb-task-queue.h"
#include "cb-task-thread.h"

/* Nobody has so many servers, so a file of that size is something else. */
#define MAX_BYTES (1024 * 1024)

struct _CbSavedServers
{
  GObject parent_instance;

  char *path;          /* (owned) */
  GPtrArray *servers;  /* (owned) (element-type CbSavedServer) */
  char *problem;       /* (owned) (nullable) */
  CbTaskQueue tasks;
  gboolean loaded;
  gboolean unreadable; /* what is there could not be kept beside, so that it is not written over */
};

G_DEFINE_FINAL_TYPE (CbSavedServers, cb_saved_servers, G_TYPE_OBJECT)

static guint changed_signal;

/* What a thread works on, which knows nothing of the object. */
typedef struct
{
  char *path;         /* (owned) */
  char *text;         /* (owned) (nullable): to be written; NULL: to be read */
  GPtrArray *servers; /* (owned) (nullable): what was read */
  char *problem;      /* (owned) (nullable) */
  gboolean unreadable;
} Request;

static void
request_free (Request *request)
{
  g_free (request->path);
  g_free (request->text);
  g_clear_pointer (&request->servers, g_ptr_array_unref);
  g_free (request->problem);
  g_free (request);
}

/* ---- one server ---- */

const char * const *
cb_saved_server_get_colors (void)
{
  static const char * const colors[] = { "blue", "green", "yellow", "orange", "red", "purple", NULL };

  return colors;
}

/**
 * cb_saved_server_new:
 * @id: (nullable): what it is called in the file; %NULL for a new one
 * @address: its passwords and its mark of production are left out
 *
 * Returns: (transfer full): a server that can be put into the list
 */
CbSavedServer *
cb_saved_server_new (const char *id, const char *name, CbAddress *address, const char *group, const char *color,
                     gboolean asks_password)
{
  g_autoptr (CbAddress) without_secret = NULL;
  CbSavedServer *self;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (address != NULL, NULL);

  self = g_new0 (CbSavedServer, 1);
  self->id = id != NULL ? g_strdup (id) : g_uuid_string_random ();
  self->name = g_strdup (name);
  without_secret = cb_address_with_sentinel_login (address, cb_address_get_sentinel_user (address), NULL);
  self->address = cb_address_with_login (without_secret, cb_address_get_user (address), NULL);
  self->group = g_strdup (group != NULL ? group : "");
  self->color = g_strdup (color != NULL && g_strv_contains (cb_saved_server_get_colors (), color) ? color : "");
  self->prefix = g_strdup ("");
  self->asks_password = asks_password;
  return self;
}

void
cb_saved_server_set_prefix (CbSavedServer *self, const char *prefix)
{
  g_return_if_fail (self != NULL);

  g_free (self->prefix);
  self->prefix = g_strstrip (g_strdup (prefix != NULL ? prefix : ""));
}

CbSavedServer *
cb_saved_server_copy (const CbSavedServer *self)
{
  CbSavedServer *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = cb_saved_server_new (self->id, self->name, self->address, self->group, self->color, self->asks_password);
  cb_saved_server_set_prefix (copy, self->prefix);
  copy->keeps_password = self->keeps_password;
  copy->read_only = self->read_only;
  return copy;
}

void
cb_saved_server_free (CbSavedServer *self)
{
  g_free (self->id);
  g_free (self->name);
  cb_address_unref (self->address);
  g_free (self->group);
  g_free (self->color);
  g_free (self->prefix);
  g_free (self);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const CbSavedServer *one = *(const CbSavedServer * const *) a;
  const CbSavedServer *two = *(const CbSavedServer * const *) b;
  int order = g_utf8_collate (one->group, two->group);

  if (order == 0)
    order = g_utf8_collate (one->name, two->name);
  return order != 0 ? order : g_strcmp0 (one->id, two->id);
}

/* ---- the file, in a thread ---- */

/* NULL: it can't be understood. */
static CbSavedServer *
read_server (GKeyFile *file, const char *id)
{
  g_autofree char *name = g_key_file_get_string (file, id, "Name", NULL);
  g_autofree char *text = g_key_file_get_string (file, id, "Address", NULL);
  g_autofree char *group = g_key_file_get_string (file, id, "Group", NULL);
  g_autofree char *color = g_key_file_get_string (file, id, "Color", NULL);
  g_autofree char *prefix = g_key_file_get_string (file, id, "Prefix", NULL);
  g_autoptr (CbAddress) address = text != NULL ? cb_address_parse (text, NULL) : NULL;
  CbSavedServer *server;

  if (name == NULL || *name == '\0' || address == NULL)
    return NULL;

  /* Somebody wrote a password there: it is in use no longer than until the file is written again. */
  server = cb_saved_server_new (id, name, address, group, color,
                                cb_address_get_password (address) != NULL ||
                                  g_key_file_get_boolean (file, id, "AskPassword", NULL));
  cb_saved_server_set_prefix (server, prefix);
  server->keeps_password = server->asks_password && g_key_file_get_boolean (file, id, "KeepPassword", NULL);
  server->read_only = g_key_file_get_boolean (file, id, "ReadOnly", NULL);
  return server;
}

static void
keep_aside (Request *request, const char *text, gsize length)
{
  /* By what is in it, so that each start keeps the same file and not one more. */
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, length);
  g_autofree char *path = g_strdup_printf ("%s.broken-%.12s", request->path, sum);
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) error = NULL;

  if (g_file_set_contents_full (path, text, (gssize) length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    {
      /* Translators: the name of a file */
      request->problem = g_strdup_printf (_ ("A part of the saved servers can’t be understood. It is kept in %s."), name);
    }
  else
    {
      request->unreadable = TRUE;
      request->problem = g_strdup_printf (_ ("The saved servers can’t be understood: %s"), error->message);
    }
}

static void
read_file (Request *request)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) ids = NULL;
  GStatBuf status;
  gsize length;
  guint n_broken = 0;

  request->servers = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_saved_server_free);
  if (g_stat (request->path, &status) == 0 && (!S_ISREG (status.st_mode) || status.st_size > MAX_BYTES))
    {
      request->unreadable = TRUE;
      request->problem = g_strdup_printf (_ ("%s is no file of saved servers: move it away."), request->path);
      return;
    }
  if (!g_file_get_contents (request->path, &text, &length, &error))
    {
      if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return;

      request->unreadable = TRUE;
      request->problem = g_strdup_printf (_ ("The saved servers can’t be read: %s"), error->message);
      return;
    }

  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL))
    {
      keep_aside (request, text, length);
      return;
    }
  ids = g_key_file_get_groups (file, NULL);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      CbSavedServer *server = read_server (file, ids[i]);

      if (server != NULL)
        g_ptr_array_add (request->servers, server);
      else
        n_broken++;
    }
  if (n_broken > 0)
    keep_aside (request, text, length);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Request *request = data;
  GError *error = NULL;

  if (request->text == NULL)
    read_file (request);
  else if (!cb_task_queue_replace_file (request->path, request->text, -1, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_return_boolean (task, TRUE);
}

/* ---- one after the other ---- */

static void
push (CbSavedServers *self, GTask *task, char *text)
{
  Request *request = g_new0 (Request, 1);

  request->path = g_strdup (self->path);
  request->text = text;
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  cb_task_queue_push (&self->tasks, task, run);
}

/* ---- object ---- */

static void
cb_saved_servers_finalize (GObject *object)
{
  CbSavedServers *self = CB_SAVED_SERVERS (object);

  cb_task_queue_clear (&self->tasks);
  g_ptr_array_unref (self->servers);
  g_free (self->path);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_saved_servers_parent_class)->finalize (object);
}

static void
cb_saved_servers_class_init (CbSavedServersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_saved_servers_finalize;

  changed_signal = g_signal_new ("changed", CB_TYPE_SAVED_SERVERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_saved_servers_init (CbSavedServers *self)
{
  cb_task_queue_init (&self->tasks);
  self->servers = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_saved_server_free);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  /* What is wrong with the file is the list's problem, which is shown where the list is. */
  cb_saved_servers_load_finish (CB_SAVED_SERVERS (source), result, NULL);
}

/**
 * cb_saved_servers_get_default:
 *
 * Returns: (transfer none): the user's own, which is being read with the first call
 */
CbSavedServers *
cb_saved_servers_get_default (void)
{
  static CbSavedServers *servers;

  if (servers == NULL)
    {
      g_autofree char *path = g_build_filename (g_get_user_config_dir (), "callboard", "servers", NULL);

      servers = cb_saved_servers_new (path);
      cb_saved_servers_load_async (servers, loaded_cb, NULL);
    }
  return servers;
}

/**
 * cb_saved_servers_new:
 * @path: the file, which need not be there
 */
CbSavedServers *
cb_saved_servers_new (const char *path)
{
  CbSavedServers *self;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (CB_TYPE_SAVED_SERVERS, NULL);
  self->path = g_strdup (path);
  return self;
}

/**
 * cb_saved_servers_load_async:
 *
 * Reads the file, once. What is wrong with it is no error: see cb_saved_servers_get_problem().
 */
void
cb_saved_servers_load_async (CbSavedServers *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (CB_IS_SAVED_SERVERS (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_saved_servers_load_async);
  push (self, task, NULL);
}

gboolean
cb_saved_servers_load_finish (CbSavedServers *self, GAsyncResult *result, GError **error)
{
  Request *request;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  if (!g_task_propagate_boolean (cb_task_in_thread_result (result), error))
    return FALSE;

  request = g_task_get_task_data (G_TASK (result));
  g_ptr_array_unref (self->servers);
  self->servers = g_steal_pointer (&request->servers);
  g_ptr_array_sort (self->servers, compare);
  g_free (self->problem);
  self->problem = g_steal_pointer (&request->problem);
  self->unreadable = request->unreadable;
  self->loaded = TRUE;
  g_signal_emit (self, changed_signal, 0);
  return TRUE;
}

gboolean
cb_saved_servers_is_loaded (CbSavedServers *self)
{
  g_return_val_if_fail (CB_IS_SAVED_SERVERS (self), FALSE);

  return self->loaded;
}

const char *
cb_saved_servers_get_problem (CbSavedServers *self)
{
  g_return_val_if_fail (CB_IS_SAVED_SERVERS (self), NULL);

  return self->problem;
}

GPtrArray *
cb_saved_servers_get_all (CbSavedServers *self)
{
  g_return_val_if_fail (CB_IS_SAVED_SERVERS (self), NULL);

  return self->servers;
}

static gboolean
find_index (CbSavedServers *self, const char *id, guint *index)
{
  for (guint i = 0; i < self->servers->len; i++)
    {
      CbSavedServer *server = g_ptr_array_index (self->servers, i);

      if (g_str_equal (server->id, id))
        {
          *index = i;
          return TRUE;
        }
    }
  return FALSE;
}

const CbSavedServer *
cb_saved_servers_find (CbSavedServers *self, const char *id)
{
  guint index;

  g_return_val_if_fail (CB_IS_SAVED_SERVERS (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  return find_index (self, id, &index) ? g_ptr_array_index (self->servers, index) : NULL;
}

const CbSavedServer *
cb_saved_servers_find_uri (CbSavedServers *self, const char *uri, const char *prefix)
{
  g_return_val_if_fail (CB_IS_SAVED_SERVERS (self), NULL);
  g_return_val_if_fail (uri != NULL, NULL);

  for (guint i = 0; i < self->servers->len; i++)
    {
      CbSavedServer *server = g_ptr_array_index (self->servers, i);
      g_autofree char *other = cb_address_to_uri (server->address);

      if (g_str_equal (uri, other) && g_str_equal (server->prefix, prefix != NULL ? prefix : ""))
        return server;
    }
  return NULL;
}

static char *
to_text (CbSavedServers *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  for (guint i = 0; i < self->servers->len; i++)
    {
      CbSavedServer *server = g_ptr_array_index (self->servers, i);
      g_autofree char *uri = cb_address_to_uri (server->address);

      g_key_file_set_string (file, server->id, "Name", server->name);
      g_key_file_set_string (file, server->id, "Address", uri);
      if (*server->group != '\0')
        g_key_file_set_string (file, server->id, "Group", server->group);
      if (*server->color != '\0')
        g_key_file_set_string (file, server->id, "Color", server->color);
      if (*server->prefix != '\0')
        g_key_file_set_string (file, server->id, "Prefix", server->prefix);
      if (server->read_only)
        g_key_file_set_boolean (file, server->id, "ReadOnly", TRUE);
      if (server->asks_password)
        g_key_file_set_boolean (file, server->id, "AskPassword", TRUE);
      if (server->keeps_password)
        g_key_file_set_boolean (file, server->id, "KeepPassword", TRUE);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

static gboolean
may_change (CbSavedServers *self, GTask *task)
{
  if (self->loaded && !self->unreadable)
    return TRUE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                           self->problem != NULL ? self->problem : _ ("The saved servers have not been read yet."));
  g_object_unref (task);
  return FALSE;
}

/**
 * cb_saved_servers_put_async:
 * @server: takes the place of the one of its id, or is a new one
 *
 * It is in the list at once, and in the file when this ends.
 *
 * Errors: %G_IO_ERROR or %G_FILE_ERROR when the file can't be written; what is in the list stays there then until the program ends.
 * Nothing is changed while the file has not been read, or when it could be neither understood nor kept aside.
 */
void
cb_saved_servers_put_async (CbSavedServers *self, const CbSavedServer *server, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  guint index;

  g_return_if_fail (CB_IS_SAVED_SERVERS (self));
  g_return_if_fail (server != NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_saved_servers_put_async);
  if (!may_change (self, task))
    return;

  if (find_index (self, server->id, &index))
    g_ptr_array_remove_index (self->servers, index);
  g_ptr_array_add (self->servers, cb_saved_server_copy (server));
  g_ptr_array_sort (self->servers, compare);
  push (self, task, to_text (self));
  g_signal_emit (self, changed_signal, 0);
}

/**
 * cb_saved_servers_remove_async:
 * @id: of the one that is to go; nothing happens when there is none
 *
 * Errors: as cb_saved_servers_put_async().
 */
void
cb_saved_servers_remove_async (CbSavedServers *self, const char *id, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  guint index;

  g_return_if_fail (CB_IS_SAVED_SERVERS (self));
  g_return_if_fail (id != NULL);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, cb_saved_servers_remove_async);
  if (!may_change (self, task))
    return;

  if (find_index (self, id, &index))
    g_ptr_array_remove_index (self->servers, index);
  push (self, task, to_text (self));
  g_signal_emit (self, changed_signal, 0);
}

gboolean
cb_saved_servers_change_finish (CbSavedServers *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (cb_task_in_thread_result (result), error);
}
