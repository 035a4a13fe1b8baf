/* cb-server-setting.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-server-setting.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "cb-json.h"

#define MOST_SETTINGS 2048
#define LONGEST_NAME 128
#define LONGEST_VALUE 4096

void
cb_server_setting_free (CbServerSetting *self)
{
  g_free (self->name);
  g_free (self->value);
  g_free (self);
}

gboolean
cb_server_setting_is_secret (const char *name)
{
  return strcmp (name, "requirepass") == 0 || g_str_has_suffix (name, "auth") || g_str_has_suffix (name, "-pass") ||
         strstr (name, "password") != NULL || strstr (name, "secret") != NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(CbServerSetting * const *) a)->name, (*(CbServerSetting * const *) b)->name);
}

GPtrArray *
cb_server_settings_parse (const CbValue *value)
{
  GPtrArray *settings = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_server_setting_free);
  guint n = MIN (cb_value_get_length (value) / 2, MOST_SETTINGS);

  for (guint i = 0; i < n; i++)
    {
      gsize name_length, length;
      const char *name = cb_value_get_string (cb_value_get_element (value, 2 * i), &name_length);
      const char *text = cb_value_get_string (cb_value_get_element (value, 2 * i + 1), &length);
      CbServerSetting *setting;

      if (name == NULL || text == NULL)
        continue;
      setting = g_new0 (CbServerSetting, 1);
      setting->name = cb_text_display (name, (gssize) MIN (name_length, LONGEST_NAME), TRUE);
      setting->secret = cb_server_setting_is_secret (setting->name);
      setting->value = setting->secret ? g_strdup ("") : cb_text_display (text, (gssize) MIN (length, LONGEST_VALUE), TRUE);
      setting->exact = !setting->secret && strlen (setting->value) == length && memcmp (setting->value, text, length) == 0 &&
                       strlen (setting->name) == name_length;
      g_ptr_array_add (settings, setting);
    }
  g_ptr_array_sort (settings, compare_names);
  return settings;
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  const CbValue *before, *set;
  gsize length;
  const char *text;

  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  set = cb_reply_get_value (g_ptr_array_index (replies, 1));
  if (cb_value_is_error (set))
    {
      text = cb_value_get_string (set, &length);
      g_task_return_error (task, cb_redis_error_new_from_reply ("CONFIG SET", text, length));
      return;
    }
  before = cb_value_get_field (cb_reply_get_value (g_ptr_array_index (replies, 0)), g_task_get_task_data (task));
  text = cb_value_get_string (before, &length);
  g_task_return_pointer (task, g_strdup (text != NULL ? text : ""), g_free);
}

/**
 * cb_server_setting_change_async:
 * @name: of the setting
 * @value: what it is to be
 *
 * Errors: what the server says against it, %CB_REDIS_ERROR_READONLY on a connection that is for reading only, and those of
 * cb_connection_pipeline_async(). Nothing was changed where the server refused it.
 */
void
cb_server_setting_change_async (CbConnection        *connection,
                                const char          *name,
                                const char          *value,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  CbPipeline *pipeline = cb_pipeline_new ();

  g_task_set_source_tag (task, cb_server_setting_change_async);
  g_task_set_task_data (task, g_strdup (name), g_free);
  cb_pipeline_set_transaction (pipeline);
  cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "GET", name, NULL));
  cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "SET", name, value, NULL));
  cb_connection_pipeline_async (connection, pipeline, cancellable, changed_cb, task);
}

char *
cb_server_setting_change_finish (CbConnection *connection, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
