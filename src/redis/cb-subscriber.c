/* cb-subscriber.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-subscriber-private.h"

#include <string.h>

#include "cb-backoff.h"
#include "cb-redis-session.h"
#include "cb-source.h"

/*
 * Messages and answers come mixed on one connection. What is a message says so; everything else answers the
 * commands in their order, so a queue of what was sent tells whose answer it is, and an error reply, which names
 * no channel, can be told to the right one. Each command names one channel, as the server answers once a name.
 *
 * hiredis would dispatch by the name in the answer from a table that is changed when a command is sent: SUBSCRIBE
 * behind an UNSUBSCRIBE of the same name that is still under way, an error reply, or an answer of one element
 * then end in an assert.
 */

#define TIMEOUT_MSEC 5000
#define KEEP_ALIVE_MSEC 5000

typedef struct
{
  GBytes *name;       /* (owned) */
  char *refusal;      /* (owned) (nullable) why the server refused it */
  CbTopicKind kind;
  gboolean wanted;    /* by whoever uses us */
  gboolean confirmed; /* by the server, in this session */
  gboolean refused;   /* by the server, in this session */
  guint n_out;        /* commands about it that are not answered yet */
} Topic;

typedef enum
{
  ANSWER_SUBSCRIBE,
  ANSWER_UNSUBSCRIBE,
  ANSWER_PING,
} AnswerKind;

typedef struct
{
  AnswerKind kind;
  Topic *topic; /* (unowned) (nullable) it stays while n_out counts it */
} Answer;

struct _CbSubscriber
{
  GObject parent_instance;

  CbAddress *address;    /* (owned) */
  char *client_name;     /* (owned) (nullable) */
  char *error_message;   /* (owned) (nullable) why it is not connected */
  char *refusal;         /* (owned) (nullable) what the server refused last */
  GHashTable *topics[CB_N_TOPIC_KINDS]; /* (owned) (element-type GBytes Topic) */
  Topic *last_heard;     /* (unowned) (nullable) by the message before: most come by the same */
  CbMessageFunc message_func; /* (nullable) in place of the signal */
  gpointer message_data;
  GQueue answers;        /* (element-type Answer) to come */
  CbServerFacts facts;
  CbBackoff backoff;
  CbRedisSession *session; /* (owned) (nullable) */
  GSource *timer;        /* (owned) */
  gint64 retry_at;       /* µs monotonic, 0 unless waiting */
  gint64 ping_sent;      /* µs monotonic, 0 when none is out */
  gint64 deaf_since;     /* µs monotonic, 0 while hearing */
  guint keep_alive_msec;
  guint keep_alive_timeout_msec;
  gboolean connected;
  gboolean hears;        /* everything that was not refused */
  gboolean closed;
};

enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_CLIENT_NAME,
  PROP_CONNECTED,
  PROP_ERROR_MESSAGE,
  N_PROPS
};

enum
{
  MESSAGE,
  SUBSCRIBED,
  TOPICS_CHANGED,
  LOST,
  RESUMED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (CbSubscriber, cb_subscriber, G_TYPE_OBJECT)

static void connect_now (CbSubscriber *self);

/* Topics */

static void
topic_free (gpointer data)
{
  Topic *topic = data;

  g_bytes_unref (topic->name);
  g_free (topic->refusal);
  g_free (topic);
}

static gboolean
bytes_equal_value (GBytes        *bytes,
                   const CbValue *value)
{
  gsize length, bytes_length;
  const char *text = cb_value_get_string (value, &length);
  gconstpointer data = g_bytes_get_data (bytes, &bytes_length);

  return text != NULL && length == bytes_length && (length == 0 || memcmp (text, data, length) == 0);
}

static Topic *
find_topic (CbSubscriber  *self,
            CbTopicKind    kind,
            const CbValue *value)
{
  g_autoptr (GBytes) name = NULL;
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  if (text == NULL)
    return NULL;
  if (self->last_heard != NULL && self->last_heard->kind == kind && bytes_equal_value (self->last_heard->name, value))
    return self->last_heard;
  name = g_bytes_new_static (text, length);
  self->last_heard = g_hash_table_lookup (self->topics[kind], name);
  return self->last_heard;
}

static void
drop_topic_if_done (CbSubscriber *self,
                    Topic        *topic)
{
  if (!topic->wanted && topic->n_out == 0)
    {
      self->last_heard = NULL;
      g_hash_table_remove (self->topics[topic->kind], topic->name);
    }
}

static gboolean
has_topics (CbSubscriber *self)
{
  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    if (g_hash_table_size (self->topics[kind]) > 0)
      return TRUE;
  return FALSE;
}

typedef struct
{
  guint n_wanted;
  guint n_open;    /* wanted, and not answered yet */
  guint n_refused;
} Tally;

static Tally
count_topics (CbSubscriber *self)
{
  Tally tally = { 0 };

  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, self->topics[kind]);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          Topic *topic = value;

