/* cb-console-line.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define CB_CONSOLE_ERROR (cb_console_error_quark ())

typedef enum
{
  CB_CONSOLE_ERROR_QUOTE,   /* a line that can't be split */
  CB_CONSOLE_ERROR_REFUSED, /* what the console does not send */
  CB_CONSOLE_ERROR_BUSY,    /* the command before is not over */
} CbConsoleError;

GQuark     cb_console_error_quark    (void);

/* Words are arrays of GBytes. */
GPtrArray *cb_console_line_split     (const char  *line,
                                      gsize       *error_at,
                                      GError     **error);
char      *cb_console_line_join      (GPtrArray   *words);
char      *cb_console_line_quote     (const char  *bytes,
                                      gsize        length);
/* As redis-cli prints strings, with UTF-8 left readable. */
char      *cb_console_escape         (const char  *bytes,
                                      gsize        length,
                                      gboolean     quoted);

/* Whether a word is something that others must not read. */
gboolean   cb_console_line_has_secret (GPtrArray  *words);
char      *cb_console_line_join_masked (GPtrArray *words);

/* The word as a name of the server: lower case, "" for what can't be one. */
char      *cb_console_line_dup_name  (GPtrArray   *words,
                                      guint        index);

G_END_DECLS
