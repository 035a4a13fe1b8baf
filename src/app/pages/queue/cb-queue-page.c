/* cb-queue-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page-private.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-job-cell.h"
#include "cb-settings.h"
#include "cb-window.h"

/*
 * The list is a model over a set that stays on the server; the page gives it the state, the order and a word when something changed,
 * and otherwise leaves it alone. Which job is shown beside it is kept by its id and not by its row: a job that moves is selected
 * again where it went, and one that left the list (it was retried) stays in view.
 */

#define SPINNER_DELAY_MSEC 300
/* Where no events come everything is asked for again after so many beats of the clock. */
#define POLL_TICKS 2
/* Where they come, the jobs that run are: nobody tells that a worker is gone. */
#define ACTIVE_TICKS 5
/* So long after jobs were removed from here that is not told as somebody else's doing. */
#define OWN_REMOVAL (10 * G_USEC_PER_SEC)
/* As many as the highest window shows: the others' widgets come when these are painted, not all in one frame. A view has 200 at most. */
#define FIRST_ROWS 48
#define MORE_ROWS 20
#define MOST_ROWS 200
/* So many selected rows are found again where they move. */
#define MAX_CHOSEN 500
/* With more, so often is seen what may be done with them. */
#define ACTIONS_MSEC 250

G_DEFINE_FINAL_TYPE (CbQueuePage, cb_queue_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_QUEUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* ---- what stands around the list ---- */

static gboolean
show_spinner_cb (gpointer data)
{
  CbQueuePage *self = data;

  self->spinner_id = 0;
  gtk_stack_set_visible_child_name (self->list_stack, "loading");
  return G_SOURCE_REMOVE;
}

static const char *
get_state_label (CbQueuePage *self)
{
  CbEngine *engine = cb_queue_get_engine (self->queue);
  const char *state = cb_state_bar_get_state (self->state_bar);
  int index = state != NULL ? cb_engine_find_state (engine, state) : -1;

  return index >= 0 ? _ (cb_engine_get_states (engine, NULL)[index].label) : NULL;
}

static void
update_empty_page (CbQueuePage *self)
{
  const char *label = get_state_label (self);
  g_autofree char *title = NULL;

  if (self->found != NULL)
    {
      adw_status_page_set_title (self->empty_page, _ ("Nothing Matches"));
      adw_status_page_set_description (self->empty_page, label != NULL ? _ ("In other states there may be something.") : NULL);
      return;
    }

  if (label == NULL)
    {
      adw_status_page_set_title (self->empty_page, _ ("No Jobs"));
      adw_status_page_set_description (self->empty_page, _ ("Jobs of this queue appear here as soon as there are any."));
      return;
    }

  /* Translators: %s is the name of a state, as in "No Jobs Are “Failed”" */
  title = g_strdup_printf (_ ("No Jobs Are “%s”"), label);
  adw_status_page_set_title (self->empty_page, title);
  adw_status_page_set_description (self->empty_page, _ ("They appear here as soon as there are any."));
}

static void
show_list_view (CbQueuePage *self, const char *name)
{
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  gtk_stack_set_visible_child_name (self->list_stack, name);
}

/* What keeps the chosen state from being counted, or any of them where all are shown. */
static char *
dup_queue_problem (CbQueuePage *self)
{
  const char *state = cb_state_bar_get_state (self->state_bar);
  char *problem = NULL;

  if (state == NULL || cb_queue_get_count (self->queue, state) < 0)
    g_object_get (self->queue, "problem", &problem, NULL);
  return problem;
}

static void
update_list_view (CbQueuePage *self)
{
  g_autofree char *problem = NULL;
  gboolean loading;

  if (self->list == NULL)
    return;

  if (self->found != NULL)
    g_object_get (self->found, "running", &loading, "problem", &problem, NULL);
  else
    g_object_get (self->list, "loading", &loading, "problem", &problem, NULL);
  /* A set that can't be read has no jobs to list, which is not the same as there being none. */
  if (problem == NULL && self->queue != NULL && self->found == NULL && !loading)
    problem = dup_queue_problem (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0)
    {
      show_list_view (self, "list");
    }
  else if (problem != NULL)
    {
      g_autofree char *text = g_markup_escape_text (problem, -1);

      adw_status_page_set_description (self->problem_page, text);
      show_list_view (self, "problem");
    }
  else if (loading)
    {
      if (self->spinner_id == 0 && g_strcmp0 (gtk_stack_get_visible_child_name (self->list_stack), "loading") != 0)
        {
          gtk_stack_set_visible_child_name (self->list_stack, "blank");
          self->spinner_id = g_timeout_add (SPINNER_DELAY_MSEC, show_spinner_cb, self);
        }
    }
  else
    {
      update_empty_page (self);
      show_list_view (self, "empty");
    }
}

static void
update_found_label (CbQueuePage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->found));
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *looked = cb_format_exact_count ((gint64) cb_found_jobs_get_n_looked (self->found));
  g_autofree char *text = NULL;

  if (cb_found_jobs_get_cut (self->found))
    text = g_strdup_printf (_ ("the first %s that match"), count);
  else if (cb_found_jobs_get_running (self->found))
    /* Translators: two numbers of jobs */
    text = g_strdup_printf (_ ("%s of %s match so far…"), count, looked);
  else
    text = g_strdup_printf (_ ("%s of %s match"), count, looked);
  gtk_label_set_label (self->count_label, text);
}

