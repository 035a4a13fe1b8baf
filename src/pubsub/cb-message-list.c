/* cb-message-list.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-list.h"

#include <string.h>

#include "cb-source.h"

/*
 * Two rings. @shown is what the list is; it changes in cb_message_list_flush() alone, and only at its ends, so that a view can rely on
 * it between two frames. @held is what has come since. When @held itself has overflowed, what is shown is older than what was
 * discarded, and goes with the next flush: what is in the list came in a row.
 *
 * With a filter the list has only those of @shown that match, by their serials. Looking through what is shown is done in slices, and
 * nothing is put in before that is over.
 */

/* Time for looking through, in one go: a quarter of a frame. */
#define SLICE_USEC 4000

struct _CbMessageList
{
  GObject parent_instance;

  CbMessageRing shown;
  CbMessageRing held;
  guint max_count;
  gsize max_bytes;
  guint64 next_serial;
  guint64 n_received;
  guint64 n_discarded;
  gboolean held_overflowed;
  gboolean paused;
  gboolean newest_first;
  gboolean told;             /* `pending` was emitted since the last flush */

  CbMessageFilter *filter;   /* (owned) (nullable) */
  guint16 filter_number;     /* another for each filter */
  GArray *matching;          /* (owned) (element-type guint64) serials; those before @first_matching are over */
  guint first_matching;
  guint n_looked_at;         /* of @shown, by the present filter */
  GSource *looking;          /* (owned) (nullable) */

  GHashTable *alive;         /* (owned) serial: CbPubsubMessage (unowned); shared with what is alive */
};

enum
{
  PROP_0,
  PROP_PAUSED,
  PROP_NEWEST_FIRST,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
enum
{
  PENDING,
  ARRIVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void cb_message_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (CbMessageList, cb_message_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, cb_message_list_model_init))

/* --- the model --- */

static guint
count_items (CbMessageList *self)
{
  return self->filter != NULL ? self->matching->len - self->first_matching : self->shown.n;
}

/* Its place in what is shown; FALSE when it is not there any more. Serials rise, and in the middle of a flush may leave some out. */
static gboolean
find_serial (CbMessageList *self,
             guint64        serial,
             guint         *index)
{
  guint low = 0, high = self->shown.n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (cb_message_ring_get (&self->shown, middle)->serial < serial)
        low = middle + 1;
      else
        high = middle;
    }
  *index = low;
  return low < self->shown.n && cb_message_ring_get (&self->shown, low)->serial == serial;
}

/* @index counts from the oldest. */
static CbHeard *
get_entry (CbMessageList *self,
           guint          index)
{
  if (self->filter != NULL)
    {
      gboolean found = find_serial (self, g_array_index (self->matching, guint64, self->first_matching + index), &index);

      g_assert (found);
    }
  return cb_message_ring_get (&self->shown, index);
}

typedef struct
{
  GHashTable *alive; /* (owned) */
  guint64 serial;
} Life;

static void
gone_cb (gpointer  data,
         GObject  *where_it_was)
{
  Life *life = data;

  if (g_hash_table_lookup (life->alive, &life->serial) == where_it_was)
    g_hash_table_remove (life->alive, &life->serial);
  g_hash_table_unref (life->alive);
  g_free (life);
}

/* As long as somebody has it, the same one. */
static CbPubsubMessage *
dup_message (CbMessageList *self,
             const CbHeard *entry)
{
  CbPubsubMessage *message = g_hash_table_lookup (self->alive, &entry->serial);
  Life *life;

  if (message != NULL)
    return g_object_ref (message);

  message = cb_pubsub_message_new (entry);
  life = g_new (Life, 1);
  life->alive = g_hash_table_ref (self->alive);
  life->serial = entry->serial;
  g_object_weak_ref (G_OBJECT (message), gone_cb, life);
  g_hash_table_insert (self->alive, g_memdup2 (&entry->serial, sizeof entry->serial), message);
  return message;
}

static GType
get_item_type (GListModel *model)
{
  return CB_TYPE_PUBSUB_MESSAGE;
}

