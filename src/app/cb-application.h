/* cb-application.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-saved-servers.h"
#include "cb-session.h"

G_BEGIN_DECLS

#define CB_TYPE_APPLICATION (cb_application_get_type ())
G_DECLARE_FINAL_TYPE (CbApplication, cb_application, CB, APPLICATION, AdwApplication)

CbApplication *cb_application_new         (void);
/* The session of that server, started; the private one with NULL. (transfer none). CB_REDIS_ERROR_ADDRESS. */
CbSession     *cb_application_get_session (CbApplication  *self,
                                           const char     *server,
                                           GError        **error);
/* A new window on @session, shown. */
void           cb_application_open_window (CbApplication  *self,
                                           CbSession      *session,
                                           const char     *page);

/* A window on that server; the one that is there comes to the front. Asks for the password where one is needed. */
void           cb_application_open_saved  (CbApplication       *self,
                                           GtkWidget           *parent,
                                           const CbSavedServer *server);
/* The same on the user's own private server. */
void           cb_application_open_private (CbApplication     *self);
/* Marks a server, in all windows on it; FALSE when that can't be kept. */
gboolean       cb_application_mark_production (CbApplication   *self,
                                               CbAddress       *address,
                                               gboolean         production);

/* The windows that a saved server has opened become what it says of being read-only. */
void           cb_application_set_read_only (CbApplication       *self,
                                             const CbSavedServer *server);

void           cb_application_open_rdb    (CbApplication  *self,
                                           GFile          *file);

G_END_DECLS
