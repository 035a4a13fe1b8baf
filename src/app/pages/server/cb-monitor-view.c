/* cb-monitor-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-monitor-view.h"

#include <glib/gi18n.h>

#include "cb-console-ask.h"
#include "cb-file-choice.h"
#include "cb-format.h"
#include "cb-message-file.h"
#include "cb-monitor-columns.h"

/* How long nothing is put into the list after many lines came: nobody reads faster, and the time is for taking more. */
#define REST_USEC (G_USEC_PER_SEC / 20)
#define LONG_REST_USEC (G_USEC_PER_SEC / 10)
/* Characters of a line that is looked at. */
#define MOST_DETAIL 4000

struct _CbMonitorView
{
  AdwBin parent_instance;

  CbSession *session;         /* (owned) (nullable) */
  CbServerWatch *watch;       /* (owned) (nullable) */
  CbMonitor *monitor;         /* (owned) (nullable) */
  CbMessageList *messages;    /* (unowned) (nullable) of @monitor */
  char *note;                 /* (owned) (nullable) on saving */
  gboolean running;
  gboolean asking;
  gboolean filtered;
  gboolean following;         /* the newest is in view, and stays there */
  double upper;               /* of the adjustment, when it was last looked at */
  guint frame_id;             /* a tick callback */
  guint wait_id;
  gint64 flushed_at;          /* µs monotonic */
  guint n_flushed;

  GtkStack *stack;
  GtkLabel *cost_label;
  GtkLabel *problem_label;
  GtkEditable *command_entry;
  GtkEditable *argument_entry;
  GtkEditable *client_entry;
  GtkEditable *db_entry;
  GtkWidget *start_button;
  GtkWidget *stop_button;
  GtkToggleButton *pause_button;
  GtkLabel *ended_label;
  GtkStack *list_stack;
  GtkScrolledWindow *scroller;
  GtkColumnView *view;
  GtkSingleSelection *selection;
  GtkWidget *newest_button;
  GtkWidget *detail;
  GtkLabel *detail_label;
  GtkLabel *counts_label;
};

G_DEFINE_FINAL_TYPE (CbMonitorView, cb_monitor_view, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_RUNNING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* --- what is said --- */

/* What it costs, by what the server does now. */
static char *
dup_cost (CbMonitorView *self)
{
  CbServerInfo *info = self->watch != NULL ? cb_server_watch_get_info (self->watch) : NULL;
  gint64 n = info != NULL ? cb_server_info_get_count (info, "instantaneous_ops_per_sec") : -1;
  g_autoptr (GString) text = g_string_new (_ ("The server sends every command that anybody gives it, as it is done. That may cost a busy "
                                              "server half of its speed, and arguments are shown as they are, secrets among them."));

  if (n >= 0)
    {
      g_autofree char *number = cb_format_exact_count (n);

      g_string_append_c (text, ' ');
      /* Translators: a number of commands */
      g_string_append_printf (text, ngettext ("Now it does %s command a second.", "Now it does %s commands a second.", (gulong) n), number);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
show_counts (CbMonitorView *self)
{
  CbMessageCounts counts;
  g_autofree char *received = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *discarded = NULL;
  g_autofree char *tip = NULL;
  g_autofree char *room = NULL;
  g_autofree char *most = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint max_count;
  gsize max_bytes;

  cb_message_list_get_counts (self->messages, &counts);
  cb_message_list_get_limits (self->messages, &max_count, &max_bytes);
  received = cb_format_exact_count ((gint64) counts.received);
  kept = cb_format_exact_count (counts.in_list);
  discarded = cb_format_exact_count ((gint64) counts.discarded);
  /* Translators: two numbers of commands */
  g_string_append_printf (text, _ ("%s commands, %s in the list"), received, kept);
  if (cb_message_list_get_paused (self->messages))
    {
      g_autofree char *held = cb_format_exact_count (counts.held_back);

      /* Translators: a number of commands that wait */
      g_string_append_printf (text, _ (", %s held back"), held);
    }
  if (counts.discarded > 0)
    /* Translators: a number of commands */
    g_string_append_printf (text, _ (", %s discarded"), discarded);
  if (self->running)
    {
      g_autofree char *rate = cb_format_exact_count ((gint64) (cb_monitor_get_rate (self->monitor) + 0.5));

      /* Translators: a number of commands */
      g_string_append_printf (text, _ ("; %s a second"), rate);
    }
  gtk_label_set_text (self->counts_label, text->str);
  room = g_format_size_full (max_bytes, G_FORMAT_SIZE_IEC_UNITS);
  most = cb_format_exact_count (max_count);
  /* Translators: a number of commands, and a size */
  tip = g_strdup_printf (_ ("The list keeps the last %s commands, and at most %s; older ones are discarded and counted."), most, room);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->counts_label), tip);
}

static void
update_list (CbMonitorView *self)
{
  CbMessageCounts counts;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->messages));
  const char *name = "list";

  cb_message_list_get_counts (self->messages, &counts);
  if (n == 0)
    name = self->filtered && counts.in_list > 0 ? "filtered" : "quiet";
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->list_stack), name) != 0)
    gtk_stack_set_visible_child_name (self->list_stack, name);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "monitor.save", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "monitor.clear", counts.received > 0);
}

