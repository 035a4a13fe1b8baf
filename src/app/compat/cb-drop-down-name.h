/* cb-drop-down-name.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets a screen reader tell what a drop-down is for, by the accessible label that it has been given, and not only what is chosen in it. */
void cb_drop_down_use_name (GtkDropDown *drop_down);

G_END_DECLS
