/* cb-remark-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CbRemarkRow:
 *
 * The line below a row of a form: what is wrong with what was typed, or what will be made of it. Without either it is not there.
 *
 * Properties: subject (GtkWidget, nullable: the row that it is about, told to assistive technologies).
 */
#define CB_TYPE_REMARK_ROW (cb_remark_row_get_type ())
G_DECLARE_FINAL_TYPE (CbRemarkRow, cb_remark_row, CB, REMARK_ROW, AdwPreferencesRow)

void cb_remark_row_set (CbRemarkRow *self,
                        const char  *problem,
                        const char  *note);

G_END_DECLS
