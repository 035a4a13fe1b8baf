/* cb-queue-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-queue.h"

G_BEGIN_DECLS

/* A queue in the sidebar: its name, how many failed, how many there are. Property: queue (CbQueue, nullable). */
#define CB_TYPE_QUEUE_ROW (cb_queue_row_get_type ())
G_DECLARE_FINAL_TYPE (CbQueueRow, cb_queue_row, CB, QUEUE_ROW, GtkWidget)

G_END_DECLS
