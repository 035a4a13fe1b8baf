/* cb-key-import.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-key-store.h"

G_BEGIN_DECLS

/**
 * CbKeyImport:
 *
 * Keys put back from a file that an export wrote: DUMP lines, commands or JSON lines, even mixed. Each key appears at once and
 * whole, never over one that is there, and a key whose time is over by now stays away. It goes key by key, and holds a line and what
 * is known of the keys.
 *
 * Properties: progress (double, 0 to 1, explicit notify some times a second; needs the size). Signal `problem` (string): a sentence
 * for each line or key that nothing was done for.
 */
#define CB_TYPE_KEY_IMPORT (cb_key_import_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyImport, cb_key_import, CB, KEY_IMPORT, GObject)

CbKeyImport *cb_key_import_new            (CbConnection         *connection,
                                           GInputStream         *input);
/* Before it runs: whether only to count. */
void         cb_key_import_set_dry_run    (CbKeyImport          *self,
                                           gboolean              dry_run);
void         cb_key_import_set_size       (CbKeyImport          *self,
                                           guint64               size);      /* bytes of the file, 0 unknown */
/* TRUE also when there were problems with single keys; an error when it could not go on, and G_IO_ERROR_CANCELLED. */
void         cb_key_import_run_async      (CbKeyImport          *self,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);
gboolean     cb_key_import_run_finish     (CbKeyImport          *self,
                                           GAsyncResult         *result,
                                           GError              **error);

guint        cb_key_import_get_n_keys     (CbKeyImport          *self);     /* that were put back, or would be */
guint        cb_key_import_get_n_problems (CbKeyImport          *self);
CbKeyStore  *cb_key_import_get_keys       (CbKeyImport          *self);     /* those, borrowed */
double       cb_key_import_get_progress   (CbKeyImport          *self);

G_END_DECLS
