/* cb-cli-groups.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"
#include "cb-json.h"

G_BEGIN_DECLS

/* Prints the groups of a stream with their consumers and what is pending; as a member "groups" with @writer (nullable). */
int cb_cli_groups_show (CbCli        *cli,
                        GBytes       *key,
                        CbJsonWriter *writer);

G_END_DECLS
