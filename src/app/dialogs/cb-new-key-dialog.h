/* cb-new-key-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbNewKeyDialog:
 *
 * Makes a key with its first element, of any type; never over one that is there. Signal: `created` (name as #GBytes).
 */
#define CB_TYPE_NEW_KEY_DIALOG (cb_new_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbNewKeyDialog, cb_new_key_dialog, CB, NEW_KEY_DIALOG, AdwWindow)

/* @name: (nullable): what stands there at the beginning */
CbNewKeyDialog *cb_new_key_dialog_new (GtkWindow    *parent,
                                       CbConnection *connection,
                                       const char   *name);

G_END_DECLS
