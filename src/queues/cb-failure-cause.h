/* cb-failure-cause.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A cause is no longer than that. */
#define CB_FAILURE_CAUSE_MOST 240

char *cb_failure_cause_dup (const char *error,
                            gssize      length);

G_END_DECLS
