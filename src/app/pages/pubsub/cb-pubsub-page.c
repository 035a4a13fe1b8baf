/* cb-pubsub-page.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-pubsub-page-private.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"
#include "cb-keyspace-dialog.h"
#include "cb-list-detail.h"
#include "cb-message-columns.h"

/* How long nothing is put into the list after many messages came: nobody reads faster, and the time is for taking more. */
#define REST_USEC (G_USEC_PER_SEC / 20)
#define LONG_REST_USEC (G_USEC_PER_SEC / 10)

G_DEFINE_FINAL_TYPE (CbPubsubPage, cb_pubsub_page, CB_TYPE_PAGE)

enum
{
  PROP_0,
  PROP_NEWEST_FIRST,
  PROP_WRAP,
  PROP_REPLAY_SPEED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void update_view (CbPubsubPage *self);

/* --- what is said --- */

static void
show_counts (CbPubsubPage *self)
{
  CbMessageCounts counts;
  g_autofree char *received = NULL;
  g_autofree char *kept = NULL;
  g_autofree char *discarded = NULL;
  g_autofree char *held = NULL;
  g_autofree char *tip = NULL;
  g_autofree char *room = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint max_count, n_gaps;
  gsize max_bytes;

  cb_message_list_get_counts (self->messages, &counts);
  cb_message_list_get_limits (self->messages, &max_count, &max_bytes);
  n_gaps = cb_pubsub_get_n_gaps (self->pubsub);
  received = cb_format_exact_count ((gint64) counts.received);
  kept = cb_format_exact_count (counts.in_list);
  discarded = cb_format_exact_count ((gint64) counts.discarded);
  held = cb_format_exact_count (counts.held_back);

  /* Translators: two numbers of messages */
  g_string_append_printf (text, _ ("%s received, %s in the list"), received, kept);
  if (cb_message_list_get_paused (self->messages))
    /* Translators: a number of messages that wait */
    g_string_append_printf (text, _ (", %s held back"), held);
  if (counts.discarded > 0)
    /* Translators: a number of messages */
    g_string_append_printf (text, _ (", %s discarded"), discarded);
  else
    g_string_append (text, _ (", none discarded"));
  if (n_gaps > 0)
    {
      g_autofree char *number = cb_format_exact_count (n_gaps);
      g_autofree char *deaf = cb_format_duration (cb_pubsub_get_deaf (self->pubsub));

      /* Translators: a number, and a duration */
      g_string_append_printf (text, ngettext ("; %s gap, %s not heard", "; %s gaps, %s not heard", n_gaps), number, deaf);
    }
  gtk_label_set_text (self->counts_label, text->str);

  room = g_format_size_full (max_bytes, G_FORMAT_SIZE_IEC_UNITS);
  {
    g_autofree char *most = cb_format_exact_count (max_count);

    /* Translators: a number of messages, and a size */
    tip = g_strdup_printf (_ ("The list keeps the last %s messages, and at most %s; older ones are discarded and counted. What was "
                              "published while there was no connection can’t be counted."), most, room);
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->counts_label), tip);
  }

  gtk_label_set_text (self->held_label, held);
  gtk_widget_set_visible (GTK_WIDGET (self->held_label),
                          cb_message_list_get_paused (self->messages) && counts.held_back > 0);
}

void
cb_pubsub_page_show_outcome (CbPubsubPage *self)
{
  const char *outcome = cb_publish_bar_get_outcome (self->publish_bar);
  const char *text = self->note != NULL ? self->note : outcome;

  gtk_label_set_text (self->outcome_label, text != NULL ? text : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->outcome_label), text);
  if (self->note == NULL && cb_publish_bar_get_failed (self->publish_bar))
    gtk_widget_add_css_class (GTK_WIDGET (self->outcome_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->outcome_label), "error");
  gtk_widget_set_visible (self->stop_button, self->replay != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pubsub.replay", self->replay == NULL);
}

/* What was said last is what is shown. */
static void
outcome_cb (CbPubsubPage *self)
{
  if (self->replay == NULL)
    g_clear_pointer (&self->note, g_free);
  cb_pubsub_page_show_outcome (self);
}

static void
show_problem (CbPubsubPage *self)
{
  const char *problem = cb_pubsub_get_problem (self->pubsub);
  gboolean ready = cb_connection_get_state (cb_pubsub_get_connection (self->pubsub)) == CB_CONNECTION_READY;

  /* Where the whole server is away, the window says so. */
  cb_banner_set_title (self->banner, problem != NULL ? problem : "");
  cb_banner_set_revealed (self->banner, problem != NULL && ready);
}

