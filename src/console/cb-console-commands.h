/* cb-console-commands.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-command-table.h"
#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbConsoleCommands:
 *
 * What a server says of its commands: their flags (COMMAND, over the connection of the window), and their arguments (COMMAND
 * DOCS, since Redis 7; in parts over a connection of its own, which ends with that). What is built in stands for what it does not
 * tell. Signal `changed`: it knows more.
 */
#define CB_TYPE_CONSOLE_COMMANDS (cb_console_commands_get_type ())
G_DECLARE_FINAL_TYPE (CbConsoleCommands, cb_console_commands, CB, CONSOLE_COMMANDS, GObject)

CbConsoleCommands *cb_console_commands_new          (CbConnection        *connection);
/* The flags; idempotent, and tries again what failed. The arguments follow by themselves. */
void               cb_console_commands_load_async   (CbConsoleCommands   *self,
                                                     GAsyncReadyCallback  callback,
                                                     gpointer             user_data);
gboolean           cb_console_commands_load_finish  (CbConsoleCommands   *self,
                                                     GAsyncResult        *result,
                                                     GError             **error);
void               cb_console_commands_forget       (CbConsoleCommands   *self);
CbCommandTable    *cb_console_commands_get_table    (CbConsoleCommands   *self);  /* nullable */
gboolean           cb_console_commands_knows        (CbConsoleCommands   *self,
                                                     const char          *name);
gboolean           cb_console_commands_has_flag     (CbConsoleCommands   *self,
                                                     const char          *name,
                                                     const char          *flag);
gboolean           cb_console_commands_get_has_docs (CbConsoleCommands   *self);
/* Names are lower case, `config|get`. */
const char        *cb_console_commands_get_syntax   (CbConsoleCommands   *self,
                                                     const char          *name);
const char        *cb_console_commands_get_summary  (CbConsoleCommands   *self,
                                                     const char          *name);
/* Of what begins like this; upper case, sorted. @container: (nullable): whose subcommands. */
GPtrArray         *cb_console_commands_complete     (CbConsoleCommands   *self,
                                                     const char          *container,
                                                     const char          *beginning);
void               cb_console_commands_close        (CbConsoleCommands   *self);

G_END_DECLS
