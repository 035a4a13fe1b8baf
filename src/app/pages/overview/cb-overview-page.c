/* cb-overview-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-overview-page.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#include "cb-button-name.h"
#include "cb-chart.h"
#include "cb-clock.h"
#include "cb-color.h"
#include "cb-doings-bar.h"
#include "cb-failure-card.h"
#include "cb-figure-reader.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-queue-table.h"
#include "cb-window.h"
#include "cb-wrap-box.h"

/* A job that waits for so long while no other of its queue runs is waiting for somebody to come. */
#define NOBODY_AFTER (15 * (gint64) G_USEC_PER_SEC)
#define N_CARDS 5
#define MOST_WARNINGS 8
/* Of an hour; a few looks may have been late. */
#define WATCHED_MSEC (55 * 60 * 1000)

static const struct
{
  const char *property;
  const char *title;
  CbJobMeaning meaning;
} cards[N_CARDS] = {
  { "waiting", N_ ("Queued"), CB_JOB_MEANING_WAITING },
  { "active", N_ ("Active"), CB_JOB_MEANING_ACTIVE },
  { "delayed", N_ ("Delayed"), CB_JOB_MEANING_DELAYED },
  { "failed", N_ ("Failed"), CB_JOB_MEANING_FAILED },
  { "complete", N_ ("Complete"), CB_JOB_MEANING_COMPLETE },
};

typedef struct
{
  GtkWidget *button;
  GtkLabel *count;
  GtkLabel *note;
} Card;

struct _CbOverviewPage
{
  CbPage parent_instance;

  CbBoard *board;                 /* (owned) (nullable) */
  CbFigureReader *reader;         /* (owned) (nullable) */
  CbClock *clock;                 /* (owned) */
  CbHistorySpan span;
  guint n_problems;               /* that the doctor found */
  CbChartSeries rates[3];
  CbChartSeries share[1];

  /* When the next delayed job is due. */
  GCancellable *cancellable;      /* (owned) (nullable) */
  gint64 next_due;                /* µs since 1970; -1 */
  gint64 n_delayed;               /* when it was asked */
  gint64 asked_at;                /* µs monotonic */

  Card cards[N_CARDS];
  GtkFlowBox *card_box;
  GtkWidget *warnings;
  GtkWidget *warnings_card;
  char *warned;                   /* (owned) what the warnings say */
  CbChart *rate_chart;
  CbChart *share_chart;
  GtkLabel *rate_legend;
  GtkLabel *chart_note;
  GtkLabel *share_legend;
  GtkToggleButton *minutes_button;
  GtkToggleButton *hour_button;
  GtkToggleButton *day_button;
  CbQueueTable *table;
  CbFailureCard *failures;
  CbDoingsBar *doings_bar;
};

G_DEFINE_FINAL_TYPE (CbOverviewPage, cb_overview_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_N_PROBLEMS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static CbWindow *
get_window (CbOverviewPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return CB_IS_WINDOW (root) ? CB_WINDOW (root) : NULL;
}

static CbEngine *
get_engine (CbOverviewPage *self)
{
  return self->board != NULL ? cb_board_get_default_engine (self->board) : NULL;
}

static const char *
get_state (CbEngine *engine, CbJobMeaning meaning)
{
  const CbStateInfo *states;
  guint n;

  states = cb_engine_get_states (engine, &n);
  for (guint i = 0; i < n; i++)
    {
      if (states[i].meaning == meaning)
        return states[i].name;
    }
  return NULL;
}

static void
open_cb (CbOverviewPage *self, CbQueue *queue, const char *state)
{
  if (get_window (self) != NULL)
    cb_window_show_jobs (get_window (self), queue, state, NULL);
}

static void
open_group_cb (CbOverviewPage *self, CbQueue *queue, const char *state, const char *filter)
{
  if (get_window (self) != NULL)
    cb_window_show_jobs (get_window (self), queue, state, filter);
}

/* ---- the figures at the top ---- */

static gint64
sum (CbOverviewPage *self, const char *property)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  gint64 all = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      gint64 count;

      g_object_get (queue, property, &count, NULL);
      all = all < 0 || count < 0 ? -1 : all + count;
    }
  return all;
}