void
cb_queue_page_update_count (CbQueuePage *self)
{
  guint n = self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
  gboolean newest_first = gtk_toggle_button_get_active (self->order_button);
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *jobs = g_strdup_printf (ngettext ("%s job", "%s jobs", n), count);
  g_autofree char *text = NULL;
  const char *order;
  int column;

  if (self->queue == NULL)
    return;
  if (self->found != NULL)
    {
      update_found_label (self);
      return;
    }

  column = cb_queue_page_get_sort_column (self);
  if (cb_engine_get_order (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue),
                           cb_state_bar_get_state (self->state_bar)) == CB_JOB_ORDER_DUE)
    order = newest_first ? _ ("by when they are due, the last first") : _ ("by when they are due, the next first");
  else if (cb_state_bar_get_state (self->state_bar) == NULL)
    order = newest_first ? _ ("state by state, newest first") : _ ("state by state, oldest first");
  else if (column == CB_JOB_COLUMN_ID)
    order = newest_first ? _ ("by ID, newest first") : _ ("by ID, oldest first");
  else if (column == CB_JOB_COLUMN_CREATED)
    order = newest_first ? _ ("newest first") : _ ("oldest first");
  else
    order = newest_first ? _ ("by priority, newest first") : _ ("by priority, oldest first");
  text = g_strdup_printf ("%s, %s", jobs, order);
  gtk_label_set_label (self->count_label, text);
}

static void
update_live_label (CbQueuePage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  CbEngine *engine = self->queue != NULL ? cb_queue_get_engine (self->queue) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *problem = NULL;
  const char *live;

  if (engine == NULL || session == NULL)
    return;

  if (self->list != NULL)
    g_object_get (self->list, "problem", &problem, NULL);
  live = cb_engine_get_live (engine) ? _ ("live") : _ ("asked for every 2 s");
  if (cb_session_get_state (session) != CB_SESSION_READY)
    text = g_strdup (_ ("not connected"));
  else if (problem != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0)
    text = g_strdup_printf (_ ("not up to date: %s"), problem);
  else
    text = g_strdup (live);
  if (g_strcmp0 (gtk_label_get_label (self->live_label), text) != 0)
    gtk_label_set_label (self->live_label, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->live_label),
                               problem != NULL ? problem : cb_engine_get_live_problem (engine));
}

static void
update_order_button (CbQueuePage *self)
{
  gboolean newest_first = gtk_toggle_button_get_active (self->order_button);
  const char *tip = newest_first ? _ ("Newest First; Press for Oldest First") : _ ("Oldest First; Press for Newest First");

  gtk_button_set_icon_name (GTK_BUTTON (self->order_button),
                            newest_first ? "callboard-newest-first-symbolic" : "callboard-oldest-first-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->order_button), tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->order_button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Newest First"), -1);
}

/* ---- selection ---- */

CbJob *
cb_queue_page_get_job (CbQueuePage *self, guint position)
{
  g_autoptr (CbJob) job = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  /* Kept by the list. */
  return job;
}

/* Which jobs are selected, to find those again that move: where a row leaves and comes back, GTK forgets. */
static void
remember_chosen (CbQueuePage *self, GtkBitset *selected)
{
  GtkBitsetIter iter;
  guint position;

  g_hash_table_remove_all (self->chosen);
  if (gtk_bitset_get_size (selected) < 2 || gtk_bitset_get_size (selected) > MAX_CHOSEN)
    return;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      CbJob *job = cb_queue_page_get_job (self, position);

      if (job != NULL && cb_job_get_id (job) != NULL)
        g_hash_table_add (self->chosen, g_strdup (cb_job_get_id (job)));
    }
}

