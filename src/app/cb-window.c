/* cb-window.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-window.h"

#include <glib/gi18n.h>

#include "cb-alerter.h"
#include "cb-alerts-dialog.h"
#include "cb-announcer.h"
#include "cb-ask.h"
#include "cb-banner.h"
#include "cb-console-page.h"
#include "cb-doctor-page.h"
#include "cb-keys-page.h"
#include "cb-new-job-dialog.h"
#include "cb-open-rdb.h"
#include "cb-other-queue-page.h"
#include "cb-production-bar.h"
#include "cb-pubsub-page.h"
#include "cb-overview-page.h"
#include "cb-place.h"
#include "cb-queue-page.h"
#include "cb-quick-find.h"
#include "cb-refusal.h"
#include "cb-samples.h"
#include "cb-scroll-on.h"
#include "cb-seen.h"
#include "cb-settings.h"
#include "cb-shortcuts.h"
#include "cb-sidebar.h"
#include "cb-undoing.h"
#include "cb-split.h"
#include "cb-server-page.h"
#include "cb-worker-page.h"

/* A spinner that is shown for a blink is worse than none. */
#define SPINNER_DELAY_MSEC 300
/* The jobs come first, then what the sidebar tells of pages nobody has gone to yet. */
#define NEWS_DELAY_MSEC 1500

/* Its minor version that does so by itself; 1.5 does not yet. */
#define LIBADWAITA_ANNOUNCES 7

/* The page of who has not been anywhere yet. */
#define FIRST_PAGE "overview"
/* The place of all jobs of all queues; a queue of that name is "queue/all-jobs". */
#define ALL_JOBS "all-jobs"
/* The place of a queue of another library; there is nothing to go back to after the program was closed. */
#define OTHER_QUEUE "other-queue"

struct _CbWindow
{
  AdwApplicationWindow parent_instance;

  CbSession *session;             /* (owned) */
  CbPage *page;                   /* (unowned) (nullable): the page on screen */
  GBinding *title_binding;        /* (unowned) (nullable) */
  GBinding *subtitle_binding;     /* (unowned) (nullable) */
  GSignalGroup *board_signals;    /* (owned) */
  GSignalGroup *other_signals;    /* (owned) of the queues of other libraries */

  /* Where the user wants to be. A queue may be asked for before it is found. */
  char *place;                    /* (owned) (nullable): name of a page or a queue */
  char *wanted_job;               /* (owned) (nullable): id */
  char *wanted_prefix;            /* (owned) (nullable): of its queue */
  gboolean wants_jobs;            /* of that queue these: */
  char *wanted_state;             /* (owned) (nullable) */
  char *wanted_filter;            /* (owned) (nullable) */

  guint spinner_id;
  guint countdown_id;
  guint news_id;
  gboolean leaving;               /* what still runs was asked about, or nobody is there to be asked */
  GCancellable *question;         /* (owned) (nullable) whether to close, while it is asked */
  gboolean question_is_for_all;   /* the other windows go with this one */

  CbSplit *split;
  GtkWidget *new_job_button;
  AdwButtonContent *new_job_content;
  CbSidebar *sidebar;
  AdwWindowTitle *window_title;
  CbProductionBar *production_bar;
  CbBanner *banner;
  AdwToastOverlay *toasts;
  AdwToast *toast;                /* (nullable): the one on screen, weakly */
  GtkScrolledWindow *scroller;
  GtkStack *stack;
  AdwStatusPage *starting_page;
  AdwStatusPage *empty_page;
  AdwStatusPage *failed_page;
  GtkWidget *samples_button;
  GtkWidget *empty_buttons;
  GtkWidget *empty_again_button;
  CbPlace *overview_place;
  CbPlace *queue_place;
  CbPlace *other_place;
  CbPlace *keys_place;
  CbPlace *doctor_place;
};

G_DEFINE_FINAL_TYPE (CbWindow, cb_window, ADW_TYPE_APPLICATION_WINDOW)

enum
{
  PROP_0,
  PROP_SESSION,
  PROP_PAGE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void update_view (CbWindow *self);

/* ---- what is on screen ---- */

static void
set_page (CbWindow *self, CbPage *page)
{
  if (self->page == page)
    return;

  g_clear_pointer (&self->title_binding, g_binding_unbind);
  g_clear_pointer (&self->subtitle_binding, g_binding_unbind);
  self->page = page;
  if (page != NULL)
    {
      self->title_binding = g_object_bind_property (page, "title", self->window_title, "title", G_BINDING_SYNC_CREATE);
      self->subtitle_binding =
        g_object_bind_property (page, "subtitle", self->window_title, "subtitle", G_BINDING_SYNC_CREATE);
    }
  else
    {
      adw_window_title_set_title (self->window_title, "");
      adw_window_title_set_subtitle (self->window_title, "");
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAGE]);
}

static void
show_view (CbWindow *self, const char *name)
{
  GtkWidget *child = gtk_stack_get_child_by_name (self->stack, name);
  CbPage *page = CB_IS_PLACE (child) ? cb_place_make_page (CB_PLACE (child), self->session) : NULL;

  g_clear_handle_id (&self->spinner_id, g_source_remove);
  gtk_stack_set_visible_child_name (self->stack, name);
  set_page (self, page);
}

static gboolean
show_spinner_cb (gpointer data)
{
  CbWindow *self = data;

  self->spinner_id = 0;
  gtk_stack_set_visible_child_name (self->stack, "starting");
  return G_SOURCE_REMOVE;
}

static void
show_starting (CbWindow *self, const char *title)
{
  adw_status_page_set_title (self->starting_page, title);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "starting") == 0 || self->spinner_id != 0)
    return;

  show_view (self, "blank");
  self->spinner_id = g_timeout_add (SPINNER_DELAY_MSEC, show_spinner_cb, self);
}

