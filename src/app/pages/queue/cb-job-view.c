/* cb-job-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-job-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "cb-direction.h"
#include "cb-format.h"
#include "cb-job.h"
#include "cb-job-keys.h"
#include "cb-job-timeline.h"
#include "cb-json.h"
#include "cb-payload-view.h"
#include "cb-pill.h"
#include "cb-plain-text.h"
#include "cb-timeline-bar.h"
#include "cb-wrap-box.h"

/*
 * What did not change is not set again: a selection in the text survives.
 */

/* Beyond these a label is no longer the right place; the raw field can be copied from the payload. */
#define MAX_ERROR_BYTES (16 * 1024)
/* A label lays out all of its text for each width that it is asked about; a text view does it when it has the time. */
#define MAX_LABEL_BYTES 1500
/* About as many as there is room for. */
#define LINE_CHARS 160
#define MAX_RAW_BYTES 2048
#define MAX_RAW_FIELDS 200

struct _CbJobView
{
  GtkWidget parent_instance;

  CbEngine *engine;                 /* (owned) (nullable) */
  CbClock *clock;                   /* (owned) */
  char *id;                         /* (owned) (nullable) */
  CbJob *job;                       /* (owned) (nullable): turns the record into words */
  CbJobRecord *record;              /* (owned) (nullable) */
  CbJobRecord *raw_shown;           /* (owned) (nullable): whose raw fields are built */
  CbJobRecord *keys_shown;          /* (owned) (nullable): whose keys are listed */
  gboolean gone;

  GMenuModel *job_menu;             /* the template's */
  GtkScrolledWindow *scroller;      /* (owned): the only child */
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
  GtkTextView *error_text;    /* in place of that, where it is long */
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

G_DEFINE_FINAL_TYPE (CbJobView, cb_job_view, GTK_TYPE_WIDGET)

enum
{
  BACK,
  OLDER_WANTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
set_label (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

static void
set_text (GtkTextView *view, const char *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);
  GtkTextIter begin, end;
  g_autofree char *last = NULL;

  gtk_text_buffer_get_bounds (buffer, &begin, &end);
  last = gtk_text_buffer_get_text (buffer, &begin, &end, TRUE);
  if (strcmp (last, text) != 0)
    gtk_text_buffer_set_text (buffer, text, -1);
}

static char *
bytes_to_text (GBytes *bytes, gsize most)
{
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *lines = NULL;

  if (data == NULL)
    return g_strdup ("");

  text = cb_text_display (data, (gssize) MIN (size, most), FALSE);
  lines = cb_format_lines (text, LINE_CHARS);
  return size > most ? g_strconcat (lines, "…", NULL) : g_steal_pointer (&lines);
}

static void
update_header (CbJobView *self)
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
update_progress (CbJobView *self)
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
update_error (CbJobView *self)
{
  gboolean is_headline = self->record->error != NULL && self->record->meaning == CB_JOB_MEANING_FAILED;
  /* The error of an attempt that another one has followed is history: it stays, below, in the colour of text. */
  gboolean is_history = self->record->error != NULL && !is_headline;
  g_autofree char *text = NULL;
  char *rest;
  gboolean is_long;

  gtk_widget_set_visible (self->error_card, is_headline || is_history);
  if (!is_headline && !is_history)
    return;

  text = bytes_to_text (self->record->error, MAX_ERROR_BYTES);
  is_long = strlen (text) > MAX_LABEL_BYTES;
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
  set_label (self->error_stack, !is_long && rest != NULL ? rest : "");
  set_text (self->error_text, is_long && rest != NULL ? rest : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_stack), !is_long && rest != NULL && *rest != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->error_text), is_long && rest != NULL && *rest != '\0');
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
      gtk_label_set_wrap (GTK_LABEL (label), column > 0);
      if (column == 2)
        gtk_widget_set_hexpand (label, TRUE);
      else
        gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
      gtk_grid_attach (grid, label, column, row, 1, 1);
    }
  return label;
}

void
cb_job_view_update_timeline (CbJobView *self)
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
      g_autofree char *clock = entry->time >= 0 ? cb_direction_take (cb_format_clock (entry->time, now)) : NULL;
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
update_keys (CbJobView *self)
{
  if (self->engine == NULL || (self->keys_shown != NULL && has_same_keys (self->keys_shown, self->record)))
    return;

  gtk_widget_set_visible (GTK_WIDGET (self->keys_expander), cb_job_keys_fill (self->keys, self->engine, self->record));
  g_clear_pointer (&self->keys_shown, cb_job_record_unref);
  self->keys_shown = cb_job_record_ref (self->record);
}

static void
key_activated_cb (CbJobView *self, GtkListBoxRow *row)
{
  cb_job_keys_activate (row);
}

static void
update_raw (CbJobView *self)
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
update_log (CbJobView *self)
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

/* ---- object ---- */

static void
back_cb (CbJobView *self)
{
  g_signal_emit (self, signals[BACK], 0);
}

