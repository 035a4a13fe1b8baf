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
#include "cb-job.h"
#include "cb-job-keys.h"
#include "cb-job-timeline.h"
#include "cb-json.h"
#include "cb-log-view.h"
#include "cb-payload-view.h"
#include "cb-pill.h"
#include "cb-timeline-bar.h"

/*
 * The job is read again whenever something is told of it, at most ten times a second and never twice at once; each time with the log
 * lines that are not on screen yet. What did not change is not set again: a selection in the text survives.
 */

#define LOG_LIMIT 500
#define RELOAD_MSEC 100
/* Nobody tells that a worker is gone: a job that runs is read again after so many beats of the clock. */
#define ACTIVE_TICKS 5

/* Beyond these a label is no longer the right place; the raw field can be copied from the payload. */
#define MAX_ERROR_BYTES (16 * 1024)
#define MAX_RAW_BYTES 2048
#define MAX_RAW_FIELDS 200

struct _CbJobDetail
{
  GtkWidget parent_instance;

  CbEngine *engine;                 /* (owned) (nullable) */
  CbClock *clock;                   /* (owned) (nullable) */
  char *id;                         /* (owned) (nullable) */
  CbJob *job;                       /* (owned) (nullable): turns the record into words */
  CbJobRecord *record;              /* (owned) (nullable) */
  CbJobRecord *raw_shown;           /* (owned) (nullable): whose raw fields are built */
  CbJobRecord *keys_shown;          /* (owned) (nullable): whose keys are listed */
  gboolean gone;
  gulong tick_id;
  guint n_ticks;

  GCancellable *cancellable;        /* (owned) (nullable): the read under way */
  gint64 log_from;                  /* the first line of the log that it reads, negative from the end */
  GCancellable *older_cancellable;  /* (owned) (nullable): the read of older lines under way */
  gint64 older_end;                 /* the line before which it ends */
  gboolean reload_wanted;
  guint reload_id;

