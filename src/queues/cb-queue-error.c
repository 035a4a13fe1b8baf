/* cb-queue-error.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-queue-error.h"

G_DEFINE_QUARK (cb-queue-error-quark, cb_queue_error)
