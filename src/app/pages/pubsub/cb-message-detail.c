/* cb-message-detail.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-message-detail.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-diff-text.h"
#include "cb-format.h"
#include "cb-json.h"
#include "cb-payload-view.h"

/* What is compared, of each message, and what is shown as bytes. */
#define MAX_COMPARED (64 * 1024)
#define MAX_DUMPED (16 * 1024)

struct _CbMessageDetail
{
  GtkWidget parent_instance;

  CbPubsubMessage *message;   /* (owned) (nullable) */
  CbPubsubMessage *before;    /* (owned) (nullable) */
  gboolean dumped;            /* the bytes are those of @message */
  gboolean compared;

  GtkWidget *box;             /* (owned): the only child */
  GtkLabel *title;
  GtkLabel *time_label;
  GtkLabel *channel_label;
  GtkWidget *pattern_title;
  GtkLabel *pattern_label;
  GtkLabel *kind_label;
  GtkLabel *size_label;
  GtkWidget *facts;
  GtkLabel *gap_label;
  GtkWidget *content;
  GtkStack *stack;
  CbPayloadView *payload;
  GtkTextBuffer *bytes_buffer;
  GtkLabel *bytes_note;
  GtkTextBuffer *diff_buffer;
  GtkLabel *diff_note;
};

G_DEFINE_FINAL_TYPE (CbMessageDetail, cb_message_detail, GTK_TYPE_WIDGET)

static guint closed_signal;

static void
set_name (GtkLabel *label, GBytes *bytes)
{
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *text = size > 0 ? cb_text_display (data, (gssize) MIN (size, 1000), TRUE) : g_strdup (_ ("(empty)"));

  gtk_label_set_text (label, text);
}

/* --- bytes --- */

static char *
dump (const guchar *data, gsize size)
{
  GString *text = g_string_sized_new (size * 5);

  for (gsize at = 0; at < size; at += 16)
    {
      gsize n = MIN (size - at, 16);

      g_string_append_printf (text, "%08" G_GSIZE_MODIFIER "x ", at);
      for (gsize i = 0; i < 16; i++)
        {
          if (i % 8 == 0)
            g_string_append_c (text, ' ');
          if (i < n)
            g_string_append_printf (text, "%02x ", data[at + i]);
          else
            g_string_append (text, "   ");
        }
      g_string_append_c (text, ' ');
      for (gsize i = 0; i < n; i++)
        g_string_append_c (text, g_ascii_isprint ((char) data[at + i]) ? (char) data[at + i] : '.');
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static void
show_bytes (CbMessageDetail *self)
{
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (self->message);
  gsize size;
  const guchar *data = g_bytes_get_data (payload, &size);
  g_autofree char *text = dump (data, MIN (size, MAX_DUMPED));

  self->dumped = TRUE;
  gtk_text_buffer_set_text (self->bytes_buffer, text, -1);
  gtk_label_set_text (self->bytes_note, size == 0           ? _ ("The message is empty.")
                                        : size > MAX_DUMPED ? _ ("The first 16 KiB are shown.")
                                                            : "");
  gtk_widget_set_visible (GTK_WIDGET (self->bytes_note), size == 0 || size > MAX_DUMPED);
}

/* --- difference --- */

/* As lines: JSON is set out, so that a change of one member is a change of one line. */
static char *
dup_comparable (CbPubsubMessage *message)
{
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (message);
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);
  g_autofree char *pretty = NULL;

  if (size == 0)
    return g_strdup ("");
  if (size <= MAX_COMPARED && cb_json_check (data, (gssize) size, NULL))
    pretty = cb_json_pretty (data, (gssize) size);
  if (pretty != NULL && strlen (pretty) <= 4 * MAX_COMPARED)
    return cb_text_display (pretty, -1, FALSE);
  return cb_text_display (data, (gssize) MIN (size, MAX_COMPARED), FALSE);
}

static void
show_difference (CbMessageDetail *self)
{
  g_autofree char *old = NULL;
  g_autofree char *new = NULL;
  g_autofree char *note = NULL;
  guint n_changed;

  self->compared = TRUE;
  gtk_text_buffer_set_text (self->diff_buffer, "", 0);
  if (self->before == NULL)
    {
      gtk_label_set_text (self->diff_note, _ ("No message before it on this channel is in the list."));
      return;
    }

  old = dup_comparable (self->before);
  new = dup_comparable (self->message);
  n_changed = cb_diff_text_fill (self->diff_buffer, GTK_WIDGET (self), old, new, CB_DIFF_TEXT_ALL);

  {
    gint64 apart = cb_pubsub_message_get_time (self->message) - cb_pubsub_message_get_time (self->before);
    g_autofree char *duration = cb_format_duration (MAX (apart, 0));

    if (n_changed > 0)
      /* Translators: %s is a duration */
      note = g_strdup_printf (_ ("Compared with the message before on this channel, %s earlier."), duration);
    else
      /* Translators: %s is a duration */
      note = g_strdup_printf (_ ("The same as the message before on this channel, %s earlier."), duration);
    gtk_label_set_text (self->diff_note, note);
  }
}

/* Only what is looked at is worked out. */
static void
view_changed_cb (CbMessageDetail *self)
{
  const char *name = gtk_stack_get_visible_child_name (self->stack);

  if (self->message == NULL || cb_pubsub_message_is_gap (self->message))
    return;
  if (g_strcmp0 (name, "bytes") == 0 && !self->dumped)
    show_bytes (self);
  else if (g_strcmp0 (name, "difference") == 0 && !self->compared)
    show_difference (self);
}

static void
close_cb (CbMessageDetail *self)
{
  g_signal_emit (self, closed_signal, 0);
}

static void
show_gap (CbMessageDetail *self)
{
  g_autofree char *deaf = cb_format_duration (cb_pubsub_message_get_deaf (self->message));
  g_autofree char *text = g_strdup_printf (_ ("Nothing was heard for %s. %s"), deaf, cb_pubsub_message_get_gap (self->message));

  gtk_label_set_text (self->title, _ ("Gap"));
  gtk_label_set_text (self->gap_label, text);
}

static void
show_facts (CbMessageDetail *self)
{
  g_autoptr (GBytes) channel = cb_pubsub_message_dup_channel (self->message);
  g_autoptr (GBytes) pattern = cb_pubsub_message_dup_pattern (self->message);
  g_autoptr (GBytes) payload = cb_pubsub_message_dup_payload (self->message);
  g_autofree char *time = cb_format_exact (cb_pubsub_message_get_time (self->message));
  gsize size = cb_pubsub_message_get_size (self->message);
  g_autofree char *size_text = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS | G_FORMAT_SIZE_LONG_FORMAT);

  gtk_label_set_text (self->title, _ ("Message"));
  gtk_label_set_text (self->time_label, time);
  set_name (self->channel_label, channel);
  gtk_widget_set_visible (self->pattern_title, pattern != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->pattern_label), pattern != NULL);
  if (pattern != NULL)
    set_name (self->pattern_label, pattern);
  gtk_widget_set_visible (GTK_WIDGET (self->kind_label), cb_pubsub_message_get_kind (self->message) == CB_TOPIC_SHARD);
  gtk_label_set_text (self->size_label, size_text);
  cb_payload_view_set_bytes (self->payload, payload);
}