  GMenuModel *job_menu;             /* the template's */
  GtkStack *stack;                  /* (owned): the only child */
  GtkLabel *message_title;
  GtkLabel *message_note;
  AdwStatusPage *selected_page;
  GtkWidget *compare_button;
  GtkScrolledWindow *scroller;
  GtkWidget *back_button;
  GtkLabel *title;
  CbPill *pill;
  GtkWidget *retry_button;
  GtkWidget *promote_button;
  GtkWidget *edit_button;
  GtkLabel *notice;
  GtkLabel *progress_label;
  GtkLabel *attempts_label;
  GtkProgressBar *progress_bar;
  GtkWidget *error_card;
  GtkLabel *error_title;
  GtkLabel *error_stack;
  CbTimelineBar *timeline_bar;
  GtkLabel *timeline_note;
  GtkGrid *timeline;
  CbPayloadView *data;
  GtkWidget *result_section;
  CbPayloadView *result;
  GtkWidget *log_section;
  GtkLabel *log_heading;
  CbLogView *log;
  GtkExpander *keys_expander;
  GtkListBox *keys;
  GtkExpander *raw_expander;
  GtkGrid *raw;
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

/* ---- showing ---- */

static void
set_label (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

static char *
bytes_to_text (GBytes *bytes, gsize most)
{
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *text = NULL;

  if (data == NULL)
    return g_strdup ("");

  text = cb_text_display (data, (gssize) MIN (size, most), FALSE);
  return size > most ? g_strconcat (text, "…", NULL) : g_steal_pointer (&text);
}

static void
update_header (CbJobDetail *self)
{
  CbEngineCapabilities capabilities = cb_engine_get_capabilities (self->engine);
  CbJobMeaning meaning = cb_job_get_meaning (self->job);
  g_autofree char *title = g_strdup_printf (_ ("Job %s"), self->id);
  g_autofree char *state = NULL;
  g_autofree char *problem = NULL;

  g_object_get (self->job, "state-label", &state, "problem", &problem, NULL);
  if (problem == NULL && self->record->missing)
    problem = g_strdup (_ ("There is no such job, only what is left of it"));
  set_label (self->title, title);
  cb_pill_set_state (self->pill, state, meaning);

  gtk_widget_set_visible (self->retry_button, (capabilities & CB_ENGINE_CAN_RETRY) != 0 && !self->gone &&
                                                (meaning == CB_JOB_MEANING_FAILED || meaning == CB_JOB_MEANING_COMPLETE));
  gtk_widget_set_visible (self->promote_button, (capabilities & CB_ENGINE_CAN_PROMOTE) != 0 && !self->gone &&
                                                  meaning == CB_JOB_MEANING_DELAYED);
  gtk_widget_set_visible (self->edit_button, (capabilities & CB_ENGINE_CAN_UPDATE) != 0 && !self->gone &&
                                               (meaning == CB_JOB_MEANING_WAITING || meaning == CB_JOB_MEANING_DELAYED ||
                                                meaning == CB_JOB_MEANING_FAILED));
  if (meaning == CB_JOB_MEANING_FAILED)
    gtk_widget_add_css_class (self->retry_button, "suggested-action");
  else
    gtk_widget_remove_css_class (self->retry_button, "suggested-action");

  if (self->gone)
    set_label (self->notice, _ ("This job is not there any more. Below is what was last seen of it."));
  else
    set_label (self->notice, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->notice), self->gone || problem != NULL);
}

static void
update_progress (CbJobDetail *self)
{
  g_autofree char *attempts = NULL;
  g_autofree char *text = NULL;
  g_autofree char *attempts_text = NULL;
  CbJobMeaning meaning = cb_job_get_meaning (self->job);
  double fraction;
  int progress;

  g_object_get (self->job, "progress", &progress, "progress-fraction", &fraction, "attempts-label", &attempts, NULL);
  /* Of a job that is not there nothing is known, not even that it was never begun. */
  gtk_widget_set_visible (GTK_WIDGET (self->progress_label), !self->record->missing);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), !self->record->missing);
  gtk_widget_set_visible (GTK_WIDGET (self->attempts_label), attempts != NULL && *attempts != '\0');
  switch (meaning)
    {
    case CB_JOB_MEANING_COMPLETE:
      text = g_strdup (_ ("Done"));
      fraction = 1;
      break;
    case CB_JOB_MEANING_FAILED:
      text = progress > 0 ? g_strdup_printf (_ ("Stopped at %d %%"), progress) : g_strdup (_ ("Stopped"));
      break;
    case CB_JOB_MEANING_ACTIVE:
      text = progress > 0 ? g_strdup_printf (_ ("%d %%"), progress) : g_strdup (_ ("Running"));
      break;
    case CB_JOB_MEANING_DELAYED:
    case CB_JOB_MEANING_WAITING:
    case CB_JOB_MEANING_UNKNOWN:
    default:
      text = progress > 0 ? g_strdup_printf (_ ("Got as far as %d %%"), progress) : g_strdup (_ ("Not started"));
      break;
    }
  set_label (self->progress_label, text);
  gtk_progress_bar_set_fraction (self->progress_bar, fraction);

  /* Translators: %s is as "1 of 3" */
  attempts_text = g_strdup_printf (_ ("attempt %s"), attempts != NULL ? attempts : "");
  set_label (self->attempts_label, attempts_text);
}

static void
update_error (CbJobDetail *self)
{
  gboolean is_headline = self->record->error != NULL && self->record->meaning == CB_JOB_MEANING_FAILED;
  /* The error of an attempt that another one has followed is history: it stays, below, in the colour of text. */
  gboolean is_history = self->record->error != NULL && !is_headline;
  g_autofree char *text = NULL;
  char *rest;

  gtk_widget_set_visible (self->error_card, is_headline || is_history);
  if (!is_headline && !is_history)
    return;

  text = bytes_to_text (self->record->error, MAX_ERROR_BYTES);
  rest = strchr (text, '\n');
  if (rest != NULL)
    *rest++ = '\0';
  if (is_history)
    {
      g_autofree char *title = g_strdup_printf (_ ("An earlier attempt failed: %s"), text);

      set_label (self->error_title, title);
      gtk_widget_remove_css_class (self->error_card, "current");
    }
  else
    {
      set_label (self->error_title, *text != '\0' ? text : _ ("Failed without a message"));
      gtk_widget_add_css_class (self->error_card, "current");
    }
  set_label (self->error_stack, rest != NULL ? rest : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_stack), rest != NULL && *rest != '\0');
}

