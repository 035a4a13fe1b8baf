/* cb-undoing.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-undoing.h"

#include <glib/gi18n.h>

#include "cb-acting.h"
#include "cb-ask.h"
#include "cb-format.h"
#include "cb-queue-error.h"
#include "cb-window.h"

/* What can be undone. */
typedef struct
{
  CbEngine *engine;           /* (owned) */
  char *id;                   /* (owned) of the journal */
} Entry;

static void
entry_free (Entry *entry)
{
  g_object_unref (entry->engine);
  g_free (entry->id);
  g_free (entry);
}

static void
add_entry (GPtrArray *entries, CbEngine *engine, const char *id)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->engine = g_object_ref (engine);
  entry->id = g_strdup (id);
  g_ptr_array_add (entries, entry);
}

typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
  GPtrArray *entries;         /* (owned) (element-type Entry) */
} Offer;

static void
offer_free (gpointer data, GClosure *closure)
{
  Offer *offer = data;

  g_object_unref (offer->widget);
  g_object_unref (offer->session);
  g_ptr_array_unref (offer->entries);
  g_free (offer);
}

static void
clicked_cb (AdwToast *toast, Offer *offer)
{
  for (guint i = 0; i < offer->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (offer->entries, i);

      cb_undoing_run (offer->widget, offer->session, entry->engine, entry->id);
    }
}

/* @entries is taken. */
static void
offer_entries (GtkWidget *widget, CbSession *session, const char *text, GPtrArray *entries, gboolean lasting)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *title = g_markup_escape_text (text, -1);
  Offer *offer = g_new0 (Offer, 1);
  AdwToast *toast = adw_toast_new (title);

  offer->widget = g_object_ref (widget);
  offer->session = g_object_ref (session);
  offer->entries = entries;
  if (entries->len > 0)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_timeout (toast, 10);
    }
  if (lasting)
    adw_toast_set_timeout (toast, 0);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (clicked_cb), offer, offer_free, 0);

  /* Whoever closed the window sees it no more. */
  if (CB_IS_WINDOW (root))
    cb_window_add_toast (CB_WINDOW (root), toast);
  else
    g_object_unref (toast);
}

static char *
describe_success (CbUndo *undo)
{
  guint n = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  g_autofree char *count = cb_format_exact_count (n);
  CbJournalEntry *entry = cb_undo_get_entry (undo);
  GPtrArray *ids = cb_undo_get_ids (undo);

  /* What was repaired need not be a job. */
  if (entry != NULL && entry->deed->kind == CB_DEED_REPAIR)
    return g_strdup_printf (ngettext ("Undone: %s repair", "Undone: %s repairs", n), count);
  if (n == 1 && ids->len == 1)
    return g_strdup_printf (_ ("Undone: job %s is as it was"), (const char *) g_ptr_array_index (ids, 0));

  return g_strdup_printf (ngettext ("Undone: %s job is as it was", "Undone: %s jobs are as they were", n), count);
}

/**
 * cb_undoing_describe_stop:
 * @success: what was done until then
 * @n_pending: how many it did not come to
 *
 * Returns: (transfer full): what is said of something that was cancelled
 */
char *
cb_undoing_describe_stop (const char *success, guint n_pending)
{
  g_autofree char *count = cb_format_exact_count (n_pending);

  /* Translators: %s says what was done, and then a number of jobs */
  return g_strdup_printf (ngettext ("%s; stopped before %s other", "%s; stopped before %s others", n_pending), success, count);
}

char *
cb_undoing_describe (CbUndo *undo, const GError *error)
{
  guint n_back = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  guint n_left = cb_undo_get_n_kept (undo) + cb_undo_get_n_failed (undo);
  GPtrArray *outcomes = cb_undo_get_outcomes (undo);
  g_autofree char *success = NULL;
  g_autofree char *count = NULL;
  const char *why = "";
  guint n_total;

  if (error != NULL && n_back == 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (error->message);

  if (outcomes != NULL && outcomes->len > 0)
    {
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, 0);

      why = outcome->error != NULL ? outcome->error->message : "";
    }
  if (error == NULL && n_back == 0 && n_left > 0)
    return g_strdup (why);

  success = describe_success (undo);
  g_object_get (undo, "n-total", &n_total, NULL);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return cb_undoing_describe_stop (success, n_total - MIN (n_back + n_left, n_total));
  if (error != NULL)
    /* Translators: %s says what was done, and then why it did not go on */
    return g_strdup_printf (_ ("%s; then it ended: %s"), success, error->message);
  if (n_left == 0)
    return g_steal_pointer (&success);

  count = cb_format_exact_count (n_left);
  return g_strdup_printf (ngettext ("%s; %s could not be: %s", "%s; %s could not be: %s", n_left), success, count, why);
}

typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
  gint64 began;               /* µs monotonic */
} Run;

/* It was stopped: the button goes on with it. */
static void
offer_rest (Run *run, CbUndo *undo, const char *text)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  g_autoptr (CbEngine) engine = NULL;

  g_object_get (undo, "engine", &engine, NULL);
  add_entry (entries, engine, cb_undo_get_entry (undo)->id);
  offer_entries (run->widget, run->session, text, entries, TRUE);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  gboolean lasting = g_get_monotonic_time () - run->began > CB_UNDOING_LONG;
  CbJournalEntry *entry;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  cb_undo_run_finish (CB_UNDO (source), result, &error);
  entry = cb_undo_get_entry (CB_UNDO (source));
  text = cb_undoing_describe (CB_UNDO (source), error);
  if (entry != NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    offer_rest (run, CB_UNDO (source), text);
  else
    offer_entries (run->widget, run->session, text, g_ptr_array_new (), lasting);
  if (entry != NULL)
    cb_session_tell_undone (run->session, entry->deed->kind);
  g_object_unref (run->widget);
  g_object_unref (run->session);
  g_free (run);
}

void
cb_undoing_run (GtkWidget *widget, CbSession *session, CbEngine *engine, const char *id)
{
  g_autoptr (CbUndo) undo = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  GtkRoot *root = gtk_widget_get_root (widget);
  Run *run;

  if (!cb_acting_can_begin (widget, engine))
    return;

  /* What is undone is no news any more, and would lie over how far it is and the button that stops it. */
  if (CB_IS_WINDOW (root))
    cb_window_dismiss_toast (CB_WINDOW (root));
  undo = cb_undo_new (engine, cb_session_get_journal (session), id);
  cancellable = g_cancellable_new ();
  run = g_new0 (Run, 1);
  run->widget = g_object_ref (widget);
  run->session = g_object_ref (session);
  run->began = g_get_monotonic_time ();
  cb_doings_add (cb_session_get_doings (session), undo, cancellable);
  cb_undo_run_async (undo, cancellable, undone_cb, run);
}

/**
 * cb_undoing_offer:
 * @text: what was done; plain text
 * @lasting: whether it stays until something else is told
 */
void
cb_undoing_offer (GtkWidget *widget, CbSession *session, const char *text, GPtrArray *bulks, gboolean lasting)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  for (guint i = 0; i < bulks->len; i++)
    {
      CbBulk *bulk = g_ptr_array_index (bulks, i);
      g_autoptr (CbEngine) engine = NULL;

      if (cb_bulk_get_undo_id (bulk) == NULL)
        continue;
      g_object_get (bulk, "engine", &engine, NULL);
      cb_session_set_undo_engine (session, engine);
      add_entry (entries, engine, cb_bulk_get_undo_id (bulk));
    }
  offer_entries (widget, session, text, entries, lasting);
}

static const char *
get_first_not_kept (CbBulk *bulk)
{
  for (guint i = 0; i < cb_bulk_get_n_total (bulk); i++)
    if (g_error_matches (cb_bulk_get_error (bulk, i), CB_QUEUE_ERROR, CB_QUEUE_ERROR_NOT_KEPT))
      return cb_bulk_get_error (bulk, i)->message;

  return NULL;
}

/**
 * cb_undoing_ask_without:
 * @bulk: one that has ended, of which cb_bulk_new_not_kept() is the rest
 */
void
cb_undoing_ask_without (GtkWidget *widget, CbBulk *bulk, const GError *error, GAsyncReadyCallback callback, gpointer user_data)
{
  guint n = cb_bulk_get_n_not_kept (bulk);
  const char *why = get_first_not_kept (bulk);
  g_autofree char *body = NULL;

  if (why == NULL)
    why = error != NULL ? error->message : "";
  /* Translators: %s is a sentence that says why */
  body = g_strdup_printf (ngettext ("%u was left as it is, since it could not be kept for undoing it. %s",
                                    "%u were left as they are, since they could not be kept for undoing it. %s", n),
                          n, why);
  cb_ask_async (widget, _ ("Go On Without Undo?"), body, _ ("_Go On"), TRUE, NULL, callback, user_data);
}

void
cb_undoing_run_latest (GtkWidget *widget, CbSession *session)
{
  CbEngine *engine = cb_session_get_undo_engine (session);

  if (engine != NULL)
    cb_undoing_run (widget, session, engine, NULL);
  else
    cb_toast (widget, _ ("There is nothing to undo here"));
}
