/* cb-seen.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-seen.h"

/* GDK_TOPLEVEL_STATE_SUSPENDED, which GTK has from 4.12 on. */
#define STATE_SUSPENDED (1 << 16)

typedef struct
{
  GtkWindow *window;            /* (unowned) which this is data of */
  CbSession *session;           /* (owned) */
  GdkSurface *surface;          /* (owned) (nullable) */
  gulong state_id;
  gulong board_id;
  gboolean unseen;
  GtkWidget *focus;             /* (nullable) (weak) where the keyboard was */
} Seen;

/* How many windows of a session nobody can see, and how many there are. */
static int
count (CbSession *session, const char *what, int change)
{
  int n = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (session), what)) + change;

  g_object_set_data (G_OBJECT (session), what, GINT_TO_POINTER (n));
  return n;
}

static void
tell_board (Seen *seen)
{
  CbBoard *board = cb_session_get_board (seen->session);

  if (board != NULL)
    cb_board_set_seen (board, count (seen->session, "cb-n-unseen", 0) < count (seen->session, "cb-n-windows", 0));
}

static void
set_unseen (Seen *seen, gboolean unseen)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (seen->window));

  if (seen->unseen == unseen)
    return;

  seen->unseen = unseen;
  count (seen->session, "cb-n-unseen", unseen ? 1 : -1);
  tell_board (seen);

  /* What asks the server for what it shows does so while it is mapped. */
  if (unseen)
    g_set_weak_pointer (&seen->focus, gtk_window_get_focus (seen->window));
  for (; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      if (!GTK_IS_NATIVE (child))
        gtk_widget_set_child_visible (child, !unseen);
    }
  if (!unseen && seen->focus != NULL && gtk_widget_get_mapped (seen->focus))
    gtk_widget_grab_focus (seen->focus);
}

static void
state_cb (Seen *seen)
{
  GdkToplevelState state = gdk_toplevel_get_state (GDK_TOPLEVEL (seen->surface));

  set_unseen (seen, (state & (GDK_TOPLEVEL_STATE_MINIMIZED | STATE_SUSPENDED)) != 0);
}

static void
forget_surface (Seen *seen)
{
  if (seen->surface != NULL)
    g_clear_signal_handler (&seen->state_id, seen->surface);
  g_clear_object (&seen->surface);
}

static void
realized_cb (Seen *seen)
{
  forget_surface (seen);
  g_set_object (&seen->surface, gtk_native_get_surface (GTK_NATIVE (seen->window)));
  seen->state_id = g_signal_connect_swapped (seen->surface, "notify::state", G_CALLBACK (state_cb), seen);
}

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  forget_surface (seen);
  g_clear_weak_pointer (&seen->focus);
  count (seen->session, "cb-n-windows", -1);
  if (seen->unseen)
    count (seen->session, "cb-n-unseen", -1);
  if (count (seen->session, "cb-n-windows", 0) > 0)
    tell_board (seen);
  g_clear_signal_handler (&seen->board_id, seen->session);
  g_object_unref (seen->session);
  g_free (seen);
}

void
cb_seen_watch (GtkWindow *window, CbSession *session)
{
  Seen *seen;

  g_return_if_fail (GTK_IS_WINDOW (window));
  g_return_if_fail (CB_IS_SESSION (session));

  seen = g_new0 (Seen, 1);
  seen->window = window;
  seen->session = g_object_ref (session);
  count (session, "cb-n-windows", 1);
  seen->board_id = g_signal_connect_swapped (session, "notify::board", G_CALLBACK (tell_board), seen);
  g_signal_connect_swapped (window, "realize", G_CALLBACK (realized_cb), seen);
  g_signal_connect_swapped (window, "unrealize", G_CALLBACK (forget_surface), seen);
  g_object_set_data_full (G_OBJECT (window), "cb-seen", seen, seen_free);
  tell_board (seen);
}
