/* cb-run-id.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/* Which run of its server an engine speaks to, by which one server is known under two addresses. "" when the server does not say,
 * or there is none. It never fails. */
void  cb_run_id_ask_async  (CbEngine *engine, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
char *cb_run_id_ask_finish (GAsyncResult *result);

G_END_DECLS
