/* cb-console-history.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * CbConsoleHistory:
 *
 * Lines that were typed, in a file that only its owner may read: a bounded number, written as a whole and put in place at once,
 * with what another program has added meanwhile. Lines with secrets are for its user to leave out.
 */
#define CB_TYPE_CONSOLE_HISTORY (cb_console_history_get_type ())
G_DECLARE_FINAL_TYPE (CbConsoleHistory, cb_console_history, CB, CONSOLE_HISTORY, GObject)

/* The one of this program, in the data directory of the user. (transfer full) */
CbConsoleHistory *cb_console_history_get_default (void);
CbConsoleHistory *cb_console_history_new         (const char       *path);
void              cb_console_history_add         (CbConsoleHistory *self,
                                                  const char       *line);
guint             cb_console_history_get_length  (CbConsoleHistory *self);
const char       *cb_console_history_get         (CbConsoleHistory *self,
                                                  guint             back);     /* 0: the newest; NULL behind the oldest */
/* From @back on to the older; FALSE when none has @part. */
gboolean          cb_console_history_search      (CbConsoleHistory *self,
                                                  const char       *part,
                                                  guint            *back);
gboolean          cb_console_history_get_busy    (CbConsoleHistory *self);     /* reading or writing */

G_END_DECLS
