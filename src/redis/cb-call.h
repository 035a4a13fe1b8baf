/* cb-call.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-pipeline.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/*
 * CbCall:
 *
 * One cb_connection_call_async() or cb_connection_pipeline_async() on its way: what was asked, what has come, and
 * the task that is to be told. It outlives its task while replies for it are still to come, so that these are
 * recognised and dropped.
 */
typedef struct _CbCall CbCall;

/* What a reply is, when it comes. */
typedef enum
{
  CB_STEP_COMMAND, /* of the command with that index */
  CB_STEP_LOAD,    /* of a SCRIPT LOAD ahead of it */
  CB_STEP_MULTI,
  CB_STEP_QUEUED,  /* of the command with that index, in a transaction */
  CB_STEP_EXEC,
} CbStep;

struct _CbCall
{
  GList node;            /* in the connection's queue of waiting or of sent calls */
  GTask *task;           /* (owned) (nullable) NULL once it was told */
  CbPipeline *pipeline;  /* (owned) */
  GPtrArray *replies;    /* (owned) (element-type CbReply) (nullable elements) one a command */
  GSource *cancelled;    /* (owned) (nullable) */
  GError *refusal;       /* (owned) (nullable) why a transaction can't be executed */
  gint64 deadline;       /* µs monotonic, G_MAXINT64 for none */
  gint64 sent_at;        /* µs monotonic, 0 while it waits */
  guint timeout_msec;    /* 0 for none */
  guint n_missing;       /* replies to come before it is done */
  gboolean single;       /* one command, whose error is the error */
  gboolean repeatable;
  gboolean settled;      /* out of the connection's queues: told, or about to be */
  int ref_count;
};

CbCall     *cb_call_new              (GTask      *task,      /* transfer full */
                                      CbPipeline *pipeline,  /* transfer full */
                                      gboolean    single,
                                      guint       default_timeout_msec);
CbCall     *cb_call_ref              (CbCall     *self);
void        cb_call_unref            (CbCall     *self);

const char *cb_call_get_display_name (CbCall     *self);
/* Forgets what has come, so that it can be sent again. */
void        cb_call_rewind           (CbCall     *self);
/* Takes the reply of a step. Returns whether the call is complete. */
gboolean    cb_call_take             (CbCall     *self,
                                      CbStep      step,
                                      guint       index,
                                      CbReply    *reply);    /* transfer full */

/* Both tell the task, once; later ones have no effect. */
void        cb_call_return           (CbCall     *self);
void        cb_call_return_error     (CbCall     *self,
                                      GError     *error);    /* transfer full */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbCall, cb_call_unref)

G_END_DECLS
