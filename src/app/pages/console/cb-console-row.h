/* cb-console-row.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Rows of the transcript: a tree of CbConsoleEntry with CbConsoleNode below. */
GtkListItemFactory *cb_console_row_factory_new (void);

G_END_DECLS
