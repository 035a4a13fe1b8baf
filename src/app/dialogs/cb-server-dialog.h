/* cb-server-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-saved-servers.h"

G_BEGIN_DECLS

/**
 * CbServerDialog:
 *
 * A server for the list of saved ones, or one of them to be changed or taken out.
 */
#define CB_TYPE_SERVER_DIALOG (cb_server_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbServerDialog, cb_server_dialog, CB, SERVER_DIALOG, AdwWindow)

/* @server NULL: a new one. @uri and @prefix (nullable): how its address begins, and its prefix. */
CbServerDialog *cb_server_dialog_new (GtkWindow           *parent,
                                      const CbSavedServer *server,
                                      const char          *uri,
                                      const char          *prefix);

G_END_DECLS
