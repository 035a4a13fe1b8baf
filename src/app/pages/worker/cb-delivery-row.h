/* cb-delivery-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-delivery.h"

G_BEGIN_DECLS

/* A job that the built-in worker has done: for whom, what it said, how it ended, and the way to it. */
#define CB_TYPE_DELIVERY_ROW (cb_delivery_row_get_type ())
G_DECLARE_FINAL_TYPE (CbDeliveryRow, cb_delivery_row, CB, DELIVERY_ROW, GtkListBoxRow)

GtkWidget *cb_delivery_row_new (CbDelivery *delivery);

G_END_DECLS