static void
card_clicked_cb (CbOverviewPage *self, GtkButton *button)
{
  CbEngine *engine = get_engine (self);

  for (guint i = 0; i < N_CARDS && engine != NULL; i++)
    {
      if (self->cards[i].button == GTK_WIDGET (button))
        open_cb (self, cb_board_get_all (self->board, engine), get_state (engine, cards[i].meaning));
    }
}

static void
add_card (CbOverviewPage *self, guint index)
{
  Card *card = &self->cards[index];
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *title = gtk_label_new (_ (cards[index].title));

  card->button = gtk_button_new ();
  card->count = GTK_LABEL (gtk_label_new ("–"));
  card->note = GTK_LABEL (gtk_label_new (""));
  gtk_widget_add_css_class (title, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (card->count), "cb-figure");
  gtk_widget_add_css_class (GTK_WIDGET (card->count), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (card->note), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (card->note), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (card->note), "numeric");
  gtk_label_set_ellipsize (card->note, PANGO_ELLIPSIZE_END);
  /* A long note takes a second line, and not the place of the fifth card beside it. */
  gtk_label_set_wrap (card->note, TRUE);
  gtk_label_set_lines (card->note, 2);
  gtk_label_set_max_width_chars (card->note, 14);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (card->count, 0);
  gtk_label_set_xalign (card->note, 0);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (card->count));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (card->note));
  gtk_button_set_child (GTK_BUTTON (card->button), box);
  gtk_widget_add_css_class (card->button, "card");
  gtk_widget_add_css_class (card->button, "cb-figure-card");
  gtk_widget_set_size_request (card->button, 150, -1);
  g_signal_connect_object (card->button, "clicked", G_CALLBACK (card_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_flow_box_insert (self->card_box, card->button, -1);
  /* The button has the focus, not what the box puts around it. */
  gtk_widget_set_focusable (gtk_widget_get_parent (card->button), FALSE);
}

/* The queue whose job waits longest, since when, and whether none can wait for longer. */
static CbQueue *
find_oldest (CbOverviewPage *self, gint64 *since, gboolean *certain)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  CbQueue *oldest = NULL;

  *since = -1;
  *certain = TRUE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      const CbQueueFigures *figures = cb_figure_reader_get (self->reader, queue);
      gint64 waiting;

      g_object_get (queue, "waiting", &waiting, NULL);
      if (figures == NULL || figures->oldest_id == NULL || waiting == 0)
        continue;
      *certain = *certain && figures->oldest_certain;
      if (oldest != NULL && figures->oldest_since >= *since)
        continue;
      oldest = queue;
      *since = figures->oldest_since;
    }
  return oldest;
}

static char *
describe_rate (double per_second)
{
  if (per_second <= 0)
    return g_strdup ("0");
  if (per_second < 0.1)
    return g_strdup_printf ("%.2f", per_second);
  return g_strdup_printf (per_second < 10 ? "%.1f" : "%'.0f", per_second);
}

