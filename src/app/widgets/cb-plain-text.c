/* cb-plain-text.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-plain-text.h"

#define TAG "cb-plain"

static void
inserted_cb (GtkTextBuffer *buffer, GtkTextIter *end, char *text, int length)
{
  GtkTextIter start = *end;

  gtk_text_iter_backward_chars (&start, (int) g_utf8_strlen (text, length));
  gtk_text_buffer_apply_tag_by_name (buffer, TAG, &start, end);
}

/**
 * cb_plain_text_keep:
 * @view: keeps its buffer
 *
 * Breaks long lines of what is put into it from now on without a hyphen, which would look like one that is there.
 */
void
cb_plain_text_keep (GtkTextView *view)
{
  GtkTextBuffer *buffer;

  g_return_if_fail (GTK_IS_TEXT_VIEW (view));

  buffer = gtk_text_view_get_buffer (view);
  gtk_text_buffer_create_tag (buffer, TAG, "insert-hyphens", FALSE, NULL);
  g_signal_connect_after (buffer, "insert-text", G_CALLBACK (inserted_cb), NULL);
}
