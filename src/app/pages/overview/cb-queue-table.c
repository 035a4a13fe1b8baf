/* cb-queue-table.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-table.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"

/* Each row is ten widgets; more queues than that are looked for by name. */
#define MOST_ROWS 200

enum
{
  COLUMN_NAME,
  COLUMN_WAITING,
  COLUMN_ACTIVE,
  COLUMN_DELAYED,
  COLUMN_FAILED,
  COLUMN_COMPLETE,
  COLUMN_WAITS,
  COLUMN_RUNS,
  COLUMN_OLDEST,
  N_COLUMNS
};

#define N_COUNTS 5

static const struct
{
  const char *title;
  const char *property;       /* (nullable) of CbQueue */
  CbJobMeaning meaning;
} columns[N_COLUMNS] = {
  [COLUMN_NAME] = { N_ ("Queue"), NULL, CB_JOB_MEANING_UNKNOWN },
  [COLUMN_WAITING] = { N_ ("Queued"), "waiting", CB_JOB_MEANING_WAITING },
  [COLUMN_ACTIVE] = { N_ ("Active"), "active", CB_JOB_MEANING_ACTIVE },
  [COLUMN_DELAYED] = { N_ ("Delayed"), "delayed", CB_JOB_MEANING_DELAYED },
  [COLUMN_FAILED] = { N_ ("Failed"), "failed", CB_JOB_MEANING_FAILED },
  [COLUMN_COMPLETE] = { N_ ("Complete"), "complete", CB_JOB_MEANING_COMPLETE },
  [COLUMN_WAITS] = { N_ ("Waits p50 / p95"), NULL, CB_JOB_MEANING_WAITING },
  [COLUMN_RUNS] = { N_ ("Runs p50 / p95"), NULL, CB_JOB_MEANING_COMPLETE },
  [COLUMN_OLDEST] = { N_ ("Oldest"), NULL, CB_JOB_MEANING_WAITING },
};

typedef struct
{
  CbQueue *queue;             /* (owned) (nullable) NULL: the sums of a group */
  guint n_queues;             /* of a group: as many rows below */
  GtkWidget *cells[N_COLUMNS];
} Row;

struct _CbQueueTable
{
  GtkWidget parent_instance;

  CbBoard *board;             /* (owned) (nullable) */
  CbFigureReader *reader;     /* (owned) (nullable) */
  GPtrArray *rows;            /* (owned) (element-type Row) */
  GtkWidget *grid;
  GtkWidget *more;
  gint64 now;
};

G_DEFINE_FINAL_TYPE (CbQueueTable, cb_queue_table, GTK_TYPE_WIDGET)

static guint open_signal;

static void
row_free (Row *row)
{
  g_clear_object (&row->queue);
  g_free (row);
}

/* ---- groups ---- */

static gsize
get_group_length (const char *name)
{
  const char *delimiter = name != NULL ? strpbrk (name, ":/.") : NULL;

  return delimiter != NULL && delimiter > name && delimiter[1] != '\0' ? (gsize) (delimiter - name) : 0;
}

static gboolean
is_same_group (const char *name, const char *other)
{
  gsize length = get_group_length (name);

  /* With the delimiter. */
  return length > 0 && other != NULL && get_group_length (other) == length && strncmp (name, other, length + 1) == 0;
}

char *
cb_queue_table_dup_group (const char *name, const char *before, const char *after)
{
  if (!is_same_group (name, before) && !is_same_group (name, after))
    return NULL;

  return g_strndup (name, get_group_length (name));
}

/* ---- cells ---- */

static void
cell_clicked_cb (CbQueueTable *self, GtkButton *button)
{
  Row *row = g_object_get_data (G_OBJECT (button), "row");
  int column = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "column"));
  const CbStateInfo *states;
  const char *state = NULL;
  guint n;

  states = cb_engine_get_states (cb_queue_get_engine (row->queue), &n);
  for (guint i = 0; i < n && state == NULL && columns[column].meaning != CB_JOB_MEANING_UNKNOWN; i++)
    {
      if (states[i].meaning == columns[column].meaning)
        state = states[i].name;
    }
  g_signal_emit (self, open_signal, 0, row->queue, state);
}

