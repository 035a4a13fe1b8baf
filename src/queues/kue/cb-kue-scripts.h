/* cb-kue-scripts.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-script.h"

G_BEGIN_DECLS

/* One a change; what each takes and gives stands at its head, in scripts/NAME.lua. */
typedef enum
{
  CB_KUE_SCRIPT_CREATE,
  CB_KUE_SCRIPT_CLAIM,
  CB_KUE_SCRIPT_COMPLETE,
  CB_KUE_SCRIPT_FAIL,
  CB_KUE_SCRIPT_PROGRESS,
  CB_KUE_SCRIPT_LOG,
  CB_KUE_SCRIPT_RELEASE,
  CB_KUE_SCRIPT_EXTEND,
  CB_KUE_SCRIPT_RECOVER,
  CB_KUE_SCRIPT_PROMOTE,
  CB_KUE_SCRIPT_EXPIRING,
  CB_KUE_SCRIPT_EXPIRE,
  CB_KUE_SCRIPT_RETRY,
  CB_KUE_SCRIPT_REMOVE,
  CB_KUE_SCRIPT_PRIORITY,
  CB_KUE_SCRIPT_STATE,
  CB_KUE_SCRIPT_UNLOCK,
  CB_KUE_SCRIPT_UPDATE,
  CB_KUE_SCRIPT_EXAMINE,
  CB_KUE_SCRIPT_REPAIR,
  CB_KUE_N_SCRIPTS
} CbKueScript;

CbScript *cb_kue_script_get (CbKueScript which);

G_END_DECLS
