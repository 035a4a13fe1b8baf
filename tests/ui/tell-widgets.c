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
 */

#include <dlfcn.h>
#include <gtk/gtk.h>

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

/* A widget that nobody sees because what it is in is hidden is mapped and unmapped too; the one to tell of is the outermost. */
static gboolean
mapped_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  GtkWidget *widget = g_value_get_object (&values[0]);
  gboolean is_hidden = GPOINTER_TO_INT (user_data);

  if (gtk_widget_get_parent (widget) != NULL && is_hidden == !gtk_widget_get_child_visible (widget))
    gtk_accessible_update_state (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_STATE_HIDDEN, is_hidden, -1);

  return TRUE;
}

static void
startup_cb (void)
{
  g_autoptr (GTypeClass) class = g_type_class_ref (GTK_TYPE_WIDGET);

  place_widgets (class);
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
