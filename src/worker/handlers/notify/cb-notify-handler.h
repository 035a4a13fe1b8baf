/* cb-notify-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbNotifyHandler:
 *
 * Sends a desktop notification for each job through GNotification, with the recipient in its title and the message in its body;
 * its default action is `app.open-job` with (server, prefix, queue, id), where the properties server and prefix (default "") are passed
 * on as they are: a notification is seen by other programs, so that there may be no password in them. Same line, block-list and members
 * as #CbLogHandler. Needs a GApplication (property application, default g_application_get_default()); without one a job fails with a
 * sentence saying so.
 * Signals: `line` (string), `sent` (CbJobRecord, recipient: string, message: string).
 */
#define CB_TYPE_NOTIFY_HANDLER (cb_notify_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbNotifyHandler, cb_notify_handler, CB, NOTIFY_HANDLER, GObject)

G_END_DECLS