static void
show_empty (CbWindow *self, const char *problem)
{
  g_autofree char *description = problem != NULL ? g_markup_escape_text (problem, -1) : NULL;
  CbBoard *board = cb_session_get_board (self->session);
  gboolean others = board != NULL && g_list_model_get_n_items (cb_board_get_others (board)) > 0;

  adw_status_page_set_icon_name (self->empty_page, problem != NULL ? "dialog-warning-symbolic" : "callboard-queue-symbolic");
  gtk_widget_set_visible (self->empty_again_button, problem != NULL);
  gtk_widget_set_visible (self->empty_buttons, problem == NULL);
  adw_status_page_set_title (self->empty_page, problem != NULL  ? _ ("The Queues Can’t Be Read")
                                               : others ? _ ("No Queues of Kue Yet")
                                                        : _ ("No Queues Yet"));
  adw_status_page_set_description (self->empty_page,
                                   problem != NULL ? description
                                   : others        ? _ ("The queues of other libraries are in the sidebar; their jobs can’t be shown yet. "
                                                        "A queue of Kue appears with its first job.")
                                                   : _ ("A queue appears with its first job, whoever makes it."));
  show_view (self, "empty");
}

static void
show_failed (CbWindow *self)
{
  const char *problem = cb_session_get_problem (self->session);
  /* The description of a status page is markup. */
  g_autofree char *description = g_markup_escape_text (problem != NULL ? problem : "", -1);

  if (cb_session_get_state (self->session) == CB_SESSION_FAILED && cb_session_get_is_rdb (self->session) &&
      cb_session_get_problem_kind (self->session) != CB_REDIS_ERROR_SERVER_MISSING)
    adw_status_page_set_title (self->failed_page, _ ("The File Can’t Be Read"));
  else if (cb_session_get_state (self->session) == CB_SESSION_FAILED)
    adw_status_page_set_title (self->failed_page, cb_session_get_problem_kind (self->session) == CB_REDIS_ERROR_SERVER_MISSING
                                                    ? _ ("Redis Is Not Installed")
                                                    : _ ("The Private Redis Did Not Start"));
  else
    adw_status_page_set_title (self->failed_page, _ ("Not Connected"));
  adw_status_page_set_description (self->failed_page, description);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "failed") != 0)
    {
      g_autofree char *said = g_strdup_printf ("%s: %s", adw_status_page_get_title (self->failed_page), problem != NULL ? problem : "");

      cb_announce (GTK_WIDGET (self), said, TRUE);
    }
  show_view (self, "failed");
}

/* Whether a page has that name; not the queue page, whose places are queues. */
static gboolean
is_page (CbWindow *self, const char *name)
{
  GtkWidget *child = gtk_stack_get_child_by_name (self->stack, name);

  return CB_IS_PLACE (child) && CB_PLACE (child) != self->queue_place && CB_PLACE (child) != self->other_place;
}

/* (nullable): the queue of another library that is shown, or was last; as long as it is there */
static CbOtherQueue *
get_other (CbWindow *self)
{
  CbBoard *board = cb_session_get_board (self->session);
  CbPage *page = cb_place_get_page (self->other_place);
  CbOtherQueue *other = page != NULL ? cb_other_queue_page_get_queue (CB_OTHER_QUEUE_PAGE (page)) : NULL;
  guint position;

  return other != NULL && board != NULL && g_list_store_find (G_LIST_STORE (cb_board_get_others (board)), other, &position) ? other : NULL;
}

static CbQueuePage *
get_queue_page (CbWindow *self)
{
  return CB_QUEUE_PAGE (cb_place_make_page (self->queue_place, self->session));
}

/* (nullable): of the queue page, whether that is on screen or not */
static CbQueue *
get_shown_queue (CbWindow *self)
{
  CbPage *page = cb_place_get_page (self->queue_place);

  return page != NULL ? cb_queue_page_get_queue (CB_QUEUE_PAGE (page)) : NULL;
}

static gboolean
is_on_board (CbBoard *board, CbQueue *queue)
{
  guint n = board != NULL ? g_list_model_get_n_items (G_LIST_MODEL (board)) : 0;

  /* All queues together are there as long as there are any. */
  if (n > 0 && cb_queue_get_name (queue) == NULL)
    return cb_board_get_all (board, cb_queue_get_engine (queue)) == queue;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) item = g_list_model_get_item (G_LIST_MODEL (board), i);

      if (item == queue)
        return TRUE;
    }
  return FALSE;
}

/* Two prefixes may each have a queue of that name: the one that is asked for, else the one on screen stays. */
static CbQueue *
find_queue_by_name (CbWindow *self, CbBoard *board, const char *name)
{
  CbQueue *shown = get_shown_queue (self);

  if (self->wanted_prefix != NULL)
    {
      CbQueue *wanted = cb_board_find (board, name, self->wanted_prefix);

      if (wanted != NULL)
        return wanted;
    }
  if (shown != NULL && g_strcmp0 (cb_queue_get_name (shown), name) == 0 && is_on_board (board, shown))
    return shown;
  return cb_board_find (board, name, NULL);
}

static CbQueue *
find_queue (CbWindow *self, const char *place)
{
  CbBoard *board = cb_session_get_board (self->session);
  CbQueue *queue = NULL;

  if (board == NULL || place == NULL)
    return NULL;

  if (strcmp (place, ALL_JOBS) == 0)
    {
      queue = get_shown_queue (self);
      if (queue != NULL && cb_queue_get_name (queue) == NULL && is_on_board (board, queue))
        return queue;
      return g_list_model_get_n_items (G_LIST_MODEL (board)) > 0 && cb_board_get_default_engine (board) != NULL
               ? cb_board_get_all (board, cb_board_get_default_engine (board))
               : NULL;
    }
  if (g_str_has_prefix (place, "queue/"))
    queue = find_queue_by_name (self, board, place + strlen ("queue/"));
  return queue != NULL ? queue : find_queue_by_name (self, board, place);
}