static guint
get_n_items (GListModel *model)
{
  return count_items (CB_MESSAGE_LIST (model));
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  CbMessageList *self = CB_MESSAGE_LIST (model);
  guint n = count_items (self);

  if (position >= n)
    return NULL;
  return dup_message (self, get_entry (self, self->newest_first ? n - 1 - position : position));
}

static void
cb_message_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* @n items have gone at the old end, or come at the new one. */
static void
tell (CbMessageList *self,
      guint          n_gone,
      guint          n_come)
{
  guint n = count_items (self);

  if (n_gone > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), self->newest_first ? n : 0, n_gone, 0);
  else if (n_come > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), self->newest_first ? 0 : n - n_come, 0, n_come);
}

/* --- what comes --- */

static gboolean
is_match (CbMessageList *self,
          CbHeard       *entry)
{
  if (self->filter == NULL)
    return TRUE;

  if (entry->filtered != self->filter_number)
    {
      /* A gap is never out of place. */
      entry->matches = entry->reply == NULL ||
                       cb_message_filter_matches (self->filter, cb_message_reply_get_channel (entry->reply, entry->kind),
                                                  cb_message_reply_get_payload (entry->reply, entry->kind));
      entry->filtered = self->filter_number;
    }
  return entry->matches;
}

/* The oldest goes, for want of room. */
static void
discard (CbMessageList *self,
         CbMessageRing *ring)
{
  CbHeard entry = cb_message_ring_pop (ring);

  self->n_discarded += entry.reply != NULL;
  cb_heard_clear (&entry);
}

/* Whether @n more entries of @bytes have room. */
static gboolean
has_room (CbMessageList *self,
          CbMessageRing *ring,
          guint          n,
          gsize          bytes)
{
  return ring->n + n <= self->max_count && ring->bytes + bytes <= self->max_bytes;
}

static void
hold (CbMessageList *self,
      CbHeard       *entry)
{
  entry->serial = self->next_serial++;
  is_match (self, entry);

  /* One that is larger than all the room is kept alone, so that it can be looked at. */
  while (self->held.n > 0 && !has_room (self, &self->held, 1, entry->cost))
    {
      discard (self, &self->held);
      self->held_overflowed = TRUE;
    }
  cb_message_ring_push (&self->held, entry);

  if (!self->told)
    {
      self->told = TRUE;
      g_signal_emit (self, signals[PENDING], 0);
    }
}

/**
 * cb_message_list_take_message:
 * @self: a list
 * @kind: how it came
 * @reply: (transfer none): the message as it came, which is kept
 * @time: when, µs since 1970 UTC
 *
 * Holds a message for the next flush. Costs the same whoever looks.
 */
void
cb_message_list_take_message (CbMessageList *self,
                              CbTopicKind    kind,
                              CbReply       *reply,
                              gint64         time)
{
  CbHeard entry;

  cb_heard_init_message (&entry, kind, reply, time);
  self->n_received++;
  hold (self, &entry);
}

/**
 * cb_message_list_take_gap:
 * @self: a list
 * @time: when it began, µs since 1970 UTC
 * @deaf_usec: how long it was, µs
 * @reason: a sentence
 *
 * Marks a time in which nothing was heard, among the messages.
 */
void
cb_message_list_take_gap (CbMessageList *self,
                          gint64         time,
                          gint64         deaf_usec,
                          const char    *reason)
{
  CbHeard entry;

  cb_heard_init_gap (&entry, reason, time, deaf_usec);
  hold (self, &entry);
}

/* Takes the @n oldest out of what is shown. */
static void
drop_oldest (CbMessageList *self,
             guint          n)
{
  guint n_gone = n;
  guint64 next;

  if (n == 0)
    return;

  next = cb_message_ring_get (&self->shown, n - 1)->serial + 1;
  for (guint i = 0; i < n; i++)
    discard (self, &self->shown);

  if (self->filter != NULL)
    {
      n_gone = 0;
      while (self->first_matching < self->matching->len &&
             g_array_index (self->matching, guint64, self->first_matching) < next)
        {
          self->first_matching++;
          n_gone++;
        }
      if (self->first_matching > 1024 && self->first_matching > self->matching->len / 2)
        {
          g_array_remove_range (self->matching, 0, self->first_matching);
          self->first_matching = 0;
        }
      self->n_looked_at -= MIN (self->n_looked_at, n);
    }
  tell (self, n_gone, 0);
}

