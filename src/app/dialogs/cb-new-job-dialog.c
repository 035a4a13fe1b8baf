/* cb-new-job-dialog.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The form only carries what is typed into a CbJobDraft, which knows what is right; after each key the remarks under the
 * rows are what the draft has to say. A row that nobody has touched yet is not scolded for being empty: it only keeps
 * Create off.
 */

#include "config.h"

#include "cb-new-job-dialog-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-announcer.h"
#include "cb-duration-row.h"
#include "cb-job-draft.h"
#include "cb-json.h"
#include "cb-queue-completion.h"
#include "cb-remark-row.h"
#include "cb-tab-rows.h"

/* What is checked as JSON at each key. Longer text is checked when it has not changed for a moment. */
#define CHECK_AT_ONCE_CHARS 20000
#define CHECK_LATER_MSEC 250

const char * const cb_new_job_priority_names[CB_N_PRIORITY_NAMES] = { "low", "normal", "medium", "high", "critical" };

G_DEFINE_FINAL_TYPE (CbNewJobDialog, cb_new_job_dialog, ADW_TYPE_WINDOW)

enum
{
  CREATED,
  SAVED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const char *
text_of (GtkWidget *editable)
{
  return gtk_editable_get_text (GTK_EDITABLE (editable));
}

static gboolean
is_form (CbNewJobDialog *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->form_button));
}

/* The engine that the job goes to: that of the queue, else the board's default. (transfer none) (nullable) */
static CbEngine *
find_engine (CbNewJobDialog *self)
{
  const char *name = text_of (self->queue_row);
  CbQueue *queue;

  if (self->queue != NULL && g_strcmp0 (cb_queue_get_name (self->queue), name) == 0)
    return cb_queue_get_engine (self->queue);

  queue = cb_board_find (self->board, name, NULL);

  return queue != NULL ? cb_queue_get_engine (queue) : cb_board_get_default_engine (self->board);
}

static void
take_draft (CbNewJobDialog *self, CbJobDraft *draft)
{
  guint priority = adw_combo_row_get_selected (ADW_COMBO_ROW (self->priority_row));

  if (self->data_text == NULL)
    {
      GtkTextIter start, end;

      gtk_text_buffer_get_bounds (self->data_buffer, &start, &end);
      self->data_text = gtk_text_buffer_get_text (self->data_buffer, &start, &end, TRUE);
    }

  *draft = (CbJobDraft) {
    .queue = text_of (self->queue_row),
    .is_notification = is_form (self),
    .recipient = text_of (self->recipient_row),
    .message = text_of (self->message_row),
    .data = self->data_text,
    .priority = priority < CB_N_PRIORITY_NAMES ? cb_new_job_priority_names[priority]
                                                         : text_of (self->priority_number_row),
    .start = adw_combo_row_get_selected (ADW_COMBO_ROW (self->start_row)),
    .delay = cb_duration_row_get_text (CB_DURATION_ROW (self->delay_row)),
    .delay_unit = cb_duration_row_get_unit (CB_DURATION_ROW (self->delay_row)),
    .date = text_of (self->date_entry),
    .time = text_of (self->time_entry),
    .attempts = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->attempts_spin)),
    .backoff = adw_combo_row_get_selected (ADW_COMBO_ROW (self->backoff_row)),
    .backoff_delay = cb_duration_row_get_text (CB_DURATION_ROW (self->backoff_delay_row)),
    .backoff_unit = cb_duration_row_get_unit (CB_DURATION_ROW (self->backoff_delay_row)),
    .ttl = cb_duration_row_get_text (CB_DURATION_ROW (self->ttl_row)),
    .ttl_unit = cb_duration_row_get_unit (CB_DURATION_ROW (self->ttl_row)),
    .remove_on_complete = gtk_switch_get_active (GTK_SWITCH (self->remove_switch)),
  };
}

/* What there is to know about the queue, when its name is fine: whether anybody here will do the job. */
static char *
describe_queue (CbNewJobDialog *self)
{
  const char *name = text_of (self->queue_row);
  CbEngine *engine = find_engine (self);
  CbServedQueue *served;

  if (*name == '\0' || self->serving == NULL || self->edited != NULL)
    return NULL;

  served = cb_serving_find (self->serving, name, engine != NULL ? cb_engine_get_prefix (engine) : NULL);
  if (served != NULL && cb_served_queue_get_enabled (served))
    return NULL;

  if (cb_board_find (self->board, name, NULL) == NULL)
    return g_strdup (_("A new queue, which the built-in worker does not serve. The job waits until a worker takes it."));

  return g_strdup (_("The built-in worker does not serve this queue. The job waits until a worker takes it."));
}

