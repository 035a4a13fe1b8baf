/* cb-console-guard.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-console-commands.h"

G_BEGIN_DECLS

/*
 * What is to be asked before a command is sent: by a short list, and by the flags that the server tells.
 */
/* Returns: (transfer full) (nullable): what it would do, in sentences; %NULL for what needs no question */
char     *cb_console_guard_describe      (CbConsoleCommands *commands,
                                          GPtrArray         *words);
/* Whether how many keys there are belongs to the question; all databases or one. */
gboolean  cb_console_guard_counts_keys   (GPtrArray         *words,
                                          gboolean          *all);
/* What can't be had here at all, and why; %NULL otherwise. */
char     *cb_console_guard_refuse        (GPtrArray         *words,
                                          gboolean           in_multi);
/* Whether it changes nothing but the connection of the console. */
gboolean  cb_console_guard_is_own        (GPtrArray         *words);

G_END_DECLS
