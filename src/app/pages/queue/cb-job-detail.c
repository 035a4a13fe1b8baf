/* cb-job-detail.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-detail.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-job-view.h"
#include "cb-log-view.h"
#include "cb-refusal.h"

/*
 * The job is read again whenever something is told of it, at most ten times a second and never twice at once; each time with the log
 * lines that are not on screen yet.
 */

#define LOG_LIMIT 500
#define RELOAD_MSEC 100
/* Nobody tells that a worker is gone: a job that runs is read again after so many beats of the clock. */
#define ACTIVE_TICKS 5

struct _CbJobDetail
{
  GtkWidget parent_instance;

  CbEngine *engine;                 /* (owned) (nullable) */
  CbClock *clock;                   /* (owned) (nullable) */
  char *id;                         /* (owned) (nullable) */
  char *no_id;                      /* (owned) (nullable): what the entry is that is no id */
  CbJobRecord *record;              /* (owned) (nullable) */
  gboolean gone;
  gboolean failed;                  /* to be read, last time */
  gulong tick_id;
  guint n_ticks;

  GCancellable *cancellable;        /* (owned) (nullable): the read under way */
  gint64 log_from;                  /* the first line of the log that it reads, negative from the end */
  GCancellable *older_cancellable;  /* (owned) (nullable): the read of older lines under way */
  gint64 older_end;                 /* the line before which it ends */
  gboolean reload_wanted;
  guint reload_id;

  gboolean folded;
  char *refusal;                    /* (owned) (nullable) why jobs can't be changed */
  const char * const *refused;      /* (nullable) the actions that it is about */

  GtkStack *stack;                  /* (owned): the only child */
  GtkLabel *message_title;
  GtkLabel *message_note;
  AdwStatusPage *selected_page;
  GtkWidget *compare_button;
  CbJobView *view;                  /* (nullable) */
};

G_DEFINE_FINAL_TYPE (CbJobDetail, cb_job_detail, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_FOLDED,
  PROP_RECORD,
  N_PROPS
};

enum
{
  BACK,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void reload (CbJobDetail *self);
static void back_cb (CbJobDetail *self);
static void older_wanted_cb (CbJobDetail *self);

/* ---- showing ---- */

/* Most of what a page of jobs takes to be made is the view of one, so it is made when a job is shown, or when there is time. */
static CbJobView *
ensure_view (CbJobDetail *self)
{
  if (self->view != NULL)
    return self->view;

  self->view = CB_JOB_VIEW (cb_job_view_new (self->clock));
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->view), "job");
  cb_job_view_set_folded (self->view, self->folded);
  if (self->refusal != NULL)
    cb_refusal_explain (GTK_WIDGET (self->view), self->refused, self->refusal);
  g_signal_connect_object (self->view, "back", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "older-wanted", G_CALLBACK (older_wanted_cb), self, G_CONNECT_SWAPPED);
  return self->view;
}

/* What was read of the log, once. */
static void
take_log (CbJobDetail *self, CbJobRecord *record)
{
  gint64 length, first, end;
  CbLogView *log = cb_job_view_get_log (ensure_view (self));

  if (record->log == NULL)
    return;

  length = MAX (record->log_length, (gint64) record->log->len);
  first = self->log_from >= 0 ? self->log_from : length - (gint64) record->log->len;
  if (record->log->len > 0)
    length = MAX (length, first + (gint64) record->log->len);
  cb_log_view_take (log, record->log, first, length);

  /* More than fit into one answer have come; or the log begins anew and is shorter than what was shown of it. */
  end = cb_log_view_get_end (log);
  if (self->log_from >= 0 && end < length && (record->log->len > 0 || end == 0))
    self->reload_wanted = TRUE;
}

static void
show (CbJobDetail *self)
{
  if (self->record != NULL)
    cb_job_view_show (ensure_view (self), self->engine, self->record, self->gone);
}

