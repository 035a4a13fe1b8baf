/* cb-failure-traits.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-job-filter.h"

G_BEGIN_DECLS

/* So many jobs of each side are looked at where nobody says otherwise. */
#define CB_FAILURE_TRAITS_JOBS 2000

/* Something that failed jobs have more often than completed ones. */
typedef struct
{
  char   *name;               /* "data.user.country", "priority", "worker"… as filters call it */
  char   *value;              /* (nullable) NULL: that there is such a member at all */
  guint   n_failed;
  guint   n_complete;
  double  share_failed;       /* 0 to 1, of the failed ones that were looked at */
  double  share_complete;
  double  weight;             /* how little chance it is: the log-likelihood ratio */
} CbFailureTrait;

#define CB_TYPE_FAILURE_TRAITS (cb_failure_traits_get_type ())
G_DECLARE_FINAL_TYPE (CbFailureTraits, cb_failure_traits, CB, FAILURE_TRAITS, GObject)

/*
 * What the failed jobs have in common that the completed ones don't: members of their data and what they say, type, priority, worker.
 * It counts over a bounded sample of both sides and with a bounded number of values, so it says what to look at, and proves nothing.
 */
CbFailureTraits      *cb_failure_traits_new             (void);
void                  cb_failure_traits_add             (CbFailureTraits      *self,
                                                         CbJobRecord          *record,
                                                         gboolean              failed);
/* @queue NULL: all. @filter (nullable, taken): which failed jobs. At most @most of each side. */
void                  cb_failure_traits_run_async       (CbFailureTraits      *self,
                                                         CbEngine             *engine,
                                                         const char           *queue,
                                                         CbJobFilter          *filter,
                                                         guint                 most,
                                                         GCancellable         *cancellable,
                                                         GAsyncReadyCallback   callback,
                                                         gpointer              user_data);
gboolean              cb_failure_traits_run_finish      (CbFailureTraits      *self,
                                                         GAsyncResult         *result,
                                                         GError              **error);
guint                 cb_failure_traits_get_n_failed    (CbFailureTraits      *self);
guint                 cb_failure_traits_get_n_complete  (CbFailureTraits      *self);
/* (element-type CbFailureTrait): at most @most, the one that is least likely chance first. */
GPtrArray            *cb_failure_traits_rank            (CbFailureTraits      *self,
                                                         guint                 most);

G_END_DECLS
