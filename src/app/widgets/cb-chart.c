/* cb-chart.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-chart.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cb-color.h"
#include "cb-format.h"
#include "cb-text-scale.h"

#define MOST_SERIES 4
/* At the usual size of text. */
#define LABEL_HEIGHT 16
#define TOP 6
#define LINE_DISTANCE 34
#define BOX_PADDING 8
#define PAGE_STEP 10

struct _CbChart
{
  GtkWidget parent_instance;

  char *title;                    /* (owned) (nullable) */
  char *empty_text;               /* (owned) (nullable) */
  int content_height;

  const CbChartSeries *series;
  guint n_series;
  CbChartFormat format;
  double least;

  gint64 first_at;
  gint64 step;
  guint n;
  double *values[MOST_SERIES];    /* (owned) (nullable) */

  int cursor;                     /* the point that is told of; -1 none */
  gboolean hovered;               /* it follows the pointer */
  double hover_x;
};

G_DEFINE_FINAL_TYPE (CbChart, cb_chart, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_CONTENT_HEIGHT,
  PROP_EMPTY_TEXT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static gboolean
is_known (CbChart *self, guint index)
{
  for (guint i = 0; i < self->n_series; i++)
    {
      if (self->values[i] != NULL && !isnan (self->values[i][index]))
        return TRUE;
    }
  return FALSE;
}

static int
find_last_known (CbChart *self)
{
  for (int i = (int) self->n - 1; i >= 0; i--)
    {
      if (is_known (self, (guint) i))
        return i;
    }
  return -1;
}

/* ---- what it says ---- */

/* The time of a point; with the day where the chart goes over more than one. */
static char *
describe_time (CbChart *self, guint index)
{
  gint64 at = self->first_at + (gint64) index * self->step;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at / G_USEC_PER_SEC);

  if (time == NULL)
    return g_strdup ("–");
  if (self->step < 60 * G_USEC_PER_SEC)
    return g_date_time_format (time, "%H:%M:%S");
  if (self->step * (gint64) self->n > 12 * 3600 * (gint64) G_USEC_PER_SEC)
    return g_date_time_format (time, "%a %H:%M");
  return g_date_time_format (time, "%H:%M");
}

char *
cb_chart_describe (CbChart *self, int index)
{
  g_autofree char *time = NULL;
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (CB_IS_CHART (self), NULL);

  if (index < 0)
    index = find_last_known (self);
  if (index < 0 || (guint) index >= self->n)
    return g_strdup (self->empty_text != NULL ? self->empty_text : _ ("nothing is known yet"));

  time = describe_time (self, (guint) index);
  if (!is_known (self, (guint) index))
    /* Translators: a time of day: what a chart has there */
    return g_strdup_printf (_ ("%s: nothing is known"), time);

  text = g_string_new (NULL);
  for (guint i = 0; i < self->n_series; i++)
    {
      double value = self->values[i][index];
      g_autofree char *shown = isnan (value) ? g_strdup ("–") : self->format (value);

      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", self->series[i].label, shown);
    }
  return g_strdup_printf ("%s: %s", time, text->str);
}

