/* cb-webhook-run.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "cb-handler-context.h"

G_BEGIN_DECLS

/* Sends one job and answers @task, which is taken: the result (GBytes, nullable), or an error. */
void cb_webhook_run_start (GTask            *task,
                           CbHandlerContext *context,
                           SoupSession      *session,
                           GUri             *uri,
                           const char       *secret_name,    /* (nullable) */
                           const char       *secret_value);

G_END_DECLS
