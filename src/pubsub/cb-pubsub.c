/* cb-pubsub.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pubsub.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _CbPubsub
{
  GObject parent_instance;

  CbConnection *connection;    /* (owned) the other one, which asks and publishes */
  CbSubscriber *subscriber;    /* (owned) (nullable) NULL once closed */
  CbMessageList *messages;     /* (owned) */
  CbChannelRates *rates;       /* (owned) */
  GListStore *subscriptions;   /* (owned) */
  CbSubscription *last;        /* (unowned) (nullable) by which the message before came */
  guint tick_id;
  gint64 ticked_at;            /* µs monotonic */
  guint64 n;
  guint64 n_before;            /* at the last tick */
  double rate;

  gint64 lost_at;              /* µs since 1970 UTC, 0 while hearing */
  char *lost_why;              /* (owned) (nullable) */
  gboolean closed_by_server;   /* that was all it said */
  gboolean others_lost;        /* since then, the other connection has been away too */
  guint n_gaps;
  gint64 deaf_usec;
};

enum
{
  PROP_0,
  PROP_CONNECTED,
  PROP_PROBLEM,
  PROP_N_GAPS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint tick_signal;

G_DEFINE_FINAL_TYPE (CbPubsub, cb_pubsub, G_TYPE_OBJECT)

/* --- subscriptions --- */

static CbSubscription *
find_subscription (CbPubsub      *self,
                   CbTopicKind    kind,
                   gconstpointer  name,
                   gsize          length,
                   guint         *position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->subscriptions));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbSubscription) subscription = g_list_model_get_item (G_LIST_MODEL (self->subscriptions), i);
      gsize other_length;
      gconstpointer other = g_bytes_get_data (cb_subscription_get_name (subscription), &other_length);

      if (cb_subscription_get_kind (subscription) == kind && other_length == length &&
          (length == 0 || memcmp (other, name, length) == 0))
        {
          if (position != NULL)
            *position = i;
          return subscription;
        }
    }
  return NULL;
}

static void
topics_changed_cb (CbPubsub *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->subscriptions));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbSubscription) subscription = g_list_model_get_item (G_LIST_MODEL (self->subscriptions), i);
      gsize length;
      const char *name = g_bytes_get_data (cb_subscription_get_name (subscription), &length);
      const char *refusal;
      CbTopicState state = cb_subscriber_get_topic_state (self->subscriber, cb_subscription_get_kind (subscription),
                                                          name != NULL ? name : "", (gssize) length, &refusal);

      cb_subscription_set_state (subscription, state, refusal);
    }
}

static gboolean
tick_cb (gpointer data)
{
  CbPubsub *self = data;
  gint64 now = g_get_monotonic_time ();
  gint64 elapsed = now - self->ticked_at;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->subscriptions));

  self->ticked_at = now;
  cb_channel_rates_tick (self->rates, elapsed);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbSubscription) subscription = g_list_model_get_item (G_LIST_MODEL (self->subscriptions), i);

      cb_subscription_tick (subscription, elapsed);
    }
  self->rate = cb_rate_follow (self->rate, self->n - self->n_before, elapsed);
  self->n_before = self->n;
  g_signal_emit (self, tick_signal, 0);
  return G_SOURCE_CONTINUE;
}

static void
set_ticking (CbPubsub *self,
             gboolean  ticking)
{
  if (ticking && self->tick_id == 0)
    {
      self->ticked_at = g_get_monotonic_time ();
      self->tick_id = g_timeout_add_seconds (1, tick_cb, self);
    }
  else if (!ticking && self->tick_id != 0)
    {
      g_source_remove (self->tick_id);
      self->tick_id = 0;
      self->rate = 0;
    }
}

/* --- what is heard --- */

static void
message_cb (CbSubscriber *subscriber,
            CbTopicKind   kind,
            CbReply      *reply,
            gpointer      user_data)
{
  CbPubsub *self = user_data;
  const CbValue *channel = cb_message_reply_get_channel (reply, kind);
  gsize size, length, last_length;
  const char *topic = cb_value_get_string (cb_value_get_element (cb_reply_get_value (reply), 1), &length);
  gconstpointer last = self->last != NULL ? g_bytes_get_data (cb_subscription_get_name (self->last), &last_length) : NULL;

  cb_value_get_string (cb_message_reply_get_payload (reply, kind), &size);
  if (last == NULL || cb_subscription_get_kind (self->last) != kind || last_length != length ||
      memcmp (last, topic, length) != 0)
    self->last = find_subscription (self, kind, topic, length, NULL);
  if (self->last != NULL)
    cb_subscription_count (self->last);
  cb_channel_rates_count (self->rates, channel, size);
  self->n++;
  cb_message_list_take_message (self->messages, kind, reply, g_get_real_time ());
}

