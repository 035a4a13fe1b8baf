/* cb-doings-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-doings-bar.h"

#include <glib/gi18n.h>

#include "cb-bulk.h"
#include "cb-format.h"
#include "cb-job-actions.h"
#include "cb-job-find.h"
#include "cb-undo.h"

/* What takes shorter shows no progress. */
#define DELAY_MSEC 300

struct _CbDoingsBar
{
  GtkWidget parent_instance;

  CbDoings *doings;           /* (owned) (nullable) */
  GSignalGroup *work_signals; /* (owned) of what is shown, or will be when it takes a while */
  guint reveal_id;

  GtkRevealer *revealer;
  GtkLabel *label;
  GtkProgressBar *progress;
};

G_DEFINE_FINAL_TYPE (CbDoingsBar, cb_doings_bar, GTK_TYPE_WIDGET)

/* (transfer full) */
static char *
describe_find (CbJobFind *find, double *progress)
{
  guint64 n_looked = cb_job_find_get_n_looked (find);
  guint64 n_total = cb_job_find_get_n_total (find);
  g_autofree char *hits = cb_format_exact_count (cb_job_find_get_n_hits (find));
  g_autofree char *looked = cb_format_exact_count ((gint64) n_looked);

  *progress = n_total > 0 ? MIN ((double) n_looked / (double) n_total, 1) : 0;
  /* Translators: two numbers of jobs */
  return g_strdup_printf (_ ("Looking for jobs… %s of %s match"), hits, looked);
}

/* (transfer full) */
static char *
describe_bulk (CbBulk *bulk, double *progress)
{
  g_autofree char *total = cb_format_exact_count (cb_bulk_get_n_total (bulk));
  g_autofree char *done = cb_format_exact_count (cb_bulk_get_n_total (bulk) - cb_bulk_get_n (bulk, CB_BULK_PENDING));

  g_object_get (bulk, "progress", progress, NULL);
  /* Translators: what is being done, as "Removing jobs…", and two numbers of jobs */
  return g_strdup_printf (_ ("%s %s of %s"), cb_job_actions_get_doing (cb_bulk_get_deed (bulk)->kind), done, total);
}

/* (transfer full) */
static char *
describe_undo (CbUndo *undo, double *progress)
{
  g_autofree char *total = NULL;
  g_autofree char *done = NULL;
  guint n_total, n_back, n_same, n_kept, n_failed;

  g_object_get (undo, "n-total", &n_total, "n-back", &n_back, "n-same", &n_same, "n-kept", &n_kept, "n-failed", &n_failed, "progress",
                progress, NULL);
  total = cb_format_exact_count (n_total);
  done = cb_format_exact_count (n_back + n_same + n_kept + n_failed);
  /* Translators: two numbers of jobs */
  return g_strdup_printf (_ ("Undoing… %s of %s"), done, total);
}

static void
show_progress (CbDoingsBar *self)
{
  g_autoptr (GObject) work = g_signal_group_dup_target (self->work_signals);
  g_autofree char *text = NULL;
  double progress = 0;

  if (work == NULL)
    return;

  if (CB_IS_JOB_FIND (work))
    text = describe_find (CB_JOB_FIND (work), &progress);
  else if (CB_IS_BULK (work))
    text = describe_bulk (CB_BULK (work), &progress);
  else
    text = describe_undo (CB_UNDO (work), &progress);
  gtk_label_set_label (self->label, text);
  gtk_progress_bar_set_fraction (self->progress, progress);
}

static gboolean
reveal_cb (gpointer data)
{
  CbDoingsBar *self = data;

  self->reveal_id = 0;
  show_progress (self);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  return G_SOURCE_REMOVE;
}

static void
progress_cb (CbDoingsBar *self)
{
  if (gtk_revealer_get_reveal_child (self->revealer))
    show_progress (self);
}

static void
update (CbDoingsBar *self)
{
  gint64 since = 0;
  gpointer work = cb_doings_get_last (self->doings, &since);
  gint64 due;

  g_signal_group_set_target (self->work_signals, work);
  g_clear_handle_id (&self->reveal_id, g_source_remove);
  if (work == NULL)
    {
      gtk_revealer_set_reveal_child (self->revealer, FALSE);
      return;
    }

  /* One thing that follows another takes its place. */
  due = gtk_revealer_get_child_revealed (self->revealer) ? 0 : since / 1000 + DELAY_MSEC - g_get_monotonic_time () / 1000;
  if (due <= 0)
    reveal_cb (self);
  else
    self->reveal_id = g_timeout_add ((guint) due, reveal_cb, self);
}

static void
cancel_cb (CbDoingsBar *self)
{
  g_autoptr (GObject) work = g_signal_group_dup_target (self->work_signals);

  if (work != NULL)
    cb_doings_cancel (self->doings, work);
}

/* What runs goes on: it was asked for. */
static void
cb_doings_bar_dispose (GObject *object)
{
  CbDoingsBar *self = CB_DOINGS_BAR (object);

  g_clear_handle_id (&self->reveal_id, g_source_remove);
  if (self->doings != NULL)
    g_signal_handlers_disconnect_by_func (self->doings, update, self);
  g_clear_object (&self->doings);
  g_clear_object (&self->work_signals);
  if (self->revealer != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->revealer = NULL;

  G_OBJECT_CLASS (cb_doings_bar_parent_class)->dispose (object);
}

static void
cb_doings_bar_class_init (CbDoingsBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_doings_bar_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-doings-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, CbDoingsBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, CbDoingsBar, label);
  gtk_widget_class_bind_template_child (widget_class, CbDoingsBar, progress);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
}

static void
cb_doings_bar_init (CbDoingsBar *self)
{
  self->work_signals = g_signal_group_new (G_TYPE_OBJECT);
  g_signal_group_connect_object (self->work_signals, "notify::progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  g_signal_group_connect_object (self->work_signals, "notify::n-looked", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
cb_doings_bar_set_doings (CbDoingsBar *self, CbDoings *doings)
{
  g_return_if_fail (CB_IS_DOINGS_BAR (self));
  g_return_if_fail (self->doings == NULL);

  self->doings = g_object_ref (doings);
  g_signal_connect_object (doings, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
