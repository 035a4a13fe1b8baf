/* cb-job-spec.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * CbJobSpec:
 *
 * A job that is to be created. Fields are filled in directly; cb_job_spec_check() says what is wrong.
 */
typedef struct
{
  char     *queue;
  GBytes   *data;                /* JSON, stored as it is */
  double    priority;            /* smaller first; default 0 */
  gint64    delay_msec;          /* 0: at once */
  gint64    due_at;              /* µs since 1970 UTC, 0: none; instead of delay_msec, and exact: the delay is reckoned
                                    by the clock that stamps created_at, so that promote_at is this very instant */
  int       attempts;            /* 1: no retry */
  char     *backoff;             /* (nullable) "true", or {"type":"fixed"|"exponential","delay":ms[,"maxDelay":ms]} */
  gint64    ttl_msec;            /* 0: none */
  gboolean  remove_on_complete;
  GStrv     search_keys;         /* (nullable) members that a search of Kue's finds it by, as paths (a.b); an empty list: all; NULL: none */
} CbJobSpec;

#define CB_TYPE_JOB_SPEC (cb_job_spec_get_type ())

GType      cb_job_spec_get_type       (void) G_GNUC_CONST;
CbJobSpec *cb_job_spec_new            (const char       *queue,
                                       GBytes           *data);
CbJobSpec *cb_job_spec_copy           (const CbJobSpec  *self);
void       cb_job_spec_free           (CbJobSpec        *self);
gboolean   cb_job_spec_check          (const CbJobSpec  *self,
                                       GError          **error);   /* CB_QUEUE_ERROR_INVALID, a sentence */
/* "low", "normal", "medium", "high", "critical" (10, 0, -5, -10, -15; Kue's numbers) or any number with a dot. */
gboolean   cb_job_priority_parse      (const char       *text,
                                       double           *priority,
                                       GError          **error);
char      *cb_job_priority_to_text    (double            priority);  /* shortest decimal, no exponent */
const char *cb_job_priority_get_name  (double            priority);  /* nullable: only for the named ones */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobSpec, cb_job_spec_free)

G_END_DECLS
