/* cb-latency-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-latency-view.h"

#include <glib/gi18n.h>

#include "cb-ask.h"
#include "cb-chart-card.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-latency.h"
#include "cb-setting-dialog.h"

#define THRESHOLD "latency-monitor-threshold"
#define LONGEST_ADVICE 16384
#define MOST_SHOWN 20
#define MOST_STEPS 160

static const CbServerColumn columns[] = {
  { N_ ("Event"), FALSE, TRUE, 160 },
  { N_ ("Last Time"), TRUE, FALSE, 100 },
  { N_ ("Last"), TRUE, FALSE, 80 },
  { N_ ("Longest"), TRUE, FALSE, 80 },
};

struct _CbLatencyView
{
  CbServerView parent_instance;

  GtkWidget *threshold_button;
  GtkWidget *reset_button;
  CbChartCard *chart;
  CbChartSeries series[1];
  GtkLabel *history;
  GtkLabel *advice;
  char *threshold;                /* (owned) (nullable) as the server has it */
  char *event;                    /* (owned) (nullable) whose history is asked for */
};

G_DEFINE_FINAL_TYPE (CbLatencyView, cb_latency_view, CB_TYPE_SERVER_VIEW)

static char *
format_seconds (double value)
{
  return cb_format_duration ((gint64) (value * G_USEC_PER_SEC));
}

static CbPipeline *
cb_latency_view_ask (CbServerView *view)
{
  CbLatencyView *self = CB_LATENCY_VIEW (view);
  CbServerRow *row = cb_server_panel_get_selected (cb_server_view_get_panel (view));
  CbPipeline *pipeline = cb_pipeline_new ();

  g_free (self->event);
  self->event = row != NULL ? g_strdup (cb_server_row_get_key (row)) : NULL;
  cb_pipeline_add (pipeline, cb_command_new ("LATENCY", "LATEST", NULL));
  cb_pipeline_add (pipeline, cb_command_new ("CONFIG", "GET", THRESHOLD, NULL));
  cb_pipeline_add (pipeline, cb_command_new ("MEMORY", "DOCTOR", NULL));
  if (self->event != NULL)
    cb_pipeline_add (pipeline, cb_command_new ("LATENCY", "HISTORY", self->event, NULL));
  return pipeline;
}

static void
update_rights (CbServerView *view)
{
  CbLatencyView *self = CB_LATENCY_VIEW (view);

  cb_server_set_refusal (self->threshold_button,
                         self->threshold == NULL ? _ ("The setting can’t be read.")
                                                 : cb_server_view_get_refusal (view, CB_SERVER_RIGHT_CONFIG_SET),
                         _ ("Say from how long on something is recorded"));
  cb_server_set_refusal (self->reset_button, cb_server_view_get_refusal (view, CB_SERVER_RIGHT_LATENCY_RESET),
                         _ ("Forget what took long: of the event that is chosen, or of all"));
}

static char *
describe (CbLatencyView *self)
{
  gint64 msec = self->threshold != NULL ? g_ascii_strtoll (self->threshold, NULL, 10) : -1;
  g_autofree char *duration = cb_format_duration (CLAMP (msec, 0, G_MAXINT32) * 1000);

  if (msec < 0)
    return g_strdup (_ ("What took long, by its kind. From how long on is not known."));
  if (msec == 0)
    return g_strdup (_ ("Latency is not watched (latency-monitor-threshold is 0). Set a threshold, for example 100 ms, to switch it on: it "
                        "costs next to nothing."));
  /* Translators: a duration */
  return g_strdup_printf (_ ("What took longer than %s, by its kind. Choose one for when it happened. The server keeps the longest of each second, "
                             "the last 160 for each kind; a lower threshold records more, and a higher one only what is worse."), duration);
}

