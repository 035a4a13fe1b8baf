/* cb-compare-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-compare-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-diff-text.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-job-compare.h"
#include "cb-json.h"

/* Around a change, where not all lines are shown. */
#define CONTEXT 2

struct _CbCompareDialog
{
  AdwWindow parent_instance;

  CbEngine *engine;           /* (owned) */
  char *ids[2];               /* (owned) the second one (nullable) */
  CbJobRecord *records[2];    /* (owned) (nullable) until they were read */
  GCancellable *cancellable;  /* (owned) (nullable) of what is being read */

  GtkLabel *first_label;
  GtkEditable *second_entry;
  GtkToggleButton *all_button;
  GtkStack *stack;
  GtkLabel *message;
  GtkGrid *grid;
  GtkBox *payloads;
};

G_DEFINE_FINAL_TYPE (CbCompareDialog, cb_compare_dialog, ADW_TYPE_WINDOW)

static void
show_message (CbCompareDialog *self, const char *text)
{
  gtk_label_set_label (self->message, text);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

/* ---- fields ---- */

static char *
dup_value (const CbJobFieldPair *pair, guint which)
{
  gint64 number = pair->numbers[which];

  if (pair->kind == CB_JOB_FIELD_TEXT)
    return cb_direction_dup (pair->texts[which] != NULL ? pair->texts[which] : "–");
  if (number < 0)
    return g_strdup ("–");
  if (pair->kind == CB_JOB_FIELD_TIME)
    return cb_direction_take (cb_format_exact (number));
  if (pair->kind == CB_JOB_FIELD_DURATION)
    return cb_format_duration (number);
  return cb_format_exact_count (number);
}

/* How the second job stands to the first. */
static char *
dup_difference (const CbJobFieldPair *pair)
{
  gint64 difference = pair->numbers[1] - pair->numbers[0];
  g_autofree char *amount = NULL;

  if (!pair->differs)
    return g_strdup (_ ("the same"));
  if (pair->kind == CB_JOB_FIELD_TEXT || pair->numbers[0] < 0 || pair->numbers[1] < 0)
    return g_strdup (_ ("different"));
  if (pair->kind == CB_JOB_FIELD_COUNT)
    {
      amount = cb_format_exact_count (ABS (difference));
      return cb_direction_take (g_strdup_printf ("%s%s", difference > 0 ? "+" : "−", amount));
    }

  amount = cb_format_duration (ABS (difference));
  if (pair->kind == CB_JOB_FIELD_TIME)
    /* Translators: of two times, as in "3.2 s later" */
    return g_strdup_printf (difference > 0 ? _ ("%s later") : _ ("%s earlier"), amount);
  /* Translators: of two durations, as in "3.2 s longer" */
  return g_strdup_printf (difference > 0 ? _ ("%s longer") : _ ("%s shorter"), amount);
}

static void
add_label (CbCompareDialog *self, int column, int row, const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "numeric");
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  if (column == 1 || column == 2)
    {
      gtk_widget_set_hexpand (label, TRUE);
      gtk_label_set_selectable (GTK_LABEL (label), row > 0);
      /* What is selectable can be reached by Tab, and there are many of them. */
      gtk_widget_set_can_focus (label, FALSE);
    }
  gtk_grid_attach (self->grid, label, column, row, 1, 1);
}

static void
show_fields (CbCompareDialog *self)
{
  g_autoptr (GPtrArray) pairs = cb_job_compare_fields (self->records[0], self->records[1]);
  gboolean all = gtk_toggle_button_get_active (self->all_button);
  int row = 0;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->grid))) != NULL)
    gtk_grid_remove (self->grid, child);

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *id = cb_text_display (self->ids[i], -1, TRUE);
      g_autofree char *title = g_strdup_printf (_ ("Job %s"), id);

      add_label (self, (int) i + 1, 0, title, "heading");
    }
  for (guint i = 0; i < pairs->len; i++)
    {
      const CbJobFieldPair *pair = g_ptr_array_index (pairs, i);
      g_autofree char *difference = dup_difference (pair);

      if (!pair->differs && !all)
        continue;

      row++;
      add_label (self, 0, row, pair->title, "dim-label");
      for (guint which = 0; which < 2; which++)
        {
          g_autofree char *value = dup_value (pair, which);

          add_label (self, (int) which + 1, row, value, pair->differs ? NULL : "dim-label");
        }
      add_label (self, 3, row, difference, "dim-label");
    }
  if (row == 0)
    add_label (self, 0, 1, _ ("All fields are the same"), "dim-label");
}

/* ---- data, result, error ---- */

static GtkWidget *
create_view (void)
{
  GtkWidget *view = gtk_text_view_new ();

  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 12);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (view), 9);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (view), 9);
  gtk_widget_add_css_class (view, "cb-code");
  gtk_widget_add_css_class (view, "card");
  gtk_widget_set_direction (view, GTK_TEXT_DIR_LTR);
  return view;
}

static char *
dup_note (CbCompareDialog *self, const CbJobPayloadPair *pair)
{
  if (!pair->differs)
    return g_strdup (_ ("the same"));
  if (!pair->has[0] || !pair->has[1])
    /* Translators: %s is the number of a job; it is about its result or its error */
    return g_strdup_printf (_ ("only job %s has it"), self->ids[pair->has[0] ? 0 : 1]);
  if (pair->too_large)
    return g_strdup (_ ("different; more than 64 KiB are not compared line by line"));
  return g_strdup (_ ("different"));
}

