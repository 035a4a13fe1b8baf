/* cb-window.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-other-queue.h"
#include "cb-page.h"
#include "cb-queue.h"

G_BEGIN_DECLS

/**
 * CbWindow:
 *
 * The main window: the sidebar, and the page that was chosen in it.
 *
 * Properties: session (construct-only), page (CbPage, read-only: the one on screen, nullable).
 * Actions: win.show-page (s), win.new-job, win.toggle-sidebar, win.refresh, win.reconnect, win.copy-address.
 */
#define CB_TYPE_WINDOW (cb_window_get_type ())
G_DECLARE_FINAL_TYPE (CbWindow, cb_window, CB, WINDOW, AdwApplicationWindow)

CbWindow   *cb_window_new           (GtkApplication *application,
                                     CbSession      *session);
CbSession  *cb_window_get_session   (CbWindow       *self);
/* Where jobs run that end with the window, closing it asks, and so does quitting; the first two don't. */
void        cb_window_close_unasked (CbWindow       *self);
void        cb_window_close_all     (GtkApplication *application);
void        cb_window_quit          (GtkApplication *application);
/* "worker", "overview", "all-jobs", or the name of a queue ("queue/NAME" where that is the name of a page). */
void        cb_window_show_page     (CbWindow       *self,
                                     const char     *page);
void        cb_window_show_queue    (CbWindow       *self,
                                     CbQueue        *queue);
/* What is known of a queue of a library whose jobs can't be shown. */
void        cb_window_show_other_queue (CbWindow    *self,
                                     CbOtherQueue   *queue);
/* The jobs of a queue (cb_board_get_all() for all) in that state (nullable: all) that pass that filter (nullable). */
void        cb_window_show_jobs     (CbWindow       *self,
                                     CbQueue        *queue,
                                     const char     *state,
                                     const char     *filter);
/* Shows the queue with this job beside it. Without a prefix (nullable) it is the one on screen, else the first of that name. */
void        cb_window_show_job      (CbWindow       *self,
                                     const char     *prefix,
                                     const char     *queue,
                                     const char     *id);
/* The queue on screen; nullable. */
CbQueue    *cb_window_get_queue     (CbWindow       *self);
void        cb_window_add_toast     (CbWindow       *self,
                                     AdwToast       *toast);
void        cb_window_dismiss_toast (CbWindow       *self);

/* A toast in the window that @widget is in. @text is plain text, never markup. */
void        cb_toast                (GtkWidget      *widget,
                                     const char     *text);

/* @like nullable */
void cb_window_new_job (CbWindow    *self,
                        CbJobRecord *like);

G_END_DECLS