static void
show_history (CbLatencyView *self, CbReply *reply)
{
  g_autoptr (GArray) samples = cb_latency_parse_history (cb_reply_get_value (reply));
  g_autoptr (GString) text = g_string_new (NULL);
  double values[MOST_STEPS];
  const double *lines[] = { values };
  gint64 first_at, step;
  guint n = cb_latency_spread (samples, MOST_STEPS, values, &first_at, &step);

  if (n > 0)
    cb_chart_card_set_values (self->chart, first_at, step, n, lines);
  cb_chart_card_set_note (self->chart, self->event);
  gtk_widget_set_visible (GTK_WIDGET (self->chart), n > 0);

  /* The newest first. */
  for (guint i = samples->len; i > 0 && samples->len - i < MOST_SHOWN; i--)
    {
      const CbLatencySample *sample = &g_array_index (samples, CbLatencySample, i - 1);
      g_autofree char *time = cb_direction_take (cb_format_clock (sample->time, g_get_real_time ()));
      g_autofree char *duration = cb_format_duration (sample->duration);
      char *dot = strrchr (time, '.');

      if (dot != NULL)
        *dot = '\0';
      /* Translators: a time, a duration */
      g_string_append_printf (text, _ ("%s%s: %s"), text->len > 0 ? "   " : "", time, duration);
    }
  gtk_label_set_text (self->history, text->str);
  gtk_widget_set_visible (GTK_WIDGET (self->history), text->len > 0);
}

static void
show_advice (CbLatencyView *self, CbReply *reply)
{
  const CbValue *value = cb_reply_get_value (reply);
  gsize length;
  const char *text = cb_value_get_string (value, &length);
  g_autofree char *shown = text != NULL ? cb_text_display (text, (gssize) MIN (length, LONGEST_ADVICE), FALSE) : g_strdup ("–");

  g_strchomp (shown);
  if (g_strcmp0 (gtk_label_get_text (self->advice), shown) != 0)
    gtk_label_set_text (self->advice, shown);
}

static void
cb_latency_view_take (CbServerView *view, GPtrArray *replies)
{
  CbLatencyView *self = CB_LATENCY_VIEW (view);
  CbServerPanel *panel = cb_server_view_get_panel (view);
  const CbValue *threshold = cb_value_get_field (cb_reply_get_value (g_ptr_array_index (replies, 1)), THRESHOLD);
  g_autoptr (GPtrArray) events = NULL;
  g_autofree char *note = NULL;
  GPtrArray *rows;

  show_advice (self, g_ptr_array_index (replies, 2));
  if (cb_server_view_is_refused (view, "LATENCY LATEST", g_ptr_array_index (replies, 0)))
    return;
  g_free (self->threshold);
  self->threshold = g_strdup (cb_value_get_string (threshold, NULL));
  update_rights (view);

  events = cb_latency_parse_latest (cb_reply_get_value (g_ptr_array_index (replies, 0)));
  rows = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < events->len; i++)
    {
      const CbLatencyEvent *event = g_ptr_array_index (events, i);
      CbServerRow *row = cb_server_row_new (event->event);
      char *time = cb_direction_take (cb_format_clock (event->time, g_get_real_time ()));
      char *dot = strrchr (time, '.');

      if (dot != NULL)
        *dot = '\0';
      cb_server_row_take_text (row, 0, g_strdup (event->event), 0);
      cb_server_row_take_text (row, 1, time, (double) event->time);
      cb_server_row_take_text (row, 2, cb_format_duration (event->last), (double) event->last);
      cb_server_row_take_text (row, 3, cb_format_duration (event->longest), (double) event->longest);
      g_ptr_array_add (rows, row);
    }
  note = describe (self);
  cb_server_panel_set_note (panel, note);
  cb_server_panel_take_rows (panel, rows);
  if (replies->len > 3)
    show_history (self, g_ptr_array_index (replies, 3));
}

static void
selected_cb (CbLatencyView *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->history), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->chart), FALSE);
  cb_server_view_refresh (CB_SERVER_VIEW (self));
}

