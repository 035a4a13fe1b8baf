/* tell-widgets.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Loaded into the window that is tested, so that it tells what a test needs and a screen reader should know as well.
 *
 * Where its widgets are: GTK from 4.10 on adds up the places of a widget and of all that it is in, each within the other, without what
 * these have of borders and padding: the sum is too far up and left, the more so the deeper it is, and a click there misses a small
 * button. Here each is where it is in its window.
 *
 * What is hidden: the page of a stack that was shown before and is not now, and what is in it, has the place and size that it had, and
 * is told to be visible.
 *
 * How many presses of a button came in, so that one that did not is made again: a tooltip may have taken it. And how many clicks
 * were cancelled between press and release: after each layout GTK asks where the pointer is and which buttons are down, and on a busy
 * machine the button is up by then while that still waits to be read.
 *
 * Whether the keyboard is where one looks: a window that has opened is told of at once, and has the focus when the window manager comes to
 * that; when it closes, the one behind it has it a moment later. A key between goes elsewhere, or nowhere.
 *
 * And when it is told to, the window is that of somebody who reads from right to left, whatever languages the machine has.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <gtk/gtk.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cb-ui-presses.h"
#include "tell-look.h"
#include "tell-text.h"

#if GTK_CHECK_VERSION(4, 10, 0)

typedef gboolean (*GetBounds) (GtkAccessible *, int *, int *, int *, int *);

static GetBounds get_wrong_bounds;

static gboolean
get_bounds (GtkAccessible *accessible, int *x, int *y, int *width, int *height)
{
  GtkWidget *widget = GTK_WIDGET (accessible);
  GtkWidget *parent = gtk_widget_get_parent (widget);
  GtkWidget *root = GTK_WIDGET (gtk_widget_get_root (widget));
  graphene_rect_t bounds, parent_bounds;

  if (parent == NULL || root == NULL || !gtk_widget_get_realized (widget) || !gtk_widget_compute_bounds (widget, root, &bounds) ||
      !gtk_widget_compute_bounds (parent, root, &parent_bounds))
    return get_wrong_bounds (accessible, x, y, width, height);

  /* Of a window what is told is where its border begins. */
  if (parent == root)
    parent_bounds.origin = GRAPHENE_POINT_INIT (0, 0);

  *x = (int) bounds.origin.x - (int) parent_bounds.origin.x;
  *y = (int) bounds.origin.y - (int) parent_bounds.origin.y;
  *width = (int) bounds.size.width;
  *height = (int) bounds.size.height;

  return TRUE;
}

/* Those that have the interface from their parent share what it points to; the others have a copy. */
static void
mend (GType type)
{
  GTypeClass *class = g_type_class_peek (type);
  GtkAccessibleInterface *interface = class != NULL ? g_type_interface_peek (class, GTK_TYPE_ACCESSIBLE) : NULL;
  g_autofree GType *children = g_type_children (type, NULL);

  if (interface != NULL && interface->get_bounds == get_wrong_bounds)
    interface->get_bounds = get_bounds;
  for (guint i = 0; children[i] != G_TYPE_INVALID; i++)
    mend (children[i]);
}

static void
place_widgets (gpointer class)
{
  GtkAccessibleInterface *interface = g_type_interface_peek (class, GTK_TYPE_ACCESSIBLE);

  get_wrong_bounds = interface->get_bounds;
  mend (GTK_TYPE_WIDGET);
}

#else

static void
place_widgets (gpointer class)
{
}

#endif

static CbUiPresses *presses;

#define FOCUSED "cb-test-focused"
#define WATCHED "cb-test-watched"

static void
tell_focus (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gboolean has_active = FALSE, has_new = FALSE;

  if (presses == NULL)
    return;

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (!gtk_widget_get_mapped (GTK_WIDGET (window)))
        continue;
      has_active |= gtk_window_is_active (window);
      has_new |= g_object_get_data (G_OBJECT (window), FOCUSED) == NULL;
    }
  g_atomic_int_set (&presses->is_focused, has_active && !has_new);
}

static void
active_cb (GtkWindow *window)
{
  if (gtk_window_is_active (window))
    g_object_set_data (G_OBJECT (window), FOCUSED, GINT_TO_POINTER (TRUE));
  tell_focus ();
}