/* Why it ended, or what became of a file. */
static void
show_note (CbMonitorView *self)
{
  const char *problem = cb_monitor_get_problem (self->monitor);
  const char *text = problem != NULL ? problem : self->note;

  gtk_label_set_text (self->ended_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->ended_label), text != NULL);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->ended_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->ended_label), "error");
}

static void
changed_cb (CbMonitorView *self)
{
  CbMonitorState state = cb_monitor_get_state (self->monitor);
  const char *problem = cb_monitor_get_problem (self->monitor);
  gboolean running = state != CB_MONITOR_STOPPED;
  CbMessageCounts counts;

  cb_message_list_get_counts (self->messages, &counts);
  if (running != self->running)
    {
      self->running = running;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "monitor.start", !running);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "monitor.stop", running);
  gtk_widget_set_visible (self->start_button, !running);
  gtk_widget_set_visible (self->stop_button, running);
  gtk_label_set_text (self->problem_label, problem != NULL ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), problem != NULL);
  show_note (self);
  gtk_stack_set_visible_child_name (self->stack, running || counts.received > 0 ? "list" : "start");
  show_counts (self);
  update_list (self);
}

void
cb_monitor_view_update (CbMonitorView *self)
{
  g_autofree char *cost = NULL;

  g_return_if_fail (CB_IS_MONITOR_VIEW (self));

  if (self->running)
    return;
  cost = dup_cost (self);
  gtk_label_set_text (self->cost_label, cost);
}

/* --- scrolling --- */

static void
scroll_to_newest (CbMonitorView *self)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) == 0)
    return;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_activate_action (child, "list.scroll-to-item", "u", 0))
      return;
}

static void
set_following (CbMonitorView *self, gboolean following)
{
  self->following = following;
  gtk_widget_set_visible (self->newest_button, !following);
}

/* Only where nothing came at the same time is it the reader who scrolled. */
static void
scrolled_cb (CbMonitorView *self, GtkAdjustment *adjustment)
{
  if (self->messages != NULL && gtk_adjustment_get_upper (adjustment) == self->upper)
    set_following (self, gtk_adjustment_get_value (adjustment) < 8);
}

static void
grown_cb (CbMonitorView *self, GtkAdjustment *adjustment)
{
  self->upper = gtk_adjustment_get_upper (adjustment);
  if (self->messages != NULL && self->following && gtk_adjustment_get_value (adjustment) >= 8)
    gtk_adjustment_set_value (adjustment, 0);
}

static void
arrived_cb (CbMonitorView *self)
{
  if (self->following)
    scroll_to_newest (self);
}

/* --- what comes --- */

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);

  self->frame_id = 0;
  self->n_flushed = cb_message_list_flush (self->messages);
  if (self->n_flushed > 0)
    self->flushed_at = g_get_monotonic_time ();
  update_list (self);
  show_counts (self);
  return G_SOURCE_REMOVE;
}

