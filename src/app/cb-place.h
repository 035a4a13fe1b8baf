/* cb-place.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-page.h"

G_BEGIN_DECLS

/**
 * CbPlace:
 *
 * Where a page stands in the window, before and after there is one. All pages together take longer to make than all else the window
 * needs, and who opens it looks at one of them; so each is made when it is first gone to, and what the sidebar shows of it is known
 * here.
 *
 * Properties: title (nullable: a page that has titles of its own gives none, and has no row in the sidebar), icon-name, status (nullable:
 * the page's, once there is one), page-type, page (nullable, notifies).
 *
 * A place joins the window as one <object> in the stack of ui/cb-window.ui, under the name that --page and the settings call it by; its
 * row in the sidebar comes by itself.
 */
#define CB_TYPE_PLACE (cb_place_get_type ())
G_DECLARE_FINAL_TYPE (CbPlace, cb_place, CB, PLACE, AdwBin)

const char *cb_place_get_title    (CbPlace   *self);
gboolean    cb_place_get_has_news (CbPlace   *self);
CbPage     *cb_place_get_page     (CbPlace   *self);
CbPage     *cb_place_make_page    (CbPlace   *self,
                                   CbSession *session);

G_END_DECLS
