/* cb-keyspace-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-pubsub.h"

G_BEGIN_DECLS

/**
 * CbKeyspaceDialog:
 *
 * Says what keyspace notifications are and whether this server tells them, switches them on where that is allowed, puts the old value
 * back, and subscribes to them.
 */
#define CB_TYPE_KEYSPACE_DIALOG (cb_keyspace_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyspaceDialog, cb_keyspace_dialog, CB, KEYSPACE_DIALOG, AdwWindow)

void cb_keyspace_dialog_present (GtkWindow *parent,
                                 CbPubsub  *pubsub);

G_END_DECLS
