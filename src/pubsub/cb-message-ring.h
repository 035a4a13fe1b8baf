/* cb-message-ring.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-subscriber.h"

G_BEGIN_DECLS

/*
 * One thing that was heard. 300,000 of them may come in a second, so it is a few words around the reply that came, and no object;
 * what a person looks at becomes a CbPubsubMessage.
 */
typedef struct
{
  CbReply *reply;   /* (owned) (nullable) %NULL for a gap */
  char *gap;        /* (owned) (nullable) why nothing was heard, a sentence */
  gint64 time;      /* µs since 1970 UTC, by this computer's clock */
  guint64 serial;   /* of all that came, gaps among them, from 1 on */
  gint64 deaf_usec; /* of a gap */
  gsize size;       /* bytes of the payload */
  gsize cost;       /* bytes of memory, about */
  guint16 filtered; /* by which filter @matches was found out */
  guint8 kind;      /* CbTopicKind */
  guint8 matches;
} CbHeard;

/*
 * The last of what was heard, at most so many and so many bytes. The bytes are what is kept in memory: the payload, the names, and what a
 * reply costs by itself.
 */
typedef struct
{
  CbHeard *entries; /* (owned) a circle; its length is a power of two */
  guint length;
  guint first;
  guint n;
  guint n_gaps;     /* of @n */
  gsize bytes;
} CbMessageRing;

void      cb_message_ring_clear     (CbMessageRing *self);
/* Takes over what @entry owns. */
void      cb_message_ring_push      (CbMessageRing *self,
                                     const CbHeard *entry);
/* Takes the oldest out; what it owns is the caller's. There must be one. */
CbHeard   cb_message_ring_pop       (CbMessageRing *self);
void      cb_heard_init_message     (CbHeard       *self,
                                     CbTopicKind    kind,
                                     CbReply       *reply,   /* transfer none */
                                     gint64         time);
void      cb_heard_init_gap         (CbHeard       *self,
                                     const char    *reason,
                                     gint64         time,
                                     gint64         deaf_usec);
void      cb_heard_clear            (CbHeard       *self);

static inline CbHeard *
cb_message_ring_get (CbMessageRing *self,
                     guint          index)
{
  return &self->entries[(self->first + index) & (self->length - 1)];
}

G_END_DECLS