/* Who listens to a channel may want to say something on it. */
static void
suggest (CbPubsubPage *self, GBytes *channel)
{
  gsize size;
  const char *name = channel != NULL ? g_bytes_get_data (channel, &size) : NULL;
  g_autofree char *text = NULL;

  if (name == NULL || !g_utf8_validate (name, (gssize) size, NULL))
    return;
  text = g_strndup (name, size);
  cb_publish_bar_suggest (self->publish_bar, text);
}

static void
show_subscriptions (CbPubsubPage *self)
{
  g_autoptr (CbSubscription) first = g_list_model_get_item (cb_pubsub_get_subscriptions (self->pubsub), 0);
  guint n = g_list_model_get_n_items (cb_pubsub_get_subscriptions (self->pubsub));
  g_autofree char *status = n > 0 ? cb_format_exact_count (n) : NULL;
  g_autofree char *subtitle = n > 0 ? g_strdup_printf (ngettext ("%s subscription", "%s subscriptions", n), status) : NULL;

  cb_page_set_subtitle (CB_PAGE (self), subtitle);
  g_object_set (self, "status", status, NULL);
  if (first != NULL && cb_subscription_get_kind (first) == CB_TOPIC_CHANNEL)
    suggest (self, cb_subscription_get_name (first));
  update_view (self);
}

static gboolean
has_patterns (CbPubsubPage *self)
{
  GListModel *subscriptions = cb_pubsub_get_subscriptions (self->pubsub);

  for (guint i = 0; i < g_list_model_get_n_items (subscriptions); i++)
    {
      g_autoptr (CbSubscription) subscription = g_list_model_get_item (subscriptions, i);

      if (cb_subscription_get_kind (subscription) == CB_TOPIC_PATTERN)
        return TRUE;
    }
  return FALSE;
}

static void
update_view (CbPubsubPage *self)
{
  CbMessageCounts counts;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->messages));
  guint n_subscriptions = g_list_model_get_n_items (cb_pubsub_get_subscriptions (self->pubsub));
  const char *name = "list";

  cb_message_list_get_counts (self->messages, &counts);
  if (n == 0 && self->filtered && counts.in_list > 0)
    name = "filtered";
  else if (n == 0)
    name = n_subscriptions == 0 ? "empty" : "quiet";
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->list_stack), name) != 0)
    gtk_stack_set_visible_child_name (self->list_stack, name);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pubsub.save", n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "pubsub.clear", counts.received > 0 || counts.gaps > 0);
}

/* --- scrolling --- */

/* Before the next layout, so that nothing is laid out twice. */
static void
scroll_to_newest (CbPubsubPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->messages));

  if (n == 0)
    return;
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->view)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_activate_action (child, "list.scroll-to-item", "u",
                                    cb_message_list_get_newest_first (self->messages) ? 0 : n - 1))
      return;
}

static void
set_following (CbPubsubPage *self, gboolean following)
{
  self->following = following;
  gtk_widget_set_visible (self->newest_button, !following);
}

static gboolean
is_at_newest (CbPubsubPage *self, GtkAdjustment *adjustment)
{
  double rest = gtk_adjustment_get_value (adjustment);

  if (!cb_message_list_get_newest_first (self->messages))
    rest = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) - rest;
  return rest < 8;
}

/* Only where nothing came at the same time is it the reader who scrolled. */
static void
scrolled_cb (CbPubsubPage *self, GtkAdjustment *adjustment)
{
  if (self->messages != NULL && gtk_adjustment_get_upper (adjustment) == self->upper)
    set_following (self, is_at_newest (self, adjustment));
}

/* The newest at the bottom is followed as the list grows. */
static void
grown_cb (CbPubsubPage *self, GtkAdjustment *adjustment)
{
  self->upper = gtk_adjustment_get_upper (adjustment);
  if (self->messages == NULL || !self->following || is_at_newest (self, adjustment))
    return;
  gtk_adjustment_set_value (adjustment, cb_message_list_get_newest_first (self->messages)
                                          ? 0
                                          : self->upper - gtk_adjustment_get_page_size (adjustment));
}

/* --- what comes --- */

static void
arrived_cb (CbPubsubPage *self)
{
  if (self->following)
    scroll_to_newest (self);
}

