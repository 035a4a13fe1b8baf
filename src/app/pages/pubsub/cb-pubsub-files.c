/* cb-pubsub-files.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pubsub-page-private.h"

#include <glib/gi18n.h>

#include "cb-file-choice.h"
#include "cb-format.h"
#include "cb-message-file.h"

static void
take_note (CbPubsubPage *self, char *note)
{
  g_free (self->note);
  self->note = note;
  cb_pubsub_page_show_outcome (self);
}

/* --- saving --- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbPubsubPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = g_filename_display_name (name);
  gint64 n = cb_message_file_save_finish (G_FILE (source), result, &error);
  g_autofree char *count = cb_format_exact_count (n);

  if (n < 0)
    /* Translators: the name of a file, and a sentence on what is wrong */
    take_note (self, g_strdup_printf (_ ("Not saved to %s: %s"), shown, error->message));
  else
    /* Translators: a number, and the name of a file */
    take_note (self, g_strdup_printf (ngettext ("%s message saved to %s", "%s messages saved to %s", (gulong) n), count,
                                      shown));
}

static void
save_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (source);
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (self), result);

  if (file != NULL && self->messages != NULL)
    cb_message_file_save_async (file, cb_message_list_snapshot (self->messages), NULL, saved_cb, g_object_ref (self));
}

/* What the list shows now: with a filter, what matches it. */
void
cb_pubsub_page_save (CbPubsubPage *self)
{
  if (self->messages == NULL)
    return;
  cb_file_choice_save_async (GTK_WIDGET (self), _ ("Save Messages"), _ ("messages.jsonl"), save_chosen_cb, NULL);
}

/* --- replaying --- */

static void
show_progress (CbPubsubPage *self)
{
  g_autofree char *sent = cb_format_exact_count ((gint64) cb_replay_get_n_sent (self->replay));

  take_note (self, g_strdup_printf (ngettext ("Replaying: %s sent", "Replaying: %s sent",
                                              (gulong) cb_replay_get_n_sent (self->replay)), sent));
}

static void
replayed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbPubsubPage) self = data;
  g_autoptr (GError) error = NULL;
  CbReplay *replay = CB_REPLAY (source);
  gboolean done = cb_replay_run_finish (replay, result, &error);
  g_autofree char *sent = cb_format_exact_count ((gint64) cb_replay_get_n_sent (replay));
  g_autofree char *received = cb_format_exact_count ((gint64) cb_replay_get_n_receivers (replay));

  if (self->replay == replay)
    {
      g_signal_handlers_disconnect_by_data (replay, self);
      g_clear_object (&self->replay);
      g_clear_object (&self->replay_cancellable);
    }

  if (done)
    /* Translators: two numbers */
    take_note (self, g_strdup_printf (_ ("Replayed: %s sent, received %s times"), sent, received));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    take_note (self, g_strdup_printf (_ ("Replay stopped: %s sent"), sent));
  else
    /* Translators: a number, and a sentence on what is wrong */
    take_note (self, g_strdup_printf (_ ("Replay ended after %s: %s"), sent, error->message));
}

static void
replay_chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (source);
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (self), result);

  if (file == NULL || self->pubsub == NULL || self->replay != NULL)
    return;

  self->replay = cb_replay_new (cb_pubsub_get_connection (self->pubsub), file, g_ascii_strtod (self->replay_speed, NULL));
  self->replay_cancellable = g_cancellable_new ();
  g_signal_connect_object (self->replay, "progress", G_CALLBACK (show_progress), self, G_CONNECT_SWAPPED);
  show_progress (self);
  cb_replay_run_async (self->replay, self->replay_cancellable, replayed_cb, g_object_ref (self));
}

void
cb_pubsub_page_replay (CbPubsubPage *self)
{
  if (self->pubsub == NULL || self->replay != NULL)
    return;
  cb_file_choice_open_async (GTK_WIDGET (self), _ ("Replay Messages"), replay_chosen_cb, NULL);
}
