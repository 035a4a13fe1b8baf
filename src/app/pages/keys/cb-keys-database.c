/* cb-keys-database.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <glib/gi18n.h>

/*
 * Another database of the same server is looked at through a connection of the page's own: SELECT on that of the session would
 * move the queues with it. What may be written through the session's may be through it.
 */

void
cb_keys_page_update_database (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);
  g_autofree char *label = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->database_button), connection != NULL);
  cb_database_popover_set_connection (self->database_popover, connection);
  if (connection == NULL)
    return;
  label = g_strdup_printf (_ ("db %u"), cb_address_get_db (cb_connection_get_address (connection)));
  gtk_menu_button_set_label (self->database_button, label);
}

/* @connection: (nullable): of another database, NULL for that of the session */
static void
show_database (CbKeysPage *self, CbConnection *connection)
{
  if (self->count_cancellable != NULL)
    g_cancellable_cancel (self->count_cancellable);
  g_clear_object (&self->count_cancellable);
  /* Not closed: what is under way through the old one comes to its end, and lets it go. */
  g_set_object (&self->other, connection);
  g_signal_group_set_target (self->connection_signals, cb_keys_page_get_connection (self));

  g_clear_pointer (&self->wanted, g_bytes_unref);
  g_clear_pointer (&self->renamed_from, g_bytes_unref);
  g_clear_pointer (&self->renamed_to, g_bytes_unref);
  self->selecting = TRUE;
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->tree));
  self->selecting = FALSE;
  cb_list_detail_set_show_detail (self->panes, FALSE);
  if (self->view != NULL)
    {
      cb_key_view_set_key (self->view, NULL);
      cb_key_view_set_connection (self->view, connection);
    }
  cb_key_lookup_set_connection (self->lookup, connection);
  cb_keys_page_search (self);
  cb_keys_page_connection_changed (self);
  gtk_popover_popdown (GTK_POPOVER (self->database_popover));
}

static void
stop_opening (CbKeysPage *self)
{
  if (self->open_cancellable != NULL)
    g_cancellable_cancel (self->open_cancellable);
  g_clear_object (&self->open_cancellable);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeysPage) self = data;
  g_autoptr (GError) error = NULL;
  gboolean opened = cb_connection_open_finish (CB_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->open_cancellable);
  if (opened)
    show_database (self, CB_CONNECTION (source));
  else
    cb_database_popover_tell (self->database_popover, error->message, TRUE);
}

/**
 * cb_keys_page_set_database:
 * @number: of a database of this server
 *
 * Shows its keys as soon as it is open; what is the matter when it can't be opened, or when something that was written here is not
 * stored yet, is said where the number was chosen.
 */
void
cb_keys_page_set_database (CbKeysPage *self, guint number)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  CbConnection *main = session != NULL ? cb_session_get_connection (session) : NULL;
  g_autoptr (CbConnection) connection = NULL;
  g_autofree char *text = NULL;

  if (main == NULL)
    return;

  stop_opening (self);
  if (number == cb_address_get_db (cb_connection_get_address (cb_keys_page_get_connection (self))))
    {
      gtk_popover_popdown (GTK_POPOVER (self->database_popover));
      return;
    }
  if (self->view != NULL && cb_key_view_get_modified (self->view))
    {
      cb_database_popover_tell (self->database_popover,
                                _ ("What you changed in the key that is shown is not stored yet. Store it or discard it first."), TRUE);
      return;
    }
  if (number == cb_address_get_db (cb_connection_get_address (main)))
    {
      show_database (self, NULL);
      return;
    }

  text = g_strdup_printf (_ ("Opening database %u…"), number);
  cb_database_popover_tell (self->database_popover, text, FALSE);
  connection = cb_connection_new_sibling_in_db (main, number, "callboard");
  self->open_cancellable = g_cancellable_new ();
  cb_connection_open_async (connection, self->open_cancellable, opened_cb, g_object_ref (self));
}

static void
chosen_cb (CbKeysPage *self, guint number)
{
  cb_keys_page_set_database (self, number);
}

void
cb_keys_page_set_up_database (CbKeysPage *self)
{
  self->database_popover = CB_DATABASE_POPOVER (cb_database_popover_new ());
  gtk_menu_button_set_popover (self->database_button, GTK_WIDGET (self->database_popover));
  g_signal_connect_object (self->database_popover, "chosen", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  /* Who closes it does not wait for what was chosen any more. */
  g_signal_connect_object (self->database_popover, "closed", G_CALLBACK (stop_opening), self, G_CONNECT_SWAPPED);
}

void
cb_keys_page_clear_database (CbKeysPage *self)
{
  stop_opening (self);
  g_clear_object (&self->other);
}