          if (!topic->wanted)
            continue;
          tally.n_wanted++;
          tally.n_refused += topic->refused;
          tally.n_open += !topic->refused && !topic->confirmed;
        }
    }
  return tally;
}

/* Tells what has changed by comparing with what was told. */
static void
update (CbSubscriber *self)
{
  g_autoptr (CbSubscriber) kept = g_object_ref (self);
  g_autofree char *before = g_strdup (cb_subscriber_get_error_message (self));
  gboolean ready = self->session != NULL && cb_redis_session_is_ready (self->session);
  Tally tally = count_topics (self);
  gboolean connected = ready && tally.n_wanted > 0 && tally.n_open == 0 && tally.n_refused == 0;

  self->hears = ready && tally.n_wanted > tally.n_refused && tally.n_open == 0;

  if (tally.n_refused == 0)
    g_clear_pointer (&self->refusal, g_free);
  if (ready)
    g_clear_pointer (&self->error_message, g_free);

  g_object_freeze_notify (G_OBJECT (self));
  if (self->connected != connected)
    {
      self->connected = connected;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
    }
  if (g_strcmp0 (before, cb_subscriber_get_error_message (self)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
  g_object_thaw_notify (G_OBJECT (self));

  g_signal_emit (self, signals[TOPICS_CHANGED], 0);

  if (self->hears && self->deaf_since != 0)
    {
      gint64 deaf = g_get_monotonic_time () - self->deaf_since;

      self->deaf_since = 0;
      g_signal_emit (self, signals[RESUMED], 0, deaf);
    }
}

static void
set_error (CbSubscriber *self,
           char        **place,
           const char   *message)
{
  g_autofree char *before = g_strdup (cb_subscriber_get_error_message (self));

  g_free (*place);
  *place = g_strdup (message);
  if (g_strcmp0 (before, cb_subscriber_get_error_message (self)) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_MESSAGE]);
}

/* Sending */

static void
send (CbSubscriber *self,
      AnswerKind    kind,
      Topic        *topic)
{
  static const char * const names[CB_N_TOPIC_KINDS][2] = { { "SUBSCRIBE", "UNSUBSCRIBE" },
                                                           { "PSUBSCRIBE", "PUNSUBSCRIBE" },
                                                           { "SSUBSCRIBE", "SUNSUBSCRIBE" } };
  g_autoptr (CbCommand) command = NULL;
  Answer *answer = g_new (Answer, 1);

  if (kind == ANSWER_PING)
    {
      command = cb_command_new ("PING", NULL);
    }
  else
    {
      command = cb_command_new (names[topic->kind][kind == ANSWER_UNSUBSCRIBE], NULL);
      cb_command_add_gbytes (command, topic->name);
      topic->n_out++;
    }

  answer->kind = kind;
  answer->topic = topic;
  g_queue_push_tail (&self->answers, answer);
  cb_redis_session_send (self->session, command, FALSE);
}

/* When a ping counts as not answered. Messages that come first, with the answer behind them, put it off. */
static gint64
answer_deadline (CbSubscriber *self)
{
  return MAX (self->ping_sent, cb_redis_session_get_last_received (self->session)) +
         self->keep_alive_timeout_msec * G_TIME_SPAN_MILLISECOND;
}

static void
set_timer (CbSubscriber *self)
{
  gint64 due = -1;

  if (self->retry_at != 0)
    due = self->retry_at;
  else if (self->ping_sent != 0)
    due = answer_deadline (self);
  else if (self->session != NULL && cb_redis_session_is_ready (self->session))
    due = cb_redis_session_get_last_received (self->session) + self->keep_alive_msec * G_TIME_SPAN_MILLISECOND;

  cb_source_set_deadline (self->timer, due);
}

/* Ending */

static void
drop_session (CbSubscriber *self)
{
  if (self->session != NULL)
    {
      cb_redis_session_close (self->session);
      g_clear_pointer (&self->session, cb_redis_session_unref);
    }
  g_queue_clear_full (&self->answers, g_free);
  self->ping_sent = 0;
  self->last_heard = NULL;

  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, self->topics[kind]);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          Topic *topic = value;

          topic->n_out = 0;
          topic->confirmed = FALSE;
          topic->refused = FALSE;
          g_clear_pointer (&topic->refusal, g_free);
          if (!topic->wanted)
            g_hash_table_iter_remove (&iter);
        }
    }
}

