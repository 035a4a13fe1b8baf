/* main.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <glib/gi18n.h>

#include "cb-application.h"
#include "cb-clipboard.h"
#include "cb-drawing.h"

/* Blocks from this size on are given back to the system when they are freed. Left to itself the C library keeps all that are no larger
 * than the largest that was ever freed, so that messages or values of megabytes would stay for good once they were looked at. */
#define LARGE_BYTES (1024 * 1024)

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
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, LARGE_BYTES);
#endif
  cb_drawing_prepare ();
  cb_clipboard_prepare ();
  application = cb_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
