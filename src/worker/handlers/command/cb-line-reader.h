/* cb-line-reader.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* @line is not ended by NUL and has no line break; NULL: there will be none any more. @cut: it was longer than the limit, and
 * this is its beginning. */
typedef void (*CbLineFunc) (const char *line,
                            gsize       length,
                            gboolean    cut,
                            gpointer    user_data);

/**
 * CbLineReader:
 *
 * Reads lines from another program as they come, and keeps no more of a line than a limit, however long it is: the rest is
 * read and thrown away, so that the other side never waits for us.
 */
typedef struct _CbLineReader CbLineReader;

/* Below redrawing: a program that talks without end must not freeze a window. */
#define CB_LINE_READER_PRIORITY G_PRIORITY_DEFAULT_IDLE

CbLineReader *cb_line_reader_new  (GInputStream *stream,
                                   gsize         max_length,
                                   CbLineFunc    func,
                                   gpointer      user_data);
/* Ends it; @func is not called any more. */
void          cb_line_reader_free (CbLineReader *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbLineReader, cb_line_reader_free)

G_END_DECLS
