/* cb-production.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "cb-address.h"

G_BEGIN_DECLS

/*
 * Which servers a person has marked as production, so that nothing is written there by mistake: those whose address says so
 * (`?production=1`), and those in the settings of the user, which the window and the command line share.
 */

/* The server without database, user and password: "redis://HOST:PORT", "unix:PATH". */
char     *cb_production_dup_name (CbAddress  *address);
gboolean  cb_production_is_marked (CbAddress *address);
/* In the settings; FALSE when there are none, or the address itself says otherwise. */
gboolean  cb_production_mark     (CbAddress  *address,
                                  gboolean    marked);

G_END_DECLS