static void
flush (CbPubsubPage *self)
{
  self->n_flushed = cb_message_list_flush (self->messages);
  if (self->n_flushed > 0)
    self->flushed_at = g_get_monotonic_time ();
  update_view (self);
  show_counts (self);
}

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  self->frame_id = 0;
  flush (self);
  return G_SOURCE_REMOVE;
}

static void
flush_with_frame (CbPubsubPage *self)
{
  if (self->frame_id == 0)
    self->frame_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), frame_cb, NULL, NULL);
}

static gboolean
waited_cb (gpointer data)
{
  CbPubsubPage *self = data;

  self->wait_id = 0;
  flush_with_frame (self);
  return G_SOURCE_REMOVE;
}

/* With the next frame; at once where it was quiet. What nobody looks at is not laid out at all. */
static void
pending_cb (CbPubsubPage *self)
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

static void
cb_pubsub_page_map (GtkWidget *widget)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  GTK_WIDGET_CLASS (cb_pubsub_page_parent_class)->map (widget);
  if (self->messages != NULL)
    flush_with_frame (self);
}

static void
tick_cb (CbPubsubPage *self)
{
  show_counts (self);
  update_view (self);
  if (gtk_widget_get_visible (self->channels_popover))
    cb_pubsub_page_show_channels (self);
}

/* --- what a person does --- */

static void
filter_cb (CbPubsubPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));
  g_autoptr (GError) error = NULL;
  CbMessageFilter *filter = NULL;

  if (self->messages == NULL)
    return;

  if (*text != '\0')
    filter = cb_message_filter_new (text, &error);
  gtk_label_set_text (self->filter_problem, error != NULL ? error->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->filter_problem), error != NULL);
  if (error != NULL)
    return;

  self->filtered = filter != NULL;
  cb_message_list_set_filter (self->messages, filter);
  update_view (self);
}

static void
paused_cb (CbPubsubPage *self)
{
  if (self->messages == NULL)
    return;
  cb_message_list_set_paused (self->messages, gtk_toggle_button_get_active (self->pause_button));
  show_counts (self);
}

static void
selected_cb (CbPubsubPage *self)
{
  CbPubsubMessage *message = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (CbPubsubMessage) before = NULL;
  g_autoptr (GBytes) channel = NULL;

  /* One that was discarded is still looked at. */
  if (message == NULL)
    return;

  before = cb_message_list_dup_before (self->messages, message);
  cb_message_detail_set_message (self->detail, message, before);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), TRUE);
  cb_list_detail_set_show_detail (CB_LIST_DETAIL (self->panes), TRUE);
  /* What is looked at stays where it is. */
  set_following (self, FALSE);

  channel = cb_pubsub_message_dup_channel (message);
  suggest (self, channel);
}

static void
close_detail (CbPubsubPage *self)
{
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  cb_list_detail_set_show_detail (CB_LIST_DETAIL (self->panes), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), FALSE);
  if (self->messages != NULL)
    set_following (self, is_at_newest (self, gtk_scrolled_window_get_vadjustment (self->scroller)));
}

static void
newest_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  if (self->messages == NULL)
    return;
  set_following (self, TRUE);
  scroll_to_newest (self);
}

static void
pause_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  gtk_toggle_button_set_active (self->pause_button, !gtk_toggle_button_get_active (self->pause_button));
}

static void
clear_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  if (self->pubsub == NULL)
    return;
  cb_pubsub_clear (self->pubsub);
  close_detail (self);
  set_following (self, TRUE);
}

static void
filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_grab_focus (CB_PUBSUB_PAGE (widget)->filter_entry);
}

static void
close_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  if (cb_list_detail_get_show_detail (CB_LIST_DETAIL (self->panes)))
    {
      close_detail (self);
      gtk_widget_grab_focus (GTK_WIDGET (self->view));
    }
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_pubsub_page_save (CB_PUBSUB_PAGE (widget));
}

static void
replay_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  cb_pubsub_page_replay (CB_PUBSUB_PAGE (widget));
}

static void
stop_replay_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_cancellable_cancel (CB_PUBSUB_PAGE (widget)->replay_cancellable);
}

static void
keyspace_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);

  if (self->pubsub != NULL)
    cb_keyspace_dialog_present (GTK_WINDOW (gtk_widget_get_root (widget)), self->pubsub);
}

static void
subscribe_all_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (widget);
  g_autoptr (GBytes) all = g_bytes_new_static ("*", 1);

  if (self->pubsub != NULL)
    cb_pubsub_subscribe (self->pubsub, CB_TOPIC_PATTERN, all);
}