static void
select_chosen (CbQueuePage *self, guint position, guint n)
{
  if (g_hash_table_size (self->chosen) == 0)
    return;

  self->selecting = TRUE;
  for (guint i = position; i < position + MIN (n, MAX_CHOSEN); i++)
    {
      CbJob *job = cb_queue_page_get_job (self, i);

      if (job != NULL && cb_job_get_id (job) != NULL && g_hash_table_contains (self->chosen, cb_job_get_id (job)))
        gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), i, FALSE);
    }
  self->selecting = FALSE;
}

static void
mark (CbQueuePage *self, guint position)
{
  self->marked = position;
  self->lost = FALSE;
}

static void
selection_cb (CbQueuePage *self)
{
  g_autoptr (GtkBitset) selected = NULL;

  if (self->selecting || self->queue == NULL)
    return;

  self->pending = GTK_INVALID_LIST_POSITION;
  mark (self, GTK_INVALID_LIST_POSITION);
  g_signal_group_set_target (self->pending_signals, NULL);
  selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  remember_chosen (self, selected);
  if (gtk_bitset_get_size (selected) == 1)
    {
      CbJob *job = cb_queue_page_get_job (self, gtk_bitset_get_minimum (selected));

      mark (self, gtk_bitset_get_minimum (selected));
      if (job != NULL && cb_job_get_id (job) == NULL)
        {
          self->pending = gtk_bitset_get_minimum (selected);
          g_signal_group_set_target (self->pending_signals, job);
        }
      else if (job != NULL && cb_job_get_id (job) != NULL)
        cb_job_detail_set_job (self->detail, cb_queue_get_engine (self->queue), cb_job_get_id (job), cb_job_get_record (job));
    }
  else if (gtk_bitset_is_empty (selected))
    {
      cb_job_detail_set_job (self->detail, NULL, NULL, NULL);
    }
  cb_queue_page_update_actions (self);
}

/* The row that was chosen has been read. */
static void
pending_cb (CbQueuePage *self)
{
  g_autoptr (CbJob) job = g_signal_group_dup_target (self->pending_signals);

  if (job != NULL && cb_job_get_id (job) != NULL)
    selection_cb (self);
}

/* The job beside the list was removed: its neighbour is next, so that whoever goes through a list goes on from there. Where the detail
 * stands in the list's place nothing is put before somebody's eyes. */
static void
go_on (CbQueuePage *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  CbDoings *doings = cb_session_get_doings (cb_page_get_session (CB_PAGE (self)));
  gboolean own = CB_IS_BULK (cb_doings_get_last (doings, NULL)) ||
                 (self->removing_at > 0 && g_get_monotonic_time () - self->removing_at < OWN_REMOVAL);
  g_autofree char *gone = NULL;
  g_autofree char *text = NULL;

  /* Rows are being changed, or come as they are found: where it was is not known yet. */
  if (!self->lost || self->selecting || !cb_job_detail_get_gone (self->detail))
    return;
  /* Nor is it any more where somebody has gone on, or will come back to later. One that ran and is over was not taken from anybody. */
  if (n == 0 || self->found != NULL || !gtk_bitset_is_empty (selected) || !gtk_widget_get_mapped (GTK_WIDGET (self))
      || (!own && self->was_active)
      || (cb_list_detail_get_folded (self->panes) && cb_list_detail_get_show_detail (self->panes)))
    {
      mark (self, GTK_INVALID_LIST_POSITION);
      return;
    }

  gone = g_strdup (cb_job_detail_get_id (self->detail));
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), MIN (self->marked, n - 1), TRUE);
  /* Of what was done from here there is other news, with a button to undo it. */
  if (own)
    return;
  text = g_strdup_printf (_ ("Job %s was removed; the next one is selected"), gone);
  cb_toast (GTK_WIDGET (self), text);
}

