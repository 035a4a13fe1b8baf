/* cb-worker-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-caretaker.h"
#include "cb-rate.h"
#include "cb-run.h"
#include "cb-worker-slot-private.h"
#include "cb-worker.h"

G_BEGIN_DECLS

/* What the files of the worker share, and nobody else sees. */

typedef struct
{
  gint64 monotonic;            /* µs, both */
  gint64 real;
} CbWorkerMoment;

struct _CbWorker
{
  GObject parent_instance;

  CbEngine *engine;            /* (owned) */
  char *queue;                 /* (owned) */
  CbHandler *handler;          /* (owned) for the next jobs */
  guint concurrency;
  guint timeout_msec;
  guint lease_msec;
  CbRate rate;

  CbWorkerState state;
  char *problem;               /* (owned) (nullable) */
  guint n_active;
  guint64 n_complete;
  guint64 n_failed;
  GListStore *slots;           /* (element-type CbWorkerSlot) by number */

  CbGate *gate;                /* (owned) */
  CbCaretaker *caretaker;      /* (owned) (nullable) while it runs */

  GPtrArray *to_tell;          /* (element-type CbRun) over, and not in a turn yet */
  guint n_telling;             /* these, and those in turns that are under way */
  guint turn_source;           /* tells them */
  guint n_turns;               /* under way */
  guint n_claims;              /* jobs that are asked for */
  guint n_holds;               /* answers are being taken in: nothing is sent meanwhile */
  gboolean dry;                /* the last turn got less than it asked for */
  GQueue held;                 /* jobs that were claimed ahead and wait for a slot */
  guint n_ahead_asked;         /* of @n_claims, those for jobs to be held */
  gboolean ahead_refused;      /* what waits next is given to a slot only */
  guint n_quick;               /* the last so many handlers were over in a moment */
  gint64 took;                 /* µs: how long a handler takes, the last ones most */
  guint tick_source;           /* while there are held jobs, or begun ones that nobody has heard of */
  gboolean ticking;
  guint n_begun;               /* held jobs that were begun, or came, since the last tick */
  GPtrArray *begun;            /* (element-type CbJobRecord) to be told */
  GPtrArray *loose;            /* (element-type CbRun) without a slot: over and not told yet, or to be put back */
  GCancellable *waiting;       /* (owned) (nullable) a wait is under way */
  guint n_waits;               /* this one, and cancelled ones that have not ended; each may bring a job */
  guint n_false_alarms;        /* waits that ended and then there was nothing */
  guint pause_source;          /* nothing is tried before then */
  guint rate_source;           /* no more may be started before then */
  gboolean claim_refused;      /* with this: */
  char *claim_problem;         /* (owned) (nullable) about this queue, not the server */
  char *stuck_problem;         /* (owned) (nullable) a handler that does not end */
  guint n_stuck;

  GPtrArray *stop_tasks;       /* (element-type GTask) */
  guint stop_source;           /* the grace, then the time to give up */
  gint64 stop_deadline;        /* monotonic: when the grace is over */
  gboolean handlers_cancelled;
  GError *stop_error;          /* (owned) (nullable) what is told to those who wait for the end */

  GPtrArray *drain_tasks;      /* (element-type GTask) */
  guint drain_source;
  gint64 refused_since;        /* monotonic: it could not go on by itself since then; 0: it can */
  gint64 elsewhere_since;      /* monotonic: since then only jobs of other workers keep it from being drained; 0: other things do */
  gboolean told_elsewhere;     /* that was said */
  gboolean counting;
  GHashTable *retrying;        /* (element-type utf8) ids of jobs that failed here during the drain and will come again */
};

/* cb-worker.c */
void          cb_worker_set_state         (CbWorker *self, CbWorkerState state);
void          cb_worker_update_problem    (CbWorker *self);
void          cb_worker_set_claim_problem (CbWorker *self, const char *problem);   /* (nullable) */
void          cb_worker_set_n_active      (CbWorker *self, guint n_active);
void          cb_worker_count             (CbWorker *self, CbRunOutcome outcome);
void          cb_worker_tell_started      (CbWorker *self, CbJobRecord *job);
void          cb_worker_tell_progress     (CbWorker *self, CbJobRecord *job, int percent);
void          cb_worker_tell_finished     (CbWorker *self, CbRun *run, gboolean will_retry);
guint         cb_worker_get_n_slots       (CbWorker *self);
CbWorkerSlot *cb_worker_peek_slot         (CbWorker *self, guint position);
CbWorkerSlot *cb_worker_find_free_slot    (CbWorker *self);
void          cb_worker_update_slots      (CbWorker *self);
void          cb_worker_return_tasks      (GPtrArray **tasks, const GError *error);

/* cb-worker-turn.c */
void          cb_worker_pump              (CbWorker *self);
void          cb_worker_end_wait          (CbWorker *self);
CbRun        *cb_worker_make_run          (CbWorker *self, CbWorkerSlot *slot, CbJobRecord *job);   /* @slot nullable */
void          cb_worker_start_run         (CbWorker *self, CbRun *run);

/* cb-worker-ahead.c */
void          cb_worker_init_ahead        (CbWorker *self);
void          cb_worker_clear_ahead       (CbWorker *self);
CbWorkerMoment cb_worker_get_moment       (void);
guint         cb_worker_get_share         (CbWorker *self);
guint         cb_worker_get_ahead         (CbWorker *self);
void          cb_worker_hold              (CbWorker *self, CbJobRecord *job, CbWorkerMoment asked);
void          cb_worker_begin_held        (CbWorker *self);
void          cb_worker_put_back          (CbWorker *self, CbJobRecord *job);
void          cb_worker_put_back_held     (CbWorker *self);
void          cb_worker_release_held      (CbWorker *self);
void          cb_worker_run_over          (CbRun *run, gpointer user_data);

/* cb-worker-end.c */
void          cb_worker_become_stopped    (CbWorker *self);
void          cb_worker_maybe_stop        (CbWorker *self);
gboolean      cb_worker_grace_over        (gpointer user_data);
void          cb_worker_look_whether_drained (CbWorker *self);
gboolean      cb_worker_drain_tick        (gpointer user_data);

G_END_DECLS
