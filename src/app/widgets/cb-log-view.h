/* cb-log-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbLogView:
 *
 * The last lines of a log that grows. While the end is in view it follows; scrolled up, nothing moves under the reader.
 *
 * A log is shown from line `first` on: its owner asks cb_log_view_get_end() for the lines it lacks.
 */
#define CB_TYPE_LOG_VIEW (cb_log_view_get_type ())
G_DECLARE_FINAL_TYPE (CbLogView, cb_log_view, CB, LOG_VIEW, GtkWidget)

/* Starts with another log. */
void   cb_log_view_clear   (CbLogView *self);
/* The number of the line after the last one shown, 0 being the oldest; 0 when there is none. */
gint64 cb_log_view_get_end (CbLogView *self);
/* @lines (element-type GBytes) are the lines from number @first on, of @length that there are. */
void   cb_log_view_take    (CbLogView *self,
                            GPtrArray *lines,
                            gint64     first,
                            gint64     length);

G_END_DECLS
