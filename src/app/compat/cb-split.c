/* cb-split.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-split.h"

#include <adwaita.h>

/*
 * AdwFlap is what both ends of our range have. Its successor, AdwOverlaySplitView, came with libadwaita 1.4; when the floor is
 * there, only this file changes.
 */

struct _CbSplit
{
  GtkWidget parent_instance;

  AdwFlap *flap;              /* (owned): the only child */
};

G_DEFINE_FINAL_TYPE (CbSplit, cb_split, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SIDEBAR,
  PROP_CONTENT,
  PROP_SHOW_SIDEBAR,
  PROP_FOLDED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
folded_cb (CbSplit *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDED]);
}

static void
reveal_cb (CbSplit *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_SIDEBAR]);
}

static void
cb_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbSplit *self = CB_SPLIT (object);

  switch (id)
    {
    case PROP_SIDEBAR:
      g_value_set_object (value, adw_flap_get_flap (self->flap));
      break;
    case PROP_CONTENT:
      g_value_set_object (value, adw_flap_get_content (self->flap));
      break;
    case PROP_SHOW_SIDEBAR:
      g_value_set_boolean (value, cb_split_get_show_sidebar (self));
      break;
    case PROP_FOLDED:
      g_value_set_boolean (value, cb_split_get_folded (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_split_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbSplit *self = CB_SPLIT (object);

  switch (id)
    {
    case PROP_SIDEBAR:
      adw_flap_set_flap (self->flap, g_value_get_object (value));
      break;
    case PROP_CONTENT:
      adw_flap_set_content (self->flap, g_value_get_object (value));
      break;
    case PROP_SHOW_SIDEBAR:
      cb_split_set_show_sidebar (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_split_dispose (GObject *object)
{
  CbSplit *self = CB_SPLIT (object);

  if (self->flap != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->flap));
      self->flap = NULL;
    }

  G_OBJECT_CLASS (cb_split_parent_class)->dispose (object);
}

static void
cb_split_class_init (CbSplitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_split_get_property;
  object_class->set_property = cb_split_set_property;
  object_class->dispose = cb_split_dispose;

  properties[PROP_SIDEBAR] = g_param_spec_object ("sidebar", NULL, NULL, GTK_TYPE_WIDGET,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET,
                                                  G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_SIDEBAR] =
    g_param_spec_boolean ("show-sidebar", NULL, NULL, TRUE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLDED] = g_param_spec_boolean ("folded", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
cb_split_init (CbSplit *self)
{
  self->flap = ADW_FLAP (adw_flap_new ());
  adw_flap_set_separator (self->flap, gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  adw_flap_set_fold_threshold_policy (self->flap, ADW_FOLD_THRESHOLD_POLICY_MINIMUM);
  gtk_widget_set_parent (GTK_WIDGET (self->flap), GTK_WIDGET (self));
  g_signal_connect_object (self->flap, "notify::folded", G_CALLBACK (folded_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->flap, "notify::reveal-flap", G_CALLBACK (reveal_cb), self, G_CONNECT_SWAPPED);
}

gboolean
cb_split_get_folded (CbSplit *self)
{
  g_return_val_if_fail (CB_IS_SPLIT (self), FALSE);

  return adw_flap_get_folded (self->flap);
}

gboolean
cb_split_get_show_sidebar (CbSplit *self)
{
  g_return_val_if_fail (CB_IS_SPLIT (self), FALSE);

  return adw_flap_get_reveal_flap (self->flap);
}

void
cb_split_set_show_sidebar (CbSplit *self, gboolean show)
{
  g_return_if_fail (CB_IS_SPLIT (self));

  adw_flap_set_reveal_flap (self->flap, show);
}
