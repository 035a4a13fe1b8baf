/* cb-kue-types.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

/*
 * Which queues there are: the types that are registered in P:job:types, and those that jobs have without being registered (a
 * program that writes jobs by itself, a set that was lost or overwritten), which Kue would not show. For these the ends of the
 * sets of all types are looked at, a bounded number of jobs: a type that has a job there is found, however many others there
 * are. What was found once is kept while it has jobs, so that a queue does not come and go with the jobs at the ends.
 */

/* How many jobs are looked at on each end of each set. */
#define N_ENDS 20

typedef struct
{
  GPtrArray  *names;       /* (owned) */
  GHashTable *seen;        /* (owned) keys of names: SSCAN may give one twice */
  GPtrArray  *ids;         /* (owned) (element-type utf8) whose types are asked for */
  GPtrArray  *strays;      /* (owned) (element-type utf8) that were found before */
  GError     *refusal;     /* (owned) (nullable) why the registered ones can't be read */
} TypeScan;

static void
type_scan_free (TypeScan *scan)
{
  g_hash_table_unref (scan->seen);
  g_ptr_array_unref (scan->names);
  g_ptr_array_unref (scan->ids);
  g_ptr_array_unref (scan->strays);
  g_clear_error (&scan->refusal);
  g_free (scan);
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

static gboolean
add_name (TypeScan      *scan,
          const CbValue *value)
{
  gsize length;
  const char *name = cb_value_get_string (value, &length);
  char *copy;

  if (name == NULL || strlen (name) != length || g_hash_table_contains (scan->seen, name))
    return FALSE;

  copy = g_strdup (name);
  g_ptr_array_add (scan->names, copy);
  g_hash_table_add (scan->seen, copy);
  return TRUE;
}

static void
finish (GTask *task)
{
  TypeScan *scan = g_task_get_task_data (task);

  if (scan->refusal != NULL && scan->names->len == 0)
    {
      g_task_return_error (task, g_steal_pointer (&scan->refusal));
      return;
    }

  g_ptr_array_sort (scan->names, compare_names);
  g_task_return_pointer (task, g_ptr_array_ref (scan->names), (GDestroyNotify) g_ptr_array_unref);
}

/* --- types that are not registered --- */

static void
got_strays_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  TypeScan *scan = g_task_get_task_data (task);
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  /* A job without a type, or a key that is no hash, is none of a queue's. */
  for (guint i = 0; i < scan->ids->len; i++)
    {
      const CbValue *type = cb_reply_get_value (g_ptr_array_index (replies, i));

      if (!cb_value_is_error (type) && add_name (scan, type))
        g_hash_table_add (self->strays, g_strdup (g_ptr_array_index (scan->names, scan->names->len - 1)));
    }

  for (guint i = 0; i < scan->strays->len; i++)
    {
      const char *name = g_ptr_array_index (scan->strays, i);
      gboolean refused = FALSE;
      gint64 n = 0;

      for (guint state = 0; n == 0 && state < CB_KUE_N_STATES; state++)
        {
          const CbValue *value = cb_reply_get_value (g_ptr_array_index (replies, scan->ids->len + i * CB_KUE_N_STATES + state));

          if (!cb_value_get_integer (value, &n))
            refused = TRUE;
        }
      /* Of what can't be read at the moment it is not known that it is gone. */
      if (n == 0 && refused)
        n = 1;
      if (g_hash_table_contains (scan->seen, name))
        continue;
      if (n > 0)
        {
          char *copy = g_strdup (name);

          g_ptr_array_add (scan->names, copy);
          g_hash_table_add (scan->seen, copy);
        }
      else
        {
          g_hash_table_remove (self->strays, name);
        }
    }

  finish (task);
}