static const char *
get_entry_icon (CbTimelineKind kind)
{
  switch (kind)
    {
    case CB_TIMELINE_CREATED:
      return "list-add-symbolic";
    case CB_TIMELINE_DUE:
      return "document-open-recent-symbolic";
    case CB_TIMELINE_STARTED:
      return "media-playback-start-symbolic";
    case CB_TIMELINE_FAILED:
      return "dialog-error-symbolic";
    case CB_TIMELINE_COMPLETE:
      return "object-select-symbolic";
    case CB_TIMELINE_NOW:
    default:
      return "content-loading-symbolic";
    }
}

static GtkWidget *
ensure_label (GtkGrid *grid, int column, int row)
{
  GtkWidget *label = gtk_grid_get_child_at (grid, column, row);

  if (label == NULL)
    {
      label = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (label), column == 3 ? 1 : 0);
      if (column != 2)
        gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "numeric");
      if (column == 2)
        {
          gtk_widget_set_hexpand (label, TRUE);
          gtk_label_set_wrap (GTK_LABEL (label), TRUE);
        }
      gtk_grid_attach (grid, label, column, row, 1, 1);
    }
  return label;
}

static void
update_timeline (CbJobDetail *self)
{
  gint64 now = cb_clock_get_now (self->clock);
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *note = NULL;
  GtkWidget *icon;

  if (self->record == NULL)
    return;

  entries = cb_job_timeline_create (self->record, now);
  cb_timeline_bar_set_job (self->timeline_bar, self->record, entries, now);
  note = cb_timeline_bar_dup_note (self->timeline_bar);
  set_label (self->timeline_note, note != NULL ? note : "");
  gtk_widget_set_visible (GTK_WIDGET (self->timeline_note), note != NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const CbTimelineEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *clock = entry->time >= 0 ? cb_format_clock (entry->time, now) : NULL;
      g_autofree char *exact = entry->time >= 0 ? cb_format_exact (entry->time) : NULL;
      GtkWidget *time = ensure_label (self->timeline, 0, (int) i);

      set_label (GTK_LABEL (time), clock != NULL ? clock : _ ("now"));
      gtk_widget_set_tooltip_text (time, exact);
      icon = gtk_grid_get_child_at (self->timeline, 1, (int) i);
      if (icon == NULL)
        {
          icon = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
          gtk_image_set_pixel_size (GTK_IMAGE (icon), 12);
          gtk_grid_attach (self->timeline, icon, 1, (int) i, 1, 1);
        }
      gtk_image_set_from_icon_name (GTK_IMAGE (icon), get_entry_icon (entry->kind));
      gtk_widget_set_css_classes (icon, (const char *[]) {
        entry->kind == CB_TIMELINE_FAILED ? "error" : entry->kind == CB_TIMELINE_COMPLETE ? "success" : "dim-label", NULL });
      set_label (GTK_LABEL (ensure_label (self->timeline, 2, (int) i)), entry->label);
      set_label (GTK_LABEL (ensure_label (self->timeline, 3, (int) i)), entry->note != NULL ? entry->note : "");
    }

  while ((icon = gtk_grid_get_child_at (self->timeline, 1, (int) entries->len)) != NULL)
    gtk_grid_remove_row (self->timeline, (int) entries->len);
}

/* Whether both are kept in the same keys. */
static gboolean
has_same_keys (const CbJobRecord *first, const CbJobRecord *second)
{
  return g_strcmp0 (first->id, second->id) == 0 && g_strcmp0 (first->queue, second->queue) == 0 && first->state == second->state &&
         (first->log_length == 0) == (second->log_length == 0);
}

static void
update_keys (CbJobDetail *self)
{
  if (self->engine == NULL || (self->keys_shown != NULL && has_same_keys (self->keys_shown, self->record)))
    return;

  gtk_widget_set_visible (GTK_WIDGET (self->keys_expander), cb_job_keys_fill (self->keys, self->engine, self->record));
  g_clear_pointer (&self->keys_shown, cb_job_record_unref);
  self->keys_shown = cb_job_record_ref (self->record);
}

static void
key_activated_cb (CbJobDetail *self, GtkListBoxRow *row)
{
  cb_job_keys_activate (row);
}

