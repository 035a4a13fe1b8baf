/* cb-scroll-on.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-scroll-on.h"

#include <math.h>

static gboolean
can_move (GtkAdjustment *adjustment, double delta)
{
  double value = gtk_adjustment_get_value (adjustment);

  return delta < 0 ? value > gtk_adjustment_get_lower (adjustment)
                   : value < gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

/* As far as GTK itself scrolls with one notch of a wheel. */
static void
move (GtkEventControllerScroll *controller, GtkAdjustment *adjustment, double delta)
{
  double step = 1;

  if (gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL)
    step = pow (gtk_adjustment_get_page_size (adjustment), 2.0 / 3.0);
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + delta * step);
}

/* Returns: (nullable) (transfer none): what the pointer is on */
static GtkWidget *
pick (GtkWidget *outer, GdkEvent *event)
{
  GtkNative *native = gtk_widget_get_native (outer);
  double x, y, native_x, native_y;

  if (event == NULL || native == NULL || !gdk_event_get_position (event, &x, &y))
    return NULL;

  gtk_native_get_surface_transform (native, &native_x, &native_y);
  if (!gtk_widget_translate_coordinates (GTK_WIDGET (native), outer, x - native_x, y - native_y, &x, &y))
    return NULL;
  return gtk_widget_pick (outer, x, y, GTK_PICK_DEFAULT);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  GtkWidget *outer = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (outer));
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));

  if (dy == 0 || !can_move (adjustment, dy))
    return FALSE;

  for (GtkWidget *widget = pick (outer, event); widget != NULL && widget != outer; widget = gtk_widget_get_parent (widget))
    if (GTK_IS_SCROLLED_WINDOW (widget) && can_move (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)), dy))
      return FALSE;

  move (controller, adjustment, dy);
  return TRUE;
}

/**
 * cb_scroll_on:
 * @outer: has others in it
 *
 * Lets the wheel move it also with the pointer on one of those, when that is at its end or all of it is seen. GTK takes what
 * a scrolled window in another one can't use for done.
 */
void
cb_scroll_on (GtkScrolledWindow *outer)
{
  GtkEventController *scroll;

  g_return_if_fail (GTK_IS_SCROLLED_WINDOW (outer));

  scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), NULL);
  gtk_widget_add_controller (GTK_WIDGET (outer), scroll);
}

static gboolean
across_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  GtkWidget *scroller = gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller));

  if (gtk_widget_get_direction (scroller) == GTK_TEXT_DIR_RTL)
    dy = -dy;
  if (dx != 0 || dy == 0 || !can_move (adjustment, dy))
    return FALSE;

  move (controller, adjustment, dy);
  return TRUE;
}

/**
 * cb_scroll_across:
 * @scroller: holds one row, which may be wider than it
 *
 * Lets the wheel move the row to its end and back, as there is nothing else in it to scroll.
 */
void
cb_scroll_across (GtkScrolledWindow *scroller)
{
  GtkEventController *scroll;

  g_return_if_fail (GTK_IS_SCROLLED_WINDOW (scroller));

  scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect (scroll, "scroll", G_CALLBACK (across_cb), NULL);
  gtk_widget_add_controller (GTK_WIDGET (scroller), scroll);
}
