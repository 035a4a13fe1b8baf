/* cb-kue-create.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include "cb-job-spec.h"
#include "cb-json.h"
#include "cb-kue-index.h"
#include "cb-task-thread.h"

/*
 * Jobs are made by one script in portions: large enough that a thousand jobs are ten round trips, small enough that the server
 * is kept busy for a few milliseconds only.
 */
#define MAX_JOBS 100
#define MAX_BYTES (1024 * 1024)

typedef struct
{
  GPtrArray *specs;    /* (owned) */
  GPtrArray *words;    /* (owned) (nullable) (element-type utf8) for the search index, of each specification */
  GPtrArray *ids;      /* (owned) (element-type utf8) of those that are made */
} Create;

static void
create_free (Create *create)
{
  g_ptr_array_unref (create->specs);
  g_clear_pointer (&create->words, g_ptr_array_unref);
  g_ptr_array_unref (create->ids);
  g_free (create);
}

static void create_portion (GTask *task);

static void
created_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Create *create = g_task_get_task_data (task);
  const CbValue *ids;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      if (cb_redis_error_may_have_run (error))
        g_prefix_error (&error, "%u of %u jobs are created, and perhaps %u more: ", create->ids->len, create->specs->len,
                        MIN (MAX_JOBS, create->specs->len - create->ids->len));
      else if (create->ids->len > 0)
        g_prefix_error (&error, "Only %u of %u jobs are created: ", create->ids->len, create->specs->len);
      g_task_return_error (task, error);
      return;
    }

  ids = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (ids); i++)
    g_ptr_array_add (create->ids, g_strdup (cb_value_get_string (cb_value_get_element (ids, i), NULL)));

  if (cb_value_get_length (ids) == 0)
    g_task_return_new_error (task, CB_REDIS_ERROR, CB_REDIS_ERROR_UNEXPECTED, "The server gave no ids for the new jobs");
  else if (create->ids->len < create->specs->len)
    create_portion (task);
  else
    g_task_return_pointer (task, g_ptr_array_ref (create->ids), (GDestroyNotify) g_ptr_array_unref);
}

/* Data that JavaScript takes for false are none, and stored as Kue has it (2.4). */
static void
add_data (CbCommand *command,
          GBytes    *data)
{
  gsize size;
  const char *json = g_bytes_get_data (data, &size);

  if (json != NULL && !cb_kue_json_is_truthy (json, size) && cb_json_check (json, size, NULL))
    cb_command_add (command, "{}");
  else
    cb_command_add_gbytes (command, data);
}

static void
add_job (CbCommand       *command,
         const CbJobSpec *spec,
         const char      *words,
         gint64           now)
{
  g_autofree char *priority = cb_job_priority_to_text (spec->priority);
  gint64 delay = spec->delay_msec;

  /* Kue, too, stores the time that is left until a given moment. */
  if (spec->due_at > 0)
    delay = MAX (spec->due_at / 1000 - now, 0);

  cb_command_add (command, spec->queue);
  add_data (command, spec->data);
  cb_command_add (command, priority);
  cb_command_add_int (command, delay);
  cb_command_add_int (command, spec->attempts);
  cb_command_add (command, spec->backoff != NULL ? spec->backoff : "");
  cb_command_add_int (command, spec->ttl_msec);
  cb_command_add (command, spec->remove_on_complete ? "true" : "");
  cb_command_add (command, words);
}

static void
create_portion (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  CbEngine *engine = CB_ENGINE (self);
  const char *prefix = cb_engine_get_prefix (engine);
  Create *create = g_task_get_task_data (task);
  gsize bytes = 0;
  CbCommand *command;
  gint64 now;

  command = cb_kue_engine_script (self, CB_KUE_SCRIPT_CREATE,
                                  cb_kue_key (prefix, "ids"),
                                  cb_kue_key (prefix, "job:types"),
                                  cb_kue_key_set (prefix, NULL, NULL),
                                  cb_kue_key_set (prefix, NULL, "inactive"),
                                  cb_kue_key_set (prefix, NULL, "delayed"),
                                  NULL);
  now = cb_kue_command_time (command);

  for (guint i = create->ids->len, n = 0; i < create->specs->len && n < MAX_JOBS && bytes < MAX_BYTES; i++, n++)
    {
      const CbJobSpec *spec = g_ptr_array_index (create->specs, i);

      add_job (command, spec, create->words != NULL ? g_ptr_array_index (create->words, i) : "", now);
      bytes += g_bytes_get_size (spec->data);
    }

  cb_connection_call_async (cb_engine_get_connection (engine), command, g_task_get_cancellable (task), created_cb,
                            g_object_ref (task));
  cb_connection_flush_alone (cb_engine_get_connection (engine));
}

/* In a thread of its own, since a text may be long. */
static void
find_words (GTask        *task,
            gpointer      source,
            gpointer      task_data,
            GCancellable *cancellable)
{
  GPtrArray *specs = task_data;
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < specs->len; i++)
    {
      const CbJobSpec *spec = g_ptr_array_index (specs, i);

      g_ptr_array_add (words, spec->search_keys != NULL
                                ? cb_kue_index_words (spec->data, (const char * const *) spec->search_keys, G_MAXSIZE)
                                : g_strdup (""));
    }
  g_task_return_pointer (task, words, (GDestroyNotify) g_ptr_array_unref);
}

static void
found_words_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Create *create = g_task_get_task_data (task);
  GError *error = NULL;

  create->words = g_task_propagate_pointer (cb_task_in_thread_result (result), &error);
  if (create->words != NULL)
    create_portion (task);
  else
    g_task_return_error (task, error);
}

static gboolean
have_search_keys (GPtrArray *specs)
{
  for (guint i = 0; i < specs->len; i++)
    {
      if (((const CbJobSpec *) g_ptr_array_index (specs, i))->search_keys != NULL)
        return TRUE;
    }

  return FALSE;
}

void
cb_kue_engine_create (CbEngine            *self,
                      GPtrArray           *specs,
                      GCancellable        *cancellable,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Create *create = g_new0 (Create, 1);

  g_task_set_source_tag (task, cb_kue_engine_create);
  create->specs = g_ptr_array_ref (specs);
  create->ids = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, create, (GDestroyNotify) create_free);
  if (have_search_keys (specs))
    {
      g_autoptr (GTask) finding = g_task_new (NULL, cancellable, found_words_cb, g_object_ref (task));

      g_task_set_task_data (finding, g_ptr_array_ref (specs), (GDestroyNotify) g_ptr_array_unref);
      cb_task_run_in_thread (finding, find_words);
    }
  else
    {
      create_portion (task);
    }
}
