/* cb-quick-find.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-window.h"

G_BEGIN_DECLS

/**
 * CbQuickFind:
 *
 * Ctrl+K: a few letters lead to a queue, a page or an action, and a number to the job of that id, whichever queue it is in.
 */
#define CB_TYPE_QUICK_FIND (cb_quick_find_get_type ())
G_DECLARE_FINAL_TYPE (CbQuickFind, cb_quick_find, CB, QUICK_FIND, GtkWindow)

CbQuickFind *cb_quick_find_new      (CbWindow    *window);
/* A page that can be gone to; @name is what cb_window_show_page() takes. */
void         cb_quick_find_add_page (CbQuickFind *self,
                                     const char  *name,
                                     const char  *title);

G_END_DECLS
