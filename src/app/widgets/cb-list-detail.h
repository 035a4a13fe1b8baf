/* cb-list-detail.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbListDetail:
 *
 * A list with what was chosen in it beside it, parted by a handle. Where there is no room for both (below the sum of their least
 * widths) it is folded: the detail takes the list's place while `show-detail` is set.
 * A detail that is not visible leaves all of the room to the list.
 *
 * Properties: list, detail (GtkWidget), show-detail (boolean), folded (boolean, read-only), detail-width (int, wanted; pixels).
 */
#define CB_TYPE_LIST_DETAIL (cb_list_detail_get_type ())
G_DECLARE_FINAL_TYPE (CbListDetail, cb_list_detail, CB, LIST_DETAIL, GtkWidget)

gboolean cb_list_detail_get_folded      (CbListDetail *self);
gboolean cb_list_detail_get_show_detail (CbListDetail *self);
void     cb_list_detail_set_show_detail (CbListDetail *self,
                                         gboolean      show_detail);

G_END_DECLS