static void
threshold_cb (CbLatencyView *self)
{
  cb_setting_dialog_present (CB_SERVER_VIEW (self), THRESHOLD, self->threshold, _ ("In milliseconds. 0 records nothing."));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree char *event = data;
  CbCommand *command;

  if (!cb_ask_finish (GTK_WIDGET (source), result))
    return;
  command = cb_command_new ("LATENCY", "RESET", NULL);
  if (event != NULL)
    cb_command_add (command, event);
  cb_server_view_run (CB_SERVER_VIEW (source), command, _ ("What took long is forgotten"));
}

/* Of the event that is chosen, or of all. */
static void
reset_cb (CbLatencyView *self)
{
  CbServerRow *row = cb_server_panel_get_selected (cb_server_view_get_panel (CB_SERVER_VIEW (self)));
  const char *event = row != NULL ? cb_server_row_get_key (row) : NULL;
  /* Translators: an event of Redis, such as "command" or "fork" */
  g_autofree char *heading = event != NULL ? g_strdup_printf (_ ("Forget What Took Long of “%s”?"), event)
                                           : g_strdup (_ ("Forget All That Took Long?"));

  cb_ask_async (GTK_WIDGET (self), heading,
                _ ("The server forgets when it was and how long it took, for everybody. This can’t be undone."), _ ("_Forget"), TRUE, NULL,
                answered_cb, g_strdup (event));
}

static void
cb_latency_view_finalize (GObject *object)
{
  g_free (CB_LATENCY_VIEW (object)->threshold);
  g_free (CB_LATENCY_VIEW (object)->event);

  G_OBJECT_CLASS (cb_latency_view_parent_class)->finalize (object);
}

static void
cb_latency_view_class_init (CbLatencyViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = cb_latency_view_finalize;
  CB_SERVER_VIEW_CLASS (klass)->interval_msec = 3000;
  CB_SERVER_VIEW_CLASS (klass)->ask = cb_latency_view_ask;
  CB_SERVER_VIEW_CLASS (klass)->take = cb_latency_view_take;
  CB_SERVER_VIEW_CLASS (klass)->update_rights = update_rights;
}

static GtkLabel *
create_text (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  return GTK_LABEL (label);
}

static void
cb_latency_view_init (CbLatencyView *self)
{
  CbServerPanel *panel =
    cb_server_panel_new (columns, G_N_ELEMENTS (columns), _ ("Latency"), _ ("Nothing took long."));
  GtkWidget *below = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *heading = gtk_label_new (_ ("What the Server Says of Its Memory"));
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->history = create_text ();
  self->advice = create_text ();
  gtk_widget_set_visible (GTK_WIDGET (self->history), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->history), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self->history), "caption");
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_widget_add_css_class (heading, "heading");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 180);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->advice));
  gtk_widget_set_margin_top (below, 12);
  gtk_widget_set_margin_bottom (below, 12);
  gtk_widget_set_margin_start (below, 12);
  gtk_widget_set_margin_end (below, 12);
  self->series[0] = (CbChartSeries) { _ ("longest"), "warning_color", TRUE };
  self->chart = cb_chart_card_new (_ ("Latency"), self->series, G_N_ELEMENTS (self->series), format_seconds, 0.001);
  gtk_widget_set_visible (GTK_WIDGET (self->chart), FALSE);
  gtk_box_append (GTK_BOX (below), GTK_WIDGET (self->chart));
  gtk_box_append (GTK_BOX (below), GTK_WIDGET (self->history));
  gtk_box_append (GTK_BOX (below), heading);
  gtk_box_append (GTK_BOX (below), scroller);
  cb_server_panel_add_below (panel, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  cb_server_panel_add_below (panel, below);
  self->threshold_button = cb_server_panel_add_button (panel, _ ("Threshold…"), G_CALLBACK (threshold_cb), self);
  self->reset_button = cb_server_panel_add_button (panel, _ ("Forget…"), G_CALLBACK (reset_cb), self);
  g_signal_connect_object (panel, "selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  cb_server_view_set_panel (CB_SERVER_VIEW (self), panel);
  update_rights (CB_SERVER_VIEW (self));
}
