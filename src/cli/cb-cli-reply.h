/* cb-cli-reply.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-cli.h"

G_BEGIN_DECLS

/* What can't be printed as \n, \t, \xNN and so on; all on one line. */
char *cb_cli_escape           (const char    *bytes,
                               gsize          length);
/* As redis-cli shows it on a terminal, but with readable UTF-8 left readable. */
void cb_cli_print_reply       (CbCli         *cli,
                               const CbValue *value);
/* "Reply: VALUE", or {"reply":VALUE} with --json. */
void cb_cli_print_named_reply (CbCli         *cli,
                               const CbValue *value);
void cb_cli_write_json_value  (CbJsonWriter  *writer,
                               const CbValue *value);

G_END_DECLS
