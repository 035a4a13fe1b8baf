/* cb-queue-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-page.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-clock.h"
#include "cb-format.h"
#include "cb-job-actions.h"
#include "cb-job-cell.h"
#include "cb-job-detail.h"
#include "cb-job-list.h"
#include "cb-job-rows.h"
#include "cb-list-detail.h"
#include "cb-settings.h"
#include "cb-state-bar.h"
#include "cb-window.h"

/*
 * The list is a model over a set that stays on the server; the page gives it the state, the order and a word when something changed,
 * and otherwise leaves it alone. Which job is shown beside it is kept by its id and not by its row: a job that moves is selected
 * again where it went, and one that left the list (it was retried) stays in view.
 */

#define SPINNER_DELAY_MSEC 300
/* Where no events come everything is asked for again after so many beats of the clock. */
#define POLL_TICKS 2
/* What can be selected and acted on at once. */
#define MAX_SELECTED 2000

struct _CbQueuePage
{
  CbPage parent_instance;

  CbQueue *queue;                 /* (owned) (nullable) */
  CbJobList *list;                /* (owned) (nullable) */
  GtkMultiSelection *selection;   /* (owned) */
  CbClock *clock;                 /* (owned) */
  GSignalGroup *queue_signals;    /* (owned) */
  GSignalGroup *board_signals;    /* (owned) */
  GSignalGroup *list_signals;     /* (owned) */
  guint pending;                  /* the row that was chosen before it was read; GTK_INVALID_LIST_POSITION none */
  gboolean selecting;             /* the selection follows the job, not the other way round */
  guint spinner_id;
  guint columns_id;
  guint click_id;
  guint n_ticks;

  CbListDetail *panes;
  CbStateBar *state_bar;
  GtkToggleButton *order_button;
  GtkStack *list_stack;
  GtkScrolledWindow *list_scroller;
  GtkColumnView *column_view;
  AdwStatusPage *empty_page;
  AdwStatusPage *problem_page;
  GtkLabel *count_label;
  GtkLabel *live_label;
  CbJobDetail *detail;
};

G_DEFINE_FINAL_TYPE (CbQueuePage, cb_queue_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_QUEUE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const struct
{
  CbJobColumn column;
  const char *title;
  int width;                    /* -1: what is left */
  int least;                    /* of the list, for this column to be shown; what matters least goes first */
} columns_info[] = {
  { CB_JOB_COLUMN_ID, N_ ("ID"), 68, 0 },
  { CB_JOB_COLUMN_DATA, N_ ("Data"), -1, 0 },
  { CB_JOB_COLUMN_STATE, N_ ("State"), 100, 0 },
  { CB_JOB_COLUMN_PRIORITY, N_ ("Priority"), 76, 540 },
  { CB_JOB_COLUMN_PROGRESS, N_ ("Progress"), 90, 460 },
  { CB_JOB_COLUMN_ATTEMPTS, N_ ("Attempts"), 80, 620 },
  { CB_JOB_COLUMN_CREATED, N_ ("Created"), 96, 380 },
};

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

  g_object_get (self->list, "loading", &loading, "problem", &problem, NULL);
  /* A set that can't be read has no jobs to list, which is not the same as there being none. */
  if (problem == NULL && self->queue != NULL && !loading)
    problem = dup_queue_problem (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0)
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
update_count_label (CbQueuePage *self)
{
  guint n = self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
  gboolean newest_first = gtk_toggle_button_get_active (self->order_button);
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *jobs = g_strdup_printf (ngettext ("%s job", "%s jobs", n), count);
  g_autofree char *text = NULL;
  const char *order;

  /* The sets are kept by priority and then by age, and are read from one end or from the other. */
  if (cb_state_bar_get_state (self->state_bar) == NULL)
    order = newest_first ? _ ("state by state, newest first") : _ ("state by state, oldest first");
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
  int load = -1;

  if (engine == NULL || session == NULL)
    return;

  if (self->list != NULL)
    g_object_get (self->list, "problem", &problem, NULL);
  g_object_get (session, "load", &load, NULL);
  live = cb_engine_get_live (engine) ? _ ("live") : _ ("asked for every 2 s");
  if (cb_session_get_state (session) != CB_SESSION_READY)
    text = g_strdup (_ ("not connected"));
  else if (problem != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->list)) > 0)
    text = g_strdup_printf (_ ("not up to date: %s"), problem);
  else if (load >= 0)
    text = g_strdup_printf (ngettext ("%s · %d command a second", "%s · %d commands a second", (gulong) load), live, load);
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

