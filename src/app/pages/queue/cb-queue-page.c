/* cb-queue-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page.h"

struct _CbQueuePage
{
  CbPage parent_instance;

  CbQueue *queue;           /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (CbQueuePage, cb_queue_page, CB_TYPE_PAGE)

static void
cb_queue_page_dispose (GObject *object)
{
  CbQueuePage *self = CB_QUEUE_PAGE (object);

  g_clear_object (&self->queue);

  G_OBJECT_CLASS (cb_queue_page_parent_class)->dispose (object);
}

static void
cb_queue_page_class_init (CbQueuePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_queue_page_dispose;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass),
                                               "/io/github/callboard/Callboard/ui/cb-queue-page.ui");
}

static void
cb_queue_page_init (CbQueuePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CbQueue *
cb_queue_page_get_queue (CbQueuePage *self)
{
  return self->queue;
}

void
cb_queue_page_set_queue (CbQueuePage *self, CbQueue *queue)
{
  if (g_set_object (&self->queue, queue))
    cb_page_set_title (CB_PAGE (self), queue != NULL ? cb_queue_get_name (queue) : NULL);
}

void
cb_queue_page_show_job (CbQueuePage *self, const char *id)
{
}
