/* cb-kue-whole.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <math.h>
#include <string.h>

#include "cb-json.h"

/*
 * One job with everything: its fields as they are, also those that are not Kue's, and a window of its log.
 *
 * Nobody knows how much it is, so it is asked for step by step: how many fields, their names, their lengths, their values.
 * HGETALL would be one round trip and, one day, a frozen server. Where the lengths are not told, it is asked what all of it takes, and
 * of a job that is too large only those fields are read that are short in any job.
 */
#define MAX_FIELDS 1000
#define MAX_VALUE (1024 * 1024)
#define MAX_WEIGHT (4 * MAX_VALUE)

typedef struct
{
  char      *id;           /* (owned) */
  gint64     log_from;
  guint      log_limit;
  GPtrArray *log;          /* (owned) (nullable) (element-type GBytes) */
  gint64     log_length;
  GPtrArray *fields;       /* (owned) (nullable) (element-type GBytes) names of those that are read */
  GString   *problems;     /* (owned) sentences */
  CbJobRecord *record;     /* (owned) (nullable) when it has been read */
} Whole;

static void
whole_free (Whole *whole)
{
  g_free (whole->id);
  g_clear_pointer (&whole->log, g_ptr_array_unref);
  g_clear_pointer (&whole->fields, g_ptr_array_unref);
  g_string_free (whole->problems, TRUE);
  g_clear_pointer (&whole->record, cb_job_record_unref);
  g_free (whole);
}

G_GNUC_PRINTF (2, 3) static void
add_problem (Whole      *whole,
             const char *format,
             ...)
{
  va_list args;

  if (whole->problems->len > 0)
    g_string_append (whole->problems, ". ");
  va_start (args, format);
  g_string_append_vprintf (whole->problems, format, args);
  va_end (args);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Whole *whole = g_task_get_task_data (task);

  cb_kue_engine_check_leases_finish (CB_KUE_ENGINE (source), result);
  g_task_return_pointer (task, g_steal_pointer (&whole->record), (GDestroyNotify) cb_job_record_unref);
}

/* Answers with the record and what was found around it. */
static void
return_record (GTask       *task,
               CbJobRecord *record,
               GPtrArray   *raw)
{
  Whole *whole = g_task_get_task_data (task);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  if (whole->problems->len > 0)
    cb_kue_add_problem (record, "%s", whole->problems->str);
  record->log = g_steal_pointer (&whole->log);
  record->log_length = whole->log_length;
  record->raw = raw;
  whole->record = record;
  g_ptr_array_add (records, record);
  cb_kue_engine_check_leases_async (g_task_get_source_object (task), records, g_task_get_cancellable (task), checked_cb,
                                    g_object_ref (task));
}

static GPtrArray *
bytes_array_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

static void
got_values_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Whole *whole = g_task_get_task_data (task);
  const CbValue *known[CB_KUE_N_FIELDS] = { NULL };
  const CbValue *values;
  CbJobRecord *record;
  GPtrArray *raw;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  values = cb_reply_get_value (reply);
  raw = bytes_array_new ();
  for (guint i = 0; i < whole->fields->len; i++)
    {
      GBytes *name = g_ptr_array_index (whole->fields, i);
      const CbValue *value = cb_value_get_element (values, i);
      gsize length;
      const char *text = g_bytes_get_data (name, &length);

      if (cb_value_is_nil (value)) /* deleted since its name was read */
        continue;
      g_ptr_array_add (raw, g_bytes_ref (name));
      g_ptr_array_add (raw, cb_value_dup_bytes (value));
      for (guint field = 0; field < CB_KUE_N_FIELDS; field++)
        {
          if (strlen (cb_kue_fields[field]) == length && memcmp (cb_kue_fields[field], text, length) == 0)
            known[field] = value;
        }
    }

  record = cb_kue_parse_job (whole->id, known, CB_KUE_PARSE_WHOLE);
  /* A hash with nothing of Kue in it is there all the same. */
  if (record->missing && raw->len > 0)
    {
      record->missing = FALSE;
      cb_kue_add_problem (record, "Its record has no field that Kue knows");
    }
  return_record (task, record, raw);
}

/* A field of Kue's that is not one of those whose size has no bound. */
static gboolean
is_short (GBytes *name)
{
  gsize length;
  const char *text = g_bytes_get_data (name, &length);

  for (guint i = 0; i < CB_KUE_N_FIELDS; i++)
    {
      if ((i < CB_KUE_FIRST_BIG_FIELD || i > CB_KUE_LAST_BIG_FIELD) && strlen (cb_kue_fields[i]) == length &&
          memcmp (cb_kue_fields[i], text, length) == 0)
        return TRUE;
    }
  return FALSE;
}

