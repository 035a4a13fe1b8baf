/* cb-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-page.h"

typedef struct
{
  CbSession *session;         /* (owned) (nullable) */
  char *title;                /* (owned) (nullable) */
  char *subtitle;             /* (owned) (nullable) */
  char *status;               /* (owned) (nullable) */
} CbPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (CbPage, cb_page, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_SESSION,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_STATUS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
set_text (CbPage *self, char **field, const char *text, int property)
{
  if (g_strcmp0 (*field, text) == 0)
    return;

  g_free (*field);
  *field = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
cb_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbPagePrivate *priv = cb_page_get_instance_private (CB_PAGE (object));

  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, priv->session);
      break;
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, priv->subtitle);
      break;
    case PROP_STATUS:
      g_value_set_string (value, priv->status);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbPage *self = CB_PAGE (object);
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  switch (id)
    {
    case PROP_SESSION:
      cb_page_set_session (self, g_value_get_object (value));
      break;
    case PROP_TITLE:
      set_text (self, &priv->title, g_value_get_string (value), PROP_TITLE);
      break;
    case PROP_SUBTITLE:
      set_text (self, &priv->subtitle, g_value_get_string (value), PROP_SUBTITLE);
      break;
    case PROP_STATUS:
      set_text (self, &priv->status, g_value_get_string (value), PROP_STATUS);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_page_dispose (GObject *object)
{
  CbPagePrivate *priv = cb_page_get_instance_private (CB_PAGE (object));

  g_clear_object (&priv->session);

  G_OBJECT_CLASS (cb_page_parent_class)->dispose (object);
}

static void
cb_page_finalize (GObject *object)
{
  CbPagePrivate *priv = cb_page_get_instance_private (CB_PAGE (object));

  g_free (priv->title);
  g_free (priv->subtitle);
  g_free (priv->status);

  G_OBJECT_CLASS (cb_page_parent_class)->finalize (object);
}

static void
cb_page_class_init (CbPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_page_get_property;
  object_class->set_property = cb_page_set_property;
  object_class->dispose = cb_page_dispose;
  object_class->finalize = cb_page_finalize;

  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, CB_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SUBTITLE] =
    g_param_spec_string ("subtitle", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATUS] =
    g_param_spec_string ("status", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_page_init (CbPage *self)
{
}

CbSession *
cb_page_get_session (CbPage *self)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_val_if_fail (CB_IS_PAGE (self), NULL);

  return priv->session;
}

/**
 * cb_page_set_session:
 * @session: (nullable): the server this page is about
 *
 * Its place calls it once, when it is made; the page sets itself up on it in its `set_up`.
 */
void
cb_page_set_session (CbPage *self, CbSession *session)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_if_fail (CB_IS_PAGE (self));
  g_return_if_fail (session == NULL || CB_IS_SESSION (session));

  if (!g_set_object (&priv->session, session))
    return;

  if (session != NULL && CB_PAGE_GET_CLASS (self)->set_up != NULL)
    CB_PAGE_GET_CLASS (self)->set_up (self, session);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
}

const char *
cb_page_get_title (CbPage *self)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_val_if_fail (CB_IS_PAGE (self), NULL);

  return priv->title;
}

void
cb_page_set_title (CbPage *self, const char *title)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_if_fail (CB_IS_PAGE (self));

  set_text (self, &priv->title, title, PROP_TITLE);
}

const char *
cb_page_get_subtitle (CbPage *self)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_val_if_fail (CB_IS_PAGE (self), NULL);

  return priv->subtitle;
}

void
cb_page_set_subtitle (CbPage *self, const char *subtitle)
{
  CbPagePrivate *priv = cb_page_get_instance_private (self);

  g_return_if_fail (CB_IS_PAGE (self));

  set_text (self, &priv->subtitle, subtitle, PROP_SUBTITLE);
}

/**
 * cb_page_refresh:
 *
 * Reads again what the page shows. Costs what showing it cost; most pages are live and need it only after polling failed.
 */
void
cb_page_refresh (CbPage *self)
{
  g_return_if_fail (CB_IS_PAGE (self));

  if (CB_PAGE_GET_CLASS (self)->refresh != NULL)
    CB_PAGE_GET_CLASS (self)->refresh (self);
}
