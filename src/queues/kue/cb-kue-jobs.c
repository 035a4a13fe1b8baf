/* cb-kue-jobs.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

#include "cb-json.h"

/*
 * Many jobs by their ids, for lists. Two round trips: how much memory they take, then their fields. Of those that take more than a
 * field may, or where that is not told, it is asked in between how long the fields without a bound are, and those that are too long
 * for a list are left out. So a job of 50 MB costs a list nothing but a remark, and one that is like others a single small question.
 * Where the length of a field is not told either, none of these fields is read of a job that is known to take more than one may. Who may
 * ask for neither, or whose server knows neither, reads what there is: there is no way to read a part of a field.
 */
#define MAX_VALUE (256 * 1024)

/* So many fields are weighed one by one, in a hash that has more the others are taken for like them: with so many it weighs more than
 * MAX_VALUE in any case, at no less than 16 bytes each. */
#define WEIGHED_FIELDS "16384"

/* Asked for in the place of a field that is too long, so that the others keep their positions. Never there. */
#define NO_FIELD "callboard_no_field"

#define N_BIG (CB_KUE_LAST_BIG_FIELD - CB_KUE_FIRST_BIG_FIELD + 1)

typedef struct
{
  char     *id;          /* (owned) (nullable) NULL: the member is no id */
  GBytes   *member;      /* (owned) (nullable) as it stands in the set, when it is spelled wrongly */
  gboolean  heavy;       /* one of its fields may be too long */
  gboolean  untold;      /* how long they are is not told */
  gint64    weight;      /* of all of it; -1 not told */
  gint64    sizes[N_BIG];
} Entry;

static void
entry_clear (Entry *entry)
{
  g_free (entry->id);
  g_clear_pointer (&entry->member, g_bytes_unref);
}

static gboolean
is_too_long (const Entry *entry,
             guint        field)
{
  if (field < CB_KUE_FIRST_BIG_FIELD || field > CB_KUE_LAST_BIG_FIELD)
    return FALSE;
  return entry->untold ? entry->weight > MAX_VALUE : entry->sizes[field - CB_KUE_FIRST_BIG_FIELD] > MAX_VALUE;
}

static CbJobRecord *
make_record (const Entry   *entry,
             const CbValue *fields)
{
  CbJobRecord *record;

  if (entry->id == NULL)
    {
      gsize length;
      const char *member = g_bytes_get_data (entry->member, &length);

      return cb_kue_parse_member (member != NULL ? member : "", length);
    }

  record = cb_kue_parse_reply (entry->id, fields, 0, CB_KUE_PARSE_SHORT);
  if (entry->member != NULL)
    {
      gsize length;
      const char *member = g_bytes_get_data (entry->member, &length);
      g_autofree char *shown = cb_json_excerpt (member, length, 40);

      cb_kue_add_problem (record, "The list names it “%s”, which Kue takes for job %s", shown, entry->id);
    }
  if (entry->untold && is_too_long (entry, CB_KUE_FIRST_BIG_FIELD))
    {
      g_autofree char *size = g_format_size (entry->weight);

      record->missing = FALSE;
      cb_kue_add_problem (record, "It takes %s and the server does not tell how long its fields are, so %s, %s, %s and %s are not read for a list",
                          size, cb_kue_fields[CB_KUE_FIELD_DATA], cb_kue_fields[CB_KUE_FIELD_RESULT],
                          cb_kue_fields[CB_KUE_FIELD_PROGRESS_DATA], cb_kue_fields[CB_KUE_FIELD_ERROR]);
      return record;
    }
  for (guint i = CB_KUE_FIRST_BIG_FIELD; i <= CB_KUE_LAST_BIG_FIELD; i++)
    {
      if (is_too_long (entry, i))
        {
          g_autofree char *size = g_format_size (entry->sizes[i - CB_KUE_FIRST_BIG_FIELD]);

          record->missing = FALSE;
          cb_kue_add_problem (record, "%s is %s long and not read for a list", cb_kue_fields[i], size);
        }
    }

  return record;
}

