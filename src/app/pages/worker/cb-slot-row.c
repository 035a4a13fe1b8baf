/* cb-slot-row.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-slot-row.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-json.h"

#define UPDATE_MSEC 250
#define EXCERPT_CHARS 120

struct _CbSlotRow
{
  GtkListBoxRow parent_instance;

  CbWorkerSlot *slot; /* (owned) */
  CbEngine *engine;   /* (owned): whose clock the slot's times are by */
  guint update_id;    /* runs only while there is a job and the row is on screen */

  GtkWidget *number_label;
  GtkWidget *job_button;
  GtkWidget *text_label;
  GtkWidget *progress_bar;
  GtkWidget *time_label;
};

G_DEFINE_FINAL_TYPE (CbSlotRow, cb_slot_row, GTK_TYPE_LIST_BOX_ROW)

static void
update_time (CbSlotRow *self)
{
  g_autofree char *text = NULL;
  gint64 since = -1;

  if (cb_worker_slot_get_job (self->slot) != NULL)
    g_object_get (self->slot, "since", &since, NULL);
  if (since >= 0)
    text = cb_format_duration (MAX (cb_engine_get_time (self->engine) - since, 0));

  gtk_label_set_text (GTK_LABEL (self->time_label), text != NULL ? text : "");
}

static gboolean
update_time_cb (gpointer user_data)
{
  update_time (user_data);

  return G_SOURCE_CONTINUE;
}

static void
update_timer (CbSlotRow *self)
{
  gboolean wanted = gtk_widget_get_mapped (GTK_WIDGET (self)) && cb_worker_slot_get_job (self->slot) != NULL;

  if (wanted && self->update_id == 0)
    self->update_id = g_timeout_add (UPDATE_MSEC, update_time_cb, self);
  else if (!wanted)
    g_clear_handle_id (&self->update_id, g_source_remove);
}

static void
update_progress (CbSlotRow *self)
{
  int progress = -1;

  g_object_get (self->slot, "progress", &progress, NULL);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress_bar), CLAMP (progress, 0, 100) / 100.0);
}

static void
update_text (CbSlotRow *self)
{
  CbJobRecord *job = cb_worker_slot_get_job (self->slot);
  g_autofree char *line = NULL;
  g_autofree char *text = NULL;

  if (job == NULL)
    return;

  g_object_get (self->slot, "last-line", &line, NULL);
  if (line != NULL && *line != '\0')
    text = cb_text_display (line, -1, TRUE);
  else if (job->data != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (job->data, &length);

      text = cb_json_excerpt (data != NULL ? data : "", length, EXCERPT_CHARS);
    }

  gtk_label_set_text (GTK_LABEL (self->text_label), text != NULL ? text : "");
}

static void
update_job (CbSlotRow *self)
{
  CbJobRecord *job = cb_worker_slot_get_job (self->slot);

  gtk_widget_set_visible (self->job_button, job != NULL);
  gtk_widget_set_visible (self->progress_bar, job != NULL);

  if (job != NULL)
    {
      g_autofree char *label = NULL;
      g_autofree char *id = cb_text_display (job->id, -1, TRUE);

      /* Translators: the number of a job */
      label = g_strdup_printf (_("Job %s"), id);
      gtk_button_set_label (GTK_BUTTON (self->job_button), label);
      /* A name that is no text can't travel in an action's target. */
      if (job->queue != NULL && g_utf8_validate (job->queue, -1, NULL) && g_utf8_validate (job->id, -1, NULL))
        {
          gtk_actionable_set_action_target (GTK_ACTIONABLE (self->job_button), "(^ayss)",
                                          cb_engine_get_prefix (self->engine), job->queue, job->id);
          gtk_actionable_set_action_name (GTK_ACTIONABLE (self->job_button), "win.show-job");
        }
      gtk_widget_remove_css_class (self->text_label, "dim-label");
      update_text (self);
    }
  else
    {
      gtk_label_set_text (GTK_LABEL (self->text_label), _("Idle"));
      gtk_widget_add_css_class (self->text_label, "dim-label");
    }

  update_progress (self);
  update_time (self);
  update_timer (self);
}

static void
cb_slot_row_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_slot_row_parent_class)->map (widget);

  update_timer (CB_SLOT_ROW (widget));
}

static void
cb_slot_row_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_slot_row_parent_class)->unmap (widget);

  update_timer (CB_SLOT_ROW (widget));
}

static void
cb_slot_row_dispose (GObject *object)
{
  CbSlotRow *self = CB_SLOT_ROW (object);

  g_clear_handle_id (&self->update_id, g_source_remove);

  G_OBJECT_CLASS (cb_slot_row_parent_class)->dispose (object);
}

static void
cb_slot_row_finalize (GObject *object)
{
  CbSlotRow *self = CB_SLOT_ROW (object);

  g_clear_object (&self->slot);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_slot_row_parent_class)->finalize (object);
}

static void
cb_slot_row_class_init (CbSlotRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_slot_row_dispose;
  object_class->finalize = cb_slot_row_finalize;
  widget_class->map = cb_slot_row_map;
  widget_class->unmap = cb_slot_row_unmap;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-slot-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CbSlotRow, number_label);
  gtk_widget_class_bind_template_child (widget_class, CbSlotRow, job_button);
  gtk_widget_class_bind_template_child (widget_class, CbSlotRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, CbSlotRow, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CbSlotRow, time_label);
}

static void
cb_slot_row_init (CbSlotRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
cb_slot_row_new (CbWorkerSlot *slot, CbEngine *engine)
{
  CbSlotRow *self = g_object_new (CB_TYPE_SLOT_ROW, NULL);
  g_autofree char *number_text = NULL;
  g_autofree char *name = NULL;
  guint number = 0;

  self->slot = g_object_ref (slot);
  self->engine = g_object_ref (engine);

  g_object_get (slot, "number", &number, NULL);
  number_text = g_strdup_printf ("%u", number);
  gtk_label_set_text (GTK_LABEL (self->number_label), number_text);
  name = g_strdup_printf (_("Slot %u"), number);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);

  g_signal_connect_object (slot, "notify::job", G_CALLBACK (update_job), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (slot, "notify::progress", G_CALLBACK (update_progress), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (slot, "notify::last-line", G_CALLBACK (update_text), self, G_CONNECT_SWAPPED);
  update_job (self);

  return GTK_WIDGET (self);
}
