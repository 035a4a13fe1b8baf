/* cb-bench-scan.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can't be done faster: a bare loop over SCAN, which does nothing with what comes. With COUNT as the finder has it in the end. */
#define CB_BENCH_SCAN_COUNT 2000

/* @cpu: (out): ms of processor time of this thread. Returns: ms, the better of two. */
double cb_bench_scan (const char *socket,
                      guint      *n_keys,
                      double     *cpu);

G_END_DECLS
