/* cb-json-tree.h
 *
 * Copyright 2026 The Callboard authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * CbJsonTree:
 *
 * A JSON text as a tree that is built as it is opened. Numbers and names stand there as they are stored. Below it is the path of what
 * is selected; that and its value can be copied, also by Ctrl+C and Ctrl+Shift+C.
 */
#define CB_TYPE_JSON_TREE (cb_json_tree_get_type ())
G_DECLARE_FINAL_TYPE (CbJsonTree, cb_json_tree, CB, JSON_TREE, GtkWidget)

GtkWidget *cb_json_tree_new       (void);
/* FALSE with CB_QUEUE_ERROR_INVALID where @bytes are no JSON; then nothing is shown. */
gboolean   cb_json_tree_set_bytes (CbJsonTree  *self,
                                   GBytes      *bytes,
                                   GError     **error);

G_END_DECLS
