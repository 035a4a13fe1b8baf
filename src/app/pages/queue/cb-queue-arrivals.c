/* cb-queue-arrivals.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-format.h"

static void
n_new_cb (CbQueuePage *self)
{
  guint n = cb_list_anchor_get_n_new (self->anchor);
  g_autofree char *count = cb_format_exact_count (n);
  /* Translators: so many jobs came in above what is seen of the list */
  g_autofree char *text = g_strdup_printf (ngettext ("%s new", "%s new", n), count);

  if (n > 0)
    gtk_button_set_label (self->new_button, text);
  gtk_widget_set_visible (GTK_WIDGET (self->new_button), n > 0);
}

static void
clicked_cb (CbQueuePage *self)
{
  cb_list_anchor_go_to_top (self->anchor);
  gtk_widget_grab_focus (GTK_WIDGET (self->column_view));
}

/**
 * cb_queue_page_set_up_arrivals:
 * @rows: what the view shows
 *
 * From then on rows stay where they are while jobs come and go, and those that come in above are announced.
 */
void
cb_queue_page_set_up_arrivals (CbQueuePage *self, GListModel *rows)
{
  GtkWidget *view = GTK_WIDGET (self->column_view);

  /* What is scrolled stands below the header; where it is not found one day the pointer counts from the header on. */
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->column_view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_LIST_VIEW (child))
        view = child;
    }

  self->anchor = cb_list_anchor_new (rows, gtk_scrolled_window_get_vadjustment (self->list_scroller));
  cb_list_anchor_set_view (self->anchor, view);
  g_signal_connect_object (self->anchor, "notify::n-new", G_CALLBACK (n_new_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->new_button, "clicked", G_CALLBACK (clicked_cb), self, G_CONNECT_SWAPPED);
}
