/* cb-clients-view.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-server-view.h"

G_BEGIN_DECLS

/**
 * CbClientsView:
 *
 * Who is connected to a server, live; one can be disconnected.
 */
#define CB_TYPE_CLIENTS_VIEW (cb_clients_view_get_type ())
G_DECLARE_FINAL_TYPE (CbClientsView, cb_clients_view, CB, CLIENTS_VIEW, CbServerView)

G_END_DECLS