static void
show_remarks (CbNewJobDialog *self, const CbDraftRemarks *remarks)
{
  const char *first_problem = NULL;
  g_autofree char *queue_note = describe_queue (self);

  for (guint i = 0; i < CB_N_DRAFT_FIELDS; i++)
    {
      const char *problem = remarks->problems[i];
      const char *note = i == CB_DRAFT_QUEUE ? queue_note : remarks->notes[i];

      if (first_problem == NULL)
        first_problem = problem;
      cb_remark_row_set (self->remarks[i], self->touched[i] ? problem : NULL, note);
    }

  /* An insensitive button can't say why by itself. */
  if (first_problem == NULL && !cb_new_job_dialog_is_changed (self))
    first_problem = _("Nothing is different yet");
  gtk_widget_set_tooltip_text (self->create_button, first_problem);
}

void
cb_new_job_dialog_check (CbNewJobDialog *self)
{
  g_auto (CbDraftRemarks) remarks = { { NULL } };
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  CbEngine *engine = find_engine (self);
  CbJobDraft draft;

  g_clear_handle_id (&self->check_id, g_source_remove);
  g_clear_pointer (&self->spec, cb_job_spec_free);

  take_draft (self, &draft);
  self->spec = cb_job_draft_check (&draft, engine != NULL ? cb_engine_get_time (engine) : g_get_real_time (), zone,
                                   &remarks);
  show_remarks (self, &remarks);

  gtk_widget_set_visible (self->priority_number_row,
                          adw_combo_row_get_selected (ADW_COMBO_ROW (self->priority_row)) == PRIORITY_NUMBER);
  gtk_widget_set_visible (self->delay_row, draft.start == CB_DRAFT_AFTER_DELAY);
  gtk_widget_set_visible (self->date_row, draft.start == CB_DRAFT_AT_DATE);
  gtk_widget_set_sensitive (self->backoff_row, draft.attempts > 1);
  gtk_widget_set_visible (self->backoff_delay_row,
                          draft.attempts > 1
                            && (draft.backoff == CB_DRAFT_FIXED || draft.backoff == CB_DRAFT_EXPONENTIAL));

  gtk_widget_set_sensitive (self->create_button,
                            self->spec != NULL && !self->busy && cb_new_job_dialog_is_changed (self));
  cb_new_job_dialog_show_difference (self);
}

static void
check_later_cb (gpointer user_data)
{
  CbNewJobDialog *self = user_data;

  self->check_id = 0;
  cb_new_job_dialog_check (self);
}

static void
changed (CbNewJobDialog *self, CbDraftField field)
{
  if (!self->setting)
    self->touched[field] = TRUE;
  cb_new_job_dialog_check (self);
}

static void
changed_cb (CbNewJobDialog *self)
{
  cb_new_job_dialog_check (self);
}

static void
recipient_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_RECIPIENT);
}

static void
message_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_MESSAGE);
}

static void
priority_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_PRIORITY);
}

static void
delay_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_DELAY);
}

static void
date_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_DATE);
}

static void
backoff_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_BACKOFF);
}

static void
ttl_changed_cb (CbNewJobDialog *self)
{
  changed (self, CB_DRAFT_TTL);
}

static void
data_changed_cb (CbNewJobDialog *self)
{
  g_clear_pointer (&self->data_text, g_free);

  if (gtk_text_buffer_get_char_count (self->data_buffer) <= CHECK_AT_ONCE_CHARS)
    {
      changed (self, CB_DRAFT_DATA);
      return;
    }

  if (!self->setting)
    self->touched[CB_DRAFT_DATA] = TRUE;
  gtk_widget_set_sensitive (self->create_button, FALSE);
  g_clear_handle_id (&self->check_id, g_source_remove);
  self->check_id = g_timeout_add_once (CHECK_LATER_MSEC, check_later_cb, self);
}

static void
start_changed_cb (CbNewJobDialog *self)
{
  /* A date to begin with: the next full hour. */
  if (adw_combo_row_get_selected (ADW_COMBO_ROW (self->start_row)) == CB_DRAFT_AT_DATE
      && *text_of (self->date_entry) == '\0' && *text_of (self->time_entry) == '\0')
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();
      g_autoptr (GDateTime) next = g_date_time_add_hours (now, 1);
      g_autofree char *date = g_date_time_format (next, "%Y-%m-%d");
      g_autofree char *time = g_date_time_format (next, "%H:00");

      self->setting = TRUE;
      gtk_editable_set_text (GTK_EDITABLE (self->date_entry), date);
      gtk_editable_set_text (GTK_EDITABLE (self->time_entry), time);
      self->setting = FALSE;
    }

  cb_new_job_dialog_check (self);
}

