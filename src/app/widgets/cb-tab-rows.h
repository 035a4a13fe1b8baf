/* cb-tab-rows.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void cb_tab_through_rows (GtkWidget *widget);

G_END_DECLS
