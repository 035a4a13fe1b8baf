/* cb-server-test-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-address.h"

G_BEGIN_DECLS

/**
 * CbServerTestDialog:
 *
 * Tries a server while it is open, and shows what comes of each step.
 */
#define CB_TYPE_SERVER_TEST_DIALOG (cb_server_test_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbServerTestDialog, cb_server_test_dialog, CB, SERVER_TEST_DIALOG, AdwWindow)

/* @address with the password. @prefix (nullable): of the queues. Begins at once. */
CbServerTestDialog *cb_server_test_dialog_new (GtkWindow *parent,
                                               CbAddress *address,
                                               const char *prefix);

G_END_DECLS