static void
take_record (CbJobDetail *self, CbJobRecord *record)
{
  g_clear_pointer (&self->record, cb_job_record_unref);
  self->record = cb_job_record_ref (record);
  show (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
}

/* ---- reading ---- */

static gboolean
reload_cb (gpointer data)
{
  CbJobDetail *self = data;

  self->reload_id = 0;
  if (self->reload_wanted && self->cancellable == NULL)
    reload (self);
  return G_SOURCE_REMOVE;
}

/* What there is of the job, whatever was shown before: what could not be read may be there by now. */
static void
update_stack (CbJobDetail *self)
{
  const char *name = "blank";

  if (self->id == NULL)
    name = "empty";
  else if (self->record != NULL)
    name = "job";
  else if (self->failed)
    name = "message";
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbJobDetail) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  if (record != NULL)
    {
      self->gone = FALSE;
      take_log (self, record);
      take_record (self, record);
    }
  else if (g_error_matches (error, CB_QUEUE_ERROR, CB_QUEUE_ERROR_GONE))
    {
      self->gone = TRUE;
      if (self->record != NULL)
        {
          show (self);
          g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
        }
      else
        {
          gtk_label_set_label (self->message_title, _ ("No Such Job"));
          gtk_label_set_label (self->message_note, self->no_id != NULL ? self->no_id : _ ("It was removed, or never was."));
          /* Nothing of this is worth a copy, and GTK 4.8 complains where a label that can be selected is all that is left to get the focus of a
           * row that goes. */
          gtk_label_set_selectable (self->message_note, FALSE);
        }
    }
  else if (self->record == NULL)
    {
      gtk_label_set_label (self->message_title, _ ("The Job Can’t Be Read"));
      gtk_label_set_label (self->message_note, error->message);
      gtk_label_set_selectable (self->message_note, TRUE);
    }
  else if (!cb_redis_error_is_connection (error))
    {
      cb_job_view_tell (ensure_view (self), error->message);
    }

  self->failed = error != NULL;
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "selected") != 0)
    update_stack (self);
  if (self->reload_wanted && self->reload_id == 0)
    self->reload_id = g_timeout_add (RELOAD_MSEC, reload_cb, self);
}

static void
reload (CbJobDetail *self)
{
  gint64 end = self->view != NULL ? cb_log_view_get_end (cb_job_view_get_log (self->view)) : 0;

  self->reload_wanted = FALSE;
  self->cancellable = g_cancellable_new ();
  /* The first time the last lines, later the ones that came since. */
  self->log_from = end > 0 ? end : -LOG_LIMIT;
  cb_engine_get_whole_async (self->engine, self->id, self->log_from, LOG_LIMIT, self->cancellable, read_cb,
                             g_object_ref (self));
}

static void
read_older_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbJobDetail) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobRecord) record = cb_engine_get_whole_finish (CB_ENGINE (source), result, &error);
  CbLogView *log;
  gint64 first;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->older_cancellable);
  if (record == NULL)
    {
      cb_job_view_tell (ensure_view (self), error->message);
      return;
    }

  /* What was held may have been dropped or have begun anew meanwhile; then the button is there to be used again. */
  log = cb_job_view_get_log (ensure_view (self));
  first = cb_log_view_get_first (log);
  if (record->log != NULL && record->log->len == MIN (first, CB_LOG_VIEW_PART) && record->log_length >= first &&
      self->older_end == first)
    cb_log_view_take_older (log, record->log);
}

static void
older_wanted_cb (CbJobDetail *self)
{
  gint64 first = cb_log_view_get_first (cb_job_view_get_log (self->view));

  if (self->engine == NULL || self->id == NULL || self->older_cancellable != NULL || first == 0)
    return;

  self->older_cancellable = g_cancellable_new ();
  self->older_end = first;
  cb_engine_get_whole_async (self->engine, self->id, MAX (first - CB_LOG_VIEW_PART, 0), (guint) MIN (first, CB_LOG_VIEW_PART),
                             self->older_cancellable, read_older_cb, g_object_ref (self));
}

