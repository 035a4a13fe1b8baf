/* cb-subscription.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-subscriber.h"

G_BEGIN_DECLS

/**
 * CbSubscription:
 *
 * A channel, a pattern or a sharded channel that is subscribed to, as a person sees it.
 *
 * Properties (read-only): state (int, CbTopicState), refusal (string, nullable), rate (double, messages a second), count (uint64).
 */
#define CB_TYPE_SUBSCRIPTION (cb_subscription_get_type ())
G_DECLARE_FINAL_TYPE (CbSubscription, cb_subscription, CB, SUBSCRIPTION, GObject)

CbSubscription *cb_subscription_new         (CbTopicKind     kind,
                                             GBytes         *name);
CbTopicKind     cb_subscription_get_kind    (CbSubscription *self);
GBytes         *cb_subscription_get_name    (CbSubscription *self);
CbTopicState    cb_subscription_get_state   (CbSubscription *self);
const char     *cb_subscription_get_refusal (CbSubscription *self);
double          cb_subscription_get_rate    (CbSubscription *self);
guint64         cb_subscription_get_count   (CbSubscription *self);

/* For CbPubsub. */
void            cb_subscription_set_state   (CbSubscription *self,
                                             CbTopicState    state,
                                             const char     *refusal);
void            cb_subscription_count       (CbSubscription *self);
void            cb_subscription_tick        (CbSubscription *self,
                                             gint64          elapsed_usec);

G_END_DECLS
