/* cb-queue-filter.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

/*
 * The filter of the list: while something is typed into it the view shows what a search finds, and not the set itself. The search reads
 * page by page, a few at a time, so that others are answered in between.
 */

/* Each key would begin a search of its own. */
#define FILTER_DELAY_MSEC 250

static void
set_found (CbQueuePage *self, CbFoundJobs *found)
{
  g_signal_group_set_target (self->found_signals, found);
  if (self->found != NULL)
    cb_found_jobs_stop (self->found);
  g_set_object (&self->found, found);

  cb_queue_page_set_rows (self, found != NULL ? G_LIST_MODEL (found) : G_LIST_MODEL (self->list));
}

static void
show_problem (CbQueuePage *self, const char *problem)
{
  gtk_label_set_label (self->filter_problem, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->filter_problem), problem != NULL);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->filter_entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->filter_entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->filter_entry), GTK_ACCESSIBLE_STATE_INVALID,
                               problem != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

/**
 * cb_queue_page_filter:
 *
 * Looks for what the filter says now, in the state that is chosen now. What can't be understood is said, and the list stays.
 */
void
cb_queue_page_filter (CbQueuePage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (CbJobFilter) filter = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbFoundJobs) found = NULL;
  const char *state = cb_state_bar_get_state (self->state_bar);

  g_clear_handle_id (&self->filter_id, g_source_remove);
  if (self->queue == NULL || self->list == NULL)
    return;

  filter = cb_job_filter_parse (text, NULL, NULL, &error);
  show_problem (self, error != NULL ? error->message : NULL);
  if (filter == NULL)
    return;

  if (cb_job_filter_is_empty (filter) || !gtk_search_bar_get_search_mode (self->filter_bar))
    {
      if (self->found != NULL)
        set_found (self, NULL);
    }
  else
    {
      if (state == NULL)
        state = cb_job_filter_get_state (filter);
      state = state != NULL && cb_engine_find_state (cb_queue_get_engine (self->queue), state) >= 0 ? state : NULL;
      found = cb_found_jobs_new (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue), state,
                                 gtk_toggle_button_get_active (self->order_button), g_steal_pointer (&filter));
      set_found (self, found);
    }
  cb_queue_page_update_list (self);
}

static gboolean
filter_later_cb (gpointer data)
{
  CbQueuePage *self = data;

  self->filter_id = 0;
  cb_queue_page_filter (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (CbQueuePage *self)
{
  g_clear_handle_id (&self->filter_id, g_source_remove);
  self->filter_id = g_timeout_add (FILTER_DELAY_MSEC, filter_later_cb, self);
}

/* Closed, the list is whole again; what was typed is there the next time. */
static void
mode_cb (CbQueuePage *self)
{
  cb_queue_page_filter (self);
  if (!gtk_search_bar_get_search_mode (self->filter_bar))
    gtk_widget_grab_focus (GTK_WIDGET (self->column_view));
}

static void
stop_cb (CbQueuePage *self)
{
  gtk_search_bar_set_search_mode (self->filter_bar, FALSE);
}

void
cb_queue_page_show_filter (CbQueuePage *self)
{
  gtk_search_bar_set_search_mode (self->filter_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->filter_entry));
  gtk_editable_select_region (GTK_EDITABLE (self->filter_entry), 0, -1);
}

void
cb_queue_page_clear_filter (CbQueuePage *self)
{
  g_clear_handle_id (&self->filter_id, g_source_remove);
  if (self->found != NULL)
    set_found (self, NULL);
}

/* Where the job stands in what the view shows; -1: not there. */
gint64
cb_queue_page_find_job (CbQueuePage *self, const char *id)
{
  if (self->found != NULL)
    return cb_found_jobs_find (self->found, id);

  return self->list != NULL ? cb_job_list_find (self->list, id) : -1;
}

void
cb_queue_page_set_up_filter (CbQueuePage *self)
{
  self->found_signals = g_signal_group_new (CB_TYPE_FOUND_JOBS);
  g_signal_group_connect_swapped (self->found_signals, "notify", G_CALLBACK (cb_queue_page_update_list), self);
  g_signal_connect_object (self->filter_entry, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filter_entry, "stop-search", G_CALLBACK (stop_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filter_bar, "notify::search-mode-enabled", G_CALLBACK (mode_cb), self, G_CONNECT_SWAPPED);
}
