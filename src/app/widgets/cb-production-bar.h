/* cb-production-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-session.h"

G_BEGIN_DECLS

/**
 * CbProductionBar:
 *
 * A line across a window on a server that is marked as production: that it is one, whether it may be written to, and the
 * button that unlocks it (its name is to be typed) or locks it again. It gives the window the style class `cb-production`,
 * and the actions `production.marked` (boolean) and `production.toggle`.
 */
#define CB_TYPE_PRODUCTION_BAR (cb_production_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbProductionBar, cb_production_bar, CB, PRODUCTION_BAR, GtkWidget)

void cb_production_bar_set_session (CbProductionBar *self,
                                    CbSession       *session);

G_END_DECLS
