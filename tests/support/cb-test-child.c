/* cb-test-child.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-child.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

void
cb_test_child_die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocessLauncher *
cb_test_child_launcher_new (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_child_setup (launcher, cb_test_child_die_with_parent, NULL, NULL);

  return launcher;
}

GSubprocess *
cb_test_child_new (const char * const *argv,
                   GSubprocessFlags    flags)
{
  g_autoptr (GSubprocessLauncher) launcher = cb_test_child_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *child = g_subprocess_launcher_spawnv (launcher, argv, &error);

  g_assert_no_error (error);

  return child;
}

/* As proc(5) tells it: the letter behind the name, which is in brackets and may itself hold any. */
static gboolean
is_stopped (const char *file)
{
  g_autofree char *text = NULL;
  const char *end;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return FALSE;
  end = strrchr (text, ')');

  return end != NULL && g_str_has_prefix (end, ") T");
}

void
cb_test_child_stop (GSubprocess *child)
{
  g_autofree char *file = g_strdup_printf ("/proc/%s/stat", g_subprocess_get_identifier (child));
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  g_subprocess_send_signal (child, SIGSTOP);
  while (!is_stopped (file))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
}
