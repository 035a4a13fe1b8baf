/* cb-timeline-bar.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-timeline-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#include "cb-color.h"
#include "cb-direction.h"
#include "cb-format.h"
#include "cb-job-timeline.h"

#define BAR_HEIGHT 12
#define MARK_SIZE 14
#define LEAST_WIDTH 18
#define SPACING 4
#define BREAK_GAP 3

struct _CbTimelineBar
{
  GtkWidget parent_instance;

  GArray *parts;              /* (owned) (nullable) (element-type CbTimelinePart) */
  GPtrArray *names;           /* (owned) (nullable) (element-type utf8): what a screen reader says, before each part and at the end */
  gint64 now;
  int n_forgotten;
  int cursor;                 /* the part that is told of; -1 none */
  gboolean hovered;
  double hover_x;
  char *said;                 /* (owned) (nullable): the name as last set */
};

G_DEFINE_FINAL_TYPE (CbTimelineBar, cb_timeline_bar, GTK_TYPE_WIDGET)

static CbTimelinePart *
get_part (CbTimelineBar *self, guint index)
{
  return &g_array_index (self->parts, CbTimelinePart, index);
}

static guint
get_n_parts (CbTimelineBar *self)
{
  return self->parts != NULL ? self->parts->len : 0;
}

static void
place (CbTimelineBar *self, double width)
{
  if (get_n_parts (self) > 0)
    cb_timeline_place (get_part (self, 0), self->parts->len, width, LEAST_WIDTH);
}

/* ---- what it says ---- */

