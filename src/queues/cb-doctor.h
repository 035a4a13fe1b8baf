/* cb-doctor.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

typedef enum
{
  CB_FINDING_PHANTOM,       /* an id without a job */
  CB_FINDING_ENTRY,         /* an entry that is no id */
  CB_FINDING_SPELLING,      /* an id written so that it sorts wrongly and stays when the job goes */
  CB_FINDING_LOST,          /* a waiting job that no worker can take */
  CB_FINDING_UNINDEXED,     /* a job that is not in all the sets of its state */
  CB_FINDING_STATES,        /* a job in the sets of another state or type, too */
  CB_FINDING_STATELESS,     /* a job that names no state */
  CB_FINDING_UNTYPED,       /* data without a type */
  CB_FINDING_ZOMBIE,        /* what is left of a job that was removed while it ran */
  CB_FINDING_SCORE,         /* a place in a set that is not that of its priority or time */
  CB_FINDING_PRIORITY,      /* a priority that is no number */
  CB_FINDING_JSON,          /* data, a result or a progress that is no JSON */
  CB_FINDING_LOG,           /* a log without a job */
  CB_FINDING_DEAD,          /* active, and its worker's lease is over */
  CB_FINDING_SUSPECT,       /* active for so long without a sign of life that a person should look */
  CB_FINDING_TYPE,          /* a type that is not registered */
  CB_FINDING_TOKENS,        /* fewer wake-ups than jobs that wait */
  CB_FINDING_SURPLUS,       /* more of them */
  CB_FINDING_KEY,           /* a key of another type than belongs there */
  CB_N_FINDINGS
} CbFindingKind;

/* One thing that is wrong in a queue. */
typedef struct
{
  CbFindingKind kind;
  char         *id;         /* (nullable) of the job */
  char         *queue;      /* (nullable) */
  char         *key;        /* where it is wrong; valid UTF-8 */
  char         *evidence;   /* a sentence, translated */
  char         *repair;     /* (nullable) the exact commands, one a line as redis-cli reads them; NULL: left to a person */
  gboolean      harmless;   /* a remark: nothing is held up by it, and healthy queues may have it */

  /*< private >*/
  GBytes       *place;      /* the key as it is */
  GBytes       *mark;       /* what must still be so for the repair */
  GPtrArray    *subject;    /* (element-type GBytes) how the engine looks at it again */
} CbFinding;

CbFinding  *cb_finding_new       (CbFindingKind    kind);
void        cb_finding_free      (CbFinding       *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbFinding, cb_finding_free)

const char *cb_finding_kind_word  (CbFindingKind kind);   /* "phantom": for programs */
const char *cb_finding_kind_title (CbFindingKind kind);   /* translated */

typedef struct
{
  GPtrArray *findings;      /* (element-type CbFinding) in the order in which they are to be repaired */
  guint64    n_jobs;        /* how many were looked at */
  gboolean   cut;           /* there was more than is kept: look again after the repair */
  guint64    n_unread;      /* fields too long to be read, of which nobody knows whether they are JSON */
} CbExamination;

void cb_examination_free (CbExamination *self);
/* How many findings are more than remarks. */
guint cb_examination_count_faults (const CbExamination *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbExamination, cb_examination_free)

typedef struct _CbExamineOptions CbExamineOptions;

/* How many jobs were looked at so far; @again: and now those that something may be wrong with are looked at once more. */
typedef void (*CbExamineProgress) (guint64 n_jobs, gboolean again, gpointer user_data);

struct _CbExamineOptions
{
  guint  grace_msec;         /* what is suspected must still be so after that time */
  gint64 suspect_after_msec; /* an active job whose worker has no lease */
  CbExamineProgress progress;      /* (nullable) called in between, and not any more after the callback */
  gpointer          progress_data;
};

#define CB_EXAMINE_GRACE_MSEC 3000
#define CB_EXAMINE_SUSPECT_MSEC (60 * 60 * 1000)

/* Looks through all of the engine's prefix and changes nothing. @options NULL: the numbers above. */
void           cb_engine_examine_async  (CbEngine *self, const CbExamineOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbExamination *cb_engine_examine_finish (CbEngine *self, GAsyncResult *result, GError **error);

/* Each by one atomic script that looks again first. GPtrArray of CbJobOutcome in the order of @findings. */
void           cb_engine_repair_async   (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_repair_finish  (CbEngine *self, GAsyncResult *result, GError **error);

G_END_DECLS
