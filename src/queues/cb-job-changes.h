/* cb-job-changes.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  CB_JOB_CHANGE_DATA               = 1 << 0,
  CB_JOB_CHANGE_PRIORITY           = 1 << 1,
  CB_JOB_CHANGE_ATTEMPTS           = 1 << 2,
  CB_JOB_CHANGE_DELAY              = 1 << 3,
  CB_JOB_CHANGE_TTL                = 1 << 4,
  CB_JOB_CHANGE_BACKOFF            = 1 << 5,
  CB_JOB_CHANGE_REMOVE_ON_COMPLETE = 1 << 6,
} CbJobChangeFlags;

/**
 * CbJobChanges:
 *
 * What is to be different about a job that is there. Fields are filled in directly; those that `which` does not name are
 * ignored. cb_job_changes_check() says what is wrong.
 */
typedef struct
{
  CbJobChangeFlags which;

  GBytes      *data;                /* JSON, stored as it is */
  double       priority;            /* smaller first */
  int          attempts;            /* how often it may be tried in all; 1: no retry */
  gint64       delay_msec;          /* from now on; 0: none, so that a delayed job waits to be run at once */
  gint64       due_at;              /* µs since 1970 UTC, 0: none; instead of delay_msec */
  gint64       ttl_msec;            /* 0: none */
  char        *backoff;             /* (nullable) as of CbJobSpec; NULL: none */
  gboolean     remove_on_complete;

  GStrv        search_keys;         /* (nullable) with data, as of CbJobSpec; NULL: all, if the job is in the index already */

  /*< private >*/
  char        *words;               /* (nullable) what the engine has made of the data for its search index */
} CbJobChanges;

#define CB_TYPE_JOB_CHANGES (cb_job_changes_get_type ())

GType         cb_job_changes_get_type (void) G_GNUC_CONST;
CbJobChanges *cb_job_changes_new      (void);
CbJobChanges *cb_job_changes_copy     (const CbJobChanges  *self);
void          cb_job_changes_free     (CbJobChanges        *self);
gboolean      cb_job_changes_check    (const CbJobChanges  *self,
                                       GError             **error);   /* CB_QUEUE_ERROR_INVALID, a sentence */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobChanges, cb_job_changes_free)

G_END_DECLS
