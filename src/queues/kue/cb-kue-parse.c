/* cb-kue-parse.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-parse.h"

#include <math.h>
#include <string.h>

#include "cb-json-scanner.h"
#include "cb-json.h"
#include "cb-kue-keys.h"

/*
 * What Redis holds becomes records and events here. There is no connection in sight: all of it is tested with literal
 * replies, and fuzzed.
 *
 * Kue itself turns every field into a number or a date without asking, and deletes a job that has no type. Here anything
 * may stand anywhere, since other programs and old versions have written it: what can't be understood is left out of the
 * record and named in its `problem`, so that nobody takes a wrong date for a right one, and the raw text is still there.
 */

const char * const cb_kue_fields[CB_KUE_N_FIELDS + 1] = {
  [CB_KUE_FIELD_TYPE] = "type",
  [CB_KUE_FIELD_STATE] = "state",
  [CB_KUE_FIELD_DATA] = "data",
  [CB_KUE_FIELD_RESULT] = "result",
  [CB_KUE_FIELD_PROGRESS_DATA] = "progress_data",
  [CB_KUE_FIELD_ERROR] = "error",
  [CB_KUE_FIELD_PRIORITY] = "priority",
  [CB_KUE_FIELD_PROGRESS] = "progress",
  [CB_KUE_FIELD_ATTEMPTS] = "attempts",
  [CB_KUE_FIELD_MAX_ATTEMPTS] = "max_attempts",
  [CB_KUE_FIELD_CREATED_AT] = "created_at",
  [CB_KUE_FIELD_PROMOTE_AT] = "promote_at",
  [CB_KUE_FIELD_UPDATED_AT] = "updated_at",
  [CB_KUE_FIELD_STARTED_AT] = "started_at",
  [CB_KUE_FIELD_FAILED_AT] = "failed_at",
  [CB_KUE_FIELD_DURATION] = "duration",
  [CB_KUE_FIELD_DELAY] = "delay",
  [CB_KUE_FIELD_TTL] = "ttl",
  [CB_KUE_FIELD_WORKER_ID] = "workerId",
  [CB_KUE_FIELD_BACKOFF] = "backoff",
  [CB_KUE_FIELD_REMOVE_ON_COMPLETE] = "removeOnComplete",
};

/* What is taken for a time in milliseconds: 1973 to 9999. Below stand seconds, above microseconds, written by mistake. */
#define MIN_TIME_MSEC 1e11
#define MAX_TIME_MSEC 253402300799999.0
/* And for a duration: what fits into 64 bits of microseconds with room to spare. */
#define MAX_DURATION_MSEC 9e15
/* Of longer data a list does not ask whether they are JSON. */
#define MAX_CHECKED 16384

/**
 * cb_kue_add_problem:
 * @format: makes a sentence, without the full stop; text from Redis in it has been made showable
 *
 * Adds a sentence to what is wrong with a job.
 */
void
cb_kue_add_problem (CbJobRecord *record,
                    const char  *format,
                    ...)
{
  g_autofree char *before = record->problem;
  g_autofree char *sentence = NULL;
  va_list args;

  va_start (args, format);
  sentence = g_strdup_vprintf (format, args);
  va_end (args);

  record->problem = before != NULL ? g_strconcat (before, ". ", sentence, NULL) : g_steal_pointer (&sentence);
}

static char *
dup_display (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  return cb_json_excerpt (text, length, 40);
}

static gboolean
is_there (const CbValue *value)
{
  gsize length;

  return cb_value_get_string (value, &length) != NULL && !cb_value_is_error (value) && length > 0;
}

static gboolean
get_number (const CbValue *value,
            double        *number)
{
  return is_there (value) && cb_value_get_double (value, number) && isfinite (*number);
}

/* A field with milliseconds since 1970, as µs; -1 when it is absent, or no such time. */
static gint64
parse_time (CbJobRecord   *record,
            const char    *field,
            const CbValue *value)
{
  double msec;

  if (!is_there (value))
    return -1;

  if (!get_number (value, &msec) || msec < MIN_TIME_MSEC || msec > MAX_TIME_MSEC)
    {
      g_autofree char *shown = dup_display (value);

      cb_kue_add_problem (record, "%s is no time in milliseconds: %s", field, shown);
      return -1;
    }

  return (gint64) floor (msec) * 1000;
}

