/* cb-key-slot.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * cb_key_slot_new_name_beside:
 * @key: the name of a key, any bytes
 * @prefix: what the other name begins with; no brace is in it
 *
 * Makes a name that a cluster has in the same slot as @key, so that one script or command may name both.
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
 *
 * Returns: (transfer full): @prefix, and something in braces
 */
GBytes *cb_key_slot_new_name_beside (GBytes     *key,
                                     const char *prefix);

G_END_DECLS
