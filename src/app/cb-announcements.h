/* cb-announcements.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Between two of them, microseconds. */
#define CB_ANNOUNCEMENTS_INTERVAL (2 * G_USEC_PER_SEC)

/**
 * CbAnnouncements:
 *
 * What a screen reader is still to say. It knows no clock: each call is told what time it is, in microseconds that never go back.
 *
 * Whoever listens can't skip what comes, so that there is never more than one in %CB_ANNOUNCEMENTS_INTERVAL. Of what comes too early the
 * newest is kept, and what is urgent beside it, which is said first.
 */
typedef struct _CbAnnouncements CbAnnouncements;

CbAnnouncements *cb_announcements_new     (void);
void             cb_announcements_free    (CbAnnouncements *self);
void             cb_announcements_add     (CbAnnouncements *self,
                                           const char      *text,
                                           gboolean         urgent);
/* (transfer full) (nullable): what is to be said at @now, once */
char            *cb_announcements_take    (CbAnnouncements *self,
                                           gint64           now);
/* When to ask for the next; -1 when there is none. */
gint64           cb_announcements_get_due (CbAnnouncements *self,
                                           gint64           now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbAnnouncements, cb_announcements_free)

G_END_DECLS
