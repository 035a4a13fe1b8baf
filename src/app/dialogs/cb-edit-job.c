/* cb-edit-job.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-new-job-dialog-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-acting.h"
#include "cb-duration-row.h"
#include "cb-json.h"

/*
 * The form of a new job with one that is there: to make another one like it, or to change it. What is changed is what the form makes of
 * the job now and did not make of it before anything was typed, so that nothing is written that nobody has touched.
 */

/* The back-off is text in the job. One that the form has no words for (a function) stays unless another is chosen. */
static void
fill_backoff (CbNewJobDialog *self, const char *backoff)
{
  CbDraftBackoff kind = CB_DRAFT_NO_BACKOFF;
  const char *delay = backoff != NULL ? strstr (backoff, "\"delay\":") : NULL;

  if (backoff == NULL)
    return;

  if (strcmp (backoff, "true") == 0)
    kind = CB_DRAFT_SAME_AS_DELAY;
  else if (strstr (backoff, "\"exponential\"") != NULL)
    kind = CB_DRAFT_EXPONENTIAL;
  else if (strstr (backoff, "\"fixed\"") != NULL)
    kind = CB_DRAFT_FIXED;
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->backoff_row), kind);

  if (delay != NULL && kind != CB_DRAFT_NO_BACKOFF)
    cb_duration_row_set_duration (CB_DURATION_ROW (self->backoff_delay_row),
                                  g_ascii_strtoll (delay + strlen ("\"delay\":"), NULL, 10));
}

/**
 * cb_new_job_dialog_fill:
 * @job: a job to make another one of
 *
 * Fills in what @job was made of, all but its delay: data, priority, attempts, back-off, time to live. What is different
 * from @job is shown from then on.
 */
void
cb_new_job_dialog_fill (CbNewJobDialog *self, CbJobRecord *job)
{
  g_autofree char *priority = NULL;
  g_autofree char *recipient = NULL, *message = NULL;
  const char *data = NULL;
  gsize length = 0;
  guint i;

  self->setting = TRUE;
  if (job->data != NULL)
    data = g_bytes_get_data (job->data, &length);

  if (data != NULL && cb_is_notification_data (data, length, &recipient, &message))
    {
      gtk_editable_set_text (GTK_EDITABLE (self->recipient_row), recipient);
      gtk_editable_set_text (GTK_EDITABLE (self->message_row), message);
      cb_new_job_dialog_set_form (self, TRUE);
    }
  else if (data != NULL)
    {
      g_autofree char *text = cb_json_check (data, length, NULL) ? cb_json_pretty (data, length)
                                                                 : cb_text_display (data, length, FALSE);

      cb_new_job_dialog_set_data (self, text);
      cb_new_job_dialog_set_form (self, FALSE);
    }
  self->mode_chosen = TRUE;

  priority = cb_job_priority_to_text (job->priority);
  for (i = 0; i < CB_N_PRIORITY_NAMES; i++)
    if (g_strcmp0 (cb_job_priority_get_name (job->priority), cb_new_job_priority_names[i]) == 0)
      break;
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->priority_row), i);
  gtk_editable_set_text (GTK_EDITABLE (self->priority_number_row), priority);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->attempts_spin), MAX (job->attempts_max, 1));
  fill_backoff (self, job->backoff);
  if (job->ttl > 0)
    cb_duration_row_set_duration (CB_DURATION_ROW (self->ttl_row), job->ttl / 1000);
  gtk_switch_set_active (GTK_SWITCH (self->remove_switch), job->remove_on_complete);
  self->setting = FALSE;
  if (self->edited == NULL)
    self->like = cb_job_record_ref (job);
  cb_new_job_dialog_check (self);
}

/* When a delayed job is due, as a date: a delay would begin anew. */
static void
fill_due (CbNewJobDialog *self, gint64 due)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (due / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
  g_autofree char *date = local != NULL ? g_date_time_format (local, "%Y-%m-%d") : NULL;
  g_autofree char *time = local != NULL ? g_date_time_format (local, "%H:%M") : NULL;

  if (date == NULL || due <= cb_engine_get_time (self->edit_engine))
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->date_entry), date);
  gtk_editable_set_text (GTK_EDITABLE (self->time_entry), time);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->start_row), CB_DRAFT_AT_DATE);
}

/**
 * cb_new_job_dialog_edit:
 * @engine: whose job it is
 * @journal: (nullable): where it is written down to be undone, where @engine can do that
 * @job: the job as it is shown; nothing is changed when somebody else has changed it meanwhile
 *
 * From now on it is that job that is changed, and no new one is made.
 */
