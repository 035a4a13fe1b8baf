/* cb-webhook-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbWebhookHandler:
 *
 * Has a web service do the work: each job is sent by POST as one JSON object (as `callboardctl job show --json` prints it,
 * without log and raw fields), with the headers Callboard-Job-Id and Callboard-Attempt (1 for the first).
 *
 * - 2xx completes the job; a body that is JSON is its result.
 * - 408, 425, 429, 5xx, no answer and no connection fail it, and it is tried again while it has attempts left: not before the
 *   time that a Retry-After names, at most a day.
 * - Every other status fails it for good: to send the same again would be in vain.
 * - 307 and 308 are followed five times at most, never from https to http, and not with the secret to another origin. Other
 *   redirects would turn the POST into a GET, and fail the job.
 *
 * Certificates are verified; nothing here turns that off. The secret header and what stands behind `?` in the address appear
 * in no log and no error.
 *
 * Properties: url (string), secret-header (string, nullable: `Name: value`, or a value alone for `Authorization: Bearer value`),
 * timeout (seconds without any byte, default 30), ca-file (string, nullable: certificates to trust instead of the system's),
 * block-list (GStrv of recipients, as #CbLogHandler has it: their jobs are not sent).
 */
#define CB_TYPE_WEBHOOK_HANDLER (cb_webhook_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbWebhookHandler, cb_webhook_handler, CB, WEBHOOK_HANDLER, GObject)

/* Whether the settings can be used; a sentence if not (CB_WORKER_ERROR_HANDLER). */
gboolean cb_webhook_handler_check (CbWebhookHandler  *self,
                                   GError           **error);

/* Of an answer; a longer one is no result. */
#define CB_WEBHOOK_MAX_BODY (1024 * 1024)

G_END_DECLS