static char *
describe_card (CbOverviewPage *self, guint index, gint64 count, gint64 now)
{
  CbHistory *history = cb_history_recorder_get_history (cb_session_get_recorder (cb_page_get_session (CB_PAGE (self))));
  gint64 real_now = g_get_real_time ();
  CbHistoryPoint point;
  gint64 since;
  gboolean certain;
  guint n_queues = 0;

  switch (cards[index].meaning)
    {
    case CB_JOB_MEANING_WAITING:
      if (count > 0 && find_oldest (self, &since, &certain) != NULL)
        {
          g_autofree char *age = cb_format_age (MAX (now - since, 0));

          if (certain)
            return g_strdup_printf (_ ("oldest waits %s"), age);
          /* Translators: %s is a duration; not all jobs were looked at */
          return g_strdup_printf (_ ("oldest waits at least %s"), age);
        }
      return g_strdup ("");
    case CB_JOB_MEANING_ACTIVE:
      for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->board)); i++)
        {
          g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
          gint64 active;

          g_object_get (queue, "active", &active, NULL);
          n_queues += active > 0;
        }
      return n_queues > 0 ? g_strdup_printf (ngettext ("in %u queue", "in %u queues", n_queues), n_queues) : g_strdup ("");
    case CB_JOB_MEANING_DELAYED:
      if (count > 0 && self->next_due >= 0)
        {
          g_autofree char *due = cb_format_relative (self->next_due, now);

          return self->next_due > now ? g_strdup_printf (_ ("next %s"), due) : g_strdup (_ ("next is due"));
        }
      return g_strdup ("");
    case CB_JOB_MEANING_FAILED:
      cb_history_sum (history, CB_HISTORY_HOUR, real_now, &point);
      /* Others may have failed while nobody looked. */
      if (point.watched_msec > 0 && point.watched_msec < WATCHED_MSEC)
        return g_strdup_printf (ngettext ("%u seen in the last hour", "%u seen in the last hour",
                                          point.counts[CB_HISTORY_FAILED]),
                                point.counts[CB_HISTORY_FAILED]);
      if (point.watched_msec > 0)
        return g_strdup_printf (ngettext ("%u in the last hour", "%u in the last hour", point.counts[CB_HISTORY_FAILED]),
                                point.counts[CB_HISTORY_FAILED]);
      return g_strdup ("");
    case CB_JOB_MEANING_COMPLETE:
      {
        g_autoptr (GArray) points = cb_history_get (history, CB_HISTORY_MINUTES, real_now);
        double done = 0, watched = 0;
        g_autofree char *rate = NULL;

        for (guint i = points->len - MIN (points->len, 10); i < points->len; i++)
          {
            done += g_array_index (points, CbHistoryPoint, i).counts[CB_HISTORY_COMPLETE];
            watched += g_array_index (points, CbHistoryPoint, i).watched_msec / 1000.0;
          }
        if (watched <= 0)
          return g_strdup ("");
        rate = describe_rate (done / watched);
        /* Translators: how many jobs complete in a second */
        return g_strdup_printf (_ ("%s a second"), rate);
      }
    case CB_JOB_MEANING_UNKNOWN:
    default:
      return g_strdup ("");
    }
}

static void
update_cards (CbOverviewPage *self, gint64 now)
{
  for (guint i = 0; i < N_CARDS; i++)
    {
      Card *card = &self->cards[i];
      gint64 count = sum (self, cards[i].property);
      g_autofree char *shown = cb_format_count (count);
      g_autofree char *exact = cb_format_exact_count (count);
      g_autofree char *note = describe_card (self, i, count, now);
      g_autofree char *name = g_strdup_printf ("%s: %s %s", _ (cards[i].title), shown, note);

      gtk_label_set_label (card->count, shown);
      gtk_label_set_label (card->note, note);
      gtk_widget_set_tooltip_text (card->button, count >= 1000000 ? exact : NULL);
      gtk_accessible_update_property (GTK_ACCESSIBLE (card->button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      if (cards[i].meaning == CB_JOB_MEANING_FAILED && count > 0)
        gtk_widget_add_css_class (GTK_WIDGET (card->count), "error");
      else
        gtk_widget_remove_css_class (GTK_WIDGET (card->count), "error");
    }
}

/* ---- the next delayed job ---- */

static void
got_due_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbOverviewPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) heads = cb_engine_get_heads_finish (CB_ENGINE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  self->next_due = -1;
  for (guint i = 0; heads != NULL && i < heads->len; i++)
    {
      CbJobRecord *record = g_ptr_array_index (heads, i);

      if (record->promote_at >= 0 && (self->next_due < 0 || record->promote_at < self->next_due))
        self->next_due = record->promote_at;
    }
}

static void
ask_due (CbOverviewPage *self)
{
  CbEngine *engine = get_engine (self);
  const char *state = engine != NULL ? get_state (engine, CB_JOB_MEANING_DELAYED) : NULL;
  gint64 n_delayed = sum (self, "delayed");
  gint64 now = g_get_monotonic_time ();

  if (state == NULL || self->cancellable != NULL || n_delayed == self->n_delayed ||
      (self->asked_at != 0 && now - self->asked_at < 5 * G_USEC_PER_SEC))
    return;

  self->n_delayed = n_delayed;
  self->asked_at = now;
  self->cancellable = g_cancellable_new ();
  cb_engine_get_heads_async (engine, NULL, state, self->cancellable, got_due_cb, g_object_ref (self));
}

/* ---- what needs a look ---- */

static void
warning_clicked_cb (CbOverviewPage *self, GtkButton *button)
{
  CbQueue *queue = g_object_get_data (G_OBJECT (button), "queue");

  if (queue != NULL)
    open_cb (self, queue, get_state (cb_queue_get_engine (queue), CB_JOB_MEANING_WAITING));
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "s", "doctor");
}

