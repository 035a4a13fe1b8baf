/* cb-setting-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbSettingDialog:
 *
 * Changes one setting of a server. What it was the moment before is kept as long as the connection lives: the toast puts it back, and so does a
 * button when the dialog is opened again.
 */
#define CB_TYPE_SETTING_DIALOG (cb_setting_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbSettingDialog, cb_setting_dialog, CB, SETTING_DIALOG, AdwWindow)

/* @view is refreshed after each change. @hint: (nullable): what the value means. */
void        cb_setting_dialog_present    (CbServerView *view,
                                          const char   *name,
                                          const char   *value,
                                          const char   *hint);
/* What it was before it was first changed through that connection; NULL where it wasn't, or was put back. */
const char *cb_setting_dialog_get_before (CbConnection *connection,
                                          const char   *name);

G_END_DECLS
