/* cb-queue-bulk.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-job-actions.h"
#include "cb-undoing.h"
#include "cb-window.h"

/*
 * One thing done with many jobs: its progress at the foot of the list, what came of it, and what is asked.
 *
 * Where all that a list or a filter holds is meant, and not all of it is in hand, it is looked for once more, to its end. Which jobs
 * these are is settled then, and the question says how many; what comes to match behind the question is not among them.
 */

/* What takes shorter shows no progress. */
#define DELAY_MSEC 300

/* ---- what is shown of it ---- */

static void
show_progress (CbQueuePage *self)
{
  double progress = 0;
  g_autofree char *text = NULL;

  if (self->find != NULL)
    {
      guint64 n_looked = cb_job_find_get_n_looked (self->find);
      guint64 n_total = cb_job_find_get_n_total (self->find);
      g_autofree char *hits = cb_format_exact_count (cb_job_find_get_n_hits (self->find));
      g_autofree char *looked = cb_format_exact_count ((gint64) n_looked);

      /* Translators: two numbers of jobs */
      text = g_strdup_printf (_ ("Looking for jobs… %s of %s match"), hits, looked);
      progress = n_total > 0 ? MIN ((double) n_looked / (double) n_total, 1) : 0;
    }
  else if (self->bulk != NULL)
    {
      g_autofree char *total = cb_format_exact_count (cb_bulk_get_n_total (self->bulk));
      g_autofree char *done = cb_format_exact_count (cb_bulk_get_n_total (self->bulk) - cb_bulk_get_n (self->bulk, CB_BULK_PENDING));

      g_object_get (self->bulk, "progress", &progress, NULL);
      /* Translators: what is being done, as "Removing jobs…", and two numbers of jobs */
      text = g_strdup_printf (_ ("%s %s of %s"), cb_job_actions_get_doing (cb_bulk_get_deed (self->bulk)->kind), done, total);
    }
  else if (self->undo != NULL)
    {
      g_autofree char *total = NULL;
      g_autofree char *done = NULL;
      guint n_total, n_back, n_same, n_kept, n_failed;

      g_object_get (self->undo, "n-total", &n_total, "n-back", &n_back, "n-same", &n_same, "n-kept", &n_kept, "n-failed", &n_failed,
                    "progress", &progress, NULL);
      total = cb_format_exact_count (n_total);
      done = cb_format_exact_count (n_back + n_same + n_kept + n_failed);
      /* Translators: two numbers of jobs */
      text = g_strdup_printf (_ ("Undoing… %s of %s"), done, total);
    }
  else
    {
      return;
    }

  gtk_label_set_label (self->bulk_label, text);
  gtk_progress_bar_set_fraction (self->bulk_bar, progress);
}

static gboolean
reveal_cb (gpointer data)
{
  CbQueuePage *self = data;

  self->bulk_id = 0;
  show_progress (self);
  gtk_revealer_set_reveal_child (self->bulk_revealer, TRUE);
  return G_SOURCE_REMOVE;
}

/* Of what runs now nothing more is shown. It goes on: it was asked for. */
void
cb_queue_page_stop_actions (CbQueuePage *self)
{
  g_clear_handle_id (&self->bulk_id, g_source_remove);
  if (self->bulk != NULL)
    g_signal_handlers_disconnect_by_data (self->bulk, self);
  if (self->find != NULL)
    g_signal_handlers_disconnect_by_data (self->find, self);
  if (self->undo != NULL)
    g_signal_handlers_disconnect_by_data (self->undo, self);
  g_clear_object (&self->bulk);
  g_clear_object (&self->find);
  g_clear_object (&self->undo);
  g_clear_object (&self->bulk_cancellable);
}

static void
hide_progress (CbQueuePage *self)
{
  cb_queue_page_stop_actions (self);
  if (self->bulk_revealer != NULL)
    gtk_revealer_set_reveal_child (self->bulk_revealer, FALSE);
}

void
cb_queue_page_cancel_actions (CbQueuePage *self)
{
  if (self->bulk_cancellable != NULL)
    g_cancellable_cancel (self->bulk_cancellable);
}

static void
undo_running_cb (CbQueuePage *self)
{
  gboolean running;

  g_object_get (self->undo, "running", &running, NULL);
  if (!running)
    hide_progress (self);
}