static void
session_ended (CbSubscriber *self,
               const GError *error,
               gint64        deaf_since)
{
  g_autoptr (CbSubscriber) kept = g_object_ref (self);
  gint64 now = g_get_monotonic_time ();

  if (self->hears && self->deaf_since == 0)
    {
      self->deaf_since = deaf_since;
      self->hears = FALSE;
      g_signal_emit (self, signals[LOST], 0, error);
    }

  drop_session (self);
  g_clear_pointer (&self->refusal, g_free);
  if (!has_topics (self))
    {
      set_timer (self);
      update (self);
      return;
    }

  self->retry_at = cb_backoff_failed (&self->backoff, error, now, g_random_double ());
  set_timer (self);
  set_error (self, &self->error_message, error->message);
  update (self);
}

static void
end_with_protocol_error (CbSubscriber *self)
{
  g_autoptr (GError) error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_PROTOCOL,
                                          "Protocol error: %s answered a subscription with something that is none.",
                                          cb_address_get_label (self->address));

  session_ended (self, error, g_get_monotonic_time ());
}

/* Replies */

static GBytes *
bytes_in_reply (CbReply       *reply,
                const CbValue *value)
{
  gsize length;
  const char *text = cb_value_get_string (value, &length);

  /* No copy: the bytes keep the whole reply, which is little more than they. */
  return g_bytes_new_with_free_func (text, length, (GDestroyNotify) cb_reply_unref, cb_reply_ref (reply));
}

static void
take_message (CbSubscriber *self,
              CbReply      *reply,
              CbTopicKind   kind)
{
  const CbValue *value = cb_reply_get_value (reply);
  gboolean by_pattern = kind == CB_TOPIC_PATTERN;
  const CbValue *channel = cb_value_get_element (value, by_pattern ? 2 : 1);
  const CbValue *payload = cb_value_get_element (value, by_pattern ? 3 : 2);
  g_autoptr (GBytes) channel_bytes = NULL;
  g_autoptr (GBytes) payload_bytes = NULL;
  g_autoptr (GBytes) name = NULL;
  Topic *topic;

  if (cb_value_get_string (cb_value_get_element (value, 1), NULL) == NULL ||
      cb_value_get_string (channel, NULL) == NULL || cb_value_get_string (payload, NULL) == NULL)
    {
      end_with_protocol_error (self);
      return;
    }

  /* One that was still on its way when the topic was given up is not wanted any more. */
  topic = find_topic (self, kind, cb_value_get_element (value, 1));
  if (topic == NULL || !topic->wanted)
    return;

  if (self->message_func != NULL)
    {
      self->message_func (self, kind, reply, self->message_data);
      return;
    }

  name = g_bytes_ref (topic->name);
  channel_bytes = by_pattern ? bytes_in_reply (reply, channel) : g_bytes_ref (name);
  payload_bytes = bytes_in_reply (reply, payload);
  g_signal_emit (self, signals[MESSAGE], 0, by_pattern ? name : NULL, channel_bytes, payload_bytes);
}

/* A cluster takes a sharded channel away, unasked, when its slot goes to another node. It is asked for again: the answer
 * says where it went. */
