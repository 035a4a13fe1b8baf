/* cb-alerts-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-alerter.h"

G_BEGIN_DECLS

/* The rules by which notifications are sent, as they stand in the settings; each can be tried. */
#define CB_TYPE_ALERTS_DIALOG (cb_alerts_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbAlertsDialog, cb_alerts_dialog, CB, ALERTS_DIALOG, AdwPreferencesWindow)

CbAlertsDialog *cb_alerts_dialog_new (GtkWindow *parent,
                                      CbAlerter *alerter);

G_END_DECLS