static void
add_warning (CbOverviewPage *self, const char *text, CbQueue *queue)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  GtkWidget *label = gtk_label_new (text);
  GtkWidget *button = gtk_button_new_with_label (_ ("Show"));
  g_autofree char *name = g_strdup_printf (_ ("%s: %s"), _ ("Show"), text);

  gtk_widget_add_css_class (icon, "warning");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  if (queue != NULL)
    g_object_set_data_full (G_OBJECT (button), "queue", g_object_ref (queue), g_object_unref);
  cb_button_set_name (GTK_BUTTON (button), name);
  g_signal_connect_object (button, "clicked", G_CALLBACK (warning_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), icon);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (GTK_BOX (self->warnings), row);
}

/* A queue that nobody takes jobs of: they wait, none runs, and that for a while. */
static char *
describe_idle_queue (CbOverviewPage *self, CbQueue *queue, gint64 now)
{
  const CbQueueFigures *figures = cb_figure_reader_get (self->reader, queue);
  g_autofree char *title = NULL;
  g_autofree char *name = NULL;
  g_autofree char *count = NULL;
  g_autofree char *age = NULL;
  gint64 waiting, active;

  g_object_get (queue, "waiting", &waiting, "active", &active, "label", &title, NULL);
  if (figures == NULL || figures->oldest_id == NULL || waiting <= 0 || active != 0 || now - figures->oldest_since < NOBODY_AFTER)
    return NULL;

  name = cb_direction_isolate (title);
  count = cb_format_exact_count (waiting);
  /* In steps in which the sentence can be read. */
  age = cb_format_duration ((now - figures->oldest_since) / (60 * G_USEC_PER_SEC) * (60 * G_USEC_PER_SEC));
  if (now - figures->oldest_since < 60 * G_USEC_PER_SEC)
    return g_strdup_printf (ngettext ("%s: %s job waits and none runs. Is there a worker?", "%s: %s jobs wait and none runs. Is there a worker?",
                                      (gulong) waiting),
                            name, count);
  /* Translators: a queue, a number of jobs, a duration */
  return g_strdup_printf (ngettext ("%s: %s job waits and none runs, for %s. Is there a worker?",
                                    "%s: %s jobs wait and none runs, for %s. Is there a worker?", (gulong) waiting),
                          name, count, age);
}

static void
update_warnings (CbOverviewPage *self, gint64 now)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) queues = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *all = NULL;
  GtkWidget *child;

  for (guint i = 0; i < n && texts->len < MOST_WARNINGS; i++)
    {
      g_autoptr (CbQueue) queue = g_list_model_get_item (G_LIST_MODEL (self->board), i);
      char *text = describe_idle_queue (self, queue, now);

      if (text == NULL)
        continue;
      g_ptr_array_add (texts, text);
      g_ptr_array_add (queues, g_steal_pointer (&queue));
    }
  if (self->n_problems > 0)
    g_ptr_array_add (texts, g_strdup_printf (ngettext ("The doctor found %u problem.", "The doctor found %u problems.",
                                                       self->n_problems),
                                             self->n_problems));

  g_ptr_array_add (texts, NULL);
  all = g_strjoinv ("\n", (char **) texts->pdata);
  if (g_strcmp0 (all, self->warned) == 0)
    return;

  g_free (self->warned);
  self->warned = g_steal_pointer (&all);
  while ((child = gtk_widget_get_first_child (self->warnings)) != NULL)
    gtk_box_remove (GTK_BOX (self->warnings), child);
  for (guint i = 0; i + 1 < texts->len; i++)
    add_warning (self, g_ptr_array_index (texts, i), i < queues->len ? g_ptr_array_index (queues, i) : NULL);
  gtk_widget_set_visible (self->warnings_card, texts->len > 1);
}