static gboolean
take_moved_shard (CbSubscriber  *self,
                  const CbValue *value)
{
  const Answer *next = g_queue_peek_head (&self->answers);
  Topic *topic;

  if (!cb_value_equal_string (cb_value_get_element (value, 0), "sunsubscribe"))
    return FALSE;

  topic = find_topic (self, CB_TOPIC_SHARD, cb_value_get_element (value, 1));
  if (topic == NULL || (next != NULL && next->topic == topic && next->kind == ANSWER_UNSUBSCRIBE))
    return FALSE;

  topic->confirmed = FALSE;
  if (topic->wanted)
    send (self, ANSWER_SUBSCRIBE, topic);
  return TRUE;
}

/* An answer to SUBSCRIBE and its like: [kind, name, number of subscriptions]. */
static void
take_answer (CbSubscriber  *self,
             const CbValue *value)
{
  static const char * const kinds[CB_N_TOPIC_KINDS][2] = { { "subscribe", "unsubscribe" },
                                                           { "psubscribe", "punsubscribe" },
                                                           { "ssubscribe", "sunsubscribe" } };
  g_autofree Answer *answer = NULL;
  Topic *topic;
  const char *kind;

  if (take_moved_shard (self, value))
    return;

  answer = g_queue_pop_head (&self->answers);
  topic = answer != NULL ? answer->topic : NULL;

  if (topic == NULL || cb_value_get_length (value) != 3)
    {
      end_with_protocol_error (self);
      return;
    }

  kind = kinds[topic->kind][answer->kind == ANSWER_UNSUBSCRIBE];
  if (!cb_value_equal_string (cb_value_get_element (value, 0), kind) ||
      !bytes_equal_value (topic->name, cb_value_get_element (value, 1)))
    {
      end_with_protocol_error (self);
      return;
    }

  topic->n_out--;
  topic->confirmed = answer->kind == ANSWER_SUBSCRIBE;
  if (topic->confirmed && topic->wanted && topic->n_out == 0)
    {
      g_autoptr (GBytes) name = g_bytes_ref (topic->name);

      g_signal_emit (self, signals[SUBSCRIBED], 0, name, topic->kind == CB_TOPIC_PATTERN);
    }
  else
    {
      drop_topic_if_done (self, topic);
    }
}

static void
take_refusal (CbSubscriber  *self,
              const CbValue *value)
{
  static const char * const names[CB_N_TOPIC_KINDS] = { "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE" };
  g_autofree Answer *answer = g_queue_pop_head (&self->answers);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = cb_value_get_string (value, &length);
  Topic *topic;

  if (answer == NULL)
    {
      error = cb_redis_error_new_from_reply (NULL, text, length);
      session_ended (self, error, g_get_monotonic_time ());
      return;
    }

  topic = answer->topic;
  if (topic == NULL)
    return; /* Of PING: it may be forbidden, but it was answered. */

  error = cb_redis_error_new_from_reply (names[topic->kind], text, length);
  topic->n_out--;
  if (answer->kind == ANSWER_SUBSCRIBE && topic->wanted)
    {
      topic->refused = TRUE;
      g_free (topic->refusal);
      topic->refusal = g_strdup (error->message);
      set_error (self, &self->refusal, error->message);
    }
  drop_topic_if_done (self, topic);
}

static void
session_reply_cb (CbReply  *reply,
                  gpointer  user_data)
{
  g_autoptr (CbReply) owned = reply;
  g_autoptr (CbSubscriber) self = g_object_ref (user_data);
  const CbValue *value = cb_reply_get_value (reply);
  const CbValue *first = cb_value_get_element (value, 0);

  if (cb_value_equal_string (first, "message"))
    {
      take_message (self, reply, CB_TOPIC_CHANNEL);
      return;
    }
  if (cb_value_equal_string (first, "pmessage"))
    {
      take_message (self, reply, CB_TOPIC_PATTERN);
      return;
    }
  if (cb_value_equal_string (first, "smessage"))
    {
      take_message (self, reply, CB_TOPIC_SHARD);
      return;
    }

  /* PING is answered with an array while something is subscribed and with a status otherwise. */
  if (cb_value_equal_string (first, "pong") || cb_value_equal_string (value, "PONG"))
    {
      g_autofree Answer *answer = g_queue_pop_head (&self->answers);

      if (answer == NULL || answer->kind != ANSWER_PING)
        {
          end_with_protocol_error (self);
          return;
        }
      self->ping_sent = 0;
      set_timer (self);
      return;
    }

  if (cb_value_is_error (value))
    take_refusal (self, value);
  else
    take_answer (self, value);

  /* Nothing is wanted any more: the connection is given back. */
  if (self->session != NULL && !has_topics (self))
    {
      drop_session (self);
      set_timer (self);
    }
  update (self);
}

