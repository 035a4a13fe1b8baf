/* cb-unlock-dialog.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asks for the name of a server that is production or meant to be looked at only, and for how long it is to be unlocked. */
void  cb_unlock_dialog_ask_async  (GtkWidget           *parent,
                                   const char          *name,
                                   gboolean             production,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data);
/* Seconds; 0: it stays locked. */
guint cb_unlock_dialog_ask_finish (GtkWidget           *parent,
                                   GAsyncResult        *result);

G_END_DECLS
