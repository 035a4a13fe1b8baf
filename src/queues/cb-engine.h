/* cb-engine.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-connection.h"
#include "cb-job-changes.h"
#include "cb-job-event.h"
#include "cb-job-record.h"
#include "cb-job-spec.h"
#include "cb-queue-error.h"

G_BEGIN_DECLS

typedef enum
{
  CB_ENGINE_CAN_CREATE   = 1 << 0,
  CB_ENGINE_CAN_RETRY    = 1 << 1,
  CB_ENGINE_CAN_PROMOTE  = 1 << 2,
  CB_ENGINE_CAN_REMOVE   = 1 << 3,
  CB_ENGINE_CAN_PRIORITY = 1 << 4,
  CB_ENGINE_CAN_WATCH    = 1 << 5,
  CB_ENGINE_CAN_WORK     = 1 << 6,
  CB_ENGINE_CAN_SET_STATE = 1 << 7,
  CB_ENGINE_CAN_SEARCH   = 1 << 8,
  CB_ENGINE_CAN_EXAMINE  = 1 << 9,
  CB_ENGINE_CAN_UPDATE   = 1 << 10,
  CB_ENGINE_CAN_UNDO     = 1 << 11,
} CbEngineCapabilities;

typedef enum
{
  CB_JOB_ACTION_RETRY,      /* a failed (or any other) job back to waiting, as it is, its attempts go on counting; STATE when it waits already, or a living worker of ours has it */
  CB_JOB_ACTION_PROMOTE,    /* a delayed job due now */
  CB_JOB_ACTION_REMOVE,
  CB_JOB_ACTION_PRIORITY,
  CB_JOB_ACTION_RETRY_AS_NEW, /* the same, as if it had never run: attempts from 0, no error, progress or result; also a waiting one */
} CbJobAction;

/* By what the jobs of a set are kept on the server, one after the other. */
typedef enum
{
  CB_JOB_ORDER_NONE,        /* of several sets one after the other, or by something that no property of a job tells */
  CB_JOB_ORDER_PRIORITY,    /* most urgent first, and those of one priority by id, oldest first */
  CB_JOB_ORDER_DUE,         /* by when they are due, the next first */
} CbJobOrder;

/* How many jobs of a queue are in each state, by the order of cb_engine_get_states(). */
typedef struct
{
  char   *queue;                     /* (nullable) NULL for all queues of the prefix together */
  gint64  counts[CB_MAX_STATES];     /* -1 where it can't be read */
  gint64  total;
  gboolean unregistered;             /* jobs are in it, but it is not in the library's own list of queues */
  char   *problem;                   /* (nullable) a sentence, when a count can't be read (a key of the wrong type…) */
} CbQueueCounts;

CbQueueCounts *cb_queue_counts_new  (const char    *queue);
void           cb_queue_counts_free (CbQueueCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbQueueCounts, cb_queue_counts_free)

/* The job of a state that has waited longest. */
typedef struct
{
  char      *id;                     /* (nullable) NULL: none is known to wait */
  gint64     since;                  /* µs since 1970 UTC; -1: none */
  gboolean   certain;                /* FALSE: one that was not looked at, as there are too many, may have waited for longer */
} CbOldestJob;

CbOldestJob *cb_oldest_job_new  (void);
void         cb_oldest_job_free (CbOldestJob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbOldestJob, cb_oldest_job_free)

/* One page of a set of jobs. */
typedef struct
{
  GPtrArray *records;                /* (element-type CbJobRecord) in the order asked for, as many as there are ids */
  gint64     total;                  /* length of the whole set at that moment */
} CbJobPage;

void cb_job_page_free (CbJobPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbJobPage, cb_job_page_free)

/* What the one whose work failed knows of trying again. */
typedef struct
{
  gint64   after_msec;               /* not before so long; -1: as the job says */
  gboolean never;                    /* whatever attempts are left */
} CbRetryWish;

/* What became of one job of an action. */
typedef struct
{
  char   *id;
  GError *error;                     /* (nullable) NULL: done */
} CbJobOutcome;

void cb_job_outcome_free (CbJobOutcome *self);

