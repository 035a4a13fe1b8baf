/* cb-queue-table.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-figure-reader.h"

G_BEGIN_DECLS

/**
 * CbQueueTable:
 *
 * All queues with their counts and times, one a row, and those whose names begin alike (`mail:send`, `mail:bounce`) under a row of their own
 * with the sums. Each number is a button to the jobs behind it.
 *
 * Signal: `open` (CbQueue, string state: nullable).
 */
#define CB_TYPE_QUEUE_TABLE (cb_queue_table_get_type ())
G_DECLARE_FINAL_TYPE (CbQueueTable, cb_queue_table, CB, QUEUE_TABLE, GtkWidget)

void  cb_queue_table_set_board (CbQueueTable   *self,
                                CbBoard        *board,
                                CbFigureReader *reader);
/* Counts, times and ages as they are at @now, µs since 1970 UTC by the jobs' clock. */
void  cb_queue_table_update    (CbQueueTable   *self,
                                gint64          now);
/* What the names of a group have in common, up to the delimiter and without it; NULL: it stands alone. (transfer full) */
char *cb_queue_table_dup_group (const char     *name,
                                const char     *before,     /* nullable */
                                const char     *after);     /* nullable */

G_END_DECLS
