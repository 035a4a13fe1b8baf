/* cb-rate-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * CbRateRow:
 *
 * So many jobs a second, a minute or an hour, as a person types it.
 * Signals: `changed`.
 */
#define CB_TYPE_RATE_ROW (cb_rate_row_get_type ())
G_DECLARE_FINAL_TYPE (CbRateRow, cb_rate_row, CB, RATE_ROW, AdwActionRow)

gboolean cb_rate_row_get_rate (CbRateRow  *self,
                               guint      *limit,
                               guint      *interval_msec,
                               GError    **error);
void     cb_rate_row_set_rate (CbRateRow  *self,
                               guint       limit,
                               guint       interval_msec);

G_END_DECLS
