/* cb-refusal.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-refusal.h"

#define OWN_TOOLTIP "cb-own-tooltip"

void
cb_refusal_explain_one (GtkWidget *widget, const char *reason)
{
  const char *own = g_object_get_data (G_OBJECT (widget), OWN_TOOLTIP);
  const char *shown = gtk_widget_get_tooltip_text (widget);

  if (reason != NULL)
    {
      if (own == NULL)
        g_object_set_data_full (G_OBJECT (widget), OWN_TOOLTIP, g_strdup (shown != NULL ? shown : ""), g_free);
      gtk_widget_set_tooltip_text (widget, reason);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, reason, -1);
    }
  else if (own != NULL)
    {
      gtk_widget_set_tooltip_text (widget, *own != '\0' ? own : NULL);
      gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
      g_object_set_data (G_OBJECT (widget), OWN_TOOLTIP, NULL);
    }
}

void
cb_refusal_explain (GtkWidget *root, const char * const *actions, const char *reason)
{
  const char *action = GTK_IS_ACTIONABLE (root) ? gtk_actionable_get_action_name (GTK_ACTIONABLE (root)) : NULL;

  if (action != NULL && g_strv_contains (actions, action))
    cb_refusal_explain_one (root, reason);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL; child = gtk_widget_get_next_sibling (child))
    cb_refusal_explain (child, actions, reason);
}
