/* cb-announcer.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbAnnouncer:
 *
 * Says what has happened to whoever does not see it: the connection is lost, the deletion of jobs has ended, something went wrong. Not what is
 * on its way all the time, as messages, jobs and counts are. It has no size.
 *
 * From GTK 4.14 on a screen reader reads it at once. Before there is no way to ask for that, and it is the status of the window, whose name
 * changes.
 */
#define CB_TYPE_ANNOUNCER (cb_announcer_get_type ())
G_DECLARE_FINAL_TYPE (CbAnnouncer, cb_announcer, CB, ANNOUNCER, GtkWidget)

/* @urgent: it is said before others that wait. */
void cb_announcer_say    (CbAnnouncer *self,
                          const char  *text,
                          gboolean     urgent);

/* By that of the window that @widget is in, or of that which its dialog belongs to. */
void cb_announce         (GtkWidget   *widget,
                          const char  *text,
                          gboolean     urgent);
/* Shows @problem, nothing for %NULL, and says one that it has not shown before. */
void cb_announce_problem (GtkLabel    *label,
                          const char  *problem);

G_END_DECLS