/* ---- the charts ---- */

static char *
format_rate (double value)
{
  return describe_rate (value);
}

static char *
format_share (double value)
{
  /* Translators: per cent */
  return g_strdup_printf (value > 0 && value < 10 ? _ ("%.1f %%") : _ ("%.0f %%"), value);
}

/* A dot in the colour of the line, its name, and how much it is on an average. */
static void
append_entry (CbOverviewPage *self, GString *text, PangoAttrList *attributes, const CbChartSeries *series, const char *rate)
{
  GdkRGBA color;
  PangoAttribute *attribute;

  if (cb_color_lookup (GTK_WIDGET (self), series->color, &color))
    {
      attribute = pango_attr_foreground_new ((guint16) (color.red * 65535), (guint16) (color.green * 65535),
                                             (guint16) (color.blue * 65535));
      attribute->start_index = (guint) text->len;
      attribute->end_index = (guint) (text->len + strlen ("●"));
      pango_attr_list_insert (attributes, attribute);
    }
  g_string_append_printf (text, "● %s %s", series->label, rate);
}

static void
update_legends (CbOverviewPage *self, const CbHistoryPoint *sum)
{
  double seconds = sum->watched_msec / 1000.0;
  guint n_ended = sum->counts[CB_HISTORY_COMPLETE] + sum->counts[CB_HISTORY_FAILED];
  g_autofree char *queued = describe_rate (seconds > 0 ? sum->counts[CB_HISTORY_QUEUED] / seconds : 0);
  g_autofree char *done = describe_rate (seconds > 0 ? sum->counts[CB_HISTORY_COMPLETE] / seconds : 0);
  g_autofree char *failed = describe_rate (seconds > 0 ? sum->counts[CB_HISTORY_FAILED] / seconds : 0);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *share = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (self->rates); i++)
    {
      const char *rates[] = { queued, done, failed };

      if (text->len > 0)
        g_string_append (text, "   ");
      append_entry (self, text, attributes, &self->rates[i], rates[i]);
    }
  gtk_label_set_attributes (self->rate_legend, attributes);
  gtk_label_set_label (self->rate_legend, text->str);
  if (n_ended > 0)
    {
      g_autofree char *percent = format_share (100.0 * sum->counts[CB_HISTORY_FAILED] / n_ended);

      share = g_strdup_printf (ngettext ("%s of %u that ended", "%s of %u that ended", n_ended), percent, n_ended);
    }
  gtk_label_set_label (self->share_legend, share != NULL ? share : "");
}