void
cb_message_detail_set_message (CbMessageDetail *self, CbPubsubMessage *message, CbPubsubMessage *before)
{
  gboolean is_gap = cb_pubsub_message_is_gap (message);

  g_return_if_fail (CB_IS_MESSAGE_DETAIL (self));

  g_set_object (&self->message, message);
  g_set_object (&self->before, before);
  self->dumped = FALSE;
  self->compared = FALSE;
  gtk_widget_set_visible (self->facts, !is_gap);
  gtk_widget_set_visible (self->content, !is_gap);
  gtk_widget_set_visible (GTK_WIDGET (self->gap_label), is_gap);
  if (is_gap)
    show_gap (self);
  else
    show_facts (self);
  view_changed_cb (self);
}

static void
cb_message_detail_dispose (GObject *object)
{
  CbMessageDetail *self = CB_MESSAGE_DETAIL (object);

  g_clear_object (&self->message);
  g_clear_object (&self->before);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_message_detail_parent_class)->dispose (object);
}

static void
cb_message_detail_class_init (CbMessageDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_message_detail_dispose;
  closed_signal =
    g_signal_new ("closed", CB_TYPE_MESSAGE_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (CB_TYPE_PAYLOAD_VIEW);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-message-detail.ui");
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, box);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, title);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, time_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, channel_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, pattern_title);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, pattern_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, kind_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, size_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, facts);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, gap_label);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, content);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, stack);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, payload);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, bytes_buffer);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, bytes_note);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, diff_buffer);
  gtk_widget_class_bind_template_child (widget_class, CbMessageDetail, diff_note);
  gtk_widget_class_bind_template_callback (widget_class, close_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_changed_cb);
}

static void
cb_message_detail_init (CbMessageDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