/* What of the drawing is not as it seems; at least that it is to scale. */
static char *
describe_scale (CbTimelineBar *self)
{
  gboolean shortened = FALSE, widened = FALSE, unknown = FALSE;
  g_autoptr (GString) text = NULL;
  const char *scale;

  for (guint i = 0; i < get_n_parts (self); i++)
    {
      shortened |= get_part (self, i)->is_shortened;
      widened |= get_part (self, i)->is_widened;
      unknown |= get_part (self, i)->kind == CB_TIMELINE_PART_UNKNOWN;
    }
  if (shortened && widened)
    scale = _ ("Drawn to scale, but long parts are shortened at the break and very short ones widened");
  else if (shortened)
    scale = _ ("Drawn to scale, but long parts are shortened at the break");
  else if (widened)
    scale = _ ("Drawn to scale, but very short parts are widened");
  else
    scale = _ ("Drawn to scale");

  text = g_string_new (scale);
  if (self->n_forgotten > 0)
    {
      g_string_append (text, ". ");
      g_string_append_printf (text,
                              ngettext ("Only the last times are kept: nothing is known of %d earlier attempt",
                                        "Only the last times are kept: nothing is known of %d earlier attempts",
                                        (gulong) self->n_forgotten),
                              self->n_forgotten);
    }
  else if (unknown)
    {
      g_string_append (text, ". ");
      g_string_append (text, _ ("Nothing is kept of the dotted part"));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe_point (gint64 time, gint64 now, gboolean is_now)
{
  return is_now ? g_strdup (_ ("now")) : cb_direction_take (cb_format_clock (time, now));
}

/* "waited 13 ms: 10:41:02.118 – 10:41:02.131" */
static char *
describe_part (CbTimelineBar *self, const CbTimelinePart *part)
{
  g_autofree char *what = cb_timeline_part_describe (part);
  g_autofree char *from = describe_point (part->from, self->now, part->begin == CB_TIMELINE_NOW);
  g_autofree char *to = describe_point (part->to, self->now, part->end == CB_TIMELINE_NOW);

  return g_strdup_printf ("%s: %s – %s", what, from, to);
}

static void
update_name (CbTimelineBar *self)
{
  g_autoptr (GString) name = g_string_new (_ ("Timeline"));

  if (self->cursor >= 0 && (guint) self->cursor < get_n_parts (self))
    {
      g_autofree char *part = describe_part (self, get_part (self, (guint) self->cursor));

      g_string_append_printf (name, ", %s", part);
    }
  else if (get_n_parts (self) > 0)
    {
      g_autofree char *scale = describe_scale (self);

      for (guint i = 0; i < self->names->len; i++)
        {
          g_string_append_printf (name, "; %s", (const char *) g_ptr_array_index (self->names, i));
          if (i < self->parts->len)
            {
              g_autofree char *what = cb_timeline_part_describe (get_part (self, i));

              g_string_append_printf (name, "; %s", what);
            }
        }
      g_string_append_printf (name, ". %s", scale);
    }

  if (g_strcmp0 (self->said, name->str) == 0)
    return;

  g_free (self->said);
  self->said = g_strdup (name->str);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->said, -1);
}

static void
set_cursor (CbTimelineBar *self, int index)
{
  if (self->cursor == index)
    return;

  self->cursor = index;
  update_name (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- drawing ---- */

static PangoLayout *
create_layout (CbTimelineBar *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (0.82));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static int
get_line_height (CbTimelineBar *self)
{
  g_autoptr (PangoLayout) layout = create_layout (self, "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
append_text (GtkSnapshot *snapshot, PangoLayout *layout, double x, double y, const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static void
get_color (CbTimelineBar *self, const char *name, double alpha, GdkRGBA *color)
{
  if (name == NULL || !cb_color_lookup (GTK_WIDGET (self), name, color))
    gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), color);
  color->alpha *= (float) alpha;
}

static void
draw_part (CbTimelineBar *self, GtkSnapshot *snapshot, const CbTimelinePart *part, gboolean marked, double y)
{
  double middle = part->x + part->width / 2;
  double strength = marked ? 1 : 0.75;
  GdkRGBA color;

  switch (part->kind)
    {
    case CB_TIMELINE_PART_RUNNING:
      get_color (self, "accent_color", strength, &color);
      break;
    case CB_TIMELINE_PART_DELAYED:
      get_color (self, "warning_color", strength, &color);
      break;
    case CB_TIMELINE_PART_AHEAD:
      get_color (self, "warning_color", strength * 0.35, &color);
      break;
    case CB_TIMELINE_PART_WAITING:
      get_color (self, NULL, strength * 0.35, &color);
      break;
    case CB_TIMELINE_PART_UNKNOWN:
    default:
      get_color (self, NULL, strength * 0.45, &color);
      for (double x = part->x + 4; x + 2 <= part->x + part->width; x += 6)
        {
          if (!part->is_shortened || fabs (x + 1 - middle) > 3 * BREAK_GAP)
            gtk_snapshot_append_color (snapshot, &color,
                                       &GRAPHENE_RECT_INIT ((float) x, (float) (y + BAR_HEIGHT / 2.0 - 1), 2, 2));
        }
      if (part->is_shortened)
        {
          gtk_snapshot_save (snapshot);
          gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) middle, (float) (y + BAR_HEIGHT / 2.0)));
          gtk_snapshot_rotate (snapshot, 20);
          gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (-3, -BAR_HEIGHT / 2.0f, 2, BAR_HEIGHT));
          gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (2, -BAR_HEIGHT / 2.0f, 2, BAR_HEIGHT));
          gtk_snapshot_restore (snapshot);
        }
      return;
    }

  if (!part->is_shortened || part->width < 4 * BREAK_GAP)
    {
      gtk_snapshot_append_color (snapshot, &color,
                                 &GRAPHENE_RECT_INIT ((float) part->x, (float) y, (float) part->width, BAR_HEIGHT));
      return;
    }

  /* The break: two slanted cuts, which show the ground. */
  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT ((float) part->x, (float) y, (float) part->width, BAR_HEIGHT));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) middle, (float) (y + BAR_HEIGHT / 2.0)));
  gtk_snapshot_rotate (snapshot, 20);
  for (int i = 0; i < 3; i++)
    {
      double left = i == 0 ? -part->width : i == 1 ? -BREAK_GAP / 2.0 : BREAK_GAP * 1.5;
      double right = i == 0 ? -BREAK_GAP * 1.5 : i == 1 ? BREAK_GAP / 2.0 : part->width;

      gtk_snapshot_append_color (snapshot, &color,
                                 &GRAPHENE_RECT_INIT ((float) left, (float) -part->width, (float) (right - left),
                                                      (float) (2 * part->width)));
    }
  gtk_snapshot_restore (snapshot);
  gtk_snapshot_pop (snapshot);
}

