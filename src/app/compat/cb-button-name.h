/* cb-button-name.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a screen reader calls a button whose label is shorter, as it stands beside what it is about. */
void cb_button_set_name (GtkButton  *button,
                         const char *name);

G_END_DECLS