/* The rows moved: what is shown is marked where it is now. */
static void
follow_job (CbQueuePage *self)
{
  const char *id = cb_job_detail_get_id (self->detail);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  gint64 position;

  /* Not back from a row that was chosen before it was read. */
  if (id == NULL || gtk_bitset_get_size (selected) > 1 || self->pending != GTK_INVALID_LIST_POSITION)
    return;

  position = cb_queue_page_find_job (self, id);
  if (position < 0)
    {
      /* It may be anywhere else, and has changed then. */
      if (!self->lost && self->marked != GTK_INVALID_LIST_POSITION)
        {
          self->lost = TRUE;
          if (!cb_job_detail_get_gone (self->detail))
            cb_job_detail_reload (self->detail);
        }
      go_on (self);
      return;
    }

  mark (self, (guint) position);
  if (gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), (guint) position))
    return;

  self->selecting = TRUE;
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), (guint) position, TRUE);
  self->selecting = FALSE;
}

static void
record_cb (CbQueuePage *self)
{
  CbJobRecord *record = cb_job_detail_get_record (self->detail);

  if (record != NULL)
    {
      self->was_active = record->meaning == CB_JOB_MEANING_ACTIVE;
      /* It is only somewhere else, and stays in view. */
      if (self->lost)
        mark (self, GTK_INVALID_LIST_POSITION);
    }
  go_on (self);
  cb_queue_page_update_actions (self);
}

static gboolean
update_actions_cb (gpointer data)
{
  CbQueuePage *self = data;

  self->actions_id = 0;
  cb_queue_page_update_actions (self);
  return G_SOURCE_REMOVE;
}

/* A look at all that are selected, which is not made for each of thousands of changes. */
static void
update_actions (CbQueuePage *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  if (gtk_bitset_get_size (selected) <= MAX_CHOSEN)
    cb_queue_page_update_actions (self);
  else if (self->actions_id == 0)
    self->actions_id = g_timeout_add (ACTIONS_MSEC, update_actions_cb, self);
}

void
cb_queue_page_update_list (CbQueuePage *self)
{
  update_list_view (self);
  cb_queue_page_update_count (self);
  follow_job (self);
  cb_queue_page_probe_order (self, FALSE);
  update_actions (self);
}

static gboolean
prepare_cb (gpointer data)
{
  CbQueuePage *self = data;

  self->prepare_id = 0;
  cb_job_detail_prepare (self->detail);
  return G_SOURCE_REMOVE;
}

/* The first call is before the frame in which the rows are painted, the second behind it. */
static gboolean
first_painted_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  CbQueuePage *self = data;
  guint limit = FIRST_ROWS + self->n_frames * MORE_ROWS;

  if (self->n_frames++ == 0)
    return G_SOURCE_CONTINUE;
  if (self->rows != NULL)
    cb_job_rows_set_limit (self->rows, limit < MOST_ROWS ? limit : G_MAXUINT);
  if (self->rows != NULL && limit < MIN (MOST_ROWS, g_list_model_get_n_items (G_LIST_MODEL (self->selection))))
    return G_SOURCE_CONTINUE;

  if (self->rows != NULL)
    cb_job_rows_set_limit (self->rows, G_MAXUINT);
  self->prepare_id = g_idle_add_full (G_PRIORITY_LOW, prepare_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

static void
items_changed_cb (CbQueuePage *self, guint position, guint removed, guint added)
{
  if (self->n_frames == 0 && g_list_model_get_n_items (G_LIST_MODEL (self->selection)) > 0 && self->first_id == 0)
    self->first_id = gtk_widget_add_tick_callback (GTK_WIDGET (self->column_view), first_painted_cb, self, NULL);
  /* A row that is read takes the place of one that was not, and takes the selection with it. */
  if (removed == added && self->pending >= position && self->pending - position < added)
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), self->pending, TRUE);
  select_chosen (self, position, added);
  cb_queue_page_update_list (self);
}

static void
open_detail (CbQueuePage *self)
{
  if (cb_list_detail_get_show_detail (self->panes))
    return;

  cb_list_detail_set_show_detail (self->panes, TRUE);
  if (cb_list_detail_get_folded (self->panes))
    gtk_widget_child_focus (GTK_WIDGET (self->detail), GTK_DIR_TAB_FORWARD);
}

static void
activated_cb (CbQueuePage *self, guint position)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
  open_detail (self);
}

static gboolean
clicked_cb (gpointer data)
{
  CbQueuePage *self = data;
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  self->click_id = 0;
  if (cb_list_detail_get_folded (self->panes) && gtk_bitset_get_size (selected) == 1)
    open_detail (self);
  return G_SOURCE_REMOVE;
}

