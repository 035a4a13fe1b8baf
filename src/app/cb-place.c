/* cb-place.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-place.h"

struct _CbPlace
{
  AdwBin parent_instance;

  char *title;                /* (owned) (nullable) */
  char *icon_name;            /* (owned) (nullable) */
  char *status;               /* (owned) (nullable) */
  GType page_type;
  gboolean has_news;
};

G_DEFINE_FINAL_TYPE (CbPlace, cb_place, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_ICON_NAME,
  PROP_STATUS,
  PROP_HAS_NEWS,
  PROP_PAGE_TYPE,
  PROP_PAGE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
cb_place_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbPlace *self = CB_PLACE (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, self->icon_name);
      break;
    case PROP_STATUS:
      g_value_set_string (value, self->status);
      break;
    case PROP_HAS_NEWS:
      g_value_set_boolean (value, self->has_news);
      break;
    case PROP_PAGE_TYPE:
      g_value_set_gtype (value, self->page_type);
      break;
    case PROP_PAGE:
      g_value_set_object (value, cb_place_get_page (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_place_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbPlace *self = CB_PLACE (object);

  switch (id)
    {
    case PROP_TITLE:
      self->title = g_value_dup_string (value);
      break;
    case PROP_ICON_NAME:
      self->icon_name = g_value_dup_string (value);
      break;
    case PROP_STATUS:
      g_free (self->status);
      self->status = g_value_dup_string (value);
      break;
    case PROP_HAS_NEWS:
      self->has_news = g_value_get_boolean (value);
      break;
    case PROP_PAGE_TYPE:
      self->page_type = g_value_get_gtype (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_place_finalize (GObject *object)
{
  CbPlace *self = CB_PLACE (object);

  g_free (self->title);
  g_free (self->icon_name);
  g_free (self->status);

  G_OBJECT_CLASS (cb_place_parent_class)->finalize (object);
}

static void
cb_place_class_init (CbPlaceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = cb_place_get_property;
  object_class->set_property = cb_place_set_property;
  object_class->finalize = cb_place_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL,
                                                G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL,
                                                    G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HAS_NEWS] = g_param_spec_boolean ("has-news", NULL, NULL, FALSE,
                                                    G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PAGE_TYPE] = g_param_spec_gtype ("page-type", NULL, NULL, CB_TYPE_PAGE,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PAGE] = g_param_spec_object ("page", NULL, NULL, CB_TYPE_PAGE,
                                               G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_place_init (CbPlace *self)
{
}

/**
 * cb_place_get_title:
 *
 * Returns: (nullable): what the sidebar calls it
 */
const char *
cb_place_get_title (CbPlace *self)
{
  g_return_val_if_fail (CB_IS_PLACE (self), NULL);

  return self->title;
}

/**
 * cb_place_get_has_news:
 *
 * Returns: whether its page has something to tell in the sidebar (how many keys there are, what the doctor found) before anybody went there
 */
gboolean
cb_place_get_has_news (CbPlace *self)
{
  g_return_val_if_fail (CB_IS_PLACE (self), FALSE);

  return self->has_news;
}

/**
 * cb_place_get_page:
 *
 * Returns: (transfer none) (nullable): %NULL until it is made
 */
CbPage *
cb_place_get_page (CbPlace *self)
{
  GtkWidget *child;

  g_return_val_if_fail (CB_IS_PLACE (self), NULL);

  child = adw_bin_get_child (ADW_BIN (self));
  return child != NULL ? CB_PAGE (child) : NULL;
}

/**
 * cb_place_make_page:
 * @session: the server the page is about
 *
 * Makes the page where there is none yet.
 *
 * Returns: (transfer none): the page
 */
CbPage *
cb_place_make_page (CbPlace *self, CbSession *session)
{
  CbPage *page;

  g_return_val_if_fail (CB_IS_PLACE (self), NULL);
  g_return_val_if_fail (CB_IS_SESSION (session), NULL);

  page = cb_place_get_page (self);
  if (page != NULL)
    return page;

  page = g_object_new (self->page_type, NULL);
  if (self->title != NULL)
    cb_page_set_title (page, self->title);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (page));
  g_object_bind_property (page, "status", self, "status", G_BINDING_SYNC_CREATE);
  cb_page_set_session (page, session);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAGE]);
  return page;
}
