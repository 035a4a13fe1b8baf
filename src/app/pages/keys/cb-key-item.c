/* cb-key-item.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-key-item.h"

struct _CbKeyItem
{
  GObject parent_instance;

  CbKeyRow *row;      /* (owned) */
  guint depth;
  gboolean whole;
  gboolean expanded;
  gboolean partial;   /* not all keys were looked at: a folder may have more */
  gboolean has_facts;
  CbKeyFacts facts;
  gint64 expires_at;
  CbJobRecord *job;   /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbKeyItem, cb_key_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_EXPANDED,
  PROP_FACTS,
  PROP_JOB,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];
static guint count_changed_signal;

static void
cb_key_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbKeyItem *self = CB_KEY_ITEM (object);

  switch (id)
    {
    case PROP_EXPANDED:
      g_value_set_boolean (value, self->expanded);
      break;
    case PROP_FACTS:
      g_value_set_pointer (value, self->has_facts ? &self->facts : NULL);
      break;
    case PROP_JOB:
      g_value_set_boxed (value, self->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_key_item_finalize (GObject *object)
{
  CbKeyItem *self = CB_KEY_ITEM (object);

  g_clear_object (&self->row);
  g_clear_pointer (&self->job, cb_job_record_unref);

  G_OBJECT_CLASS (cb_key_item_parent_class)->finalize (object);
}

static void
cb_key_item_class_init (CbKeyItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_key_item_get_property;
  object_class->finalize = cb_key_item_finalize;

  properties[PROP_EXPANDED] = g_param_spec_boolean ("expanded", NULL, NULL, FALSE, flags);
  properties[PROP_FACTS] = g_param_spec_pointer ("facts", NULL, NULL, flags);
  properties[PROP_JOB] = g_param_spec_boxed ("job", NULL, NULL, CB_TYPE_JOB_RECORD, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  count_changed_signal =
    g_signal_new ("count-changed", CB_TYPE_KEY_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
cb_key_item_init (CbKeyItem *self)
{
  self->expires_at = -1;
}

CbKeyItem *
cb_key_item_new (CbKeyRow *row, guint depth, gboolean whole)
{
  CbKeyItem *self;

  g_return_val_if_fail (CB_IS_KEY_ROW (row), NULL);

  self = g_object_new (CB_TYPE_KEY_ITEM, NULL);
  self->row = g_object_ref (row);
  self->depth = depth;
  self->whole = whole;
  return self;
}

CbKeyRow *
cb_key_item_get_row (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return self->row;
}

gboolean
cb_key_item_is_folder (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), FALSE);

  return cb_key_row_is_folder (self->row);
}

/**
 * cb_key_item_dup_name:
 *
 * Returns: (transfer full): the name of the key, or what those of a folder begin with
 */
GBytes *
cb_key_item_dup_name (CbKeyItem *self)
{
  const char *name;
  gsize length;

  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  name = cb_key_row_get_name (self->row, &length);
  return g_bytes_new (name, length);
}

/**
 * cb_key_item_dup_label:
 * @max_chars: 0 for all
 *
 * Returns: (transfer full): one line for people: of a tree the last part of the name, else all of it
 */
char *
cb_key_item_dup_label (CbKeyItem *self, guint max_chars)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return cb_key_row_dup_label (self->row, self->whole, max_chars);
}

char *
cb_key_item_dup_whole_label (CbKeyItem *self, guint max_chars)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return cb_key_row_dup_label (self->row, TRUE, max_chars);
}

guint
cb_key_item_get_depth (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), 0);

  return self->depth;
}

gboolean
cb_key_item_get_expanded (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), FALSE);

  return self->expanded;
}

void
cb_key_item_set_expanded (CbKeyItem *self, gboolean expanded)
{
  g_return_if_fail (CB_IS_KEY_ITEM (self));

  if (self->expanded == expanded)
    return;

  self->expanded = expanded;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EXPANDED]);
}

gboolean
cb_key_item_get_partial (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), FALSE);

  return self->partial;
}

void
cb_key_item_count (CbKeyItem *self, gboolean partial)
{
  g_return_if_fail (CB_IS_KEY_ITEM (self));

  self->partial = partial;
  g_signal_emit (self, count_changed_signal, 0);
}

const CbKeyFacts *
cb_key_item_get_facts (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return self->has_facts ? &self->facts : NULL;
}

/**
 * cb_key_item_set_facts:
 * @facts: (nullable): just read; %NULL to have them asked again
 */
void
cb_key_item_set_facts (CbKeyItem *self, const CbKeyFacts *facts)
{
  g_return_if_fail (CB_IS_KEY_ITEM (self));

  self->has_facts = facts != NULL;
  if (facts != NULL)
    self->facts = *facts;
  self->expires_at =
    facts != NULL && facts->ttl_msec >= 0 ? g_get_monotonic_time () + MIN (facts->ttl_msec, G_MAXINT64 / 2000) * 1000 : -1;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FACTS]);
}

gint64
cb_key_item_get_expires_at (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), -1);

  return self->expires_at;
}

CbJobRecord *
cb_key_item_get_job (CbKeyItem *self)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return self->job;
}

void
cb_key_item_set_job (CbKeyItem *self, CbJobRecord *job)
{
  g_return_if_fail (CB_IS_KEY_ITEM (self));

  if (self->job == job)
    return;

  g_clear_pointer (&self->job, cb_job_record_unref);
  self->job = job != NULL ? cb_job_record_ref (job) : NULL;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}