static void
flush_with_frame (CbMonitorView *self)
{
  if (self->frame_id == 0)
    self->frame_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), frame_cb, NULL, NULL);
}

static gboolean
waited_cb (gpointer data)
{
  CbMonitorView *self = data;

  self->wait_id = 0;
  flush_with_frame (self);
  return G_SOURCE_REMOVE;
}

/* With the next frame; at once where it was quiet. What nobody looks at is not laid out at all. */
static void
pending_cb (CbMonitorView *self)
{
  gint64 rest = self->n_flushed > 2000 ? LONG_REST_USEC : self->n_flushed > 20 ? REST_USEC : 0;
  gint64 wait = self->flushed_at + rest - g_get_monotonic_time ();

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || self->wait_id != 0)
    return;
  if (wait > 0)
    self->wait_id = g_timeout_add ((guint) (wait / 1000 + 1), waited_cb, self);
  else
    flush_with_frame (self);
}

/* --- what a person does --- */

static void
filter_cb (CbMonitorView *self)
{
  CbMessageFilter *filter;

  if (self->messages == NULL)
    return;
  filter = cb_monitor_filter_new (gtk_editable_get_text (self->command_entry), gtk_editable_get_text (self->argument_entry),
                                  gtk_editable_get_text (self->client_entry), gtk_editable_get_text (self->db_entry));
  self->filtered = filter != NULL;
  cb_message_list_set_filter (self->messages, filter);
  update_list (self);
}

static void
paused_cb (CbMonitorView *self)
{
  if (self->messages == NULL)
    return;
  cb_message_list_set_paused (self->messages, gtk_toggle_button_get_active (self->pause_button));
  show_counts (self);
}

static void
selected_cb (CbMonitorView *self)
{
  CbPubsubMessage *message = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *line = NULL;

  /* One that was discarded is still looked at. */
  if (message == NULL)
    return;
  line = cb_monitor_columns_dup_line (message, MOST_DETAIL);
  gtk_label_set_text (self->detail_label, line);
  gtk_widget_set_visible (self->detail, TRUE);
  set_following (self, FALSE);
}

static void
start (CbMonitorView *self)
{
  gtk_toggle_button_set_active (self->pause_button, FALSE);
  g_clear_pointer (&self->note, g_free);
  cb_monitor_start (self->monitor);
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbMonitorView *self = CB_MONITOR_VIEW (source);

  self->asking = FALSE;
  if (cb_console_ask_finish (GTK_WIDGET (source), result) && self->monitor != NULL)
    start (self);
}

static void
start_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);
  g_autofree char *cost = NULL;

  if (self->monitor == NULL || self->asking)
    return;
  if (!cb_session_get_production (self->session))
    {
      start (self);
      return;
    }
  self->asking = TRUE;
  cost = dup_cost (self);
  cb_console_ask_async (widget, "MONITOR", cost, cb_session_get_title (self->session), asked_cb, NULL);
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);

  if (self->monitor != NULL)
    cb_monitor_stop (self->monitor);
}

static void
clear_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);

  if (self->messages == NULL)
    return;
  cb_message_list_clear (self->messages);
  gtk_widget_set_visible (self->detail, FALSE);
  set_following (self, TRUE);
  changed_cb (self);
}

static void
newest_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);

  if (self->messages == NULL)
    return;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_widget_set_visible (self->detail, FALSE);
  set_following (self, TRUE);
  scroll_to_newest (self);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);
  CbPubsubMessage *message = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *line = message != NULL ? cb_monitor_columns_dup_line (message, 0) : NULL;

  if (line != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), line);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (CbMonitorView) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = g_filename_display_name (name);
  gint64 n = cb_message_file_save_finish (G_FILE (source), result, &error);
  g_autofree char *count = cb_format_exact_count (n);
  g_autofree char *note = NULL;

  if (n < 0)
    /* Translators: the name of a file, and a sentence on what is wrong */
    note = g_strdup_printf (_ ("Not saved to %s: %s"), shown, error->message);
  else
    /* Translators: a number, and the name of a file */
    note = g_strdup_printf (ngettext ("%s command saved to %s", "%s commands saved to %s", (gulong) n), count, shown);
  g_free (self->note);
  self->note = g_steal_pointer (&note);
  if (self->monitor != NULL)
    show_note (self);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  CbMonitorView *self = CB_MONITOR_VIEW (source);
  g_autoptr (GFile) file = cb_file_choice_finish (GTK_WIDGET (self), result);

  if (file != NULL && self->messages != NULL)
    cb_message_file_save_as_async (file, cb_message_list_snapshot (self->messages), cb_monitor_line_write, NULL, saved_cb,
                                   g_object_ref (self));
}