static CbJob *
get_job (CbQueuePage *self, guint position)
{
  g_autoptr (CbJob) job = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  /* Kept by the list. */
  return job;
}

/* The ids of what is selected that are known; all of them where the array is as long as the selection. */
static GStrv
get_selected_ids (CbQueuePage *self, guint *n_selected)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  GtkBitsetIter iter;
  guint position;

  *n_selected = (guint) MIN (gtk_bitset_get_size (selected), G_MAXUINT);
  if (*n_selected > 1 && *n_selected <= MAX_SELECTED)
    {
      for (gboolean valid = gtk_bitset_iter_init_first (&iter, selected, &position); valid;
           valid = gtk_bitset_iter_next (&iter, &position))
        {
          CbJob *job = get_job (self, position);

          if (job != NULL && cb_job_get_loaded (job) && cb_job_get_id (job) != NULL)
            g_strv_builder_add (builder, cb_job_get_id (job));
        }
    }
  else if (*n_selected <= 1 && cb_job_detail_get_id (self->detail) != NULL)
    {
      g_strv_builder_add (builder, cb_job_detail_get_id (self->detail));
    }
  return g_strv_builder_end (builder);
}

static void
update_actions (CbQueuePage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  CbEngineCapabilities can = self->queue != NULL ? cb_engine_get_capabilities (cb_queue_get_engine (self->queue)) : 0;
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  guint n_selected;
  g_auto (GStrv) ids = get_selected_ids (self, &n_selected);
  gboolean many = n_selected > 1 && g_strv_length (ids) == n_selected;
  gboolean one = n_selected <= 1 && record != NULL;
  CbJobMeaning meaning = record != NULL ? record->meaning : CB_JOB_MEANING_UNKNOWN;

  gboolean retry = (can & CB_ENGINE_CAN_RETRY) != 0 &&
                   (many || (one && (meaning == CB_JOB_MEANING_FAILED || meaning == CB_JOB_MEANING_COMPLETE)));

  gtk_widget_action_set_enabled (widget, "job.retry", retry);
  gtk_widget_action_set_enabled (widget, "job.retry-as-new", retry);
  gtk_widget_action_set_enabled (widget, "job.promote",
                                 (can & CB_ENGINE_CAN_PROMOTE) != 0 && (many || (one && meaning == CB_JOB_MEANING_DELAYED)));
  gtk_widget_action_set_enabled (widget, "job.remove", (can & CB_ENGINE_CAN_REMOVE) != 0 && (many || one));
  gtk_widget_action_set_enabled (widget, "job.copy-id", n_selected > 1 || cb_job_detail_get_id (self->detail) != NULL);
  gtk_widget_action_set_enabled (widget, "job.copy-data", one && record->data != NULL);
  cb_job_detail_set_n_selected (self->detail, n_selected, g_strv_length (ids));
}

static void
selection_cb (CbQueuePage *self)
{
  g_autoptr (GtkBitset) selected = NULL;

  if (self->selecting || self->queue == NULL)
    return;

  self->pending = GTK_INVALID_LIST_POSITION;
  selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  if (gtk_bitset_get_size (selected) == 1)
    {
      CbJob *job = get_job (self, gtk_bitset_get_minimum (selected));

      if (job != NULL && cb_job_get_id (job) == NULL)
        self->pending = gtk_bitset_get_minimum (selected);
      else if (job != NULL && cb_job_get_id (job) != NULL)
        cb_job_detail_set_job (self->detail, cb_queue_get_engine (self->queue), cb_job_get_id (job), cb_job_get_record (job));
    }
  else if (gtk_bitset_is_empty (selected))
    {
      cb_job_detail_set_job (self->detail, NULL, NULL, NULL);
    }
  update_actions (self);
}