static void
day_selected_cb (CbNewJobDialog *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (GTK_CALENDAR (self->calendar));
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");

  gtk_editable_set_text (GTK_EDITABLE (self->date_entry), date);
  gtk_popover_popdown (GTK_POPOVER (self->calendar_popover));
}

/* --- notification or JSON --- */

static gboolean
has_focus_within (CbNewJobDialog *self, GtkWidget *widget)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

void
cb_new_job_dialog_set_data (CbNewJobDialog *self, const char *text)
{
  gboolean setting = self->setting;

  self->setting = TRUE;
  gtk_text_buffer_set_text (self->data_buffer, text, -1);
  self->setting = setting;
}

void
cb_new_job_dialog_set_form (CbNewJobDialog *self, gboolean form)
{
  gboolean setting = self->setting;

  self->setting = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (form ? self->form_button : self->json_button), TRUE);
  self->setting = setting;
}

/* What was typed on one side is carried to the other where that loses nothing. */
static void
mode_toggled_cb (CbNewJobDialog *self)
{
  CbJobDraft draft;

  if (!self->setting)
    self->mode_chosen = TRUE;

  take_draft (self, &draft);

  if (is_form (self))
    {
      g_autofree char *recipient = NULL, *message = NULL;

      if (cb_is_notification_data (draft.data, -1, &recipient, &message))
        {
          self->setting = TRUE;
          gtk_editable_set_text (GTK_EDITABLE (self->recipient_row), recipient);
          gtk_editable_set_text (GTK_EDITABLE (self->message_row), message);
          self->setting = FALSE;
        }
    }
  else if ((*draft.recipient != '\0' || *draft.message != '\0')
           && (*draft.data == '\0' || cb_is_notification_data (draft.data, -1, NULL, NULL)))
    {
      g_autofree char *data = NULL, *pretty = NULL;

      draft.is_notification = TRUE;
      data = cb_job_draft_dup_data (&draft);
      pretty = cb_json_pretty (data, -1);
      cb_new_job_dialog_set_data (self, pretty);
    }
  else if (*draft.data == '\0')
    {
      GtkTextIter inside;

      cb_new_job_dialog_set_data (self, "{\n  \n}");
      gtk_text_buffer_get_iter_at_line_offset (self->data_buffer, &inside, 1, 2);
      gtk_text_buffer_place_cursor (self->data_buffer, &inside);
    }

  /* The field that had the focus is gone, but not when it is the queue that is being typed. */
  if (self->mode_chosen || !has_focus_within (self, self->queue_row))
    gtk_widget_grab_focus (is_form (self) ? self->recipient_row : self->data_view);

  cb_new_job_dialog_check (self);
}

static void
got_newest_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  CbNewJobDialog *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (CbJobPage) page = cb_engine_page_finish (CB_ENGINE (source), result, &error);
  CbJobRecord *record;

  /* Cancelled also when the dialog is gone: nothing of it may be touched then. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->shape_cancellable);
  if (page == NULL || page->records->len == 0 || self->mode_chosen)
    return;

  record = g_ptr_array_index (page->records, 0);
  if (record->data != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (record->data, &length);

      cb_new_job_dialog_set_form (self, data != NULL && cb_is_notification_data (data, length, NULL, NULL));
    }
}

/* A queue is one of notifications by its name, or by the shape of the newest job in it. */
static void
guess_mode (CbNewJobDialog *self)
{
  const char *name = text_of (self->queue_row);
  CbQueue *queue = cb_board_find (self->board, name, NULL);

  if (self->shape_cancellable != NULL)
    g_cancellable_cancel (self->shape_cancellable);
  g_clear_object (&self->shape_cancellable);

  if (self->mode_chosen)
    return;

  if (*name == '\0' || cb_is_notification_queue (name))
    cb_new_job_dialog_set_form (self, TRUE);
  else if (queue != NULL)
    {
      self->shape_cancellable = g_cancellable_new ();
      cb_engine_page_async (cb_queue_get_engine (queue), name, NULL, 0, 1, TRUE, self->shape_cancellable,
                            got_newest_cb, self);
    }
  else
    cb_new_job_dialog_set_form (self, FALSE);
}

static void
queue_changed_cb (CbNewJobDialog *self)
{
  guess_mode (self);
  changed (self, CB_DRAFT_QUEUE);
}

