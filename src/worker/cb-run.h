/* cb-run.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"
#include "cb-gate.h"
#include "cb-handler.h"

G_BEGIN_DECLS

/* How long a handler has to answer after it was told to end, unless the worker stops: longer than the five seconds that a
 * program is given between SIGTERM and SIGKILL. */
#define CB_RUN_END_GRACE_MSEC 7000

/* Why a run is to end before its handler is done. */
typedef enum
{
  CB_RUN_CAUSE_NONE,
  CB_RUN_CAUSE_STOP,           /* the worker stops: put the job back */
  CB_RUN_CAUSE_TIME_OUT,       /* it takes longer than this worker allows */
  CB_RUN_CAUSE_EXPIRED,        /* the job's own time to live is over */
  CB_RUN_CAUSE_LOST,           /* the job is not ours any more */
} CbRunCause;

typedef enum
{
  CB_RUN_OUTCOME_NONE,
  CB_RUN_OUTCOME_COMPLETE,
  CB_RUN_OUTCOME_FAILED,
  CB_RUN_OUTCOME_RELEASED,     /* back in the queue as if never claimed */
  CB_RUN_OUTCOME_LOST,         /* taken away, removed, or its outcome can't be written */
} CbRunOutcome;

/**
 * CbRun:
 *
 * One job from the moment it was claimed to the moment its outcome stands on the server: it has the handler run, watches the
 * time, and tells the outcome until it is written or the job is someone else's.
 *
 * Signals: `unstuck`: a handler that was given up has answered after all.
 */
#define CB_TYPE_RUN (cb_run_get_type ())
G_DECLARE_FINAL_TYPE (CbRun, cb_run, CB, RUN, GObject)

typedef void (*CbRunFunc) (CbRun *run, gpointer owner);

/* What the owner of a run hears of it. */
typedef struct
{
  CbRunFunc over;              /* its handler is not waited for any more and the outcome is decided; nothing of that is told yet */
  CbRunFunc tell;              /* it completed or failed: tell that, together with other things, and call cb_run_told() in the end */
  CbRunFunc finished;          /* all is told, and its handler has answered or was given up */
  void (*progressed) (CbRun *run, int percent, gpointer owner);
  void (*logged) (CbRun *run, const char *line, gpointer owner);
} CbRunFuncs;

CbRun            *cb_run_new              (CbEngine     *engine,
                                           CbGate       *gate,
                                           CbHandler    *handler,
                                           CbJobRecord  *job);
void              cb_run_set_owner        (CbRun        *self,
                                           const CbRunFuncs *funcs,
                                           gpointer      owner);
void              cb_run_set_announcer    (CbRun        *self,
                                           CbRunFunc     announcer);
gboolean          cb_run_is_unheard       (CbRun        *self);
void              cb_run_announce         (CbRun        *self);
void              cb_run_set_place        (CbRun        *self,
                                           gpointer      place);
gpointer          cb_run_get_place        (CbRun        *self);
void              cb_run_told             (CbRun        *self,
                                           GError       *error,
                                           gboolean      will_retry);
void              cb_run_take_back        (CbRun        *self);
void              cb_run_start            (CbRun        *self,
                                           guint         timeout_msec);
void              cb_run_put_back         (CbRun        *self);
void              cb_run_end              (CbRun        *self,
                                           CbRunCause    cause,
                                           const GError *reason,
                                           guint         grace_msec);
void              cb_run_detach           (CbRun        *self);
void              cb_run_give_up          (CbRun        *self);

gint64            cb_run_get_begun_at     (CbRun        *self);
gint64            cb_run_get_started      (CbRun        *self);
gint64            cb_run_get_took         (CbRun        *self);
CbJobRecord      *cb_run_get_job          (CbRun        *self);
CbHandler        *cb_run_get_handler      (CbRun        *self);
CbHandlerContext *cb_run_get_context      (CbRun        *self);
gboolean          cb_run_was_started      (CbRun        *self);
gboolean          cb_run_is_settled       (CbRun        *self);
gboolean          cb_run_is_over          (CbRun        *self);
const CbRetryWish *cb_run_get_wish        (CbRun        *self);
gboolean          cb_run_is_stuck         (CbRun        *self);
CbRunOutcome      cb_run_get_outcome      (CbRun        *self);
GBytes           *cb_run_get_result       (CbRun        *self);
const GError     *cb_run_get_error        (CbRun        *self);
gboolean          cb_run_get_will_retry   (CbRun        *self);

G_END_DECLS
