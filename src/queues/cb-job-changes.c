/* cb-job-changes.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-changes.h"

#include "cb-job-spec.h"
#include "cb-queue-error.h"

G_DEFINE_BOXED_TYPE (CbJobChanges, cb_job_changes, cb_job_changes_copy, cb_job_changes_free)

/**
 * cb_job_changes_new:
 *
 * Returns: (transfer full): no change, to be filled in
 */
CbJobChanges *
cb_job_changes_new (void)
{
  CbJobChanges *self = g_new0 (CbJobChanges, 1);

  self->attempts = 1;

  return self;
}

CbJobChanges *
cb_job_changes_copy (const CbJobChanges *self)
{
  CbJobChanges *copy = g_new0 (CbJobChanges, 1);

  *copy = *self;
  copy->data = self->data != NULL ? g_bytes_ref (self->data) : NULL;
  copy->backoff = g_strdup (self->backoff);
  copy->search_keys = g_strdupv (self->search_keys);
  copy->words = g_strdup (self->words);

  return copy;
}

void
cb_job_changes_free (CbJobChanges *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self->backoff);
  g_strfreev (self->search_keys);
  g_free (self->words);
  g_free (self);
}

/**
 * cb_job_changes_check:
 *
 * Whether a job can be changed like this: by the same rules that a new job has to keep.
 *
 * Errors: %CB_QUEUE_ERROR_INVALID with a sentence for the first thing that is wrong, also when there is nothing to change.
 */
gboolean
cb_job_changes_check (const CbJobChanges *self,
                      GError            **error)
{
  g_autoptr (CbJobSpec) spec = cb_job_spec_new ("any", NULL);

  if (self->which == 0)
    {
      g_set_error (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_INVALID, "There is nothing to change");
      return FALSE;
    }

  if (self->which & CB_JOB_CHANGE_DATA)
    {
      g_clear_pointer (&spec->data, g_bytes_unref);
      spec->data = self->data != NULL ? g_bytes_ref (self->data) : NULL;
    }
  if (self->which & CB_JOB_CHANGE_PRIORITY)
    spec->priority = self->priority;
  if (self->which & CB_JOB_CHANGE_ATTEMPTS)
    spec->attempts = self->attempts;
  if (self->which & CB_JOB_CHANGE_DELAY)
    {
      spec->delay_msec = self->delay_msec;
      spec->due_at = self->due_at;
    }
  if (self->which & CB_JOB_CHANGE_TTL)
    spec->ttl_msec = self->ttl_msec;
  if (self->which & CB_JOB_CHANGE_BACKOFF)
    spec->backoff = g_strdup (self->backoff);

  return cb_job_spec_check (spec, error);
}
