/* cb-undoing.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-undoing.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-queue-error.h"
#include "cb-window.h"

typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
  GPtrArray *bulks;           /* (owned) (element-type CbBulk) */
} Offer;

static void
offer_free (gpointer data, GClosure *closure)
{
  Offer *offer = data;

  g_object_unref (offer->widget);
  g_object_unref (offer->session);
  g_ptr_array_unref (offer->bulks);
  g_free (offer);
}

static char *
describe_success (CbUndo *undo)
{
  guint n = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  CbJournalEntry *entry = cb_undo_get_entry (undo);
  GPtrArray *ids = cb_undo_get_ids (undo);

  /* What was repaired need not be a job. */
  if (entry != NULL && entry->deed->kind == CB_DEED_REPAIR)
    return g_strdup_printf (ngettext ("Undone: %u repair", "Undone: %u repairs", n), n);
  if (n == 1 && ids->len == 1)
    return g_strdup_printf (_ ("Undone: job %s is as it was"), (const char *) g_ptr_array_index (ids, 0));

  return g_strdup_printf (ngettext ("Undone: %u job is as it was", "Undone: %u jobs are as they were", n), n);
}

char *
cb_undoing_describe (CbUndo *undo, const GError *error)
{
  guint n_back = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  guint n_left = cb_undo_get_n_kept (undo) + cb_undo_get_n_failed (undo);
  GPtrArray *outcomes = cb_undo_get_outcomes (undo);
  g_autofree char *success = NULL;
  const char *why = "";

  if (error != NULL && n_back == 0)
    return g_strdup (error->message);

  if (outcomes != NULL && outcomes->len > 0)
    {
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, 0);

      why = outcome->error != NULL ? outcome->error->message : "";
    }
  if (n_back == 0 && n_left > 0)
    return g_strdup (why);

  success = describe_success (undo);
  if (n_left == 0)
    return g_steal_pointer (&success);

  return g_strdup_printf (ngettext ("%s; %u could not be: %s", "%s; %u could not be: %s", n_left), success, n_left, why);
}

typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
} Run;

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  cb_undo_run_finish (CB_UNDO (source), result, &error);
  text = cb_undoing_describe (CB_UNDO (source), error);
  cb_toast (run->widget, text);
  if (cb_undo_get_entry (CB_UNDO (source)) != NULL)
    cb_session_tell_undone (run->session, cb_undo_get_entry (CB_UNDO (source))->deed->kind);
  g_object_unref (run->widget);
  g_object_unref (run->session);
  g_free (run);
}

void
cb_undoing_run (GtkWidget *widget, CbSession *session, CbEngine *engine, const char *id)
{
  g_autoptr (CbUndo) undo = cb_undo_new (engine, cb_session_get_journal (session), id);
  Run *run = g_new0 (Run, 1);

  run->widget = g_object_ref (widget);
  run->session = g_object_ref (session);
  cb_undo_run_async (undo, NULL, undone_cb, run);
}

static void
clicked_cb (AdwToast *toast, Offer *offer)
{
  for (guint i = 0; i < offer->bulks->len; i++)
    {
      CbBulk *bulk = g_ptr_array_index (offer->bulks, i);
      g_autoptr (CbEngine) engine = NULL;

      g_object_get (bulk, "engine", &engine, NULL);
      cb_undoing_run (offer->widget, offer->session, engine, cb_bulk_get_undo_id (bulk));
    }
}

/**
 * cb_undoing_offer:
 * @text: what was done; plain text
 */
void
cb_undoing_offer (GtkWidget *widget, CbSession *session, const char *text, GPtrArray *bulks)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *title = g_markup_escape_text (text, -1);
  Offer *offer = g_new0 (Offer, 1);
  AdwToast *toast = adw_toast_new (title);

  offer->widget = g_object_ref (widget);
  offer->session = g_object_ref (session);
  offer->bulks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < bulks->len; i++)
    {
      CbBulk *bulk = g_ptr_array_index (bulks, i);
      g_autoptr (CbEngine) engine = NULL;

      if (cb_bulk_get_undo_id (bulk) == NULL)
        continue;
      g_object_get (bulk, "engine", &engine, NULL);
      cb_session_set_undo_engine (session, engine);
      g_ptr_array_add (offer->bulks, g_object_ref (bulk));
    }
  if (offer->bulks->len > 0)
    {
      adw_toast_set_button_label (toast, _ ("_Undo"));
      adw_toast_set_timeout (toast, 10);
    }
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (clicked_cb), offer, offer_free, 0);

  /* Whoever closed the window sees it no more. */
  if (CB_IS_WINDOW (root))
    cb_window_add_toast (CB_WINDOW (root), toast);
  else
    g_object_unref (toast);
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
