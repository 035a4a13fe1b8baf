/* clipboard-text.c: prints the text that another program has put into the clipboard
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gtk/gtk.h>

#define PATIENCE_SECONDS 15

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GMainLoop *loop = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, &error);

  if (text != NULL)
    fputs (text, stdout);
  else
    fprintf (stderr, "%s\n", error->message);
  g_main_loop_quit (loop);
}

static gboolean
late_cb (gpointer user_data)
{
  fprintf (stderr, "The clipboard does not answer\n");
  exit (1);
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  if (!gtk_init_check ())
    return 1;

  g_timeout_add_seconds (PATIENCE_SECONDS, late_cb, NULL);
  gdk_clipboard_read_text_async (gdk_display_get_clipboard (gdk_display_get_default ()), NULL, read_cb, loop);
  g_main_loop_run (loop);
  return 0;
}
