/* cb-message-list.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-message-filter.h"
#include "cb-pubsub-message.h"

G_BEGIN_DECLS

#define CB_MESSAGE_LIST_MAX_COUNT 10000
#define CB_MESSAGE_LIST_MAX_BYTES (64 * 1024 * 1024)

/* received = in_list + held_back + discarded: nothing goes uncounted. */
typedef struct
{
  guint64 received;   /* messages, since the beginning or the last clear */
  guint64 discarded;  /* of those, given up as there was no more room */
  guint in_list;      /* of those, in the list, whether the filter shows them or not */
  guint held_back;    /* of those, not in the list yet */
  guint gaps;         /* times in which nothing was heard */
  gsize bytes;        /* of memory, about */
} CbMessageCounts;

/**
 * CbMessageList:
 *
 * The last of what was heard, as a #GListModel of #CbPubsubMessage that are made when they are asked for. What comes is first held
 * back, at no cost; cb_message_list_flush() puts it into the list, which is told of it then and only then: once a frame, by
 * whoever shows it. While it is paused nothing is put in, and the list stays as it is.
 *
 * The list, and what is held back, are each bounded by count and by bytes: the oldest is discarded and counted.
 *
 * Properties: paused (boolean), newest-first (boolean). Signals: `pending`, once after each flush: there is something to
 * flush; `arrived`, in the middle of one.
 */
#define CB_TYPE_MESSAGE_LIST (cb_message_list_get_type ())
G_DECLARE_FINAL_TYPE (CbMessageList, cb_message_list, CB, MESSAGE_LIST, GObject)

CbMessageList   *cb_message_list_new             (void);
void             cb_message_list_set_limits      (CbMessageList    *self,
                                                  guint             max_count,
                                                  gsize             max_bytes);
void             cb_message_list_get_limits      (CbMessageList    *self,
                                                  guint            *max_count,
                                                  gsize            *max_bytes);
void             cb_message_list_take_message    (CbMessageList    *self,
                                                  CbTopicKind       kind,
                                                  CbReply          *reply,
                                                  gint64            time);
void             cb_message_list_take_gap        (CbMessageList    *self,
                                                  gint64            time,
                                                  gint64            deaf_usec,
                                                  const char       *reason);
/* How many came into the list; 0 while it is paused. */
guint            cb_message_list_flush           (CbMessageList    *self);
void             cb_message_list_clear           (CbMessageList    *self);
void             cb_message_list_set_paused      (CbMessageList    *self,
                                                  gboolean          paused);
gboolean         cb_message_list_get_paused      (CbMessageList    *self);
void             cb_message_list_set_newest_first (CbMessageList   *self,
                                                  gboolean          newest_first);
gboolean         cb_message_list_get_newest_first (CbMessageList   *self);
/* @filter (transfer full) (nullable) */
void             cb_message_list_set_filter      (CbMessageList    *self,
                                                  CbMessageFilter  *filter);
gboolean         cb_message_list_get_filtering   (CbMessageList    *self);
void             cb_message_list_get_counts      (CbMessageList    *self,
                                                  CbMessageCounts  *counts);
/* The message that came before on the same channel, as far as it is still in the list. (transfer full) (nullable) */
CbPubsubMessage *cb_message_list_dup_before      (CbMessageList    *self,
                                                  CbPubsubMessage  *message);
/* All that the list shows now, the oldest first, without making objects: GArray of CbHeard (transfer full). */
GArray          *cb_message_list_snapshot        (CbMessageList    *self);

G_END_DECLS