static GtkWidget *
create_cell (CbQueueTable *self, Row *row, int column, gboolean indented)
{
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *button;

  gtk_label_set_xalign (GTK_LABEL (label), column == COLUMN_NAME ? 0 : 1);
  if (column == COLUMN_NAME)
    {
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_width_chars (GTK_LABEL (label), 12);
      gtk_widget_set_hexpand (label, TRUE);
    }
  else
    {
      gtk_widget_add_css_class (label, "numeric");
    }

  if (row->queue == NULL)
    {
      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "cb-cell");
      row->cells[column] = label;
      return label;
    }

  button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "cb-cell");
  if (indented)
    gtk_widget_set_margin_start (label, 18);
  g_object_set_data (G_OBJECT (button), "row", row);
  g_object_set_data (G_OBJECT (button), "column", GINT_TO_POINTER (column));
  g_signal_connect_object (button, "clicked", G_CALLBACK (cell_clicked_cb), self, G_CONNECT_SWAPPED);
  row->cells[column] = label;
  return button;
}

static void
set_cell (Row *row, int column, const char *text, const char *tooltip)
{
  GtkLabel *label = GTK_LABEL (row->cells[column]);
  GtkWidget *button = gtk_widget_get_parent (GTK_WIDGET (label));

  if (strcmp (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (label), tooltip);
  if (row->queue != NULL && column == COLUMN_NAME)
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
    }
  else if (row->queue != NULL)
    {
      g_autofree char *title = NULL;
      g_autofree char *name = NULL;

      g_object_get (row->queue, "label", &title, NULL);
      /* Translators: a queue, what of it, and the number, as in "email, Failed: 17" */
      name = g_strdup_printf (_ ("%s, %s: %s"), title, _ (columns[column].title), text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    }
}

static void
set_count (Row *row, int column, gint64 count)
{
  g_autofree char *text = cb_format_count (count);
  g_autofree char *exact = count >= 1000000 ? cb_format_exact_count (count) : NULL;

  set_cell (row, column, text, exact);
  if (column == COLUMN_FAILED && count > 0)
    gtk_widget_add_css_class (row->cells[column], "error");
  else if (column == COLUMN_FAILED)
    gtk_widget_remove_css_class (row->cells[column], "error");
  if (count == 0)
    gtk_widget_add_css_class (row->cells[column], "dim-label");
  else if (row->queue != NULL)
    gtk_widget_remove_css_class (row->cells[column], "dim-label");
}

static void
set_percentiles (Row *row, int column, const gint64 *values, guint n, const CbQueueFigures *figures)
{
  g_autofree char *p50 = cb_format_duration (values[CB_PERCENTILE_50]);
  g_autofree char *p95 = cb_format_duration (values[CB_PERCENTILE_95]);
  g_autofree char *p99 = cb_format_duration (values[CB_PERCENTILE_99]);
  g_autofree char *text = NULL;
  g_autofree char *tooltip = NULL;

  if (n == 0)
    {
      set_cell (row, column, "–", NULL);
      return;
    }

  text = g_strdup_printf ("%s / %s", p50, p95);
  /* Translators: three durations, and a number of jobs */
  tooltip = g_strdup_printf (ngettext ("Half of them at most %s, 95 of 100 at most %s, 99 of 100 at most %s: "
                                       "%u job, the last one that completed, in the server’s order",
                                       "Half of them at most %s, 95 of 100 at most %s, 99 of 100 at most %s: "
                                       "%u jobs, the last ones that completed, in the server’s order", n),
                             p50, p95, p99, n);
  set_cell (row, column, text, tooltip);
}

static void
update_times (CbQueueTable *self, Row *row)
{
  const CbQueueFigures *figures = cb_figure_reader_get (self->reader, row->queue);
  const char *problem = cb_figure_reader_get_problem (self->reader, row->queue);
  g_autofree char *age = NULL;
  g_autofree char *tooltip = NULL;
  gint64 waiting;

  g_object_get (row->queue, "waiting", &waiting, NULL);
  if (figures == NULL)
    {
      for (int column = COLUMN_WAITS; column <= COLUMN_OLDEST; column++)
        set_cell (row, column, problem != NULL ? "?" : "…", problem);
      return;
    }

  set_percentiles (row, COLUMN_WAITS, figures->waits, figures->n_waits, figures);
  set_percentiles (row, COLUMN_RUNS, figures->runs, figures->n_runs, figures);
  if (figures->oldest_id == NULL || waiting == 0)
    {
      set_cell (row, COLUMN_OLDEST, "–", NULL);
      return;
    }
  age = cb_format_age (MAX (self->now - figures->oldest_since, 0));
  if (figures->oldest_certain)
    {
      tooltip = g_strdup_printf (_ ("Job %s waits longest"), figures->oldest_id);
    }
  else
    {
      g_autofree char *exact = g_steal_pointer (&age);

      age = g_strdup_printf ("≥ %s", exact);
      /* Translators: a duration, then a job */
      tooltip = g_strdup_printf (_ ("At least %s: job %s waits longest of those that were looked at. There are too many to look at all."),
                                 exact, figures->oldest_id);
    }
  set_cell (row, COLUMN_OLDEST, age, tooltip);
}

static void
update_group (CbQueueTable *self, guint at)
{
  Row *group = g_ptr_array_index (self->rows, at);

  for (int column = COLUMN_WAITING; column < COLUMN_WAITING + N_COUNTS; column++)
    {
      gint64 sum = 0;

      for (guint i = at + 1; i <= at + group->n_queues && i < self->rows->len; i++)
        {
          Row *row = g_ptr_array_index (self->rows, i);
          gint64 count;

          g_object_get (row->queue, columns[column].property, &count, NULL);
          sum = sum < 0 || count < 0 ? -1 : sum + count;
        }
      set_count (group, column, sum);
    }
}

void
cb_queue_table_update (CbQueueTable *self, gint64 now)
{
  g_return_if_fail (CB_IS_QUEUE_TABLE (self));

  self->now = now;
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);
      g_autofree char *label = NULL;

      if (row->queue == NULL)
        {
          update_group (self, i);
          continue;
        }
      /* Another of that name may have come or gone. */
      g_object_get (row->queue, "label", &label, NULL);
      set_cell (row, COLUMN_NAME, label, label);
      for (int column = COLUMN_WAITING; column < COLUMN_WAITING + N_COUNTS; column++)
        {
          gint64 count;

          g_object_get (row->queue, columns[column].property, &count, NULL);
          set_count (row, column, count);
        }
      update_times (self, row);
    }
}