static gboolean
is_of_wanted_prefix (CbWindow *self, CbQueue *queue)
{
  return self->wanted_prefix == NULL || *self->wanted_prefix == '\0'
         || g_strcmp0 (cb_engine_get_prefix (cb_queue_get_engine (queue)), self->wanted_prefix) == 0;
}

static void
show_queue (CbWindow *self, CbQueue *queue)
{
  CbQueuePage *page = get_queue_page (self);

  cb_queue_page_set_queue (page, queue);
  /* Its queue may still have to be found. */
  if (self->wanted_job != NULL && is_of_wanted_prefix (self, queue))
    {
      cb_queue_page_show_job (page, self->wanted_job);
      g_clear_pointer (&self->wanted_job, g_free);
      g_clear_pointer (&self->wanted_prefix, g_free);
    }
  if (self->wants_jobs)
    {
      cb_queue_page_show_jobs (page, self->wanted_state, self->wanted_filter);
      self->wants_jobs = FALSE;
    }
  show_view (self, "queue");
  cb_sidebar_set_place (self->sidebar, queue, cb_queue_get_name (queue) == NULL ? FIRST_PAGE : NULL);
}

/* No queue was asked for, or one that is not there: the one on screen, else the first. */
static CbQueue *
get_default_queue (CbWindow *self)
{
  CbBoard *board = cb_session_get_board (self->session);
  CbQueue *queue = get_shown_queue (self);
  g_autoptr (CbQueue) first = NULL;

  if (board == NULL)
    return NULL;
  /* One that has vanished (the server was emptied) shows what is not there any more. */
  if (queue != NULL && is_on_board (board, queue))
    return queue;

  first = g_list_model_get_item (G_LIST_MODEL (board), 0);
  return first;
}

static void
update_places (CbWindow *self)
{
  CbBoard *board = cb_session_get_board (self->session);
  const char *place = self->place != NULL && *self->place != '\0' ? self->place : FIRST_PAGE;
  /* Without a queue there is nothing to look over, but something to begin with. */
  gboolean nothing = board == NULL || g_list_model_get_n_items (G_LIST_MODEL (board)) == 0;
  CbQueue *queue;
  gboolean loading = TRUE;

  if (strcmp (place, OTHER_QUEUE) == 0)
    {
      CbOtherQueue *other = get_other (self);

      if (other != NULL)
        {
          show_view (self, OTHER_QUEUE);
          cb_sidebar_set_other (self->sidebar, other);
          return;
        }
      place = FIRST_PAGE;
    }

  if (is_page (self, place) && (strcmp (place, FIRST_PAGE) != 0 || !nothing))
    {
      show_view (self, place);
      cb_sidebar_set_place (self->sidebar, NULL, place);
      return;
    }

  if (board != NULL)
    g_object_get (board, "loading", &loading, NULL);

  queue = find_queue (self, self->place);
  if (queue == NULL && !loading)
    queue = get_default_queue (self);

  if (queue != NULL)
    {
      show_queue (self, queue);
    }
  else if (loading)
    {
      show_starting (self, _ ("Looking for Queues…"));
    }
  else
    {
      g_autofree char *problem = NULL;

      if (board != NULL)
        g_object_get (board, "problem", &problem, NULL);
      if (get_shown_queue (self) != NULL)
        cb_queue_page_set_queue (get_queue_page (self), NULL);
      show_empty (self, problem);
      cb_sidebar_set_place (self->sidebar, NULL, FIRST_PAGE);
    }
}

static void
update_view (CbWindow *self)
{
  CbSessionState state = cb_session_get_state (self->session);

  if (cb_session_get_was_ready (self->session))
    update_places (self);
  else if (state == CB_SESSION_FAILED || state == CB_SESSION_DISCONNECTED)
    show_failed (self);
  else
    show_starting (self, cb_session_get_connection (self->session) == NULL ? _ ("Starting Redis…")
                         : cb_session_get_problem_kind (self->session) == CB_REDIS_ERROR_LOADING
                           ? _ ("The Server Is Reading Its Data…")
                           : _ ("Connecting…"));
}

/* ---- the connection ---- */

static gboolean
update_banner_cb (gpointer data)
{
  CbWindow *self = data;
  const char *problem = cb_session_get_problem (self->session);
  gint64 retry_at = cb_session_get_retry_at (self->session);
  g_autofree char *text = NULL;
  int seconds = retry_at > 0 ? (int) ((retry_at - g_get_monotonic_time () + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC) : 0;

  if (problem == NULL)
    problem = _ ("The connection is closed.");
  if (seconds > 0)
    /* Translators: what is wrong, a sentence, and the seconds until the next attempt */
    text = g_strdup_printf (_ ("Not connected: %s Trying again in %d s."), problem, seconds);
  else
    text = g_strdup_printf (_ ("Not connected: %s Trying again…"), problem);
  cb_banner_set_title (self->banner, text);
  return G_SOURCE_CONTINUE;
}

static void
state_cb (CbWindow *self)
{
  CbSessionState state = cb_session_get_state (self->session);
  gboolean lost = cb_session_get_was_ready (self->session) && state != CB_SESSION_READY && state != CB_SESSION_STOPPED;

  /* That it is lost is said by the banner. */
  if (state == CB_SESSION_READY && self->countdown_id != 0)
    cb_announce (GTK_WIDGET (self), _ ("Connected again"), TRUE);
  if (lost)
    {
      update_banner_cb (self);
      if (self->countdown_id == 0)
        self->countdown_id = g_timeout_add (250, update_banner_cb, self);
      gtk_widget_add_css_class (GTK_WIDGET (self->stack), "cb-offline");
    }
  else
    {
      g_clear_handle_id (&self->countdown_id, g_source_remove);
      gtk_widget_remove_css_class (GTK_WIDGET (self->stack), "cb-offline");
    }
  cb_banner_set_revealed (self->banner, lost);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.reconnect",
                                 state == CB_SESSION_DISCONNECTED || state == CB_SESSION_FAILED);
  update_view (self);
}

