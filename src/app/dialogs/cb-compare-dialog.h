/* cb-compare-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-engine.h"

G_BEGIN_DECLS

/**
 * CbCompareDialog:
 *
 * How two jobs differ: field by field, time by time, and line by line in their data, results and errors.
 */
#define CB_TYPE_COMPARE_DIALOG (cb_compare_dialog_get_type ())
G_DECLARE_FINAL_TYPE (CbCompareDialog, cb_compare_dialog, CB, COMPARE_DIALOG, AdwWindow)

/* @second: (nullable): is typed by who looks */
CbCompareDialog *cb_compare_dialog_new (GtkWindow  *parent,
                                        CbEngine   *engine,
                                        const char *first,
                                        const char *second);

G_END_DECLS
