/* cb-banner.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbBanner:
 *
 * A line across the page that says what is the matter, with one thing to do.
 * Properties: title (plain text), button-label (nullable), action-name (of the button), revealed.
 */
#define CB_TYPE_BANNER (cb_banner_get_type ())
G_DECLARE_FINAL_TYPE (CbBanner, cb_banner, CB, BANNER, GtkWidget)

void cb_banner_set_title    (CbBanner   *self,
                             const char *title);
void cb_banner_set_revealed (CbBanner   *self,
                             gboolean    revealed);

G_END_DECLS