static void
update_name (CbChart *self)
{
  g_autofree char *point = cb_chart_describe (self, self->cursor);
  g_autofree char *name = self->title != NULL ? g_strdup_printf ("%s, %s", self->title, point) : g_strdup (point);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
set_cursor (CbChart *self, int index)
{
  self->cursor = index;
  update_name (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- drawing ---- */

/* 1, 2 or 5 times a power of ten, so that the lines stand at numbers people like. */
static double
get_top (CbChart *self)
{
  double most = MAX (self->least, 0);
  double power, top;

  for (guint i = 0; i < self->n_series; i++)
    for (guint j = 0; j < self->n; j++)
      {
        if (!isnan (self->values[i][j]))
          most = MAX (most, self->values[i][j]);
      }
  if (most <= self->least || most <= 0)
    return self->least > 0 ? self->least : 1;

  power = pow (10, floor (log10 (most)));
  top = most / power <= 1 ? 1 : most / power <= 2 ? 2 : most / power <= 4 ? 4 : most / power <= 5 ? 5 : 10;
  return top * power;
}

static double
get_x (CbChart *self, guint index, double width)
{
  return self->n > 1 ? index * width / (self->n - 1) : width;
}

static void
append_text (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static PangoLayout *
create_small_layout (CbChart *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (0.82));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static void
draw_grid (CbChart *self, GtkSnapshot *snapshot, double top, double width, double height)
{
  GdkRGBA line, text;
  guint n_lines = MAX ((guint) (height / LINE_DISTANCE), 1);

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &text);
  line = text;
  line.alpha *= 0.12f;
  text.alpha *= 0.75f;

  for (guint i = 0; i <= n_lines; i++)
    {
      double y = floor (TOP + height * i / n_lines);

      gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (0, (float) y, (float) width, 1));
    }

  /* The number of the highest line; the others are parts of it. */
  {
    g_autofree char *shown = self->format (top);
    g_autoptr (PangoLayout) layout = create_small_layout (self, shown);

    append_text (snapshot, layout, 2, TOP + 1, &text);
  }
  if (self->n > 1)
    {
      g_autofree char *from = describe_time (self, 0);
      g_autofree char *to = describe_time (self, self->n - 1);
      g_autoptr (PangoLayout) first = create_small_layout (self, from);
      g_autoptr (PangoLayout) last = create_small_layout (self, to);
      int last_width;

      pango_layout_get_pixel_size (last, &last_width, NULL);
      append_text (snapshot, first, 0, TOP + height + 3, &text);
      append_text (snapshot, last, width - last_width, TOP + height + 3, &text);
    }
}

/* Where nobody looked. */
static void
draw_unknown (CbChart *self, GtkSnapshot *snapshot, double width, double height)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.05f;
  for (guint i = 0; i < self->n; i++)
    {
      guint to = i;

      while (to < self->n && !is_known (self, to))
        to++;
      if (to > i)
        {
          double left = i > 0 ? get_x (self, i - 1, width) : 0;
          double right = to < self->n ? get_x (self, to, width) : width;

          gtk_snapshot_append_color (snapshot, &color,
                                     &GRAPHENE_RECT_INIT ((float) left, TOP, (float) (right - left), (float) height));
          i = to;
        }
    }
}

static void
draw_series (CbChart *self, GtkSnapshot *snapshot, guint series, double top, double width, double height)
{
  const double *values = self->values[series];
  GdkRGBA color;
  cairo_t *cairo;

  if (!cb_color_lookup (GTK_WIDGET (self), self->series[series].color, &color))
    gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);

  cairo = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (-2, 0, (float) width + 4, (float) height + TOP + 2));
  cairo_set_line_width (cairo, 1.6);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cairo, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < self->n;)
    {
      guint from;

      while (i < self->n && isnan (values[i]))
        i++;
      if (i == self->n)
        break;
      from = i;
      for (; i < self->n && !isnan (values[i]); i++)
        {
          double y = TOP + height - CLAMP (values[i] / top, 0, 1) * height;

          if (i == from)
            cairo_move_to (cairo, get_x (self, i, width), y);
          cairo_line_to (cairo, get_x (self, i, width), y);
        }
      if (self->series[series].filled)
        {
          cairo_path_t *path = cairo_copy_path (cairo);

          cairo_line_to (cairo, get_x (self, i - 1, width), TOP + height);
          cairo_line_to (cairo, get_x (self, from, width), TOP + height);
          cairo_close_path (cairo);
          cairo_set_source_rgba (cairo, color.red, color.green, color.blue, color.alpha * 0.13);
          cairo_fill (cairo);
          cairo_append_path (cairo, path);
          cairo_path_destroy (path);
        }
      cairo_set_source_rgba (cairo, color.red, color.green, color.blue, color.alpha);
      cairo_stroke (cairo);
    }
  cairo_destroy (cairo);
}

