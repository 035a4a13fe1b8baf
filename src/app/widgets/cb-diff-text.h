/* cb-diff-text.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How many lines before and after a change are shown, so that one sees where it is; CB_DIFF_TEXT_ALL: all there are. */
#define CB_DIFF_TEXT_ALL G_MAXUINT

/* Fills @buffer with how @after differs from @before, in the colours that @widget has: "-" and "+" before the lines that only one of
 * them has. Returns how many such lines there are. */
guint cb_diff_text_fill (GtkTextBuffer *buffer,
                         GtkWidget     *widget,
                         const char    *before,
                         const char    *after,
                         guint          context);

G_END_DECLS
