/* cb-key-undo.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-undo.h"

struct _CbKeyUndo
{
  GBytes *key;           /* (owned) */
  char *type;            /* (owned) */
  GBytes *element;       /* (owned) */
  GBytes *value;         /* (owned) (nullable) */
  CbKeyRemains *remains; /* (owned) (nullable) the whole key, when it was the last */
};

static const struct
{
  const char *type;
  CbKeyEditKind take, put;
} kinds[] = {
  { "hash", CB_KEY_EDIT_HASH_DELETE, CB_KEY_EDIT_HASH_SET },
  { "list", CB_KEY_EDIT_LIST_DELETE, CB_KEY_EDIT_LIST_INSERT },
  { "set", CB_KEY_EDIT_SET_DELETE, CB_KEY_EDIT_SET_ADD },
  { "zset", CB_KEY_EDIT_ZSET_DELETE, CB_KEY_EDIT_ZSET_SET },
  { "stream", CB_KEY_EDIT_STREAM_DELETE, CB_KEY_EDIT_STREAM_ADD },
};

static int
find_kind (const char *type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].type, type))
      return (int) i;
  return -1;
}

void
cb_key_undo_free (CbKeyUndo *self)
{
  g_return_if_fail (self != NULL);

  g_bytes_unref (self->key);
  g_bytes_unref (self->element);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_clear_pointer (&self->remains, cb_key_remains_free);
  g_free (self->type);
  g_free (self);
}

GBytes *
cb_key_undo_get_element (CbKeyUndo *self)
{
  return g_str_equal (self->type, "list") ? self->value : self->element;
}

static void
taken_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  CbKeyUndo *undo = g_task_get_task_data (task);
  GError *error = NULL;

  if (cb_key_edit_take_finish (CB_CONNECTION (source), result, &undo->remains, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * cb_key_take_element_async:
 * @connection: a connection
 * @key: the name of a key
 * @type: hash, list, set, zset or stream
 * @element: field, index in decimal, member or id
 * @value: (nullable): value or score as it was shown; of a list it must be there
 * @cancellable: (nullable): drops the outcome
 * @callback: called with the outcome
 * @user_data: data for @callback
 *
 * Where it is the only element, the key goes with it, and the undo keeps the key.
 *
 * Errors: %CB_KEY_ERROR_TOO_LARGE when there would be too much to keep, and as cb_key_edit_async(): then nothing was changed
 */
void
cb_key_take_element_async (CbConnection        *connection,
                           GBytes              *key,
                           const char          *type,
                           GBytes              *element,
                           GBytes              *value,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  CbKeyUndo *undo = g_new0 (CbKeyUndo, 1);
  CbKeyEdit edit = { .key = key, .type = type, .element = element, .expected = value };

  g_return_if_fail (find_kind (type) >= 0);

  undo->key = g_bytes_ref (key);
  undo->type = g_strdup (type);
  undo->element = g_bytes_ref (element);
  undo->value = value != NULL ? g_bytes_ref (value) : NULL;
  g_task_set_task_data (task, undo, (GDestroyNotify) cb_key_undo_free);
  edit.kind = kinds[find_kind (type)].take;
  cb_key_edit_async (connection, &edit, cancellable, taken_cb, task);
}

gboolean
cb_key_take_element_finish (CbConnection  *connection,
                            GAsyncResult  *result,
                            CbKeyUndo    **undo,
                            GError       **error)
{
  CbKeyUndo *taken;

  g_return_val_if_fail (g_task_is_valid (result, connection), FALSE);

  *undo = NULL;
  taken = g_task_get_task_data (G_TASK (result));
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (!g_str_equal (taken->type, "stream"))
    {
      *undo = g_new0 (CbKeyUndo, 1);
      (*undo)->key = g_bytes_ref (taken->key);
      (*undo)->type = g_strdup (taken->type);
      (*undo)->element = g_bytes_ref (taken->element);
      (*undo)->value = taken->value != NULL ? g_bytes_ref (taken->value) : NULL;
      (*undo)->remains = g_steal_pointer (&taken->remains);
    }
  return TRUE;
}

static void
restored_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (cb_key_restore_finish (CB_CONNECTION (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
put_cb (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  GTask *task = user_data;
  CbKeyUndo *undo = g_task_get_task_data (task);
  GError *error = NULL;

  if (cb_key_edit_finish (CB_CONNECTION (source), result, &error))
    {
      g_task_return_boolean (task, TRUE);
    }
  else if (undo->remains != NULL && g_error_matches (error, CB_KEY_ERROR, CB_KEY_ERROR_GONE))
    {
      g_clear_error (&error);
      cb_key_restore_async (CB_CONNECTION (source), undo->remains, g_task_get_cancellable (task), restored_cb, task);
      return;
    }
  else
    {
      g_task_return_error (task, error);
    }
  g_object_unref (task);
}

/**
 * cb_key_undo_async:
 * @connection: a connection
 * @undo: of cb_key_take_element_finish(); must outlive the call
 * @cancellable: (nullable): drops the outcome
 * @callback: called with the outcome
 * @user_data: data for @callback
 *
 * Errors: as cb_key_edit_async(), and then nothing was changed
 */
void
cb_key_undo_async (CbConnection        *connection,
                   CbKeyUndo           *undo,
                   GCancellable        *cancellable,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  CbKeyEdit edit = { .kind = kinds[find_kind (undo->type)].put, .key = undo->key, .type = undo->type,
                     .element = undo->element, .value = undo->value, .expect_absent = TRUE };

  g_task_set_task_data (task, undo, NULL);
  cb_key_edit_async (connection, &edit, cancellable, put_cb, task);
}

gboolean
cb_key_undo_finish (CbConnection  *connection,
                    GAsyncResult  *result,
                    GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, connection), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
