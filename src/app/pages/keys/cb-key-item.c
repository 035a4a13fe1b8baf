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
  gboolean folder;
  gboolean expanded;
  gboolean has_facts;
  CbKeyFacts facts;
  gint64 expires_at;
  CbJobRecord *job;   /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbKeyItem, cb_key_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_FOLDER,
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
    case PROP_FOLDER:
      g_value_set_boolean (value, self->folder);
      break;
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

  properties[PROP_FOLDER] = g_param_spec_boolean ("folder", NULL, NULL, FALSE, flags);
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

static gboolean
shows_as_folder (CbKeyItem *self)
{
  return cb_key_row_is_folder (self->row) && (self->expanded || cb_key_row_count_keys (self->row) != 1);
}

static void
update_folder (CbKeyItem *self)
{
  gboolean folder = shows_as_folder (self);

  if (self->folder == folder)
    return;

  self->folder = folder;
  self->has_facts = FALSE;
  self->expires_at = -1;
  g_clear_pointer (&self->job, cb_job_record_unref);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDER]);
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
  self->folder = shows_as_folder (self);
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

  return self->folder;
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

  name = self->folder ? NULL : cb_key_row_get_only_name (self->row, &length);
  if (name == NULL)
    name = cb_key_row_get_name (self->row, &length);
  return g_bytes_new (name, length);
}

static char *
dup_label (CbKeyItem *self, gboolean whole, guint max_chars)
{
  return self->folder ? cb_key_row_dup_label (self->row, whole, max_chars)
                      : cb_key_row_dup_only_label (self->row, whole, max_chars);
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

  return dup_label (self, self->whole, max_chars);
}

char *
cb_key_item_dup_whole_label (CbKeyItem *self, guint max_chars)
{
  g_return_val_if_fail (CB_IS_KEY_ITEM (self), NULL);

  return dup_label (self, TRUE, max_chars);
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
  update_folder (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EXPANDED]);
}

void
cb_key_item_count (CbKeyItem *self)
{
  g_return_if_fail (CB_IS_KEY_ITEM (self));

  update_folder (self);
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
