/* cb-command-handler.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "cb-handler.h"

G_BEGIN_DECLS

/**
 * CbCommandHandler:
 *
 * Has a program do the work. It is run once for each job, without a shell, as the leader of a process group of its own:
 *
 * - its standard input is the job as one JSON object (as `callboardctl job show --json` prints it, without log and raw
 *   fields), one line, and then the end;
 * - of its standard output a line `progress N` (0 to 100), `log TEXT` or `result JSON` says what it says; every other line
 *   goes to the log, and so does its standard error;
 * - its exit status is the outcome: 0 completes the job with the last result, everything else fails it, with the last
 *   line of standard error as the reason.
 *
 * When the job is cancelled (time-out, stop, taken away) the whole group gets SIGTERM, and SIGKILL after the grace. What a
 * program leaves behind in its group when it has ended is ended too. If the worker dies, the program is killed by the system.
 *
 * Properties: argv (GStrv: the program, found by PATH, and its arguments), directory (string, nullable: the worker's own),
 * environment (GStrv, nullable: `NAME=VALUE`, added to the worker's own), grace (ms between SIGTERM and SIGKILL, default 5000),
 * block-list (GStrv of recipients, as #CbLogHandler has it: the program is not run for them).
 */
#define CB_TYPE_COMMAND_HANDLER (cb_command_handler_get_type ())
G_DECLARE_FINAL_TYPE (CbCommandHandler, cb_command_handler, CB, COMMAND_HANDLER, GObject)

/* Of a result, and of what one job may write into its log; the rest is read and left out, and the log says so. */
#define CB_COMMAND_MAX_RESULT (1024 * 1024)
#define CB_COMMAND_MAX_LOG    (1024 * 1024)
#define CB_COMMAND_MAX_LINES  10000
/* Of one line of the log. */
#define CB_COMMAND_MAX_LINE   (16 * 1024)

G_END_DECLS