/* What would be refused is not offered, and says why. */
static void
rights_cb (CbWindow *self)
{
  static const char * const changing[] = { "win.new-job", "win.create-samples", NULL };
  const char *refusal = cb_session_get_refusal (self->session, CB_RIGHT_CHANGE_JOBS, NULL);
  CbServing *serving = cb_session_get_serving (self->session);
  /* Only on the private server: on another one, who knows what takes jobs there. */
  gboolean samples = serving != NULL && !cb_serving_get_shared (serving);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.new-job",
                                 cb_session_get_board (self->session) != NULL && refusal == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.create-samples", samples && refusal == NULL);
  gtk_widget_set_visible (self->samples_button, samples);
  cb_refusal_explain (self->new_job_button, changing, refusal);
  cb_refusal_explain (self->empty_buttons, changing, refusal);
}

static void
board_cb (CbWindow *self)
{
  CbBoard *board = cb_session_get_board (self->session);

  g_signal_group_set_target (self->board_signals, board);
  g_signal_group_set_target (self->other_signals, board != NULL ? cb_board_get_others (board) : NULL);
  rights_cb (self);
  update_view (self);
}

/* ---- wishes of the user ---- */

static void
go (CbWindow *self, const char *place)
{
  GSettings *settings = cb_settings_get_default ();

  if (self->place != place)
    {
      g_free (self->place);
      self->place = g_strdup (place);
    }
  /* The name of a queue may be any bytes; one that settings can't hold is not remembered. */
  if (settings != NULL && place != NULL && strcmp (place, OTHER_QUEUE) != 0 && g_utf8_validate (place, -1, NULL))
    g_settings_set_string (settings, "last-page", place);
  if (cb_split_get_folded (self->split))
    cb_split_set_show_sidebar (self->split, FALSE);
  update_view (self);
}

static void
queue_chosen_cb (CbWindow *self, CbQueue *queue)
{
  cb_window_show_queue (self, queue);
}

static void
other_chosen_cb (CbWindow *self, CbOtherQueue *queue)
{
  cb_window_show_other_queue (self, queue);
}

static void
page_chosen_cb (CbWindow *self, const char *name)
{
  go (self, name);
  /* Nobody goes there for anything else than to type. */
  if (CB_IS_CONSOLE_PAGE (self->page))
    cb_console_page_focus_input (CB_CONSOLE_PAGE (self->page));
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_window_show_page (CB_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

/* (prefix, queue, id), of this window's server */
static void
show_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *prefix;
  const char *queue;
  const char *id;

  g_variant_get (parameter, "(^&ay&s&s)", &prefix, &queue, &id);
  cb_window_show_job (CB_WINDOW (widget), prefix, queue, id);
}

/* ay: the name of a key of this window's server */
static void
show_key_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);
  g_autoptr (GBytes) key = g_variant_get_data_as_bytes (parameter);

  cb_keys_page_show_key (CB_KEYS_PAGE (cb_place_make_page (self->keys_place, self->session)), key);
  go (self, "keys");
}

/* s: what keys to look for, as it would be typed */
static void
find_keys_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  cb_keys_page_find (CB_KEYS_PAGE (cb_place_make_page (self->keys_place, self->session)), g_variant_get_string (parameter, NULL));
  go (self, "keys");
}

static void
samples_created_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!cb_samples_create_finish (CB_SERVING (source), result, &error))
    {
      cb_toast (GTK_WIDGET (self), error->message);
      return;
    }
  cb_window_show_page (self, "queue/" CB_SERVING_SAMPLE_QUEUE);
  cb_toast (GTK_WIDGET (self), _ ("Five jobs created. One will fail: its number was put on the block-list."));
}

static void
create_samples_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);
  CbServing *serving = cb_session_get_serving (self->session);

  if (serving != NULL)
    cb_samples_create_async (serving, NULL, samples_created_cb, g_object_ref (self));
}

static void
job_created_cb (CbWindow *self, CbEngine *engine, const char *queue, const char * const *ids)
{
  guint n = g_strv_length ((char **) ids);
  g_autofree char *text = NULL;
  g_autofree char *title = NULL;
  AdwToast *toast;

  if (n == 1)
    text = g_strdup_printf (_ ("Job %s created"), ids[0]);
  else
    text = g_strdup_printf (ngettext ("%u job created", "%u jobs created", n), n);

  title = g_markup_escape_text (text, -1);
  toast = adw_toast_new (title);
  adw_toast_set_button_label (toast, _ ("_Show"));
  adw_toast_set_action_name (toast, "win.show-job");
  adw_toast_set_action_target (toast, "(^ayss)", cb_engine_get_prefix (engine), queue, ids[0]);
  cb_window_add_toast (self, toast);

  if (cb_session_get_board (self->session) != NULL)
    cb_board_refresh (cb_session_get_board (self->session));
}

static void
new_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_window_new_job (CB_WINDOW (widget), NULL);
}

static void
undo_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  if (CB_IS_KEYS_PAGE (self->page))
    gtk_widget_activate_action (GTK_WIDGET (self->page), "key.undo", NULL);
  else if (CB_IS_QUEUE_PAGE (self->page))
    gtk_widget_activate_action (GTK_WIDGET (self->page), "job.undo", NULL);
  else
    cb_undoing_run_latest (widget, self->session);
}

