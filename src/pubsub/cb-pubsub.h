/* cb-pubsub.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-channel-rates.h"
#include "cb-connection.h"
#include "cb-message-list.h"
#include "cb-subscription.h"

G_BEGIN_DECLS

/**
 * CbPubsub:
 *
 * What is subscribed to on a server, and what was heard. It has a connection of its own, made with the first subscription and given back
 * with the last. A time in which nothing was heard becomes a gap among the messages, with its reason.
 *
 * Properties (read-only): connected (boolean: everything is heard), problem (string, nullable: why it is not), n-gaps (uint: times
 * that something may have been missed, since the last clear).
 * Signal: `tick`, once a second while something is subscribed to: rates and counts have moved.
 */
#define CB_TYPE_PUBSUB (cb_pubsub_get_type ())
G_DECLARE_FINAL_TYPE (CbPubsub, cb_pubsub, CB, PUBSUB, GObject)

CbPubsub       *cb_pubsub_new               (CbConnection *connection,
                                             const char   *client_name);
/* (transfer none) */
CbConnection   *cb_pubsub_get_connection    (CbPubsub     *self);
CbMessageList  *cb_pubsub_get_messages      (CbPubsub     *self);
CbChannelRates *cb_pubsub_get_rates         (CbPubsub     *self);
GListModel     *cb_pubsub_get_subscriptions (CbPubsub     *self); /* of CbSubscription */
void            cb_pubsub_subscribe         (CbPubsub     *self,
                                             CbTopicKind   kind,
                                             GBytes       *name);
void            cb_pubsub_unsubscribe       (CbPubsub     *self,
                                             CbTopicKind   kind,
                                             GBytes       *name);
gboolean        cb_pubsub_get_connected     (CbPubsub     *self);
const char     *cb_pubsub_get_problem       (CbPubsub     *self);
guint           cb_pubsub_get_n_gaps        (CbPubsub     *self);
gint64          cb_pubsub_get_deaf          (CbPubsub     *self); /* µs, all gaps together */
double          cb_pubsub_get_rate          (CbPubsub     *self); /* messages a second */
void            cb_pubsub_clear             (CbPubsub     *self);
/* Ends it for good, and hears nothing more. Idempotent. */
void            cb_pubsub_close             (CbPubsub     *self);

G_END_DECLS
