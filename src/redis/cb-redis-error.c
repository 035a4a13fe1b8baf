/* cb-redis-error.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "cb-redis-error.h"

G_DEFINE_QUARK (cb-redis-error-quark, cb_redis_error)
