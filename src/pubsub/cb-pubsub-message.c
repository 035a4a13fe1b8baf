/* cb-pubsub-message.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pubsub-message.h"

#include "cb-json.h"

struct _CbPubsubMessage
{
  GObject parent_instance;

  CbHeard heard;
};

G_DEFINE_FINAL_TYPE (CbPubsubMessage, cb_pubsub_message, G_TYPE_OBJECT)

static void
cb_pubsub_message_finalize (GObject *object)
{
  cb_heard_clear (&CB_PUBSUB_MESSAGE (object)->heard);

  G_OBJECT_CLASS (cb_pubsub_message_parent_class)->finalize (object);
}

static void
cb_pubsub_message_class_init (CbPubsubMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_pubsub_message_finalize;
}

static void
cb_pubsub_message_init (CbPubsubMessage *self)
{
}

/* Shares the reply of @heard. */
CbPubsubMessage *
cb_pubsub_message_new (const CbHeard *heard)
{
  CbPubsubMessage *self = g_object_new (CB_TYPE_PUBSUB_MESSAGE, NULL);

  self->heard = *heard;
  if (heard->reply != NULL)
    cb_reply_ref (heard->reply);
  self->heard.gap = g_strdup (heard->gap);
  return self;
}

gboolean
cb_pubsub_message_is_gap (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), FALSE);
  return self->heard.reply == NULL;
}

const char *
cb_pubsub_message_get_gap (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);
  return self->heard.gap;
}

gint64
cb_pubsub_message_get_deaf (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), 0);
  return self->heard.deaf_usec;
}

gint64
cb_pubsub_message_get_time (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), 0);
  return self->heard.time;
}

guint64
cb_pubsub_message_get_serial (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), 0);
  return self->heard.serial;
}

CbTopicKind
cb_pubsub_message_get_kind (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), CB_TOPIC_CHANNEL);
  return self->heard.kind;
}

gsize
cb_pubsub_message_get_size (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), 0);
  return self->heard.size;
}

static GBytes *
share (CbPubsubMessage *self,
       const CbValue   *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (text == NULL)
    return NULL;
  return g_bytes_new_with_free_func (text, length, (GDestroyNotify) cb_reply_unref, cb_reply_ref (self->heard.reply));
}

GBytes *
cb_pubsub_message_dup_channel (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);

  if (self->heard.reply == NULL)
    return NULL;
  return share (self, cb_message_reply_get_channel (self->heard.reply, self->heard.kind));
}

GBytes *
cb_pubsub_message_dup_pattern (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);

  if (self->heard.reply == NULL)
    return NULL;
  return share (self, cb_message_reply_get_pattern (self->heard.reply, self->heard.kind));
}

GBytes *
cb_pubsub_message_dup_payload (CbPubsubMessage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);

  if (self->heard.reply == NULL)
    return NULL;
  return share (self, cb_message_reply_get_payload (self->heard.reply, self->heard.kind));
}

static char *
show (CbPubsubMessage *self,
      guint            max_chars,
      gboolean         one_line)
{
  gsize length, cut;
  const char *text;
  g_autofree char *all = NULL;
  char *end;

  if (self->heard.reply == NULL)
    return g_strdup (self->heard.gap);

  text = cb_value_get_string (cb_message_reply_get_payload (self->heard.reply, self->heard.kind), &length);
  /* A character has four bytes at most; it is not to be cut in two. */
  cut = MIN (length, (gsize) max_chars * 4);
  while (cut < length && cut > 0 && ((guchar) text[cut] & 0xc0) == 0x80 && (gsize) max_chars * 4 - cut < 4)
    cut--;
  all = cb_text_display (text, (gssize) cut, one_line);
  if (g_utf8_strlen (all, -1) <= (glong) max_chars && cut == length)
    return g_steal_pointer (&all);

  end = g_utf8_offset_to_pointer (all, MIN (g_utf8_strlen (all, -1), (glong) max_chars));
  *end = '\0';
  return g_strconcat (all, "…", NULL);
}

char *
cb_pubsub_message_dup_excerpt (CbPubsubMessage *self,
                               guint            max_chars)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);

  return show (self, max_chars, TRUE);
}

char *
cb_pubsub_message_dup_lines (CbPubsubMessage *self,
                             guint            max_chars)
{
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (self), NULL);

  return show (self, max_chars, FALSE);
}