/* How many have to go for what is held back. */
static guint
count_leaving (CbMessageList *self)
{
  gsize bytes = self->shown.bytes;
  guint n = 0;

  /* What was discarded was newer than what is shown. */
  if (self->held_overflowed)
    return self->shown.n;

  while (n < self->shown.n &&
         (self->shown.n - n + self->held.n > self->max_count || bytes + self->held.bytes > self->max_bytes))
    bytes -= cb_message_ring_get (&self->shown, n++)->cost;
  return n;
}

/* Returns how many of them are in the list. */
static guint
put_in (CbMessageList *self)
{
  guint n_come = 0;

  while (self->held.n > 0)
    {
      CbHeard entry = cb_message_ring_pop (&self->held);

      if (is_match (self, &entry))
        {
          n_come++;
          if (self->filter != NULL)
            g_array_append_val (self->matching, entry.serial);
        }
      cb_message_ring_push (&self->shown, &entry);
    }
  self->held_overflowed = FALSE;
  self->n_looked_at = self->shown.n;
  return n_come;
}

/**
 * cb_message_list_flush:
 * @self: a list
 *
 * Puts what is held back into the list: one `items-changed` for what comes, and one for what goes. `arrived` is emitted between the
 * two, when a view may go to what is new: so it takes the widgets of rows that leave its sight for those that come, and has none in
 * what goes.
 *
 * Returns: how many came
 */
guint
cb_message_list_flush (CbMessageList *self)
{
  guint n_old, n_come;

  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), 0);

  self->told = FALSE;
  if (self->paused || self->looking != NULL || self->held.n == 0)
    return 0;

  n_old = count_leaving (self);
  n_come = put_in (self);
  tell (self, 0, n_come);
  g_signal_emit (self, signals[ARRIVED], 0);
  drop_oldest (self, n_old);
  return n_come;
}

/**
 * cb_message_list_clear:
 * @self: a list
 *
 * Forgets all messages, also those held back, and counts from 0 again.
 */
void
cb_message_list_clear (CbMessageList *self)
{
  guint n;

  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  n = count_items (self);
  cb_message_ring_clear (&self->shown);
  cb_message_ring_clear (&self->held);
  self->held_overflowed = FALSE;
  self->n_discarded = 0;
  self->n_received = 0;
  g_array_set_size (self->matching, 0);
  self->first_matching = 0;
  self->n_looked_at = 0;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

/* --- filter --- */

static void
stop_looking (CbMessageList *self)
{
  if (self->looking == NULL)
    return;
  g_source_destroy (self->looking);
  g_clear_pointer (&self->looking, g_source_unref);
}

/* Looks at some more of what is shown. Returns whether that was all. */
static gboolean
look_on (CbMessageList *self)
{
  gint64 end = g_get_monotonic_time () + SLICE_USEC;
  guint n_come = 0;

  while (self->n_looked_at < self->shown.n)
    {
      CbHeard *entry = cb_message_ring_get (&self->shown, self->n_looked_at++);

      if (is_match (self, entry))
        {
          g_array_append_val (self->matching, entry->serial);
          n_come++;
        }
      if (self->n_looked_at % 16 == 0 || entry->size > 16384)
        if (g_get_monotonic_time () >= end)
          break;
    }
  tell (self, 0, n_come);
  return self->n_looked_at == self->shown.n;
}

static gboolean
looking_cb (gpointer data)
{
  CbMessageList *self = data;

  if (!look_on (self))
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->looking, g_source_unref);
  if (self->held.n > 0 && !self->told)
    {
      self->told = TRUE;
      g_signal_emit (self, signals[PENDING], 0);
    }
  return G_SOURCE_REMOVE;
}

/**
 * cb_message_list_set_filter:
 * @self: a list
 * @filter: (transfer full) (nullable): %NULL for all
 *
 * Shows only what matches, and the gaps. What is there is looked through in slices from the main context, and shown as it is found.
 */
