/* cb-queue-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-row.h"

#include <glib/gi18n.h>

#include "cb-format.h"

struct _CbQueueRow
{
  GtkWidget parent_instance;

  CbQueue *queue;             /* (owned) (nullable) */
  GSignalGroup *signals;      /* (owned) */

  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *failed;
  GtkLabel *total;
  GtkImage *problem;
};

G_DEFINE_FINAL_TYPE (CbQueueRow, cb_queue_row, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_QUEUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
update (CbQueueRow *self)
{
  g_autofree char *title = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *failed_text = NULL;
  g_autofree char *total_text = NULL;
  g_autofree char *exact_failed = NULL;
  g_autofree char *exact_total = NULL;
  g_autofree char *description = NULL;
  g_autofree char *tip = NULL;
  gint64 total = -1;
  gint64 failed = -1;
  gboolean unregistered = FALSE;

  if (self->queue == NULL)
    return;

  g_object_get (self->queue, "label", &title, "total", &total, "failed", &failed, "problem", &problem, "unregistered", &unregistered,
                NULL);
  if (problem == NULL && unregistered)
    problem = g_strdup (_ ("This queue is not registered: its library does not list it. The doctor can put that right."));
  failed_text = cb_format_count (failed);
  total_text = cb_format_count (total);
  exact_failed = cb_format_exact_count (MAX (failed, 0));
  exact_total = cb_format_exact_count (MAX (total, 0));

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->failed, failed_text);
  gtk_widget_set_visible (GTK_WIDGET (self->failed), failed > 0);
  gtk_label_set_label (self->total, total_text);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->problem), problem);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->problem), GTK_ACCESSIBLE_PROPERTY_LABEL, problem != NULL ? problem : "", -1);

  /* Translators: the name of a queue, how many jobs it has, how many of them failed */
  description = g_strdup_printf (ngettext ("%s, %s job, %s failed", "%s, %s jobs, %s failed", (gulong) MAX (total, 0)), title, exact_total, exact_failed);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, description,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, problem != NULL ? problem : "", -1);

  /* Names can be as long as anybody likes; a tooltip is not the place for all of it. */
  tip = g_utf8_strlen (title, -1) > 300 ? g_utf8_substring (title, 0, 300) : g_strdup (title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tip);
}

static void
cb_queue_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_QUEUE:
      g_value_set_object (value, CB_QUEUE_ROW (object)->queue);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_queue_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbQueueRow *self = CB_QUEUE_ROW (object);

  switch (id)
    {
    case PROP_QUEUE:
      if (g_set_object (&self->queue, g_value_get_object (value)))
        {
          g_signal_group_set_target (self->signals, self->queue);
          update (self);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_queue_row_dispose (GObject *object)
{
  CbQueueRow *self = CB_QUEUE_ROW (object);

  g_clear_object (&self->signals);
  g_clear_object (&self->queue);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_queue_row_parent_class)->dispose (object);
}

static void
cb_queue_row_class_init (CbQueueRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_queue_row_get_property;
  object_class->set_property = cb_queue_row_set_property;
  object_class->dispose = cb_queue_row_dispose;

  properties[PROP_QUEUE] =
    g_param_spec_object ("queue", NULL, NULL, CB_TYPE_QUEUE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-queue-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbQueueRow, box);
  gtk_widget_class_bind_template_child (widget_class, CbQueueRow, title);
  gtk_widget_class_bind_template_child (widget_class, CbQueueRow, failed);
  gtk_widget_class_bind_template_child (widget_class, CbQueueRow, total);
  gtk_widget_class_bind_template_child (widget_class, CbQueueRow, problem);
}

static void
cb_queue_row_init (CbQueueRow *self)
{
  self->signals = g_signal_group_new (CB_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (update), self);

  gtk_widget_init_template (GTK_WIDGET (self));
}