static void
subscribe_all (CbSubscriber *self)
{
  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, self->topics[kind]);
      while (g_hash_table_iter_next (&iter, NULL, &value))
        send (self, ANSWER_SUBSCRIBE, value);
    }
}

static void
session_state_cb (CbConnectionState state,
                  gpointer          user_data)
{
}

static void
session_ready_cb (gpointer user_data)
{
  CbSubscriber *self = user_data;

  cb_backoff_ready (&self->backoff, g_get_monotonic_time ());
  subscribe_all (self);
  set_timer (self);
  update (self);
}

static void
session_failed_cb (const GError *error,
                   gpointer      user_data)
{
  session_ended (user_data, error, g_get_monotonic_time ());
}

static const CbRedisSessionFuncs session_funcs = {
  session_state_cb,
  session_ready_cb,
  session_reply_cb,
  session_failed_cb,
};

static void
connect_now (CbSubscriber *self)
{
  self->retry_at = 0;
  cb_backoff_attempted (&self->backoff, g_get_monotonic_time ());
  self->session = cb_redis_session_new (self->address, self->client_name, TIMEOUT_MSEC, &self->facts, &session_funcs,
                                        self);
  set_timer (self);
  cb_redis_session_start (self->session);
}

static void
timer_cb (CbSourceEvents events,
          gpointer       user_data)
{
  g_autoptr (CbSubscriber) self = g_object_ref (user_data);
  g_autoptr (CbRedisSession) session = NULL;
  gint64 now, last_received;

  if (self->session == NULL)
    {
      if (self->retry_at != 0 && has_topics (self))
        connect_now (self);
      return;
    }

  /* What has come already counts, even when this program was too busy to look at it. */
  session = cb_redis_session_ref (self->session);
  cb_redis_session_read (session);
  if (self->session != session || !cb_redis_session_is_ready (session))
    return;

  now = g_get_monotonic_time ();
  last_received = cb_redis_session_get_last_received (session);
  if (self->ping_sent != 0 && now >= answer_deadline (self))
    {
      g_autoptr (GError) error = g_error_new (CB_REDIS_ERROR, CB_REDIS_ERROR_LOST,
                                              "%s does not answer any more. The connection was given up.",
                                              cb_address_get_label (self->address));

      session_ended (self, error, last_received);
      return;
    }

  if (self->ping_sent == 0 && now >= last_received + self->keep_alive_msec * G_TIME_SPAN_MILLISECOND)
    {
      self->ping_sent = now;
      send (self, ANSWER_PING, NULL);
    }
  set_timer (self);
}

/* GObject */

static void
cb_subscriber_constructed (GObject *object)
{
  CbSubscriber *self = CB_SUBSCRIBER (object);

  G_OBJECT_CLASS (cb_subscriber_parent_class)->constructed (object);
  g_assert (self->address != NULL);
  self->timer = cb_source_new (-1, timer_cb, self);
}

static void
cb_subscriber_dispose (GObject *object)
{
  CbSubscriber *self = CB_SUBSCRIBER (object);

  drop_session (self);
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  self->closed = TRUE;

  G_OBJECT_CLASS (cb_subscriber_parent_class)->dispose (object);
}

static void
cb_subscriber_finalize (GObject *object)
{
  CbSubscriber *self = CB_SUBSCRIBER (object);

  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    g_hash_table_unref (self->topics[kind]);
  cb_server_facts_clear (&self->facts);
  g_clear_pointer (&self->address, cb_address_unref);
  g_free (self->client_name);
  g_free (self->error_message);
  g_free (self->refusal);

  G_OBJECT_CLASS (cb_subscriber_parent_class)->finalize (object);
}

