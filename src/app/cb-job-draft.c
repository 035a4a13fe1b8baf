/* cb-job-draft.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Everything the New Job form knows, apart from its widgets: what was typed goes in, a job or a remark for each field
 * comes out. The form asks after each key; a check costs no more than reading the JSON once.
 */

#include "config.h"

#include "cb-job-draft.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-json.h"
#include "cb-queue-error.h"

/* The members that make a notification, as the built-in handlers read them. */
#define RECIPIENT_MEMBER "phoneNumber"
#define MESSAGE_MEMBER "message"

void
cb_draft_remarks_clear (CbDraftRemarks *remarks)
{
  for (guint i = 0; i < CB_N_DRAFT_FIELDS; i++)
    {
      g_clear_pointer (&remarks->problems[i], g_free);
      g_clear_pointer (&remarks->notes[i], g_free);
    }
}

/**
 * cb_is_notification_queue:
 *
 * Whether jobs of a queue of this name are notifications by custom: `push_notification`, `push_notification_code`…
 */
gboolean
cb_is_notification_queue (const char *queue)
{
  return g_str_has_prefix (queue, "push_notification");
}

/**
 * cb_is_notification_data:
 * @text: the data of a job
 * @recipient: (out) (optional): whom it is for
 * @message: (out) (optional): what it says
 *
 * Whether a job's data have the shape of a notification: an object with a recipient, a message and nothing else. With
 * anything else in it the form would lose that.
 */
gboolean
cb_is_notification_data (const char *text, gssize length, char **recipient, char **message)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  if (!g_utf8_validate (text, length, NULL))
    return FALSE;

  node = cb_json_parse (text, length, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;

  object = json_node_get_object (node);
  if (json_object_get_size (object) != 2
      || !json_object_has_member (object, RECIPIENT_MEMBER)
      || !json_object_has_member (object, MESSAGE_MEMBER)
      || !JSON_NODE_HOLDS_VALUE (json_object_get_member (object, RECIPIENT_MEMBER))
      || json_node_get_value_type (json_object_get_member (object, MESSAGE_MEMBER)) != G_TYPE_STRING)
    return FALSE;

  if (recipient != NULL)
    *recipient = cb_json_dup_member_text (text, length, RECIPIENT_MEMBER);
  if (message != NULL)
    *message = cb_json_dup_member_text (text, length, MESSAGE_MEMBER);

  return TRUE;
}

/**
 * cb_job_draft_dup_data:
 *
 * The job's data as JSON: what the two fields of a notification say, or what was typed.
 */
char *
cb_job_draft_dup_data (const CbJobDraft *self)
{
  g_autoptr (CbJsonWriter) writer = NULL;
  g_autofree char *recipient = NULL;

  if (!self->is_notification)
    return g_strdup (self->data);

  writer = cb_json_writer_new ();
  recipient = g_strstrip (g_strdup (self->recipient));

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, RECIPIENT_MEMBER);
  cb_json_writer_string (writer, recipient, -1);
  cb_json_writer_name (writer, MESSAGE_MEMBER);
  cb_json_writer_string (writer, self->message, -1);
  cb_json_writer_end_object (writer);

  return cb_json_writer_steal (writer);
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static void
check_recipient (const CbJobDraft *self, CbDraftRemarks *remarks)
{
  if (is_blank (self->recipient))
    remarks->problems[CB_DRAFT_RECIPIENT] = g_strdup (_("Whom should it go to?"));
  else if (self->recipient[strspn (self->recipient, "0123456789 +-()/.")] != '\0'
           || strpbrk (self->recipient, "0123456789") == NULL)
    remarks->problems[CB_DRAFT_RECIPIENT]
      = g_strdup (_("A phone number is made of digits, and of spaces, +, -, ( and ) between them."));
}

static void
check_data (const CbJobDraft *self, CbDraftRemarks *remarks)
{
  g_autoptr (GError) error = NULL;

  if (is_blank (self->data))
    remarks->problems[CB_DRAFT_DATA] = g_strdup (_("What is the job about? {} is enough."));
  else if (!cb_json_check (self->data, -1, &error))
    remarks->problems[CB_DRAFT_DATA] = g_strdup (error->message);
}

