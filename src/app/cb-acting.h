/* cb-acting.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-bulk.h"
#include "cb-session.h"

G_BEGIN_DECLS

/*
 * Doing something with jobs from a window, one or a million, whatever page it is asked for on: how far it is stands in the session's
 * CbDoings; what came of it is told with a button to undo it, or asked about where some could not be kept for that.
 */

/* Whether the server of @engine is there. */
gboolean cb_acting_is_there  (CbEngine  *engine);
/* The same; that it is not is told. What is done is found and read first, and reads wait for the connection:
 * what was asked for meanwhile would be done whenever that comes back, to jobs that nobody looks at any more. */
gboolean cb_acting_can_begin (GtkWidget *widget,
                              CbEngine  *engine);

/* @bulk has ended, which is the one that was asked for or what it left. */
typedef void (*CbActingFunc) (GtkWidget *widget,
                              CbBulk    *bulk,
                              gpointer   user_data);

/* Runs @bulk, which was asked for on @widget. It is not cancelled when the window goes: it was asked for. @ended (nullable); @destroy
 * (nullable) is called with @user_data when all of it is over, the answer to a question too, or when the server is not there. */
void cb_acting_run  (GtkWidget      *widget,
                     CbSession      *session,
                     CbBulk         *bulk,
                     CbActingFunc    ended,
                     gpointer        user_data,
                     GDestroyNotify  destroy);
/* Says what came of @bulk, which ended without an error; what it left may be run. The rest as in cb_acting_run(). */
void cb_acting_tell (GtkWidget      *widget,
                     CbSession      *session,
                     CbBulk         *bulk,
                     CbActingFunc    ended,
                     gpointer        user_data,
                     GDestroyNotify  destroy);

G_END_DECLS
