/* cb-console-input.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-console-commands.h"
#include "cb-console-history.h"

G_BEGIN_DECLS

/*
 * CbConsoleInput:
 *
 * What keys make of the line that is being typed: completion, what was typed before, and the search for that. No widgets: a line and
 * the cursor go in, another line comes out.
 */
typedef struct _CbConsoleInput CbConsoleInput;

CbConsoleInput *cb_console_input_new       (CbConsoleCommands *commands,
                                            CbConsoleHistory  *history);
void            cb_console_input_free      (CbConsoleInput    *self);
/* It was typed: what is under way by keys ends. */
void            cb_console_input_typed     (CbConsoleInput    *self);
/* Each: the line to show instead, with the cursor at its end; NULL when nothing changes. */
char           *cb_console_input_complete  (CbConsoleInput    *self,
                                            const char        *line,
                                            gboolean           backwards);
char           *cb_console_input_older     (CbConsoleInput    *self,
                                            const char        *line);
char           *cb_console_input_newer     (CbConsoleInput    *self);
gboolean        cb_console_input_get_searching (CbConsoleInput *self);
void            cb_console_input_start_search (CbConsoleInput *self,
                                            const char        *line);
void            cb_console_input_search    (CbConsoleInput    *self,
                                            const char        *part,
                                            gboolean           older);
/* The line that was found, or that there was before. */
char           *cb_console_input_end_search (CbConsoleInput   *self,
                                            gboolean           take);
/* What stands below the line. */
char           *cb_console_input_dup_hint  (CbConsoleInput    *self,
                                            const char        *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbConsoleInput, cb_console_input_free)

G_END_DECLS
