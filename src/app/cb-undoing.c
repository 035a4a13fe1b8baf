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
  char *id;                   /* (owned) (nullable) of the journal; NULL: the latest */
  guint n;                    /* of so many jobs, as far as it is known */
} Entry;

static void
entry_free (Entry *entry)
{
  g_object_unref (entry->engine);
  g_free (entry->id);
  g_free (entry);
}

static void
add_entry (GPtrArray *entries, CbEngine *engine, const char *id, guint n)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->engine = g_object_ref (engine);
  entry->id = g_strdup (id);
  entry->n = n;
  g_ptr_array_add (entries, entry);
}

static void run_entries (GtkWidget *widget, CbSession *session, GPtrArray *entries);

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
  run_entries (offer->widget, offer->session, g_ptr_array_ref (offer->entries));
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

/* What came of one entry, or of all that belong together: what was done in queues of several prefixes is told, and undone, as one. */
typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
  GPtrArray *entries;         /* (owned) (element-type Entry) */
  guint at;                   /* the one that is being undone */
  GCancellable *cancellable;  /* (owned) of all of them */
  gint64 began;               /* µs monotonic */

  guint n_back;
  guint n_left;               /* that could not be undone */
  guint n_pending;            /* that it did not come to when it was stopped */
  gboolean stopped;
  int kind;                   /* of the deed; -1 unknown */
  char *id;                   /* (owned) (nullable) of the first that is back */
  char *why;                  /* (owned) (nullable) of the first that could not be undone */
  GError *error;              /* (owned) (nullable) what the only one ended with */
} Run;

static void
run_free (Run *run)
{
  g_object_unref (run->widget);
  g_object_unref (run->session);
  g_ptr_array_unref (run->entries);
  g_object_unref (run->cancellable);
  g_free (run->id);
  g_free (run->why);
  g_clear_error (&run->error);
  g_free (run);
}

