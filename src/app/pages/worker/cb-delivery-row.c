/* cb-delivery-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-delivery-row.h"

#include <glib/gi18n.h>

#include "cb-format.h"

struct _CbDeliveryRow
{
  GtkListBoxRow parent_instance;

  GtkWidget *outcome_image;
  GtkWidget *recipient_label;
  GtkWidget *message_label;
  GtkWidget *problem_label;
  GtkWidget *time_label;
  GtkWidget *job_button;
};

G_DEFINE_FINAL_TYPE (CbDeliveryRow, cb_delivery_row, GTK_TYPE_LIST_BOX_ROW)

static void
cb_delivery_row_class_init (CbDeliveryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-delivery-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, outcome_image);
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, recipient_label);
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, message_label);
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, problem_label);
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, CbDeliveryRow, job_button);
}

static void
cb_delivery_row_init (CbDeliveryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_outcome (CbDeliveryRow *self, const char *icon_name, const char *word, const char *css_class)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (self->outcome_image), icon_name);
  gtk_widget_set_tooltip_text (self->outcome_image, word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->outcome_image), GTK_ACCESSIBLE_PROPERTY_LABEL, word, -1);
  gtk_widget_add_css_class (self->outcome_image, css_class);
}

GtkWidget *
cb_delivery_row_new (CbDelivery *delivery)
{
  CbDeliveryRow *self = g_object_new (CB_TYPE_DELIVERY_ROW, NULL);
  const char *problem = cb_delivery_get_problem (delivery);
  const char *recipient = cb_delivery_get_recipient (delivery);
  const char *queue = cb_delivery_get_queue (delivery);
  const char *id = cb_delivery_get_job_id (delivery);
  g_autofree char *time = cb_format_clock (cb_delivery_get_time (delivery), g_get_real_time ());
  g_autofree char *exact = cb_format_exact (cb_delivery_get_time (delivery));
  g_autofree char *label = g_strdup_printf (_("Job %s"), id);
  gboolean retries = FALSE;

  g_object_get (delivery, "retries", &retries, NULL);
  if (problem == NULL)
    set_outcome (self, "object-select-symbolic", _("Done"), "success");
  else if (retries)
    set_outcome (self, "view-refresh-symbolic", _("Failed, will be tried again"), "warning");
  else
    set_outcome (self, "dialog-error-symbolic", _("Failed"), "error");

  gtk_label_set_text (GTK_LABEL (self->recipient_label), recipient != NULL ? recipient : "");
  gtk_widget_set_visible (self->recipient_label, recipient != NULL);
  gtk_label_set_text (GTK_LABEL (self->message_label), cb_delivery_get_message (delivery));
  gtk_label_set_text (GTK_LABEL (self->problem_label), problem != NULL ? problem : "");
  gtk_widget_set_visible (self->problem_label, problem != NULL);
  gtk_label_set_text (GTK_LABEL (self->time_label), time);
  gtk_widget_set_tooltip_text (self->time_label, exact);
  gtk_button_set_label (GTK_BUTTON (self->job_button), label);
  if (queue != NULL && g_utf8_validate (queue, -1, NULL) && g_utf8_validate (id, -1, NULL))
    {
      gtk_actionable_set_action_target (GTK_ACTIONABLE (self->job_button), "(^ayss)",
                                      cb_delivery_get_prefix (delivery), queue, id);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->job_button), "win.show-job");
    }

  return GTK_WIDGET (self);
}
