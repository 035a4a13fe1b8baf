/* cb-messagepack-private.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Passes by one value, however deep. FALSE when it is cut off. */
gboolean cb_messagepack_skip (const guint8 **at,
                              const guint8  *end);

G_END_DECLS
