/* cb-keys-server.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-keys-page-private.h"

#include <string.h>

/*
 * What becomes of the list when the connection is lost. It stays, and says so. When the connection is back it goes on where it was, but
 * only on the same run of the server: to another one a cursor means other keys, and those that it passed over would be missing. A list
 * of another run begins again.
 */

static char *
find_run_id (const CbValue *value)
{
  const char *info = cb_value_is_error (value) ? NULL : cb_value_get_string (value, NULL);
  const char *at = info != NULL ? strstr (info, "\nrun_id:") : NULL;

  if (at == NULL)
    return g_strdup ("");
  at += strlen ("\nrun_id:");
  return g_strndup (at, MIN (strspn (at, "0123456789abcdef"), 64));
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbKeysPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbReply) reply = cb_connection_call_finish (CB_CONNECTION (source), result, &error);
  g_autofree char *run_id = NULL;
  gboolean same;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->run_cancellable);
  /* Lost again: there is another state to come. */
  if (reply == NULL && cb_redis_error_is_connection (error))
    return;

  /* Who may not ask for it begins again. */
  run_id = reply != NULL ? find_run_id (cb_reply_get_value (reply)) : g_strdup ("");
  same = *run_id != '\0' && g_strcmp0 (run_id, self->run_id) == 0;
  g_free (self->run_id);
  self->run_id = g_steal_pointer (&run_id);
  if (!self->lost)
    return;

  self->lost = FALSE;
  if (!self->searched || self->finder == NULL)
    return;
  if (!same)
    cb_keys_page_search (self);
  else if (cb_key_finder_get_error (self->finder) != NULL)
    cb_key_finder_start (self->finder);
  else
    cb_keys_page_look_again (self);
}

void
cb_keys_page_clear_server (CbKeysPage *self)
{
  if (self->run_cancellable != NULL)
    g_cancellable_cancel (self->run_cancellable);
  g_clear_object (&self->run_cancellable);
}

void
cb_keys_page_update_server (CbKeysPage *self)
{
  CbConnection *connection = cb_keys_page_get_connection (self);
  gboolean ready = connection != NULL && cb_connection_get_state (connection) == CB_CONNECTION_READY;

  if (ready == self->ready)
    return;

  self->ready = ready;
  cb_keys_page_clear_server (self);
  if (ready)
    {
      self->run_cancellable = g_cancellable_new ();
      cb_connection_call_async (connection, cb_command_new ("INFO", "server", NULL), self->run_cancellable, asked_cb,
                                g_object_ref (self));
    }
  else
    {
      self->lost = self->searched;
    }
}