static void
got_ends_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  CbKueEngine *self = g_task_get_source_object (task);
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  TypeScan *scan = g_task_get_task_data (task);
  CbPipeline *pipeline;
  GHashTableIter iter;
  gpointer name;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  pipeline = cb_pipeline_new ();
  for (guint i = 0; i < replies->len; i++)
    {
      const CbValue *members = cb_reply_get_value (g_ptr_array_index (replies, i));

      /* A set of another type holds no jobs; what is wrong with it is told where it is counted. */
      for (guint j = 0; !cb_value_is_error (members) && j < cb_value_get_length (members); j++)
        {
          gsize length;
          const char *member = cb_value_get_string (cb_value_get_element (members, j), &length);
          char *id = member != NULL ? cb_kue_id_from_member (member, length, NULL) : NULL;

          if (id == NULL || g_hash_table_contains (taken, id))
            {
              g_free (id);
              continue;
            }
          g_ptr_array_add (scan->ids, id);
          g_hash_table_add (taken, id);
          cb_pipeline_add (pipeline, cb_command_add (cb_kue_engine_command ("HGET", cb_kue_key_job (prefix, id)), "type"));
        }
    }

  g_hash_table_iter_init (&iter, self->strays);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      /* Each by itself: in a cluster they may be on two nodes. */
      for (guint state = 0; state < CB_KUE_N_STATES; state++)
        cb_pipeline_add (pipeline, cb_kue_engine_command ("EXISTS", cb_kue_key_set (prefix, name, cb_kue_states[state].name)));
      g_ptr_array_add (scan->strays, g_strdup (name));
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    {
      cb_pipeline_free (pipeline);
      finish (task);
    }
  else
    {
      cb_connection_pipeline_async (CB_CONNECTION (source), pipeline, g_task_get_cancellable (task), got_strays_cb, g_object_ref (task));
    }
}

static void
look_at_ends (GTask *task)
{
  CbKueEngine *self = g_task_get_source_object (task);
  const char *prefix = cb_engine_get_prefix (CB_ENGINE (self));
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint state = 0; state < CB_KUE_N_STATES; state++)
    {
      for (guint end = 0; end < 2; end++)
        {
          CbCommand *command = cb_kue_engine_command ("ZRANGE", cb_kue_key_set (prefix, NULL, cb_kue_states[state].name));

          cb_command_add_int (command, end == 0 ? 0 : -N_ENDS);
          cb_pipeline_add (pipeline, cb_command_add_int (command, end == 0 ? N_ENDS - 1 : -1));
        }
    }

  cb_connection_pipeline_async (cb_engine_get_connection (CB_ENGINE (self)), pipeline, g_task_get_cancellable (task), got_ends_cb,
                                g_object_ref (task));
}

/* --- those that are --- */

static void got_types_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static void
scan_types (GTask      *task,
            const char *cursor)
{
  CbEngine *self = g_task_get_source_object (task);
  CbCommand *command = cb_kue_engine_command ("SSCAN", cb_kue_key (cb_engine_get_prefix (self), "job:types"));

  cb_command_add (cb_command_add (cb_command_add (command, cursor), "COUNT"), "1000");
  cb_connection_call_async (cb_engine_get_connection (self), command, g_task_get_cancellable (task), got_types_cb, g_object_ref (task));
}

static void
got_types_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  TypeScan *scan = g_task_get_task_data (task);
  GError *error = NULL;
  const CbValue *value, *names;
  const char *cursor;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      scan->refusal = error;
      look_at_ends (task);
      return;
    }
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  value = cb_reply_get_value (reply);
  names = cb_value_get_element (value, 1);
  for (guint i = 0; i < cb_value_get_length (names); i++)
    {
      if (add_name (scan, cb_value_get_element (names, i)))
        g_hash_table_remove (self->strays, g_ptr_array_index (scan->names, scan->names->len - 1));
    }

  cursor = cb_value_get_string (cb_value_get_element (value, 0), NULL);
  if (cursor != NULL && strcmp (cursor, "0") != 0)
    scan_types (task, cursor);
  else
    look_at_ends (task);
}

/* By SSCAN, as nobody knows how many they are. */
void
cb_kue_engine_list_queues (CbEngine            *engine,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  TypeScan *scan = g_new0 (TypeScan, 1);

  g_task_set_source_tag (task, cb_kue_engine_list_queues);
  scan->names = g_ptr_array_new_with_free_func (g_free);
  scan->seen = g_hash_table_new (g_str_hash, g_str_equal);
  scan->ids = g_ptr_array_new_with_free_func (g_free);
  scan->strays = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, scan, (GDestroyNotify) type_scan_free);
  scan_types (task, "0");
}