static void
draw_box (CbChart *self, GtkSnapshot *snapshot, double x, double width, double height)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *time = describe_time (self, (guint) self->cursor);
  g_autoptr (PangoLayout) layout = NULL;
  GdkRGBA ground = { 0.1f, 0.1f, 0.1f, 0.92f };
  const GdkRGBA color = { 1, 1, 1, 1 };
  GskRoundedRect shape;
  int w, h;
  double left, box_top;

  g_string_append (text, time);
  if (!is_known (self, (guint) self->cursor))
    g_string_append_printf (text, "\n%s", _ ("nothing is known"));
  for (guint i = 0; i < self->n_series && is_known (self, (guint) self->cursor); i++)
    {
      double value = self->values[i][self->cursor];
      g_autofree char *shown = isnan (value) ? g_strdup ("–") : self->format (value);

      g_string_append_printf (text, "\n%s %s", self->series[i].label, shown);
    }
  layout = create_small_layout (self, text->str);
  pango_layout_get_pixel_size (layout, &w, &h);
  w += 2 * BOX_PADDING;
  h += 2 * (BOX_PADDING - 2);
  left = x + 10 + w <= width ? x + 10 : x - 10 - w;
  left = CLAMP (left, 0, MAX (width - w, 0));
  box_top = MAX ((height - h) / 2, 0);

  gsk_rounded_rect_init_from_rect (&shape, &GRAPHENE_RECT_INIT ((float) left, (float) box_top, (float) w, (float) h), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &shape);
  gtk_snapshot_append_color (snapshot, &ground, &shape.bounds);
  gtk_snapshot_pop (snapshot);
  append_text (snapshot, layout, left + BOX_PADDING, box_top + BOX_PADDING - 2, &color);
}

static void
draw_cursor (CbChart *self, GtkSnapshot *snapshot, double top, double width, double height)
{
  double x = get_x (self, (guint) self->cursor, width);
  GdkRGBA line;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &line);
  line.alpha *= 0.4f;
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT ((float) floor (x), TOP, 1, (float) height));
  for (guint i = 0; i < self->n_series; i++)
    {
      double value = self->values[i][self->cursor];
      GskRoundedRect dot;
      GdkRGBA color;

      if (isnan (value) || !cb_color_lookup (GTK_WIDGET (self), self->series[i].color, &color))
        continue;
      gsk_rounded_rect_init_from_rect (&dot,
                                       &GRAPHENE_RECT_INIT ((float) x - 3, (float) (TOP + height - CLAMP (value / top, 0, 1) * height) - 3,
                                                            7, 7),
                                       3.5f);
      gtk_snapshot_push_rounded_clip (snapshot, &dot);
      gtk_snapshot_append_color (snapshot, &color, &dot.bounds);
      gtk_snapshot_pop (snapshot);
    }
  draw_box (self, snapshot, x, width, height + TOP);
}

static void
cb_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CbChart *self = CB_CHART (widget);
  double width = gtk_widget_get_width (widget);
  double height = gtk_widget_get_height (widget) - TOP - cb_text_scale (widget, LABEL_HEIGHT);
  double top;

  if (width < 2 || height < 2 || self->series == NULL || self->n == 0)
    return;

  top = get_top (self);
  draw_unknown (self, snapshot, width, height);
  draw_grid (self, snapshot, top, width, height);
  for (guint i = 0; i < self->n_series; i++)
    draw_series (self, snapshot, i, top, width, height);

  if (find_last_known (self) < 0 && self->empty_text != NULL)
    {
      g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, self->empty_text);
      GdkRGBA color;
      int w, h;

      gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
      color.alpha *= 0.75f;
      pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
      pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
      pango_layout_get_pixel_size (layout, &w, &h);
      append_text (snapshot, layout, 0, TOP + (height - h) / 2, &color);
    }
  else if (self->cursor >= 0 && (guint) self->cursor < self->n)
    {
      draw_cursor (self, snapshot, top, width, height);
    }
}

static void
cb_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                  int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = CB_CHART (widget)->content_height + TOP + cb_text_scale (widget, LABEL_HEIGHT);
  else
    *minimum = *natural = 120;
}

/* ---- pointer and keys ---- */

static void
point_at (CbChart *self, double x)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));

  if (self->n == 0 || width < 2)
    return;

  set_cursor (self, (int) CLAMP (lround (x / width * (self->n - 1)), 0, (long) self->n - 1));
}

static void
motion_cb (CbChart *self, double x, double y)
{
  self->hovered = TRUE;
  self->hover_x = x;
  point_at (self, x);
}

static void
leave_cb (CbChart *self)
{
  self->hovered = FALSE;
  set_cursor (self, -1);
}

static void
focus_cb (CbChart *self)
{
  /* It tells of the last point until somebody goes elsewhere. */
  if (!gtk_widget_has_focus (GTK_WIDGET (self)))
    set_cursor (self, -1);
}