static void
other_state_cb (CbPubsub *self)
{
  if (cb_connection_get_state (self->connection) != CB_CONNECTION_READY)
    self->others_lost = TRUE;
}

static void
lost_cb (CbPubsub     *self,
         const GError *error)
{
  if (self->lost_at != 0)
    return;

  self->lost_at = g_get_real_time ();
  g_free (self->lost_why);
  self->lost_why = g_strdup (error->message);
  self->closed_by_server = g_error_matches (error, CB_REDIS_ERROR, CB_REDIS_ERROR_LOST);
  self->others_lost = FALSE;
  other_state_cb (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

static void
resumed_cb (CbPubsub *self,
            gint64    deaf_usec)
{
  g_autofree char *why = NULL;

  /* Redis 7.0 tells nobody why it has cut somebody off. Who is the only one is most likely too slow. */
  if (self->closed_by_server && !self->others_lost)
    why = g_strdup_printf (_("%s Probably messages came faster than they could be taken, and its limit for that "
                             "(client-output-buffer-limit pubsub) was reached."),
                           self->lost_why);

  self->n_gaps++;
  self->deaf_usec += deaf_usec;
  cb_message_list_take_gap (self->messages, g_get_real_time () - deaf_usec, deaf_usec,
                            why != NULL ? why : self->lost_why != NULL ? self->lost_why : "");
  self->lost_at = 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_GAPS]);
}

static void
connected_cb (CbPubsub *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTED]);
}

static void
problem_cb (CbPubsub *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
}

/**
 * cb_pubsub_new:
 * @connection: a connection to the server, for whatever is asked; it stays the caller's to open and close
 * @client_name: (nullable): what the server is told to call us
 *
 * Returns: (transfer full): nothing is subscribed to, and no connection made
 */
CbPubsub *
cb_pubsub_new (CbConnection *connection,
               const char   *client_name)
{
  CbPubsub *self;

  g_return_val_if_fail (CB_IS_CONNECTION (connection), NULL);

  self = g_object_new (CB_TYPE_PUBSUB, NULL);
  self->connection = g_object_ref (connection);
  self->subscriber = cb_subscriber_new (cb_connection_get_address (connection), client_name);
  cb_subscriber_set_message_func (self->subscriber, message_cb, self);
  g_signal_connect_object (self->subscriber, "lost", G_CALLBACK (lost_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "resumed", G_CALLBACK (resumed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "topics-changed", G_CALLBACK (topics_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "notify::connected", G_CALLBACK (connected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subscriber, "notify::error-message", G_CALLBACK (problem_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (other_state_cb), self, G_CONNECT_SWAPPED);
  return self;
}

CbConnection *
cb_pubsub_get_connection (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), NULL);
  return self->connection;
}

CbMessageList *
cb_pubsub_get_messages (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), NULL);
  return self->messages;
}

CbChannelRates *
cb_pubsub_get_rates (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), NULL);
  return self->rates;
}

GListModel *
cb_pubsub_get_subscriptions (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), NULL);
  return G_LIST_MODEL (self->subscriptions);
}

/**
 * cb_pubsub_subscribe:
 * @self: what is heard
 * @kind: what @name is
 * @name: any bytes
 *
 * Hears it from now on. One that was refused is tried again. Idempotent.
 */
void
cb_pubsub_subscribe (CbPubsub    *self,
                     CbTopicKind  kind,
                     GBytes      *name)
{
  g_autoptr (CbSubscription) subscription = NULL;
  gsize length;
  const char *data = g_bytes_get_data (name, &length);

  g_return_if_fail (CB_IS_PUBSUB (self));

  if (self->subscriber == NULL)
    return;

  if (find_subscription (self, kind, data, length, NULL) == NULL)
    {
      subscription = cb_subscription_new (kind, name);
      g_list_store_append (self->subscriptions, subscription);
    }
  cb_subscriber_subscribe_to (self->subscriber, kind, data != NULL ? data : "", (gssize) length);
  topics_changed_cb (self);
  set_ticking (self, TRUE);
}