/* @sizes: (nullable): the replies that tell how long the fields are. @weight: without them, what the job takes; -1 not told either */
static void
read_values (GTask        *task,
             CbConnection *connection,
             GPtrArray    *sizes,
             gint64        weight)
{
  CbEngine *self = g_task_get_source_object (task);
  Whole *whole = g_task_get_task_data (task);
  g_autoptr (GPtrArray) names = g_steal_pointer (&whole->fields);
  CbCommand *command = cb_kue_engine_command ("HMGET", cb_kue_key_job (cb_engine_get_prefix (self), whole->id));

  whole->fields = bytes_array_new ();
  if (sizes == NULL && weight > MAX_WEIGHT)
    {
      g_autofree char *formatted = g_format_size (weight);

      add_problem (whole, "It takes %s and the server does not tell how long its fields are, so only the short ones were read", formatted);
    }
  for (guint i = 0; i < names->len; i++)
    {
      GBytes *name = g_ptr_array_index (names, i);
      gint64 size = 0;

      if (sizes != NULL)
        cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (sizes, i)), &size);
      else if (weight > MAX_WEIGHT && !is_short (name))
        continue;
      if (size > MAX_VALUE)
        {
          gsize length;
          const char *text = g_bytes_get_data (name, &length);
          g_autofree char *shown = cb_json_excerpt (text, length, 40);
          g_autofree char *formatted = g_format_size (size);

          add_problem (whole, "%s is %s long and was not read", shown, formatted);
          continue;
        }
      g_ptr_array_add (whole->fields, g_bytes_ref (name));
      cb_command_add_gbytes (command, name);
    }

  if (whole->fields->len == 0)
    {
      CbJobRecord *record = cb_job_record_new (whole->id);

      cb_command_free (command);
      return_record (task, record, bytes_array_new ());
      return;
    }

  cb_connection_call_async (connection, command, g_task_get_cancellable (task), got_values_cb, g_object_ref (task));
}

static void
got_weight_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  GError *error = NULL;
  gint64 weight = -1;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL && !cb_kue_is_lacking (error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_clear_error (&error);
  if (reply == NULL || !cb_value_get_integer (cb_reply_get_value (reply), &weight))
    weight = -1;
  read_values (task, CB_CONNECTION (source), NULL, weight);
}

static void
ask_weight (GTask        *task,
            CbConnection *connection)
{
  CbEngine *self = g_task_get_source_object (task);
  Whole *whole = g_task_get_task_data (task);
  g_autofree char *key = cb_kue_key_job (cb_engine_get_prefix (self), whole->id);

  /* Of all fields, which are not many. */
  cb_connection_call_async (connection, cb_command_set_repeatable (cb_command_new ("MEMORY", "USAGE", key, "SAMPLES", "0", NULL)),
                            g_task_get_cancellable (task), got_weight_cb, g_object_ref (task));
}

static void
got_sizes_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) refusal = NULL;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL && !cb_kue_is_lacking (error))
    {
      g_task_return_error (task, error);
      return;
    }

  if (replies == NULL)
    refusal = error;
  else
    refusal = cb_kue_reply_error ("HSTRLEN", g_ptr_array_index (replies, 0));
  if (cb_kue_is_lacking (refusal))
    ask_weight (task, CB_CONNECTION (source));
  else
    read_values (task, CB_CONNECTION (source), replies, -1);
}

static void
read_sizes (GTask *task)
{
  CbEngine *self = g_task_get_source_object (task);
  Whole *whole = g_task_get_task_data (task);
  CbPipeline *pipeline = cb_pipeline_new ();

  for (guint i = 0; i < whole->fields->len; i++)
    cb_pipeline_add (pipeline, cb_command_add_gbytes (cb_kue_engine_command ("HSTRLEN",
                                                                             cb_kue_key_job (cb_engine_get_prefix (self), whole->id)),
                                                      g_ptr_array_index (whole->fields, i)));
  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, g_task_get_cancellable (task), got_sizes_cb,
                                g_object_ref (task));
}

static void
got_names_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (CbReply) reply = NULL;
  Whole *whole = g_task_get_task_data (task);
  const CbValue *names;
  GError *error = NULL;

  reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  names = cb_reply_get_value (reply);
  for (guint i = 0; i < cb_value_get_length (names); i++)
    {
      GBytes *name = cb_value_dup_bytes (cb_value_get_element (names, i));

      if (name != NULL)
        g_ptr_array_add (whole->fields, name);
    }

  if (whole->fields->len == 0) /* removed since it was counted */
    g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "Job %s is not there any more", whole->id);
  else
    read_sizes (task);
}

