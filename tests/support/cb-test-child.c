/* cb-test-child.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-test-child.h"

#include <signal.h>
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
