/* cb-message-line.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-message-ring.h"

G_BEGIN_DECLS

/*
 * A message as a line of JSON, in a file and on the command line:
 *
 *   {"time":1764194000123456,"channel":"news","pattern":"n*","message":"hello"}
 *
 * `time` is µs since 1970 UTC, `pattern` only there where it came by one, and `"sharded":true` where it came by a sharded channel. Bytes
 * that are no UTF-8 are {"base64":"…"}, so that nothing is lost. A gap is {"time":…,"gap":"why","deaf_usec":…}.
 */
typedef struct
{
  gint64 time;      /* µs since 1970 UTC; -1 when the line has none */
  gboolean sharded;
  GBytes *channel;  /* (owned) (nullable) %NULL for a gap */
  GBytes *pattern;  /* (owned) (nullable) */
  GBytes *payload;  /* (owned) (nullable) */
} CbMessageLine;

/* Appends the line with its line break. */
void     cb_message_line_write (GString        *out,
                                const CbHeard  *heard);
gboolean cb_message_line_parse (const char     *text,
                                gsize           length,
                                CbMessageLine  *line,
                                GError        **error);
void     cb_message_line_clear (CbMessageLine  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CbMessageLine, cb_message_line_clear)

G_END_DECLS
