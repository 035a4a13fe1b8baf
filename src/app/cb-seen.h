/* cb-seen.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-session.h"

G_BEGIN_DECLS

/* Lets what is in a window rest while it is minimized or the compositor says that nobody sees it: its pages are unmapped, and the board of
 * the session, when no other window shows it, looks seldom. For the life of the window. */
void cb_seen_watch (GtkWindow *window,
                    CbSession *session);

G_END_DECLS