static void
cb_subscriber_get_property (GObject    *object,
                            guint       property_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  CbSubscriber *self = CB_SUBSCRIBER (object);

  switch (property_id)
    {
    case PROP_ADDRESS:
      g_value_set_boxed (value, self->address);
      break;
    case PROP_CLIENT_NAME:
      g_value_set_string (value, self->client_name);
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, self->connected);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, cb_subscriber_get_error_message (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_subscriber_set_property (GObject      *object,
                            guint         property_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  CbSubscriber *self = CB_SUBSCRIBER (object);

  switch (property_id)
    {
    case PROP_ADDRESS:
      self->address = g_value_dup_boxed (value);
      break;
    case PROP_CLIENT_NAME:
      self->client_name = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_subscriber_class_init (CbSubscriberClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GType bytes = G_TYPE_BYTES | G_SIGNAL_TYPE_STATIC_SCOPE;

  object_class->constructed = cb_subscriber_constructed;
  object_class->dispose = cb_subscriber_dispose;
  object_class->finalize = cb_subscriber_finalize;
  object_class->get_property = cb_subscriber_get_property;
  object_class->set_property = cb_subscriber_set_property;

  properties[PROP_ADDRESS] =
    g_param_spec_boxed ("address", NULL, NULL, CB_TYPE_ADDRESS,
                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CLIENT_NAME] =
    g_param_spec_string ("client-name", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONNECTED] =
    g_param_spec_boolean ("connected", NULL, NULL, FALSE,
                          G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ERROR_MESSAGE] =
    g_param_spec_string ("error-message", NULL, NULL, NULL,
                         G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * CbSubscriber::message:
   * @pattern: (nullable): the pattern it came by, %NULL when by its channel. What matches both comes twice.
   * @channel: where it was published
   * @payload: what was published
   */
  signals[MESSAGE] = g_signal_new ("message", CB_TYPE_SUBSCRIBER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   3, bytes, bytes, bytes);
  signals[SUBSCRIBED] = g_signal_new ("subscribed", CB_TYPE_SUBSCRIBER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 2, bytes, G_TYPE_BOOLEAN);
  /**
   * CbSubscriber::topics-changed:
   *
   * Something about what is subscribed to may be otherwise: ask cb_subscriber_get_topic_state().
   */
  signals[TOPICS_CHANGED] = g_signal_new ("topics-changed", CB_TYPE_SUBSCRIBER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  /**
   * CbSubscriber::lost:
   * @error: why
   *
   * What was heard is not heard any more. `resumed` follows when it is again.
   */
  signals[LOST] = g_signal_new ("lost", CB_TYPE_SUBSCRIBER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * CbSubscriber::resumed:
   * @deaf_usec: for how long messages may have been missed, in µs. A link that died silently counts from the
   *   last that was heard of it.
   */
  signals[RESUMED] = g_signal_new ("resumed", CB_TYPE_SUBSCRIBER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                   1, G_TYPE_INT64);
}

static void
cb_subscriber_init (CbSubscriber *self)
{
  self->keep_alive_msec = KEEP_ALIVE_MSEC;
  self->keep_alive_timeout_msec = TIMEOUT_MSEC;
  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    self->topics[kind] = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, NULL, topic_free);
  g_queue_init (&self->answers);

  /* The main connection asks for these; here only the door matters. */
  cb_server_facts_init (&self->facts);
  self->facts.lacks_time = TRUE;
  self->facts.lacks_info = TRUE;
  self->facts.lacks_role = TRUE;
}

/* Public functions */

/**
 * cb_subscriber_new:
 * @address: where the server is
 * @client_name: (nullable): what it is told to call us
 *
 * Makes a subscriber that belongs to the thread-default main context. It connects at the first subscription, and
 * gives the connection back with the last.
 *
 * Returns: (transfer full): the subscriber
 */
CbSubscriber *
cb_subscriber_new (CbAddress  *address,
                   const char *client_name)
{
  g_return_val_if_fail (address != NULL, NULL);

  return g_object_new (CB_TYPE_SUBSCRIBER, "address", address, "client-name", client_name, NULL);
}

static void
want (CbSubscriber *self,
      CbTopicKind   kind,
      const char   *name,
      gssize        length)
{
  g_autoptr (GBytes) bytes = NULL;
  Topic *topic;

  g_return_if_fail (CB_IS_SUBSCRIBER (self));
  g_return_if_fail (name != NULL);

  if (self->closed)
    return;

  bytes = g_bytes_new (name, length < 0 ? strlen (name) : (gsize) length);
  topic = g_hash_table_lookup (self->topics[kind], bytes);
  if (topic != NULL && topic->wanted && !topic->refused)
    return;

  if (topic == NULL)
    {
      topic = g_new0 (Topic, 1);
      topic->name = g_steal_pointer (&bytes);
      topic->kind = kind;
      g_hash_table_insert (self->topics[kind], topic->name, topic);
    }
  topic->wanted = TRUE;
  topic->refused = FALSE;
  g_clear_pointer (&topic->refusal, g_free);
  topic->confirmed = FALSE;

  if (self->session != NULL && cb_redis_session_is_ready (self->session))
    send (self, ANSWER_SUBSCRIBE, topic);
  else if (self->session == NULL && self->retry_at == 0)
    connect_now (self);
  update (self);
}

static void
give_up (CbSubscriber *self,
         CbTopicKind   kind,
         const char   *name,
         gssize        length)
{
  g_autoptr (GBytes) bytes = NULL;
  Topic *topic;

  g_return_if_fail (CB_IS_SUBSCRIBER (self));
  g_return_if_fail (name != NULL);

  bytes = g_bytes_new_static (name, length < 0 ? strlen (name) : (gsize) length);
  topic = g_hash_table_lookup (self->topics[kind], bytes);
  if (topic == NULL || !topic->wanted)
    return;

  topic->wanted = FALSE;
  if (self->session != NULL && cb_redis_session_is_ready (self->session) && !topic->refused)
    send (self, ANSWER_UNSUBSCRIBE, topic);
  else
    drop_topic_if_done (self, topic);

  if (!has_topics (self))
    {
      drop_session (self);
      self->retry_at = 0;
      self->deaf_since = 0;
      g_clear_pointer (&self->error_message, g_free);
      set_timer (self);
    }
  update (self);
}

/**
 * cb_subscriber_subscribe:
 * @self: a subscriber
 * @channel: any bytes
 * @length: how many, or -1 when they end with a NUL
 *
 * Hears a channel from now on. One that was refused is tried again. Idempotent.
 */
void
cb_subscriber_subscribe (CbSubscriber *self,
                         const char   *channel,
                         gssize        length)
{
  want (self, CB_TOPIC_CHANNEL, channel, length);
}

/**
 * cb_subscriber_unsubscribe:
 * @self: a subscriber
 * @channel: any bytes
 * @length: how many, or -1 when they end with a NUL
 *
 * Hears the channel no more: not even messages that are on their way are told after this. Idempotent.
 */
void
cb_subscriber_unsubscribe (CbSubscriber *self,
                           const char   *channel,
                           gssize        length)
{
  give_up (self, CB_TOPIC_CHANNEL, channel, length);
}

void
cb_subscriber_psubscribe (CbSubscriber *self,
                          const char   *pattern,
                          gssize        length)
{
  want (self, CB_TOPIC_PATTERN, pattern, length);
}

void
cb_subscriber_punsubscribe (CbSubscriber *self,
                            const char   *pattern,
                            gssize        length)
{
  give_up (self, CB_TOPIC_PATTERN, pattern, length);
}

/**
 * cb_subscriber_subscribe_to:
 * @self: a subscriber
 * @kind: what @name is
 * @name: any bytes
 * @length: how many, or -1 when they end with a NUL
 *
 * Hears it from now on, as cb_subscriber_subscribe() has it. A sharded channel lives on one node of a cluster; where this
 * server is not that node it is refused, and the reason says where to go.
 */
void
cb_subscriber_subscribe_to (CbSubscriber *self,
                            CbTopicKind   kind,
                            const char   *name,
                            gssize        length)
{
  g_return_if_fail (kind < CB_N_TOPIC_KINDS);

  want (self, kind, name, length);
}

/* Idempotent. */
void
cb_subscriber_unsubscribe_from (CbSubscriber *self,
                                CbTopicKind   kind,
                                const char   *name,
                                gssize        length)
{
  g_return_if_fail (kind < CB_N_TOPIC_KINDS);

  give_up (self, kind, name, length);
}

/**
 * cb_subscriber_get_topic_state:
 * @self: a subscriber
 * @kind: what @name is
 * @name: any bytes
 * @length: how many, or -1 when they end with a NUL
 * @refusal: (out) (optional) (nullable) (transfer none): why the server refused it
 *
 * Returns: how it stands with it
 */
CbTopicState
cb_subscriber_get_topic_state (CbSubscriber *self,
                               CbTopicKind   kind,
                               const char   *name,
                               gssize        length,
                               const char  **refusal)
{
  g_autoptr (GBytes) bytes = NULL;
  Topic *topic;

  g_return_val_if_fail (CB_IS_SUBSCRIBER (self), CB_TOPIC_UNKNOWN);
  g_return_val_if_fail (kind < CB_N_TOPIC_KINDS, CB_TOPIC_UNKNOWN);
  g_return_val_if_fail (name != NULL, CB_TOPIC_UNKNOWN);

  bytes = g_bytes_new_static (name, length < 0 ? strlen (name) : (gsize) length);
  topic = g_hash_table_lookup (self->topics[kind], bytes);
  if (refusal != NULL)
    *refusal = topic != NULL && topic->refused ? topic->refusal : NULL;

  if (topic == NULL || !topic->wanted)
    return CB_TOPIC_UNKNOWN;
  if (topic->refused)
    return CB_TOPIC_REFUSED;
  return topic->confirmed && topic->n_out == 0 ? CB_TOPIC_HEARD : CB_TOPIC_AWAITED;
}

/**
 * cb_subscriber_set_message_func:
 * @self: a subscriber
 * @func: (nullable): what is called with each message
 * @user_data: data for @func
 *
 * For hundreds of thousands of messages a second: @func gets the reply as it came, which it may keep, and the `message` signal is not
 * emitted. It may close the subscriber, and must not let go of it.
 */
void
cb_subscriber_set_message_func (CbSubscriber  *self,
                                CbMessageFunc  func,
                                gpointer       user_data)
{
  g_return_if_fail (CB_IS_SUBSCRIBER (self));

  self->message_func = func;
  self->message_data = user_data;
}

/* The channel of a message as it came. */
const CbValue *
cb_message_reply_get_channel (CbReply     *reply,
                              CbTopicKind  kind)
{
  return cb_value_get_element (cb_reply_get_value (reply), kind == CB_TOPIC_PATTERN ? 2 : 1);
}

const CbValue *
cb_message_reply_get_payload (CbReply     *reply,
                              CbTopicKind  kind)
{
  return cb_value_get_element (cb_reply_get_value (reply), kind == CB_TOPIC_PATTERN ? 3 : 2);
}

/* The pattern it came by; NULL when it came by its channel. */
const CbValue *
cb_message_reply_get_pattern (CbReply     *reply,
                              CbTopicKind  kind)
{
  return kind == CB_TOPIC_PATTERN ? cb_value_get_element (cb_reply_get_value (reply), 1) : NULL;
}

/**
 * cb_subscriber_close:
 * @self: a subscriber
 *
 * Ends it for good. Nothing is told after this but the change of properties. Idempotent.
 */
void
cb_subscriber_close (CbSubscriber *self)
{
  g_autoptr (CbSubscriber) kept = NULL;

  g_return_if_fail (CB_IS_SUBSCRIBER (self));

  if (self->closed)
    return;

  kept = g_object_ref (self);
  self->closed = TRUE;
  drop_session (self);
  self->last_heard = NULL;
  for (guint kind = 0; kind < CB_N_TOPIC_KINDS; kind++)
    g_hash_table_remove_all (self->topics[kind]);
  self->retry_at = 0;
  self->deaf_since = 0;
  set_timer (self);
  set_error (self, &self->error_message, NULL);
  update (self);
}

gboolean
cb_subscriber_get_connected (CbSubscriber *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIBER (self), FALSE);
  return self->connected;
}

/**
 * cb_subscriber_get_error_message:
 * @self: a subscriber
 *
 * Returns: (nullable): a sentence on why it is not connected, or on what the server refused last
 */
const char *
cb_subscriber_get_error_message (CbSubscriber *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIBER (self), NULL);
  return self->error_message != NULL ? self->error_message : self->refusal;
}

void
cb_subscriber_set_keep_alive (CbSubscriber *self,
                              guint         idle_msec,
                              guint         timeout_msec)
{
  self->keep_alive_msec = idle_msec;
  self->keep_alive_timeout_msec = timeout_msec;
}
