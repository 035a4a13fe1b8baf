/* cb-timeline-bar.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-job-record.h"

G_BEGIN_DECLS

/**
 * CbTimelineBar:
 *
 * The times of a job drawn to scale. Which part is under the pointer is said below it; with the keyboard the arrows, Home and End go
 * through the parts, and the same text is the name that a screen reader has of it. What is not to scale, and what is not known, is said.
 */
#define CB_TYPE_TIMELINE_BAR (cb_timeline_bar_get_type ())
G_DECLARE_FINAL_TYPE (CbTimelineBar, cb_timeline_bar, CB, TIMELINE_BAR, GtkWidget)

/* @entries (element-type CbTimelineEntry): of cb_job_timeline_create(), for the same @now. It is hidden where they tell of no time between. */
void cb_timeline_bar_set_job (CbTimelineBar *self,
                              CbJobRecord   *job,
                              GPtrArray     *entries,
                              gint64         now);
/* What of the drawing is not to scale, and what is not known; NULL where nothing is drawn. (transfer full) */
char *cb_timeline_bar_dup_note (CbTimelineBar *self);

G_END_DECLS