typedef struct
{
  GTask     *task;       /* (owned) */
  GPtrArray *records;    /* (owned) */
} Answer;

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Answer *answer = user_data;

  cb_kue_engine_check_leases_finish (CB_KUE_ENGINE (source), result);
  g_task_return_pointer (answer->task, answer->records, (GDestroyNotify) g_ptr_array_unref);
  g_object_unref (answer->task);
  g_free (answer);
}

static void
got_fields_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  GArray *entries = g_task_get_task_data (task);
  GPtrArray *records;
  Answer *answer;
  GError *error = NULL;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  records = g_ptr_array_new_full (entries->len, (GDestroyNotify) cb_job_record_unref);
  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      const CbValue *fields = NULL;

      if (entry->id != NULL)
        fields = cb_reply_get_value (g_ptr_array_index (replies, at++));
      g_ptr_array_add (records, make_record (entry, fields));
    }

  answer = g_new0 (Answer, 1);
  answer->task = g_object_ref (task);
  answer->records = records;
  cb_kue_engine_check_leases_async (g_task_get_source_object (task), records, g_task_get_cancellable (task), checked_cb, answer);
}

static void
ask_fields (CbConnection *connection,
            GTask        *task)
{
  CbEngine *self = g_task_get_source_object (task);
  GArray *entries = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);
      CbCommand *command;

      if (entry->id == NULL)
        continue;

      command = cb_kue_engine_command ("HMGET", cb_kue_key_job (cb_engine_get_prefix (self), entry->id));
      for (guint field = 0; field < CB_KUE_N_FIELDS; field++)
        cb_command_add (command, is_too_long (entry, field) ? NO_FIELD : cb_kue_fields[field]);
      cb_pipeline_add (pipeline, command);
    }

  cb_connection_pipeline_async (connection, pipeline, g_task_get_cancellable (task), got_fields_cb, g_object_ref (task));
}

gboolean
cb_kue_is_lacking (const GError *error)
{
  /* A connection that is for reading only sends nothing that the server does not say only reads: a server that has no such command
   * says nothing of it. */
  return g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_NOPERM) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_UNKNOWN_COMMAND) ||
         g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY);
}

static void
set_untold (GArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      entry->untold = entry->heavy;
    }
}

static void
got_sizes_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  GArray *entries = g_task_get_task_data (task);
  GError *error = NULL;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL && !cb_kue_is_lacking (error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (replies == NULL)
    {
      self->no_lengths = TRUE;
      set_untold (entries);
      g_error_free (error);
      ask_fields (CB_CONNECTION (source), task);
      return;
    }

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      /* What is no hash gives errors here and once more below. */
      for (guint n = 0; entry->heavy && n < N_BIG; n++)
        {
          CbReply *reply = g_ptr_array_index (replies, at++);

          if (!cb_value_get_integer (cb_reply_get_value (reply), &entry->sizes[n]))
            {
              g_autoptr (GError) refusal = cb_kue_reply_error ("HSTRLEN", reply);

              entry->untold |= cb_kue_is_lacking (refusal);
              self->no_lengths |= cb_kue_is_lacking (refusal);
            }
        }
    }
  ask_fields (CB_CONNECTION (source), task);
}

static void
ask_sizes (CbConnection *connection,
           GTask        *task)
{
  CbEngine *self = g_task_get_source_object (task);
  GArray *entries = g_task_get_task_data (task);
  gboolean no_lengths = CB_KUE_ENGINE (self)->no_lengths;
  CbPipeline *pipeline = cb_pipeline_new ();

  if (no_lengths)
    set_untold (entries);
  for (guint i = 0; !no_lengths && i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      for (guint n = 0; entry->heavy && n < N_BIG; n++)
        cb_pipeline_add (pipeline, cb_command_add (cb_kue_engine_command ("HSTRLEN",
                                                                          cb_kue_key_job (cb_engine_get_prefix (self), entry->id)),
                                                   cb_kue_fields[CB_KUE_FIRST_BIG_FIELD + n]));
    }

  if (cb_pipeline_get_length (pipeline) == 0)
    {
      cb_pipeline_free (pipeline);
      ask_fields (connection, task);
      return;
    }

  cb_connection_pipeline_async (connection, pipeline, g_task_get_cancellable (task), got_sizes_cb, g_object_ref (task));
}

