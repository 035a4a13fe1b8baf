/* cb-list-detail.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-list-detail.h"

#include <glib/gi18n.h>

#include "cb-text-scale.h"

/* The handle is drawn one pixel wide and can be caught within this many. */
#define HANDLE_WIDTH 9

struct _CbListDetail
{
  GtkWidget parent_instance;

  GtkWidget *list;            /* (owned) (nullable) */
  GtkWidget *detail;          /* (owned) (nullable) */
  GtkWidget *separator;       /* (owned) */
  GtkWidget *handle;          /* (owned): invisible, above the separator */
  gboolean show_detail;
  gboolean folded;
  int detail_width;
  int drag_start_width;
};

G_DEFINE_FINAL_TYPE (CbListDetail, cb_list_detail, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_LIST,
  PROP_DETAIL,
  PROP_SHOW_DETAIL,
  PROP_FOLDED,
  PROP_DETAIL_WIDTH,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static int
get_minimum (GtkWidget *widget)
{
  int minimum = 0;

  if (widget != NULL)
    gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return minimum;
}

/* How wide each is where there is room for @width. Returns: whether that is too little for both beside each other */
static gboolean
divide (CbListDetail *self, int width, int *list_width, int *detail_width)
{
  int list_min = get_minimum (self->list);
  int detail_min = get_minimum (self->detail);

  *list_width = *detail_width = width;
  if (self->detail == NULL || !gtk_widget_get_visible (self->detail))
    return FALSE;
  if (width < list_min + 1 + detail_min)
    return TRUE;

  /* With larger text the list gets more than the least, at most half of all that is there. */
  list_min = MAX (list_min, MIN (cb_text_scale (GTK_WIDGET (self), list_min), (width - 1) / 2));
  *detail_width = MAX (detail_min, MIN (self->detail_width, width - 1 - list_min));
  *list_width = width - 1 - *detail_width;
  return FALSE;
}

static GtkSizeRequestMode
cb_list_detail_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
cb_list_detail_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                        int *minimum_baseline, int *natural_baseline)
{
  CbListDetail *self = CB_LIST_DETAIL (widget);
  int list_min = 0, list_nat = 0, detail_min = 0, detail_nat = 0;
  int list_width = -1, detail_width = -1;

  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= 0)
    divide (self, for_size, &list_width, &detail_width);
  if (self->list != NULL)
    gtk_widget_measure (self->list, orientation, list_width, &list_min, &list_nat, NULL, NULL);
  if (self->detail != NULL)
    gtk_widget_measure (self->detail, orientation, detail_width, &detail_min, &detail_nat, NULL, NULL);

  /* Either can stand alone, so the least is that of the larger one. */
  *minimum = MAX (list_min, detail_min);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? list_nat + MAX (self->detail_width, detail_min) + 1
                                                       : MAX (list_nat, detail_nat);
}

static void
allocate (GtkWidget *child, int x, int width, int height)
{
  if (child != NULL)
    gtk_widget_size_allocate (child, &(GtkAllocation) { x, 0, width, height }, -1);
}

static void
cb_list_detail_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  CbListDetail *self = CB_LIST_DETAIL (widget);
  gboolean alone = self->detail == NULL || !gtk_widget_get_visible (self->detail);
  gboolean right_to_left = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int list_width, detail_width;
  gboolean folded = divide (self, width, &list_width, &detail_width);

  /* Before the children get their places: whoever hears of it shows and hides things in them, and GTK forgets what asks for a new
   * place in a widget that has just got one, which then stays blank. */
  if (folded != self->folded)
    {
      self->folded = folded;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDED]);
    }

  if (self->list != NULL)
    gtk_widget_set_child_visible (self->list, !folded || !self->show_detail);
  if (self->detail != NULL)
    gtk_widget_set_child_visible (self->detail, !folded || self->show_detail);
  gtk_widget_set_child_visible (self->separator, !folded && !alone);
  gtk_widget_set_child_visible (self->handle, !folded && !alone);

  if (alone)
    {
      allocate (self->list, 0, width, height);
    }
  else if (folded)
    {
      allocate (self->show_detail ? self->detail : self->list, 0, width, height);
    }
  else
    {
      allocate (self->list, right_to_left ? detail_width + 1 : 0, list_width, height);
      allocate (self->separator, right_to_left ? detail_width : list_width, 1, height);
      allocate (self->detail, right_to_left ? 0 : list_width + 1, detail_width, height);
      allocate (self->handle, (right_to_left ? detail_width : list_width) - HANDLE_WIDTH / 2, HANDLE_WIDTH, height);
    }
}

