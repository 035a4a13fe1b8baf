/* cb-log-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-log-view.h"

#include <glib/gi18n.h>

#include "cb-format.h"
#include "cb-json.h"

/* As many lines stay while one follows; scrolled up more of them may gather, so that nothing moves. */
#define MAX_LINES 1000
#define MAX_LINES_SCROLLED 10000
#define MAX_LINE_BYTES 4096

struct _CbLogView
{
  GtkWidget parent_instance;

  gint64 first;               /* number of the first line shown */
  gint64 n_lines;             /* lines shown */
  gint64 length;              /* lines there are */
  gboolean at_end;
  double upper;               /* of the adjustment, when its value was last looked at */

  GtkWidget *box;             /* (owned): the only child */
  GtkWidget *overlay;
  GtkScrolledWindow *scroller;
  GtkTextView *text_view;
  GtkTextBuffer *buffer;
  GtkTextMark *end_mark;
  GtkWidget *follow_button;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (CbLogView, cb_log_view, GTK_TYPE_WIDGET)

static void
scroll_to_end (CbLogView *self)
{
  gtk_text_view_scroll_to_mark (self->text_view, self->end_mark, 0, TRUE, 0, 1);
}

static void
set_at_end (CbLogView *self, gboolean at_end)
{
  self->at_end = at_end;
  gtk_widget_set_visible (self->follow_button, !at_end);
}

static double
get_rest (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) -
         gtk_adjustment_get_value (adjustment);
}

/* Only where nothing grew at the same time is it the reader who scrolled. */
static void
scrolled_cb (CbLogView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  if (gtk_adjustment_get_upper (adjustment) == self->upper)
    set_at_end (self, get_rest (adjustment) < 8);
}

/* The text grew below what is seen: go there where the reader was at the end. */
static void
grown_cb (CbLogView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  if (self->at_end && get_rest (adjustment) > 0)
    gtk_adjustment_set_value (adjustment,
                              gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));
  self->upper = gtk_adjustment_get_upper (adjustment);
}

static void
follow_cb (CbLogView *self)
{
  set_at_end (self, TRUE);
  scroll_to_end (self);
}

static void
update_note (CbLogView *self)
{
  g_autofree char *text = NULL;

  if (self->first > 0)
    {
      g_autofree char *shown = cb_format_exact_count (self->n_lines);
      g_autofree char *all = cb_format_exact_count (self->length);

      /* Translators: two numbers of lines */
      text = g_strdup_printf (_ ("The last %s of %s lines"), shown, all);
    }
  if (self->n_lines == 0)
    /* Translators: the log of a job */
    text = g_strdup (_ ("Nothing yet: what its worker says appears here."));
  gtk_widget_set_visible (self->overlay, self->n_lines > 0);
  gtk_label_set_label (self->note, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
}

static void
drop_oldest (CbLogView *self)
{
  gint64 most = self->at_end ? MAX_LINES : MAX_LINES_SCROLLED;
  GtkTextIter start, end;

  if (self->n_lines <= most)
    return;

  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_get_iter_at_line (self->buffer, &end, (int) (self->n_lines - most));
  gtk_text_buffer_delete (self->buffer, &start, &end);
  self->first += self->n_lines - most;
  self->n_lines = most;
}

static void
append (CbLogView *self, GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GtkTextIter end;

  for (guint i = 0; i < lines->len; i++)
    {
      gsize size;
      const char *data = g_bytes_get_data (g_ptr_array_index (lines, i), &size);
      g_autofree char *line = cb_text_display (data != NULL ? data : "", (gssize) MIN (size, MAX_LINE_BYTES), TRUE);

      if (self->n_lines + i > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, line);
      if (size > MAX_LINE_BYTES)
        g_string_append (text, "…");
    }
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert (self->buffer, &end, text->str, (int) text->len);
  self->n_lines += lines->len;
}

static void
cb_log_view_dispose (GObject *object)
{
  CbLogView *self = CB_LOG_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_log_view_parent_class)->dispose (object);
}

static void
cb_log_view_class_init (CbLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_log_view_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbLogView, box);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, text_view);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, follow_button);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, note);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, overlay);
  gtk_widget_class_bind_template_callback (widget_class, follow_cb);
}

static void
cb_log_view_init (CbLogView *self)
{
  GtkAdjustment *adjustment;
  GtkTextIter end;

  gtk_widget_init_template (GTK_WIDGET (self));

  self->at_end = TRUE;
  self->buffer = gtk_text_view_get_buffer (self->text_view);
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  self->end_mark = gtk_text_buffer_create_mark (self->buffer, NULL, &end, FALSE);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
}

void
cb_log_view_clear (CbLogView *self)
{
  g_return_if_fail (CB_IS_LOG_VIEW (self));

  self->first = 0;
  self->n_lines = 0;
  self->length = 0;
  gtk_text_buffer_set_text (self->buffer, "", 0);
  set_at_end (self, TRUE);
  update_note (self);
}

gint64
cb_log_view_get_end (CbLogView *self)
{
  g_return_val_if_fail (CB_IS_LOG_VIEW (self), 0);

  return self->first + self->n_lines;
}

/**
 * cb_log_view_take:
 * @lines: (element-type GBytes): what was read
 * @first: number of the first of them, 0 being the oldest line of the log
 * @length: number of lines the log has
 *
 * Appends what is new. Where the log has become shorter, or lines between are lacking, it starts again with @lines.
 */
void
cb_log_view_take (CbLogView *self, GPtrArray *lines, gint64 first, gint64 length)
{
  g_return_if_fail (CB_IS_LOG_VIEW (self));

  if (length < cb_log_view_get_end (self) || first != cb_log_view_get_end (self))
    {
      cb_log_view_clear (self);
      self->first = first;
    }

  self->length = length;
  if (lines->len > 0)
    {
      append (self, lines);
      drop_oldest (self);
    }
  update_note (self);
}
