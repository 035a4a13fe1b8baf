/* cb-console-ask.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks whether a command is to be sent. Where a name is given, it must be typed: the server is marked as production. */
void     cb_console_ask_async  (GtkWidget           *parent,
                                const char          *line,
                                const char          *what,
                                const char          *name,      /* nullable */
                                GAsyncReadyCallback  callback,
                                gpointer             user_data);
gboolean cb_console_ask_finish (GtkWidget           *parent,
                                GAsyncResult        *result);

G_END_DECLS
