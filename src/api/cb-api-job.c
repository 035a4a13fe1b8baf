/* cb-api-job.c: a job in the form of Kue's JSON API
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-api-job.h"

#include <math.h>
#include <string.h>

#include "cb-api-request.h"
#include "cb-job-json.h"
#include "cb-json-scanner.h"
#include "cb-queue-error.h"

/* --- out --- */

static gboolean
write_json (CbJsonWriter *writer, const char *name, GBytes *json, const char *id, GError **error)
{
  g_autoptr (GError) broken = NULL;
  const char *text;
  gsize length;

  if (json == NULL)
    return TRUE;

  text = g_bytes_get_data (json, &length);
  if (!cb_json_check (text != NULL ? text : "", (gssize) length, &broken))
    {
      /* Kue's words are those of its JavaScript engine. */
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "The %s of job \"%s\" is not JSON. %s",
                   name, id, broken->message);
      return FALSE;
    }

  cb_json_writer_name (writer, name);
  cb_json_writer_raw (writer, text, (gssize) length);
  return TRUE;
}

/* Kue shows what it read of the hash: times, progress and durations are strings of digits. */
static void
write_number_text (CbJsonWriter *writer, const char *name, gint64 number)
{
  g_autofree char *text = NULL;

  if (number < 0)
    return;

  text = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, text, -1);
}

static void
write_msec (CbJsonWriter *writer, const char *name, gint64 usec)
{
  write_number_text (writer, name, usec < 0 ? -1 : usec / 1000);
}

/* As JavaScript writes numbers, without an exponent below 10^21; null for no number. */
static void
write_priority (CbJsonWriter *writer, double priority)
{
  g_autofree char *text = NULL;

  cb_json_writer_name (writer, "priority");
  if (fabs (priority) < 1e15 || !(fabs (priority) < 1e21))
    {
      cb_json_writer_double (writer, priority);
      return;
    }

  text = cb_job_priority_to_text (priority);
  cb_json_writer_raw (writer, text, -1);
}

/* Text of a client's is UTF-8; what is not, is made so. */
static void
write_text (CbJsonWriter *writer, const char *name, const char *text, gssize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);

  cb_json_writer_name (writer, name);
  cb_json_writer_string (writer, valid, -1);
}

/**
 * cb_api_job_write:
 * @id_as_text: as for one job asked for by its id, which Kue gives back as it was asked; in lists it is a number
 *
 * Writes a job with the members, their order and their kinds of Kue 0.11.6 (lib/queue/job.js, toJSON). What was written when
 * the result is %FALSE is of no use.
 *
 * Errors: %CB_QUEUE_ERROR_GONE (`job "7" doesnt exist`, or `is invalid` for one without a type), %CB_QUEUE_ERROR_DAMAGED for
 * one whose JSON is none.
 */
gboolean
cb_api_job_write (CbJobRecord *record, gboolean id_as_text, CbJsonWriter *writer, GError **error)
{
  if (record->missing || record->queue == NULL)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE, "job \"%s\" %s", record->id,
                   record->missing ? "doesnt exist" : "is invalid");
      return FALSE;
    }

  /* The engine didn't read them (they are too long), and a job without its data is not the job. */
  if (record->data == NULL && record->problem != NULL)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_DAMAGED, "job \"%s\": %s", record->id, record->problem);
      return FALSE;
    }

  cb_json_writer_begin_object (writer);

  cb_json_writer_name (writer, "id");
  if (id_as_text)
    cb_json_writer_string (writer, record->id, -1);
  else
    cb_job_id_to_json (record->id, writer);

  write_text (writer, "type", record->queue, -1);
  if (record->data != NULL)
    {
      if (!write_json (writer, "data", record->data, record->id, error))
        return FALSE;
    }
  else
    {
      cb_json_writer_name (writer, "data");
      cb_json_writer_begin_object (writer);
      cb_json_writer_end_object (writer);
    }
  if (!write_json (writer, "result", record->result, record->id, error))
    return FALSE;

  write_priority (writer, record->priority);

  if (record->progress >= 0)
    write_number_text (writer, "progress", record->progress);
  else
    {
      cb_json_writer_name (writer, "progress");
      cb_json_writer_int (writer, 0);
    }
  if (!write_json (writer, "progress_data", record->progress_data, record->id, error))
    return FALSE;

  if (record->state != NULL && record->state[0] != '\0')
    write_text (writer, "state", record->state, -1);
  if (record->error != NULL)
    {
      gsize length;
      const char *text = g_bytes_get_data (record->error, &length);

      write_text (writer, "error", text != NULL ? text : "", (gssize) length);
    }
  write_msec (writer, "created_at", record->created_at);
  write_msec (writer, "promote_at", record->promote_at);
  write_msec (writer, "updated_at", record->updated_at);
  write_msec (writer, "failed_at", record->failed_at);
  write_msec (writer, "started_at", record->started_at);
  write_msec (writer, "duration", record->duration);
  write_msec (writer, "delay", record->delay);
  if (record->worker != NULL)
    write_text (writer, "workerId", record->worker, -1);
  write_msec (writer, "ttl", record->ttl);

  cb_json_writer_name (writer, "attempts");
  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "made");
  cb_json_writer_int (writer, record->attempts_made);
  cb_json_writer_name (writer, "remaining");
  cb_json_writer_int (writer, record->attempts_max - MAX (record->attempts_made, 0));
  cb_json_writer_name (writer, "max");
  cb_json_writer_int (writer, record->attempts_max);
  cb_json_writer_end_object (writer);

  cb_json_writer_end_object (writer);
  return TRUE;
}

