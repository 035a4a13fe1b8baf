/* cb-console.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-console-commands.h"
#include "cb-console-entry.h"
#include "cb-console-line.h"

G_BEGIN_DECLS

/**
 * CbConsole:
 *
 * Commands as a person types them, one after the other, over a connection of its own: what they do to it (SELECT, AUTH, HELLO,
 * MULTI, RESET, QUIT, SUBSCRIBE, MONITOR) touches nothing else, and after a loss the next command makes a new one, in the same
 * database, as the same user and in the same version of the protocol.
 *
 * Signal `changed`: whether it is busy, or the prompt, is other.
 */
#define CB_TYPE_CONSOLE (cb_console_get_type ())
G_DECLARE_FINAL_TYPE (CbConsole, cb_console, CB, CONSOLE, GObject)

CbConsole         *cb_console_new           (CbConnection       *connection);
GListModel        *cb_console_get_entries   (CbConsole          *self);
CbConsoleCommands *cb_console_get_commands  (CbConsole          *self);
CbConnection      *cb_console_get_connection (CbConsole         *self);
const char        *cb_console_get_prompt    (CbConsole          *self);  /* "user@[2](TX)> " */
guint              cb_console_get_db        (CbConsole          *self);
gboolean           cb_console_get_in_multi  (CbConsole          *self);
gboolean           cb_console_get_busy      (CbConsole          *self);  /* a command is out */
gboolean           cb_console_get_connected (CbConsole          *self);
int                cb_console_get_protocol  (CbConsole          *self);  /* 2 or 3 */
char              *cb_console_dup_refusal   (CbConsole          *self,
                                             GPtrArray          *words);
CbConsoleEntry    *cb_console_run           (CbConsole          *self,
                                             GPtrArray          *words);
void               cb_console_stop          (CbConsole          *self);
void               cb_console_clear         (CbConsole          *self);
void               cb_console_add_note      (CbConsole          *self,
                                             const char         *text);
void               cb_console_rest          (CbConsole          *self);
void               cb_console_close         (CbConsole          *self);

G_END_DECLS