static void
draw_mark (CbTimelineBar *self, GtkSnapshot *snapshot, CbTimelineKind kind, double x, double y)
{
  GskRoundedRect ring, dot;
  GdkRGBA color, ground;
  double top = y + (BAR_HEIGHT - MARK_SIZE) / 2.0;

  get_color (self, kind == CB_TIMELINE_FAILED     ? "error_color"
                   : kind == CB_TIMELINE_COMPLETE ? "success_color"
                   : kind == CB_TIMELINE_STARTED  ? "accent_color"
                   : kind == CB_TIMELINE_DUE      ? "warning_color"
                                                  : NULL,
             1, &color);
  if (!cb_color_lookup (GTK_WIDGET (self), "card_bg_color", &ground))
    get_color (self, "window_bg_color", 1, &ground);
  if (kind == CB_TIMELINE_NOW)
    {
      gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT ((float) x - 1, (float) top, 2, MARK_SIZE));
      return;
    }

  gsk_rounded_rect_init_from_rect (&ring, &GRAPHENE_RECT_INIT ((float) x - MARK_SIZE / 2.0f, (float) top, MARK_SIZE, MARK_SIZE),
                                   MARK_SIZE / 2.0f);
  gsk_rounded_rect_init_from_rect (&dot, &ring.bounds, MARK_SIZE / 2.0f);
  gsk_rounded_rect_shrink (&dot, 2, 2, 2, 2);
  ground.alpha = 1;
  gtk_snapshot_push_rounded_clip (snapshot, &ring);
  gtk_snapshot_append_color (snapshot, &ground, &ring.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_push_rounded_clip (snapshot, &dot);
  gtk_snapshot_append_color (snapshot, &color, &dot.bounds);
  gtk_snapshot_pop (snapshot);
}

/* Above the bar: how long each part took, where there is room for it. */
static void
draw_durations (CbTimelineBar *self, GtkSnapshot *snapshot, double width)
{
  double free_from = 0;

  for (guint i = 0; i < get_n_parts (self); i++)
    {
      const CbTimelinePart *part = get_part (self, i);
      g_autofree char *duration = cb_format_duration (part->to - part->from);
      g_autoptr (PangoLayout) layout = create_layout (self, duration);
      gboolean marked = (int) i == self->cursor;
      double x;
      GdkRGBA color;
      int w;

      pango_layout_get_pixel_size (layout, &w, NULL);
      x = CLAMP (part->x + (part->width - w) / 2, 0, MAX (width - w, 0));
      /* Over its own part, or a little beyond it where nothing else stands. */
      if (x < free_from || x + w > part->x + part->width + (i + 1 < get_n_parts (self) ? get_part (self, i + 1)->width / 2 : 0))
        continue;
      get_color (self, NULL, marked ? 1 : 0.75, &color);
      append_text (snapshot, layout, x, 0, &color);
      free_from = x + w + 6;
    }
}

/* Below the bar: when it began and ended, or the part that is pointed at. */
static void
draw_line_below (CbTimelineBar *self, GtkSnapshot *snapshot, double y, double width)
{
  const CbTimelinePart *first = get_part (self, 0);
  const CbTimelinePart *last = get_part (self, get_n_parts (self) - 1);
  GdkRGBA color;

  get_color (self, NULL, self->cursor >= 0 ? 0.9 : 0.75, &color);
  if (self->cursor >= 0)
    {
      const CbTimelinePart *part = get_part (self, (guint) self->cursor);
      g_autofree char *text = describe_part (self, part);
      g_autoptr (PangoLayout) layout = create_layout (self, text);
      int w;

      pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_get_pixel_size (layout, &w, NULL);
      pango_layout_set_width (layout, w * PANGO_SCALE + PANGO_SCALE);
      append_text (snapshot, layout, CLAMP (part->x + (part->width - w) / 2, 0, MAX (width - w, 0)), y, &color);
      return;
    }

  {
    g_autofree char *from = describe_point (first->from, self->now, first->begin == CB_TIMELINE_NOW);
    g_autofree char *to = describe_point (last->to, self->now, last->end == CB_TIMELINE_NOW);
    g_autoptr (PangoLayout) left = create_layout (self, from);
    g_autoptr (PangoLayout) right = create_layout (self, to);
    int left_width, right_width;

    pango_layout_get_pixel_size (left, &left_width, NULL);
    pango_layout_get_pixel_size (right, &right_width, NULL);
    append_text (snapshot, left, 0, y, &color);
    if (left_width + 12 + right_width <= width)
      append_text (snapshot, right, width - right_width, y, &color);
  }
}

static void
cb_timeline_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  CbTimelineBar *self = CB_TIMELINE_BAR (widget);
  double width = gtk_widget_get_width (widget);
  double y = get_line_height (self) + SPACING + (MARK_SIZE - BAR_HEIGHT) / 2.0;
  double inner = width - MARK_SIZE;
  guint n = get_n_parts (self);

  if (n == 0 || inner < 2)
    return;

  place (self, inner);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (MARK_SIZE / 2.0f, 0));
  for (guint i = 0; i < n; i++)
    draw_part (self, snapshot, get_part (self, i), (int) i == self->cursor, y);
  for (guint i = 0; i < n; i++)
    draw_mark (self, snapshot, get_part (self, i)->begin, get_part (self, i)->x, y);
  draw_mark (self, snapshot, get_part (self, n - 1)->end, inner, y);
  draw_durations (self, snapshot, inner);
  gtk_snapshot_restore (snapshot);
  draw_line_below (self, snapshot, y + BAR_HEIGHT + (MARK_SIZE - BAR_HEIGHT) / 2.0 + SPACING, width);
}