static void
older_wanted_cb (CbJobView *self)
{
  g_signal_emit (self, signals[OLDER_WANTED], 0);
}

static void
forget (CbJobView *self)
{
  g_clear_object (&self->engine);
  g_clear_object (&self->job);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->record, cb_job_record_unref);
  g_clear_pointer (&self->raw_shown, cb_job_record_unref);
  g_clear_pointer (&self->keys_shown, cb_job_record_unref);
}

static void
cb_job_view_dispose (GObject *object)
{
  CbJobView *self = CB_JOB_VIEW (object);

  forget (self);
  if (self->scroller != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->scroller));
      self->scroller = NULL;
    }
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (cb_job_view_parent_class)->dispose (object);
}

static void
cb_job_view_class_init (CbJobViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = cb_job_view_dispose;

  signals[BACK] = g_signal_new ("back", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[OLDER_WANTED] =
    g_signal_new ("older-wanted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CB_TYPE_LOG_VIEW);
  g_type_ensure (CB_TYPE_PAYLOAD_VIEW);
  g_type_ensure (CB_TYPE_PILL);
  g_type_ensure (CB_TYPE_TIMELINE_BAR);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_type_ensure (CB_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-job-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbJobView, job_menu);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, back_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, title);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, pill);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, retry_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, promote_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, edit_button);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, notice);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, progress_label);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, attempts_label);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, error_card);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, error_title);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, error_stack);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, error_text);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, timeline_bar);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, timeline_note);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, timeline);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, data);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, result_section);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, result);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, log_section);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, log_heading);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, log);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, raw_expander);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, keys_expander);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, keys);
  gtk_widget_class_bind_template_callback (widget_class, key_activated_cb);
  gtk_widget_class_bind_template_child (widget_class, CbJobView, raw);
  gtk_widget_class_bind_template_callback (widget_class, back_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_raw);
  gtk_widget_class_bind_template_callback (widget_class, older_wanted_cb);
}

static void
cb_job_view_init (CbJobView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_direction (GTK_WIDGET (self->error_stack), GTK_TEXT_DIR_LTR);
  cb_plain_text_keep (self->error_text);
}

/**
 * cb_job_view_new:
 * @clock: what the time is where the job is kept
 *
 * Returns: (transfer floating): an empty one
 */
GtkWidget *
cb_job_view_new (CbClock *clock)
{
  CbJobView *self = g_object_new (CB_TYPE_JOB_VIEW, NULL);

  self->clock = g_object_ref (clock);
  return GTK_WIDGET (self);
}

/**
 * cb_job_view_show:
 * @record: the newest that is known of the job
 * @gone: whether it is not there any more, so that this is the last that was seen of it
 */
void
cb_job_view_show (CbJobView *self, CbEngine *engine, CbJobRecord *record, gboolean gone)
{
  g_return_if_fail (CB_IS_JOB_VIEW (self));
  g_return_if_fail (record != NULL);

  if (self->engine != engine || g_strcmp0 (self->id, record->id) != 0)
    forget (self);
  g_set_object (&self->engine, engine);
  if (self->id == NULL)
    self->id = g_strdup (record->id);
  self->gone = gone;
  if (self->record != record)
    {
      g_clear_pointer (&self->record, cb_job_record_unref);
      self->record = cb_job_record_ref (record);
      if (self->job == NULL)
        self->job = cb_job_new_for_record (record);
      else
        cb_job_update (self->job, record);
    }

  update_header (self);
  update_progress (self);
  update_error (self);
  cb_job_view_update_timeline (self);
  cb_payload_view_set_bytes (self->data, self->record->data);
  gtk_widget_set_visible (self->result_section, self->record->result != NULL);
  if (self->record->result != NULL)
    cb_payload_view_set_bytes (self->result, self->record->result);
  update_log (self);
  update_keys (self);
  update_raw (self);
}

/**
 * cb_job_view_clear:
 *
 * Another job comes: it is shown from its beginning, and nothing of this one stays.
 */
void
cb_job_view_clear (CbJobView *self)
{
  g_return_if_fail (CB_IS_JOB_VIEW (self));

  forget (self);
  cb_log_view_clear (self->log);
  gtk_widget_set_visible (self->log_section, FALSE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

/**
 * cb_job_view_tell:
 * @text: what could not be read
 */
void
cb_job_view_tell (CbJobView *self, const char *text)
{
  g_return_if_fail (CB_IS_JOB_VIEW (self));

  set_label (self->notice, text);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), TRUE);
}

void
cb_job_view_set_folded (CbJobView *self, gboolean folded)
{
  g_return_if_fail (CB_IS_JOB_VIEW (self));

  gtk_widget_set_visible (self->back_button, folded);
}

CbLogView *
cb_job_view_get_log (CbJobView *self)
{
  g_return_val_if_fail (CB_IS_JOB_VIEW (self), NULL);

  return self->log;
}

GMenuModel *
cb_job_view_get_menu (CbJobView *self)
{
  g_return_val_if_fail (CB_IS_JOB_VIEW (self), NULL);

  return self->job_menu;
}
