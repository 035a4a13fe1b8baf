/* cb-memory-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-key-finder.h"

G_BEGIN_DECLS

/**
 * CbMemoryDialog:
 *
 * What takes the memory: the biggest keys, and how much keys take by the beginning of their names, measured while it is open.
 */
#define CB_TYPE_MEMORY_DIALOG (cb_memory_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbMemoryDialog, cb_memory_dialog, CB, MEMORY_DIALOG, AdwWindow)

/* Of the keys that match what @finder looks for, whenever they expire. */
GtkWidget *cb_memory_dialog_new (GtkWindow    *parent,
                                 CbConnection *connection,
                                 CbKeyFinder  *finder,
                                 const char   *separator);

G_END_DECLS