/* The rows moved: what is shown is marked where it is now. */
static void
follow_job (CbQueuePage *self)
{
  const char *id = cb_job_detail_get_id (self->detail);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  gint64 position;

  if (id == NULL || self->list == NULL || gtk_bitset_get_size (selected) > 1)
    return;

  position = cb_job_list_find (self->list, id);
  if (position < 0 || gtk_selection_model_is_selected (GTK_SELECTION_MODEL (self->selection), (guint) position))
    return;

  self->selecting = TRUE;
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), (guint) position, TRUE);
  self->selecting = FALSE;
}

static void
update_around_list (CbQueuePage *self)
{
  update_list_view (self);
  update_count_label (self);
  follow_job (self);
  update_actions (self);
}

static void
items_changed_cb (CbQueuePage *self, guint position, guint removed, guint added)
{
  /* A row that is read takes the place of one that was not, and takes the selection with it. */
  if (removed == added && self->pending >= position && self->pending - position < added)
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), self->pending, TRUE);
  update_around_list (self);
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

/* Where the detail stands in the list's place one click opens it; the row selects itself after this. */
static void
released_cb (CbQueuePage *self, int n_press, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (GTK_WIDGET (self->column_view), x, y, GTK_PICK_DEFAULT);

  if (widget != NULL && gtk_widget_get_ancestor (widget, CB_TYPE_JOB_CELL) != NULL && self->click_id == 0)
    self->click_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, clicked_cb, self, NULL);
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

static gboolean
update_columns_cb (gpointer data)
{
  CbQueuePage *self = data;
  GListModel *columns = gtk_column_view_get_columns (self->column_view);
  int width = gtk_widget_get_width (GTK_WIDGET (self->list_stack));

  self->columns_id = 0;
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      /* A hidden column of GTK 4.8 still takes its share of the width, so it has to have none. */
      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, width >= columns_info[i].least ? columns_info[i].width : 0);
      gtk_column_view_column_set_visible (column, width >= columns_info[i].least);
    }
  return G_SOURCE_REMOVE;
}

/* Told from within the allocation, where columns can't come and go. */
static void
width_cb (CbQueuePage *self)
{
  if (self->columns_id == 0)
    self->columns_id = g_idle_add_full (GDK_PRIORITY_REDRAW - 5, update_columns_cb, self, NULL);
}

/* ---- which list ---- */

static void
create_list (CbQueuePage *self)
{
  const char *state = cb_state_bar_get_state (self->state_bar);
  CbJobList *list;

  if (self->queue == NULL)
    return;

  list = cb_job_list_new (cb_queue_get_engine (self->queue), cb_queue_get_name (self->queue), state,
                          gtk_toggle_button_get_active (self->order_button));
  self->selecting = TRUE;
  g_signal_group_set_target (self->list_signals, list);
  g_set_object (&self->list, list);
  g_object_unref (list);
  gtk_multi_selection_set_model (self->selection, G_LIST_MODEL (self->list));
  self->selecting = FALSE;

  self->pending = GTK_INVALID_LIST_POSITION;
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->list_scroller), 0);
  update_around_list (self);
}

static void
order_cb (CbQueuePage *self)
{
  update_order_button (self);
  create_list (self);
}

/* ---- what happens ---- */

static void
jobs_changed_cb (CbQueuePage *self, CbEngine *engine, const char * const *ids)
{
  if (self->queue == NULL || engine != cb_queue_get_engine (self->queue) || self->list == NULL)
    return;

  cb_job_list_touch (self->list, ids);
  cb_job_list_refresh (self->list);
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

static void
tick_cb (CbQueuePage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  update_live_label (self);
  self->n_ticks++;
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
  update_live_label (self);
  if (cb_session_get_state (session) == CB_SESSION_READY)
    cb_page_refresh (CB_PAGE (self));
}

/* ---- actions ---- */

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbQueuePage) self = data;
  g_autofree char *text = cb_job_actions_finish (CB_ENGINE (source), result);

  cb_toast (GTK_WIDGET (self), text);
  if (self->list != NULL)
    cb_job_list_refresh (self->list);
  cb_job_detail_reload (self->detail);
  update_actions (self);
}