/* Wherever it was asked for. What came of it is told by whoever began it. */
void
cb_queue_page_show_undo (CbQueuePage *self, CbUndo *undo, GCancellable *cancellable)
{
  /* What is shown already was asked for here. */
  if (self->bulk != NULL || self->find != NULL)
    return;

  cb_queue_page_stop_actions (self);
  self->undo = g_object_ref (undo);
  self->bulk_cancellable = g_object_ref (cancellable);
  self->bulk_id = g_timeout_add (DELAY_MSEC, reveal_cb, self);
  g_signal_connect_object (undo, "notify::progress", G_CALLBACK (show_progress), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (undo, "notify::running", G_CALLBACK (undo_running_cb), self, G_CONNECT_SWAPPED);
}

/* ---- what came of it ---- */

static void
present_details (CbQueuePage *self, const char *heading, const char *details)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), heading, NULL);
  GtkWidget *label = gtk_label_new (details);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 320);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), label);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), scroller);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
without_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbBulk) rest = data;

  if (cb_ask_finish (GTK_WIDGET (source), result))
    cb_queue_page_run_bulk (CB_QUEUE_PAGE (source), rest);
}

/**
 * cb_queue_page_tell_bulk:
 * @error: (nullable): what it ended with
 *
 * Says what came of it, with a button to undo it. What was not done only because it could not be undone is asked about.
 */
void
cb_queue_page_tell_bulk (CbQueuePage *self, CbBulk *bulk, const GError *error)
{
  g_autoptr (CbJobReport) report = cb_job_actions_report (bulk, error);
  g_autoptr (CbBulk) rest = cb_bulk_new_not_kept (bulk);
  g_autoptr (GPtrArray) bulks = g_ptr_array_new ();
  gboolean lasting;

  if (!CB_IS_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))))
    return;

  g_ptr_array_add (bulks, bulk);
  lasting = self->bulk_began > 0 && g_get_monotonic_time () - self->bulk_began > CB_UNDOING_LONG;
  self->bulk_began = 0;
  cb_undoing_offer (GTK_WIDGET (self), cb_page_get_session (CB_PAGE (self)), report->text, bulks,
                    lasting || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  if (rest != NULL)
    cb_undoing_ask_without (GTK_WIDGET (self), bulk, error, without_answered_cb, g_steal_pointer (&rest));
  else if (report->details != NULL)
    present_details (self, report->text, report->details);
}

/* ---- doing it ---- */

static void
bulk_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbQueuePage) self = data;
  g_autoptr (GError) error = NULL;

  cb_bulk_run_finish (CB_BULK (source), result, &error);
  if (cb_bulk_get_deed (CB_BULK (source))->kind == CB_DEED_REMOVE)
    self->removing_at = g_get_monotonic_time ();
  if (self->bulk == CB_BULK (source))
    hide_progress (self);
  cb_queue_page_tell_bulk (self, CB_BULK (source), error);
  cb_queue_page_show_changes (self);
}

/* Not cancelled when the window goes: it was asked for. */
void
cb_queue_page_run_bulk (CbQueuePage *self, CbBulk *bulk)
{
  cb_queue_page_stop_actions (self);
  if (cb_bulk_get_deed (bulk)->kind == CB_DEED_REMOVE)
    self->removing_at = g_get_monotonic_time ();
  self->bulk = g_object_ref (bulk);
  self->bulk_began = g_get_monotonic_time ();
  self->bulk_cancellable = g_cancellable_new ();
  self->bulk_id = g_timeout_add (DELAY_MSEC, reveal_cb, self);
  g_signal_connect_object (bulk, "notify::progress", G_CALLBACK (show_progress), self, G_CONNECT_SWAPPED);
  cb_bulk_run_async (bulk, self->bulk_cancellable, bulk_cb, g_object_ref (self));
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
  if (self->find == CB_JOB_FIND (source))
    hide_progress (self);
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
  Query *query = g_new0 (Query, 1);
  g_autoptr (CbJobFind) find = NULL;

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
  if (self->find != NULL)
    cb_queue_page_cancel_actions (self);
  cb_queue_page_stop_actions (self);
  self->find = g_object_ref (find);
  self->bulk_cancellable = g_cancellable_new ();
  self->bulk_id = g_timeout_add (DELAY_MSEC, reveal_cb, self);
  g_signal_connect_object (find, "notify::n-looked", G_CALLBACK (show_progress), self, G_CONNECT_SWAPPED);
  cb_job_find_run_async (find, self->bulk_cancellable, found_cb, query);
}
