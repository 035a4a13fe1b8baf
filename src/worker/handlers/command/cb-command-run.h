/* cb-command-run.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler-context.h"

G_BEGIN_DECLS

/* Runs a program for one job and answers @task, which is taken: the result (GBytes, nullable), or an error. */
void cb_command_run_start (GTask              *task,
                           CbHandlerContext   *context,
                           const char * const *argv,
                           const char         *directory,
                           const char * const *environment,
                           guint               grace_msec);

G_END_DECLS