/* --- in --- */

static gboolean
is_text (GBytes *json, const char *text)
{
  gsize length;
  const char *data = g_bytes_get_data (json, &length);

  return length == strlen (text) && memcmp (data, text, length) == 0;
}

/* What JavaScript takes for "not given": null, false, 0 and "". */
static gboolean
is_falsy (GBytes *json)
{
  gsize length;
  const char *data;
  g_autofree char *number = NULL;

  if (json == NULL || is_text (json, "null") || is_text (json, "false") || is_text (json, "\"\""))
    return TRUE;

  data = g_bytes_get_data (json, &length);
  if (data[0] != '-' && !g_ascii_isdigit (data[0]))
    return FALSE;
  number = g_strndup (data, length);
  return g_ascii_strtod (number, NULL) == 0;
}

/* A member that is given; NULL when it is missing or falsy. */
static GBytes *
take_member (const char *text, gssize length, const char *name)
{
  g_autoptr (GBytes) json = cb_json_dup_member (text, length, name);

  return is_falsy (json) ? NULL : g_steal_pointer (&json);
}

/* A string, or the digits of a number; `true`, as it can be a type; NULL for anything else. */
static char *
dup_text (GBytes *json)
{
  gsize length;
  const char *data = g_bytes_get_data (json, &length);

  if (data[0] == '"')
    return cb_json_decode_string (data, (gssize) length, G_MAXSIZE, NULL);
  if (data[0] == '-' || g_ascii_isdigit (data[0]) || is_text (json, "true"))
    return g_strndup (data, length);

  return NULL;
}

/* Whether a string holds a NUL, which is no part of any name here. */
static gboolean
has_nul (GBytes *json)
{
  gsize length;
  const char *data = g_bytes_get_data (json, &length);

  for (gsize i = 0; i + 1 < length; i++)
    if (data[i] == '\\')
      {
        if (data[i + 1] == 'u' && length - i >= 6 && strncmp (data + i + 2, "0000", 4) == 0)
          return TRUE;
        i++;
      }

  return FALSE;
}

/* Kue reads this one by parseInt(), which takes the digits that it finds. */
static gboolean
take_attempts (GBytes *options, gint64 *attempts, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (options, &length);
  g_autoptr (GBytes) json = take_member (text, (gssize) length, "attempts");
  g_autofree char *digits = json != NULL ? dup_text (json) : NULL;

  if (json == NULL)
    return TRUE;
  if (digits != NULL && cb_api_parse_int (digits, attempts))
    return TRUE;

  g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The option “attempts” has to be a number");
  return FALSE;
}

static gboolean
take_number (GBytes *options, const char *name, gint64 *number, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (options, &length);
  g_autoptr (GBytes) json = take_member (text, (gssize) length, name);
  g_autofree char *digits = NULL;
  char *end;
  double value;

  if (json == NULL)
    return TRUE;

  /* A number may be written as a string, and have a fraction, which is cut off. */
  digits = dup_text (json);
  value = digits != NULL ? g_ascii_strtod (digits, &end) : NAN;
  if (digits == NULL || end == digits || *end != '\0' || !isfinite (value) || fabs (value) > 9e15)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The option “%s” has to be a number", name);
      return FALSE;
    }

  *number = (gint64) value;
  return TRUE;
}