/* Between its cells and around them, too: a row selects itself wherever it is clicked on. */
static gboolean
is_in_row (CbQueuePage *self, GtkWidget *widget)
{
  for (; widget != NULL && widget != GTK_WIDGET (self->column_view); widget = gtk_widget_get_parent (widget))
    if (g_str_equal (gtk_widget_get_css_name (widget), "row"))
      return TRUE;
  return FALSE;
}

/* Where the detail stands in the list's place one click opens it; the row selects itself after this. */
static void
released_cb (CbQueuePage *self, int n_press, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->column_view), x, y, GTK_PICK_DEFAULT);

  if (is_in_row (self, widget) && self->click_id == 0)
    self->click_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, clicked_cb, self, NULL);
}

/* The view of GTK 4.8 goes from row to row by Tab, through a million of them; the arrows do that. Tab goes on to the job, and
 * back to what is above the list. */
static gboolean
tab_cb (CbQueuePage *self, guint keyval, guint keycode, GdkModifierType state)
{
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;

  if (keyval == GDK_KEY_ISO_Left_Tab || (keyval == GDK_KEY_Tab && (state & GDK_SHIFT_MASK) != 0))
    return gtk_widget_grab_focus (GTK_WIDGET (self->order_button));
  if (keyval == GDK_KEY_Tab && gtk_widget_get_child_visible (GTK_WIDGET (self->detail)))
    return gtk_widget_child_focus (GTK_WIDGET (self->detail), GTK_DIR_TAB_FORWARD);

  return FALSE;
}

static void
back_cb (CbQueuePage *self)
{
  if (!cb_list_detail_get_show_detail (self->panes))
    return;

  cb_list_detail_set_show_detail (self->panes, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->column_view));
}

/* ---- room ---- */

/* Told from within the allocation, where columns can't come and go. */
static void
width_cb (CbQueuePage *self)
{
  if (self->columns_id == 0)
    self->columns_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 5, cb_queue_page_update_columns, self, NULL);
}

/* ---- which list ---- */

/* What was selected is of the other list. */
void
cb_queue_page_set_rows (CbQueuePage *self, GListModel *rows)
{
  self->selecting = TRUE;
  cb_job_selection_set_model (self->selection, rows);
  self->selecting = FALSE;
  mark (self, GTK_INVALID_LIST_POSITION);
}

static void
create_list (CbQueuePage *self, gboolean other_set)
{
  const char *state = cb_state_bar_get_state (self->state_bar);
  CbJobList *list;

  if (self->queue == NULL)
    return;

  list = cb_job_list_new (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue), state,
                          gtk_toggle_button_get_active (self->order_button));
  g_signal_group_set_target (self->list_signals, list);
  g_set_object (&self->list, list);
  g_object_unref (list);
  cb_queue_page_set_rows (self, G_LIST_MODEL (self->list));
  cb_queue_page_clear_filter (self);

  self->pending = GTK_INVALID_LIST_POSITION;
  mark (self, GTK_INVALID_LIST_POSITION);
  g_signal_group_set_target (self->pending_signals, NULL);
  g_hash_table_remove_all (self->chosen);
  cb_list_anchor_reset (self->anchor);
  if (gtk_search_bar_get_search_mode (self->filter_bar))
    cb_queue_page_filter (self);
  cb_queue_page_probe_order (self, other_set || self->priorities == CB_PRIORITIES_UNKNOWN);
  cb_queue_page_update_sorting (self);
  cb_queue_page_update_list (self);
}

static void
state_cb (CbQueuePage *self)
{
  create_list (self, TRUE);
}

/* The same set, from its other end. */
static void
order_cb (CbQueuePage *self)
{
  update_order_button (self);
  create_list (self, FALSE);
}

/* ---- what happens ---- */

static void
jobs_changed_cb (CbQueuePage *self, CbEngine *engine, const char * const *ids)
{
  if (self->queue == NULL || engine != cb_queue_get_engine (self->queue) || self->list == NULL)
    return;

  cb_job_list_touch (self->list, ids);
  cb_job_list_refresh (self->list);
  if (self->found != NULL)
    cb_found_jobs_touch (self->found, ids);
  if (cb_job_detail_get_id (self->detail) != NULL && g_strv_contains (ids, cb_job_detail_get_id (self->detail)))
    cb_job_detail_reload (self->detail);
}

static void
counts_cb (CbQueuePage *self)
{
  if (self->list != NULL)
    {
      cb_job_list_refresh (self->list);
      update_list_view (self);
    }
}