static void
show_queues_cb (CbNewJobDialog *self)
{
  cb_queue_completion_show_all (CB_QUEUE_COMPLETION (self->completion));
}

/* --- creating --- */

void
cb_new_job_dialog_set_busy (CbNewJobDialog *self, gboolean busy)
{
  self->busy = busy;
  gtk_widget_set_sensitive (self->form, !busy);
  gtk_widget_set_sensitive (self->create_button, !busy && self->spec != NULL);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
}

void
cb_new_job_dialog_show_error (CbNewJobDialog *self, const char *message)
{
  if (message != NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->error_label), message);
      cb_announce (GTK_WIDGET (self), message, FALSE);
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->error_revealer), message != NULL);
}

GWeakRef *
cb_new_job_dialog_weak (CbNewJobDialog *self)
{
  GWeakRef *weak = g_new (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

CbNewJobDialog *
cb_new_job_dialog_take_weak (GWeakRef *weak)
{
  CbNewJobDialog *self = g_weak_ref_get (weak);

  g_weak_ref_clear (weak);
  g_free (weak);

  return self;
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbNewJobDialog) self = cb_new_job_dialog_take_weak (user_data);
  CbEngine *engine = CB_ENGINE (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = cb_engine_create_finish (engine, result, &error);

  /* Gone with its window: there is nobody left to tell. */
  if (self == NULL)
    return;

  if (ids != NULL)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_auto (GStrv) strv = NULL;

      for (guint i = 0; i < ids->len; i++)
        g_strv_builder_add (builder, g_ptr_array_index (ids, i));
      strv = g_strv_builder_end (builder);

      g_signal_emit (self, signals[CREATED], 0, engine, self->spec->queue, strv);
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }

  cb_new_job_dialog_set_busy (self, FALSE);
  cb_new_job_dialog_show_error (self, error->message);
  /* What was typed is still here, also when it was closed meanwhile. */
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_window_present (GTK_WINDOW (self));
}

static void
create_cb (CbNewJobDialog *self)
{
  CbEngine *engine;
  g_autoptr (GPtrArray) specs = NULL;
  guint count;

  if (self->busy)
    return;

  /* A number may still be half typed, and a date that was to come may have passed. */
  gtk_spin_button_update (GTK_SPIN_BUTTON (self->attempts_spin));
  gtk_spin_button_update (GTK_SPIN_BUTTON (self->count_spin));
  cb_new_job_dialog_check (self);
  if (self->spec == NULL)
    {
      self->touched[CB_DRAFT_DATE] = TRUE;
      cb_new_job_dialog_check (self);
      return;
    }

  if (self->edited != NULL)
    {
      cb_new_job_dialog_save (self);
      return;
    }

  engine = find_engine (self);
  if (engine == NULL)
    {
      cb_new_job_dialog_show_error (self, _("There is no connection to a server yet."));
      return;
    }

  count = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->count_spin));
  specs = g_ptr_array_new_with_free_func ((GDestroyNotify) cb_job_spec_free);
  for (guint i = 0; i < count; i++)
    g_ptr_array_add (specs, cb_job_spec_copy (self->spec));

  cb_new_job_dialog_show_error (self, NULL);
  cb_new_job_dialog_set_busy (self, TRUE);
  cb_engine_create_async (engine, specs, NULL, created_cb, cb_new_job_dialog_weak (self));
}

/* While jobs are being created it only hides: destroyed, it could tell neither that they were nor why they could not be. */
static gboolean
cb_new_job_dialog_close_request (GtkWindow *window)
{
  if (CB_NEW_JOB_DIALOG (window)->busy)
    {
      gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
      return TRUE;
    }

  return GTK_WINDOW_CLASS (cb_new_job_dialog_parent_class)->close_request (window);
}

static void
cb_new_job_dialog_dispose (GObject *object)
{
  CbNewJobDialog *self = CB_NEW_JOB_DIALOG (object);

  g_clear_handle_id (&self->check_id, g_source_remove);
  if (self->shape_cancellable != NULL)
    g_cancellable_cancel (self->shape_cancellable);
  g_clear_object (&self->shape_cancellable);
  g_clear_pointer (&self->completion, gtk_widget_unparent);
  g_clear_object (&self->board);
  g_clear_object (&self->serving);
  g_clear_object (&self->queue);
  g_clear_object (&self->edit_engine);
  g_clear_object (&self->edit_journal);

  G_OBJECT_CLASS (cb_new_job_dialog_parent_class)->dispose (object);
}

