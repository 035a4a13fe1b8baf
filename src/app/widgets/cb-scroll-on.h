/* cb-scroll-on.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void cb_scroll_on     (GtkScrolledWindow *outer);
void cb_scroll_across (GtkScrolledWindow *scroller);

G_END_DECLS
