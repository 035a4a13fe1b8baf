/* cb-line-diff.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-line-diff.h"

#include <string.h>

/* Cells of the table of the longest common subsequence, four bytes each: some milliseconds. */
#define MAX_CELLS (512 * 1024)

static GArray *
split (const char *text)
{
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (CbDiffLine));

  while (*text != '\0')
    {
      const char *end = strchr (text, '\n');
      CbDiffLine line = { CB_LINE_SAME, text, end != NULL ? (gsize) (end - text) : strlen (text) };

      g_array_append_val (lines, line);
      text += line.length + (end != NULL);
    }
  return lines;
}

static gboolean
is_equal (const CbDiffLine *a,
          const CbDiffLine *b)
{
  return a->length == b->length && memcmp (a->text, b->text, a->length) == 0;
}

static void
add (GArray           *result,
     const CbDiffLine *line,
     CbLineChange      change)
{
  CbDiffLine copy = *line;

  copy.change = change;
  g_array_append_val (result, copy);
}

/* What lies between what both begin and end with. */
static void
add_middle (GArray           *result,
            const CbDiffLine *old,
            guint             n_old,
            const CbDiffLine *new,
            guint             n_new)
{
  g_autofree guint32 *longest = NULL;
  guint width = n_new + 1, i = 0, k = 0;

  if ((guint64) (n_old + 1) * width <= MAX_CELLS)
    {
      longest = g_new0 (guint32, (gsize) (n_old + 1) * width);
      for (guint a = n_old; a-- > 0;)
        for (guint b = n_new; b-- > 0;)
          longest[a * width + b] = is_equal (&old[a], &new[b])
                                     ? longest[(a + 1) * width + b + 1] + 1
                                     : MAX (longest[(a + 1) * width + b], longest[a * width + b + 1]);
    }

  while (longest != NULL && i < n_old && k < n_new)
    {
      if (is_equal (&old[i], &new[k]))
        {
          add (result, &new[k++], CB_LINE_SAME);
          i++;
        }
      else if (longest[(i + 1) * width + k] >= longest[i * width + k + 1])
        {
          add (result, &old[i++], CB_LINE_REMOVED);
        }
      else
        {
          add (result, &new[k++], CB_LINE_ADDED);
        }
    }
  while (i < n_old)
    add (result, &old[i++], CB_LINE_REMOVED);
  while (k < n_new)
    add (result, &new[k++], CB_LINE_ADDED);
}

GArray *
cb_line_diff (const char *before,
              const char *after)
{
  g_autoptr (GArray) old = split (before);
  g_autoptr (GArray) new = split (after);
  const CbDiffLine *a = (const CbDiffLine *) (gpointer) old->data;
  const CbDiffLine *b = (const CbDiffLine *) (gpointer) new->data;
  GArray *result = g_array_new (FALSE, FALSE, sizeof (CbDiffLine));
  guint head = 0, tail = 0, n = MIN (old->len, new->len);

  while (head < n && is_equal (&a[head], &b[head]))
    add (result, &b[head++], CB_LINE_SAME);
  while (tail < n - head && is_equal (&a[old->len - 1 - tail], &b[new->len - 1 - tail]))
    tail++;
  add_middle (result, a + head, old->len - head - tail, b + head, new->len - head - tail);
  for (guint i = new->len - tail; i < new->len; i++)
    add (result, &b[i], CB_LINE_SAME);
  return result;
}
