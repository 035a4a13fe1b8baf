/* cb-handler-context.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-job-record.h"

G_BEGIN_DECLS

/**
 * CbHandlerContext:
 *
 * What a handler has of the job it runs: what is in it, and ways to tell how it goes. Progress and log lines are sent in
 * order and are written before the outcome is. The cancellable is triggered on time-out, when the job was taken away, and
 * on stop.
 *
 * Signals: `progress` (percent: int), `log` (line: string), for slots on screen.
 */
#define CB_TYPE_HANDLER_CONTEXT (cb_handler_context_get_type ())
G_DECLARE_FINAL_TYPE (CbHandlerContext, cb_handler_context, CB, HANDLER_CONTEXT, GObject)

CbJobRecord  *cb_handler_context_get_job         (CbHandlerContext *self);
GCancellable *cb_handler_context_get_cancellable (CbHandlerContext *self);
/* @percent 0 to 100; @data (nullable): JSON. */
void          cb_handler_context_progress        (CbHandlerContext *self,
                                                  int               percent,
                                                  GBytes           *data);
void          cb_handler_context_log             (CbHandlerContext *self,
                                                  const char       *format,
                                                  ...) G_GNUC_PRINTF (2, 3);
/* For a failure, told before the answer: not to be tried again before so long, also when the job would be tried at once; or
 * never, whatever attempts are left. */
void          cb_handler_context_set_retry_after (CbHandlerContext *self,
                                                  gint64            msec);
void          cb_handler_context_set_no_retry    (CbHandlerContext *self);
/* The member of the job's data that is text or a number; NULL when there is none. */
char         *cb_handler_context_dup_member      (CbHandlerContext *self,
                                                  const char       *member);

G_END_DECLS
