/* cb-kue-index.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *cb_kue_index_words (GBytes             *data,
                          const char * const *keys,        /* nullable */
                          gsize               max_bytes);

G_END_DECLS