/* ---- rows ---- */

static Row *
add_row (CbQueueTable *self, CbQueue *queue, const char *name, gboolean indented)
{
  Row *row = g_new0 (Row, 1);
  int y = (int) self->rows->len + 1;

  row->queue = queue != NULL ? g_object_ref (queue) : NULL;
  g_ptr_array_add (self->rows, row);
  for (int column = 0; column < N_COLUMNS; column++)
    gtk_grid_attach (GTK_GRID (self->grid), create_cell (self, row, column, indented), column, y, 1, 1);
  set_cell (row, COLUMN_NAME, name, name);
  return row;
}

static CbQueue *
get_queue (CbQueueTable *self, guint position)
{
  g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), position);

  /* The board goes on holding it. */
  return queue;
}

static const char *
get_name (CbQueueTable *self, guint position)
{
  CbQueue *queue = position < g_list_model_get_n_items (G_LIST_MODEL (self->board)) ? get_queue (self, position) : NULL;

  return queue != NULL ? cb_queue_get_name (queue) : NULL;
}

static void
clear (CbQueueTable *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->grid)) != NULL)
    gtk_grid_remove (GTK_GRID (self->grid), child);
  g_ptr_array_set_size (self->rows, 0);
}

static void
rebuild (CbQueueTable *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  g_autofree char *last_group = NULL;
  Row *group_row = NULL;

  clear (self);
  for (int column = 0; column < N_COLUMNS; column++)
    {
      GtkWidget *label = gtk_label_new (_ (columns[column].title));

      gtk_label_set_xalign (GTK_LABEL (label), column == COLUMN_NAME ? 0 : 1);
      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "caption");
      gtk_widget_add_css_class (label, "cb-cell");
      gtk_grid_attach (GTK_GRID (self->grid), label, column, 0, 1, 1);
    }

  for (guint i = 0; i < MIN (n, MOST_ROWS); i++)
    {
      CbQueue *queue = get_queue (self, i);
      g_autofree char *title = NULL;
      g_autofree char *group =
        cb_queue_table_dup_group (cb_queue_get_name (queue), i > 0 ? get_name (self, i - 1) : NULL, get_name (self, i + 1));

      g_object_get (queue, "label", &title, NULL);
      if (group != NULL && g_strcmp0 (group, last_group) != 0)
        {
          g_autofree char *shown = g_utf8_make_valid (group, -1);

          group_row = add_row (self, NULL, shown, FALSE);
        }
      if (group != NULL)
        group_row->n_queues++;
      add_row (self, queue, title, group != NULL);
      g_free (last_group);
      last_group = g_steal_pointer (&group);
    }

  gtk_widget_set_visible (self->more, n > MOST_ROWS);
  if (n > MOST_ROWS)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("%u more queue in the sidebar", "%u more queues in the sidebar", n - MOST_ROWS),
                                               n - MOST_ROWS);

      gtk_label_set_label (GTK_LABEL (self->more), text);
    }
  cb_queue_table_update (self, self->now);
}

