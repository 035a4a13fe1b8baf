/* cb-secret-store.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-secret-store.h"

#include <glib/gstdio.h>

#include "cb-task-queue.h"
#include "cb-task-thread.h"

#define GROUP "Secrets"

/* Nobody writes secrets of this size, so a file of it is something else. */
#define MAX_BYTES (1024 * 1024)

struct _CbSecretStore
{
  GObject parent_instance;

  char *path;           /* (owned) */
  CbTaskQueue tasks;
};

G_DEFINE_FINAL_TYPE (CbSecretStore, cb_secret_store, G_TYPE_OBJECT)

typedef struct
{
  char *path;           /* (owned) */
  char *id;             /* (owned) */
  char *secret;         /* (owned) (nullable) */
  gboolean is_set;
} Request;

static void
request_free (Request *request)
{
  g_free (request->path);
  g_free (request->id);
  g_free (request->secret);
  g_free (request);
}

static GKeyFile *
load (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local_error = NULL;
  GStatBuf status;

  if (g_stat (path, &status) == 0 && status.st_size > MAX_BYTES)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is too long to be a file of secrets", path);
      return NULL;
    }

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, &local_error)
      && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "%s: ", path);
      return NULL;
    }

  return g_steal_pointer (&file);
}

static gboolean
save (GKeyFile *file, const char *path, GError **error)
{
  gsize length;
  g_autofree char *text = g_key_file_to_data (file, &length, NULL);

  return cb_task_queue_replace_file (path, text, (gssize) length, error);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Request *request = data;
  GError *error = NULL;
  g_autoptr (GKeyFile) file = load (request->path, &error);

  if (file == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (!request->is_set)
    {
      g_task_return_pointer (task, g_key_file_get_string (file, GROUP, request->id, NULL), g_free);
      return;
    }

  if (request->secret != NULL)
    g_key_file_set_string (file, GROUP, request->id, request->secret);
  else
    g_key_file_remove_key (file, GROUP, request->id, NULL);

  if (save (file, request->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
ask (CbSecretStore *self, gpointer tag, const char *id, const char *secret, gboolean is_set, GAsyncReadyCallback callback,
     gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Request *request = g_new0 (Request, 1);

  g_task_set_source_tag (task, tag);
  request->path = g_strdup (self->path);
  request->id = g_strdup (id);
  request->secret = g_strdup (secret);
  request->is_set = is_set;
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  cb_task_queue_push (&self->tasks, task, run);
}

static void
cb_secret_store_finalize (GObject *object)
{
  CbSecretStore *self = CB_SECRET_STORE (object);

  cb_task_queue_clear (&self->tasks);
  g_free (self->path);

  G_OBJECT_CLASS (cb_secret_store_parent_class)->finalize (object);
}

static void
cb_secret_store_class_init (CbSecretStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_secret_store_finalize;
}

static void
cb_secret_store_init (CbSecretStore *self)
{
  cb_task_queue_init (&self->tasks);
}

/**
 * cb_secret_store_get_default:
 *
 * Returns: (transfer none): the user's own, `callboard/secrets` in the data folder
 */
CbSecretStore *
cb_secret_store_get_default (void)
{
  static CbSecretStore *store;

  if (store == NULL)
    {
      g_autofree char *path = g_build_filename (g_get_user_data_dir (), "callboard", "secrets", NULL);

      store = cb_secret_store_new (path);
    }

  return store;
}

/**
 * cb_secret_store_new:
 * @path: the file, which need not be there
 */
CbSecretStore *
cb_secret_store_new (const char *path)
{
  CbSecretStore *self = g_object_new (CB_TYPE_SECRET_STORE, NULL);

  self->path = g_strdup (path);

  return self;
}

const char *
cb_secret_store_get_path (CbSecretStore *self)
{
  g_return_val_if_fail (CB_IS_SECRET_STORE (self), NULL);

  return self->path;
}

/**
 * cb_secret_store_lookup_async:
 * @id: names the secret, as it was given to cb_secret_store_set_async()
 *
 * Errors: %G_IO_ERROR, %G_FILE_ERROR or %G_KEY_FILE_ERROR when the file can't be read. No message holds a secret.
 */
void
cb_secret_store_lookup_async (CbSecretStore *self, const char *id, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (CB_IS_SECRET_STORE (self));
  g_return_if_fail (id != NULL);

  ask (self, cb_secret_store_lookup_async, id, NULL, FALSE, callback, user_data);
}

/**
 * cb_secret_store_lookup_finish:
 *
 * Returns: (transfer full) (nullable): the secret; %NULL without an error when there is none of that name
 */
char *
cb_secret_store_lookup_finish (CbSecretStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (cb_task_in_thread_result (result), error);
}

/**
 * cb_secret_store_set_async:
 * @id: names the secret: letters, digits and `-`
 * @secret: (nullable): %NULL forgets it
 *
 * The file is replaced as a whole, and only its owner may read it.
 *
 * Errors: as cb_secret_store_lookup_async(), and when the file can't be written.
 */
void
cb_secret_store_set_async (CbSecretStore *self, const char *id, const char *secret, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (CB_IS_SECRET_STORE (self));
  g_return_if_fail (id != NULL);

  ask (self, cb_secret_store_set_async, id, secret, TRUE, callback, user_data);
}

gboolean
cb_secret_store_set_finish (CbSecretStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (cb_task_in_thread_result (result), error);
}
