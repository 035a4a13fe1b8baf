/* cb-drawing.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-drawing.h"

static gboolean is_set;

/* Since 4.16 it has a variable of its own. */
static const char *
get_variable (void)
{
  return gtk_get_minor_version () >= 16 ? "GDK_DISABLE" : "GDK_DEBUG";
}

static gboolean
has_device (void)
{
#ifdef __linux__
  /* Of the drivers that are no part of Linux, and of Linux within Windows. */
  static const char * const others[] = { "/dev/nvidiactl", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0" };
  g_autoptr (GDir) folder = g_dir_open ("/dev/dri", 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, "renderD"))
      return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_file_test (others[i], G_FILE_TEST_EXISTS))
      return TRUE;
  return FALSE;
#else
  return TRUE;
#endif
}

void
cb_drawing_prepare (void)
{
  const char *renderer = g_getenv ("GSK_RENDERER");
  const char *variable = get_variable ();

  /* Who asks for something of GDK gets just that. */
  if (is_set || g_getenv (variable) != NULL || (renderer != NULL ? !g_str_equal (renderer, "cairo") : has_device ()))
    return;
  is_set = TRUE;
  g_setenv (variable, g_str_equal (variable, "GDK_DISABLE") ? "gl,vulkan" : "gl-disable", TRUE);
}

void
cb_drawing_restore (void)
{
  GdkDisplay *display = gdk_display_get_default ();

  if (!is_set)
    return;
  is_set = FALSE;
  g_unsetenv (get_variable ());
  /* As GTK's inspector chooses it. Without it GTK 4.8 tries OpenGL first, and tells on standard error that it is switched off. */
  if (display != NULL)
    g_object_set_data (G_OBJECT (display), "gsk-renderer", (gpointer) "cairo");
}
