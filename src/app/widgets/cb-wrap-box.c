/* cb-wrap-box.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-wrap-box.h"

struct _CbWrapBox
{
  GtkWidget parent_instance;

  int spacing;
};

G_DEFINE_FINAL_TYPE (CbWrapBox, cb_wrap_box, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SPACING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* A child in its line. */
typedef struct
{
  GtkWidget *widget;
  GtkRequestedSize size;
  int width;                  /* once the line is filled */
  guint line;
} Item;

static GArray *
list_items (CbWrapBox *self)
{
  GArray *items = g_array_new (FALSE, TRUE, sizeof (Item));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      Item item = { .widget = child };

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &item.size.minimum_size, &item.size.natural_size, NULL, NULL);
      g_array_append_val (items, item);
    }
  return items;
}

/* Of the line that begins at @begin; its number is in its items. Returns where the next one begins. */
static guint
fill_line (CbWrapBox *self, GArray *items, guint begin, guint line, int width)
{
  g_autofree GtkRequestedSize *sizes = NULL;
  guint end, n_expand = 0;
  int used = 0, rest;

  for (end = begin; end < items->len; end++)
    {
      const Item *item = &g_array_index (items, Item, end);
      int with_it = used + (end > begin ? self->spacing : 0) + item->size.minimum_size;

      if (end > begin && with_it > width)
        break;
      used = with_it;
      n_expand += gtk_widget_compute_expand (item->widget, GTK_ORIENTATION_HORIZONTAL);
    }

  sizes = g_new (GtkRequestedSize, end - begin);
  for (guint i = begin; i < end; i++)
    sizes[i - begin] = g_array_index (items, Item, i).size;
  rest = gtk_distribute_natural_allocation (MAX (width - used, 0), end - begin, sizes);

  for (guint i = begin; i < end; i++)
    {
      Item *item = &g_array_index (items, Item, i);

      item->line = line;
      item->width = sizes[i - begin].minimum_size;
      if (n_expand > 0 && gtk_widget_compute_expand (item->widget, GTK_ORIENTATION_HORIZONTAL))
        {
          int share = rest / (int) n_expand;

          item->width += share;
          rest -= share;
          n_expand--;
        }
    }
  return end;
}

/* Returns: how many lines there are */
static guint
fill_lines (CbWrapBox *self, GArray *items, int width)
{
  guint line = 0;

  for (guint begin = 0; begin < items->len; line++)
    begin = fill_line (self, items, begin, line, width);
  return line;
}

static void
measure_line (GArray *items, guint line, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);
      int least, most;

      if (item->line != line)
        continue;
      gtk_widget_measure (item->widget, GTK_ORIENTATION_VERTICAL, item->width, &least, &most, NULL, NULL);
      *minimum = MAX (*minimum, least);
      *natural = MAX (*natural, most);
    }
}

static GtkSizeRequestMode
cb_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
cb_wrap_box_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                     int *natural_baseline)
{
  CbWrapBox *self = CB_WRAP_BOX (widget);
  g_autoptr (GArray) items = list_items (self);
  int widest = 0, all = 0;
  guint n_lines;

  for (guint i = 0; i < items->len; i++)
    {
      const GtkRequestedSize *size = &g_array_index (items, Item, i).size;

      widest = MAX (widest, size->minimum_size);
      all += (i > 0 ? self->spacing : 0) + size->natural_size;
    }

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = widest;
      *natural = all;
      return;
    }

  n_lines = fill_lines (self, items, for_size < 0 ? all : MAX (for_size, widest));
  for (guint line = 0; line < n_lines; line++)
    {
      int least, most;

      measure_line (items, line, &least, &most);
      *minimum += (line > 0 ? self->spacing : 0) + least;
      *natural += (line > 0 ? self->spacing : 0) + most;
    }
}

static void
cb_wrap_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CbWrapBox *self = CB_WRAP_BOX (widget);
  g_autoptr (GArray) items = list_items (self);
  gboolean right_to_left = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint n_lines = fill_lines (self, items, width);
  guint i = 0;
  int y = 0;

  for (guint line = 0; line < n_lines; line++)
    {
      int least, most, tall, x = 0;

      measure_line (items, line, &least, &most);
      /* A row that is one line is as tall as it may be, like a box. */
      tall = n_lines == 1 ? height : least;
      for (; i < items->len && g_array_index (items, Item, i).line == line; i++)
        {
          const Item *item = &g_array_index (items, Item, i);

          gtk_widget_size_allocate (item->widget,
                                    &(GtkAllocation) { right_to_left ? width - x - item->width : x, y, item->width, tall }, -1);
          x += item->width + self->spacing;
        }
      y += tall + self->spacing;
    }
}

static void
cb_wrap_box_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SPACING)
    g_value_set_int (value, CB_WRAP_BOX (object)->spacing);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
cb_wrap_box_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SPACING)
    {
      CB_WRAP_BOX (object)->spacing = g_value_get_int (value);
      gtk_widget_queue_resize (GTK_WIDGET (object));
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
cb_wrap_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (cb_wrap_box_parent_class)->dispose (object);
}

static void
cb_wrap_box_class_init (CbWrapBoxClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_wrap_box_get_property;
  object_class->set_property = cb_wrap_box_set_property;
  object_class->dispose = cb_wrap_box_dispose;
  widget_class->get_request_mode = cb_wrap_box_get_request_mode;
  widget_class->measure = cb_wrap_box_measure;
  widget_class->size_allocate = cb_wrap_box_size_allocate;

  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, 1000, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
cb_wrap_box_init (CbWrapBox *self)
{
}

/**
 * cb_wrap_box_new:
 * @spacing: in pixels
 *
 * Returns: (transfer floating)
 */
GtkWidget *
cb_wrap_box_new (int spacing)
{
  return g_object_new (CB_TYPE_WRAP_BOX, "spacing", spacing, NULL);
}

/**
 * cb_wrap_box_append:
 * @child: (transfer floating): becomes the last
 */
void
cb_wrap_box_append (CbWrapBox *self, GtkWidget *child)
{
  g_return_if_fail (CB_IS_WRAP_BOX (self));

  gtk_widget_insert_before (child, GTK_WIDGET (self), NULL);
}