static void
act (CbQueuePage *self, CbJobAction action)
{
  guint n_selected;
  g_auto (GStrv) ids = get_selected_ids (self, &n_selected);

  if (*ids == NULL || self->queue == NULL)
    return;

  /* Not cancelled when the window goes: it was asked for. */
  cb_job_actions_start (cb_queue_get_engine (self->queue), action, (const char * const *) ids, acted_cb, g_object_ref (self));
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_JOB_ACTION_RETRY);
}

/* As if it had never run: its attempts count from none. */
static void
retry_as_new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_JOB_ACTION_RETRY_AS_NEW);
}

static void
promote_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act (CB_QUEUE_PAGE (widget), CB_JOB_ACTION_PROMOTE);
}

/* What was asked about is what is removed, also when the selection has become another one behind the question. */
typedef struct
{
  CbEngine *engine;           /* (owned) */
  GStrv ids;                  /* (owned) */
} Removal;

static void
removal_free (Removal *removal)
{
  g_object_unref (removal->engine);
  g_strfreev (removal->ids);
  g_free (removal);
}

static void
remove_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbQueuePage *self = CB_QUEUE_PAGE (source);
  Removal *removal = data;

  if (cb_ask_finish (GTK_WIDGET (self), result))
    cb_job_actions_start (removal->engine, CB_JOB_ACTION_REMOVE, (const char * const *) removal->ids, acted_cb,
                          g_object_ref (self));
  removal_free (removal);
}

static void
remove_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbQueuePage *self = CB_QUEUE_PAGE (widget);
  CbJobRecord *record = cb_job_detail_get_record (self->detail);
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;
  Removal *removal;
  guint n_selected;
  g_auto (GStrv) ids = get_selected_ids (self, &n_selected);

  if (*ids == NULL || self->queue == NULL)
    return;

  cb_job_actions_describe_removal ((const char * const *) ids, record != NULL && n_selected <= 1 ? record->meaning : CB_JOB_MEANING_UNKNOWN,
                                   &heading, &body);
  removal = g_new0 (Removal, 1);
  removal->engine = g_object_ref (cb_queue_get_engine (self->queue));
  removal->ids = g_steal_pointer (&ids);
  cb_ask_async (widget, heading, body, _ ("_Remove"), TRUE, NULL, remove_answered_cb, removal);
}

static void
copy_id_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  guint n_selected;
  g_auto (GStrv) ids = get_selected_ids (CB_QUEUE_PAGE (widget), &n_selected);
  g_autofree char *text = g_strjoinv ("\n", ids);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  cb_toast (widget, n_selected > 1 ? _ ("IDs copied") : _ ("ID copied"));
}

static void
copy_data_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbJobRecord *record = cb_job_detail_get_record (CB_QUEUE_PAGE (widget)->detail);
  g_autofree char *text = NULL;
  gsize size;
  const char *data;

  if (record == NULL || record->data == NULL)
    return;

  data = g_bytes_get_data (record->data, &size);
  text = g_utf8_make_valid (data != NULL ? data : "", (gssize) size);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  cb_toast (widget, _ ("Data copied"));
}

static void
show_state_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_state_bar_choose (CB_QUEUE_PAGE (widget)->state_bar, (guint) g_variant_get_int32 (parameter));
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
  session_cb (self);
}

static void
cb_queue_page_refresh (CbPage *page)
{
  CbQueuePage *self = CB_QUEUE_PAGE (page);

  if (self->list != NULL)
    cb_job_list_refresh (self->list);
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
  g_clear_handle_id (&self->click_id, g_source_remove);
  g_clear_object (&self->queue_signals);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->list_signals);
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
  g_clear_object (&self->clock);

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

  g_type_ensure (CB_TYPE_JOB_DETAIL);
  g_type_ensure (CB_TYPE_LIST_DETAIL);
  g_type_ensure (CB_TYPE_STATE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-queue-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, panes);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, state_bar);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, order_button);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, list_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, column_view);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, problem_page);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, count_label);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, live_label);
  gtk_widget_class_bind_template_child (widget_class, CbQueuePage, detail);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);

  gtk_widget_class_install_action (widget_class, "job.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "job.retry-as-new", NULL, retry_as_new_action);
  gtk_widget_class_install_action (widget_class, "job.promote", NULL, promote_action);
  gtk_widget_class_install_action (widget_class, "job.remove", NULL, remove_action);
  gtk_widget_class_install_action (widget_class, "job.copy-id", NULL, copy_id_action);
  gtk_widget_class_install_action (widget_class, "job.copy-data", NULL, copy_data_action);
  gtk_widget_class_install_action (widget_class, "queue.show-state", "i", show_state_action);
  gtk_widget_class_install_action (widget_class, "queue.back", NULL, back_action);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK, "job.retry", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "job.promote", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "job.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "queue.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "queue.back", NULL);
  for (int i = 0; i < 10; i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_0 + (guint) i, GDK_ALT_MASK, "queue.show-state", "i", i);
}

