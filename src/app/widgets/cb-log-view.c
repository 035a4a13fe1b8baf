/* cb-log-view.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-log-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cb-format.h"
#include "cb-json.h"
#include "cb-plain-text.h"

/* As many lines stay while one follows; scrolled up more of them may gather, so that nothing moves. */
#define MAX_LINES 1000
#define MAX_LINES_SCROLLED 10000
#define MAX_LINE_BYTES 4096
/* Fewer lines are seen at once. */
#define MIN_LINES_TO_FILTER 6
/* The time that putting lines into the text may take before a frame gets its turn. */
#define FILL_USEC 6000
/* So long after the reader did something the view may still move because of that. */
#define SCROLL_USEC (300 * 1000)

typedef struct
{
  gboolean shown; /* it is in the text */
  char text[];
} CbLogLine;

struct _CbLogView
{
  GtkWidget parent_instance;

  gint64 first;               /* number of the first line held */
  GPtrArray *lines;           /* (owned) (element-type CbLogLine): those held */
  guint n_filtered;           /* so many of them, from the first on, have been put into the text or left out */
  guint n_shown;              /* lines in the text */
  guint fill_id;
  char *filter;               /* (owned) (nullable): what a line must have, without case */
  gint64 length;              /* lines there are */
  gboolean at_end;
  gint64 input_time;          /* µs of the monotonic clock: when the reader last did something that may scroll; 0: nothing */

  GtkWidget *box;             /* (owned): the only child */
  GtkWidget *overlay;
  GtkScrolledWindow *scroller;
  GtkTextView *text_view;
  GtkTextBuffer *buffer;
  GtkTextMark *end_mark;
  GtkWidget *follow_button;
  guint grown_source;
  GtkWidget *filter_entry;
  GtkWidget *older_button;
  GtkLabel *note;
};

G_DEFINE_FINAL_TYPE (CbLogView, cb_log_view, GTK_TYPE_WIDGET)

enum
{
  OLDER_WANTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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

/* The view also moves by itself while it measures lines that it has not shown yet. Only what comes of a wheel, a key, a finger or the
 * scroll bar lets go of the end, or goes there. */
static void
scrolled_cb (CbLogView *self)
{
  if (self->input_time != 0 && g_get_monotonic_time () - self->input_time < SCROLL_USEC)
    set_at_end (self, get_rest (gtk_scrolled_window_get_vadjustment (self->scroller)) < 8);
}

static gboolean
event_cb (CbLogView *self, GdkEvent *event)
{
  switch (gdk_event_get_event_type (event))
    {
    case GDK_MOTION_NOTIFY:
      if ((gdk_event_get_modifier_state (event) & GDK_BUTTON1_MASK) == 0)
        break;
      G_GNUC_FALLTHROUGH;
    case GDK_BUTTON_PRESS:
    case GDK_SCROLL:
    case GDK_KEY_PRESS:
    case GDK_TOUCH_BEGIN:
    case GDK_TOUCH_UPDATE:
      self->input_time = g_get_monotonic_time ();
      break;
    default:
      break;
    }
  return GDK_EVENT_PROPAGATE;
}

static gboolean
go_to_end_cb (gpointer data)
{
  CbLogView *self = data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  self->grown_source = 0;
  if (self->at_end && get_rest (adjustment) > 0)
    gtk_adjustment_set_value (adjustment,
                              gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));

  return G_SOURCE_REMOVE;
}

/* The text grew below what is seen: go there where the reader was at the end. Not at once, as this is told while the view is laid out:
 * what is moved then has no place when it is drawn. */
static void
grown_cb (CbLogView *self)
{
  if (self->at_end && self->grown_source == 0)
    self->grown_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, go_to_end_cb, self, NULL);
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
  g_autofree char *held = cb_format_exact_count (self->lines->len);
  g_autofree char *all = cb_format_exact_count (self->length);
  g_autofree char *shown = cb_format_exact_count (self->n_shown);
  g_autofree char *text = NULL;

  if (self->lines->len == 0)
    /* Translators: the log of a job */
    text = g_strdup (_ ("Nothing yet: what its worker says appears here."));
  else if (self->filter != NULL && self->n_filtered < self->lines->len)
    text = g_strdup (_ ("Filtering…"));
  else if (self->filter != NULL && self->first > 0)
    /* Translators: three numbers of lines */
    text = g_strdup_printf (_ ("%s of the last %s lines match; there are %s"), shown, held, all);
  else if (self->filter != NULL)
    /* Translators: two numbers of lines */
    text = g_strdup_printf (_ ("%s of %s lines match"), shown, held);
  else if (self->first > 0)
    /* Translators: two numbers of lines */
    text = g_strdup_printf (_ ("The last %s of %s lines"), held, all);
  gtk_widget_set_visible (self->overlay, self->n_shown > 0);
  gtk_widget_set_visible (self->filter_entry, self->filter != NULL || self->lines->len >= MIN_LINES_TO_FILTER);
  gtk_widget_set_visible (self->older_button, self->first > 0 && self->lines->len + CB_LOG_VIEW_PART <= MAX_LINES_SCROLLED);
  gtk_label_set_label (self->note, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->note), text != NULL);
}