static void
update_raw (CbJobDetail *self)
{
  GPtrArray *raw = self->record != NULL ? self->record->raw : NULL;
  guint n;

  if (!gtk_expander_get_expanded (self->raw_expander) || self->raw_shown == self->record || raw == NULL)
    return;

  g_clear_pointer (&self->raw_shown, cb_job_record_unref);
  self->raw_shown = cb_job_record_ref (self->record);
  n = MIN (raw->len / 2, MAX_RAW_FIELDS);
  for (guint i = 0; i < n; i++)
    {
      for (int column = 0; column < 2; column++)
        {
          GtkWidget *label = gtk_grid_get_child_at (self->raw, column, (int) i);
          g_autofree char *text = bytes_to_text (g_ptr_array_index (raw, 2 * i + column), MAX_RAW_BYTES);

          if (label == NULL)
            {
              label = gtk_label_new (NULL);
              gtk_label_set_xalign (GTK_LABEL (label), 0);
              gtk_label_set_yalign (GTK_LABEL (label), 0);
              gtk_label_set_wrap (GTK_LABEL (label), TRUE);
              gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
              gtk_label_set_selectable (GTK_LABEL (label), TRUE);
              gtk_widget_add_css_class (label, "monospace");
              gtk_widget_add_css_class (label, "cb-code");
              if (column == 0)
                gtk_widget_add_css_class (label, "dim-label");
              else
                gtk_widget_set_hexpand (label, TRUE);
              gtk_grid_attach (self->raw, label, column, (int) i, 1, 1);
            }
          set_label (GTK_LABEL (label), text);
        }
    }
  while (gtk_grid_get_child_at (self->raw, 0, (int) n) != NULL)
    gtk_grid_remove_row (self->raw, (int) n);
}

static void
update_log (CbJobDetail *self)
{
  gint64 length = MAX (self->record->log_length, cb_log_view_get_end (self->log));
  g_autofree char *count = NULL;
  g_autofree char *heading = NULL;

  if (self->record->log == NULL)
    return;

  count = cb_format_exact_count (length);
  /* Translators: %s is the number of lines */
  heading = length > 0 ? g_strdup_printf (_ ("Log · %s"), count) : g_strdup (_ ("Log"));
  set_label (self->log_heading, heading);
  gtk_widget_set_visible (self->log_section, length > 0 || self->record->meaning == CB_JOB_MEANING_ACTIVE);
}

/* What was read of the log, once. */
static void
take_log (CbJobDetail *self, CbJobRecord *record)
{
  gint64 length, first, end;

  if (record->log == NULL)
    return;

  length = MAX (record->log_length, (gint64) record->log->len);
  first = self->log_from >= 0 ? self->log_from : length - (gint64) record->log->len;
  if (record->log->len > 0)
    length = MAX (length, first + (gint64) record->log->len);
  cb_log_view_take (self->log, record->log, first, length);

  /* More than fit into one answer have come; or the log begins anew and is shorter than what was shown of it. */
  end = cb_log_view_get_end (self->log);
  if (self->log_from >= 0 && end < length && (record->log->len > 0 || end == 0))
    self->reload_wanted = TRUE;
}

static void
show (CbJobDetail *self)
{
  if (self->record == NULL)
    return;

  update_header (self);
  update_progress (self);
  update_error (self);
  update_timeline (self);
  cb_payload_view_set_bytes (self->data, self->record->data);
  gtk_widget_set_visible (self->result_section, self->record->result != NULL);
  if (self->record->result != NULL)
    cb_payload_view_set_bytes (self->result, self->record->result);
  update_log (self);
  update_keys (self);
  update_raw (self);
}