static void
watch_focus (GObject *window, gboolean is_hidden)
{
  if (g_object_get_data (window, WATCHED) == NULL)
    {
      g_object_set_data (window, WATCHED, GINT_TO_POINTER (TRUE));
      g_signal_connect (window, "notify::is-active", G_CALLBACK (active_cb), NULL);
    }
  if (!is_hidden && !gtk_window_is_active (GTK_WINDOW (window)))
    g_object_set_data (window, FOCUSED, NULL);
  tell_focus ();
}

/* A widget that nobody sees because what it is in is hidden is mapped and unmapped too; the one to tell of is the outermost. */
static gboolean
mapped_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GtkWidget *widget = g_value_get_object (&values[0]);
  gboolean is_hidden = GPOINTER_TO_INT (user_data);

  if (GTK_IS_WINDOW (widget))
    watch_focus (G_OBJECT (widget), is_hidden);

  if (gtk_widget_get_parent (widget) != NULL && is_hidden == !gtk_widget_get_child_visible (widget))
    gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, is_hidden, -1);

  return TRUE;
}

static gboolean
event_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GdkSurface *surface = g_value_get_object (&values[0]);
  GdkEvent *event = g_value_peek_pointer (&values[1]);
  GtkNative *native = gtk_native_get_for_surface (surface);

  if (gdk_event_get_event_type (event) == GDK_BUTTON_PRESS && native != NULL &&
      !g_str_equal (G_OBJECT_TYPE_NAME (native), "GtkTooltipWindow"))
    g_atomic_int_inc (&presses->count);

  return TRUE;
}

#define PRESSED "cb-test-pressed"

static gboolean
pressed_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GObject *gesture = g_value_get_object (&values[0]);

  /* That of a window looks on only. */
  if (!GTK_IS_ROOT (gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (gesture))))
    g_object_set_data (gesture, PRESSED, GINT_TO_POINTER (TRUE));

  return TRUE;
}

/* @user_data: what counts them */
static gboolean
ended_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GObject *gesture = g_value_get_object (&values[0]);

  if (g_object_get_data (gesture, PRESSED) != NULL)
    {
      g_object_set_data (gesture, PRESSED, NULL);
      g_atomic_int_inc ((int *) user_data);
    }

  return TRUE;
}

static void
count_presses (void)
{
  const char *path = g_getenv (CB_UI_PRESSES_FILE);
  int file = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *memory;

  if (file < 0)
    return;
  memory = mmap (NULL, sizeof *presses, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close (file);
  if (memory == MAP_FAILED)
    return;

  presses = memory;
  g_type_class_unref (g_type_class_ref (GDK_TYPE_SURFACE));
  g_type_class_unref (g_type_class_ref (GTK_TYPE_GESTURE_CLICK));
  g_signal_add_emission_hook (g_signal_lookup ("event", GDK_TYPE_SURFACE), 0, event_cb, NULL, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("pressed", GTK_TYPE_GESTURE_CLICK), 0, pressed_cb, NULL, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("released", GTK_TYPE_GESTURE_CLICK), 0, ended_cb, &presses->released, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("cancel", GTK_TYPE_GESTURE), 0, ended_cb, &presses->cancelled, NULL);
  g_atomic_int_set (&presses->is_counted, TRUE);
}

static void
startup_cb (GApplication *application)
{
  g_autoptr (GTypeClass) class = g_type_class_ref (GTK_TYPE_WIDGET);

  place_widgets (class);
  count_presses ();
  cb_tell_look_add_actions (application);
  cb_tell_text_add_actions (application);
  if (g_getenv (CB_UI_RIGHT_TO_LEFT) != NULL)
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, mapped_cb, GINT_TO_POINTER (FALSE), NULL);
  g_signal_add_emission_hook (g_signal_lookup ("unmap", GTK_TYPE_WIDGET), 0, mapped_cb, GINT_TO_POINTER (TRUE), NULL);
}

int
g_application_run (GApplication *application, int argc, char **argv)
{
  int (*run) (GApplication *, int, char **) = dlsym (RTLD_NEXT, "g_application_run");

  g_signal_connect (application, "startup", G_CALLBACK (startup_cb), NULL);

  return run (application, argc, argv);
}