/* What the list shows now, as redis-cli prints it. */
static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_file_choice_save_async (widget, _ ("Save Commands"), _ ("commands.txt"), chosen_cb, NULL);
}

/* --- object --- */

static void
cb_monitor_view_map (GtkWidget *widget)
{
  CbMonitorView *self = CB_MONITOR_VIEW (widget);

  GTK_WIDGET_CLASS (cb_monitor_view_parent_class)->map (widget);
  if (self->messages != NULL)
    flush_with_frame (self);
}

static void
cb_monitor_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, CB_MONITOR_VIEW (object)->running);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_monitor_view_dispose (GObject *object)
{
  CbMonitorView *self = CB_MONITOR_VIEW (object);

  g_clear_handle_id (&self->wait_id, g_source_remove);
  if (self->frame_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->frame_id);
  self->frame_id = 0;
  if (self->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->monitor, self);
      cb_monitor_stop (self->monitor);
    }
  self->messages = NULL;
  g_clear_object (&self->monitor);
  g_clear_object (&self->watch);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (cb_monitor_view_parent_class)->dispose (object);
}

static void
cb_monitor_view_finalize (GObject *object)
{
  g_free (CB_MONITOR_VIEW (object)->note);

  G_OBJECT_CLASS (cb_monitor_view_parent_class)->finalize (object);
}

static void
cb_monitor_view_class_init (CbMonitorViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_monitor_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_monitor_view_finalize;
  G_OBJECT_CLASS (klass)->get_property = cb_monitor_view_get_property;
  widget_class->map = cb_monitor_view_map;

  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-monitor-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, stack);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, cost_label);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, problem_label);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, command_entry);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, argument_entry);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, client_entry);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, db_entry);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, start_button);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, stop_button);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, pause_button);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, ended_label);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, view);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, selection);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, newest_button);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, detail);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, detail_label);
  gtk_widget_class_bind_template_child (widget_class, CbMonitorView, counts_label);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, paused_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_install_action (widget_class, "monitor.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "monitor.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "monitor.clear", NULL, clear_action);
  gtk_widget_class_install_action (widget_class, "monitor.newest", NULL, newest_action);
  gtk_widget_class_install_action (widget_class, "monitor.copy", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "monitor.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "monitor.stop", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "monitor.copy", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_l, GDK_CONTROL_MASK, "monitor.clear", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "monitor.save", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_End, GDK_CONTROL_MASK, "monitor.newest", NULL);
}

static void
cb_monitor_view_init (CbMonitorView *self)
{
  GtkAdjustment *adjustment;

  self->following = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_monitor_columns_add (self->view);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "monitor.stop", FALSE);
}

void
cb_monitor_view_set_session (CbMonitorView *self, CbSession *session, CbServerWatch *watch)
{
  g_return_if_fail (CB_IS_MONITOR_VIEW (self));
  g_return_if_fail (self->monitor == NULL);

  self->session = g_object_ref (session);
  self->watch = g_object_ref (watch);
  self->monitor = cb_monitor_new (cb_session_get_connection (session));
  self->messages = cb_monitor_get_messages (self->monitor);
  cb_message_list_set_newest_first (self->messages, TRUE);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->messages));
  g_signal_connect_object (self->messages, "pending", G_CALLBACK (pending_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->messages, "arrived", G_CALLBACK (arrived_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->monitor, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  changed_cb (self);
  cb_monitor_view_update (self);
}

CbMonitor *
cb_monitor_view_get_monitor (CbMonitorView *self)
{
  g_return_val_if_fail (CB_IS_MONITOR_VIEW (self), NULL);
  return self->monitor;
}
