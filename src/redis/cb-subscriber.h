/* cb-subscriber.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"

G_BEGIN_DECLS

/**
 * CbSubscriber:
 *
 * A connection for pub/sub. It subscribes again by itself after a reconnect and says how long it was deaf.
 *
 * Signals: `message` (pattern: GBytes nullable, channel: GBytes, payload: GBytes),
 * `subscribed` (name: GBytes, is_pattern: gboolean): the server has confirmed,
 * `resumed` (deaf_usec: gint64): subscribed again to everything after a loss.
 * Properties: connected (boolean: connected and everything confirmed), error-message (string, nullable: also
 * a refusal such as NOPERM, which is not tried again in a loop).
 */
#define CB_TYPE_SUBSCRIBER (cb_subscriber_get_type ())
G_DECLARE_FINAL_TYPE (CbSubscriber, cb_subscriber, CB, SUBSCRIBER, GObject)

CbSubscriber *cb_subscriber_new               (CbAddress    *address,
                                               const char   *client_name);
void          cb_subscriber_subscribe         (CbSubscriber *self,
                                               const char   *channel,
                                               gssize        length);
void          cb_subscriber_unsubscribe       (CbSubscriber *self,
                                               const char   *channel,
                                               gssize        length);
void          cb_subscriber_psubscribe        (CbSubscriber *self,
                                               const char   *pattern,
                                               gssize        length);
void          cb_subscriber_punsubscribe      (CbSubscriber *self,
                                               const char   *pattern,
                                               gssize        length);
void          cb_subscriber_close             (CbSubscriber *self);
gboolean      cb_subscriber_get_connected     (CbSubscriber *self);
const char   *cb_subscriber_get_error_message (CbSubscriber *self);

G_END_DECLS
