/* cb-diff-text.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-diff-text.h"

#include "cb-color.h"
#include "cb-line-diff.h"

static GtkTextTag *
ensure_tag (GtkTextBuffer *buffer, GtkWidget *widget, const char *color)
{
  GtkTextTag *tag = gtk_text_tag_table_lookup (gtk_text_buffer_get_tag_table (buffer), color);
  GdkRGBA rgba;

  if (tag == NULL)
    tag = gtk_text_buffer_create_tag (buffer, color, NULL);
  /* Each time: light may have become dark. */
  if (cb_color_lookup (widget, color, &rgba))
    g_object_set (tag, "foreground-rgba", &rgba, NULL);
  return tag;
}

/* Whether a line that both have is near enough to a change. */
static gboolean
is_near_change (GArray *lines, guint at, guint context)
{
  guint from = at > context ? at - context : 0;
  guint to = MIN (at + MIN (context, lines->len), lines->len - 1);

  for (guint i = from; i <= to; i++)
    if (g_array_index (lines, CbDiffLine, i).change != CB_LINE_SAME)
      return TRUE;
  return FALSE;
}

static void
append (GtkTextBuffer *buffer, const char *text, int length, GtkTextTag *tag)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (tag != NULL)
    gtk_text_buffer_insert_with_tags (buffer, &end, text, length, tag, NULL);
  else
    gtk_text_buffer_insert (buffer, &end, text, length);
}

guint
cb_diff_text_fill (GtkTextBuffer *buffer,
                   GtkWidget     *widget,
                   const char    *before,
                   const char    *after,
                   guint          context)
{
  g_autoptr (GArray) lines = cb_line_diff (before, after);
  GtkTextTag *tags[3] = { NULL, ensure_tag (buffer, widget, "error_color"), ensure_tag (buffer, widget, "success_color") };
  gboolean is_skipping = FALSE, is_first = TRUE;
  guint n_changed = 0;

  gtk_text_buffer_set_text (buffer, "", 0);
  for (guint i = 0; i < lines->len; i++)
    {
      const CbDiffLine *line = &g_array_index (lines, CbDiffLine, i);
      g_autofree char *text = NULL;

      if (line->change == CB_LINE_SAME && context != CB_DIFF_TEXT_ALL && !is_near_change (lines, i, context))
        {
          is_skipping = TRUE;
          continue;
        }

      n_changed += line->change != CB_LINE_SAME;
      text = g_strdup_printf ("%s%s%c %.*s", is_first ? "" : "\n", is_skipping && !is_first ? "  ⋯\n" : "", " -+"[line->change],
                              (int) line->length, line->text);
      append (buffer, text, -1, tags[line->change]);
      is_skipping = FALSE;
      is_first = FALSE;
    }
  return n_changed;
}
