/* cb-pill.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-job-state.h"

G_BEGIN_DECLS

/* A word on a tinted ground: the state of a job. The colour says the same as the word. */
#define CB_TYPE_PILL (cb_pill_get_type ())
G_DECLARE_FINAL_TYPE (CbPill, cb_pill, CB, PILL, GtkWidget)

GtkWidget  *cb_pill_new             (void);
void        cb_pill_set_state       (CbPill       *self,
                                     const char   *label,
                                     CbJobMeaning  meaning);
void        cb_pill_set_warning     (CbPill       *self,
                                     gboolean      warning);
/* The style class of a meaning: "active", "failed"…; NULL where it has no colour. */
const char *cb_pill_get_style_class (CbJobMeaning  meaning);

G_END_DECLS