static gboolean
key_cb (CbChart *self, guint key, guint code, GdkModifierType state)
{
  int last = (int) self->n - 1;
  int from = self->cursor >= 0 ? self->cursor : find_last_known (self);
  int to;

  if (last < 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (from < 0)
    from = last;

  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      to = self->cursor >= 0 ? from - 1 : from;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      to = from + 1;
      break;
    case GDK_KEY_Page_Up:
    case GDK_KEY_KP_Page_Up:
      to = from - PAGE_STEP;
      break;
    case GDK_KEY_Page_Down:
    case GDK_KEY_KP_Page_Down:
      to = from + PAGE_STEP;
      break;
    case GDK_KEY_Home:
    case GDK_KEY_KP_Home:
      to = 0;
      break;
    case GDK_KEY_End:
    case GDK_KEY_KP_End:
      to = last;
      break;
    case GDK_KEY_Escape:
      if (self->cursor < 0)
        return GDK_EVENT_PROPAGATE;
      to = -1;
      break;
    default:
      return GDK_EVENT_PROPAGATE;
    }

  self->hovered = FALSE;
  set_cursor (self, key == GDK_KEY_Escape ? -1 : CLAMP (to, 0, last));
  return GDK_EVENT_STOP;
}

static void
clicked_cb (CbChart *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

/* ---- object ---- */

static void
clear_values (CbChart *self)
{
  for (guint i = 0; i < MOST_SERIES; i++)
    g_clear_pointer (&self->values[i], g_free);
  self->n = 0;
}

static void
cb_chart_finalize (GObject *object)
{
  CbChart *self = CB_CHART (object);

  clear_values (self);
  g_free (self->title);
  g_free (self->empty_text);

  G_OBJECT_CLASS (cb_chart_parent_class)->finalize (object);
}

static void
cb_chart_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbChart *self = CB_CHART (object);

  switch (id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_CONTENT_HEIGHT:
      g_value_set_int (value, self->content_height);
      break;
    case PROP_EMPTY_TEXT:
      g_value_set_string (value, self->empty_text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_chart_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbChart *self = CB_CHART (object);

  switch (id)
    {
    case PROP_TITLE:
      g_free (self->title);
      self->title = g_value_dup_string (value);
      update_name (self);
      break;
    case PROP_CONTENT_HEIGHT:
      self->content_height = g_value_get_int (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
      break;
    case PROP_EMPTY_TEXT:
      g_free (self->empty_text);
      self->empty_text = g_value_dup_string (value);
      update_name (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_chart_class_init (CbChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = cb_chart_finalize;
  object_class->get_property = cb_chart_get_property;
  object_class->set_property = cb_chart_set_property;
  widget_class->snapshot = cb_chart_snapshot;
  widget_class->measure = cb_chart_measure;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONTENT_HEIGHT] =
    g_param_spec_int ("content-height", NULL, NULL, 20, 2000, 150, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_EMPTY_TEXT] =
    g_param_spec_string ("empty-text", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_css_name (widget_class, "cb-chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cb_chart_init (CbChart *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  self->content_height = 150;
  self->cursor = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_object (motion, "enter", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (click, "pressed", G_CALLBACK (clicked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::has-focus", G_CALLBACK (focus_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

void
cb_chart_set_series (CbChart *self, const CbChartSeries *series, guint n_series, CbChartFormat format, double least)
{
  g_return_if_fail (CB_IS_CHART (self));
  g_return_if_fail (n_series > 0 && n_series <= MOST_SERIES);
  g_return_if_fail (format != NULL);

  clear_values (self);
  self->series = series;
  self->n_series = n_series;
  self->format = format;
  self->least = least;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
cb_chart_set_values (CbChart *self, gint64 first_at, gint64 step, guint n, const double * const *values)
{
  gboolean moved;

  g_return_if_fail (CB_IS_CHART (self));
  g_return_if_fail (self->series != NULL);
  g_return_if_fail (step > 0);

  moved = step == self->step && n == self->n && self->cursor >= 0;
  /* A point that the keyboard has chosen stays the same point; what is under the pointer does not move with the line. */
  if (moved && !self->hovered)
    self->cursor = (int) CLAMP (self->cursor - (first_at - self->first_at) / step, 0, (gint64) n - 1);
  else if (!moved && !self->hovered)
    self->cursor = -1;

  clear_values (self);
  self->first_at = first_at;
  self->step = step;
  self->n = n;
  for (guint i = 0; i < self->n_series; i++)
    self->values[i] = g_memdup2 (values[i], n * sizeof (double));
  if (self->hovered)
    point_at (self, self->hover_x);
  update_name (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
