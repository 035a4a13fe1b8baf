/* cb-tab-rows.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-tab-rows.h"

static gboolean
focus_siblings (GtkWidget *row, GtkDirectionType direction)
{
  GtkWidget *sibling = row;

  for (;;)
    {
      sibling = direction == GTK_DIR_TAB_FORWARD ? gtk_widget_get_next_sibling (sibling)
                                                 : gtk_widget_get_prev_sibling (sibling);
      if (sibling == NULL)
        return FALSE;

      if (gtk_widget_get_child_visible (sibling) && gtk_widget_is_visible (sibling)
          && gtk_widget_is_sensitive (sibling) && gtk_widget_child_focus (sibling, direction))
        return TRUE;
    }
}

static gboolean
tab_cb (GtkWidget *widget, guint keyval, guint keycode, GdkModifierType state)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkDirectionType direction;
  GtkWidget *row;

  if ((keyval != GDK_KEY_Tab && keyval != GDK_KEY_ISO_Left_Tab && keyval != GDK_KEY_KP_Tab)
      || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0 || focus == NULL)
    return FALSE;

  direction = (state & GDK_SHIFT_MASK) != 0 ? GTK_DIR_TAB_BACKWARD : GTK_DIR_TAB_FORWARD;

  /* From the innermost row outwards: a row that unfolds holds a list of its own. */
  row = gtk_widget_get_ancestor (focus, GTK_TYPE_LIST_BOX_ROW);
  while (row != NULL && (row == widget || gtk_widget_is_ancestor (row, widget)))
    {
      if (gtk_widget_child_focus (row, direction) || focus_siblings (row, direction))
        return TRUE;

      row = gtk_widget_get_ancestor (gtk_widget_get_parent (row), GTK_TYPE_LIST_BOX_ROW);
    }

  return FALSE;
}

/**
 * cb_tab_through_rows:
 * @widget: something with list boxes that are forms
 *
 * Makes Tab go from row to row. A GtkListBox is one stop for it, with the arrows going from row to row; in a form, where
 * each row is a field, that is not what people expect, and an entry has other uses for the arrows.
 */
void
cb_tab_through_rows (GtkWidget *widget)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (tab_cb), widget);
  gtk_widget_add_controller (widget, keys);
}
