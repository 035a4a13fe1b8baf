/* cb-job-spec.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-spec.h"

#include <math.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "cb-json.h"
#include "cb-queue-error.h"

/* The last moment JavaScript has a date for is 8.64e15 ms; a delay from now on has to stay below. */
#define MAX_MSEC G_GINT64_CONSTANT (6000000000000000)

static const struct
{
  const char *name;
  double      priority;
} named_priorities[] = {
  { "low", 10 }, { "normal", 0 }, { "medium", -5 }, { "high", -10 }, { "critical", -15 },
};

G_DEFINE_BOXED_TYPE (CbJobSpec, cb_job_spec, cb_job_spec_copy, cb_job_spec_free)

/**
 * cb_job_spec_new:
 * @data: (nullable) (transfer none): JSON; %NULL for `{}`
 *
 * A job as it is when nothing else is said: normal priority, at once, one attempt.
 *
 * Returns: (transfer full): a specification, to be filled in
 */
CbJobSpec *
cb_job_spec_new (const char *queue,
                 GBytes     *data)
{
  CbJobSpec *self = g_new0 (CbJobSpec, 1);

  self->queue = g_strdup (queue);
  self->data = data != NULL ? g_bytes_ref (data) : g_bytes_new_static ("{}", 2);
  self->attempts = 1;

  return self;
}

CbJobSpec *
cb_job_spec_copy (const CbJobSpec *self)
{
  CbJobSpec *copy = g_new0 (CbJobSpec, 1);

  *copy = *self;
  copy->queue = g_strdup (self->queue);
  copy->data = self->data != NULL ? g_bytes_ref (self->data) : NULL;
  copy->backoff = g_strdup (self->backoff);
  copy->search_keys = g_strdupv (self->search_keys);

  return copy;
}

void
cb_job_spec_free (CbJobSpec *self)
{
  if (self == NULL)
    return;

  g_free (self->queue);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self->backoff);
  g_strfreev (self->search_keys);
  g_free (self);
}

static gboolean
invalid (GError    **error,
         const char *message)
{
  g_set_error_literal (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, message);
  return FALSE;
}

static gboolean
is_duration (JsonObject *object,
             const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  double msec;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) ||
      (json_node_get_value_type (node) != G_TYPE_INT64 && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return FALSE;

  msec = json_node_get_double (node);
  return msec >= 0 && msec <= MAX_MSEC;
}

/* Only the forms that are understood without running anything: other workers evaluate this text as a program. */
static gboolean
check_backoff (const char *backoff,
               GError    **error)
{
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object;
  JsonNode *type;
  const char *name = NULL;

  if (strcmp (backoff, "true") == 0)
    return TRUE;

  root = cb_json_parse (backoff, -1, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return invalid (error, "The back-off has to be “true” or an object like {\"type\":\"exponential\",\"delay\":1000}");

  object = json_node_get_object (root);
  type = json_object_get_member (object, "type");
  if (type != NULL && JSON_NODE_HOLDS_VALUE (type) && json_node_get_value_type (type) == G_TYPE_STRING)
    name = json_node_get_string (type);
  if (g_strcmp0 (name, "fixed") != 0 && g_strcmp0 (name, "exponential") != 0)
    return invalid (error, "The type of a back-off is “fixed” or “exponential”");
  if (!is_duration (object, "delay") || !is_duration (object, "maxDelay"))
    return invalid (error, "The delays of a back-off are numbers of milliseconds, 0 or more");

  return TRUE;
}

/**
 * cb_job_spec_check:
 *
 * Whether a job can be made of it.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID with a sentence for the first thing that is wrong.
 */
gboolean
cb_job_spec_check (const CbJobSpec *self,
                   GError         **error)
{
  g_autoptr (GError) local = NULL;
  const char *data;
  gsize size;

  if (self->queue == NULL || *self->queue == 0)
    return invalid (error, "The name of the queue is missing");
  if (!g_utf8_validate (self->queue, -1, NULL))
    return invalid (error, "The name of the queue is no valid UTF-8");

  if (self->data == NULL)
    return invalid (error, "The data are missing");
  data = g_bytes_get_data (self->data, &size);
  if (!cb_json_check (data != NULL ? data : "", size, &local))
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "The data are not valid JSON. %s", local->message);
      return FALSE;
    }

  if (!isfinite (self->priority))
    return invalid (error, "The priority has to be a number");
  if (self->delay_msec < 0 || self->delay_msec > MAX_MSEC)
    return invalid (error, "The delay has to be 0 or more milliseconds, and less than 190,000 years");
  if (self->due_at < 0 || self->due_at / 1000 > MAX_MSEC)
    return invalid (error, "The moment when the job is due has to be between 1970 and the year 190000");
  if (self->due_at > 0 && self->delay_msec > 0)
    return invalid (error, "Either a delay or a moment can be given, not both");
  if (self->attempts < 1)
    return invalid (error, "At least one attempt is needed");
  if (self->ttl_msec < 0 || self->ttl_msec > MAX_MSEC)
    return invalid (error, "The time to live has to be 0 or more milliseconds, and less than 190,000 years");

  return self->backoff == NULL || check_backoff (self->backoff, error);
}

