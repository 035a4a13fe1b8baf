/* cb-channel-offers.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-connection.h"
#include "cb-subscriber.h"

G_BEGIN_DECLS

/* A channel that somebody hears. PUBSUB knows no others: a channel exists only as long as somebody is subscribed to it. */
typedef struct
{
  GBytes *name;           /* (owned) */
  CbTopicKind kind;       /* CB_TOPIC_CHANNEL or CB_TOPIC_SHARD */
  gint64 n_subscribers;
} CbChannelOffer;

typedef struct
{
  GPtrArray *channels;    /* (owned) (element-type CbChannelOffer) by name, at most CB_CHANNEL_OFFERS_MAX */
  guint n_left_out;       /* there are so many more */
  gint64 n_patterns;      /* subscriptions to patterns, of everybody; -1 unknown */
} CbChannelOffers;

#define CB_CHANNEL_OFFERS_MAX 200

void             cb_channel_offers_free       (CbChannelOffers     *self);
void             cb_channel_offers_get_async  (CbConnection        *connection,
                                               const char          *part,
                                               GCancellable        *cancellable,
                                               GAsyncReadyCallback  callback,
                                               gpointer             user_data);
CbChannelOffers *cb_channel_offers_get_finish (CbConnection        *connection,
                                               GAsyncResult        *result,
                                               GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CbChannelOffers, cb_channel_offers_free)

G_END_DECLS
