/* cb-source.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Where Redis stands among the sources of a main loop: behind GDK's redraw (G_PRIORITY_HIGH_IDLE + 20), so that a
 * flood of replies can't hold up painting, and level with everybody's idles. GLib runs all ready sources of one
 * level in a turn, so neither a flood starves idles nor a busy idle the replies. Where nothing of this level had a turn for a
 * while, as painting took all the time, the source goes in front once. What ends outside of a turn (a GTask) is told at the
 * usual priority, G_PRIORITY_DEFAULT, as an idle has no such patience.
 */
#define CB_REDIS_PRIORITY G_PRIORITY_DEFAULT_IDLE

typedef enum
{
  CB_SOURCE_READ = 1 << 0,
  CB_SOURCE_WRITE = 1 << 1,
  CB_SOURCE_TIMER = 1 << 2,
} CbSourceEvents;

/* Tells what is ready, once a turn for all of it. The handler may destroy the source, and must then touch
 * nothing that went with it: it is not called again. */
typedef void (*CbSourceFunc) (CbSourceEvents events,
                              gpointer       user_data);

GSource *cb_source_new          (int            fd,  /* -1 for a timer alone */
                                 CbSourceFunc   func,
                                 gpointer       user_data);
void     cb_source_set_write    (GSource       *source,
                                 gboolean       wanted);
void     cb_source_set_full     (GSource       *source);
void     cb_source_set_pending  (GSource       *source,
                                 gboolean       pending);
void     cb_source_set_deadline (GSource       *source,
                                 gint64         monotonic_usec); /* -1 for none */

G_END_DECLS
