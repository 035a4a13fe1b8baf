/* cb-import-keys-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-connection.h"
#include "cb-journal.h"

G_BEGIN_DECLS

/**
 * CbImportKeysDialog:
 *
 * Puts keys back from a file of an export: first how many there are in it and some of their names, and only when that is confirmed
 * the keys. What was put back can be taken out again.
 *
 * Signal: `changed`, when keys came or went.
 */
#define CB_TYPE_IMPORT_KEYS_DIALOG (cb_import_keys_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbImportKeysDialog, cb_import_keys_dialog, CB, IMPORT_KEYS_DIALOG, AdwWindow)

/* Not shown yet; it begins to read the file. */
GtkWidget *cb_import_keys_dialog_new (GtkWindow    *parent,
                                      CbConnection *connection,
                                      CbJournal    *journal,
                                      GFile        *file);

G_END_DECLS