static gboolean
shows_active (CbQueuePage *self)
{
  const char *state = cb_state_bar_get_state (self->state_bar);
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (cb_queue_get_engine (self->queue), &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == CB_JOB_MEANING_ACTIVE && (state == NULL || g_str_equal (state, states[i].name)))
        return cb_queue_get_count (self->queue, states[i].name) > 0;
    }

  return FALSE;
}

static void
tick_cb (CbQueuePage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  update_live_label (self);
  self->n_ticks++;
  if (self->list != NULL && session != NULL && cb_session_get_state (session) == CB_SESSION_READY &&
      self->n_ticks % ACTIVE_TICKS == 0 && shows_active (self))
    cb_job_list_refresh (self->list);
  if (self->queue == NULL || session == NULL || cb_engine_get_live (cb_queue_get_engine (self->queue)) ||
      cb_session_get_state (session) != CB_SESSION_READY || self->n_ticks % POLL_TICKS != 0)
    return;

  cb_page_refresh (CB_PAGE (self));
}

static void
session_cb (CbQueuePage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  g_signal_group_set_target (self->board_signals, cb_session_get_board (session));
  cb_queue_page_update_actions (self);
  update_live_label (self);
  if (cb_session_get_state (session) == CB_SESSION_READY)
    cb_page_refresh (CB_PAGE (self));
}

/* ---- actions ---- */

static void
show_state_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_state_bar_choose (CB_QUEUE_PAGE (widget)->state_bar, (guint) g_variant_get_int32 (parameter));
}

static void
filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_queue_page_show_filter (CB_QUEUE_PAGE (widget));
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  back_cb (CB_QUEUE_PAGE (widget));
}

/* ---- object ---- */

static void
cb_queue_page_set_up (CbPage *page, CbSession *session)
{
  CbQueuePage *self = CB_QUEUE_PAGE (page);

  g_signal_connect_object (session, "notify::board", G_CALLBACK (session_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (session_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "undone", G_CALLBACK (cb_queue_page_show_changes), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "rights-changed", G_CALLBACK (cb_queue_page_update_actions), self, G_CONNECT_SWAPPED);
  cb_doings_bar_set_doings (self->doings_bar, cb_session_get_doings (session));
  session_cb (self);
}

static void
cb_queue_page_refresh (CbPage *page)
{
  CbQueuePage *self = CB_QUEUE_PAGE (page);

  if (self->list != NULL)
    cb_job_list_refresh (self->list);
  if (self->found != NULL)
    cb_queue_page_filter (self);
  cb_job_detail_reload (self->detail);
}

static void
cb_queue_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_queue_page_parent_class)->map (widget);
  cb_clock_set_running (CB_QUEUE_PAGE (widget)->clock, TRUE);
}

/* Not at each step of a drag: settings are written to a file. */
static void
save_width (CbQueuePage *self)
{
  GSettings *settings = cb_settings_get_default ();
  int width = 0;

  g_object_get (self->panes, "detail-width", &width, NULL);
  if (settings != NULL && width != g_settings_get_int (settings, "detail-width"))
    g_settings_set_int (settings, "detail-width", width);
}

static void
cb_queue_page_unmap (GtkWidget *widget)
{
  save_width (CB_QUEUE_PAGE (widget));
  cb_clock_set_running (CB_QUEUE_PAGE (widget)->clock, FALSE);
  GTK_WIDGET_CLASS (cb_queue_page_parent_class)->unmap (widget);
}

static void
cb_queue_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_QUEUE:
      g_value_set_object (value, CB_QUEUE_PAGE (object)->queue);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_queue_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_QUEUE:
      cb_queue_page_set_queue (CB_QUEUE_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_queue_page_dispose (GObject *object)
{
  CbQueuePage *self = CB_QUEUE_PAGE (object);

  self->selecting = TRUE;
  g_clear_handle_id (&self->spinner_id, g_source_remove);
  g_clear_handle_id (&self->columns_id, g_source_remove);
  g_clear_handle_id (&self->actions_id, g_source_remove);
  g_clear_handle_id (&self->click_id, g_source_remove);
  g_clear_handle_id (&self->prepare_id, g_source_remove);
  g_clear_object (&self->find_cancellable);
  g_clear_handle_id (&self->filter_id, g_source_remove);
  g_clear_object (&self->found_signals);
  if (self->found != NULL)
    cb_found_jobs_stop (self->found);
  g_clear_object (&self->found);
  if (self->menu != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->menu));
  self->menu = NULL;
  g_clear_object (&self->queue_signals);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->list_signals);
  g_clear_object (&self->pending_signals);
  cb_clock_set_running (self->clock, FALSE);
  g_clear_object (&self->list);
  g_clear_object (&self->queue);

  G_OBJECT_CLASS (cb_queue_page_parent_class)->dispose (object);
}

