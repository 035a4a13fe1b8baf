/* cb-many-keys-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-journal.h"
#include "cb-key-finder.h"

G_BEGIN_DECLS

/**
 * CbManyKeysDialog:
 *
 * One thing done to all keys that were found: their number and some of their names first, then how it is going, with a way to
 * stop it, then what became of them, with a way to undo it. Signal `changed`: keys are not what they were.
 */
#define CB_TYPE_MANY_KEYS_DIALOG (cb_many_keys_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbManyKeysDialog, cb_many_keys_dialog, CB, MANY_KEYS_DIALOG, AdwWindow)

GtkWidget *cb_many_keys_dialog_new (GtkWindow    *parent,
                                    CbConnection *connection,
                                    CbJournal    *journal,
                                    CbKeyFinder  *finder);

G_END_DECLS