static gint64
parse_duration (CbJobRecord   *record,
                const char    *field,
                const CbValue *value)
{
  double msec;

  if (!is_there (value))
    return -1;

  if (!get_number (value, &msec) || msec < 0 || msec > MAX_DURATION_MSEC)
    {
      g_autofree char *shown = dup_display (value);

      cb_kue_add_problem (record, "%s is no number of milliseconds: %s", field, shown);
      return -1;
    }

  return (gint64) (msec * 1000);
}

static int
parse_count (const CbValue *value,
             int            fallback)
{
  double number;

  if (!get_number (value, &number))
    return fallback;

  return (int) CLAMP (number, 0, G_MAXINT);
}

static GBytes *
dup_payload (const CbValue *value)
{
  return cb_value_is_error (value) ? NULL : cb_value_dup_bytes (value);
}

static void
check_payload (CbJobRecord *record,
               const char  *field,
               GBytes      *payload,
               CbKueParse   how)
{
  g_autoptr (GError) error = NULL;
  const char *text;
  gsize size;

  if (payload == NULL)
    return;

  text = g_bytes_get_data (payload, &size);
  if (how == CB_KUE_PARSE_SHORT && size > MAX_CHECKED)
    return;
  if (size == 0)
    cb_kue_add_problem (record, "%s is there, but empty, which is no JSON", field);
  else if (!cb_json_check (text, size, &error))
    cb_kue_add_problem (record, "%s is not JSON: %s", field, error->message);
}

