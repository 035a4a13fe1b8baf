/* cb-kue-watch.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-kue-private.h"

#include <string.h>

/*
 * The channel P:events, on a connection of its own. Channels are not parted by database, and what is told may be older or newer
 * than what is read: an event says which job to look at again, never what it is like now.
 */

static void
message_cb (CbKueEngine *self,
            GBytes      *pattern,
            GBytes      *channel,
            GBytes      *payload)
{
  g_autoptr (CbJobEvent) event = NULL;
  gsize length;
  const char *text = g_bytes_get_data (payload, &length);

  event = cb_kue_parse_event (text != NULL ? text : "", length);
  if (event == NULL)
    {
      if (self->n_bad_messages++ == 0)
        g_debug ("Somebody publishes on %s:events what is no event of Kue", cb_engine_get_prefix (CB_ENGINE (self)));
      return;
    }

  if (self->answered != NULL && strcmp (event->name, "ttl exceeded ack") == 0)
    g_hash_table_add (self->answered, g_strdup (event->id));

  cb_engine_emit_event (CB_ENGINE (self), event);
}

static void
update_live (CbKueEngine *self)
{
  gboolean connected = cb_subscriber_get_connected (self->subscriber);

  cb_engine_set_live (CB_ENGINE (self), connected,
                      connected ? NULL : cb_subscriber_get_error_message (self->subscriber));
}

void
cb_kue_engine_watch (CbEngine *engine,
                     gboolean  on)
{
  CbKueEngine *self = CB_KUE_ENGINE (engine);
  g_autofree char *channel = cb_kue_key (cb_engine_get_prefix (engine), "events");

  if (!on)
    {
      if (self->subscriber != NULL)
        {
          g_signal_handlers_disconnect_by_data (self->subscriber, self);
          cb_subscriber_close (self->subscriber);
          g_clear_object (&self->subscriber);
        }
      cb_engine_set_live (engine, FALSE, NULL);
      return;
    }

  self->subscriber = cb_subscriber_new (cb_connection_get_address (cb_engine_get_connection (engine)), "callboard-events");
  g_signal_connect_object (self->subscriber, "message", G_CALLBACK (message_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "notify::connected", G_CALLBACK (update_live), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "notify::error-message", G_CALLBACK (update_live), self, G_CONNECT_SWAPPED);
  cb_subscriber_subscribe (self->subscriber, channel, -1);
}
