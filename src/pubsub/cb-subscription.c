/* cb-subscription.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-subscription.h"

#include "cb-channel-rates.h"

struct _CbSubscription
{
  GObject parent_instance;

  CbTopicKind kind;
  GBytes *name;        /* (owned) */
  CbTopicState state;
  char *refusal;       /* (owned) (nullable) */
  double rate;
  guint64 count;
  guint64 count_before; /* at the last tick */
};

enum
{
  PROP_0,
  PROP_STATE,
  PROP_REFUSAL,
  PROP_RATE,
  PROP_COUNT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (CbSubscription, cb_subscription, G_TYPE_OBJECT)

CbSubscription *
cb_subscription_new (CbTopicKind kind,
                     GBytes     *name)
{
  CbSubscription *self = g_object_new (CB_TYPE_SUBSCRIPTION, NULL);

  self->kind = kind;
  self->name = g_bytes_ref (name);
  return self;
}

CbTopicKind
cb_subscription_get_kind (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), CB_TOPIC_CHANNEL);
  return self->kind;
}

GBytes *
cb_subscription_get_name (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), NULL);
  return self->name;
}

CbTopicState
cb_subscription_get_state (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), CB_TOPIC_UNKNOWN);
  return self->state;
}

/* Why the server refused it, a sentence; nullable. */
const char *
cb_subscription_get_refusal (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), NULL);
  return self->refusal;
}

double
cb_subscription_get_rate (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), 0);
  return self->rate;
}

guint64
cb_subscription_get_count (CbSubscription *self)
{
  g_return_val_if_fail (CB_IS_SUBSCRIPTION (self), 0);
  return self->count;
}

void
cb_subscription_set_state (CbSubscription *self,
                           CbTopicState    state,
                           const char     *refusal)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  if (g_strcmp0 (self->refusal, refusal) != 0)
    {
      g_free (self->refusal);
      self->refusal = g_strdup (refusal);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REFUSAL]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

/* Tells nobody: cb_subscription_tick() does. */
void
cb_subscription_count (CbSubscription *self)
{
  self->count++;
}

void
cb_subscription_tick (CbSubscription *self,
                      gint64          elapsed_usec)
{
  double before = self->rate;

  self->rate = cb_rate_follow (self->rate, self->count - self->count_before, elapsed_usec);
  if (self->count != self->count_before)
    {
      self->count_before = self->count;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
    }
  if (self->rate != before)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RATE]);
}

static void
cb_subscription_get_property (GObject    *object,
                              guint       property_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  CbSubscription *self = CB_SUBSCRIPTION (object);

  switch (property_id)
    {
    case PROP_STATE:
      g_value_set_int (value, (int) self->state);
      break;
    case PROP_REFUSAL:
      g_value_set_string (value, self->refusal);
      break;
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PROP_COUNT:
      g_value_set_uint64 (value, self->count);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
cb_subscription_finalize (GObject *object)
{
  CbSubscription *self = CB_SUBSCRIPTION (object);

  g_bytes_unref (self->name);
  g_free (self->refusal);

  G_OBJECT_CLASS (cb_subscription_parent_class)->finalize (object);
}

static void
cb_subscription_class_init (CbSubscriptionClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = cb_subscription_get_property;
  G_OBJECT_CLASS (klass)->finalize = cb_subscription_finalize;

  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, CB_TOPIC_REFUSED, 0, flags);
  properties[PROP_REFUSAL] = g_param_spec_string ("refusal", NULL, NULL, NULL, flags);
  properties[PROP_RATE] = g_param_spec_double ("rate", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  properties[PROP_COUNT] = g_param_spec_uint64 ("count", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
}

static void
cb_subscription_init (CbSubscription *self)
{
}