static void
filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  if (CB_IS_QUEUE_PAGE (self->page))
    gtk_widget_activate_action (GTK_WIDGET (self->page), "queue.filter", NULL);
  else if (CB_IS_KEYS_PAGE (self->page))
    cb_keys_page_start_find (CB_KEYS_PAGE (self->page));
  else if (CB_IS_PUBSUB_PAGE (self->page))
    gtk_widget_activate_action (GTK_WIDGET (self->page), "pubsub.filter", NULL);
  else if (CB_IS_CONSOLE_PAGE (self->page))
    cb_console_page_focus_input (CB_CONSOLE_PAGE (self->page));
}

static void
quick_find_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);
  CbQuickFind *find = cb_quick_find_new (self);
  g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (self->stack);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (pages));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (pages), i);
      GtkStackPage *page = GTK_STACK_PAGE (item);
      GtkWidget *child = gtk_stack_page_get_child (page);

      if (CB_IS_PLACE (child) && cb_place_get_title (CB_PLACE (child)) != NULL)
        cb_quick_find_add_page (find, gtk_stack_page_get_name (page), cb_place_get_title (CB_PLACE (child)));
    }
  gtk_window_present (GTK_WINDOW (find));
}

static void
check_health_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  go (self, "doctor");
  cb_doctor_page_check (CB_DOCTOR_PAGE (cb_place_make_page (self->doctor_place, self->session)));
}

static void
toggle_sidebar_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  cb_split_set_show_sidebar (self->split, !cb_split_get_show_sidebar (self->split));
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);
  CbBoard *board = cb_session_get_board (self->session);

  if (board != NULL)
    {
      cb_board_refresh (board);
      cb_board_search (board);
    }
  if (self->page != NULL)
    cb_page_refresh (self->page);
}

static void
reconnect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_session_reconnect_now (CB_WINDOW (widget)->session);
}

static void
copy_address_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);
  g_autofree char *uri = cb_session_dup_uri (self->session);

  if (uri == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), uri);
  cb_toast (widget, _ ("Address copied"));
}

static void
menu_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbWindow *self = CB_WINDOW (widget);

  cb_split_set_show_sidebar (self->split, TRUE);
  cb_sidebar_open_menu (self->sidebar);
}

/* ---- size and place are kept ---- */

static void
restore_settings (CbWindow *self)
{
  GSettings *settings = cb_settings_get_default ();

  if (settings == NULL)
    {
      gtk_window_set_default_size (GTK_WINDOW (self), 1200, 780);
      return;
    }

  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                               g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  self->place = g_settings_get_string (settings, "last-page");
}

/* Whether the session, and the worker with it, ends with this window. */
static gboolean
is_last_of_session (CbWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  for (GList *l = application != NULL ? gtk_application_get_windows (application) : NULL; l != NULL; l = l->next)
    {
      if (l->data != self && CB_IS_WINDOW (l->data) && CB_WINDOW (l->data)->session == self->session)
        return FALSE;
    }
  return TRUE;
}

static guint
get_n_active (CbWindow *self)
{
  CbServing *serving = cb_session_get_serving (self->session);

  return serving != NULL ? cb_serving_get_n_active (serving) : 0;
}

static void
leave_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbWindow *self = CB_WINDOW (source);
  gboolean all = self->question_is_for_all;

  self->question_is_for_all = FALSE;
  g_clear_object (&self->question);
  if (!cb_ask_finish (GTK_WIDGET (source), result))
    return;
  if (all && gtk_window_get_application (GTK_WINDOW (self)) != NULL)
    cb_window_close_all (gtk_window_get_application (GTK_WINDOW (self)));
  else
    cb_window_close_unasked (self);
}

/* The question holds the window, so that it goes before the window does. @all: the others go with it. */
static void
ask_about_jobs (CbWindow *self, guint n_jobs, gboolean all)
{
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;

  self->question_is_for_all |= all;
  if (self->question != NULL)
    {
      gtk_window_present (GTK_WINDOW (self));
      return;
    }

  heading = g_strdup_printf (ngettext ("%u Job Is Running Here. Close?", "%u Jobs Are Running Here. Close?", n_jobs), n_jobs);
  body = g_strdup_printf (_ ("The worker of this window ends with it. A job that takes longer than %d s more is put back into its queue and "
                             "begins anew when somebody takes it."),
                          CB_SESSION_LAST_JOBS_MSEC / 1000);
  self->question = g_cancellable_new ();
  cb_ask_async (GTK_WIDGET (self), heading, body, _ ("C_lose"), FALSE, self->question, leave_cb, NULL);
}

static gboolean
cb_window_close_request (GtkWindow *window)
{
  GSettings *settings = cb_settings_get_default ();
  int width, height;

  if (!CB_WINDOW (window)->leaving && get_n_active (CB_WINDOW (window)) > 0 && is_last_of_session (CB_WINDOW (window)))
    {
      ask_about_jobs (CB_WINDOW (window), get_n_active (CB_WINDOW (window)), FALSE);
      return TRUE;
    }

  if (settings != NULL)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
      if (width > 0 && height > 0)
        {
          g_settings_set_int (settings, "window-width", width);
          g_settings_set_int (settings, "window-height", height);
        }
    }

  return GTK_WINDOW_CLASS (cb_window_parent_class)->close_request (window);
}

/* Where there is no room for the sidebar there is none for the word either. */
static void
folded_cb (CbWindow *self)
{
  gboolean folded = cb_split_get_folded (self->split);

  adw_button_content_set_label (self->new_job_content, folded ? "" : _ ("New _Job"));
  if (folded)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->new_job_button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("New Job"), -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (self->new_job_button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/* ---- object ---- */

/* Those of the stack that the sidebar is to show. */
static void
add_places (CbWindow *self)
{
  g_autoptr (GtkSelectionModel) pages = gtk_stack_get_pages (self->stack);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (pages));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (pages), i);
      GtkStackPage *stack_page = GTK_STACK_PAGE (item);
      GtkWidget *child = gtk_stack_page_get_child (stack_page);

      if (CB_IS_PLACE (child) && cb_place_get_title (CB_PLACE (child)) != NULL)
        cb_sidebar_add_page (self->sidebar, g_strcmp0 (gtk_stack_page_get_name (stack_page), FIRST_PAGE) == 0,
                             gtk_stack_page_get_name (stack_page), CB_PLACE (child));
    }
}