/* ---- lines ---- */

static CbLogLine *
create_line (GBytes *bytes)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = cb_text_display (data != NULL ? data : "", (gssize) MIN (size, MAX_LINE_BYTES), TRUE);
  gsize length = strlen (text);
  const char *rest = size > MAX_LINE_BYTES ? "…" : "";
  CbLogLine *line = g_malloc (sizeof (CbLogLine) + length + strlen (rest) + 1);

  line->shown = FALSE;
  memcpy (line->text, text, length);
  strcpy (line->text + length, rest);
  return line;
}

static gboolean
is_match (CbLogView *self, const CbLogLine *line)
{
  g_autofree char *folded = NULL;

  if (self->filter == NULL)
    return TRUE;

  folded = g_utf8_casefold (line->text, -1);
  return strstr (folded, self->filter) != NULL;
}

static gboolean fill_cb (gpointer data);

/* Puts what has not been looked at into the text; what is not done in time, later. */
static void
fill (CbLogView *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 end_time = g_get_monotonic_time () + FILL_USEC;
  GtkTextIter end;

  for (; self->n_filtered < self->lines->len; self->n_filtered++)
    {
      CbLogLine *line = g_ptr_array_index (self->lines, self->n_filtered);

      if (self->n_filtered % 64 == 0 && g_get_monotonic_time () > end_time)
        break;
      line->shown = is_match (self, line);
      if (!line->shown)
        continue;

      if (self->n_shown++ > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, line->text);
    }
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert (self->buffer, &end, text->str, (int) text->len);

  if (self->n_filtered < self->lines->len && self->fill_id == 0)
    self->fill_id = g_idle_add (fill_cb, self);
  update_note (self);
}

static gboolean
fill_cb (gpointer data)
{
  CbLogView *self = data;

  self->fill_id = 0;
  fill (self);
  return G_SOURCE_REMOVE;
}

/* All lines anew. */
static void
refill (CbLogView *self)
{
  g_clear_handle_id (&self->fill_id, g_source_remove);
  gtk_text_buffer_set_text (self->buffer, "", 0);
  self->n_filtered = 0;
  self->n_shown = 0;
  self->input_time = 0;
  fill (self);
}

static void
drop_oldest (CbLogView *self)
{
  guint most = self->at_end ? MAX_LINES : MAX_LINES_SCROLLED;
  guint n, n_shown = 0;
  GtkTextIter start, end;

  if (self->lines->len <= most)
    return;

  n = self->lines->len - most;
  for (guint i = 0; i < MIN (n, self->n_filtered); i++)
    n_shown += ((CbLogLine *) g_ptr_array_index (self->lines, i))->shown;
  if (n_shown > 0)
    {
      gtk_text_buffer_get_start_iter (self->buffer, &start);
      if (n_shown < self->n_shown)
        gtk_text_buffer_get_iter_at_line (self->buffer, &end, (int) n_shown);
      else
        gtk_text_buffer_get_end_iter (self->buffer, &end);
      gtk_text_buffer_delete (self->buffer, &start, &end);
    }
  g_ptr_array_remove_range (self->lines, 0, n);
  self->first += n;
  self->n_filtered -= MIN (n, self->n_filtered);
  self->n_shown -= n_shown;
}

static void
filter_changed_cb (CbLogView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->filter_entry));

  g_clear_pointer (&self->filter, g_free);
  if (*text != '\0')
    self->filter = g_utf8_casefold (text, -1);
  refill (self);
  if (self->at_end)
    scroll_to_end (self);
}

static void
stop_filter_cb (CbLogView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
}

static void
older_cb (CbLogView *self)
{
  /* They are to be read, and not to be dropped for what comes at the other end. */
  self->input_time = 0;
  set_at_end (self, FALSE);
  g_signal_emit (self, signals[OLDER_WANTED], 0);
}

