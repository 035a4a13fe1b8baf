/* cb-cli-engines.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"
#include "cb-discovery.h"

G_BEGIN_DECLS

/* (element-type CbEngine) (transfer full): one for each library and prefix that has queues on the server; with --prefix that one alone.
 * @found (nullable) (out): all that was found, with the queues of libraries that have no engine here, or NULL with --prefix; nobody looks
 * for these when it is not asked for. */
GPtrArray *cb_cli_find_engines (CbCli        *cli,
                                CbDiscovery **found,
                                GError      **error);

G_END_DECLS
