/* cb-failure-groups.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* So many causes are told apart; what comes after is counted together. */
#define CB_FAILURE_GROUPS_MOST 300
/* So many newest failures are looked at where nobody says otherwise. */
#define CB_FAILURE_GROUPS_JOBS 10000

/* Failures of one cause, over all types. */
typedef struct
{
  char      *cause;           /* as cb_failure_cause_dup() has it; "": those without an error */
  char      *sample;          /* the first line of the newest error, valid UTF-8 */
  char      *sample_id;       /* the job that it is of */
  char      *sample_queue;    /* (nullable) */
  guint      count;
  gint64     first_at;        /* µs since 1970 UTC, -1 unknown */
  gint64     last_at;
  GPtrArray *queues;          /* (element-type utf8) names of the types, at most 16 */
} CbFailureGroup;

#define CB_TYPE_FAILURE_GROUPS (cb_failure_groups_get_type ())
G_DECLARE_FINAL_TYPE (CbFailureGroups, cb_failure_groups, CB, FAILURE_GROUPS, GObject)

/*
 * Why jobs failed: the failed jobs of a queue, or of all, put together by the cause of their error. It goes through them page by page and
 * keeps a bounded number of groups, whatever there is to look at.
 */
CbFailureGroups      *cb_failure_groups_new          (void);
/* One more. */
void                  cb_failure_groups_add          (CbFailureGroups      *self,
                                                      CbJobRecord          *record);
/* Goes through at most @most failed jobs, from the end of the set where the newest are; 0: all. */
void                  cb_failure_groups_run_async    (CbFailureGroups      *self,
                                                      CbEngine             *engine,
                                                      const char           *queue,
                                                      guint                 most,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
gboolean              cb_failure_groups_run_finish   (CbFailureGroups      *self,
                                                      GAsyncResult         *result,
                                                      GError              **error);
guint                 cb_failure_groups_get_n        (CbFailureGroups      *self);
/* The largest first, of the same size the one that failed last. */
const CbFailureGroup *cb_failure_groups_get          (CbFailureGroups      *self,
                                                      guint                 index);
const CbFailureGroup *cb_failure_groups_find         (CbFailureGroups      *self,
                                                      const char           *cause);
guint64               cb_failure_groups_get_n_jobs   (CbFailureGroups      *self);   /* looked at */
guint64               cb_failure_groups_get_n_others (CbFailureGroups      *self);   /* of them in no group */
/* How many failed jobs there were, as far as known. */
guint64               cb_failure_groups_get_n_total  (CbFailureGroups      *self);
/* The filter that finds the jobs of a group, as a person could type it. */
char                 *cb_failure_group_dup_filter    (const CbFailureGroup *group);

G_END_DECLS
