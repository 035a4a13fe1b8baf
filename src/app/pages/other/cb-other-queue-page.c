/* cb-other-queue-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-other-queue-page.h"

#include <glib/gi18n.h>

struct _CbOtherQueuePage
{
  CbPage parent_instance;

  CbOtherQueue *queue;        /* (owned) (nullable) */

  AdwStatusPage *status_page;
  GtkLabel *prefix_label;
  GtkButton *keys_button;
};

G_DEFINE_FINAL_TYPE (CbOtherQueuePage, cb_other_queue_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_QUEUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
update (CbOtherQueuePage *self)
{
  const char *library = cb_library_get_title (cb_other_queue_get_library (self->queue));
  g_autofree char *name = cb_other_queue_dup_label (self->queue);
  g_autofree char *prefix = cb_other_queue_dup_prefix_label (self->queue);
  g_autofree char *pattern = cb_other_queue_dup_pattern (self->queue);
  g_autofree char *text = NULL;
  g_autofree char *of = NULL;
  g_autofree char *description = NULL;

  /* Translators: the name of a library, twice the same */
  text = g_strdup_printf (_ ("This is a queue of %s. Callboard does not show jobs of %s yet; it only knows that the queue is there."), library,
                          library);
  /* It is markup. */
  description = g_markup_escape_text (text, -1);
  /* Translators: what the names of all keys of a queue begin with */
  of = *prefix != '\0' ? g_strdup_printf (_ ("Prefix %s"), prefix) : NULL;

  cb_page_set_title (CB_PAGE (self), name);
  cb_page_set_subtitle (CB_PAGE (self), library);
  adw_status_page_set_title (self->status_page, name);
  adw_status_page_set_description (self->status_page, description);
  gtk_label_set_label (self->prefix_label, of != NULL ? of : "");
  gtk_widget_set_visible (GTK_WIDGET (self->prefix_label), of != NULL);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->keys_button), "s", pattern);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->keys_button), pattern);
}

static void
cb_other_queue_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_QUEUE:
      g_value_set_object (value, CB_OTHER_QUEUE_PAGE (object)->queue);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_other_queue_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_QUEUE:
      cb_other_queue_page_set_queue (CB_OTHER_QUEUE_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_other_queue_page_dispose (GObject *object)
{
  g_clear_object (&CB_OTHER_QUEUE_PAGE (object)->queue);

  G_OBJECT_CLASS (cb_other_queue_page_parent_class)->dispose (object);
}

static void
cb_other_queue_page_class_init (CbOtherQueuePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_other_queue_page_get_property;
  object_class->set_property = cb_other_queue_page_set_property;
  object_class->dispose = cb_other_queue_page_dispose;

  properties[PROP_QUEUE] = g_param_spec_object ("queue", NULL, NULL, CB_TYPE_OTHER_QUEUE,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-other-queue-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbOtherQueuePage, status_page);
  gtk_widget_class_bind_template_child (widget_class, CbOtherQueuePage, prefix_label);
  gtk_widget_class_bind_template_child (widget_class, CbOtherQueuePage, keys_button);
}

static void
cb_other_queue_page_init (CbOtherQueuePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CbOtherQueue *
cb_other_queue_page_get_queue (CbOtherQueuePage *self)
{
  g_return_val_if_fail (CB_IS_OTHER_QUEUE_PAGE (self), NULL);

  return self->queue;
}

void
cb_other_queue_page_set_queue (CbOtherQueuePage *self, CbOtherQueue *queue)
{
  g_return_if_fail (CB_IS_OTHER_QUEUE_PAGE (self));

  if (!g_set_object (&self->queue, queue))
    return;

  if (queue != NULL)
    update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE]);
}
