/* cb-job-difference.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-new-job-dialog-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-diff-text.h"
#include "cb-format.h"
#include "cb-json.h"

/*
 * How the job that would be created differs from the one that the form was filled with. Both are written as JSON in the same order, a
 * member a line, and the lines are compared.
 */

/* At each key; more data than this are not set out and compared. */
#define MAX_COMPARED (64 * 1024)

static void
write_number (CbJsonWriter *writer, const char *name, gint64 number)
{
  if (number <= 0)
    return;

  cb_json_writer_name (writer, name);
  cb_json_writer_int (writer, number);
}

static void
write_bytes (CbJsonWriter *writer, const char *name, const char *text, gsize length)
{
  cb_json_writer_name (writer, name);
  cb_json_writer_raw (writer, text != NULL ? text : "", (gssize) length);
}

static char *
to_text (const CbJobSpec *spec)
{
  g_autoptr (CbJsonWriter) writer = cb_json_writer_new ();
  g_autofree char *due = spec->due_at > 0 ? cb_format_exact (spec->due_at) : NULL;
  g_autofree char *json = NULL;
  g_autofree char *pretty = NULL;
  gsize length = 0;
  const char *data = spec->data != NULL ? g_bytes_get_data (spec->data, &length) : NULL;

  cb_json_writer_begin_object (writer);
  cb_json_writer_name (writer, "type");
  cb_json_writer_string (writer, spec->queue != NULL ? spec->queue : "", -1);
  if (spec->data != NULL)
    write_bytes (writer, "data", data, length);
  cb_json_writer_name (writer, "priority");
  if (isnan (spec->priority))
    cb_json_writer_null (writer);
  else
    cb_json_writer_double (writer, spec->priority);
  write_number (writer, "delay", spec->delay_msec);
  if (due != NULL)
    write_bytes (writer, "due", due, strlen (due));
  cb_json_writer_name (writer, "attempts");
  cb_json_writer_int (writer, spec->attempts);
  if (spec->backoff != NULL)
    write_bytes (writer, "backoff", spec->backoff, strlen (spec->backoff));
  write_number (writer, "ttl", spec->ttl_msec);
  if (spec->remove_on_complete)
    {
      cb_json_writer_name (writer, "removeOnComplete");
      cb_json_writer_boolean (writer, TRUE);
    }
  cb_json_writer_end_object (writer);

  json = cb_json_writer_steal (writer);
  pretty = cb_json_pretty (json, -1);
  return cb_text_display (pretty, -1, FALSE);
}

/* What @job was made of, also where no job could be made of that any more. */
static CbJobSpec *
create_spec (CbJobRecord *job)
{
  CbJobSpec *spec = cb_job_spec_new (job->queue, job->data);

  if (job->data == NULL)
    g_clear_pointer (&spec->data, g_bytes_unref);
  spec->priority = job->priority;
  spec->delay_msec = MAX (job->delay, 0) / 1000;
  spec->attempts = MAX (job->attempts_max, 1);
  spec->backoff = g_strdup (job->backoff);
  spec->ttl_msec = MAX (job->ttl, 0) / 1000;
  spec->remove_on_complete = job->remove_on_complete;
  return spec;
}

static gsize
get_size (GBytes *bytes)
{
  return bytes != NULL ? g_bytes_get_size (bytes) : 0;
}

/* Shown as long as another job is being made of one that is there. */
void
cb_new_job_dialog_show_difference (CbNewJobDialog *self)
{
  gboolean is_shown = self->like != NULL;
  gboolean has_text = FALSE;
  g_autofree char *note = NULL;

  gtk_widget_set_visible (self->difference_box, is_shown);
  if (!is_shown)
    return;

  if (self->spec == NULL)
    {
      note = g_strdup (_ ("What is different is shown when everything is filled in right."));
    }
  else if (MAX (get_size (self->like->data), get_size (self->spec->data)) > MAX_COMPARED)
    {
      note = g_strdup (_ ("More than 64 KiB of data are not compared."));
    }
  else
    {
      g_autoptr (CbJobSpec) old = create_spec (self->like);
      g_autofree char *before = to_text (old);
      g_autofree char *after = to_text (self->spec);

      has_text = cb_diff_text_fill (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->difference_view)), self->difference_view, before,
                                    after, 1) > 0;
      /* Translators: %s is the number of a job */
      note = g_strdup_printf (has_text ? _ ("Different from job %s, which stays as it is") : _ ("The same as job %s, which stays as it is"),
                              self->like->id);
    }
  gtk_label_set_label (GTK_LABEL (self->difference_note), note);
  gtk_widget_set_visible (self->difference_scroller, has_text);
}