/**
 * cb_job_priority_parse:
 * @text: a name ("low", "normal", "medium", "high", "critical", in any case) or a decimal number
 * @priority: (out): smaller comes first
 *
 * Errors: %CB_QUEUE_ERROR_INVALID
 */
gboolean
cb_job_priority_parse (const char *text,
                       double     *priority,
                       GError    **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  char *end;
  double number;

  for (guint i = 0; i < G_N_ELEMENTS (named_priorities); i++)
    {
      if (g_ascii_strcasecmp (trimmed, named_priorities[i].name) == 0)
        {
          *priority = named_priorities[i].priority;
          return TRUE;
        }
    }

  /* Not all that strtod() takes: "0x10", "nan" and "inf" are no priorities. */
  number = g_ascii_strtod (trimmed, &end);
  if (end == trimmed || *end != 0 || strspn (trimmed, "+-.0123456789eE") != strlen (trimmed) || !isfinite (number))
    {
      g_autofree char *shown = cb_text_display (text, -1, TRUE);

      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID,
                   "“%s” is no priority. Use low, normal, medium, high, critical or a number like -2.5", shown);
      return FALSE;
    }

  *priority = number;
  return TRUE;
}

/**
 * cb_job_priority_to_text:
 *
 * The shortest decimal text that reads back as the same number, without an exponent and always with a dot as the
 * separator: what is stored in a job.
 *
 * Returns: (transfer full): "NaN", "Infinity" or "-Infinity" for what is no number
 */
char *
cb_job_priority_to_text (double priority)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE], digits[G_ASCII_DTOSTR_BUF_SIZE];
  GString *out;
  int exponent, n = 0;

  if (isnan (priority))
    return g_strdup ("NaN");
  if (isinf (priority))
    return g_strdup (priority > 0 ? "Infinity" : "-Infinity");
  if (priority == 0)
    return g_strdup ("0");

  for (int precision = 0; precision < 17; precision++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%de", precision);
      g_ascii_formatd (text, sizeof text, format, priority);
      if (g_ascii_strtod (text, NULL) == priority)
        break;
    }

  /* -1.25e+02: the digits without sign and dot, and where the dot belongs. */
  for (const char *p = text; *p != 'e'; p++)
    {
      if (g_ascii_isdigit (*p))
        digits[n++] = *p;
    }
  exponent = atoi (strchr (text, 'e') + 1);

  out = g_string_new (priority < 0 ? "-" : "");
  if (exponent < 0)
    {
      g_string_append (out, "0.");
      for (int i = exponent + 1; i < 0; i++)
        g_string_append_c (out, '0');
      g_string_append_len (out, digits, n);
    }
  else
    {
      for (int i = 0; i < MAX (n, exponent + 1); i++)
        {
          if (i == exponent + 1)
            g_string_append_c (out, '.');
          g_string_append_c (out, i < n ? digits[i] : '0');
        }
    }

  return g_string_free (out, FALSE);
}

/**
 * cb_job_priority_get_name:
 *
 * Returns: (transfer none) (nullable): "high" and so on, for the numbers that have a name
 */
const char *
cb_job_priority_get_name (double priority)
{
  for (guint i = 0; i < G_N_ELEMENTS (named_priorities); i++)
    {
      if (named_priorities[i].priority == priority)
        return named_priorities[i].name;
    }

  return NULL;
}
