/* cb-remark-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-remark-row.h"

struct _CbRemarkRow
{
  AdwPreferencesRow parent_instance;

  GtkWidget *icon;
  GtkWidget *label;
  GtkWidget *subject; /* (nullable) not owned: a sibling in the same template */
};

G_DEFINE_FINAL_TYPE (CbRemarkRow, cb_remark_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  PROP_0,
  PROP_SUBJECT,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
cb_remark_row_dispose (GObject *object)
{
  CbRemarkRow *self = CB_REMARK_ROW (object);

  g_clear_weak_pointer (&self->subject);

  G_OBJECT_CLASS (cb_remark_row_parent_class)->dispose (object);
}

static void
cb_remark_row_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  CbRemarkRow *self = CB_REMARK_ROW (object);

  switch (prop_id)
    {
    case PROP_SUBJECT:
      g_value_set_object (value, self->subject);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_remark_row_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  CbRemarkRow *self = CB_REMARK_ROW (object);

  switch (prop_id)
    {
    case PROP_SUBJECT:
      if (g_set_weak_pointer (&self->subject, g_value_get_object (value)) && self->subject != NULL)
        gtk_accessible_update_relation (GTK_ACCESSIBLE (self->subject), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                        self->label, NULL, -1);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
cb_remark_row_class_init (CbRemarkRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_remark_row_dispose;
  object_class->get_property = cb_remark_row_get_property;
  object_class->set_property = cb_remark_row_set_property;

  props[PROP_SUBJECT]
    = g_param_spec_object ("subject", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-remark-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbRemarkRow, icon);
  gtk_widget_class_bind_template_child (widget_class, CbRemarkRow, label);
}

static void
cb_remark_row_init (CbRemarkRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * cb_remark_row_set:
 * @problem: (nullable): why what was typed can't be used
 * @note: (nullable): something to know, when there is no problem
 *
 * Both are plain text. With neither the row is hidden.
 */
void
cb_remark_row_set (CbRemarkRow *self, const char *problem, const char *note)
{
  const char *text = problem != NULL ? problem : note;

  g_return_if_fail (CB_IS_REMARK_ROW (self));

  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL);
  gtk_label_set_text (GTK_LABEL (self->label), text != NULL ? text : "");
  gtk_widget_set_visible (self->icon, problem != NULL);

  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "error");

  if (self->subject != NULL)
    {
      GtkWidget *row = gtk_widget_get_ancestor (self->subject, GTK_TYPE_LIST_BOX_ROW);

      /* No line between a row and what is said about it. */
      if (row != NULL && text != NULL)
        gtk_widget_add_css_class (row, "cb-remarked");
      else if (row != NULL)
        gtk_widget_remove_css_class (row, "cb-remarked");

      /* Entry rows turn red by this style class, the word below says why. */
      if (problem != NULL)
        gtk_widget_add_css_class (self->subject, "error");
      else
        gtk_widget_remove_css_class (self->subject, "error");

      gtk_accessible_update_state (GTK_ACCESSIBLE (self->subject), GTK_ACCESSIBLE_STATE_INVALID,
                                   problem != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
    }
}