static void
update_charts (CbOverviewPage *self)
{
  CbHistoryRecorder *recorder = cb_session_get_recorder (cb_page_get_session (CB_PAGE (self)));
  CbHistory *history = cb_history_recorder_get_history (recorder);
  gint64 now = g_get_real_time ();
  g_autoptr (GArray) points = NULL;
  double *values[4] = { NULL };
  CbHistoryPoint sum;

  cb_history_recorder_update (recorder);
  /* The step that goes on is not full yet; where steps are long, what is known of it is worth seeing. */
  points = cb_history_get (history, self->span, self->span == CB_HISTORY_MINUTES ? now - G_USEC_PER_SEC : now);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = g_new (double, points->len);
  for (guint i = 0; i < points->len; i++)
    {
      const CbHistoryPoint *point = &g_array_index (points, CbHistoryPoint, i);
      double seconds = point->watched_msec / 1000.0;
      guint n_ended = point->counts[CB_HISTORY_COMPLETE] + point->counts[CB_HISTORY_FAILED];

      /* Of a step of which little was seen a rate would be a guess. */
      if (point->watched_msec < 200)
        {
          for (guint j = 0; j < G_N_ELEMENTS (values); j++)
            values[j][i] = NAN;
          continue;
        }
      values[0][i] = point->counts[CB_HISTORY_QUEUED] / seconds;
      values[1][i] = point->counts[CB_HISTORY_COMPLETE] / seconds;
      values[2][i] = point->counts[CB_HISTORY_FAILED] / seconds;
      values[3][i] = n_ended > 0 ? 100.0 * point->counts[CB_HISTORY_FAILED] / n_ended : 0;
    }
  cb_chart_set_values (self->rate_chart, g_array_index (points, CbHistoryPoint, 0).at, cb_history_get_step (self->span), points->len,
                       (const double * const *) values);
  cb_chart_set_values (self->share_chart, g_array_index (points, CbHistoryPoint, 0).at, cb_history_get_step (self->span), points->len,
                       (const double * const *) &values[3]);
  cb_history_sum (history, self->span, now, &sum);
  update_legends (self, &sum);
  gtk_label_set_label (self->chart_note, cb_history_recorder_get_exact (recorder)
                                           ? _ ("while Callboard was open")
                                           : _ ("from the counts: the server tells no events"));
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_free (values[i]);
}

/* When it comes to be seen again they are made anew anyway. */
static void
colors_changed_cb (CbOverviewPage *self)
{
  if (self->board != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    update_charts (self);
}

static void
span_cb (CbOverviewPage *self)
{
  self->span = gtk_toggle_button_get_active (self->hour_button)  ? CB_HISTORY_HOUR
               : gtk_toggle_button_get_active (self->day_button) ? CB_HISTORY_DAY
                                                                 : CB_HISTORY_MINUTES;
  if (self->board != NULL)
    update_charts (self);
}

/* ---- when ---- */

static void
update (CbOverviewPage *self)
{
  gint64 now = cb_clock_get_now (self->clock);
  guint n;
  g_autofree char *subtitle = NULL;

  if (self->board == NULL)
    return;

  n = g_list_model_get_n_items (G_LIST_MODEL (self->board));
  subtitle = g_strdup_printf (ngettext ("%u queue", "%u queues", n), n);
  cb_page_set_subtitle (CB_PAGE (self), subtitle);
  update_cards (self, now);
  update_warnings (self, now);
  update_charts (self);
  cb_queue_table_update (self->table, now);
  cb_failure_card_update (self->failures, now);
  ask_due (self);
}

static void
set_running (CbOverviewPage *self, gboolean running)
{
  cb_clock_set_running (self->clock, running);
  if (self->reader != NULL)
    cb_figure_reader_set_running (self->reader, running);
  if (running)
    update (self);
}

static void
board_cb (CbOverviewPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));
  CbBoard *board = cb_session_get_board (session);

  if (board == NULL || self->board != NULL)
    return;

  self->board = g_object_ref (board);
  self->reader = cb_figure_reader_new (board);
  cb_clock_set_engine (self->clock, get_engine (self));
  cb_queue_table_set_board (self->table, board, self->reader);
  cb_failure_card_set_session (self->failures, session);
  set_running (self, gtk_widget_get_mapped (GTK_WIDGET (self)));
}

