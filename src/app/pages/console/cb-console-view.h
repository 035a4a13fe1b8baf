/* cb-console-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbConsoleView:
 *
 * Any command, over a connection of its own: see #CbConsole. What blocks or destroys is asked about first.
 *
 * Properties (read-only, explicit notify): busy (boolean), in-multi (boolean).
 */
#define CB_TYPE_CONSOLE_VIEW (cb_console_view_get_type ())
G_DECLARE_FINAL_TYPE (CbConsoleView, cb_console_view, CB, CONSOLE_VIEW, AdwBin)

GtkWidget *cb_console_view_new         (CbSession     *session);
gboolean   cb_console_view_get_busy    (CbConsoleView *self);
gboolean   cb_console_view_get_in_multi (CbConsoleView *self);
/* Where commands are typed. */
void       cb_console_view_focus_input (CbConsoleView *self);
/* Ends its connection; for good. Idempotent. */
void       cb_console_view_close       (CbConsoleView *self);

G_END_DECLS