static void
cb_new_job_dialog_finalize (GObject *object)
{
  CbNewJobDialog *self = CB_NEW_JOB_DIALOG (object);

  g_clear_pointer (&self->spec, cb_job_spec_free);
  g_clear_pointer (&self->baseline, cb_job_spec_free);
  g_clear_pointer (&self->edited, cb_job_record_unref);
  g_clear_pointer (&self->like, cb_job_record_unref);
  g_free (self->data_text);

  G_OBJECT_CLASS (cb_new_job_dialog_parent_class)->finalize (object);
}

static void
cb_new_job_dialog_class_init (CbNewJobDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char * const remarks[CB_N_DRAFT_FIELDS]
    = { "queue_remark", "recipient_remark", "message_remark", "data_remark", "priority_remark",
        "delay_remark", "date_remark", "backoff_remark", "ttl_remark" };

  object_class->dispose = cb_new_job_dialog_dispose;
  object_class->finalize = cb_new_job_dialog_finalize;
  GTK_WINDOW_CLASS (klass)->close_request = cb_new_job_dialog_close_request;

  signals[CREATED] = g_signal_new ("created", CB_TYPE_NEW_JOB_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 3, CB_TYPE_ENGINE, G_TYPE_STRING, G_TYPE_STRV);

  signals[SAVED] = g_signal_new ("saved", CB_TYPE_NEW_JOB_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 CB_TYPE_BULK);

  g_type_ensure (CB_TYPE_DURATION_ROW);
  g_type_ensure (CB_TYPE_REMARK_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/callboard/Callboard/ui/cb-new-job-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, queue_group);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, count_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, create_button);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, error_revealer);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, form);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, queue_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, form_button);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, json_button);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, recipient_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, message_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, data_view);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, data_buffer);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, more_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, priority_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, priority_number_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, start_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, delay_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, date_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, date_entry);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, time_entry);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, calendar);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, calendar_popover);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, attempts_spin);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, backoff_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, backoff_delay_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, ttl_row);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, remove_switch);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, count_spin);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, difference_box);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, difference_note);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, difference_scroller);
  gtk_widget_class_bind_template_child (widget_class, CbNewJobDialog, difference_view);
  for (guint i = 0; i < CB_N_DRAFT_FIELDS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, remarks[i], FALSE,
                                               G_STRUCT_OFFSET (CbNewJobDialog, remarks)
                                                 + (gssize) (i * sizeof (CbRemarkRow *)));

  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, queue_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_queues_cb);
  gtk_widget_class_bind_template_callback (widget_class, mode_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, recipient_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, message_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, data_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, priority_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, delay_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, date_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, day_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, backoff_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, ttl_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
}

static void
cb_new_job_dialog_init (CbNewJobDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_tab_through_rows (self->form);
}

/**
 * cb_new_job_dialog_new:
 * @serving: (nullable): to tell whether anybody will take the job
 * @queue: (nullable): the queue to begin with; without it, the only one there is, or that of the samples
 *
 * Shows it with gtk_window_present().
 */
CbNewJobDialog *
cb_new_job_dialog_new (GtkWindow *parent, CbBoard *board, CbServing *serving, CbQueue *queue)
{
  CbNewJobDialog *self = g_object_new (CB_TYPE_NEW_JOB_DIALOG, "transient-for", parent, NULL);
  g_autoptr (CbQueue) only = NULL;
  const char *name = CB_SERVING_SAMPLE_QUEUE;

  self->board = g_object_ref (board);
  g_set_object (&self->serving, serving);
  g_set_object (&self->queue, queue);

  if (queue == NULL && g_list_model_get_n_items (G_LIST_MODEL (board)) == 1)
    queue = only = g_list_model_get_item (G_LIST_MODEL (board), 0);
  if (queue != NULL && g_utf8_validate (cb_queue_get_name (queue), -1, NULL))
    name = cb_queue_get_name (queue);

  self->completion = cb_queue_completion_new (GTK_EDITABLE (self->queue_row), G_LIST_MODEL (board));

  self->setting = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->queue_row), name);
  self->setting = FALSE;
  cb_new_job_dialog_check (self);
  gtk_window_set_focus (GTK_WINDOW (self), is_form (self) ? self->recipient_row : self->data_view);

  return self;
}

/* Told by cb-edit-job.c; @bulk (nullable) is what can be undone. */
void
cb_new_job_dialog_saved (CbNewJobDialog *self, CbBulk *bulk)
{
  g_signal_emit (self, signals[SAVED], 0, bulk);
  gtk_window_destroy (GTK_WINDOW (self));
}
