/* cb-finding-item.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-finding-item.h"

struct _CbFindingItem
{
  GObject parent_instance;

  CbFinding *finding;         /* (owned) */
  CbEngine *engine;           /* (owned) */
  gboolean chosen;
  CbFindingOutcome outcome;
  char *problem;              /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbFindingItem, cb_finding_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_CHOSEN,
  PROP_OUTCOME,
  PROP_PROBLEM,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
cb_finding_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbFindingItem *self = CB_FINDING_ITEM (object);

  switch (prop_id)
    {
    case PROP_CHOSEN:
      g_value_set_boolean (value, self->chosen);
      break;
    case PROP_OUTCOME:
      g_value_set_uint (value, self->outcome);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_finding_item_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_CHOSEN:
      cb_finding_item_set_chosen (CB_FINDING_ITEM (object), g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_finding_item_finalize (GObject *object)
{
  CbFindingItem *self = CB_FINDING_ITEM (object);

  cb_finding_free (self->finding);
  g_clear_object (&self->engine);
  g_free (self->problem);

  G_OBJECT_CLASS (cb_finding_item_parent_class)->finalize (object);
}

static void
cb_finding_item_class_init (CbFindingItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_finding_item_get_property;
  object_class->set_property = cb_finding_item_set_property;
  object_class->finalize = cb_finding_item_finalize;

  props[PROP_CHOSEN] = g_param_spec_boolean ("chosen", NULL, NULL, FALSE, read | G_PARAM_WRITABLE);
  props[PROP_OUTCOME]
    = g_param_spec_uint ("outcome", NULL, NULL, 0, CB_FINDING_NOT_REPAIRED, CB_FINDING_FOUND, read);
  props[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, NULL, read);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
cb_finding_item_init (CbFindingItem *self)
{
}

/**
 * cb_finding_item_new:
 * @finding: (transfer full)
 * @engine: whose finding it is
 *
 * Chosen, when it can be repaired.
 */
CbFindingItem *
cb_finding_item_new (CbFinding *finding, CbEngine *engine)
{
  CbFindingItem *self = g_object_new (CB_TYPE_FINDING_ITEM, NULL);

  self->finding = finding;
  self->engine = g_object_ref (engine);
  self->chosen = finding->repair != NULL;

  return self;
}

CbFinding *
cb_finding_item_get_finding (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), NULL);

  return self->finding;
}

CbEngine *
cb_finding_item_get_engine (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), NULL);

  return self->engine;
}

/**
 * cb_finding_item_get_repairable:
 *
 * Returns: whether there is something that could still be done about it here
 */
gboolean
cb_finding_item_get_repairable (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), FALSE);

  return self->finding->repair != NULL && self->outcome != CB_FINDING_REPAIRED && self->outcome != CB_FINDING_HEALED;
}

gboolean
cb_finding_item_get_chosen (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), FALSE);

  return self->chosen;
}

void
cb_finding_item_set_chosen (CbFindingItem *self, gboolean chosen)
{
  g_return_if_fail (CB_IS_FINDING_ITEM (self));

  chosen = chosen && cb_finding_item_get_repairable (self);
  if (self->chosen == chosen)
    return;

  self->chosen = chosen;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CHOSEN]);
}

CbFindingOutcome
cb_finding_item_get_outcome (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), CB_FINDING_FOUND);

  return self->outcome;
}

const char *
cb_finding_item_get_problem (CbFindingItem *self)
{
  g_return_val_if_fail (CB_IS_FINDING_ITEM (self), NULL);

  return self->problem;
}

void
cb_finding_item_set_outcome (CbFindingItem *self, CbFindingOutcome outcome, const char *problem)
{
  g_return_if_fail (CB_IS_FINDING_ITEM (self));

  self->outcome = outcome;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  cb_finding_item_set_chosen (self, self->chosen);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OUTCOME]);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PROBLEM]);
}
