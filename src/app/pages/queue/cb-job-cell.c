/* cb-job-cell.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-cell.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-json.h"
#include "cb-job-rows.h"
#include "cb-pill.h"

/*
 * A column view keeps some two hundred rows of seven cells alive, and puts other jobs into many of them whenever the set moves. So a
 * cell is one small widget that follows its job by one handler and touches a child only when the text is another one; and text
 * is GtkInscription, which never asks for a new layout of the row. A template with an expression for each property would
 * have a handler for each, and set what has not changed.
 */

struct _CbJobCell
{
  GtkWidget parent_instance;

  CbJobColumn column;
  CbClock *clock;             /* (owned) (nullable): only where the time is relative */
  CbJobRow *row;              /* (owned) (nullable) */
  CbJob *job;                 /* (owned) (nullable): the one in the row */
  gulong row_id;
  gulong notify_id;
  gulong tick_id;

  GtkWidget *child;           /* (owned): the only child */
};

G_DEFINE_FINAL_TYPE (CbJobCell, cb_job_cell, GTK_TYPE_WIDGET)

static void
set_text (CbJobCell *self, const char *text)
{
  GtkInscription *inscription = GTK_INSCRIPTION (self->child);

  if (g_strcmp0 (gtk_inscription_get_text (inscription), text != NULL ? text : "") != 0)
    gtk_inscription_set_text (inscription, text != NULL ? text : "");
}

static void
take_text (CbJobCell *self, char *text)
{
  set_text (self, text);
  g_free (text);
}

/* Of a row that is not read yet the place is kept as it is, and only not drawn: a child that comes and goes, or becomes another, is
 * measured anew, and with it the whole list. */
static gboolean
show_child_if_read (CbJobCell *self)
{
  gboolean read = cb_job_get_loaded (self->job);

  gtk_widget_set_opacity (self->child, read ? 1 : 0);
  return read;
}

/* Where there is no job, what stands in its place: not every entry of a list is an id. */
static const char *
get_missing (CbJob *job)
{
  CbJobRecord *record = cb_job_get_record (job);

  return record->problem != NULL ? record->problem : _ ("There is no such job, only its id in the index");
}

/* What its data say, in a line; told where there are none, which is not the same as an empty text. */
static char *
dup_data (CbJobCell *self)
{
  CbJobRecord *record = cb_job_get_record (self->job);
  char *text = NULL;

  if (record != NULL && record->missing)
    return g_strdup (get_missing (self->job));
  if (record != NULL && record->data == NULL)
    return g_strdup (_ ("(no data)"));
  if (record != NULL && g_bytes_get_size (record->data) == 0)
    return g_strdup (_ ("(empty)"));

  g_object_get (self->job, "excerpt", &text, NULL);
  return text;
}

/* The time that the column shows; -1: none. */
static gint64
get_time (CbJobCell *self)
{
  CbJobRecord *record = self->job != NULL ? cb_job_get_record (self->job) : NULL;

  if (record == NULL)
    return -1;
  if (self->column == CB_JOB_COLUMN_CREATED)
    return record->created_at;
  /* Of others it is when they were created, or were due once. */
  return record->meaning == CB_JOB_MEANING_DELAYED ? record->promote_at : -1;
}

static gboolean
is_there (CbJob *job)
{
  CbJobRecord *record = cb_job_get_record (job);

  return cb_job_get_loaded (job) && record != NULL && !record->missing;
}

static void
update_time (CbJobCell *self)
{
  gint64 time = get_time (self);

  /* A dash where there should be a time, which is not the same as nothing. */
  if (time < 0)
    set_text (self, self->column == CB_JOB_COLUMN_CREATED && self->job != NULL && is_there (self->job) ? "–" : "");
  else
    take_text (self, cb_format_relative (time, cb_clock_get_now (self->clock)));
}

/* What a screen reader says of the row, which is two parents up. */
static void
update_row_name (CbJobCell *self)
{
  GtkWidget *cell = gtk_widget_get_parent (GTK_WIDGET (self));
  GtkWidget *row = cell != NULL ? gtk_widget_get_parent (cell) : NULL;
  g_autofree char *state = NULL;
  g_autofree char *problem = NULL;
  g_autoptr (GString) name = NULL;
  const char *queue;
  gboolean missing;

  if (row == NULL)
    return;
  /* Until it is known, not what is said of the job that was in this row before. */
  if (!cb_job_get_loaded (self->job))
    {
      gtk_accessible_reset_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL);
      return;
    }

  g_object_get (self->job, "state-label", &state, "missing", &missing, "problem", &problem, NULL);
  queue = cb_job_get_queue (self->job);
  name = g_string_new (NULL);
  g_string_append_printf (name, _ ("Job %s"), cb_job_get_id (self->job));
  if (queue != NULL)
    {
      g_autofree char *shown = cb_text_display (queue, -1, TRUE);

      g_string_append_printf (name, ", %s", shown);
    }
  if (state != NULL && *state != '\0')
    g_string_append_printf (name, ", %s", state);
  if (missing)
    g_string_append_printf (name, ", %s", get_missing (self->job));
  else if (problem != NULL)
    g_string_append_printf (name, ", %s", problem);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name->str, -1);
}