static void
cb_queue_page_finalize (GObject *object)
{
  CbQueuePage *self = CB_QUEUE_PAGE (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->anchor);
  g_clear_object (&self->columns);
  cb_queue_page_clear_sorting (self);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->chosen, g_hash_table_unref);
  g_free (self->refusal);

  G_OBJECT_CLASS (cb_queue_page_parent_class)->finalize (object);
}

static void
cb_queue_page_class_init (CbQueuePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  CbPageClass *page_class = CB_PAGE_CLASS (klass);

  object_class->get_property = cb_queue_page_get_property;
  object_class->set_property = cb_queue_page_set_property;
  object_class->dispose = cb_queue_page_dispose;
  object_class->finalize = cb_queue_page_finalize;
  widget_class->map = cb_queue_page_map;
  widget_class->unmap = cb_queue_page_unmap;
  page_class->set_up = cb_queue_page_set_up;
  page_class->refresh = cb_queue_page_refresh;

  properties[PROP_QUEUE] =
    g_param_spec_object ("queue", NULL, NULL, CB_TYPE_QUEUE,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CB_TYPE_DOINGS_BAR);
  g_type_ensure (CB_TYPE_JOB_DETAIL);
  g_type_ensure (CB_TYPE_LIST_DETAIL);
  g_type_ensure (CB_TYPE_STATE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-queue-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, panes);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, state_bar);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, order_button);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, columns_button);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, list_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, column_view);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, new_button);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, problem_page);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, count_label);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, live_label);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, filter_bar);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, filter_problem);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, doings_bar);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, detail);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);

  cb_queue_page_install_actions (widget_class);
  gtk_widget_class_install_action (widget_class, "queue.show-state", "i", show_state_action);
  gtk_widget_class_install_action (widget_class, "queue.filter", NULL, filter_action);
  gtk_widget_class_install_action (widget_class, "queue.back", NULL, back_action);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "queue.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "queue.back", NULL);
  for (int i = 0; i < 10; i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_0 + (guint) i, GDK_ALT_MASK, "queue.show-state", "i", i);
}

static void
cb_queue_page_init (CbQueuePage *self)
{
  GSettings *settings = cb_settings_get_default ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  g_autoptr (CbJobRows) rows = NULL;

  self->pending = GTK_INVALID_LIST_POSITION;
  self->marked = GTK_INVALID_LIST_POSITION;
  self->chosen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->clock = cb_clock_new ();
  self->selection = cb_job_selection_new ();
  self->pending_signals = g_signal_group_new (CB_TYPE_JOB);
  g_signal_group_connect_swapped (self->pending_signals, "notify::record", G_CALLBACK (pending_cb), self);
  self->queue_signals = g_signal_group_new (CB_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->queue_signals, "notify", G_CALLBACK (counts_cb), self);
  self->board_signals = g_signal_group_new (CB_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "jobs-changed", G_CALLBACK (jobs_changed_cb), self);
  self->list_signals = g_signal_group_new (CB_TYPE_JOB_LIST);
  g_signal_group_connect_swapped (self->list_signals, "notify::loading", G_CALLBACK (update_list_view), self);
  g_signal_group_connect_swapped (self->list_signals, "notify::problem", G_CALLBACK (update_list_view), self);

  gtk_widget_init_template (GTK_WIDGET (self));

  cb_job_detail_set_clock (self->detail, self->clock);
  cb_queue_page_add_columns (self);
  cb_queue_page_set_up_sorting (self);
  cb_queue_page_set_up_menu (self);
  cb_queue_page_set_up_filter (self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "released", G_CALLBACK (released_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->column_view), GTK_EVENT_CONTROLLER (click));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (tab_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->column_view), keys);
  rows = cb_job_rows_new (GTK_SELECTION_MODEL (self->selection));
  self->rows = rows;
  cb_job_rows_set_limit (rows, FIRST_ROWS);
  gtk_column_view_set_model (self->column_view, GTK_SELECTION_MODEL (rows));
  cb_queue_page_set_up_arrivals (self, G_LIST_MODEL (rows));
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->clock, "tick", G_CALLBACK (tick_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->detail, "notify::record", G_CALLBACK (record_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state_bar, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->list_scroller), "notify::page-size", G_CALLBACK (width_cb),
                           self, G_CONNECT_SWAPPED);
  g_object_bind_property (self->panes, "folded", self->detail, "folded", G_BINDING_SYNC_CREATE);

  if (settings != NULL)
    g_object_set (self->panes, "detail-width", g_settings_get_int (settings, "detail-width"), NULL);
  if (settings != NULL)
    g_settings_bind (settings, "newest-first", self->order_button, "active", G_SETTINGS_BIND_DEFAULT);
  else
    gtk_toggle_button_set_active (self->order_button, TRUE);
  g_signal_connect_object (self->order_button, "toggled", G_CALLBACK (order_cb), self, G_CONNECT_SWAPPED);
  update_order_button (self);
  cb_queue_page_update_actions (self);
}

