/* cb-command-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-command.h"

G_BEGIN_DECLS

void        cb_command_write            (CbCommand  *self,
                                         gboolean    whole_script,
                                         gboolean    read_only,
                                         GByteArray *output);
CbCommand  *cb_command_ref              (CbCommand  *self);
const char *cb_command_get_display_name (CbCommand  *self);

G_END_DECLS