static void
update (CbJobCell *self)
{
  g_autofree char *text = NULL;

  if (self->job == NULL)
    return;

  switch (self->column)
    {
    case CB_JOB_COLUMN_ID:
      /* An entry without a letter is one, too. */
      set_text (self, cb_job_get_loaded (self->job) && *cb_job_get_id (self->job) == '\0' ? "\"\"" : cb_job_get_id (self->job));
      update_row_name (self);
      break;
    case CB_JOB_COLUMN_QUEUE:
      {
        const char *queue = cb_job_get_queue (self->job);

        text = queue != NULL ? cb_text_display (queue, -1, TRUE) : NULL;
        set_text (self, text != NULL ? text : "");
        break;
      }
    case CB_JOB_COLUMN_DATA:
      text = dup_data (self);
      set_text (self, text);
      break;
    case CB_JOB_COLUMN_STATE:
      if (!show_child_if_read (self))
        break;
      g_object_get (self->job, "state-label", &text, NULL);
      cb_pill_set_state (CB_PILL (self->child), text, cb_job_get_meaning (self->job));
      cb_pill_set_warning (CB_PILL (self->child), is_there (self->job) && cb_job_get_record (self->job)->problem != NULL);
      break;
    case CB_JOB_COLUMN_PRIORITY:
      g_object_get (self->job, "priority-label", &text, NULL);
      set_text (self, text);
      break;
    case CB_JOB_COLUMN_PROGRESS:
      {
        double fraction;
        gboolean complete = cb_job_get_meaning (self->job) == CB_JOB_MEANING_COMPLETE;

        if (!show_child_if_read (self))
          break;
        g_object_get (self->job, "progress-fraction", &fraction, NULL);
        /* Hardly any program reports its last step, and an unfilled bar beside "Complete" reads like a fault. */
        if (complete)
          fraction = 1.0;
        if (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (self->child)) != fraction)
          gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->child), fraction);
        break;
      }
    case CB_JOB_COLUMN_ATTEMPTS:
      g_object_get (self->job, "attempts-label", &text, NULL);
      set_text (self, text);
      break;
    case CB_JOB_COLUMN_CREATED:
    case CB_JOB_COLUMN_DUE:
      update_time (self);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
set_job (CbJobCell *self, CbJob *job)
{
  if (self->job == job)
    return;

  g_clear_signal_handler (&self->notify_id, self->job);
  g_set_object (&self->job, job);
  if (job != NULL)
    {
      /* Once, whatever has changed: a view keeps two hundred rows, and a row that is read has twenty properties that do. */
      self->notify_id = g_signal_connect_swapped (job, "notify::record", G_CALLBACK (update), self);
      update (self);
    }
}

static void
row_job_cb (CbJobCell *self)
{
  set_job (self, cb_job_row_get_job (self->row));
}

static void
set_row (CbJobCell *self, CbJobRow *row)
{
  g_clear_signal_handler (&self->row_id, self->row);
  g_set_object (&self->row, row);
  if (row != NULL)
    self->row_id = g_signal_connect_swapped (row, "notify::job", G_CALLBACK (row_job_cb), self);
  set_job (self, row != NULL ? cb_job_row_get_job (row) : NULL);
}

static gboolean
query_tooltip_cb (CbJobCell *self, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  g_autofree char *text = NULL;
  gint64 time;

  if (self->job == NULL)
    return FALSE;

  switch (self->column)
    {
    case CB_JOB_COLUMN_CREATED:
    case CB_JOB_COLUMN_DUE:
      time = get_time (self);
      if (time >= 0)
        text = cb_format_exact (time);
      else if (self->column == CB_JOB_COLUMN_CREATED)
        g_object_get (self->job, "problem", &text, NULL);
      break;
    case CB_JOB_COLUMN_PROGRESS:
      {
        int progress;

        g_object_get (self->job, "progress", &progress, NULL);
        text = progress >= 0 ? g_strdup_printf (_ ("%d %%"), progress) : NULL;
        break;
      }
    case CB_JOB_COLUMN_STATE:
      g_object_get (self->job, "problem", &text, NULL);
      if (text == NULL)
        g_object_get (self->job, "error-line", &text, NULL);
      break;
    case CB_JOB_COLUMN_DATA:
      if (cb_job_get_loaded (self->job) && !is_there (self->job))
        text = dup_data (self);
      else
        g_object_get (self->job, "excerpt", &text, NULL);
      break;
    case CB_JOB_COLUMN_QUEUE:
      text = cb_job_get_queue (self->job) != NULL ? cb_text_display (cb_job_get_queue (self->job), -1, TRUE) : NULL;
      break;
    default:
      break;
    }

  if (text == NULL || *text == '\0')
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
cb_job_cell_dispose (GObject *object)
{
  CbJobCell *self = CB_JOB_CELL (object);

  set_row (self, NULL);
  g_clear_signal_handler (&self->tick_id, self->clock);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->child, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_job_cell_parent_class)->dispose (object);
}