static void
list_resized_cb (CbPubsubPage *self)
{
  if (self->pubsub != NULL)
    cb_message_columns_fit (self->view, gtk_widget_get_width (GTK_WIDGET (self->list_stack)), has_patterns (self));
}

static gboolean
fit_columns (gpointer data)
{
  list_resized_cb (data);
  return G_SOURCE_REMOVE;
}

/* Not in the middle of a layout. */
static void
page_size_cb (CbPubsubPage *self)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, fit_columns, g_object_ref (self), g_object_unref);
}

/* --- setting up --- */

static void
set_connection (CbPubsubPage *self, CbConnection *connection)
{
  GListModel *subscriptions;

  self->pubsub = cb_pubsub_new (connection, "callboard");
  self->messages = cb_pubsub_get_messages (self->pubsub);
  subscriptions = cb_pubsub_get_subscriptions (self->pubsub);
  cb_message_list_set_newest_first (self->messages, TRUE);
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (self->messages));
  cb_subscribe_bar_set_pubsub (self->subscribe_bar, self->pubsub);
  cb_publish_bar_set_connection (self->publish_bar, connection);

  g_signal_connect_object (self->messages, "pending", G_CALLBACK (pending_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->messages, "arrived", G_CALLBACK (arrived_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pubsub, "tick", G_CALLBACK (tick_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pubsub, "notify::problem", G_CALLBACK (show_problem), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->pubsub, "notify::n-gaps", G_CALLBACK (show_counts), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::state", G_CALLBACK (show_problem), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (subscriptions, "items-changed", G_CALLBACK (show_subscriptions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (subscriptions, "items-changed", G_CALLBACK (list_resized_cb), self, G_CONNECT_SWAPPED);
  show_subscriptions (self);
  show_counts (self);
  gtk_stack_set_visible_child_name (self->stack, "pubsub");
}

static void
connection_cb (CbPubsubPage *self)
{
  CbConnection *connection = cb_session_get_connection (cb_page_get_session (CB_PAGE (self)));

  if (self->pubsub == NULL && connection != NULL)
    set_connection (self, connection);
}

static void
rights_cb (CbPubsubPage *self)
{
  cb_publish_bar_set_refusal (self->publish_bar,
                              cb_session_get_refusal (cb_page_get_session (CB_PAGE (self)), CB_RIGHT_PUBLISH, NULL));
}

static void
cb_pubsub_page_set_up (CbPage *page, CbSession *session)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (page);

  g_signal_connect_object (session, "rights-changed", G_CALLBACK (rights_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::connection", G_CALLBACK (connection_cb), self, G_CONNECT_SWAPPED);
  connection_cb (self);
  rights_cb (self);
}

static void
set_newest_first (CbPubsubPage *self, gboolean newest_first)
{
  if (self->messages == NULL || cb_message_list_get_newest_first (self->messages) == newest_first)
    return;
  cb_message_list_set_newest_first (self->messages, newest_first);
  set_following (self, TRUE);
  scroll_to_newest (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEWEST_FIRST]);
}

static void
cb_pubsub_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (object);

  switch (id)
    {
    case PROP_NEWEST_FIRST:
      g_value_set_boolean (value, self->messages == NULL || cb_message_list_get_newest_first (self->messages));
      break;
    case PROP_WRAP:
      g_value_set_boolean (value, self->wrap);
      break;
    case PROP_REPLAY_SPEED:
      g_value_set_string (value, self->replay_speed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_pubsub_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (object);

  switch (id)
    {
    case PROP_NEWEST_FIRST:
      set_newest_first (self, g_value_get_boolean (value));
      break;
    case PROP_WRAP:
      if (self->wrap == g_value_get_boolean (value))
        return;
      self->wrap = !self->wrap;
      cb_message_columns_set_wrap (self->view, self->wrap);
      g_object_notify_by_pspec (object, pspec);
      break;
    case PROP_REPLAY_SPEED:
      if (g_strcmp0 (self->replay_speed, g_value_get_string (value)) == 0)
        return;
      g_free (self->replay_speed);
      self->replay_speed = g_value_dup_string (value);
      g_object_notify_by_pspec (object, pspec);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_pubsub_page_dispose (GObject *object)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (object);

  g_clear_handle_id (&self->wait_id, g_source_remove);
  if (self->frame_id != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->frame_id);
  self->frame_id = 0;
  g_cancellable_cancel (self->replay_cancellable);
  g_clear_object (&self->replay_cancellable);
  g_clear_object (&self->replay);
  if (self->pubsub != NULL)
    cb_pubsub_close (self->pubsub);
  self->messages = NULL;
  g_clear_object (&self->pubsub);

  G_OBJECT_CLASS (cb_pubsub_page_parent_class)->dispose (object);
}

static void
cb_pubsub_page_finalize (GObject *object)
{
  CbPubsubPage *self = CB_PUBSUB_PAGE (object);

  g_free (self->replay_speed);
  g_free (self->note);

  G_OBJECT_CLASS (cb_pubsub_page_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, panes);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, stack);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, selection);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, subscribe_bar);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, filter_problem);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, pause_button);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, held_label);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, channels_popover);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, channels_grid);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, banner);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, list_stack);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, view);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, newest_button);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, publish_bar);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, counts_label);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, outcome_label);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, stop_button);
  gtk_widget_class_bind_template_child (widget_class, CbPubsubPage, detail);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, paused_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, close_detail);
  gtk_widget_class_bind_template_callback (widget_class, outcome_cb);
  gtk_widget_class_bind_template_callback (widget_class, cb_pubsub_page_show_channels);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "pubsub.pause", NULL, pause_action);
  gtk_widget_class_install_action (widget_class, "pubsub.clear", NULL, clear_action);
  gtk_widget_class_install_action (widget_class, "pubsub.filter", NULL, filter_action);
  gtk_widget_class_install_action (widget_class, "pubsub.close", NULL, close_action);
  gtk_widget_class_install_action (widget_class, "pubsub.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "pubsub.replay", NULL, replay_action);
  gtk_widget_class_install_action (widget_class, "pubsub.stop-replay", NULL, stop_replay_action);
  gtk_widget_class_install_action (widget_class, "pubsub.keyspace", NULL, keyspace_action);
  gtk_widget_class_install_action (widget_class, "pubsub.subscribe-all", NULL, subscribe_all_action);
  gtk_widget_class_install_action (widget_class, "pubsub.newest", NULL, newest_action);
  gtk_widget_class_install_property_action (widget_class, "pubsub.newest-first", "newest-first");
  gtk_widget_class_install_property_action (widget_class, "pubsub.wrap", "wrap");
  gtk_widget_class_install_property_action (widget_class, "pubsub.replay-speed", "replay-speed");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_p, GDK_CONTROL_MASK, "pubsub.pause", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_l, GDK_CONTROL_MASK, "pubsub.clear", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_s, GDK_CONTROL_MASK, "pubsub.save", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_End, GDK_CONTROL_MASK, "pubsub.newest", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "pubsub.close", NULL);
}

