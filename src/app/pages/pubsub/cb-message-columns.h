/* cb-message-columns.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The columns of a list of CbPubsubMessage. What matters least goes first where there is little room. */
void cb_message_columns_add      (GtkColumnView *view);
void cb_message_columns_fit      (GtkColumnView *view,
                                  int            width,
                                  gboolean       with_pattern);
/* Rows as high as their text, at most a dozen lines. */
void cb_message_columns_set_wrap (GtkColumnView *view,
                                  gboolean       wrap);

G_END_DECLS
