/* cb-acting.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-acting.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-job-actions.h"
#include "cb-undoing.h"
#include "cb-window.h"

typedef struct
{
  GtkWidget *widget;          /* (owned) */
  CbSession *session;         /* (owned) */
  CbBulk *rest;               /* (owned) (nullable) what is asked about */
  gint64 began;               /* µs monotonic */
  CbActingFunc ended;         /* (nullable) */
  gpointer user_data;
  GDestroyNotify destroy;     /* (nullable) */
} Acting;

static void run (Acting *acting, CbBulk *bulk);

static Acting *
acting_new (GtkWidget *widget, CbSession *session, CbActingFunc ended, gpointer user_data, GDestroyNotify destroy)
{
  Acting *acting = g_new0 (Acting, 1);

  acting->widget = g_object_ref (widget);
  acting->session = g_object_ref (session);
  acting->began = g_get_monotonic_time ();
  acting->ended = ended;
  acting->user_data = user_data;
  acting->destroy = destroy;
  return acting;
}

static void
acting_free (Acting *acting)
{
  if (acting->destroy != NULL)
    acting->destroy (acting->user_data);
  g_clear_object (&acting->rest);
  g_object_unref (acting->session);
  g_object_unref (acting->widget);
  g_free (acting);
}

static void
present_details (GtkWindow *parent, const char *heading, const char *details)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, NULL);
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
  Acting *acting = data;
  g_autoptr (CbBulk) rest = g_steal_pointer (&acting->rest);

  if (cb_ask_finish (GTK_WIDGET (source), result))
    run (acting, rest);
  else
    acting_free (acting);
}

/* @acting is taken. What was not done only because it could not be undone is asked about. */
static void
tell (Acting *acting, CbBulk *bulk, const GError *error)
{
  GtkRoot *root = gtk_widget_get_root (acting->widget);
  g_autoptr (CbJobReport) report = cb_job_actions_report (bulk, error);
  g_autoptr (GPtrArray) bulks = g_ptr_array_new ();
  gboolean lasting = g_get_monotonic_time () - acting->began > CB_UNDOING_LONG;

  if (!CB_IS_WINDOW (root))
    {
      acting_free (acting);
      return;
    }

  g_ptr_array_add (bulks, bulk);
  cb_undoing_offer (acting->widget, acting->session, report->text, bulks,
                    lasting || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  acting->rest = cb_bulk_new_not_kept (bulk);
  if (acting->rest != NULL)
    {
      cb_undoing_ask_without (acting->widget, bulk, error, without_answered_cb, acting);
      return;
    }
  if (report->details != NULL)
    present_details (GTK_WINDOW (root), report->text, report->details);
  acting_free (acting);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Acting *acting = data;
  g_autoptr (GError) error = NULL;

  cb_bulk_run_finish (CB_BULK (source), result, &error);
  if (acting->ended != NULL)
    acting->ended (acting->widget, CB_BULK (source), acting->user_data);
  tell (acting, CB_BULK (source), error);
}

/* @acting is taken. */
static void
run (Acting *acting, CbBulk *bulk)
{
  g_autoptr (GCancellable) cancellable = NULL;

  if (!cb_acting_can_begin (acting->widget, cb_bulk_get_engine (bulk)))
    {
      acting_free (acting);
      return;
    }
  cancellable = g_cancellable_new ();
  acting->began = g_get_monotonic_time ();
  cb_doings_add (cb_session_get_doings (acting->session), bulk, cancellable);
  cb_bulk_run_async (bulk, cancellable, ran_cb, acting);
}

gboolean
cb_acting_is_there (CbEngine *engine)
{
  CbConnection *connection = cb_engine_get_connection (engine);

  return connection == NULL || cb_connection_get_state (connection) == CB_CONNECTION_READY;
}

gboolean
cb_acting_can_begin (GtkWidget *widget, CbEngine *engine)
{
  if (cb_acting_is_there (engine))
    return TRUE;
  if (CB_IS_WINDOW (gtk_widget_get_root (widget)))
    cb_toast (widget, _ ("Not connected: nothing was done"));
  return FALSE;
}

void
cb_acting_run (GtkWidget *widget, CbSession *session, CbBulk *bulk, CbActingFunc ended, gpointer user_data, GDestroyNotify destroy)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  run (acting_new (widget, session, ended, user_data, destroy), bulk);
}

void
cb_acting_tell (GtkWidget *widget, CbSession *session, CbBulk *bulk, CbActingFunc ended, gpointer user_data, GDestroyNotify destroy)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  tell (acting_new (widget, session, ended, user_data, destroy), bulk, NULL);
}
