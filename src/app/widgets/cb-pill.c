/* cb-pill.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pill.h"

struct _CbPill
{
  GtkWidget parent_instance;

  CbJobMeaning meaning;
  GtkLabel *label;            /* (owned) */
  GtkWidget *warning;         /* (owned) (nullable): behind the word, once there was something to warn of */
};

G_DEFINE_FINAL_TYPE (CbPill, cb_pill, GTK_TYPE_WIDGET)

static void
cb_pill_dispose (GObject *object)
{
  CbPill *self = CB_PILL (object);

  if (self->label != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->label));
      self->label = NULL;
    }
  g_clear_pointer (&self->warning, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_pill_parent_class)->dispose (object);
}

static void
cb_pill_class_init (CbPillClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_pill_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "cb-state");
}

static void
cb_pill_init (CbPill *self)
{
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "cb-pill");
  gtk_widget_set_parent (GTK_WIDGET (self->label), GTK_WIDGET (self));
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 6);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

GtkWidget *
cb_pill_new (void)
{
  return g_object_new (CB_TYPE_PILL, NULL);
}

const char *
cb_pill_get_style_class (CbJobMeaning meaning)
{
  switch (meaning)
    {
    case CB_JOB_MEANING_ACTIVE:
      return "active";
    case CB_JOB_MEANING_DELAYED:
      return "delayed";
    case CB_JOB_MEANING_FAILED:
      return "failed";
    case CB_JOB_MEANING_COMPLETE:
      return "complete";
    case CB_JOB_MEANING_WAITING:
    case CB_JOB_MEANING_UNKNOWN:
    default:
      return NULL;
    }
}

/**
 * cb_pill_set_state:
 * @label: (nullable): the word, plain text; nothing is shown without one
 */
void
cb_pill_set_state (CbPill *self, const char *label, CbJobMeaning meaning)
{
  const char *old_class;
  const char *new_class;

  g_return_if_fail (CB_IS_PILL (self));

  gtk_widget_set_visible (GTK_WIDGET (self->label), label != NULL && *label != '\0');
  if (g_strcmp0 (gtk_label_get_label (self->label), label) != 0)
    gtk_label_set_label (self->label, label);
  if (self->meaning == meaning)
    return;

  old_class = cb_pill_get_style_class (self->meaning);
  new_class = cb_pill_get_style_class (meaning);
  self->meaning = meaning;
  if (old_class != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self->label), old_class);
  if (new_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->label), new_class);
}

/**
 * cb_pill_set_warning:
 * @warning: whether something is wrong besides the state, which whoever shows the pill says in words
 */
void
cb_pill_set_warning (CbPill *self, gboolean warning)
{
  g_return_if_fail (CB_IS_PILL (self));

  if (self->warning == NULL && warning)
    {
      self->warning = g_object_new (GTK_TYPE_IMAGE, "icon-name", "dialog-warning-symbolic", "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                                    NULL);
      gtk_widget_add_css_class (self->warning, "warning");
      gtk_widget_set_parent (self->warning, GTK_WIDGET (self));
    }
  if (self->warning != NULL)
    gtk_widget_set_visible (self->warning, warning);
}
