/* cb-refusal.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Gives all buttons below @root that have one of these actions (NULL-terminated) the reason why it can't be done as their tooltip, or
 * their own one back with NULL. Whether they are grey is for whoever enables the actions. */
void cb_refusal_explain (GtkWidget          *root,
                         const char * const *actions,
                         const char         *reason);
/* The same for one widget, whatever it does. */
void cb_refusal_explain_one (GtkWidget  *widget,
                             const char *reason);

G_END_DECLS