static void
cb_job_cell_class_init (CbJobCellClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_job_cell_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
cb_job_cell_init (CbJobCell *self)
{
}

static GtkWidget *
create_text (guint min_chars, guint nat_chars, float xalign, const char *style_class)
{
  /* Without any text, GTK 4.8 complains when a screen reader asks how long it is. */
  GtkWidget *inscription = gtk_inscription_new ("");

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (inscription), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (inscription), min_chars);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (inscription), nat_chars);
  gtk_inscription_set_xalign (GTK_INSCRIPTION (inscription), xalign);
  gtk_inscription_set_yalign (GTK_INSCRIPTION (inscription), 0.5f);
  gtk_widget_set_valign (inscription, GTK_ALIGN_CENTER);
  if (style_class != NULL)
    gtk_widget_add_css_class (inscription, style_class);
  return inscription;
}

static GtkWidget *
create_child (CbJobColumn column)
{
  GtkWidget *child;

  switch (column)
    {
    case CB_JOB_COLUMN_ID:
      return create_text (5, 7, 1, "numeric");
    case CB_JOB_COLUMN_QUEUE:
      return create_text (8, 16, 0, NULL);
    case CB_JOB_COLUMN_DATA:
      return create_text (8, 24, 0, NULL);
    case CB_JOB_COLUMN_STATE:
      return cb_pill_new ();
    case CB_JOB_COLUMN_PRIORITY:
      return create_text (6, 7, 0, "dim-label");
    case CB_JOB_COLUMN_PROGRESS:
      child = gtk_progress_bar_new ();
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Progress"), -1);
      gtk_widget_set_valign (child, GTK_ALIGN_CENTER);
      gtk_widget_set_size_request (child, 60, -1);
      gtk_widget_add_css_class (child, "cb-progress");
      return child;
    case CB_JOB_COLUMN_ATTEMPTS:
      child = create_text (6, 7, 0, "numeric");
      gtk_widget_add_css_class (child, "dim-label");
      return child;
    case CB_JOB_COLUMN_CREATED:
    case CB_JOB_COLUMN_DUE:
      child = create_text (8, 9, 0, "numeric");
      gtk_widget_add_css_class (child, "dim-label");
      return child;
    default:
      g_assert_not_reached ();
    }
}

static CbJobCell *
cb_job_cell_new (CbJobColumn column, CbClock *clock)
{
  CbJobCell *self = g_object_new (CB_TYPE_JOB_CELL, NULL);

  self->column = column;
  self->child = create_child (column);
  gtk_widget_set_parent (self->child, GTK_WIDGET (self));
  if (column == CB_JOB_COLUMN_CREATED || column == CB_JOB_COLUMN_DUE)
    {
      self->clock = g_object_ref (clock);
      self->tick_id = g_signal_connect_swapped (clock, "tick", G_CALLBACK (update_time), self);
    }
  if (column == CB_JOB_COLUMN_CREATED || column == CB_JOB_COLUMN_DUE || column == CB_JOB_COLUMN_PROGRESS || column == CB_JOB_COLUMN_STATE ||
      column == CB_JOB_COLUMN_DATA || column == CB_JOB_COLUMN_QUEUE)
    {
      gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
      g_signal_connect (self, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
    }
  return self;
}

/* ---- the factory ---- */

typedef struct
{
  CbJobColumn column;
  CbClock *clock;             /* (owned) */
} Setup;

static void
setup_free (gpointer data, GClosure *closure)
{
  Setup *setup = data;

  g_object_unref (setup->clock);
  g_free (setup);
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item, Setup *setup)
{
  gtk_list_item_set_child (item, GTK_WIDGET (cb_job_cell_new (setup->column, setup->clock)));
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  set_row (CB_JOB_CELL (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  set_row (CB_JOB_CELL (gtk_list_item_get_child (item)), NULL);
}

/**
 * cb_job_cell_factory_new:
 * @clock: what relative times go by
 *
 * Returns: (transfer full): makes the cells of one column out of #CbJobRow items
 */
GtkListItemFactory *
cb_job_cell_factory_new (CbJobColumn column, CbClock *clock)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  Setup *setup = g_new0 (Setup, 1);

  setup->column = column;
  setup->clock = g_object_ref (clock);
  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cb), setup, setup_free, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), NULL);
  return factory;
}

CbJob *
cb_job_cell_get_job (CbJobCell *self)
{
  g_return_val_if_fail (CB_IS_JOB_CELL (self), NULL);

  return self->job;
}