static void
take_record (CbJobDetail *self, CbJobRecord *record)
{
  g_clear_pointer (&self->record, cb_job_record_unref);
  self->record = cb_job_record_ref (record);
  if (self->job == NULL)
    self->job = cb_job_new_for_record (record);
  else
    cb_job_update (self->job, record);
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
          gtk_label_set_label (self->message_note, _ ("It was removed, or never was."));
          gtk_stack_set_visible_child_name (self->stack, "message");
        }
    }
  else if (self->record == NULL)
    {
      gtk_label_set_label (self->message_title, _ ("The Job Can’t Be Read"));
      gtk_label_set_label (self->message_note, error->message);
      gtk_stack_set_visible_child_name (self->stack, "message");
    }
  else if (!cb_redis_error_is_connection (error))
    {
      set_label (self->notice, error->message);
      gtk_widget_set_visible (GTK_WIDGET (self->notice), TRUE);
    }

  if (self->record != NULL && !self->gone &&
      g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "blank") == 0)
    gtk_stack_set_visible_child_name (self->stack, "job");
  if (self->reload_wanted && self->reload_id == 0)
    self->reload_id = g_timeout_add (RELOAD_MSEC, reload_cb, self);
}

static void
reload (CbJobDetail *self)
{
  gint64 end = cb_log_view_get_end (self->log);

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
  gint64 first;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->older_cancellable);
  if (record == NULL)
    {
      set_label (self->notice, error->message);
      gtk_widget_set_visible (GTK_WIDGET (self->notice), TRUE);
      return;
    }

  /* What was held may have been dropped or have begun anew meanwhile; then the button is there to be used again. */
  first = cb_log_view_get_first (self->log);
  if (record->log != NULL && record->log->len == MIN (first, CB_LOG_VIEW_PART) && record->log_length >= first &&
      self->older_end == first)
    cb_log_view_take_older (self->log, record->log);
}

static void
older_wanted_cb (CbJobDetail *self)
{
  gint64 first = cb_log_view_get_first (self->log);

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
      g_value_set_boolean (value, gtk_widget_get_visible (self->back_button));
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
      gtk_widget_set_visible (self->back_button, g_value_get_boolean (value));
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
  g_clear_object (&self->job);
  if (self->stack != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->stack));
      self->stack = NULL;
    }

  G_OBJECT_CLASS (cb_job_detail_parent_class)->dispose (object);
}

static void
cb_job_detail_finalize (GObject *object)
{
  CbJobDetail *self = CB_JOB_DETAIL (object);

  g_free (self->id);
  g_clear_pointer (&self->record, cb_job_record_unref);
  g_clear_pointer (&self->raw_shown, cb_job_record_unref);
  g_clear_pointer (&self->keys_shown, cb_job_record_unref);

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

  g_type_ensure (CB_TYPE_LOG_VIEW);
  g_type_ensure (CB_TYPE_PAYLOAD_VIEW);
  g_type_ensure (CB_TYPE_PILL);
  g_type_ensure (CB_TYPE_TIMELINE_BAR);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-job-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, job_menu);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, stack);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, message_title);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, message_note);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, selected_page);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, compare_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, back_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, title);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, pill);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, retry_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, promote_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, edit_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, notice);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, progress_label);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, attempts_label);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, error_card);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, error_title);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, error_stack);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, timeline_bar);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, timeline_note);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, timeline);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, data);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, result_section);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, result);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, log_section);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, log_heading);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, log);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, raw_expander);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, keys_expander);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, keys);
  gtk_widget_class_bind_template_callback (widget_class, key_activated_cb);
  gtk_widget_class_bind_template_child (widget_class, CbJobDetail, raw);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_raw);
  gtk_widget_class_bind_template_callback (widget_class, older_wanted_cb);
}

static void
cb_job_detail_init (CbJobDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
tick_cb (CbJobDetail *self)
{
  update_timeline (self);
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
  self->gone = FALSE;
  g_clear_object (&self->job);
  g_clear_pointer (&self->record, cb_job_record_unref);
  g_clear_pointer (&self->raw_shown, cb_job_record_unref);
  g_clear_pointer (&self->keys_shown, cb_job_record_unref);
  cb_log_view_clear (self->log);
  gtk_widget_set_visible (self->log_section, FALSE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);

  if (id == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "empty");
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
      return;
    }

  if (known != NULL && !known->missing)
    {
      take_record (self, known);
      gtk_stack_set_visible_child_name (self->stack, "job");
    }
  else
    {
      gtk_stack_set_visible_child_name (self->stack, "blank");
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RECORD]);
    }
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

  return self->job_menu;
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
        gtk_stack_set_visible_child_name (self->stack, self->id == NULL ? "empty" : self->record != NULL ? "job" : "blank");
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
