/* cb-key-ask.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What is wrong with a text, a sentence; NULL when it can be taken. "" when it can't, and nothing is to be said. (transfer full) */
typedef char *(*CbKeyCheck) (const char *text);

/* Asks for one line: @label says what it is, @text stands there at the beginning. @body (nullable). All are plain text. */
void     cb_key_ask_async  (GtkWidget           *parent,
                            const char          *heading,
                            const char          *body,
                            const char          *label,
                            const char          *text,
                            const char          *yes,
                            CbKeyCheck           check,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data);
/* (transfer full) (nullable): the text; NULL when it was cancelled. */
char    *cb_key_ask_finish (GtkWidget           *parent,
                            GAsyncResult        *result);

G_END_DECLS
