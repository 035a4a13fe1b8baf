/* cb-topology-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-topology.h"

G_BEGIN_DECLS

/**
 * CbTopologyView:
 *
 * A picture of who copies whom: each server is a node with its role, its address and how its link is, and lines go from a primary to
 * those that copy it. Each node can be reached by Tab and is read as a sentence.
 */
#define CB_TYPE_TOPOLOGY_VIEW (cb_topology_view_get_type ())
G_DECLARE_FINAL_TYPE (CbTopologyView, cb_topology_view, CB, TOPOLOGY_VIEW, GtkWidget)

GtkWidget *cb_topology_view_new          (void);
/* @own_address: how the server that was asked is called here. */
void       cb_topology_view_set_topology (CbTopologyView   *self,
                                          const CbTopology *topology,
                                          const char       *own_address);

G_END_DECLS
