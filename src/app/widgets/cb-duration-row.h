/* cb-duration-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-quantity.h"

G_BEGIN_DECLS

/**
 * CbDurationRow:
 *
 * A row with a number and its unit. What is typed is kept as it is; cb_duration_parse() reads it.
 *
 * Properties: text, unit (a CbUnit), placeholder.
 * Signals: `changed`: either of the two.
 */
#define CB_TYPE_DURATION_ROW (cb_duration_row_get_type ())
G_DECLARE_FINAL_TYPE (CbDurationRow, cb_duration_row, CB, DURATION_ROW, AdwActionRow)

const char *cb_duration_row_get_text     (CbDurationRow *self);
CbUnit      cb_duration_row_get_unit     (CbDurationRow *self);
void        cb_duration_row_set_duration (CbDurationRow *self,
                                          gint64         msec);

G_END_DECLS