static void
figures_cb (CbQueueTable *self, CbQueue *queue)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = g_ptr_array_index (self->rows, i);

      if (row->queue == queue)
        update_times (self, row);
    }
}

/* ---- object ---- */

static void
cb_queue_table_dispose (GObject *object)
{
  CbQueueTable *self = CB_QUEUE_TABLE (object);
  GtkWidget *child;

  g_ptr_array_set_size (self->rows, 0);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->board);
  g_clear_object (&self->reader);

  G_OBJECT_CLASS (cb_queue_table_parent_class)->dispose (object);
}

static void
cb_queue_table_finalize (GObject *object)
{
  g_ptr_array_unref (CB_QUEUE_TABLE (object)->rows);

  G_OBJECT_CLASS (cb_queue_table_parent_class)->finalize (object);
}

static void
cb_queue_table_class_init (CbQueueTableClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = cb_queue_table_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_queue_table_finalize;

  open_signal = g_signal_new ("open", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                              CB_TYPE_QUEUE, G_TYPE_STRING);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
}

static void
cb_queue_table_init (CbQueueTable *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  self->grid = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->grid), 2);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  /* Where it does not fit, the bar of it lies below the last row and not on it. */
  gtk_widget_set_margin_bottom (self->grid, 12);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->grid);
  gtk_widget_set_parent (scroller, GTK_WIDGET (self));
  self->more = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->more), 0);
  gtk_widget_add_css_class (self->more, "dim-label");
  gtk_widget_add_css_class (self->more, "caption");
  gtk_widget_set_visible (self->more, FALSE);
  gtk_widget_set_parent (self->more, GTK_WIDGET (self));
}

void
cb_queue_table_set_board (CbQueueTable *self, CbBoard *board, CbFigureReader *reader)
{
  g_return_if_fail (CB_IS_QUEUE_TABLE (self));
  g_return_if_fail (self->board == NULL);

  self->board = g_object_ref (board);
  self->reader = g_object_ref (reader);
  g_signal_connect_object (board, "items-changed", G_CALLBACK (rebuild), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reader, "changed", G_CALLBACK (figures_cb), self, G_CONNECT_SWAPPED);
  rebuild (self);
}