void
cb_message_list_set_filter (CbMessageList   *self,
                            CbMessageFilter *filter)
{
  guint n;

  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  if (filter == NULL && self->filter == NULL)
    return;

  n = count_items (self);
  stop_looking (self);
  g_clear_pointer (&self->filter, cb_message_filter_free);
  self->filter = filter;
  self->filter_number++;
  g_array_set_size (self->matching, 0);
  self->first_matching = 0;
  self->n_looked_at = 0;

  if (filter == NULL)
    {
      self->n_looked_at = self->shown.n;
      g_list_model_items_changed (G_LIST_MODEL (self), 0, n, self->shown.n);
      return;
    }

  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
  if (look_on (self))
    return;

  self->looking = g_idle_source_new ();
  g_source_set_priority (self->looking, CB_REDIS_PRIORITY);
  g_source_set_static_name (self->looking, "Filter of messages");
  g_source_set_callback (self->looking, looking_cb, self, NULL);
  g_source_attach (self->looking, g_main_context_get_thread_default ());
}

/* Whether it is still being looked through. */
gboolean
cb_message_list_get_filtering (CbMessageList *self)
{
  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), FALSE);
  return self->looking != NULL;
}

/* --- the rest --- */

void
cb_message_list_set_limits (CbMessageList *self,
                            guint          max_count,
                            gsize          max_bytes)
{
  g_return_if_fail (CB_IS_MESSAGE_LIST (self));
  g_return_if_fail (max_count > 0);

  self->max_count = max_count;
  self->max_bytes = max_bytes;
  while (self->held.n > 1 && !has_room (self, &self->held, 0, 0))
    {
      discard (self, &self->held);
      self->held_overflowed = TRUE;
    }
  if (self->shown.n > max_count)
    drop_oldest (self, self->shown.n - max_count);
  while (self->shown.n > 1 && self->shown.bytes > max_bytes)
    drop_oldest (self, 1);
}

void
cb_message_list_get_limits (CbMessageList *self,
                            guint         *max_count,
                            gsize         *max_bytes)
{
  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  *max_count = self->max_count;
  *max_bytes = self->max_bytes;
}

void
cb_message_list_set_paused (CbMessageList *self,
                            gboolean       paused)
{
  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  if (self->paused == !!paused)
    return;

  self->paused = !!paused;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
  if (!self->paused && self->held.n > 0 && !self->told)
    {
      self->told = TRUE;
      g_signal_emit (self, signals[PENDING], 0);
    }
}

gboolean
cb_message_list_get_paused (CbMessageList *self)
{
  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), FALSE);
  return self->paused;
}

void
cb_message_list_set_newest_first (CbMessageList *self,
                                  gboolean       newest_first)
{
  guint n;

  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  if (self->newest_first == !!newest_first)
    return;

  self->newest_first = !!newest_first;
  n = count_items (self);
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n, n);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEWEST_FIRST]);
}

gboolean
cb_message_list_get_newest_first (CbMessageList *self)
{
  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), FALSE);
  return self->newest_first;
}

/**
 * cb_message_list_get_counts:
 * @self: a list
 * @counts: (out): what has become of what came
 */
void
cb_message_list_get_counts (CbMessageList   *self,
                            CbMessageCounts *counts)
{
  g_return_if_fail (CB_IS_MESSAGE_LIST (self));

  counts->in_list = self->shown.n - self->shown.n_gaps;
  counts->held_back = self->held.n - self->held.n_gaps;
  counts->gaps = self->shown.n_gaps + self->held.n_gaps;
  counts->discarded = self->n_discarded;
  counts->received = self->n_received;
  counts->bytes = self->shown.bytes + self->held.bytes;
}

static gboolean
is_same_channel (const CbValue *a,
                 const CbValue *b)
{
  gsize a_length, b_length;
  const char *a_text = cb_value_get_string (a, &a_length);
  const char *b_text = cb_value_get_string (b, &b_length);

  return a_length == b_length && memcmp (a_text, b_text, a_length) == 0;
}

/**
 * cb_message_list_dup_before:
 * @self: a list
 * @message: one of its messages
 *
 * Looks back through the list, whatever the filter shows. What came by a channel is compared with what came by that, and what came by
 * a pattern with what came by a pattern, so that a message that came by both is not compared with itself.
 *
 * Returns: (transfer full) (nullable): the message before on the same channel; %NULL where none is left
 */
