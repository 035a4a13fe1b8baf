/* cb-kue-engine.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

#define CB_TYPE_KUE_ENGINE (cb_kue_engine_get_type ())
G_DECLARE_FINAL_TYPE (CbKueEngine, cb_kue_engine, CB, KUE_ENGINE, CbEngine)

CbEngine  *cb_kue_engine_new             (CbConnection        *connection,
                                          const char          *prefix);
void       cb_kue_engine_discover_async  (CbConnection        *connection,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
GPtrArray *cb_kue_engine_discover_finish (CbConnection        *connection,
                                          GAsyncResult        *result,
                                          GError             **error);

G_END_DECLS