static GtkWidget *
find_label (GtkWidget *widget)
{
  GtkWidget *label = GTK_IS_LABEL (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && label == NULL;
       child = gtk_widget_get_next_sibling (child))
    label = find_label (child);
  return label;
}

/* Numbers stand at the right, and so has their header to; there is no property for it. The header is the first child of a column
 * view, and its first label is that of the first column. Where that is not so one day the header stays at the left. */
static void
align_first_header (CbQueuePage *self)
{
  GtkWidget *header = gtk_widget_get_first_child (GTK_WIDGET (self->column_view));
  GtkWidget *label = header != NULL ? find_label (header) : NULL;

  if (label == NULL || g_strcmp0 (gtk_label_get_label (GTK_LABEL (label)), _ (columns_info[0].title)) != 0)
    return;

  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 1);
}

static void
add_columns (CbQueuePage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns_info); i++)
    {
      g_autoptr (GtkColumnViewColumn) column =
        gtk_column_view_column_new (_ (columns_info[i].title), cb_job_cell_factory_new (columns_info[i].column, self->clock));

      if (columns_info[i].width >= 0)
        gtk_column_view_column_set_fixed_width (column, columns_info[i].width);
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_column_set_resizable (column, TRUE);
      gtk_column_view_append_column (self->column_view, column);
    }
  align_first_header (self);
}

static void
cb_queue_page_init (CbQueuePage *self)
{
  GSettings *settings = cb_settings_get_default ();
  GtkGesture *click = gtk_gesture_click_new ();
  g_autoptr (CbJobRows) rows = NULL;

  self->pending = GTK_INVALID_LIST_POSITION;
  self->clock = cb_clock_new ();
  self->selection = gtk_multi_selection_new (NULL);
  self->queue_signals = g_signal_group_new (CB_TYPE_QUEUE);
  g_signal_group_connect_swapped (self->queue_signals, "notify", G_CALLBACK (counts_cb), self);
  self->board_signals = g_signal_group_new (CB_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "jobs-changed", G_CALLBACK (jobs_changed_cb), self);
  self->list_signals = g_signal_group_new (CB_TYPE_JOB_LIST);
  g_signal_group_connect_swapped (self->list_signals, "notify::loading", G_CALLBACK (update_list_view), self);
  g_signal_group_connect_swapped (self->list_signals, "notify::problem", G_CALLBACK (update_list_view), self);

  gtk_widget_init_template (GTK_WIDGET (self));

  cb_job_detail_set_clock (self->detail, self->clock);
  add_columns (self);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "released", G_CALLBACK (released_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->column_view), GTK_EVENT_CONTROLLER (click));
  rows = cb_job_rows_new (GTK_SELECTION_MODEL (self->selection));
  gtk_column_view_set_model (self->column_view, GTK_SELECTION_MODEL (rows));
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->clock, "tick", G_CALLBACK (tick_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->detail, "notify::record", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->state_bar, "notify::state", G_CALLBACK (create_list), self, G_CONNECT_SWAPPED);
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
  update_actions (self);
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
      create_list (self);
      update_live_label (self);
    }
  else
    {
      g_signal_group_set_target (self->list_signals, NULL);
      gtk_multi_selection_set_model (self->selection, NULL);
      g_clear_object (&self->list);
      cb_state_bar_set_queue (self->state_bar, NULL);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUEUE]);
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
  cb_job_detail_set_job (self->detail, cb_queue_get_engine (self->queue), id, NULL);
  cb_list_detail_set_show_detail (self->panes, TRUE);
  follow_job (self);
  update_actions (self);
}
