/* cb-job-event.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Something that an engine told about a job. */
typedef struct
{
  char   *id;
  char   *name;      /* the engine's word: "enqueue", "start", "progress", "complete", "failed"… */
  GBytes *args;      /* JSON array, as it came; for Kue including the name */
} CbJobEvent;

#define CB_TYPE_JOB_EVENT (cb_job_event_get_type ())

GType       cb_job_event_get_type (void) G_GNUC_CONST;
CbJobEvent *cb_job_event_new      (const char       *id,
                                   const char       *name,
                                   GBytes           *args);
CbJobEvent *cb_job_event_copy     (const CbJobEvent *self);
void        cb_job_event_free     (CbJobEvent       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobEvent, cb_job_event_free)

G_END_DECLS