/* A key that a job is kept in. */
typedef struct
{
  GBytes *name;                      /* (owned) */
  char   *member;                    /* (owned) (nullable) as what it stands there among others; NULL: the key is of this job alone */
} CbJobKey;

void cb_job_key_free (CbJobKey *self);

/* What a wait that claims came to: the pointer that its task returns. */
typedef struct
{
  gboolean     woken;
  CbJobRecord *job;                  /* (owned) (nullable) */
} CbWaitClaim;

void cb_wait_claim_free (CbWaitClaim *self);

/* What one slot of a worker has to tell and what it asks for. */
typedef struct
{
  CbJobRecord *job;                  /* (owned) (nullable) the claim whose run is over; NULL: the slot was free */
  GBytes      *result;               /* (owned) (nullable) JSON, of one that completed */
  char        *message;              /* (owned) (nullable) why it failed; NULL: it completed */
  CbRetryWish  wish;                 /* of one that failed */
  gboolean     has_wish;
  gint64       begun_at;             /* µs, of a job that was claimed ahead: when it really was begun; 0 of others */

  gboolean     takes;                /* asks for the next job, when that is written or there is nothing to tell */
  gboolean     ahead;                /* not for a slot: it is begun when one becomes free */
  char        *worker;               /* (owned) (nullable) for whom, where there is no job before it: that one's claim has the name */

  /* The answer. */
  GError      *error;                /* (owned) (nullable) why what was told is not written */
  gboolean     will_retry;           /* of one that failed */
  CbJobRecord *next;                 /* (owned) (nullable) the job it got */
} CbTurn;

CbTurn *cb_turn_new  (void);
void    cb_turn_free (CbTurn *self);

struct _CbExamineOptions;
struct _CbDeed;

#define CB_TYPE_ENGINE (cb_engine_get_type ())
G_DECLARE_DERIVABLE_TYPE (CbEngine, cb_engine, CB, ENGINE, GObject)

/*
 * An engine speaks for one queue library on one connection and prefix. Every virtual function is the start of an
 * asynchronous call; it answers through a GTask whose source is the engine, and the _finish() functions here take the
 * result out of that task. What is left out answers NOT_SUPPORTED and must be absent from capabilities.
 *
 * Of those tasks list_queues, count, page, get_many, get_heads, find_oldest, get_whole, create, act, wait_claim, claim and extend return pointers; wait, progress, log,
 * complete, begin and release booleans; turn 1 when more may wait, else 0; fail the integer 1 when it will be retried, else 0; recover and tick integers. Arguments have
 * been checked when a virtual function is called: specifications are valid, JSON is JSON, lists are not empty, a percentage is
 * 0 to 100, a length is not negative, and capabilities allow it.
 *
 * Properties: connection (nullable for memory; construct-only), prefix (construct-only), name ("kue"), live (events arrive), live-problem (string).
 * Signals: `event` (CbJobEvent), only while watching; `live-changed` through notify::live.
 */
struct _CbEngineClass
{
  GObjectClass parent_class;

  const char           *name;         /* "kue" */
  const char           *title;        /* "Kue" */
  const CbStateInfo    *states;       /* by the order in which people read them */
  guint                 n_states;
  CbEngineCapabilities  capabilities;