static void
got_weights_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  CbKueEngine *self = g_task_get_source_object (task);
  GArray *entries = g_task_get_task_data (task);
  GError *error = NULL;
  guint at = 0;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_READONLY))
    {
      g_clear_error (&error);
      self->no_weights = TRUE;
    }
  else if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);
      const CbValue *value = NULL;
      gint64 weight = 0;

      if (entry->id == NULL)
        continue;

      if (replies != NULL)
        value = cb_reply_get_value (g_ptr_array_index (replies, at++));
      /* Nil for what is gone. */
      entry->heavy = value == NULL || !(cb_value_is_nil (value) || (cb_value_get_integer (value, &weight) && weight <= MAX_VALUE));
      if (weight > 0)
        entry->weight = weight;
      if (value != NULL && cb_value_is_error (value))
        {
          g_autoptr (GError) refusal = cb_kue_reply_error ("MEMORY", g_ptr_array_index (replies, at - 1));

          /* What is passing, as a script that takes long, is no reason to do without for ever. */
          self->no_weights |= cb_kue_is_lacking (refusal);
        }
    }
  ask_sizes (CB_CONNECTION (source), task);
}

static void
read_entries (CbEngine *engine,
              GTask    *task,
              GArray   *entries)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  CbPipeline *pipeline = cb_pipeline_new ();
  guint n = 0;

  g_task_set_task_data (task, entries, (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      if (entry->id == NULL)
        continue;

      n++;
      entry->heavy = self->no_weights;
      entry->weight = -1;
      if (!self->no_weights)
        {
          g_autofree char *key = cb_kue_key_job (cb_engine_get_prefix (engine), entry->id);

          cb_pipeline_add (pipeline, cb_command_set_repeatable (cb_command_new ("MEMORY", "USAGE", key, "SAMPLES", WEIGHED_FIELDS, NULL)));
        }
    }

  if (n == 0)
    {
      GPtrArray *records = g_ptr_array_new_full (entries->len, (GDestroyNotify) cb_job_record_unref);

      for (guint i = 0; i < entries->len; i++)
        g_ptr_array_add (records, make_record (&g_array_index (entries, Entry, i), NULL));
      cb_pipeline_free (pipeline);
      g_task_return_pointer (task, records, (GDestroyNotify) g_ptr_array_unref);
    }
  else if (self->no_weights)
    {
      cb_pipeline_free (pipeline);
      ask_sizes (cb_engine_get_connection (engine), task);
    }
  else
    {
      cb_connection_pipeline_async (cb_engine_get_connection (engine), pipeline, g_task_get_cancellable (task), got_weights_cb,
                                    g_object_ref (task));
    }
  g_object_unref (task);
}

static GArray *
entries_new (void)
{
  GArray *entries = g_array_new (FALSE, TRUE, sizeof (Entry));

  g_array_set_clear_func (entries, (GDestroyNotify) entry_clear);
  return entries;
}

/* The jobs that the members of a set name; a record with `missing` for a member that is no id. */
void
cb_kue_engine_read_members_async (CbKueEngine         *self,
                                  GPtrArray           *members,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GArray *entries = entries_new ();

  g_task_set_source_tag (task, cb_kue_engine_read_members_async);

  for (guint i = 0; i < members->len; i++)
    {
      Entry entry = { 0 };
      GBytes *bytes = g_ptr_array_index (members, i);
      gboolean canonical = FALSE;
      gsize length;
      const char *member = g_bytes_get_data (bytes, &length);

      entry.id = cb_kue_id_from_member (member != NULL ? member : "", length, &canonical);
      if (!canonical)
        entry.member = g_bytes_ref (bytes);
      g_array_append_val (entries, entry);
    }

  read_entries (CB_ENGINE (self), task, entries);
}

GPtrArray *
cb_kue_engine_read_members_finish (CbKueEngine   *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
cb_kue_engine_get_many (CbEngine            *self,
                        const char * const  *ids,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GArray *entries = entries_new ();

  g_task_set_source_tag (task, cb_kue_engine_get_many);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      Entry entry = { 0 };

      if (cb_kue_id_check (ids[i]))
        entry.id = g_strdup (ids[i]);
      else
        entry.member = g_bytes_new (ids[i], strlen (ids[i]));
      g_array_append_val (entries, entry);
    }

  read_entries (self, task, entries);
}
