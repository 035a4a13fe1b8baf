/* cb-drop-down-name.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-drop-down-name.h"

void
cb_drop_down_use_name (GtkDropDown *drop_down)
{
  /* Newer versions of GTK say that it is labelled by what is chosen in it, which goes before any name. What is chosen is told by the
   * button in it, which has the focus. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (drop_down), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}