static void
add_payload (CbCompareDialog *self, const CbJobPayloadPair *pair)
{
  gboolean all = gtk_toggle_button_get_active (self->all_button);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *title = gtk_label_new (pair->title);
  g_autofree char *text = dup_note (self, pair);
  GtkWidget *note = gtk_label_new (text);

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (note, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), note);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (self->payloads, box);

  if (!pair->too_large && (pair->differs || all))
    {
      GtkWidget *view = create_view ();
      g_autofree char *first = cb_direction_dup_code (pair->texts[0] != NULL ? pair->texts[0] : "");
      g_autofree char *second = cb_direction_dup_code (pair->texts[1] != NULL ? pair->texts[1] : "");

      gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, pair->title, -1);
      gtk_box_append (GTK_BOX (box), view);
      cb_diff_text_fill (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), GTK_WIDGET (self),
                         first, second, all ? CB_DIFF_TEXT_ALL : CONTEXT);
    }
}

static void
show_payloads (CbCompareDialog *self)
{
  g_autoptr (GPtrArray) pairs = cb_job_compare_payloads (self->records[0], self->records[1]);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->payloads))) != NULL)
    gtk_box_remove (self->payloads, child);
  for (guint i = 0; i < pairs->len; i++)
    add_payload (self, g_ptr_array_index (pairs, i));
}

static void
show (CbCompareDialog *self)
{
  if (self->records[0] == NULL || self->records[1] == NULL)
    return;

  show_fields (self);
  show_payloads (self);
  gtk_stack_set_visible_child_name (self->stack, "jobs");
}

/* ---- reading ---- */

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbCompareDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (record == NULL)
    {
      g_cancellable_cancel (self->cancellable);
      show_message (self, error->message);
      return;
    }

  /* Both may be the same job. */
  for (guint i = 0; i < 2; i++)
    {
      if (self->records[i] == NULL && strcmp (record->id, self->ids[i]) == 0)
        {
          self->records[i] = cb_job_record_ref (record);
          break;
        }
    }
  show (self);
}

static void
read_jobs (CbCompareDialog *self)
{
  g_autoptr (GCancellable) before = g_steal_pointer (&self->cancellable);

  if (before != NULL)
    g_cancellable_cancel (before);
  self->cancellable = g_cancellable_new ();
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->records[i], cb_job_record_unref);
  for (guint i = 0; i < 2; i++)
    cb_engine_get_whole_async (self->engine, self->ids[i], 0, 1, self->cancellable, read_cb, g_object_ref (self));
}

/* Enter in the field. */
static void
second_cb (CbCompareDialog *self)
{
  g_autofree char *id = g_strstrip (g_strdup (gtk_editable_get_text (self->second_entry)));

  if (*id == '\0')
    {
      show_message (self, _ ("Type the number of the job that this one is to be compared with."));
      return;
    }

  g_free (self->ids[1]);
  self->ids[1] = g_steal_pointer (&id);
  read_jobs (self);
}

/* ---- object ---- */

static void
cb_compare_dialog_dispose (GObject *object)
{
  CbCompareDialog *self = CB_COMPARE_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (cb_compare_dialog_parent_class)->dispose (object);
}

static void
cb_compare_dialog_finalize (GObject *object)
{
  CbCompareDialog *self = CB_COMPARE_DIALOG (object);

  for (guint i = 0; i < 2; i++)
    {
      g_free (self->ids[i]);
      g_clear_pointer (&self->records[i], cb_job_record_unref);
    }

  G_OBJECT_CLASS (cb_compare_dialog_parent_class)->finalize (object);
}

static void
cb_compare_dialog_class_init (CbCompareDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_compare_dialog_dispose;
  object_class->finalize = cb_compare_dialog_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-compare-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, first_label);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, second_entry);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, all_button);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, message);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, grid);
  gtk_widget_class_bind_template_child (widget_class, CbCompareDialog, payloads);
  gtk_widget_class_bind_template_callback (widget_class, second_cb);
  gtk_widget_class_bind_template_callback (widget_class, show);
}

static void
cb_compare_dialog_init (CbCompareDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

CbCompareDialog *
cb_compare_dialog_new (GtkWindow  *parent,
                       CbEngine   *engine,
                       const char *first,
                       const char *second)
{
  CbCompareDialog *self;
  g_autofree char *id = NULL;
  g_autofree char *title = NULL;

  g_return_val_if_fail (CB_IS_ENGINE (engine), NULL);
  g_return_val_if_fail (first != NULL, NULL);

  self = g_object_new (CB_TYPE_COMPARE_DIALOG, "transient-for", parent, NULL);
  self->engine = g_object_ref (engine);
  self->ids[0] = g_strdup (first);
  id = cb_text_display (first, -1, TRUE);
  /* Translators: before a field for the number of another job */
  title = g_strdup_printf (_ ("Job %s with job"), id);
  gtk_label_set_label (self->first_label, title);
  gtk_editable_set_text (self->second_entry, second != NULL ? second : "");
  second_cb (self);
  if (second == NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->second_entry));
  return self;
}