void
cb_new_job_dialog_edit (CbNewJobDialog *self, CbEngine *engine, CbJournal *journal, CbJobRecord *job)
{
  g_autofree char *title = g_strdup_printf (_("Edit Job %s"), job->id);

  g_return_if_fail (CB_IS_NEW_JOB_DIALOG (self));
  g_return_if_fail (self->edited == NULL);

  self->edit_engine = g_object_ref (engine);
  if ((cb_engine_get_capabilities (engine) & CB_ENGINE_CAN_UNDO) != 0)
    g_set_object (&self->edit_journal, journal);
  self->edited = cb_job_record_ref (job);

  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_button_set_label (GTK_BUTTON (self->create_button), _("Save"));
  gtk_widget_set_visible (self->queue_group, FALSE);
  gtk_widget_set_visible (self->count_row, FALSE);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->more_row), TRUE);

  cb_new_job_dialog_fill (self, job);
  self->setting = TRUE;
  if (job->meaning == CB_JOB_MEANING_DELAYED && job->promote_at > 0)
    fill_due (self, job->promote_at);
  self->setting = FALSE;

  cb_new_job_dialog_check (self);
  self->baseline = self->spec != NULL ? cb_job_spec_copy (self->spec) : NULL;
  cb_new_job_dialog_check (self);
}

static gboolean
equal_bytes (GBytes *a, GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

static CbJobChangeFlags
get_changes (CbNewJobDialog *self)
{
  const CbJobSpec *old = self->baseline;
  const CbJobSpec *new = self->spec;
  CbJobChangeFlags which = 0;

  if (new == NULL)
    return 0;
  /* What could not be understood before is replaced. */
  if (old == NULL)
    return CB_JOB_CHANGE_DATA | CB_JOB_CHANGE_PRIORITY | CB_JOB_CHANGE_ATTEMPTS;

  if (!equal_bytes (old->data, new->data))
    which |= CB_JOB_CHANGE_DATA;
  if (old->priority != new->priority)
    which |= CB_JOB_CHANGE_PRIORITY;
  if (old->attempts != new->attempts)
    which |= CB_JOB_CHANGE_ATTEMPTS;
  if (old->delay_msec != new->delay_msec || old->due_at != new->due_at)
    which |= CB_JOB_CHANGE_DELAY;
  if (old->ttl_msec != new->ttl_msec)
    which |= CB_JOB_CHANGE_TTL;
  if (g_strcmp0 (old->backoff, new->backoff) != 0)
    which |= CB_JOB_CHANGE_BACKOFF;
  if (old->remove_on_complete != new->remove_on_complete)
    which |= CB_JOB_CHANGE_REMOVE_ON_COMPLETE;

  return which;
}

gboolean
cb_new_job_dialog_is_changed (CbNewJobDialog *self)
{
  return self->edited == NULL || get_changes (self) != 0;
}

/* What was typed stays, so that it can be tried again. */
static void
refuse (CbNewJobDialog *self, const char *message)
{
  cb_new_job_dialog_set_busy (self, FALSE);
  cb_new_job_dialog_show_error (self, message);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_window_present (GTK_WINDOW (self));
}

static void
bulk_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbNewJobDialog) self = cb_new_job_dialog_take_weak (user_data);
  CbBulk *bulk = CB_BULK (source);
  g_autoptr (GError) error = NULL;
  const char *message = NULL;

  cb_bulk_run_finish (bulk, result, &error);
  /* Gone with its window: there is nobody left to tell. */
  if (self == NULL)
    return;

  if (cb_bulk_get_n (bulk, CB_BULK_DONE) > 0)
    {
      cb_new_job_dialog_saved (self, bulk);
      return;
    }

  cb_bulk_get_outcome (bulk, 0, NULL, NULL, &message);
  refuse (self, error != NULL ? error->message : message != NULL ? message : _("The job was not changed."));
}

static void
updated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (CbNewJobDialog) self = cb_new_job_dialog_take_weak (user_data);
  g_autoptr (GError) error = NULL;
  gboolean done = cb_engine_update_finish (CB_ENGINE (source), result, NULL, &error);

  if (self == NULL)
    return;

  if (done)
    cb_new_job_dialog_saved (self, NULL);
  else
    refuse (self, error->message);
}

void
cb_new_job_dialog_save (CbNewJobDialog *self)
{
  g_autoptr (CbJobChanges) changes = cb_job_changes_new ();
  const CbJobSpec *spec = self->spec;

  changes->which = get_changes (self);
  if (changes->which == 0)
    return;

  changes->data = spec->data != NULL ? g_bytes_ref (spec->data) : NULL;
  changes->priority = spec->priority;
  changes->attempts = spec->attempts;
  changes->delay_msec = spec->delay_msec;
  changes->due_at = spec->due_at;
  changes->ttl_msec = spec->ttl_msec;
  changes->backoff = g_strdup (spec->backoff);
  changes->remove_on_complete = spec->remove_on_complete;

  cb_new_job_dialog_show_error (self, NULL);
  cb_new_job_dialog_set_busy (self, TRUE);
  if (!cb_acting_is_there (self->edit_engine))
    {
      refuse (self, _("Not connected: nothing was done"));
    }
  else if (self->edit_journal != NULL)
    {
      g_autoptr (CbDeed) deed = cb_deed_new_update (changes);
      g_autoptr (CbBulk) bulk = cb_bulk_new (self->edit_engine, self->edit_journal, deed);

      cb_bulk_add_record (bulk, self->edited);
      cb_bulk_run_async (bulk, NULL, bulk_cb, cb_new_job_dialog_weak (self));
    }
  else
    {
      cb_engine_update_async (self->edit_engine, self->edited->id, changes, self->edited, NULL, updated_cb,
                              cb_new_job_dialog_weak (self));
    }
}