/* One a turn: what they tell is no reason to keep anybody waiting. */
static gboolean
make_news_cb (gpointer data)
{
  CbWindow *self = data;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->stack)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (CB_IS_PLACE (child) && cb_place_get_has_news (CB_PLACE (child)) && cb_place_get_page (CB_PLACE (child)) == NULL)
        {
          cb_place_make_page (CB_PLACE (child), self->session);
          return G_SOURCE_CONTINUE;
        }
    }
  self->news_id = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
start_news_cb (gpointer data)
{
  CbWindow *self = data;

  self->news_id = g_idle_add_full (G_PRIORITY_LOW, make_news_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

static void
show_shortcuts_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_shortcuts_present (GTK_APPLICATION_WINDOW (widget));
}

static void
notifications_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_window_present (GTK_WINDOW (cb_alerts_dialog_new (GTK_WINDOW (widget), cb_alerter_get (CB_WINDOW (widget)->session))));
}

/* What this window's doctor knows, once both pages are there. */
static void
show_problems (CbWindow *self)
{
  CbPage *doctor = cb_place_get_page (self->doctor_place);
  CbPage *overview = cb_place_get_page (self->overview_place);

  if (doctor != NULL && overview != NULL)
    g_object_bind_property (doctor, "n-problems", overview, "n-problems", G_BINDING_SYNC_CREATE);
}

/* Whoever looks at another page, or at none, is told. */
static void
problems_cb (CbWindow *self)
{
  guint n_problems;

  g_object_get (cb_place_get_page (self->doctor_place), "n-problems", &n_problems, NULL);
  cb_alerter_set_n_problems (cb_alerter_get (self->session), n_problems);
}

/* That a doctor who has just come knows of none yet is no news: all windows on a server tell the same alerter. */
static void
doctor_made_cb (CbWindow *self)
{
  g_signal_connect_object (cb_place_get_page (self->doctor_place), "notify::n-problems", G_CALLBACK (problems_cb), self,
                           G_CONNECT_SWAPPED);
  show_problems (self);
}

static void
cb_window_constructed (GObject *object)
{
  CbWindow *self = CB_WINDOW (object);

  G_OBJECT_CLASS (cb_window_parent_class)->constructed (object);

  restore_settings (self);
  g_object_set (self->sidebar, "session", self->session, NULL);
  add_places (self);
  cb_production_bar_set_session (self->production_bar, self->session);
  cb_open_rdb_accept_drops (GTK_WIDGET (self));
  g_signal_connect_object (self->session, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::problem", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::board", G_CALLBACK (board_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::serving", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "rights-changed", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->doctor_place, "notify::page", G_CALLBACK (doctor_made_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->overview_place, "notify::page", G_CALLBACK (show_problems), self, G_CONNECT_SWAPPED);
  cb_alerter_get (self->session);
  cb_seen_watch (GTK_WINDOW (self), self->session);
  g_signal_connect_object (self->split, "notify::folded", G_CALLBACK (folded_cb), self, G_CONNECT_SWAPPED);
  folded_cb (self);
  board_cb (self);
  state_cb (self);
  self->news_id = g_timeout_add (NEWS_DELAY_MSEC, start_news_cb, self);
}

static void
cb_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbWindow *self = CB_WINDOW (object);

  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    case PROP_PAGE:
      g_value_set_object (value, self->page);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbWindow *self = CB_WINDOW (object);

  switch (id)
    {
    case PROP_SESSION:
      self->session = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_window_dispose (GObject *object)
{
  CbWindow *self = CB_WINDOW (object);

  g_clear_handle_id (&self->spinner_id, g_source_remove);
  g_clear_handle_id (&self->countdown_id, g_source_remove);
  g_clear_handle_id (&self->news_id, g_source_remove);
  g_clear_object (&self->board_signals);
  g_clear_object (&self->other_signals);
  g_clear_object (&self->question);
  g_clear_weak_pointer (&self->toast);
  g_clear_pointer (&self->title_binding, g_binding_unbind);
  g_clear_pointer (&self->subtitle_binding, g_binding_unbind);
  self->page = NULL;

  G_OBJECT_CLASS (cb_window_parent_class)->dispose (object);

  /* After the pages, which still look at it while they go. */
  g_clear_object (&self->session);
}

static void
cb_window_finalize (GObject *object)
{
  CbWindow *self = CB_WINDOW (object);

  g_free (self->place);
  g_free (self->wanted_job);
  g_free (self->wanted_prefix);
  g_free (self->wanted_state);
  g_free (self->wanted_filter);

  G_OBJECT_CLASS (cb_window_parent_class)->finalize (object);
}

static void
cb_window_class_init (CbWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = cb_window_constructed;
  object_class->get_property = cb_window_get_property;
  object_class->set_property = cb_window_set_property;
  object_class->dispose = cb_window_dispose;
  object_class->finalize = cb_window_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = cb_window_close_request;

  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, CB_TYPE_SESSION,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PAGE] = g_param_spec_object ("page", NULL, NULL, CB_TYPE_PAGE,
                                               G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CB_TYPE_ANNOUNCER);
  g_type_ensure (CB_TYPE_BANNER);
  g_type_ensure (CB_TYPE_PLACE);
  g_type_ensure (CB_TYPE_PRODUCTION_BAR);
  g_type_ensure (CB_TYPE_CONSOLE_PAGE);
  g_type_ensure (CB_TYPE_DOCTOR_PAGE);
  g_type_ensure (CB_TYPE_KEYS_PAGE);
  g_type_ensure (CB_TYPE_OTHER_QUEUE_PAGE);
  g_type_ensure (CB_TYPE_PUBSUB_PAGE);
  g_type_ensure (CB_TYPE_OVERVIEW_PAGE);
  g_type_ensure (CB_TYPE_QUEUE_PAGE);
  g_type_ensure (CB_TYPE_SERVER_PAGE);
  g_type_ensure (CB_TYPE_WORKER_PAGE);
  g_type_ensure (CB_TYPE_SIDEBAR);
  g_type_ensure (CB_TYPE_SPLIT);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-window.ui");
  gtk_widget_class_bind_template_child (widget_class, CbWindow, split);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, new_job_button);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, new_job_content);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, production_bar);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, starting_page);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, failed_page);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, samples_button);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, empty_buttons);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, empty_again_button);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, overview_place);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, queue_place);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, other_place);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, keys_place);
  gtk_widget_class_bind_template_child (widget_class, CbWindow, doctor_place);
  gtk_widget_class_bind_template_callback (widget_class, queue_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, other_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_chosen_cb);

  gtk_widget_class_install_action (widget_class, "win.show-page", "s", show_page_action);
  gtk_widget_class_install_action (widget_class, "win.show-job", "(ayss)", show_job_action);
  gtk_widget_class_install_action (widget_class, "win.show-key", "ay", show_key_action);
  gtk_widget_class_install_action (widget_class, "win.find-keys", "s", find_keys_action);
  gtk_widget_class_install_action (widget_class, "win.new-job", NULL, new_job_action);
  gtk_widget_class_install_action (widget_class, "win.create-samples", NULL, create_samples_action);
  gtk_widget_class_install_action (widget_class, "win.undo", NULL, undo_action);
  /* Of the window, as nothing has the focus any more when the button that was pressed has gone. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "win.undo", NULL);
  gtk_widget_class_install_action (widget_class, "win.filter", NULL, filter_action);
  gtk_widget_class_install_action (widget_class, "win.quick-find", NULL, quick_find_action);
  gtk_widget_class_install_action (widget_class, "win.check-health", NULL, check_health_action);
  gtk_widget_class_install_action (widget_class, "win.notifications", NULL, notifications_action);
  gtk_widget_class_install_action (widget_class, "win.show-shortcuts", NULL, show_shortcuts_action);
  gtk_widget_class_install_action (widget_class, "win.toggle-sidebar", NULL, toggle_sidebar_action);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "win.reconnect", NULL, reconnect_action);
  gtk_widget_class_install_action (widget_class, "win.copy-address", NULL, copy_address_action);
  gtk_widget_class_install_action (widget_class, "win.menu", NULL, menu_action);
}

/* The keys of a page are also those of somebody who has just chosen it in the sidebar. Not those that change something: what they run
 * again, put forward or throw away is meant for where the focus is, and so is what a bare key does. */