static void
cb_timeline_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                         int *minimum_baseline, int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = 2 * (get_line_height (CB_TIMELINE_BAR (widget)) + SPACING) + MARK_SIZE;
  else
    *minimum = *natural = 120;
}

/* ---- pointer and keys ---- */

static void
point_at (CbTimelineBar *self, double x)
{
  x -= MARK_SIZE / 2.0;
  for (guint i = 0; i < get_n_parts (self); i++)
    {
      if (x < get_part (self, i)->x + get_part (self, i)->width || i + 1 == get_n_parts (self))
        {
          set_cursor (self, (int) i);
          return;
        }
    }
}

static void
motion_cb (CbTimelineBar *self, double x, double y)
{
  self->hovered = TRUE;
  self->hover_x = x;
  point_at (self, x);
}

static void
leave_cb (CbTimelineBar *self)
{
  self->hovered = FALSE;
  set_cursor (self, -1);
}

static void
focus_cb (CbTimelineBar *self)
{
  if (!gtk_widget_has_focus (GTK_WIDGET (self)))
    set_cursor (self, -1);
}

static gboolean
key_cb (CbTimelineBar *self, guint key, guint code, GdkModifierType state)
{
  int last = (int) get_n_parts (self) - 1;
  int to;

  if (last < 0 || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;

  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
      to = self->cursor >= 0 ? self->cursor - 1 : last;
      break;
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
      to = self->cursor + 1;
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
      set_cursor (self, -1);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }

  self->hovered = FALSE;
  set_cursor (self, CLAMP (to, 0, last));
  return GDK_EVENT_STOP;
}

static void
clicked_cb (CbTimelineBar *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

/* ---- object ---- */

static void
cb_timeline_bar_finalize (GObject *object)
{
  CbTimelineBar *self = CB_TIMELINE_BAR (object);

  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->said);

  G_OBJECT_CLASS (cb_timeline_bar_parent_class)->finalize (object);
}

static void
cb_timeline_bar_class_init (CbTimelineBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = cb_timeline_bar_finalize;
  widget_class->snapshot = cb_timeline_bar_snapshot;
  widget_class->measure = cb_timeline_bar_measure;

  gtk_widget_class_set_css_name (widget_class, "cb-timeline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
cb_timeline_bar_init (CbTimelineBar *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new ();

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

/* What the end of a part is called: the entry of that kind, or now. */
static char *
dup_name (GPtrArray *entries, CbTimelineKind kind, gint64 time, gint64 now)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const CbTimelineEntry *entry = g_ptr_array_index (entries, i);

      if (entry->kind == kind && entry->time == time)
        {
          g_autofree char *clock = cb_format_clock (time, now);

          return g_strdup_printf ("%s %s", entry->label, clock);
        }
    }
  return g_strdup (_ ("now"));
}

void
cb_timeline_bar_set_job (CbTimelineBar *self, CbJobRecord *job, GPtrArray *entries, gint64 now)
{
  guint n;

  g_return_if_fail (CB_IS_TIMELINE_BAR (self));

  g_clear_pointer (&self->parts, g_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  self->parts = cb_job_timeline_get_parts (job, entries, now);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->now = now;
  self->n_forgotten = cb_job_timeline_count_forgotten (job);

  n = get_n_parts (self);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->names, dup_name (entries, get_part (self, i)->begin, get_part (self, i)->from, now));
  if (n > 0)
    g_ptr_array_add (self->names, dup_name (entries, get_part (self, n - 1)->end, get_part (self, n - 1)->to, now));

  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
  place (self, MAX (gtk_widget_get_width (GTK_WIDGET (self)) - MARK_SIZE, 120));
  if (self->cursor >= (int) n)
    self->cursor = -1;
  if (self->hovered && n > 0)
    point_at (self, self->hover_x);
  update_name (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

char *
cb_timeline_bar_dup_note (CbTimelineBar *self)
{
  g_return_val_if_fail (CB_IS_TIMELINE_BAR (self), NULL);

  return get_n_parts (self) > 0 ? describe_scale (self) : NULL;
}
