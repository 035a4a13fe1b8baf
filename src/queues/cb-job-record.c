/* cb-job-record.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-record.h"

#include <math.h>
#include <string.h>

#include "cb-json.h"

/* The first line of an error is looked for in no more than this, and shown no longer. */
#define MAX_ERROR_LINE 500

G_DEFINE_BOXED_TYPE (CbJobRecord, cb_job_record, cb_job_record_ref, cb_job_record_unref)

/**
 * cb_job_record_new:
 * @id: as the engine has it
 *
 * A record of which nothing is known yet: no state, no payload, priority 0, one attempt allowed and none made, every
 * time and duration -1.
 *
 * Returns: (transfer full): to be filled in by an engine, then handed out and not changed any more
 */
CbJobRecord *
cb_job_record_new (const char *id)
{
  CbJobRecord *self = g_new0 (CbJobRecord, 1);

  g_return_val_if_fail (id != NULL, NULL);

  g_atomic_ref_count_init (&self->ref_count);
  self->id = g_strdup (id);
  self->state = g_intern_static_string ("");
  self->progress = -1;
  self->attempts_max = 1;
  self->created_at = -1;
  self->promote_at = -1;
  self->updated_at = -1;
  self->started_at = -1;
  self->failed_at = -1;
  self->duration = -1;
  self->delay = -1;
  self->ttl = -1;
  self->log_length = -1;

  return self;
}

CbJobRecord *
cb_job_record_ref (CbJobRecord *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
cb_job_record_unref (CbJobRecord *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->id);
  g_free (self->queue);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_clear_pointer (&self->result, g_bytes_unref);
  g_clear_pointer (&self->progress_data, g_bytes_unref);
  g_clear_pointer (&self->error, g_bytes_unref);
  g_free (self->worker);
  g_free (self->backoff);
  g_free (self->problem);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  g_clear_pointer (&self->raw, g_ptr_array_unref);
  g_free (self);
}

/**
 * cb_job_record_dup_error_line:
 *
 * The first line of the error that says anything, made showable with cb_text_display(). Costs the same for any size.
 *
 * Returns: (transfer full) (nullable): %NULL when the job never failed
 */
char *
cb_job_record_dup_error_line (CbJobRecord *self)
{
  const char *text, *end;
  gsize size;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->error == NULL)
    return NULL;

  text = g_bytes_get_data (self->error, &size);
  size = MIN (size, MAX_ERROR_LINE);
  end = text + size;

  while (text < end && g_ascii_isspace (*text))
    text++;
  for (const char *p = text; p < end; p++)
    {
      if (*p == '\n' || *p == '\r')
        end = p;
    }
  /* Where the bound cuts a character in two, leave all of it out. */
  if (end == (const char *) g_bytes_get_data (self->error, NULL) + MAX_ERROR_LINE)
    {
      while (end > text && (end[-1] & 0xc0) == 0x80)
        end--;
      if (end > text && (end[-1] & 0xc0) == 0xc0)
        end--;
    }

  return cb_text_display (text, end - text, TRUE);
}

/**
 * cb_job_record_get_waiting_since:
 *
 * From its creation, or from when it was due; one that ran before waits since it was put back, which is the last change of it.
 */
gint64
cb_job_record_get_waiting_since (CbJobRecord *self)
{
  g_return_val_if_fail (self != NULL, -1);

  if (self->failed_at >= 0 || self->started_at >= 0)
    return self->updated_at;

  return MAX (self->created_at, self->promote_at);
}
