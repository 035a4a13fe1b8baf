/* fuzz.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a target provides. With -fsanitize=fuzzer it is enough by itself; fuzz-main.c runs it as an ordinary test. */
int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* Inputs to begin with, ended by NULL. */
extern const char * const fuzz_seeds[];

G_END_DECLS
