/* cb-program-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbProgramView:
 *
 * What this program has sent to the server, by command, and what it cost.
 */
#define CB_TYPE_PROGRAM_VIEW (cb_program_view_get_type ())
G_DECLARE_FINAL_TYPE (CbProgramView, cb_program_view, CB, PROGRAM_VIEW, CbServerView)

G_END_DECLS
