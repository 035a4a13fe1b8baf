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
 * A log is held from line `first` on, and those lines of it are shown that have what is typed into its filter. Its owner asks
 * cb_log_view_get_end() for the lines it lacks.
 *
 * Signals: `older-wanted`: CB_LOG_VIEW_PART lines before the first one held, for cb_log_view_take_older().
 */
#define CB_TYPE_LOG_VIEW (cb_log_view_get_type ())
G_DECLARE_FINAL_TYPE (CbLogView, cb_log_view, CB, LOG_VIEW, GtkWidget)

/* So many older lines are asked for at a time. */
#define CB_LOG_VIEW_PART 500

/* Starts with another log. */
void   cb_log_view_clear      (CbLogView *self);
/* The number of the first line held, 0 being the oldest of the log. */
gint64 cb_log_view_get_first  (CbLogView *self);
/* The number of the line after the last one held; 0 when there is none. */
gint64 cb_log_view_get_end    (CbLogView *self);
/* @lines (element-type GBytes) are the lines from number @first on, of @length that there are. */
void   cb_log_view_take       (CbLogView *self,
                               GPtrArray *lines,
                               gint64     first,
                               gint64     length);
/* @lines (element-type GBytes) are those just before cb_log_view_get_first(). */
void   cb_log_view_take_older (CbLogView *self,
                               GPtrArray *lines);

G_END_DECLS
