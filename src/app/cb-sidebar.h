/* cb-sidebar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-other-queue.h"
#include "cb-place.h"
#include "cb-queue.h"

G_BEGIN_DECLS

/**
 * CbSidebar:
 *
 * Where one can go: the server with its state, its queues, and the other pages.
 *
 * Property: session. Signals: `queue-chosen` (CbQueue), `other-chosen` (CbOtherQueue), `page-chosen` (string: its name).
 */
#define CB_TYPE_SIDEBAR (cb_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (CbSidebar, cb_sidebar, CB, SIDEBAR, GtkWidget)

/* @first: above the queues. */
void cb_sidebar_add_page     (CbSidebar  *self,
                              gboolean    first,
                              const char *name,
                              CbPlace    *place);
/* Marks where the window is; tells nothing. At most one of both. */
void cb_sidebar_set_place    (CbSidebar  *self,
                              CbQueue    *queue,
                              const char *page);
/* The same for a queue of a library whose jobs can't be shown. */
void cb_sidebar_set_other    (CbSidebar    *self,
                              CbOtherQueue *queue);
void cb_sidebar_open_menu    (CbSidebar  *self);

G_END_DECLS