/* The default engine of a board comes with the connection. */
static void
state_cb (CbOverviewPage *self)
{
  CbSession *session = cb_page_get_session (CB_PAGE (self));

  if (self->board == NULL || cb_session_get_state (session) != CB_SESSION_READY)
    return;
  cb_clock_set_engine (self->clock, get_engine (self));
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
cb_overview_page_set_up (CbPage *page, CbSession *session)
{
  CbOverviewPage *self = CB_OVERVIEW_PAGE (page);

  g_signal_connect_object (session, "notify::board", G_CALLBACK (board_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  cb_doings_bar_set_doings (self->doings_bar, cb_session_get_doings (session));
  board_cb (self);
}

static void
cb_overview_page_refresh (CbPage *page)
{
  CbOverviewPage *self = CB_OVERVIEW_PAGE (page);

  if (self->board == NULL)
    return;

  cb_figure_reader_refresh (self->reader);
  cb_failure_card_refresh (self->failures);
  self->n_delayed = -2;
  self->asked_at = 0;
  update (self);
}

static void
cb_overview_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (cb_overview_page_parent_class)->map (widget);
  set_running (CB_OVERVIEW_PAGE (widget), TRUE);
}

static void
cb_overview_page_unmap (GtkWidget *widget)
{
  set_running (CB_OVERVIEW_PAGE (widget), FALSE);
  GTK_WIDGET_CLASS (cb_overview_page_parent_class)->unmap (widget);
}

/* ---- object ---- */

static void
cb_overview_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_N_PROBLEMS:
      g_value_set_uint (value, CB_OVERVIEW_PAGE (object)->n_problems);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_overview_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbOverviewPage *self = CB_OVERVIEW_PAGE (object);

  switch (id)
    {
    case PROP_N_PROBLEMS:
      self->n_problems = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_overview_page_dispose (GObject *object)
{
  CbOverviewPage *self = CB_OVERVIEW_PAGE (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  cb_clock_set_running (self->clock, FALSE);
  if (self->reader != NULL)
    cb_figure_reader_set_running (self->reader, FALSE);
  g_clear_object (&self->reader);
  g_clear_object (&self->board);

  G_OBJECT_CLASS (cb_overview_page_parent_class)->dispose (object);
}

static void
cb_overview_page_finalize (GObject *object)
{
  CbOverviewPage *self = CB_OVERVIEW_PAGE (object);

  g_clear_object (&self->clock);
  g_free (self->warned);

  G_OBJECT_CLASS (cb_overview_page_parent_class)->finalize (object);
}

static void
cb_overview_page_class_init (CbOverviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_overview_page_get_property;
  object_class->set_property = cb_overview_page_set_property;
  object_class->dispose = cb_overview_page_dispose;
  object_class->finalize = cb_overview_page_finalize;
  widget_class->map = cb_overview_page_map;
  widget_class->unmap = cb_overview_page_unmap;
  CB_PAGE_CLASS (klass)->set_up = cb_overview_page_set_up;
  CB_PAGE_CLASS (klass)->refresh = cb_overview_page_refresh;

  properties[PROP_N_PROBLEMS] =
    g_param_spec_uint ("n-problems", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CB_TYPE_CHART);
  g_type_ensure (CB_TYPE_DOINGS_BAR);
  g_type_ensure (CB_TYPE_FAILURE_CARD);
  g_type_ensure (CB_TYPE_QUEUE_TABLE);
  g_type_ensure (CB_TYPE_WRAP_BOX);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, card_box);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, warnings);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, warnings_card);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, rate_chart);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, share_chart);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, rate_legend);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, share_legend);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, chart_note);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, minutes_button);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, hour_button);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, day_button);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, table);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, failures);
  gtk_widget_class_bind_template_child (widget_class, CbOverviewPage, doings_bar);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "win.undo", NULL);
  gtk_widget_class_bind_template_callback (widget_class, span_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_group_cb);
}

static void
cb_overview_page_init (CbOverviewPage *self)
{
  self->clock = cb_clock_new ();
  self->next_due = -1;
  self->n_delayed = -2;
  gtk_widget_init_template (GTK_WIDGET (self));

  self->rates[0] = (CbChartSeries) { _ ("queued"), "accent_color", FALSE };
  self->rates[1] = (CbChartSeries) { _ ("finished"), "success_color", TRUE };
  self->rates[2] = (CbChartSeries) { _ ("failed"), "error_color", TRUE };
  self->share[0] = (CbChartSeries) { _ ("failed"), "error_color", TRUE };
  cb_chart_set_series (self->rate_chart, self->rates, 3, format_rate, 1);
  cb_chart_set_series (self->share_chart, self->share, 1, format_share, 10);
  cb_color_watch (GTK_WIDGET (self), G_CALLBACK (colors_changed_cb), self);
  for (guint i = 0; i < N_CARDS; i++)
    add_card (self, i);
  g_signal_connect_object (self->clock, "tick", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}