  /* Looking; none of these writes. */
  void (*list_queues)  (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*count)        (CbEngine *self, const char * const *queues, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*page)         (CbEngine *self, const char *queue, const char *state, gint64 offset, guint limit, gboolean reversed, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*get_many)     (CbEngine *self, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*get_whole)    (CbEngine *self, const char *id, gint64 log_from, guint log_limit, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*get_heads)    (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*find_oldest)  (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*search)       (CbEngine *self, const char *words, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*get_work_time) (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*get_setting)  (CbEngine *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  GPtrArray *(*list_job_keys) (CbEngine *self, const CbJobRecord *job);   /* at once: it asks nobody */
  CbJobOrder (*get_order) (CbEngine *self, const char *queue, const char *state);   /* at once */
  void (*watch)        (CbEngine *self, gboolean on);
  void (*examine)      (CbEngine *self, const struct _CbExamineOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);   /* cb-doctor.h */

  /* Changing. */
  void (*create)       (CbEngine *self, GPtrArray *specs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*act)          (CbEngine *self, CbJobAction action, double argument, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*repair)       (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);   /* cb-doctor.h */
  void (*update)       (CbEngine *self, const char *id, const CbJobChanges *changes, const CbJobRecord *seen, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*set_state)    (CbEngine *self, const char *state, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

  /* Working; used by CbWorker. */
  void (*wait)         (CbEngine *self, const char *queue, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*wait_claim)   (CbEngine *self, const char *queue, const char *worker, guint lease_msec, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*claim)        (CbEngine *self, const char *queue, const char *worker, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*turn)         (CbEngine *self, const char *queue, GPtrArray *turns, guint lease_msec, const char *ahead, GAsyncReadyCallback callback, gpointer user_data);
  void (*progress)     (CbEngine *self, CbJobRecord *job, int percent, GBytes *data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*log)          (CbEngine *self, CbJobRecord *job, const char *line, gssize length, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*complete)     (CbEngine *self, CbJobRecord *job, GBytes *result, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*fail)         (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*fail_with)    (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, const CbRetryWish *wish, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*expire)       (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*release)      (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*begin)        (CbEngine *self, GPtrArray *jobs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*extend)       (CbEngine *self, GPtrArray *jobs, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*recover)      (CbEngine *self, gboolean careful, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*tick)         (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

  /* Undoing; cb-capture.h. */
  void (*capture)      (CbEngine *self, const struct _CbDeed *deed, const char * const *ids, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*capture_findings) (CbEngine *self, GPtrArray *findings, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*act_captured) (CbEngine *self, const struct _CbDeed *deed, GPtrArray *captures, gboolean whole, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  void (*restore)      (CbEngine *self, const struct _CbDeed *deed, GPtrArray *captures, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
};

CbConnection         *cb_engine_get_connection   (CbEngine *self);
const char           *cb_engine_get_prefix       (CbEngine *self);
const char           *cb_engine_get_name         (CbEngine *self);
const char           *cb_engine_get_title        (CbEngine *self);
CbEngineCapabilities  cb_engine_get_capabilities (CbEngine *self);
const CbStateInfo    *cb_engine_get_states       (CbEngine *self, guint *n_states);
int                   cb_engine_find_state       (CbEngine *self, const char *name);   /* -1 unknown */
/* The order in which a list of all states has them, as indexes into the states: active, waiting, delayed, failed, complete, other. */
guint                 cb_engine_get_list_order   (CbEngine *self, guint order[CB_MAX_STATES]);
gboolean              cb_engine_get_live         (CbEngine *self);
const char           *cb_engine_get_live_problem (CbEngine *self);
void                  cb_engine_set_live         (CbEngine *self, gboolean live, const char *problem);  /* for engines */
void                  cb_engine_emit_event       (CbEngine *self, CbJobEvent *event);                   /* for engines */
/* The clock that jobs are stamped with, µs since 1970 UTC. */
gint64                cb_engine_get_time         (CbEngine *self);

/* Names of the queues there are, sorted; also ones whose jobs are all gone. GPtrArray of char*. */
void           cb_engine_list_queues_async  (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_list_queues_finish (CbEngine *self, GAsyncResult *result, GError **error);

/* Counts of many queues in one round trip; @queues NULL: all of the prefix together, one element. GPtrArray of CbQueueCounts, in order. */
void           cb_engine_count_async        (CbEngine *self, const char * const *queues, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_count_finish       (CbEngine *self, GAsyncResult *result, GError **error);

/* One page (limit 1 to 500) of a state of a queue, in the state's own order, or from its other end with @reversed.
 * @queue NULL: of all queues. @state NULL: all states of it, one after the other in the order of cb_engine_get_list_order(),
 * each in its own order (or reversed in itself); for all queues and states: the engine's set of all jobs.
 * An id without a job gives a record with `missing` set, so that positions hold. */
void           cb_engine_page_async         (CbEngine *self, const char *queue, const char *state, gint64 offset, guint limit, gboolean reversed, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJobPage     *cb_engine_page_finish        (CbEngine *self, GAsyncResult *result, GError **error);

/* The order in which cb_engine_page_async() has them; an engine that leaves it out has none. */
CbJobOrder     cb_engine_get_order          (CbEngine *self, const char *queue, const char *state);

/* GPtrArray of CbJobRecord in the order of @ids; `missing` where there is none. One round trip. */
void           cb_engine_get_many_async     (CbEngine *self, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_get_many_finish    (CbEngine *self, GAsyncResult *result, GError **error);

/* With log lines @log_from (0 oldest; negative: counted from the end, as LRANGE) and at most @log_limit, and the raw fields.
 * CB_QUEUE_ERROR_GONE when there is no such job. */
void           cb_engine_get_whole_async    (CbEngine *self, const char *id, gint64 log_from, guint log_limit, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJobRecord   *cb_engine_get_whole_finish   (CbEngine *self, GAsyncResult *result, GError **error);

/* The first job of each part that a state is kept in (Kue: of each priority), so that the one that comes next is among them. GPtrArray of CbJobRecord;
 * an engine that leaves it out has the beginning of the state looked at. */
void           cb_engine_get_heads_async    (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_get_heads_finish   (CbEngine *self, GAsyncResult *result, GError **error);

/* The job of @state (one that means waiting) that waits longest, in a few round trips over at most several hundred jobs; where they don't
 * tell for certain that there is no older one, it says so. An engine that leaves it out has the beginning of the state looked at. */
void           cb_engine_find_oldest_async  (CbEngine *self, const char *queue, const char *state, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbOldestJob   *cb_engine_find_oldest_finish (CbEngine *self, GAsyncResult *result, GError **error);

/* By the index that the producers keep, where they keep one: ids of jobs in which all the words occur, best first; may name jobs that are gone. */
void           cb_engine_search_async       (CbEngine *self, const char *words, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_search_finish      (CbEngine *self, GAsyncResult *result, GError **error);

/* How long completed runs took, all together, in µs; -1 without an error: nothing was counted yet. */
void           cb_engine_get_work_time_async  (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_get_work_time_finish (CbEngine *self, GAsyncResult *result, gint64 *work_time, GError **error);

/* Where a job is kept, by what is known of it: GPtrArray of CbJobKey, its own keys first; NULL where there is no server. */
GPtrArray     *cb_engine_list_job_keys      (CbEngine *self, const CbJobRecord *job);

/* One of the free settings that programs keep beside their queues, by its bytes; NULL without an error: there is none of that name. */
void           cb_engine_get_setting_async  (CbEngine *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GBytes        *cb_engine_get_setting_finish (CbEngine *self, GAsyncResult *result, GError **error);

/* Starts or stops telling `event`; calls are counted. */
void           cb_engine_watch              (CbEngine *self);
void           cb_engine_unwatch            (CbEngine *self);

/* All of them or, when one is invalid, none. GPtrArray of char* ids in order; for more than a bound they go in several atomic portions, and
 * an error names how many were created. */
void           cb_engine_create_async       (CbEngine *self, GPtrArray *specs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_create_finish      (CbEngine *self, GAsyncResult *result, GError **error);

/* Each job by one atomic script. GPtrArray of CbJobOutcome in the order of @ids. @argument: the priority. */
void           cb_engine_act_async          (CbEngine *self, CbJobAction action, double argument, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_act_finish         (CbEngine *self, GAsyncResult *result, GError **error);

/* Changes what @changes names of one job, by one atomic script; where it is not as in @seen any more, nothing, and CHANGED. */
void           cb_engine_update_async       (CbEngine *self, const char *id, const CbJobChanges *changes, const CbJobRecord *seen, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_update_finish      (CbEngine *self, GAsyncResult *result, const char **state, GError **error);

/* Moves jobs by hand, each by one atomic script: from whatever state, into any (also one that is not in cb_engine_get_states(), if the engine
 * allows it), without doing what usually comes with it: nothing is run, counted or promised. Outcomes as above. */
void           cb_engine_set_state_async    (CbEngine *self, const char *state, const char * const *ids, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_set_state_finish   (CbEngine *self, GAsyncResult *result, GError **error);

/* --- for workers --- */

/* Until there may be something to claim, or the time is over. Takes nothing; TRUE: worth a claim. On a connection of its own. */
void           cb_engine_wait_async         (CbEngine *self, const char *queue, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_wait_finish        (CbEngine *self, GAsyncResult *result, GError **error);
gboolean       cb_engine_can_wait_claim     (CbEngine *self);
void           cb_engine_wait_claim_async   (CbEngine *self, const char *queue, const char *worker, guint lease_msec, guint timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_wait_claim_finish  (CbEngine *self, GAsyncResult *result, CbJobRecord **job, GError **error);

/* Takes the next job and makes it active, atomically, with a lease of @lease_msec. NULL without an error: nothing waits.
 * @worker names the slot and is written into the job. A job that can't be read (data that is no JSON) is failed in the same
 * step and not handed out; then the next is tried. The record carries the claim: the calls below refuse with NOT_OWNER when the job was
 * taken away since, with GONE when it was removed. */
void           cb_engine_claim_async        (CbEngine *self, const char *queue, const char *worker, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
CbJobRecord   *cb_engine_claim_finish       (CbEngine *self, GAsyncResult *result, GError **error);

/* Tells and claims for many slots at once: each outcome as cb_engine_complete_async() and cb_engine_fail_async() would, each claim as
 * cb_engine_claim_async(). An engine that leaves it out has it done by these. */
void           cb_engine_turn_async         (CbEngine *self, const char *queue, GPtrArray *turns, guint lease_msec, const char *ahead, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_turn_finish        (CbEngine *self, GAsyncResult *result, gboolean *more, GError **error);

void           cb_engine_progress_async     (CbEngine *self, CbJobRecord *job, int percent, GBytes *data, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_progress_finish    (CbEngine *self, GAsyncResult *result, GError **error);
void           cb_engine_log_async          (CbEngine *self, CbJobRecord *job, const char *line, gssize length, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_log_finish         (CbEngine *self, GAsyncResult *result, GError **error);
void           cb_engine_complete_async     (CbEngine *self, CbJobRecord *job, GBytes *result_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_complete_finish    (CbEngine *self, GAsyncResult *result, GError **error);
/* TRUE in @will_retry when attempts are left. @stack (nullable): several lines, its first line goes to the log. */
void           cb_engine_fail_async         (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The same, with a wish about the retry that goes before what the job says. An engine that leaves it out fails the job as ever. */
void           cb_engine_fail_with_async    (CbEngine *self, CbJobRecord *job, const char *message, const char *stack, const CbRetryWish *wish, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_fail_finish        (CbEngine *self, GAsyncResult *result, gboolean *will_retry, GError **error);
/* Answers an event "ttl exceeded" for a job that is held here: fails it with the message `TTL exceeded` and tells whoever asked (Kue: publishes
 * "ttl exceeded ack"), at once. An engine that leaves it out has it done by fail. */
void           cb_engine_expire_async       (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_expire_finish      (CbEngine *self, GAsyncResult *result, gboolean *will_retry, GError **error);
/* Back to waiting, as if it had not been claimed. */
void           cb_engine_release_async      (CbEngine *self, CbJobRecord *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_release_finish     (CbEngine *self, GAsyncResult *result, GError **error);
/* The heartbeat: renews the leases. GPtrArray of char*: the ids that are no longer ours. */
gboolean       cb_engine_can_claim_ahead    (CbEngine *self);
void           cb_engine_begin_async        (CbEngine *self, GPtrArray *jobs, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean       cb_engine_begin_finish       (CbEngine *self, GAsyncResult *result, GError **error);
void           cb_engine_extend_async       (CbEngine *self, GPtrArray *jobs, guint lease_msec, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray     *cb_engine_extend_finish      (CbEngine *self, GAsyncResult *result, GError **error);
/* Puts jobs back whose Callboard worker is dead (lease over). Returns how many, -1 on error. */
void           cb_engine_recover_async      (CbEngine *self, gboolean careful, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
int            cb_engine_recover_finish     (CbEngine *self, GAsyncResult *result, GError **error);
/* What has to be done now and then: delayed jobs promoted, jobs over their time to live failed. Number of jobs moved, -1 on error. */
void           cb_engine_tick_async         (CbEngine *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
int            cb_engine_tick_finish        (CbEngine *self, GAsyncResult *result, GError **error);

G_END_DECLS
