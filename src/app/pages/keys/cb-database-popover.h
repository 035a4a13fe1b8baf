/* cb-database-popover.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbDatabasePopover:
 *
 * Which databases of a server have how many keys, to choose one of them. It asks each time that it opens.
 *
 * Signal: `chosen` (guint: the number). It stays open until it is closed by who heard that.
 */
#define CB_TYPE_DATABASE_POPOVER (cb_database_popover_get_type ())
G_DECLARE_FINAL_TYPE (CbDatabasePopover, cb_database_popover, CB, DATABASE_POPOVER, GtkPopover)

GtkWidget *cb_database_popover_new            (void);
void       cb_database_popover_set_connection (CbDatabasePopover *self,
                                               CbConnection      *connection);   /* nullable */
/* What became of the choice, in words. */
void       cb_database_popover_tell           (CbDatabasePopover *self,
                                               const char        *text,
                                               gboolean           is_problem);

G_END_DECLS