static void
stop_reading (CbJobDetail *self)
{
  g_clear_handle_id (&self->reload_id, g_source_remove);
  self->reload_wanted = FALSE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->older_cancellable != NULL)
    g_cancellable_cancel (self->older_cancellable);
  g_clear_object (&self->older_cancellable);
}

/* ---- object ---- */

static void
back_cb (CbJobDetail *self)
{
  g_signal_emit (self, signals[BACK], 0);
}

static void
cb_job_detail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbJobDetail *self = CB_JOB_DETAIL (object);

  switch (id)
    {
    case PROP_FOLDED:
      g_value_set_boolean (value, self->folded);
      break;
    case PROP_RECORD:
      g_value_set_boxed (value, self->record);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_job_detail_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbJobDetail *self = CB_JOB_DETAIL (object);

  switch (id)
    {
    case PROP_FOLDED:
      self->folded = g_value_get_boolean (value);
      if (self->view != NULL)
        cb_job_view_set_folded (self->view, self->folded);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_job_detail_dispose (GObject *object)
{
  CbJobDetail *self = CB_JOB_DETAIL (object);

  stop_reading (self);
  g_clear_signal_handler (&self->tick_id, self->clock);
  g_clear_object (&self->clock);
  g_clear_object (&self->engine);
  if (self->stack != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->stack));
      self->stack = NULL;
      self->view = NULL;
    }

  G_OBJECT_CLASS (cb_job_detail_parent_class)->dispose (object);
}

static void
cb_job_detail_finalize (GObject *object)
{
  CbJobDetail *self = CB_JOB_DETAIL (object);

  g_free (self->id);
  g_free (self->no_id);
  g_free (self->refusal);
  g_clear_pointer (&self->record, cb_job_record_unref);

  G_OBJECT_CLASS (cb_job_detail_parent_class)->finalize (object);
}

static void
cb_job_detail_class_init (CbJobDetailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_job_detail_get_property;
  object_class->set_property = cb_job_detail_set_property;
  object_class->dispose = cb_job_detail_dispose;
  object_class->finalize = cb_job_detail_finalize;

  properties[PROP_FOLDED] =
    g_param_spec_boolean ("folded", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_RECORD] = g_param_spec_boxed ("record", NULL, NULL, CB_TYPE_JOB_RECORD,
                                                G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[BACK] = g_signal_new ("back", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-job-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, stack);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, message_title);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, message_note);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, selected_page);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, compare_button);
}