static void
cb_log_view_dispose (GObject *object)
{
  CbLogView *self = CB_LOG_VIEW (object);

  g_clear_handle_id (&self->grown_source, g_source_remove);
  g_clear_handle_id (&self->fill_id, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_log_view_parent_class)->dispose (object);
}

static void
cb_log_view_finalize (GObject *object)
{
  CbLogView *self = CB_LOG_VIEW (object);

  g_ptr_array_unref (self->lines);
  g_free (self->filter);

  G_OBJECT_CLASS (cb_log_view_parent_class)->finalize (object);
}

static void
cb_log_view_class_init (CbLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = cb_log_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = cb_log_view_finalize;

  signals[OLDER_WANTED] =
    g_signal_new ("older-wanted", CB_TYPE_LOG_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/callboard/Callboard/ui/cb-log-view.ui");
  gtk_widget_class_bind_template_child (widget_class, CbLogView, box);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, scroller);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, text_view);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, follow_button);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, note);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, overlay);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, filter_entry);
  gtk_widget_class_bind_template_child (widget_class, CbLogView, older_button);
  gtk_widget_class_bind_template_callback (widget_class, follow_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, older_cb);
}

static void
cb_log_view_init (CbLogView *self)
{
  GtkAdjustment *adjustment;
  GtkEventController *controller;
  GtkTextIter end;

  self->lines = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));

  self->at_end = TRUE;
  self->buffer = gtk_text_view_get_buffer (self->text_view);
  cb_plain_text_keep (self->text_view);
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  self->end_mark = gtk_text_buffer_create_mark (self->buffer, NULL, &end, FALSE);
  controller = gtk_event_controller_legacy_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_object (controller, "event", G_CALLBACK (event_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->scroller), controller);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);
}

static void
restart (CbLogView *self)
{
  g_ptr_array_set_size (self->lines, 0);
  self->first = 0;
  self->length = 0;
  set_at_end (self, TRUE);
  refill (self);
}

void
cb_log_view_clear (CbLogView *self)
{
  g_return_if_fail (CB_IS_LOG_VIEW (self));

  g_clear_pointer (&self->filter, g_free);
  gtk_editable_set_text (GTK_EDITABLE (self->filter_entry), "");
  restart (self);
}

gint64
cb_log_view_get_first (CbLogView *self)
{
  g_return_val_if_fail (CB_IS_LOG_VIEW (self), 0);

  return self->first;
}

gint64
cb_log_view_get_end (CbLogView *self)
{
  g_return_val_if_fail (CB_IS_LOG_VIEW (self), 0);

  return self->first + self->lines->len;
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
      restart (self);
      self->first = lines->len > 0 ? first : 0;
    }

  self->length = length;
  for (guint i = 0; i < lines->len; i++)
    g_ptr_array_add (self->lines, create_line (g_ptr_array_index (lines, i)));
  drop_oldest (self);
  fill (self);
}

/**
 * cb_log_view_take_older:
 * @lines: (element-type GBytes): the lines just before the first one held
 *
 * Puts them above; what was the first line stays at the top. The numbers of lines held don't grow beyond a bound: then there is
 * no more button for older ones.
 */
void
cb_log_view_take_older (CbLogView *self, GPtrArray *lines)
{
  gboolean had_focus;
  guint n_shown = 0;

  g_return_if_fail (CB_IS_LOG_VIEW (self));
  g_return_if_fail ((gint64) lines->len <= self->first);

  if (lines->len == 0)
    return;

  had_focus = gtk_widget_has_focus (self->older_button);
  for (guint i = 0; i < lines->len; i++)
    {
      CbLogLine *line = create_line (g_ptr_array_index (lines, i));

      n_shown += is_match (self, line);
      g_ptr_array_insert (self->lines, (int) i, line);
    }
  self->first -= lines->len;
  refill (self);
  if (n_shown > 0 && n_shown < self->n_shown)
    {
      GtkTextIter old_first;

      gtk_text_buffer_get_iter_at_line (self->buffer, &old_first, (int) n_shown);
      gtk_text_buffer_place_cursor (self->buffer, &old_first);
      gtk_text_view_scroll_to_mark (self->text_view, gtk_text_buffer_get_insert (self->buffer), 0, TRUE, 0, 0);
    }
  if (had_focus && !gtk_widget_get_visible (self->older_button))
    gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}
