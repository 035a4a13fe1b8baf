/* cb-message-ring.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-message-ring.h"

#include <string.h>

/* What hiredis and the allocator take for a reply of three or four strings, besides their bytes. */
#define COST_OF_REPLY 400

void
cb_heard_clear (CbHeard *self)
{
  g_clear_pointer (&self->reply, cb_reply_unref);
  g_clear_pointer (&self->gap, g_free);
}

void
cb_heard_init_message (CbHeard     *self,
                       CbTopicKind  kind,
                       CbReply     *reply,
                       gint64       time)
{
  memset (self, 0, sizeof *self);
  self->reply = cb_reply_ref (reply);
  self->kind = (guint8) kind;
  self->time = time;
  self->cost = COST_OF_REPLY + cb_reply_get_size (reply);
  cb_value_get_string (cb_message_reply_get_payload (reply, kind), &self->size);
}

void
cb_heard_init_gap (CbHeard    *self,
                   const char *reason,
                   gint64      time,
                   gint64      deaf_usec)
{
  memset (self, 0, sizeof *self);
  self->gap = g_strdup (reason);
  self->time = time;
  self->deaf_usec = deaf_usec;
  self->cost = COST_OF_REPLY;
}

static void
grow (CbMessageRing *self)
{
  guint length = MAX (self->length * 2, 64);
  CbHeard *entries = g_new (CbHeard, length);

  for (guint i = 0; i < self->n; i++)
    entries[i] = *cb_message_ring_get (self, i);
  g_free (self->entries);
  self->entries = entries;
  self->length = length;
  self->first = 0;
}

void
cb_message_ring_push (CbMessageRing *self,
                      const CbHeard *entry)
{
  if (self->n == self->length)
    grow (self);

  *cb_message_ring_get (self, self->n) = *entry;
  self->n++;
  self->n_gaps += entry->reply == NULL;
  self->bytes += entry->cost;
}

CbHeard
cb_message_ring_pop (CbMessageRing *self)
{
  CbHeard entry;

  g_assert (self->n > 0);

  entry = self->entries[self->first];
  self->first = (self->first + 1) & (self->length - 1);
  self->n--;
  self->n_gaps -= entry.reply == NULL;
  self->bytes -= entry.cost;
  return entry;
}

void
cb_message_ring_clear (CbMessageRing *self)
{
  for (guint i = 0; i < self->n; i++)
    cb_heard_clear (cb_message_ring_get (self, i));
  g_clear_pointer (&self->entries, g_free);
  memset (self, 0, sizeof *self);
}
