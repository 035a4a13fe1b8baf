/* cb-shortcuts.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows the keys that do something in a window. */
void cb_shortcuts_present (GtkApplicationWindow *window);

G_END_DECLS
