/* cb-group-deed.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-capture.h"
#include "cb-session.h"

G_BEGIN_DECLS

/* Does something with all failed jobs that pass a filter: finds them first, and acts on those it found and no others; before it removes any it
 * asks, and names @cause, which is text for people. What became of it is told in a toast of the window that @widget is in, with Undo.
 * @callback (nullable) is called at the end, however it ended. */
void cb_group_deed_start (GtkWidget           *widget,
                          CbSession           *session,
                          CbEngine            *engine,
                          const char          *filter,
                          const char          *cause,
                          CbDeedKind           kind,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data);

G_END_DECLS
