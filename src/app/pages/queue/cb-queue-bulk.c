/* cb-queue-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-acting.h"
#include "cb-ask.h"
#include "cb-json.h"
#include "cb-job-actions.h"
#include "cb-window.h"

/*
 * One thing done with many jobs: what it means to the page, and what is asked.
 *
 * Where all that a list or a filter holds is meant, and not all of it is in hand, it is looked for once more, to its end. Which jobs
 * these are is settled then, and the question says how many; what comes to match behind the question is not among them.
 */

/* ---- doing it ---- */

static void
bulk_cb (GtkWidget *widget, CbBulk *bulk, gpointer data)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);

  if (cb_bulk_get_deed (bulk)->kind == CB_DEED_REMOVE)
    self->removing_at = g_get_monotonic_time ();
  cb_queue_page_show_changes (self);
}

void
cb_queue_page_tell_bulk (CbQueuePage *self, CbBulk *bulk)
{
  cb_acting_tell (GTK_WIDGET (self), cb_page_get_session (CB_PAGE (self)), bulk, bulk_cb, NULL, NULL);
}

void
cb_queue_page_run_bulk (CbQueuePage *self, CbBulk *bulk)
{
  if (cb_bulk_get_deed (bulk)->kind == CB_DEED_REMOVE)
    self->removing_at = g_get_monotonic_time ();
  cb_acting_run (GTK_WIDGET (self), cb_page_get_session (CB_PAGE (self)), bulk, bulk_cb, NULL, NULL);
}

/* ---- all that match ---- */

/* What was asked for, in the words of the question. */
typedef struct
{
  CbQueuePage *page;          /* (owned) */
  CbBulk *bulk;               /* (owned) */
  char *queue;                /* (owned) */
  const char *state;          /* (nullable) its label, translated */
  char *filter;               /* (owned) (nullable) as it was typed */
} Query;

static void
query_free (Query *query)
{
  g_object_unref (query->page);
  g_object_unref (query->bulk);
  g_free (query->queue);
  g_free (query->filter);
  g_free (query);
}

static void
query_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Query *query = data;

  if (cb_ask_finish (GTK_WIDGET (source), result))
    cb_queue_page_run_bulk (query->page, query->bulk);
  query_free (query);
}

static char *
describe_query (Query *query)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *named = cb_job_actions_name_jobs (query->bulk);

  if (query->filter != NULL && query->state != NULL)
    /* Translators: a state, a queue, and what was typed into the filter */
    g_string_append_printf (text, _ ("All jobs in the state “%s” of %s that match “%s” now: "), query->state, query->queue, query->filter);
  else if (query->filter != NULL)
    g_string_append_printf (text, _ ("All jobs of %s that match “%s” now: "), query->queue, query->filter);
  else if (query->state != NULL)
    g_string_append_printf (text, _ ("All jobs that are in the state “%s” of %s now: "), query->state, query->queue);
  else
    g_string_append_printf (text, _ ("All jobs of %s now: "), query->queue);

  g_string_append (text, named);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Query *query = data;
  CbQueuePage *self = query->page;
  g_autoptr (GError) error = NULL;
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;

  cb_job_find_run_finish (CB_JOB_FIND (source), result, &error);
  if (!CB_IS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      query_free (query);
      return;
    }
  if (error != NULL || cb_bulk_get_n_total (query->bulk) == 0)
    {
      cb_toast (GTK_WIDGET (self), error != NULL ? error->message : _ ("Nothing matches any more"));
      query_free (query);
      return;
    }

  heading = cb_job_actions_describe_question (query->bulk);
  body = describe_query (query);
  cb_ask_async (GTK_WIDGET (self), heading, body,
                cb_bulk_get_deed (query->bulk)->kind == CB_DEED_REMOVE ? _ ("_Remove") : _ ("_Do It"),
                cb_bulk_get_deed (query->bulk)->kind == CB_DEED_REMOVE, NULL, query_answered_cb, query);
}

/**
 * cb_queue_page_run_query:
 * @deed: what is to be done with all that the list, or the filter, holds
 */
void
cb_queue_page_run_query (CbQueuePage *self, const CbDeed *deed)
{
  CbEngine *engine = cb_queue_get_engine (self->queue);
  const char *state = cb_state_bar_get_state (self->state_bar);
  int index = state != NULL ? cb_engine_find_state (engine, state) : -1;
  g_autoptr (CbJobFind) find = NULL;
  Query *query;

  if (!cb_acting_can_begin (GTK_WIDGET (self), engine))
    return;

  query = g_new0 (Query, 1);
  query->page = g_object_ref (self);
  query->bulk = cb_bulk_new (engine, cb_session_get_journal (cb_page_get_session (CB_PAGE (self))), deed);
  query->queue = cb_text_display (cb_queue_get_name (self->queue), -1, TRUE);
  query->state = index >= 0 ? _ (cb_engine_get_states (engine, NULL)[index].label) : NULL;
  query->filter = self->found != NULL ? g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->filter_entry))) : NULL;
  cb_bulk_set_summary (query->bulk, query->filter);

  if (self->found != NULL)
    find = cb_found_jobs_find_all (self->found);
  else
    find = cb_job_find_new (engine, cb_queue_get_name (self->queue), state, NULL);
  g_signal_connect_object (find, "hit", G_CALLBACK (cb_bulk_add_record), query->bulk, G_CONNECT_SWAPPED);

  /* Of two searches that lead to a question the later is meant. */
  if (self->find_cancellable != NULL)
    g_cancellable_cancel (self->find_cancellable);
  g_clear_object (&self->find_cancellable);
  self->find_cancellable = g_cancellable_new ();
  cb_doings_add (cb_session_get_doings (cb_page_get_session (CB_PAGE (self))), find, self->find_cancellable);
  cb_job_find_run_async (find, self->find_cancellable, found_cb, query);
}
