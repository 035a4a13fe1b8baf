/* cb-scan.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-scan.h"

#include <string.h>


#define DEFAULT_COUNT 1000

struct _CbScan
{
  GObject parent_instance;

  CbConnection *connection; /* (owned) */
  char *pattern;            /* (owned) (nullable) */
  char *type;               /* (owned) (nullable) */
  char *cursor;             /* (owned) as the server gave it; it need not fit a number of ours */
  guint count;
  gboolean busy;
  gboolean done;
};

G_DEFINE_FINAL_TYPE (CbScan, cb_scan, G_TYPE_OBJECT)

static gboolean
is_cursor (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return text != NULL && length > 0 && length < 24 && strspn (text, "0123456789") == length;
}

static GPtrArray *
take_batch (CbScan   *self,
            CbReply  *reply,
            GError  **error)
{
  const CbValue *root = cb_reply_get_value (reply);
  const CbValue *keys = cb_value_get_element (root, 1);
  g_autoptr (GPtrArray) batch = NULL;
  guint length = cb_value_get_length (keys);

  if (!is_cursor (cb_value_get_element (root, 0)) || !cb_value_is_array (keys))
    {
      g_set_error (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED,
                   "SCAN: the server answered with something else than a cursor and keys.");
      return NULL;
    }

  batch = g_ptr_array_new_full (length, (GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < length; i++)
    {
      GBytes *key = cb_value_dup_bytes (cb_value_get_element (keys, i));

      if (key != NULL)
        g_ptr_array_add (batch, key);
    }

  g_free (self->cursor);
  self->cursor = g_strdup (cb_value_get_string (cb_value_get_element (root, 0), NULL));
  self->done = g_str_equal (self->cursor, "0");
  return g_steal_pointer (&batch);
}

static void
scanned_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) batch = NULL;
  CbScan *self = g_task_get_source_object (task);

  self->busy = FALSE;
  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply != NULL)
    batch = take_batch (self, reply, &error);

  if (batch != NULL)
    g_task_return_pointer (task, g_steal_pointer (&batch), (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
cb_scan_finalize (GObject *object)
{
  CbScan *self = CB_SCAN (object);

  g_clear_object (&self->connection);
  g_free (self->pattern);
  g_free (self->type);
  g_free (self->cursor);

  G_OBJECT_CLASS (cb_scan_parent_class)->finalize (object);
}

static void
cb_scan_class_init (CbScanClass *class)
{
  G_OBJECT_CLASS (class)->finalize = cb_scan_finalize;
}

static void
cb_scan_init (CbScan *self)
{
  self->cursor = g_strdup ("0");
}

/**
 * cb_scan_new:
 * @connection: a connection
 * @pattern: (nullable): a glob that keys must match; see cb_scan_escape()
 * @type: (nullable): a type that keys must have, such as `zset`
 * @count: how many keys the server looks at for one batch, 0 for 1000
 *
 * Returns: (transfer full): a scan that has not begun
 */
CbScan *
cb_scan_new (CbConnection *connection,
             const char   *pattern,
             const char   *type,
             guint         count)
{
  CbScan *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_SCAN, NULL);
  self->connection = g_object_ref (connection);
  self->pattern = g_strdup (pattern);
  self->type = g_strdup (type);
  self->count = count != 0 ? count : DEFAULT_COUNT;
  return self;
}

/**
 * cb_scan_next_async:
 * @self: a scan
 * @cancellable: (nullable): drops the batch; the next call asks for the same one again
 * @callback: called with the batch
 * @user_data: data for @callback
 *
 * Asks for the next batch, in one round trip. One at a time. After an error it can be called again, and goes on
 * where it was.
 *
 * Errors: any %CB_REDIS_ERROR; %G_IO_ERROR_PENDING when the last call has not returned.
 */
void
cb_scan_next_async (CbScan              *self,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  CbCommand *command;

  g_return_if_fail (CB_IS_SCAN (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, cb_scan_next_async);

  if (self->busy)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "The scan is busy.");
      return;
    }
  if (self->done)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }

  command = cb_command_new ("SCAN", self->cursor, NULL);
  if (self->pattern != NULL)
    cb_command_add (cb_command_add (command, "MATCH"), self->pattern);
  cb_command_add_int (cb_command_add (command, "COUNT"), self->count);
  if (self->type != NULL)
    cb_command_add (cb_command_add (command, "TYPE"), self->type);
  cb_command_set_repeatable (command);

  self->busy = TRUE;
  cb_connection_call_async (self->connection, command, cancellable, scanned_cb, g_steal_pointer (&task));
}

/**
 * cb_scan_next_finish:
 *
 * Returns: (transfer full) (element-type GBytes) (nullable): keys, perhaps none; %NULL without an error at the end
 */
GPtrArray *
cb_scan_next_finish (CbScan        *self,
                     GAsyncResult  *result,
                     GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * cb_scan_escape:
 * @text: any text
 *
 * Returns: (transfer full): a pattern that matches @text and nothing else
 */
char *
cb_scan_escape (const char *text)
{
  GString *pattern;

  g_return_val_if_fail (text != NULL, NULL);

  pattern = g_string_sized_new (strlen (text) + 8);
  for (; *text != '\0'; text++)
    {
      if (strchr ("*?[]\\^-", *text) != NULL)
        g_string_append_c (pattern, '\\');
      g_string_append_c (pattern, *text);
    }
  return g_string_free (pattern, FALSE);
}
