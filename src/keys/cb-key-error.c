/* cb-key-error.c
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cb-key-error.h"

G_DEFINE_QUARK (cb-key-error-quark, cb_key_error)
