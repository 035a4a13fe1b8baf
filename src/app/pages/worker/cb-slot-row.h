/* cb-slot-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-worker.h"

G_BEGIN_DECLS

/* One place of a worker: the job it runs, how far that is and since when; or that it is idle. */
#define CB_TYPE_SLOT_ROW (cb_slot_row_get_type ())
G_DECLARE_FINAL_TYPE (CbSlotRow, cb_slot_row, CB, SLOT_ROW, GtkListBoxRow)

GtkWidget *cb_slot_row_new (CbWorkerSlot *slot,
                            CbEngine     *engine);

G_END_DECLS