CbQueue *
cb_queue_page_get_queue (CbQueuePage *self)
{
  g_return_val_if_fail (CB_IS_QUEUE_PAGE (self), NULL);

  return self->queue;
}

/**
 * cb_queue_page_set_queue:
 * @queue: (nullable): whose jobs are shown
 */
void
cb_queue_page_set_queue (CbQueuePage *self, CbQueue *queue)
{
  g_autofree char *title = NULL;
  g_autofree char *prefix = NULL;
  g_autofree char *subtitle = NULL;

  g_return_if_fail (CB_IS_QUEUE_PAGE (self));
  g_return_if_fail (queue == NULL || CB_IS_QUEUE (queue));

  if (self->queue == queue)
    return;

  cb_job_detail_set_job (self->detail, NULL, NULL, NULL);
  cb_list_detail_set_show_detail (self->panes, FALSE);
  g_set_object (&self->queue, queue);
  g_signal_group_set_target (self->queue_signals, queue);
  if (queue != NULL)
    {
      CbEngine *engine = cb_queue_get_engine (queue);

      cb_clock_set_engine (self->clock, engine);
      g_object_get (queue, "title", &title, "prefix", &prefix, NULL);
      /* Translators: the library that made a queue, as in "Kue", and the prefix of its keys */
      subtitle = prefix != NULL && *prefix != '\0' ? g_strdup_printf (_ ("%s · prefix %s"), cb_engine_get_title (engine), prefix)
                                : g_strdup (cb_engine_get_title (engine));
      cb_page_set_title (CB_PAGE (self), title);
      cb_page_set_subtitle (CB_PAGE (self), subtitle);
      cb_state_bar_set_queue (self->state_bar, queue);
      width_cb (self);
      create_list (self, TRUE);
      update_live_label (self);
    }
  else
    {
      g_signal_group_set_target (self->list_signals, NULL);
      cb_queue_page_clear_filter (self);
      cb_queue_page_set_rows (self, NULL);
      g_clear_object (&self->list);
      cb_state_bar_set_queue (self->state_bar, NULL);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE]);
}

/**
 * cb_queue_page_show_jobs:
 * @state: (nullable): the engine's word; %NULL for all
 * @filter: (nullable): what stands in the filter then
 */
void
cb_queue_page_show_jobs (CbQueuePage *self, const char *state, const char *filter)
{
  g_return_if_fail (CB_IS_QUEUE_PAGE (self));

  cb_list_detail_set_show_detail (self->panes, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), filter != NULL ? filter : "");
  gtk_search_bar_set_search_mode (self->filter_bar, filter != NULL);
  cb_state_bar_set_state (self->state_bar, state);
  cb_queue_page_filter (self);
}

/**
 * cb_queue_page_show_job:
 * @id: a job of the queue
 *
 * It is read by its id, so that it is there at once, however far from the top of the list.
 */
void
cb_queue_page_show_job (CbQueuePage *self, const char *id)
{
  g_return_if_fail (CB_IS_QUEUE_PAGE (self));
  g_return_if_fail (id != NULL);

  if (self->queue == NULL)
    return;

  self->selecting = TRUE;
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  self->selecting = FALSE;
  mark (self, GTK_INVALID_LIST_POSITION);
  cb_job_detail_set_job (self->detail, cb_queue_get_engine (self->queue), id, NULL);
  cb_list_detail_set_show_detail (self->panes, TRUE);
  follow_job (self);
  cb_queue_page_update_actions (self);
}
