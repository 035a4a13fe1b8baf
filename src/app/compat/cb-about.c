/* cb-about.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-about.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/**
 * cb_about_present:
 * @parent: (nullable): the window it belongs to
 *
 * Shows what this program is, its version, licence and makers.
 */
void
cb_about_present (GtkWindow *parent)
{
  adw_show_about_window (parent,
                         "application-name", _ ("Callboard"),
                         "application-icon", APPLICATION_ID,
                         "version", PACKAGE_VERSION,
                         "developer-name", _ ("The Callboard authors"),
                         "copyright", "© 2026 The Callboard authors",
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "comments", _ ("See, make, work and repair the jobs of Redis queues."),
                         /* Translators: your name, as it is to stand in the about window */
                         "translator-credits", _ ("translator-credits"),
                         NULL);
}
