/* cb-settings-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbSettingsView:
 *
 * The settings of a server. One can be changed; what it was before is kept, to put it back.
 */
#define CB_TYPE_SETTINGS_VIEW (cb_settings_view_get_type ())
G_DECLARE_FINAL_TYPE (CbSettingsView, cb_settings_view, CB, SETTINGS_VIEW, CbServerView)

G_END_DECLS