static CbJobMeaning
get_meaning (const char *state)
{
  static const struct
  {
    const char   *state;
    CbJobMeaning  meaning;
  } meanings[] = {
    { "inactive", CB_JOB_MEANING_WAITING },
    { "active", CB_JOB_MEANING_ACTIVE },
    { "complete", CB_JOB_MEANING_COMPLETE },
    { "failed", CB_JOB_MEANING_FAILED },
    { "delayed", CB_JOB_MEANING_DELAYED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    {
      if (strcmp (meanings[i].state, state) == 0)
        return meanings[i].meaning;
    }

  return CB_JOB_MEANING_UNKNOWN;
}

/* Text of a field, ended by the first NUL there may be in it. */
static char *
dup_text (const CbValue *value)
{
  return cb_value_is_error (value) ? NULL : g_strdup (cb_value_get_string (value, NULL));
}

/* States are interned, so one that somebody made up must not fill the memory: cut and made showable. */
static const char *
intern_state (const CbValue *value)
{
  gsize length;
  const char *text = cb_value_is_error (value) ? NULL : cb_value_get_string (value, &length);
  g_autofree char *shown = NULL;

  if (text == NULL)
    return g_intern_static_string ("");
  if (get_meaning (text) != CB_JOB_MEANING_UNKNOWN && strlen (text) == length)
    return g_intern_string (text);

  shown = cb_json_excerpt (text, length, 32);
  return g_intern_string (shown);
}

/**
 * cb_kue_parse_job:
 * @id: of the job
 * @values: the value of each field of %cb_kue_fields, %NULL or nil where there is none
 *
 * Makes a record of what a job's hash holds (kue 0.11.6, Job.get() in lib/queue/job.js). It never fails.
 *
 * Returns: (transfer full): with `missing` set when no field is there at all
 */
CbJobRecord *
cb_kue_parse_job (const char            *id,
                  const CbValue * const  values[CB_KUE_N_FIELDS],
                  CbKueParse             how)
{
  CbJobRecord *record = cb_job_record_new (id);
  gboolean any = FALSE;
  double number;

  for (guint i = 0; i < CB_KUE_N_FIELDS; i++)
    any = any || !cb_value_is_nil (values[i]);
  if (!any)
    {
      record->missing = TRUE;
      record->priority = NAN;
      return record;
    }

  record->queue = dup_text (values[CB_KUE_FIELD_TYPE]);
  record->state = intern_state (values[CB_KUE_FIELD_STATE]);
  record->meaning = get_meaning (record->state);
  record->data = dup_payload (values[CB_KUE_FIELD_DATA]);
  record->result = dup_payload (values[CB_KUE_FIELD_RESULT]);
  record->progress_data = dup_payload (values[CB_KUE_FIELD_PROGRESS_DATA]);
  record->error = dup_payload (values[CB_KUE_FIELD_ERROR]);
  record->worker = dup_text (values[CB_KUE_FIELD_WORKER_ID]);
  record->backoff = dup_text (values[CB_KUE_FIELD_BACKOFF]);
  record->remove_on_complete = is_there (values[CB_KUE_FIELD_REMOVE_ON_COMPLETE]);

  if (record->queue == NULL)
    cb_kue_add_problem (record, "It has no type: Kue takes such a record for garbage");
  if (*record->state == 0 && how != CB_KUE_PARSE_CLAIMED)
    cb_kue_add_problem (record, "It has no state");

  if (get_number (values[CB_KUE_FIELD_PRIORITY], &number))
    {
      record->priority = number;
    }
  else
    {
      record->priority = NAN;
      if (is_there (values[CB_KUE_FIELD_PRIORITY]))
        {
          g_autofree char *shown = dup_display (values[CB_KUE_FIELD_PRIORITY]);

          cb_kue_add_problem (record, "priority is no number, so Kue can't list it: %s", shown);
        }
    }

  if (get_number (values[CB_KUE_FIELD_PROGRESS], &number))
    record->progress = (int) CLAMP (number, 0, 100);
  record->attempts_made = parse_count (values[CB_KUE_FIELD_ATTEMPTS], 0);
  record->attempts_max = MAX (parse_count (values[CB_KUE_FIELD_MAX_ATTEMPTS], 1), 1);

  record->created_at = parse_time (record, "created_at", values[CB_KUE_FIELD_CREATED_AT]);
  record->promote_at = parse_time (record, "promote_at", values[CB_KUE_FIELD_PROMOTE_AT]);
  record->updated_at = parse_time (record, "updated_at", values[CB_KUE_FIELD_UPDATED_AT]);
  record->started_at = parse_time (record, "started_at", values[CB_KUE_FIELD_STARTED_AT]);
  record->failed_at = parse_time (record, "failed_at", values[CB_KUE_FIELD_FAILED_AT]);
  record->duration = parse_duration (record, "duration", values[CB_KUE_FIELD_DURATION]);
  record->delay = parse_duration (record, "delay", values[CB_KUE_FIELD_DELAY]);
  record->ttl = parse_duration (record, "ttl", values[CB_KUE_FIELD_TTL]);

  /* Whoever claims looks at the data itself. */
  if (how != CB_KUE_PARSE_CLAIMED)
    check_payload (record, "data", record->data, how);
  check_payload (record, "result", record->result, how);
  check_payload (record, "progress_data", record->progress_data, how);

  return record;
}

/**
 * cb_kue_parse_reply:
 * @fields: the reply of HMGET with %cb_kue_fields, or an error in its place
 * @first: the element that the fields begin with
 *
 * The same from one reply.
 */
CbJobRecord *
cb_kue_parse_reply (const char    *id,
                    const CbValue *fields,
                    guint          first,
                    CbKueParse     how)
{
  const CbValue *values[CB_KUE_N_FIELDS];

  if (cb_value_is_error (fields))
    {
      CbJobRecord *record = cb_job_record_new (id);
      gsize length;
      const char *text = cb_value_get_string (fields, &length);
      g_autofree char *shown = cb_text_display (text, length, TRUE);

      record->priority = NAN;
      cb_kue_add_problem (record, "Its record can't be read: %s", shown);
      return record;
    }

  for (guint i = 0; i < CB_KUE_N_FIELDS; i++)
    values[i] = cb_value_get_element (fields, first + i);

  return cb_kue_parse_job (id, values, how);
}

/**
 * cb_kue_parse_pairs:
 * @pairs: the reply of HGETALL; of a field that comes twice the last counts
 *
 * The same from all that the hash holds.
 */
CbJobRecord *
cb_kue_parse_pairs (const char    *id,
                    const CbValue *pairs,
                    CbKueParse     how)
{
  const CbValue *values[CB_KUE_N_FIELDS] = { NULL };

  for (guint i = 0; i + 1 < cb_value_get_length (pairs); i += 2)
    {
      gsize length;
      const char *name = cb_value_get_string (cb_value_get_element (pairs, i), &length);

      for (guint field = 0; name != NULL && field < CB_KUE_N_FIELDS; field++)
        if (cb_kue_fields[field][0] == name[0] && strcmp (cb_kue_fields[field], name) == 0 && strlen (name) == length)
          {
            values[field] = cb_value_get_element (pairs, i + 1);
            break;
          }
    }

  if (how == CB_KUE_PARSE_CLAIMED)
    values[CB_KUE_FIELD_UPDATED_AT] = values[CB_KUE_FIELD_STARTED_AT] = values[CB_KUE_FIELD_WORKER_ID] = NULL;

  return cb_kue_parse_job (id, values, how);
}

/**
 * cb_kue_parse_member:
 *
 * A record for a member of a set that is no id.
 */
CbJobRecord *
cb_kue_parse_member (const char *member,
                     gsize       length)
{
  g_autofree char *shown = cb_text_display (member, length, TRUE);
  CbJobRecord *record = cb_job_record_new (shown);

  record->missing = TRUE;
  record->priority = NAN;
  cb_kue_add_problem (record, "The list holds “%s” here, which is no id of a job", shown);

  return record;
}

/**
 * cb_kue_json_is_truthy:
 *
 * Whether JavaScript takes the value for true: all but null, false, 0 and "". Kue stores no other results.
 */
gboolean
cb_kue_json_is_truthy (const char *json,
                       gsize       length)
{
  g_auto (CbJsonScanner) scanner;

  cb_json_scanner_init (&scanner, json, length);
  switch (cb_json_scanner_next (&scanner))
    {
    case CB_JSON_BEGIN_OBJECT:
    case CB_JSON_BEGIN_ARRAY:
    case CB_JSON_TRUE:
      return TRUE;

    case CB_JSON_STRING:
      return scanner.length > 2;

    case CB_JSON_NUMBER:
      {
        g_autofree char *number = g_strndup (scanner.token, scanner.length);

        return g_ascii_strtod (number, NULL) != 0;
      }

    case CB_JSON_END_OBJECT:
    case CB_JSON_END_ARRAY:
    case CB_JSON_NAME:
    case CB_JSON_FALSE:
    case CB_JSON_NULL:
    case CB_JSON_END:
    case CB_JSON_BROKEN:
    default:
      return FALSE;
    }
}

/**
 * cb_kue_parse_event:
 *
 * Reads a message of the channel P:events (kue 0.11.6, lib/queue/events.js): an object with `id` (a number, or a string
 * when it came through Kue's HTTP API), `event` and the array `args`. Other programs may publish there too.
 *
 * Returns: (transfer full) (nullable): %NULL for anything else
 */
CbJobEvent *
cb_kue_parse_event (const char *payload,
                    gsize       length)
{
  g_auto (CbJsonScanner) scanner;
  g_autofree char *id = NULL;
  g_autofree char *event = NULL;
  g_autoptr (GBytes) args = NULL;

  cb_json_scanner_init (&scanner, payload, length);
  if (cb_json_scanner_next (&scanner) != CB_JSON_BEGIN_OBJECT)
    return NULL;

  for (;;)
    {
      g_autofree char *name = NULL;
      CbJsonEvent token = cb_json_scanner_next (&scanner);
      const char *from;

      if (token == CB_JSON_END_OBJECT)
        break;
      if (token != CB_JSON_NAME)
        return NULL;
      name = cb_json_decode_string (scanner.token, scanner.length, 16, NULL);

      token = cb_json_scanner_next (&scanner);
      from = scanner.token;
      if (token == CB_JSON_BEGIN_OBJECT || token == CB_JSON_BEGIN_ARRAY)
        {
          if (!cb_json_scanner_skip (&scanner))
            return NULL;
        }
      else if (token == CB_JSON_BROKEN)
        {
          return NULL;
        }

      if (strcmp (name, "id") == 0)
        {
          g_free (g_steal_pointer (&id));
          if (token == CB_JSON_NUMBER)
            id = g_strndup (from, scanner.at - from);
          else if (token == CB_JSON_STRING)
            id = cb_json_decode_string (from, scanner.at - from, 32, NULL);
        }
      else if (strcmp (name, "event") == 0 && token == CB_JSON_STRING)
        {
          g_free (event);
          event = cb_json_decode_string (from, scanner.at - from, 64, NULL);
        }
      else if (strcmp (name, "args") == 0 && token == CB_JSON_BEGIN_ARRAY)
        {
          g_clear_pointer (&args, g_bytes_unref);
          args = g_bytes_new (from, scanner.at - from);
        }
    }

  if (cb_json_scanner_next (&scanner) != CB_JSON_END)
    return NULL;
  if (id == NULL || !cb_kue_id_check (id) || event == NULL || args == NULL)
    return NULL;

  return cb_job_event_new (id, event, args);
}
