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
 * asks, and names @cause, which is text for people. How far it is, what became of it and its undoing are those of cb_acting_run().
 * @callback (nullable) is called at the end, however it ended. */
void cb_group_deed_start (GtkWidget           *widget,
                          CbSession           *session,
                          CbEngine            *engine,
                          const char          *filter,
                          const char          *cause,
                          CbDeedKind           kind,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data);

G_END_DECLS
