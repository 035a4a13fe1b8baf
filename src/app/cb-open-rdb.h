/* cb-open-rdb.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-application.h"

G_BEGIN_DECLS

/* RDB files: chosen in a dialog, or dropped onto a window. Each is opened in a window of its own. */
void cb_open_rdb_choose      (CbApplication *application,
                              GtkWindow     *parent);    /* nullable */
void cb_open_rdb_accept_drops (GtkWidget    *window);

G_END_DECLS
