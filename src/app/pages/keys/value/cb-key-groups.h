/* cb-key-groups.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "cb-connection.h"

G_BEGIN_DECLS

/**
 * CbKeyGroups:
 *
 * The consumer groups of a stream: how far each has read, its consumers, and what was delivered and not heard of since. It
 * only looks.
 */
#define CB_TYPE_KEY_GROUPS (cb_key_groups_get_type ())
G_DECLARE_FINAL_TYPE (CbKeyGroups, cb_key_groups, CB, KEY_GROUPS, GtkWidget)

/* @connection: (nullable): NULL for none. The same key is read again. */
void cb_key_groups_set_key (CbKeyGroups  *self,
                            CbConnection *connection,
                            GBytes       *key);

G_END_DECLS
