/* cb-monitor-columns.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-pubsub-message.h"

G_BEGIN_DECLS

/* Time, client, database, command and arguments of what a CbMonitor has heard. */
void  cb_monitor_columns_add      (GtkColumnView   *view);
/* The line as it can be typed into a console; at most so many characters, 0 for all. (transfer full) */
char *cb_monitor_columns_dup_line (CbPubsubMessage *message,
                                   gsize            most);

G_END_DECLS
