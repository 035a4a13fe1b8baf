/* cb-key-engine.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbKeyEngine:
 *
 * The keys of a database as the undo journal knows them: an engine without queues, which can do nothing but put back
 * what a #CbKeyBulk did, through #CbUndo.
 */
#define CB_KEY_ENGINE_NAME "keys"
#define CB_TYPE_KEY_ENGINE (cb_key_engine_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyEngine, cb_key_engine, CB, KEY_ENGINE, CbEngine)

CbEngine *cb_key_engine_new (CbConnection *connection);

G_END_DECLS
