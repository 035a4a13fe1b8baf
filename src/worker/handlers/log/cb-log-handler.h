/* cb-log-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbLogHandler:
 *
 * Says the line of a notification and succeeds: progress 50 %, `Sending notification to NUMBER, with message: MESSAGE`
 * into the job's log and through the `line` signal (string), then done. Jobs that are no notification give `Job ID: DATA`.
 * Properties: block-list (GStrv of recipients), recipient-member (default "phoneNumber"), message-member ("message").
 * A blocked recipient fails the job with `Phone number NUMBER is blacklisted` (CB_WORKER_ERROR_BLOCKED).
 */
#define CB_TYPE_LOG_HANDLER (cb_log_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbLogHandler, cb_log_handler, CB, LOG_HANDLER, GObject)

G_END_DECLS
