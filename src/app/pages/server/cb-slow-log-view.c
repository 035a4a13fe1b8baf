/* cb-slow-log-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-slow-log-view.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-setting-dialog.h"
#include "cb-slow-log.h"

#define THRESHOLD "slowlog-log-slower-than"

static const CbServerColumn columns[] = {
  { N_ ("Time"), TRUE, FALSE, 0 },
  { N_ ("Duration"), TRUE, FALSE, 80 },
  { N_ ("Command"), FALSE, TRUE, 200 },
  { N_ ("Client"), FALSE, FALSE, 90 },
  { N_ ("Name"), FALSE, FALSE, 80 },
};

struct _CbSlowLogView
{
  CbServerView parent_instance;

  GtkWidget *threshold_button;
  GtkWidget *clear_button;
  char *threshold;                /* (owned) (nullable) as the server has it */
  gint64 length;                  /* -1 unknown */
};

G_DEFINE_FINAL_TYPE (CbSlowLogView, cb_slow_log_view, CB_TYPE_SERVER_VIEW)

static CbPipeline *
cb_slow_log_view_ask (CbServerView *view)
{
  CbPipeline *pipeline = cb_pipeline_new ();

  cb_pipeline_add (pipeline, cb_command_add_int (cb_command_new ("SLOWLOG", "GET", NULL), CB_SLOW_LOG_LENGTH));
  cb_pipeline_add (pipeline, cb_command_new ("SLOWLOG", "LEN", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "GET", THRESHOLD, NULL));
  return pipeline;
}

static void
update_rights (CbServerView *view)
{
  CbSlowLogView *self = CB_SLOW_LOG_VIEW (view);

  cb_server_set_refusal (self->threshold_button,
                         self->threshold == NULL ? _ ("The setting can’t be read.")
                                                 : cb_server_view_get_refusal (view, CB_SERVER_RIGHT_CONFIG_SET),
                         _ ("Say from how long on a command is remembered"));
  cb_server_set_refusal (self->clear_button, cb_server_view_get_refusal (view, CB_SERVER_RIGHT_SLOWLOG_RESET),
                         _ ("Forget all slow commands"));
}

static char *
describe (CbSlowLogView *self)
{
  gint64 usec = self->threshold != NULL ? g_ascii_strtoll (self->threshold, NULL, 10) : 0;
  g_autofree char *duration = cb_format_duration (usec);
  g_autofree char *length = cb_format_exact_count (self->length);

  if (self->threshold == NULL)
    return g_strdup (_ ("The server remembers commands that took long. From how long on is not known."));
  if (usec < 0)
    return g_strdup (_ ("The slow log is off (slowlog-log-slower-than is negative): nothing is remembered. Set a threshold to switch it on."));
  if (usec == 0)
    return g_strdup (_ ("Every command is remembered, as slowlog-log-slower-than is 0."));
  if (self->length > CB_SLOW_LOG_LENGTH)
    /* Translators: a duration, a number of commands */
    return g_strdup_printf (_ ("Commands that took longer than %s by themselves, without waiting for the network. The last 128 of %s are shown."),
                            duration, length);
  /* Translators: a duration */
  return g_strdup_printf (_ ("Commands that took longer than %s by themselves, without waiting for the network."), duration);
}

static void
cb_slow_log_view_take (CbServerView *view, GPtrArray *replies)
{
  CbSlowLogView *self = CB_SLOW_LOG_VIEW (view);
  CbServerPanel *panel = cb_server_view_get_panel (view);
  const CbValue *threshold = cb_value_get_field (cb_reply_get_value (g_ptr_array_index (replies, 2)), THRESHOLD);
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *note = NULL;
  GPtrArray *rows;

  if (cb_server_view_is_refused (view, "SLOWLOG GET", g_ptr_array_index (replies, 0)))
    return;

  g_free (self->threshold);
  self->threshold = g_strdup (cb_value_get_string (threshold, NULL));
  self->length = -1;
  cb_value_get_integer (cb_reply_get_value (g_ptr_array_index (replies, 1)), &self->length);
  update_rights (view);

  entries = cb_slow_log_parse (cb_reply_get_value (g_ptr_array_index (replies, 0)));
  rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < entries->len; i++)
    {
      const CbSlowEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, entry->id, entry->time);
      CbServerRow *row = cb_server_row_new (key);
      char *time = cb_direction_take (cb_format_clock (entry->time, g_get_real_time ()));
      char *dot = strrchr (time, '.');

      /* The server knows seconds only. */
      if (dot != NULL)
        *dot = '\0';
      cb_server_row_take_text (row, 0, time, (double) entry->time);
      cb_server_row_take_text (row, 1, cb_format_duration (entry->duration), (double) entry->duration);
      cb_server_row_take_text (row, 2, g_strdup (entry->command), 0);
      cb_server_row_take_text (row, 3, g_strdup (entry->client), 0);
      cb_server_row_take_text (row, 4, g_strdup (entry->client_name), 0);
      g_ptr_array_add (rows, row);
    }
  note = describe (self);
  cb_server_panel_set_note (panel, note);
  cb_server_panel_take_rows (panel, rows);
}

static void
threshold_cb (CbSlowLogView *self)
{
  cb_setting_dialog_present (CB_SERVER_VIEW (self), THRESHOLD, self->threshold,
                             _ ("In microseconds: 10000 are 10 ms. 0 remembers every command, a negative number none."));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbServerView *view = CB_SERVER_VIEW (source);

  if (cb_ask_finish (GTK_WIDGET (source), result))
    cb_server_view_run (view, cb_command_new ("SLOWLOG", "RESET", NULL), _ ("The slow log is empty"));
}

static void
clear_cb (CbSlowLogView *self)
{
  cb_ask_async (GTK_WIDGET (self), _ ("Clear the Slow Log?"),
                _ ("The server forgets which commands were slow, for everybody. This can’t be undone."), _ ("_Clear"), TRUE, NULL,
                answered_cb, NULL);
}

static void
cb_slow_log_view_finalize (GObject *object)
{
  g_free (CB_SLOW_LOG_VIEW (object)->threshold);

  G_OBJECT_CLASS (cb_slow_log_view_parent_class)->finalize (object);
}

static void
cb_slow_log_view_class_init (CbSlowLogViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_slow_log_view_finalize;
  CB_SERVER_VIEW_CLASS (klass)->interval_msec = 2000;
  CB_SERVER_VIEW_CLASS (klass)->ask = cb_slow_log_view_ask;
  CB_SERVER_VIEW_CLASS (klass)->take = cb_slow_log_view_take;
  CB_SERVER_VIEW_CLASS (klass)->update_rights = update_rights;
}

static void
cb_slow_log_view_init (CbSlowLogView *self)
{
  CbServerPanel *panel =
    cb_server_panel_new (columns, G_N_ELEMENTS (columns), _ ("Slow Commands"), _ ("No command was slow."));

  self->length = -1;
  self->threshold_button = cb_server_panel_add_button (panel, _ ("Threshold…"), G_CALLBACK (threshold_cb), self);
  self->clear_button = cb_server_panel_add_button (panel, _ ("Clear…"), G_CALLBACK (clear_cb), self);
  cb_server_view_set_panel (CB_SERVER_VIEW (self), panel);
  update_rights (CB_SERVER_VIEW (self));
}