static void
got_lengths_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) replies = NULL;
  g_autoptr (GError) hash_error = NULL;
  g_autoptr (GError) log_error = NULL;
  CbEngine *self = g_task_get_source_object (task);
  Whole *whole = g_task_get_task_data (task);
  g_autofree char *hash_key = NULL, *log_key = NULL;
  gint64 n_fields = 0;
  GError *error = NULL;

  replies = cb_connection_pipeline_finish (CB_CONNECTION (source), result, &error);
  if (replies == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  hash_key = cb_kue_key_job (cb_engine_get_prefix (self), whole->id);
  log_key = cb_kue_key_log (cb_engine_get_prefix (self), whole->id);
  hash_error = cb_kue_read_error ("HLEN", hash_key, g_ptr_array_index (replies, 0));
  cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 0)), &n_fields);
  log_error = cb_kue_read_error ("LLEN", log_key, g_ptr_array_index (replies, 1));
  if (log_error != NULL)
    add_problem (whole, "The log can't be read: %s", log_error->message);
  else
    cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &whole->log_length);

  if (log_error == NULL)
    whole->log = bytes_array_new ();
  if (log_error == NULL && replies->len > 2)
    {
      const CbValue *lines = cb_reply_get_value (g_ptr_array_index (replies, 2));

      for (guint i = 0; i < cb_value_get_length (lines); i++)
        {
          GBytes *line = cb_value_dup_bytes (cb_value_get_element (lines, i));

          if (line != NULL)
            g_ptr_array_add (whole->log, line);
        }
    }

  if (hash_error != NULL && !g_error_matches (hash_error, CB_REDIS_ERROR, CB_REDIS_ERROR_WRONGTYPE))
    {
      g_task_return_error (task, g_steal_pointer (&hash_error));
      return;
    }

  /* No hash: what is left of the job is its log, if that. */
  if (hash_error != NULL || n_fields == 0)
    {
      CbJobRecord *record;

      if (hash_error == NULL && whole->log_length <= 0 && log_error == NULL)
        {
          g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job %s", whole->id);
          return;
        }
      if (hash_error != NULL)
        add_problem (whole, "Its record can't be read: %s", hash_error->message);
      record = cb_job_record_new (whole->id);
      record->missing = hash_error == NULL;
      record->priority = NAN;
      return_record (task, record, NULL);
      return;
    }

  whole->fields = bytes_array_new ();
  if (n_fields <= MAX_FIELDS)
    {
      cb_connection_call_async (CB_CONNECTION (source),
                                cb_kue_engine_command ("HKEYS", cb_kue_key_job (cb_engine_get_prefix (self), whole->id)),
                                g_task_get_cancellable (task), got_names_cb, g_object_ref (task));
      return;
    }

  add_problem (whole, "It has %" G_GINT64_FORMAT " fields, of which only those of Kue were read", n_fields);
  for (guint field = 0; field < CB_KUE_N_FIELDS; field++)
    g_ptr_array_add (whole->fields, g_bytes_new_static (cb_kue_fields[field], strlen (cb_kue_fields[field])));
  read_sizes (task);
}

void
cb_kue_engine_get_whole (CbEngine            *self,
                         const char          *id,
                         gint64               log_from,
                         guint                log_limit,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  const char *prefix = cb_engine_get_prefix (self);
  CbPipeline *pipeline;
  Whole *whole;

  g_task_set_source_tag (task, cb_kue_engine_get_whole);

  if (!cb_kue_id_check (id))
    {
      g_autofree char *shown = cb_text_display (id, -1, TRUE);

      g_task_return_new_error (task, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "There is no job “%s”: ids are numbers", shown);
      g_object_unref (task);
      return;
    }

  whole = g_new0 (Whole, 1);
  whole->id = g_strdup (id);
  whole->log_from = log_from;
  whole->log_limit = log_limit;
  whole->log_length = -1;
  whole->problems = g_string_new (NULL);
  g_task_set_task_data (task, whole, (GDestroyNotify) whole_free);

  pipeline = cb_pipeline_new ();
  cb_pipeline_add (pipeline, cb_kue_engine_command ("HLEN", cb_kue_key_job (prefix, id)));
  cb_pipeline_add (pipeline, cb_kue_engine_command ("LLEN", cb_kue_key_log (prefix, id)));
  if (log_limit > 0)
    {
      CbCommand *command = cb_kue_engine_command ("LRANGE", cb_kue_key_log (prefix, id));
      gint64 to = log_from + (gint64) log_limit - 1;

      /* A window that begins before the end and reaches it ends there: -1, not the first line. */
      if (log_from < 0 && to >= 0)
        to = -1;
      cb_pipeline_add (pipeline, cb_command_add_int (cb_command_add_int (command, log_from), to));
    }

  cb_connection_pipeline_async (cb_engine_get_connection (self), pipeline, cancellable, got_lengths_cb, task);
}
