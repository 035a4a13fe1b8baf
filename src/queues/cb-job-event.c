/* cb-job-event.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-event.h"

G_DEFINE_BOXED_TYPE (CbJobEvent, cb_job_event, cb_job_event_copy, cb_job_event_free)

/**
 * cb_job_event_new:
 * @id: the job
 * @name: the engine's word
 * @args: (nullable) (transfer none): a JSON array
 *
 * Returns: (transfer full): a new event
 */
CbJobEvent *
cb_job_event_new (const char *id,
                  const char *name,
                  GBytes     *args)
{
  CbJobEvent *self = g_new0 (CbJobEvent, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);
  self->args = args != NULL ? g_bytes_ref (args) : NULL;

  return self;
}

CbJobEvent *
cb_job_event_copy (const CbJobEvent *self)
{
  return cb_job_event_new (self->id, self->name, self->args);
}

void
cb_job_event_free (CbJobEvent *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->name);
  g_clear_pointer (&self->args, g_bytes_unref);
  g_free (self);
}
