/* cb-ask.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A question before what can't be undone. @heading and @body are plain text. */
void     cb_ask_async  (GtkWidget           *parent,
                        const char          *heading,
                        const char          *body,
                        const char          *yes,
                        gboolean             destructive,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data);
/* TRUE: yes. */
gboolean cb_ask_finish (GtkWidget           *parent,
                        GAsyncResult        *result);

G_END_DECLS
