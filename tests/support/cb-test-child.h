/* cb-test-child.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Processes that end with the test, however that ends: one that went on would hold the pipes that the test's runner reads to their
 * end.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A child setup. */
void                 cb_test_child_die_with_parent (gpointer unused);

/* transfer full */
GSubprocessLauncher *cb_test_child_launcher_new    (GSubprocessFlags    flags);
GSubprocess         *cb_test_child_new             (const char * const *argv,
                                                    GSubprocessFlags    flags);

/* Returns when the process no longer runs: the signal alone is sent by another thread, some time later. */
void                 cb_test_child_stop            (GSubprocess        *child);

G_END_DECLS