/* What was heard stays. Idempotent. */
void
cb_pubsub_unsubscribe (CbPubsub    *self,
                       CbTopicKind  kind,
                       GBytes      *name)
{
  gsize length;
  const char *data = g_bytes_get_data (name, &length);
  guint position;

  g_return_if_fail (CB_IS_PUBSUB (self));

  if (self->subscriber == NULL || find_subscription (self, kind, data, length, &position) == NULL)
    return;

  cb_subscriber_unsubscribe_from (self->subscriber, kind, data != NULL ? data : "", (gssize) length);
  self->last = NULL;
  g_list_store_remove (self->subscriptions, position);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->subscriptions)) == 0)
    {
      /* Whoever wants to hear nothing misses nothing. */
      self->lost_at = 0;
      set_ticking (self, FALSE);
      g_signal_emit (self, tick_signal, 0);
    }
}

gboolean
cb_pubsub_get_connected (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), FALSE);
  return self->subscriber != NULL && cb_subscriber_get_connected (self->subscriber);
}

/* Why not everything is heard, a sentence; NULL when it is, or is about to be. */
const char *
cb_pubsub_get_problem (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), NULL);
  return self->subscriber != NULL ? cb_subscriber_get_error_message (self->subscriber) : NULL;
}

guint
cb_pubsub_get_n_gaps (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), 0);
  return self->n_gaps;
}

gint64
cb_pubsub_get_deaf (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), 0);
  return self->deaf_usec;
}

double
cb_pubsub_get_rate (CbPubsub *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB (self), 0);
  return self->rate;
}

/* Forgets what was heard, and counts from 0; the subscriptions stay. */
void
cb_pubsub_clear (CbPubsub *self)
{
  g_return_if_fail (CB_IS_PUBSUB (self));

  cb_message_list_clear (self->messages);
  cb_channel_rates_clear (self->rates);
  self->n_gaps = 0;
  self->deaf_usec = 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_GAPS]);
  g_signal_emit (self, tick_signal, 0);
}

void
cb_pubsub_close (CbPubsub *self)
{
  g_return_if_fail (CB_IS_PUBSUB (self));

  if (self->subscriber == NULL)
    return;

  set_ticking (self, FALSE);
  cb_subscriber_set_message_func (self->subscriber, NULL, NULL);
  g_signal_handlers_disconnect_by_data (self->subscriber, self);
  cb_subscriber_close (self->subscriber);
  g_clear_object (&self->subscriber);
}

static void
cb_pubsub_get_property (GObject    *object,
                        guint       property_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  CbPubsub *self = CB_PUBSUB (object);

  switch (property_id)
    {
    case PROP_CONNECTED:
      g_value_set_boolean (value, cb_pubsub_get_connected (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, cb_pubsub_get_problem (self));
      break;
    case PROP_N_GAPS:
      g_value_set_uint (value, self->n_gaps);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_pubsub_dispose (GObject *object)
{
  cb_pubsub_close (CB_PUBSUB (object));

  G_OBJECT_CLASS (cb_pubsub_parent_class)->dispose (object);
}

static void
cb_pubsub_finalize (GObject *object)
{
  CbPubsub *self = CB_PUBSUB (object);

  g_object_unref (self->messages);
  g_object_unref (self->subscriptions);
  cb_channel_rates_free (self->rates);
  g_clear_object (&self->connection);
  g_free (self->lost_why);

  G_OBJECT_CLASS (cb_pubsub_parent_class)->finalize (object);
}

static void
cb_pubsub_class_init (CbPubsubClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_pubsub_get_property;
  object_class->dispose = cb_pubsub_dispose;
  object_class->finalize = cb_pubsub_finalize;

  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, flags);
  properties[PROP_N_GAPS] = g_param_spec_uint ("n-gaps", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  tick_signal = g_signal_new ("tick", CB_TYPE_PUBSUB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_pubsub_init (CbPubsub *self)
{
  self->messages = cb_message_list_new ();
  self->rates = cb_channel_rates_new ();
  self->subscriptions = g_list_store_new (CB_TYPE_SUBSCRIPTION);
}