static void
drag_begin_cb (CbListDetail *self, double x, double y)
{
  self->drag_start_width = self->detail != NULL ? gtk_widget_get_width (self->detail) : self->detail_width;
}

static void
drag_update_cb (CbListDetail *self, double x, double y)
{
  gboolean right_to_left = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int detail_width = self->drag_start_width + (int) (right_to_left ? x : -x);

  g_object_set (self, "detail-width", MAX (detail_width, 1), NULL);
}

static void
set_child (CbListDetail *self, GtkWidget **field, GtkWidget *child)
{
  if (*field == child)
    return;

  g_clear_pointer (field, gtk_widget_unparent);
  *field = child;
  if (child != NULL)
    gtk_widget_insert_before (child, GTK_WIDGET (self), self->separator);
}

static void
cb_list_detail_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  CbListDetail *self = CB_LIST_DETAIL (object);

  switch (id)
    {
    case PROP_LIST:
      g_value_set_object (value, self->list);
      break;
    case PROP_DETAIL:
      g_value_set_object (value, self->detail);
      break;
    case PROP_SHOW_DETAIL:
      g_value_set_boolean (value, self->show_detail);
      break;
    case PROP_FOLDED:
      g_value_set_boolean (value, self->folded);
      break;
    case PROP_DETAIL_WIDTH:
      g_value_set_int (value, self->detail_width);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_list_detail_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  CbListDetail *self = CB_LIST_DETAIL (object);

  switch (id)
    {
    case PROP_LIST:
      set_child (self, &self->list, g_value_get_object (value));
      break;
    case PROP_DETAIL:
      set_child (self, &self->detail, g_value_get_object (value));
      break;
    case PROP_SHOW_DETAIL:
      cb_list_detail_set_show_detail (self, g_value_get_boolean (value));
      break;
    case PROP_DETAIL_WIDTH:
      self->detail_width = g_value_get_int (value);
      gtk_widget_queue_allocate (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
cb_list_detail_dispose (GObject *object)
{
  CbListDetail *self = CB_LIST_DETAIL (object);

  g_clear_pointer (&self->list, gtk_widget_unparent);
  g_clear_pointer (&self->detail, gtk_widget_unparent);
  g_clear_pointer (&self->separator, gtk_widget_unparent);
  g_clear_pointer (&self->handle, gtk_widget_unparent);

  G_OBJECT_CLASS (cb_list_detail_parent_class)->dispose (object);
}

static void
cb_list_detail_class_init (CbListDetailClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = cb_list_detail_get_property;
  object_class->set_property = cb_list_detail_set_property;
  object_class->dispose = cb_list_detail_dispose;
  widget_class->get_request_mode = cb_list_detail_get_request_mode;
  widget_class->measure = cb_list_detail_measure;
  widget_class->size_allocate = cb_list_detail_size_allocate;

  properties[PROP_LIST] =
    g_param_spec_object ("list", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_DETAIL] =
    g_param_spec_object ("detail", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_DETAIL] =
    g_param_spec_boolean ("show-detail", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLDED] =
    g_param_spec_boolean ("folded", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_DETAIL_WIDTH] =
    g_param_spec_int ("detail-width", NULL, NULL, 1, 10000, 400, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
cb_list_detail_init (CbListDetail *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->detail_width = 400;
  self->separator = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_parent (self->separator, GTK_WIDGET (self));

  self->handle = g_object_new (GTK_TYPE_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  gtk_widget_set_cursor_from_name (self->handle, "col-resize");
  gtk_widget_set_parent (self->handle, GTK_WIDGET (self));
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (self->handle, GTK_EVENT_CONTROLLER (drag));
}

gboolean
cb_list_detail_get_folded (CbListDetail *self)
{
  g_return_val_if_fail (CB_IS_LIST_DETAIL (self), FALSE);

  return self->folded;
}

gboolean
cb_list_detail_get_show_detail (CbListDetail *self)
{
  g_return_val_if_fail (CB_IS_LIST_DETAIL (self), FALSE);

  return self->show_detail;
}

void
cb_list_detail_set_show_detail (CbListDetail *self, gboolean show_detail)
{
  g_return_if_fail (CB_IS_LIST_DETAIL (self));

  if (self->show_detail == show_detail)
    return;

  self->show_detail = show_detail;
  /* What comes is there at once, so that it can take the focus before what goes has lost it. */
  if (self->folded && (show_detail ? self->detail : self->list) != NULL)
    gtk_widget_set_child_visible (show_detail ? self->detail : self->list, TRUE);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_DETAIL]);
}