static gboolean
key_pressed_cb (CbWindow *self, guint key, guint code, GdkModifierType state, GtkEventControllerKey *controller)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (self->page == NULL || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) == 0
      || gdk_keyval_to_lower (key) == GDK_KEY_r || gdk_keyval_to_lower (key) == GDK_KEY_l
      || (focus != NULL && (gtk_widget_is_ancestor (focus, GTK_WIDGET (self->page))
                            || gtk_widget_get_native (focus) != GTK_NATIVE (self))))
    return FALSE;

  return gtk_event_controller_key_forward (controller, GTK_WIDGET (self->page));
}

static void
cb_window_init (CbWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->board_signals = g_signal_group_new (CB_TYPE_BOARD);
  g_signal_group_connect_swapped (self->board_signals, "items-changed", G_CALLBACK (update_view), self);
  g_signal_group_connect_swapped (self->board_signals, "notify::loading", G_CALLBACK (update_view), self);

  self->other_signals = g_signal_group_new (G_TYPE_LIST_STORE);
  g_signal_group_connect_swapped (self->other_signals, "items-changed", G_CALLBACK (update_view), self);

  gtk_widget_init_template (GTK_WIDGET (self));
  cb_scroll_on (self->scroller);

  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

CbWindow *
cb_window_new (GtkApplication *application, CbSession *session)
{
  return g_object_new (CB_TYPE_WINDOW, "application", application, "session", session, NULL);
}

/**
 * cb_window_close_unasked:
 *
 * Closes the window, whatever runs in it.
 */
void
cb_window_close_unasked (CbWindow *self)
{
  g_return_if_fail (CB_IS_WINDOW (self));

  self->leaving = TRUE;
  if (self->question != NULL)
    g_cancellable_cancel (self->question);
  gtk_window_close (GTK_WINDOW (self));
}

static GList *
dup_windows (GtkApplication *application)
{
  GList *windows = NULL;

  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    {
      if (CB_IS_WINDOW (l->data))
        windows = g_list_prepend (windows, l->data);
    }
  return windows;
}

/**
 * cb_window_close_all:
 *
 * Closes all windows, whatever runs in them.
 */
void
cb_window_close_all (GtkApplication *application)
{
  g_autoptr (GList) windows = dup_windows (application);

  for (GList *l = windows; l != NULL; l = l->next)
    cb_window_close_unasked (l->data);
}

/**
 * cb_window_quit:
 *
 * Closes all windows. Where jobs run in any of them it asks once, before the first is closed.
 */
void
cb_window_quit (GtkApplication *application)
{
  g_autoptr (GHashTable) sessions = g_hash_table_new (NULL, NULL);
  g_autoptr (GList) windows = dup_windows (application);
  CbWindow *asking = NULL;
  guint n_active = 0;

  for (GList *l = windows; l != NULL; l = l->next)
    {
      CbWindow *self = l->data;

      if (!g_hash_table_add (sessions, self->session) || get_n_active (self) == 0)
        continue;
      n_active += get_n_active (self);
      if (asking == NULL || self->question != NULL)
        asking = self;
    }
  if (asking != NULL)
    ask_about_jobs (asking, n_active, TRUE);
  else
    cb_window_close_all (application);
}

CbSession *
cb_window_get_session (CbWindow *self)
{
  g_return_val_if_fail (CB_IS_WINDOW (self), NULL);

  return self->session;
}

/**
 * cb_window_show_page:
 * @page: the name of a page ("worker") or of a queue; "queue/NAME" where a queue is called like a page
 *
 * A queue that is not known yet is shown as soon as it is found; until then, or if it never is, the first one.
 */
void
cb_window_show_page (CbWindow *self, const char *page)
{
  g_return_if_fail (CB_IS_WINDOW (self));

  go (self, page);
}

void
cb_window_show_queue (CbWindow *self, CbQueue *queue)
{
  g_autofree char *place = NULL;

  g_return_if_fail (CB_IS_WINDOW (self));
  g_return_if_fail (CB_IS_QUEUE (queue));

  g_clear_pointer (&self->wanted_job, g_free);
  g_clear_pointer (&self->wanted_prefix, g_free);
  place = cb_queue_get_name (queue) != NULL ? g_strdup_printf ("queue/%s", cb_queue_get_name (queue)) : g_strdup (ALL_JOBS);
  cb_queue_page_set_queue (get_queue_page (self), queue);
  go (self, place);
}

void
cb_window_show_other_queue (CbWindow *self, CbOtherQueue *queue)
{
  g_return_if_fail (CB_IS_WINDOW (self));
  g_return_if_fail (CB_IS_OTHER_QUEUE (queue));

  cb_other_queue_page_set_queue (CB_OTHER_QUEUE_PAGE (cb_place_make_page (self->other_place, self->session)), queue);
  go (self, OTHER_QUEUE);
}

void
cb_window_show_jobs (CbWindow *self, CbQueue *queue, const char *state, const char *filter)
{
  g_return_if_fail (CB_IS_WINDOW (self));
  g_return_if_fail (CB_IS_QUEUE (queue));

  self->wants_jobs = TRUE;
  g_free (self->wanted_state);
  g_free (self->wanted_filter);
  self->wanted_state = g_strdup (state);
  self->wanted_filter = g_strdup (filter);
  cb_window_show_queue (self, queue);
}

void
cb_window_show_job (CbWindow *self, const char *prefix, const char *queue, const char *id)
{
  g_autofree char *place = NULL;

  g_return_if_fail (CB_IS_WINDOW (self));

  g_free (self->wanted_job);
  g_free (self->wanted_prefix);
  self->wanted_job = g_strdup (id);
  self->wanted_prefix = g_strdup (prefix);
  place = g_strdup_printf ("queue/%s", queue);
  go (self, place);
}

/**
 * cb_window_new_job:
 * @like: (nullable): a job to make another one of
 *
 * Opens the form of a new job.
 */
void
cb_window_new_job (CbWindow *self, CbJobRecord *like)
{
  CbBoard *board;
  CbNewJobDialog *dialog;

  g_return_if_fail (CB_IS_WINDOW (self));

  board = cb_session_get_board (self->session);
  if (board == NULL)
    {
      cb_toast (GTK_WIDGET (self), _ ("There is no connection to a server yet."));
      return;
    }

  dialog = cb_new_job_dialog_new (GTK_WINDOW (self), board, cb_session_get_serving (self->session),
                                  cb_window_get_queue (self));
  if (like != NULL)
    cb_new_job_dialog_fill (dialog, like);
  g_signal_connect_object (dialog, "created", G_CALLBACK (job_created_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

CbQueue *
cb_window_get_queue (CbWindow *self)
{
  CbQueue *queue;

  g_return_val_if_fail (CB_IS_WINDOW (self), NULL);

  queue = CB_IS_QUEUE_PAGE (self->page) ? get_shown_queue (self) : NULL;
  return queue != NULL && cb_queue_get_name (queue) != NULL ? queue : NULL;
}

/* Newer versions of libadwaita do so themselves. */
static void
announce_toast (CbWindow *self, AdwToast *toast)
{
  g_autofree char *text = NULL;

  if (adw_get_minor_version () < LIBADWAITA_ANNOUNCES &&
      pango_parse_markup (adw_toast_get_title (toast), -1, 0, NULL, &text, NULL, NULL))
    cb_announce (GTK_WIDGET (self), text, FALSE);
}

/**
 * cb_window_add_toast:
 * @toast: (transfer full): note that its title is markup
 */
void
cb_window_add_toast (CbWindow *self, AdwToast *toast)
{
  g_return_if_fail (CB_IS_WINDOW (self));

  /* Closed meanwhile: what a call still had to tell nobody can see any more. */
  if (self->toasts == NULL)
    g_object_unref (toast);
  else
    {
      /* What was told before is no news any more, and would keep this one waiting. */
      if (self->toast != NULL)
        adw_toast_dismiss (self->toast);
      g_set_weak_pointer (&self->toast, toast);
      announce_toast (self, toast);
      adw_toast_overlay_add_toast (self->toasts, toast);
    }
}

/**
 * cb_window_dismiss_toast:
 *
 * Takes away what is told at the moment.
 */
void
cb_window_dismiss_toast (CbWindow *self)
{
  g_return_if_fail (CB_IS_WINDOW (self));

  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
}

void
cb_toast (GtkWidget *widget, const char *text)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  g_autofree char *title = NULL;

  while (root != NULL && !CB_IS_WINDOW (root))
    root = GTK_ROOT (gtk_window_get_transient_for (GTK_WINDOW (root)));
  if (root == NULL)
    return;

  title = g_markup_escape_text (text, -1);
  cb_window_add_toast (CB_WINDOW (root), adw_toast_new (title));
}