CbPubsubMessage *
cb_message_list_dup_before (CbMessageList   *self,
                            CbPubsubMessage *message)
{
  const CbHeard *heard;
  guint index;

  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), NULL);
  g_return_val_if_fail (CB_IS_PUBSUB_MESSAGE (message), NULL);

  if (cb_pubsub_message_is_gap (message) || !find_serial (self, cb_pubsub_message_get_serial (message), &index))
    return NULL;

  heard = cb_message_ring_get (&self->shown, index);
  for (guint i = index; i > 0; i--)
    {
      const CbHeard *other = cb_message_ring_get (&self->shown, i - 1);

      if (other->reply != NULL && other->kind == heard->kind &&
          is_same_channel (cb_message_reply_get_channel (other->reply, other->kind),
                           cb_message_reply_get_channel (heard->reply, heard->kind)))
        return dup_message (self, other);
    }
  return NULL;
}

static void
clear_entry (gpointer data)
{
  cb_heard_clear (data);
}

/**
 * cb_message_list_snapshot:
 * @self: a list
 *
 * Returns: (transfer full): a #GArray of #CbHeard, which share their replies and may go to another thread
 */
GArray *
cb_message_list_snapshot (CbMessageList *self)
{
  GArray *all;
  guint n;

  g_return_val_if_fail (CB_IS_MESSAGE_LIST (self), NULL);

  n = count_items (self);
  all = g_array_sized_new (FALSE, FALSE, sizeof (CbHeard), n);
  g_array_set_clear_func (all, clear_entry);
  for (guint i = 0; i < n; i++)
    {
      CbHeard entry = *get_entry (self, i);

      if (entry.reply != NULL)
        cb_reply_ref (entry.reply);
      entry.gap = g_strdup (entry.gap);
      g_array_append_val (all, entry);
    }
  return all;
}

CbMessageList *
cb_message_list_new (void)
{
  return g_object_new (CB_TYPE_MESSAGE_LIST, NULL);
}

static void
cb_message_list_get_property (GObject    *object,
                              guint       property_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  CbMessageList *self = CB_MESSAGE_LIST (object);

  switch (property_id)
    {
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PROP_NEWEST_FIRST:
      g_value_set_boolean (value, self->newest_first);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_message_list_set_property (GObject      *object,
                              guint         property_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  CbMessageList *self = CB_MESSAGE_LIST (object);

  switch (property_id)
    {
    case PROP_PAUSED:
      cb_message_list_set_paused (self, g_value_get_boolean (value));
      break;
    case PROP_NEWEST_FIRST:
      cb_message_list_set_newest_first (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_message_list_finalize (GObject *object)
{
  CbMessageList *self = CB_MESSAGE_LIST (object);

  stop_looking (self);
  cb_message_ring_clear (&self->shown);
  cb_message_ring_clear (&self->held);
  g_clear_pointer (&self->filter, cb_message_filter_free);
  g_array_unref (self->matching);
  g_hash_table_unref (self->alive);

  G_OBJECT_CLASS (cb_message_list_parent_class)->finalize (object);
}

static void
cb_message_list_class_init (CbMessageListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_message_list_get_property;
  object_class->set_property = cb_message_list_set_property;
  object_class->finalize = cb_message_list_finalize;

  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_NEWEST_FIRST] =
    g_param_spec_boolean ("newest-first", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * CbMessageList::pending:
   *
   * Something is held back. Emitted once, and again only after a flush.
   */
  signals[PENDING] = g_signal_new ("pending", CB_TYPE_MESSAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /**
   * CbMessageList::arrived:
   *
   * In the middle of a flush: what is new is in the list, and what it has no more room for is so still.
   */
  signals[ARRIVED] = g_signal_new ("arrived", CB_TYPE_MESSAGE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_message_list_init (CbMessageList *self)
{
  self->max_count = CB_MESSAGE_LIST_MAX_COUNT;
  self->max_bytes = CB_MESSAGE_LIST_MAX_BYTES;
  self->next_serial = 1;
  self->matching = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->alive = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}
