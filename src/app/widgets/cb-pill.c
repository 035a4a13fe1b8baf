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
  GtkLabel *label;            /* (owned): the only child */
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

  G_OBJECT_CLASS (cb_pill_parent_class)->dispose (object);
}

static void
cb_pill_class_init (CbPillClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_pill_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "cb-state");
}

static void
cb_pill_init (CbPill *self)
{
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "cb-pill");
  gtk_widget_set_parent (GTK_WIDGET (self->label), GTK_WIDGET (self));
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