static gboolean
take_priority (GBytes *options, CbJobSpec *spec, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (options, &length);
  g_autoptr (GBytes) json = take_member (text, (gssize) length, "priority");
  g_autofree char *priority = NULL;

  if (json == NULL)
    return TRUE;

  priority = dup_text (json);
  if (priority == NULL)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The option “priority” has to be a number or a name");
      return FALSE;
    }

  return cb_job_priority_parse (priority, &spec->priority, error);
}

static gboolean
take_search_keys (GBytes *options, CbJobSpec *spec, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (options, &length);
  g_autoptr (GBytes) json = take_member (text, (gssize) length, "searchKeys");
  g_autoptr (GPtrArray) elements = NULL;
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();

  if (json == NULL)
    return TRUE;

  text = g_bytes_get_data (json, &length);
  if (text[0] == '"')
    {
      elements = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
      g_ptr_array_add (elements, g_bytes_ref (json));
    }
  else
    elements = cb_json_split_array (text, (gssize) length, NULL);

  for (guint i = 0; elements != NULL && i < elements->len; i++)
    {
      g_autofree char *key = dup_text (g_ptr_array_index (elements, i));

      if (key == NULL)
        g_clear_pointer (&elements, g_ptr_array_unref);
      else
        g_strv_builder_add (keys, key);
      if (elements == NULL)
        break;
    }
  if (elements == NULL)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The option “searchKeys” has to be a list of names");
      return FALSE;
    }

  /* Kue's list of none finds a job by nothing; ours would find it by everything. */
  if (elements->len > 0)
    spec->search_keys = g_strv_builder_end (keys);
  return TRUE;
}

static gboolean
take_options (GBytes *options, CbJobSpec *spec, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (options, &length);
  g_autoptr (GBytes) backoff = take_member (text, (gssize) length, "backoff");
  g_autoptr (GBytes) remove = take_member (text, (gssize) length, "removeOnComplete");
  gint64 attempts = 1, delay = 0, ttl = 0;

  if (!take_attempts (options, &attempts, error) ||
      !take_number (options, "delay", &delay, error) ||
      !take_number (options, "ttl", &ttl, error) ||
      !take_priority (options, spec, error) ||
      !take_search_keys (options, spec, error))
    return FALSE;

  if (attempts < 1 || attempts > G_MAXINT)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The option “attempts” has to be 1 or more");
      return FALSE;
    }

  spec->attempts = (int) attempts;
  spec->delay_msec = MAX (delay, 0);      /* what lies behind is at once, as in Kue */
  spec->ttl_msec = MAX (ttl, 0);
  spec->remove_on_complete = remove != NULL;
  if (backoff != NULL)
    {
      text = g_bytes_get_data (backoff, &length);
      spec->backoff = cb_json_compact (text, (gssize) length);
    }

  return TRUE;
}

/**
 * cb_api_job_parse:
 * @text: one JSON value that has been checked
 *
 * Reads `{"type":T,"data":…,"options":{…}}`. The data are kept as they are written; without, or where JavaScript would take
 * them for nothing, they are `{}`.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID: `Must provide job type`, as Kue says it, or what of it would make a broken job.
 *
 * Returns: (transfer full): what to create
 */
CbJobSpec *
cb_api_job_parse (const char *text, gssize length, GError **error)
{
  g_autoptr (GBytes) type_json = take_member (text, length, "type");
  g_autoptr (GBytes) data = take_member (text, length, "data");
  g_autoptr (GBytes) options = take_member (text, length, "options");
  g_autofree char *type = type_json != NULL ? dup_text (type_json) : NULL;
  g_autoptr (CbJobSpec) spec = NULL;

  if (type == NULL || type[0] == '\0')
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "Must provide job type");
      return NULL;
    }
  if (has_nul (type_json))
    {
      g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "A job type can't hold a NUL byte");
      return NULL;
    }

  if (data == NULL)
    data = g_bytes_new_static ("{}", 2);
  else
    {
      gsize size;
      const char *bytes = g_bytes_get_data (data, &size);
      char *compact = cb_json_compact (bytes, (gssize) size);

      g_bytes_unref (data);
      data = g_bytes_new_take (compact, strlen (compact));
    }

  spec = cb_job_spec_new (type, data);
  if (options != NULL && !take_options (options, spec, error))
    return NULL;
  if (!cb_job_spec_check (spec, error))
    return NULL;

  return g_steal_pointer (&spec);
}