static void
cb_pubsub_page_class_init (CbPubsubPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = cb_pubsub_page_get_property;
  object_class->set_property = cb_pubsub_page_set_property;
  object_class->dispose = cb_pubsub_page_dispose;
  object_class->finalize = cb_pubsub_page_finalize;
  widget_class->map = cb_pubsub_page_map;
  CB_PAGE_CLASS (klass)->set_up = cb_pubsub_page_set_up;

  properties[PROP_NEWEST_FIRST] = g_param_spec_boolean ("newest-first", NULL, NULL, TRUE, flags);
  properties[PROP_WRAP] = g_param_spec_boolean ("wrap", NULL, NULL, FALSE, flags);
  properties[PROP_REPLAY_SPEED] = g_param_spec_string ("replay-speed", NULL, NULL, "1", flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  g_type_ensure (CB_TYPE_BANNER);
  g_type_ensure (CB_TYPE_LIST_DETAIL);
  g_type_ensure (CB_TYPE_MESSAGE_DETAIL);
  g_type_ensure (CB_TYPE_PUBLISH_BAR);
  g_type_ensure (CB_TYPE_SUBSCRIBE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-pubsub-page.ui");
  bind_children (widget_class);
  install_actions (widget_class);
}

static void
cb_pubsub_page_init (CbPubsubPage *self)
{
  GtkAdjustment *adjustment;

  self->replay_speed = g_strdup ("1");
  self->following = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  cb_message_columns_add (self->view);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_hadjustment (self->scroller), "notify::page-size",
                           G_CALLBACK (page_size_cb), self, G_CONNECT_SWAPPED);
}

CbPubsub *
cb_pubsub_page_get_pubsub (CbPubsubPage *self)
{
  g_return_val_if_fail (CB_IS_PUBSUB_PAGE (self), NULL);

  return self->pubsub;
}
