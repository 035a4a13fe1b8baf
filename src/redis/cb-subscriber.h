/* cb-subscriber.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "cb-address.h"
#include "cb-reply.h"

G_BEGIN_DECLS

/* What is subscribed to. A sharded channel (Redis 7) stays within one shard of a cluster. */
typedef enum
{
  CB_TOPIC_CHANNEL,
  CB_TOPIC_PATTERN,
  CB_TOPIC_SHARD,
  CB_N_TOPIC_KINDS
} CbTopicKind;

typedef enum
{
  CB_TOPIC_UNKNOWN,  /* not subscribed to */
  CB_TOPIC_AWAITED,  /* the server has not confirmed it, or is away */
  CB_TOPIC_HEARD,
  CB_TOPIC_REFUSED,
} CbTopicState;

/**
 * CbSubscriber:
 *
 * A connection for pub/sub. It subscribes again by itself after a reconnect and says how long it was deaf.
 *
 * Signals: `message` (pattern: GBytes nullable, channel: GBytes, payload: GBytes),
 * `subscribed` (name: GBytes, is_pattern: gboolean): the server has confirmed,
 * `topics-changed`: what cb_subscriber_get_topic_state() says may be otherwise,
 * `lost` (error: GError): nothing is heard any more,
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
void          cb_subscriber_subscribe_to      (CbSubscriber *self,
                                               CbTopicKind   kind,
                                               const char   *name,
                                               gssize        length);
void          cb_subscriber_unsubscribe_from  (CbSubscriber *self,
                                               CbTopicKind   kind,
                                               const char   *name,
                                               gssize        length);
CbTopicState  cb_subscriber_get_topic_state   (CbSubscriber *self,
                                               CbTopicKind   kind,
                                               const char   *name,
                                               gssize        length,
                                               const char  **refusal);
void          cb_subscriber_close             (CbSubscriber *self);
gboolean      cb_subscriber_get_connected     (CbSubscriber *self);
const char   *cb_subscriber_get_error_message (CbSubscriber *self);

/* @reply (borrowed): the message as it came. */
typedef void (*CbMessageFunc) (CbSubscriber *self,
                               CbTopicKind   kind,
                               CbReply      *reply,
                               gpointer      user_data);

void           cb_subscriber_set_message_func (CbSubscriber  *self,
                                               CbMessageFunc  func,
                                               gpointer       user_data);
const CbValue *cb_message_reply_get_channel   (CbReply       *reply,
                                               CbTopicKind    kind);
const CbValue *cb_message_reply_get_payload   (CbReply       *reply,
                                               CbTopicKind    kind);
const CbValue *cb_message_reply_get_pattern   (CbReply       *reply,
                                               CbTopicKind    kind);

G_END_DECLS
