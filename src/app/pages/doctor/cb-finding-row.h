/* cb-finding-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-finding-item.h"

G_BEGIN_DECLS

/**
 * CbFindingRow:
 *
 * One finding: what is wrong, how that is known, the exact commands that would put it right, and what came of them.
 */
#define CB_TYPE_FINDING_ROW (cb_finding_row_get_type ())
G_DECLARE_FINAL_TYPE (CbFindingRow, cb_finding_row, CB, FINDING_ROW, AdwBin)

GtkWidget *cb_finding_row_new      (void);
void       cb_finding_row_set_item (CbFindingRow  *self,
                                    CbFindingItem *item);

G_END_DECLS