static char *
describe_success (Run *run)
{
  g_autofree char *count = cb_format_exact_count (run->n_back);

  /* What was repaired need not be a job. */
  if (run->kind == CB_DEED_REPAIR)
    return g_strdup_printf (ngettext ("Undone: %s repair", "Undone: %s repairs", run->n_back), count);
  if (run->n_back == 1 && run->id != NULL)
    return g_strdup_printf (_ ("Undone: job %s is as it was"), run->id);

  return g_strdup_printf (ngettext ("Undone: %s job is as it was", "Undone: %s jobs are as they were", run->n_back), count);
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

/* One sentence. */
static char *
describe (Run *run)
{
  g_autofree char *success = NULL;
  g_autofree char *count = NULL;
  const char *why = run->why != NULL ? run->why : "";

  if (run->error != NULL && run->n_back == 0)
    return g_strdup (run->error->message);
  if (!run->stopped && run->n_back == 0 && run->n_left > 0)
    return g_strdup (why);

  success = describe_success (run);
  if (run->stopped)
    return cb_undoing_describe_stop (success, run->n_pending);
  if (run->error != NULL)
    /* Translators: %s says what was done, and then why it did not go on */
    return g_strdup_printf (_ ("%s; then it ended: %s"), success, run->error->message);
  if (run->n_left == 0)
    return g_steal_pointer (&success);

  count = cb_format_exact_count (run->n_left);
  return g_strdup_printf (ngettext ("%s; %s could not be: %s", "%s; %s could not be: %s", run->n_left), success, count, why);
}

/* @run is taken. */
static void
end (Run *run)
{
  gboolean lasting = g_get_monotonic_time () - run->began > CB_UNDOING_LONG;
  GPtrArray *rest = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  g_autofree char *text = NULL;

  /* It was stopped: the button goes on with it. */
  for (guint i = run->at; run->stopped && i < run->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (run->entries, i);

      if (entry->id != NULL)
        add_entry (rest, entry->engine, entry->id, entry->n);
      if (i > run->at)
        run->n_pending += entry->n;
    }
  text = describe (run);
  lasting = lasting || rest->len > 0;
  offer_entries (run->widget, run->session, text, rest, lasting);
  if (run->kind >= 0)
    cb_session_tell_undone (run->session, run->kind);
  run_free (run);
}

static void undo_next (Run *run);

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbUndo *undo = CB_UNDO (source);
  Run *run = data;
  Entry *entry = g_ptr_array_index (run->entries, run->at);
  CbJournalEntry *written;
  GPtrArray *outcomes = cb_undo_get_outcomes (undo);
  GPtrArray *ids = cb_undo_get_ids (undo);
  g_autoptr (GError) error = NULL;
  guint n_total, n_done, n_left;

  cb_undo_run_finish (undo, result, &error);
  written = cb_undo_get_entry (undo);
  n_done = cb_undo_get_n_back (undo) + cb_undo_get_n_same (undo);
  n_left = cb_undo_get_n_kept (undo) + cb_undo_get_n_failed (undo);
  g_object_get (undo, "n-total", &n_total, NULL);
  if (written == NULL)
    n_total = entry->n;
  run->n_back += n_done;
  run->n_left += n_left;
  if (written != NULL && run->kind < 0)
    run->kind = (int) written->deed->kind;
  if (run->id == NULL && ids->len > 0)
    run->id = g_strdup (g_ptr_array_index (ids, 0));
  if (run->why == NULL && outcomes != NULL && outcomes->len > 0)
    {
      const CbJobOutcome *outcome = g_ptr_array_index (outcomes, 0);

      run->why = g_strdup (outcome->error != NULL ? outcome->error->message : "");
    }

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      run->stopped = TRUE;
      run->n_pending = n_total - MIN (n_done + n_left, n_total);
      if (entry->id == NULL && written != NULL)
        entry->id = g_strdup (written->id);
      entry->n = run->n_pending;
    }
  else if (error != NULL && run->entries->len == 1)
    {
      run->error = g_steal_pointer (&error);
    }
  else if (error != NULL)
    {
      /* The others may be undone all the same. */
      run->n_left += MAX (n_total - MIN (n_done + n_left, n_total), 1);
      if (run->why == NULL)
        run->why = g_strdup (error->message);
    }

  if (run->stopped || run->at + 1 == run->entries->len)
    {
      end (run);
      return;
    }
  run->at++;
  undo_next (run);
}

static void
undo_next (Run *run)
{
  Entry *entry = g_ptr_array_index (run->entries, run->at);
  g_autoptr (CbUndo) undo = cb_undo_new (entry->engine, cb_session_get_journal (run->session), entry->id);

  cb_doings_add (cb_session_get_doings (run->session), undo, run->cancellable);
  cb_undo_run_async (undo, run->cancellable, undone_cb, run);
}

/* @entries is taken: one after the other. */
static void
run_entries (GtkWidget *widget, CbSession *session, GPtrArray *entries)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  Entry *first = g_ptr_array_index (entries, 0);
  Run *run;

  if (!cb_acting_can_begin (widget, first->engine))
    {
      g_ptr_array_unref (entries);
      return;
    }

  /* What is undone is no news any more, and would lie over how far it is and the button that stops it. */
  if (CB_IS_WINDOW (root))
    cb_window_dismiss_toast (CB_WINDOW (root));
  run = g_new0 (Run, 1);
  run->widget = g_object_ref (widget);
  run->session = g_object_ref (session);
  run->entries = entries;
  run->cancellable = g_cancellable_new ();
  run->began = g_get_monotonic_time ();
  run->kind = -1;
  undo_next (run);
}

void
cb_undoing_run (GtkWidget *widget, CbSession *session, CbEngine *engine, const char *id)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);

  add_entry (entries, engine, id, 0);
  run_entries (widget, session, entries);
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
      add_entry (entries, engine, cb_bulk_get_undo_id (bulk), cb_bulk_get_n (bulk, CB_BULK_DONE));
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
