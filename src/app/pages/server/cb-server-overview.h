/* cb-server-overview.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "cb-server-watch.h"
#include "cb-topology.h"

G_BEGIN_DECLS

/**
 * CbServerOverview:
 *
 * How a server is: what is unusual in words, what it is, its figures over time, its databases and replicas.
 */
#define CB_TYPE_SERVER_OVERVIEW (cb_server_overview_get_type ())
G_DECLARE_FINAL_TYPE (CbServerOverview, cb_server_overview, CB, SERVER_OVERVIEW, AdwBin)

/* Shows what the watch knows now. */
void cb_server_overview_update (CbServerOverview *self,
                                CbServerWatch    *watch);
/* @cluster: (nullable) (transfer full): what is shown from the next update on in place of what INFO tells of replication. */
void cb_server_overview_take_cluster (CbServerOverview *self,
                                      CbTopology       *cluster);

G_END_DECLS
