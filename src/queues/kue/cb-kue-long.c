/* cb-kue-long.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-json.h"
#include "cb-task-thread.h"

/*
 * Fields that are too long to be parsed on the server, which does nothing else meanwhile: they are fetched, one at a time, and parsed
 * here in another thread. That what was parsed is what a job still has the server can tell by its digest, which takes it a hundredth of
 * that time.
 */

typedef struct
{
  GPtrArray *fields;  /* (owned) (element-type CbKueLongField) */
  guint      at;
} Check;

static void
check_free (Check *check)
{
  g_ptr_array_unref (check->fields);
  g_free (check);
}

CbKueLongField *
cb_kue_long_field_new (const char *id,
                       const char *name)
{
  CbKueLongField *self = g_new0 (CbKueLongField, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);

  return self;
}

void
cb_kue_long_field_free (CbKueLongField *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->broken_digest);
  g_free (self);
}

static void check_next (GTask *task);

static void
parse_in_thread (GTask        *parsing,
                 gpointer      source_object,
                 gpointer      task_data,
                 GCancellable *cancellable)
{
  gsize length;
  const char *text = g_bytes_get_data (task_data, &length);

  if (cb_json_check (text, (gssize) length, NULL))
    g_task_return_pointer (parsing, NULL, NULL);
  else
    g_task_return_pointer (parsing, g_compute_checksum_for_bytes (G_CHECKSUM_SHA1, task_data), g_free);
}

static void
parsed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Check *check = g_task_get_task_data (task);
  CbKueLongField *field = g_ptr_array_index (check->fields, check->at++);

  field->broken_digest = g_task_propagate_pointer (cb_task_in_thread_result (result), NULL);
  if (!g_task_return_error_if_cancelled (task))
    check_next (task);
}

static void
got_field_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  g_autoptr (GTask) parsing = NULL;
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;
  GBytes *text;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL && !g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      g_task_return_error (task, error);
      return;
    }
  g_clear_error (&error);

  /* Somebody may have taken it away meanwhile. */
  text = reply != NULL ? cb_value_dup_bytes (cb_reply_get_value (reply)) : NULL;
  if (text == NULL)
    {
      check->at++;
      check_next (task);
      return;
    }

  parsing = g_task_new (g_task_get_source_object (task), NULL, parsed_cb, g_object_ref (task));
  g_task_set_source_tag (parsing, got_field_cb);
  g_task_set_task_data (parsing, text, (GDestroyNotify) g_bytes_unref);
  cb_task_run_in_thread (parsing, parse_in_thread);
}

static void
check_next (GTask *task)
{
  CbEngine *engine = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autofree char *key = NULL;
  const CbKueLongField *field;

  if (check->at == check->fields->len)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  field = g_ptr_array_index (check->fields, check->at);
  key = cb_kue_key_job (cb_engine_get_prefix (engine), field->id);
  cb_connection_call_async (cb_engine_get_connection (engine), cb_command_set_repeatable (cb_command_new ("HGET", key, field->name, NULL)),
                            g_task_get_cancellable (task), got_field_cb, g_object_ref (task));
}

/**
 * cb_kue_engine_check_long_async:
 * @fields: (element-type CbKueLongField) (transfer none): referenced; those that are no JSON get their `broken_digest`
 *
 * One after the other: no more than one of them is in memory.
 */
void
cb_kue_engine_check_long_async (CbKueEngine         *self,
                                GPtrArray           *fields,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);

  g_task_set_source_tag (task, cb_kue_engine_check_long_async);
  check->fields = g_ptr_array_ref (fields);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  check_next (task);
}

gboolean
cb_kue_engine_check_long_finish (CbKueEngine   *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