static void
cb_job_detail_init (CbJobDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
tick_cb (CbJobDetail *self)
{
  if (self->view != NULL)
    cb_job_view_update_timeline (self->view);
  if (++self->n_ticks % ACTIVE_TICKS == 0 && self->record != NULL && self->record->meaning == CB_JOB_MEANING_ACTIVE && !self->gone)
    cb_job_detail_reload (self);
}

void
cb_job_detail_set_clock (CbJobDetail *self, CbClock *clock)
{
  g_return_if_fail (CB_IS_JOB_DETAIL (self));
  g_return_if_fail (self->clock == NULL);

  self->clock = g_object_ref (clock);
  self->tick_id = g_signal_connect_swapped (clock, "tick", G_CALLBACK (tick_cb), self);
}

/**
 * cb_job_detail_set_job:
 * @engine: (nullable): whose job it is
 * @id: (nullable): nothing is shown with %NULL
 * @known: (nullable): what is known of it already
 */
void
cb_job_detail_set_job (CbJobDetail *self, CbEngine *engine, const char *id, CbJobRecord *known)
{
  g_return_if_fail (CB_IS_JOB_DETAIL (self));

  if (id != NULL && self->engine == engine && g_strcmp0 (self->id, id) == 0)
    return;

  stop_reading (self);
  g_set_object (&self->engine, engine);
  g_free (self->id);
  self->id = g_strdup (id);
  g_free (self->no_id);
  self->no_id = g_strdup (known != NULL && known->missing ? known->problem : NULL);
  self->gone = self->failed = FALSE;
  g_clear_pointer (&self->record, cb_job_record_unref);
  if (self->view != NULL)
    cb_job_view_clear (self->view);

  if (id != NULL && known != NULL && !known->missing)
    take_record (self, known);
  else
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
  update_stack (self);
  if (id != NULL)
    reload (self);
}

const char *
cb_job_detail_get_id (CbJobDetail *self)
{
  g_return_val_if_fail (CB_IS_JOB_DETAIL (self), NULL);

  return self->id;
}

gboolean
cb_job_detail_get_gone (CbJobDetail *self)
{
  g_return_val_if_fail (CB_IS_JOB_DETAIL (self), FALSE);

  return self->gone;
}

/**
 * cb_job_detail_get_record:
 *
 * Returns: (transfer none) (nullable): the newest that was read of the job; %NULL when it is gone
 */
CbJobRecord *
cb_job_detail_get_record (CbJobDetail *self)
{
  g_return_val_if_fail (CB_IS_JOB_DETAIL (self), NULL);

  return self->gone ? NULL : self->record;
}

GMenuModel *
cb_job_detail_get_menu (CbJobDetail *self)
{
  g_return_val_if_fail (CB_IS_JOB_DETAIL (self), NULL);

  return cb_job_view_get_menu (ensure_view (self));
}

/**
 * cb_job_detail_prepare:
 *
 * Makes what a job is shown in, so that the first one is there at once.
 */
void
cb_job_detail_prepare (CbJobDetail *self)
{
  g_return_if_fail (CB_IS_JOB_DETAIL (self));

  ensure_view (self);
}

/**
 * cb_job_detail_explain_refusal:
 * @actions: which of its actions; they live as long as the program
 * @reason: (nullable): why they can't be used; %NULL when they can
 */
void
cb_job_detail_explain_refusal (CbJobDetail *self, const char * const *actions, const char *reason)
{
  g_return_if_fail (CB_IS_JOB_DETAIL (self));

  g_free (self->refusal);
  self->refusal = g_strdup (reason);
  self->refused = actions;
  cb_refusal_explain (GTK_WIDGET (self), actions, reason);
}

void
cb_job_detail_reload (CbJobDetail *self)
{
  g_return_if_fail (CB_IS_JOB_DETAIL (self));

  if (self->id == NULL)
    return;

  self->reload_wanted = TRUE;
  if (self->cancellable == NULL && self->reload_id == 0)
    self->reload_id = g_timeout_add (RELOAD_MSEC, reload_cb, self);
}

/**
 * cb_job_detail_set_n_selected:
 * @n_selected: 0 or 1: the job is shown
 * @n_readable: how many of them are known by their id, so that something can be done with them
 * @all: all there are is meant, whether it is known or not
 */
void
cb_job_detail_set_n_selected (CbJobDetail *self, guint n_selected, guint n_readable, gboolean all)
{
  g_autofree char *count = NULL;
  g_autofree char *title = NULL;

  g_return_if_fail (CB_IS_JOB_DETAIL (self));

  if (n_selected < 2)
    {
      if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "selected") == 0)
        update_stack (self);
      return;
    }

  count = cb_format_exact_count (n_selected);
  title = all ? g_strdup (_ ("All Jobs Selected")) : g_strdup_printf (_ ("%s Jobs Selected"), count);
  gtk_stack_set_visible_child_name (self->stack, "selected");
  gtk_widget_set_visible (self->compare_button, n_selected == 2);
  adw_status_page_set_title (self->selected_page, title);
  if (all)
    adw_status_page_set_description (self->selected_page,
                                     _ ("Also those that are not listed. How many they are is said before anything is done."));
  else
    adw_status_page_set_description (
      self->selected_page,
      n_readable < n_selected ? _ ("Some of them have not been read yet. Scroll through them first, or select fewer.") : NULL);
}
