/* cb-line-diff.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  CB_LINE_SAME,
  CB_LINE_REMOVED,
  CB_LINE_ADDED,
} CbLineChange;

typedef struct
{
  CbLineChange change;
  const char *text; /* of one of the two texts; not ended by a NUL */
  gsize length;     /* without the line break */
} CbDiffLine;

/* How @after differs from @before, line by line: a GArray of CbDiffLine (transfer full) that point into both. Where they differ in too
 * many lines for the shortest answer to be found at once, what lies between is told as removed and added. */
GArray *cb_line_diff (const char *before,
                      const char *after);

G_END_DECLS