static void
check_date (const CbJobDraft *self, CbJobSpec *spec, gint64 now, GTimeZone *zone, CbDraftRemarks *remarks)
{
  g_autoptr (GError) error = NULL;
  CbLocalTimeKind kind;
  gint64 due;

  if (!cb_local_time_parse (self->date, self->time, zone, &due, &kind, &error))
    {
      remarks->problems[CB_DRAFT_DATE] = g_strdup (error->message);
      return;
    }

  if (due <= now)
    {
      remarks->problems[CB_DRAFT_DATE] = g_strdup (_("That is in the past."));
      return;
    }

  spec->due_at = due;

  if (kind != CB_LOCAL_TIME_EXACT)
    {
      g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (due / G_USEC_PER_SEC);
      g_autoptr (GDateTime) there = g_date_time_to_timezone (utc, zone);
      /* Translators: time of day and the name of the time zone, such as 03:30 CEST */
      g_autofree char *shown = g_date_time_format (there, _("%H:%M %Z"));

      if (kind == CB_LOCAL_TIME_SKIPPED)
        remarks->notes[CB_DRAFT_DATE]
          = g_strdup_printf (_("The clock is put forward and skips that time. The job will be due at %s."), shown);
      else
        remarks->notes[CB_DRAFT_DATE]
          = g_strdup_printf (_("The clock is put back and shows that time twice. The first is meant: %s."), shown);
    }
}

static void
check_backoff (const CbJobDraft *self, CbJobSpec *spec, CbDraftRemarks *remarks)
{
  g_autoptr (GError) error = NULL;
  gint64 delay;

  if (self->attempts < 2 || self->backoff == CB_DRAFT_NO_BACKOFF)
    return;

  if (self->backoff == CB_DRAFT_SAME_AS_DELAY)
    {
      if (self->start == CB_DRAFT_AT_ONCE)
        remarks->problems[CB_DRAFT_BACKOFF] = g_strdup (_("The job has no delay that a retry could wait for."));
      else
        spec->backoff = g_strdup ("true");
      return;
    }

  if (!cb_duration_parse (self->backoff_delay, self->backoff_unit, &delay, &error))
    remarks->problems[CB_DRAFT_BACKOFF] = g_strdup (error->message);
  else
    spec->backoff = g_strdup_printf ("{\"type\":\"%s\",\"delay\":%" G_GINT64_FORMAT "}",
                                     self->backoff == CB_DRAFT_FIXED ? "fixed" : "exponential", delay);
}

static void
check_priority (const CbJobDraft *self, CbJobSpec *spec, CbDraftRemarks *remarks)
{
  g_autoptr (GError) error = NULL;

  /* A name first; the number may have the locale's comma, which the wire never sees. */
  if (cb_job_priority_parse (self->priority, &spec->priority, NULL))
    return;

  if (!cb_number_parse (self->priority, &spec->priority, &error))
    remarks->problems[CB_DRAFT_PRIORITY] = g_strdup (error->message);
}

/**
 * cb_job_draft_check:
 * @now: the time by the server's clock, µs since 1970 UTC
 * @zone: where the person is, for the date
 * @remarks: (out caller-allocates): what there is to say; cleared first
 *
 * Makes a job of what was typed.
 *
 * Returns: (transfer full) (nullable): the job, or %NULL when a field has a problem
 */
CbJobSpec *
cb_job_draft_check (const CbJobDraft *self, gint64 now, GTimeZone *zone, CbDraftRemarks *remarks)
{
  g_autoptr (CbJobSpec) spec = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GError) error = NULL;
  char *json;

  cb_draft_remarks_clear (remarks);

  json = cb_job_draft_dup_data (self);
  data = g_bytes_new_take (json, strlen (json));
  spec = cb_job_spec_new (self->queue, data);

  if (is_blank (self->queue))
    remarks->problems[CB_DRAFT_QUEUE] = g_strdup (_("Which queue is the job for?"));

  if (self->is_notification)
    {
      check_recipient (self, remarks);
      if (is_blank (self->message))
        remarks->problems[CB_DRAFT_MESSAGE] = g_strdup (_("What should it say?"));
    }
  else
    check_data (self, remarks);

  check_priority (self, spec, remarks);

  if (self->start == CB_DRAFT_AFTER_DELAY)
    {
      g_autoptr (GError) delay_error = NULL;

      if (!cb_duration_parse (self->delay, self->delay_unit, &spec->delay_msec, &delay_error))
        remarks->problems[CB_DRAFT_DELAY] = g_strdup (delay_error->message);
    }
  else if (self->start == CB_DRAFT_AT_DATE)
    check_date (self, spec, now, zone, remarks);

  spec->attempts = MAX (self->attempts, 1);
  check_backoff (self, spec, remarks);

  if (!is_blank (self->ttl))
    {
      g_autoptr (GError) ttl_error = NULL;

      if (!cb_duration_parse (self->ttl, self->ttl_unit, &spec->ttl_msec, &ttl_error))
        remarks->problems[CB_DRAFT_TTL] = g_strdup (ttl_error->message);
    }

  spec->remove_on_complete = self->remove_on_complete;

  for (guint i = 0; i < CB_N_DRAFT_FIELDS; i++)
    if (remarks->problems[i] != NULL)
      return NULL;

  /* The engine's own rules come last; what is left by now can only be about the name. */
  if (!cb_job_spec_check (spec, &error))
    {
      remarks->problems[CB_DRAFT_QUEUE] = g_strdup (error->message);
      return NULL;
    }

  return g_steal_pointer (&spec);
}
