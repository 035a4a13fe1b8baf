/* cb-split.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbSplit:
 *
 * A sidebar beside the content, that folds away and is drawn over it when there is no room for both.
 *
 * Properties: sidebar, content (GtkWidget), show-sidebar (boolean), folded (boolean, read-only).
 */
#define CB_TYPE_SPLIT (cb_split_get_type ())
G_DECLARE_FINAL_TYPE (CbSplit, cb_split, CB, SPLIT, GtkWidget)

gboolean cb_split_get_folded       (CbSplit  *self);
gboolean cb_split_get_show_sidebar (CbSplit  *self);
void     cb_split_set_show_sidebar (CbSplit  *self,
                                    gboolean  show);

G_END_DECLS
