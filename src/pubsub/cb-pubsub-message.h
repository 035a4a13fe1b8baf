/* cb-pubsub-message.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-message-ring.h"

G_BEGIN_DECLS

/**
 * CbPubsubMessage:
 *
 * A message that somebody looks at, or a gap: a time in which nothing was heard. It never changes, and shares the reply that came.
 */
#define CB_TYPE_PUBSUB_MESSAGE (cb_pubsub_message_get_type ())
G_DECLARE_FINAL_TYPE (CbPubsubMessage, cb_pubsub_message, CB, PUBSUB_MESSAGE, GObject)

CbPubsubMessage *cb_pubsub_message_new          (const CbHeard   *heard);
gboolean         cb_pubsub_message_is_gap       (CbPubsubMessage *self);
/* Why nothing was heard, a sentence; NULL for a message. */
const char      *cb_pubsub_message_get_gap      (CbPubsubMessage *self);
gint64           cb_pubsub_message_get_deaf     (CbPubsubMessage *self); /* µs */
gint64           cb_pubsub_message_get_time     (CbPubsubMessage *self); /* µs since 1970 UTC */
guint64          cb_pubsub_message_get_serial   (CbPubsubMessage *self);
CbTopicKind      cb_pubsub_message_get_kind     (CbPubsubMessage *self); /* how it came */
gsize            cb_pubsub_message_get_size     (CbPubsubMessage *self); /* of the payload, bytes */

/* Transfer full, without a copy; NULL for a gap, the pattern also when it came by its channel. */
GBytes          *cb_pubsub_message_dup_channel  (CbPubsubMessage *self);
GBytes          *cb_pubsub_message_dup_pattern  (CbPubsubMessage *self);
GBytes          *cb_pubsub_message_dup_payload  (CbPubsubMessage *self);

/* One line of valid UTF-8 for a list, at most so many characters of the payload; costs no more than that. */
char            *cb_pubsub_message_dup_excerpt  (CbPubsubMessage *self,
                                                 guint            max_chars);
/* The same with its line breaks, for rows that wrap. */
char            *cb_pubsub_message_dup_lines    (CbPubsubMessage *self,
                                                 guint            max_chars);

G_END_DECLS
