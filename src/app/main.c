/* main.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "cb-application.h"
#include "cb-clipboard.h"
#include "cb-drawing.h"

int
main (int argc, char **argv)
{
  g_autoptr (CbApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Callboard"));

  /* While there is one thread yet. */
  cb_drawing_prepare ();
  cb_clipboard_prepare ();
  application = cb_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
